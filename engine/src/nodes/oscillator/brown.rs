//! `brown`: brown noise.

use super::colored::{COLORED, Colored};
use crate::dsp::colored_noise::Brown;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "brown",
    summary: "Brown noise: deep and soft, like distant thunder or surf.",
    doc: "6 dB less per octave, twice as steep as `pink`; level below 20 Hz, so it does not drift \
          away. Each `brown` of a program is a stream of its own. It sounds the same at every \
          sample rate.",
    examples: &["out: brown >> mul 0.5"],
    build: Some(Colored::<Brown>::build),
    ..COLORED
};
