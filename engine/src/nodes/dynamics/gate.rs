//! `gate`: silence below a threshold.

use super::listen::{DYNAMICS, apply, clamped, level_db, listen, made_of, milliseconds, sidechain};
use crate::dsp::dynamics::Gate;
use crate::nodes::support::EMPTY;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{NodeSpec, Signal};

const THRESHOLD: Signal = level_db(0, "threshold_db")
    .default(-40.0)
    .doc("Level from which it is open. It closes 6 dB below.");
const ATTACK: Signal = milliseconds(1, "attack_ms")
    .default(1.0)
    .doc("Time from closed to open, in a straight line. 0 is at once and may click.");
const RELEASE: Signal = milliseconds(2, "release_ms")
    .default(100.0)
    .doc("Time in which it falls by 60 dB.");
const KEY: Signal = sidechain(3);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "gate",
    summary: "Gate: silence below a threshold; may listen elsewhere.",
    doc: "Opens where a peak reaches the threshold and closes 20 ms after the last one above 6 dB \
          less, so it does not chatter at the threshold or in the waves of a bass note. Both \
          channels open together. Open it changes nothing, to the bit; closed it is silent.\n\n\
          With a fourth argument it listens to that chain: a drum pattern opens and closes a pad.",
    examples: &[
        "out: ~input >> gate -45 1 80",
        "~rhythm: speed 4 >> seq 60 _ 60 60 _ 60 >> hh 0.05\n~pad: saw 110 >> lpf 900 1\n\
         out: ~pad >> gate -40 1 120 ~rhythm >> mul 0.3",
    ],
    args: &[THRESHOLD.spec(), ATTACK.spec(), RELEASE.spec(), KEY.spec()],
    build: Some(|b| {
        Ok(Box::new(GateNode {
            gate: Gate::new(f64::from(b.sample_rate)),
        }))
    }),
    ..DYNAMICS
};

struct GateNode {
    gate: Gate,
}

impl Processor for GateNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let mut gains = EMPTY;
        let gains = &mut gains[..frames];
        listen(&io.ins, Some(KEY), gains);
        let thresholds = clamped(&io.ins, THRESHOLD, frames);
        let gate = self.gate;
        let speeds = made_of(&io.ins, [ATTACK, RELEASE], move |attack, release| {
            gate.speeds(attack, release)
        });
        self.gate.process(gains, &thresholds[..frames], speeds);
        apply(io, gains);
    }

    fn reset(&mut self) {
        self.gate.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.gate.advance(frames);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.gate = old.gate;
        }
    }
}
