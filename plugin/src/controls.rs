//! Host parameters that act on the sound, and what of them changed.
//!
//! Thread: audio.

use edge::Automation;
use engine::{EventKind, FreeRun, KNOB_SLOTS, MidiEvent, PROGRAMS};
use nice_plug::prelude::*;

use crate::params::{GlistenParams, MAX_GAIN_DB, MIN_GAIN_DB};

/// Values of the parameters that act on the sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    /// Gain after the program.
    pub gain_db: f32,
    /// Whether the program is bypassed.
    pub bypass: bool,
    /// Whether ceiling and DC protection are on.
    pub guard: bool,
    /// Number of the program that plays, from 0.
    pub program: u8,
    /// Multiple of beats on which another program begins; 0 = at once.
    pub quantum_beats: u32,
    /// Whether the song may run by itself while the host stands.
    pub free_run: FreeRun,
    /// How far a pitch wheel bends, in semitones.
    pub bend_semitones: f32,
    /// Whether channels 2 to 16 play one note each.
    pub mpe: bool,
    /// Normalised value of each knob slot.
    pub knobs: [f32; KNOB_SLOTS],
}

impl Controls {
    /// Number of values, and with that of events that a change of all of them makes.
    pub const COUNT: usize = 7 + KNOB_SLOTS;

    /// The present values, host modulation included.
    #[must_use]
    pub fn read(params: &GlistenParams) -> Self {
        let gain_db = params.gain.value();
        Self {
            gain_db: if gain_db.is_nan() {
                0.0
            } else {
                gain_db.clamp(MIN_GAIN_DB, MAX_GAIN_DB)
            },
            bypass: params.bypass.value(),
            guard: params.guard.value(),
            program: (params.program.value() - 1).clamp(0, PROGRAMS as i32 - 1) as u8,
            quantum_beats: params.launch.value().launch().quantum_beats(),
            free_run: params.free_run.value().free_run(),
            bend_semitones: params.bend.value() as f32,
            mpe: params.mpe.value(),
            knobs: params.knobs.values(),
        }
    }

    /// Tells an event for every value that differs from `before`; for all of them if there is none.
    pub fn changes_since(&self, before: Option<&Self>, mut tell: impl FnMut(EventKind)) {
        if before.is_none_or(|b| b.bypass != self.bypass) {
            tell(EventKind::Bypass(self.bypass));
        }
        if before.is_none_or(|b| b.guard != self.guard) {
            tell(EventKind::Guard(self.guard));
        }
        if before.is_none_or(|b| b.gain_db != self.gain_db) {
            tell(EventKind::OutputGain(util::db_to_gain(self.gain_db)));
        }
        if before.is_none_or(|b| b.program != self.program) {
            tell(EventKind::Program {
                program: self.program,
                quantum_beats: self.quantum_beats,
            });
        }
        if before.is_none_or(|b| b.free_run != self.free_run) {
            tell(EventKind::FreeRun(self.free_run));
        }
        if before.is_none_or(|b| b.mpe != self.mpe) {
            tell(EventKind::Midi(MidiEvent::Mpe { on: self.mpe }));
        }
        if before.is_none_or(|b| b.bend_semitones != self.bend_semitones) {
            tell(EventKind::Midi(MidiEvent::BendRange {
                semitones: self.bend_semitones,
            }));
        }
        for (slot, normalised) in (0u8..).zip(self.knobs) {
            let known = before.and_then(|b| b.knobs.get(usize::from(slot)));
            if known != Some(&normalised) {
                tell(EventKind::Knob { slot, normalised });
            }
        }
    }
}

/// Where the values come from while a block is rendered.
pub trait ControlSource {
    /// The values on a frame. Frames come in order, and the first one asked for is 0.
    fn at(&mut self, frame: usize) -> Controls;

    /// The next frame on which a value changes.
    fn next_change(&self) -> Option<usize>;
}

/// The host's parameters, automated at exact frames.
pub struct HostControls<'a> {
    params: &'a GlistenParams,
    automation: &'a Automation,
}

impl<'a> HostControls<'a> {
    /// These parameters, with their automation.
    #[must_use]
    pub fn new(params: &'a GlistenParams, automation: &'a Automation) -> Self {
        Self { params, automation }
    }
}

impl ControlSource for HostControls<'_> {
    fn at(&mut self, frame: usize) -> Controls {
        self.automation.apply(frame);
        Controls::read(self.params)
    }

    fn next_change(&self) -> Option<usize> {
        self.automation.next_frame()
    }
}

#[cfg(test)]
#[path = "controls_tests.rs"]
mod tests;
