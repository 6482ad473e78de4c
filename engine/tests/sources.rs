//! What sound sources and distortions promise as nodes: pitch, level, take-overs, edges.

#![allow(clippy::disallowed_methods)]

mod rig;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::Inherit;
use rig::{Cuts, Output, Setup, noise, peak};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

const SYNTHS: [&str; 3] = ["sawsynth", "squsynth", "trisynth"];

fn node(name: &str) -> &'static NodeSpec {
    BUILTIN
        .iter()
        .find(|spec| spec.name == name)
        .expect("a node of this name")
}

/// Triggers of given values on given frames.
fn triggers(at: &[(u64, f32)]) -> impl Fn(u64) -> [f32; 2] + use<> {
    let at = at.to_vec();
    move |frame| [at.iter().find(|t| t.0 == frame).map_or(0.0, |t| t.1); 2]
}

/// Frequency from the rising zero crossings of the left channel.
fn pitch_hz(out: &[[f32; 2]], rate: f64) -> f64 {
    let places: Vec<f64> = out
        .windows(2)
        .enumerate()
        .filter(|(_, w)| w[0][0] < 0.0 && w[1][0] >= 0.0)
        .map(|(i, w)| i as f64 - f64::from(w[0][0]) / f64::from(w[1][0] - w[0][0]))
        .collect();
    let (first, last) = (places[0], places[places.len() - 1]);
    rate * (places.len() - 1) as f64 / (last - first)
}

fn left(out: &Output) -> Vec<f32> {
    out.iter().map(|y| y[0]).collect()
}

#[test]
fn synths_are_silent_until_triggered_and_play_the_trigger_s_pitch_at_every_rate() {
    for name in SYNTHS {
        for rate in [22_050.0f32, 44_100.0, 96_000.0] {
            let setup = Setup::new(node(name)).rate(rate).literals(&[0.001, 10.0]);
            let half = (rate / 2.0) as u64;
            let notes = triggers(&[(100, 1.0), (half, 1.5)]);
            let out = setup.build().run(rate as usize, Cuts::Random(5), &notes);
            assert!(out[..=100].iter().all(|y| *y == [0.0; 2]), "{name}");
            let place = |share: f32| (share * rate) as usize;
            let (first, second) = (
                pitch_hz(&out[place(0.1)..place(0.45)], f64::from(rate)),
                pitch_hz(&out[place(0.55)..place(0.95)], f64::from(rate)),
            );
            assert!(
                (first / 261.63 - 1.0).abs() < 2e-4,
                "{name} {rate}: {first}"
            );
            let fifth = 261.63 * 1.5;
            assert!(
                (second / fifth - 1.0).abs() < 2e-4,
                "{name} {rate}: {second}"
            );
        }
    }
}

#[test]
fn a_synth_s_level_is_the_trigger_s_value_and_its_times_are_seconds() {
    for rate in [44_100.0f32, 96_000.0] {
        let setup = Setup::new(node("squsynth"))
            .rate(rate)
            .literals(&[0.1, 0.2]);
        let out = setup
            .build()
            .run(rate as usize, Cuts::Every(64), &triggers(&[(0, 0.5)]));
        // Highest sample in a period around a time.
        let level = |seconds: f32| {
            let at = (seconds * rate) as usize;
            let period = (rate / 130.0) as usize;
            peak(&out[at - period / 2..at + period / 2])
        };
        for (seconds, want) in [(0.05, 0.25), (0.1, 0.5), (0.2, 0.25)] {
            let got = level(seconds);
            assert!((got - want).abs() < 0.06, "{rate} {seconds}: {got}");
        }
        assert_eq!(peak(&out[(0.301 * rate) as usize..]), 0.0);
    }
}

