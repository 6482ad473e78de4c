//! P3: states survive, and bad ones change nothing.

use glisten_tests::analysis::{assert_same, peak};
use glisten_tests::fixture::{RICH_PROGRAM, fresh, param, playing};
use glisten_tests::host::{FORMATS, Host, Kind};
use glisten_tests::program_state::{self, set_program, texts, with_texts};
use glisten_tests::scenario::{MAX_FRAMES, Random, Scenario, noise};

const BROKEN: &str = "lead: sin 440 >> lfp 300\nout: ~lead >> mul";

fn scenario() -> Scenario {
    Scenario::new(24_000).input(noise(24_000, 0.4, 1))
}

fn activate(host: &mut dyn Host) {
    host.activate(48_000.0, MAX_FRAMES).expect("activates");
}

#[test]
fn a_broken_draft_comes_back_and_the_last_good_program_plays() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
        let wanted = host.render(&scenario()).audio;
        assert!(peak(&wanted) > 0.05, "the program sounds");
        let saved = with_texts(&mut *host, BROKEN, Some(RICH_PROGRAM)).expect("a state");

        let mut second = fresh(format, Kind::Effect);
        second.load_state(&saved, usize::MAX).expect("loads");
        activate(&mut *second);
        let (draft, last_good) = texts(&mut *second).expect("a state");
        assert_eq!(draft, BROKEN, "{format:?}");
        assert_eq!(last_good.as_deref(), Some(RICH_PROGRAM), "{format:?}");
        let audio = second.render(&scenario()).audio;
        assert_same(
            &audio,
            &wanted,
            &format!("{format:?}, from the first frame on"),
        );
    }
}

#[test]
fn round_trips_before_and_after_activation() {
    for format in FORMATS {
        let mut first = playing(format, Kind::Effect, RICH_PROGRAM);
        let gain = param(&mut *first, "Output gain");
        let wanted_gain = first.text_to_value(gain, "-6 dB").expect("reads -6 dB");
        first.render(&Scenario::new(2000).param(0, gain, wanted_gain));
        first.reset();
        let wanted = first.render(&scenario()).audio;
        let saved = first.save_state().expect("saves");

        let mut before = fresh(format, Kind::Effect);
        before.load_state(&saved, usize::MAX).expect("loads");
        activate(&mut *before);
        let mut after = fresh(format, Kind::Effect);
        activate(&mut *after);
        after.load_state(&saved, usize::MAX).expect("loads");
        for (host, what) in [(&mut before, "before"), (&mut after, "after")] {
            let what = format!("{format:?}, loaded {what} activation");
            assert_eq!(
                host.save_state().expect("saves"),
                saved,
                "{what}: saved again"
            );
            let value = host.param_value(gain).expect("a value");
            assert!((value - wanted_gain).abs() < 1e-6, "{what}: gain {value}");
            assert_same(&host.render(&scenario()).audio, &wanted, &what);
        }
    }
}

#[test]
fn reads_a_state_in_small_pieces() {
    let mut first = playing(
        glisten_tests::host::Format::Clap,
        Kind::Effect,
        RICH_PROGRAM,
    );
    let saved = first.save_state().expect("saves");
    for piece in [1, 3, 23, 4096] {
        let mut host = fresh(glisten_tests::host::Format::Clap, Kind::Effect);
        host.load_state(&saved, piece).expect("loads");
        assert_eq!(
            host.save_state().expect("saves"),
            saved,
            "pieces of {piece}"
        );
    }
}

