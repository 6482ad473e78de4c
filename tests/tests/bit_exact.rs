//! P5: the same samples however the host cuts its blocks, in every format and in the command-line
//! renderer.

use std::process::Command;

use glisten_tests::analysis::{self, assert_same, peak, read_wav, write_wav};
use glisten_tests::artifacts::{command_line_program, output_folder};
use glisten_tests::fixture::{RICH_PROGRAM, param, playing, render};
use glisten_tests::host::{FORMATS, Format, Kind};
use glisten_tests::scenario::{Blocks, ParamChange, Scenario, noise};
use glisten_tests::song::{Change, Song};

const FRAMES: u64 = 4 * 48_000;

#[test]
fn block_sizes_and_formats_do_not_matter() {
    let input = noise(FRAMES as usize, 0.3, 1);
    let scenario = Scenario::new(FRAMES)
        .song(Song::playing(0.0, 133.0))
        .input(input);
    let reference = render(Format::Clap, Kind::Effect, RICH_PROGRAM, &scenario).audio;
    assert!(peak(&reference) > 0.1, "the program sounds");
    println!("hash {:016x}", analysis::hash(&reference));
    for format in FORMATS {
        for blocks in Blocks::all() {
            let what = format!("{format:?}, {blocks:?}");
            let scenario = scenario.clone().blocks(blocks);
            let audio = render(format, Kind::Effect, RICH_PROGRAM, &scenario).audio;
            assert_same(&audio, &reference, &what);
        }
    }
}

#[test]
fn the_instrument_does_the_same_without_input() {
    let program = RICH_PROGRAM.replace("fx: ~input >>", "fx: saw 110 >>");
    let scenario = Scenario::new(FRAMES).song(Song::playing(0.0, 97.5));
    let reference = render(Format::Clap, Kind::Instrument, &program, &scenario).audio;
    assert!(peak(&reference) > 0.1, "the program sounds");
    for format in FORMATS {
        for blocks in [Blocks::Fixed(7), Blocks::Random { seed: 2, max: 4096 }] {
            let what = format!("{format:?}, {blocks:?}");
            let scenario = scenario.clone().blocks(blocks);
            let audio = render(format, Kind::Instrument, &program, &scenario).audio;
            assert_same(&audio, &reference, &what);
        }
    }
}

#[test]
fn calls_without_frames_change_nothing() {
    let scenario = Scenario::new(48_000).input(noise(48_000, 0.3, 2));
    let plain = render(Format::Clap, Kind::Effect, RICH_PROGRAM, &scenario).audio;
    for format in FORMATS {
        let scenario = scenario
            .clone()
            .blocks(Blocks::Cycle(vec![0, 100, 0, 0, 33, 1]));
        let audio = render(format, Kind::Effect, RICH_PROGRAM, &scenario).audio;
        assert_same(&audio, &plain, &format!("{format:?}"));
    }
}

#[test]
fn tempo_changes_and_loops_do_not_depend_on_blocks() {
    let song = Song {
        loop_beats: Some((2.0, 5.0)),
        changes: vec![(60_000, Change::Tempo(97.0)), (130_000, Change::Seek(2.25))],
        ..Song::playing(1.0, 140.0)
    };
    let input = noise(FRAMES as usize, 0.3, 3);
    let scenario = Scenario::new(FRAMES).song(song).input(input);
    let reference = render(Format::Clap, Kind::Effect, RICH_PROGRAM, &scenario).audio;
    for format in FORMATS {
        for split_at_loop in [false, true] {
            for blocks in [
                Blocks::Fixed(64),
                Blocks::Fixed(4096),
                Blocks::Random { seed: 4, max: 2000 },
            ] {
                let what = format!("{format:?}, {blocks:?}, split at loop: {split_at_loop}");
                let mut scenario = scenario.clone().blocks(blocks);
                scenario.song.split_at_loop = split_at_loop;
                let audio = render(format, Kind::Effect, RICH_PROGRAM, &scenario).audio;
                assert_same(&audio, &reference, &what);
            }
        }
    }
}

