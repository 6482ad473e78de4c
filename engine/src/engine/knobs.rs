//! The knobs of the programs: which slots they have, and what of them changes with a program.

use super::{Engine, Slot};
use crate::diagnostics::{Diagnostic, Problem};
use crate::graph::Layout;
use crate::knob::{
    Bound, KNOB_SLOTS, KnobBank, KnobBinding, KnobChange, KnobUpdate, NoRoom, WantedKnob,
};
use crate::resolve::{Program, ProgramKnob};
use crate::text::Span;

/// What an accepted program does to the bank.
pub(super) struct NewKnobs {
    /// The bank with its knobs bound.
    bank: KnobBank,
    bound: Bound,
    /// Hints about ranges that changed.
    pub notes: Vec<Diagnostic>,
}

impl NewKnobs {
    /// The updates of the program, after those of one that was sent before it and
    /// that nobody heard.
    pub fn updates_after(&self, unheard: &[KnobUpdate]) -> Vec<KnobUpdate> {
        let updates = &self.bound.updates;
        let still_counts = |update: &&KnobUpdate| {
            let slot = update.slot;
            let set_again =
                |u: &KnobUpdate| u.slot == slot && matches!(u.change, KnobChange::Set(_));
            let binding = self.bank.bindings().iter().find(|b| b.slot == slot);
            // A slot may have gone to a knob of another program since.
            let own = self.bound.slots.contains(&slot) || binding.is_some_and(|b| b.parked);
            own && !updates.iter().any(set_again)
        };
        let before = unheard.iter().filter(still_counts);
        before.chain(updates).copied().collect()
    }
}

impl Engine {
    /// Which slot of the bank belongs to which knob: those in use by slot, then the parked ones, the
    /// oldest first. To be saved with the program.
    #[must_use]
    pub fn knob_bindings(&self) -> &[KnobBinding] {
        self.knobs.bindings()
    }

    /// A number that rises whenever a binding changes, so that the host's names can follow.
    #[must_use]
    pub fn knob_bindings_revision(&self) -> u64 {
        self.knobs_revision
    }

    /// Takes saved bindings over; what cannot be is left out. To be called before the saved programs
    /// are evaluated: their knobs then keep the values that the host has for them. Programs that
    /// wait for their launch are taken back, because they belong to what was before.
    pub fn set_knob_bindings(&mut self, saved: &[KnobBinding]) {
        let selected = self.selected;
        for program in 0..super::PROGRAMS {
            self.select(program);
            self.cancel_waiting();
        }
        self.selected = selected;
        self.replace_bank(KnobBank::from_bindings(saved));
    }

    /// Gives the knobs of a program their slots, without changing the bank.
    ///
    /// # Errors
    /// A diagnostic, when there are more knobs than slots.
    pub(super) fn bind_knobs(&self, program: &mut Program) -> Result<NewKnobs, Vec<Diagnostic>> {
        let mut bank = self.knobs.clone();
        let bound = bank.bind(&wanted(&program.knobs), &self.knobs_elsewhere());
        let mut bound = bound.map_err(|NoRoom { knob }| {
            let limit = KNOB_SLOTS;
            vec![Problem::TooManyKnobs { limit }.at(place(program, knob))]
        })?;
        for update in &mut bound.updates {
            // A slot that a sounding knob gives up is still turned for that one.
            let mut before = self.knobs.bindings().iter();
            let in_use = before.any(|b| b.slot == update.slot && !b.parked);
            update.turns = (!in_use).then(|| self.started_knobs.turns(update.slot));
        }
        for (knob, slot) in program.knobs.iter_mut().zip(&bound.slots) {
            knob.slot = *slot;
        }
        let note = |index: &usize| {
            let name = program.knobs.get(*index)?.name.clone();
            Some(Problem::KnobReshaped { name }.at(place(program, *index)))
        };
        let notes = bound.reshaped.iter().filter_map(note).collect();
        Ok(NewKnobs { bank, bound, notes })
    }

    /// Takes over what [`bind_knobs`](Self::bind_knobs) gave, now that the program is accepted.
    /// Whether any binding changed.
    pub(super) fn accept_knobs(&mut self, new: NewKnobs) -> bool {
        let changed = new.bound.changed;
        self.replace_bank(new.bank);
        changed
    }

    /// Puts the bank back to the selected program that sounds, after one was taken back that nobody
    /// heard.
    pub(super) fn forget_knobs(&mut self, unheard: &[KnobUpdate]) {
        let mut bank = self.knobs.clone();
        let knobs = self.slot().newest().map(|l| l.program.knobs.clone());
        // These knobs had slots before, so there is room; nothing moved, so nothing moves back.
        let elsewhere = self.knobs_elsewhere();
        let rebound = bank.bind(&wanted(&knobs.unwrap_or_default()), &elsewhere);
        debug_assert!(rebound.is_ok());
        for update in unheard {
            if matches!(update.change, KnobChange::Set(_)) {
                // It never got its value, so there is none to come back to.
                bank.forget_parked(update.slot);
            }
        }
        self.replace_bank(bank);
    }

    /// Fills in the slots of a program whose knobs are bound already.
    pub(super) fn place_knobs(&self, program: &mut Program) {
        for knob in &mut program.knobs {
            if let Some(binding) = self.knobs.find(&knob.name) {
                knob.slot = binding.slot;
            }
        }
    }

    /// Names of the knobs of all programs but the selected one.
    fn knobs_elsewhere(&self) -> Vec<&str> {
        let others = self.slots.iter().enumerate();
        others
            .filter(|(program, _)| *program != self.selected)
            .filter_map(|(_, slot)| slot.newest())
            .flat_map(|layout| &layout.program.knobs)
            .map(|knob| knob.name.as_str())
            .collect()
    }

    fn replace_bank(&mut self, bank: KnobBank) {
        if self.knobs != bank {
            self.knobs = bank;
            self.knobs_revision += 1;
        }
    }
}

impl Slot {
    /// The newest accepted program, whether it is heard yet or not.
    fn newest(&self) -> Option<&Layout> {
        let sent = self.sent.as_ref().map(|s| &s.layout);
        sent.or(self.base.as_ref())
    }
}

fn wanted(knobs: &[ProgramKnob]) -> Vec<WantedKnob<'_>> {
    knobs
        .iter()
        .map(|knob| WantedKnob {
            name: &knob.name,
            shape: knob.shape,
        })
        .collect()
}

/// Where a knob stands in the text.
fn place(program: &Program, knob: usize) -> Span {
    let chain = program.knobs.get(knob).map(|k| k.chain.0 as usize);
    let chain = chain.and_then(|c| program.chains.get(c));
    let node = chain.and_then(|c| c.nodes.first());
    node.map_or(Span::at(0), |n| n.span)
}
