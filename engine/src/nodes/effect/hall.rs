//! `hall`: a large reverb with a time in seconds.

use crate::dsp::hall::Hall;
use crate::nodes::support::{EMPTY, mix_argument, mix_in, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const TIME: Signal = Signal::new(0, "time")
    .unit(Unit::Seconds)
    .range(0.1, 60.0)
    .default(3.0)
    .doc("How long it takes to fall by 60 dB.");
const DAMP: Signal = Signal::new(1, "damp")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.5)
    .doc("How much sooner the treble dies away: 0 with the bass, 1 twelve times as fast.");
const MIX: Signal = mix_argument(2, 0.25, "Share of the reverb: 0 is dry, 1 only the reverb.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "hall",
    category: Category::Effect,
    summary: "Large hall reverb; you say how many seconds it rings.",
    doc: "Both sides are fed on their own, and the sound stays about as loud whatever the time. \
          Time and damping may move while it rings; they are taken up 750 times a second. It \
          sounds the same at every sample rate.",
    examples: &[
        "out: ~input >> hall 4 0.5 0.3",
        "out: speed 2 >> seq 60 _ _ 48 >> sn 0.1 >> mul 0.5 >> hall 2 0.3 0.4",
    ],
    sources: &[
        "Jot and Chaigne: Digital delay networks for designing artificial reverberators. AES \
         preprint 3030, 1991",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(4.0),
    args: &[TIME.spec(), DAMP.spec(), MIX.spec()],
    build: Some(|b| Ok(Box::new(HallNode(Hall::new(f64::from(b.sample_rate)))))),
    ..NodeSpec::PLAIN
};

struct HallNode(Hall);

impl Processor for HallNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let (frame, frames) = (io.frame(), io.frames());
        let ins = io.ins;
        let mut scratch = [EMPTY; 2];
        let [held_left, held_right] = &mut scratch;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        // The room belongs to both sides: its arguments are read on the left.
        let [time, damp] = [TIME, DAMP].map(|arg| arg.clamp(ins.arg_channel(arg, 0).first()));
        self.0
            .process(frame, (time, damp), [left, right], io.outputs().into());
        mix_in(io, [left, right], MIX);
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.0.advance(frames);
    }
}
