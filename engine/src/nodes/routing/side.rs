//! `side`: what the channels do not share.

use super::half::{HALF, Half};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "side",
    summary: "What the channels do not share: half of left minus right.",
    doc: "Half of left minus right, in mono: what stands at the sides of a stereo signal, without its \
          middle. A mono signal has none: silence. `mid` is the other half, and `midside` puts the \
          two together again.",
    examples: &[
        "~m: ~input >> mid\n~s: ~input >> side >> highshelf 4000 4 >> mul 1.3\nout: midside ~m ~s",
    ],
    build: Some(|_| Ok(Box::new(Half { sign: -1.0 }))),
    ..HALF
};
