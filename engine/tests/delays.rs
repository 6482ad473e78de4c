//! Delays in samples, combs and all-passes: places and sizes of single pulses, flatness, edits.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;
mod rig;

use std::f64::consts::TAU;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use common::{Host, onsets};
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::Inherit;
use rig::{Cuts, Form, Output, Rig, Setup, bits, noise, peak};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn node(name: &str) -> &'static NodeSpec {
    let found = BUILTIN.iter().find(|spec| spec.name == name);
    found.expect("a node of this name")
}

fn impulse(frame: u64) -> [f32; 2] {
    [if frame == 0 { 1.0 } else { 0.0 }; 2]
}

fn take_over(new: &mut Rig, old: &mut Rig) {
    for (new, old) in new.processors.iter_mut().zip(&mut old.processors) {
        assert_no_alloc(|| new.inherit(Inherit::Replaced(old.as_mut())));
    }
    new.frame = old.frame;
}

/// What a node does with an impulse, left channel.
fn response(setup: &Setup, frames: usize) -> Vec<f32> {
    let out = setup.build().run(frames, Cuts::Random(1), &impulse);
    out.iter().map(|y| y[0]).collect()
}

#[test]
fn delayn_is_exact_at_every_rate() {
    for rate in [22_050.0, 48_000.0, 192_000.0] {
        for samples in [0usize, 1, 2, 63, 64, 65, 4_410, 50_000] {
            let setup = Setup::new(node("delayn")).rate(rate).stereo();
            let setup = setup.literals(&[samples as f32]);
            let out = setup.build().run(52_000, Cuts::Random(1), &noise);
            for (i, y) in out.iter().enumerate() {
                let want = i.checked_sub(samples).map_or([0.0; 2], |i| noise(i as u64));
                assert_eq!(*y, want, "{samples} samples, frame {i}");
            }
        }
    }
}

#[test]
fn delayn_loops_at_exactly_its_length() {
    // 200 samples, in a loop that passes it: every echo on its frame, half as loud.
    for samples in [200usize, 9] {
        let mut host = Host::playing(&format!(
            "~wet: ~input >> add ~back >> delayn {samples}\n~back: ~wet >> mul 0.5\nout: ~wet"
        ));
        let audio = host.render_with(1_200, &[], |f| if f == 0 { (1.0, 1.0) } else { (0.0, 0.0) });
        let frames = onsets(&audio.left);
        let echoes = frames.iter().take(5).copied().collect::<Vec<_>>();
        let want: Vec<usize> = (1..=5).map(|k| k * samples).collect();
        assert_eq!(echoes, want);
        for (k, frame) in echoes.iter().enumerate() {
            assert_eq!(audio.left[*frame], 0.5f32.powi(k as i32), "{frame}");
        }
    }
}

#[test]
fn delayn_in_a_loop_reads_what_the_line_holds() {
    let setup = Setup::new(node("delayn")).literals(&[70.5]);
    let plain = setup.build().run(5_000, Cuts::Every(64), &noise);
    let mut rig = setup.build();
    rig.min_delay = 64;
    assert!(bits(&plain) == bits(&rig.run(5_000, Cuts::Every(64), &noise)));
}

#[test]
fn a_changed_delayn_fades_and_keeps_its_line() {
    let args = |_: usize, frame: u64| if frame < 20_032 { 1_000.0 } else { 7.0 };
    let setup = Setup::new(node("delayn")).literals(&[5_000.0]);
    let out = setup
        .build()
        .run_args(30_000, Cuts::Random(4), &noise, &args);
    let exact = |frames: usize, i: usize| noise((i - frames) as u64)[0];
    assert!((1_000..20_032).all(|i| out[i][0] == exact(1_000, i)));
    // 30 ms are 1440 frames; half-way both places count equally.
    let middle = 20_032 + 720;
    let half = 0.5 * (exact(1_000, middle) + exact(7, middle));
    assert!((out[middle][0] - half).abs() < 2e-3);
    assert!((22_000..30_000).all(|i| out[i][0] == exact(7, i)));
}

#[test]
fn an_all_pass_has_schroeder_s_impulse_response() {
    for (rate, ms, gain, d) in [
        (44_100.0, 10.0, 0.5f32, 441),
        (48_000.0, 2.0, -0.7, 96),
        (96_000.0, 0.5, 0.9, 48),
        // Delays below two samples are two.
        (48_000.0, 0.0, 0.3, 2),
    ] {
        let setup = Setup::new(node("apfmsgain")).rate(rate);
        let h = response(&setup.literals(&[ms, gain]), 12 * d);
        let g = f64::from(gain);
        for (n, y) in h.iter().enumerate() {
            let want = match n {
                0 => -g,
                n if n % d == 0 => (1.0 - g * g) * g.powi((n / d) as i32 - 1),
                _ => 0.0,
            };
            assert!((f64::from(*y) - want).abs() < 2e-6, "{ms} {n}: {y} {want}");
        }
    }
}

