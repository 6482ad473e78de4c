//! `notes`: triggers as MIDI notes for other tracks.

use crate::dsp::math::ln;
use crate::processor::{Inherit, Io, NoteOut, Processor};
use crate::registry::{Category, Input, NodeSpec, Role, Signal, Smoothing, Unit, Width};

const CHANNEL: Signal = Signal::new(0, "channel")
    .range(1.0, 16.0)
    .strict()
    .default(1.0)
    .smoothing(Smoothing::Jump)
    .doc("MIDI channel of the notes, from 1 on.");
const VELOCITY: Signal = Signal::new(1, "velocity")
    .range(0.0, 1.0)
    .default(0.8)
    .smoothing(Smoothing::Jump)
    .doc("How hard the notes are played; 0 sends none.");
const LENGTH: Signal = Signal::new(2, "length")
    .unit(Unit::Milliseconds)
    .range(1.0, 60_000.0)
    .default(100.0)
    .smoothing(Smoothing::Jump)
    .doc("How long each note is held.");

/// MIDI note of a trigger of height 1.
const NOTE_OF_ONE: f64 = 60.0;
/// Highest key of MIDI.
const HIGHEST_KEY: f64 = 127.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "notes",
    category: Category::Sequencer,
    summary: "Sends triggers to other tracks as MIDI notes, and passes them on.",
    doc: "Each trigger becomes a note on the very frame it sounds on: the key next to its pitch, \
          60 for a trigger of 1, 72 for one of 2. So the keys of `seq` are those that are written. \
          What lies outside of keys 0 to 127 is not sent. Choose the plugin as MIDI input of the \
          other track.\n\n\
          Channel, velocity and length are read at the trigger and may be references; a length \
          may be a note value such as `1/8`. Notes end by themselves. They also end when the song \
          stops, in bypass, and when their key is struck again.\n\n\
          The triggers go on to what stands after it: `seq 60 67 >> notes 1 >> bd 0.2` plays and \
          sends. A chain that ends with `notes` only sends; nothing is heard of it, and it needs a \
          name without `~` to run. At most 64 notes start at a time, and 12000 a second.",
    examples: &[
        "out: seq 60 _ 67 60 >> notes 1 0.8 >> bd 0.2",
        "bass: speed 2 >> seq 36 _ 36 43 >> notes 2 0.9 1/16\nout: seq 60 60 >> bd 0.2",
        "~accent: \"1@0 0.4@1/4 0.7@1/2 0.4@3/4\"(1)\nout: seq 60 63 67 70 >> notes 1 ~accent 200 \
         >> trisynth 0.01 0.2",
    ],
    upstream: false,
    role: Role::Sender,
    input: Input::Required,
    width: Width::Mono,
    args: &[CHANNEL.spec(), VELOCITY.spec(), LENGTH.spec()],
    build: Some(|_| Ok(Box::new(Sender::default()))),
    ..NodeSpec::PLAIN
};

#[derive(Default)]
struct Sender {
    /// The signal was above 0 on the last frame: a gate is one note and not one per frame.
    high: bool,
}

/// The key next to a trigger's pitch, if there is one.
fn key_of(trigger: f32) -> Option<u8> {
    let semitones = 12.0 / std::f64::consts::LN_2 * ln(f64::from(trigger));
    let key = (NOTE_OF_ONE + semitones).round();
    (0.0..=HIGHEST_KEY).contains(&key).then_some(key as u8)
}

impl Processor for Sender {
    fn process(&mut self, io: &mut Io<'_>) {
        let first = io.frame();
        let notes = io.ctx.notes;
        let frames_per_ms = io.ctx.sample_rate * 1e-3;
        let (ins, out) = io.split(0);
        let (channel, velocity) = (ins.arg(CHANNEL), ins.arg(VELOCITY));
        let length = ins.arg(LENGTH);
        ins.input().fill(out);
        for (i, x) in out.iter().enumerate() {
            let rises = *x > 0.0 && !self.high;
            self.high = *x > 0.0;
            if !rises {
                continue;
            }
            let velocity = VELOCITY.clamp(velocity.at(i));
            if let Some(key) = key_of(*x)
                && velocity > 0.0
            {
                notes.push(NoteOut {
                    frame: first + i as u64,
                    frames: (LENGTH.clamp(length.at(i)) * frames_per_ms).round() as u32,
                    channel: CHANNEL.clamp(channel.at(i)).round() as u8 - 1,
                    key,
                    velocity,
                });
            }
        }
    }

    fn reset(&mut self) {
        self.high = false;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.high = old.high;
        }
    }
}
