//! Pitch, bends, glides and the other values that move while a note sounds.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use super::*;

fn wheel(channel: u8, value: f32) -> MidiEvent {
    MidiEvent::PitchBend { channel, value }
}

fn on(channel: u8, key: u8) -> MidiEvent {
    MidiEvent::NoteOn {
        note: NoteAddress::new(channel, key),
        velocity: 1.0,
    }
}

fn express(key: u8, kind: NoteExpression, value: f32) -> MidiEvent {
    let note = NoteAddress {
        key: Some(key),
        ..NoteAddress::default()
    };
    MidiEvent::Expression { note, kind, value }
}

fn hz(note: f64) -> f64 {
    440.0 * ((note - 69.0) / 12.0).exp2()
}

/// Distance in cents.
fn cents(a: f64, b: f64) -> f64 {
    1200.0 * (a / b).log2()
}

/// Where a line of `length` frames from `start` is on its way, 0 to 1.
fn share(frame: u64, start: u64, length: u64) -> f64 {
    (frame.saturating_sub(start) as f64 / length as f64).min(1.0)
}

/// Plays events and reads values of voice 0 as the renderer does: a line for each chunk. Chunks end
/// at events, at cells and at each multiple of `cut`.
fn run(
    settings: GroupSettings,
    events: &[(u64, MidiEvent)],
    frames: u64,
    cut: u64,
    value: VoiceValue,
) -> Vec<f32> {
    let mut rig = Rig::new(settings);
    let mut out = Vec::new();
    let mut frame = 0;
    while frame < frames {
        for (_, event) in events.iter().filter(|e| e.0 == frame) {
            rig.play(frame, *event);
        }
        let next = events.iter().map(|e| e.0).filter(|f| *f > frame).min();
        let end = [(frame / 64 + 1) * 64, (frame / cut + 1) * cut, frames]
            .into_iter()
            .chain(next)
            .min()
            .unwrap_or(frames);
        let line = rig.group.value(0, value, frame);
        out.extend((frame..end).map(|f| line.at(f)));
        frame = end;
    }
    out
}

#[test]
fn the_frequency_of_every_key_is_right_within_a_thousandth_of_a_cent() {
    for key in 0..128 {
        let got = run(GATED, &[(0, on(0, key))], 1, 64, VoiceValue::Frequency);
        let error = cents(f64::from(got[0]), hz(f64::from(key))).abs();
        assert!(error < 1e-3, "{key}: {error}");
    }
    assert_eq!(frequency_hz_at_69(), 440.0);
}

fn frequency_hz_at_69() -> f32 {
    crate::voice::frequency_hz(69.0)
}

#[test]
fn a_bend_is_a_straight_line_of_5_ms_for_the_ear() {
    // Full bends of the wheel, and the widest that MPE knows.
    for (range, wheels) in [(2.0, [1.0, -1.0]), (96.0, [0.5, -0.5])] {
        let range_of = MidiEvent::BendRange { semitones: range };
        let events = [
            (0, range_of),
            (0, on(0, 60)),
            (100, wheel(0, wheels[0])),
            (200, wheel(0, wheels[1])),
        ];
        let got = run(GATED, &events, 1000, 64, VoiceValue::Frequency);
        let first = f64::from(range * wheels[0]);
        let turn = first * share(200, 100, 240);
        let second = f64::from(range * wheels[1]);
        let mut worst = 0.0_f64;
        for (frame, got) in (0..).zip(&got) {
            let bend = if frame < 200 {
                first * share(frame, 100, 240)
            } else {
                turn + (second - turn) * share(frame, 200, 240)
            };
            worst = worst.max(cents(f64::from(*got), hz(60.0 + bend)).abs());
        }
        println!("bend by {range}: largest error {worst:.5} cents");
        assert!(worst < 0.01, "{range}: {worst}");
        let bend = run(GATED, &events, 1000, 64, VoiceValue::Bend);
        assert_eq!(
            (bend[99], bend[150], bend[999]),
            (0.0, (first * 50.0 / 240.0) as f32, second as f32)
        );
        let note = run(GATED, &events, 1000, 64, VoiceValue::Note);
        assert!(note.iter().all(|x| *x == 60.0), "a bend is not in ~note");
    }
}

#[test]
fn glide_is_a_straight_line_of_notes_from_the_last_pitch() {
    let settings = GroupSettings {
        glide_ms: 100.0,
        ..LEGATO
    };
    let events = [(0, on(0, 60)), (1000, on(0, 72)), (3400, on(0, 48))];
    for (value, to) in [
        (VoiceValue::Frequency, hz as fn(f64) -> f64),
        (VoiceValue::Note, |note| hz(note)),
    ] {
        let got = run(settings, &events, 10_000, 64, value);
        for (frame, got) in (0..).zip(&got) {
            // 4,800 frames up; half way it turns and glides down.
            let note = if frame < 3400 {
                60.0 + 12.0 * share(frame, 1000, 4800)
            } else {
                66.0 - 18.0 * share(frame, 3400, 4800)
            };
            let got = match value {
                VoiceValue::Note => hz(f64::from(*got)),
                _ => f64::from(*got),
            };
            let error = cents(got, to(note)).abs();
            assert!(error < 0.01, "{value:?} {frame}: {error}");
        }
    }
}

