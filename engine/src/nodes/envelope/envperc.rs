//! `envperc`: a percussive envelope.

use crate::dsp::envelope::Percussive;
use crate::nodes::support::{EMPTY, envelope_times, samples};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const ATTACK: Signal = Signal::new(0, "attack")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .unlikely(0.0, 20.0, "It is in seconds. 0.2 is 200 ms.")
    .default(0.01)
    .doc("Time from the trigger to the peak. 0 starts at the peak.");
const DECAY: Signal = Signal::new(1, "decay")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .unlikely(0.0, 20.0, "It is in seconds. 0.2 is 200 ms.")
    .default(0.1)
    .doc("Time from the peak to 0.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "envperc",
    category: Category::Envelope,
    summary: "Percussive envelope: rises and falls after each trigger.",
    doc: "Any sample above 0 in front of it is a trigger: it restarts the envelope, and its value \
          is the height of the peak. Straight lines; the peak falls on the exact sample. While a \
          trigger stays above 0 the envelope waits at its start. A stereo trigger is read on the \
          left.\n\n\
          It sounds only when triggered.",
    differs: "Upstream's fires once when it is created, and carries only a left channel.",
    examples: &[
        "~env: imp 2 >> envperc 0.01 0.3\nout: saw 110 >> mul ~env >> mul 0.4",
        "~env: speed 2 >> seq 60 _ 48 60 >> envperc 0.002 0.2\nout: sin 220 >> mul ~env",
    ],
    input: Input::Required,
    width: Width::Mono,
    tail: Tail::Seconds(2.0),
    args: &[ATTACK.spec(), DECAY.spec()],
    build: Some(|b| {
        Ok(Box::new(EnvPerc {
            envelope: Percussive::default(),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct EnvPerc {
    envelope: Percussive,
    frames_per_second: f64,
}

impl Processor for EnvPerc {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let (ins, out) = io.split(0);
        let mut scratch = [EMPTY; 2];
        let times = envelope_times(
            (ATTACK, ins.arg(ATTACK)),
            (DECAY, ins.arg(DECAY)),
            self.frames_per_second,
            &mut scratch,
        );
        let mut held = EMPTY;
        self.envelope
            .process(samples(ins.input(), frames, &mut held), times, out);
    }

    fn reset(&mut self) {
        self.envelope.reset();
    }
}
