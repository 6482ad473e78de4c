//! What the drums have in common: a trigger, a decay, and envelopes with fixed times.

use crate::dsp::envelope::{Percussive, Times, whole_frames};
use crate::nodes::support::{EMPTY, Scratch, envelope_times};
use crate::processor::Value;
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// The decay argument.
pub const DECAY: Signal = Signal::new(0, "decay")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.3)
    .doc("Time from the peak to silence.");

/// A spec of a drum, to be completed.
pub const DRUM: NodeSpec = NodeSpec {
    category: Category::Instrument,
    input: Input::Required,
    width: Width::Mono,
    tail: Tail::SecondsOf(0),
    args: &[DECAY.spec()],
    ..NodeSpec::PLAIN
};

/// An envelope whose attack is fixed and whose decay is the node's argument.
#[derive(Default)]
pub struct Loudness {
    envelope: Percussive,
}

impl Loudness {
    /// Writes the envelope; returns the frames on which it runs.
    pub fn process(
        &mut self,
        trigger: &[f32],
        attack_seconds: f32,
        decay: Value<'_>,
        frames_per_second: f64,
        out: &mut Scratch,
    ) -> u64 {
        let mut scratch = [EMPTY; 2];
        // The attack has no argument of its own; any handle with its range will do.
        let attack = (DECAY, Value::Held(attack_seconds));
        let times = envelope_times(attack, (DECAY, decay), frames_per_second, &mut scratch);
        self.envelope.process(trigger, times, out)
    }

    /// Ends it.
    pub fn reset(&mut self) {
        self.envelope.reset();
    }
}

/// Fixed times in frames.
pub fn fixed_times(
    attack_seconds: f32,
    decay_seconds: f32,
    frames_per_second: f64,
) -> Times<'static> {
    Times::Held {
        attack: whole_frames(attack_seconds, frames_per_second),
        decay: whole_frames(decay_seconds, frames_per_second),
    }
}
