//! What `sawsynth`, `squsynth` and `trisynth` have in common: a note from a trigger's value, an
//! oscillator, and a percussive envelope.

use std::marker::PhantomData;

use crate::dsp::envelope::{Percussive, whole_frames};
use crate::dsp::oscillator::{Clocking, MAX_HZ, Oscillator, Shape};
use crate::nodes::support::{EMPTY, Scratch, envelope_times, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// Middle C as upstream has it: the frequency of a trigger of 1.
const MIDDLE_C_HZ: f32 = 261.63;
/// What is left of a note that a new one cuts off falls to 0 in this time, so that it does not click.
const CUT_SECONDS: f32 = 0.002;

/// The attack argument.
pub const ATTACK: Signal = Signal::new(0, "attack")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.01)
    .doc("Time from the trigger to the peak.");
/// The decay argument.
pub const DECAY: Signal = Signal::new(1, "decay")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.1)
    .doc("Time from the peak to silence.");

/// A spec of a synth, to be completed.
pub const SYNTH: NodeSpec = NodeSpec {
    category: Category::Instrument,
    input: Input::Required,
    width: Width::Mono,
    tail: Tail::SecondsOf(1),
    args: &[ATTACK.spec(), DECAY.spec()],
    ..NodeSpec::PLAIN
};

/// The processor, for one waveform.
pub struct Synth<S> {
    oscillator: Oscillator,
    /// Frequency of the last trigger, 0 before the first.
    hz: f32,
    envelope: Percussive,
    rest: Rest,
    clock: Clocking,
    frames_per_second: f64,
    shape: PhantomData<S>,
}

impl<S: Shape + Send + 'static> Synth<S> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        let frames_per_second = f64::from(build.sample_rate);
        Ok(Box::new(Self {
            oscillator: Oscillator::default(),
            hz: 0.0,
            envelope: Percussive::default(),
            rest: Rest::new(whole_frames(CUT_SECONDS, frames_per_second)),
            clock: Clocking::new(frames_per_second),
            frames_per_second,
            shape: PhantomData,
        }))
    }
}

impl<S: Shape + Send + 'static> Processor for Synth<S> {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let trigger = samples(ins.input(), frames, &mut held);
        let mut times = [EMPTY; 2];
        let times = envelope_times(
            (ATTACK, ins.arg(ATTACK)),
            (DECAY, ins.arg(DECAY)),
            self.frames_per_second,
            &mut times,
        );
        let mut level = EMPTY;
        let sounding = self.envelope.process(trigger, times, &mut level);
        let fires = trigger.iter().any(|x| *x > 0.0);
        if sounding == 0 && !fires && self.rest.is_over() {
            // Silent, but the phase runs on, as it would with every frame computed.
            self.oscillator.skip(self.hz, self.clock, frames as u64);
            self.rest.level = 0.0;
            out.fill(0.0);
            return;
        }
        self.rest.process(trigger, &mut level);
        if fires {
            let mut hz: Scratch = EMPTY;
            for (hz, x) in hz.iter_mut().zip(trigger) {
                if *x > 0.0 {
                    self.hz = (MIDDLE_C_HZ * *x).min(MAX_HZ);
                }
                *hz = self.hz;
            }
            self.oscillator.moving::<S>(&hz[..frames], self.clock, out);
        } else {
            self.oscillator.held::<S>(self.hz, self.clock, out);
        }
        for (y, level) in out.iter_mut().zip(&level) {
            // Adding 0 makes 0 of −0, which the silent branch would not give.
            *y = *y * level + 0.0;
        }
    }

    fn reset(&mut self) {
        self.oscillator.reset();
        self.hz = 0.0;
        self.envelope.reset();
        self.rest.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.oscillator.skip(self.hz, self.clock, frames);
    }
}

/// The end of a note that another one cuts off.
struct Rest {
    frames: f32,
    /// The level of the last frame, what is left of a cut-off note, and its fall per frame.
    level: f32,
    left: f32,
    fall: f32,
    triggered: bool,
}

impl Rest {
    fn new(frames: f32) -> Self {
        Self {
            frames: frames.max(1.0),
            level: 0.0,
            left: 0.0,
            fall: 0.0,
            triggered: false,
        }
    }

    fn is_over(&self) -> bool {
        self.left == 0.0 && !self.triggered
    }

    fn reset(&mut self) {
        *self = Self::new(self.frames);
    }

    /// Raises levels that fell at once, because a trigger began a new note, to what is left.
    fn process(&mut self, trigger: &[f32], levels: &mut [f32]) {
        for (level, x) in levels.iter_mut().zip(trigger) {
            let triggered = *x > 0.0;
            if triggered && !self.triggered {
                self.left = self.level;
                self.fall = self.left / self.frames;
            }
            self.triggered = triggered;
            if self.left > 0.0 {
                *level = level.max(self.left);
                self.left = (self.left - self.fall).max(0.0);
            }
            self.level = *level;
        }
    }
}
