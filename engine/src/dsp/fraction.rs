//! The fraction that a rounded number was written as.

/// Denominators beyond this are no fractions that anybody wrote.
const MAX_DENOMINATOR: f64 = 4096.0;

/// The simplest fraction that rounds to `x`, with more digits than `x` can hold; `x` itself if there
/// is none. For 0 and positive numbers.
///
/// A third as `f32` is off by 3e-8, which a grid of thirds adds up over a song. The convergents of a
/// continued fraction come nearer step by step; the first that rounds to `x` is what was meant.
#[must_use]
pub fn unrounded(x: f32) -> f64 {
    let (mut numerator, mut before_numerator) = (1.0, 0.0);
    let (mut denominator, mut before_denominator) = (0.0, 1.0);
    let mut rest = f64::from(x);
    while denominator <= MAX_DENOMINATOR && rest.is_finite() {
        let whole = rest.floor();
        (numerator, before_numerator) = (whole * numerator + before_numerator, numerator);
        (denominator, before_denominator) = (whole * denominator + before_denominator, denominator);
        let fraction = numerator / denominator;
        if fraction as f32 == x {
            return fraction;
        }
        rest = (rest - whole).recip();
    }
    f64::from(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_values_come_back_exactly() {
        for under in 1..=1000 {
            for (over, third) in [(1.0, 1.0), (3.0, 2.0), (2.0, 3.0), (7.0, 1.0)] {
                let exact = over / (third * f64::from(under));
                assert_eq!(unrounded(exact as f32), exact, "{over}/({third} * {under})");
            }
        }
    }

    #[test]
    fn other_numbers_stay() {
        for x in [
            0.0,
            1.0,
            1024.0,
            0.001_234_567,
            0.123_456_79,
            f32::MAX,
            f32::MIN_POSITIVE,
        ] {
            assert_eq!(unrounded(x) as f32, x);
        }
        assert!(unrounded(f32::NAN).is_nan());
        assert_eq!(unrounded(f32::INFINITY), f64::INFINITY);
    }
}
