//! `mix`: the sum of chains.

use crate::registry::{Category, Input, NodeSpec, Refs, Role, Tail, Width};

const SOURCES: Refs = Refs::new(0, "sources")
    .doc("Chains to add. `~t..` means every chain whose name begins with `~t`.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "mix",
    category: Category::Routing,
    summary: "Adds several chains.",
    doc: "Sums its references and, if there is one, the signal before it. Mono signals go to both \
          sides of a stereo sum. A chain that is listed twice counts once.",
    examples: &[
        "~a: saw 110 >> mul 0.2\n~b: sin 220 >> mul 0.3\nout: mix ~a ~b",
        "~t1: sin 330 >> mul 0.2\n~t2: sin 441 >> mul 0.2\nout: mix ~t.. >> lpf 800 1",
    ],
    role: Role::Mix,
    input: Input::Optional,
    width: Width::Widest,
    tail: Tail::Endless,
    args: &[SOURCES.spec()],
    ..NodeSpec::PLAIN
};
