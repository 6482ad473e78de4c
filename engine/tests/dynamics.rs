//! Compressor, ducker, gate, limiter, follower and stereo width against numbers.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod rig;

use std::f64::consts::TAU;

use assert_no_alloc::AllocDisabler;
use glisten_engine::NodeSpec;
use glisten_engine::dsp::math::gain_of_db;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::Inherit;
use rig::{Cuts, Form, Output, Setup, noise, peak};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn node(name: &str) -> &'static NodeSpec {
    let found = BUILTIN.iter().find(|spec| spec.name == name);
    found.expect("a node of this name")
}

/// A node that listens to its own input.
fn setup(name: &str, args: &[f32]) -> Setup {
    let mut all = args.to_vec();
    all.resize(node(name).args.len(), 0.0);
    Setup::new(node(name)).literals(&all).without_optional()
}

fn db(x: f64) -> f64 {
    20.0 * x.max(1e-12).log10()
}

fn from_db(db: f64) -> f64 {
    10f64.powf(db / 20.0)
}

fn sine(hz: f64, rate: f64, amplitude: f64) -> impl Fn(u64) -> [f32; 2] {
    move |frame| [((TAU * hz * frame as f64 / rate).sin() * amplitude) as f32; 2]
}

/// Amplitude of one frequency over a whole number of its periods, and the level of everything else
/// against it in dB.
fn tone(out: &[[f32; 2]], hz: f64, rate: f64) -> (f64, f64) {
    let n = ((out.len() as f64 * hz / rate).floor() * rate / hz).round() as usize;
    let out = &out[out.len() - n..];
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (i, y) in out.iter().enumerate() {
        let (sin, cos) = (TAU * hz * i as f64 / rate).sin_cos();
        let y = f64::from(y[0]);
        re += y * cos;
        im += y * sin;
        power += y * y;
    }
    let amplitude = 2.0 / n as f64 * (re * re + im * im).sqrt();
    let rest = power / n as f64 - 0.5 * amplitude * amplitude;
    let rest_db = 10.0 * (2.0 * rest.max(1e-20) / (amplitude * amplitude)).log10();
    (amplitude, rest_db)
}

/// Static curve with a quadratic knee of 6 dB (Giannoulis et al. 2012, equation 4).
fn curve(level: f64, threshold: f64, ratio: f64) -> f64 {
    let over = level - threshold;
    if 2.0 * over < -6.0 {
        level
    } else if 2.0 * over.abs() <= 6.0 {
        level + (1.0 / ratio - 1.0) * (over + 3.0).powi(2) / 12.0
    } else {
        threshold + over / ratio
    }
}

#[test]
fn the_compressor_s_curve_is_right_within_a_tenth_of_a_db() {
    let mut worst = 0.0f64;
    for (rate, hz) in [(44_100.0, 1_050.0), (48_000.0, 50.0), (96_000.0, 1_000.0)] {
        for (threshold, ratio) in [(-20.0f32, 2.0f32), (-30.0, 4.0), (-12.0, 100.0)] {
            for level in (-54..=6).step_by(4).map(f64::from) {
                let setup = setup("compress", &[threshold, ratio, 5.0, 60.0]).rate(rate as f32);
                let input = sine(hz, rate, from_db(level));
                let out = setup.build().run(rate as usize, Cuts::Every(64), &input);
                let (amplitude, _) = tone(&out[(0.8 * rate) as usize..], hz, rate);
                let want = curve(level, f64::from(threshold), f64::from(ratio));
                worst = worst.max((db(amplitude) - want).abs());
            }
        }
    }
    println!("static curve: largest deviation {worst:.4} dB");
    assert!(worst < 0.1, "{worst}");
}

/// Gains in dB of a node at every frame, for a steady input that changes its level at `change`.
fn gains_db(setup: &Setup, before: f32, after: f32, change: u64, frames: usize) -> Vec<f64> {
    let input = |frame: u64| [if frame < change { before } else { after }; 2];
    let out = setup.build().run(frames, Cuts::Random(5), &input);
    let gain = |(i, y): (usize, &[f32; 2])| db(f64::from(y[0] / input(i as u64)[0]));
    out.iter().enumerate().map(gain).collect()
}

