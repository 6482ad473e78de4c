//! Keys play programs: on their frames, at their pitches, in voices of their own.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::keys::{
    cents, choke, control, express, frequency_hz, instrument, largest_step, mpe, note_hz, off,
    off_channel, on, on_channel, play, pressure, wheel,
};
use common::{Audio, Cut, Random};
use glisten_engine::{Event, EventKind, MidiEvent, NoteExpression};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const CUTS: [Cut; 6] = [
    Cut::Every(1),
    Cut::Every(7),
    Cut::Every(64),
    Cut::Every(480),
    Cut::Every(8192),
    Cut::Random(5),
];

/// Velocities of the sounding keys, added up.
const LEVELS: &str = "out: ~vel >> mul ~gate >> poly 8";
/// The pitch of the one voice in Hz, as a signal.
const PITCH: &str = "out: ~freq >> mul ~gate >> poly 1 legato 100";

#[test]
fn notes_begin_and_end_on_their_frames_however_blocks_are_cut() {
    for frame in [0, 1, 63, 64, 65, 1000, 4799] {
        for cut in CUTS {
            let events = [on(frame, 60), off(frame + 777, 60)];
            let audio = play(LEVELS, cut, 6000, &events);
            let want: Vec<f32> = (0..6000)
                .map(|f| {
                    if (frame..frame + 777).contains(&f) {
                        0.5
                    } else {
                        0.0
                    }
                })
                .collect();
            assert_eq!(audio.left, want, "{frame} {cut:?}");
            assert_eq!(audio.left, audio.right);
            // Without `~gate` the first frame sounds too.
            let audio = play("out: sig 1 >> mul ~vel >> poly 8", cut, 6000, &events);
            let first = audio.left.iter().position(|x| *x != 0.0);
            assert_eq!(first, Some(frame), "{cut:?}");
            // The release falls for 240 frames.
            let last = audio.left.iter().rposition(|x| *x != 0.0);
            assert_eq!(last, Some(frame + 777 + 239), "{cut:?}");
        }
    }
}

#[test]
fn all_keys_of_a_chord_begin_on_one_frame() {
    let chord = [(60, 0.5), (64, 0.25), (67, 0.125)];
    let events: Vec<Event> = chord.map(|(k, v)| on_channel(333, 0, k, v)).to_vec();
    let audio = play(LEVELS, Cut::Every(512), 1000, &events);
    assert_eq!(audio.left[332..334], [0.0, 0.875]);
    // `midi` gives one pulse for each of them.
    let audio = play("out: midi >> mul ~vel", Cut::Every(512), 1000, &events);
    let pulses: f32 = chord
        .iter()
        .map(|(k, v)| v * ((f32::from(*k) - 60.0) / 12.0).exp2())
        .sum();
    assert!(
        (audio.left[333] - pulses).abs() < 1e-6,
        "{}",
        audio.left[333]
    );
    let others: Vec<usize> = common::onsets(&audio.left);
    assert_eq!(others, [333]);
}

#[test]
fn each_voice_of_a_chord_is_in_tune() {
    let program = "~env: ~gate >> adsr 0.005 0.1 1 0.1\nout: sin ~freq >> mul ~env >> mul 0.2";
    let keys = [36, 48, 55, 64, 71, 76, 84, 96];
    let events: Vec<Event> = keys.map(|k| on(100, k)).to_vec();
    let audio = play(program, Cut::Random(3), 48_000 * 2, &events);
    let mut worst = 0.0_f64;
    for key in keys {
        let want = note_hz(f64::from(key));
        let error = cents(frequency_hz(&audio.left[24_000..], want), want).abs();
        worst = worst.max(error);
    }
    println!("largest error of pitch {worst:.5} cents");
    assert!(worst < 0.01, "{worst}");
}