#[test]
fn notes_of_a_chord_all_glide_from_the_pitch_before() {
    let mut rig = Rig::new(GroupSettings {
        glide_ms: 10.0,
        ..GATED
    });
    rig.on(0, 60);
    assert_eq!(
        rig.value(0, VoiceValue::Note, 0),
        60.0,
        "the first note does not glide"
    );
    rig.off(100, 60);
    rig.on(1000, 72);
    rig.on(1000, 48);
    for (voice, end) in [(1, 72.0), (2, 48.0)] {
        let notes = [1000, 1240, 1480].map(|f| rig.value(voice, VoiceValue::Note, f));
        assert_eq!(notes, [60.0, (60.0 + end) * 0.5, end]);
    }
}

#[test]
fn a_bend_during_a_glide_is_exact_too() {
    let settings = GroupSettings {
        glide_ms: 10.0,
        ..LEGATO
    };
    // The glide would end on 1,480 and the bend on 1,540: both wait for the ends of their cells.
    let events = [(0, on(0, 60)), (1000, on(0, 72)), (1300, wheel(0, 1.0))];
    let got = run(settings, &events, 2000, 64, VoiceValue::Frequency);
    let key_at_bend = 60.0 + 12.0 * share(1300, 1000, 480);
    for (frame, got) in (0..).zip(&got) {
        let key = if frame < 1300 {
            60.0 + 12.0 * share(frame, 1000, 480)
        } else {
            key_at_bend + (72.0 - key_at_bend) * share(frame, 1300, 1536 - 1300)
        };
        let bend = 2.0 * share(frame, 1300, 1600 - 1300);
        let error = cents(f64::from(*got), hz(key + bend)).abs();
        assert!(error < 0.01, "{frame}: {error}");
    }
}

#[test]
fn values_do_not_depend_on_how_blocks_are_cut() {
    let settings = GroupSettings {
        glide_ms: 37.0,
        ..LEGATO
    };
    let mut events = vec![(0, on(0, 60))];
    let mut seed = 1u32;
    for i in 0..200u64 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let x = (seed >> 8) as f32 / (1 << 24) as f32;
        let event = match i % 5 {
            0 => on(0, 40 + (x * 40.0) as u8),
            1 | 2 => wheel(0, 2.0 * x - 1.0),
            3 => MidiEvent::Expression {
                note: NoteAddress::default(),
                kind: NoteExpression::Tuning,
                value: 3.0 * x,
            },
            _ => MidiEvent::ChannelPressure {
                channel: 0,
                value: x,
            },
        };
        events.push((i * 97 + u64::from(seed >> 28), event));
    }
    events.sort_by_key(|e| e.0);
    let values = [
        VoiceValue::Frequency,
        VoiceValue::Note,
        VoiceValue::Bend,
        VoiceValue::Pressure,
    ];
    for value in values {
        let whole = run(settings, &events, 24_000, 64, value);
        // Moving lines join: no step is larger than the steepest line.
        let step = |a: f32, b: f32| match value {
            VoiceValue::Frequency => cents(f64::from(b), f64::from(a)).abs() / 100.0,
            _ => f64::from(b - a).abs(),
        };
        let largest = whole
            .windows(2)
            .map(|w| step(w[0], w[1]))
            .fold(0.0, f64::max);
        assert!(largest < 0.08, "{value:?}: {largest}");
        assert!(largest > 0.0, "{value:?} moves");
        for cut in [1, 7, 50, 63] {
            let parts = run(settings, &events, 24_000, cut, value);
            let differs = whole
                .iter()
                .zip(&parts)
                .position(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(differs, None, "{value:?} cut {cut}");
        }
    }
}

