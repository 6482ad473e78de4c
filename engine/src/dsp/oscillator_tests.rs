//! Shapes, phases and alias levels.

#![allow(clippy::disallowed_methods)]

use super::*;
use crate::dsp::spectrum::{aliases, line, power};
use std::f64::consts::TAU;

const RATE: f64 = 44_100.0;

fn clock() -> Clocking {
    Clocking::new(RATE)
}

fn render<S: Shape>(hz: f32, frames: usize) -> Vec<f32> {
    let mut oscillator = Oscillator::default();
    let mut out = vec![0.0; frames];
    for block in out.chunks_mut(MAX_FRAMES) {
        oscillator.held::<S>(hz, clock(), block);
    }
    out
}

fn naive(shape: &str, hz: f64, frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|i| {
            let p = (i as f64 * hz / RATE).fract();
            (match shape {
                "saw" => 2.0 * p - 1.0,
                "squ" => {
                    if p < 0.5 {
                        1.0
                    } else {
                        -1.0
                    }
                }
                _ => 1.0 - 4.0 * p.min(1.0 - p),
            }) as f32
        })
        .collect()
}

#[test]
fn aliases_lie_far_below_those_of_the_plain_waveforms() {
    // Frequencies away from any divisor of the rate; limits: saw, squ, tri, in dB.
    let limits = [
        (220.3, [-48.0, -50.0, -86.0]),
        (2000.7, [-41.0, -41.0, -62.5]),
        (5003.3, [-31.0, -30.0, -44.0]),
    ];
    for (hz, [saw, squ, tri]) in limits {
        let hz64 = f64::from(hz);
        let n = 65_536;
        let results = [
            ("saw", saw, render::<Saw>(hz, n)),
            ("squ", squ, render::<Square>(hz, n)),
            ("tri", tri, render::<Triangle>(hz, n)),
        ];
        for (name, limit, wave) in results {
            let got = aliases(&wave, hz64, RATE, 20_000.0);
            let below = aliases(&wave, hz64, RATE, 10_000.0);
            let plain = aliases(&naive(name, hz64, n), hz64, RATE, 20_000.0);
            println!(
                "{name} {hz} Hz: alias {:.1} dB, worst line {:.1} dB; below 10 kHz {:.1}, {:.1}; \
                 plain waveform {:.1}, {:.1}",
                got.0, got.1, below.0, below.1, plain.0, plain.1
            );
            assert!(got.0 < limit, "{name} {hz}: {got:?}");
            assert!(
                got.0 < plain.0 - 15.0,
                "{name} {hz}: {got:?} against {plain:?}"
            );
        }
    }
}

#[test]
fn harmonics_keep_their_level() {
    // Saw at 441 Hz: harmonic k has amplitude 2/(π k); at 10 kHz less than 1 dB is missing.
    let n = 32_768;
    let power = power(&render::<Saw>(441.0, n));
    let line = |hz: f64| line(&power, RATE, hz);
    for k in [2, 5, 10, 15, 20, 23] {
        let ideal = -20.0 * f64::from(k).log10();
        let got = 10.0 * (line(441.0 * f64::from(k)) / line(441.0)).log10();
        assert!((got - ideal).abs() < 1.0, "harmonic {k}: {got} not {ideal}");
    }
}

#[test]
fn shapes_and_polarity_are_upstream_s() {
    let n = 4410;
    for (name, got) in [
        ("saw", render::<Saw>(10.0, n)),
        ("squ", render::<Square>(10.0, n)),
        ("tri", render::<Triangle>(10.0, n)),
    ] {
        let plain = naive(name, 10.0, n);
        let half = n / 2;
        for i in 0..n {
            let near_edge = [0, half, n].iter().any(|e| i.abs_diff(*e) < 3);
            if !near_edge {
                assert!(
                    (got[i] - plain[i]).abs() < 2e-3,
                    "{name} {i}: {} {}",
                    got[i],
                    plain[i]
                );
            }
        }
    }
    let sine = render::<Sine>(1000.0, 1000);
    assert_eq!(sine[0], 0.0);
    for (i, y) in sine.iter().enumerate() {
        let exact = (TAU * 1000.0 * i as f64 / RATE).sin();
        assert!((f64::from(*y) - exact).abs() < 1e-6);
    }
}

