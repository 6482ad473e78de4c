//! What is taken from the two integrators: each kind of filter is one sum of them.

use super::Number;
use crate::dsp::math::gain_of_db;

/// The fourth root of a gain in dB, by which the shelves and the bell are set.
#[inline(always)]
#[must_use]
pub fn root_of_gain(gain_db: f32) -> f32 {
    gain_of_db(0.25 * gain_db)
}

/// Which output a filter gives.
pub trait Output {
    /// Numerator and denominator of g, and Q, as this output wants them.
    #[inline(always)]
    fn tune<T: Number>((n, d): (T, T), q: T, gain_root: T) -> (T, T, T) {
        let _ = gain_root;
        (n, d, q)
    }

    /// The square root of the gain, for [`pick`](Self::pick).
    #[inline(always)]
    fn amplitude<T: Number>(gain_root: T) -> T {
        let _ = gain_root;
        T::splat(1.0)
    }

    /// The output from the input, 1/Q, the square root of the gain, and the middle values of the two
    /// integrators.
    fn pick<T: Number>(x: T, k: T, amplitude: T, band: T, low: T) -> T;
}

/// Low-pass, 12 dB per octave, gain 1 at DC and Q at the cutoff.
#[derive(Clone, Copy, Debug)]
pub struct LowPass;
/// High-pass, 12 dB per octave, gain 1 at the top and Q at the cutoff.
#[derive(Clone, Copy, Debug)]
pub struct HighPass;
/// Band-pass, 6 dB per octave on either side, gain 1 at the centre.
#[derive(Clone, Copy, Debug)]
pub struct BandPass;
/// Notch: nothing at the centre, gain 1 far from it.
#[derive(Clone, Copy, Debug)]
pub struct Notch;
/// Low shelf: the gain at DC, 1 at the top, half the dB at the corner.
#[derive(Clone, Copy, Debug)]
pub struct LowShelf;
/// High shelf: 1 at DC, the gain at the top, half the dB at the corner.
#[derive(Clone, Copy, Debug)]
pub struct HighShelf;
/// Bell: the gain at the centre, 1 far from it.
#[derive(Clone, Copy, Debug)]
pub struct Bell;

impl Output for LowPass {
    #[inline(always)]
    fn pick<T: Number>(_x: T, _k: T, _amplitude: T, _band: T, low: T) -> T {
        low
    }
}

impl Output for HighPass {
    #[inline(always)]
    fn pick<T: Number>(x: T, k: T, _amplitude: T, band: T, low: T) -> T {
        (x - k * band) - low
    }
}

impl Output for BandPass {
    #[inline(always)]
    fn pick<T: Number>(_x: T, k: T, _amplitude: T, band: T, _low: T) -> T {
        k * band
    }
}

impl Output for Notch {
    #[inline(always)]
    fn pick<T: Number>(x: T, k: T, _amplitude: T, band: T, _low: T) -> T {
        x - k * band
    }
}

impl Output for LowShelf {
    #[inline(always)]
    fn tune<T: Number>((n, d): (T, T), q: T, gain_root: T) -> (T, T, T) {
        (n, d * gain_root, q)
    }
    #[inline(always)]
    fn amplitude<T: Number>(gain_root: T) -> T {
        gain_root * gain_root
    }
    #[inline(always)]
    fn pick<T: Number>(x: T, k: T, amplitude: T, band: T, low: T) -> T {
        let one = T::splat(1.0);
        x + (amplitude - one) * (k * band + (amplitude + one) * low)
    }
}

impl Output for HighShelf {
    #[inline(always)]
    fn tune<T: Number>((n, d): (T, T), q: T, gain_root: T) -> (T, T, T) {
        (n * gain_root, d, q)
    }
    #[inline(always)]
    fn amplitude<T: Number>(gain_root: T) -> T {
        gain_root * gain_root
    }
    #[inline(always)]
    fn pick<T: Number>(x: T, k: T, amplitude: T, band: T, low: T) -> T {
        // A²·x + k·(1 − A)·A·band + (1 − A²)·low, grouped so that A = 1 leaves x to the bit.
        let one = T::splat(1.0);
        let high = (x - low) * (amplitude + one) - k * amplitude * band;
        x + (amplitude - one) * high
    }
}

impl Output for Bell {
    #[inline(always)]
    fn tune<T: Number>((n, d): (T, T), q: T, gain_root: T) -> (T, T, T) {
        (n, d, q * (gain_root * gain_root))
    }
    #[inline(always)]
    fn amplitude<T: Number>(gain_root: T) -> T {
        gain_root * gain_root
    }
    #[inline(always)]
    fn pick<T: Number>(x: T, k: T, amplitude: T, band: T, _low: T) -> T {
        x + (amplitude * amplitude - T::splat(1.0)) * (k * band)
    }
}
