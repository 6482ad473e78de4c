//! Chorus and flanger: delays that a slow sine moves, after Dattorro, "Effect design, part 2:
//! delay-line modulation and chorus" (JAES 45(10), 1997).

use super::delay_line::{DelayLine, MARGIN_FRAMES, Tap};
use super::frames_of;
use super::math::clamp_f64;
use super::sweep::{Movement, Swaying, Sweep, ahead};

/// Least delay of a chorus: long enough to be heard as a second voice and not as a filter.
const CHORUS_SECONDS: f64 = 0.006;
/// Least delay of a flanger.
const FLANGER_SECONDS: f64 = 0.000_5;
/// Where the three voices of a chorus stand in the cycle, in 64ths: a third apart, and the right
/// side's half way between the left side's.
const VOICES: [[u32; 3]; 2] = [[0, 21, 43], [11, 32, 53]];
/// Three voices that agree by chance are no louder than one on average.
const VOICE_GAIN: f32 = 0.577_350_3;
/// Right side of a flanger: a quarter of a cycle ahead.
const SIDES: [u32; 2] = [0, 16];

/// A line for each side and what moves the places where they are read.
#[derive(Debug)]
struct Lines {
    lines: [DelayLine; 2],
    sweep: Sweep,
    frames_per_second: f64,
}

impl Lines {
    /// For depths up to `longest_depth_ms`. Allocates.
    fn new(least_seconds: f64, longest_depth_ms: f32, frames_per_second: f64) -> Self {
        let longest = delay(least_seconds, longest_depth_ms, 1.0, frames_per_second);
        let frames = longest as usize + 2 + MARGIN_FRAMES;
        Self {
            lines: [(); 2].map(|()| DelayLine::new(frames)),
            sweep: Sweep::new(frames_per_second),
            frames_per_second,
        }
    }

    fn reset(&mut self) {
        self.lines.iter_mut().for_each(DelayLine::reset);
        self.sweep.reset();
    }
}

/// Three moving delays to each side.
#[derive(Debug)]
pub struct Chorus(Lines);

/// One moving delay to each side, with feedback.
#[derive(Debug)]
pub struct Flanger(Lines);

/// Least delay plus the part of the depth that a sine of −1 to 1 stands for, in frames.
#[inline]
fn delay(least_seconds: f64, depth_ms: f32, sine: f32, rate: f64) -> f64 {
    let seconds = least_seconds + f64::from(depth_ms * (0.5 + 0.5 * sine)) * 1e-3;
    // One frame is the least that a loop can read.
    clamp_f64(seconds * rate, 1.0, f64::MAX)
}

impl Chorus {
    /// For depths up to `longest_depth_ms`. Allocates.
    #[must_use]
    pub fn new(frames_per_second: f64, longest_depth_ms: f32) -> Self {
        Self(Lines::new(
            CHORUS_SECONDS,
            longest_depth_ms,
            frames_per_second,
        ))
    }
}

impl Swaying for Chorus {
    fn reset(&mut self) {
        self.0.reset();
    }

    fn advance(&mut self, frames: u64) {
        self.0.sweep.advance(frames);
    }

    fn process(
        &mut self,
        inputs: [&[f32]; 2],
        movement: impl Fn(usize) -> Movement,
        outs: [&mut [f32]; 2],
    ) {
        let [left, right] = outs;
        let n = frames_of(left.len().min(right.len()));
        let base = self.0.lines.each_ref().map(DelayLine::head);
        for (line, input) in self.0.lines.iter_mut().zip(inputs) {
            line.push(&input[..n]);
        }
        for (i, (left, right)) in left[..n].iter_mut().zip(&mut right[..n]).enumerate() {
            let now = movement(i);
            let (phase, depth) = self.0.sweep.next(now.rate_hz, now.depth);
            for (side, y) in [left, right].into_iter().enumerate() {
                let frame = base[side] + i as u64;
                let voice = |place: &u32| {
                    let sine = ahead(phase, *place);
                    let delay = delay(CHORUS_SECONDS, depth, sine, self.0.frames_per_second);
                    Tap::new(delay, 0).one(&self.0.lines[side], frame)
                };
                let [a, b, c] = &VOICES[side];
                *y = VOICE_GAIN * (voice(a) + voice(b) + voice(c));
            }
        }
    }
}

impl Flanger {
    /// For depths up to `longest_depth_ms`. Allocates.
    #[must_use]
    pub fn new(frames_per_second: f64, longest_depth_ms: f32) -> Self {
        Self(Lines::new(
            FLANGER_SECONDS,
            longest_depth_ms,
            frames_per_second,
        ))
    }
}

impl Swaying for Flanger {
    fn reset(&mut self) {
        self.0.reset();
    }

    fn advance(&mut self, frames: u64) {
        self.0.sweep.advance(frames);
    }

