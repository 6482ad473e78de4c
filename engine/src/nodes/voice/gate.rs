//! `~gate`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~gate",
    summary: "1 while the voice's key is held, else 0.",
    doc: "The sustain pedal holds it too. `adsr` after it makes the shape of a note. A voice that \
          uses it is on until its sound has ended; one that uses neither it nor `midi` ends with \
          its key.",
    examples: &["~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> mul 0.3"],
    role: Role::Voice(VoiceValue::Gate),
    ..VOICE_VALUE
};
