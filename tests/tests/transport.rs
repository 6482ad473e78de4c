//! P7: triggers land on the exact frame, wherever the song starts, jumps, loops or changes tempo.
//!
//! The expected frames come from the rule itself (R7.1) over the test host's own model of the song:
//! in each stretch from (frame a, beat b) on, step s falls on `a + ceil((s − b) / bpf − 1e-3)`.

use glisten_tests::fixture::{BEAT_PULSES, param, playing, render};
use glisten_tests::host::{FORMATS, Format, Kind};
use glisten_tests::scenario::{Blocks, Keep, Scenario};
use glisten_tests::song::{Change, Song, Walk};

const RATE: f64 = 48_000.0;

/// Frames on which whole beats fall.
fn expected(song: &Song, frames: u64) -> Vec<u64> {
    let song = Song {
        split_at_loop: true,
        ..song.clone()
    };
    let mut walk = Walk::new(&song, RATE);
    let (mut frame, mut found) = (0, Vec::new());
    while frame < frames {
        let place = walk.at(frame);
        let end = frame
            .saturating_add(walk.frames_until_split(frame))
            .min(frames);
        if place.playing {
            let bpf = place.tempo_bpm / 60.0 / RATE;
            // One beat early: a step less than a frame behind still falls on this frame.
            let mut step = place.beats.floor() - 1.0;
            loop {
                let offset = ((step - place.beats) / bpf - 1e-3).ceil();
                if offset >= (end - frame) as f64 {
                    break;
                }
                if offset >= 0.0 && found.last() != Some(&(frame + offset as u64)) {
                    found.push(frame + offset as u64);
                }
                step += 1.0;
            }
        }
        frame = end;
    }
    found
}

fn check(format: Format, song: &Song, frames: u64, blocks: Blocks) {
    let what = format!("{format:?}, {blocks:?}, {song:?}");
    let scenario = Scenario {
        keep: Keep::Pulses,
        ..Scenario::new(frames).song(song.clone()).blocks(blocks)
    };
    let rendered = render(format, Kind::Instrument, BEAT_PULSES, &scenario);
    let got: Vec<u64> = rendered.pulses.iter().map(|(frame, _)| *frame).collect();
    let wanted = expected(song, frames);
    assert!(!wanted.is_empty(), "{what}: the test expects triggers");
    let wrong = got.iter().zip(&wanted).position(|(a, b)| a != b);
    let at = wrong.unwrap_or(got.len().min(wanted.len()));
    assert!(
        got == wanted,
        "{what}: trigger {at} differs: got {:?}, expected {:?} ({} and {} triggers)",
        got.get(at),
        wanted.get(at),
        got.len(),
        wanted.len()
    );
    assert!(
        rendered.pulses.iter().all(|(_, s)| *s == [1.0; 2]),
        "{what}: pulses of 1.0"
    );
}

#[test]
fn exact_at_any_tempo_and_start() {
    for format in FORMATS {
        for bpm in [90.0, 120.0, 133.0, 174.37] {
            for start in [0.0, 1.0, 3.7, 17.123_456_789, 1000.5, -2.3] {
                let song = Song::playing(start, bpm);
                check(
                    format,
                    &song,
                    200_000,
                    Blocks::Random { seed: 1, max: 2048 },
                );
            }
        }
    }
}

#[test]
fn exact_at_every_block_size() {
    let song = Song::playing(0.3, 133.0);
    for format in FORMATS {
        for blocks in Blocks::all() {
            check(format, &song, 100_000, blocks);
        }
    }
}

#[test]
fn exact_when_the_host_rounds_its_position() {
    for format in FORMATS {
        for bpm in [90.0, 120.0, 133.0] {
            let song = Song {
                rounding_beats: 1e-6,
                ..Song::playing(8.0, bpm)
            };
            check(format, &song, 480_000, Blocks::Fixed(100));
        }
    }
}

#[test]
fn no_drift_after_200_bars() {
    for (format, bpm) in [
        (Format::Clap, 133.0),
        (Format::Vst3, 120.0),
        (Format::Clap, 90.0),
    ] {
        let frames = (800.5 * 60.0 / bpm * RATE) as u64;
        let song = Song {
            rounding_beats: 1e-6,
            ..Song::playing(0.0, bpm)
        };
        check(format, &song, frames, Blocks::Random { seed: 2, max: 4096 });
    }
}

