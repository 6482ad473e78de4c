//! What `pink` and `brown` have in common.

use crate::dsp::colored_noise::Color;
use crate::nodes::support::predecessor;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Build, BuildError, Category, NodeSpec, Tail, Width};

/// A spec of filtered noise, to be completed.
pub const COLORED: NodeSpec = NodeSpec {
    category: Category::Oscillator,
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    random: true,
    ..NodeSpec::PLAIN
};

/// Filtered noise from a stream of its own.
pub struct Colored<C> {
    color: C,
    stream: u64,
}

impl<C: Color + Copy + Send + 'static> Colored<C> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            color: C::new(f64::from(build.sample_rate)),
            stream: build.random_key,
        }))
    }
}

impl<C: Color + Copy + Send + 'static> Processor for Colored<C> {
    fn process(&mut self, io: &mut Io<'_>) {
        let first = io.frame();
        self.color.fill(self.stream, first, io.output(0));
    }

    fn reset(&mut self) {
        self.color.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        // Another stream goes on from where the old one is.
        if let Some(other) = predecessor::<Self>(&from) {
            self.color = other.color;
        }
    }
}
