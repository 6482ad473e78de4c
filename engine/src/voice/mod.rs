//! Which voice plays which note: allocation, stealing, pedals, bends, and the values a voice reads.
//!
//! A [`VoiceGroup`] belongs to one `poly`; the [`Keyboard`] to the renderer: it knows what wheels,
//! pedals and controllers say, for all groups.
//!
//! Thread: audio, except constructors.

mod group;
mod held;
mod keyboard;
mod note;
mod segment;

pub use group::{GroupSettings, VoiceGroup};
pub use keyboard::{Keyboard, controller};
pub use segment::{Segment, frequency_hz, frequency_hz_single};

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
