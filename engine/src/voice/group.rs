//! The voices of one `poly`.

use super::{Keyboard, Segment, VoiceNow, VoiceValue};
use crate::midi::MidiEvent;

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
#[derive(Clone, Debug)]
pub struct VoiceGroup {
    settings: GroupSettings,
    sample_rate: f32,
}

impl VoiceGroup {
    /// A group without sounding voices, with room for `physical` of them (at least
    /// [`GroupSettings::physical_voices`]; more when a larger group's voices still fade out in it).
    /// Thread: control.
    #[must_use]
    pub fn new(settings: GroupSettings, physical: usize, sample_rate: f32) -> Self {
        let _ = physical;
        Self {
            settings,
            sample_rate,
        }
    }

    /// Answers an event at `frame`. `start` is called with the number of each voice that starts
    /// anew: its nodes must be reset before the frame is computed.
    pub fn apply(
        &mut self,
        event: &MidiEvent,
        keyboard: &Keyboard,
        frame: u64,
        start: &mut dyn FnMut(usize),
    ) {
        let _ = (
            event,
            keyboard,
            frame,
            start,
            self.settings,
            self.sample_rate,
        );
    }

    /// Takes the voices over from the group it replaces. Voices that the new polyphony has no room
    /// for are released and fade out in 10 ms.
    pub fn inherit(&mut self, old: &VoiceGroup, frame: u64) {
        let _ = (old, frame);
    }

    /// Ends all voices at once, as after a reset.
    pub fn reset(&mut self) {}

    /// The number of physical voices.
    #[must_use]
    pub fn len(&self) -> usize {
        0
    }

    /// Whether there are no physical voices.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a voice is to be computed for the frames from `frame` on.
    #[must_use]
    pub fn is_active(&self, voice: usize) -> bool {
        let _ = voice;
        false
    }

    /// Whether any voice is active.
    #[must_use]
    pub fn any_active(&self) -> bool {
        (0..self.len()).any(|v| self.is_active(v))
    }

    /// What nodes of an active voice may ask.
    #[must_use]
    pub fn now(&self, voice: usize) -> VoiceNow {
        VoiceNow {
            index: voice as u32,
            on_frame: 0,
            note: 60.0,
        }
    }

    /// A value of an active voice as a line that holds from `frame` to the end of its 64-frame cell
    /// (or to the next event, if that comes earlier). It does not depend on where the host cuts its
    /// blocks: only on events and cells.
    #[must_use]
    pub fn value(
        &self,
        voice: usize,
        value: VoiceValue,
        keyboard: &Keyboard,
        frame: u64,
    ) -> Segment {
        let _ = (voice, value, keyboard, frame);
        Segment::held(0.0)
    }

    /// The gain of a voice's output from `frame` on: stealing, choking, the implicit gate, volume
    /// expression. Like [`value`](Self::value).
    #[must_use]
    pub fn gain(&self, voice: usize, frame: u64) -> Segment {
        let _ = (voice, frame);
        Segment::held(1.0)
    }

    /// Whether the renderer shall report the level of this voice (it is released, and its end is
    /// watched for).
    #[must_use]
    pub fn listens(&self, voice: usize) -> bool {
        let _ = voice;
        false
    }

    /// A released voice was above −90 dBFS at `frame`, its newest such frame.
    pub fn heard(&mut self, voice: usize, frame: u64) {
        let _ = (voice, frame);
    }

    /// The last frames of a voice's output, before gain, at the end of a chunk: what a hard cut
    /// would jump from.
    pub fn left_at(&mut self, voice: usize, left: f32, right: f32) {
        let _ = (voice, left, right);
    }

    /// What is left of voices that were cut because no spare voice was free: a line from their last
    /// value to 0 in 5 ms, left and right. `None` if there is none at `frame`.
    #[must_use]
    pub fn residual(&self, frame: u64) -> Option<[Segment; 2]> {
        let _ = frame;
        None
    }

    /// At every frame that is a multiple of 64: frees voices that have ended (R4.18).
    pub fn end_cell(&mut self, frame: u64) {
        let _ = frame;
    }

    /// Notes that sound or are held, for the editor.
    #[must_use]
    pub fn sounding(&self) -> usize {
        (0..self.len()).filter(|v| self.is_active(*v)).count()
    }
}
