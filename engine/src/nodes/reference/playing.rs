//! `~playing`: whether the song runs.

use super::transport::{TRANSPORT, TransportSignal};
use crate::registry::{Activity, NodeSpec};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "~playing",
    summary: "1 while the host plays, 0 while it stands.",
    doc: "Changes on the first sample of a block.",
    examples: &["~level: ~playing >> mul 0.3\nout: saw 110 >> mul ~level"],
    build: Some(|_| {
        Ok(Box::new(TransportSignal(|clock, _| {
            f64::from(u8::from(clock.host_plays()))
        })))
    }),
    // A change of it wakes whatever rests.
    activity: Some(Activity::Driven),
    ..TRANSPORT
};