#[test]
fn in_mpe_every_voice_bends_by_itself() {
    let program = "~env: ~gate >> adsr 0.005 0.1 1 0.1\nout: sin ~freq >> mul ~env >> mul 0.2";
    let events = [
        mpe(0),
        wheel(0, 1, 0.0),
        on_channel(10, 1, 60, 1.0),
        on_channel(10, 2, 60, 1.0),
        on_channel(10, 3, 60, 1.0),
        // 12 semitones up, 3.5 down; then all of them one up by the master's wheel.
        wheel(2000, 1, 0.25),
        wheel(2345, 3, -3.5 / 48.0),
        wheel(5000, 0, 0.5),
    ];
    let audio = play(program, Cut::Random(9), 48_000 * 2, &events);
    for note in [73.0, 61.0, 57.5] {
        let want = note_hz(note);
        let error = cents(frequency_hz(&audio.left[24_000..], want), want);
        assert!(error.abs() < 0.05, "{note}: {error}");
    }
}

#[test]
fn bends_and_glides_are_straight_for_the_ear_on_every_frame() {
    let events = [
        on(100, 60),
        on(1000, 67),
        wheel(8000, 0, -1.0),
        wheel(8100, 0, 1.0),
        express(12_000, 67, NoteExpression::Tuning, 0.5),
        off(15_000, 67),
        off(22_000, 60),
    ];
    let share = |frame: usize, start: usize, length: usize| {
        (frame.saturating_sub(start) as f64 / length as f64).min(1.0)
    };
    for cut in CUTS {
        let audio = play(PITCH, cut, 24_000, &events);
        let mut worst = 0.0_f64;
        for (frame, got) in audio.left.iter().enumerate() {
            if !(100..22_000).contains(&frame) {
                assert_eq!(*got, 0.0, "{frame}");
                continue;
            }
            // Release of the upper key returns in 100 ms. Its tuning returns with it, in 5 ms, which
            // ends with the glide's next cell, as lines do that move together.
            let back = frame >= 15_000;
            let key =
                60.0 + 7.0 * share(frame, 1000, 4800) - 7.0 * share(frame, 15_000, 19_840 - 15_000);
            let bend = if frame < 8100 {
                -2.0 * share(frame, 8000, 240)
            } else {
                let turn = -2.0 * 100.0 / 240.0;
                turn + (2.0 - turn) * share(frame, 8100, 240)
            };
            let tuning = 0.5 * share(frame, 12_000, 240)
                - if back {
                    0.5 * share(frame, 15_000, 15_296 - 15_000)
                } else {
                    0.0
                };
            let want = note_hz(key + bend + tuning);
            worst = worst.max(cents(f64::from(*got), want).abs());
        }
        println!("{cut:?}: largest error {worst:.5} cents");
        assert!(worst < 0.01, "{cut:?}: {worst}");
    }
}

#[test]
fn legato_starts_once_and_mono_each_time() {
    let program = |mode| format!("out: midi >> poly 1 {mode}");
    let events = [
        on(100, 60),
        on(1000, 72),
        off(2000, 72),
        off(3000, 60),
        on(4000, 60),
    ];
    let onsets = |mode| common::onsets(&play(&program(mode), Cut::Every(64), 5000, &events).left);
    assert_eq!(onsets("legato"), [100, 4000]);
    assert_eq!(onsets("mono"), [100, 1000, 2000, 4000]);
    // Phases go on through a legato change: a sine steps no further than its slope.
    let sine = "out: sin ~freq >> mul ~gate >> poly 1 legato";
    let audio = play(sine, Cut::Every(64), 2500, &events);
    let slope = (std::f64::consts::TAU * note_hz(72.0) / common::RATE) as f32;
    assert!(largest_step(&audio.left[100..]) <= slope * 1.001);
}

#[test]
fn the_pedal_holds_what_the_keys_let_go() {
    let events = [
        on(100, 60),
        control(200, 0, 64, 1.0),
        on(300, 64),
        off(400, 60),
        off(500, 64),
        on(600, 67),
        control(700, 0, 64, 0.0),
        off(800, 67),
    ];
    let audio = play(LEVELS, Cut::Every(100), 1000, &events);
    let keys = |frame| (audio.left[frame] * 2.0) as usize;
    let steps: Vec<usize> = [99, 100, 299, 300, 599, 600, 699, 700, 799, 800]
        .map(keys)
        .to_vec();
    assert_eq!(steps, [0, 1, 1, 2, 2, 3, 3, 1, 1, 0]);
}

