//! Noise that falls towards the treble: pink by 3 dB per octave, brown by 6.
//!
//! Both filter white noise that is a function of the frame, keep their corners in hertz and their
//! power per hertz, and so sound the same at every sample rate.

use super::math::{exp, sin_half_turns};
use super::noise;
use std::f64::consts::PI;

/// Power of white noise that is uniform between −1 and 1.
const WHITE_POWER: f64 = 1.0 / 3.0;

/// A filter that makes white noise something else.
pub trait Color: Sized {
    /// For a sample rate.
    fn new(frames_per_second: f64) -> Self;
    /// One frame of white noise to one frame of this.
    fn tick(&mut self, white: f32) -> f32;
    /// Back to silence.
    fn reset(&mut self);

    /// Writes the noise of a stream from frame `first` on.
    fn fill(&mut self, stream: u64, first: u64, out: &mut [f32]) {
        noise::fill(stream, first, out);
        for y in out {
            *y = self.tick(*y);
        }
    }
}

/// Factor that a pole at a frequency has in z.
fn pole(hz: f64, frames_per_second: f64) -> f64 {
    exp(-2.0 * PI * hz / frames_per_second)
}

/// Brown noise: one pole, so −6 dB per octave above it and level below: it never drifts away.
///
/// A zero at −0.15 undoes most of what sampling does to a pole near half the rate: within 0.25 dB of
/// the slope from 80 Hz (an octave and a half above the corner 1 dB is missing) to 0.4 of the rate.
#[derive(Clone, Copy, Debug)]
pub struct Brown {
    pole: f32,
    gain: f32,
    white: f32,
    out: f32,
}

impl Brown {
    /// Corner below which the spectrum is flat.
    const CORNER_HZ: f64 = 20.0;
    const ZERO: f64 = 0.15;
    /// Level (RMS) at every rate.
    const LEVEL: f64 = 0.25;
}

impl Color for Brown {
    fn new(frames_per_second: f64) -> Self {
        let a = pole(Self::CORNER_HZ, frames_per_second);
        let b = Self::ZERO;
        let power = WHITE_POWER * (1.0 + b * b + 2.0 * a * b) / (1.0 - a * a);
        Self {
            pole: a as f32,
            gain: (Self::LEVEL / power.sqrt()) as f32,
            white: 0.0,
            out: 0.0,
        }
    }

    #[inline(always)]
    fn tick(&mut self, white: f32) -> f32 {
        let x = white + Self::ZERO as f32 * self.white;
        self.white = white;
        self.out = self.pole * self.out + self.gain * x;
        self.out
    }

    fn reset(&mut self) {
        (self.white, self.out) = (0.0, 0.0);
    }
}

/// Most poles of the pink filter: enough for 600 kHz.
const POLES: usize = 8;

/// Pink noise: poles two octaves apart with a zero midway between each two (after Keshner, "1/f
/// noise", Proceedings of the IEEE 70(3), 1982), mapped to z one by one, and one zero at −0.1 against
/// what sampling does near half the rate. Within 0.4 dB of −3 dB per octave from 20 Hz to 20 kHz
/// (or 0.45 of the rate).
///
/// Computed as a sum of one-pole filters, which do not wait for each other.
#[derive(Clone, Copy, Debug)]
pub struct Pink {
    direct: f32,
    poles: [f32; POLES],
    shares: [f32; POLES],
    states: [f32; POLES],
    white: f32,
}

impl Pink {
    const LOWEST_HZ: f64 = 5.0;
    const ZERO: f64 = 0.1;
    /// Level (RMS) between 20 Hz and 20 kHz.
    const LEVEL: f64 = 0.177;
    /// Octaves from 20 Hz to 20 kHz, times ln 2: power in a band of pink noise is `ln(f₂/f₁)`.
    const BAND: f64 = 6.907_755;
    /// Frequency at which the level is set.
    const REFERENCE_HZ: f64 = 1000.0;
}

impl Color for Pink {
    fn new(frames_per_second: f64) -> Self {
        let mut poles = [0.0; POLES];
        let mut zeros = [0.0; POLES];
        let mut count = 0;
        let mut hz = Self::LOWEST_HZ;
        for (p, z) in poles.iter_mut().zip(&mut zeros) {
            if hz < 0.5 * frames_per_second {
                *p = pole(hz, frames_per_second);
                *z = pole(2.0 * hz, frames_per_second);
                count += 1;
            }
            hz *= 4.0;
        }
        // |1 − a·e^(−jω)|² = (1 − a)² + 4a·sin²(ω/2)
        let half = f64::from(sin_half_turns(
            (Self::REFERENCE_HZ / frames_per_second) as f32,
        ));
        let size = |a: f64| (1.0 - a) * (1.0 - a) + 4.0 * a * half * half;
        let mut power = size(-Self::ZERO);
        let mut direct = 1.0;
        for (p, z) in poles.iter().zip(&zeros).take(count) {
            power *= size(*z) / size(*p);
            direct *= z / p;
        }
        // Density of white noise per hertz, one-sided, against the wanted one at that frequency.
        let density = power * WHITE_POWER * 2.0 / frames_per_second;
        let wanted = Self::LEVEL * Self::LEVEL / Self::BAND / Self::REFERENCE_HZ;
        let gain = (wanted / density).sqrt();
        let mut shares = [0.0f32; POLES];
        for (k, share) in shares.iter_mut().enumerate().take(count) {
            // Residue of the product at its pole k.
            let mut c = 1.0 - zeros[k] / poles[k];
            for j in (0..count).filter(|j| *j != k) {
                c *= (1.0 - zeros[j] / poles[k]) / (1.0 - poles[j] / poles[k]);
            }
            *share = (c * gain) as f32;
        }
        Self {
            direct: (direct * gain) as f32,
            poles: poles.map(|p| p as f32),
            shares,
            states: [0.0; POLES],
            white: 0.0,
        }
    }

