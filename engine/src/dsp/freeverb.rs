//! Freeverb: eight parallel combs with a low-pass in the loop, then four all-passes, per channel.
//!
//! Structure and constants of Jezar at Dreampoint's "Freeverb" (2000, public domain), after
//! Schroeder, "Natural sounding artificial reverberation" (JAES 10(3), 1962) and Moorer, "About
//! this reverberation business" (Computer Music Journal 3(2), 1979). Lengths are stated in frames
//! at 44.1 kHz and kept as times at every rate. The low-pass keeps its gain at 5 kHz, so that the
//! treble decays alike at every rate; at 44.1 kHz it is Freeverb's own.
//!
//! All loops are longer than a run, so every part handles its run at once.

use super::delay_line::{DelayLine, MARGIN_FRAMES};
use super::math::{clamp_f64, cos_half_turns};
use super::{MAX_FRAMES, frames_of};

type Run = [f32; MAX_FRAMES];

/// Rate the lengths below refer to.
const REFERENCE_RATE: f64 = 44_100.0;
const COMBS: usize = 8;
const COMB_FRAMES: [u32; COMBS] = [1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617];
const ALL_PASS_FRAMES: [u32; 4] = [556, 441, 341, 225];
/// By how much the right channel's delays are longer.
const SPREAD_FRAMES: u32 = 23;
const ALL_PASS_GAIN: f32 = 0.5;
/// Gain before the combs.
const INPUT_GAIN: f32 = 0.015;
/// Feedback of the combs for a size of 0, and what a size of 1 adds.
const LEAST_FEEDBACK: f32 = 0.7;
const FEEDBACK_RANGE: f32 = 0.28;
/// Pole of the loops' low-pass for a damping of 1, at the reference rate.
const DAMPING_RANGE: f32 = 0.4;
/// Where the low-pass has the same gain at every rate.
const MATCHED_HZ: f64 = 5_000.0;

/// Feedback and low-pass pole for one frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loop {
    /// Gain of a comb's loop at low frequencies.
    feedback: f32,
    /// `y[n] = (1 − p)·x[n] + p·y[n−1]`.
    pole: f32,
}

/// Turns size and damping into loops.
#[derive(Clone, Copy, Debug)]
pub struct Loops {
    /// Cosines of the angle of [`MATCHED_HZ`] at the reference rate and at this one.
    reference_cosine: f64,
    cosine: f64,
    at_reference: bool,
}

impl Loops {
    /// For a sample rate.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let cosine = |rate: f64| {
            let half_turns = clamp_f64(2.0 * MATCHED_HZ / rate, 0.0, 1.0);
            f64::from(cos_half_turns(half_turns as f32))
        };
        Self {
            reference_cosine: cosine(REFERENCE_RATE),
            cosine: cosine(frames_per_second),
            at_reference: frames_per_second == REFERENCE_RATE,
        }
    }

    /// The loop for a size and a damping of 0 to 1.
    #[inline]
    #[must_use]
    pub fn of(&self, size: f32, damping: f32) -> Loop {
        Loop {
            feedback: LEAST_FEEDBACK + FEEDBACK_RANGE * size,
            pole: self.pole(DAMPING_RANGE * damping),
        }
    }

    /// The pole whose low-pass has the gain at [`MATCHED_HZ`] that `pole` has at the reference rate.
    ///
    /// `|H|² = (1 − p)² / (1 − 2p·cos ω + p²)`, solved for p at the other ω.
    #[inline]
    fn pole(&self, pole: f32) -> f32 {
        if self.at_reference || pole <= 0.0 {
            return pole;
        }
        let p = f64::from(pole);
        let power = (1.0 - p) * (1.0 - p) / (1.0 - 2.0 * p * self.reference_cosine + p * p);
        let a = 1.0 - power;
        let b = 1.0 - power * self.cosine;
        // b ≥ a because the cosine is at most 1.
        (a / (b + clamp_f64(b * b - a * a, 0.0, f64::MAX).sqrt())) as f32
    }
}

/// One channel.
#[derive(Debug)]
struct Channel {
    combs: [DelayLine; COMBS],
    comb_frames: [usize; COMBS],
    poles: [f32; COMBS],
    all_passes: [DelayLine; 4],
    all_pass_frames: [usize; 4],
}

impl Channel {
    fn new(spread: u32, rate: f64) -> Self {
        let frames = |at_reference: u32| {
            let seconds = f64::from(at_reference + spread) / REFERENCE_RATE;
            ((seconds * rate + 0.5) as usize).max(1)
        };
        let comb_frames = COMB_FRAMES.map(frames);
        let all_pass_frames = ALL_PASS_FRAMES.map(frames);
        Self {
            combs: comb_frames.map(|n| DelayLine::new(n + MARGIN_FRAMES)),
            comb_frames,
            poles: [0.0; COMBS],
            all_passes: all_pass_frames.map(|n| DelayLine::new(n + MARGIN_FRAMES)),
            all_pass_frames,
        }
    }