#[test]
fn exact_through_a_loop() {
    for format in FORMATS {
        for bpm in [90.0, 120.0, 133.0] {
            for split_at_loop in [true, false] {
                for blocks in [Blocks::Fixed(512), Blocks::Random { seed: 3, max: 3000 }] {
                    let song = Song {
                        loop_beats: Some((4.0, 6.5)),
                        split_at_loop,
                        ..Song::playing(3.2, bpm)
                    };
                    check(format, &song, 400_000, blocks);
                }
            }
        }
    }
}

#[test]
fn exact_through_tempo_changes_stops_and_jumps() {
    for format in FORMATS {
        for blocks in [
            Blocks::Fixed(64),
            Blocks::Fixed(4096),
            Blocks::Random { seed: 4, max: 999 },
        ] {
            let song = Song {
                changes: vec![
                    (30_000, Change::Tempo(90.0)),
                    (72_000, Change::Tempo(133.0)),
                    (110_000, Change::Stop),
                    (120_000, Change::Play),
                    (150_001, Change::Seek(40.75)),
                    (200_000, Change::Tempo(121.5)),
                    (260_000, Change::Seek(2.0)),
                ],
                ..Song::playing(0.5, 120.0)
            };
            check(format, &song, 400_000, blocks);
        }
    }
}

#[test]
fn a_seek_repeats_every_event() {
    let program = "speed: speed 4 >> seq 60 _60 62 _ 64_65 67";
    for format in FORMATS {
        let part = |start| {
            let scenario = Scenario {
                keep: Keep::Pulses,
                ..Scenario::new(192_000).song(Song::playing(start, 120.0))
            };
            render(format, Kind::Instrument, program, &scenario).pulses
        };
        let whole = part(0.0);
        // Beat 2 is frame 48000 at 120 BPM.
        let later: Vec<_> = part(2.0)
            .into_iter()
            .filter(|(frame, _)| *frame < 144_000)
            .collect();
        let shifted: Vec<_> = whole
            .into_iter()
            .filter(|(frame, _)| *frame >= 48_000)
            .map(|(frame, sample)| (frame - 48_000, sample))
            .collect();
        assert!(shifted.len() > 10, "{} events", shifted.len());
        assert_eq!(later, shifted, "{format:?}");
    }
}

#[test]
fn a_stopped_song_triggers_nothing() {
    for format in FORMATS {
        let scenario = Scenario {
            keep: Keep::Pulses,
            ..Scenario::new(96_000).song(Song::stopped())
        };
        let rendered = render(format, Kind::Instrument, BEAT_PULSES, &scenario);
        assert_eq!(rendered.pulses, [], "{format:?}");
    }
}

/// Lets the program play the transport and listens to it.
#[test]
fn the_transport_is_heard_exactly() {
    let song = Song {
        loop_beats: Some((8.0, 12.0)),
        changes: vec![(72_000, Change::Tempo(133.0)), (150_000, Change::Stop)],
        ..Song::playing(8.0, 97.0)
    };
    for format in FORMATS {
        let probe = |signal: &str| {
            let mut host = playing(format, Kind::Instrument, &format!("out: {signal}"));
            let guard = param(&mut *host, "Guard");
            let scenario = Scenario::new(200_000)
                .song(song.clone())
                .blocks(Blocks::Random { seed: 6, max: 1000 })
                .param(0, guard, 0.0);
            host.render(&scenario).audio
        };
        let (beat, bpm, on) = (probe("~beat"), probe("~bpm"), probe("~playing"));
        let mut walk = Walk::new(&song, RATE);
        let mut worst = 0.0f64;
        for frame in 0..200_000u64 {
            let place = walk.at(frame);
            let i = frame as usize;
            worst = worst.max((f64::from(beat[i][0]) - place.beats).abs());
            assert!(
                (f64::from(bpm[i][0]) - place.tempo_bpm).abs() < 1e-4,
                "{format:?} at {frame}"
            );
            assert_eq!(on[i][0], f32::from(place.playing), "{format:?} at {frame}");
        }
        // Half a unit in the last place of an f32 between 8 and 16, and CLAP's fixed point.
        assert!(worst < 6e-7, "{format:?}: the beat is off by {worst:e}");
        println!("{format:?}: worst error of ~beat {worst:e}");
    }
}
