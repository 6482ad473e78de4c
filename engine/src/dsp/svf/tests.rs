//! Response, stability, and that cuts change no bit.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use super::*;
use std::f64::consts::PI;

/// Filters frame by frame.
struct Single(Svf, u64);

impl Single {
    fn tick<O: Output>(&mut self, x: f32, c: &Coefficients) -> f32 {
        let mut y = [0.0];
        self.0.held::<O>(c, self.1, &[x], &mut y);
        self.1 += 1;
        y[0]
    }
}

/// Gain in dB of the discrete filter at `hz`, from its impulse response.
fn measured<O: Output>(cutoff: f32, q: f32, rate: f32, hz: &[f64]) -> Vec<f64> {
    let mut filter = Single(Svf::default(), 0);
    let c = Coefficients::new(cutoff, q, 1.0 / rate);
    let mut sums = vec![(0.0, 0.0); hz.len()];
    for n in 0..200_000 {
        let y = f64::from(filter.tick::<O>(if n == 0 { 1.0 } else { 0.0 }, &c));
        for (sum, f) in sums.iter_mut().zip(hz) {
            let w = 2.0 * PI * f / f64::from(rate) * f64::from(n);
            sum.0 += y * w.cos();
            sum.1 -= y * w.sin();
        }
        if n > 2000 && y.abs() < 1e-12 {
            break;
        }
    }
    sums.iter()
        .map(|(re, im)| 10.0 * (re * re + im * im).log10())
        .collect()
}

/// The analogue prototype under the bilinear transform, in dB.
fn exact(cutoff: f64, q: f64, rate: f64, f: f64, high: bool) -> f64 {
    let w = (PI * f / rate).tan() / (PI * cutoff / rate).tan();
    let numerator = if high { w.powi(4) } else { 1.0 };
    10.0 * (numerator / ((1.0 - w * w).powi(2) + (w / q).powi(2))).log10()
}

#[test]
fn response_is_the_analytic_one_within_a_tenth_of_a_db() {
    let mut worst = 0.0f64;
    for rate in [44_100.0f32, 48_000.0, 96_000.0] {
        for cutoff in [40.0f32, 1000.0, 6000.0, 0.45 * rate] {
            for q in [0.5f32, 0.707, 8.0] {
                let mut hz = vec![20.0f64];
                while hz[hz.len() - 1] * 2.1 < 0.45 * f64::from(rate) {
                    hz.push(hz[hz.len() - 1] * 2.1);
                }
                hz.push(0.45 * f64::from(rate));
                let low = measured::<LowPass>(cutoff, q, rate, &hz);
                let high = measured::<HighPass>(cutoff, q, rate, &hz);
                for (i, f) in hz.iter().enumerate() {
                    let (c, q, r) = (f64::from(cutoff), f64::from(q), f64::from(rate));
                    for (got, want) in [
                        (low[i], exact(c, q, r, *f, false)),
                        (high[i], exact(c, q, r, *f, true)),
                    ] {
                        // Below −90 dB single precision shows; nobody hears it.
                        if want > -90.0 {
                            worst = worst.max((got - want).abs());
                            assert!(
                                (got - want).abs() < 0.1,
                                "{rate} {cutoff} {q} at {f}: {got} not {want}"
                            );
                        }
                    }
                }
            }
        }
    }
    println!("largest deviation {worst:.4} dB");
}

#[test]
fn unity_at_dc_and_none_after_a_high_pass() {
    for (cutoff, q) in [(5.0, 0.7), (100.0, 0.05), (1000.0, 100.0), (40_000.0, 1.0)] {
        let c = Coefficients::new(cutoff, q, 1.0 / 96_000.0);
        let (mut low, mut high) = (Svf::default(), Svf::default());
        let (mut a, mut b) = ([0.0; 64], [0.0; 64]);
        for chunk in 0..31_250 {
            low.held::<LowPass>(&c, chunk * 64, &[1.0; 64], &mut a);
            high.held::<HighPass>(&c, chunk * 64, &[1.0; 64], &mut b);
        }
        let (a, b) = (a[63], b[63]);
        assert!((a - 1.0).abs() < 3e-3, "{cutoff} {q}: {a}");
        assert!(b.abs() < 3e-3, "{cutoff} {q}: {b}");
    }
}

