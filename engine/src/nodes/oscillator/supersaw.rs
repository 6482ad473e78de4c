//! `supersaw`: seven detuned sawtooths in stereo.

use super::tone::{FREQ, TONE, frequency};
use crate::dsp::oscillator::Clocking;
use crate::dsp::supersaw;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor, Value};
use crate::registry::{Activity, NodeSpec, Signal, Unit, Width};

const DETUNE: Signal = Signal::new(1, "detune")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.4)
    .doc("How far the voices spread. 0 is one saw, 0.4 is wide, 1 is out of tune.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "supersaw",
    summary: "Seven detuned sawtooths in stereo: wide leads and pads.",
    doc: "One `saw` in the middle and three on either side, each a little lower or higher: the \
          outermost by 16 cents at a detuning of 0.4 and by 1.8 semitones at 1. Left and right \
          add up to all seven, so it also works in mono. 3 dB softer than `saw`, because peaks of \
          seven waves are higher.\n\n\
          A frequency of 0 means \"as before\". With a signal before it, that signal is the \
          frequency: a number written after `supersaw` is then ignored, a reference is added. As \
          the argument of another mono node only its left side counts.",
    examples: &[
        "out: supersaw 110 0.4 >> lpf 3000 1 >> mul 0.3",
        "~pitch: seq 57 _ 60 64 >> mul 261.63\nout: supersaw ~pitch 0.5 >> plate 0.2 >> mul 0.3",
    ],
    sources: &["Szabo: How to emulate the super saw. KTH Stockholm, 2010"],
    upstream: false,
    width: Width::Stereo,
    per_channel: false,
    args: &[FREQ.spec(), DETUNE.spec()],
    build: Some(|b| {
        Ok(Box::new(SuperSaw {
            saws: supersaw::SuperSaw::default(),
            clock: Clocking::new(f64::from(b.sample_rate)),
        }))
    }),
    activity: Some(Activity::Always),
    ..TONE
};

struct SuperSaw {
    saws: supersaw::SuperSaw,
    clock: Clocking,
}

impl Processor for SuperSaw {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let (left, right) = io.outputs();
        let mut sum = EMPTY;
        let (hz, detune) = (frequency(&ins, &mut sum), ins.arg(DETUNE));
        if let (Value::Held(hz), Value::Held(detune)) = (hz, detune) {
            let detune = DETUNE.clamp(detune);
            self.saws.held(hz, detune, self.clock, [left, right]);
            return;
        }
        let (mut filled, mut detunes) = (EMPTY, EMPTY);
        let hz = samples(hz, frames, &mut filled);
        detune.fill(&mut detunes[..frames]);
        detunes.iter_mut().for_each(|d| *d = DETUNE.clamp(*d));
        self.saws
            .moving(hz, &detunes[..frames], self.clock, [left, right]);
    }

    fn reset(&mut self) {
        self.saws.reset();
    }
}