#[test]
fn attack_and_release_take_their_time_at_every_rate() {
    for rate in [44_100.0f32, 48_000.0, 96_000.0] {
        for (attack, release) in [(10.0f32, 100.0f32), (1.0, 40.0), (50.0, 300.0)] {
            let setup = setup("compress", &[-20.0, 4.0, attack, release]).rate(rate);
            let frames = |ms: f32| (ms * 1e-3 * rate).round() as usize;
            // From −40 dB to 0 dB, which asks for 15 dB less, and back.
            let change = frames(800.0);
            let gains = gains_db(&setup, 0.01, 1.0, change as u64, change + frames(800.0));
            assert!(gains[..change].iter().all(|g| g.abs() < 1e-6));
            let share = gains[change + frames(attack) - 1] / -15.0;
            assert!((share - 0.632).abs() < 0.005, "{rate} {attack}: {share}");
            let gains = gains_db(&setup, 1.0, 0.01, change as u64, change + frames(1_500.0));
            let settled = gains[change - 1];
            // The peak counts for 20 ms, at most a sixteenth longer.
            let held = gains[change..]
                .iter()
                .take_while(|g| **g <= settled + 1e-4)
                .count();
            assert!((frames(19.9)..frames(21.5)).contains(&held), "{held}");
            let share = gains[change + held + frames(release) - 1] / settled;
            assert!((share - 0.368).abs() < 0.01, "{rate} {release}: {share}");
        }
    }
}

#[test]
fn below_the_threshold_nothing_changes_to_the_bit() {
    // Noise up to 0 dB with everything set to leave it alone.
    for (name, args) in [
        ("compress", vec![0.0f32, 1.0, 1.0, 50.0]),
        ("limiter", vec![0.0, 50.0]),
    ] {
        let setup = setup(name, &args).stereo();
        let out = setup.build().run(50_000, Cuts::Random(2), &noise);
        assert!(
            out.iter().enumerate().all(|(i, y)| *y == noise(i as u64)),
            "{name}"
        );
    }
    let soft = |frame: u64| noise(frame).map(|x| 0.05 * x);
    let setup = setup("compress", &[-20.0, 8.0, 1.0, 50.0]).stereo();
    let out = setup.build().run(50_000, Cuts::Random(2), &soft);
    assert!(out.iter().enumerate().all(|(i, y)| *y == soft(i as u64)));
}

#[test]
fn a_steady_bass_note_is_not_distorted() {
    for (name, args) in [
        ("compress", vec![-30.0f32, 8.0, 1.0, 20.0]),
        ("limiter", vec![-20.0, 20.0]),
    ] {
        for hz in [30.0, 100.0, 1_000.0] {
            let out =
                setup(name, &args)
                    .build()
                    .run(96_000, Cuts::Every(64), &sine(hz, 48_000.0, 0.5));
            let (_, rest) = tone(&out[48_000..], hz, 48_000.0);
            println!("{name} at {hz} Hz: everything but the tone {rest:.1} dB");
            assert!(rest < -60.0, "{name} {hz}: {rest} dB");
        }
    }
}

#[test]
fn both_channels_get_one_gain() {
    for (name, args) in [
        ("compress", vec![-30.0f32, 8.0, 1.0, 20.0]),
        ("limiter", vec![-20.0, 20.0]),
        ("gate", vec![-20.0, 1.0, 20.0]),
    ] {
        let input = |frame: u64| {
            let x = noise(frame)[0];
            [0.25 * x, x]
        };
        let out = setup(name, &args)
            .stereo()
            .build()
            .run(20_000, Cuts::Random(1), &input);
        for [l, r] in &out {
            assert!((4.0 * l - r).abs() <= 1e-6 * r.abs(), "{name}: {l} {r}");
        }
    }
}

