//! `knob`: a value that the host turns.

use crate::knob::{KnobCurve, KnobDeclaration, KnobUnit};
use crate::registry::{Build, Category, Choice, NodeSpec, Number, Role, Tail, Width};

const DEFAULT: Number = Number::new(0, "default").doc("Value of a new knob.");
const MIN: Number = Number::new(1, "min").default(0.0).doc("Lowest value.");
const MAX: Number = Number::new(2, "max").default(1.0).doc("Highest value.");
const CURVE: Choice = Choice::new(3, "curve")
    .words(&["auto", "lin", "log"])
    .doc("How the knob spreads over its range: `lin` evenly, `log` evenly in octaves.");
const UNIT: Choice = Choice::new(4, "unit")
    .words(&["auto", "none", "hz", "db", "ms", "s", "st", "%"])
    .doc("What the host writes after the number; `st` are semitones.");

/// The words of [`CURVE`] after `auto`.
const CURVES: [KnobCurve; 2] = [KnobCurve::Linear, KnobCurve::Logarithmic];

/// The words of [`UNIT`] after `auto`.
const UNITS: [KnobUnit; 7] = [
    KnobUnit::None,
    KnobUnit::Hertz,
    KnobUnit::Decibels,
    KnobUnit::Milliseconds,
    KnobUnit::Seconds,
    KnobUnit::Semitones,
    KnobUnit::Percent,
];

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "knob",
    category: Category::Control,
    summary: "A knob: a value that the host turns, automates and saves.",
    doc: "Stands first in a chain of its own, which gives the knob its name: \
          `~cutoff: knob 800 20 20000` is the knob `cutoff` of the host. \
          `knob 0.5` goes from 0 to 1. A turn arrives within 5 milliseconds. At most 32 knobs.\n\n\
          The words may be left out and stand in any order. A range above 0 whose end is at least \
          20 times its beginning is `log`, any other `lin`. The unit is that of the arguments which \
          the knob is used for; if they have none, a range from 10 or more to 5000 or more is in \
          `hz`, one from -36 or less to 24 at most in `db`, and one from 0 to 1 in `%`. A share such \
          as 0.2 is shown as 20 %; with a range beyond 10, `%` is only a sign.\n\n\
          The name is the knob: lines may move and change, and the host's automation stays with it. \
          A knob that is taken out keeps its value and its place for when it comes back. \
          Another default changes no value. With another range the value stays and the automation \
          moves, because the host records how far a knob is turned.",
    examples: &[
        "~cutoff: knob 800 20 20000\nout: saw 110 >> lpf ~cutoff 1 >> mul 0.3",
        "~level: knob 0.5 >> slew 50\nout: saw 110 >> mul ~level >> mul 0.5",
    ],
    upstream: false,
    role: Role::Knob,
    width: Width::Mono,
    tail: Tail::Endless,
    args: &[
        DEFAULT.spec(),
        MIN.spec(),
        MAX.spec(),
        CURVE.spec(),
        UNIT.spec(),
    ],
    knob: Some(declaration),
    ..NodeSpec::PLAIN
};

fn declaration(build: &Build<'_>) -> KnobDeclaration {
    let after_auto = |choice: usize| choice.checked_sub(1);
    KnobDeclaration {
        default: build.number(DEFAULT),
        min: build.number(MIN),
        max: build.number(MAX),
        curve: after_auto(build.choice(CURVE)).and_then(|i| CURVES.get(i).copied()),
        unit: after_auto(build.choice(UNIT)).and_then(|i| UNITS.get(i).copied()),
    }
}
