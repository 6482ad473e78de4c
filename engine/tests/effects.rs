//! What echoes, reverbs, moving effects, envelopes and holds promise as nodes: levels, times, sides.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;
mod rig;

use assert_no_alloc::AllocDisabler;
use common::Host;
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use rig::{Cuts, Form, Output, Setup, noise};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn node(name: &str) -> &'static NodeSpec {
    let mut all = BUILTIN.iter();
    all.find(|spec| spec.name == name)
        .expect("a node of this name")
}

fn setup(name: &str, literals: &[f32]) -> Setup {
    Setup::new(node(name)).literals(literals)
}

/// One impulse at frame 0, on both sides.
fn impulse(frame: u64) -> [f32; 2] {
    [if frame == 0 { 1.0 } else { 0.0 }; 2]
}

fn side(out: &Output, channel: usize) -> Vec<f32> {
    out.iter().map(|y| y[channel]).collect()
}

#[test]
fn effects_without_wet_sound_pass_their_input_to_the_bit() {
    for (name, dry) in [
        ("echo", &[300.0, 0.5, 0.0, 0.0, 6000.0][..]),
        ("pingpong", &[300.0, 0.5, 0.0, 5.0, 6000.0]),
        ("chorus", &[0.6, 4.0, 0.0]),
        ("flanger", &[0.2, 4.0, 0.5, 0.0]),
        ("phaser", &[0.3, 0.7, 0.4, 0.0]),
        ("reverb", &[0.5, 0.7, 1.0, 0.0, 1.0]),
        ("hall", &[3.0, 0.5, 0.0]),
        ("plate", &[0.0]),
    ] {
        let mut rig = setup(name, dry).stereo().build();
        let out = rig.run(9_000, Cuts::Random(3), &noise);
        for (i, y) in out.iter().enumerate() {
            assert_eq!(*y, noise(i as u64), "{name} frame {i}");
        }
    }
}

#[test]
fn moving_effects_and_reverbs_make_a_mono_sound_wide() {
    for name in ["chorus", "flanger", "phaser", "reverb", "hall", "plate"] {
        let mono = |frame: u64| [noise(frame)[0]; 2];
        let out = Setup::new(node(name))
            .build()
            .run(96_000, Cuts::Every(64), &mono);
        let power = |f: &dyn Fn(&[f32; 2]) -> f32| -> f64 {
            out[48_000..].iter().map(|y| f64::from(f(y)).powi(2)).sum()
        };
        let (left, right) = (power(&|y| y[0]), power(&|y| y[1]));
        let apart = power(&|y| y[0] - y[1]);
        assert!((0.7..1.4).contains(&(left / right)), "{name}");
        assert!(apart > 0.02 * left, "{name}: {}", apart / left);
        // Full-scale noise stays about as loud.
        let input: f64 = (48_000..96_000)
            .map(|i| f64::from(noise(i)[0]).powi(2))
            .sum();
        let db = 10.0 * (left / input).log10();
        println!("{name}: {db:+.1} dB");
        assert!(db.abs() < 4.0, "{name}: {db}");
    }
}

#[test]
fn the_mix_of_a_reverb_may_be_a_reference() {
    for (name, port) in [("plate", 0), ("hall", 2), ("echo", 2), ("chorus", 2)] {
        let setup = Setup::new(node(name)).form(Form::Reference);
        let args = |a: usize, frame: u64| {
            if a == port {
                if frame < 20_000 { 0.0 } else { 1.0 }
            } else {
                setup.default_of(a)
            }
        };
        let out = setup
            .build()
            .run_args(40_000, Cuts::Every(64), &noise, &args);
        let wet = Setup::new(node(name))
            .form(Form::Reference)
            .build()
            .run_args(40_000, Cuts::Every(64), &noise, &|a, _| {
                if a == port { 1.0 } else { setup.default_of(a) }
            });
        assert!(
            (0..20_000).all(|i| out[i][0] == noise(i as u64)[0]),
            "{name}"
        );
        assert!((20_000..40_000).all(|i| out[i] == wet[i]), "{name}");
    }
}

