//! `squsynth`: a square wave that plays notes.

use super::synth::{SYNTH, Synth};
use crate::dsp::oscillator::Square;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "squsynth",
    summary: "Square wave that plays the notes of a pattern.",
    doc: "Each trigger (a sample above 0, as from `seq`) starts a note: its value is the pitch, with \
          1 for middle C (261.63 Hz), and also the level, so that an octave higher is twice as \
          loud, as upstream. The note keeps its pitch until the next one. A new note cuts the old \
          one off within 2 ms.\n\n\
          The wave is that of `squ` and runs on between notes: no note begins at the same place of \
          the wave, as on an analogue synthesizer.\n\n\
          Sounds the same at every sample rate and only when triggered.",
    differs: "Upstream plays once when it is created, is right only at 44.1 kHz, and takes no \
              references as times.",
    examples: &["out: speed 2 >> seq 60 _ 67 70_72 >> squsynth 0.01 0.15 >> mul 0.2"],
    build: Some(Synth::<Square>::build),
    ..SYNTH
};