    fn shortest_loop(&self) -> usize {
        let all = self.comb_frames.iter().chain(&self.all_pass_frames);
        all.copied().min().unwrap_or(1)
    }

    fn reset(&mut self) {
        self.poles = [0.0; COMBS];
        for line in self.combs.iter_mut().chain(&mut self.all_passes) {
            line.reset();
        }
    }

    /// Reverberates a run no longer than the shortest loop.
    fn run(&mut self, input: &[f32], loops: &[Loop], out: &mut [f32]) {
        let n = frames_of(out.len());
        let mut past: [Run; COMBS] = [[0.0; MAX_FRAMES]; COMBS];
        for ((line, frames), past) in self.combs.iter().zip(self.comb_frames).zip(&mut past) {
            line.tap(line.head(), frames, &mut past[..n]);
        }
        // The recursions of the eight low-passes run side by side.
        let mut poles = self.poles;
        for (i, ((x, at), y)) in input.iter().zip(loops).zip(out.iter_mut()).enumerate() {
            let mut sum = 0.0;
            for (past, y1) in past.iter_mut().zip(&mut poles) {
                let here = past[i % MAX_FRAMES];
                sum += here;
                *y1 = (1.0 - at.pole) * here + at.pole * *y1;
                past[i % MAX_FRAMES] = x + at.feedback * *y1;
            }
            *y = sum;
        }
        self.poles = poles;
        for (line, store) in self.combs.iter_mut().zip(&past) {
            line.push(&store[..n]);
        }
        for (line, frames) in self.all_passes.iter_mut().zip(self.all_pass_frames) {
            let (mut past, mut store): (Run, Run) = ([0.0; MAX_FRAMES], [0.0; MAX_FRAMES]);
            line.tap(line.head(), frames, &mut past[..n]);
            for ((x, past), store) in out.iter_mut().zip(&past).zip(&mut store) {
                *store = *x + ALL_PASS_GAIN * past;
                *x = past - *x;
            }
            line.push(&store[..n]);
        }
    }
}

/// The reverb: two signals in, two out.
#[derive(Debug)]
pub struct Freeverb {
    left: Channel,
    right: Channel,
    run_frames: usize,
}

