//! `msgsynth`: accepted for upstream's sake, and silent.

use crate::processor::{Io, Processor};
use crate::registry::{Category, NodeSpec, Signal, Smoothing, Symbol, Tail, Unit, Width};

const SOUND: Symbol = Symbol::new(0, "sound").doc("Any symbol; it has no effect.");
const ATTACK: Signal = Signal::new(1, "attack")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.01)
    .smoothing(Smoothing::Jump)
    .doc("It has no effect.");
const DECAY: Signal = Signal::new(2, "decay")
    .unit(Unit::Seconds)
    .range(0.0, 60.0)
    .default(0.1)
    .smoothing(Smoothing::Jump)
    .doc("It has no effect.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "msgsynth",
    aliases: &["msg_synth"],
    category: Category::Instrument,
    summary: "Silent here: upstream's synth for messages from a program around it.",
    doc: "Upstream plays notes on it that the web page or program around the engine sends as text \
          messages. A plugin has no such messages, so it is accepted, with a warning, and stays \
          silent. Write `seq 60 64 67 >> sawsynth 0.01 0.1` to play notes from the program.",
    examples: &[
        "~quiet: msgsynth \\a 0.01 0.1\nout: seq 60 64 67 _ >> sawsynth 0.01 0.1 >> add ~quiet >> mul 0.3",
    ],
    caution: "It is silent: a plugin gets no messages from outside. Use `seq` and `sawsynth` to play \
              notes.",
    width: Width::Mono,
    tail: Tail::None,
    args: &[SOUND.spec(), ATTACK.spec(), DECAY.spec()],
    build: Some(|_| Ok(Box::new(MsgSynth))),
    ..NodeSpec::PLAIN
};

struct MsgSynth;

impl Processor for MsgSynth {
    fn process(&mut self, io: &mut Io<'_>) {
        io.output(0).fill(0.0);
    }

    fn reset(&mut self) {}
}
