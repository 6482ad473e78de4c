//! What a program says about a knob, and what is meant where it says nothing.

use super::{KnobCurve, KnobShape, KnobUnit};

/// From this quotient of its ends on, a range spans so many octaves that even steps would crowd
/// the lower ones.
const LOGARITHMIC_FROM: f32 = 20.0;

/// A range from here …
const LOWEST_HERTZ: f32 = 10.0;

/// … to here or beyond is one of frequencies.
const HIGHEST_HERTZ: f32 = 5_000.0;

/// A range from here …
const LOWEST_DECIBELS: f32 = -36.0;

/// … to here at most is one of levels.
const HIGHEST_DECIBELS: f32 = 24.0;

/// A knob as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnobDeclaration {
    /// Plain value of a new knob.
    pub default: f32,
    /// Lowest plain value.
    pub min: f32,
    /// Highest plain value.
    pub max: f32,
    /// Spread, if written.
    pub curve: Option<KnobCurve>,
    /// Unit, if written.
    pub unit: Option<KnobUnit>,
}

impl KnobDeclaration {
    /// The shape; `used_for` is the unit of what the knob turns, if there is one.
    #[must_use]
    pub fn shape(&self, used_for: Option<KnobUnit>) -> KnobShape {
        KnobShape {
            min: self.min,
            max: self.max,
            default: self.default,
            curve: self.curve.unwrap_or_else(|| self.likely_curve()),
            unit: (self.unit)
                .or(used_for)
                .unwrap_or_else(|| self.likely_unit()),
        }
    }

    fn likely_curve(&self) -> KnobCurve {
        match self.min > 0.0 && self.max / self.min >= LOGARITHMIC_FROM {
            true => KnobCurve::Logarithmic,
            false => KnobCurve::Linear,
        }
    }

    fn likely_unit(&self) -> KnobUnit {
        if (self.min, self.max) == (0.0, 1.0) {
            KnobUnit::Percent
        } else if self.min >= LOWEST_HERTZ && self.max >= HIGHEST_HERTZ {
            KnobUnit::Hertz
        } else if self.min <= LOWEST_DECIBELS && self.max <= HIGHEST_DECIBELS {
            KnobUnit::Decibels
        } else {
            KnobUnit::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(min: f32, max: f32) -> (KnobCurve, KnobUnit) {
        let declaration = KnobDeclaration {
            default: min,
            min,
            max,
            curve: None,
            unit: None,
        };
        let shape = declaration.shape(None);
        (shape.curve, shape.unit)
    }

    const LIN: KnobCurve = KnobCurve::Linear;
    const LOG: KnobCurve = KnobCurve::Logarithmic;

    #[test]
    fn ranges_say_what_is_not_written() {
        let expected = [
            (20.0, 20_000.0, LOG, KnobUnit::Hertz),
            (10.0, 5_000.0, LOG, KnobUnit::Hertz),
            (9.0, 5_000.0, LOG, KnobUnit::None),
            (10.0, 4_999.0, LOG, KnobUnit::None),
            (1_000.0, 6_000.0, LIN, KnobUnit::Hertz),
            (0.0, 20_000.0, LIN, KnobUnit::None),
            (1.0, 20.0, LOG, KnobUnit::None),
            (1.0, 19.9, LIN, KnobUnit::None),
            (-36.0, 24.0, LIN, KnobUnit::Decibels),
            (-35.0, 0.0, LIN, KnobUnit::None),
            (-60.0, 25.0, LIN, KnobUnit::None),
            (-24.0, 24.0, LIN, KnobUnit::None),
            (0.0, 1.0, LIN, KnobUnit::Percent),
            (0.0, 2.0, LIN, KnobUnit::None),
        ];
        for (min, max, curve, unit) in expected {
            assert_eq!(shape(min, max), (curve, unit), "{min} to {max}");
        }
    }

    #[test]
    fn what_is_written_counts_first_then_what_the_knob_turns() {
        let mut knob = KnobDeclaration {
            default: 100.0,
            min: 10.0,
            max: 8_000.0,
            curve: Some(LIN),
            unit: Some(KnobUnit::None),
        };
        let delay = Some(KnobUnit::Milliseconds);
        assert_eq!(knob.shape(delay).unit, KnobUnit::None);
        assert_eq!(knob.shape(delay).curve, LIN);
        knob.unit = None;
        assert_eq!(knob.shape(delay).unit, KnobUnit::Milliseconds);
        assert_eq!(knob.shape(None).unit, KnobUnit::Hertz);
    }
}
