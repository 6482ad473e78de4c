//! A plate reverb: Dattorro's figure-of-eight tank, with upstream Glicol's delays.
//!
//! Dattorro, "Effect design, part 1: reverberator and other filters", JAES 45(9), 1997, figure 1;
//! order and lengths of the parts as measured in upstream's `plate`, stated here in frames at
//! 44.1 kHz and kept as times at every rate. The feedback path includes upstream's block of 128
//! frames. Decay by 60 dB takes about 2.1 s.
//!
//! All loops are longer than a run, so every part handles its run at once: past frames are copied,
//! combined and appended, several frames at a time.

use super::delay_line::{DelayLine, History, MARGIN_FRAMES};
use super::math::{exp, phase_high, phase_increment, sin_phase};
use super::{MAX_FRAMES, frames_of};

type Run = [f32; MAX_FRAMES];

/// Rate the lengths below refer to.
const REFERENCE_RATE: f64 = 44_100.0;
const LFO_HZ: f64 = 0.1;
const LFO_CENTRE_SECONDS: f64 = 0.029_5;
const LFO_DEPTH_SECONDS: f64 = 0.005_5;
/// Gain of each half of the tank.
const DECAY: f32 = 0.3;
/// Corner of the input filter: 0.7 cycles per frame of the one-pole at the reference rate.
const BANDWIDTH_HZ: f64 = 0.7 * REFERENCE_RATE;
/// Corner of the filters inside the tank.
const DAMPING_HZ: f64 = 0.1 * REFERENCE_RATE;

/// An all-pass of fixed length: `y[n] = −g·x[n] + v[n−D]`, `v[n] = x[n] + g·y[n]`
/// (Schroeder, "Natural sounding artificial reverberation", JAES 10(3), 1962).
#[derive(Debug)]
pub(super) struct AllPass {
    line: DelayLine,
    delay: usize,
    gain: f32,
}

impl AllPass {
    pub(super) fn new(milliseconds: f64, gain: f32, frames_per_second: f64) -> Self {
        let delay = frames(milliseconds * 1e-3, frames_per_second);
        Self {
            line: DelayLine::new(delay + MARGIN_FRAMES),
            delay,
            gain,
        }
    }

    /// Replaces a run, no longer than the delay, by its all-passed form.
    pub(super) fn run(&mut self, x: &mut [f32]) {
        let mut past: Run = [0.0; MAX_FRAMES];
        let mut store: Run = [0.0; MAX_FRAMES];
        let n = frames_of(x.len());
        self.line.tap(self.line.head(), self.delay, &mut past[..n]);
        for ((x, v), past) in x.iter_mut().zip(&mut store).zip(&past) {
            let y = past - self.gain * *x;
            *v = *x + self.gain * y;
            *x = y;
        }
        self.line.push(&store[..n]);
    }

    /// Forgets its past, in constant time.
    pub(super) fn reset(&mut self) {
        self.line.reset();
    }
}

/// An all-pass whose length follows the tank's slow oscillator, with linear interpolation.
#[derive(Debug)]
struct ModulatedAllPass {
    line: DelayLine,
    gain: f32,
}

impl ModulatedAllPass {
    fn new(gain: f32, frames_per_second: f64) -> Self {
        let longest = frames(LFO_CENTRE_SECONDS + LFO_DEPTH_SECONDS, frames_per_second) + 2;
        Self {
            line: DelayLine::new(longest + MARGIN_FRAMES),
            gain,
        }
    }

    fn run(&mut self, delays: &Delays, x: &mut [f32]) {
        let n = frames_of(x.len());
        // The delays of a run differ by a frame at most, so all it needs lies in one window.
        let mut window = [0.0f32; MAX_FRAMES_2];
        let first = self.line.head() - u64::from(delays.longest) - 1;
        self.line.copy(first, &mut window[..n + WINDOW_MARGIN]);
        let mut store: Run = [0.0; MAX_FRAMES];
        for (i, (x, v)) in x.iter_mut().zip(&mut store).enumerate() {
            let place = (i as u32 + delays.longest - delays.whole[i]) as usize % MAX_FRAMES_2;
            let (far, near) = (window[place], window[(place + 1) % MAX_FRAMES_2]);
            let past = near + delays.fraction[i] * (far - near);
            let y = past - self.gain * *x;
            *v = *x + self.gain * y;
            *x = y;
        }
        self.line.push(&store[..n]);
    }
}

/// Length of a window, for indices that need no check.
const MAX_FRAMES_2: usize = 2 * MAX_FRAMES;
/// Frames of a window beyond the run: two neighbours, and how far the delays of a run may differ.
const WINDOW_MARGIN: usize = 2 + 6;

