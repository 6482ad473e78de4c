//! The knob bank between engine, document and host.
//!
//! Thread: any but audio.

use engine::{Engine, KnobBinding};

use super::{Session, lock};

impl Session {
    /// Saves and shows which slot belongs to which knob. New knobs get their default at once,
    /// because no program that sounds reads their slots; knobs with another range keep their value
    /// until the program starts.
    pub(super) fn show_knobs(&self, engine: &Engine) {
        let bindings = engine.knob_bindings();
        let before = std::mem::replace(&mut lock(&self.desk).knobs, bindings.to_vec());
        let mut changed = self.knobs.show(bindings);
        for knob in bindings.iter().filter(|knob| is_new(knob, &before)) {
            let default = knob.shape.normalised(knob.shape.default);
            changed |= self.host.set_value(usize::from(knob.slot), default);
        }
        if changed {
            self.host.parameters_changed();
        }
    }

    /// Gives the host the values that a program changed by starting (R8.5).
    pub(super) fn tell_started_knobs(&self, engine: &mut Engine) {
        let started = engine.take_started_knobs();
        for (slot, normalised) in &started {
            self.host.set_value(usize::from(*slot), *normalised);
        }
        if !started.is_empty() {
            self.host.parameters_changed();
        }
    }
}

/// Whether a knob took a slot that was free, or that another one had left.
fn is_new(knob: &KnobBinding, before: &[KnobBinding]) -> bool {
    let owner = before.iter().find(|b| b.slot == knob.slot);
    !knob.parked && owner.is_none_or(|owner| owner.parked && owner.name != knob.name)
}

#[cfg(test)]
mod tests {
    use engine::KnobShape;

    use super::*;

    fn knob(slot: u8, name: &str, parked: bool) -> KnobBinding {
        KnobBinding {
            slot,
            name: name.to_owned(),
            shape: KnobShape::UNUSED,
            parked,
        }
    }

    #[test]
    fn new_is_what_took_a_slot_that_nobody_used() {
        let before = [knob(0, "a", false), knob(1, "b", true)];
        let is_new = |slot, name, parked| is_new(&knob(slot, name, parked), &before);
        assert!(!is_new(0, "a", false), "it was there");
        assert!(
            !is_new(0, "renamed", false),
            "it goes on under another name"
        );
        assert!(!is_new(1, "b", false), "it returns");
        assert!(is_new(1, "c", false), "it took a parked slot");
        assert!(is_new(2, "d", false), "it took a free slot");
        assert!(!is_new(2, "d", true), "nobody has it");
    }
}
