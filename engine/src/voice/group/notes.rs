//! How a group answers keys, pedals and controllers.

use super::VoiceGroup;
use crate::midi::NoteAddress;
use crate::voice::Keyboard;
use crate::voice::keyboard::controller;
use crate::voice::note::{Stage, Start, Voice};

impl VoiceGroup {
    /// A key goes down.
    pub(super) fn strike(
        &mut self,
        note: Start,
        keyboard: &Keyboard,
        start: &mut dyn FnMut(usize),
    ) {
        let Start { channel, frame, .. } = note;
        let place = NoteAddress::new(channel, note.key);
        // A lone player who strikes a key again over others plays on; see `slurs`.
        let slur = self.slurs(&place, keyboard);
        if slur.is_none() {
            for i in 0..self.voices.len() {
                if self.voice(i).is_down() && place.reaches(&self.voice(i).note) {
                    self.release(i, frame);
                }
            }
        }
        if keyboard.is_member(channel) {
            for voice in &mut self.voices {
                if voice.channel == channel && !voice.is_down() {
                    voice.hand_channel_over();
                }
            }
        }
        self.play(note, slur, keyboard, start);
    }

    /// The voice that goes on as the new note: that of a legato player while a key or the pedal
    /// holds it, unless the same key is struck again and no other is down.
    fn slurs(&self, place: &NoteAddress, keyboard: &Keyboard) -> Option<usize> {
        let is_legato = self.settings.legato && self.is_mono();
        let holds =
            |v: &Voice| v.is_down() && (!place.reaches(&v.note) || keyboard.keys_down() > 1);
        is_legato
            .then(|| self.voices.iter().position(holds))
            .flatten()
    }

    /// Starts a note, or lets a voice go on as it.
    fn play(
        &mut self,
        mut of: Start,
        slur: Option<usize>,
        keyboard: &Keyboard,
        start: &mut dyn FnMut(usize),
    ) {
        if let Some(last) = self.last_key
            && self.glide_frames > 0
        {
            of.glide_from = Some(last.at(of.frame));
            of.glide_frames = self.glide_frames;
        }
        let index = match slur {
            Some(index) => {
                if let Some(voice) = self.voices.get_mut(index) {
                    voice.slur(&of, keyboard, self.smoothing_frames);
                }
                index
            }
            None => {
                if !self.settings.gated {
                    // The first frame is not 0: a note sounds on its own frame.
                    of.rise = 1.0 / self.smoothing_frames as f32;
                    of.rise_frames = self.smoothing_frames - 1;
                }
                let index = self.make_room(of.frame);
                of.order = self.order;
                if let Some(voice) = self.voices.get_mut(index) {
                    *voice = Voice::start(&of, keyboard);
                    start(index);
                }
                index
            }
        };
        self.last_key = self.voices.get(index).map(|v| v.key);
    }

    /// Keys go up: voices are released, held by the pedal, or (with one voice) return to the key
    /// that is still down.
    pub(super) fn lift(
        &mut self,
        keyboard: &Keyboard,
        frame: u64,
        start: &mut dyn FnMut(usize),
        which: impl Fn(&Voice) -> bool,
    ) {
        for i in 0..self.voices.len() {
            let voice = self.voice(i);
            if voice.stage == Stage::Held && which(voice) {
                if keyboard.sustains(voice.channel) {
                    if let Some(voice) = self.voices.get_mut(i) {
                        voice.stage = Stage::Sustained;
                    }
                } else {
                    self.let_go(i, keyboard, frame, start);
                }
            }
        }
    }

    /// Nothing holds a voice's note any more.
    fn let_go(
        &mut self,
        index: usize,
        keyboard: &Keyboard,
        frame: u64,
        start: &mut dyn FnMut(usize),
    ) {
        let below = keyboard.newest_key().filter(|_| self.is_mono());
        let below = below.and_then(|(note, velocity)| Start::new(note, velocity, frame));
        let Some(note) = below else {
            self.release(index, frame);
            return;
        };
        let slur = self.settings.legato.then_some(index);
        if slur.is_none() {
            // It is the one that `make_room` takes.
            self.release(index, frame);
        }
        self.play(note, slur, keyboard, start);
    }

    fn release(&mut self, index: usize, frame: u64) {
        let (order, gated, smoothing) = (self.order, self.settings.gated, self.smoothing_frames);
        if let Some(voice) = self.voices.get_mut(index) {
            voice.stage = Stage::Released;
            voice.gate = false;
            voice.release_order = order;
            voice.audible_frame = frame;
            if !gated {
                voice.close(frame, smoothing);
            }
        }
    }

    pub(super) fn choke(&mut self, frame: u64, which: impl Fn(&Voice) -> bool) {
        for voice in &mut self.voices {
            if voice.counts() && which(voice) {
                voice.leave(frame, self.smoothing_frames);
            }
        }
    }

    pub(super) fn follow_bend(&mut self, keyboard: &Keyboard, frame: u64) {
        for voice in &mut self.voices {
            if voice.counts() {
                voice.follow_bend(keyboard, frame, self.smoothing_frames);
            }
        }
    }

    pub(super) fn control(
        &mut self,
        channel: u8,
        number: u8,
        keyboard: &Keyboard,
        frame: u64,
        start: &mut dyn FnMut(usize),
    ) {
        let smoothing = self.smoothing_frames;
        match number {
            controller::SUSTAIN => self.lift_pedal(keyboard, frame, start),
            controller::TIMBRE => {
                for voice in &mut self.voices {
                    if voice.listens_to(channel, keyboard) {
                        voice.color(keyboard.timbre(channel), frame, smoothing);
                    }
                }
            }
            controller::SOUND_OFF => {
                self.choke(frame, |voice| keyboard.speaks_for(channel, voice.channel));
            }
            controller::RESET => {
                self.lift_pedal(keyboard, frame, start);
                self.follow_bend(keyboard, frame);
                for voice in &mut self.voices {
                    if voice.listens_to(channel, keyboard) {
                        voice.press(keyboard.pressure(channel), frame, smoothing);
                    }
                }
            }
            controller::NOTES_OFF.. => {
                let spoken_for = |v: &Voice| keyboard.speaks_for(channel, v.channel);
                self.lift(keyboard, frame, start, spoken_for);
            }
            _ if controller::DATA.contains(&number) => self.follow_bend(keyboard, frame),
            _ => {}
        }
    }

    /// Releases the notes that only the pedal held.
    fn lift_pedal(&mut self, keyboard: &Keyboard, frame: u64, start: &mut dyn FnMut(usize)) {
        for i in 0..self.voices.len() {
            let voice = self.voice(i);
            if voice.stage == Stage::Sustained && !keyboard.sustains(voice.channel) {
                self.let_go(i, keyboard, frame, start);
            }
        }
    }

    fn is_mono(&self) -> bool {
        self.settings.polyphony <= 1
    }
}