/// Lengths of the modulated all-passes over a run.
struct Delays {
    whole: [u32; MAX_FRAMES],
    fraction: Run,
    longest: u32,
}

/// Several delays in a row: one line, read at the sum of the lengths so far.
#[derive(Debug)]
struct Chain<const N: usize> {
    line: DelayLine,
    taps: [usize; N],
}

impl<const N: usize> Chain<N> {
    /// Lengths in frames at the reference rate.
    fn new(lengths: [u32; N], frames_per_second: f64) -> Self {
        let mut sum = 0.0;
        let taps = lengths.map(|length| {
            sum += f64::from(length);
            frames(sum / REFERENCE_RATE, frames_per_second)
        });
        let longest = taps.iter().copied().max().unwrap_or(1);
        Self {
            line: DelayLine::new(longest + MARGIN_FRAMES),
            taps,
        }
    }

    /// The run that is due at the end of delay `index`.
    fn tap(&self, index: usize, n: usize) -> Run {
        let mut out: Run = [0.0; MAX_FRAMES];
        self.line
            .tap(self.line.head(), self.taps[index], &mut out[..n]);
        out
    }
}

/// The reverb: one signal in, two out.
#[derive(Debug)]
pub struct Plate {
    /// Longest run: the shortest loop of all parts.
    run_frames: usize,
    frames_per_second: f64,
    lfo: u64,
    lfo_increment: u64,
    bandwidth: f32,
    damping: f32,
    poles: [f32; 3],
    predelay: Chain<1>,
    diffusers: [AllPass; 4],
    left_modulated: ModulatedAllPass,
    a: Chain<4>,
    b: [AllPass; 2],
    right_modulated: ModulatedAllPass,
    c: Chain<3>,
    d_diffuser: AllPass,
    d: Chain<3>,
    e: [AllPass; 2],
    f_diffuser: AllPass,
    f: Chain<3>,
}

