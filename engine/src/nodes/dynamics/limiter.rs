//! `limiter`: nothing above a ceiling.

use super::listen::{DYNAMICS, apply, clamped, level_db, listen, made_of, milliseconds};
use crate::dsp::dynamics::{Limiter, share};
use crate::dsp::math::gain_of_db;
use crate::nodes::support::EMPTY;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{NodeSpec, Signal};

const CEILING: Signal = level_db(0, "ceiling_db")
    .default(-1.0)
    .doc("No sample comes out above this level.");
const RELEASE: Signal = milliseconds(1, "release_ms")
    .default(100.0)
    .doc("Time for 63 % of the way back to the full gain.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "limiter",
    summary: "Limiter: nothing comes out above the ceiling.",
    doc: "Turns the level down at once where a sample would pass the ceiling, both channels by the \
          same gain, keeps it down for 20 ms and lets it recover. Below the ceiling the signal is \
          unchanged, to the bit.\n\n\
          It does not look ahead, so that nothing is delayed. The price: the rise of each new peak \
          is bent, as if clipped, until its top. A steady tone from 25 Hz up is bent in its first \
          quarter wave only and then clean. It counts samples; what a converter makes between them \
          may be a little higher.",
    examples: &["out: ~input >> mul 4 >> limiter -1 80"],
    args: &[CEILING.spec(), RELEASE.spec()],
    build: Some(|b| {
        Ok(Box::new(LimiterNode {
            limiter: Limiter::new(f64::from(b.sample_rate)),
            frames_per_ms: f64::from(b.sample_rate) * 1e-3,
        }))
    }),
    ..DYNAMICS
};

struct LimiterNode {
    limiter: Limiter,
    frames_per_ms: f64,
}

impl Processor for LimiterNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let mut gains = EMPTY;
        let gains = &mut gains[..frames];
        listen(&io.ins, None, gains);
        let mut ceilings = clamped(&io.ins, CEILING, frames);
        ceilings.iter_mut().for_each(|db| *db = gain_of_db(*db));
        let ceilings = &ceilings[..frames];
        let per_ms = self.frames_per_ms;
        let release = made_of(&io.ins, [RELEASE; 2], |release, _| share(release, per_ms));
        self.limiter.process(gains, ceilings, release);
        apply(io, gains);
        // The product may round to a hair above the ceiling. What is not a number stays so, to be
        // seen.
        for channel in 0..io.outs.len() {
            for (y, ceiling) in io.output(channel).iter_mut().zip(ceilings) {
                if y.abs() > *ceiling {
                    *y = ceiling.copysign(*y);
                }
            }
        }
    }

    fn reset(&mut self) {
        self.limiter.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.limiter = old.limiter;
        }
    }
}
