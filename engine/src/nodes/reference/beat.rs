//! `~beat`: the song position.

use super::transport::{TRANSPORT, TransportSignal};
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~beat",
    summary: "The song position in quarter notes.",
    doc: "Stands while the song stands; negative in a pre-roll. Exact to 1.3 samples at beat 1000: for display and slow movement, not for triggers.",
    examples: &["~slow: ~beat >> mul 0.25\nout: sin ~slow >> mul 0.5"],
    build: Some(|_| {
        Ok(Box::new(TransportSignal(|clock, frame| {
            clock.beat_at(frame)
        })))
    }),
    ..TRANSPORT
};
