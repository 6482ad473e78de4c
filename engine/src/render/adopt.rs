//! The moment a plan takes over from the one before: processors, numbers and lines change hands.
//!
//! Cost: one step per entry of `Plan::adoptions`; no entry depends on the length of a delay line.
//!
//! Thread: audio.

use crate::graph::plan::{Adoption, Literal, Plan, Slot};
use crate::processor::{Inherit, LiteralValue};

/// Moves state from `old` into `new` at `frame`.
pub fn adopt(new: &mut Plan, old: &mut Plan, frame: u64) {
    for i in 0..new.adoptions.len() {
        let Some(adoption) = new.adoptions.get(i).copied() else {
            break;
        };
        match adoption {
            Adoption::Move { to, from } => {
                if let (Some(to), Some(from)) =
                    (cell(&mut new.slots, to), cell(&mut old.slots, from))
                {
                    std::mem::swap(to, from);
                }
            }
            Adoption::Inherit { to, from } => {
                if let (Some(Some(to)), Some(Some(from))) =
                    (cell(&mut new.slots, to), cell(&mut old.slots, from))
                {
                    to.inherit(Inherit::Replaced(from.as_mut()));
                }
            }
            Adoption::Twin { slot } => {
                let slot = new.slots.get_mut(slot as usize);
                if let Some(Slot {
                    processors: [Some(left), Some(right)],
                    ..
                }) = slot
                {
                    right.inherit(Inherit::Twin(left.as_ref()));
                }
            }
            Adoption::Literal { to, from } => {
                let (to, from) = (
                    new.literals.get_mut(to as usize),
                    old.literals.get(from as usize),
                );
                if let (Some(to), Some(from)) = (to, from) {
                    *to = continued(*to, *from, frame);
                }
            }
            Adoption::GhostLiteral { to, from } => {
                let (to, from) = (
                    new.literals.get_mut(to as usize),
                    old.literals.get(from as usize),
                );
                if let (Some(to), Some(from)) = (to, from) {
                    *to = *from;
                }
            }
            Adoption::GhostMute { to, from } => {
                if let (Some(to), Some(from)) =
                    (new.slots.get_mut(to as usize), old.slots.get(from as usize))
                {
                    to.faulted = from.faulted;
                    let muted = old.chains.get(from.chain as usize).map(|c| c.muted_from);
                    let chain = new.chains.get_mut(to.chain as usize);
                    if let (Some(chain), Some(muted)) = (chain, muted) {
                        chain.muted_from = muted;
                    }
                }
            }
            Adoption::Group { to, from } => {
                if let (Some(to), Some(from)) = (
                    new.groups.get_mut(to as usize),
                    old.groups.get(from as usize),
                ) {
                    to.voices.inherit(&from.voices, frame);
                }
            }
            Adoption::Line { to, from } => {
                if let (Some(to), Some(from)) = (
                    new.lines.get_mut(to as usize),
                    old.lines.get_mut(from as usize),
                ) {
                    std::mem::swap(&mut to.blocks, &mut from.blocks);
                }
            }
        }
    }
}

type Cell = Option<Box<dyn crate::processor::Processor>>;

fn cell(slots: &mut [Slot], (slot, instance): (u32, u8)) -> Option<&mut Cell> {
    slots
        .get_mut(slot as usize)?
        .processors
        .get_mut(usize::from(instance))
}

/// A number that moves from where the old one stands to its new value.
fn continued(new: Literal, old: Literal, frame: u64) -> Literal {
    if old.to == new.to {
        // A ramp under way goes on unchanged: the edit did not touch this number.
        return Literal {
            smoothing_frames: new.smoothing_frames,
            ..old
        };
    }
    Literal {
        from: old.at(frame),
        start_frame: frame,
        ramp_frames: new.smoothing_frames,
        ..new
    }
}

/// Refreshes the held values; returns the first frame from which no literal moves.
pub fn settle_literals(plan: &mut Plan, frame: u64) -> u64 {
    let mut end = 0;
    for (value, literal) in plan.literal_values.iter_mut().zip(&plan.literals) {
        let ends = literal.end_frame();
        *value = if frame < ends {
            end = end.max(ends);
            LiteralValue::Ramping
        } else {
            LiteralValue::Held(literal.at(frame))
        };
    }
    end
}

/// Puts every number where it is going.
pub fn jump_literals(plan: &mut Plan) {
    for literal in &mut plan.literals {
        *literal = Literal::held(literal.to, literal.smoothing_frames);
    }
}

/// Returns every node, number and line to its start (R2.8).
pub fn reset(plan: &mut Plan) {
    for slot in &mut plan.slots {
        slot.faulted = false;
        slot.stands_at = [0.0; 2];
        for processor in slot.processors.iter_mut().flatten() {
            processor.reset();
        }
    }
    for chain in &mut plan.chains {
        chain.muted_from = u64::MAX;
        chain.cost_ns = 0;
    }
    jump_literals(plan);
    for line in &mut plan.lines {
        line.clear();
    }
    super::voices::reset(plan);
}
