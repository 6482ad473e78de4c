//! `get`: the signal of another chain.

use crate::registry::{Category, NodeSpec, Refs, Role, Tail, Width};

const SOURCE: Refs = Refs::new(0, "source").doc("The chain to read.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "get",
    category: Category::Routing,
    summary: "The signal of another chain.",
    doc: "`get ~a` is the same as `~a` at the start of a chain. Costs nothing: readers see the \
          other chain's signal itself.",
    examples: &["~lead: saw 220 >> lpf 900 2\nout: get ~lead >> mul 0.3"],
    role: Role::Reference,
    width: Width::Input,
    tail: Tail::Endless,
    args: &[SOURCE.spec()],
    ..NodeSpec::PLAIN
};
