//! `midside`: left and right from middle and sides.

use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, NodeSpec, Signal, Tail, Width};

const MID: Signal = Signal::new(0, "mid").doc("The chain for the middle.");
const SIDE: Signal = Signal::new(1, "side").doc("The chain for the sides.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "midside",
    category: Category::Routing,
    stateless: true,
    summary: "Makes left and right from a middle and a side chain.",
    doc: "Left is the middle plus the sides, right the middle minus the sides: the way back from \
          `mid` and `side`, which together change nothing. The chains should be mono; of a stereo \
          one, left goes into left and right into right.",
    examples: &[
        "~m: ~input >> mid >> mul 0.8\n~s: ~input >> side >> mul 1.2\nout: midside ~m ~s",
        "~m: saw 110 >> mul 0.2\n~s: saw 110.4 >> mul 0.2\nout: midside ~m ~s",
    ],
    sources: &["Blumlein: British patent 394325, 1931"],
    upstream: false,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    args: &[MID.spec(), SIDE.spec()],
    build: Some(|_| Ok(Box::new(MidSide))),
    ..NodeSpec::PLAIN
};

struct MidSide;

impl Processor for MidSide {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        for (channel, sign) in [1.0, -1.0].into_iter().enumerate() {
            let (ins, out) = io.split(channel);
            let (mut mid, mut side) = (EMPTY, EMPTY);
            let mid = samples(ins.arg_channel(MID, channel), frames, &mut mid);
            let side = samples(ins.arg_channel(SIDE, channel), frames, &mut side);
            for ((y, m), s) in out.iter_mut().zip(mid).zip(side) {
                *y = m + sign * s;
            }
        }
    }

    fn reset(&mut self) {}
}