#[test]
fn freeverb_s_width_and_levels_are_those_of_its_mixer() {
    let run = |width: f32| {
        let args = [0.5, 0.5, width, 0.5, 0.0];
        setup("reverb", &args)
            .build()
            .run(20_000, Cuts::Every(64), &impulse)
    };
    let (wide, mono, half) = (run(1.0), run(0.0), run(0.5));
    assert!(mono.iter().all(|y| y[0] == y[1]));
    for ((w, m), h) in wide.iter().zip(&mono).zip(&half) {
        assert!((0.5 * (w[0] + w[1]) - m[0]).abs() < 1e-6);
        assert!((0.75 * w[0] + 0.25 * w[1] - h[0]).abs() < 1e-6);
    }
    // The first echo: both channels · 0.015 · 3 · 0.5, after 1116 and 1139 frames at 44.1 kHz.
    let first = |channel: usize| wide.iter().position(|y| y[channel] != 0.0);
    assert_eq!((first(0), first(1)), (Some(1215), Some(1240)));
    assert!((wide[1215][0] - 2.0 * 0.015 * 1.5).abs() < 1e-7);
}

#[test]
fn repeats_alternate_and_may_be_pitched() {
    let args = [250.0, 0.5, 1.0, 0.0, 20_000.0];
    let out = setup("pingpong", &args)
        .build()
        .run(40_000, Cuts::Random(2), &impulse);
    assert_eq!(out[12_000], [1.0, 0.0]);
    assert!(out[24_000][1] > 0.3 && out[24_000][0] == 0.0);
    assert!(out[36_000][0] > 0.1);
    let plain = setup("echo", &args)
        .build()
        .run(40_000, Cuts::Random(2), &impulse);
    assert_eq!(plain[12_000], [1.0, 1.0]);
    assert!(plain[..12_000].iter().all(|y| *y == [0.0; 2]));
}

#[test]
fn an_edit_that_widens_an_echo_keeps_its_repeats() {
    let mut host = Host::playing("~hit: imp 0.1\nout: ~hit >> echo 500 0.5 1");
    let audio = host.render(12_000);
    assert_eq!(audio.peak(), 0.0);
    host.evaluate("~hit: imp 0.1\nout: ~hit >> pan 0 >> echo 500 0.5 1");
    let audio = host.render(40_000);
    assert!((audio.left[12_000] - 1.0).abs() < 1e-3);
    assert!((audio.right[12_000] - 1.0).abs() < 1e-3);
    // Half of it once more, through the loop's low-pass.
    assert!(audio.right[36_000] > 0.1);
}

#[test]
fn a_note_value_that_jumps_fades_over() {
    // As with a change of tempo: the reference steps from 150 to 100 ms.
    let sine = |frame: u64| [(frame as f32 * 0.057_595_87).sin(); 2];
    for name in ["delayms", "echo"] {
        let setup = Setup::new(node(name)).form(Form::Reference);
        let args = |a: usize, frame: u64| match (a, name) {
            (0, _) => [150.0, 100.0, 101.5][(frame / 20_000).min(2) as usize],
            (1, _) => 0.0,
            (2, _) => 1.0,
            _ => setup.default_of(a),
        };
        let out = setup
            .build()
            .run_args(60_000, Cuts::Random(5), &sine, &args);
        let steepest = out[8_000..]
            .windows(2)
            .map(|w| (w[1][0] - w[0][0]).abs())
            .fold(0.0f32, f32::max);
        assert!(steepest < 0.06, "{name}: {steepest}");
        assert_eq!(out[19_999][0], sine(19_999 - 7_200)[0], "{name}");
        assert_eq!(out[39_999][0], sine(39_999 - 4_800)[0], "{name}");
        assert_eq!(out[59_999][0], sine(59_999 - 4_872)[0], "{name}");
    }
}

#[test]
fn a_note_value_is_exact_and_follows_the_tempo_without_a_click() {
    let mut host = Host::playing("out: ~input >> echo 1/8. 0 1").without_guard();
    let sine = |frame: u64| {
        let x = (frame as f64 * std::f64::consts::TAU * 440.0 / 48_000.0).sin() as f32;
        (x, x)
    };
    // A dotted eighth at 120 bpm is 375 ms.
    let mut audio = host.render_with(48_000, &[], sine);
    for i in 0..48_000 {
        let want = if i < 18_000 {
            0.0
        } else {
            sine(i as u64 - 18_000).0
        };
        assert_eq!(audio.left[i], want, "frame {i}");
    }
    host.tempo_bpm = 150.0;
    audio.extend(&host.render_with(48_000, &[], sine));
    let steepest = audio.left[20_000..]
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0f32, f32::max);
    assert!(steepest < 0.06, "{steepest}");
    for i in 60_000..96_000 {
        assert_eq!(audio.left[i], sine(i as u64 - 14_400).0, "frame {i}");
    }
}

