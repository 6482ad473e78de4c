//! Eight programs in one instance, chosen by the host: automation, messages, saved states.

use std::time::{Duration, Instant};

use glisten_tests::fixture::{fresh, param};
use glisten_tests::host::{FORMATS, Format, Host, Kind};
use glisten_tests::program_state::{document, set_programs, unwrap};
use glisten_tests::scenario::{Blocks, MessageKind, Scenario};
use glisten_tests::song::Song;

/// Frames of the fade from one program to another.
const FADE: usize = 480;

const LEVELS: [&str; 3] = ["out: sig 0.25", "out: sig 0.5", "out: sig 0.125"];

/// An instrument with these programs, active.
fn with_programs(format: Format, programs: &[&str]) -> Box<dyn Host> {
    let mut host = fresh(format, Kind::Instrument);
    set_programs(&mut *host, programs).expect("programs");
    host.activate(48_000.0, 8192).expect("activates");
    host
}

/// Parameter value that chooses a program, from 0.
fn value_of(program: u8) -> f64 {
    f64::from(program) / 7.0
}

fn assert_change(audio: &[[f32; 2]], at: usize, from: f32, to: f32, what: &str) {
    for (i, sample) in audio.iter().enumerate() {
        let weight = ((i as f32 - at as f32) / FADE as f32).clamp(0.0, 1.0);
        let expected = from + (to - from) * weight;
        assert_eq!(*sample, [expected; 2], "{what}: frame {i}");
    }
}

#[test]
fn automation_changes_the_program_on_its_frame_at_every_block_size() {
    for format in FORMATS {
        for blocks in Blocks::all() {
            for at in [1, 63, 64, 1111] {
                let mut host = with_programs(format, &LEVELS);
                let (program, launch) = (param(&mut *host, "Program"), param(&mut *host, "Launch"));
                // "At once" is the first launch point.
                let scenario = Scenario::new(3000)
                    .blocks(blocks.clone())
                    .song(Song::playing(0.5, 120.0))
                    .param(0, launch, 0.0)
                    .param(at, program, value_of(1));
                let audio = host.render(&scenario).audio;
                let what = format!("{format:?} {blocks:?} at {at}");
                assert_change(&audio, at as usize, 0.25, 0.5, &what);
            }
        }
    }
}

#[test]
fn the_launch_point_is_the_grid_of_changes() {
    for format in FORMATS {
        let mut host = with_programs(format, &LEVELS);
        let program = param(&mut *host, "Program");
        // The next bar, as a new instance has it: beat 4 is 3000 frames after beat 3.875.
        let scenario = Scenario::new(5000)
            .blocks(Blocks::Fixed(333))
            .song(Song::playing(3.875, 120.0))
            .param(700, program, value_of(2));
        let audio = host.render(&scenario).audio;
        assert_change(&audio, 3000, 0.25, 0.125, &format!("{format:?}"));
    }
}

#[test]
fn a_program_change_message_changes_the_program_on_its_frame() {
    // In VST3 hosts turn such messages into something of their own; there the parameter is for it.
    let mut host = with_programs(Format::Clap, &LEVELS);
    let launch = param(&mut *host, "Launch");
    let scenario = Scenario::new(3000)
        .blocks(Blocks::Fixed(512))
        .param(0, launch, 0.0)
        .message(1234, 5, MessageKind::Program(1));
    assert_change(&host.render(&scenario).audio, 1234, 0.25, 0.5, "1");
    // There are eight programs; other numbers change nothing.
    let scenario = Scenario::new(3000).message(10, 0, MessageKind::Program(8));
    assert_change(&host.render(&scenario).audio, 0, 0.5, 0.5, "8");
}

#[test]
fn eight_programs_and_the_chosen_one_survive_in_a_project() {
    let texts: Vec<String> = (1..=8).map(|i| format!("out: sig 0.0{i}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for format in FORMATS {
        let mut host = with_programs(format, &texts);
        let (program, launch) = (param(&mut *host, "Program"), param(&mut *host, "Launch"));
        let scenario = Scenario::new(2000)
            .param(0, launch, 0.0)
            .param(0, program, value_of(6));
        assert_eq!(host.render(&scenario).audio[1999], [0.07; 2], "{format:?}");
        let state = host.save_state().expect("saves");

        let mut host = fresh(format, Kind::Instrument);
        host.load_state(&state, usize::MAX).expect("loads");
        let value = host.param_value(program).expect("a value");
        assert!((value - value_of(6)).abs() < 1e-6, "{format:?}: {value}");
        host.activate(48_000.0, 8192).expect("activates");
        // At full level from the first frame on.
        let audio = host.render(&Scenario::new(2000)).audio;
        assert_change(&audio, 0, 0.07, 0.07, &format!("{format:?}"));
        let again = unwrap(format, &host.save_state().expect("saves")).expect("a state");
        let (_, document) = document(&again).expect("a document");
        assert_eq!(document["draft"], texts[0]);
        for (i, text) in texts.iter().enumerate().skip(1) {
            assert_eq!(
                document["programs"][i - 1]["last_good"],
                **text,
                "{format:?}"
            );
        }
    }
}

#[test]
fn the_parameter_follows_a_program_change_message_into_the_project() {
    let mut host = with_programs(Format::Clap, &LEVELS);
    let (program, launch) = (param(&mut *host, "Program"), param(&mut *host, "Launch"));
    let scenario = Scenario::new(3000)
        .param(0, launch, 0.0)
        .message(100, 0, MessageKind::Program(1))
        .message(1234, 0, MessageKind::Program(2));
    assert_eq!(host.render(&scenario).audio[2999], [0.125; 2]);
    let follows = |host: &mut dyn Host, wanted: u8| {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            host.idle();
            let value = host.param_value(program).expect("a value");
            if (value - value_of(wanted)).abs() < 1e-6 {
                return;
            }
            assert!(Instant::now() < deadline, "{value}, not {wanted}");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    follows(&mut *host, 2);
    // Its words are still those of the framework and of its own reader.
    assert_eq!(
        host.value_to_text(program, value_of(2)).as_deref(),
        Some("3")
    );
    let value = host.text_to_value(program, "program 2").expect("a value");
    assert!((value - value_of(1)).abs() < 1e-6, "{value}");
    // Following asks for nothing.
    assert_change(
        &host.render(&Scenario::new(2000)).audio,
        0,
        0.125,
        0.125,
        "followed",
    );
    let state = host.save_state().expect("saves");

    let mut again = fresh(Format::Clap, Kind::Instrument);
    again.load_state(&state, usize::MAX).expect("loads");
    again.activate(48_000.0, 8192).expect("activates");
    assert_change(
        &again.render(&Scenario::new(2000)).audio,
        0,
        0.125,
        0.125,
        "loaded",
    );

    // The parameter counts where the host moves it after a message.
    let scenario = Scenario::new(3000)
        .message(0, 0, MessageKind::Program(1))
        .param(1, program, value_of(0));
    assert_eq!(host.render(&scenario).audio[2999], [0.25; 2]);
    follows(&mut *host, 0);
    assert_change(
        &host.render(&Scenario::new(2000)).audio,
        0,
        0.25,
        0.25,
        "moved",
    );
}