#[test]
fn a_sidechain_decides_instead_of_the_input() {
    let input = |_: u64| [0.05f32; 2];
    // The key is loud (0 dB) in the second half.
    let key = |name: &str, loud: f32| {
        let spec = node(name);
        let setup = Setup::new(spec).form(Form::Reference);
        let args = move |a: usize, frame: u64| match spec.args[a].name {
            "key" if frame >= 24_000 => loud,
            "key" => 0.0,
            "threshold_db" => -20.0,
            "ratio" => 4.0,
            _ => 10.0,
        };
        setup
            .build()
            .run_args(48_000, Cuts::Random(3), &input, &args)
    };
    let out = key("compress", 1.0);
    assert!(out[..24_000].iter().all(|y| y[0] == 0.05));
    assert!((db(f64::from(out[47_999][0] / 0.05)) + 15.0).abs() < 0.01);
    let out = key("gate", 1.0);
    assert!(peak(&out[..24_000]) == 0.0 && out[47_999][0] == 0.05);
    // And a key that is softer than its threshold changes nothing, however loud the input.
    let out = key("gate", 0.09);
    assert_eq!(peak(&out), 0.0);
}

/// Signals that try to get past a limiter.
fn hostile(frame: u64) -> [f32; 2] {
    let [a, b] = noise(frame);
    let wild = [1.0f32, 1e-3, 30.0, 1e6, 1e30, 0.5, 1e-30, 2.0];
    let size = wild[(frame / 777 % 8) as usize];
    let spike = if frame % 1_301 < 2 { 1e3 } else { 1.0 };
    let edge = if frame % 100 < 50 { 1.0 } else { -1.0 };
    [
        a * size * spike,
        if frame % 4_000 < 2_000 {
            b * size
        } else {
            edge * size
        },
    ]
}

#[test]
fn the_limiter_s_ceiling_is_never_exceeded() {
    for (ceiling, release) in [
        (0.0f32, 0.0f32),
        (-1.0, 100.0),
        (-17.3, 1.0),
        (-90.0, 5_000.0),
    ] {
        let out = setup("limiter", &[ceiling, release]).stereo().build().run(
            300_000,
            Cuts::Random(9),
            &hostile,
        );
        let highest = peak(&out);
        assert!(highest <= gain_of_db(ceiling), "{ceiling}: {highest}");
        assert!(highest > 0.99 * gain_of_db(ceiling), "{ceiling}: {highest}");
    }
    // A ceiling that moves at every sample holds, too.
    let args = |a: usize, frame: u64| match a {
        0 => -20.0 + 19.0 * (frame as f32 * 0.01).sin(),
        _ => 30.0,
    };
    let setup = Setup::new(node("limiter")).form(Form::Reference);
    let out = setup
        .build()
        .run_args(200_000, Cuts::Random(4), &hostile, &args);
    for (i, y) in out.iter().enumerate() {
        assert!(y[0].abs() <= gain_of_db(args(0, i as u64)), "{i}");
    }
}

#[test]
fn the_limiter_bends_the_first_quarter_wave_and_no_more() {
    // A sine 6 dB above the ceiling begins: once its top has passed, it is a sine at the ceiling.
    for hz in [50.0, 400.0] {
        let input = sine(hz, 48_000.0, 1.0);
        let out = setup("limiter", &[-6.0206, 100.0])
            .build()
            .run(9_600, Cuts::Every(64), &input);
        let quarter = (48_000.0 / hz / 4.0) as usize;
        let mut bent = out
            .iter()
            .enumerate()
            .filter(|(i, y)| (y[0] - 0.5 * input(*i as u64)[0]).abs() > 1e-3)
            .map(|(i, _)| i);
        let last = bent.next_back().unwrap_or(0);
        assert!(
            (quarter / 2..=quarter).contains(&last),
            "{hz}: {last} {quarter}"
        );
    }
}

