//! Keys, wheels and expressions: from the host's events to sound, on the exact frame.

use glisten_tests::analysis::assert_same;
use glisten_tests::fixture::{fresh, param, playing};
use glisten_tests::host::{FORMATS, Format, Host, Kind};
use glisten_tests::performance::performance;
use glisten_tests::program_state::set_program;
use glisten_tests::scenario::{
    Blocks, Expression, MAX_FRAMES, MessageKind, Note, Random, Scenario,
};
use glisten_tests::song::Song;

/// A pulse on the frame of each note-on; 0.1 at middle C.
const PULSES: &str = "out: midi >> mul 0.1 >> poly 16";

/// While a key is held: a tenth of its velocity.
const LEVEL: &str = "out: ~gate >> mul ~vel >> mul 0.1 >> poly 16";

fn on(key: u8, velocity: f64) -> MessageKind {
    MessageKind::On {
        key,
        id: None,
        velocity,
    }
}

fn off(key: u8) -> MessageKind {
    MessageKind::Off { key, id: None }
}

/// A tenth, times two to the power of the octaves above middle C.
fn pulse(key: u8) -> f32 {
    0.1 * ((f32::from(key) - 60.0) / 12.0).exp2()
}

fn left(audio: &[[f32; 2]]) -> Vec<f32> {
    audio.iter().map(|sample| sample[0]).collect()
}

/// The output at a frame, which both sides share.
fn at(audio: &[[f32; 2]], frame: usize) -> f32 {
    let sample = audio[frame];
    assert_eq!(sample[0], sample[1], "both sides at {frame}");
    sample[0]
}

fn assert_near(found: f32, expected: f32, what: &str) {
    let error = (found - expected).abs();
    assert!(error < 1e-6, "{what}: {found} instead of {expected}");
}

#[test]
fn a_note_sounds_on_its_frame_at_every_block_size() {
    const FRAMES: u64 = 40_000;
    let mut random = Random::new(1);
    let mut frames = vec![0, 1, 6, 7, 63, 64, 65, 511, 512, 8191, 8192, FRAMES - 1];
    frames.extend((0..40).map(|_| random.below(FRAMES)));
    frames.sort_unstable();
    frames.dedup();
    let mut blocks = Blocks::all();
    blocks.push(Blocks::Fixed(8192));
    for format in FORMATS {
        for blocks in &blocks {
            let mut scenario = Scenario::new(FRAMES).blocks(blocks.clone());
            let mut expected = vec![0.0; FRAMES as usize];
            for (i, frame) in frames.iter().enumerate() {
                let key = 36 + (i % 48) as u8;
                scenario = scenario.message(*frame, (i % 16) as u8, on(key, 0.7));
                expected[*frame as usize] = pulse(key);
            }
            let mut host = fresh(format, Kind::Instrument);
            set_program(&mut *host, PULSES).expect("a program");
            host.activate(48_000.0, 8192).expect("activates");
            let audio = host.render(&scenario).audio;
            for (i, (found, expected)) in left(&audio).iter().zip(&expected).enumerate() {
                assert_near(
                    *found,
                    *expected,
                    &format!("{format:?} {blocks:?} frame {i}"),
                );
            }
        }
    }
}

#[test]
fn a_chord_on_one_frame_has_all_its_notes() {
    for format in FORMATS {
        let keys = [48, 60, 64, 67, 72];
        let mut scenario = Scenario::new(2000).blocks(Blocks::Fixed(300));
        for key in keys {
            scenario = scenario.message(777, 0, on(key, 1.0));
        }
        let mut host = playing(format, Kind::Instrument, PULSES);
        let audio = host.render(&scenario).audio;
        let sum: f32 = keys.map(pulse).iter().sum();
        assert_near(at(&audio, 777), sum, &format!("{format:?}"));
        let others = left(&audio);
        let silent = others
            .iter()
            .enumerate()
            .all(|(i, x)| i == 777 || *x == 0.0);
        assert!(silent, "{format:?}");
    }
}

