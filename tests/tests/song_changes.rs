//! P7 where the song does not stand still: starts, jumps, loops, tempos that change inside a block or
//! on a ramp, time signatures. Prints how far the plugin's position is from the host's.
//!
//! A host says where the song is once for each block. What changes inside a block is heard of at the
//! next one, so the error inside such a block has a bound that each test computes, and behind it the
//! position is exact again.

use glisten_tests::analysis::assert_same;
use glisten_tests::fixture::{BEAT_PULSES, RICH_PROGRAM, param, playing, render};
use glisten_tests::host::{FORMATS, Format, Kind, ProcessMode};
use glisten_tests::scenario::{Blocks, Keep, MAX_FRAMES, Scenario};
use glisten_tests::song::{Change, Song, Walk};

const RATE: f64 = 48_000.0;

/// Slack of a step that falls a hair behind a frame (R7.1).
const SLACK_FRAMES: f64 = 1e-3;

/// Frames on which whole beats fall, looked up frame by frame.
fn beats_of(song: &Song, frames: u64) -> Vec<u64> {
    let mut walk = Walk::new(song, RATE);
    let bpf = |bpm: f64| bpm / 60.0 / RATE;
    let mut next = (song.start_beat - SLACK_FRAMES * bpf(song.tempo_bpm)).ceil();
    let mut found = Vec::new();
    for frame in 0..frames {
        let place = walk.at(frame);
        while place.beats >= next - SLACK_FRAMES * bpf(place.tempo_bpm) {
            found.push(frame);
            next += 1.0;
        }
    }
    found
}

/// Frames on which the plugin fires the beats.
fn beats_heard(format: Format, song: &Song, frames: u64, blocks: Blocks) -> Vec<u64> {
    let scenario = Scenario {
        keep: Keep::Pulses,
        ..Scenario::new(frames).song(song.clone()).blocks(blocks)
    };
    let rendered = render(format, Kind::Instrument, BEAT_PULSES, &scenario);
    rendered.pulses.iter().map(|(frame, _)| *frame).collect()
}

/// The largest distance between `~beat` and the host's position, in frames, and the frame.
fn position_error_frames(format: Format, song: &Song, frames: u64, blocks: Blocks) -> (f64, u64) {
    let mut host = playing(format, Kind::Instrument, "out: ~beat");
    let guard = param(&mut *host, "Guard");
    let scenario = Scenario::new(frames)
        .song(song.clone())
        .blocks(blocks)
        .param(0, guard, 0.0);
    let audio = host.render(&scenario).audio;
    let mut walk = Walk::new(song, RATE);
    let mut worst = (0.0f64, 0);
    for (frame, sample) in (0..).zip(&audio) {
        let place = walk.at(frame);
        let error = (f64::from(sample[0]) - place.beats).abs() * 60.0 * RATE / place.tempo_bpm;
        if error > worst.0 {
            worst = (error, frame);
        }
    }
    assert_eq!(audio.len() as u64, frames);
    worst
}

/// Speeds up for four seconds, slows down for two.
fn ramps() -> Song {
    Song {
        changes: vec![
            (
                24_000,
                Change::Ramp {
                    bpm: 180.0,
                    frames: 192_000,
                },
            ),
            (
                240_000,
                Change::Ramp {
                    bpm: 75.0,
                    frames: 96_000,
                },
            ),
        ],
        ..Song::playing(0.0, 120.0)
    }
}

/// By how many frames the position can be off at the end of a block of `frames`, on the steeper of
/// the two ramps: the host says the tempo at the block's start, and it goes on changing.
fn ramp_error_frames(frames: u32) -> f64 {
    let slope_bpm = 105.0 / 96_000.0;
    0.5 * slope_bpm * f64::from(frames).powi(2) / 75.0
}

