//! `trisynth`: a triangle wave that plays notes.

use super::synth::{SYNTH, Synth};
use crate::dsp::oscillator::Triangle;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "trisynth",
    summary: "Triangle wave that plays the notes of a pattern.",
    doc: "Each trigger (a sample above 0, as from `seq`) starts a note: its value is the pitch, with \
          1 for middle C (261.63 Hz), and also the level, so that an octave higher is twice as \
          loud, as upstream. The note keeps its pitch until the next one. A new note cuts the old \
          one off within 2 ms.\n\n\
          The wave is that of `tri` and runs on between notes: no note begins at the same place of \
          the wave, as on an analogue synthesizer.\n\n\
          Sounds the same at every sample rate and only when triggered.",
    differs: "Upstream plays once when it is created, is right only at 44.1 kHz, and takes no \
              references as times.",
    examples: &["out: seq 60 64 67 71 >> trisynth 0.01 0.4 >> mul 0.3"],
    build: Some(Synth::<Triangle>::build),
    ..SYNTH
};