#[test]
fn velocity_and_note_offs_count_on_their_frames() {
    for format in FORMATS {
        for blocks in [
            Blocks::Fixed(1),
            Blocks::Fixed(512),
            Blocks::Random { seed: 4, max: 900 },
        ] {
            let scenario = Scenario::new(6000)
                .blocks(blocks.clone())
                .message(100, 0, on(60, 0.5))
                .message(1000, 0, on(64, 1.0))
                .message(2001, 0, off(60))
                .message(3003, 0, off(64));
            let mut host = playing(format, Kind::Instrument, LEVEL);
            let audio = host.render(&scenario).audio;
            let steps = [
                (0, 100, 0.0),
                (100, 1000, 0.05),
                (1000, 2001, 0.15),
                (2001, 3003, 0.1),
                (3003, 6000, 0.0),
            ];
            for (from, to, level) in steps {
                for frame in from..to {
                    let what = format!("{format:?} {blocks:?} frame {frame}");
                    assert_near(at(&audio, frame), level, &what);
                }
            }
        }
    }
}

#[test]
fn a_key_struck_again_while_it_sounds_and_a_stray_note_off_leave_nothing_behind() {
    for format in FORMATS {
        let scenario = Scenario::new(8000)
            .message(10, 0, off(60))
            .message(100, 0, on(60, 1.0))
            .message(500, 0, on(60, 1.0))
            .message(900, 0, off(60))
            .message(901, 0, off(60));
        let mut host = playing(format, Kind::Instrument, LEVEL);
        let audio = host.render(&scenario).audio;
        assert_near(at(&audio, 890), 0.1, &format!("{format:?}: one note"));
        assert!(
            audio[1500..].iter().all(|s| *s == [0.0; 2]),
            "{format:?}: silence behind it"
        );
    }
}

/// What a program gives after these messages, when all has settled.
fn settled(
    host: &mut dyn Host,
    program: &str,
    params: &[(&str, f64)],
    messages: &[(u8, MessageKind)],
) -> f32 {
    set_program(host, program).expect("a program");
    host.activate(48_000.0, MAX_FRAMES).expect("activates");
    let mut scenario = Scenario::new(9600).blocks(Blocks::Fixed(333));
    for (name, value) in params {
        let id = param(host, name);
        scenario = scenario.param(0, id, *value);
    }
    for (i, (channel, kind)) in messages.iter().enumerate() {
        scenario = scenario.message(100 + 50 * i as u64, *channel, *kind);
    }
    let audio = host.render(&scenario).audio;
    host.deactivate();
    at(&audio, 9599)
}

const ID: i32 = 77;

fn numbered(key: u8) -> MessageKind {
    MessageKind::On {
        key,
        id: Some(ID),
        velocity: 1.0,
    }
}

fn express(kind: Expression, value: f64) -> MessageKind {
    MessageKind::Expression {
        key: 60,
        id: ID,
        kind,
        value,
    }
}

#[test]
fn note_expressions_of_both_formats_reach_their_note() {
    let hear = |format: Format, program: &str, kind: Expression, value: f64| {
        let mut host = fresh(format, Kind::Instrument);
        let messages = [(3, numbered(60)), (3, express(kind, value))];
        settled(&mut *host, program, &[], &messages)
    };
    for format in FORMATS {
        let note = "out: ~note >> mul 0.01 >> poly 4";
        let timbre = "out: ~timbre >> mul 0.5 >> poly 4";
        let press = "out: ~press >> mul 0.5 >> poly 4";
        let near = |found: f32, expected: f32, what: &str| {
            let error = (found - expected).abs();
            // VST3 holds a tuning of ±120 semitones in one number from 0 to 1.
            assert!(
                error < 1e-5,
                "{format:?} {what}: {found} instead of {expected}"
            );
        };
        near(hear(format, note, Expression::Tuning, 0.5), 0.605, "tuning");
        near(hear(format, note, Expression::Tuning, -7.0), 0.53, "tuning");
        near(
            hear(format, timbre, Expression::Brightness, 0.8),
            0.4,
            "timbre",
        );
        near(
            hear(format, timbre, Expression::Expression, 0.8),
            hear(format, timbre, Expression::Pressure, 0.3),
            "expression is no timbre",
        );
        near(
            hear(format, press, Expression::Pressure, 0.3),
            0.15,
            "pressure",
        );
        near(hear(format, LEVEL, Expression::Volume, 0.5), 0.05, "volume");
    }
}

#[test]
fn an_expression_is_for_its_note_alone() {
    for format in FORMATS {
        let mut host = fresh(format, Kind::Instrument);
        let other = MessageKind::On {
            key: 72,
            id: Some(5),
            velocity: 1.0,
        };
        let messages = [
            (0, numbered(60)),
            (0, other),
            (0, express(Expression::Volume, 0.0)),
        ];
        let level = settled(&mut *host, LEVEL, &[], &messages);
        assert_near(level, 0.1, &format!("{format:?}"));
    }
}

