//! State-variable filter with two integrators, trapezoidal rule.
//!
//! Zavalishin, "The Art of VA Filter Design", 2.1.0, §4; Simper, "Solving the continuous SVF
//! equations using trapezoidal integration and equivalent currents", 2013. With θ = π·cutoff/rate,
//! s = sin θ, c = cos θ and 1/Q = k, the textbook's g = tan θ and a1 = 1/(1 + g(g + k)) give
//!
//! ```text
//! 2·g·a1 = 2·s·c·Q / (Q + s·c)      2·g²·a1 = 2·s²·Q / (Q + s·c)
//! ```
//!
//! which needs no tangent, stays well scaled up to 0.49 of the sample rate and costs one division.
//! Cutoff and Q may change at every frame: the states are voltages, not coefficients' products.

use super::math::{clamp, cos_half_turns, sin_half_turns};
use super::{MAX_FRAMES, frames_of};

/// Lowest cutoff in Hz.
pub const MIN_CUTOFF_HZ: f32 = 5.0;
/// Highest cutoff in cycles per frame.
pub const MAX_CUTOFF_CYCLES: f32 = 0.49;
/// Lowest Q.
pub const MIN_Q: f32 = 0.05;
/// Highest Q.
pub const MAX_Q: f32 = 100.0;

/// Coefficients for one frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Coefficients {
    /// 2·g·a1.
    b: f32,
    /// 2·g²·a1.
    d: f32,
    /// 1 − 2·g·(g + k)·a1.
    keep1: f32,
    /// 1 − 2·g²·a1.
    keep2: f32,
    /// 1/Q.
    k: f32,
}

impl Coefficients {
    /// Coefficients of a cutoff in Hz and a Q, both limited to what the filter can do.
    #[inline(always)]
    #[must_use]
    pub fn new(cutoff_hz: f32, q: f32, seconds_per_frame: f32) -> Self {
        let q = clamp(q, MIN_Q, MAX_Q);
        let cycles = clamp(
            cutoff_hz * seconds_per_frame,
            MIN_CUTOFF_HZ * seconds_per_frame,
            MAX_CUTOFF_CYCLES,
        );
        let s = sin_half_turns(cycles);
        let c = cos_half_turns(cycles);
        let sc = s * c;
        let twice = 2.0 / (q + sc);
        let b = sc * q * twice;
        let d = s * s * q * twice;
        // 2·g·(g + k)·a1 = d + 2·s·c/(Q + s·c).
        let p = d + sc * twice;
        Self {
            b,
            d,
            keep1: 1.0 - p,
            keep2: 1.0 - d,
            k: 1.0 / q,
        }
    }
}

/// Which output a filter gives.
pub trait Output {
    /// The output from input, damping, and the middle values of the two integrators.
    fn pick(x: f32, k: f32, band: f32, low: f32) -> f32;
}

/// Low-pass, 12 dB per octave, gain 1 at DC and Q at the cutoff.
#[derive(Clone, Copy, Debug)]
pub struct LowPass;
/// High-pass, 12 dB per octave, gain 1 at the top and Q at the cutoff.
#[derive(Clone, Copy, Debug)]
pub struct HighPass;

impl Output for LowPass {
    #[inline(always)]
    fn pick(_x: f32, _k: f32, _band: f32, low: f32) -> f32 {
        low
    }
}

impl Output for HighPass {
    #[inline(always)]
    fn pick(x: f32, k: f32, band: f32, low: f32) -> f32 {
        (x - k * band) - low
    }
}

/// The two integrators.
#[derive(Clone, Copy, Debug, Default)]
pub struct Svf {
    s1: f32,
    s2: f32,
}

impl Svf {
    /// Empties both integrators.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// One frame.
    ///
    /// The sums are bracketed so that no path through either state is longer than one product and
    /// two sums: the recursion's latency is what a single filter costs.
    #[inline(always)]
    pub fn tick<O: Output>(&mut self, x: f32, c: &Coefficients) -> f32 {
        let s1 = c.keep1 * self.s1 + (c.b * x - c.b * self.s2);
        let s2 = (c.keep2 * self.s2 + c.d * x) + c.b * self.s1;
        let band = 0.5 * (self.s1 + s1);
        let low = 0.5 * (self.s2 + s2);
        self.s1 = s1;
        self.s2 = s2;
        O::pick(x, c.k, band, low)
    }

    /// Filters with constant coefficients.
    #[inline]
    pub fn held<O: Output>(&mut self, c: &Coefficients, input: &[f32], out: &mut [f32]) {
        let c = *c;
        let mut state = *self;
        for (y, x) in out.iter_mut().zip(input) {
            *y = state.tick::<O>(*x, &c);
        }
        *self = state;
    }

    /// Filters with coefficients per frame, at most [`MAX_FRAMES`].
    #[inline]
    pub fn moving<O: Output>(&mut self, table: &Table, input: &[f32], out: &mut [f32]) {
        let mut state = *self;
        let n = frames_of(input.len().min(out.len()));
        for i in 0..n {
            out[i] = state.tick::<O>(input[i], &table.at(i));
        }
        *self = state;
    }
}

/// Coefficients of up to [`MAX_FRAMES`] frames, each kind in its own row so that they are computed
/// several frames at a time.
#[derive(Clone, Debug)]
pub struct Table {
    b: [f32; MAX_FRAMES],
    d: [f32; MAX_FRAMES],
    keep1: [f32; MAX_FRAMES],
    keep2: [f32; MAX_FRAMES],
    k: [f32; MAX_FRAMES],
}

impl Table {
    /// Computes the coefficients of the first `n` frames from their cutoffs in Hz and Qs.
    #[inline]
    #[must_use]
    pub fn new(
        cutoff_hz: &[f32; MAX_FRAMES],
        q: &[f32; MAX_FRAMES],
        n: usize,
        seconds_per_frame: f32,
    ) -> Self {
        let zero = [0.0; MAX_FRAMES];
        let mut t = Self {
            b: zero,
            d: zero,
            keep1: zero,
            keep2: zero,
            k: zero,
        };
        for i in 0..frames_of(n) {
            let c = Coefficients::new(cutoff_hz[i], q[i], seconds_per_frame);
            t.b[i] = c.b;
            t.d[i] = c.d;
            t.keep1[i] = c.keep1;
            t.keep2[i] = c.keep2;
            t.k[i] = c.k;
        }
        t
    }

    #[inline(always)]
    fn at(&self, i: usize) -> Coefficients {
        Coefficients {
            b: self.b[i],
            d: self.d[i],
            keep1: self.keep1[i],
            keep2: self.keep2[i],
            k: self.k[i],
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// Gain in dB of the discrete filter at `hz`, from its impulse response.
    fn measured<O: Output>(cutoff: f32, q: f32, rate: f32, hz: &[f64]) -> Vec<f64> {
        let mut filter = Svf::default();
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
            let (mut a, mut b) = (0.0, 0.0);
            for _ in 0..2_000_000 {
                a = low.tick::<LowPass>(1.0, &c);
                b = high.tick::<HighPass>(1.0, &c);
            }
            assert!((a - 1.0).abs() < 3e-3, "{cutoff} {q}: {a}");
            assert!(b.abs() < 3e-3, "{cutoff} {q}: {b}");
        }
    }

    #[test]
    fn stable_under_violent_modulation() {
        let mut filter = Svf::default();
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
                let mut filter = Svf::default();
                for n in 0..10_000 {
                    let x = crate::dsp::noise::sample(1, n);
                    assert!(filter.tick::<LowPass>(x, &c).abs() < 200.0, "{cutoff} {q}");
                }
            }
        }
    }
}