impl Plate {
    /// A silent plate. Allocates about 0.8 s of memory.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let rate = frames_per_second.max(1000.0);
        let all_pass = |milliseconds, gain| AllPass::new(milliseconds, gain, rate);
        let pole = |hz: f64| exp(-std::f64::consts::TAU * hz / rate) as f32;
        let mut plate = Self {
            run_frames: MAX_FRAMES,
            frames_per_second: rate,
            lfo: 0,
            lfo_increment: phase_increment(LFO_HZ / rate),
            bandwidth: pole(BANDWIDTH_HZ),
            damping: pole(DAMPING_HZ),
            poles: [0.0; 3],
            predelay: Chain::new([2205], rate),
            diffusers: [
                all_pass(4.771, 0.75),
                all_pass(3.595, 0.75),
                all_pass(12.72, 0.625),
                all_pass(9.307, 0.625),
            ],
            left_modulated: ModulatedAllPass::new(0.7, rate),
            a: Chain::new([394, 2800, 1204, 2000], rate),
            b: [all_pass(7.596, 0.5), all_pass(35.78, 0.5)],
            right_modulated: ModulatedAllPass::new(0.5, rate),
            c: Chain::new([179, 2679, 3500], rate),
            d_diffuser: all_pass(30.0, 0.7),
            d: Chain::new([522, 2400, 2400], rate),
            e: [all_pass(6.2, 0.7), all_pass(34.92, 0.7)],
            f_diffuser: all_pass(20.4, 0.7),
            f: Chain::new([1578, 2378, 2500 + 128], rate),
        };
        plate.run_frames = plate.shortest_loop().min(MAX_FRAMES);
        plate
    }

    fn shortest_loop(&self) -> usize {
        let all_passes = self.diffusers.iter().chain(&self.b).chain(&self.e);
        all_passes
            .chain([&self.d_diffuser, &self.f_diffuser])
            .map(|a| a.delay)
            .chain([
                self.a.taps[0],
                self.c.taps[0],
                self.d.taps[0],
                self.f.taps[0],
            ])
            .min()
            .unwrap_or(1)
    }

    /// Lets the slow oscillator turn on by so many frames of silence.
    pub fn advance(&mut self, frames: u64) {
        self.lfo = self
            .lfo
            .wrapping_add(self.lfo_increment.wrapping_mul(frames));
    }

    /// Silences it, in constant time, and restarts the slow oscillator.
    pub fn reset(&mut self) {
        self.lfo = 0;
        self.poles = [0.0; 3];
        let all_passes = self
            .diffusers
            .iter_mut()
            .chain(&mut self.b)
            .chain(&mut self.e);
        for part in all_passes.chain([&mut self.d_diffuser, &mut self.f_diffuser]) {
            part.reset();
        }
        for line in [
            &mut self.predelay.line,
            &mut self.left_modulated.line,
            &mut self.right_modulated.line,
            &mut self.a.line,
            &mut self.c.line,
            &mut self.d.line,
            &mut self.f.line,
        ] {
            line.reset();
        }
    }

    /// Writes the reverberated sound of `input` to `left` and `right` (equal lengths).
    pub fn process(&mut self, input: &[f32], left: &mut [f32], right: &mut [f32]) {
        let runs = input.chunks(self.run_frames);
        let outs = left
            .chunks_mut(self.run_frames)
            .zip(right.chunks_mut(self.run_frames));
        for (input, (left, right)) in runs.zip(outs) {
            self.run(input, left, right);
        }
    }

    fn run(&mut self, input: &[f32], left: &mut [f32], right: &mut [f32]) {
        let n = input.len();
        let delays = self.modulation(n);
        // Everything that left a delay before this run is known at its start.
        let mut to_b = self.a.tap(3, n);
        let mut to_e = self.d.tap(2, n);
        let feedback = self.f.tap(2, n);
        let from_c = self.c.tap(2, n);
        let mut x: Run = [0.0; MAX_FRAMES];
        self.filter(input, &mut x, &mut to_b, &mut to_e);
        let x = &mut x[..n];

        self.predelay.line.push(x);
        self.predelay.line.tap(
            self.predelay.line.head() - n as u64,
            self.predelay.taps[0],
            x,
        );
        for part in &mut self.diffusers {
            part.run(x);
        }
        for (x, f) in x.iter_mut().zip(&feedback) {
            *x += DECAY * f;
        }
        self.left_modulated.run(&delays, x);
        let (a1, a2) = (self.a.tap(0, n), self.a.tap(1, n));
        self.a.line.push(x);

        let [b1_part, b2_part] = &mut self.b;
        b1_part.run(&mut to_b[..n]);
        let b1 = to_b;
        b2_part.run(&mut to_b[..n]);
        let b2 = to_b;
        self.right_modulated.run(&delays, &mut to_b[..n]);
        let (c1, c2) = (self.c.tap(0, n), self.c.tap(1, n));
        self.c.line.push(&to_b[..n]);

        let mut x: Run = from_c.map(|c| DECAY * c);
        self.d_diffuser.run(&mut x[..n]);
        let (d1, d2) = (self.d.tap(0, n), self.d.tap(1, n));
        self.d.line.push(&x[..n]);

        let [e1_part, e2_part] = &mut self.e;
        e1_part.run(&mut to_e[..n]);
        let e1 = to_e;
        e2_part.run(&mut to_e[..n]);
        let e2 = to_e;
        self.f_diffuser.run(&mut to_e[..n]);
        let (f1, f2) = (self.f.tap(0, n), self.f.tap(1, n));
        self.f.line.push(&to_e[..n]);

        for i in 0..n {
            left[i] = (a1[i] + a2[i] + c2[i]) - ((b2[i] + d2[i]) + (e1[i] + f1[i]));
            right[i] = (d1[i] + d2[i] + f2[i]) - ((e2[i] + a2[i]) + (b1[i] + c1[i]));
        }
    }

    /// The three one-pole low-passes, `y[n] = (1 − p)·x[n] + p·y[n−1]`, side by side: none feeds
    /// another within a run, so their recursions overlap.
    fn filter(&mut self, input: &[f32], x: &mut Run, to_b: &mut Run, to_e: &mut Run) {
        let [mut y0, mut y1, mut y2] = self.poles;
        let (p, q) = (self.bandwidth, self.damping);
        for (i, input) in input.iter().enumerate() {
            y0 = (1.0 - p) * input + p * y0;
            y1 = (1.0 - q) * to_b[i] + q * y1;
            y2 = (1.0 - q) * to_e[i] + q * y2;
            x[i] = y0;
            to_b[i] = y1;
            to_e[i] = y2;
        }
        self.poles = [y0, y1, y2];
    }

    /// Length of the modulated all-passes for the next `n` frames.
    fn modulation(&mut self, n: usize) -> Delays {
        let mut delays = Delays {
            whole: [0; MAX_FRAMES],
            fraction: [0.0; MAX_FRAMES],
            longest: 0,
        };
        let centre = (LFO_CENTRE_SECONDS * self.frames_per_second) as f32;
        let depth = (LFO_DEPTH_SECONDS * self.frames_per_second) as f32;
        let mut phases = [0u32; MAX_FRAMES];
        for phase in &mut phases[..n] {
            *phase = phase_high(self.lfo);
            self.lfo = self.lfo.wrapping_add(self.lfo_increment);
        }
        for (delay, phase) in delays.fraction.iter_mut().zip(&phases) {
            *delay = centre + depth * sin_phase(*phase);
        }
        for (whole, delay) in delays.whole.iter_mut().zip(&mut delays.fraction[..n]) {
            *whole = *delay as i32 as u32;
            *delay -= *whole as f32;
            delays.longest = delays.longest.max(*whole);
        }
        delays
    }
}

