//! A gate's gain.

use super::{Peak, step};
use crate::dsp::math::{exp2, gain_of_db};

/// A gate that is open closes at this much below the threshold.
pub const HYSTERESIS_DB: f32 = 6.0;
/// Below this the closing gate is closed: −80 dB.
const CLOSED: f64 = 1e-4;
/// Halvings in 60 dB.
const RELEASE_HALVINGS: f64 = 9.965_784_284_662_087;

/// State of one gate; both channels share it.
///
/// It opens in a straight line and closes by equal parts of a dB, 60 dB in the release time.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    peak: Peak,
    open: bool,
    gain: f64,
    frames_per_ms: f64,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            peak: Peak::new(frames_per_second),
            open: false,
            gain: 0.0,
            frames_per_ms: frames_per_second * 1e-3,
        }
    }

    /// Back to the closed gate.
    pub fn reset(&mut self) {
        self.peak.reset();
        (self.open, self.gain) = (false, 0.0);
    }

    /// Lets so many frames of silence pass, after enough of it.
    pub fn advance(&mut self, frames: u64) {
        self.peak.advance(frames);
    }

    /// How much of a straight line and what factor one frame of opening and closing is, for times
    /// in milliseconds.
    #[must_use]
    pub fn speeds(&self, attack_ms: f32, release_ms: f32) -> (f64, f64) {
        let closing = exp2(-RELEASE_HALVINGS * step(release_ms, self.frames_per_ms));
        (step(attack_ms, self.frames_per_ms), closing)
    }

    /// Replaces sizes by gains, from the threshold in dB and the [`speeds`](Self::speeds) of each
    /// frame.
    #[inline]
    pub fn process(
        &mut self,
        sizes: &mut [f32],
        thresholds_db: &[f32],
        speeds: impl Fn(usize) -> (f64, f64),
    ) {
        self.peak.process(sizes);
        for (i, (y, threshold_db)) in sizes.iter_mut().zip(thresholds_db).enumerate() {
            let margin_db = if self.open { HYSTERESIS_DB } else { 0.0 };
            self.open = *y > 0.0 && *y >= gain_of_db(threshold_db - margin_db);
            let (opening, closing) = speeds(i);
            self.gain = if self.open {
                (self.gain + opening).min(1.0)
            } else {
                self.gain * closing
            };
            if !self.open && self.gain < CLOSED {
                self.gain = 0.0;
            }
            *y = self.gain as f32;
        }
    }
}
