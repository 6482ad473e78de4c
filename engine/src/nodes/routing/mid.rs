//! `mid`: what both channels share.

use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "mid",
    category: Category::Routing,
    stateless: true,
    summary: "What both channels share: half of left plus right.",
    doc: "Half of left plus right, in mono: what is in the middle of a stereo signal at its full level. A \
          mono signal stays as it is. `side` is the other half, and `midside` puts the two together \
          again.",
    examples: &[
        "~m: ~input >> mid >> compress -20 3\n~s: ~input >> side >> hpf 150 0.7\nout: midside ~m ~s",
    ],
    sources: &["Blumlein: British patent 394325, 1931"],
    upstream: false,
    input: Input::Required,
    width: Width::Mono,
    build: Some(|_| Ok(Box::new(Mid))),
    ..NodeSpec::PLAIN
};

struct Mid;

impl Processor for Mid {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let (mut left, mut right) = (EMPTY, EMPTY);
        let left = samples(ins.input_channel(0), frames, &mut left);
        let right = samples(ins.input_channel(1), frames, &mut right);
        for ((y, l), r) in out.iter_mut().zip(left).zip(right) {
            *y = 0.5 * (l + r);
        }
    }

    fn reset(&mut self) {}
}
