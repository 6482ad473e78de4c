//! Coarser samples in size and in time.
//!
//! Sizes are rounded to whole steps (mid-tread: silence stays silence). In time the input is sampled
//! at exact instants of the lower rate, between frames if need be, and held; the frame in which a
//! step falls gets both values by their share of it (the mean over the frame). So the lower rate
//! keeps its pitch, and its steps do not beat with the sample rate.

use super::math::{clamp, exp2};

/// Sample and hold with rounding.
#[derive(Clone, Copy, Debug, Default)]
pub struct BitCrusher {
    /// Position in the period of the lower rate, 2^64 = one; none before the first frame.
    phase: Option<u64>,
    /// What the newest frame added to it.
    increment: u64,
    held: f32,
    last: f32,
}

impl BitCrusher {
    /// Back to silence.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Lets so many frames of silence pass, after some of it.
    pub fn advance(&mut self, frames: u64) {
        if let Some(phase) = &mut self.phase {
            *phase = phase.wrapping_add(self.increment.wrapping_mul(frames));
        }
    }

    /// One frame. `steps`: see [`steps`]. `rate`: samples per frame, see [`period_increment`].
    #[inline]
    pub fn tick(&mut self, x: f32, steps: f64, rate: Option<u64>) -> f32 {
        let x = clamp(x, -1.0, 1.0);
        let Some(increment) = rate else {
            // Every frame is sampled.
            self.phase = None;
            self.last = x;
            self.held = round(x, steps);
            return self.held;
        };
        let Some(phase) = self.phase else {
            self.phase = Some(0);
            self.last = x;
            self.held = round(x, steps);
            return self.held;
        };
        self.increment = increment;
        let (next, is_due) = phase.overflowing_add(increment);
        self.phase = Some(next);
        let before = self.held;
        if is_due {
            // The instant lies this share of a frame before the present one.
            let share = (next as f64 / increment as f64) as f32;
            let sampled = x - share * (x - self.last);
            self.held = round(sampled, steps);
            self.last = x;
            return before + (self.held - before) * share;
        }
        self.last = x;
        before
    }
}

/// Steps from 0 to full scale for a number of bits, of which one is the sign.
#[inline]
#[must_use]
pub fn steps(bits: f32) -> f64 {
    exp2(f64::from(bits) - 1.0)
}

/// Increment of the lower rate's phase per frame; none if every frame is to be sampled.
#[inline]
#[must_use]
pub fn period_increment(rate_hz: f32, frames_per_second: f64) -> Option<u64> {
    let per_frame = f64::from(rate_hz) / frames_per_second;
    (per_frame < 1.0).then_some((per_frame * 18_446_744_073_709_551_616.0) as u64)
}

/// The nearest whole number of steps.
#[inline(always)]
fn round(x: f32, steps: f64) -> f32 {
    // Adding 1.5·2^52 rounds to a whole number.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let whole = (f64::from(x) * steps + ROUND) - ROUND;
    clamp((whole / steps) as f32, -1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &[f32], bits: f32, rate_hz: f32) -> Vec<f32> {
        let mut crusher = BitCrusher::default();
        let rate = period_increment(rate_hz, 48_000.0);
        input
            .iter()
            .map(|x| crusher.tick(*x, steps(bits), rate))
            .collect()
    }

    #[test]
    fn three_bits_are_nine_values_and_silence_stays() {
        let ramp: Vec<f32> = (-1000..=1000).map(|i| i as f32 / 1000.0).collect();
        let mut values: Vec<f32> = run(&ramp, 3.0, 48_000.0);
        assert_eq!(values[1000], 0.0);
        // A step is a quarter: ±0.124 is silence, ±0.126 is not.
        assert_eq!((values[1124], values[1126]), (0.0, 0.25));
        assert_eq!((values[876], values[874]), (0.0, -0.25));
        values.dedup();
        assert_eq!(
            values,
            [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0]
        );
        assert_eq!(run(&[7.0, -7.0, f32::NAN], 8.0, 48_000.0)[..2], [1.0, -1.0]);
    }

    #[test]
    fn twenty_four_bits_at_the_full_rate_change_nothing_audible() {
        let noise: Vec<f32> = (0..1000).map(|i| crate::dsp::noise::sample(5, i)).collect();
        for (y, x) in run(&noise, 24.0, 192_000.0).iter().zip(&noise) {
            assert!((y - x).abs() <= 1.0 / 8_388_608.0);
        }
    }

    #[test]
    fn whole_periods_hold_every_eighth_frame() {
        let ramp: Vec<f32> = (0..64).map(|i| i as f32 / 100.0).collect();
        for (i, y) in run(&ramp, 24.0, 6_000.0).iter().enumerate() {
            // A step that falls exactly on a frame is heard from the next one on.
            let want = (i.saturating_sub(1) / 8 * 8) as f32 / 100.0;
            assert!((y - want).abs() < 1e-6, "{i}: {y}");
        }
    }

    #[test]
    fn fractional_periods_sample_between_frames() {
        // 48,000 to 18,000: steps at 0, 2⅔, 5⅓, 8 … The ramp is read there; the frame after a step
        // holds the new value for the share that is left.
        let ramp: Vec<f32> = (0..9).map(|i| i as f32 / 8.0).collect();
        let y = run(&ramp, 24.0, 18_000.0);
        let (a, b) = (8.0 / 3.0 / 8.0, 16.0 / 3.0 / 8.0);
        let want = [0.0, 0.0, 0.0, a / 3.0, a, a, a + (b - a) * 2.0 / 3.0, b, b];
        for (i, (y, w)) in y.iter().zip(want).enumerate().take(8) {
            assert!((y - w).abs() < 1e-6, "{i}: {y} not {w}");
        }
    }
}
