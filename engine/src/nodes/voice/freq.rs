//! `~freq`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~freq",
    summary: "The frequency of the voice's note in hertz.",
    doc: "Bends, tuning and glide included. A chain that uses it is played once for each key that is held, up to eight at a time; `poly` says how many.",
    examples: &["~voice: saw ~freq >> mul 0.3\nout: ~voice >> poly 8"],
    role: Role::Voice(VoiceValue::Frequency),
    ..VOICE_VALUE
};
