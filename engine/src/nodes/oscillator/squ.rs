//! `squ`: a square wave without audible aliases.

use super::tone::{TONE, Tone};
use crate::dsp::oscillator::Square;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "squ",
    summary: "Square wave that begins with 1, band-limited.",
    doc: "1 in the first half of the cycle, -1 in the second. Each jump is smoothed over three \
          samples to either side; above a quarter of the sample rate it fades out.\n\n\
          A frequency of 0 means \"as before\", so a `seq` times 261.63 holds each pitch until the \
          next one. With a signal before it, that signal is the frequency: a number written after \
          `squ` is then ignored, a reference is added.",
    differs: "Upstream's square aliases and sticks at 1 for negative frequencies.",
    examples: &["out: squ 110 >> lpf 900 2 >> mul 0.2"],
    sources: &[
        "Välimäki, Pekonen, Nam: Perceptually informed synthesis of bandlimited classical \
         waveforms using integrated polynomial interpolation. JASA 131(1), 2012",
    ],
    build: Some(Tone::<Square>::build),
    ..TONE
};
