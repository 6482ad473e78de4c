//! The keys that are down, in the order in which they went down.

use crate::midi::NoteAddress;

/// Every key of every channel at once.
const CAPACITY: usize = 16 * 128;

/// Keys that are down, the newest last.
#[derive(Debug)]
pub struct HeldKeys {
    keys: Vec<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    note: NoteAddress,
    velocity: f32,
}

impl Clone for HeldKeys {
    /// With the same room as the original. Thread: control.
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.keys.extend_from_slice(&self.keys);
        copy
    }
}

impl HeldKeys {
    /// Thread: control (allocates room for all keys there are).
    pub fn new() -> Self {
        Self {
            keys: Vec::with_capacity(CAPACITY),
        }
    }

    /// A key goes down. One that is down already counts as struck anew.
    pub fn press(&mut self, note: NoteAddress, velocity: f32) {
        let Some((channel, key)) = place_of(&note) else {
            return;
        };
        let place = NoteAddress::new(channel, key);
        self.release(|held| place.reaches(held));
        // There is always room: every key of every channel stands here at most once.
        if self.keys.len() < CAPACITY {
            self.keys.push(Held { note, velocity });
        }
    }

    /// Keys go up.
    pub fn release(&mut self, which: impl Fn(&NoteAddress) -> bool) {
        self.keys.retain(|held| !which(&held.note));
    }

    /// The key that went down last.
    pub fn newest(&self) -> Option<(NoteAddress, f32)> {
        self.keys.last().map(|held| (held.note, held.velocity))
    }

    pub fn len(&self) -> usize {
        self.keys.len()
    }
}

/// Channel and key of a note that may start.
pub fn place_of(note: &NoteAddress) -> Option<(u8, u8)> {
    match (note.channel, note.key) {
        (Some(channel @ 0..=15), Some(key @ 0..=127)) => Some((channel, key)),
        _ => None,
    }
}
