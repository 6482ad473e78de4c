//! `onepole`: a gentle low-pass by a normalised rate.

use crate::dsp::math::exp;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// The rate from which on everything passes.
const PASS: f32 = 0.5;
const RATE: Signal = Signal::new(0, "rate")
    .unit(Unit::CyclesPerSample)
    .range(0.0, 100_000.0)
    .unlikely(
        0.0,
        PASS,
        "From 0.5 on everything passes: the rate is a share of the sample rate, not Hz. For a \
         corner in Hz write `lpf`.",
    )
    .default(0.1)
    .doc("Corner as a share of the sample rate: 0.01 is 480 Hz at 48 kHz. 0 holds, 0.5 passes.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "onepole",
    category: Category::Filter,
    summary: "Gentle low-pass filter, 6 dB per octave, by a normalised rate.",
    doc: "A smoother as much as a filter: each sample moves towards the input by the share \
          1 - exp(-2π·rate). The rate is a share of the sample rate, not Hz: for a corner in Hz \
          that is the same at every sample rate use `lpf`. From 0.5 on the signal passes \
          unchanged, at 0 the last value stays. A stereo signal stays stereo.",
    differs: "The same formula, on both channels. A reference moves the rate; upstream takes the \
              reference for the signal and the signal for the rate, and blows up below 0.",
    examples: &[
        "out: noiz 1 >> onepole 0.02",
        "~steps: choose 200 300 400 600 >> onepole 0.00005\nout: tri ~steps >> mul 0.4",
    ],
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Seconds(1.0),
    args: &[RATE.spec()],
    build: Some(|_| Ok(Box::new(OnePole::default()))),
    ..NodeSpec::PLAIN
};

/// Share of the distance to the input that one frame covers: `1 − exp(−2π·rate)`.
#[inline(always)]
fn share(rate: f32) -> f64 {
    let rate = RATE.clamp(rate);
    if rate >= PASS {
        return 1.0;
    }
    1.0 - exp(-std::f64::consts::TAU * f64::from(rate))
}

#[derive(Clone, Copy, Default)]
struct OnePole {
    /// In double precision, so that slow rates do not stop short of their goal.
    state: f64,
}

impl OnePole {
    #[inline(always)]
    fn tick(&mut self, x: f32, share: f64) -> f32 {
        let x = f64::from(x);
        self.state = if share < 1.0 {
            self.state + share * (x - self.state)
        } else {
            x
        };
        self.state as f32
    }
}

impl Processor for OnePole {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let input = samples(ins.input(), frames, &mut held);
        match ins.arg(RATE) {
            Value::Held(rate) => {
                let share = share(rate);
                for (y, x) in out.iter_mut().zip(input) {
                    *y = self.tick(*x, share);
                }
            }
            Value::Moving(rates) => {
                for ((y, x), rate) in out.iter_mut().zip(input).zip(rates) {
                    *y = self.tick(*x, share(*rate));
                }
            }
        }
    }

    fn reset(&mut self) {
        *self = Self::default();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let other = match &from {
            Inherit::Replaced(old) => old.downcast_ref::<Self>(),
            Inherit::Twin(twin) => twin.downcast_ref::<Self>(),
        };
        if let Some(other) = other {
            *self = *other;
        }
    }
}