    fn process(
        &mut self,
        inputs: [&[f32]; 2],
        movement: impl Fn(usize) -> Movement,
        outs: [&mut [f32]; 2],
    ) {
        let [left, right] = outs;
        for (i, (left, right)) in left.iter_mut().zip(right).enumerate() {
            let now = movement(i);
            let (phase, depth) = self.0.sweep.next(now.rate_hz, now.depth);
            for (side, y) in [left, right].into_iter().enumerate() {
                let line = &mut self.0.lines[side];
                let sine = ahead(phase, SIDES[side]);
                let delay = delay(FLANGER_SECONDS, depth, sine, self.0.frames_per_second);
                *y = Tap::new(delay, 1).one(line, line.head());
                line.push(&[inputs[side][i] + now.feedback * *y]);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn movement(rate_hz: f32, depth_ms: f32, feedback: f32) -> Movement {
        Movement {
            rate_hz,
            depth: depth_ms,
            feedback,
        }
    }

    /// Both sides of a processor's answer to a signal, under a movement per frame.
    fn run(
        input: &[f32],
        movement: impl Fn(usize) -> Movement,
        mut process: impl FnMut([&[f32]; 2], &dyn Fn(usize) -> Movement, [&mut [f32]; 2]),
    ) -> [Vec<f32>; 2] {
        let (mut left, mut right) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let outs = left.chunks_mut(64).zip(right.chunks_mut(64));
        for (k, (x, (l, r))) in input.chunks(64).zip(outs).enumerate() {
            process([x, x], &|i| movement(64 * k + i), [l, r]);
        }
        [left, right]
    }

    fn chorus(rate: f64, input: &[f32], m: impl Fn(usize) -> Movement) -> [Vec<f32>; 2] {
        let mut chorus = Chorus::new(rate, 20.0);
        run(input, m, |x, m, y| chorus.process(x, m, y))
    }

    fn flanger(rate: f64, input: &[f32], m: impl Fn(usize) -> Movement) -> [Vec<f32>; 2] {
        let mut flanger = Flanger::new(rate, 10.0);
        run(input, m, |x, m, y| flanger.process(x, m, y))
    }

    /// Impulses every 50 ms, and the shortest and longest time, in ms, after which one is answered
    /// with more than a third of its size.
    fn range_ms(rate: f64, process: impl Fn(&[f32]) -> [Vec<f32>; 2]) -> [(f64, f64); 2] {
        let every = (0.05 * rate) as usize;
        let mut input = vec![0.0; 80 * every];
        input.iter_mut().step_by(every).for_each(|x| *x = 1.0);
        process(&input).map(|out| {
            let answers = out.iter().enumerate().filter(|(_, y)| **y > 0.33);
            let times = answers.map(|(i, _)| (i % every) as f64 / rate * 1e3);
            times.fold((f64::MAX, 0.0f64), |(a, b), t| (a.min(t), b.max(t)))
        })
    }

    #[test]
    fn delays_move_over_the_stated_range_at_every_rate() {
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let near = |x: f64, y: f64| (x - y).abs() < 0.06;
            for (shortest, longest) in
                range_ms(rate, |x| chorus(rate, x, |_| movement(0.7, 4.0, 0.0)))
            {
                assert!(
                    near(shortest, 6.0) && near(longest, 10.0),
                    "{shortest} {longest}"
                );
            }
            for (shortest, longest) in
                range_ms(rate, |x| flanger(rate, x, |_| movement(0.7, 3.0, 0.0)))
            {
                assert!(
                    near(shortest, 0.5) && near(longest, 3.5),
                    "{shortest} {longest}"
                );
            }
        }
    }

    #[test]
    fn a_flanger_that_stands_is_a_comb() {
        let mut input = vec![0.0; 2000];
        input[0] = 1.0;
        let [left, right] = flanger(48_000.0, &input, |_| movement(0.0, 4.0, -0.5));
        // Left in the middle of the depth, right at its end.
        for (out, delay) in [(left, 120), (right, 216)] {
            for (i, y) in out.iter().enumerate() {
                let repeat = i / delay;
                let want = if i % delay == 0 && repeat > 0 {
                    (0..repeat - 1).fold(1.0, |gain: f32, _| gain * -0.5)
                } else {
                    0.0
                };
                assert_eq!(*y, want, "frame {i}");
            }
        }
    }

    #[test]
    fn a_chorus_sways_in_pitch_by_rate_and_depth() {
        // One voice alone would move between f·(1 ± π·rate·depth); all six together keep the mean.
        let rate = 48_000.0;
        let input: Vec<f32> = (0..96_000)
            .map(|i| (std::f64::consts::TAU * 1000.0 * f64::from(i) / rate).sin() as f32)
            .collect();
        let [left, right] = chorus(rate, &input, |_| movement(1.0, 4.0, 0.0));
        assert!(left != right);
        let power =
            |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / x.len() as f64;
        let gain = power(&left[48_000..]) / power(&input[48_000..]);
        println!("chorus of a sine: {:.2} dB", 10.0 * gain.log10());
        assert!((0.5..2.0).contains(&gain), "{gain}");
    }

    #[test]
    fn numbers_that_jump_do_not_click() {
        let rate = 48_000.0;
        let omega = std::f64::consts::TAU * 200.0 / rate;
        let input: Vec<f32> = (0..60_000)
            .map(|i| (omega * f64::from(i)).sin() as f32)
            .collect();
        let rough = |out: &[f32]| {
            out[5000..]
                .windows(3)
                .map(|w| (w[0] - 2.0 * w[1] + w[2]).abs())
                .fold(0.0, f32::max)
        };
        let jump = |i: usize| {
            let high = i / 9000 % 2 == 1;
            movement(
                if high { 5.0 } else { 0.3 },
                if high { 9.0 } else { 2.0 },
                0.0,
            )
        };
        // A jump bends the waveform by a seventh of its slope (7 ms in 50 ms); a step of 7 ms at
        // once would be as large as the wave itself.
        let limit = 0.2 * omega as f32;
        let [left, _] = flanger(rate, &input, jump);
        assert!(rough(&left) < limit, "{} {limit}", rough(&left));
        let [left, _] = chorus(rate, &input, jump);
        assert!(rough(&left) < 1.8 * limit, "{} {limit}", rough(&left));
    }
}