#[test]
fn a_synth_s_wave_runs_on_between_notes_and_a_new_note_does_not_click() {
    let rate = 48_000.0f32;
    let setup = Setup::new(node("trisynth")).literals(&[0.01, 0.05]);
    // The second note comes long after the first has ended: its phase is that of a wave that never
    // stopped.
    let gap = 20_000u64;
    let notes = triggers(&[(0, 1.0), (gap, 1.0)]);
    let out = setup.build().run(24_000, Cuts::Random(2), &notes);
    let frame = gap as usize + 480;
    let phase = (frame as f64 * 261.63 / f64::from(rate)).fract();
    let triangle = 1.0 - 4.0 * phase.min(1.0 - phase);
    assert!((f64::from(out[frame][0]) - triangle).abs() < 0.01);
    // A note cut off in full sound: no step is steeper than the wave itself, 4·f/rate per frame, by
    // more than the cut's own fall of 1/96.
    let setup = Setup::new(node("trisynth")).literals(&[0.01, 5.0]);
    let notes = triggers(&[(0, 1.0), (3_000, 1.0), (3_050, 1.0), (3_060, 1.0)]);
    let out = left(&setup.build().run(6_000, Cuts::Random(2), &notes));
    let step = out
        .windows(2)
        .fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
    assert!(step < 4.0 * 262.0 / rate + 0.012, "{step}");
    // It is cut off all the same: after 2 ms only the new attack is heard.
    let period = (rate / 261.63) as usize;
    let quiet = peak(
        &out[3_160..3_160 + period]
            .iter()
            .map(|y| [*y; 2])
            .collect::<Vec<_>>(),
    );
    assert!(quiet < 0.62, "{quiet}");
}

#[test]
fn a_gate_that_stays_up_keeps_a_synth_silent_as_upstream() {
    for name in SYNTHS {
        let out = Setup::new(node(name))
            .build()
            .run(20_000, Cuts::Every(64), &|_| [1.0; 2]);
        assert_eq!(peak(&out), 0.0, "{name}");
    }
}

#[test]
fn a_gate_that_stays_up_cuts_a_sounding_note_off() {
    for name in SYNTHS {
        let gate = |frame: u64| {
            [if frame == 0 || frame > 3_000 {
                1.0
            } else {
                0.0
            }; 2]
        };
        let out = Setup::new(node(name)).literals(&[0.001, 5.0]).build().run(
            6_000,
            Cuts::Random(3),
            &gate,
        );
        assert!(peak(&out[2_500..3_000]) > 0.5, "{name}");
        assert_eq!(peak(&out[3_000 + 100..]), 0.0, "{name}");
    }
}

#[test]
fn distortions_keep_both_sides_apart() {
    for name in ["tanh", "clip", "fold", "crush"] {
        let right_only = |frame: u64| [0.0, noise(frame)[1]];
        let out = Setup::new(node(name))
            .stereo()
            .build()
            .run(5_000, Cuts::Random(1), &right_only);
        assert!(out.iter().all(|y| y[0] == 0.0), "{name}");
        assert!(out.iter().any(|y| y[1].abs() > 0.1), "{name}");
    }
}

#[test]
fn distortions_have_their_ceilings() {
    let sine = |frame: u64| [(frame as f32 * 0.01).sin() * 0.9; 2];
    for (name, literals, ceiling) in [
        ("tanh", vec![20.0], 1.0),
        ("clip", vec![0.3], 0.3),
        ("clip", vec![2.0], 0.9),
        ("fold", vec![5.0], 1.0),
        ("crush", vec![2.0, 192_000.0], 1.0),
    ] {
        let out =
            Setup::new(node(name))
                .literals(&literals)
                .build()
                .run(5_000, Cuts::Every(64), &sine);
        let got = peak(&out);
        assert!((got - ceiling).abs() < 0.01, "{name}: {got} not {ceiling}");
    }
}

