//! What keys, wheels and pedals say, as plain data: MIDI 1.0, MPE and note expressions alike.
//!
//! Channels are 0 to 15, keys 0 to 127 (60 = middle C), controllers 0 to 127; values are 0 to 1
//! unless said otherwise.
//!
//! Thread: audio (arithmetic only).

/// Which note an event means. `None` stands for "any".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoteAddress {
    /// MIDI channel, 0 to 15.
    pub channel: Option<u8>,
    /// Key, 0 to 127.
    pub key: Option<u8>,
    /// The host's own number for the note.
    pub id: Option<i32>,
}

impl NoteAddress {
    /// A note by channel and key.
    #[must_use]
    pub const fn new(channel: u8, key: u8) -> Self {
        Self {
            channel: Some(channel),
            key: Some(key),
            id: None,
        }
    }

    /// Whether an event for `self` reaches the note that was started as `note`. A part that either
    /// side leaves open matches.
    #[must_use]
    pub fn reaches(&self, note: &NoteAddress) -> bool {
        fn agrees<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        }
        agrees(self.channel, note.channel) && agrees(self.key, note.key) && agrees(self.id, note.id)
    }
}

/// A property of a single sounding note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteExpression {
    /// Polyphonic pressure, 0 to 1.
    Pressure,
    /// Tuning in semitones, added to the key.
    Tuning,
    /// Timbre (brightness), 0 to 1.
    Timbre,
    /// Linear gain, 0 to 4; 1 = as played.
    Volume,
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MidiEvent {
    /// A key goes down. Channel and key of `note` are given.
    NoteOn {
        /// The new note.
        note: NoteAddress,
        /// 0 to 1.
        velocity: f32,
    },
    /// A key goes up.
    NoteOff {
        /// Which notes.
        note: NoteAddress,
    },
    /// Notes end at once (5 ms fade).
    Choke {
        /// Which notes.
        note: NoteAddress,
    },
    /// A property of single notes changes.
    Expression {
        /// Which notes.
        note: NoteAddress,
        /// Which property.
        kind: NoteExpression,
        /// New value; unit by kind.
        value: f32,
    },
    /// Pressure of a whole channel.
    ChannelPressure {
        /// Channel.
        channel: u8,
        /// 0 to 1.
        value: f32,
    },
    /// Pitch wheel of a channel.
    PitchBend {
        /// Channel.
        channel: u8,
        /// −1 to 1, times the bend range.
        value: f32,
    },
    /// A controller of a channel.
    Controller {
        /// Channel.
        channel: u8,
        /// Controller number.
        number: u8,
        /// 0 to 1.
        value: f32,
    },
    /// Sets how far a pitch wheel bends, in semitones (of MPE's master channel in MPE mode).
    BendRange {
        /// Semitones each way.
        semitones: f32,
    },
    /// Switches MPE: channel 0 speaks for all notes, channels 1 to 15 for one note each, whose
    /// pitch wheels bend by 48 semitones.
    Mpe {
        /// Whether it is on.
        on: bool,
    },
}

/// A note that a program sends to other tracks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SentNote {
    /// Frame inside the rendered block.
    pub frame: usize,
    /// Channel, 0 to 15.
    pub channel: u8,
    /// Key, 0 to 127.
    pub key: u8,
    /// 0 to 1; 0 for a note that ends.
    pub velocity: f32,
    /// Whether it starts (else it ends).
    pub on: bool,
}
