//! Filters against their formulas: the response of each node in dB, and what its arguments do.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod rig;

use std::f64::consts::{PI, TAU};

use assert_no_alloc::AllocDisabler;
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::Inherit;
use rig::{Cuts, Form, Output, Setup, noise, peak};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn node(name: &str) -> &'static NodeSpec {
    let found = BUILTIN.iter().find(|spec| spec.name == name);
    found.expect("a node of this name")
}

fn impulse(frame: u64) -> [f32; 2] {
    [if frame == 0 { 1.0 } else { 0.0 }; 2]
}

/// A complex number, as (real, imaginary).
type Complex = (f64, f64);

fn power((re, im): Complex) -> f64 {
    re * re + im * im
}

/// Levels in dB of an impulse response at some frequencies, by rotating phasors.
fn levels(response: &Output, rate: f64, hz: &[f64]) -> Vec<f64> {
    hz.iter()
        .map(|f| {
            let step = (TAU * f / rate).sin_cos();
            let (mut phase, mut sum) = ((1.0, 0.0), (0.0, 0.0));
            for y in response {
                let y = f64::from(y[0]);
                sum = (sum.0 + y * phase.0, sum.1 - y * phase.1);
                phase = (
                    phase.0 * step.1 - phase.1 * step.0,
                    phase.0 * step.0 + phase.1 * step.1,
                );
            }
            10.0 * power(sum).max(1e-30).log10()
        })
        .collect()
}

/// Level of the analogue prototype in dB under the bilinear transform whose centre is kept (Bristow-
/// Johnson's cookbook for the shelves and the bell), or of the digital formula for `onepole`.
fn formula(name: &str, args: &[f32], f: f64, rate: f64) -> f64 {
    let arg = |i: usize| f64::from(args[i]);
    if name == "onepole" {
        let b = (-TAU * arg(0)).exp();
        let w = TAU * f / rate;
        let below = power((1.0 - b * w.cos(), b * w.sin()));
        return 10.0 * ((1.0 - b).powi(2) / below).log10();
    }
    let w = (PI * f / rate).tan() / (PI * arg(0) / rate).tan();
    if name == "moog" {
        // 1/((1 + jw)⁴ + k) with k = 3.98·q.
        let (re, im) = (1.0 - w * w, 2.0 * w);
        let fourth = (re * re - im * im + 3.98 * arg(1), 2.0 * re * im);
        return -10.0 * power(fourth).log10();
    }
    if name == "morph" {
        // (high − low + shape·input)/2.
        let (d, m) = ((1.0 - w * w, w / arg(1)), arg(2));
        let above = (-1.0 - w * w + m * d.0, m * d.1);
        return 10.0 * (0.25 * power(above).max(1e-30) / power(d)).log10();
    }
    let amplitude = 10f64.powf(arg(1) / 40.0);
    let (above, below) = match name {
        "lpf" => ((1.0, 0.0), (1.0 - w * w, w / arg(1))),
        "hpf" => ((w * w, 0.0), (1.0 - w * w, w / arg(1))),
        "bpf" => ((0.0, w / arg(1)), (1.0 - w * w, w / arg(1))),
        "notch" => ((1.0 - w * w, 0.0), (1.0 - w * w, w / arg(1))),
        "bell" => (
            (1.0 - w * w, w * amplitude / arg(2)),
            (1.0 - w * w, w / (amplitude * arg(2))),
        ),
        "lowshelf" | "highshelf" => {
            let middle = w * amplitude.sqrt() * std::f64::consts::SQRT_2;
            let one = (amplitude - w * w, middle);
            let other = (1.0 - amplitude * w * w, middle);
            let (above, below) = if name == "lowshelf" {
                (one, other)
            } else {
                (other, one)
            };
            ((amplitude * above.0, amplitude * above.1), below)
        }
        _ => unreachable!("a filter with a formula"),
    };
    10.0 * (power(above).max(1e-30) / power(below)).log10()
}

