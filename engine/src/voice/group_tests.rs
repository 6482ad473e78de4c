//! Voices, one behaviour at a time. `model_tests.rs` plays thousands of random events.

use super::*;
use crate::midi::{NoteAddress, NoteExpression};

#[path = "model_tests.rs"]
mod model;
#[path = "pitch_tests.rs"]
mod pitch;

const RATE: f32 = 48_000.0;
/// 5 ms.
const SMOOTHING: u64 = 240;

/// Chains that read `~gate`.
const GATED: GroupSettings = GroupSettings {
    polyphony: 4,
    legato: false,
    glide_ms: 0.0,
    gated: true,
};
const LEGATO: GroupSettings = GroupSettings {
    polyphony: 1,
    legato: true,
    ..GATED
};

/// A group with its keyboard, as the renderer drives them.
pub struct Rig {
    pub keyboard: Keyboard,
    pub group: VoiceGroup,
    /// Frame and voice of each start.
    pub starts: Vec<(u64, usize)>,
}

impl Rig {
    pub fn new(settings: GroupSettings) -> Self {
        Self {
            keyboard: Keyboard::default(),
            group: VoiceGroup::new(settings, settings.physical_voices(), RATE),
            starts: Vec::new(),
        }
    }

    pub fn play(&mut self, frame: u64, event: MidiEvent) {
        self.keyboard.apply(&event);
        let starts = &mut self.starts;
        self.group.apply(&event, &self.keyboard, frame, &mut |v| {
            starts.push((frame, v))
        });
    }

    pub fn on(&mut self, frame: u64, key: u8) {
        self.play(
            frame,
            MidiEvent::NoteOn {
                note: NoteAddress::new(0, key),
                velocity: 0.5,
            },
        );
    }

    pub fn off(&mut self, frame: u64, key: u8) {
        let note = NoteAddress::new(0, key);
        self.play(frame, MidiEvent::NoteOff { note });
    }

    pub fn control(&mut self, frame: u64, number: u8, value: f32) {
        self.play(
            frame,
            MidiEvent::Controller {
                channel: 0,
                number,
                value,
            },
        );
    }

    pub fn value(&self, voice: usize, value: VoiceValue, frame: u64) -> f32 {
        self.group.value(voice, value, frame).at(frame)
    }

    /// The keys of counted voices with their gates, in the order of their starts.
    pub fn keys(&self) -> Vec<(u8, bool)> {
        let mut counted: Vec<&Voice> = self.group.voices.iter().filter(|v| v.counts()).collect();
        counted.sort_by_key(|v| v.start_order);
        let key = |v: &Voice| v.note.key.expect("a note has its key");
        counted.iter().map(|v| (key(v), v.gate)).collect()
    }

    fn stage(&self, stage: Stage) -> usize {
        self.group
            .voices
            .iter()
            .filter(|v| v.stage == stage)
            .count()
    }

    /// Ends all cells up to a frame, as silence goes by.
    pub fn pass(&mut self, from: u64, to: u64) {
        for cell in from / 64 + 1..=to / 64 {
            self.group.end_cell(cell * 64);
        }
    }
}

#[test]
fn a_chord_starts_on_its_frame_in_a_voice_for_each_key() {
    let mut rig = Rig::new(GATED);
    [60, 64, 67].iter().for_each(|k| rig.on(77, *k));
    assert_eq!(rig.starts, [(77, 0), (77, 1), (77, 2)]);
    for (voice, note) in [60.0, 64.0, 67.0].into_iter().enumerate() {
        let now = rig.group.now(voice);
        assert_eq!(
            (now.index as usize, now.on_frame, now.note),
            (voice, 77, note)
        );
        assert_eq!(rig.value(voice, VoiceValue::Gate, 77), 1.0);
        assert_eq!(rig.value(voice, VoiceValue::Velocity, 77), 0.5);
        assert_eq!(rig.value(voice, VoiceValue::Note, 77), note);
        assert_eq!(rig.group.gain(voice).at(77), 1.0);
    }
    assert_eq!((rig.group.len(), rig.group.sounding()), (6, 3));
    assert!(!rig.group.is_active(3));
}