#[test]
fn stable_under_violent_modulation() {
    let mut filter = Single(Svf::default(), 0);
    let mut peak = 0.0f32;
    for n in 0..200_000u64 {
        let r = |k: u64| crate::dsp::noise::sample(k, n);
        let cutoff = 50.0 + 15_000.0 * r(1).abs();
        let c = Coefficients::new(cutoff, 0.05 + 30.0 * r(2).abs(), 1.0 / 48_000.0);
        peak = peak.max(filter.tick::<LowPass>(r(3), &c).abs());
    }
    assert!(peak < 20.0, "{peak}");
}

#[test]
fn extremes_stay_finite() {
    for cutoff in [f32::NAN, f32::NEG_INFINITY, -1.0, 0.0, 1e9, f32::INFINITY] {
        for q in [f32::NAN, f32::NEG_INFINITY, -1.0, 0.0, 1e9, f32::INFINITY] {
            let c = Coefficients::new(cutoff, q, 1.0 / 44_100.0);
            let mut filter = Single(Svf::default(), 0);
            for n in 0..10_000 {
                let x = crate::dsp::noise::sample(1, n);
                assert!(filter.tick::<LowPass>(x, &c).abs() < 200.0, "{cutoff} {q}");
            }
        }
    }
}

#[test]
fn held_and_moving_and_any_cut_agree_to_the_bit() {
    const N: usize = 4096;
    let noise = |key| move |n: usize| crate::dsp::noise::sample(key, n as u64);
    let input: Vec<f32> = (0..N).map(noise(1)).collect();
    // The first half of each 512 frames has one cutoff, so that both forms meet in one run.
    let cutoff: Vec<f32> = (0..N)
        .map(|n| 1000.0 + 900.0 * noise(2)(if n % 512 < 256 { n / 512 } else { n }))
        .collect();
    let run = |first: usize, cut: &mut dyn FnMut() -> usize, held: bool| {
        let (mut svf, mut out) = (Svf::default(), vec![0.0f32; N]);
        let mut at = first;
        while at < N {
            let n = cut().min(N - at).min(64 - at % 64);
            let (mut cutoffs, mut y) = ([0.0; 64], [0.0; 64]);
            cutoffs[..n].copy_from_slice(&cutoff[at..at + n]);
            let (frame, x, y) = (at as u64, &input[at..at + n], &mut y[..n]);
            if held && cutoffs[..n].iter().all(|c| *c == cutoffs[0]) {
                let c = Coefficients::new(cutoffs[0], 3.0, 1.0 / 48_000.0);
                svf.held::<HighPass>(&c, frame, x, y);
            } else {
                let moving = Moving::plain(&cutoffs, &[3.0; 64]);
                svf.moving::<HighPass>(moving, 1.0 / 48_000.0, frame, x, y);
            }
            out[at..at + n].copy_from_slice(y);
            at += n;
        }
        out.iter().map(|y| y.to_bits()).collect::<Vec<_>>()
    };
    for first in [0, 1, 2, 3, 67] {
        let whole = run(first, &mut || 64, false);
        assert_eq!(whole, run(first, &mut || 64, true));
        assert_eq!(whole, run(first, &mut || 1, true));
        let mut cut = 1;
        let mut any = || {
            cut = cut * 7 % 64 + 1;
            cut
        };
        assert_eq!(whole, run(first, &mut any, false));
        assert_eq!(whole, run(first, &mut any, true));
    }
}

#[test]
fn frames_left_out_do_not_change_the_state() {
    let c = Coefficients::new(800.0, 2.0, 1.0 / 48_000.0);
    let input = [1.0, -0.5, 0.25, 0.75, 0.5, -1.0, 0.3];
    let (mut a, mut b) = (Svf::default(), Svf::default());
    let (mut x, mut y) = ([0.0; 7], [0.0; 7]);
    a.held::<LowPass>(&c, 0, &input, &mut x);
    b.held::<LowPass>(&c, 0, &input[..3], &mut y[..3]);
    b.held::<LowPass>(&c, 101, &input[3..], &mut y[3..]);
    for (x, y) in x.iter().zip(y) {
        assert!((x - y).abs() < 1e-6, "{x} {y}");
    }
}
