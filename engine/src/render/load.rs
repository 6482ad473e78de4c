//! Load figure and overload protection (R6.16).
//!
//! Wall time is measured only where a clock was set (real-time playing); it never changes the sound
//! by itself: after half a second above 90 % of the block time it reports the program, and the
//! control side calls the one before back.
//!
//! Thread: audio.

/// Length of a measurement.
const WINDOW_SECONDS: f64 = 0.5;
/// Share of the block time that is too much.
const TOO_MUCH: f64 = 0.9;
/// Share from which the cost of each chain is measured, so that the line can be named.
const SUSPICIOUS: f64 = 0.6;

/// What a finished measurement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing to do.
    Fine,
    /// The program takes longer than real time.
    Overloaded,
}

/// Adds up time spent and time available.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    spent_ns: f64,
    available_ns: f64,
    smoothed: f32,
    profiling: bool,
}

impl Load {
    /// Share of the block time spent, smoothed over about a quarter of a second.
    #[must_use]
    pub fn smoothed(&self) -> f32 {
        self.smoothed
    }

    /// Whether the cost of each chain should be measured now.
    #[must_use]
    pub fn is_profiling(&self) -> bool {
        self.profiling
    }

    /// Starts over (a new program, a reset).
    pub fn restart(&mut self) {
        *self = Self {
            smoothed: self.smoothed,
            ..Self::default()
        };
    }

    /// Adds one callback of `frames` frames that took `spent_ns`.
    pub fn add(&mut self, spent_ns: u64, frames: usize, sample_rate: f64) -> Verdict {
        if frames == 0 {
            return Verdict::Fine;
        }
        let available = frames as f64 / sample_rate * 1e9;
        let share = spent_ns as f64 / available;
        let step = (available * 1e-9 * 4.0).min(1.0) as f32;
        self.smoothed += (share as f32 - self.smoothed) * step;
        self.spent_ns += spent_ns as f64;
        self.available_ns += available;
        if self.available_ns < WINDOW_SECONDS * 1e9 {
            return Verdict::Fine;
        }
        let share = self.spent_ns / self.available_ns;
        let overloaded = share > TOO_MUCH && self.profiling;
        // A first bad window turns the measurement of lines on, a second one has a name to give.
        self.profiling = share > SUSPICIOUS;
        self.spent_ns = 0.0;
        self.available_ns = 0.0;
        if overloaded {
            Verdict::Overloaded
        } else {
            Verdict::Fine
        }
    }
}
