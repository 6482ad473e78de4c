//! `crush`: fewer bits and a lower sample rate.

use super::shaped::DISTORTION;
use crate::dsp::bit_crusher::{BitCrusher, period_increment, steps};
use crate::nodes::support::predecessor;
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{NodeSpec, Signal, Tail, Unit};

const BITS: Signal = Signal::new(0, "bits")
    .range(1.0, 24.0)
    .default(8.0)
    .doc("Resolution. 8 is rough, 4 is harsh, 24 is clean. Fractions are allowed.");
const RATE: Signal = Signal::new(1, "rate")
    .unit(Unit::Hertz)
    .range(20.0, 192_000.0)
    .default(8_000.0)
    .doc("Samples per second. At the sample rate and above it changes nothing.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "crush",
    summary: "Bit crusher: fewer bits and a lower sample rate.",
    doc: "Rounds each sample to one of `2^bits` levels and holds it until the next sample of the \
          lower rate is due. Frequencies above half of that rate come back as new tones: that is \
          the sound. What goes beyond -1 to 1 is cut off, as in a real converter.\n\n\
          The steps fall where the lower rate puts them, also between two samples of the song, so \
          sweeping the rate is smooth and every sample rate sounds the same.",
    examples: &["out: saw 110 >> lpf 2000 1 >> crush 6 5000 >> mul 0.3"],
    // The last sample may be held as long as the lowest rate's period.
    tail: Tail::Seconds(0.05),
    args: &[BITS.spec(), RATE.spec()],
    build: Some(|b| {
        Ok(Box::new(Crush {
            crusher: BitCrusher::default(),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..DISTORTION
};

struct Crush {
    crusher: BitCrusher,
    frames_per_second: f64,
}

impl Processor for Crush {
    fn process(&mut self, io: &mut Io<'_>) {
        let rate = self.frames_per_second;
        let (ins, out) = io.split(0);
        ins.input().fill(out);
        let (bits, hz) = (ins.arg(BITS), ins.arg(RATE));
        let steps_of = |x: f32| steps(BITS.clamp(x));
        let increment_of = |x: f32| period_increment(RATE.clamp(x), rate);
        if let (Value::Held(bits), Value::Held(hz)) = (bits, hz) {
            let (steps, increment) = (steps_of(bits), increment_of(hz));
            for y in out {
                *y = self.crusher.tick(*y, steps, increment);
            }
            return;
        }
        for (i, y) in out.iter_mut().enumerate() {
            *y = self
                .crusher
                .tick(*y, steps_of(bits.at(i)), increment_of(hz.at(i)));
        }
    }

    fn reset(&mut self) {
        self.crusher.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.crusher.advance(frames);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Some(other) = predecessor::<Self>(&from) {
            self.crusher = other.crusher;
        }
    }
}
