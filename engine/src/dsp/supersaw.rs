//! Seven sawtooths, detuned against each other and spread over the stereo field.
//!
//! Detunings are those of the Roland JP-8000 as measured by Szabo ("How to emulate the super saw",
//! KTH, 2010). His polynomial for the knob is not monotone; here the spread is `d·(0.2 + 0.8·d⁴)`,
//! which lies close to it. Other differences: the six outer voices stand alternately left and right
//! (the original is mono), their level is fixed against the middle one, and no high-pass follows,
//! because the sawtooths hardly alias.

use super::oscillator::{Clocking, Oscillator, Saw};
use super::{MAX_FRAMES, frames_of};

/// Voices.
const VOICES: usize = 7;
/// Distance of each voice from the middle one, as a share of the frequency at full detuning.
const OFFSETS: [f32; VOICES] = [
    -0.110_023_13,
    -0.062_884_39,
    -0.019_523_56,
    0.0,
    0.019_912_21,
    0.062_165_38,
    0.107_452_42,
];
/// Where each stands: −1 left, 0 in the middle, 1 right.
const SIDES: [f32; VOICES] = [-1.0, 1.0, 1.0, 0.0, -1.0, -1.0, 1.0];
/// How far to the sides.
const SPREAD: f32 = 0.7;
/// Level of an outer voice against the middle one.
const OUTER: f32 = 0.7;
/// Below this detuning the outer voices fade out, so that none at all is one plain sawtooth.
const FADE_BELOW: f32 = 0.1;
/// Level of the whole against one sawtooth: peaks of seven waves are higher than of one.
const LEVEL: f32 = 0.7;
/// A turn of the golden angle, 2^64 = one cycle: phases that far apart never line up.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The seven voices.
#[derive(Clone, Copy, Debug)]
pub struct SuperSaw {
    voices: [Oscillator; VOICES],
    last_hz: f32,
}

impl Default for SuperSaw {
    fn default() -> Self {
        const MIDDLE: u64 = VOICES as u64 / 2;
        Self {
            voices: std::array::from_fn(|i| {
                // The middle one starts as a plain sawtooth does.
                Oscillator::starting_at((i as u64).wrapping_sub(MIDDLE).wrapping_mul(GOLDEN))
            }),
            last_hz: 0.0,
        }
    }
}

impl SuperSaw {
    /// Back to the phases of the start.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Computes frames at one frequency and detuning (0 to 1), at most [`MAX_FRAMES`].
    pub fn held(&mut self, hz: f32, detune: f32, clock: Clocking, out: [&mut [f32]; 2]) {
        let [left, right] = out;
        let n = frames_of(left.len().min(right.len()));
        let hz = self.effective(hz);
        let spread = spread(detune);
        let mut voices = [[0.0f32; MAX_FRAMES]; VOICES];
        for ((voice, ys), offset) in self.voices.iter_mut().zip(&mut voices).zip(OFFSETS) {
            voice.held::<Saw>(detuned(hz, offset, spread), clock, &mut ys[..n]);
        }
        let levels = levels(detune);
        for (i, (l, r)) in left[..n].iter_mut().zip(&mut right[..n]).enumerate() {
            [*l, *r] = mixed(&voices, i, levels);
        }
    }

    /// Computes one frame per frequency and detuning (0 to 1), at most [`MAX_FRAMES`].
    pub fn moving(&mut self, hz: &[f32], detune: &[f32], clock: Clocking, out: [&mut [f32]; 2]) {
        let [left, right] = out;
        let n = frames_of(left.len().min(right.len()).min(hz.len()).min(detune.len()));
        let (mut latched, mut spreads) = ([0.0f32; MAX_FRAMES], [0.0f32; MAX_FRAMES]);
        for ((latched, spread_), (hz, detune)) in latched
            .iter_mut()
            .zip(&mut spreads)
            .zip(hz[..n].iter().zip(detune))
        {
            *latched = self.effective(*hz);
            *spread_ = spread(*detune);
        }
        let mut voices = [[0.0f32; MAX_FRAMES]; VOICES];
        for ((voice, ys), offset) in self.voices.iter_mut().zip(&mut voices).zip(OFFSETS) {
            let mut own = [0.0f32; MAX_FRAMES];
            for (own, (hz, spread)) in own.iter_mut().zip(latched.iter().zip(&spreads)) {
                *own = detuned(*hz, offset, *spread);
            }
            voice.moving::<Saw>(&own[..n], clock, &mut ys[..n]);
        }
        for (i, (l, r)) in left[..n].iter_mut().zip(&mut right[..n]).enumerate() {
            [*l, *r] = mixed(&voices, i, levels(detune[i]));
        }
    }

    /// The frequency; 0 means "as before".
    #[inline(always)]
    fn effective(&mut self, hz: f32) -> f32 {
        if hz != 0.0 {
            self.last_hz = hz;
        }
        self.last_hz
    }
}

/// Share of the full offsets for a detuning.
#[inline(always)]
fn spread(detune: f32) -> f32 {
    let square = detune * detune;
    detune * (0.2 + 0.8 * (square * square))
}

#[inline(always)]
fn detuned(hz: f32, offset: f32, spread: f32) -> f32 {
    hz * (1.0 + offset * spread)
}

