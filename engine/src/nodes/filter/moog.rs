//! `moog`: a ladder filter.

use crate::nodes::fundsp_unit;
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const CUTOFF: Signal = Signal::new(0, "cutoff")
    .unit(Unit::Hertz)
    .range(10.0, 40_000.0)
    .default(1000.0)
    .doc("Corner frequency; never above 0.45 of the sample rate.");
const Q: Signal = Signal::new(1, "q")
    .range(0.0, 1.0)
    .default(0.4)
    .doc("Resonance, from none at 0 to almost self-oscillation at 1.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "moog",
    category: Category::Filter,
    summary: "Ladder low-pass filter, 24 dB per octave, that saturates.",
    doc: "Steeper and rounder than `lpf`: loud signals are compressed to between -1 and 1. The \
          level below the cutoff falls as the resonance rises, as in the original circuit.",
    examples: &["out: saw 55 >> moog 700 0.6 >> mul 0.4"],
    sources: &["Moog ladder of fundsp 0.23"],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Seconds(2.0),
    args: &[CUTOFF.spec(), Q.spec()],
    build: Some(|build| fundsp_unit::moog(build, &[CUTOFF, Q])),
    ..NodeSpec::PLAIN
};
