//! A phaser: six first-order all-passes whose corner a slow sine moves, with feedback around them.
//!
//! The feedback has no delay of its own: the stages are trapezoidal integrators, so the loop is a
//! linear equation in the present sample and is solved (Zavalishin, "The Art of VA Filter Design",
//! 2.1.0, sections 3.9 and 10.6). So the notches of input plus output stand where the circuit has
//! them, at every rate: where the stages turn by an odd multiple of 180°, at the corner and at
//! 2 ± √3 times the corner (on the tangent's bent axis).

use super::frames_of;
use super::math::exp2;
use super::one_pole::{Corner, OnePole};
use super::sweep::{Movement, Swaying, Sweep, ahead};

/// Stages.
pub const STAGES: usize = 6;
/// Middle of the sweep.
pub const CENTRE_HZ: f64 = 800.0;
/// How far a full sweep goes up and down, in octaves.
pub const OCTAVES: f64 = 2.0;
/// Right side: a quarter of a cycle ahead.
const SIDES: [u32; 2] = [0, 16];

/// A phaser with two sides.
#[derive(Clone, Copy, Debug)]
pub struct Phaser {
    stages: [[OnePole; STAGES]; 2],
    sweep: Sweep,
    seconds_per_frame: f64,
}

impl Phaser {
    /// For a sample rate.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            stages: [[OnePole::default(); STAGES]; 2],
            sweep: Sweep::new(frames_per_second),
            seconds_per_frame: 1.0 / frames_per_second,
        }
    }
}

impl Swaying for Phaser {
    fn reset(&mut self) {
        self.stages = [[OnePole::default(); STAGES]; 2];
        self.sweep.reset();
    }

    fn advance(&mut self, frames: u64) {
        self.sweep.advance(frames);
    }

    fn process(
        &mut self,
        inputs: [&[f32]; 2],
        movement: impl Fn(usize) -> Movement,
        outs: [&mut [f32]; 2],
    ) {
        let [left, right] = outs;
        let n = frames_of(left.len().min(right.len()));
        for (i, (left, right)) in left[..n].iter_mut().zip(&mut right[..n]).enumerate() {
            let now = movement(i);
            let (phase, depth) = self.sweep.next(now.rate_hz, now.depth);
            for (side, y) in [left, right].into_iter().enumerate() {
                let octaves = OCTAVES * f64::from(depth * ahead(phase, SIDES[side]));
                let cycles = CENTRE_HZ * exp2(octaves) * self.seconds_per_frame;
                let corner = Corner::new(cycles as f32);
                *y = turn(
                    &mut self.stages[side],
                    inputs[side][i],
                    now.feedback,
                    corner,
                );
            }
        }
    }
}

