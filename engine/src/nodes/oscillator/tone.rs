//! What oscillators with a frequency have in common.

use std::marker::PhantomData;

use crate::dsp::oscillator::{Clocking, MAX_HZ, Oscillator, Shape};
use crate::nodes::support::{EMPTY, Scratch};
use crate::processor::{Io, Operand, Ports, Processor, Value};
use crate::registry::{
    Activity, Build, BuildError, Category, Input, NodeSpec, Signal, Tail, Unit, Width,
};

/// The frequency argument.
pub const FREQ: Signal = Signal::new(0, "frequency")
    .unit(Unit::Hertz)
    .range(-MAX_HZ, MAX_HZ)
    .default(440.0)
    .doc("Cycles per second. Negative ones run backwards.");

/// A spec of an oscillator, to be completed.
pub const TONE: NodeSpec = NodeSpec {
    category: Category::Oscillator,
    input: Input::Optional,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Turns),
    args: &[FREQ.spec()],
    ..NodeSpec::PLAIN
};

/// An oscillator of one waveform.
pub struct Tone<S> {
    oscillator: Oscillator,
    clock: Clocking,
    shape: PhantomData<S>,
}

impl<S: Shape + Send + 'static> Tone<S> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            oscillator: Oscillator::default(),
            clock: Clocking::new(f64::from(build.sample_rate)),
            shape: PhantomData,
        }))
    }
}

impl<S: Shape + Send + 'static> Processor for Tone<S> {
    #[inline]
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let mut sum = EMPTY;
        match frequency(&ins, &mut sum) {
            Value::Held(hz) => self.oscillator.held::<S>(hz, self.clock, out),
            Value::Moving(hz) => self.oscillator.moving::<S>(hz, self.clock, out),
        }
    }

    fn reset(&mut self) {
        self.oscillator.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.oscillator.advance(frames);
    }
}

/// The frequency: the argument; the chain input where there is one, as upstream; their sum where
/// the argument is a reference (upstream stops there).
pub fn frequency<'a>(ins: &Ports<'a>, sum: &'a mut Scratch) -> Value<'a> {
    let argument = ins.arg(FREQ);
    if !ins.has_input() {
        return argument;
    }
    let input = ins.input();
    if !matches!(
        ins.operands.get(FREQ.index() + 1),
        Some(Operand::Blocks { .. })
    ) {
        return input;
    }
    let frames = ins.frames.min(sum.len());
    for (i, hz) in sum[..frames].iter_mut().enumerate() {
        *hz = input.at(i) + argument.at(i);
    }
    Value::Moving(&sum[..frames])
}