#[test]
fn the_limiter_recovers_in_its_time() {
    let setup = setup("limiter", &[-20.0, 200.0]);
    let gains = gains_db(&setup, 1.0, 0.05, 4_800, 48_000);
    assert!((gains[4_799] + 20.0).abs() < 0.01);
    // The gain is a tenth and comes back to 1: after the hold and 200 ms 63 % of 0.9 are there.
    let held = gains[4_800..].iter().take_while(|g| **g < -19.99).count();
    assert!((955..1_025).contains(&held), "{held}");
    let gain = from_db(gains[4_800 + held + 9_600]);
    assert!(
        (gain - (1.0 - 0.9 * (-1.0f64).exp())).abs() < 0.005,
        "{gain}"
    );
}

#[test]
fn the_gate_opens_in_a_line_and_closes_by_60_db() {
    for rate in [44_100.0f32, 96_000.0] {
        let setup = setup("gate", &[-20.0, 10.0, 50.0]).rate(rate);
        let frames = |ms: f32| (ms * 1e-3 * rate).round() as usize;
        // Soft, then 0.2 (−14 dB), then soft again: −60 dB.
        let (on, off) = (frames(50.0), frames(150.0));
        let input = |frame: u64| {
            let loud = (on..off).contains(&(frame as usize));
            [if loud { 0.2f32 } else { 0.001 }; 2]
        };
        let out = setup.build().run(frames(400.0), Cuts::Random(7), &input);
        let gain = |i: usize| f64::from(out[i][0] / input(i as u64)[0]);
        assert_eq!(peak(&out[..on]), 0.0);
        assert!((gain(on + frames(5.0)) - 0.5).abs() < 0.01);
        let open = (on..off).find(|i| gain(*i) == 1.0).unwrap_or(0);
        assert!(open.abs_diff(on + frames(10.0)) <= 1, "{}", open - on);
        assert!((open..off).all(|i| gain(i) == 1.0));
        let held = (off..out.len()).take_while(|i| gain(*i) == 1.0).count();
        assert!((frames(19.9)..frames(21.5)).contains(&held), "{held}");
        let db_after = db(gain(off + held + frames(50.0) - 1));
        assert!((db_after + 60.0).abs() < 0.1, "{db_after}");
        assert_eq!(peak(&out[off + held + frames(70.0)..]), 0.0);
    }
}

#[test]
fn the_gate_does_not_chatter() {
    // A tone whose level wavers by 4 dB around the threshold: it opens once and stays open.
    let wavering = |frame: u64| {
        let level = -20.0 + 2.0 * (frame as f64 * 0.003).sin();
        let x = (TAU * 60.0 * frame as f64 / 48_000.0).sin() * from_db(level);
        [x as f32; 2]
    };
    let out = setup("gate", &[-20.0, 0.0, 0.0])
        .build()
        .run(96_000, Cuts::Every(64), &wavering);
    let open = |i: usize| out[i][0] == wavering(i as u64)[0] && out[i][0] != 0.0;
    let first = (0..96_000).find(|i| open(*i)).unwrap_or(96_000);
    assert!(first < 10_000);
    assert!((first..96_000).all(|i| open(i) || wavering(i as u64)[0] == 0.0));
    // Between the two thresholds it stays as it was.
    for (before, open) in [(0.2f32, true), (0.001, false)] {
        let input = |frame: u64| [if frame < 4_800 { before } else { 0.07 }; 2];
        let out = setup("gate", &[-20.0, 1.0, 20.0])
            .build()
            .run(20_000, Cuts::Every(64), &input);
        assert_eq!(out[19_999][0] == 0.07, open, "{before}");
    }
}

/// Gains of `duck` at each frame for a key.
fn ducked(rate: f32, amount: f32, release_ms: f32, key: &dyn Fn(u64) -> f32, n: usize) -> Vec<f64> {
    let args = |a: usize, frame: u64| match a {
        0 => key(frame),
        1 => amount,
        _ => release_ms,
    };
    let setup = Setup::new(node("duck")).form(Form::Reference).rate(rate);
    let out = setup
        .build()
        .run_args(n, Cuts::Random(2), &|_| [1.0; 2], &args);
    out.iter().map(|y| f64::from(y[0])).collect()
}

