//! What `~input` and `~sidechain` have in common: they copy a bus of the host.

use crate::processor::{Context, Io, Processor};
use crate::registry::{Activity, Build, BuildError, Category, NodeSpec, Tail, Width};

/// A spec of a bus, to be completed.
pub const BUS: NodeSpec = NodeSpec {
    category: Category::Reference,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    ..NodeSpec::PLAIN
};

/// Reads a bus.
pub struct Bus {
    pick: for<'c, 'a> fn(&'c Context<'a>) -> [&'a [f32]; 2],
}

impl Bus {
    /// The track's audio, for `NodeSpec::build`.
    pub fn input(_: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            pick: |ctx| ctx.input,
        }))
    }

    /// The second bus, for `NodeSpec::build`.
    pub fn sidechain(_: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            pick: |ctx| ctx.sidechain,
        }))
    }
}

impl Processor for Bus {
    fn process(&mut self, io: &mut Io<'_>) {
        let bus = (self.pick)(io.ctx);
        let range = io.ins.offset..io.ins.offset + io.ins.frames;
        for (channel, samples) in bus.into_iter().enumerate() {
            let out = io.output(channel);
            match samples.get(range.clone()) {
                Some(samples) => out.copy_from_slice(samples),
                None => out.fill(0.0),
            }
        }
    }

    fn reset(&mut self) {}
}