#[test]
fn the_oldest_released_voice_is_stolen_first_and_then_the_oldest() {
    let mut rig = Rig::new(GATED);
    (60..64).for_each(|k| rig.on(0, k));
    rig.off(100, 62);
    rig.off(101, 61);
    rig.on(200, 70);
    assert_eq!(
        rig.keys(),
        [(60, true), (61, false), (63, true), (70, true)]
    );
    rig.on(1200, 71);
    assert_eq!(rig.keys(), [(60, true), (63, true), (70, true), (71, true)]);
    rig.on(2200, 72);
    assert_eq!(rig.keys(), [(63, true), (70, true), (71, true), (72, true)]);
    assert_eq!(rig.starts.len(), 7);
}

#[test]
fn a_stolen_voice_fades_in_its_own_place_for_5_ms() {
    let mut rig = Rig::new(GATED);
    (60..65).for_each(|k| rig.on(1000, k));
    // Voice 0 goes; the new note took a spare voice.
    assert_eq!(rig.starts[4], (1000, 4));
    let gain = rig.group.gain(0);
    assert_eq!(
        [1000, 1120, 1225, 1240].map(|f| gain.at(f)),
        [1.0, 0.5, 0.0625, 0.0]
    );
    // Its gate stays, so that only the fade is heard.
    assert_eq!(rig.value(0, VoiceValue::Gate, 1100), 1.0);
    assert!(rig.group.is_active(0) && !rig.group.listens(0));
    assert_eq!((rig.group.sounding(), rig.stage(Stage::Leaving)), (4, 1));
    // It is free at the first cell after its end, and not before.
    rig.pass(1000, 1216);
    assert!(rig.group.is_active(0));
    rig.pass(1216, 1280);
    assert!(!rig.group.is_active(0));
    // No message reaches a voice that leaves.
    assert!(rig.group.residual(1000).is_none());
}

#[test]
fn a_voice_that_is_cut_leaves_its_last_value_to_fade() {
    let mut rig = Rig::new(GATED);
    (60..64).for_each(|k| rig.on(0, k));
    (0..4).for_each(|v| rig.group.left_at(v, 0.5, -0.25));
    // Two spare voices take the first two; the third note has to cut one that has just begun to go.
    (70..73).for_each(|k| rig.on(120, k));
    assert_eq!(rig.group.len(), 6);
    let starts: Vec<usize> = rig.starts.iter().map(|s| s.1).collect();
    assert_eq!(starts, [0, 1, 2, 3, 4, 5, 0]);
    let [left, right] = rig.group.residual(120).expect("a voice was cut");
    assert_eq!([120, 240, 360].map(|f| left.at(f)), [0.5, 0.25, 0.0]);
    assert_eq!([120, 240, 360].map(|f| right.at(f)), [-0.25, -0.125, 0.0]);
    assert!(rig.group.residual(360).is_none());
    // Another one that is cut adds to what is there.
    (1..6).for_each(|v| rig.group.left_at(v, 0.125, 0.125));
    rig.on(240, 73);
    let [left, _] = rig.group.residual(240).expect("a voice was cut");
    assert_eq!(left.at(240), 0.25 + 0.125);
    // A voice without any output yet leaves nothing.
    let mut rig = Rig::new(GATED);
    (60..80).for_each(|k| rig.on(0, k));
    assert!(rig.group.residual(0).is_none());
    assert_eq!(rig.keys(), [(76, true), (77, true), (78, true), (79, true)]);
}

#[test]
fn a_released_voice_ends_after_50_ms_below_the_threshold() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    assert!(!rig.group.listens(0));
    rig.pass(0, 48_000);
    assert!(rig.group.is_active(0), "a held note does not end");
    rig.off(48_010, 60);
    assert!(rig.group.listens(0));
    assert_eq!(rig.value(0, VoiceValue::Gate, 48_010), 0.0);
    rig.group.heard(0, 60_000);
    // 2,400 frames of silence: 60,001 to 62,400; the next cell ends at 62,464.
    rig.pass(48_010, 62_400);
    assert!(rig.group.is_active(0));
    rig.group.end_cell(62_464);
    assert!(!rig.group.is_active(0));
    assert!(!rig.group.any_active());
}

