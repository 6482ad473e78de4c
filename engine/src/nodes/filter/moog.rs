//! `moog`: a ladder filter.

use crate::dsp::ladder::{Coefficients, Ladder};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const CUTOFF: Signal = Signal::new(0, "cutoff")
    .unit(Unit::Hertz)
    .range(10.0, 96_000.0)
    .default(1000.0)
    .doc("Corner frequency; never above 0.49 of the sample rate.");
const Q: Signal = Signal::new(1, "q")
    .range(0.0, 1.0)
    .default(0.4)
    .doc("Resonance, from none at 0 to almost self-oscillation at 1.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "moog",
    category: Category::Filter,
    summary: "Ladder low-pass filter, 24 dB per octave, that saturates.",
    doc: "Steeper and rounder than `lpf`: loud signals are rounded off as in the circuit. The level \
          below the cutoff falls as the resonance rises, by up to 14 dB, as in the original. The \
          cutoff is in tune at every resonance and sample rate, and both may move at every sample. \
          A stereo signal stays stereo.",
    examples: &[
        "out: saw 55 >> moog 700 0.6 >> mul 0.4",
        "~sweep: sin 0.25 >> mul 900 >> add 1100\nout: saw 55 >> moog ~sweep 0.8",
    ],
    sources: &[
        "Zavalishin: The Art of VA Filter Design, 2.1.0, section 5",
        "Stilson, Smith: Analyzing the Moog VCF with considerations for digital implementation. \
         ICMC 1996",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Seconds(2.0),
    args: &[CUTOFF.spec(), Q.spec()],
    build: Some(|b| {
        Ok(Box::new(Moog {
            ladder: Ladder::default(),
            seconds_per_frame: 1.0 / b.sample_rate,
        }))
    }),
    ..NodeSpec::PLAIN
};

struct Moog {
    ladder: Ladder,
    seconds_per_frame: f32,
}

impl Processor for Moog {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let input = samples(ins.input(), frames, &mut held);
        let (cutoff, q) = (ins.arg(CUTOFF), ins.arg(Q));
        let seconds_per_frame = self.seconds_per_frame;
        let made = |cutoff: f32, q: f32| {
            Coefficients::new(CUTOFF.clamp(cutoff), Q.clamp(q), seconds_per_frame)
        };
        if let (Value::Held(cutoff), Value::Held(q)) = (cutoff, q) {
            let c = made(cutoff, q);
            for (y, x) in out.iter_mut().zip(input) {
                *y = self.ladder.tick(*x, &c);
            }
            return;
        }
        for (i, (y, x)) in out.iter_mut().zip(input).enumerate() {
            *y = self.ladder.tick(*x, &made(cutoff.at(i), q.at(i)));
        }
    }

    fn reset(&mut self) {
        self.ladder.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let other = match &from {
            Inherit::Replaced(old) => old.downcast_ref::<Self>(),
            Inherit::Twin(twin) => twin.downcast_ref::<Self>(),
        };
        if let Some(other) = other {
            self.ladder = other.ladder;
        }
    }
}
