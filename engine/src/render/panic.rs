//! The panic button: a wish from any thread to the audio thread.
//!
//! Thread: both; every operation is lock-free.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Ends every note and every tail of a renderer, as [`EventKind::Panic`](super::EventKind::Panic)
/// does, with its next block. Clones are the same button. It never waits, also while a program is
/// compiled.
#[derive(Clone, Debug, Default)]
pub struct PanicButton(Arc<AtomicBool>);

impl PanicButton {
    /// Presses it. Thread: any.
    pub fn press(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was pressed since the last call. Thread: audio.
    pub(super) fn take(&self) -> bool {
        // Most callbacks find nothing; a plain load keeps the cache line shared.
        self.0.load(Ordering::Acquire) && self.0.swap(false, Ordering::AcqRel)
    }
}
