//! `adsr`: attack, decay, sustain, release.

use crate::dsp::adsr::{Adsr, Shape};
use crate::dsp::envelope::whole_frames;
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const ATTACK: Signal = Signal::new(0, "attack")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.01)
    .doc("Time from the start of the gate to 1.");
const DECAY: Signal = Signal::new(1, "decay")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.1)
    .doc("Time from 1 to the sustain level.");
const SUSTAIN: Signal = Signal::new(2, "sustain")
    .unit(Unit::Gain)
    .range(0.0, 1.0)
    .default(0.5)
    .doc("Level while the gate stays open.");
const RELEASE: Signal = Signal::new(3, "release")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.2)
    .doc("Time from the end of the gate to 0.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "adsr",
    category: Category::Envelope,
    summary: "Attack, decay, sustain, release: follows a gate or a trigger.",
    doc: "The gate is open while the signal in front of it is above 0. A single sample above 0, as \
          `seq` and `imp` send, is a trigger: it plays attack and decay and then the release. All \
          lines are straight and start at the level that is there, so fast notes do not click. A \
          stereo gate is read on the left.\n\n\
          The peak is always 1: the value of a trigger is a pitch, not a loudness (for that, \
          `envperc`). A time counts from where its line begins; the sustain level may move \
          freely.",
    differs: "A single-sample trigger (`seq`, `imp`) plays a note, where upstream stays silent; a \
              note that starts early goes on from the level that is there instead of jumping. \
              References are accepted.",
    examples: &[
        "~env: speed 2 >> seq 60 _60 _ 60 >> adsr 0.01 0.1 0.5 0.3\nout: saw 110 >> mul ~env >> mul 0.4",
        "~gate: squ 1\n~env: ~gate >> adsr 0.2 0.1 0.7 0.3\nout: tri 220 >> mul ~env >> mul 0.5",
    ],
    input: Input::Required,
    width: Width::Mono,
    tail: Tail::Seconds(2.0),
    args: &[ATTACK.spec(), DECAY.spec(), SUSTAIN.spec(), RELEASE.spec()],
    build: Some(|b| {
        Ok(Box::new(AdsrNode {
            envelope: Adsr::default(),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct AdsrNode {
    envelope: Adsr,
    frames_per_second: f64,
}

impl Processor for AdsrNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let input = ins.input();
        let [attack, decay, sustain, release] =
            [ATTACK, DECAY, SUSTAIN, RELEASE].map(|arg| ins.arg(arg));
        let rate = self.frames_per_second;
        for (i, y) in out.iter_mut().enumerate() {
            let shape = Shape {
                attack_frames: whole_frames(ATTACK.clamp(attack.at(i)), rate),
                decay_frames: whole_frames(DECAY.clamp(decay.at(i)), rate),
                sustain: SUSTAIN.clamp(sustain.at(i)),
                release_frames: whole_frames(RELEASE.clamp(release.at(i)), rate),
            };
            *y = self.envelope.next(input.at(i), &shape);
        }
    }

    fn reset(&mut self) {
        self.envelope.reset();
    }
}
