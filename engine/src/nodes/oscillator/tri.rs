//! `tri`: a triangle wave without audible aliases.

use super::tone::{TONE, Tone};
use crate::dsp::oscillator::Triangle;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "tri",
    summary: "Triangle wave that falls from 1, band-limited.",
    doc: "Falls from 1 to -1 in the first half of the cycle and rises in the second. Its corners \
          are rounded over three samples to either side; above a quarter of the sample rate it \
          fades out.\n\n\
          A frequency of 0 means \"as before\", so a `seq` times 261.63 holds each pitch until the \
          next one. With a signal before it, that signal is the frequency: a number written after \
          `tri` is then ignored, a reference is added.",
    differs: "Upstream's triangle aliases, and runs away at negative frequencies.",
    examples: &["out: tri 220 >> mul 0.4"],
    sources: &[
        "Esqueda, Välimäki, Bilbao: Rounding corners with BLAMP. DAFx, 2016",
        "Välimäki, Pekonen, Nam: Perceptually informed synthesis of bandlimited classical \
         waveforms using integrated polynomial interpolation. JASA 131(1), 2012",
    ],
    build: Some(Tone::<Triangle>::build),
    ..TONE
};
