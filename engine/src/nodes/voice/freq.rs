//! `~freq`.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};
use crate::voice::VoiceValue;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~freq",
    summary: "The frequency of the voice's note in hertz.",
    doc: "Bends, tuning and glide included. A chain that uses it is played by keys, once for each \
          key that is held. `poly` says how many voices there are; without it there are eight. \
          Everything else in the program is shared by the voices.",
    examples: &[
        "~voice: saw ~freq >> mul 0.3\nout: ~voice >> poly 8",
        "~fifth: ~freq >> mul 1.5\n\
         ~env: ~gate >> adsr 0.01 0.1 0.7 0.3\n\
         ~b: tri ~fifth >> mul 0.5\n\
         out: saw ~freq >> add ~b >> mul ~env >> mul 0.2",
    ],
    role: Role::Voice(VoiceValue::Frequency),
    ..VOICE_VALUE
};
