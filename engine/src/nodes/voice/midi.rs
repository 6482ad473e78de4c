//! `midi`: a trigger at each note-on.

use crate::processor::{Io, Processor};
use crate::registry::{Category, NodeSpec, Role, Tail, Width};

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "midi",
    category: Category::Sequencer,
    summary: "A trigger at each note-on, so that keys play what `seq` plays.",
    doc: "Gives one sample of 2 to the power of (note - 60) / 12 on the frame of the note-on. Each \
          key has its own voice, so chords work; `poly` says how many. Velocity is `~vel`; what a \
          held key does is `~gate`.",
    examples: &[
        "out: midi >> sawsynth 0.01 0.3 >> mul 0.3",
        "out: midi >> bd 0.3 >> mul ~vel >> poly 4",
    ],
    upstream: false,
    role: Role::MidiTrigger,
    width: Width::Mono,
    tail: Tail::Endless,
    build: Some(|_| Ok(Box::new(Trigger))),
    ..NodeSpec::PLAIN
};

struct Trigger;

impl Processor for Trigger {
    fn process(&mut self, io: &mut Io<'_>) {
        let first = io.frame();
        let voice = io.ctx.voice;
        let out = io.output(0);
        out.fill(0.0);
        if let Some(voice) = voice
            && let Some(at) = voice.on_frame.checked_sub(first)
            && let Some(pulse) = usize::try_from(at).ok().and_then(|at| out.get_mut(at))
        {
            *pulse = crate::dsp::math::exp2_single((voice.note - 60.0) / 12.0);
        }
    }

    fn reset(&mut self) {}
}
