//! Programs that nobody can hear are left uncomputed: when they fall asleep, what wakes them, and
//! that nothing else tells it.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::{Audio, Cut, Host, Random};
use glisten_engine::{Event, EventKind, Kind, MidiEvent, NoteAddress};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const CUTS: [Cut; 6] = [
    Cut::Every(1),
    Cut::Every(7),
    Cut::Every(64),
    Cut::Every(4096),
    Cut::Random(8),
    Cut::Random(9),
];

/// Noise for 0.2 s in every 12 s, beginning on an odd frame.
fn bursts(frame: u64) -> (f32, f32) {
    let at = frame % 576_000;
    if !(3_333..12_933).contains(&at) {
        return (0.0, 0.0);
    }
    let mut random = Random(frame);
    (random.signal() * 0.5, random.signal() * 0.5)
}

/// A program with something beside it that never sleeps and adds exactly nothing.
fn sleepless(program: &str) -> String {
    format!("{program}\nzzz: noiz 1 >> pulse >> mul 0")
}

fn seconds(host: &mut Host, seconds: f64) -> Audio {
    let frames = (seconds * host.rate) as usize;
    host.render_with(frames, &[], bursts)
}

/// Renders silence while the song stands at a beat.
fn standing(host: &mut Host, beat: f64, seconds: f64) {
    host.playing = false;
    for _ in 0..(seconds * host.rate / 512.0) as usize {
        host.start_beat = 0.0;
        host.start_beat = beat - host.beats();
        let _ = host.render(512);
    }
}

/// Whether a program is asleep after 11.9 s, of which the last 11.6 s were silent.
fn sleeps(program: &str, playing: bool) -> bool {
    let mut host = Host::playing(program);
    if playing {
        let _ = seconds(&mut host, 11.9);
    } else {
        standing(&mut host, 0.7, 11.9);
    }
    host.snapshot().asleep
}

const EFFECTS: [&str; 10] = [
    "out: ~input",
    "out: ~input >> lpf 900 2 >> hpf 100 1 >> mul 0.5",
    "out: ~input >> delayms 300 >> plate 0.3",
    "out: ~input >> echo 1/8. 0.5 0.4 >> tanh 2",
    "~d: ~input >> add ~f >> delayms 250\n~f: ~d >> mul 0.6\nout: ~d",
    "~a: ~input >> add ~a >> mul 0.5\nout: ~a",
    "out: ~input >> chorus 0.7 4 0.5 >> phaser 0.3 0.7 0.4 0.5 >> flanger 0.21",
    "~lfo: sin 2.7 >> mul 0.4 >> add 0.5\nout: ~input >> mul ~lfo",
    "~cut: lfo 1/2 >> mul 800 >> add 900\nout: ~input >> lpf ~cut 3 >> pan ~p\n~p: tri 0.77",
    "~side: ~sidechain >> follow 5 150\nout: ~input >> compress -30 4 5 120 >> duck ~side 0.5 100",
];

#[test]
fn a_sleeping_effect_gives_what_a_sleepless_one_gives() {
    for program in EFFECTS {
        let mut host = Host::playing(program);
        let mut other = Host::playing(&sleepless(program));
        let (mut slept, mut worst) = (0, 0.0_f32);
        for _ in 0..340 {
            let (a, b) = (seconds(&mut host, 0.1), seconds(&mut other, 0.1));
            slept += usize::from(host.snapshot().asleep);
            assert!(!other.snapshot().asleep);
            for (x, y) in a
                .left
                .iter()
                .zip(&b.left)
                .chain(a.right.iter().zip(&b.right))
            {
                worst = worst.max((x - y).abs());
            }
        }
        println!("asleep for {slept} of 340 tenths, worst {worst:e}: {program}");
        assert!(slept > 10, "{slept}: {program}");
        assert!(worst <= 1e-6, "{worst}: {program}");
    }
}

#[test]
fn cuts_do_not_decide_when_it_sleeps() {
    let events = [
        Event {
            frame: 599_999,
            kind: EventKind::OutputGain(0.5),
        },
        Event {
            frame: 640_001,
            kind: EventKind::Panic,
        },
    ];
    for program in EFFECTS {
        let run = |cut| {
            let mut host = Host::playing(program).with_cut(cut);
            host.render_with(700_000, &events, bursts)
        };
        let want = run(Cut::Every(512));
        for cut in CUTS {
            let difference = want.first_difference(&run(cut));
            assert_eq!(difference, None, "{cut:?} {program}");
        }
    }
}

#[test]
fn what_moves_by_itself_never_sleeps() {
    for program in [
        "out: sin 440 >> mul 0",
        "out: ~input >> mul ~n\n~n: pink",
        "~n: noiz 1 >> mul 0.0000001\nout: mix ~input ~n",
        // The speed of the modulator moves: it cannot be told how far it would have turned.
        "~lfo: sin ~rate\n~rate: sin 0.1 >> add 2\nout: ~input >> mul ~lfo",
        "out: meta `output.pad(128, 0.0); output`",
        "out: imp 0.01 >> bd 0.2",
        // It goes round for ever, audible or not.
        "~d: ~input >> add ~f >> delayms 250\n~f: ~d >> mul 1.0\nout: ~d",
        "~d: ~input >> add ~f >> delayms 250\n~f: ~d >> mul 1.0\nout: ~d >> mul 0",
        "~a: ~input >> add ~a\nout: ~a >> mul 0",
        // A standing offset is not silence.
        "out: sig 0.5",
    ] {
        let mut host = Host::playing(program).without_guard();
        for _ in 0..20 {
            let _ = seconds(&mut host, 1.0);
            assert!(!host.snapshot().asleep, "{program}");
        }
    }
}