#[test]
fn voice_values_say_what_their_note_does() {
    let program = |value: &str| format!("out: {value} >> mul ~gate >> poly 4");
    let kind = NoteExpression::Pressure;
    let events = [
        on_channel(100, 0, 61, 0.75),
        express(1000, 61, kind, 0.5),
        pressure(2000, 0, 1.0),
        control(3000, 0, 74, 0.25),
        wheel(4000, 0, 0.5),
        express(5000, 61, NoteExpression::Tuning, 0.25),
    ];
    let at = |value: &str, frame: usize| {
        play(&program(value), Cut::Every(333), 6000, &events).left[frame]
    };
    assert_eq!(at("~vel", 5999), 0.75);
    assert_eq!(
        [100, 4999, 5999].map(|f| at("~note", f)),
        [61.0, 61.0, 61.25]
    );
    assert_eq!(
        [999, 1120, 1240, 2240].map(|f| at("~press", f)),
        [0.0, 0.25, 0.5, 1.0]
    );
    assert_eq!([100, 3240].map(|f| at("~timbre", f)), [0.5, 0.25]);
    assert_eq!([100, 4240, 5999].map(|f| at("~bend", f)), [0.0, 1.0, 1.0]);
}

#[test]
fn a_choked_note_and_all_sound_off_fade_in_5_ms() {
    for event in [choke(1000, 60), control(1000, 0, 120, 0.0)] {
        let audio = play(LEVELS, Cut::Every(64), 2000, &[on(10, 60), event]);
        let at = [1000, 1120, 1239, 1240].map(|f| audio.left[f]);
        assert_eq!((at[0], at[1], at[3]), (0.5, 0.25, 0.0));
        assert!(at[2] > 0.0);
    }
}

/// A pad whose own steps are small, so that a click shows.
const PAD: &str =
    "~env: ~gate >> adsr 0.02 0.1 0.8 0.2\nout: sin ~freq >> mul ~env >> mul 0.2 >> poly 4";

#[test]
fn stolen_voices_do_not_click() {
    // Four notes ring when more come: singly, and in chords of up to four, a few frames apart.
    let mut events = Vec::new();
    let mut random = Random(4);
    let mut frame = 0;
    while frame < 90_000 {
        for _ in 0..=random.below(4) {
            events.push(on(frame, 45 + random.below(24) as u8));
        }
        frame += 100 + random.below(3000);
    }
    let audio = play(PAD, Cut::Every(256), 96_000, &events);
    // At most four notes sound, two fade, and residuals fall: the steepest they can be together.
    let slope = std::f64::consts::TAU * note_hz(68.0) / common::RATE * 0.2;
    let fade = 0.2 / 240.0;
    let bound = 6.0 * slope + 8.0 * fade;
    let step = f64::from(largest_step(&audio.left));
    println!("largest step {step:.4}, bound {bound:.4}, of one voice {slope:.4}");
    assert!(step < bound, "{step} {bound}");
    assert!(audio.peak() > 0.4);
}

#[test]
fn samples_are_the_same_to_the_bit_however_blocks_are_cut() {
    let programs = [
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> lpf 1800 1 >> mul ~env >> poly 3 >> plate 0.2",
        "~wob: sin 5 >> mul ~press >> mul 20\n~f: ~freq >> add ~wob\nout: squ ~f >> mul ~vel >> mul 0.2 >> poly 2",
        "out: midi >> sawsynth 0.01 0.3 >> pan ~timbre",
        "out: tri ~freq >> mul ~gate >> delayms 20 >> poly 1 legato 60 >> mul ~cc1",
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\n~src: saw ~freq >> mul ~env >> mul 0.1\n\
         ~fb: mix ~src ~back >> delayms 3\n~back: ~fb >> mul 0.5\nout: ~fb >> poly 3",
        "~a: saw ~freq >> mul 0.1\nx: ~a >> poly 2\ny: ~a >> mul ~gate >> poly 4 >> hpf 500 1",
    ];
    for (i, program) in programs.iter().enumerate() {
        let events = random_events(i as u64 + 1, 20_000, 300);
        let whole = play(program, Cut::Every(8192), 24_000, &events);
        assert!(whole.peak() > 0.01, "{program}");
        for cut in [
            Cut::Every(1),
            Cut::Every(61),
            Cut::Every(64),
            Cut::Random(8),
        ] {
            let parts = play(program, cut, 24_000, &events);
            assert_eq!(whole.first_difference(&parts), None, "{cut:?}: {program}");
        }
    }
}

