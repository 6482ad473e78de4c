//! The `program` parameter follows MIDI program changes, so that a host shows and saves the program
//! that plays.

use std::sync::atomic::{AtomicU8, Ordering};

use engine::PROGRAMS;

use super::Session;
use crate::knobs::PROGRAM_INDEX;

/// No message asked for a program.
const NONE: u8 = u8::MAX;

/// The program that a message asked for, until the parameter says so too.
///
/// Thread: any; every operation is wait-free.
#[derive(Debug)]
pub struct MessageProgram(AtomicU8);

impl Default for MessageProgram {
    fn default() -> Self {
        Self(AtomicU8::new(NONE))
    }
}

impl MessageProgram {
    /// A message asked for a program, from 0. Thread: audio.
    pub fn ask(&self, program: u8) {
        if usize::from(program) < PROGRAMS {
            self.0.store(program, Ordering::Relaxed);
        }
    }

    /// The host moved the parameter since: that counts. Thread: audio.
    pub fn forget(&self) {
        self.0.store(NONE, Ordering::Relaxed);
    }

    /// What the parameter has to follow; told once. Thread: any but audio.
    pub fn take(&self) -> Option<u8> {
        let program = self.0.swap(NONE, Ordering::Relaxed);
        (program != NONE).then_some(program)
    }
}

impl Session {
    /// Sets the parameter to the program that a message asked for, if one did.
    pub(super) fn tell_program(&self) {
        if let Some(program) = self.message_program.take() {
            let normalised = f32::from(program) / (PROGRAMS - 1) as f32;
            if self.host.set_value(PROGRAM_INDEX, normalised) {
                self.host.parameters_changed();
            }
        }
    }
}
