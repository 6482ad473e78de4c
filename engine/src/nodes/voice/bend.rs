//! `~bend`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~bend",
    summary: "The pitch wheel of the voice in semitones.",
    doc: "`~freq` already has it. The range is a parameter of the plugin, 2 semitones to each \
          side at first, and 48 for each note of an MPE keyboard. Hosts send it to the instrument \
          only.",
    examples: &["~wow: ~bend >> mul 200 >> add 800\nout: saw ~freq >> lpf ~wow 1 >> mul 0.3"],
    role: Role::Voice(VoiceValue::Bend),
    ..VOICE_VALUE
};
