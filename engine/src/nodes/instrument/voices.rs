//! The voices of a sampler: which recorded sounds are playing, and how they give way to each other.
//!
//! Voices keep their place in a fixed row of slots, so that they are always added in the same order,
//! and begin and end on exact frames: a run gives the same samples however it is cut. A sound is
//! held by the node and not by a voice, so a voice that ends frees nothing.

use std::sync::Arc;

use crate::dsp::playback::Playback;
use crate::dsp::sinc::SincBank;
use crate::nodes::support::EMPTY;
use crate::samples::Sample;

/// Most voices at once.
pub const VOICES: usize = 64;

/// Slots: some more than voices, in which those that gave way fade out.
const SLOTS: usize = VOICES + 16;

/// How long a voice that gives way fades.
const FADE_SECONDS: f32 = 0.005;

/// Sounds of replaced nodes whose voices still play.
const CARRIED: usize = 16;

/// Which sound a voice plays: one of the node's own, or one carried over from the node before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Own(u16),
    Carried(u16),
}

#[derive(Clone, Copy, Debug)]
struct Voice {
    playback: Playback,
    source: Source,
    /// Rises from voice to voice: the lowest is the oldest.
    number: u64,
    /// Frames of the fade that are left; `None` while it plays as it is.
    fading: Option<u32>,
}

const SILENT: Voice = Voice {
    playback: Playback::REST,
    source: Source::Own(0),
    number: 0,
    fading: None,
};

/// The voices of one node.
pub struct Voices {
    bank: &'static SincBank,
    slots: Box<[Voice; SLOTS]>,
    /// One bit per slot that sounds.
    active: u128,
    /// Voices that sound and do not fade.
    full: usize,
    next_number: u64,
    fade_frames: u32,
    own: Box<[Option<Arc<Sample>>]>,
    carried: [Option<Arc<Sample>>; CARRIED],
}

impl Voices {
    /// No voice yet, for these sounds. Allocates.
    #[must_use]
    pub fn new(sounds: Vec<Option<Arc<Sample>>>, frames_per_second: f32) -> Self {
        Self {
            bank: SincBank::shared(),
            slots: Box::new([SILENT; SLOTS]),
            active: 0,
            full: 0,
            next_number: 0,
            fade_frames: (FADE_SECONDS * frames_per_second) as u32 + 1,
            own: sounds.into_boxed_slice(),
            carried: [const { None }; CARRIED],
        }
    }

    /// Starts a sound. With all voices taken the oldest gives way and fades.
    pub fn start(&mut self, sound: usize, speed: f32) {
        let Some(Some(sample)) = self.own.get(sound) else {
            return;
        };
        if sample.frames() == 0 {
            return;
        }
        if self.full >= VOICES {
            let fade_frames = self.fade_frames;
            let oldest = self.find(|v| v.fading.is_none(), |v| v.number);
            if let Some(voice) = oldest.and_then(|slot| self.slots.get_mut(slot)) {
                voice.fading = Some(fade_frames);
                self.full -= 1;
            }
        }
        let free = (!self.active).trailing_zeros() as usize;
        let slot = if free < SLOTS {
            free
        } else {
            // So many gave way within one fade that the one nearest to silence ends here.
            let quietest = self.find(|v| v.fading.is_some(), |v| v.fading.map_or(0, u64::from));
            quietest.unwrap_or(0)
        };
        if let Some(voice) = self.slots.get_mut(slot) {
            *voice = Voice {
                playback: Playback::new(speed, self.bank),
                source: Source::Own(sound as u16),
                number: self.next_number,
                fading: None,
            };
            self.active |= 1 << slot;
            self.full += 1;
            self.next_number += 1;
        }
    }

    /// The active slot with the least key among those that are wanted.
    fn find(&self, wanted: impl Fn(&Voice) -> bool, key: impl Fn(&Voice) -> u64) -> Option<usize> {
        (0..SLOTS)
            .filter(|slot| self.active >> slot & 1 == 1)
            .filter_map(|slot| Some((slot, self.slots.get(slot)?)))
            .filter(|(_, voice)| wanted(voice))
            .min_by_key(|(_, voice)| key(voice))
            .map(|(slot, _)| slot)
    }

