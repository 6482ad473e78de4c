//! `~vel`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~vel",
    summary: "How hard the voice's key was struck, 0 to 1.",
    doc: "Stays the same for the whole note. It changes nothing by itself: multiply the level by \
          it, or the cutoff of a filter.",
    examples: &[
        "~level: ~vel >> mul 0.4\nout: tri ~freq >> mul ~level",
        "~bright: ~vel >> mul 5000 >> add 300\n\
         ~env: ~gate >> adsr 0.005 0.3 0.4 0.3\n\
         out: saw ~freq >> lpf ~bright 1 >> mul ~env >> mul 0.3",
    ],
    role: Role::Voice(VoiceValue::Velocity),
    ..VOICE_VALUE
};
