//! Knob values that a program changed by starting, for the control half.
//!
//! A new knob starts at its default, and one with another range keeps its plain value (R8.5). Both
//! happen in the renderer, on the frame on which the program starts; the host, which stores the
//! values, must be told afterwards.
//!
//! Thread: both; every operation is wait-free.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::knob::KNOB_SLOTS;

const _: () = assert!(KNOB_SLOTS <= 32, "one bit of a word for each slot");

/// Shared by one engine and one renderer.
#[derive(Debug, Default)]
pub struct StartedKnobs {
    /// Normalised values as bits.
    values: [AtomicU32; KNOB_SLOTS],
    /// How often the host has turned each slot; wraps.
    turns: [AtomicU32; KNOB_SLOTS],
    /// Slots that a program changed and nobody asked for since.
    changed: AtomicU32,
}

impl StartedKnobs {
    /// The host turned a slot to this value. Thread: audio.
    pub fn turn(&self, slot: u8, normalised: f32) {
        self.store(slot, normalised);
        if let Some(turns) = self.turns.get(usize::from(slot)) {
            turns.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often the host has turned a slot. Thread: both.
    pub fn turns(&self, slot: u8) -> u32 {
        let turns = self.turns.get(usize::from(slot));
        turns.map_or(0, |turns| turns.load(Ordering::Relaxed))
    }

    /// A slot has this value now. Thread: audio.
    fn store(&self, slot: u8, normalised: f32) {
        if let Some(value) = self.values.get(usize::from(slot)) {
            value.store(normalised.to_bits(), Ordering::Relaxed);
        }
    }

    /// A program that started gave a slot this value. Thread: audio.
    pub fn start(&self, slot: u8, normalised: f32) {
        if usize::from(slot) < KNOB_SLOTS {
            self.store(slot, normalised);
            self.changed.fetch_or(1 << slot, Ordering::Release);
        }
    }

    /// Slots that programs changed since the last call, with their values now: if the host has
    /// turned one since, that is the value. Thread: control.
    pub fn take(&self) -> Vec<(u8, f32)> {
        let changed = self.changed.swap(0, Ordering::Acquire);
        (0u8..)
            .zip(&self.values)
            .filter(|(slot, _)| changed & (1 << slot) != 0)
            .map(|(slot, value)| (slot, f32::from_bits(value.load(Ordering::Relaxed))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_value_is_told_once_and_as_it_is_now() {
        let knobs = StartedKnobs::default();
        knobs.turn(3, 0.5);
        assert_eq!(knobs.take(), []);
        knobs.start(31, 1.0);
        knobs.start(3, 0.25);
        knobs.turn(3, 0.75);
        knobs.turn(32, 0.75);
        knobs.start(32, 1.0);
        assert_eq!(knobs.take(), [(3, 0.75), (31, 1.0)]);
        assert_eq!(knobs.take(), []);
        // What programs change are no turns.
        assert_eq!([3, 31, 32].map(|slot| knobs.turns(slot)), [2, 0, 0]);
    }
}
