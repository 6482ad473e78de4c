//! Sounds for tests, made of closed forms.

#![allow(dead_code)] // Each test binary uses its own part of this harness.
#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use glisten_engine::samples::{MemoryBank, Sample};

/// Frames per second of the sounds.
pub const SOUND_RATE: f64 = 48_000.0;

/// A falling tone.
pub fn tone(hz: f64, seconds: f64) -> Vec<f32> {
    let frames = (seconds * SOUND_RATE) as usize;
    (0..frames)
        .map(|i| {
            let fall = 1.0 - i as f64 / frames as f64;
            let phase = std::f64::consts::TAU * hz * i as f64 / SOUND_RATE;
            (0.5 * fall * phase.cos()) as f32
        })
        .collect()
}

/// A mono sound.
pub fn mono(frames: Vec<f32>) -> Sample {
    Sample {
        left: frames,
        right: None,
    }
}

/// The sounds that examples, cases and the documentation use; `guitar` is in stereo.
pub fn sounds() -> MemoryBank {
    let mut bank = MemoryBank::default();
    for name in ["bd", "kick"] {
        bank.insert(name, SOUND_RATE, mono(tone(55.0, 0.2)));
    }
    for name in ["sn", "snare"] {
        bank.insert(name, SOUND_RATE, mono(tone(200.0, 0.1)));
    }
    bank.insert("hh", SOUND_RATE, mono(tone(7_000.0, 0.05)));
    let guitar = Sample {
        left: tone(220.0, 0.4),
        right: Some(tone(221.0, 0.4)),
    };
    bank.insert("guitar", SOUND_RATE, guitar);
    bank
}
