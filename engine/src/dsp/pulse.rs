//! A pulse wave of any width: the difference of two sawtooths.
//!
//! `saw(φ − w) − saw(φ)` is `2 − 2w` in the first share `w` of the cycle and `−2w` in the rest, so
//! it has no constant part at any width. Both jumps are rounded as those of
//! [`Saw`](super::oscillator::Saw). A width that moves changes the speed of the second jump, and its
//! rounding with it.

use super::math::clamp;
use super::oscillator::{Clocking, MIN_CYCLES, Phasor, level, sawtooth};
use super::{MAX_FRAMES, frames_of};

/// Highest speed, in cycles per frame, that a moving width may give the second jump.
const MAX_EDGE_CYCLES: f32 = 0.25;

/// Phase and last width.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pulse {
    phasor: Phasor,
    width: Option<f32>,
}

impl Pulse {
    /// Back to phase 0.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Computes one frame per frequency and width (0 to 1), at most [`MAX_FRAMES`].
    pub fn process(&mut self, hz: &[f32], widths: &[f32], clock: Clocking, out: &mut [f32]) {
        let n = frames_of(hz.len().min(widths.len()).min(out.len()));
        let (phases, speeds) = self.phasor.advance(&hz[..n], clock);
        let mut before = [0.0f32; MAX_FRAMES];
        for (before, width) in before.iter_mut().zip(&widths[..n]) {
            *before = self.width.unwrap_or(*width);
            self.width = Some(*width);
        }
        for (i, y) in out[..n].iter_mut().enumerate() {
            let (speed, width) = (speeds[i], widths[i]);
            let c = speed.abs().max(MIN_CYCLES);
            let edge = (speed - (width - before[i])).abs();
            let edge = clamp(edge, MIN_CYCLES, c.max(MAX_EDGE_CYCLES));
            // 2^32 does not fit, and a whole cycle is none.
            let shift = (f64::from(width) * 4_294_967_296.0) as u64 as u32;
            let first = sawtooth(phases[i], 1.0 / c);
            let second = sawtooth(phases[i].wrapping_sub(shift), 1.0 / edge);
            *y = (second - first) * level(c);
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::oscillator::{Oscillator, Square};
    use crate::dsp::spectrum::{aliases, line, power};

    const RATE: f64 = 44_100.0;

    fn render(hz: f32, width: impl Fn(usize) -> f32, frames: usize) -> Vec<f32> {
        let mut pulse = Pulse::default();
        let mut out = vec![0.0; frames];
        for (b, block) in out.chunks_mut(MAX_FRAMES).enumerate() {
            let widths: Vec<f32> = (0..block.len()).map(|i| width(b * 64 + i)).collect();
            let hz = vec![hz; block.len()];
            pulse.process(&hz, &widths, Clocking::new(RATE), block);
        }
        out
    }

    #[test]
    fn half_a_width_is_the_square() {
        let mut square = vec![0.0; 5000];
        let mut oscillator = Oscillator::default();
        for block in square.chunks_mut(MAX_FRAMES) {
            oscillator.held::<Square>(440.0, Clocking::new(RATE), block);
        }
        for (i, (a, b)) in render(440.0, |_| 0.5, 5000).iter().zip(&square).enumerate() {
            assert!((a - b).abs() < 1e-5, "{i}: {a} {b}");
        }
    }

    #[test]
    fn the_width_is_the_share_of_the_cycle_and_there_is_no_offset() {
        for width in [0.05f32, 0.25, 0.8] {
            // 441 Hz: 100 frames a cycle.
            let y = render(441.0, |_| width, 44_100);
            let high = y.iter().filter(|x| **x > 1.0 - 2.0 * width).count();
            let share = high as f64 / 44_100.0;
            assert!((share - f64::from(width)).abs() < 0.011, "{width}: {share}");
            let mean = y.iter().map(|x| f64::from(*x)).sum::<f64>() / 44_100.0;
            assert!(mean.abs() < 1e-5, "{width}: {mean}");
            let top = (2.0 - 2.0 * width).max(2.0 * width);
            let peak = y.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            assert!(peak >= top && peak < top + 0.35, "{width}: {peak}");
        }
        assert!(render(441.0, |_| 0.0, 1000).iter().all(|x| *x == 0.0));
        assert!(render(441.0, |_| 1.0, 1000).iter().all(|x| *x == 0.0));
    }

    #[test]
    fn harmonics_follow_the_width() {
        // Harmonic k has amplitude 4/(πk)·|sin(πkw)|: at a quarter every fourth is missing.
        let power = power(&render(220.3, |_| 0.25, 65_536));
        let level = |k: f64| 10.0 * (line(&power, RATE, 220.3 * k)).log10();
        let ideal = |k: f64| 20.0 * ((std::f64::consts::PI * k * 0.25).sin().abs() / k).log10();
        for k in [2.0, 3.0, 5.0, 6.0, 7.0, 10.0] {
            let got = level(k) - level(1.0);
            let want = ideal(k) - ideal(1.0);
            assert!((got - want).abs() < 0.05, "{k}: {got} not {want}");
        }
        assert!(level(4.0) - level(1.0) < -70.0);
    }

    #[test]
    fn aliases_are_nearly_as_low_as_the_saw_s() {
        for (hz, limit) in [(220.3, -46.0), (2000.7, -36.0), (5003.3, -23.0)] {
            for width in [0.1, 0.3] {
                let y = render(hz, |_| width, 65_536);
                let (alias, worst) = aliases(&y, f64::from(hz), RATE, 20_000.0);
                println!("pulse {width} {hz} Hz: alias {alias:.1} dB, worst line {worst:.1} dB");
                assert!(alias < limit, "{width} {hz}: {alias}");
            }
        }
    }

    #[test]
    fn a_moving_width_has_sidebands_where_they_belong() {
        // Width modulated at a tenth of the frequency: every line is a multiple of 200.07 Hz.
        let width = |i: usize| {
            let t = i as f64 * 200.07 / RATE;
            (0.5 + 0.4 * (std::f64::consts::TAU * t).sin()) as f32
        };
        let y = render(2000.7, width, 65_536);
        let (alias, _) = aliases(&y, 200.07, RATE, 20_000.0);
        println!("pulse with moving width: {alias:.1} dB");
        assert!(alias < -38.0, "{alias}");
    }
}