#[test]
fn the_position_is_the_hosts() {
    let steps = vec![
        (30_000, Change::Tempo(90.0)),
        (72_001, Change::Tempo(174.37)),
        (110_000, Change::Seek(2.125)),
    ];
    let songs = [
        ("from beat 0", Song::playing(0.0, 133.0)),
        ("from beat 3.7", Song::playing(3.7, 97.3)),
        ("from beat -2.3", Song::playing(-2.3, 120.0)),
        (
            "loop 2 to 3.3, told at its end",
            Song {
                loop_beats: Some((2.0, 3.3)),
                ..Song::playing(0.5, 133.0)
            },
        ),
        (
            "loop 2 to 3.3 inside blocks",
            Song {
                loop_beats: Some((2.0, 3.3)),
                split_at_loop: false,
                ..Song::playing(0.5, 133.0)
            },
        ),
        (
            "tempo steps and a jump",
            Song {
                changes: steps,
                ..Song::playing(0.5, 120.0)
            },
        ),
    ];
    for format in FORMATS {
        for (name, song) in &songs {
            for blocks in [Blocks::Fixed(512), Blocks::Random { seed: 3, max: 3000 }] {
                let (error, frame) = position_error_frames(format, song, 200_000, blocks);
                println!("{format:?}, {name}: {error:.4} frames off at most (frame {frame})");
                // Half a unit in the last place of an f32 between 8 and 16 at 174 BPM is 0.008.
                assert!(
                    error < 0.02,
                    "{format:?}, {name}: {error} frames off at {frame}"
                );
            }
        }
        for block in [64, 512, 2048] {
            let (error, frame) =
                position_error_frames(format, &ramps(), 400_000, Blocks::Fixed(block));
            println!(
                "{format:?}, tempo ramps, blocks of {block}: {error:.4} frames off at most (frame {frame})"
            );
            // Below half a frame the engine keeps its own straight line.
            let bound = ramp_error_frames(block) + 0.5;
            assert!(error < bound, "{error} frames off at {frame}, not {bound}");
            if block == 2048 {
                assert!(error > 1.0, "the ramp is steep enough to be noticed");
            }
        }
    }
}

#[test]
fn every_beat_comes_once_on_a_tempo_ramp() {
    let wanted = beats_of(&ramps(), 400_000);
    for format in FORMATS {
        for block in [64, 512, 2048] {
            let got = beats_heard(format, &ramps(), 400_000, Blocks::Fixed(block));
            assert_eq!(got.len(), wanted.len(), "{format:?}, {block}: {got:?}");
            let worst = got.iter().zip(&wanted).map(|(a, b)| a.abs_diff(*b)).max();
            println!("{format:?}, tempo ramps, blocks of {block}: beats {worst:?} frames off");
            let bound = (ramp_error_frames(block) + 0.5).ceil() as u64;
            assert!(
                worst.is_some_and(|frames| frames <= bound),
                "{worst:?} {bound}"
            );
        }
    }
}

#[test]
fn every_beat_comes_once_when_the_tempo_changes_inside_a_block() {
    let changes = [
        // 800 frames before a beat, then 500, then 10, then far from one.
        (47_200, 60.0),
        (96_300, 150.0),
        (134_890, 20.0),
        (150_777, 174.0),
        (201_003, 90.0),
    ];
    let song = Song {
        changes: changes.map(|(at, bpm)| (at, Change::Tempo(bpm))).to_vec(),
        split_at_changes: false,
        ..Song::playing(0.0, 120.0)
    };
    let before = [120.0, 60.0, 150.0, 20.0, 174.0];
    let steepest = before.iter().zip(&changes).map(|(old, (_, new))| {
        let ratio: f64 = old / new;
        (1.0 - ratio).abs()
    });
    let steepest = steepest.fold(0.0, f64::max);
    let wanted = beats_of(&song, 400_000);
    for format in FORMATS {
        let mut most = 0;
        for block in [64, 512, 1000, 2048] {
            let got = beats_heard(format, &song, 400_000, Blocks::Fixed(block));
            let what = format!("{format:?}, blocks of {block}: {got:?} instead of {wanted:?}");
            assert_eq!(got.len(), wanted.len(), "{what}");
            let block = u64::from(block);
            let untold = |frame: u64| changes.iter().any(|(at, _)| at / block == frame / block);
            let mut worst = 0;
            for (got, wanted) in got.iter().zip(&wanted) {
                let off = got.abs_diff(*wanted);
                if !untold(*got) && !untold(*wanted) {
                    assert_eq!(off, 0, "beat at {wanted}: {what}");
                }
                worst = worst.max(off);
            }
            println!("{format:?}, tempo steps inside blocks of {block}: beats {worst} frames off");
            assert!(worst as f64 <= block as f64 * steepest + 1.0, "{what}");
            most = most.max(worst);
        }
        assert!(most >= 300, "beats fall into such blocks: {most}");
    }
}

/// Pulses of all sizes and note-ons in four bars, counted from their first frame.
fn bars_5_to_8(
    format: Format,
    song: Song,
    first_frame: u64,
    blocks: Blocks,
) -> Vec<(u64, [f32; 2], u8)> {
    let program = "\
        ~r: choose 60 64 67 72\n\
        a: speed 4 >> seq 60 _60 62 _ 64_65 67 >> mul 0.1\n\
        b: speed 1.5 >> seq ~r _ ~r 72 ~r >> mul 0.01\n\
        c: seq 60 _ ~r >> notes 2 0.7 30\n";
    let bars = (16.0 * 60.0 / song.tempo_bpm * RATE).round() as u64;
    let scenario = Scenario {
        keep: Keep::Pulses,
        ..Scenario::new(first_frame + bars).song(song).blocks(blocks)
    };
    let rendered = render(format, Kind::Instrument, program, &scenario);
    let pulses = rendered.pulses.iter().map(|(at, size)| (*at, *size, 0));
    let ons = rendered.notes.iter().filter(|note| note.on);
    let notes = ons.map(|note| (note.frame, [0.0; 2], note.key));
    let mut events: Vec<_> = pulses.chain(notes).collect();
    events.retain(|(frame, ..)| *frame >= first_frame);
    events
        .into_iter()
        .map(|(frame, size, key)| (frame - first_frame, size, key))
        .collect()
}

