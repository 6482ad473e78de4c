//! One physical voice: which note it plays, and the lines of its values.

use super::held::place_of;
use super::{Keyboard, Segment, VoiceValue};
use crate::dsp::math::clamp;
use crate::midi::{NoteAddress, NoteExpression};

/// Frames between the places where lines meet (R6.1).
pub const CELL: u64 = 64;
/// Widest tuning of a note in semitones, as in CLAP.
const WIDEST_TUNING_SEMITONES: f32 = 120.0;
/// Loudest volume of a note, as in CLAP.
const LOUDEST: f32 = 4.0;

/// What a voice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Free,
    /// Its key is down.
    Held,
    /// Its key is up, and the pedal holds it.
    Sustained,
    /// Its gate has fallen.
    Released,
    /// It fades out, whatever its chains do.
    Leaving,
}

/// One physical voice.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    pub stage: Stage,
    pub gate: bool,
    pub note: NoteAddress,
    pub channel: u8,
    pub velocity: f32,
    /// Frame and key of the note-on with which it started.
    pub on_frame: u64,
    pub on_key: u8,
    /// The events that started and released it, counted.
    pub start_order: u64,
    pub release_order: u64,
    /// Newest frame on which it was released or heard.
    pub audible_frame: u64,
    /// What it gave on the frame before, left and right.
    pub last: [f32; 2],
    pub gain: Segment,
    /// Whether the gain goes to 0 for good.
    pub closing: bool,
    volume: f32,
    /// Share of the volume with which it begins: 1, or the first step of the implicit gate.
    rise: f32,
    /// MIDI note with glide.
    pub key: Segment,
    tuning: Segment,
    bend: Segment,
    /// What tuning and bend add up to.
    shift: Segment,
    pressure: Segment,
    timbre: Segment,
    /// Bend of its own channel, and whether another note has that channel now.
    own_bend: f32,
    replaced: bool,
    /// Newest frame on which an event bent a line of its pitch.
    bent_frame: u64,
}

impl Voice {
    pub const FREE: Self = Self {
        stage: Stage::Free,
        gate: false,
        note: NoteAddress {
            channel: None,
            key: None,
            id: None,
        },
        channel: 0,
        velocity: 0.0,
        on_frame: 0,
        on_key: 60,
        start_order: 0,
        release_order: 0,
        audible_frame: 0,
        last: [0.0; 2],
        gain: Segment::held(0.0),
        closing: false,
        volume: 1.0,
        rise: 1.0,
        key: Segment::held(60.0),
        tuning: Segment::held(0.0),
        bend: Segment::held(0.0),
        shift: Segment::held(0.0),
        pressure: Segment::held(0.0),
        timbre: Segment::held(0.0),
        own_bend: 0.0,
        replaced: false,
        bent_frame: 0,
    };

    /// A voice that starts with a note. Its pitch comes from `glide_from`, if that is given.
    pub fn start(start: &Start, keyboard: &Keyboard) -> Self {
        let key = f32::from(start.key);
        let own_bend = keyboard.own_bend(start.channel);
        let bend = Segment::held(own_bend + keyboard.common_bend(start.channel));
        let mut voice = Self {
            stage: Stage::Held,
            gate: true,
            note: start.note,
            channel: start.channel,
            velocity: start.velocity,
            on_frame: start.frame,
            on_key: start.key,
            start_order: start.order,
            audible_frame: start.frame,
            gain: Segment {
                from: start.rise,
                to: 1.0,
                start_frame: start.frame,
                frames: start.rise_frames,
                is_pitch: false,
            },
            rise: start.rise,
            key: Segment::held(start.glide_from.unwrap_or(key)),
            bend,
            shift: bend,
            pressure: Segment::held(keyboard.pressure(start.channel)),
            timbre: Segment::held(keyboard.timbre(start.channel)),
            own_bend,
            bent_frame: start.frame,
            ..Self::FREE
        };
        voice.key.move_to(key, start.frame, start.glide_frames);
        if start.glide_frames == 0 {
            voice.key = Segment::held(key);
        }
        voice
    }

    /// Goes on as another note: what a legato player does.
    pub fn slur(&mut self, to: &Start, keyboard: &Keyboard, smoothing_frames: u32) {
        self.stage = Stage::Held;
        self.note = to.note;
        self.channel = to.channel;
        self.replaced = false;
        self.key
            .move_to(f32::from(to.key), to.frame, to.glide_frames);
        self.tuning.move_to(0.0, to.frame, smoothing_frames);
        self.follow_bend(keyboard, to.frame, smoothing_frames);
        self.press(keyboard.pressure(to.channel), to.frame, smoothing_frames);
        self.color(keyboard.timbre(to.channel), to.frame, smoothing_frames);
        self.set_volume(1.0, to.frame, smoothing_frames);
    }

    /// Whether it plays a note that no newer one has pushed aside.
    pub fn counts(&self) -> bool {
        !matches!(self.stage, Stage::Free | Stage::Leaving)
    }

    /// Whether its note holds it at full length: by the key or by the pedal.
    pub fn is_down(&self) -> bool {
        matches!(self.stage, Stage::Held | Stage::Sustained)
    }

    /// Whether it has faded out at `frame`.
    pub fn has_faded(&self, frame: u64) -> bool {
        self.closing && frame >= self.gain.end_frame()
    }

    /// Makes way for another note.
    pub fn leave(&mut self, frame: u64, frames: u32) {
        self.stage = Stage::Leaving;
        // One that closes already is not kept open by closing again.
        if !self.closing || self.gain.end_frame() > frame + u64::from(frames) {
            self.close(frame, frames);
        }
    }

