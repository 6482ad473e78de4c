//! `mul`: multiplication.

use super::arithmetic::{Arithmetic, OPERATOR, Operation};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "mul",
    summary: "Multiplies the signal: gain, or amplitude modulation.",
    doc: "`mul 0.5` halves the level, `mul ~lfo` multiplies sample by sample. A mono signal times \
          a stereo reference is stereo; a mono reference applies to both channels.",
    differs: "Upstream's envelopes and patterns carry only a left channel and silence the \
              right one; here nothing is ever left only.",
    examples: &[
        "out: sin 440 >> mul 0.3",
        "~lfo: sin 3 >> mul 0.15 >> add 0.2\nout: saw 110 >> mul ~lfo",
    ],
    in_place: Some(Arithmetic::<Multiply>::in_place),
    build: Some(Arithmetic::<Multiply>::build),
    ..OPERATOR
};

struct Multiply;

impl Operation for Multiply {
    #[inline(always)]
    fn apply(x: f32, y: f32) -> f32 {
        x * y
    }
}
