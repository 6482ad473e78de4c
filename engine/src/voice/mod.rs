//! Which voice plays which note: allocation, stealing, pedals, bends, and the values a voice reads.
//!
//! A [`VoiceGroup`] belongs to one `poly`; the [`Keyboard`] to the renderer: it knows what wheels,
//! pedals and controllers say, for all groups.
//!
//! Thread: audio, except constructors.

mod group;
mod keyboard;

pub use group::{GroupSettings, VoiceGroup};
pub use keyboard::Keyboard;

/// A value that only exists inside a sounding voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceValue {
    /// Frequency in Hz, with bend, tuning and glide.
    Frequency,
    /// 1 while the key (or the pedal) holds the note, else 0.
    Gate,
    /// Note-on velocity, 0 to 1.
    Velocity,
    /// MIDI note number, fractional with tuning and glide, without bend.
    Note,
    /// Bend in semitones.
    Bend,
    /// Pressure, 0 to 1.
    Pressure,
    /// Timbre, 0 to 1.
    Timbre,
}

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
        }
    }

    /// Value at a frame.
    #[must_use]
    pub fn at(&self, frame: u64) -> f32 {
        let passed = frame.saturating_sub(self.start_frame);
        if passed >= u64::from(self.frames) {
            return self.to;
        }
        self.from + (self.to - self.from) * (passed as f32 / self.frames as f32)
    }

    /// Whether it still moves at a frame.
    #[must_use]
    pub fn moves_at(&self, frame: u64) -> bool {
        self.from != self.to && frame < self.start_frame + u64::from(self.frames)
    }
}

/// What a node inside a voice may ask besides its inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceNow {
    /// Number of the physical voice.
    pub index: u32,
    /// Frame of the voice's newest note-on (the one a legato note does not change).
    pub on_frame: u64,
    /// MIDI note number of that note-on.
    pub note: f32,
}
