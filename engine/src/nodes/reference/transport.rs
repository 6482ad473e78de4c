//! What `~bpm`, `~beat`, `~bar` and `~playing` have in common: they read the clock.

use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, NodeSpec, Tail, Width};
use crate::transport::Clock;

/// A spec of a transport signal, to be completed.
pub const TRANSPORT: NodeSpec = NodeSpec {
    category: Category::Reference,
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Positional),
    reads_position: true,
    ..NodeSpec::PLAIN
};

/// A signal that is a function of clock and frame.
pub struct TransportSignal(pub fn(&Clock, u64) -> f64);

impl Processor for TransportSignal {
    fn process(&mut self, io: &mut Io<'_>) {
        let clock = io.ctx.clock;
        let frame = io.frame();
        for (i, y) in io.output(0).iter_mut().enumerate() {
            *y = (self.0)(clock, frame + i as u64) as f32;
        }
    }

    fn reset(&mut self) {}
}
