//! `chorus`: three voices that sway.

use crate::dsp::chorus::{Chorus, Movement};
use crate::nodes::support::{EMPTY, mix_argument, mix_in, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const RATE: Signal = Signal::new(0, "rate")
    .unit(Unit::Hertz)
    .range(0.0, 20.0)
    .default(0.6)
    .doc("How often the sound sways per second.");
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Milliseconds)
    .range(0.0, LONGEST_MS)
    .default(4.0)
    .doc("How far the delay moves, from 6 ms up.");
const MIX: Signal = mix_argument(2, 0.5, "Share of the voices: 0 is dry, 1 only the voices.");
/// Longest depth.
const LONGEST_MS: f32 = 20.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "chorus",
    category: Category::Effect,
    summary: "Chorus: three voices to each side that sway in pitch.",
    doc: "Each voice is a delay of 6 ms and up to `depth` more, moved by a slow sine; the six of \
          them stand at six places of the cycle, so a mono sound becomes wide. The pitch sways by \
          about 3 x rate x depth thousandths: 0.7 % at the defaults.",
    examples: &[
        "out: saw 110 >> mul 0.3 >> chorus 0.6 4 0.5",
        "out: ~input >> chorus",
    ],
    sources: &[
        "Dattorro: Effect design, part 2: delay-line modulation and chorus. JAES 45(10), 1997",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(0.03),
    args: &[RATE.spec(), DEPTH.spec(), MIX.spec()],
    build: Some(|b| {
        Ok(Box::new(ChorusNode(Chorus::new(
            f64::from(b.sample_rate),
            LONGEST_MS,
        ))))
    }),
    ..NodeSpec::PLAIN
};

struct ChorusNode(Chorus);

impl Processor for ChorusNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let mut scratch = [EMPTY; 2];
        let [held_left, held_right] = &mut scratch;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        // Both sides move together: the movement's arguments are read on the left.
        let [rate, depth] = [RATE, DEPTH].map(|arg| ins.arg_channel(arg, 0));
        let movement = |i: usize| Movement {
            rate_hz: RATE.clamp(rate.at(i)),
            depth_ms: DEPTH.clamp(depth.at(i)),
            feedback: 0.0,
        };
        self.0.process([left, right], movement, io.outputs().into());
        mix_in(io, [left, right], MIX);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}
