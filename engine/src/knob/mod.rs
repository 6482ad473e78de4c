//! Knobs: values of a program that the host turns, and the bank of slots that holds them.
//!
//! A slot's value is *normalised*: 0 to 1, as the host stores and automates it. The knob's shape
//! (range and curve) says which number the program reads: its *plain* value.
//!
//! Thread: shapes any; the bank control.

mod bank;
mod declaration;
mod text;

pub use bank::{Bound, KnobBank, KnobBinding, NoRoom, WantedKnob};
pub use declaration::KnobDeclaration;

use crate::dsp::math;

/// Slots of the bank: host parameters that programs may bind by name.
pub const KNOB_SLOTS: usize = 32;

/// How the way of a knob spreads over its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnobCurve {
    /// Evenly.
    Linear,
    /// Evenly in octaves; for ranges above 0.
    Logarithmic,
}

/// What the number of a knob means, for its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnobUnit {
    /// A bare number.
    None,
    /// Hertz.
    Hertz,
    /// Decibels.
    Decibels,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Semitones.
    Semitones,
    /// A share, shown as 0 to 100 %.
    Percent,
}

/// Range, default, curve and unit of a knob.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnobShape {
    /// Lowest plain value.
    pub min: f32,
    /// Highest plain value, above `min`.
    pub max: f32,
    /// Plain value of a new knob.
    pub default: f32,
    /// Spread over the range; logarithmic only if `min` is above 0.
    pub curve: KnobCurve,
    /// For the text.
    pub unit: KnobUnit,
}

impl KnobShape {
    /// Of a slot that no program uses, so that hosts can show and set it all the same.
    pub const UNUSED: Self = Self {
        min: 0.0,
        max: 1.0,
        default: 0.0,
        curve: KnobCurve::Linear,
        unit: KnobUnit::None,
    };

    /// Whether it is a range at all, with its default inside. Shapes that were saved may be not.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let finite = self.min.is_finite() && (self.max - self.min).is_finite();
        let fits_curve = self.curve == KnobCurve::Linear || self.min > 0.0;
        finite && self.min < self.max && self.has_default_inside() && fits_curve
    }

    /// Whether the default lies in the range.
    #[must_use]
    pub fn has_default_inside(&self) -> bool {
        (self.min..=self.max).contains(&self.default)
    }

    /// Whether a normalised value means the same number in both.
    #[must_use]
    pub fn reads_like(&self, other: &Self) -> bool {
        self.has_range_of(other) && self.curve == other.curve
    }

    /// Whether both have the same ends.
    #[must_use]
    pub fn has_range_of(&self, other: &Self) -> bool {
        self.min == other.min && self.max == other.max
    }

    /// The plain value of a normalised one; values outside 0 to 1 count as its ends.
    #[must_use]
    pub fn plain(&self, normalised: f32) -> f32 {
        let x = math::clamp(normalised, 0.0, 1.0);
        // Exact at both ends, where rounding would miss the range.
        if x <= 0.0 {
            return self.min;
        }
        if x >= 1.0 {
            return self.max;
        }
        match self.curve {
            KnobCurve::Linear => self.min + (self.max - self.min) * x,
            KnobCurve::Logarithmic => {
                let octaves = math::ln(f64::from(self.max / self.min)) * f64::from(x);
                (f64::from(self.min) * math::exp(octaves)) as f32
            }
        }
    }

    /// The normalised value of a plain one; values outside the range count as its ends.
    #[must_use]
    pub fn normalised(&self, plain: f32) -> f32 {
        if plain <= self.min {
            return 0.0;
        }
        if plain >= self.max {
            return 1.0;
        }
        let share = match self.curve {
            KnobCurve::Linear => f64::from(plain - self.min) / f64::from(self.max - self.min),
            KnobCurve::Logarithmic => {
                math::ln(f64::from(plain / self.min)) / math::ln(f64::from(self.max / self.min))
            }
        };
        share as f32
    }
}

/// How the value of a slot changes together with a program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KnobChange {
    /// A knob is new: the slot takes this normalised value.
    Set(f32),
    /// The knob's range changed from this one: the plain value stays (clamped to the new range).
    Reshape(KnobShape),
}

/// A change of a slot's value that takes effect on the frame on which its program starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnobUpdate {
    /// Which slot.
    pub slot: u8,
    /// Shape of the slot's knob in the new program.
    pub shape: KnobShape,
    /// What happens.
    pub change: KnobChange,
    /// How often the slot had been turned when the program was sent. If it was turned since, a new
    /// knob keeps what it was turned to. `None`: the turns since are another knob's.
    pub turns: Option<u32>,
}

impl KnobUpdate {
    /// The slot's normalised value after the change.
    #[must_use]
    pub fn apply(&self, normalised: f32) -> f32 {
        match self.change {
            KnobChange::Set(value) => value,
            KnobChange::Reshape(before) => self.shape.normalised(before.plain(normalised)),
        }
    }
}
