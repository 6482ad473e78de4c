//! `~press`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~press",
    summary: "The pressure on the voice's key, 0 to 1.",
    doc: "Polyphonic pressure, MPE pressure or that of the whole channel.",
    examples: &[
        "~bright: ~press >> mul 3000 >> add 400\nout: saw ~freq >> lpf ~bright 1 >> mul 0.3",
    ],
    role: Role::Voice(VoiceValue::Pressure),
    ..VOICE_VALUE
};
