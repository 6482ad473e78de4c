//! A value that moves in a straight line, frame by frame: output gain and bypass.
//!
//! Thread: audio.

/// A value between two points, as a function of the frame counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    from: f32,
    to: f32,
    start_frame: u64,
    frames: u64,
}

impl Ramp {
    /// A ramp that stands at `value`.
    #[must_use]
    pub fn held(value: f32) -> Self {
        Self {
            from: value,
            to: value,
            start_frame: 0,
            frames: 0,
        }
    }

    /// Moves towards `value` over `frames` frames from `frame` on.
    pub fn move_to(&mut self, value: f32, frame: u64, frames: u64) {
        if value != self.to {
            *self = Self {
                from: self.at(frame),
                to: value,
                start_frame: frame,
                frames,
            };
        }
    }

    /// Value at a frame.
    #[inline]
    #[must_use]
    pub fn at(&self, frame: u64) -> f32 {
        let passed = frame.saturating_sub(self.start_frame);
        if passed >= self.frames {
            return self.to;
        }
        self.from + (self.to - self.from) * (passed as f32 / self.frames as f32)
    }

    /// The value, if it stands still from this frame on.
    #[must_use]
    pub fn held_at(&self, frame: u64) -> Option<f32> {
        (frame >= self.start_frame.saturating_add(self.frames)).then_some(self.to)
    }

    /// Jumps to where it is going, and forgets the frame counter.
    pub fn settle(&mut self) {
        *self = Self::held(self.to);
    }
}
