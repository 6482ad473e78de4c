//! `side`: what the channels do not share.

use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "side",
    category: Category::Routing,
    stateless: true,
    summary: "What the channels do not share: half of left minus right.",
    doc: "Half of left minus right, in mono: what stands at the sides of a stereo signal, without its \
          middle. A mono signal has none: silence. `mid` is the other half, and `midside` puts the \
          two together again.",
    examples: &[
        "~m: ~input >> mid\n~s: ~input >> side >> highshelf 4000 4 >> mul 1.3\nout: midside ~m ~s",
    ],
    sources: &["Blumlein: British patent 394325, 1931"],
    upstream: false,
    input: Input::Required,
    width: Width::Mono,
    build: Some(|_| Ok(Box::new(Side))),
    ..NodeSpec::PLAIN
};

struct Side;

impl Processor for Side {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let (mut left, mut right) = (EMPTY, EMPTY);
        let left = samples(ins.input_channel(0), frames, &mut left);
        let right = samples(ins.input_channel(1), frames, &mut right);
        for ((y, l), r) in out.iter_mut().zip(left).zip(right) {
            *y = 0.5 * (l - r);
        }
    }

    fn reset(&mut self) {}
}
