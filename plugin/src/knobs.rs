//! The bank of 32 knobs as host parameters, and what they are called and read at the moment.
//!
//! A parameter holds a *normalised* value, 0 to 1, and nothing else of it ever changes: not its id,
//! not its range. Which knob of the program it is, and with that its name, unit, default and text,
//! is said by [`KnobFaces`]. Hosts ask for them on their main thread; no audio code knows them.

use std::sync::{Arc, PoisonError, RwLock};

use edge::Description;
use engine::{KNOB_SLOTS, KnobBinding, KnobShape};
use nice_plug::prelude::*;

/// Place of the `program` parameter behind the knobs, for [`edge::Host::set_value`].
pub const PROGRAM_INDEX: usize = KNOB_SLOTS;

/// Name of a slot that no program uses.
const UNUSED_NAME: &str = "-";

/// What the slots of an instance's bank show. Shared by everybody who turns values into text.
///
/// Thread: any but audio.
#[derive(Debug, Default)]
pub struct KnobFaces(RwLock<[Option<KnobBinding>; KNOB_SLOTS]>);

impl KnobFaces {
    /// Shows these bindings. Returns whether anything changed that a host shows.
    pub fn show(&self, bindings: &[KnobBinding]) -> bool {
        let mut faces = [const { None }; KNOB_SLOTS];
        for binding in bindings {
            if let Some(face) = faces.get_mut(usize::from(binding.slot)) {
                *face = Some(binding.clone());
            }
        }
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let shown = |face: &Option<KnobBinding>| face.as_ref().map(|f| (f.name.clone(), f.shape));
        let changed = held.iter().map(shown).ne(faces.iter().map(shown));
        *held = faces;
        changed
    }

    /// The knob that a slot belongs to; `None` if it belongs to none.
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<KnobBinding> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.get(slot).cloned().flatten()
    }

    /// What the host shows of a slot. One without a knob is called "-".
    #[must_use]
    pub fn describe(&self, slot: usize) -> Description {
        match self.get(slot) {
            Some(KnobBinding { name, shape, .. }) => Description {
                name,
                unit: shape.unit.symbol().to_owned(),
                default_normalised: f64::from(shape.normalised(shape.default)),
            },
            None => Description {
                name: UNUSED_NAME.to_owned(),
                unit: String::new(),
                default_normalised: 0.0,
            },
        }
    }

    /// Range, curve and unit of a slot.
    #[must_use]
    pub fn shape(&self, slot: usize) -> KnobShape {
        self.get(slot).map_or(KnobShape::UNUSED, |face| face.shape)
    }

    /// Text of a normalised value, with its unit.
    #[must_use]
    pub fn text(&self, slot: usize, normalised: f32) -> String {
        let shape = self.shape(slot);
        shape.text(shape.plain(normalised))
    }

    /// Normalised value of a text.
    #[must_use]
    pub fn parse(&self, slot: usize, text: &str) -> Option<f32> {
        let shape = self.shape(slot);
        shape.parse(text).map(|plain| shape.normalised(plain))
    }
}

/// The bank as the edge shows it to the host.
pub struct DescribedKnobs {
    params: Arc<dyn Params>,
    faces: Arc<KnobFaces>,
}

impl DescribedKnobs {
    /// The knobs among `params`, described by `faces`.
    #[must_use]
    pub fn new(params: Arc<dyn Params>, faces: Arc<KnobFaces>) -> Self {
        Self { params, faces }
    }
}

impl edge::Parameters for DescribedKnobs {
    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params)
    }

    fn ids(&self) -> Vec<String> {
        // Of the program only the value is set from here; nice-plug describes it.
        IDS.into_iter()
            .chain(["program"])
            .map(str::to_owned)
            .collect()
    }

    fn describe(&self, index: usize) -> Option<Description> {
        (index < KNOB_SLOTS).then(|| self.faces.describe(index))
    }

    fn text(&self, index: usize, normalised: f64, with_unit: bool) -> Option<String> {
        let shape = self.faces.shape(index);
        let plain = shape.plain(normalised as f32);
        Some(if with_unit {
            shape.text(plain)
        } else {
            shape.number_text(plain)
        })
    }

    fn parse(&self, index: usize, text: &str) -> Option<f64> {
        self.faces.parse(index, text).map(f64::from)
    }

    fn plain(&self, index: usize, normalised: f64) -> f64 {
        f64::from(self.faces.shape(index).plain(normalised as f32))
    }

    fn normalised(&self, index: usize, plain: f64) -> f64 {
        f64::from(self.faces.shape(index).normalised(plain as f32))
    }
}

/// Declares one parameter a slot; ids are part of every saved project.
macro_rules! bank {
    ($($field:ident $id:tt,)*) => {
        /// The parameters of the bank, in the order of slots.
        #[derive(Params)]
        pub struct KnobParams {
            $(
                #[doc = concat!("The slot with the id `", $id, "`.")]
                #[id = $id]
                pub $field: FloatParam,
            )*
        }

        impl KnobParams {
            /// Parameters whose texts come from `faces`.
            #[must_use]
            pub fn new(faces: &Arc<KnobFaces>) -> Self {
                let mut slots = 0..KNOB_SLOTS;
                Self {
                    $($field: knob(slots.next().unwrap_or_default(), faces),)*
                }
            }

            /// All of them, in the order of slots.
            #[must_use]
            pub fn all(&self) -> [&FloatParam; KNOB_SLOTS] {
                [$(&self.$field,)*]
            }
        }

        /// Ids in the order of slots.
        const IDS: [&str; KNOB_SLOTS] = [$($id,)*];
    };
}

bank! {
    knob1 "knob1", knob2 "knob2", knob3 "knob3", knob4 "knob4",
    knob5 "knob5", knob6 "knob6", knob7 "knob7", knob8 "knob8",
    knob9 "knob9", knob10 "knob10", knob11 "knob11", knob12 "knob12",
    knob13 "knob13", knob14 "knob14", knob15 "knob15", knob16 "knob16",
    knob17 "knob17", knob18 "knob18", knob19 "knob19", knob20 "knob20",
    knob21 "knob21", knob22 "knob22", knob23 "knob23", knob24 "knob24",
    knob25 "knob25", knob26 "knob26", knob27 "knob27", knob28 "knob28",
    knob29 "knob29", knob30 "knob30", knob31 "knob31", knob32 "knob32",
}

impl KnobParams {
    /// Normalised values in the order of slots, host modulation included. Thread: any.
    #[must_use]
    pub fn values(&self) -> [f32; KNOB_SLOTS] {
        self.all().map(|param| {
            let value = param.value();
            if value.is_nan() {
                0.0
            } else {
                value.clamp(0.0, 1.0)
            }
        })
    }
}

/// Whether a parameter id belongs to the bank.
#[must_use]
pub fn is_knob(id: &str) -> bool {
    IDS.contains(&id)
}

fn knob(slot: usize, faces: &Arc<KnobFaces>) -> FloatParam {
    let (to_text, from_text) = (Arc::clone(faces), Arc::clone(faces));
    FloatParam::new(
        format!("Knob {}", slot + 1),
        0.0,
        FloatRange::Linear { min: 0.0, max: 1.0 },
    )
    .with_value_to_string(Arc::new(move |value| to_text.text(slot, value)))
    .with_string_to_value(Arc::new(move |text| from_text.parse(slot, text)))
}

#[cfg(test)]
#[path = "knobs_tests.rs"]
mod tests;
