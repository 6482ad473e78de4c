//! Which slot belongs to which name (R8.5).
//!
//! A knob is its name. Lines may move, ranges and defaults may change: the slot stays, and with it
//! what the host has recorded for it. A knob that leaves the program parks its slot and finds it
//! again when it returns.

use super::{KNOB_SLOTS, KnobChange, KnobShape, KnobUpdate};

/// A slot and the knob it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct KnobBinding {
    /// Slot of the bank, below [`KNOB_SLOTS`].
    pub slot: u8,
    /// Name of the knob, without `~`.
    pub name: String,
    /// Range, default, curve, unit.
    pub shape: KnobShape,
    /// Whether no program has the knob any more.
    pub parked: bool,
}

/// A knob that a program has.
#[derive(Clone, Copy, Debug)]
pub struct WantedKnob<'a> {
    /// Its name, without `~`.
    pub name: &'a str,
    /// Its shape.
    pub shape: KnobShape,
}

/// What came of binding the knobs of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bound {
    /// Slot of each knob, in the order given.
    pub slots: Vec<u8>,
    /// Values that change when the program starts.
    pub updates: Vec<KnobUpdate>,
    /// Which of the knobs have another range or curve than before: what a host has recorded for
    /// them means other numbers now.
    pub reshaped: Vec<usize>,
    /// Whether any binding differs from before.
    pub changed: bool,
}

/// More knobs than slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// The first knob without slot, as an index into what was given.
    pub knob: usize,
}

/// The bank: at most one binding for each slot and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnobBank {
    /// Those in use by slot, then the parked ones, the oldest first.
    bindings: Vec<KnobBinding>,
}

impl KnobBank {
    /// A bank as it was saved. What cannot be is left out: slots beyond the bank, broken shapes,
    /// second bindings of a slot or a name.
    #[must_use]
    pub fn from_bindings(saved: &[KnobBinding]) -> Self {
        let mut bank = Self::default();
        for binding in saved {
            let taken = |b: &KnobBinding| b.slot == binding.slot || b.name == binding.name;
            if usize::from(binding.slot) < KNOB_SLOTS
                && binding.shape.is_valid()
                && !bank.bindings.iter().any(taken)
            {
                bank.bindings.push(binding.clone());
            }
        }
        bank.sort();
        bank
    }

    /// Bindings in use in the order of their slots, then the parked ones, the oldest first.
    #[must_use]
    pub fn bindings(&self) -> &[KnobBinding] {
        &self.bindings
    }

    /// Binds the knobs of a program that takes the place of the one bound before. `elsewhere` names
    /// the knobs of other programs that stay, so that theirs are not parked.
    ///
    /// - A known name has its slot, whatever else changed.
    /// - If exactly one name goes and exactly one unheard of comes, with the same range, it is the
    ///   same knob under another name.
    /// - A new name gets the lowest free slot, or the one that has been parked for longest, and its
    ///   default.
    /// - Another range or curve keeps the plain value; another default or unit changes no value.
    ///
    /// # Errors
    /// [`NoRoom`] if there are more knobs than slots; the bank is unchanged then.
    pub fn bind(&mut self, wanted: &[WantedKnob<'_>], elsewhere: &[&str]) -> Result<Bound, NoRoom> {
        let mut next = self.clone();
        next.let_go(wanted, elsewhere);
        let mut bound = Bound::default();
        for (number, knob) in wanted.iter().enumerate() {
            if let Some(binding) = next.find_mut(knob.name) {
                let before = binding.shape;
                if !before.reads_like(&knob.shape) {
                    bound.reshaped.push(number);
                    bound.updates.push(KnobUpdate {
                        slot: binding.slot,
                        shape: knob.shape,
                        change: KnobChange::Reshape(before),
                        turns: None,
                    });
                }
                binding.shape = knob.shape;
                binding.parked = false;
            }
        }
        for (number, knob) in wanted.iter().enumerate() {
            if next.find_mut(knob.name).is_some() {
                continue;
            }
            let slot = next.free_slot().ok_or(NoRoom { knob: number })?;
            next.bindings.push(KnobBinding {
                slot,
                name: knob.name.to_owned(),
                shape: knob.shape,
                parked: false,
            });
            bound.updates.push(KnobUpdate {
                slot,
                shape: knob.shape,
                change: KnobChange::Set(knob.shape.normalised(knob.shape.default)),
                turns: None,
            });
        }
        next.sort();
        let slot_of = |knob: &WantedKnob<'_>| next.find(knob.name).map_or(0, |b| b.slot);
        bound.slots = wanted.iter().map(slot_of).collect();
        bound.changed = *self != next;
        *self = next;
        Ok(bound)
    }

    /// The binding of a name, parked or not.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&KnobBinding> {
        self.bindings.iter().find(|b| b.name == name)
    }