    /// Fades out for good from `frame` on.
    pub fn close(&mut self, frame: u64, frames: u32) {
        self.closing = true;
        // Even from 0 the line has its length, so that the end is an end for everybody.
        self.gain = Segment {
            from: self.gain.at(frame),
            to: 0.0,
            start_frame: frame,
            frames,
            is_pitch: false,
        };
    }

    /// Another note of its channel has begun: wheel and pressure now speak of that one.
    pub fn hand_channel_over(&mut self) {
        self.replaced = true;
    }

    /// Whether a message of a channel reaches it.
    pub fn listens_to(&self, channel: u8, keyboard: &Keyboard) -> bool {
        self.counts()
            && keyboard.speaks_for(channel, self.channel)
            && !(self.replaced && channel == self.channel)
    }

    /// Bends as the wheels stand.
    pub fn follow_bend(&mut self, keyboard: &Keyboard, frame: u64, frames: u32) {
        if !self.replaced {
            self.own_bend = keyboard.own_bend(self.channel);
        }
        let bend = self.own_bend + keyboard.common_bend(self.channel);
        let frames = self.frames_of_change(frame, frames);
        change(&mut self.bend, bend, frame, frames);
        self.shift_pitch(frame, frames);
    }

    /// Takes a channel's or key's pressure.
    pub fn press(&mut self, value: f32, frame: u64, frames: u32) {
        let frames = self.frames_of_change(frame, frames);
        change(&mut self.pressure, value, frame, frames);
    }

    /// Takes a channel's or key's timbre.
    pub fn color(&mut self, value: f32, frame: u64, frames: u32) {
        let frames = self.frames_of_change(frame, frames);
        change(&mut self.timbre, value, frame, frames);
    }

    /// Takes a property of its note.
    pub fn express(&mut self, kind: NoteExpression, value: f32, frame: u64, frames: u32) {
        if !value.is_finite() {
            return;
        }
        match kind {
            NoteExpression::Pressure => self.press(value.clamp(0.0, 1.0), frame, frames),
            NoteExpression::Timbre => self.color(value.clamp(0.0, 1.0), frame, frames),
            NoteExpression::Tuning => {
                let widest = WIDEST_TUNING_SEMITONES;
                let frames = self.frames_of_change(frame, frames);
                change(
                    &mut self.tuning,
                    value.clamp(-widest, widest),
                    frame,
                    frames,
                );
                self.shift_pitch(frame, frames);
            }
            NoteExpression::Volume => self.set_volume(value.clamp(0.0, LOUDEST), frame, frames),
        }
    }

    fn set_volume(&mut self, volume: f32, frame: u64, frames: u32) {
        if self.closing {
            return;
        }
        if self.on_frame == frame {
            self.gain.from = self.rise * volume;
            self.gain.to = volume;
        } else {
            self.gain.move_to(volume, frame, frames);
        }
        self.volume = volume;
    }

    fn shift_pitch(&mut self, frame: u64, frames: u32) {
        let shift = self.tuning.to + self.bend.to;
        change(&mut self.shift, shift, frame, frames);
        self.bent_frame = frame;
        self.align(frame);
    }

    /// Lines that move together end on cells, so that their sums are straight within each.
    pub fn align(&mut self, frame: u64) {
        let of_key = self.key.moves_at(frame);
        if of_key && (self.shift.moves_at(frame) || self.tuning.moves_at(frame)) {
            for line in [&mut self.key, &mut self.tuning, &mut self.shift] {
                line.end_with_cell(frame, CELL);
            }
            self.bent_frame = frame;
        }
    }

    /// What comes on the frame of the note-on belongs to it: no line leads there.
    fn frames_of_change(&self, frame: u64, frames: u32) -> u32 {
        if self.on_frame == frame { 0 } else { frames }
    }

    /// A value as a line that holds from `frame` to the end of its cell.
    pub fn value(&self, value: VoiceValue, frame: u64) -> Segment {
        match value {
            VoiceValue::Frequency => {
                Segment::sum(&self.key, &self.shift, self.bent_frame, frame, CELL)
                    .as_frequency(frame)
            }
            VoiceValue::Note => Segment::sum(&self.key, &self.tuning, self.bent_frame, frame, CELL),
            VoiceValue::Gate => Segment::held(if self.gate { 1.0 } else { 0.0 }),
            VoiceValue::Velocity => Segment::held(self.velocity),
            VoiceValue::Bend => self.bend,
            VoiceValue::Pressure => self.pressure,
            VoiceValue::Timbre => self.timbre,
        }
    }
}

/// A note that starts.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    pub note: NoteAddress,
    pub channel: u8,
    pub key: u8,
    pub velocity: f32,
    pub frame: u64,
    pub order: u64,
    /// Pitch from which it glides, and for how long.
    pub glide_from: Option<f32>,
    pub glide_frames: u32,
    /// Gain of the first frame, and in how many frames it comes to 1.
    pub rise: f32,
    pub rise_frames: u32,
}

impl Start {
    /// `None` for a note without a channel or key. It neither glides nor rises.
    pub fn new(note: NoteAddress, velocity: f32, frame: u64) -> Option<Self> {
        let (channel, key) = place_of(&note)?;
        Some(Self {
            note,
            channel,
            key,
            velocity: clamp(velocity, 0.0, 1.0),
            frame,
            order: 0,
            glide_from: None,
            glide_frames: 0,
            rise: 1.0,
            rise_frames: 0,
        })
    }
}

/// Sends a line to a value, or puts it there.
fn change(line: &mut Segment, to: f32, frame: u64, frames: u32) {
    if frames == 0 {
        *line = Segment::held(to);
    } else {
        line.move_to(to, frame, frames);
    }
}