#[test]
fn wheels_pedals_and_controllers_reach_the_instrument() {
    for format in FORMATS {
        let hear = |program: &str, params: &[(&str, f64)], messages: &[(u8, MessageKind)]| {
            settled(
                &mut *fresh(format, Kind::Instrument),
                program,
                params,
                messages,
            )
        };
        let near = |found: f32, expected: f32, what: &str| {
            assert_near(found, expected, &format!("{format:?} {what}"));
        };
        let bend = "out: ~bend >> mul 0.01 >> poly 4";
        let up = (4, MessageKind::Bend(1.0));
        let down = (4, MessageKind::Bend(-1.0));
        let rest = (4, MessageKind::Bend(0.0));
        let key = (4, on(60, 1.0));
        near(hear(bend, &[], &[key, up]), 0.02, "two semitones up");
        near(hear(bend, &[], &[down, key]), -0.02, "bent before the note");
        near(hear(bend, &[], &[key, up, rest]), 0.0, "at rest");
        let other = (5, MessageKind::Bend(1.0));
        near(hear(bend, &[], &[key, other]), 0.0, "another channel");
        let wide = [("Pitch bend range", 0.25)];
        near(hear(bend, &wide, &[key, up]), 0.12, "twelve semitones");
        let mpe = [("MPE", 1.0)];
        near(hear(bend, &mpe, &[key, up]), 0.48, "MPE: 48 semitones");

        let press = "out: ~press >> mul 0.5 >> poly 4";
        let pressure = (4, MessageKind::Pressure(1.0));
        near(hear(press, &[], &[key, pressure]), 0.5, "channel pressure");

        let controller = |number, value| (0, MessageKind::Controller { number, value });
        let cc = "out: ~cc74 >> mul 0.5";
        near(hear(cc, &[], &[controller(74, 1.0)]), 0.5, "controller");
        near(hear(cc, &[], &[controller(75, 1.0)]), 0.0, "another one");

        let pedal = |value| (4, MessageKind::Controller { number: 64, value });
        let released = (4, off(60));
        near(
            hear(LEVEL, &[], &[key, pedal(1.0), released]),
            0.1,
            "the pedal holds",
        );
        near(
            hear(LEVEL, &[], &[key, pedal(1.0), released, pedal(0.0)]),
            0.0,
            "and lets go",
        );
    }
}

#[test]
fn the_effect_hears_notes_too() {
    for format in FORMATS {
        let scenario = Scenario::new(2000)
            .message(100, 0, on(60, 1.0))
            .message(1500, 0, off(60));
        let mut host = playing(format, Kind::Effect, LEVEL);
        let audio = host.render(&scenario).audio;
        assert_near(at(&audio, 99), 0.0, "before");
        assert_near(at(&audio, 100), 0.1, "on");
        assert_near(at(&audio, 1500), 0.0, "off");
    }
}

#[test]
fn a_choked_note_is_gone_within_five_milliseconds() {
    // VST3 has no such event.
    let choke = MessageKind::Choke { key: 60, id: None };
    let scenario = Scenario::new(3000)
        .message(100, 0, on(60, 1.0))
        .message(110, 0, on(64, 1.0))
        .message(1000, 0, choke);
    let mut host = playing(Format::Clap, Kind::Instrument, LEVEL);
    let audio = host.render(&scenario).audio;
    assert_near(at(&audio, 999), 0.2, "before");
    assert!(at(&audio, 1120) < 0.19 && at(&audio, 1120) > 0.11, "fading");
    assert_near(at(&audio, 1241), 0.1, "the other one goes on");
}

#[test]
fn a_performance_sounds_the_same_in_both_formats_and_at_every_block_size() {
    const FRAMES: u64 = 48_000;
    let program = "\
~env: ~gate >> adsr 0.003 0.05 0.6 0.02
out: tri ~freq >> mul ~env >> mul ~vel >> lpf ~cut 1 >> poly 6 >> mul ~wheel
~cut: ~timbre >> mul 3000 >> add ~tilt
~tilt: ~press >> mul 900 >> add 400
~wheel: ~cc1 >> mul 0.1 >> add 0.1
";
    let play = |format, blocks: Blocks| {
        let scenario = performance(FRAMES).blocks(blocks);
        playing(format, Kind::Instrument, program)
            .render(&scenario)
            .audio
    };
    let reference = play(Format::Clap, Blocks::Fixed(512));
    let loudest = reference.iter().fold(0.0f32, |m, s| m.max(s[0].abs()));
    assert!(loudest > 0.05, "it sounds: {loudest}");
    for format in FORMATS {
        for blocks in [
            Blocks::Fixed(1),
            Blocks::Fixed(7),
            Blocks::Fixed(64),
            Blocks::Fixed(MAX_FRAMES),
            Blocks::Random {
                seed: 5,
                max: MAX_FRAMES,
            },
        ] {
            let what = format!("{format:?} {blocks:?}");
            assert_same(&play(format, blocks), &reference, &what);
        }
    }
}

