//! Numbers that come from outside while a program sounds: knobs, controllers, keys.
//!
//! Thread: audio.

use std::sync::Arc;

use super::started::StartedKnobs;
use crate::graph::plan::{Literal, LiveSource, Plan};
use crate::knob::{KNOB_SLOTS, KnobChange};
use crate::midi::MidiEvent;
use crate::voice::{Keyboard, controller};

/// What the host's knobs and keys say now, whatever program sounds.
#[derive(Clone, Debug)]
pub struct Live {
    /// Normalised value of each slot of the knob bank.
    knobs: [f32; KNOB_SLOTS],
    /// Where control reads what programs changed of them.
    started: Arc<StartedKnobs>,
    /// Wheels, pedals, controllers.
    pub keyboard: Keyboard,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            knobs: [0.0; KNOB_SLOTS],
            started: Arc::default(),
            keyboard: Keyboard::default(),
        }
    }
}

impl Live {
    /// Where control reads what programs changed of the knobs.
    pub fn started(&self) -> Arc<StartedKnobs> {
        Arc::clone(&self.started)
    }

    fn value(&self, source: LiveSource) -> f32 {
        match source {
            LiveSource::Knob { slot, shape } => {
                shape.plain(self.knobs.get(usize::from(slot)).copied().unwrap_or(0.0))
            }
            LiveSource::Controller(number) => self.keyboard.controller(number),
        }
    }

    /// Before a plan takes over: its changes to the slots, and where its numbers have to go.
    pub fn prepare(&mut self, plan: &mut Plan) {
        for update in &plan.knob_updates {
            // A program may have waited for long, in a bar or unheard, while the host showed its new
            // knob already: then its value is what somebody has turned it to.
            let turned = update
                .turns
                .is_some_and(|t| t != self.started.turns(update.slot));
            if turned && matches!(update.change, KnobChange::Set(_)) {
                continue;
            }
            if let Some(knob) = self.knobs.get_mut(usize::from(update.slot)) {
                *knob = update.apply(*knob);
                self.started.start(update.slot, *knob);
            }
        }
        self.place(plan);
    }

    /// Puts the numbers where their sources are.
    pub fn place(&self, plan: &mut Plan) {
        for live in &plan.live {
            if let Some(literal) = plan.literals.get_mut(live.literal as usize) {
                *literal = Literal::held(self.value(live.source), literal.smoothing_frames);
            }
        }
    }

    /// A knob was turned. Returns whether there is such a knob.
    pub fn turn(&mut self, slot: u8, normalised: f32) -> bool {
        if !normalised.is_finite() {
            return false;
        }
        let Some(knob) = self.knobs.get_mut(usize::from(slot)) else {
            return false;
        };
        *knob = normalised.clamp(0.0, 1.0);
        self.started.turn(slot, *knob);
        true
    }

    /// A knob was turned. Returns whether a number of the plan starts to move.
    pub fn turned(&self, slot: u8, plan: &mut Plan, frame: u64) -> bool {
        let is_it = |source| matches!(source, LiveSource::Knob { slot: s, .. } if s == slot);
        self.aim(plan, frame, is_it)
    }

    /// A key, wheel or pedal moved.
    pub fn play(&mut self, event: &MidiEvent) {
        self.keyboard.apply(event);
    }

    /// A key, wheel or pedal moved. Returns whether a number of the plan starts to move.
    pub fn played(&self, event: &MidiEvent, plan: &mut Plan, frame: u64) -> bool {
        super::voices::apply(plan, event, &self.keyboard, frame);
        match event {
            MidiEvent::Controller { number, .. } => {
                let resets = *number == controller::RESET;
                let is_it = |source| match source {
                    LiveSource::Controller(of) => of == *number || resets,
                    LiveSource::Knob { .. } => false,
                };
                self.aim(plan, frame, is_it)
            }
            _ => false,
        }
    }

    /// Sends the numbers of some sources on their way to the present value.
    fn aim(&self, plan: &mut Plan, frame: u64, is_it: impl Fn(LiveSource) -> bool) -> bool {
        let mut moved = false;
        for live in plan.live.iter().filter(|l| is_it(l.source)) {
            let target = self.value(live.source);
            if let Some(literal) = plan.literals.get_mut(live.literal as usize)
                && literal.to != target
            {
                literal.from = literal.at(frame);
                literal.to = target;
                literal.start_frame = frame;
                literal.ramp_frames = literal.smoothing_frames;
                moved = true;
            }
        }
        moved
    }
}
