//! What a render shall be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::song::Song;

/// How the host cuts the audio into blocks.
#[derive(Clone, Debug, PartialEq)]
pub enum Blocks {
    /// Blocks of this many frames.
    Fixed(u32),
    /// These sizes, over and over; 0 is a call without audio.
    Cycle(Vec<u32>),
    /// Sizes from 0 to `max`, drawn with a seed; small ones as often as large ones.
    Random {
        /// Seed.
        seed: u64,
        /// Largest size.
        max: u32,
    },
}

impl Blocks {
    /// The block sizes every bit-exactness test runs through.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = [1, 7, 64, 127, 512, 4096].map(Self::Fixed).into();
        all.push(Self::Random {
            seed: 7,
            max: MAX_FRAMES,
        });
        all
    }
}

/// Largest block of the suites.
pub const MAX_FRAMES: u32 = 4096;

/// Draws the block sizes.
pub struct Cutter<'a> {
    blocks: &'a Blocks,
    index: usize,
    random: Random,
}

impl<'a> Cutter<'a> {
    /// At the first block.
    #[must_use]
    pub fn new(blocks: &'a Blocks) -> Self {
        let seed = if let Blocks::Random { seed, .. } = blocks {
            *seed
        } else {
            0
        };
        Self {
            blocks,
            index: 0,
            random: Random::new(seed),
        }
    }

    /// Size of the next block.
    pub fn next_frames(&mut self) -> u32 {
        self.index += 1;
        match self.blocks {
            Blocks::Fixed(frames) => *frames,
            Blocks::Cycle(sizes) => sizes[(self.index - 1) % sizes.len()],
            Blocks::Random { max, .. } => {
                let bits = self.random.below(u64::from(max.ilog2()) + 2);
                self.random.below((1 << bits).min(u64::from(*max) + 1)) as u32
            }
        }
    }
}

/// A parameter change at a frame of the render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamChange {
    /// Frame.
    pub frame: u64,
    /// The host's number of the parameter.
    pub id: u32,
    /// New value, 0..1.
    pub value: f64,
}

/// A note-on or note-off at a frame of the render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Note {
    /// Frame.
    pub frame: u64,
    /// MIDI key.
    pub key: u8,
    /// MIDI channel, from 0.
    pub channel: u8,
    /// 0..1; a note-off has its release velocity.
    pub velocity: f64,
    /// On or off.
    pub on: bool,
}

/// Anything a keyboard sends, at a frame of the render. In formats that tell controllers and notes
/// apart, messages of one frame arrive in the format's order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// Frame.
    pub frame: u64,
    /// MIDI channel, from 0.
    pub channel: u8,
    /// What is sent.
    pub kind: MessageKind,
}

/// What a [`Message`] says. `id` is the host's number for a note; `None` if it gives none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MessageKind {
    /// A key goes down.
    On {
        /// MIDI key.
        key: u8,
        /// Number of the note.
        id: Option<i32>,
        /// 0..1.
        velocity: f64,
    },
    /// A key goes up.
    Off {
        /// MIDI key.
        key: u8,
        /// Number of the note.
        id: Option<i32>,
    },
    /// The note ends at once. CLAP only.
    Choke {
        /// MIDI key.
        key: u8,
        /// Number of the note.
        id: Option<i32>,
    },
    /// A property of one note.
    Expression {
        /// MIDI key.
        key: u8,
        /// Number of the note; VST3 knows notes by nothing else.
        id: i32,
        /// Which property.
        kind: Expression,
        /// New value; the unit is that of the property.
        value: f64,
    },
    /// A controller moves.
    Controller {
        /// Its number.
        number: u8,
        /// 0..1.
        value: f64,
    },
    /// The pitch wheel moves: −1..1.
    Bend(f64),
    /// Pressure of the channel: 0..1.
    Pressure(f64),
    /// A program is chosen, from 0. CLAP only: in VST3 that is a matter of the host's own lists.
    Program(u8),
}