    /// Adds the next frames of all voices to the frames `from .. to` of both sides, at most a
    /// chunk's. The right side may be empty: then only the left one is computed.
    pub fn play_part(&mut self, from: usize, to: usize, left: &mut [f32], right: &mut [f32]) {
        if self.active == 0 || from >= to {
            return;
        }
        let (Some(left), right) = (left.get_mut(from..to), right.get_mut(from..to)) else {
            return;
        };
        let right = right.unwrap_or(&mut []);
        let mut rest = self.active;
        while rest != 0 {
            let slot = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if !self.play_slot(slot, left, right) {
                self.active &= !(1 << slot);
            }
        }
    }

    /// One voice; whether it goes on.
    fn play_slot(&mut self, slot: usize, left: &mut [f32], right: &mut [f32]) -> bool {
        let Some(voice) = self.slots.get_mut(slot) else {
            return false;
        };
        let sample = match voice.source {
            Source::Own(i) => self.own.get(usize::from(i)),
            Source::Carried(i) => self.carried.get(usize::from(i)),
        };
        let Some(Some(sample)) = sample else {
            return false;
        };
        let wanted = left.len().min(EMPTY.len());
        let mut frames = voice.playback.frames_left(sample.frames());
        if let Some(left) = voice.fading {
            frames = frames.min(u64::from(left));
        }
        let n = frames.min(wanted as u64) as usize;
        let mut scratch = EMPTY;
        let out = &mut scratch[..n];
        voice.playback.read(self.bank, &sample.left, out);
        let fade = voice.fading.map(|left| (left, self.fade_frames));
        mix(out, fade, left);
        if !right.is_empty() {
            if let Some(source) = &sample.right {
                voice.playback.read(self.bank, source, out);
            }
            // A mono sound's frames are faded a second time from the same values.
            mix(out, fade, right);
        }
        voice.playback.advance(n);
        if let Some(left) = &mut voice.fading {
            *left -= n as u32;
        }
        let goes_on = frames > wanted as u64;
        if !goes_on && voice.fading.is_none() {
            self.full -= 1;
        }
        goes_on
    }

    /// Silence at once; the sounds stay.
    pub fn reset(&mut self) {
        self.active = 0;
        self.full = 0;
        self.next_number = 0;
    }

    /// Lets the voices of a replaced node play on. This one must be new.
    pub fn inherit(&mut self, old: &mut Self) {
        std::mem::swap(&mut self.slots, &mut old.slots);
        self.active = std::mem::take(&mut old.active);
        self.full = std::mem::take(&mut old.full);
        self.next_number = old.next_number;
        let mut rest = self.active;
        while rest != 0 {
            let slot = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let Some(voice) = self.slots.get_mut(slot) else {
                continue;
            };
            let sample = match voice.source {
                Source::Own(i) => old.own.get(usize::from(i)),
                Source::Carried(i) => old.carried.get(usize::from(i)),
            };
            let place = sample.and_then(|s| s.as_ref()).and_then(|sample| {
                let same = |kept: &Option<Arc<Sample>>| match kept {
                    Some(kept) => Arc::ptr_eq(kept, sample),
                    None => true,
                };
                let place = self.carried.iter().position(same)?;
                // A count that rises; what it counts is freed with the node.
                if let Some(cell @ None) = self.carried.get_mut(place) {
                    *cell = Some(Arc::clone(sample));
                }
                Some(place)
            });
            match place {
                Some(place) => voice.source = Source::Carried(place as u16),
                None => {
                    self.active &= !(1 << slot);
                    self.full -= usize::from(voice.fading.is_none());
                }
            }
        }
    }
}

/// Adds frames to `out`, falling in a straight line if their voice fades: frames left and length of
/// the whole fade.
#[inline]
fn mix(frames: &[f32], fade: Option<(u32, u32)>, out: &mut [f32]) {
    match fade {
        None => {
            for (y, x) in out.iter_mut().zip(frames) {
                *y += x;
            }
        }
        Some((left, whole)) => {
            for (i, (y, x)) in out.iter_mut().zip(frames).enumerate() {
                *y += x * ((left - i as u32) as f32 / whole as f32);
            }
        }
    }
}
