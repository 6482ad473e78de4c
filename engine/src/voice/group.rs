//! The voices of one `poly`.

mod notes;
mod room;

use super::note::{Stage, Start, Voice};
use super::{Keyboard, Segment, VoiceNow, VoiceValue};
use crate::midi::MidiEvent;

/// In which wheels and pressures come to a new value, stolen voices fade, and gates open, in
/// seconds.
const SMOOTHING_SECONDS: f32 = 0.005;
/// In which voices fade that a smaller group has no room for.
const SURPLUS_FADE_SECONDS: f32 = 0.010;
/// How long a released voice must be inaudible before it ends.
const INAUDIBLE_SECONDS: f32 = 0.050;
/// Longest glide in milliseconds.
const LONGEST_GLIDE_MS: f32 = 60_000.0;

/// What a program says about a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupSettings {
    /// Notes that may sound at a time, 1 to 64.
    pub polyphony: u8,
    /// With one voice: a note that overlaps the one before changes its pitch only.
    pub legato: bool,
    /// Time in which the pitch goes from the note before to the new one, in milliseconds.
    pub glide_ms: f32,
    /// Whether the group's chains end their notes themselves, because they read `~gate` or `midi`.
    /// If not, a voice's output is multiplied by a gate of 5 ms.
    pub gated: bool,
}

impl GroupSettings {
    /// Voices beyond the polyphony, in which stolen notes fade out.
    pub const SPARE_VOICES: usize = 2;

    /// Physical voices of a group.
    #[must_use]
    pub fn physical_voices(&self) -> usize {
        usize::from(self.polyphony) + Self::SPARE_VOICES
    }
}

/// Allocation and state of a group's voices.
///
/// A voice is *counted* while its note sounds, held or released; at most
/// [`polyphony`](GroupSettings::polyphony) voices are. One that is stolen, choked or left without
/// room fades out uncounted. Every decision falls on the frame of an event or at the end of a cell.
#[derive(Clone, Debug)]
pub struct VoiceGroup {
    settings: GroupSettings,
    voices: Vec<Voice>,
    smoothing_frames: u32,
    surplus_fade_frames: u32,
    inaudible_frames: u64,
    glide_frames: u32,
    /// Number of events so far: says which voice is older.
    order: u64,
    /// Pitch of the newest note, as it glides.
    last_key: Option<Segment>,
    /// What is left of cut voices.
    residual: [Segment; 2],
}

impl VoiceGroup {
    /// A group without sounding voices, with room for `physical` of them (at least
    /// [`GroupSettings::physical_voices`]; more when a larger group's voices still fade out in it).
    /// Thread: control.
    #[must_use]
    pub fn new(settings: GroupSettings, physical: usize, sample_rate: f32) -> Self {
        let frames = |seconds: f32| (seconds * sample_rate + 0.5) as u32;
        let glide_ms = crate::dsp::math::clamp(settings.glide_ms, 0.0, LONGEST_GLIDE_MS);
        Self {
            settings,
            voices: vec![Voice::FREE; physical.max(settings.physical_voices())],
            smoothing_frames: frames(SMOOTHING_SECONDS).max(1),
            surplus_fade_frames: frames(SURPLUS_FADE_SECONDS).max(1),
            inaudible_frames: u64::from(frames(INAUDIBLE_SECONDS)),
            glide_frames: frames(glide_ms * 0.001),
            order: 0,
            last_key: None,
            residual: [Segment::held(0.0); 2],
        }
    }

    /// Answers an event at `frame`, after the keyboard took it over. `start` is called with the
    /// number of each voice that starts anew: its nodes must be reset before the frame is computed.
    pub fn apply(
        &mut self,
        event: &MidiEvent,
        keyboard: &Keyboard,
        frame: u64,
        start: &mut dyn FnMut(usize),
    ) {
        let smoothing = self.smoothing_frames;
        self.order += 1;
        match *event {
            MidiEvent::NoteOn { note, velocity } => {
                if let Some(note) = Start::new(note, velocity, frame) {
                    self.strike(note, keyboard, start);
                }
            }
            MidiEvent::NoteOff { note } => {
                self.lift(keyboard, frame, start, |voice| note.reaches(&voice.note));
            }
            MidiEvent::Choke { note } => {
                self.choke(frame, |voice| note.reaches(&voice.note));
            }
            MidiEvent::Expression { note, kind, value } => {
                for voice in &mut self.voices {
                    if voice.counts() && note.reaches(&voice.note) {
                        voice.express(kind, value, frame, smoothing);
                    }
                }
            }
            MidiEvent::ChannelPressure { channel, .. } => {
                for voice in &mut self.voices {
                    if voice.listens_to(channel, keyboard) {
                        voice.press(keyboard.pressure(channel), frame, smoothing);
                    }
                }
            }
            MidiEvent::PitchBend { .. } | MidiEvent::BendRange { .. } | MidiEvent::Mpe { .. } => {
                self.follow_bend(keyboard, frame);
            }
            MidiEvent::Controller {
                channel, number, ..
            } => self.control(channel, number, keyboard, frame, start),
        }
    }

