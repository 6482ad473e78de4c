//! P2: an edit leaves alone what it did not touch, and never clicks. Here through the plugin; the
//! engine's own tests look closer.

use glisten_tests::analysis::{assert_same, peak};
use glisten_tests::drive::Rendered;
use glisten_tests::fixture::playing;
use glisten_tests::fuzz::{Edited, UNTOUCHED};
use glisten_tests::host::{FORMATS, Host, Kind};
use glisten_tests::program_state::{set_draft, set_program};
use glisten_tests::scenario::{Random, Scenario};
use glisten_tests::song::Song;

fn render(host: &mut dyn Host, frames: u64) -> Rendered {
    host.render(&Scenario::new(frames).song(Song::stopped()))
}

fn load(host: &mut dyn Host, edited: &Edited, text: &str) {
    let load = if edited.is_broken() {
        set_draft
    } else {
        set_program
    };
    load(host, text).expect("loads");
}

#[test]
fn an_untouched_chain_is_the_same_to_the_bit_through_3000_edits() {
    for format in FORMATS {
        let mut edited = Edited::unheard(8);
        let mut random = Random::new(9);
        let mut host = playing(format, Kind::Effect, &edited.text());
        let mut audio = Vec::new();
        for _ in 0..3000 {
            audio.extend(render(&mut *host, 1 + random.below(300)).audio);
            edited.edit();
            load(&mut *host, &edited, &edited.text());
        }
        let mut alone = playing(format, Kind::Effect, UNTOUCHED);
        let wanted = render(&mut *alone, audio.len() as u64).audio;
        assert!(peak(&wanted) > 0.09);
        assert_same(&audio, &wanted, &format!("{format:?}"));
    }
}

/// A sine through 200 edits of other lines, of its own gain and of the node beside it.
#[test]
fn a_sine_keeps_its_phase_and_never_clicks() {
    const RATE: f64 = 48_000.0;
    for format in FORMATS {
        let mut edited = Edited::unheard(12);
        let mut random = Random::new(13);
        let program = |edited: &Edited, gain: f64, neighbour: &str| {
            format!(
                "tone: sin 440 >> mul {gain:.3}{neighbour}\n{}",
                edited.text()
            )
            .replace(UNTOUCHED, "keep: sin 440 >> mul 0")
        };
        let mut host = playing(format, Kind::Effect, &program(&edited, 0.5, ""));
        let mut audio = Vec::new();
        for i in 0..200 {
            audio.extend(render(&mut *host, 700 + random.below(2000)).audio);
            edited.edit();
            let gain = 0.3 + 0.2 * random.unit();
            let neighbour = ["", " >> add 0", " >> mul 1"][i % 3];
            let text = program(&edited, gain, neighbour);
            load(&mut *host, &edited, &text);
        }
        // The sine's phase is known from frame 0, so its level can be read wherever it is large;
        // between two readings it may move as far as a fade of 5 ms moves it.
        let mut last: Option<(usize, f64)> = None;
        for (i, sample) in audio.iter().enumerate() {
            let carrier = (std::f64::consts::TAU * 440.0 * i as f64 / RATE).sin();
            if carrier.abs() < 0.5 {
                continue;
            }
            let level = f64::from(sample[0]) / carrier;
            if let Some((before, old)) = last {
                let limit = 0.5 / 240.0 * (i - before) as f64 + 1e-3;
                assert!(
                    (level - old).abs() < limit,
                    "{format:?}: {old} to {level} at {i}"
                );
            }
            assert!(
                (0.29..0.51).contains(&level),
                "{format:?}: level {level} at {i}"
            );
            last = Some((i, level));
        }
        let worst = loudest_outside(&audio, 2000.0, RATE);
        println!("{format:?}: loudest outside the tone {worst:.1} dB");
        assert!(worst < -60.0, "{format:?}: {worst:.1} dB");
    }
}

/// Loudest component above a frequency in any window of 2048 frames, in dB against an amplitude of
/// 0.5, read at every fourth bin.
fn loudest_outside(audio: &[[f32; 2]], above_hz: f64, rate: f64) -> f64 {
    let size = 2048;
    let mut worst = 0.0f64;
    for window in audio.windows(size).step_by(size / 2) {
        let first = (above_hz / rate * size as f64) as usize;
        for bin in (first..size / 2).step_by(4) {
            let hertz = bin as f64 * rate / size as f64;
            let level = glisten_tests::analysis::amplitude_at(window, hertz, rate);
            worst = worst.max(level);
        }
    }
    glisten_tests::analysis::db(worst / 0.5)
}
