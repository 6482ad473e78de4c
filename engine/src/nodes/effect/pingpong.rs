//! `pingpong`: an echo that changes sides.

use super::repeats::{REPEATS, build};
use crate::dsp::echo::Path;
use crate::registry::{NodeSpec, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pingpong",
    summary: "An echo whose repeats alternate between left and right.",
    doc: "Both channels together are sent to the left; the first repeat is there, the next one on \
          the right, and so on. Else it is `echo`: the same arguments, and the dry signal keeps its \
          stereo.",
    examples: &[
        "out: ~input >> pingpong 1/8 0.6 0.4",
        "out: speed 2 >> seq 60 _ _ _ >> sn 0.1 >> mul 0.5 >> pingpong 300 0.6 0.4 -2",
    ],
    width: Width::Stereo,
    build: Some(|b| build(b, Path::Crossed)),
    ..REPEATS
};