/// A property of a sounding note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Linear gain, 0..4.
    Volume,
    /// Semitones.
    Tuning,
    /// 0..1.
    Brightness,
    /// 0..1.
    Pressure,
    /// 0..1; nobody listens to it here.
    Expression,
}

/// What is connected to the sidechain.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Sidechain {
    /// A bus with silence in it.
    #[default]
    Silence,
    /// Nothing: the host hands over no buffers.
    Unconnected,
    /// This audio; silence behind its end.
    Audio(Vec<[f32; 2]>),
}

/// What a render shall be.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Length.
    pub frames: u64,
    /// Frames per second; must be what the plugin was activated with.
    pub sample_rate: f64,
    /// How blocks are cut.
    pub blocks: Blocks,
    /// The track's audio; silence behind its end.
    pub input: Vec<[f32; 2]>,
    /// 1 or 2: channels of the buses.
    pub channels: u32,
    /// Whether input and output are the same memory.
    pub in_place: bool,
    /// The song.
    pub song: Song,
    /// Parameter changes in order of frames.
    pub params: Vec<ParamChange>,
    /// Notes in order of frames.
    pub notes: Vec<Note>,
    /// Notes, controllers and expressions in order of frames; on the same frame after `notes`.
    pub messages: Vec<Message>,
    /// The second input, where the plugin has one.
    pub sidechain: Sidechain,
    /// What of the output to keep.
    pub keep: Keep,
    /// Ends the render before its length when set.
    pub stop: Option<Arc<AtomicBool>>,
    /// Speed against real time at most (1 = as with a sound card); 0 = as fast as possible.
    pub speed: f64,
    /// Told how many frames are done, after each block.
    pub progress: Option<Arc<AtomicU64>>,
}

/// What of the output to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All of it.
    Everything,
    /// The frames that are not zero, for programs of single pulses.
    Pulses,
    /// Counts only.
    Nothing,
}

impl Scenario {
    /// So many frames of silence in, at 48 kHz, stereo, blocks of 512, song playing from beat 0.
    #[must_use]
    pub fn new(frames: u64) -> Self {
        Self {
            frames,
            sample_rate: 48_000.0,
            blocks: Blocks::Fixed(512),
            input: Vec::new(),
            channels: 2,
            in_place: false,
            song: Song::default(),
            params: Vec::new(),
            notes: Vec::new(),
            messages: Vec::new(),
            sidechain: Sidechain::Silence,
            keep: Keep::Everything,
            stop: None,
            speed: 0.0,
            progress: None,
        }
    }

    /// With these blocks.
    #[must_use]
    pub fn blocks(mut self, blocks: Blocks) -> Self {
        self.blocks = blocks;
        self
    }

    /// With this song.
    #[must_use]
    pub fn song(mut self, song: Song) -> Self {
        self.song = song;
        self
    }

    /// With one more parameter change; call in order of frames.
    #[must_use]
    pub fn param(mut self, frame: u64, id: u32, value: f64) -> Self {
        self.params.push(ParamChange { frame, id, value });
        self
    }

    /// With one more message; call in order of frames.
    #[must_use]
    pub fn message(mut self, frame: u64, channel: u8, kind: MessageKind) -> Self {
        self.messages.push(Message {
            frame,
            channel,
            kind,
        });
        self
    }

    /// With this input.
    #[must_use]
    pub fn input(mut self, input: Vec<[f32; 2]>) -> Self {
        self.input = input;
        self
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seedable and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound − 1`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound.max(1)
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of the slice's items.
    ///
    /// # Panics
    /// When the slice is empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

/// White noise, both sides different, at a level.
#[must_use]
pub fn noise(frames: usize, level: f32, seed: u64) -> Vec<[f32; 2]> {
    let mut random = Random::new(seed);
    let mut next = || (random.unit() as f32 * 2.0 - 1.0) * level;
    (0..frames).map(|_| [next(), next()]).collect()
}