#[test]
fn a_delay_may_be_told_up_to_eight_seconds_by_a_reference() {
    let setup = Setup::new(node("delayms")).form(Form::Reference);
    let out = setup
        .build()
        .run_args(400_000, Cuts::Every(64), &noise, &|_, _| 8000.0);
    assert!((0..384_000).all(|i| out[i][0] == 0.0));
    assert!((384_000..400_000).all(|i| out[i][0] == noise(i as u64 - 384_000)[0]));
}

#[test]
fn adsr_plays_a_pattern_s_notes_to_the_frame() {
    for rate in [44_100.0, 96_000.0f64] {
        // The guard would take the envelope for an offset.
        let mut host = Host::at_rate(glisten_engine::Kind::Effect, rate).without_guard();
        host.evaluate("out: speed 2 >> seq 72 _ >> adsr 0.01 0.1 0.5 0.2");
        // Two notes a second at 120 bpm: a bar is two seconds, the pattern one.
        let audio = host.seconds(1.0);
        let frame = |seconds: f64| (seconds * rate).round() as usize;
        let y = &audio.left;
        let (peak, sustain, end) = (frame(0.01), frame(0.11), frame(0.31));
        assert_eq!((y[0], y[peak], y[sustain]), (0.0, 1.0, 0.5), "{rate}");
        assert!((y[peak / 2] - (peak / 2) as f32 / peak as f32).abs() < 1e-6);
        assert!((y[frame(0.06)] - 0.75).abs() < 1e-5, "{rate}");
        assert!((y[frame(0.21)] - 0.25).abs() < 1e-5, "{rate}");
        assert!(y[end - 1] > 0.0 && y[end] == 0.0);
        assert!(y[end..].iter().all(|y| *y == 0.0));
    }
}

#[test]
fn hold_takes_a_value_at_each_rise_of_its_trigger() {
    let setup = Setup::new(node("hold")).form(Form::Reference).stereo();
    // One-frame pulses, then a gate, then nothing.
    let trigger = |frame: u64| match frame {
        100 | 250 | 251 => 1.0,
        400..=600 => 0.3,
        700..=800 => -1.0,
        _ => 0.0,
    };
    let out = setup
        .build()
        .run_args(1_000, Cuts::Random(1), &noise, &|_, frame| trigger(frame));
    for (i, y) in out.iter().enumerate() {
        let want = match i {
            0..100 => [0.0; 2],
            100..250 => noise(100),
            250..400 => noise(250),
            _ => noise(400),
        };
        assert_eq!(*y, want, "frame {i}");
    }
}

#[test]
fn slew_takes_the_time_it_is_told_at_every_rate() {
    for rate in [22_050.0f32, 48_000.0, 96_000.0] {
        let frames = |seconds: f32| (seconds * rate).round() as u64;
        let (on, off) = (frames(0.1), frames(1.0));
        let gate = move |frame: u64| [if (on..off).contains(&frame) { 2.0 } else { 0.0 }; 2];
        for (down, fall) in [(0.2f32, 0.2f32), (-1.0, 0.05), (0.0, 0.0)] {
            let out = setup("slew", &[0.05, down]).rate(rate).build().run(
                frames(2.0) as usize,
                Cuts::Random(1),
                &gate,
            );
            let y = side(&out, 0);
            // The frame of the step makes the first part of the way. A step of 2 takes twice as long.
            let top = (on + frames(0.1) - 1) as usize;
            assert!(y[top - 1] < 2.0 && y[top + 1] == 2.0, "{rate}");
            let middle = y[(on + frames(0.05) - 1) as usize];
            assert!((middle - 1.0).abs() < 1e-3, "{rate}: {middle}");
            let bottom = (off + frames(2.0 * fall)) as usize;
            assert!(y[bottom] == 0.0, "{rate} {down}");
            if fall > 0.0 {
                assert!(y[bottom - 3] > 0.0, "{rate} {down}");
                let middle = y[(off + frames(fall) - 1) as usize];
                assert!((middle - 1.0).abs() < 1e-3, "{rate}: {middle}");
            } else {
                assert_eq!(y[off as usize], 0.0);
            }
        }
    }
    // It starts where its input is.
    let out = setup("slew", &[1.0, -1.0])
        .build()
        .run(10, Cuts::Every(64), &|_| [440.0; 2]);
    assert!(out.iter().all(|y| y[0] == 440.0));
}