#[test]
fn an_all_pass_leaves_every_level_as_it_is() {
    // Whole delays are flat by construction. Between samples the interpolation takes its toll.
    for (ms, limit) in [(5.0f32, 1e-3), (5.010_416_6, 0.8)] {
        let setup = Setup::new(node("apfmsgain")).literals(&[ms, 0.7]);
        let h = response(&setup, 30_000);
        let mut worst = 0.0f64;
        for step in 1..200 {
            let hz = f64::from(step) * 50.3;
            let (mut re, mut im) = (0.0, 0.0);
            for (n, y) in h.iter().enumerate() {
                let phase = TAU * hz / 48_000.0 * n as f64;
                re += f64::from(*y) * phase.cos();
                im -= f64::from(*y) * phase.sin();
            }
            worst = worst.max((10.0 * (re * re + im * im).log10()).abs());
        }
        println!("{ms} ms: flat within {worst:.5} dB up to 10 kHz");
        assert!(worst < limit, "{ms}: {worst}");
    }
}

#[test]
fn a_comb_repeats_at_its_time_and_by_its_feedback() {
    for (rate, ms, feedback, d) in [
        (44_100.0, 10.0, 0.7f32, 441),
        (48_000.0, 1.0, -0.9, 48),
        (96_000.0, 25.0, 0.5, 2_400),
    ] {
        let setup = Setup::new(node("comb")).rate(rate);
        let h = response(&setup.literals(&[ms, feedback]), 8 * d + 1);
        let g = f64::from(feedback);
        for (n, y) in h.iter().enumerate() {
            let want = if n % d == 0 {
                (1.0 - g * g).sqrt() * g.powi((n / d) as i32)
            } else {
                0.0
            };
            assert!((f64::from(*y) - want).abs() < 2e-6, "{ms} {n}: {y} {want}");
        }
    }
}

#[test]
fn noise_leaves_a_comb_as_loud_as_it_entered() {
    let rms = |out: &[[f32; 2]]| {
        let sum: f64 = out.iter().map(|y| f64::from(y[0] * y[0])).sum();
        (sum / out.len() as f64).sqrt()
    };
    let plain: Output = (0..400_000).map(noise).collect();
    for feedback in [0.0, 0.5, -0.8, 0.95] {
        let setup = Setup::new(node("comb")).literals(&[3.0, feedback]);
        let out = setup.build().run(400_000, Cuts::Every(64), &noise);
        let db = 20.0 * (rms(&out[50_000..]) / rms(&plain)).log10();
        assert!(db.abs() < 0.2, "{feedback}: {db} dB");
    }
}

#[test]
fn a_comb_rings_as_long_as_its_documentation_says() {
    // 3·ms / −log10(feedback): 5 ms and 0.9 give 328 ms to −60 dB.
    let setup = Setup::new(node("comb")).literals(&[5.0, 0.9]);
    let h = response(&setup, 48_000);
    let last = h.iter().rposition(|y| y.abs() > h[0] * 1e-3);
    let ms = last.map_or(0.0, |n| n as f64 / 48.0);
    assert!((ms - 3.0 * 5.0 / -(0.9f64.log10())).abs() < 5.0, "{ms}");
}

/// `v[n] = x[n] + g·v[n − D(n)]` for delays that move, computed frame by frame in double precision
/// with the third-order Lagrange formula.
fn recursion(delay: &dyn Fn(u64) -> f64, gain: &dyn Fn(u64) -> f64, n: usize) -> Vec<[f64; 2]> {
    let mut v: Vec<f64> = Vec::new();
    let mut all = Vec::new();
    for i in 0..n {
        let place = i as f64 - delay(i as u64);
        let whole = place.floor();
        let t = place - whole;
        let at = |k: i64| {
            let k = whole as i64 + k;
            usize::try_from(k)
                .ok()
                .and_then(|k| v.get(k))
                .copied()
                .unwrap_or(0.0)
        };
        let past = at(-1) * (-t * (t - 1.0) * (t - 2.0) / 6.0)
            + at(0) * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0)
            + at(1) * (-(t + 1.0) * t * (t - 2.0) / 2.0)
            + at(2) * ((t + 1.0) * t * (t - 1.0) / 6.0);
        let g = gain(i as u64);
        v.push(f64::from(noise(i as u64)[0]) * 0.5 + g * past);
        all.push([v[i], past]);
    }
    all
}

