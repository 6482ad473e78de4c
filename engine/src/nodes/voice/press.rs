//! `~press`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~press",
    summary: "The pressure on the voice's key, 0 to 1.",
    doc: "Polyphonic pressure, that of MPE, or that of the whole channel; 0 on keyboards that \
          have none. Hosts send it to the instrument only.",
    examples: &[
        "~bright: ~press >> mul 3000 >> add 400\nout: saw ~freq >> lpf ~bright 1 >> mul 0.3",
    ],
    role: Role::Voice(VoiceValue::Pressure),
    ..VOICE_VALUE
};
