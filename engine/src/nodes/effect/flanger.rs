//! `flanger`: a comb filter that moves.

use crate::dsp::chorus::{Flanger, Movement};
use crate::nodes::support::{EMPTY, mix_argument, mix_in, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const RATE: Signal = Signal::new(0, "rate")
    .unit(Unit::Hertz)
    .range(0.0, 20.0)
    .default(0.2)
    .doc("How often the sound sways per second.");
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Milliseconds)
    .range(0.0, LONGEST_MS)
    .default(4.0)
    .doc("How far the delay moves, from 0.5 ms up.");
const FEEDBACK: Signal = Signal::new(2, "feedback")
    .unit(Unit::Gain)
    .range(-0.95, 0.95)
    .default(0.5)
    .doc("How much of the delayed sound is delayed again: more rings, negative sounds hollow.");
const MIX: Signal = mix_argument(3, 0.5, "Share of the delayed sound; 0.5 cuts deepest.");
/// Longest depth.
const LONGEST_MS: f32 = 10.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "flanger",
    category: Category::Effect,
    summary: "Flanger: a short moving delay, for sweeping combs.",
    doc: "The sound and its copy, 0.5 ms and up to `depth` later, cancel at evenly spaced \
          frequencies that sweep up and down. The right side is a quarter of a cycle ahead.",
    examples: &[
        "out: saw 55 >> mul 0.3 >> flanger 0.2 4 0.6 0.5",
        "out: ~input >> flanger 0.1 3 -0.7",
    ],
    sources: &[
        "Dattorro: Effect design, part 2: delay-line modulation and chorus. JAES 45(10), 1997",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(1.0),
    args: &[RATE.spec(), DEPTH.spec(), FEEDBACK.spec(), MIX.spec()],
    build: Some(|b| {
        Ok(Box::new(FlangerNode(Flanger::new(
            f64::from(b.sample_rate),
            LONGEST_MS,
        ))))
    }),
    ..NodeSpec::PLAIN
};

struct FlangerNode(Flanger);

impl Processor for FlangerNode {
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
            depth_ms: DEPTH.clamp(depth.at(i)),
            feedback: FEEDBACK.clamp(feedback.at(i)),
        };
        self.0.process([left, right], movement, io.outputs().into());
        mix_in(io, [left, right], MIX);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}
