//! The gain of a signal that makes room for another one.

use super::{Peak, step};
use crate::dsp::math::{clamp, db_of_gain};

/// A key at or above this level ducks fully.
pub const FULL_DB: f32 = -20.0;
/// A key at or below this level does nothing; between the two it ducks in proportion to its dB.
pub const NONE_DB: f32 = -50.0;
/// Time from the onset of the key to the full depth.
pub const ATTACK_MS: f32 = 5.0;

/// State of one ducker; both channels share it.
///
/// The depth follows straight lines, rounded at both ends by `3x² − 2x³`: what pumps has no corner.
#[derive(Clone, Copy, Debug)]
pub struct Ducker {
    peak: Peak,
    depth: f64,
    attack_step: f64,
}

impl Ducker {
    /// A ducker at rest.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            peak: Peak::new(frames_per_second),
            depth: 0.0,
            attack_step: step(ATTACK_MS, frames_per_second * 1e-3),
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.peak.reset();
        self.depth = 0.0;
    }

    /// Lets so many frames of silence pass, after enough of it.
    pub fn advance(&mut self, frames: u64) {
        self.peak.advance(frames);
    }

    /// Replaces sizes of the key by gains, from the amount (0 to 1) of each frame and the
    /// [`step`] of the release.
    #[inline]
    pub fn process(
        &mut self,
        sizes: &mut [f32],
        amounts: &[f32],
        release_step: impl Fn(usize) -> f64,
    ) {
        self.peak.process(sizes);
        for y in sizes.iter_mut() {
            let drive = (db_of_gain(*y) - NONE_DB) * (1.0 / (FULL_DB - NONE_DB));
            *y = clamp(drive, 0.0, 1.0);
        }
        for (i, (y, amount)) in sizes.iter_mut().zip(amounts).enumerate() {
            let wanted = f64::from(*y);
            self.depth = if wanted > self.depth {
                (self.depth + self.attack_step).min(wanted)
            } else {
                (self.depth - release_step(i)).max(wanted)
            };
            let depth = self.depth as f32;
            *y = 1.0 - amount * (depth * depth * (3.0 - 2.0 * depth));
        }
    }
}