/// Keys, wheels, pedals and controllers as they come, in the order of their frames.
fn random_events(seed: u64, frames: usize, count: usize) -> Vec<Event> {
    let mut random = Random(seed);
    let mut at: Vec<usize> = (0..count).map(|_| random.below(frames)).collect();
    at.sort_unstable();
    at.into_iter()
        .map(|f| random_event(&mut random, f))
        .collect()
}

fn random_event(random: &mut Random, frame: usize) -> Event {
    let channel = random.below(2) as u8;
    let key = 48 + random.below(24) as u8;
    let value = random.signal().abs().min(1.0);
    match random.below(20) {
        0..7 => on_channel(frame, channel, key, value),
        7..13 => off_channel(frame, channel, key),
        13 => wheel(frame, channel, 2.0 * value - 1.0),
        14 => pressure(frame, channel, value),
        15 => control(frame, channel, 64, value),
        16 => control(frame, channel, 74, value),
        17 => control(frame, channel, 1, value),
        18 => express(frame, key, NoteExpression::Tuning, value),
        _ => express(frame, key, NoteExpression::Volume, value),
    }
}

#[test]
fn a_reset_starts_from_nothing_and_panic_silences() {
    let events = random_events(3, 20_000, 200);
    let program = "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> poly 4";
    let mut host = instrument(program);
    let first = host.render_with(24_000, &events, |_| (0.0, 0.0));
    host.renderer.reset();
    let second = host.render_with(24_000, &events, |_| (0.0, 0.0));
    assert!(first.peak() > 0.01);
    assert_eq!(first.first_difference(&second), None);
    let panic = Event {
        frame: 100,
        kind: EventKind::Panic,
    };
    let mut host = instrument(LEVELS);
    let pedal = control(0, 0, 64, 1.0);
    let audio = host.render_with(1000, &[on(0, 60), pedal, panic, off(200, 60)], |_| {
        (0.0, 0.0)
    });
    // It falls to 0 in a straight line of 5 ms.
    assert_eq!(audio.left[99], 0.5);
    assert!((audio.left[220] - 0.25).abs() < 0.01, "{}", audio.left[220]);
    assert_eq!(audio.left[340], 0.0);
    // The pedal is up as well: the next note ends with its key.
    let audio = host.render_with(1000, &[on(0, 60), off(500, 60)], |_| (0.0, 0.0));
    assert_eq!((audio.left[499], audio.left[500]), (0.5, 0.0));
}

#[test]
fn controllers_move_what_reads_them_and_reset_with_all() {
    let events = [
        control(1000, 5, 7, 0.5),
        control(2000, 0, 1, 1.0),
        control(3000, 0, 121, 0.0),
    ];
    let audio = play("a: ~cc7\nb: ~cc1 >> mul 2", Cut::Every(64), 5000, &events);
    let at = [999, 1120, 1240, 2240, 3240].map(|f| audio.left[f]);
    assert_eq!(at, [0.0, 0.25, 0.5, 2.5, 0.5]);
}

