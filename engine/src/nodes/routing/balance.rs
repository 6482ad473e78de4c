//! `balance`: one chain to the left, another to the right.

use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, NodeSpec, Signal, Tail, Width};

const LEFT: Signal = Signal::new(0, "left").doc("The chain whose left channel goes left.");
const RIGHT: Signal = Signal::new(1, "right").doc("The chain whose right channel goes right.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "balance",
    category: Category::Routing,
    stateless: true,
    summary: "Sends one chain to the left and another to the right.",
    doc: "Left is the first chain (its left channel), right the second (its right channel, or the \
          only one of a mono chain). The same mono chain twice goes to both sides.",
    differs: "Upstream is silent when both are the same chain.",
    examples: &["~a: saw 110 >> mul 0.3\n~b: saw 110.7 >> mul 0.3\nout: balance ~a ~b"],
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    args: &[LEFT.spec(), RIGHT.spec()],
    build: Some(|_| Ok(Box::new(Balance))),
    ..NodeSpec::PLAIN
};

struct Balance;

impl Processor for Balance {
    fn process(&mut self, io: &mut Io<'_>) {
        for (channel, side) in [LEFT, RIGHT].into_iter().enumerate() {
            let (ins, out) = io.split(channel);
            ins.arg_channel(side, channel).fill(out);
        }
    }

    fn reset(&mut self) {}
}
