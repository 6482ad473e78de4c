use super::*;
use engine::{NoteAddress, NoteExpression};

fn on(key: u8) -> EventKind {
    EventKind::Midi(MidiEvent::NoteOn {
        note: NoteAddress::new(0, key),
        velocity: 1.0,
    })
}

fn off(key: u8) -> EventKind {
    EventKind::Midi(MidiEvent::NoteOff {
        note: NoteAddress::new(0, key),
    })
}

fn controller(number: u8) -> EventKind {
    EventKind::Midi(MidiEvent::Controller {
        channel: 0,
        number,
        value: 1.0,
    })
}

fn pressure(key: u8) -> EventKind {
    EventKind::Midi(MidiEvent::Expression {
        note: NoteAddress::new(0, key),
        kind: NoteExpression::Pressure,
        value: 1.0,
    })
}

fn sorted(events: &[(usize, EventKind)]) -> Vec<(usize, EventKind)> {
    let mut queue = EventQueue::new(64);
    for (frame, kind) in events {
        assert!(queue.push(*frame, *kind));
    }
    let sorted = queue.finish(0).iter().map(|e| (e.frame, e.kind));
    sorted.collect()
}

#[test]
fn on_one_frame_controllers_come_before_notes_and_notes_keep_their_order() {
    let wheel = EventKind::Midi(MidiEvent::PitchBend {
        channel: 0,
        value: 0.5,
    });
    let knob = EventKind::Knob {
        slot: 3,
        normalised: 0.1,
    };
    assert_eq!(
        sorted(&[
            (4, off(60)),
            (5, off(61)),
            (5, on(62)),
            (5, pressure(62)),
            (5, wheel),
            (5, on(61)),
            (5, knob),
            (5, controller(64)),
            (6, on(63)),
        ]),
        [
            (4, off(60)),
            (5, wheel),
            (5, knob),
            (5, controller(64)),
            (5, off(61)),
            (5, on(62)),
            (5, pressure(62)),
            (5, on(61)),
            (6, on(63)),
        ]
    );
}

#[test]
fn all_notes_off_keeps_its_place_among_the_notes() {
    let told = [(0, on(60)), (0, controller(123)), (0, on(61))];
    assert_eq!(sorted(&told), told);
    let told = [(0, on(60)), (0, controller(119))];
    assert_eq!(sorted(&told), [(0, controller(119)), (0, on(60))]);
}

#[test]
fn time_does_not_run_backwards() {
    assert_eq!(
        sorted(&[(9, on(60)), (3, off(60))]),
        [(9, on(60)), (9, off(60))]
    );
}

#[test]
fn a_full_queue_takes_nothing_and_never_grows() {
    let mut queue = EventQueue::new(4);
    for key in 0..4 {
        assert!(queue.push(usize::from(key), on(key)));
    }
    let before = (queue.events.capacity(), queue.notes.capacity());
    assert!(!queue.push(4, on(4)));
    assert_eq!(queue.newest_frame(), 3);
    let frames: Vec<usize> = queue.finish(1).iter().map(|e| e.frame).collect();
    assert_eq!(frames, [0, 0, 1, 2]);
    assert_eq!(before, (queue.events.capacity(), queue.notes.capacity()));
    queue.clear();
    assert!(queue.push(0, on(5)));
    assert_eq!(queue.finish(0).len(), 1);
}
