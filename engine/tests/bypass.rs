//! Bypass and panic: no click, no stuck note, and the program goes on where the song is.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::{Audio, Cut, Host};
use glisten_engine::{Event, EventKind, Kind, MidiEvent, NoteAddress};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn event(frame: usize, kind: EventKind) -> Event {
    Event { frame, kind }
}

fn key(frame: usize, key: u8, on: bool) -> Event {
    let note = NoteAddress::new(0, key);
    let kind = if on {
        MidiEvent::NoteOn {
            note,
            velocity: 1.0,
        }
    } else {
        MidiEvent::NoteOff { note }
    };
    event(frame, EventKind::Midi(kind))
}

/// A sine of 130 Hz at half of full scale.
fn tone(frame: u64) -> (f32, f32) {
    let x = 0.5 * (std::f64::consts::TAU * 130.0 * frame as f64 / 48_000.0).sin() as f32;
    (x, -x)
}

fn largest_step(audio: &Audio) -> f32 {
    let steps = |x: &[f32]| {
        x.windows(2)
            .map(|w| (w[1] - w[0]).abs())
            .fold(0.0, f32::max)
    };
    steps(&audio.left).max(steps(&audio.right))
}

#[test]
fn bypass_makes_no_step() {
    let program = "out: sin 97 >> mul 0.5 >> pan 0.3";
    let events = [
        event(5_001, EventKind::Bypass(true)),
        event(9_100, EventKind::Bypass(false)),
        // Back before the fade is over.
        event(12_000, EventKind::Bypass(true)),
        event(12_100, EventKind::Bypass(false)),
    ];
    // Each signal's own step, and the difference of both, at most 1, over 10 ms.
    let own = 0.5 * std::f32::consts::TAU * 130.0 / 48_000.0;
    let most = own + 1.0 / 480.0 + 1e-5;
    for kind in [Kind::Effect, Kind::Instrument] {
        let mut host = Host::new(kind);
        host.evaluate(program);
        let step = largest_step(&host.render_with(20_000, &events, tone));
        println!("{kind:?}: largest step {step:.5}, allowed {most:.5}");
        assert!(step <= most && step > 0.004, "{kind:?} {step}");
    }
}

#[test]
fn a_program_goes_on_in_bypass() {
    let program = "a: speed 3 >> seq 60 _62 67_70 >> sawsynth 0.01 0.1 >> plate 0.2 >> mul 0.3\n\
                   b: ~input >> delayms 200 >> mul 0.3";
    let events = [
        event(30_000, EventKind::Bypass(true)),
        event(130_003, EventKind::Bypass(false)),
    ];
    let audio = Host::playing(program).render_with(200_000, &events, tone);
    let want = Host::playing(program).render_with(200_000, &[], tone);
    assert_eq!(audio.left[130_483..], want.left[130_483..]);
    assert_eq!(audio.right[130_483..], want.right[130_483..]);
    for f in 30_480..130_003 {
        assert_eq!((audio.left[f], audio.right[f]), tone(f as u64), "{f}");
    }
}

const KEYS: &str =
    "~env: ~gate >> adsr 0.005 0.1 0.7 0.05\nout: sin ~freq >> mul ~env >> poly 8 >> mul 0.2";

#[test]
fn notes_end_and_begin_in_bypass() {
    let events = [
        key(1_000, 60, true),
        key(1_000, 64, true),
        event(5_000, EventKind::Bypass(true)),
        key(9_000, 60, false),
        key(9_000, 64, false),
        key(12_000, 72, true),
        event(40_000, EventKind::Bypass(false)),
        key(60_000, 72, false),
    ];
    let mut host = Host::new(Kind::Instrument);
    host.evaluate(KEYS);
    let audio = host.render_with(90_000, &events, |_| (0.0, 0.0));
    assert!(audio.left[5_480..40_000].iter().all(|x| *x == 0.0));
    // Only the key that is still down sounds.
    let mut other = Host::new(Kind::Instrument);
    other.evaluate(KEYS);
    let want = other.render_with(90_000, &[events[5], events[7]], |_| (0.0, 0.0));
    let far = |(x, y): (&f32, &f32)| (x - y).abs() > 1e-6;
    let pairs = audio.left[40_480..].iter().zip(&want.left[40_480..]);
    assert_eq!(pairs.clone().position(far), None);
    assert!(want.left[40_480..].iter().any(|x| x.abs() > 0.1));
    assert!(audio.left[80_000..].iter().all(|x| x.abs() < 1e-6));
}

#[test]
fn a_panic_silences_everything_without_a_click() {
    let program = format!(
        "{KEYS} >> plate 0.5\n~d: ~input >> add ~f >> delayms 100\n~f: ~d >> mul 1.0\necho: ~d"
    );
    let input = |f: u64| if f < 9_000 { tone(f) } else { (0.0, 0.0) };
    for frame in [30_000, 30_007] {
        let events = [
            key(1_000, 60, true),
            key(2_000, 67, true),
            event(frame, EventKind::Panic),
        ];
        let run = |cut| {
            let mut host = Host::new(Kind::Effect).with_cut(cut);
            host.evaluate(&program);
            (host.render_with(60_000, &events, input), host)
        };
        let (audio, mut host) = run(Cut::Every(512));
        let end = frame + 240;
        assert!(audio.left[frame - 500..frame].iter().any(|x| x.abs() > 0.1));
        assert!(
            audio.left[end..]
                .iter()
                .chain(&audio.right[end..])
                .all(|x| *x == 0.0)
        );
        let after = Audio {
            left: audio.left[frame - 1..].to_vec(),
            right: audio.right[frame - 1..].to_vec(),
        };
        // What sounded, at most 1.2, in 240 frames.
        let step = largest_step(&after);
        println!("largest step {step:.5} in the fall");
        assert!(step <= 1.2 / 240.0, "{step}");
        let (same, _) = run(Cut::Random(4));
        assert_eq!(audio.first_difference(&same), None);
        // Keys play again.
        let again = host.render_with(9_000, &[key(0, 62, true)], |_| (0.0, 0.0));
        assert!(again.peak() > 0.05);
    }
}
