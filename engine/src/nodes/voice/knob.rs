//! `knob`: a value that the host turns.

use crate::registry::{Category, NodeSpec, Role, Signal, Tail, Width};

const DEFAULT: Signal = Signal::new(0, "default").doc("Value of a new knob.");
const MIN: Signal = Signal::new(1, "min").default(0.0).doc("Lowest value.");
const MAX: Signal = Signal::new(2, "max").default(1.0).doc("Highest value.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "knob",
    category: Category::Control,
    summary: "A knob: a value that the host turns, automates and saves.",
    doc: "Stands first in a chain whose name is the knob's.",
    examples: &["~cutoff: knob 800 20 20000\nout: saw 110 >> lpf ~cutoff 1 >> mul 0.3"],
    upstream: false,
    role: Role::Knob,
    width: Width::Mono,
    tail: Tail::Endless,
    args: &[DEFAULT.spec(), MIN.spec(), MAX.spec()],
    ..NodeSpec::PLAIN
};