#[test]
fn chains_that_ignore_the_gate_get_one_of_5_ms() {
    let mut rig = Rig::new(GroupSettings {
        gated: false,
        ..GATED
    });
    rig.on(100, 60);
    let gain = rig.group.gain(0);
    // The first frame sounds already, and the 240th is full.
    assert_eq!(
        [100, 339, 5000].map(|f| gain.at(f)),
        [1.0 / 240.0, 1.0, 1.0]
    );
    assert!((gain.at(219) - 0.5).abs() < 1e-6);
    rig.off(5000, 60);
    let gain = rig.group.gain(0);
    assert_eq!([5000, 5120, 5240].map(|f| gain.at(f)), [1.0, 0.5, 0.0]);
    assert!(!rig.group.listens(0));
    rig.pass(5000, 5248);
    assert!(!rig.group.is_active(0));
    // Released on the way up it turns round where it is.
    rig.on(6000, 60);
    rig.off(6119, 60);
    let gain = rig.group.gain(0);
    assert!((gain.at(6119) - 0.5).abs() < 1e-6);
    assert_eq!(gain.at(6119 + 240), 0.0);
}

#[test]
fn striking_a_key_that_sounds_releases_the_older_note_on_the_same_frame() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    rig.on(500, 60);
    assert_eq!(rig.keys(), [(60, false), (60, true)]);
    assert_eq!(rig.group.voices[0].audible_frame, 500);
    // One note-off ends what is left: nothing hangs.
    rig.off(600, 60);
    assert_eq!(rig.keys(), [(60, false), (60, false)]);
    // Another channel's same key is another note.
    rig.on(700, 60);
    let note = NoteAddress::new(5, 60);
    rig.play(
        700,
        MidiEvent::NoteOn {
            note,
            velocity: 1.0,
        },
    );
    assert_eq!(rig.keys().iter().filter(|k| k.1).count(), 2);
}

#[test]
fn the_pedal_holds_notes_until_it_rises() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    rig.control(10, 64, 1.0);
    rig.on(20, 64);
    rig.off(30, 60);
    rig.off(31, 64);
    assert_eq!(rig.keys(), [(60, true), (64, true)]);
    rig.on(40, 67);
    rig.control(50, 64, 0.3);
    // What is held by a key goes on.
    assert_eq!(rig.keys(), [(60, false), (64, false), (67, true)]);
    assert_eq!(rig.value(0, VoiceValue::Gate, 50), 0.0);
    // A pedal of another channel holds nothing here.
    let event = MidiEvent::Controller {
        channel: 1,
        number: 64,
        value: 1.0,
    };
    rig.play(60, event);
    rig.off(61, 67);
    assert_eq!(rig.keys()[2], (67, false));
}

#[test]
fn notes_off_leaves_notes_to_the_pedal_and_sound_off_fades_them_in_5_ms() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    rig.control(0, 64, 1.0);
    rig.control(10, 123, 0.0);
    assert_eq!(rig.keys(), [(60, true)]);
    rig.control(20, 64, 0.0);
    assert_eq!(rig.keys(), [(60, false)]);
    rig.on(30, 62);
    rig.control(40, 123, 0.0);
    assert_eq!(rig.keys(), [(60, false), (62, false)]);
    rig.control(64, 120, 0.0);
    assert_eq!(rig.keys(), []);
    assert_eq!(rig.stage(Stage::Leaving), 2);
    rig.pass(64, 64 + 256);
    assert!(!rig.group.any_active());
    // Reset all controllers lets the pedal's notes go.
    rig.on(1000, 60);
    rig.control(1000, 64, 1.0);
    rig.off(1001, 60);
    rig.control(1010, 121, 0.0);
    assert_eq!(rig.keys(), [(60, false)]);
}

#[test]
fn a_choke_ends_its_notes_in_5_ms_and_wildcards_reach_all_of_them() {
    let mut rig = Rig::new(GATED);
    [60, 64, 67].iter().for_each(|k| rig.on(0, *k));
    let note = NoteAddress::new(0, 64);
    rig.play(100, MidiEvent::Choke { note });
    assert_eq!(rig.keys(), [(60, true), (67, true)]);
    assert_eq!(rig.group.gain(1).at(220), 0.5);
    let any = NoteAddress::default();
    rig.play(200, MidiEvent::NoteOff { note: any });
    assert_eq!(rig.keys(), [(60, false), (67, false)]);
    assert_eq!(rig.keyboard.keys_down(), 0);
}

