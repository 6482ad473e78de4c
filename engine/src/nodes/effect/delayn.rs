//! `delayn`: a delay in samples.

use super::line_delay::{DELAY, LineDelay, Time, needed_frames};
use crate::dsp::delay_head::FADE_MS;
use crate::registry::{NodeSpec, Signal, Smoothing, Tail, Unit};

/// Longest delay: a minute at 192 kHz would be twelve times this.
const MAX_SAMPLES: f32 = 1_000_000.0;

const TIME: Signal = Signal::new(0, "samples")
    .unit(Unit::Samples)
    .range(0.0, MAX_SAMPLES)
    .strict()
    .default(1.0)
    .smoothing(Smoothing::Crossfade(FADE_MS))
    .doc("Delay in samples. A number up to a million; a reference up to 96000.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "delayn",
    summary: "Delays the signal by a number of samples.",
    doc: "A whole number is exact, anything between is interpolated; 0 is no delay. Everything \
          else is as in `delayms`: a changed number fades to the new place in 30 ms and keeps what \
          is in the line, a reference bends the pitch, and a loop of references through it has \
          exactly this length, with 8 samples as the shortest.\n\n\
          How long a sample is depends on the project's sample rate; `delayms` does not.",
    differs: "An edit keeps what is in the line, fractions are interpolated and references work. \
              Upstream clears the line, cuts fractions off, silences the right side of a stereo signal \
              and is silent when the number is a reference.",
    examples: &[
        "out: ~input >> delayn 4410",
        "~string: imp 2 >> add ~loop >> delayn 109\n~loop: ~string >> onepole 0.2 >> mul 0.99\n\
         out: ~string",
    ],
    // Samples last longest at the lowest rate.
    tail: Tail::Seconds(MAX_SAMPLES / 22_050.0),
    args: &[TIME.spec()],
    reserve: Some(needed_frames::<Samples>),
    build: Some(LineDelay::<Samples>::build),
    ..DELAY
};

/// The time of `delayn`.
struct Samples;

impl Time for Samples {
    const TIME: Signal = TIME;
    const MOVING_MAX: f32 = 96_000.0;

    fn frames_per_unit(_: f32) -> f64 {
        1.0
    }
}