#[test]
fn bars_5_to_8_are_the_same_after_a_seek() {
    // Four bars before, and a frame in the middle of a block.
    const SEEK_FRAME: u64 = 77_777;
    for (bpm, slack_frames) in [(120.0, 0), (90.0, 0), (150.0, 0), (133.0, 1)] {
        let bar_5 = (16.0 * 60.0 / bpm * RATE).round() as u64;
        let straight = bars_5_to_8(
            Format::Clap,
            Song::playing(0.0, bpm),
            bar_5,
            Blocks::Fixed(512),
        );
        let notes = straight.iter().filter(|(.., key)| *key > 0).count();
        assert!(straight.len() > 90 && notes >= 8, "{straight:?}");
        let ways = [
            ("started there", Song::playing(16.0, bpm), 0),
            (
                "sought while playing",
                Song {
                    changes: vec![(SEEK_FRAME, Change::Seek(16.0))],
                    ..Song::playing(5.3, bpm)
                },
                SEEK_FRAME,
            ),
            (
                "sought while stopped",
                Song {
                    changes: vec![
                        (20_000, Change::Stop),
                        (30_000, Change::Seek(16.0)),
                        (SEEK_FRAME, Change::Play),
                    ],
                    ..Song::playing(21.9, bpm)
                },
                SEEK_FRAME,
            ),
            ("straight", Song::playing(0.0, bpm), bar_5),
        ];
        for format in FORMATS {
            for (how, song, first_frame) in &ways {
                for blocks in [Blocks::Fixed(100), Blocks::Random { seed: 8, max: 4096 }] {
                    let got = bars_5_to_8(format, song.clone(), *first_frame, blocks);
                    let what = format!("{format:?}, {bpm} BPM, {how}");
                    assert_eq!(got.len(), straight.len(), "{what}");
                    let mut worst = 0;
                    for (got, wanted) in got.iter().zip(&straight) {
                        assert_eq!((got.1, got.2), (wanted.1, wanted.2), "{what}: {got:?}");
                        worst = worst.max(got.0.abs_diff(wanted.0));
                    }
                    assert!(worst <= slack_frames, "{what}: {worst} frames off");
                    println!("{what}: {} events, {worst} frames off", got.len());
                }
            }
        }
    }
}

#[test]
fn a_time_signature_disturbs_nothing() {
    const FRAMES: u64 = 192_000;
    for format in FORMATS {
        let render_with = |changes: Vec<(u64, Change)>, split_at_changes| {
            let song = Song {
                changes,
                split_at_changes,
                ..Song::playing(0.7, 133.0)
            };
            let scenario = Scenario::new(FRAMES).song(song);
            let program = RICH_PROGRAM.replace("fx: ~input >>", "fx: saw 110 >>");
            render(format, Kind::Instrument, &program, &scenario).audio
        };
        let plain = render_with(Vec::new(), true);
        for split in [true, false] {
            let changes = vec![
                (30_000, Change::Signature(7, 8)),
                (90_001, Change::Signature(3, 4)),
                (150_000, Change::Signature(12, 16)),
            ];
            let audio = render_with(changes, split);
            assert_same(
                &audio,
                &plain,
                &format!("{format:?}, split at changes: {split}"),
            );
        }
    }
}

/// R7.7; and the proof that the hosts' process mode reaches the plugin, on which all suites rely,
/// each time it changes.
#[test]
fn the_song_runs_by_itself_in_real_time_only() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Instrument, BEAT_PULSES);
        let free_run = param(&mut *host, "Free run");
        for (mode, wanted) in [
            (ProcessMode::Offline, &[][..]),
            (ProcessMode::Realtime, &[0, 24_000, 48_000, 72_000]),
            (ProcessMode::Offline, &[]),
        ] {
            host.deactivate();
            host.set_process_mode(mode).expect("takes the mode");
            host.activate(RATE, MAX_FRAMES).expect("activates");
            let scenario = Scenario {
                keep: Keep::Pulses,
                ..Scenario::new(96_000)
                    .song(Song::stopped())
                    .param(0, free_run, 1.0)
            };
            let pulses = host.render(&scenario).pulses;
            let got: Vec<u64> = pulses.iter().map(|(frame, _)| *frame).collect();
            assert_eq!(got, wanted, "{format:?}, {mode:?}");
        }
    }
}