impl Freeverb {
    /// A silent reverb. Allocates about 0.6 s of memory.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let rate = frames_per_second.max(1000.0);
        let left = Channel::new(0, rate);
        let right = Channel::new(SPREAD_FRAMES, rate);
        let run_frames = left.shortest_loop().min(MAX_FRAMES);
        Self {
            left,
            right,
            run_frames,
        }
    }

    /// Silences it, in constant time.
    pub fn reset(&mut self) {
        self.left.reset();
        self.right.reset();
    }

    /// Writes the wet sound of the sum of two channels, `sum`, with one loop per frame.
    pub fn process(&mut self, sum: &[f32], loops: &[Loop], left: &mut [f32], right: &mut [f32]) {
        let mut input: Run = [0.0; MAX_FRAMES];
        for (x, sum) in input.iter_mut().zip(sum) {
            *x = sum * INPUT_GAIN;
        }
        let n = frames_of(sum.len());
        let mut at = 0;
        while at < n {
            let end = (at + self.run_frames).min(n);
            let (input, loops) = (&input[at..end], &loops[at..end]);
            self.left.run(input, loops, &mut left[at..end]);
            self.right.run(input, loops, &mut right[at..end]);
            at = end;
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::noise;

    const RATES: [f64; 4] = [22_050.0, 44_100.0, 48_000.0, 96_000.0];

    fn process(rate: f64, input: &[f32], size: f32, damping: f32) -> [Vec<f32>; 2] {
        let mut reverb = Freeverb::new(rate);
        let at = Loops::new(rate).of(size, damping);
        let (mut left, mut right) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let outs = left.chunks_mut(64).zip(right.chunks_mut(64));
        for (x, (l, r)) in input.chunks(64).zip(outs) {
            reverb.process(x, &[at; 64], l, r);
        }
        [left, right]
    }

    fn impulse(rate: f64, seconds: f64) -> Vec<f32> {
        let mut input = vec![0.0; (rate * seconds) as usize];
        input[0] = 1.0;
        input
    }

    #[test]
    fn first_echoes_are_on_freeverb_s_frames() {
        for rate in RATES {
            let [left, right] = process(rate, &impulse(rate, 0.05), 0.5, 0.5);
            for (out, spread) in [(left, 0.0), (right, 23.0)] {
                let frame =
                    |at_reference: f64| ((at_reference + spread) / 44_100.0 * rate + 0.5) as usize;
                let first = out.iter().position(|y| *y != 0.0);
                assert_eq!(first, Some(frame(1116.0)), "{rate}");
                // Before the all-passes' first echo, 225 frames later, the combs stand alone.
                for comb in [1116.0, 1188.0, 1277.0] {
                    let y = out[frame(comb)];
                    assert!((y - INPUT_GAIN).abs() < 1e-7, "{rate} {comb}: {y}");
                }
                // Through the shortest all-pass the first echo comes once more, turned over.
                let again = out[frame(1116.0) + frame(225.0)];
                assert!((again + INPUT_GAIN).abs() < 1e-7, "{rate}: {again}");
            }
        }
    }

    /// Seconds to decay by 60 dB, from the backward-integrated energy between −5 and −25 dB.
    fn t60(rate: f64, size: f32, damping: f32) -> f64 {
        let [left, _] = process(rate, &impulse(rate, 6.0), size, damping);
        let mut energy = 0.0f64;
        let mut curve: Vec<f64> = left
            .iter()
            .rev()
            .map(|y| {
                energy += f64::from(*y).powi(2);
                energy
            })
            .collect();
        curve.reverse();
        let at = |db: f64| {
            let below = |e: &f64| 10.0 * (e / curve[0]).log10() < db;
            curve.iter().position(below).unwrap_or(0) as f64 / rate
        };
        (at(-25.0) - at(-5.0)) * 3.0
    }

    #[test]
    fn decay_follows_the_size_at_every_rate() {
        for size in [0.0f32, 0.5, 0.7, 0.9] {
            // Combs of 1116 to 1617 frames with a loop gain of f: 60 dB take 3·length / −log10 f.
            let feedback = f64::from(0.7 + 0.28 * size);
            let t = |frames: f64| 3.0 * frames / 44_100.0 / -feedback.log10();
            for rate in [44_100.0, 48_000.0, 96_000.0] {
                let seconds = t60(rate, size, 0.0);
                println!("size {size}: T60 at {rate} Hz {seconds:.3} s");
                let range = t(1116.0)..t(1617.0);
                assert!(
                    range.contains(&seconds),
                    "{size} {rate}: {seconds} {range:?}"
                );
            }
        }
        let (bright, dark) = (t60(48_000.0, 0.7, 0.0), t60(48_000.0, 0.7, 1.0));
        assert!(dark < 0.8 * bright, "{dark} {bright}");
    }

    #[test]
    fn the_low_pass_keeps_its_gain_at_every_rate() {
        let gain = |pole: f64, hz: f64, rate: f64| {
            let w = std::f64::consts::TAU * hz / rate;
            10.0 * ((1.0 - pole).powi(2) / (1.0 - 2.0 * pole * w.cos() + pole * pole)).log10()
        };
        for rate in [22_050.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0] {
            for damping in [0.1f32, 0.5, 1.0] {
                let own = f64::from(0.4 * damping);
                let pole = f64::from(Loops::new(rate).of(0.5, damping).pole);
                for (hz, tolerance) in [(1_000.0, 0.05), (5_000.0, 0.001), (8_000.0, 0.6)] {
                    let error = gain(pole, hz, rate) - gain(own, hz, REFERENCE_RATE);
                    assert!(error.abs() < tolerance, "{rate} {damping} {hz}: {error} dB");
                }
            }
        }
        assert_eq!(Loops::new(44_100.0).of(0.5, 0.5).pole, 0.2);
    }

    #[test]
    fn level_is_that_of_the_input_and_cuts_change_nothing() {
        let mut input = vec![0.0; 96_000];
        noise::fill(3, 0, &mut input);
        let rms = |x: &[f32]| {
            let power: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
            (power / x.len() as f64).sqrt()
        };
        let [left, right] = process(48_000.0, &input, 0.7, 0.5);
        // The sum of two equal channels, 3 × `wet`, at the default of 0.25.
        let gain = 1.5 * rms(&left[48_000..]) / rms(&input);
        println!("wet noise at the default: {:.2} dB", 20.0 * gain.log10());
        assert!((0.3..1.5).contains(&gain), "{gain}");
        assert!((rms(&right) / rms(&left) - 1.0).abs() < 0.1);
        for rate in [8_000.0, 48_000.0] {
            let [left, _] = process(rate, &input[..20_064], 0.7, 0.5);
            let mut reverb = Freeverb::new(rate);
            let loops = [Loops::new(rate).of(0.7, 0.5); 64];
            for _ in 0..2 {
                let (mut at, mut cut) = (0, 1);
                while at < 20_000 {
                    let (mut l, mut r) = ([0.0; 64], [0.0; 64]);
                    reverb.process(&input[at..at + cut], &loops, &mut l, &mut r);
                    assert_eq!(l[..cut], left[at..at + cut], "{rate} at {at}");
                    at += cut;
                    cut = cut * 11 % 64 + 1;
                }
                reverb.reset();
            }
        }
    }
}
