//! `pink`: pink noise.

use super::colored::{COLORED, Colored};
use crate::dsp::colored_noise::Pink;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pink",
    summary: "Pink noise: equal energy in every octave.",
    doc: "Softer at the top than `noiz`, 3 dB less per octave, which sounds even. Each `pink` of a \
          program is a stream of its own. It sounds the same at every sample rate.",
    examples: &["out: pink >> mul 0.3"],
    sources: &["Keshner: 1/f noise. Proceedings of the IEEE 70(3), 1982"],
    build: Some(Colored::<Pink>::build),
    ..COLORED
};
