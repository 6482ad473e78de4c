//! One playing of a recorded sound: a place in it that moves by a constant step per frame.
//!
//! Place and step are fixed-point numbers with 32 bits below the frame: adding is exact, so the
//! result never depends on how a run is cut, and a step of one frame hits every frame exactly.

use super::sinc::{MAX_TAPS, SincBank, SincTable};

/// One frame as a step.
const FRAME: u64 = 1 << 32;

/// Slowest speed: six octaves down.
pub const MIN_SPEED: f32 = 1.0 / 64.0;

/// Fastest speed: six octaves up.
pub const MAX_SPEED: f32 = 64.0;

/// A place in a recorded sound, and how fast it moves.
#[derive(Clone, Copy, Debug)]
pub struct Playback {
    /// Frames times 2³².
    place: u64,
    step: u64,
    class: usize,
}

impl Playback {
    /// A place to put a playing.
    pub const REST: Self = Self {
        place: 0,
        step: FRAME,
        class: 0,
    };

    /// At the beginning of a sound; speed 1 plays it as it is, 2 an octave higher. The speed is
    /// brought into [`MIN_SPEED`] to [`MAX_SPEED`].
    #[must_use]
    pub fn new(speed: f32, bank: &SincBank) -> Self {
        let speed = super::math::clamp(speed, MIN_SPEED, MAX_SPEED);
        // Exact: a float's 24 bits, moved by a power of two, and never below 2^26.
        let step = (f64::from(speed) * FRAME as f64) as u64;
        Self {
            place: 0,
            step,
            class: bank.class_of(step),
        }
    }

    /// Frames left until a sound of `length` frames is over.
    #[inline]
    #[must_use]
    pub fn frames_left(&self, length: usize) -> u64 {
        let end = (length as u64).saturating_mul(FRAME);
        end.saturating_sub(self.place).div_ceil(self.step.max(1))
    }

    /// Whether it plays frame by frame, at the sound's own speed.
    #[inline]
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.step == FRAME
    }

    /// Writes the next frames of a channel to `out` without moving on; 0 outside the sound.
    pub fn read(&self, bank: &SincBank, source: &[f32], out: &mut [f32]) {
        if self.is_plain() {
            // The kernel of a whole frame is a single 1; this is the same without the arithmetic.
            let from = (self.place / FRAME) as usize;
            let left = source.get(from..).unwrap_or(&[]);
            let n = left.len().min(out.len());
            let (there, behind) = out.split_at_mut(n);
            there.copy_from_slice(&left[..n]);
            behind.fill(0.0);
            return;
        }
        let Some(table) = bank.table(self.class) else {
            out.fill(0.0);
            return;
        };
        let mut place = self.place;
        for y in out {
            *y = at(table, source, place);
            place += self.step;
        }
    }

    /// Moves on.
    #[inline]
    pub fn advance(&mut self, frames: usize) {
        self.place += self.step * frames as u64;
    }
}

/// The value of a sound at a place.
#[inline]
fn at(table: &SincTable, source: &[f32], place: u64) -> f32 {
    let taps = table.taps();
    let frame = (place >> 32) as usize;
    let before = taps / 2 - 1;
    let start = frame.wrapping_sub(before);
    // Before frame 0 the start wraps far beyond the end.
    match source.get(start..start.wrapping_add(taps)) {
        Some(window) => table.read(window, place as u32),
        None => at_edge(table, source, frame, place as u32),
    }
}

/// Near the ends, where part of the window lies outside and is silent.
#[cold]
fn at_edge(table: &SincTable, source: &[f32], frame: usize, fraction: u32) -> f32 {
    let taps = table.taps().min(MAX_TAPS);
    let before = taps / 2 - 1;
    let mut window = [0.0; MAX_TAPS];
    for (k, x) in window.iter_mut().take(taps).enumerate() {
        *x = (frame + k)
            .checked_sub(before)
            .and_then(|i| source.get(i))
            .copied()
            .unwrap_or(0.0);
    }
    table.read(window.get(..taps).unwrap_or(&[]), fraction)
}

#[cfg(test)]
#[path = "playback_tests.rs"]
mod tests;
