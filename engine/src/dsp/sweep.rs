//! The slow movement inside chorus, flanger and phaser: a sine with a smoothed depth.

use super::math::{phase_high, phase_increment, sin_phase};

/// How fast the depth follows: 63 % of a change after this time. A depth that jumped would make a
/// delay jump.
const DEPTH_SECONDS: f64 = 0.05;

/// What an effect that sways is asked for at one frame.
#[derive(Clone, Copy, Debug)]
pub struct Movement {
    /// Cycles per second.
    pub rate_hz: f32,
    /// How far it sways: milliseconds for delays, a share for the phaser.
    pub depth: f32,
    /// Gain from its output back to its input; not every effect has that.
    pub feedback: f32,
}

/// An effect whose two sides sway a part of a cycle apart.
pub trait Swaying {
    /// Writes the effect's sound of both sides, without the dry one; `movement` gives what is asked
    /// for at a frame of the call.
    fn process(
        &mut self,
        inputs: [&[f32]; 2],
        movement: impl Fn(usize) -> Movement,
        outs: [&mut [f32]; 2],
    );

    /// Forgets everything, in constant time.
    fn reset(&mut self);

    /// Sways on by so many frames, at the newest rate.
    fn advance(&mut self, frames: u64);
}

/// A phase and a depth.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    phase: u64,
    /// Phase of the newest frame's rate, per frame.
    step: u64,
    depth: Option<f32>,
    seconds_per_frame: f64,
    follow: f32,
}

impl Sweep {
    /// At the start of its cycle.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let follow = 1.0 - super::math::exp(-1.0 / (DEPTH_SECONDS * frames_per_second));
        Self {
            phase: 0,
            step: 0,
            depth: None,
            seconds_per_frame: 1.0 / frames_per_second,
            follow: follow as f32,
        }
    }

    /// Back to the start of the cycle.
    pub fn reset(&mut self) {
        self.phase = 0;
        self.step = 0;
        self.depth = None;
    }

    /// Turns on by so many frames, at the newest rate.
    pub fn advance(&mut self, frames: u64) {
        self.phase = self.phase.wrapping_add(self.step.wrapping_mul(frames));
    }

    /// Phase and depth of the next frame. The first depth is taken at once.
    #[inline]
    pub fn next(&mut self, rate_hz: f32, depth: f32) -> (u32, f32) {
        let phase = phase_high(self.phase);
        let step = phase_increment(f64::from(rate_hz) * self.seconds_per_frame);
        self.phase = self.phase.wrapping_add(step);
        self.step = step;
        let depth = match self.depth {
            None => depth,
            Some(before) => before + self.follow * (depth - before),
        };
        self.depth = Some(depth);
        (phase, depth)
    }
}

/// The sine of a phase, `cycles_64ths` 64ths of a cycle ahead.
#[inline]
#[must_use]
pub fn ahead(phase: u32, cycles_64ths: u32) -> f32 {
    sin_phase(phase.wrapping_add(cycles_64ths << 26))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_and_follows_in_the_same_time_at_every_rate() {
        for rate in [22_050.0, 48_000.0, 192_000.0] {
            let mut sweep = Sweep::new(rate);
            let mut next = |frames: f64, depth: f32| {
                let mut last = (0, 0.0);
                for _ in 0..frames as u32 {
                    last = sweep.next(0.5, depth);
                }
                last
            };
            assert_eq!(next(1.0, 3.0), (0, 3.0));
            let (phase, _) = next(rate, 3.0);
            // Half a cycle in a second.
            assert!(phase.abs_diff(1 << 31) < 1 << 16, "{rate}: {phase}");
            let (_, depth) = next(0.05 * rate, 4.0);
            assert!((depth - 3.632).abs() < 0.002, "{rate}: {depth}");
            sweep.reset();
            assert_eq!(sweep.next(1.0, 7.0), (0, 7.0));
        }
        assert_eq!(ahead(0, 0), 0.0);
        assert!((ahead(0, 16) - 1.0).abs() < 1e-6);
        assert!((ahead(1 << 30, 32) + 1.0).abs() < 1e-6);
    }
}
