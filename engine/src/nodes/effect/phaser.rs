//! `phaser`: notches that sweep.

use crate::dsp::phaser::{Movement, Phaser};
use crate::nodes::support::{EMPTY, mix_argument, mix_in, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const RATE: Signal = Signal::new(0, "rate")
    .unit(Unit::Hertz)
    .range(0.0, 20.0)
    .default(0.3)
    .doc("How often the sound sways per second.");
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.7)
    .doc("How far the notches sweep: at 1, two octaves up and down around 800 Hz.");
const FEEDBACK: Signal = Signal::new(2, "feedback")
    .unit(Unit::Gain)
    .range(-0.95, 0.95)
    .default(0.4)
    .doc("How much of the turned sound is turned again: more is sharper, negative is softer.");
const MIX: Signal = mix_argument(3, 0.5, "Share of the turned sound; 0.5 cuts deepest.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "phaser",
    category: Category::Effect,
    summary: "Phaser: six stages, three notches that sweep.",
    doc: "Six all-pass stages turn the phase; where it comes back turned over, it cancels the dry \
          sound. The notches stand at the corner and 3.7 times below and above it, at every sample \
          rate. The right side is a quarter of a cycle ahead.",
    examples: &[
        "out: saw 110 >> mul 0.3 >> phaser 0.3 0.7 0.4 0.5",
        "out: ~input >> phaser 0.1 1 0.7",
    ],
    sources: &["Zavalishin: The Art of VA Filter Design, 2.1.0, sections 3.9 and 10.6"],
    upstream: false,
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(1.0),
    args: &[RATE.spec(), DEPTH.spec(), FEEDBACK.spec(), MIX.spec()],
    build: Some(|b| Ok(Box::new(PhaserNode(Phaser::new(f64::from(b.sample_rate)))))),
    ..NodeSpec::PLAIN
};

struct PhaserNode(Phaser);

impl Processor for PhaserNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let mut scratch = [EMPTY; 2];
        let [held_left, held_right] = &mut scratch;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        // Both sides move together: the movement's arguments are read on the left.
        let [rate, depth, feedback] = [RATE, DEPTH, FEEDBACK].map(|arg| ins.arg_channel(arg, 0));
        let movement = |i: usize| Movement {
            rate_hz: RATE.clamp(rate.at(i)),
            depth: DEPTH.clamp(depth.at(i)),
            feedback: FEEDBACK.clamp(feedback.at(i)),
        };
        self.0.process([left, right], movement, io.outputs().into());
        mix_in(io, [left, right], MIX);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}