    #[inline(always)]
    fn tick(&mut self, white: f32) -> f32 {
        let x = white + Self::ZERO as f32 * self.white;
        self.white = white;
        let mut parts = [0.0f32; POLES];
        for (i, part) in parts.iter_mut().enumerate() {
            self.states[i] = self.poles[i] * self.states[i] + x;
            *part = self.shares[i] * self.states[i];
        }
        let [a, b, c, d, e, f, g, h] = parts;
        self.direct * x + (((a + b) + (c + d)) + ((e + f) + (g + h)))
    }

    fn reset(&mut self) {
        self.states = [0.0; POLES];
        self.white = 0.0;
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::spectrum::{between, power};

    const RATES: [f64; 5] = [22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0];

    fn response<C: Color>(rate: f64, hz: f64) -> f64 {
        // The impulse response's spectrum at one frequency, over half a second.
        let mut color = C::new(rate);
        let (mut re, mut im) = (0.0, 0.0);
        let step = 2.0 * PI * hz / rate;
        for i in 0..(rate * 0.5) as usize {
            let y = f64::from(color.tick(if i == 0 { 1.0 } else { 0.0 }));
            re += y * (step * i as f64).cos();
            im += y * (step * i as f64).sin();
        }
        // Power per hertz of the noise that comes out.
        10.0 * ((re * re + im * im) * WHITE_POWER * 2.0 / rate).log10()
    }

    #[test]
    fn pink_falls_by_three_db_per_octave_and_is_the_same_at_every_rate() {
        for rate in RATES {
            let wanted = 10.0 * (Pink::LEVEL * Pink::LEVEL / Pink::BAND).log10();
            let mut worst = 0.0f64;
            let mut hz = 20.0;
            while hz <= 20_000.0f64.min(0.45 * rate) {
                let error = response::<Pink>(rate, hz) + 10.0 * f64::log10(hz) - wanted;
                worst = worst.max(error.abs());
                hz *= 1.5;
            }
            println!("pink at {rate} Hz: within {worst:.2} dB of the slope");
            assert!(worst < 0.45, "{rate}: {worst}");
        }
    }

    #[test]
    fn brown_falls_by_six_db_per_octave_and_is_the_same_at_every_rate() {
        let density = |hz: f64| {
            // One pole at 20 Hz with the power of the level.
            let corner = Brown::CORNER_HZ;
            let peak = Brown::LEVEL * Brown::LEVEL * 2.0 / (PI * corner);
            10.0 * (peak / (1.0 + (hz / corner).powi(2))).log10()
        };
        for rate in RATES {
            let mut worst = 0.0f64;
            let mut hz = 10.0;
            while hz <= 20_000.0f64.min(0.4 * rate) {
                worst = worst.max((response::<Brown>(rate, hz) - density(hz)).abs());
                hz *= 1.5;
            }
            println!("brown at {rate} Hz: within {worst:.2} dB of the slope");
            assert!(worst < 0.3, "{rate}: {worst}");
        }
    }

    #[test]
    fn a_minute_of_each_has_its_level_and_slope_and_does_not_drift() {
        fn check<C: Color>(name: &str, level: f64, slope_db: f64) {
            let rate = 48_000.0;
            let mut color = C::new(rate);
            let mut out = vec![0.0f32; 1 << 21];
            for (i, block) in out.chunks_mut(64).enumerate() {
                color.fill(77, i as u64 * 64, block);
            }
            let spectrum = power(&out);
            // Octaves against each other; each holds thousands of lines.
            let octave = |low: f64| 10.0 * between(&spectrum, rate, low, 2.0 * low).log10();
            for low in [125.0, 500.0, 2000.0, 4000.0] {
                let got = octave(2.0 * low) - octave(low);
                assert!((got - slope_db).abs() < 0.35, "{name} {low}: {got}");
            }
            let n = out.len() as f64;
            let mean = out.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
            let rms = (out.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / n).sqrt();
            let peak = out.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            println!("{name}: level {rms:.3}, mean {mean:.4}, peak {peak:.2}");
            assert!((rms / level - 1.0).abs() < 0.1, "{name}: {rms}");
            assert!(mean.abs() < 0.02 && peak < 1.5, "{name}: {mean} {peak}");
        }
        // Pink noise also has 2 octaves below 20 Hz and a little above 20 kHz.
        check::<Pink>("pink", 0.2, 0.0);
        check::<Brown>("brown", 0.25, -3.0);
    }
}
