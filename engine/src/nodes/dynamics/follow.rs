//! `follow`: the level of a signal as a control signal.

use super::listen::{DYNAMICS, listen, made_of, milliseconds};
use crate::dsp::dynamics::{Follower, share};
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{NodeSpec, Signal, Tail, Width};

const ATTACK: Signal = milliseconds(0, "attack_ms")
    .default(5.0)
    .doc("Time for 63 % of the way up. 0 is at once.");
const RELEASE: Signal = milliseconds(1, "release_ms")
    .default(150.0)
    .doc("Time for 63 % of the way down.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "follow",
    summary: "Envelope follower: the level of a signal as a control.",
    doc: "Gives the peak level of what stands before it, 0 to 1 for signals up to full scale, \
          smoothed. It holds a peak for 20 ms, so a steady tone from 25 Hz up gives a steady value, \
          its amplitude. A stereo signal counts with its louder channel; the output is mono.",
    examples: &[
        "~wah: ~input >> follow 5 150 >> mul 3000 >> add 200\nout: ~input >> lpf ~wah 3",
        "~level: ~input >> follow\nout: noiz 1 >> mul ~level >> mul 0.3",
    ],
    width: Width::Mono,
    tail: Tail::Seconds(2.0),
    args: &[ATTACK.spec(), RELEASE.spec()],
    build: Some(|b| {
        Ok(Box::new(Follow {
            follower: Follower::new(f64::from(b.sample_rate)),
            frames_per_ms: f64::from(b.sample_rate) * 1e-3,
        }))
    }),
    ..DYNAMICS
};

struct Follow {
    follower: Follower,
    frames_per_ms: f64,
}

impl Processor for Follow {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        listen(&ins, None, out);
        let per_ms = self.frames_per_ms;
        let shares = made_of(&ins, [ATTACK, RELEASE], |attack, release| {
            (share(attack, per_ms), share(release, per_ms))
        });
        self.follower.process(out, shares);
    }

    fn reset(&mut self) {
        self.follower.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.follower.advance(frames);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.follower = old.follower;
        }
    }
}