#[test]
fn ten_thousand_events_on_one_frame_leave_no_note_behind() {
    for format in FORMATS {
        let mut scenario = Scenario::new(16_000);
        for i in 0..5000u32 {
            let (key, channel) = ((i % 128) as u8, (i / 128 % 16) as u8);
            scenario = scenario.message(1000, channel, on(key, 1.0));
        }
        for i in 0..5000u32 {
            let (key, channel) = ((i % 128) as u8, (i / 128 % 16) as u8);
            scenario = scenario.message(1000, channel, off(key));
        }
        let mut host = playing(format, Kind::Instrument, LEVEL);
        let audio = host.render(&scenario).audio;
        let tail = &audio[8000..];
        assert!(tail.iter().all(|s| *s == [0.0; 2]), "{format:?}");
    }
}

#[test]
fn keys_released_in_bypass_are_silent_after_it() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Instrument, LEVEL);
        let bypass = param(&mut *host, "Bypass");
        let scenario = Scenario::new(20_000)
            .blocks(Blocks::Random { seed: 6, max: 700 })
            .message(100, 0, on(60, 1.0))
            .message(150, 0, on(64, 1.0))
            .message(5000, 0, off(60))
            .param(3000, bypass, 1.0)
            .param(8000, bypass, 0.0);
        let audio = host.render(&scenario).audio;
        assert_near(at(&audio, 2999), 0.2, "two keys");
        assert!(audio[3480..8000].iter().all(|s| *s == [0.0; 2]), "bypassed");
        assert_near(at(&audio, 19_999), 0.1, "the key that is still held");
    }
}

#[test]
fn a_reset_ends_what_is_held() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Instrument, LEVEL);
        let held = Scenario::new(1000).message(10, 0, on(60, 1.0));
        assert_near(at(&host.render(&held).audio, 999), 0.1, "held");
        host.reset();
        let audio = host.render(&Scenario::new(1000)).audio;
        assert!(audio.iter().all(|s| *s == [0.0; 2]), "{format:?}");
    }
}

#[test]
fn a_program_sends_its_notes_on_the_frames_of_its_sounds() {
    let program = "\
~seq: speed 4 >> seq 60 _ 67 72_60
heard: ~seq >> mul 0.1
sent: ~seq >> notes 3 0.5 20
";
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let scenario = Scenario {
                song: Song::default(),
                ..Scenario::new(96_000).blocks(Blocks::Random { seed: 8, max: 900 })
            };
            let rendered = playing(format, kind, program).render(&scenario);
            let what = format!("{format:?} {kind:?}");
            let heard: Vec<(u64, u8)> = (0u64..)
                .zip(left(&rendered.audio))
                .filter(|(_, x)| *x > 0.01)
                .map(|(frame, x)| (frame, (60.5 + 12.0 * (x * 10.0).log2()) as u8))
                .collect();
            let is_on = |n: &&Note| n.on;
            let sent: Vec<(u64, u8)> = (rendered.notes.iter().filter(is_on))
                .map(|n| (n.frame, n.key))
                .collect();
            assert!(heard.len() >= 16, "{what}: {heard:?}");
            assert_eq!(sent, heard, "{what}");
            for note in &rendered.notes {
                assert_eq!(note.channel, 2, "{what}");
            }
            let velocities = rendered.notes.iter().filter(is_on).map(|n| n.velocity);
            assert!(velocities.into_iter().all(|v| v == 0.5), "{what}");
            // 20 ms at 48 kHz; all of them have ended but those that began at the very end.
            for on in rendered.notes.iter().filter(is_on) {
                if on.frame + 960 < 96_000 {
                    let ended = |n: &Note| !n.on && n.key == on.key && n.frame == on.frame + 960;
                    assert!(rendered.notes.iter().any(ended), "{what}: {on:?} ends");
                }
            }
        }
    }
}
