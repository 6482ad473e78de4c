//! Distortion curves with fewer aliases than the bare curve.
//!
//! First-order antiderivative anti-aliasing (Parker, Zavalishin, Le Bivic, "Reducing the aliasing of
//! nonlinear waveshaping using continuous-time convolution", DAFx 2016): between two samples the
//! signal is taken for a straight line, and the output is the curve's mean along that line,
//! `(F(x₁) − F(x₀)) / (x₁ − x₀)` with `F' = f`. That mean lags by half a frame and is a gentle
//! low-pass: `cos(π·c)` at `c` cycles per frame, at 44.1 kHz −0.6 dB at 5 kHz and −2.4 dB at 10 kHz.
//!
//! Sums are in double precision, because a difference of integrals is divided by a small number.

use super::math::{clamp, exp, ln};
use super::{MAX_FRAMES, frames_of};

/// Largest input of a curve, of either sign.
pub const MAX_INPUT: f32 = 1e6;

/// Steps of the input smaller than this take the curve at their middle instead of the mean, which
/// there is the same to 1e-10 (to a quarter of this at a corner).
const SMALL_STEP: f64 = 1e-5;

/// A curve that is odd, so that it adds no constant offset.
pub trait Curve {
    /// The curve.
    fn value(x: f64) -> f64;
    /// An integral of it.
    fn integral(x: f64) -> f64;
}

/// `tanh(x)`: rounds peaks off, never beyond ±1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tanh;
/// `x` between −1 and 1, ±1 beyond.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clip;
/// `x` between −1 and 1, and from there reflected back and forth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fold;

impl Curve for Tanh {
    #[inline(always)]
    fn value(x: f64) -> f64 {
        let e = exp(-2.0 * x.abs());
        let size = (1.0 - e) / (1.0 + e);
        if x < 0.0 { -size } else { size }
    }
    /// `ln cosh(x) + ln 2`.
    #[inline(always)]
    fn integral(x: f64) -> f64 {
        let size = x.abs();
        size + ln(1.0 + exp(-2.0 * size))
    }
}

impl Curve for Clip {
    #[inline(always)]
    fn value(x: f64) -> f64 {
        x.clamp(-1.0, 1.0)
    }
    #[inline(always)]
    fn integral(x: f64) -> f64 {
        let size = x.abs();
        if size < 1.0 { 0.5 * x * x } else { size - 0.5 }
    }
}

impl Fold {
    /// Distance to the nearest crest at 1 + 4k, 0 to 2.
    #[inline(always)]
    fn from_crest(x: f64) -> f64 {
        // Adding 1.5·2^52 rounds to a whole number.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let periods = (x - 1.0) * 0.25;
        let whole = (periods + ROUND) - ROUND;
        ((periods - whole) * 4.0).abs()
    }
}

impl Curve for Fold {
    #[inline(always)]
    fn value(x: f64) -> f64 {
        1.0 - Self::from_crest(x)
    }
    /// Half the square around each rising zero, joined by its mirror image around each falling one.
    #[inline(always)]
    fn integral(x: f64) -> f64 {
        // Which of the two it is, the distance to the nearest rising zero tells.
        let height = 1.0 - Self::from_crest(x);
        let rising = Self::from_crest(x + 1.0);
        let half_square = 0.5 * height * height;
        if rising <= 1.0 {
            half_square
        } else {
            1.0 - half_square
        }
    }
}

/// The last frame's input and its integral.
#[derive(Clone, Copy, Debug)]
pub struct Shaper {
    input: f64,
    integral: Option<f64>,
}

impl Default for Shaper {
    fn default() -> Self {
        Self {
            input: 0.0,
            integral: None,
        }
    }
}

impl Shaper {
    /// Back to silence before the first frame.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Sends frames through a curve in place, at most [`MAX_FRAMES`]; inputs are limited to
    /// ±[`MAX_INPUT`].
    pub fn process<C: Curve>(&mut self, frames: &mut [f32]) {
        let n = frames_of(frames.len());
        let mut inputs = [0.0f64; MAX_FRAMES];
        for (u, x) in inputs.iter_mut().zip(&frames[..n]) {
            *u = f64::from(clamp(*x, -MAX_INPUT, MAX_INPUT));
        }
        let mut integrals = [0.0f64; MAX_FRAMES];
        for (f, u) in integrals.iter_mut().zip(&inputs) {
            *f = C::integral(*u);
        }
        let mut before = self.integral.unwrap_or_else(|| C::integral(self.input));
        for ((y, u), integral) in frames[..n].iter_mut().zip(&inputs).zip(&integrals) {
            let step = u - self.input;
            *y = if step.abs() < SMALL_STEP {
                C::value(0.5 * (u + self.input)) as f32
            } else {
                ((integral - before) / step) as f32
            };
            self.input = *u;
            before = *integral;
        }
        self.integral = Some(before);
    }
}

#[cfg(test)]
#[path = "waveshaper_tests.rs"]
mod tests;
