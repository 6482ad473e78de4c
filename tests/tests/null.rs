//! P6: `out: ~input` is the input, bit for bit, at once.

use glisten_tests::analysis::assert_same;
use glisten_tests::fixture::{param, playing, render};
use glisten_tests::host::{FORMATS, Kind};
use glisten_tests::scenario::{Blocks, Scenario, noise};

const FRAMES: u64 = 48_000;

#[test]
fn pass_through_nulls_at_every_block_size() {
    // Louder than full scale: the guard must let the input through all the same (R1.4).
    let input = noise(FRAMES as usize, 1.5, 1);
    for format in FORMATS {
        for blocks in Blocks::all() {
            let what = format!("{format:?}, {blocks:?}");
            let scenario = Scenario::new(FRAMES).blocks(blocks).input(input.clone());
            let rendered = render(format, Kind::Effect, "out: ~input", &scenario);
            assert_same(&rendered.audio, &input, &what);
        }
    }
}

#[test]
fn pass_through_nulls_in_place_and_in_mono() {
    let input: Vec<_> = noise(FRAMES as usize, 0.9, 2)
        .iter()
        .map(|s| [s[0], s[0]])
        .collect();
    for format in FORMATS {
        for (channels, in_place) in [(1, false), (1, true), (2, true)] {
            let scenario = Scenario {
                channels,
                in_place,
                ..Scenario::new(FRAMES)
                    .blocks(Blocks::Random { seed: 3, max: 700 })
                    .input(input.clone())
            };
            let rendered = render(format, Kind::Effect, "out: ~input", &scenario);
            let what = format!("{format:?}, {channels} channels, in place: {in_place}");
            assert_same(&rendered.audio, &input, &what);
        }
    }
}

#[test]
fn latency_is_zero() {
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let mut host = playing(format, kind, "out: ~input >> delayms 100");
            assert_eq!(host.latency_frames(), 0, "{format:?} {kind:?}");
            assert_eq!(host.take_requests().latency_changes, 0);
        }
    }
}

#[test]
fn a_new_effect_passes_its_input() {
    let input = noise(4800, 0.7, 4);
    for format in FORMATS {
        let mut host = glisten_tests::fixture::fresh(format, Kind::Effect);
        host.activate(44_100.0, 4096).expect("activates");
        let scenario = Scenario {
            sample_rate: 44_100.0,
            ..Scenario::new(4800).input(input.clone())
        };
        assert_same(
            &host.render(&scenario).audio,
            &input,
            &format!("{format:?}"),
        );
    }
}

#[test]
fn a_stopped_song_and_a_host_without_a_clock_pass_audio() {
    use glisten_tests::song::Song;
    let input = noise(4800, 0.7, 5);
    for format in FORMATS {
        for song in [
            Song::stopped(),
            Song {
                announced: false,
                ..Song::default()
            },
        ] {
            let scenario = Scenario::new(4800).input(input.clone()).song(song);
            let rendered = render(format, Kind::Effect, "out: ~input", &scenario);
            assert_same(&rendered.audio, &input, &format!("{format:?}"));
        }
    }
}

#[test]
fn bypass_is_exact_and_fades() {
    const AT: u64 = 10_000;
    // 10 ms at 48 kHz.
    const FADE: usize = 480;
    let input = noise(FRAMES as usize, 0.5, 6);
    let half: Vec<_> = input.iter().map(|s| s.map(|x| x * 0.5)).collect();
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, "out: ~input >> mul 0.5");
        let bypass = param(&mut *host, "Bypass");
        let scenario = Scenario::new(FRAMES)
            .blocks(Blocks::Random { seed: 8, max: 300 })
            .input(input.clone())
            .param(AT, bypass, 1.0)
            .param(AT + 20_000, bypass, 0.0);
        let audio = host.render(&scenario).audio;
        let (on, off) = (AT as usize, AT as usize + 20_000);
        assert_same(&audio[..on], &half[..on], "before bypass");
        assert_same(&audio[on + FADE..off], &input[on + FADE..off], "bypassed");
        assert_same(&audio[off + FADE..], &half[off + FADE..], "after bypass");
        for i in on..on + FADE {
            let share = audio[i][0] / input[i][0];
            assert!(
                (0.499..1.001).contains(&share),
                "{format:?}: share {share} at {i}"
            );
        }
        // Half way through, half of the way: linear.
        let middle = audio[on + FADE / 2][0] / input[on + FADE / 2][0];
        assert!(
            (middle - 0.75).abs() < 0.01,
            "{format:?}: {middle} in the middle of the fade"
        );
    }
}
