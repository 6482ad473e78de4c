//! `~timbre`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~timbre",
    summary: "The timbre of the voice's note, 0 to 1.",
    doc: "The third dimension of MPE (slide), a host's brightness expression, or controller 74 \
          of the note's channel. 0.5 at rest.",
    examples: &[
        "~bright: ~timbre >> mul 3000 >> add 400\nout: saw ~freq >> lpf ~bright 1 >> mul 0.3",
    ],
    role: Role::Voice(VoiceValue::Timbre),
    ..VOICE_VALUE
};
