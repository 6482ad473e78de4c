//! The events of one piece of audio, in the order in which the engine takes them.
//!
//! Formats deliver the same performance in different orders: VST3 has no order between controllers
//! and notes of one frame, CLAP has the host's. So that both sound alike, everything on one frame is
//! sorted: parameters and controllers first, then notes, each as they came.
//!
//! Thread: audio, except `new`.

use engine::{Event, EventKind, MidiEvent};

/// Controllers from here on are messages to notes: all sound off, all notes off and so on. They keep
/// their place among the notes.
const FIRST_CHANNEL_MODE: u8 = 120;

/// Events in the order of frames. It never grows.
#[derive(Debug)]
pub struct EventQueue {
    /// In their final order.
    events: Vec<Event>,
    /// Notes on the newest frame, to be put behind everything else there.
    notes: Vec<Event>,
    capacity: usize,
    frame: usize,
}

impl EventQueue {
    /// With room for this many events. Thread: not audio.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            events: Vec::with_capacity(capacity),
            notes: Vec::with_capacity(capacity),
            capacity,
            frame: 0,
        }
    }

    /// Forgets all events; the next ones may be on any frame.
    pub fn clear(&mut self) {
        self.events.clear();
        self.notes.clear();
        self.frame = 0;
    }

    /// Adds an event. One that comes behind a later one counts as on that frame, because time does
    /// not run backwards. Returns whether there was room.
    #[must_use]
    pub fn push(&mut self, frame: usize, kind: EventKind) -> bool {
        if self.room() == 0 {
            return false;
        }
        if frame > self.frame {
            self.close_frame();
            self.frame = frame;
        }
        let event = Event {
            frame: self.frame,
            kind,
        };
        if is_for_notes(&kind) {
            self.notes.push(event);
        } else {
            self.events.push(event);
        }
        true
    }

    /// Number of events that there is room for.
    #[must_use]
    pub fn room(&self) -> usize {
        self.capacity
            .saturating_sub(self.events.len() + self.notes.len())
    }

    /// The newest frame there is an event on.
    #[must_use]
    pub fn newest_frame(&self) -> usize {
        self.frame
    }

    /// All events, with frames that count from `start`.
    pub fn finish(&mut self, start: usize) -> &[Event] {
        self.close_frame();
        for event in &mut self.events {
            event.frame = event.frame.saturating_sub(start);
        }
        &self.events
    }

    fn close_frame(&mut self) {
        self.events.append(&mut self.notes);
    }
}

/// Whether an event starts, ends or shapes single notes, so that its place among the notes counts.
fn is_for_notes(kind: &EventKind) -> bool {
    match kind {
        EventKind::Midi(event) => match event {
            MidiEvent::NoteOn { .. }
            | MidiEvent::NoteOff { .. }
            | MidiEvent::Choke { .. }
            | MidiEvent::Expression { .. } => true,
            MidiEvent::Controller { number, .. } => *number >= FIRST_CHANNEL_MODE,
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
#[path = "event_queue_tests.rs"]
mod tests;
