//! What the control side wants of a song whose host stands (R7.7).
//!
//! Thread: both; every operation is lock-free.

use std::sync::atomic::{AtomicU8, Ordering};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SongWish {
    /// Run by itself.
    Run = 1,
    /// Stand again.
    Stand = 2,
}

/// Carries the newest wish from control to audio.
#[derive(Debug, Default)]
pub struct SongSwitch {
    /// 0 = none, else a [`SongWish`].
    wish: AtomicU8,
}

impl SongSwitch {
    /// Asks for a free run, or for its end. The newest wish counts. Thread: control.
    pub fn wish(&self, wish: SongWish) {
        self.wish.store(wish as u8, Ordering::Release);
    }

    /// The newest wish, once. Thread: audio.
    pub fn take(&self) -> Option<SongWish> {
        // Most callbacks find nothing; a plain load keeps the cache line shared.
        if self.wish.load(Ordering::Acquire) == 0 {
            return None;
        }
        match self.wish.swap(0, Ordering::AcqRel) {
            1 => Some(SongWish::Run),
            2 => Some(SongWish::Stand),
            _ => None,
        }
    }
}
