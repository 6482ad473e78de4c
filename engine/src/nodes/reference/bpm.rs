//! `~bpm`: the tempo.

use super::transport::{TRANSPORT, TransportSignal};
use crate::registry::{Activity, NodeSpec};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~bpm",
    summary: "The host's tempo in beats per minute.",
    doc: "120 where the host tells none.",
    examples: &["~rate: ~bpm >> mul 0.01667\nout: imp ~rate >> envperc 0.001 0.1 >> mul 0.5"],
    build: Some(|_| Ok(Box::new(TransportSignal(|clock, _| clock.tempo_bpm())))),
    // A change of it wakes whatever rests.
    activity: Some(Activity::Driven),
    ..TRANSPORT
};
