//! `~cc0` to `~cc127`: MIDI controllers.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Number, Numbered, Role};

const NUMBER: Number = Number::new(0, "number")
    .range(0.0, 127.0)
    .whole()
    .doc("Number of the controller, a part of the name.")
    .hidden();

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~cc",
    summary: "A MIDI controller, 0 to 1: `~cc1` is the modulation wheel.",
    doc: "The number follows the name: `~cc0` to `~cc127`. The newest value on any channel \
          counts, and it moves there in 5 milliseconds. All voices share it. A controller that \
          was never sent is 0. Controllers reach the instrument; hosts send the effect notes only.",
    examples: &["~cut: ~cc1 >> mul 4000 >> add 200\nout: saw 110 >> lpf ~cut 1 >> mul 0.3"],
    role: Role::Controller,
    args: &[NUMBER.spec()],
    numbered: Some(Numbered {
        first: 0,
        last: 127,
        shown: "~cc1",
    }),
    ..VOICE_VALUE
};
