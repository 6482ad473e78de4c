//! What `mid` and `side` have in common: half of the sum or of the difference of both channels.

use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Width};

/// A spec of such a node, to be completed.
pub const HALF: NodeSpec = NodeSpec {
    category: Category::Routing,
    stateless: true,
    sources: &["Blumlein: British patent 394325, 1931"],
    upstream: false,
    input: Input::Required,
    width: Width::Mono,
    ..NodeSpec::PLAIN
};

/// Half of left plus right, the right one times `sign`.
pub struct Half {
    /// 1 for the sum, −1 for the difference.
    pub sign: f32,
}

impl Processor for Half {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let (mut left, mut right) = (EMPTY, EMPTY);
        let left = samples(ins.input_channel(0), frames, &mut left);
        let right = samples(ins.input_channel(1), frames, &mut right);
        for ((y, l), r) in out.iter_mut().zip(left).zip(right) {
            *y = 0.5 * (l + self.sign * r);
        }
    }

    fn reset(&mut self) {}
}
