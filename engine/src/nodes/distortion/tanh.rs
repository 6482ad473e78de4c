//! `tanh`: soft saturation.

use super::shaped::{DISTORTION, Gains, PARKER, Shaped};
use crate::dsp::waveshaper;
use crate::registry::{NodeSpec, Signal, Unit};

const DRIVE: Signal = Signal::new(0, "drive")
    .unit(Unit::Gain)
    .range(0.0, 1000.0)
    .default(4.0)
    .doc("Gain before the curve. 1 leaves quiet signals as they are.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "tanh",
    summary: "Soft saturation: rounds peaks off, like a warm overdriven amplifier.",
    doc: "The louder the signal, the more it is squeezed; nothing comes out beyond -1 to 1. Only \
          odd harmonics are added, and no constant offset. It has no gain of its own at drive 1; \
          more drive makes quiet parts louder.\n\n\
          The output is the mean of the curve between two samples, which keeps aliases low. It \
          lags by half a sample and softens the highest treble, by 2.4 dB at 10 kHz and a sample \
          rate of 44.1 kHz.",
    examples: &[
        "out: saw 55 >> lpf 400 2 >> tanh 6 >> mul 0.3",
        "~drive: sin 0.2 >> mul 9 >> add 10\nout: sin 110 >> tanh ~drive >> mul 0.3",
    ],
    sources: &[PARKER],
    args: &[DRIVE.spec()],
    build: Some(Shaped::<Tanh>::build),
    ..DISTORTION
};

struct Tanh;

impl Gains for Tanh {
    type Curve = waveshaper::Tanh;
    const ARG: Signal = DRIVE;
    #[inline(always)]
    fn gains(drive: f32) -> [f32; 2] {
        [drive, 1.0]
    }
}
