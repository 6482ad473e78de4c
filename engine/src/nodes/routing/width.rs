//! `width`: narrower or wider stereo.

use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Width};

const AMOUNT: Signal = Signal::new(0, "amount")
    .range(0.0, 2.0)
    .default(1.0)
    .doc("0 is mono, 1 unchanged, 2 twice as wide.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "width",
    category: Category::Routing,
    stateless: true,
    summary: "Makes a stereo signal narrower or wider.",
    doc: "Multiplies the difference between left and right and keeps their sum, so what is in the \
          middle stays as it is. 1 changes nothing, to the bit; 0 is mono; above 1 what is at the \
          sides becomes louder. A mono signal has no sides and stays as it is.",
    examples: &[
        "out: ~input >> plate 0.5 >> width 1.6",
        "~slow: sin 0.2 >> mul 0.5 >> add 0.5\n~l: saw 110\n~r: saw 110.6\n\
         out: balance ~l ~r >> width ~slow >> mul 0.3",
    ],
    sources: &["Blumlein: British patent 394325, 1931"],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    per_channel: false,
    args: &[AMOUNT.spec()],
    build: Some(|_| Ok(Box::new(WidthNode))),
    ..NodeSpec::PLAIN
};

struct WidthNode;

impl Processor for WidthNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let mut held = [EMPTY; 3];
        let [left, right, amounts] = &mut held;
        let left = samples(ins.input_channel(0), frames, left);
        let right = samples(ins.input_channel(1), frames, right);
        let amounts = samples(ins.arg_channel(AMOUNT, 0), frames, amounts);
        let inputs = left.iter().zip(right).zip(amounts);
        for (channel, sign) in [0.5, -0.5].into_iter().enumerate() {
            let out = io.output(channel);
            for (y, ((l, r), amount)) in out.iter_mut().zip(inputs.clone()) {
                // Added to what is there, so that an amount of 1 leaves the bits alone.
                let own = if channel == 0 { l } else { r };
                *y = own + sign * (AMOUNT.clamp(*amount) - 1.0) * (l - r);
            }
        }
    }

    fn reset(&mut self) {}
}
