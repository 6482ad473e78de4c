//! The bank of 32 knobs as host parameters.
//!
//! A parameter holds a *normalised* value, 0 to 1, and nothing else of it ever changes: not its id,
//! not its range.

use std::sync::Arc;

use engine::KNOB_SLOTS;
use nice_plug::prelude::*;

/// Text of a slot that no program uses: the value itself. Hosts ask for it all the same.
fn bare_text(normalised: f32) -> String {
    format!("{:.3}", normalised.clamp(0.0, 1.0))
}

fn parse_bare(text: &str) -> Option<f32> {
    let value: f32 = text.trim().parse().ok()?;
    value.is_finite().then(|| value.clamp(0.0, 1.0))
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
            /// All at 0.
            #[must_use]
            pub fn new() -> Self {
                let mut slots = 0..KNOB_SLOTS;
                Self {
                    $($field: knob(slots.next().unwrap_or_default()),)*
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

impl Default for KnobParams {
    fn default() -> Self {
        Self::new()
    }
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

fn knob(slot: usize) -> FloatParam {
    FloatParam::new(
        format!("Knob {}", slot + 1),
        0.0,
        FloatRange::Linear { min: 0.0, max: 1.0 },
    )
    .with_value_to_string(Arc::new(bare_text))
    .with_string_to_value(Arc::new(parse_bare))
}

#[cfg(test)]
#[path = "knobs_tests.rs"]
mod tests;
