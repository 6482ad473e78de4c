//! What `chorus`, `flanger` and `phaser` have in common: both sides sway together, a part of a cycle
//! apart, and the swaying sound is mixed with the dry one.

use crate::dsp::sweep::{Movement, Swaying};
use crate::nodes::support::{EMPTY, mix_in, samples};
use crate::processor::{Io, Processor, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// How fast it sways.
pub const fn rate(default_hz: f32) -> Signal {
    Signal::new(0, "rate")
        .unit(Unit::Hertz)
        .range(0.0, 20.0)
        .default(default_hz)
        .doc("How often the sound sways per second.")
}

/// How much of the swaying sound goes round again.
pub const fn feedback(default: f32, doc: &'static str) -> Signal {
    Signal::new(2, "feedback")
        .unit(Unit::Gain)
        .range(-0.95, 0.95)
        .default(default)
        .doc(doc)
}

/// A spec of such an effect, to be completed.
pub const SWAYING: NodeSpec = NodeSpec {
    category: Category::Effect,
    upstream: false,
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(1.0),
    ..NodeSpec::PLAIN
};

/// An effect that sways.
pub struct SwayingNode<K> {
    /// Its sound.
    pub kernel: K,
    /// Arguments: how fast and how far.
    pub rate: Signal,
    /// How far.
    pub depth: Signal,
    /// How much goes round again, if the effect has that.
    pub feedback: Option<Signal>,
    /// Share of the swaying sound.
    pub mix: Signal,
}

impl<K: Swaying + Send + 'static> Processor for SwayingNode<K> {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let mut scratch = [EMPTY; 2];
        let [held_left, held_right] = &mut scratch;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        // Both sides move together: the movement's arguments are read on the left.
        let on_left = |arg: Signal| (arg, ins.arg_channel(arg, 0));
        let (rate, depth) = (on_left(self.rate), on_left(self.depth));
        let feedback = self.feedback.map(on_left);
        let at = |(arg, value): (Signal, Value<'_>), i: usize| arg.clamp(value.at(i));
        let movement = |i: usize| Movement {
            rate_hz: at(rate, i),
            depth: at(depth, i),
            feedback: feedback.map_or(0.0, |f| at(f, i)),
        };
        let sides = io.outputs().into();
        self.kernel.process([left, right], movement, sides);
        mix_in(io, [left, right], self.mix);
    }

    fn reset(&mut self) {
        self.kernel.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.kernel.advance(frames);
    }
}