fn frames(seconds: f64, frames_per_second: f64) -> usize {
    ((seconds * frames_per_second + 0.5) as usize).max(1)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn response(rate: f64, seconds: f64) -> (Vec<f32>, Vec<f32>) {
        let n = (rate * seconds) as usize;
        let mut input = vec![0.0; n];
        input[0] = 1.0;
        let (mut left, mut right) = (vec![0.0; n], vec![0.0; n]);
        let mut plate = Plate::new(rate);
        plate.process(&input, &mut left, &mut right);
        (left, right)
    }

    #[test]
    fn first_taps_come_at_the_same_time_at_every_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let (left, right) = response(rate, 0.3);
            let first = |x: &[f32]| x.iter().position(|v| v.abs() > 1e-5).unwrap_or(0) as f64;
            // Left: pre-delay and A1. Right: pre-delay, A1 and A2.
            let (l, r) = (first(&left), first(&right));
            assert!((l - 2599.0 / 44_100.0 * rate).abs() <= 2.0, "{rate}: {l}");
            assert!((r - 5399.0 / 44_100.0 * rate).abs() <= 2.0, "{rate}: {r}");
        }
        assert!(response(44_100.0, 0.3).0[2599] != 0.0);
        assert!(response(44_100.0, 0.3).0[..2599].iter().all(|v| *v == 0.0));
    }

    /// Seconds to decay by 60 dB, from the slope of the backward-integrated energy between −5 and
    /// −35 dB (ISO 3382-1; Schroeder 1965).
    fn t60(rate: f64) -> f64 {
        let (left, right) = response(rate, 4.0);
        let mut energy = 0.0f64;
        let mut curve: Vec<f64> = left
            .iter()
            .zip(&right)
            .rev()
            .map(|(l, r)| {
                energy += f64::from(*l).powi(2) + f64::from(*r).powi(2);
                energy
            })
            .collect();
        curve.reverse();
        let total = curve[0];
        let at = |db: f64| {
            curve
                .iter()
                .position(|e| 10.0 * (e / total).log10() < db)
                .unwrap_or(0) as f64
                / rate
        };
        (at(-35.0) - at(-5.0)) * 2.0
    }

    #[test]
    fn rings_about_two_seconds_at_every_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let seconds = t60(rate);
            println!("T60 at {rate} Hz: {seconds:.3} s");
            assert!((1.85..2.35).contains(&seconds), "{rate}: {seconds}");
        }
    }

    #[test]
    fn level_is_upstream_s() {
        // Full-scale noise times 0.3 gives a wet RMS of about 0.227 at 44.1 kHz.
        let n = 44_100 * 3;
        let mut input = vec![0.0; n];
        super::super::noise::fill(42, 0, &mut input);
        input.iter_mut().for_each(|x| *x *= 0.3);
        let (mut left, mut right) = (vec![0.0; n], vec![0.0; n]);
        Plate::new(44_100.0).process(&input, &mut left, &mut right);
        for wet in [left, right] {
            let late = &wet[44_100..];
            let power = late.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / late.len() as f64;
            assert!((0.19..0.27).contains(&power.sqrt()), "{}", power.sqrt());
        }
    }

    #[test]
    fn cuts_resets_and_low_rates_change_nothing() {
        for rate in [8_000.0, 44_100.0] {
            let n = 9_000;
            let mut input = vec![0.0; n];
            super::super::noise::fill(1, 0, &mut input);
            let whole = {
                let (mut l, mut r) = (vec![0.0; n], vec![0.0; n]);
                Plate::new(rate).process(&input, &mut l, &mut r);
                (l, r)
            };
            let mut plate = Plate::new(rate);
            for _ in 0..2 {
                let (mut l, mut r) = (vec![0.0; n], vec![0.0; n]);
                let (mut at, mut cut) = (0, 1);
                while at < n {
                    let end = (at + cut).min(n);
                    plate.process(&input[at..end], &mut l[at..end], &mut r[at..end]);
                    at = end;
                    cut = cut * 11 % 64 + 1;
                }
                assert!(l == whole.0 && r == whole.1, "{rate}");
                plate.reset();
            }
        }
    }
}
