//! `pulse`: a pulse wave of any width.

use super::tone::{FREQ, TONE, frequency};
use crate::dsp::oscillator::Clocking;
use crate::dsp::pulse;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Activity, NodeSpec, Signal, Unit};

const WIDTH: Signal = Signal::new(1, "width")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.25)
    .doc("Share of the cycle that is high. 0.5 is a square wave, 0 and 1 are silence.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pulse",
    summary: "Pulse wave of any width, band-limited.",
    doc: "High for the first share of the cycle, low for the rest: the narrower, the thinner and \
          more nasal. Move the width slowly for the classic string sound, or at audio rate. There \
          is never a constant offset: at a width of 0.25 the wave goes from 1.5 to -0.5, and the \
          distance between high and low is always 2.\n\n\
          Each jump is smoothed over three samples to either side; above a quarter of the sample \
          rate it fades out. A frequency of 0 means \"as before\". With a signal before it, that \
          signal is the frequency: a number written after `pulse` is then ignored, a reference is \
          added.",
    examples: &[
        "out: pulse 110 0.2 >> lpf 1500 1 >> mul 0.2",
        "~width: sin 0.3 >> mul 0.4 >> add 0.5\nout: pulse 82.4 ~width >> mul 0.2",
    ],
    sources: &[
        "Välimäki, Pekonen, Nam: Perceptually informed synthesis of bandlimited classical \
         waveforms using integrated polynomial interpolation. JASA 131(1), 2012",
    ],
    upstream: false,
    args: &[FREQ.spec(), WIDTH.spec()],
    build: Some(|b| {
        Ok(Box::new(Pulse {
            pulse: pulse::Pulse::default(),
            clock: Clocking::new(f64::from(b.sample_rate)),
        }))
    }),
    activity: Some(Activity::Always),
    ..TONE
};

struct Pulse {
    pulse: pulse::Pulse,
    clock: Clocking,
}

impl Processor for Pulse {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let (mut sum, mut hz, mut widths) = (EMPTY, EMPTY, EMPTY);
        let hz = samples(frequency(&ins, &mut sum), frames, &mut hz);
        ins.arg(WIDTH).fill(&mut widths[..frames]);
        widths.iter_mut().for_each(|w| *w = WIDTH.clamp(*w));
        self.pulse.process(hz, &widths[..frames], self.clock, out);
    }

    fn reset(&mut self) {
        self.pulse.reset();
    }
}