#[test]
fn the_kernel_s_tails_begin_at_a_half_and_end_at_three() {
    assert!((step_tail(0.0) - 0.5).abs() < 1e-6);
    assert_eq!(step_tail(3.0), 0.0);
    assert_eq!(corner_tail(3.0), 0.0);
    // corner_tail is the integral of step_tail.
    for i in 0..290 {
        let u = i as f32 * 0.01;
        let slope = (corner_tail(u + 0.01) - corner_tail(u)) / 0.01;
        assert!((slope + step_tail(u + 0.005)).abs() < 2e-3, "{u}");
    }
}

#[test]
fn held_moving_and_any_cut_agree_to_the_bit() {
    fn check<S: Shape>() {
        for hz in [0.0f32, 440.0, -123.4, 9_000.0, 17_000.0, 1e7] {
            let n = 3000;
            let whole = render::<S>(hz, n);
            let (mut a, mut b) = (Oscillator::default(), Oscillator::default());
            let (mut at, mut cut) = (0, 1);
            while at < n {
                let end = (at + cut).min(n);
                let (mut x, mut y) = (vec![0.0; end - at], vec![0.0; end - at]);
                a.held::<S>(hz, clock(), &mut x);
                b.moving::<S>(&vec![hz; end - at], clock(), &mut y);
                assert_eq!(x, whole[at..end], "{hz}");
                assert_eq!(y, whole[at..end], "{hz}");
                at = end;
                cut = cut * 7 % 64 + 1;
            }
        }
    }
    check::<Sine>();
    check::<Saw>();
    check::<Square>();
    check::<Triangle>();
}

#[test]
fn a_zero_holds_the_last_frequency_except_for_the_sine() {
    let mut latched = vec![0.0f32; 2000];
    latched[0] = 300.0;
    let mut oscillator = Oscillator::default();
    let mut out = vec![0.0; 2000];
    for (x, y) in latched.chunks(50).zip(out.chunks_mut(50)) {
        oscillator.moving::<Saw>(x, clock(), y);
    }
    assert_eq!(out, render::<Saw>(300.0, 2000));

    let mut sine = Oscillator::default();
    let mut frozen = [0.0; 3];
    sine.moving::<Sine>(&[2000.0, 0.0, 0.0], clock(), &mut frozen);
    assert!(frozen[1] != 0.0 && frozen[1] == frozen[2]);
}

#[test]
fn backwards_is_the_mirror_image() {
    let (forth, back) = (
        render::<Triangle>(100.0, 3000),
        render::<Triangle>(-100.0, 3000),
    );
    for (a, b) in forth.iter().zip(&back) {
        assert!((a - b).abs() < 1e-4);
    }
    let (forth, back) = (render::<Sine>(100.0, 3000), render::<Sine>(-100.0, 3000));
    for (a, b) in forth.iter().zip(&back) {
        assert!((a + b).abs() < 1e-6);
    }
}

#[test]
fn no_drift_after_an_hour() {
    let hz = 440.123f32;
    let mut oscillator = Oscillator::default();
    let frames = 3600 * 44_100u64;
    oscillator.skip(hz, clock(), frames);
    let exact = (f64::from(hz) * 3600.0).fract();
    let got = oscillator.phase as f64 / 2f64.powi(64);
    assert!((got - exact).abs() < 1e-6, "{got} not {exact}");
}

#[test]
fn silent_above_half_the_rate_and_never_loud() {
    for hz in [
        1.0,
        3000.0,
        7350.0,
        9000.0,
        12_000.0,
        16_000.0,
        20_000.0,
        22_050.0,
        1e6,
        f32::NAN,
    ] {
        for out in [
            render::<Saw>(hz, 5000),
            render::<Square>(hz, 5000),
            render::<Triangle>(hz, 5000),
        ] {
            let peak = out.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            assert!(peak <= 1.3, "{hz}: {peak}");
            if hz >= 22_050.0 {
                assert_eq!(peak, 0.0, "{hz}");
            }
        }
    }
}