/// One frame through the stages and their loop.
#[inline]
fn turn(stages: &mut [OnePole; STAGES], x: f32, feedback: f32, corner: Corner) -> f32 {
    // The last stage gives `through · first + memory`, where `first` is what enters the first one.
    let share = 2.0 * corner.gain() - 1.0;
    let (mut through, mut memory) = (1.0, 0.0);
    for stage in stages.iter() {
        through *= share;
        memory = memory * share + stage.all_pass_memory(corner);
    }
    let first = (x + feedback * memory) / (1.0 - feedback * through);
    stages
        .iter_mut()
        .fold(first, |x, stage| stage.all_pass(x, corner))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::f64::consts::{PI, TAU};

    fn movement(rate_hz: f32, depth: f32, feedback: f32) -> Movement {
        Movement {
            rate_hz,
            depth,
            feedback,
        }
    }

    fn run(rate: f64, input: &[f32], movement: impl Fn(usize) -> Movement) -> [Vec<f32>; 2] {
        let mut phaser = Phaser::new(rate);
        let (mut left, mut right) = (vec![0.0; input.len()], vec![0.0; input.len()]);
        let outs = left.chunks_mut(64).zip(right.chunks_mut(64));
        for (k, (x, (l, r))) in input.chunks(64).zip(outs).enumerate() {
            phaser.process([x, x], |i| movement(64 * k + i), [l, r]);
        }
        [left, right]
    }

    /// Response at a frequency, of the impulse response `y` and of half dry, half `y`.
    fn response(y: &[f32], hz: f64, rate: f64) -> (f64, f64) {
        let (mut re, mut im) = (0.0, 0.0);
        for (i, y) in y.iter().enumerate() {
            let phase = TAU * hz * i as f64 / rate;
            re += f64::from(*y) * phase.cos();
            im -= f64::from(*y) * phase.sin();
        }
        let db = |re: f64, im: f64| 20.0 * (re * re + im * im).sqrt().max(1e-9).log10();
        (db(re, im), db(0.5 + 0.5 * re, 0.5 * im))
    }

    fn impulse() -> Vec<f32> {
        let mut input = vec![0.0; 30_000];
        input[0] = 1.0;
        input
    }

    #[test]
    fn notches_stand_where_the_circuit_has_them_at_every_rate() {
        for rate in [22_050.0, 44_100.0, 48_000.0, 96_000.0] {
            let [left, right] = run(rate, &impulse(), |_| movement(0.3, 0.0, 0.0));
            assert!(left == right);
            for angle in [15.0f64, 45.0, 75.0] {
                let bent = (PI * CENTRE_HZ / rate).tan() * angle.to_radians().tan();
                let hz = bent.atan() * rate / PI;
                let (wet, mixed) = response(&left, hz, rate);
                println!("{rate}: notch at {hz:.1} Hz, {mixed:.1} dB");
                assert!(wet.abs() < 0.01, "{wet}");
                assert!(mixed < -60.0, "{rate} {hz}: {mixed}");
                // Half a semitone beside it there is sound.
                assert!(response(&left, hz * 1.03, rate).1 > -30.0);
            }
            // Between notches both are in step.
            let crest = (PI * CENTRE_HZ / rate).tan() * 30f64.to_radians().tan();
            let crest = crest.atan() * rate / PI;
            assert!(response(&left, crest, rate).1.abs() < 0.01);
        }
    }

    #[test]
    fn feedback_is_the_closed_form() {
        let rate = 48_000.0;
        for feedback in [-0.95f32, -0.4, 0.4, 0.95] {
            let [left, _] = run(rate, &impulse(), |_| movement(0.0, 0.0, feedback));
            // All six stages in step give 1 / (1 − f), against each other 1 / (1 + f).
            for (angle, sign) in [(30.0f64, -1.0), (45.0, 1.0), (60.0, -1.0)] {
                let bent = (PI * CENTRE_HZ / rate).tan() * angle.to_radians().tan();
                let hz = bent.atan() * rate / PI;
                let want = -20.0 * (1.0 + sign * f64::from(feedback)).log10();
                let (wet, _) = response(&left, hz, rate);
                assert!(
                    (wet - want).abs() < 0.02,
                    "{feedback} {angle}: {wet} {want}"
                );
            }
        }
    }

    #[test]
    fn sweeps_two_octaves_to_each_side() {
        // A sine of 3200 Hz, the top of the sweep, is in a notch at the top of the left side's cycle
        // and of the right side's a quarter of a cycle earlier.
        let rate = 48_000.0;
        let input: Vec<f32> = (0..48_000 * 3)
            .map(|i| (TAU * 3200.0 * f64::from(i) / rate).sin() as f32)
            .collect();
        let [left, right] = run(rate, &input, |_| movement(0.5, 1.0, 0.0));
        let level = |out: &[f32], seconds: f64| {
            let at = (seconds * rate) as usize;
            let mixed = |i: usize| f64::from(0.5 * out[i] + 0.5 * input[i]);
            ((at..at + 300).map(|i| mixed(i).powi(2)).sum::<f64>() / 150.0).sqrt()
        };
        assert!(level(&left, 0.5) < 0.02, "{}", level(&left, 0.5));
        assert!(level(&right, 1.997) < 0.02, "{}", level(&right, 1.997));
        assert!(level(&left, 0.25) > 0.1 && level(&right, 0.5) > 0.1);
    }
}