#[test]
fn a_voice_that_plays_again_is_like_new() {
    // One voice, then silence, then the same voice: phases, filters, delays and lines begin anew.
    let programs = [
        "~env: ~gate >> adsr 0.01 0.05 0.5 0.1\nout: saw ~freq >> lpf 700 4 >> mul ~env >> poly 1",
        "out: squ ~freq >> delayms 7 >> lpf 900 1 >> poly 1",
        "~fb: mix ~src ~back >> delayn 900\n~back: ~fb >> mul 0.5\n~src: saw ~freq\nout: ~fb >> poly 1",
        "~fb: mix ~src ~back\n~back: ~fb >> mul 0.9\n~src: saw ~freq >> mul 0.1\nout: ~fb >> poly 1",
        "out: midi >> bd 0.05 >> poly 1",
    ];
    for program in programs {
        let later = 64 * 700;
        let events = [
            on(100, 50),
            off(9000, 50),
            on(100 + later, 50),
            off(9000 + later, 50),
        ];
        let audio = play(program, Cut::Every(512), 2 * later, &events);
        assert!(audio.peak() > 0.01, "{program}");
        let differs =
            (0..later).find(|i| audio.left[*i].to_bits() != audio.left[i + later].to_bits());
        assert_eq!(differs, None, "{program}");
    }
}

#[test]
fn a_note_after_a_long_silence_sounds_as_it_would_have_at_once() {
    // Nothing is computed while nothing sounds; the first key must find everything in place.
    let programs = [
        LEVELS,
        "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> poly 4 >> lpf 900 1",
        "out: midi >> bd 0.1 >> poly 4 >> delayms 30 >> mul ~cc1",
    ];
    let silence = 64 * 15_000;
    for program in programs {
        let events = |from: usize| {
            [
                control(from + 100, 0, 1, 1.0),
                wheel(from + 200, 0, 0.5),
                on(from + 333, 60),
                off(from + 2000, 60),
            ]
        };
        for cut in [Cut::Every(512), Cut::Random(4)] {
            let early = play(program, cut, 8000, &events(0));
            let late = play(program, cut, silence + 8000, &events(silence));
            assert!(early.peak() > 0.01, "{program}");
            let first = late.left.iter().position(|x| *x != 0.0);
            assert!(first >= Some(silence + 333), "{program}: {first:?}");
            let differs =
                (0..8000).find(|i| early.left[*i].to_bits() != late.left[i + silence].to_bits());
            assert_eq!(differs, None, "{cut:?}: {program}");
        }
    }
}

#[test]
fn two_groups_answer_the_same_keys_each_with_its_polyphony() {
    let program = "~v: ~vel >> mul ~gate\na: ~v >> poly 1\nb: ~v >> poly 8 >> mul 10";
    let events = [on(100, 60), on(200, 62), on(300, 64)];
    let audio = play(program, Cut::Every(64), 1000, &events);
    // One voice of the first group fades into the next; after 5 ms there is one of each again.
    assert_eq!([150, 999].map(|f| audio.left[f]), [5.5, 15.5]);
}

#[test]
fn nothing_a_host_may_send_makes_noise_or_trouble() {
    let mut random = Random(12);
    let mut host = instrument("out: saw ~freq >> mul ~vel >> mul ~press >> mul 0.2 >> poly 4");
    let odd = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        -1.0,
        0.0,
        1e30,
        2.0,
    ];
    let mut audio = Audio::default();
    for _ in 0..300 {
        let value = *random.pick(&odd);
        let (channel, key) = (random.below(256) as u8, random.below(256) as u8);
        let kind = match random.below(7) {
            0 => return_note(channel, key, value),
            1 => MidiEvent::PitchBend { channel, value },
            2 => MidiEvent::BendRange { semitones: value },
            3 => MidiEvent::Mpe { on: key > 128 },
            4 => MidiEvent::ChannelPressure { channel, value },
            _ => MidiEvent::Controller {
                channel,
                number: key,
                value,
            },
        };
        let event = Event {
            frame: random.below(64),
            kind: EventKind::Midi(kind),
        };
        audio.extend(&host.render_with(64, &[event], |_| (0.0, 0.0)));
    }
    assert!(audio.left.iter().all(|x| x.is_finite()));
    assert_eq!(host.snapshot().fault, None);
}

fn return_note(channel: u8, key: u8, velocity: f32) -> MidiEvent {
    let note = glisten_engine::NoteAddress::new(channel % 20, key % 140);
    MidiEvent::NoteOn { note, velocity }
}
