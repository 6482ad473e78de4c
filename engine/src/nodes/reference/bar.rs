//! `~bar`: the song position in bars.

use super::transport::{TRANSPORT, TransportSignal};
use crate::registry::NodeSpec;
use crate::transport::BEATS_PER_BAR;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~bar",
    summary: "The song position in bars of four quarter notes.",
    doc: "The whole part is the number of bars since the start, the fraction the place in the bar. For slow movement, not for triggers.",
    examples: &["~rise: ~bar >> mul 100 >> add 200\nout: saw ~rise >> mul 0.2"],
    build: Some(|_| {
        Ok(Box::new(TransportSignal(|clock, frame| {
            clock.beat_at(frame) / BEATS_PER_BAR
        })))
    }),
    ..TRANSPORT
};
