use super::*;

const CONTROLS: Controls = Controls {
    gain_db: 0.0,
    bypass: false,
    guard: true,
    program: 2,
    quantum_beats: 4,
    free_run: FreeRun::OnRun,
    bend_semitones: 2.0,
    mpe: false,
    knobs: [0.25; KNOB_SLOTS],
};

fn told(now: &Controls, before: Option<&Controls>) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    now.changes_since(before, |kind| kinds.push(kind));
    kinds
}

#[test]
fn the_first_block_carries_every_value() {
    let kinds = told(&CONTROLS, None);
    assert_eq!(kinds.len(), Controls::COUNT);
    assert!(kinds.contains(&EventKind::OutputGain(1.0)));
    assert!(kinds.contains(&EventKind::Bypass(false)));
    assert!(kinds.contains(&EventKind::Guard(true)));
    assert!(kinds.contains(&EventKind::FreeRun(FreeRun::OnRun)));
    assert!(kinds.contains(&EventKind::Midi(MidiEvent::Mpe { on: false })));
    assert!(kinds.contains(&EventKind::Midi(MidiEvent::BendRange { semitones: 2.0 })));
    assert!(kinds.contains(&EventKind::Program {
        program: 2,
        quantum_beats: 4
    }));
    for slot in 0..KNOB_SLOTS as u8 {
        assert!(kinds.contains(&EventKind::Knob {
            slot,
            normalised: 0.25
        }));
    }
}

#[test]
fn later_blocks_carry_what_changed() {
    assert_eq!(told(&CONTROLS, Some(&CONTROLS)), []);
    let mut now = CONTROLS;
    now.bypass = true;
    now.bend_semitones = 12.0;
    now.knobs[31] = 0.5;
    assert_eq!(
        told(&now, Some(&CONTROLS)),
        [
            EventKind::Bypass(true),
            EventKind::Midi(MidiEvent::BendRange { semitones: 12.0 }),
            EventKind::Knob {
                slot: 31,
                normalised: 0.5
            },
        ]
    );
}

#[test]
fn another_program_is_told_with_the_launch_point_and_the_launch_point_alone_is_not() {
    let now = Controls {
        program: 7,
        quantum_beats: 16,
        ..CONTROLS
    };
    let kind = EventKind::Program {
        program: 7,
        quantum_beats: 16,
    };
    assert_eq!(told(&now, Some(&CONTROLS)), [kind]);
    let now = Controls {
        quantum_beats: 16,
        ..CONTROLS
    };
    assert_eq!(told(&now, Some(&CONTROLS)), []);
}
