//! The sidechain, and buses of one and two channels.

use glisten_tests::analysis::assert_same;
use glisten_tests::fixture::render;
use glisten_tests::host::{FORMATS, Format, Kind};
use glisten_tests::scenario::{Blocks, Scenario, Sidechain, noise};

const FRAMES: u64 = 12_000;

fn scenario(channels: u32, sidechain: Sidechain) -> Scenario {
    Scenario {
        channels,
        sidechain,
        ..Scenario::new(FRAMES)
            .blocks(Blocks::Random { seed: 9, max: 800 })
            .input(noise(FRAMES as usize, 0.4, 21))
    }
}

/// Both sides as the left one, which is what a bus of one channel carries.
fn mono(audio: &[[f32; 2]]) -> Vec<[f32; 2]> {
    audio.iter().map(|s| [s[0]; 2]).collect()
}

#[test]
fn the_sidechain_nulls_in_mono_and_stereo() {
    let side = noise(FRAMES as usize, 0.5, 22);
    for format in FORMATS {
        let heard = |channels| {
            let scenario = scenario(channels, Sidechain::Audio(side.clone()));
            render(format, Kind::Effect, "out: ~sidechain", &scenario).audio
        };
        assert_same(&heard(2), &side, &format!("{format:?} stereo"));
        let one_channel = match format {
            // The configuration with one channel has a sidechain of one.
            Format::Clap => mono(&side),
            // The host keeps its stereo sidechain beside the mono input.
            Format::Vst3 => side.iter().map(|s| [0.5 * (s[0] + s[1]); 2]).collect(),
        };
        assert_same(&heard(1), &one_channel, &format!("{format:?} mono"));
    }
}

#[test]
fn the_sidechain_leaves_the_input_alone() {
    let side = noise(FRAMES as usize, 0.5, 23);
    let input = noise(FRAMES as usize, 0.4, 21);
    for format in FORMATS {
        for channels in [1, 2] {
            let scenario = scenario(channels, Sidechain::Audio(side.clone()));
            let heard = render(format, Kind::Effect, "out: ~input", &scenario).audio;
            let expected = if channels == 1 {
                mono(&input)
            } else {
                input.clone()
            };
            assert_same(&heard, &expected, &format!("{format:?} {channels}"));
        }
    }
}

#[test]
fn an_unconnected_sidechain_is_silence() {
    let input = noise(FRAMES as usize, 0.4, 21);
    let silence = vec![[0.0f32; 2]; FRAMES as usize];
    for format in FORMATS {
        for sidechain in [Sidechain::Unconnected, Sidechain::Silence] {
            let what = format!("{format:?} {sidechain:?}");
            let scenario = scenario(2, sidechain);
            let heard = render(format, Kind::Effect, "out: ~sidechain", &scenario).audio;
            assert_same(&heard, &silence, &what);
            let sum = "out: ~input >> add ~sidechain";
            let heard = render(format, Kind::Effect, sum, &scenario).audio;
            assert_same(&heard, &input, &what);
        }
    }
}

#[test]
fn an_instrument_has_no_inputs_and_one_channel_is_the_mean_of_two() {
    for format in FORMATS {
        let play = |channels, program| {
            let scenario = scenario(channels, Sidechain::Silence);
            render(format, Kind::Instrument, program, &scenario).audio
        };
        let silence = vec![[0.0f32; 2]; FRAMES as usize];
        let none = play(2, "out: ~input >> add ~sidechain");
        assert_same(&none, &silence, &format!("{format:?}: no inputs"));

        let program = "a: sin 441 >> mul 0.2 >> pan -0.5\nb: saw 220 >> mul 0.2 >> pan 0.8";
        let stereo = play(2, program);
        assert!(
            stereo.iter().any(|s| s[0] != s[1]),
            "{format:?}: it is wide"
        );
        let mean: Vec<_> = stereo.iter().map(|s| [0.5 * (s[0] + s[1]); 2]).collect();
        assert_same(
            &play(1, program),
            &mean,
            &format!("{format:?}: one channel"),
        );
    }
}
