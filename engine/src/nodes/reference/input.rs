//! `~input`: the track's audio.

use super::bus::{BUS, Bus};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~input",
    summary: "The audio of the track the plugin sits on.",
    doc: "Always stereo; a mono track is on both sides. Silent where the host gives no input, as \
          in an instrument. `out: ~input` passes the track through unchanged, without delay.",
    examples: &["out: ~input >> hpf 200 0.7"],
    build: Some(Bus::input),
    ..BUS
};
