//! `clip`: hard clipping.

use super::shaped::{DISTORTION, Gains, PARKER, Shaped};
use crate::dsp::waveshaper;
use crate::registry::{NodeSpec, Signal, Unit};

const THRESHOLD: Signal = Signal::new(0, "threshold")
    .unit(Unit::Gain)
    .range(0.001, 1000.0)
    .default(0.5)
    .doc("Largest value that passes, of either sign.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "clip",
    summary: "Hard clipping: cuts off what goes beyond the threshold.",
    doc: "Below the threshold the signal passes; above it stays at the threshold, with a hard and \
          bright edge. Nothing is made up: a low threshold also makes it quieter, so `mul` comes \
          before it for more distortion or after it for more level.\n\n\
          The output is the mean of the curve between two samples, which keeps aliases low. It \
          lags by half a sample and softens the highest treble, by 2.4 dB at 10 kHz and a sample \
          rate of 44.1 kHz.",
    examples: &["out: sin 110 >> clip 0.3"],
    sources: &[PARKER],
    args: &[THRESHOLD.spec()],
    build: Some(Shaped::<Clip>::build),
    ..DISTORTION
};

struct Clip;

impl Gains for Clip {
    type Curve = waveshaper::Clip;
    const ARG: Signal = THRESHOLD;
    #[inline(always)]
    fn gains(threshold: f32) -> [f32; 2] {
        [1.0 / threshold, threshold]
    }
}