#[test]
fn note_numbers_of_the_host_tell_notes_apart() {
    let mut rig = Rig::new(GATED);
    let note = |id| NoteAddress {
        id: Some(id),
        ..NoteAddress::new(0, 60)
    };
    rig.play(
        0,
        MidiEvent::NoteOn {
            note: note(7),
            velocity: 1.0,
        },
    );
    rig.play(10, MidiEvent::NoteOff { note: note(8) });
    assert_eq!(rig.keys(), [(60, true)]);
    let only_id = NoteAddress {
        id: Some(7),
        ..NoteAddress::default()
    };
    rig.play(20, MidiEvent::NoteOff { note: only_id });
    assert_eq!(rig.keys(), [(60, false)]);
}

#[test]
fn one_voice_returns_to_the_key_that_is_still_down() {
    let mut rig = Rig::new(GroupSettings {
        legato: false,
        ..LEGATO
    });
    rig.on(0, 60);
    rig.on(100, 64);
    rig.on(1000, 67);
    assert_eq!(rig.keys(), [(67, true)]);
    // A key that does not sound goes up in silence.
    rig.off(1500, 64);
    assert_eq!(rig.keys(), [(67, true)]);
    rig.off(2000, 67);
    assert_eq!(rig.keys(), [(60, true)]);
    // Without legato each of them is a start.
    assert_eq!(
        rig.starts.iter().map(|s| s.0).collect::<Vec<_>>(),
        [0, 100, 1000, 2000]
    );
    rig.off(3000, 60);
    assert_eq!(rig.keys(), [(60, false)]);
    assert_eq!(rig.starts.len(), 4);
}

#[test]
fn legato_changes_the_pitch_and_nothing_else() {
    let mut rig = Rig::new(LEGATO);
    rig.on(0, 60);
    rig.on(100, 64);
    assert_eq!(rig.starts, [(0, 0)]);
    assert_eq!(rig.value(0, VoiceValue::Note, 100), 64.0);
    assert_eq!(rig.group.now(0).on_frame, 0);
    assert_eq!(rig.group.now(0).note, 60.0);
    rig.off(200, 64);
    assert_eq!(rig.value(0, VoiceValue::Note, 200), 60.0);
    // The same key again over another one: nothing starts anew.
    rig.on(300, 64);
    rig.on(310, 64);
    assert_eq!(rig.starts.len(), 1);
    // The same key again alone is a new note, and so is one after all are up.
    rig.off(320, 60);
    rig.on(330, 64);
    assert_eq!(rig.starts.len(), 2);
    rig.off(400, 64);
    assert_eq!(rig.keys(), [(64, false)]);
    rig.on(410, 64);
    assert_eq!(rig.starts.len(), 3);
}

#[test]
fn with_the_pedal_legato_returns_only_when_it_rises() {
    let mut rig = Rig::new(LEGATO);
    rig.on(0, 60);
    rig.control(1, 64, 1.0);
    rig.on(100, 64);
    rig.off(200, 64);
    assert_eq!(rig.value(0, VoiceValue::Note, 300), 64.0);
    rig.control(400, 64, 0.0);
    assert_eq!(rig.value(0, VoiceValue::Note, 400), 60.0);
    assert_eq!(rig.keys(), [(60, true)]);
    rig.off(500, 60);
    assert_eq!(rig.keys(), [(60, false)]);
}

#[test]
fn a_smaller_group_releases_what_it_has_no_room_for() {
    let mut rig = Rig::new(GroupSettings {
        polyphony: 8,
        ..GATED
    });
    (60..66).for_each(|k| rig.on(0, k));
    rig.off(10, 65);
    let smaller = GroupSettings {
        polyphony: 3,
        ..GATED
    };
    let mut group = VoiceGroup::new(smaller, 10, RATE);
    group.inherit(&rig.group, 1000);
    let stays: Vec<usize> = (0..group.len())
        .filter(|v| group.voices[*v].counts())
        .collect();
    // The released one goes, then the oldest.
    assert_eq!(stays, [2, 3, 4]);
    for gone in [0, 1, 5] {
        let gain = group.gain(gone);
        assert_eq!([1000, 1240, 1480].map(|f| gain.at(f)), [1.0, 0.5, 0.0]);
        // The gate stays where it was, so that only the fade is heard.
        let gate = group.value(gone, VoiceValue::Gate, 1000);
        assert_eq!(gate.at(1000), if gone == 5 { 0.0 } else { 1.0 });
    }
    // In a group without their places voices are cut, and leave their values to fade.
    (0..8).for_each(|v| rig.group.left_at(v, 0.25, 0.25));
    let mut group = VoiceGroup::new(smaller, 5, RATE);
    group.inherit(&rig.group, 1000);
    assert_eq!(group.counted(), 3);
    let [left, _] = group.residual(1000).expect("voice 5 was cut");
    assert_eq!(left.at(1000), 0.25);
}