/// Levels of the middle voice, of an outer one on its own side, and on the other side. The power of
/// each side is the same for every detuning.
#[inline(always)]
fn levels(detune: f32) -> [f32; 3] {
    let outer = OUTER * (detune * (1.0 / FADE_BELOW)).min(1.0);
    let power = 1.0 + 6.0 * (outer * outer) * (1.0 + SPREAD * SPREAD);
    let level = LEVEL / power.sqrt();
    let outer = outer * level;
    [level, outer * (1.0 + SPREAD), outer * (1.0 - SPREAD)]
}

/// Left and right of one frame.
#[inline(always)]
fn mixed(voices: &[[f32; MAX_FRAMES]; VOICES], i: usize, levels: [f32; 3]) -> [f32; 2] {
    let [middle, near, far] = levels;
    let (mut left, mut right, mut centre) = (0.0, 0.0, 0.0);
    for (voice, side) in voices.iter().zip(SIDES) {
        if side < 0.0 {
            left += voice[i];
        } else if side > 0.0 {
            right += voice[i];
        } else {
            centre += voice[i] * middle;
        }
    }
    [
        centre + near * left + far * right,
        centre + near * right + far * left,
    ]
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::spectrum::{aliases, line, power};

    const RATE: f64 = 44_100.0;

    fn render(hz: f32, detune: f32, frames: usize) -> [Vec<f32>; 2] {
        let mut saws = SuperSaw::default();
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        for (l, r) in left
            .chunks_mut(MAX_FRAMES)
            .zip(right.chunks_mut(MAX_FRAMES))
        {
            saws.held(hz, detune, Clocking::new(RATE), [l, r]);
        }
        [left, right]
    }

    fn rms(x: &[f32]) -> f64 {
        (x.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
    }

    #[test]
    fn without_detuning_it_is_one_saw() {
        let mut saw = vec![0.0; 3000];
        let mut oscillator = Oscillator::default();
        for block in saw.chunks_mut(MAX_FRAMES) {
            oscillator.held::<Saw>(220.0, Clocking::new(RATE), block);
        }
        let [left, right] = render(220.0, 0.0, 3000);
        assert_eq!(left, right);
        for (a, b) in left.iter().zip(&saw) {
            assert!((a - LEVEL * b).abs() < 1e-6);
        }
    }

    #[test]
    fn seven_lines_stand_where_the_detuning_puts_them() {
        // Harmonic 8 of 440 Hz, full detuning: the voices are far apart.
        let [left, right] = render(440.0, 1.0, 65_536);
        let mono: Vec<f32> = left.iter().zip(&right).map(|(l, r)| l + r).collect();
        let (left, right, mono) = (power(&left), power(&right), power(&mono));
        let middle = line(&mono, RATE, 3520.0);
        // Szabo's figures, once more.
        let measured = [-110.0, -62.9, -19.5, 0.0, 19.9, 62.2, 107.5];
        for (offset, measured) in OFFSETS.into_iter().zip(measured) {
            assert!(
                (f64::from(offset) * 1000.0 - measured).abs() < 0.06,
                "{offset}"
            );
        }
        for (offset, side) in OFFSETS.into_iter().zip(SIDES) {
            let hz = 3520.0 * f64::from(1.0 + offset);
            let db = |p: &[f64]| 10.0 * line(p, RATE, hz).log10();
            if offset != 0.0 {
                // In the sum of both sides every outer voice is 20·log10(0.7) below the middle one.
                let got = db(&mono) - 10.0 * middle.log10();
                assert!((got + 3.1).abs() < 0.3, "{offset}: {got}");
                let balance = (db(&right) - db(&left)) * f64::from(side);
                let want = 20.0 * (1.7f64 / 0.3).log10();
                assert!((balance - want).abs() < 0.3, "{offset}: {balance}");
            }
        }
    }

    #[test]
    fn the_level_hardly_depends_on_the_detuning() {
        let one = rms(&render(110.0, 0.0, 200_000)[0]);
        for detune in [0.1, 0.4, 0.7, 1.0] {
            let [left, right] = render(110.0, detune, 400_000);
            let peak = left
                .iter()
                .chain(&right)
                .fold(0.0f32, |m, x| m.max(x.abs()));
            let levels = [rms(&left) / one, rms(&right) / one].map(|x| 20.0 * x.log10());
            println!("supersaw {detune}: level {levels:.2?} dB against one saw, peak {peak:.2}");
            assert!(levels.iter().all(|l| l.abs() < 1.0), "{detune}: {levels:?}");
            assert!(peak < 1.6, "{detune}: {peak}");
        }
    }

    #[test]
    fn aliases_are_those_of_the_saw() {
        // With hardly any detuning all voices fall into one line.
        for (hz, limit) in [(220.3, -48.0), (2000.7, -41.0), (5003.3, -31.0)] {
            let [left, _] = render(hz, 0.001, 65_536);
            let (alias, worst) = aliases(&left, f64::from(hz), RATE, 20_000.0);
            println!("supersaw {hz} Hz: alias {alias:.1} dB, worst line {worst:.1} dB");
            assert!(alias < limit, "{hz}: {alias}");
        }
    }

    #[test]
    fn the_spread_grows_with_the_detuning_to_the_measured_one() {
        for i in 0..1000 {
            assert!(spread(i as f32 * 1e-3) < spread((i + 1) as f32 * 1e-3));
        }
        assert_eq!(spread(1.0), 1.0);
        // Szabo's curve: 0.098 at a half, 0.287 at 0.8.
        assert!((spread(0.5) - 0.098).abs() < 0.03);
        assert!((spread(0.8) - 0.287).abs() < 0.15);
    }
}
