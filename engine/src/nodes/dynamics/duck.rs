//! `duck`: makes room for another chain.

use super::listen::{DYNAMICS, apply, clamped, listen, made_of, milliseconds};
use crate::dsp::dynamics::{Ducker, step};
use crate::nodes::support::EMPTY;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{NodeSpec, Signal, Unit};

const KEY: Signal = Signal::new(0, "key").doc(
    "The chain to make room for, such as `~kick`. Its louder channel counts; a bare trigger does, \
     too.",
);
const AMOUNT: Signal = Signal::new(1, "amount")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.8)
    .doc("How deep: 0.5 is 6 dB, 0.8 is 14 dB, 1 is silence.");
const RELEASE: Signal = milliseconds(2, "release_ms")
    .default(250.0)
    .doc("Time from the full depth back to the full level.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "duck",
    summary: "Ducks under another chain: the pumping of a sidechain.",
    doc: "Goes down within 5 ms when the other chain sounds, stays down while it is loud, and comes \
          back in exactly `release_ms`, without corners. A key above -20 dB ducks fully, one below \
          -50 dB not at all, and between them in proportion, so a kick that dies away hands over \
          smoothly. The depth does not depend on how loud the kick is otherwise.\n\n\
          Both channels move together. A release as long as the rest of a beat pumps with it: at \
          120 BPM 250 is half a beat. For a compressor's answer to the key use `compress` with its \
          fifth argument.",
    examples: &[
        "~kick: speed 2 >> seq 60 >> bd 0.3\n~pad: saw 110 >> lpf 800 1 >> mul 0.4\n\
         out: ~pad >> duck ~kick 0.9 400 >> add ~kick >> mul 0.6",
        "out: ~input >> duck ~sidechain 0.8 250",
    ],
    args: &[KEY.spec(), AMOUNT.spec(), RELEASE.spec()],
    build: Some(|b| {
        Ok(Box::new(Duck {
            ducker: Ducker::new(f64::from(b.sample_rate)),
            frames_per_ms: f64::from(b.sample_rate) * 1e-3,
        }))
    }),
    ..DYNAMICS
};

struct Duck {
    ducker: Ducker,
    frames_per_ms: f64,
}

impl Processor for Duck {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let mut gains = EMPTY;
        let gains = &mut gains[..frames];
        listen(&io.ins, Some(KEY), gains);
        let amounts = clamped(&io.ins, AMOUNT, frames);
        let per_ms = self.frames_per_ms;
        let release = made_of(&io.ins, [RELEASE; 2], |release, _| step(release, per_ms));
        self.ducker.process(gains, &amounts[..frames], release);
        apply(io, gains);
    }

    fn reset(&mut self) {
        self.ducker.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.ducker.advance(frames);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.ducker = old.ducker;
        }
    }
}