#[test]
fn ducking_has_its_depth_and_its_time_whatever_the_key_s_level() {
    for rate in [44_100.0f32, 96_000.0] {
        let frames = |ms: f32| (ms * 1e-3 * rate).round() as usize;
        for (amount, release) in [(0.8f32, 250.0f32), (0.5, 100.0), (1.0, 400.0)] {
            for level in [0.1f32, 0.5, 1.0] {
                let (on, off) = (frames(20.0), frames(120.0));
                let key = |f: u64| {
                    if (on..off).contains(&(f as usize)) {
                        level
                    } else {
                        0.0
                    }
                };
                let gains = ducked(rate, amount, release, &key, off + frames(release) + 9_600);
                assert!(gains[..on].iter().all(|g| *g == 1.0));
                let depth = 1.0 - f64::from(amount);
                let down = on + frames(5.0);
                assert!((gains[down..off].iter().all(|g| (g - depth).abs() < 1e-5)));
                assert!(gains[down - frames(1.0)] > depth + 1e-3);
                let held = gains[off..]
                    .iter()
                    .take_while(|g| **g < depth + 1e-7)
                    .count();
                assert!((frames(19.8)..frames(22.5)).contains(&held), "{held}");
                let half = gains[off + frames(20.5) + frames(release) / 2];
                assert!(
                    (half - (1.0 - 0.5 * f64::from(amount))).abs() < 0.02,
                    "{half}"
                );
                let back = gains[off..].iter().position(|g| *g == 1.0).unwrap_or(0);
                let want = frames(release + 20.6);
                assert!(back.abs_diff(want) <= frames(1.0), "{back} {want}");
            }
        }
    }
}

#[test]
fn a_soft_key_ducks_in_proportion_and_a_trigger_is_a_key() {
    let steady = |level_db: f64| {
        let key = from_db(level_db) as f32;
        ducked(48_000.0, 1.0, 100.0, &|_| key, 9_600)[9_599]
    };
    assert_eq!(steady(-51.0), 1.0);
    assert!((steady(-35.0) - 0.5).abs() < 1e-3);
    assert!(steady(-19.9) < 1e-6);
    let pulse = |frame: u64| if frame == 100 { 1.0 } else { 0.0 };
    let gains = ducked(48_000.0, 0.8, 200.0, &pulse, 20_000);
    let lowest = gains.iter().copied().fold(1.0, f64::min);
    assert!((lowest - 0.2).abs() < 1e-5, "{lowest}");
    assert_eq!(gains[100 + 960 + 60 + 9_600], 1.0);
}

#[test]
fn ducking_does_not_click() {
    // The gain's second difference: a corner would be a click, and there is none.
    let key = |frame: u64| if frame % 24_000 < 4_800 { 1.0 } else { 0.0 };
    let gains = ducked(48_000.0, 1.0, 200.0, &key, 72_000);
    let steepest = gains
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f64::max);
    let bend = gains
        .windows(3)
        .map(|w| (w[2] - 2.0 * w[1] + w[0]).abs())
        .fold(0.0, f64::max);
    // Smooth curves over 240 frames: a slope of 1.5/240 and a bend of 6/240².
    assert!(steepest < 1.6 / 240.0, "{steepest}");
    assert!(bend < 6.5 / 240.0f64.powi(2), "{bend}");
}