/// nice-plug cuts a block at each parameter change; that must not move the song.
#[test]
fn automation_does_not_depend_on_blocks() {
    let looped = Song {
        loop_beats: Some((1.0, 3.5)),
        split_at_loop: false,
        ..Song::playing(0.25, 133.0)
    };
    for song in [looped, Song::playing(7.7, 90.0), Song::stopped()] {
        let mut reference: Option<Vec<[f32; 2]>> = None;
        for format in FORMATS {
            let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
            let gain = param(&mut *host, "Output gain");
            let bypass = param(&mut *host, "Bypass");
            for blocks in Blocks::all() {
                let what = format!("{format:?}, {blocks:?}, {song:?}");
                let mut scenario = Scenario::new(FRAMES)
                    .song(song.clone())
                    .input(noise(FRAMES as usize, 0.3, 6))
                    .blocks(blocks)
                    .param(0, bypass, 0.0);
                for i in 0..120u64 {
                    let value = (0.6 + 0.2 * (i as f64 * 0.7).sin()) as f32;
                    scenario = scenario.param(1111 + i * 1371, gain, f64::from(value));
                    if i % 40 == 20 {
                        let on = f64::from(u8::from(i % 80 == 20));
                        scenario = scenario.param(1111 + i * 1371, bypass, on);
                    }
                }
                host.reset();
                let back = host.text_to_value(gain, "0 dB").expect("reads 0 dB");
                scenario.params.insert(
                    0,
                    ParamChange {
                        frame: 0,
                        id: gain,
                        value: back,
                    },
                );
                let audio = host.render(&scenario).audio;
                match &reference {
                    Some(reference) => assert_same(&audio, reference, &what),
                    None => reference = Some(audio),
                }
            }
        }
    }
}

#[test]
fn reset_equals_a_fresh_instance() {
    let scenario = Scenario::new(48_000).input(noise(48_000, 0.3, 5));
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, RICH_PROGRAM);
        let first = host.render(&scenario).audio;
        host.render(&Scenario::new(12_345).song(Song::playing(77.7, 150.0)));
        host.reset();
        let second = host.render(&scenario).audio;
        assert_same(&second, &first, &format!("{format:?}"));
    }
}

#[test]
fn the_command_line_renders_the_same() {
    let folder = output_folder("test-output").expect("a folder for output");
    let [program, input_file, output_file] =
        ["p5.glicol", "p5-in.wav", "p5-out.wav"].map(|name| folder.join(name));
    let input = noise(FRAMES as usize, 0.3, 1);
    std::fs::write(&program, RICH_PROGRAM).expect("writes the program");
    write_wav(&input_file, &input, 48_000).expect("writes the input");
    let glisten = command_line_program().unwrap_or_else(|error| panic!("{error:#}"));
    for (bpm, block) in [("133", "512"), ("133", "random:5"), ("97", "1")] {
        let output = Command::new(&glisten)
            .arg("render")
            .arg(&program)
            .arg("-o")
            .arg(&output_file)
            .arg("--input")
            .arg(&input_file)
            .args([
                "--bpm",
                bpm,
                "--seconds",
                "4",
                "--rate",
                "48000",
                "--block",
                block,
            ])
            .output()
            .expect("starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let (rendered, rate) = read_wav(&output_file).expect("a WAV file");
        assert_eq!(rate, 48_000);
        let song = Song::playing(0.0, bpm.parse().expect("a number"));
        let scenario = Scenario::new(FRAMES).song(song).input(input.clone());
        for format in FORMATS {
            let audio = render(format, Kind::Effect, RICH_PROGRAM, &scenario).audio;
            assert_same(
                &rendered,
                &audio,
                &format!("{format:?}, {bpm} BPM, --block {block}"),
            );
        }
    }
}