#[test]
fn responses_are_the_formulas_within_a_tenth_of_a_db() {
    for name in [
        "lpf",
        "hpf",
        "bpf",
        "notch",
        "lowshelf",
        "highshelf",
        "bell",
        "onepole",
        "moog",
        "morph",
    ] {
        let (mut worst, mut where_) = (0.0f64, String::new());
        let mut compared = 0;
        for rate in [44_100.0f32, 48_000.0, 96_000.0] {
            // A sixth of an octave apart from 20 Hz to 0.45 of the rate, and 0.49 of it.
            let r = f64::from(rate);
            let steps = ((0.45 * r / 20.0).log2() * 6.0) as i32;
            let mut hz: Vec<f64> = (0..=steps)
                .map(|i| 20.0 * 2f64.powf(f64::from(i) / 6.0))
                .collect();
            hz.extend([0.45 * r, 0.49 * r]);
            for cutoff in [40.0f32, 250.0, 1_000.0, 6_300.0, 0.3 * rate, 0.45 * rate] {
                for q in [0.5f32, 0.707, 8.0] {
                    let all: Vec<Vec<f32>> = match name {
                        "bell" => vec![vec![cutoff, 12.0, q], vec![cutoff, -18.0, q]],
                        "onepole" => vec![vec![cutoff / rate]],
                        "moog" => vec![vec![cutoff, q / 10.0]],
                        "morph" if cutoff < 0.4 * rate => {
                            vec![vec![cutoff, q, 1.0], vec![cutoff, q, -0.5]]
                        }
                        "morph" => vec![],
                        "lowshelf" | "highshelf" => {
                            vec![vec![cutoff, 24.0 * (q - 0.7) / 8.0], vec![cutoff, -12.0]]
                        }
                        _ => vec![vec![cutoff, q]],
                    };
                    // A cut makes a bell's Q effectively larger, by up to 10^(18/40).
                    let seconds = 0.02 + 30.0 * f64::from(q) / f64::from(cutoff);
                    for args in all {
                        let setup = Setup::new(node(name)).rate(rate).literals(&args);
                        let frames = (seconds * r) as usize;
                        // So small that what saturates does not.
                        let small = |frame: u64| impulse(frame).map(|x| x * 1e-3);
                        let response = setup.build().run(frames, Cuts::Every(64), &small);
                        for (f, got) in hz.iter().zip(levels(&response, r, &hz)) {
                            let got = got + 60.0;
                            let want = formula(name, &args, *f, r);
                            // Below −90 dB single precision shows; nobody hears it.
                            if want > -90.0 {
                                compared += 1;
                                if (got - want).abs() > worst {
                                    worst = (got - want).abs();
                                    where_ = format!("{args:?} at {f:.1} of {rate}");
                                }
                            }
                        }
                    }
                }
            }
        }
        println!("{name}: largest deviation {worst:.4} dB in {compared}: {where_}");
        assert!(worst < 0.1, "{name}: {worst} dB, {where_}");
        assert!(compared > 1_000);
    }
}

#[test]
fn gains_at_the_marked_places() {
    let at = |name: &str, args: &[f32], hz: f64| {
        let setup = Setup::new(node(name)).literals(args);
        let response = setup.build().run(96_000, Cuts::Every(64), &impulse);
        levels(&response, 48_000.0, &[hz])[0]
    };
    let near = |got: f64, want: f64| assert!((got - want).abs() < 0.02, "{got} not {want}");
    for q in [0.5, 2.0, 20.0] {
        near(at("bpf", &[1000.0, q], 1000.0), 0.0);
        // The cutoff is right to 2e-5, so the deepest place lies beside the centre by that much.
        assert!(at("notch", &[1000.0, q], 1000.0) < -60.0);
        near(at("notch", &[1000.0, q], 0.0), 0.0);
        near(at("bell", &[1000.0, 9.0, q], 1000.0), 9.0);
        near(at("bell", &[1000.0, -24.0, q], 1000.0), -24.0);
    }
    for db in [-12.0f32, 6.0] {
        let want = f64::from(db);
        near(at("lowshelf", &[500.0, db], 0.0), want);
        near(at("lowshelf", &[500.0, db], 500.0), 0.5 * want);
        near(at("lowshelf", &[500.0, db], 23_999.0), 0.0);
        near(at("highshelf", &[500.0, db], 0.0), 0.0);
        near(at("highshelf", &[500.0, db], 500.0), 0.5 * want);
        near(at("highshelf", &[500.0, db], 23_999.0), want);
    }
}