    /// Takes the binding of a slot away if no program has the knob.
    pub fn forget_parked(&mut self, slot: u8) {
        self.bindings.retain(|b| b.slot != slot || !b.parked);
    }

    fn find_mut(&mut self, name: &str) -> Option<&mut KnobBinding> {
        self.bindings.iter_mut().find(|b| b.name == name)
    }

    /// Parks what is used no more, or gives the only such knob its new name.
    fn let_go(&mut self, wanted: &[WantedKnob<'_>], elsewhere: &[&str]) {
        let stays = |name: &str| elsewhere.contains(&name) || wanted.iter().any(|k| k.name == name);
        let in_use = |b: &&KnobBinding| !b.parked;
        let active: Vec<&KnobBinding> = self.bindings.iter().filter(in_use).collect();
        let gone: Vec<String> = (active.iter())
            .filter(|b| !stays(&b.name))
            .map(|b| b.name.clone())
            .collect();
        let comes = |k: &&WantedKnob<'_>| !active.iter().any(|b| b.name == k.name);
        let come: Vec<&WantedKnob<'_>> = wanted.iter().filter(comes).collect();
        if let ([old], [new]) = (gone.as_slice(), come.as_slice())
            && self.find(new.name).is_none()
            && let Some(binding) = self.find_mut(old)
            && binding.shape.has_range_of(&new.shape)
        {
            new.name.clone_into(&mut binding.name);
            return;
        }
        for name in gone {
            // Behind the others: the order of the parked ones is that of their parking.
            if let Some(at) = self.bindings.iter().position(|b| b.name == name) {
                let mut binding = self.bindings.remove(at);
                binding.parked = true;
                self.bindings.push(binding);
            }
        }
    }

    /// The lowest free slot, else that of the knob which has been parked for longest.
    fn free_slot(&mut self) -> Option<u8> {
        let slots = 0..u8::try_from(KNOB_SLOTS).unwrap_or(u8::MAX);
        let mut free = slots.filter(|slot| !self.bindings.iter().any(|b| b.slot == *slot));
        if let Some(slot) = free.next() {
            return Some(slot);
        }
        let oldest = self.bindings.iter().position(|b| b.parked)?;
        Some(self.bindings.remove(oldest).slot)
    }

    fn sort(&mut self) {
        // Stable: parked ones keep their order.
        let key = |b: &KnobBinding| (b.parked, if b.parked { 0 } else { b.slot });
        self.bindings.sort_by_key(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knob::{KnobCurve, KnobUnit};

    fn shape(min: f32, max: f32, default: f32) -> KnobShape {
        KnobShape {
            min,
            max,
            default,
            curve: KnobCurve::Linear,
            unit: KnobUnit::None,
        }
    }

    fn bind(bank: &mut KnobBank, knobs: &[(&str, KnobShape)]) -> Bound {
        bind_beside(bank, knobs, &[])
    }

    fn bind_beside(bank: &mut KnobBank, knobs: &[(&str, KnobShape)], elsewhere: &[&str]) -> Bound {
        let wanted: Vec<WantedKnob<'_>> = knobs
            .iter()
            .map(|(name, shape)| WantedKnob {
                name,
                shape: *shape,
            })
            .collect();
        bank.bind(&wanted, elsewhere).expect("room")
    }

    fn set(slot: u8, shape: KnobShape, value: f32) -> KnobUpdate {
        let change = KnobChange::Set(value);
        KnobUpdate {
            slot,
            shape,
            change,
            turns: None,
        }
    }

    const HALF: (f32, f32, f32) = (0.0, 2.0, 1.0);

    fn half() -> KnobShape {
        shape(HALF.0, HALF.1, HALF.2)
    }

    #[test]
    fn new_knobs_take_the_lowest_free_slots_and_their_defaults() {
        let mut bank = KnobBank::default();
        let bound = bind(&mut bank, &[("b", half()), ("a", shape(0.0, 4.0, 1.0))]);
        assert_eq!(bound.slots, [0, 1]);
        assert_eq!(
            bound.updates,
            [set(0, half(), 0.5), set(1, shape(0.0, 4.0, 1.0), 0.25)]
        );
        assert!(bound.changed && bound.reshaped.is_empty());
        let again = bind(&mut bank, &[("a", shape(0.0, 4.0, 1.0)), ("b", half())]);
        assert_eq!(again.slots, [1, 0]);
        assert!(again.updates.is_empty() && !again.changed);
    }

    #[test]
    fn a_knob_that_returns_finds_its_slot_and_keeps_its_value() {
        let mut bank = KnobBank::default();
        bind(&mut bank, &[("a", half()), ("b", half()), ("c", half())]);
        bind(&mut bank, &[("c", half())]);
        let parked: Vec<(&str, bool)> = (bank.bindings().iter())
            .map(|b| (b.name.as_str(), b.parked))
            .collect();
        assert_eq!(parked, [("c", false), ("a", true), ("b", true)]);
        let bound = bind(&mut bank, &[("d", half()), ("b", half()), ("c", half())]);
        assert_eq!(bound.slots, [3, 1, 2]);
        assert_eq!(bound.updates, [set(3, half(), 0.5)]);
    }

    #[test]
    fn one_knob_that_goes_and_one_that_comes_are_a_new_name() {
        let mut bank = KnobBank::default();
        bind(&mut bank, &[("a", half()), ("b", half())]);
        let renamed = bind(&mut bank, &[("x", shape(0.0, 2.0, 0.1)), ("b", half())]);
        assert_eq!(renamed.slots, [0, 1]);
        assert!(renamed.updates.is_empty() && renamed.changed);
        assert!(bank.find("a").is_none(), "the old name is gone");
        // Another range: another knob.
        let other = bind(&mut bank, &[("y", shape(0.0, 3.0, 0.0)), ("b", half())]);
        assert_eq!(other.slots, [2, 1]);
        assert!(bank.find("x").is_some_and(|b| b.parked));
        // Two that come: none of them is the old one.
        let two = bind(
            &mut bank,
            &[("y", shape(0.0, 3.0, 0.0)), ("p", half()), ("q", half())],
        );
        assert_eq!(two.slots, [2, 3, 4]);
        // One that comes back is itself.
        let back = bind(
            &mut bank,
            &[("y", shape(0.0, 3.0, 0.0)), ("p", half()), ("b", half())],
        );
        assert_eq!(back.slots, [2, 3, 1]);
        assert!(bank.find("q").is_some_and(|b| b.parked));
    }

    #[test]
    fn another_range_keeps_the_plain_value_and_another_default_every_value() {
        let mut bank = KnobBank::default();
        bind(&mut bank, &[("a", shape(0.0, 10.0, 5.0))]);
        let wider = bind(&mut bank, &[("a", shape(0.0, 20.0, 5.0))]);
        assert_eq!(wider.reshaped, [0]);
        let [update] = wider.updates.as_slice() else {
            panic!("{wider:?}")
        };
        assert_eq!(update.apply(0.5), 0.25);
        // What lies outside the new range goes to its end.
        let narrow = bind(&mut bank, &[("a", shape(0.0, 4.0, 2.0))]);
        assert_eq!(narrow.updates.first().map(|u| u.apply(0.9)), Some(1.0));
        let default = bind(&mut bank, &[("a", shape(0.0, 4.0, 3.0))]);
        assert!(default.updates.is_empty() && default.reshaped.is_empty());
        assert!(default.changed, "the host shows another default");
        let mut curved = shape(1.0, 100.0, 1.0);
        bind(&mut bank, &[("a", curved)]);
        curved.curve = KnobCurve::Logarithmic;
        let bound = bind(&mut bank, &[("a", curved)]);
        let value = bound.updates.first().map_or(0.0, |u| u.apply(0.0909_0909));
        assert!((value - 0.5).abs() < 1e-6, "10 is half way: {value}");
        assert_eq!(bound.reshaped, [0]);
    }

    #[test]
    fn the_longest_parked_slot_is_used_last_of_all() {
        let mut bank = KnobBank::default();
        let names: Vec<String> = (0..KNOB_SLOTS).map(|i| format!("k{i}")).collect();
        let all: Vec<(&str, KnobShape)> = names.iter().map(|n| (n.as_str(), half())).collect();
        bind(&mut bank, &all);
        bind(&mut bank, &[&all[..7], &all[8..]].concat());
        bind(&mut bank, &[&all[..3], &all[4..7], &all[8..]].concat());
        let rest = [&all[..3], &all[4..7], &all[8..]].concat();
        let bound = bind(
            &mut bank,
            &[&rest[..], &[("m", half()), ("n", half())]].concat(),
        );
        assert_eq!(bound.slots[30..], [7, 3]);
        assert!(bank.find("k7").is_none() && bank.find("k3").is_none());

        let before = bank.clone();
        let names: Vec<String> = (0..=KNOB_SLOTS).map(|i| format!("z{i}")).collect();
        let wanted: Vec<WantedKnob<'_>> = (names.iter())
            .map(|name| WantedKnob {
                name,
                shape: half(),
            })
            .collect();
        assert_eq!(bank.bind(&wanted, &[]), Err(NoRoom { knob: KNOB_SLOTS }));
        assert_eq!(bank, before);
    }

    #[test]
    fn knobs_of_other_programs_are_neither_parked_nor_renamed() {
        let mut bank = KnobBank::default();
        bind(&mut bank, &[("a", half())]);
        let bound = bind_beside(&mut bank, &[("b", half())], &["a"]);
        assert_eq!(bound.slots, [1]);
        assert!(bank.bindings().iter().all(|b| !b.parked));
        // Shared by name.
        let bound = bind_beside(&mut bank, &[("a", half())], &["a"]);
        assert_eq!(bound.slots, [0]);
        assert!(bound.updates.is_empty());
    }

    #[test]
    fn a_saved_bank_comes_back_and_nonsense_is_left_out() {
        let mut bank = KnobBank::default();
        bind(&mut bank, &[("a", half()), ("b", half()), ("c", half())]);
        bind(&mut bank, &[("b", half())]);
        assert_eq!(KnobBank::from_bindings(bank.bindings()), bank);
        let good = bank.bindings()[0].clone();
        let bad = |edit: fn(&mut KnobBinding)| {
            let mut binding = KnobBinding {
                slot: 9,
                name: "z".to_owned(),
                ..good.clone()
            };
            edit(&mut binding);
            binding
        };
        let saved = [
            good.clone(),
            bad(|b| b.slot = 32),
            bad(|b| b.slot = 1),
            bad(|b| b.name = "b".to_owned()),
            bad(|b| b.shape.max = b.shape.min),
            bad(|b| b.shape.min = f32::NAN),
            bad(|b| b.shape.max = f32::INFINITY),
            bad(|b| b.shape.default = 99.0),
            bad(|b| b.shape.curve = KnobCurve::Logarithmic),
        ];
        assert_eq!(KnobBank::from_bindings(&saved).bindings(), [good]);
    }
}
