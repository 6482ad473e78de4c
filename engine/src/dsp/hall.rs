//! A hall: a feedback delay network of sixteen lines.
//!
//! Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (AES preprint
//! 3030, 1991): lines mixed by an orthogonal matrix lose no energy, so the gain of each line alone
//! sets the decay: `10^(−3·d/T)` for a line of `d` seconds and 60 dB in `T` seconds. The matrix is
//! Hadamard's. Each line's gain is a shelf, so that treble decays in a time of its own; its corner is
//! a frequency, and all lengths are times, so every rate sounds alike. Four lines move slowly, and
//! four all-passes before each side make the first echoes dense.
//!
//! All lines are longer than a run, so every part handles its run at once.

use super::delay_line::{DelayLine, MARGIN_FRAMES, Tap};
use super::math::{exp2, phase_high, phase_increment, sin_phase};
use super::one_pole::{Corner, OnePole};
use super::plate::AllPass;
use super::{MAX_FRAMES, frames_of};

/// Lines of the network.
const LINES: usize = 16;
/// Lengths, about evenly spaced on a logarithmic axis, with no simple ratios among them.
const LINE_MS: [f64; LINES] = [
    29.3, 31.9, 34.7, 37.1, 40.3, 43.9, 47.7, 51.1, 55.7, 60.1, 65.3, 70.7, 76.3, 82.9, 89.9, 97.3,
];
/// Lines that move: which, how often, and where in the cycle they begin (as 64ths).
const MOVING: [(usize, f64, u64); 4] =
    [(1, 0.31, 0), (6, 0.43, 16), (11, 0.53, 32), (12, 0.71, 48)];
/// How far a line moves to each side.
const SWAY_SECONDS: f64 = 0.000_15;
const PREDELAY_SECONDS: f64 = 0.012;
/// All-passes before the network, left and right, and their gain.
const DIFFUSERS_MS: [[f64; 4]; 2] = [[4.3, 6.7, 10.1, 13.9], [4.7, 6.1, 10.9, 13.1]];
const DIFFUSION: f32 = 0.6;
/// Between the bass's decay and the treble's.
const SHELF_HZ: f64 = 3_000.0;
/// The part of the bass's time that treble takes with full damping.
const LEAST_TREBLE: f64 = 0.08;
const LOG2_10: f64 = std::f64::consts::LOG2_10;
/// Eight lines make a side.
const OUTPUT_POWER: f64 = 0.125;
/// Frames over which gains move to what was asked for at the start of such a stretch.
pub const STRETCH_FRAMES: u64 = 64;

type Run = [f32; MAX_FRAMES];
type Lanes = [f32; LINES];

/// Gains of the lines and of the output.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gains {
    bass: Lanes,
    treble: Lanes,
    out: f32,
}

/// The reverb: two signals in, two out.
#[derive(Debug)]
pub struct Hall {
    lines: [DelayLine; LINES],
    line_frames: [f64; LINES],
    shelves: [OnePole; LINES],
    shelf: Corner,
    sway: [(u64, u64); MOVING.len()],
    sway_frames: f32,
    predelays: [DelayLine; 2],
    predelay_frames: usize,
    diffusers: [[AllPass; 4]; 2],
    run_frames: usize,
    /// Gains at the start and at the end of the stretch; none before the first frame.
    gains: Option<(Gains, Gains)>,
}