#[test]
fn a_larger_group_keeps_its_voices_and_has_new_ones_free() {
    let mut rig = Rig::new(GroupSettings {
        polyphony: 2,
        ..GATED
    });
    rig.on(5, 60);
    rig.on(6, 64);
    let larger = GroupSettings {
        polyphony: 8,
        ..GATED
    };
    let mut group = VoiceGroup::new(larger, 10, RATE);
    group.inherit(&rig.group, 1000);
    rig.group = group;
    assert_eq!(rig.keys(), [(60, true), (64, true)]);
    assert_eq!([0, 1].map(|v| rig.group.now(v).on_frame), [5, 6]);
    (70..76).for_each(|k| rig.on(2000, k));
    assert_eq!(rig.keys().len(), 8);
    assert_eq!(rig.stage(Stage::Leaving), 0);
}

#[test]
fn an_edit_that_stops_reading_the_gate_ends_what_is_released() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    rig.on(0, 62);
    rig.off(10, 62);
    let mut group = VoiceGroup::new(
        GroupSettings {
            gated: false,
            ..GATED
        },
        6,
        RATE,
    );
    group.inherit(&rig.group, 1000);
    assert_eq!(group.gain(0).at(1240), 1.0);
    assert_eq!([1000, 1240].map(|f| group.gain(1).at(f)), [1.0, 0.0]);
}

#[test]
fn volume_of_a_note_moves_in_5_ms_and_not_after_its_end() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    let note = NoteAddress::new(0, 60);
    let volume = |value| MidiEvent::Expression {
        note,
        kind: NoteExpression::Volume,
        value,
    };
    // With the note-on it is there from the first frame.
    rig.play(0, volume(0.5));
    assert_eq!(rig.group.gain(0).at(0), 0.5);
    rig.play(1000, volume(2.0));
    assert_eq!(
        [1000, 1120, 1240].map(|f| rig.group.gain(0).at(f)),
        [0.5, 1.25, 2.0]
    );
    rig.play(2000, MidiEvent::Choke { note });
    rig.play(2010, volume(4.0));
    assert_eq!(rig.group.gain(0).at(2000 + SMOOTHING), 0.0);
}

#[test]
fn reset_ends_everything() {
    let mut rig = Rig::new(GATED);
    (60..70).for_each(|k| rig.on(100, k));
    rig.group.reset();
    assert!(!rig.group.any_active() && rig.group.residual(100).is_none());
    // The next note is the first one ever: it does not glide.
    assert!(rig.group.last_key.is_none());
}

#[test]
fn nonsense_from_a_host_starts_nothing() {
    let mut rig = Rig::new(GATED);
    for note in [
        NoteAddress::default(),
        NoteAddress::new(16, 60),
        NoteAddress::new(0, 128),
        NoteAddress {
            channel: Some(0),
            ..NoteAddress::default()
        },
    ] {
        rig.play(
            0,
            MidiEvent::NoteOn {
                note,
                velocity: 1.0,
            },
        );
    }
    assert!(rig.starts.is_empty());
    let note = NoteAddress::new(0, 60);
    rig.play(
        0,
        MidiEvent::NoteOn {
            note,
            velocity: f32::NAN,
        },
    );
    assert_eq!(rig.value(0, VoiceValue::Velocity, 0), 0.0);
    for kind in [
        NoteExpression::Pressure,
        NoteExpression::Tuning,
        NoteExpression::Timbre,
        NoteExpression::Volume,
    ] {
        for value in [f32::NAN, f32::INFINITY, 1e30, -1e30] {
            rig.play(10, MidiEvent::Expression { note, kind, value });
        }
    }
    for frame in [10, 1000] {
        for value in [
            VoiceValue::Frequency,
            VoiceValue::Pressure,
            VoiceValue::Timbre,
        ] {
            assert!(rig.value(0, value, frame).is_finite());
        }
        assert!(rig.group.gain(0).at(frame).abs() <= 4.0);
    }
    // Numbers of voices that do not exist are nobody's.
    rig.group.heard(99, 10);
    rig.group.left_at(99, 1.0, 1.0);
    assert!(!rig.group.is_active(99) && !rig.group.listens(99));
}