/// States that are none: made from a good one in every bad way.
fn hostile(format: glisten_tests::host::Format, good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut states: Vec<(String, Vec<u8>)> = vec![
        ("empty".into(), Vec::new()),
        ("one byte".into(), vec![0x7b]),
        ("zeros".into(), vec![0; 4096]),
        ("text".into(), b"this is no state at all".to_vec()),
        (
            "huge length".into(),
            [&u64::MAX.to_le_bytes()[..], b"{}"].concat(),
        ),
    ];
    for length in [good.len() / 3, good.len() / 2, good.len() - 1] {
        states.push((format!("cut to {length} bytes"), good[..length].to_vec()));
    }
    let mut random = Random::new(1);
    for length in [8, 9, 100, 10_000] {
        let bytes = (0..length).map(|_| random.bits() as u8).collect();
        states.push((format!("{length} random bytes"), bytes));
    }
    let json = program_state::unwrap(format, good).expect("a good state");
    let (field, _) = program_state::document(&json).expect("a document");
    for document in [
        "",
        "null",
        "[]",
        "17",
        "{\"format\":99}",
        "{\"format\":1,\"draft\":5}",
    ] {
        let mut bad = json.clone();
        bad["fields"][&field] = document.into();
        states.push((
            format!("document {document:?}"),
            program_state::wrap(format, &bad),
        ));
    }
    states
}

#[test]
fn garbage_changes_nothing_and_the_plugin_plays_on() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
        let good = host.save_state().expect("saves");
        host.render(&scenario());
        host.reset();
        let wanted = host.render(&scenario()).audio;
        for (what, bytes) in hostile(format, &good) {
            // A host may be told "refused" or "loaded, but nothing in it": both leave all as it was.
            let _ = host.load_state(&bytes, 7);
            host.idle();
            let what = format!("{format:?}, {what}");
            assert_eq!(
                texts(&mut *host).expect("saves").0,
                RICH_PROGRAM,
                "{what}: draft"
            );
            host.reset();
            assert_same(&host.render(&scenario()).audio, &wanted, &what);
        }
    }
}

#[test]
fn random_damage_never_crashes() {
    let mut random = Random::new(4);
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
        let good = host.save_state().expect("saves");
        for _ in 0..200 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] = random.bits() as u8;
            }
            let _ = host.load_state(&bytes, usize::MAX);
            let rendered = host.render(&Scenario::new(512).input(noise(512, 0.4, 2)));
            assert_eq!(rendered.bad_samples, 0, "{format:?}");
        }
        host.load_state(&good, usize::MAX)
            .expect("a good state still loads");
        assert_eq!(texts(&mut *host).expect("saves").0, RICH_PROGRAM);
    }
}

#[test]
fn loads_while_audio_runs() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, "out: sin 440 >> mul 0.1");
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let long = Scenario {
            stop: Some(stop.clone()),
            ..Scenario::new(u64::MAX)
        };
        let rendered = host.render_while(&long, &mut |host, _| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            set_program(host, "out: saw 110 >> mul 0.5").expect("loads");
            host.idle();
            std::thread::sleep(std::time::Duration::from_millis(50));
            stop.store(true, std::sync::atomic::Ordering::Release);
        });
        assert_eq!(rendered.bad_samples, 0);
        let after = host.render(&Scenario::new(48_000)).audio;
        assert!(peak(&after) > 0.3, "{format:?}: the new program sounds");
    }
}

#[test]
fn opening_and_loading_marks_nothing_changed() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
        host.render(&scenario());
        host.idle();
        let requests = host.take_requests();
        assert_eq!(
            (requests.dirty, requests.wrong_thread),
            (0, 0),
            "{format:?}"
        );
    }
}

#[test]
fn a_thousand_states_with_audio_stopped_play_the_newest() {
    for format in FORMATS {
        let mut host = fresh(format, Kind::Instrument);
        activate(&mut *host);
        for i in 0..1000 {
            set_program(&mut *host, &format!("out: sin {} >> mul 0.2", 100 + i)).expect("loads");
        }
        let audio = host.render(&Scenario::new(24_000)).audio;
        let wanted = playing(format, Kind::Instrument, "out: sin 1099 >> mul 0.2")
            .render(&Scenario::new(24_000))
            .audio;
        assert_same(&audio, &wanted, &format!("{format:?}"));
    }
}
