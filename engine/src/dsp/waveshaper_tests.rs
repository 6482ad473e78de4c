//! Integrals, levels, offsets and alias levels.

#![allow(clippy::disallowed_methods)]

use super::*;
use crate::dsp::spectrum::{aliases, line, power};
use std::f64::consts::{PI, TAU};

const RATE: f64 = 44_100.0;
const N: usize = 65_536;

fn sine(level: f64, hz: f64, frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|i| (level * (TAU * hz * i as f64 / RATE).sin()) as f32)
        .collect()
}

fn shaped<C: Curve>(input: &[f32]) -> Vec<f32> {
    let mut shaper = Shaper::default();
    let mut out = input.to_vec();
    for block in out.chunks_mut(MAX_FRAMES) {
        shaper.process::<C>(block);
    }
    out
}

#[test]
fn the_integrals_are_those_of_the_curves() {
    fn check<C: Curve>() {
        let h = 1e-4;
        for i in -1200..1200 {
            let x = f64::from(i) * 0.01 + 0.003;
            let slope = (C::integral(x + h) - C::integral(x - h)) / (2.0 * h);
            assert!((slope - C::value(x)).abs() < 1e-7, "{x}");
            assert!((C::value(-x) + C::value(x)).abs() < 1e-12, "odd at {x}");
        }
        assert_eq!(C::value(0.0), 0.0);
    }
    check::<Tanh>();
    check::<Clip>();
    check::<Fold>();
}

#[test]
fn the_curves_are_what_they_are_called() {
    for i in -400..400 {
        let x = f64::from(i) * 0.05;
        assert!((Tanh::value(x) - x.tanh()).abs() < 1e-11, "{x}");
    }
    assert_eq!(
        [0.3, 1.0, 1.5, -7.0].map(Clip::value),
        [0.3, 1.0, 1.0, -1.0]
    );
    for (x, y) in [
        (0.25, 0.25),
        (1.0, 1.0),
        (1.25, 0.75),
        (2.0, 0.0),
        (3.5, -0.5),
        (-1.5, -0.5),
        (5.0, 1.0),
        (4e5 + 0.5, 0.5),
    ] {
        assert!((Fold::value(x) - y).abs() < 1e-9, "{x}: {}", Fold::value(x));
    }
}

#[test]
fn aliases_fall_below_those_of_the_bare_curve() {
    // Gains of 10 into each curve; limits in dB of alias to harmonic energy, 20 Hz to 20 kHz.
    fn check<C: Curve>(name: &str, limits: [f64; 2]) {
        for (hz, limit) in [1000.7, 5003.3].into_iter().zip(limits) {
            let input = sine(10.0, hz, N);
            let bare: Vec<f32> = input
                .iter()
                .map(|x| C::value(f64::from(*x)) as f32)
                .collect();
            let with = aliases(&shaped::<C>(&input), hz, RATE, 20_000.0).0;
            let without = aliases(&bare, hz, RATE, 20_000.0).0;
            println!("{name} {hz} Hz: alias {with:.1} dB, bare curve {without:.1} dB");
            assert!(with < limit, "{name} {hz}: {with}");
            assert!(with < without - 6.0, "{name} {hz}: {with}, {without}");
        }
    }
    check::<Tanh>("tanh", [-47.0, -19.5]);
    check::<Clip>("clip", [-44.0, -19.0]);
    check::<Fold>("fold", [-31.0, -8.0]);
}

#[test]
fn quiet_signals_pass_with_the_stated_treble() {
    fn check<C: Curve>() {
        for hz in [100.0, 1000.0, 5000.0, 10_000.0, 18_000.0] {
            let input = sine(0.01, hz, N);
            let gain =
                line(&power(&shaped::<C>(&input)), RATE, hz) / line(&power(&input), RATE, hz);
            let (got, want) = (10.0 * gain.log10(), 20.0 * (PI * hz / RATE).cos().log10());
            assert!((got - want).abs() < 0.01, "{hz}: {got} not {want}");
        }
    }
    check::<Tanh>();
    check::<Clip>();
    check::<Fold>();
}

#[test]
fn it_lags_by_half_a_frame() {
    let ramp: Vec<f32> = (0..100).map(|i| i as f32 * 0.005).collect();
    for (i, y) in shaped::<Clip>(&ramp).iter().enumerate().skip(1) {
        assert!((y - (i as f32 - 0.5) * 0.005).abs() < 1e-6, "{i}: {y}");
    }
}

#[test]
fn symmetric_input_gives_no_offset_and_nothing_leaves_the_range() {
    fn check<C: Curve>() {
        for level in [0.5, 3.0, 40.0, 1e9] {
            let y = shaped::<C>(&sine(level, 441.0, 44_100));
            // Whole periods of 100 frames, without the first, which begins in silence.
            let mean = y[100..].iter().map(|x| f64::from(*x)).sum::<f64>() / 44_000.0;
            assert!(mean.abs() < 1e-6, "{level}: {mean}");
            assert!(y.iter().all(|x| x.abs() <= 1.000_001), "{level}");
        }
        let wild = [
            f32::NAN,
            f32::INFINITY,
            0.0,
            f32::NEG_INFINITY,
            1e30,
            -1e-40,
        ];
        assert!(shaped::<C>(&wild).iter().all(|x| x.abs() <= 1.000_001));
    }
    check::<Tanh>();
    check::<Clip>();
    check::<Fold>();
}

#[test]
fn slow_and_fast_steps_agree() {
    // On either side of the smallest step that is divided by, the mean is the curve.
    for step in [0.9e-5, 1.1e-5, 1e-4] {
        let input: Vec<f32> = (0..2000).map(|i| 0.7 + i as f32 * step).collect();
        for (i, y) in shaped::<Tanh>(&input).iter().enumerate().skip(1) {
            let middle = 0.5 * (f64::from(input[i]) + f64::from(input[i - 1]));
            assert!((f64::from(*y) - middle.tanh()).abs() < 3e-7, "{step} {i}");
        }
    }
}