    /// Takes the voices over from the group it replaces. Voices that the new polyphony has no room
    /// for fade out in 10 ms.
    pub fn inherit(&mut self, old: &VoiceGroup, frame: u64) {
        self.order = old.order;
        self.last_key = old.last_key;
        self.residual = old.residual;
        for (to, from) in self.voices.iter_mut().zip(&old.voices) {
            *to = *from;
        }
        let room = self.voices.len();
        for voice in old.voices.iter().skip(room) {
            self.leave_behind(voice, frame);
        }
        // A gate that fell would be heard as a step in chains that multiply by it, so it stays while
        // the voice fades. New notes start among the first voices; one beyond them has no place
        // after this plan.
        let stay = self.settings.physical_voices();
        for voice in self.voices.iter_mut().skip(stay) {
            if voice.counts() {
                voice.leave(frame, self.surplus_fade_frames);
            }
        }
        while self.counted() > usize::from(self.settings.polyphony) {
            let Some(surplus) = self.weakest() else { break };
            if let Some(voice) = self.voices.get_mut(surplus) {
                voice.leave(frame, self.surplus_fade_frames);
            }
        }
        // A released note whose chains do not end it any more is ended by the implicit gate.
        if !self.settings.gated {
            for voice in &mut self.voices {
                if voice.stage == Stage::Released && !voice.closing {
                    voice.close(frame, self.smoothing_frames);
                }
            }
        }
    }

    /// Ends all voices at once, as after a reset.
    pub fn reset(&mut self) {
        self.voices.fill(Voice::FREE);
        self.order = 0;
        self.last_key = None;
        self.residual = [Segment::held(0.0); 2];
    }

    /// The number of physical voices.
    #[must_use]
    pub fn len(&self) -> usize {
        self.voices.len()
    }

    /// Whether there are no physical voices.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voices.is_empty()
    }

    /// Whether a voice is to be computed.
    #[must_use]
    pub fn is_active(&self, voice: usize) -> bool {
        self.voices
            .get(voice)
            .is_some_and(|v| v.stage != Stage::Free)
    }

    /// Whether any voice is active.
    #[must_use]
    pub fn any_active(&self) -> bool {
        self.voices.iter().any(|v| v.stage != Stage::Free)
    }

    /// What nodes of an active voice may ask.
    #[must_use]
    pub fn now(&self, voice: usize) -> VoiceNow {
        let of = self.voice(voice);
        VoiceNow {
            index: voice as u32,
            on_frame: of.on_frame,
            note: f32::from(of.on_key),
        }
    }

    /// A value of an active voice as a line that holds from `frame` to the end of its 64-frame cell
    /// (or to the next event, if that comes earlier). It does not depend on where the host cuts its
    /// blocks: only on events and cells.
    #[must_use]
    pub fn value(&self, voice: usize, value: VoiceValue, frame: u64) -> Segment {
        self.voice(voice).value(value, frame)
    }

    /// The gain of a voice's output: stealing, choking, the implicit gate, volume expression. A line
    /// that holds until the next event.
    #[must_use]
    pub fn gain(&self, voice: usize) -> Segment {
        self.voice(voice).gain
    }

    /// Whether the renderer shall report the level of this voice (it is released, and its end is
    /// watched for).
    #[must_use]
    pub fn listens(&self, voice: usize) -> bool {
        let voice = self.voice(voice);
        voice.stage == Stage::Released && !voice.closing
    }

    /// A released voice was above −90 dBFS at `frame`, its newest such frame.
    pub fn heard(&mut self, voice: usize, frame: u64) {
        if let Some(voice) = self.voices.get_mut(voice) {
            voice.audible_frame = voice.audible_frame.max(frame);
        }
    }

    /// What a voice gave on the last frame of a chunk, with its gain: what a hard cut would jump
    /// from.
    pub fn left_at(&mut self, voice: usize, left: f32, right: f32) {
        if let Some(voice) = self.voices.get_mut(voice) {
            voice.last = [left, right];
        }
    }

    /// What is left of voices that were cut because no spare voice was free: a line from their last
    /// value to 0 in 5 ms, left and right. `None` if there is none at `frame`.
    #[must_use]
    pub fn residual(&self, frame: u64) -> Option<[Segment; 2]> {
        self.residual
            .iter()
            .any(|line| line.moves_at(frame))
            .then_some(self.residual)
    }

    /// At every frame that is a multiple of 64: frees voices that have ended (R4.18).
    pub fn end_cell(&mut self, frame: u64) {
        let silence = self.inaudible_frames;
        for voice in &mut self.voices {
            let fell_silent = voice.stage == Stage::Released
                && !voice.closing
                && frame > voice.audible_frame.saturating_add(silence);
            if fell_silent || voice.has_faded(frame) {
                *voice = Voice::FREE;
            }
        }
    }

    /// Notes that sound or are held, for the editor.
    #[must_use]
    pub fn sounding(&self) -> usize {
        self.counted()
    }

    fn voice(&self, voice: usize) -> &Voice {
        self.voices.get(voice).unwrap_or(&Voice::FREE)
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