#[test]
fn an_equaliser_at_0_db_changes_nothing_and_opposite_ones_undo_each_other() {
    let signal: Vec<[f32; 2]> = (0..20_000).map(noise).collect();
    let through = |name: &str, args: &[f32], input: &Output| {
        let input = |frame: u64| input.get(frame as usize).copied().unwrap_or_default();
        Setup::new(node(name))
            .literals(args)
            .stereo()
            .build()
            .run(20_000, Cuts::Random(3), &input)
    };
    for (name, flat, up, down) in [
        (
            "bell",
            [700.0, 0.0, 3.0],
            [700.0, 12.0, 3.0],
            [700.0, -12.0, 3.0],
        ),
        (
            "lowshelf",
            [700.0, 0.0, 0.0],
            [700.0, 12.0, 0.0],
            [700.0, -12.0, 0.0],
        ),
        (
            "highshelf",
            [700.0, 0.0, 0.0],
            [700.0, 12.0, 0.0],
            [700.0, -12.0, 0.0],
        ),
    ] {
        let count = node(name).args.len();
        assert_eq!(through(name, &flat[..count], &signal), signal, "{name}");
        let there = through(name, &up[..count], &signal);
        let back = through(name, &down[..count], &there);
        let error = signal
            .iter()
            .zip(&back)
            .flat_map(|(a, b)| [a[0] - b[0], a[1] - b[1]])
            .fold(0.0f32, |m, e| m.max(e.abs()));
        assert!(error < 2e-5, "{name}: {error}");
    }
}

#[test]
fn a_gain_that_moves_goes_through_every_value() {
    // A sine in the middle of a bell that goes from −24 to 24 dB in two seconds: the level follows.
    let sine = |frame: u64| [(frame as f64 * TAU / 48.0).sin() as f32 * 0.05; 2];
    let args = |a: usize, frame: u64| match a {
        0 => 1000.0,
        1 => frame as f32 / 2_000.0 - 24.0,
        _ => 0.5,
    };
    let setup = Setup::new(node("bell")).form(Form::Reference);
    let out = setup
        .build()
        .run_args(96_000, Cuts::Random(5), &sine, &args);
    for start in (4_800..91_200).step_by(4_800) {
        let period = &out[start..start + 48];
        let db = 20.0 * f64::from(peak(period) / 0.05).log10();
        let want = f64::from(args(1, start as u64 + 24));
        assert!((db - want).abs() < 0.3, "{start}: {db} not {want}");
    }
}

#[test]
fn a_ladder_rounds_off_what_is_loud_and_stays_bounded() {
    // Far below the cutoff a steady value v comes out as y with y = tanh(v − k·y).
    for (v, q) in [
        (0.01f64, 0.0f64),
        (1.0, 0.0),
        (3.0, 0.0),
        (1.0, 0.5),
        (20.0, 1.0),
    ] {
        let setup = Setup::new(node("moog")).literals(&[2_000.0, q as f32]);
        let steady = setup
            .build()
            .run(48_000, Cuts::Every(64), &|_| [v as f32; 2]);
        let y = f64::from(steady[47_999][0]);
        // The loop is solved as if linear, then bent: u = (v − k·y·(1 − G⁴)…)/… = v − k·y at rest.
        let k = 3.98 * q;
        let g = (PI * 2_000.0 / 48_000.0).tan();
        let fourth = (g / (1.0 + g)).powi(4);
        let want = ((v - k * (1.0 - fourth) * y) / (1.0 + k * fourth)).tanh();
        assert!((y - want).abs() < 1e-4, "{v} {q}: {y} {want}");
    }
    let loud = |frame: u64| noise(frame).map(|x| 1e6 * x);
    let setup = Setup::new(node("moog")).literals(&[18_000.0, 1.0]);
    let out = setup.build().run(50_000, Cuts::Random(1), &loud);
    assert!(peak(&out) < 2.0, "{}", peak(&out));
}

