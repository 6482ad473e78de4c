//! `apfmsgain`: an all-pass filter.

use super::recirculation::{
    DELAY_MS, FEEDBACK, RECIRCULATION, Recirculation, Shape, needed_frames,
};
use crate::registry::{NodeSpec, Signal};

const TIME: Signal = DELAY_MS.default(10.0);
const GAIN: Signal = Signal::new(1, "gain")
    .range(FEEDBACK.spec().min, FEEDBACK.spec().max)
    .default(0.5)
    .doc("What passes at once, inverted, and what comes back. 0 is a plain delay.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "apfmsgain",
    aliases: &["apfgain"],
    summary: "All-pass filter: smears in time, leaves every level as it is.",
    doc: "Schroeder's all-pass, y = -gain·x + x[ms ago] + gain·y[ms ago]: all frequencies come out \
          as loud as they went in, at different times. A few in a row with delays of some \
          milliseconds are the beginning of a reverb.\n\n\
          Changing the number fades in 30 ms and keeps what is in the line; a moving reference is \
          followed at every sample, up to 3 s. The delay is at least two samples, the gain within \
          ±0.999. A stereo signal stays stereo.",
    differs: "On both channels. Upstream plays on the left only, is a sample short when the delay moves, \
              takes 0 for 3 seconds and stops below one sample; here two samples are the shortest, and \
              a fraction of a sample is interpolated.",
    examples: &[
        "out: ~input >> apfmsgain 8 0.7 >> apfmsgain 5.3 0.7 >> apfmsgain 2.1 0.7",
        "~drift: sin 0.3 >> mul 2 >> add 12\nout: imp 2 >> apfmsgain ~drift 0.7",
    ],
    sources: &["Schroeder: Natural sounding artificial reverberation. JAES 10(3), 1962"],
    args: &[TIME.spec(), GAIN.spec()],
    reserve: Some(needed_frames::<AllPass>),
    build: Some(Recirculation::<AllPass>::build),
    ..RECIRCULATION
};

struct AllPass;

impl Shape for AllPass {
    const ARGS: (Signal, Signal) = (TIME, GAIN);

    #[inline(always)]
    fn output(gain: f32, stored: f32, past: f32) -> f32 {
        past - gain * stored
    }
}