#[test]
fn patterns_sleep_while_the_song_stands() {
    for program in [
        "out: seq 60 _ 67 60 >> bd 0.2",
        "~e: seq 60 >> adsr 0.01 0.1 0.5 0.3\nout: ~input >> mul ~e",
        "a: eu 3 8 >> sp \\bd\nb: speed 2 >> seq ~a ~a >> trisynth 0.01 0.1\n~a: choose 60 62",
        "melody: seq 60 62 >> notes 1",
        "out: p_synth `0 60, 1/2 64`",
    ] {
        assert!(sleeps(program, false), "{program}");
        assert!(!sleeps(program, true), "{program}");
    }
}

#[test]
fn a_song_that_starts_misses_no_trigger() {
    let program = "a: seq 60 _67 _ 60_60 >> bd 0.2\nb: seq _ 60 62_ >> sn 0.1 >> plate 0.1\n\
                   c: speed 2 >> seq 60 67 >> trisynth 0.01 0.1";
    let mut host = Host::playing(program);
    standing(&mut host, 0.9, 12.0);
    assert!(host.snapshot().asleep);
    host.playing = true;
    host.start_beat += 1.3 - host.beats();
    let woken = host.render(96_000);
    let mut other = Host::playing(&sleepless(program));
    standing(&mut other, 0.9, 12.0);
    other.playing = true;
    other.start_beat = host.start_beat;
    let want = other.render(96_000);
    assert_eq!(woken.first_difference(&want), None);
    assert!(want.peak() > 0.1);
}

#[test]
fn keys_wake_an_instrument_on_their_frame() {
    let program = "~env: ~gate >> adsr 0.001 0.1 0.5 0.05\nout: saw ~freq >> mul ~env >> poly 4 >> \
                   mul 0.3 >> plate 0.1";
    let note = |frame, on| {
        let note = NoteAddress::new(0, 60);
        let kind = if on {
            MidiEvent::NoteOn {
                note,
                velocity: 0.8,
            }
        } else {
            MidiEvent::NoteOff { note }
        };
        Event {
            frame,
            kind: EventKind::Midi(kind),
        }
    };
    let events = [
        note(1_001, true),
        note(9_000, false),
        note(700_013, true),
        note(710_000, false),
    ];
    let run = |program: &str| {
        let mut host = Host::new(Kind::Instrument);
        host.evaluate(program);
        let before = host.render_with(700_000, &events[..2], |_| (0.0, 0.0));
        let asleep = host.snapshot().asleep;
        let late = [note(13, true), note(10_000, false)];
        let mut audio = before;
        audio.extend(&host.render_with(40_000, &late, |_| (0.0, 0.0)));
        (audio, asleep)
    };
    let (audio, asleep) = run(program);
    let (want, awake) = run(&sleepless(program));
    assert!(asleep && !awake);
    let worst = audio
        .left
        .iter()
        .zip(&want.left)
        .map(|(x, y)| (x - y).abs());
    let worst = worst.fold(0.0, f32::max);
    assert!(worst <= 1e-6, "{worst}");
    let second = audio.left[700_000..].iter().position(|x| x.abs() > 1e-4);
    assert!(
        second.is_some_and(|at| (13..80).contains(&at)),
        "{second:?}"
    );
}

#[test]
fn an_edit_a_panic_and_a_tempo_wake_it_for_a_while() {
    let mut host = Host::playing("out: ~input >> delayms 1/8 >> mul 0.5");
    // The line of a time that moves holds more than 8 s.
    let asleep = |host: &mut Host| {
        let _ = host.render(64);
        host.snapshot().asleep
    };
    let _ = host.seconds(16.0);
    assert!(asleep(&mut host));
    host.tempo_bpm = 121.0;
    assert!(!asleep(&mut host));
    let _ = host.seconds(16.0);
    assert!(asleep(&mut host));
    host.evaluate("out: ~input >> delayms 1/8 >> mul 0.4");
    assert!(!asleep(&mut host));
    let _ = host.seconds(16.0);
    assert!(asleep(&mut host));
    let panic = [Event {
        frame: 0,
        kind: EventKind::Panic,
    }];
    let _ = host.render_with(64, &panic, |_| (0.0, 0.0));
    assert!(!host.snapshot().asleep);
    let _ = host.seconds(16.0);
    assert!(asleep(&mut host));
    // A jump of the song does not concern it.
    host.start_beat += 7.7;
    assert!(asleep(&mut host));
    let _ = host.render_with(1, &[], |_| (1e-30, 0.0));
    assert!(!host.snapshot().asleep);
}

#[test]
fn a_sleeper_in_bypass_passes_its_input() {
    let mut host = Host::playing("out: ~input >> mul 0.25");
    let _ = host.seconds(6.0);
    assert!(host.snapshot().asleep);
    let bypass = |on| Event {
        frame: 100,
        kind: EventKind::Bypass(on),
    };
    let input = |f: u64| if f < 300_000 { (0.0, 0.0) } else { (0.5, -0.5) };
    let _ = host.render_with(1_000, &[bypass(true)], input);
    assert!(host.snapshot().asleep);
    let audio = host.render_with(100_000, &[], input);
    for (i, x) in audio.left.iter().enumerate() {
        assert_eq!(*x, input(289_000 + i as u64).0);
    }
    let audio = host.render_with(1_000, &[bypass(false)], input);
    assert_eq!((audio.left[99], audio.left[999]), (0.5, 0.125));
}
