//! `fold`: a wave folder.

use super::shaped::{DISTORTION, Gains, PARKER, Shaped};
use crate::dsp::waveshaper;
use crate::registry::{NodeSpec, Signal, Unit};

const AMOUNT: Signal = Signal::new(0, "amount")
    .unit(Unit::Gain)
    .range(0.0, 100.0)
    .default(3.0)
    .doc("Gain before folding. 1 leaves signals between -1 and 1 as they are.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "fold",
    summary: "Wave folder: reflects what goes beyond full scale back inside.",
    doc: "Peaks above 1 are folded down, and up again at -1, as often as needed: the more amount, \
          the more overtones. Move the amount slowly for the sound of west-coast synthesizers. The \
          output stays between -1 and 1 and has no constant offset.\n\n\
          The output is the mean of the curve between two samples, which keeps aliases low. It \
          lags by half a sample and softens the highest treble, by 2.4 dB at 10 kHz and a sample \
          rate of 44.1 kHz.",
    examples: &[
        "~amount: sin 0.1 >> mul 2 >> add 3\nout: sin 82.4 >> fold ~amount >> lpf 3000 0.7 >> mul 0.3",
    ],
    sources: &[PARKER],
    args: &[AMOUNT.spec()],
    build: Some(Shaped::<Fold>::build),
    ..DISTORTION
};

struct Fold;

impl Gains for Fold {
    type Curve = waveshaper::Fold;
    const ARG: Signal = AMOUNT;
    #[inline(always)]
    fn gains(amount: f32) -> [f32; 2] {
        [amount, 1.0]
    }
}
