//! `wave`: a wavetable oscillator.

use super::tone::{FREQ, TONE, frequency};
use crate::dsp::oscillator::Clocking;
use crate::dsp::wavetable::Wavetable;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Activity, NodeSpec, Signal, Unit};

const POSITION: Signal = Signal::new(1, "position")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.35)
    .doc("Where between the waves, from sine at 0 to \"ee\" at 1.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "wave",
    summary: "Wavetable oscillator that morphs through eight waves.",
    doc: "The waves, in order: sine, triangle, square, saw, organ, and the vowels \"ah\", \"oh\" and \
          \"ee\". Positions in between are a blend of two neighbours: 0 is the sine, 1/7 = 0.143 \
          the triangle, 0.286 the square, 0.429 the saw, 0.571 the organ, 0.714, 0.857 and 1 the \
          vowels. The vowels move with the pitch and are truest around 110 Hz.\n\n\
          Aliases lie below -85 dB, and everything up to 15 kHz is at full level. A \
          frequency of 0 means \"as before\". With a signal before it, that signal is the \
          frequency: a number written after `wave` is then ignored, a reference is added.",
    examples: &[
        "out: wave 110 0.71 >> mul 0.3",
        "~position: sin 0.15 >> mul 0.5 >> add 0.5\nout: wave 82.4 ~position >> plate 0.2 >> mul 0.3",
    ],
    upstream: false,
    args: &[FREQ.spec(), POSITION.spec()],
    build: Some(|b| {
        let frames_per_second = f64::from(b.sample_rate);
        Ok(Box::new(Wave {
            wavetable: Wavetable::new(frames_per_second),
            clock: Clocking::new(frames_per_second),
        }))
    }),
    activity: Some(Activity::Always),
    ..TONE
};

struct Wave {
    wavetable: Wavetable,
    clock: Clocking,
}

impl Processor for Wave {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let (mut sum, mut hz, mut positions) = (EMPTY, EMPTY, EMPTY);
        let hz = samples(frequency(&ins, &mut sum), frames, &mut hz);
        ins.arg(POSITION).fill(&mut positions[..frames]);
        positions.iter_mut().for_each(|p| *p = POSITION.clamp(*p));
        self.wavetable
            .process(hz, &positions[..frames], self.clock, out);
    }

    fn reset(&mut self) {
        self.wavetable.reset();
    }
}
