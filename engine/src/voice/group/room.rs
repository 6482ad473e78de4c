//! Where a new note finds its voice, and what has to go for it (R4.18).

use super::VoiceGroup;
use crate::voice::Segment;
use crate::voice::note::{Stage, Voice};

impl VoiceGroup {
    /// Voices whose notes sound, held or released.
    pub(super) fn counted(&self) -> usize {
        self.voices.iter().filter(|v| v.counts()).count()
    }

    /// The voice that has to go first: the one that was released first (of several at once, the
    /// older one), else the one that started first.
    pub(super) fn weakest(&self) -> Option<usize> {
        let counted = || self.voices.iter().enumerate().filter(|(_, v)| v.counts());
        let released = counted().filter(|(_, v)| v.stage == Stage::Released);
        let first = released.min_by_key(|(_, v)| (v.release_order, v.start_order));
        let first = first.or_else(|| counted().min_by_key(|(_, v)| v.start_order));
        first.map(|(i, _)| i)
    }

    /// Finds a physical voice for a new note. What sounds there or has to leave fades out.
    pub(super) fn make_room(&mut self, frame: u64) -> usize {
        for voice in &mut self.voices {
            if voice.has_faded(frame) {
                *voice = Voice::FREE;
            }
        }
        while self.counted() >= usize::from(self.settings.polyphony).max(1) {
            let Some(stolen) = self.weakest() else { break };
            if let Some(voice) = self.voices.get_mut(stolen) {
                voice.leave(frame, self.smoothing_frames);
            }
        }
        let places = self.settings.physical_voices();
        let free = |v: &Voice| v.stage == Stage::Free;
        if let Some(index) = self.voices.iter().take(places).position(free) {
            return index;
        }
        // All spare voices fade still. The one that has come closest to its end is cut.
        let places = self.voices.iter().take(places).enumerate();
        let leaving = places.filter(|(_, v)| v.stage == Stage::Leaving);
        let index = leaving
            .min_by_key(|(_, v)| (v.gain.end_frame(), v.start_order))
            .map_or(0, |(i, _)| i);
        let cut = *self.voice(index);
        self.leave_behind(&cut, frame);
        index
    }

    /// Keeps the last value of a voice that is cut, and lets it fall to 0.
    pub(super) fn leave_behind(&mut self, voice: &Voice, frame: u64) {
        if voice.stage == Stage::Free || voice.on_frame >= frame {
            return;
        }
        for (line, rest) in self.residual.iter_mut().zip(voice.last) {
            if rest.is_finite() {
                *line = Segment {
                    from: line.at(frame) + rest,
                    to: 0.0,
                    start_frame: frame,
                    frames: self.smoothing_frames,
                    is_pitch: false,
                };
            }
        }
    }
}