impl Hall {
    /// A silent hall. Allocates about 1.5 s of memory.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let rate = frames_per_second.max(1000.0);
        let line_frames = LINE_MS.map(|ms| whole(ms * 1e-3 * rate));
        let sway_frames = SWAY_SECONDS * rate;
        let predelay_frames = whole(PREDELAY_SECONDS * rate) as usize;
        let shortest = DIFFUSERS_MS[0][0].min(DIFFUSERS_MS[1][0]) * 1e-3 * rate;
        let line =
            |frames: f64| DelayLine::new((frames + sway_frames) as usize + 4 + MARGIN_FRAMES);
        Self {
            lines: line_frames.map(line),
            line_frames,
            shelves: [OnePole::default(); LINES],
            shelf: Corner::new((SHELF_HZ / rate) as f32),
            sway: MOVING.map(|(_, hz, start)| (start << 58, phase_increment(hz / rate))),
            sway_frames: sway_frames as f32,
            predelays: [(); 2].map(|()| DelayLine::new(predelay_frames + MARGIN_FRAMES)),
            predelay_frames,
            diffusers: DIFFUSERS_MS.map(|side| side.map(|ms| AllPass::new(ms, DIFFUSION, rate))),
            run_frames: (shortest as usize).clamp(1, MAX_FRAMES),
            gains: None,
        }
    }

    /// Lets the slow movement go on by so many frames of silence.
    pub fn advance(&mut self, frames: u64) {
        for (phase, step) in &mut self.sway {
            *phase = phase.wrapping_add(step.wrapping_mul(frames));
        }
    }

    /// Silences it, in constant time, and restarts the slow movement.
    pub fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.predelays.iter_mut().for_each(DelayLine::reset);
        self.diffusers.iter_mut().flatten().for_each(AllPass::reset);
        self.shelves = [OnePole::default(); LINES];
        for ((phase, _), (_, _, start)) in self.sway.iter_mut().zip(MOVING) {
            *phase = start << 58;
        }
        self.gains = None;
    }

    /// Computes a run that lies within a stretch of [`STRETCH_FRAMES`]. `frame` counts from reset;
    /// seconds to decay by 60 dB and damping, 0 to 1, are taken at the stretch's first frame.
    pub fn process(
        &mut self,
        frame: u64,
        (seconds, damping): (f32, f32),
        inputs: [&[f32]; 2],
        outs: [&mut [f32]; 2],
    ) {
        let place = frame % STRETCH_FRAMES;
        let (from, to) = match self.gains {
            Some((_, now)) if place == 0 => (now, Gains::of(seconds, damping)),
            Some(gains) => gains,
            None => {
                let now = Gains::of(seconds, damping);
                (now, now)
            }
        };
        self.gains = Some((from, to));
        let [left, right] = outs;
        let n = frames_of(left.len().min(right.len()));
        let mut at = 0;
        while at < n {
            let end = (at + self.run_frames).min(n);
            let inputs = inputs.map(|x| &x[at..end]);
            let outs = [&mut left[at..end], &mut right[at..end]];
            self.run(place + at as u64, (&from, &to), inputs, outs);
            at = end;
        }
    }

    /// A run no longer than the shortest part; `place` is its first frame in the stretch.
    fn run(
        &mut self,
        place: u64,
        (from, to): (&Gains, &Gains),
        inputs: [&[f32]; 2],
        outs: [&mut [f32]; 2],
    ) {
        let n = frames_of(inputs[0].len());
        let sides = self.enter(inputs);
        let mut lanes = self.taps(n);
        let [left, right] = outs;
        for (i, (left, right)) in left.iter_mut().zip(right).enumerate() {
            let share = (place + i as u64) as f32 / STRETCH_FRAMES as f32;
            let mut v: Lanes = std::array::from_fn(|k| lanes[k][i]);
            for (k, (v, shelf)) in v.iter_mut().zip(&mut self.shelves).enumerate() {
                let bass = from.bass[k] + share * (to.bass[k] - from.bass[k]);
                let treble = from.treble[k] + share * (to.treble[k] - from.treble[k]);
                let low = shelf.low(*v, self.shelf);
                *v = treble * *v + (bass - treble) * low;
            }
            let out = from.out + share * (to.out - from.out);
            let sum = |odd: usize| {
                let pairs = v[odd..].chunks(4);
                // Every other line is turned over, so that the two sides are unlike.
                pairs.fold(0.0, |sum, v| {
                    sum + (v[0] - v.get(2).copied().unwrap_or(0.0))
                })
            };
            *left = out * sum(0);
            *right = out * sum(1);
            hadamard(&mut v);
            for (k, (lane, v)) in lanes.iter_mut().zip(v).enumerate() {
                lane[i] = v + sides[k % 2][i];
            }
        }
        for (line, lane) in self.lines.iter_mut().zip(&lanes) {
            line.push(&lane[..n]);
        }
    }

    /// What enters the network: both sides after pre-delay and diffusion.
    fn enter(&mut self, inputs: [&[f32]; 2]) -> [Run; 2] {
        let mut sides = [[0.0; MAX_FRAMES]; 2];
        let n = frames_of(inputs[0].len());
        for (side, run) in sides.iter_mut().enumerate() {
            let (line, run) = (&mut self.predelays[side], &mut run[..n]);
            let base = line.head();
            line.push(inputs[side]);
            line.tap(base, self.predelay_frames, run);
            for part in &mut self.diffusers[side] {
                part.run(run);
            }
        }
        sides
    }

    /// What leaves the lines in the next `n` frames.
    fn taps(&mut self, n: usize) -> [Run; LINES] {
        let mut lanes = [[0.0; MAX_FRAMES]; LINES];
        for ((line, frames), lane) in self.lines.iter().zip(self.line_frames).zip(&mut lanes) {
            line.tap(line.head(), frames as usize, &mut lane[..n]);
        }
        for ((phase, step), (k, ..)) in self.sway.iter_mut().zip(MOVING) {
            let line = &self.lines[k];
            for (i, y) in lanes[k][..n].iter_mut().enumerate() {
                let sway = self.sway_frames * sin_phase(phase_high(*phase));
                let tap = Tap::new(self.line_frames[k] + f64::from(sway), 0);
                *y = tap.one(line, line.head() + i as u64);
                *phase = phase.wrapping_add(*step);
            }
        }
        lanes
    }
}

