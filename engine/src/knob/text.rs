//! A knob's value as text, and back.
//!
//! What is written here is read here: the text of a value that came from a text is that text again,
//! so that hosts which convert back and forth never drift.

use super::{KnobCurve, KnobShape, KnobUnit};

/// Steps into which a text divides an even range, at least.
const TEXT_STEPS: f64 = 500.0;

/// Most digits after the point.
const MAX_DECIMALS: usize = 9;

/// Shares beyond this are written in percent already: `knob 50 0 100 %`.
const LARGEST_SHARE: f32 = 10.0;

impl KnobUnit {
    /// What stands after a number, empty for a bare one.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            KnobUnit::None => "",
            KnobUnit::Hertz => "Hz",
            KnobUnit::Decibels => "dB",
            KnobUnit::Milliseconds => "ms",
            KnobUnit::Seconds => "s",
            KnobUnit::Semitones => "st",
            KnobUnit::Percent => "%",
        }
    }

    /// How many of it one of a written unit is; `None` if that is no unit for this knob.
    fn per_written(self, written: &str) -> Option<f64> {
        let written = written.to_lowercase();
        match (self, written.as_str()) {
            (_, "") => Some(1.0),
            (KnobUnit::Hertz, "hz")
            | (KnobUnit::Decibels, "db")
            | (KnobUnit::Milliseconds, "ms")
            | (KnobUnit::Seconds, "s" | "sec")
            | (KnobUnit::Semitones, "st" | "semitone" | "semitones")
            | (KnobUnit::Percent, "%") => Some(1.0),
            (KnobUnit::Hertz, "k" | "khz")
            | (KnobUnit::None, "k")
            | (KnobUnit::Milliseconds, "s" | "sec") => Some(1000.0),
            (KnobUnit::Seconds, "ms") => Some(0.001),
            _ => None,
        }
    }
}

impl KnobShape {
    /// A plain value as text with its unit: `812 Hz`, `20.0 %`, `-3.0 dB`.
    #[must_use]
    pub fn text(&self, plain: f32) -> String {
        let number = self.number_text(plain);
        match self.unit.symbol() {
            "" => number,
            symbol => format!("{number} {symbol}"),
        }
    }

    /// The number of [`text`](Self::text), for hosts that show the unit themselves.
    #[must_use]
    pub fn number_text(&self, plain: f32) -> String {
        let value = f64::from(plain) * self.shown_per_plain();
        let text = with_decimals(value, self.decimals(value));
        // Rounding may have reached the next power of ten: 9.996 is `10.0` and not `10.00`.
        let rounded = text.parse().unwrap_or(value);
        with_decimals(rounded, self.decimals(rounded))
    }

    /// The plain value that a text means, which may lie outside the range; `None` if it means none.
    /// Units may be left out or be a near relation: `0.8 kHz`, `0.1 s` for a knob in milliseconds.
    #[must_use]
    pub fn parse(&self, text: &str) -> Option<f32> {
        let text = text.trim().replace('−', "-");
        let (number, unit) = split_unit(&text)?;
        let number: f64 = match number.contains('.') {
            true => number.parse().ok()?,
            false => number.replace(',', ".").parse().ok()?,
        };
        let value = number * self.unit.per_written(unit)? / self.shown_per_plain();
        Some(value as f32).filter(|v| v.is_finite())
    }

    /// How many of the shown unit one of the program's is.
    fn shown_per_plain(&self) -> f64 {
        let is_share = self.min >= -LARGEST_SHARE && self.max <= LARGEST_SHARE;
        match self.unit {
            KnobUnit::Percent if is_share => 100.0,
            _ => 1.0,
        }
    }

    /// Digits after the point: the same ones all over an even range, three in all or more where a
    /// knob runs over powers of ten.
    fn decimals(&self, shown: f64) -> usize {
        let span = f64::from(self.max - self.min) * self.shown_per_plain();
        let mut step = span / TEXT_STEPS;
        let mut even = 0;
        while step < 1.0 && even < MAX_DECIMALS {
            step *= 10.0;
            even += 1;
        }
        if self.curve == KnobCurve::Linear {
            return even;
        }
        let mut decimals = 2;
        let mut size = shown.abs();
        while size >= 10.0 && decimals > 0 {
            size /= 10.0;
            decimals -= 1;
        }
        while size < 1.0 && decimals < MAX_DECIMALS {
            size *= 10.0;
            decimals += 1;
        }
        decimals.max(even)
    }
}

/// A number with so many digits after the point, and without a sign if they are all 0.
fn with_decimals(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(positive) if !positive.contains(|c: char| ('1'..='9').contains(&c)) => {
            positive.to_owned()
        }
        _ => text,
    }
}

