//! `compress`: a compressor.

use super::listen::{DYNAMICS, apply, level_db, listen, made_of, milliseconds, sidechain};
use crate::dsp::dynamics::{Compressor, share};
use crate::nodes::support::EMPTY;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{NodeSpec, Signal};

const THRESHOLD: Signal = level_db(0, "threshold_db")
    .default(-20.0)
    .doc("Level above which it becomes softer.");
const RATIO: Signal = Signal::new(1, "ratio")
    .range(1.0, 100.0)
    .default(4.0)
    .doc("How many dB more at the input give one dB more at the output. 1 does nothing.");
const ATTACK: Signal = milliseconds(2, "attack_ms")
    .default(10.0)
    .doc("Time for 63 % of the way to a lower gain, in dB. 0 is at once.");
const RELEASE: Signal = milliseconds(3, "release_ms")
    .default(120.0)
    .doc("Time for 63 % of the way back, in dB.");
const KEY: Signal = sidechain(4);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "compress",
    summary: "Compressor: makes loud passages softer; may listen elsewhere.",
    doc: "Peaks above the threshold are made softer, both channels by the same gain, so nothing \
          moves between left and right. The knee is soft: the curve bends from 3 dB below the \
          threshold to 3 dB above. The level is the peak of the last 20 ms, so the gain stands \
          still during a bass note, and it begins to recover 20 ms after the last peak.\n\n\
          There is no make-up gain: what is below the threshold comes out as it is, to the bit, and \
          a `mul` after it makes up. No delay, no look-ahead: with an attack of 10 ms the beginning \
          of a drum comes through. With a fifth argument it listens to that chain, and changes the \
          level of this one.",
    examples: &[
        "out: ~input >> compress -24 4 5 120 >> mul 1.8",
        "~kick: speed 2 >> seq 60 >> bd 0.3\n~bass: saw 55 >> lpf 400 1\n\
         out: ~bass >> compress -30 8 2 150 ~kick >> add ~kick >> mul 0.5",
    ],
    sources: &[
        "Giannoulis, Massberg, Reiss: Digital dynamic range compressor design - a tutorial and \
         analysis. JAES 60(6), 2012",
    ],
    args: &[
        THRESHOLD.spec(),
        RATIO.spec(),
        ATTACK.spec(),
        RELEASE.spec(),
        KEY.spec(),
    ],
    build: Some(|b| {
        Ok(Box::new(Compress {
            compressor: Compressor::new(f64::from(b.sample_rate)),
            frames_per_ms: f64::from(b.sample_rate) * 1e-3,
        }))
    }),
    ..DYNAMICS
};

struct Compress {
    compressor: Compressor,
    frames_per_ms: f64,
}

impl Processor for Compress {
    fn process(&mut self, io: &mut Io<'_>) {
        let mut gains = EMPTY;
        let gains = &mut gains[..io.frames()];
        listen(&io.ins, Some(KEY), gains);
        let per_ms = self.frames_per_ms;
        let curve = made_of(&io.ins, [THRESHOLD, RATIO], |threshold, ratio| {
            (threshold, ratio)
        });
        let shares = made_of(&io.ins, [ATTACK, RELEASE], |attack, release| {
            (share(attack, per_ms), share(release, per_ms))
        });
        self.compressor.process(gains, curve, shares);
        apply(io, gains);
    }

    fn reset(&mut self) {
        self.compressor.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.compressor.advance(frames);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.compressor = old.compressor;
        }
    }
}