#[test]
fn a_crusher_s_rate_is_the_same_sound_at_every_sample_rate() {
    // A sine of 1 kHz sampled at 3 kHz: its image at 2 kHz is as loud as sample-and-hold makes it.
    for rate in [44_100.0f32, 48_000.0, 96_000.0] {
        let sine = |frame: u64| {
            let t = frame as f64 / f64::from(rate);
            [(std::f64::consts::TAU * 1000.0 * t).sin() as f32; 2]
        };
        let out = Setup::new(node("crush"))
            .rate(rate)
            .literals(&[24.0, 3_000.0])
            .build()
            .run(rate as usize, Cuts::Every(64), &sine);
        let level = |hz: f64| {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, y) in out.iter().enumerate() {
                let a = std::f64::consts::TAU * hz * i as f64 / f64::from(rate);
                re += f64::from(y[0]) * a.cos();
                im += f64::from(y[0]) * a.sin();
            }
            20.0 * ((re * re + im * im).sqrt() * 2.0 / out.len() as f64).log10()
        };
        let hold = |hz: f64| {
            let x = std::f64::consts::PI * hz / 3000.0;
            20.0 * (x.sin() / x).abs().log10()
        };
        for hz in [1000.0, 2000.0, 4000.0, 5000.0] {
            let (got, want) = (level(hz), hold(hz));
            // The mean over a frame takes a little off the top.
            assert!((got - want).abs() < 0.3, "{rate} {hz}: {got} not {want}");
        }
    }
}

#[test]
fn a_string_plays_the_trigger_s_pitch_once_per_trigger() {
    for rate in [44_100.0f32, 96_000.0] {
        let setup = Setup::new(node("pluck")).rate(rate).literals(&[220.0, 6.0]);
        // A gate that stays up for a tenth of a second plucks once.
        let gate = |frame: u64| {
            [if frame < (rate / 10.0) as u64 {
                1.5
            } else {
                0.0
            }; 2]
        };
        let short = triggers(&[(0, 1.5)]);
        let frames = (1.5 * rate) as usize;
        let out = setup.build().run(frames, Cuts::Random(4), &gate);
        assert_eq!(out, setup.build().run(frames, Cuts::Every(64), &short));
        // Twenty periods later the wave is most like itself.
        let wave = left(&out[(rate * 0.3) as usize..].to_vec());
        let alike = |lag: usize| -> f64 {
            let pairs = wave[..20_000].iter().zip(&wave[lag..]);
            pairs.map(|(a, b)| f64::from(a * b)).sum()
        };
        let expected = 20.0 * f64::from(rate) / 330.0;
        let near = expected as usize - 4..expected as usize + 5;
        let best = near
            .max_by(|a, b| alike(*a).total_cmp(&alike(*b)))
            .expect("some lag");
        let [before, at, after] = [best - 1, best, best + 1].map(alike);
        let lag = best as f64 + 0.5 * (before - after) / (before - 2.0 * at + after);
        assert!(
            (lag / expected - 1.0).abs() < 6e-4,
            "{rate}: {lag} {expected}"
        );
    }
}

#[test]
fn a_string_rings_on_in_the_instance_that_replaces_it() {
    let setup = Setup::new(node("pluck")).literals(&[110.0, 5.0]);
    let strike = triggers(&[(10, 1.0)]);
    let whole = setup.build().run(9_600, Cuts::Every(64), &strike);
    let mut old = setup.build();
    old.run(4_800, Cuts::Every(64), &strike);
    let mut other = setup.clone();
    other.random_key = 99;
    let mut new = other.build();
    new.frame = old.frame;
    assert_no_alloc(|| {
        let from = Inherit::Replaced(&mut *old.processors[0]);
        new.processors[0].inherit(from);
    });
    let rest = new.run(4_800, Cuts::Every(64), &strike);
    assert_eq!(rest, whole[4_800..]);
}

#[test]
fn noise_goes_on_from_where_it_was_when_its_stream_changes() {
    for name in ["pink", "brown"] {
        let setup = Setup::new(node(name));
        let mut old = setup.build();
        let before = old.run(4_800, Cuts::Every(64), &noise);
        let mut other = setup.clone();
        other.random_key = 99;
        let mut new = other.build();
        new.frame = old.frame;
        new.processors[0].inherit(Inherit::Replaced(&mut *old.processors[0]));
        let after = new.run(10, Cuts::Every(64), &noise);
        let fresh = setup.build().run(10, Cuts::Every(64), &noise);
        let step = (after[0][0] - before[4_799][0]).abs();
        assert!(step < 0.4, "{name}: {step}");
        assert_ne!(after, fresh, "{name}");
    }
}