/// The number at a text's beginning and what follows it. The `e` of `1e3` belongs to the number.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    let is_number = |at: usize, c: char| match c {
        '0'..='9' | '.' | ',' | '+' | '-' => true,
        'e' | 'E' => {
            let rest = text.get(at + 1..).unwrap_or("");
            let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            rest.starts_with(|c: char| c.is_ascii_digit())
        }
        _ => false,
    };
    let end = text
        .char_indices()
        .find(|(at, c)| !is_number(*at, *c))
        .map_or(text.len(), |(at, _)| at);
    let (number, unit) = text.split_at_checked(end)?;
    Some((number, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(min: f32, max: f32, curve: KnobCurve, unit: KnobUnit) -> KnobShape {
        KnobShape {
            min,
            max,
            default: min,
            curve,
            unit,
        }
    }

    const LIN: KnobCurve = KnobCurve::Linear;
    const LOG: KnobCurve = KnobCurve::Logarithmic;

    fn shapes() -> Vec<KnobShape> {
        vec![
            KnobShape::UNUSED,
            shape(20.0, 20_000.0, LOG, KnobUnit::Hertz),
            shape(20.0, 20_000.0, LIN, KnobUnit::Hertz),
            shape(-60.0, 0.0, LIN, KnobUnit::Decibels),
            shape(0.0, 1.0, LIN, KnobUnit::Percent),
            shape(-1.0, 2.0, LIN, KnobUnit::Percent),
            shape(0.0, 100.0, LIN, KnobUnit::Percent),
            shape(1.0, 2000.0, LOG, KnobUnit::Milliseconds),
            shape(0.001, 10.0, LOG, KnobUnit::Seconds),
            shape(-24.0, 24.0, LIN, KnobUnit::Semitones),
            shape(440.0, 441.0, LOG, KnobUnit::None),
            shape(-1e6, 1e6, LIN, KnobUnit::None),
            shape(1e-6, 2e-6, LIN, KnobUnit::None),
            shape(1e-7, 1e6, LOG, KnobUnit::None),
            shape(9_999.0, 10_001.0, LIN, KnobUnit::None),
        ]
    }

    #[test]
    fn texts_have_units_and_the_digits_that_matter() {
        let cutoff = shape(20.0, 20_000.0, LOG, KnobUnit::Hertz);
        let texts = [
            (cutoff, 812.3, "812 Hz"),
            (cutoff, 20.0, "20.0 Hz"),
            (cutoff, 99.97, "100 Hz"),
            (cutoff, 12_345.6, "12346 Hz"),
            (shape(0.0, 1.0, LIN, KnobUnit::Percent), 0.2, "20.0 %"),
            (shape(0.0, 100.0, LIN, KnobUnit::Percent), 20.0, "20.0 %"),
            (shape(-60.0, 0.0, LIN, KnobUnit::Decibels), -3.0, "-3.0 dB"),
            (
                shape(-24.0, 24.0, LIN, KnobUnit::Semitones),
                -0.001,
                "0.00 st",
            ),
            (
                shape(0.0, 1000.0, LIN, KnobUnit::Milliseconds),
                120.0,
                "120 ms",
            ),
            (shape(0.001, 10.0, LOG, KnobUnit::Seconds), 0.05, "0.0500 s"),
            (KnobShape::UNUSED, 0.5, "0.500"),
        ];
        for (shape, plain, expected) in texts {
            assert_eq!(shape.text(plain), expected);
            assert!(!shape.number_text(plain).contains(' '));
        }
    }

    /// What clap-validator asks: value, text, value, text, with and without the unit.
    #[test]
    fn texts_come_back_as_themselves() {
        for shape in shapes() {
            assert!(shape.is_valid(), "{shape:?}");
            for i in 0..=10_007_u32 {
                let normalised = i as f32 / 10_007.0;
                let text = shape.text(shape.plain(normalised));
                for written in [&text, &shape.number_text(shape.plain(normalised))] {
                    let read = shape.parse(written).expect("its own text");
                    let again = shape.normalised(read);
                    let tolerance = match shape.curve {
                        LIN => 0.001,
                        LOG => 0.006,
                    };
                    assert!((again - normalised).abs() <= tolerance, "{shape:?} {text}");
                    assert_eq!(
                        shape.text(shape.plain(again)),
                        text,
                        "{shape:?} {normalised}"
                    );
                }
            }
        }
    }

    #[test]
    fn people_may_write_other_units_and_commas() {
        let hz = shape(20.0, 20_000.0, LOG, KnobUnit::Hertz);
        let ms = shape(1.0, 2000.0, LOG, KnobUnit::Milliseconds);
        let share = shape(0.0, 1.0, LIN, KnobUnit::Percent);
        let db = shape(-60.0, 0.0, LIN, KnobUnit::Decibels);
        let read = [
            (hz, "812", Some(812.0)),
            (hz, " 812hz ", Some(812.0)),
            (hz, "0,8 kHz", Some(800.0)),
            (hz, "1.2k", Some(1200.0)),
            (hz, "1e3", Some(1000.0)),
            (hz, "99999", Some(99_999.0)),
            (hz, "12 dB", None),
            (hz, "", None),
            (hz, "e5", None),
            (hz, "1.2.3", None),
            (hz, "fast", None),
            (hz, "1e99", None),
            (ms, "0.12 s", Some(120.0)),
            (share, "20 %", Some(0.2)),
            (share, "20", Some(0.2)),
            (db, "−3 dB", Some(-3.0)),
            (db, "-3 db", Some(-3.0)),
            (db, "nan", None),
            (db, "ä", None),
        ];
        for (shape, text, expected) in read {
            assert_eq!(shape.parse(text), expected, "{text:?}");
        }
    }
}