#[test]
fn a_follower_gives_the_amplitude() {
    for (rate, hz) in [(44_100.0, 30.0), (48_000.0, 1_000.0), (96_000.0, 10_000.0)] {
        let out = setup("follow", &[5.0, 50.0]).rate(rate as f32).build().run(
            rate as usize,
            Cuts::Random(1),
            &sine(hz, rate, 0.4),
        );
        for y in &out[rate as usize / 2..] {
            assert!(
                (db(f64::from(y[0])) - db(0.4)).abs() < 0.1,
                "{hz}: {}",
                y[0]
            );
        }
    }
    // Up by 63 % in the attack; down by 63 % in the release, 20 ms after the last peak.
    let steps = |frame: u64| {
        [
            if (4_800..24_000).contains(&frame) {
                0.3
            } else {
                0.0
            },
            -0.6,
        ]
        .map(|x| {
            if (4_800..24_000).contains(&frame) {
                x
            } else {
                0.0
            }
        })
    };
    let out = setup("follow", &[10.0, 100.0])
        .stereo()
        .build()
        .run(48_000, Cuts::Random(1), &steps);
    let at = |i: usize| f64::from(out[i][0]) / 0.6;
    assert!((at(4_800 + 479) - 0.632).abs() < 0.002);
    assert!((at(23_999) - 1.0).abs() < 1e-6);
    let held = (24_000..48_000).take_while(|i| at(*i) > 0.9999).count();
    assert!((955..1_025).contains(&held), "{held}");
    assert!((at(24_000 + held + 4_799) - 0.368).abs() < 0.005);
}

#[test]
fn width_is_mono_at_0_exact_at_1_and_twice_as_wide_at_2() {
    let run = |amount: f32| {
        setup("width", &[amount])
            .stereo()
            .build()
            .run(20_000, Cuts::Random(1), &noise)
    };
    let check = |amount: f32, tolerance: f32| {
        for (i, y) in run(amount).iter().enumerate() {
            let [l, r] = noise(i as u64);
            assert!((y[0] + y[1] - (l + r)).abs() <= tolerance, "{amount}");
            assert!(
                (y[0] - y[1] - amount * (l - r)).abs() <= tolerance,
                "{amount}"
            );
        }
    };
    let unchanged: Output = (0..20_000).map(noise).collect();
    assert!(run(1.0) == unchanged);
    check(0.0, 3e-7);
    check(0.5, 3e-7);
    check(2.0, 5e-7);
    let mono = setup("width", &[2.0])
        .build()
        .run(5_000, Cuts::Every(64), &noise);
    assert!(
        mono.iter()
            .enumerate()
            .all(|(i, y)| y[0] == noise(i as u64)[0])
    );
}

#[test]
fn mid_and_side_go_back_to_where_they_came_from() {
    let half = |name: &str| {
        setup(name, &[])
            .stereo()
            .build()
            .run(10_000, Cuts::Random(1), &noise)
    };
    let (mid, side) = (half("mid"), half("side"));
    let args = |a: usize, frame: u64| [&mid, &side][a].get(frame as usize).map_or(0.0, |y| y[0]);
    let setup = Setup::new(node("midside")).form(Form::Reference);
    let out = setup
        .build()
        .run_args(10_000, Cuts::Random(2), &noise, &args);
    let mut worst = 0.0f32;
    for (i, y) in out.iter().enumerate() {
        let [l, r] = noise(i as u64);
        worst = worst.max((y[0] - l).abs()).max((y[1] - r).abs());
        assert_eq!(mid[i][0], 0.5 * (l + r));
    }
    println!(
        "round trip through mid and side: {:.1} dB",
        db(f64::from(worst))
    );
    assert!(worst < 1.3e-7, "{worst}");
}

#[test]
fn a_new_width_goes_on_with_the_old_gain() {
    for (name, args) in [
        ("compress", vec![-40.0f32, 8.0, 10.0, 5_000.0]),
        ("limiter", vec![-30.0, 5_000.0]),
        ("gate", vec![-20.0, 1.0, 5_000.0]),
    ] {
        let setup = setup(name, &args);
        let input = |_: u64| [0.5f32; 2];
        let mut old = setup.build();
        let before = old.run(24_000, Cuts::Every(64), &input)[23_999][0];
        let mut new = setup.clone().stereo().build();
        new.processors[0].inherit(Inherit::Replaced(old.processors[0].as_mut()));
        new.frame = old.frame;
        let after = new.run(64, Cuts::Every(64), &input);
        assert!(
            after
                .iter()
                .all(|y| (y[0] - before).abs() < 1e-4 && y[0] == y[1]),
            "{name}"
        );
    }
}
