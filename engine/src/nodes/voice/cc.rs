//! `~cc0` to `~cc127`: MIDI controllers.

use super::value::VOICE_VALUE;
use crate::registry::{NodeSpec, Role};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~cc",
    summary: "A MIDI controller, 0 to 1: `~cc1` is the modulation wheel.",
    doc: "The number follows the name: `~cc0` to `~cc127`. All channels count; the newest value wins.",
    examples: &[],
    role: Role::Controller,
    ..VOICE_VALUE
};
