//! What plays a render besides its audio: knobs that are set, and the keys of a MIDI file.

use engine::{Event, EventKind, KnobBinding, MidiEvent, nearest};

use super::CliError;
use super::midi_file::Song;

/// How long a render goes on after the end of its MIDI file, for releases and echoes.
pub(crate) const TAIL_SECONDS: f64 = 4.0;

/// Where beats lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Song position of the first frame.
    pub(crate) start_beat: f64,
    pub(crate) beats_per_frame: f64,
    pub(crate) rate: u32,
}

impl Clock {
    /// The frame nearest to a beat; negative before the start.
    pub(crate) fn frame_of_event(&self, beat: f64) -> f64 {
        ((beat - self.start_beat) / self.beats_per_frame).round()
    }
}

/// The knobs that the command line sets, as events.
pub(crate) fn knobs(
    set: &[(String, String)],
    bindings: &[KnobBinding],
) -> Result<Vec<EventKind>, CliError> {
    let of = |(name, written): &(String, String)| {
        let known = bindings.iter().filter(|b| !b.parked);
        let Some(knob) = known.clone().find(|b| b.name == *name) else {
            let names: Vec<&str> = known.map(|b| b.name.as_str()).collect();
            let help = match (nearest(name, names.iter().copied()), names.as_slice()) {
                (Some(near), _) => format!("Is it \"{near}\"?"),
                (None, []) => "It has none at all.".to_owned(),
                (None, names) => format!("It has: {}.", names.join(", ")),
            };
            return Err(CliError::usage(format!(
                "The program has no knob \"{name}\". {help}"
            )));
        };
        let shape = &knob.shape;
        // A bare number is meant as in the program; one with a unit as the host shows it.
        let bare = written.parse().ok().filter(|x: &f32| x.is_finite());
        let Some(plain) = bare.or_else(|| shape.parse(written)) else {
            return Err(CliError::usage(format!(
                "--set {name} needs a number such as {}, not \"{written}\".",
                shape.default
            )));
        };
        if !(shape.min..=shape.max).contains(&plain) {
            return Err(CliError::usage(format!(
                "--set {name} must lie between {} and {}, not {written}.",
                shape.min, shape.max
            )));
        }
        Ok(EventKind::Knob {
            slot: knob.slot,
            normalised: shape.normalised(plain),
        })
    };
    set.iter().map(of).collect()
}

/// The events of a render, block after block.
pub(crate) struct Inputs {
    /// With frames of the whole render, in their order.
    events: Vec<(u64, EventKind)>,
    /// How many of them are played.
    played: usize,
    frame: u64,
    block: Vec<Event>,
}

impl Inputs {
    pub(crate) fn new(
        guard: EventKind,
        knobs: &[EventKind],
        song: Option<&Song>,
        mpe: bool,
        clock: &Clock,
    ) -> Self {
        let first = [guard].into_iter().chain(knobs.iter().copied());
        let mut events: Vec<(u64, EventKind)> = first.map(|kind| (0, kind)).collect();
        if mpe {
            events.push((0, EventKind::Midi(MidiEvent::Mpe { on: true })));
        }
        for (beat, event) in song.map_or(&[][..], |s| &s.events) {
            let frame = clock.frame_of_event(*beat);
            let is_note = matches!(
                event,
                MidiEvent::NoteOn { .. } | MidiEvent::NoteOff { .. } | MidiEvent::Expression { .. }
            );
            // Of what lies before the start, wheels and pedals stay where they were put.
            if frame >= 0.0 || !is_note {
                events.push((frame.max(0.0) as u64, EventKind::Midi(*event)));
            }
        }
        Self {
            events,
            played: 0,
            frame: 0,
            block: Vec::new(),
        }
    }

    /// The events of the next block of so many frames.
    pub(crate) fn next(&mut self, frames: usize) -> &[Event] {
        let end = self.frame + frames as u64;
        let rest = self.events.get(self.played..).unwrap_or(&[]);
        let here = rest.iter().take_while(|(frame, _)| *frame < end);
        self.block.clear();
        self.block.extend(here.map(|(frame, kind)| Event {
            frame: (frame - self.frame) as usize,
            kind: *kind,
        }));
        self.played += self.block.len();
        self.frame = end;
        &self.block
    }
}