#[test]
fn in_mpe_each_note_bends_alone_and_the_master_bends_all() {
    let mut rig = Rig::new(GATED);
    rig.play(0, MidiEvent::Mpe { on: true });
    // The wheel stands where it will be before its note begins: the note begins there.
    rig.play(0, wheel(1, 0.25));
    rig.play(0, on(1, 60));
    rig.play(0, on(2, 64));
    assert_eq!(rig.value(0, VoiceValue::Bend, 0), 12.0);
    assert_eq!(
        f64::from(rig.value(0, VoiceValue::Frequency, 0)) as f32,
        hz(72.0) as f32
    );
    rig.play(1000, wheel(2, -0.5));
    rig.play(2000, wheel(0, 1.0));
    for (voice, note) in [(0, 74.0), (1, 42.0)] {
        let got = f64::from(rig.value(voice, VoiceValue::Frequency, 2240));
        assert!(cents(got, hz(note)).abs() < 0.01, "{voice}: {got}");
    }
    // Its channel goes to another note: the released one no longer follows it, but the master.
    let note = NoteAddress::new(1, 60);
    rig.play(3000, MidiEvent::NoteOff { note });
    rig.play(3000, wheel(1, 0.0));
    assert_eq!(
        rig.value(0, VoiceValue::Bend, 3240),
        2.0,
        "until then it does"
    );
    rig.play(4000, on(1, 50));
    rig.play(4000, wheel(1, 1.0));
    rig.play(4000, wheel(0, 0.0));
    assert_eq!(
        [0, 2].map(|v| rig.value(v, VoiceValue::Bend, 4240)),
        [0.0, 48.0]
    );
    let pressure = MidiEvent::ChannelPressure {
        channel: 1,
        value: 1.0,
    };
    rig.play(4000, pressure);
    assert_eq!(
        [0, 2].map(|v| rig.value(v, VoiceValue::Pressure, 4240)),
        [0.0, 1.0]
    );
}

#[test]
fn expressions_reach_their_note_and_channel_messages_all_notes() {
    let mut rig = Rig::new(GATED);
    rig.on(0, 60);
    rig.on(0, 64);
    rig.play(100, express(60, NoteExpression::Pressure, 0.5));
    let values = [100, 220, 340].map(|f| rig.value(0, VoiceValue::Pressure, f));
    assert_eq!(values, [0.0, 0.25, 0.5]);
    assert_eq!(rig.value(1, VoiceValue::Pressure, 340), 0.0);
    rig.play(400, express(64, NoteExpression::Timbre, 1.0));
    assert_eq!(
        [0, 1].map(|v| rig.value(v, VoiceValue::Timbre, 640)),
        [0.5, 1.0]
    );
    rig.play(
        1000,
        MidiEvent::ChannelPressure {
            channel: 0,
            value: 0.75,
        },
    );
    rig.control(1000, 74, 0.0);
    assert_eq!(
        [0, 1].map(|v| rig.value(v, VoiceValue::Pressure, 1240)),
        [0.75; 2]
    );
    assert_eq!(
        [0, 1].map(|v| rig.value(v, VoiceValue::Timbre, 1240)),
        [0.0; 2]
    );
    // A new note begins with what its channel says.
    rig.on(2000, 67);
    assert_eq!(rig.value(2, VoiceValue::Pressure, 2000), 0.75);
    // A wildcard reaches all.
    let kind = NoteExpression::Tuning;
    let note = NoteAddress::default();
    rig.play(
        3000,
        MidiEvent::Expression {
            note,
            kind,
            value: -0.5,
        },
    );
    let notes = [0, 1, 2].map(|v| rig.value(v, VoiceValue::Note, 3240));
    assert_eq!(notes, [59.5, 63.5, 66.5]);
    let got = f64::from(rig.value(2, VoiceValue::Frequency, 3240));
    assert!(cents(got, hz(66.5)).abs() < 0.001);
    assert_eq!(rig.value(2, VoiceValue::Bend, 3240), 0.0);
}

#[test]
fn what_comes_with_the_note_on_belongs_to_it() {
    let mut rig = Rig::new(GATED);
    rig.on(500, 60);
    rig.play(500, express(60, NoteExpression::Tuning, 0.25));
    rig.play(500, express(60, NoteExpression::Pressure, 0.5));
    rig.play(500, wheel(0, 0.5));
    assert_eq!(rig.value(0, VoiceValue::Note, 500), 60.25);
    assert_eq!(rig.value(0, VoiceValue::Pressure, 500), 0.5);
    assert!(
        cents(
            f64::from(rig.value(0, VoiceValue::Frequency, 500)),
            hz(61.25)
        )
        .abs()
            < 0.001
    );
}

#[test]
fn a_legato_note_takes_its_own_expressions() {
    let mut rig = Rig::new(LEGATO);
    rig.on(0, 60);
    rig.play(10, express(60, NoteExpression::Tuning, 1.0));
    rig.play(10, express(60, NoteExpression::Volume, 0.5));
    rig.on(1000, 64);
    let notes = [1000, 1120, 1240].map(|f| rig.value(0, VoiceValue::Note, f));
    assert_eq!(notes, [65.0, 64.5, 64.0]);
    assert_eq!(rig.group.gain(0).at(1240), 1.0);
    // The old key's expressions no longer reach the voice.
    rig.play(2000, express(60, NoteExpression::Tuning, 5.0));
    assert_eq!(rig.value(0, VoiceValue::Note, 3000), 64.0);
}
