//! A feed-forward compressor's gain.
//!
//! Level, static curve and smoothing are in dB, in that order, with one time for more reduction and
//! another for less: the "smooth branching" design that Giannoulis, Massberg and Reiss found to have
//! the least side effects ("Digital dynamic range compressor design - a tutorial and analysis", JAES
//! 60(6), 2012, sections 1.1 and 2.3).

use super::Peak;
use crate::dsp::math::{clamp, db_of_gain, gain_of_db};

/// Width of the soft knee: the curve bends from 3 dB below the threshold to 3 dB above.
pub const KNEE_DB: f32 = 6.0;

/// What the static curve takes away at a level, in dB, not above 0.
#[inline(always)]
#[must_use]
pub fn reduction_db(level_db: f32, threshold_db: f32, ratio: f32) -> f32 {
    let over = level_db - threshold_db;
    let bend = clamp(over + 0.5 * KNEE_DB, 0.0, KNEE_DB);
    let straight = clamp(over - 0.5 * KNEE_DB, 0.0, f32::MAX);
    (1.0 / ratio - 1.0) * (bend * bend * (0.5 / KNEE_DB) + straight)
}

/// State of one compressor; both channels share it.
#[derive(Clone, Copy, Debug)]
pub struct Compressor {
    peak: Peak,
    /// Present reduction in dB. In double precision, so that slow times reach their goal.
    reduction_db: f64,
}

impl Compressor {
    /// A compressor at rest.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            peak: Peak::new(frames_per_second),
            reduction_db: 0.0,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.peak.reset();
        self.reduction_db = 0.0;
    }

    /// Lets so many frames of silence pass, after enough of it.
    pub fn advance(&mut self, frames: u64) {
        self.peak.advance(frames);
    }

    /// Replaces sizes by gains. `curve` gives threshold in dB and ratio of a frame, `shares` the
    /// shares ([`super::share`]) of attack and release.
    #[inline]
    pub fn process(
        &mut self,
        sizes: &mut [f32],
        curve: impl Fn(usize) -> (f32, f32),
        shares: impl Fn(usize) -> (f64, f64),
    ) {
        self.peak.process(sizes);
        for (i, y) in sizes.iter_mut().enumerate() {
            let (threshold_db, ratio) = curve(i);
            *y = reduction_db(db_of_gain(*y), threshold_db, ratio);
        }
        for (i, y) in sizes.iter_mut().enumerate() {
            let (attack, release) = shares(i);
            let way = f64::from(*y) - self.reduction_db;
            self.reduction_db += way * if way < 0.0 { attack } else { release };
            *y = self.reduction_db as f32;
        }
        for y in sizes {
            *y = gain_of_db(*y);
        }
    }
}
