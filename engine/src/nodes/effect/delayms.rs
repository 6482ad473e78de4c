//! `delayms`: a delay in milliseconds.

use super::line_delay::{DELAY, LineDelay, Time, needed_frames};
use crate::dsp::delay_head::FADE_MS;
use crate::registry::{NodeSpec, Signal, Smoothing, Tail, Unit};

const TIME: Signal = Signal::new(0, "time")
    .unit(Unit::Milliseconds)
    .range(0.0, 60_000.0)
    .strict()
    .default(100.0)
    .unlikely(
        1.0,
        60_000.0,
        "It is in milliseconds. 250 is a quarter of a second.",
    )
    .smoothing(Smoothing::Crossfade(FADE_MS))
    .doc("Delay time. A number up to 60 s; a reference or note value up to 8 s.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "delayms",
    summary: "Delays the signal by a time in milliseconds.",
    doc: "A whole number of samples is exact, anything between is interpolated. Changing the \
          number fades from the old place in the line to the new one in 30 ms and keeps what is in \
          the line. A moving reference bends the pitch like a tape, up to 8 s; where it jumps, it \
          fades over, too. 0 is no delay.\n\n\
          In a loop of references, such as `~wet: ~input >> add ~back >> delayms 300` with \
          `~back: ~wet >> mul 0.5`, the echoes are exactly that far apart. Inside a loop the \
          shortest delay is 8 samples.",
    differs: "An edit keeps what is in the line. Upstream clears it, sends a mono signal to the left \
              only and interpolates the wrong way round.",
    examples: &[
        "out: ~input >> delayms 250",
        "~wet: ~input >> add ~back >> delayms 300\n~back: ~wet >> mul 0.5\n\
         out: ~input >> add ~wet",
        "~time: sin 0.3 >> mul 3 >> add 8\nout: ~input >> delayms ~time",
    ],
    tail: Tail::MillisecondsOf(0),
    args: &[TIME.spec()],
    reserve: Some(needed_frames::<Milliseconds>),
    build: Some(LineDelay::<Milliseconds>::build),
    ..DELAY
};

/// The time of `delayms`.
struct Milliseconds;

impl Time for Milliseconds {
    const TIME: Signal = TIME;
    /// A bar at 30 beats per minute, for note values.
    const MOVING_MAX: f32 = 8000.0;

    fn frames_per_unit(frames_per_second: f32) -> f64 {
        f64::from(frames_per_second) * 1e-3
    }
}
