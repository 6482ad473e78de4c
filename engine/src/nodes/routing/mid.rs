//! `mid`: what both channels share.

use super::half::{HALF, Half};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "mid",
    summary: "What both channels share: half of left plus right.",
    doc: "Half of left plus right, in mono: what is in the middle of a stereo signal at its full level. A \
          mono signal stays as it is. `side` is the other half, and `midside` puts the two together \
          again.",
    examples: &[
        "~m: ~input >> mid >> compress -20 3\n~s: ~input >> side >> hpf 150 0.7\nout: midside ~m ~s",
    ],
    build: Some(|_| Ok(Box::new(Half { sign: 1.0 }))),
    ..HALF
};
