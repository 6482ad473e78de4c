//! The bindings of the knob bank as JSON.

use engine::{KnobBinding, KnobCurve, KnobShape, KnobUnit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Serialize, Deserialize)]
struct SavedKnob {
    slot: u8,
    name: String,
    min: f32,
    max: f32,
    default: f32,
    curve: String,
    unit: String,
    #[serde(default)]
    parked: bool,
}

const CURVES: [(KnobCurve, &str); 2] =
    [(KnobCurve::Linear, "lin"), (KnobCurve::Logarithmic, "log")];

const UNITS: [(KnobUnit, &str); 7] = [
    (KnobUnit::None, ""),
    (KnobUnit::Hertz, "hz"),
    (KnobUnit::Decibels, "db"),
    (KnobUnit::Milliseconds, "ms"),
    (KnobUnit::Seconds, "s"),
    (KnobUnit::Semitones, "st"),
    (KnobUnit::Percent, "%"),
];

/// The word for a value.
fn word<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> String {
    let found = words.iter().find(|(v, _)| v == value);
    found.map_or("", |(_, word)| word).to_owned()
}

/// The value of a word.
fn meant<T: Copy>(words: &[(T, &str)], word: &str) -> Option<T> {
    words.iter().find(|(_, w)| *w == word).map(|(v, _)| *v)
}

/// All bindings.
pub fn to_json(bindings: &[KnobBinding]) -> Value {
    let saved = bindings.iter().map(|binding| SavedKnob {
        slot: binding.slot,
        name: binding.name.clone(),
        min: binding.shape.min,
        max: binding.shape.max,
        default: binding.shape.default,
        curve: word(&CURVES, &binding.shape.curve),
        unit: word(&UNITS, &binding.shape.unit),
        parked: binding.parked,
    });
    saved
        .map(|knob| serde_json::to_value(knob).unwrap_or_default())
        .collect()
}

/// The bindings that make sense, of a later version's too: a unit that is not known is none.
pub fn from_json(value: Value) -> Vec<KnobBinding> {
    let Value::Array(items) = value else {
        return Vec::new();
    };
    items
        .into_iter()
        .filter_map(|item| {
            let saved: SavedKnob = serde_json::from_value(item).ok()?;
            let shape = KnobShape {
                min: saved.min,
                max: saved.max,
                default: saved.default,
                curve: meant(&CURVES, &saved.curve)?,
                unit: meant(&UNITS, &saved.unit).unwrap_or(KnobUnit::None),
            };
            shape.is_valid().then_some(KnobBinding {
                slot: saved.slot,
                name: saved.name,
                shape,
                parked: saved.parked,
            })
        })
        .collect()
}
