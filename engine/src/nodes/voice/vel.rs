//! `~vel`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~vel",
    summary: "How hard the voice's key was struck, 0 to 1.",
    doc: "Stands for the length of the note.",
    examples: &["~level: ~vel >> mul 0.4\nout: tri ~freq >> mul ~level"],
    role: Role::Voice(VoiceValue::Velocity),
    ..VOICE_VALUE
};
