//! Keys, wheels and pedals at random frames of a part.

use glisten_engine::{Event, EventKind, MidiEvent, NoteAddress, NoteExpression};

use crate::play::Random;

/// Most events of a part.
const MOST_EVENTS: u64 = 24;

/// Events in the order of their frames, counted from the part's beginning.
pub fn events(random: &mut Random, frames: u64) -> Vec<(u64, MidiEvent)> {
    let count = random.below(MOST_EVENTS);
    let mut events: Vec<(u64, MidiEvent)> = (0..count)
        .map(|_| (random.below(frames), event(random)))
        .collect();
    // Events of one frame keep the order in which they were drawn.
    events.sort_by_key(|(frame, _)| *frame);
    events
}

/// Those that a block of frames holds, as the engine wants them.
pub fn inside(events: &[(u64, MidiEvent)], from: u64, to: u64) -> Vec<Event> {
    let here = events.iter().filter(|(f, _)| (from..to).contains(f));
    here.map(|(frame, event)| Event {
        frame: (frame - from) as usize,
        kind: EventKind::Midi(*event),
    })
    .collect()
}

fn event(random: &mut Random) -> MidiEvent {
    let channel = random.pick(&[0, 0, 0, 1, 15]);
    // Few keys, so that one is often struck again.
    let key = random.pick(&[0, 57, 60, 60, 64, 127]);
    let value = random.pick(&[0.0, 0.3, 0.5, 1.0]);
    let note = match random.below(8) {
        0 => NoteAddress::default(),
        1 => NoteAddress {
            id: Some(random.below(4) as i32),
            ..NoteAddress::new(channel, key)
        },
        _ => NoteAddress::new(channel, key),
    };
    match random.below(16) {
        0..=6 => MidiEvent::NoteOn {
            note: NoteAddress {
                id: note.id,
                ..NoteAddress::new(channel, key)
            },
            velocity: value,
        },
        7..=9 => MidiEvent::NoteOff { note },
        10 => MidiEvent::Choke { note },
        11 => MidiEvent::Expression {
            note,
            kind: random.pick(&[
                NoteExpression::Pressure,
                NoteExpression::Tuning,
                NoteExpression::Timbre,
                NoteExpression::Volume,
            ]),
            value,
        },
        12 => MidiEvent::ChannelPressure { channel, value },
        13 => MidiEvent::PitchBend {
            channel,
            value: value * 2.0 - 1.0,
        },
        14 => MidiEvent::Controller {
            channel,
            // Wheel, pedals, timbre, bend range by number, all sound off, all notes off.
            number: random.pick(&[1, 6, 64, 66, 74, 100, 101, 120, 121, 123]),
            value,
        },
        _ => MidiEvent::Mpe {
            on: random.below(2) == 0,
        },
    }
}