#[test]
fn a_ladder_at_full_resonance_rings_in_tune() {
    for hz in [110.0f64, 1_000.0, 8_000.0] {
        let setup = Setup::new(node("moog")).literals(&[hz as f32, 1.0]);
        let small = |frame: u64| impulse(frame).map(|x| x * 1e-2);
        let out = setup.build().run(96_000, Cuts::Every(64), &small);
        let crossings: Vec<f64> = (1..out.len())
            .filter(|i| out[i - 1][0] < 0.0 && out[*i][0] >= 0.0)
            .map(|i| {
                let (a, b) = (f64::from(out[i - 1][0]), f64::from(out[i][0]));
                i as f64 - b / (b - a)
            })
            .collect();
        let few = &crossings[4..(crossings.len() - 1).min(40)];
        let period = (few[few.len() - 1] - few[0]) / (few.len() - 1) as f64;
        let cents = 1200.0 * (48_000.0 / period / hz).log2();
        println!("{hz} Hz: {cents:.2} cents off");
        assert!(cents.abs() < 5.0, "{hz}: {cents} cents");
    }
}

#[test]
fn onepole_has_upstream_s_values() {
    // b = exp(−2π·0.05), y = (1 − b)·x + b·y₁.
    let step = |_: u64| [1.0, -0.5];
    let b = (-TAU * 0.05f64).exp();
    for form in [Form::Held, Form::Reference] {
        let setup = Setup::new(node("onepole")).literals(&[0.05]).stereo();
        let out = setup.form(form).build().run(400, Cuts::Random(2), &step);
        for (n, y) in out.iter().enumerate() {
            let want = 1.0 - b.powi(n as i32 + 1);
            assert!((f64::from(y[0]) - want).abs() < 1e-6, "{n}");
            assert!((f64::from(y[1]) + 0.5 * want).abs() < 1e-6, "{n}");
        }
    }
}

#[test]
fn onepole_passes_from_a_half_on_and_holds_at_0() {
    for rate in [0.5, 0.7, 800.0, f32::INFINITY] {
        let args = |_: usize, _: u64| rate;
        let setup = Setup::new(node("onepole")).form(Form::Reference).stereo();
        let out = setup
            .build()
            .run_args(5_000, Cuts::Random(1), &noise, &args);
        assert!(out.iter().enumerate().all(|(i, y)| *y == noise(i as u64)));
    }
    for below in [0.0, -3.0, f32::NEG_INFINITY] {
        let args = |_: usize, frame: u64| if frame < 1_000 { 0.5 } else { below };
        let setup = Setup::new(node("onepole")).form(Form::Reference);
        let out = setup
            .build()
            .run_args(5_000, Cuts::Random(1), &noise, &args);
        assert!(out[1_000..].iter().all(|y| *y == out[999]));
    }
}

#[test]
fn a_slow_onepole_reaches_its_goal() {
    let setup = Setup::new(node("onepole")).literals(&[1e-5]);
    let out = setup.build().run(400_000, Cuts::Every(64), &|_| [1.0; 2]);
    assert!((out[399_999][0] - 1.0).abs() < 1e-6, "{:?}", out[399_999]);
}

#[test]
fn filters_go_on_where_the_old_one_was() {
    for name in [
        "bpf",
        "notch",
        "lowshelf",
        "highshelf",
        "bell",
        "onepole",
        "moog",
    ] {
        let mut old = Setup::new(node(name)).build();
        old.run(10_000, Cuts::Every(64), &noise);
        let mut stereo = Setup::new(node(name)).stereo().build();
        let [left, right] = &mut stereo.processors[..] else {
            unreachable!("two instances")
        };
        left.inherit(Inherit::Replaced(old.processors[0].as_mut()));
        right.inherit(Inherit::Twin(left.as_ref()));
        stereo.frame = old.frame;
        let both = |frame: u64| [noise(frame)[0]; 2];
        let want = old.run(2_000, Cuts::Every(64), &both);
        assert_eq!(stereo.run(2_000, Cuts::Every(64), &both), want, "{name}");
    }
}