impl Gains {
    fn of(seconds: f32, damping: f32) -> Self {
        let bass = f64::from(seconds);
        let treble = bass * (1.0 - (1.0 - LEAST_TREBLE) * f64::from(damping));
        // 60 dB are a factor of a thousand.
        let gain = |line_seconds: f64, time: f64| exp2(-3.0 * LOG2_10 * line_seconds / time);
        let lanes = |time: f64| LINE_MS.map(|ms| gain(ms * 1e-3, time) as f32);
        let bass = lanes(bass);
        // Of noise that goes on, the lines give g² / (1 − g²) of the power that enters.
        let power: f64 = bass.iter().map(|g| f64::from(g * g)).sum::<f64>() / LINES as f64;
        Self {
            bass,
            treble: lanes(treble),
            out: (OUTPUT_POWER * (1.0 - power) / power).sqrt() as f32,
        }
    }
}

/// Multiplies by Hadamard's matrix of order 16, scaled to keep the energy.
#[inline]
fn hadamard(v: &mut Lanes) {
    for half in [8, 4, 2, 1] {
        for pairs in v.chunks_exact_mut(2 * half) {
            let (a, b) = pairs.split_at_mut(half);
            for (a, b) in a.iter_mut().zip(b) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
    }
    v.iter_mut().for_each(|x| *x *= 0.25);
}

fn whole(frames: f64) -> f64 {
    f64::from((frames + 0.5) as u32)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::noise;

    fn process(rate: f64, input: &[f32], seconds: f32, damping: f32) -> [Vec<f32>; 2] {
        let mut hall = Hall::new(rate);
        let (mut left, mut right) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let outs = left.chunks_mut(64).zip(right.chunks_mut(64));
        for (k, (x, (l, r))) in input.chunks(64).zip(outs).enumerate() {
            hall.process(64 * k as u64, (seconds, damping), [x, x], [l, r]);
        }
        [left, right]
    }

    /// Seconds to decay by 60 dB of what lies between two corners, from the backward-integrated
    /// energy between −5 and −35 dB (Schroeder 1965).
    fn t60(rate: f64, seconds: f32, damping: f32, corners_hz: [f64; 2]) -> f64 {
        let mut input = vec![0.0; (rate * f64::from(seconds) * 1.5) as usize];
        input[0] = 1.0;
        let [left, _] = process(rate, &input, seconds, damping);
        let [from, to] = corners_hz.map(|hz| Corner::new((hz / rate) as f32));
        let mut poles = [[OnePole::default(); 2]; 4];
        let mut energy = 0.0f64;
        let filtered: Vec<f64> = left
            .iter()
            .map(|x| {
                let pass = |x: f32, [a, b]: &mut [OnePole; 2]| a.high(b.low(x, to), from);
                f64::from(poles.iter_mut().fold(*x, pass))
            })
            .collect();
        let mut curve: Vec<f64> = filtered
            .iter()
            .rev()
            .map(|y| {
                energy += y * y;
                energy
            })
            .collect();
        curve.reverse();
        let at = |db: f64| {
            let below = |e: &f64| 10.0 * (e / curve[0]).log10() < db;
            curve.iter().position(below).unwrap_or(0) as f64 / rate
        };
        (at(-35.0) - at(-5.0)) * 2.0
    }

    #[test]
    fn decays_in_the_time_asked_for_at_every_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            for seconds in [0.8f32, 3.0] {
                let bass = t60(rate, seconds, 0.5, [50.0, 500.0]);
                println!("{rate} Hz, {seconds} s: bass {bass:.3} s");
                assert!(
                    (bass / f64::from(seconds) - 1.0).abs() < 0.06,
                    "{rate}: {bass}"
                );
            }
            let treble = t60(rate, 3.0, 0.5, [6_000.0, 9_000.0]);
            println!("{rate} Hz: treble {treble:.3} s of 3 s with half the damping");
            let even = t60(rate, 3.0, 0.0, [6_000.0, 9_000.0]);
            println!("{rate} Hz: treble {even:.3} s of 3 s without damping");
            assert!((even / 3.0 - 1.0).abs() < 0.12, "{rate}: {even}");
            assert!((1.5..1.9).contains(&treble), "{rate}: {treble}");
        }
    }

    #[test]
    fn the_matrix_keeps_the_energy_and_is_its_own_inverse() {
        let mut v: Lanes = std::array::from_fn(|k| noise::sample(1, k as u64));
        let first = v;
        let energy = |v: &Lanes| v.iter().map(|x| x * x).sum::<f32>();
        hadamard(&mut v);
        assert!((energy(&v) - energy(&first)).abs() < 1e-5);
        assert!(v != first);
        hadamard(&mut v);
        assert!(v.iter().zip(first).all(|(a, b)| (a - b).abs() < 1e-6));
    }

    #[test]
    fn noise_comes_back_at_its_level_and_the_sides_are_unlike() {
        for (rate, seconds) in [(44_100.0, 1.0f32), (48_000.0, 3.0), (48_000.0, 8.0)] {
            let mut input = vec![0.0; (rate * f64::from(seconds) * 2.0) as usize];
            noise::fill(7, 0, &mut input);
            let [left, right] = process(rate, &input, seconds, 0.0);
            let late = input.len() / 2;
            let mean = |a: &[f32], b: &[f32]| {
                let products = a[late..].iter().zip(&b[late..]);
                products.map(|(a, b)| f64::from(a * b)).sum::<f64>() / (a.len() - late) as f64
            };
            let (l, r, x) = (
                mean(&left, &left),
                mean(&right, &right),
                mean(&input, &input),
            );
            println!("{seconds} s: {:.2} dB", 10.0 * (l / x).log10());
            assert!((0.5..2.0).contains(&(l / x)), "{seconds}: {}", l / x);
            assert!((0.5..2.0).contains(&(r / l)), "{seconds}");
            let alike = mean(&left, &right) / (l * r).sqrt();
            assert!(alike.abs() < 0.2, "{seconds}: {alike}");
        }
    }

    #[test]
    fn first_echoes_come_after_the_predelay_and_the_shortest_line() {
        for rate in [22_050.0, 48_000.0, 96_000.0] {
            let mut input = vec![0.0; (0.1 * rate) as usize];
            input[0] = 1.0;
            let [left, right] = process(rate, &input, 2.0, 0.3);
            let first = |x: &[f32]| x.iter().position(|y| y.abs() > 1e-6).unwrap_or(0) as f64;
            // Line 0 stands; line 1, the right one, moves by 0.15 ms.
            let (l, r) = (first(&left) / rate, first(&right) / rate);
            assert!((l - 0.0413).abs() < 1.5 / rate, "{rate}: {l}");
            assert!((r - 0.0439).abs() < 0.000_2, "{rate}: {r}");
        }
    }
}
