//! `add`: addition.

use super::arithmetic::{Arithmetic, OPERATOR, Operation};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "add",
    summary: "Adds a number or another signal.",
    doc: "`add 200` shifts a control signal, `add ~other` mixes sample by sample. A mono signal \
          plus a stereo reference is stereo.",
    examples: &[
        "~pitch: sin 5 >> mul 8 >> add 220\nout: tri ~pitch >> mul 0.4",
        "~b: saw 111 >> mul 0.2\nout: saw 110 >> mul 0.2 >> add ~b",
    ],
    in_place: Some(Arithmetic::<Add>::in_place),
    build: Some(Arithmetic::<Add>::build),
    ..OPERATOR
};

struct Add;

impl Operation for Add {
    #[inline(always)]
    fn apply(x: f32, y: f32) -> f32 {
        x + y
    }
}
