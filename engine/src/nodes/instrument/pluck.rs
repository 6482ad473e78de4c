//! `pluck`: a plucked string.

use crate::dsp::noise;
use crate::dsp::pluck::{MAX_HZ, MIN_HZ, Pluck};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const FREQ: Signal = Signal::new(0, "frequency")
    .unit(Unit::Hertz)
    .range(MIN_HZ, MAX_HZ)
    .default(261.63)
    .doc("Pitch for a trigger of 1. Moving it bends the note.");
const DECAY: Signal = Signal::new(1, "decay")
    .unit(Unit::Seconds)
    .range(0.01, 60.0)
    .default(2.0)
    .doc("Time in which the note falls by 60 dB. Very high notes end sooner.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pluck",
    category: Category::Instrument,
    summary: "Plucked string, like a guitar or harp.",
    doc: "Each trigger (a sample that rises above 0, as from `seq` or `imp`) plucks the string. Its \
          value multiplies the frequency, so `seq 60 67 >> pluck 261.63 2` plays a tune: note 60 is \
          the frequency itself. Every pluck sounds a little different.\n\n\
          The pitch is right to a hundredth of a semitone at every sample rate, between 20 Hz and \
          12 kHz.",
    examples: &[
        "out: speed 2 >> seq 60 63 67 70 >> pluck 261.63 2 >> mul 0.5",
        "~bend: sin 5 >> mul 2 >> add 110\nout: imp 1 >> pluck ~bend 4 >> plate 0.2",
    ],
    sources: &[
        "Karplus, Strong: Digital synthesis of plucked-string and drum timbres. Computer Music \
         Journal 7(2), 1983",
        "Jaffe, Smith: Extensions of the Karplus-Strong plucked-string algorithm. Computer Music \
         Journal 7(2), 1983",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Mono,
    tail: Tail::SecondsOf(1),
    random: true,
    args: &[FREQ.spec(), DECAY.spec()],
    build: Some(|b| {
        Ok(Box::new(PluckNode {
            string: Pluck::new(f64::from(b.sample_rate)),
            ratio: 1.0,
            triggered: false,
            stream: b.random_key,
        }))
    }),
    ..NodeSpec::PLAIN
};

struct PluckNode {
    string: Pluck,
    /// Value of the last trigger.
    ratio: f32,
    triggered: bool,
    stream: u64,
}

impl Processor for PluckNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let first = io.frame();
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let trigger = samples(ins.input(), frames, &mut held);
        let (freq, decay) = (ins.arg(FREQ), ins.arg(DECAY));
        for (i, (y, x)) in out.iter_mut().zip(trigger).enumerate() {
            let freq = FREQ.clamp(freq.at(i));
            let triggered = *x > 0.0;
            if triggered && !self.triggered {
                self.ratio = *x;
                let stream = noise::hash(self.stream, first + i as u64);
                self.string.pluck(freq * self.ratio, stream);
            }
            self.triggered = triggered;
            *y = self
                .string
                .tick(freq * self.ratio, DECAY.clamp(decay.at(i)));
        }
    }

    fn reset(&mut self) {
        self.string.reset();
        self.ratio = 1.0;
        self.triggered = false;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        // Another key changes the noise of later plucks; the string rings on.
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_mut::<Self>()
        {
            std::mem::swap(&mut self.string, &mut old.string);
            self.ratio = old.ratio;
            self.triggered = old.triggered;
        }
    }
}
