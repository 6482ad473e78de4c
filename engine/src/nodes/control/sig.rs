//! `sig`: a constant.

use crate::registry::{Category, NodeSpec, Role, Signal, Tail, Width};

const VALUE: Signal = Signal::new(0, "value")
    .default(0.0)
    .doc("The value, at every sample.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "sig",
    aliases: &["constsig"],
    category: Category::Control,
    summary: "A constant value that other chains may refer to.",
    doc: "Gives its number at every sample. Changing the number glides there in a few \
          milliseconds. Costs nothing: readers see the number itself.",
    examples: &["~level: sig 0.3\nout: saw 110 >> mul ~level"],
    role: Role::Constant,
    width: Width::Mono,
    tail: Tail::Endless,
    args: &[VALUE.spec()],
    ..NodeSpec::PLAIN
};
