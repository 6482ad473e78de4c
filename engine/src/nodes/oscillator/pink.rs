//! `pink`: pink noise.

use crate::nodes::fundsp_unit;
use crate::registry::{Category, NodeSpec, Tail, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pink",
    category: Category::Oscillator,
    summary: "Pink noise: equal energy in every octave.",
    doc: "Softer at the top than `noiz`, 3 dB less per octave. Each `pink` of a program is a \
          stream of its own. The slope is exact to 0.05 dB above 10 Hz at 44.1 kHz and shifts \
          with the sample rate.",
    examples: &["out: pink >> mul 0.3"],
    sources: &["Paul Kellet's filter, as in fundsp 0.23"],
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    random: true,
    build: Some(fundsp_unit::pink),
    ..NodeSpec::PLAIN
};
