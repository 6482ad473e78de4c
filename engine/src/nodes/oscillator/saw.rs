//! `saw`: a sawtooth without audible aliases.

use super::tone::{TONE, Tone};
use crate::dsp::oscillator::Saw;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "saw",
    summary: "Sawtooth wave that rises from -1, band-limited.",
    doc: "Rises from -1 to 1 and jumps back. The jump is smoothed over three samples to either \
          side, which keeps it from aliasing; above a quarter of the sample rate it fades out.\n\n\
          A frequency of 0 means \"as before\", so `~pitch: seq 60 _ 67 _ >> mul 261.63` as \
          frequency holds each pitch until the next one. With a signal before it, that signal is \
          the frequency: a number written after `saw` is then ignored, a reference is added.",
    differs: "Upstream's saw aliases, and runs away at negative frequencies.",
    examples: &["out: saw 110 >> lpf 1200 1 >> mul 0.3"],
    sources: &[
        "Välimäki, Pekonen, Nam: Perceptually informed synthesis of bandlimited classical \
         waveforms using integrated polynomial interpolation. JASA 131(1), 2012",
    ],
    build: Some(Tone::<Saw>::build),
    ..TONE
};
