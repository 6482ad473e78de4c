//! `~note`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~note",
    summary: "The voice's MIDI note number, 60 = middle C.",
    doc: "Fractional with tuning and glide, without the pitch wheel. Good for key tracking and \
          for splitting the keyboard; for an oscillator's frequency use `~freq`.",
    examples: &["~pan: ~note >> add -60 >> mul 0.02\nout: saw ~freq >> mul 0.3 >> pan ~pan"],
    role: Role::Voice(VoiceValue::Note),
    ..VOICE_VALUE
};
