//! Values that move in straight lines.

use crate::dsp::math;

/// Frequency of MIDI note 69 in Hz.
const CONCERT_PITCH_HZ: f64 = 440.0;

/// A straight line in frames: `from` at `start_frame`, `to` from `start_frame + frames` on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Value at `start_frame` and before.
    pub from: f32,
    /// Value at the end.
    pub to: f32,
    /// Where it begins.
    pub start_frame: u64,
    /// How long it is; 0 = a jump to `to`.
    pub frames: u32,
    /// The line is one of MIDI notes, read as frequency in Hz: a straight line for the ear.
    pub is_pitch: bool,
}

impl Segment {
    /// A value that stands.
    #[must_use]
    pub const fn held(value: f32) -> Self {
        Self {
            from: value,
            to: value,
            start_frame: 0,
            frames: 0,
            is_pitch: false,
        }
    }

    /// Value at a frame.
    #[inline]
    #[must_use]
    pub fn at(&self, frame: u64) -> f32 {
        if frame >= self.start_frame + u64::from(self.frames) {
            return self.end();
        }
        let y = self.line_at(frame);
        if self.is_pitch {
            frequency_hz_single(y)
        } else {
            y
        }
    }

    /// The value it ends with: to the bit that of a value that stands there.
    #[must_use]
    pub fn end(&self) -> f32 {
        if self.is_pitch {
            frequency_hz(f64::from(self.to))
        } else {
            self.to
        }
    }

    /// First frame from which it stands.
    #[must_use]
    pub fn end_frame(&self) -> u64 {
        if self.from == self.to {
            self.start_frame
        } else {
            self.start_frame + u64::from(self.frames)
        }
    }

    /// Whether it still moves at a frame.
    #[must_use]
    pub fn moves_at(&self, frame: u64) -> bool {
        self.from != self.to && frame < self.start_frame + u64::from(self.frames)
    }

    #[inline]
    fn line_at(&self, frame: u64) -> f32 {
        let passed = frame.saturating_sub(self.start_frame);
        if passed >= u64::from(self.frames) {
            return self.to;
        }
        self.from + (self.to - self.from) * (passed as f32 / self.frames as f32)
    }

    /// Sends it from where it is towards another value.
    pub(super) fn move_to(&mut self, to: f32, frame: u64, frames: u32) {
        if self.to != to {
            *self = Self {
                from: self.line_at(frame),
                to,
                start_frame: frame,
                frames,
                is_pitch: self.is_pitch,
            };
        }
    }

    /// Makes it end on a multiple of `cell` frames, later than it would.
    pub(super) fn end_with_cell(&mut self, frame: u64, cell: u64) {
        let end = self.end_frame();
        if self.moves_at(frame) && !end.is_multiple_of(cell) {
            let frames = end.next_multiple_of(cell).saturating_sub(frame);
            *self = Self {
                from: self.line_at(frame),
                start_frame: frame,
                frames: u32::try_from(frames).unwrap_or(u32::MAX),
                ..*self
            };
        }
    }

    /// The sum of two lines as one that holds from `frame` to the end of its cell, or for longer.
    ///
    /// Both have been straight since `since`, and if both move, they end on cells or together.
    pub(super) fn sum(a: &Self, b: &Self, since: u64, frame: u64, cell: u64) -> Self {
        match (a.moves_at(frame), b.moves_at(frame)) {
            (false, false) => Self::held(a.to + b.to),
            (true, false) => a.raised(b.to),
            (false, true) => b.raised(a.to),
            (true, true) if a.start_frame == b.start_frame && a.frames == b.frames => Self {
                from: a.from + b.from,
                to: a.to + b.to,
                ..*a
            },
            (true, true) => {
                let start = (frame / cell * cell).max(since);
                let cell_end = (frame / cell + 1) * cell;
                let end = cell_end.min(a.end_frame()).min(b.end_frame());
                Self {
                    from: a.line_at(start) + b.line_at(start),
                    to: a.line_at(end) + b.line_at(end),
                    start_frame: start,
                    frames: end.saturating_sub(start) as u32,
                    is_pitch: false,
                }
            }
        }
    }

    fn raised(&self, by: f32) -> Self {
        Self {
            from: self.from + by,
            to: self.to + by,
            ..*self
        }
    }

    /// A line of MIDI notes as frequency in Hz.
    pub(super) fn as_frequency(self, frame: u64) -> Self {
        if self.moves_at(frame) {
            Self {
                is_pitch: true,
                ..self
            }
        } else {
            Self::held(frequency_hz(f64::from(self.to)))
        }
    }
}

/// Frequency of a MIDI note in Hz, equal temperament, 69 = 440 Hz.
#[must_use]
pub fn frequency_hz(note: f64) -> f32 {
    (CONCERT_PITCH_HZ * math::exp2((note - 69.0) / 12.0)) as f32
}

/// [`frequency_hz`] within 0.002 cents, fast enough for each frame.
#[inline]
#[must_use]
pub fn frequency_hz_single(note: f32) -> f32 {
    CONCERT_PITCH_HZ as f32 * math::exp2_single((note - 69.0) * (1.0 / 12.0))
}
