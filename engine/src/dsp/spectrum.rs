//! Measuring tools of the kernels' tests: spectrum, alias level, level of a line.

#![allow(clippy::disallowed_methods)]

use std::f64::consts::TAU;

/// Power spectrum under a four-term Blackman-Harris window; the length is a power of two.
pub fn power(x: &[f32]) -> Vec<f64> {
    let n = x.len();
    let mut re: Vec<f64> = x
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let t = TAU * i as f64 / n as f64;
            let w = 0.358_75 - 0.488_29 * t.cos() + 0.141_28 * (2.0 * t).cos()
                - 0.011_68 * (3.0 * t).cos();
            f64::from(*v) * w
        })
        .collect();
    let mut im = vec![0.0; n];
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits() >> (usize::BITS - bits);
        if j > i {
            re.swap(i, j);
        }
    }
    let mut size = 2;
    while size <= n {
        for k in 0..size / 2 {
            let (s, c) = (-TAU * k as f64 / size as f64).sin_cos();
            for start in (0..n).step_by(size) {
                let (a, b) = (start + k, start + k + size / 2);
                let (tr, ti) = (re[b] * c - im[b] * s, re[b] * s + im[b] * c);
                (re[b], im[b]) = (re[a] - tr, im[a] - ti);
                (re[a], im[a]) = (re[a] + tr, im[a] + ti);
            }
        }
        size *= 2;
    }
    (0..n / 2).map(|i| re[i] * re[i] + im[i] * im[i]).collect()
}

/// Energy of everything between 20 Hz and `top_hz` that is no harmonic, and its highest line, both
/// in dB: the first against the harmonics' energy, the second against the fundamental.
pub fn aliases(x: &[f32], hz: f64, rate: f64, top_hz: f64) -> (f64, f64) {
    let power = power(x);
    let bin = rate / x.len() as f64;
    let (mut harmonic, mut alias, mut worst, mut fundamental) = (0.0, 0.0, 0.0f64, 0.0f64);
    for (i, p) in power.iter().enumerate() {
        let f = i as f64 * bin;
        if !(20.0..top_hz).contains(&f) {
            continue;
        }
        let nearest = (f / hz).round().max(1.0) * hz;
        if (f - nearest).abs() <= 5.0 * bin {
            harmonic += p;
            if nearest < 1.5 * hz {
                fundamental = fundamental.max(*p);
            }
        } else {
            alias += p;
            worst = worst.max(*p);
        }
    }
    let db = |x: f64| 10.0 * x.log10();
    (db(alias / harmonic), db(worst / fundamental))
}

/// Power between two frequencies, as a spectrum's [`power`] has it.
pub fn between(power: &[f64], rate: f64, low_hz: f64, high_hz: f64) -> f64 {
    let bin = rate / 2.0 / power.len() as f64;
    let first = (low_hz / bin).round() as usize;
    let end = (high_hz / bin).round() as usize;
    power[first..end.min(power.len())].iter().sum()
}

/// Power of a line, with the bins that the window spreads it over.
pub fn line(power: &[f64], rate: f64, hz: f64) -> f64 {
    let bin = rate / 2.0 / power.len() as f64;
    between(power, rate, hz - 4.0 * bin, hz + 5.0 * bin)
}