#[test]
fn a_moving_delay_is_followed_at_every_sample() {
    for name in ["comb", "apfmsgain"] {
        // From 2.3 to 200 samples, crossing chunk lengths and the shortest delay.
        let samples = |frame: u64| 101.15 + 98.85 * (frame as f64 * 0.002).cos();
        let gain = |frame: u64| 0.6 * (frame as f64 * 0.0007).sin();
        let args = |a: usize, frame: u64| match a {
            0 => (samples(frame) / 48.0) as f32,
            _ => gain(frame) as f32,
        };
        let half = |frame: u64| noise(frame).map(|x| 0.5 * x);
        let setup = Setup::new(node(name)).form(Form::Reference);
        let out = setup
            .build()
            .run_args(20_000, Cuts::Random(8), &half, &args);
        let mut worst = 0.0f64;
        for (i, [stored, past]) in recursion(&samples, &gain, 20_000).iter().enumerate() {
            let g = gain(i as u64);
            let want = if name == "comb" {
                stored * (1.0 - g * g).sqrt()
            } else {
                past - g * stored
            };
            worst = worst.max((f64::from(out[i][0]) - want).abs());
        }
        // A delay within a thousandth of a whole frame counts as whole.
        assert!(worst < 1e-3, "{name}: {worst}");
    }
}

#[test]
fn a_changed_time_fades_without_a_step() {
    for name in ["comb", "apfmsgain"] {
        let sine = |frame: u64| [(frame as f32 * 0.02).sin() * 0.5; 2];
        let steepest = |jump: bool| {
            let args = |a: usize, frame: u64| match a {
                0 if jump && frame >= 40_000 => 3.7,
                0 => 11.0,
                _ => 0.6,
            };
            let setup = Setup::new(node(name)).literals(&[11.0, 0.6]);
            let out = setup
                .build()
                .run_args(60_000, Cuts::Every(64), &sine, &args);
            out[30_000..]
                .windows(2)
                .map(|w| (w[1][0] - w[0][0]).abs())
                .fold(0.0f32, f32::max)
        };
        // The steepest slope is that of a sine whose level settles elsewhere.
        assert!(steepest(true) < 3.0 * steepest(false), "{name}");
        assert!(steepest(true) < 0.03, "{name}: {}", steepest(true));
    }
}

#[test]
fn a_line_that_becomes_stereo_goes_on_ringing_on_both_sides() {
    for name in ["comb", "apfmsgain"] {
        let setup = Setup::new(node(name)).literals(&[40.0, 0.8]);
        let mut old = setup.build();
        old.run(30_016, Cuts::Every(64), &noise);
        let mut new = setup.clone().stereo().build();
        take_over(&mut new, &mut old);
        // After the widening both sides hear the left noise: they must stay the mono node's.
        let mut mono = setup.build();
        let left = |frame: u64| [noise(frame)[0]; 2];
        mono.run(30_016, Cuts::Every(64), &left);
        let want = mono.run(20_000, Cuts::Random(3), &left);
        let got = new.run(20_000, Cuts::Random(6), &left);
        assert!(bits(&got) == bits(&want), "{name}");
    }
}

#[test]
fn a_mono_step_of_a_stereo_node_keeps_both_sides_alike() {
    // One instance, first mono, then stereo, as while fades run.
    let setup = Setup::new(node("comb")).literals(&[7.0, 0.9]).stereo();
    let left = |frame: u64| [noise(frame)[0]; 2];
    let want = setup.build().run(10_048, Cuts::Every(64), &left);
    let mut rig = setup.build();
    rig.channels = 1;
    rig.outputs = 1;
    rig.setup.stereo_input = false;
    rig.run(5_056, Cuts::Every(64), &left);
    rig.channels = 2;
    rig.outputs = 2;
    rig.setup.stereo_input = true;
    let got = rig.run(10_048 - 5_056, Cuts::Every(64), &left);
    assert!(bits(&got) == bits(&want[5_056..].to_vec()));
}

#[test]
fn feedback_at_its_limit_under_wild_delays_stays_bounded() {
    for name in ["comb", "apfmsgain"] {
        for feedback in [1.0e9, -1.0e9] {
            let args = |a: usize, frame: u64| match a {
                0 => noise(frame * 31)[1].abs() * 20.0,
                _ => feedback,
            };
            let setup = Setup::new(node(name)).form(Form::Reference);
            let out = setup
                .build()
                .run_args(200_000, Cuts::Every(64), &noise, &args);
            assert!(peak(&out) <= 2_000.0, "{name}: {}", peak(&out));
        }
    }
}
