//! `comb`: a comb filter with feedback.

use super::recirculation::{
    DELAY_MS, FEEDBACK, RECIRCULATION, Recirculation, Shape, needed_frames,
};
use crate::registry::{NodeSpec, Signal};

const TIME: Signal = DELAY_MS.default(10.0);
const AMOUNT: Signal = FEEDBACK.default(0.7).doc(
    "What comes back: near 1 rings long, below 0 every other repeat is inverted, which sounds an \
     octave lower and hollow.",
);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "comb",
    summary: "Comb filter: rings at multiples of one pitch.",
    doc: "Adds to the signal its own repeats, `ms` apart, each `feedback` times the one before. \
          Below 30 ms that is a pitch of 1000/ms Hz, above it an echo. The ringing falls by 60 dB \
          in 3·ms / -log10(feedback) milliseconds.\n\n\
          Noise comes out as loud as it went in at every feedback: the whole is scaled by \
          √(1 - feedback²). Changing the number fades in 30 ms, a moving reference bends the \
          pitch, up to 3 s. The feedback stays within ±0.999. A stereo signal stays stereo.",
    examples: &[
        "out: imp 2 >> comb 4.5 0.98",
        "~pitch: sin 0.1 >> mul 2 >> add 6\nout: noiz 1 >> mul 0.2 >> comb ~pitch -0.9",
    ],
    sources: &["Schroeder: Natural sounding artificial reverberation. JAES 10(3), 1962"],
    upstream: false,
    args: &[TIME.spec(), AMOUNT.spec()],
    reserve: Some(needed_frames::<Comb>),
    build: Some(Recirculation::<Comb>::build),
    ..RECIRCULATION
};

struct Comb;

impl Shape for Comb {
    const ARGS: (Signal, Signal) = (TIME, AMOUNT);

    #[inline(always)]
    fn output(feedback: f32, stored: f32, _past: f32) -> f32 {
        stored * (1.0 - feedback * feedback).sqrt()
    }
}
