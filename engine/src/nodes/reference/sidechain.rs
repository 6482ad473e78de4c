//! `~sidechain`: the plugin's second input.

use super::bus::{BUS, Bus};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~sidechain",
    summary: "The audio of the plugin's sidechain input.",
    doc: "Always stereo; a mono source is on both sides. Silent while nothing is connected.",
    examples: &["out: ~sidechain >> mul 0.5"],
    upstream: false,
    build: Some(Bus::sidechain),
    ..BUS
};
