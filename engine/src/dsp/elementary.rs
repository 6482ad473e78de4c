//! Elementary functions in double precision for any argument, with the same bits on every machine.
//!
//! Scripts and arithmetic take whatever value a program gives them, so these reduce their argument
//! themselves; the narrow single-precision kernels of [`super::math`] are for oscillators and
//! filters. Only the four operations, square roots, rounding and bit operations are used, all of
//! which IEEE 754 rounds correctly. Series: Abramowitz and Stegun, Handbook of Mathematical
//! Functions, 4.1.27, 4.3.65, 4.3.66 and 4.4.42; argument reduction: Cody and Waite, Software Manual
//! for the Elementary Functions, 1980.
//!
//! Where a function has no value, the result is 0.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_6, LN_2, LN_10, LOG2_E};

use super::math;

/// π/2 in three parts: the first two have 33 bits, so that their products with whole numbers up to
/// 2²⁰ are exact.
const HALF_PI_HIGH: f64 = 1.570_796_326_734_125_6;
const HALF_PI_MIDDLE: f64 = 6.077_100_506_303_966e-11;
const HALF_PI_LOW: f64 = 2.022_266_248_795_950_6e-21;

/// Beyond this, neighbouring numbers lie further apart than a cycle has room for.
const LARGEST_ANGLE: f64 = 1e15;

/// An angle as a number of quarter turns and the rest within ±π/4.
fn quarter_turns(x: f64) -> (i64, f64) {
    if x.is_nan() || x.abs() > LARGEST_ANGLE {
        return (0, 0.0);
    }
    let turns = (x * (1.0 / FRAC_PI_2)).round();
    let rest = ((x - turns * HALF_PI_HIGH) - turns * HALF_PI_MIDDLE) - turns * HALF_PI_LOW;
    (turns as i64, math::clamp_f64(rest, -0.8, 0.8))
}

/// A polynomial by Horner's rule, the highest coefficient first.
#[inline(always)]
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

fn sin_small(x: f64) -> f64 {
    const C: [f64; 8] = [
        -1.0 / 1_307_674_368_000.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 39_916_800.0,
        1.0 / 362_880.0,
        -1.0 / 5_040.0,
        1.0 / 120.0,
        -1.0 / 6.0,
        1.0,
    ];
    x * polynomial(x * x, &C)
}

fn cos_small(x: f64) -> f64 {
    const C: [f64; 9] = [
        1.0 / 20_922_789_888_000.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 479_001_600.0,
        -1.0 / 3_628_800.0,
        1.0 / 40_320.0,
        -1.0 / 720.0,
        1.0 / 24.0,
        -0.5,
        1.0,
    ];
    polynomial(x * x, &C)
}

/// Sine of an angle in radians; absolute error below 1e-15 for |x| ≤ 10⁵, 2e-9 for |x| ≤ 10⁷; 0
/// beyond 10¹⁵.
#[must_use]
pub fn sin(x: f64) -> f64 {
    let (turns, rest) = quarter_turns(x);
    match turns & 3 {
        0 => sin_small(rest),
        1 => cos_small(rest),
        2 => -sin_small(rest),
        _ => -cos_small(rest),
    }
}

/// Cosine of an angle in radians; errors as [`sin`].
#[must_use]
pub fn cos(x: f64) -> f64 {
    let (turns, rest) = quarter_turns(x);
    match turns & 3 {
        0 => cos_small(rest),
        1 => -sin_small(rest),
        2 => -cos_small(rest),
        _ => sin_small(rest),
    }
}

/// Tangent of an angle in radians.
#[must_use]
pub fn tan(x: f64) -> f64 {
    divide(sin(x), cos(x))
}

/// Arc tangent, −π/2 to π/2; absolute error below 1e-15.
#[must_use]
pub fn atan(x: f64) -> f64 {
    /// tan(π/12): above it the argument is turned back by π/6.
    const FOLD: f64 = 0.267_949_192_431_122_7;
    const SQRT_3: f64 = 1.732_050_807_568_877_2;
    if x.is_nan() {
        return 0.0;
    }
    let size = x.abs();
    let (y, above_one) = if size > 1.0 {
        (1.0 / size, true)
    } else {
        (size, false)
    };
    let (y, base) = if y > FOLD {
        ((y * SQRT_3 - 1.0) / (SQRT_3 + y), FRAC_PI_6)
    } else {
        (y, 0.0)
    };
    let z = y * y;
    // Σ (−z)ᵏ / (2k + 1)
    let sum = (0..15)
        .rev()
        .fold(0.0, |sum, k| 1.0 / f64::from(2 * k + 1) - z * sum);
    let angle = base + y * sum;
    let angle = if above_one { FRAC_PI_2 - angle } else { angle };
    if x < 0.0 { -angle } else { angle }
}

/// Angle of the point (x, y) against the x axis, −π to π; 0 at the origin.
#[must_use]
pub fn atan2(y: f64, x: f64) -> f64 {
    use std::f64::consts::PI;
    if x == 0.0 {
        return sign(y) * FRAC_PI_2;
    }
    let angle = atan(y / x);
    match (x < 0.0, y < 0.0) {
        (false, _) => angle,
        (true, false) => angle + PI,
        (true, true) => angle - PI,
    }
}

/// Arc sine, −π/2 to π/2; 0 outside −1 ..= 1.
#[must_use]
pub fn asin(x: f64) -> f64 {
    if x.is_nan() || x.abs() > 1.0 {
        return 0.0;
    }
    atan2(x, ((1.0 - x) * (1.0 + x)).sqrt())
}

/// Arc cosine, 0 to π; 0 outside −1 ..= 1.
#[must_use]
pub fn acos(x: f64) -> f64 {
    if x.is_nan() || x.abs() > 1.0 {
        return 0.0;
    }
    FRAC_PI_2 - asin(x)
}

/// Natural logarithm; error below 1e-15 of the result or absolutely, whichever is larger; 0 for 0
/// and below.
#[must_use]
pub fn ln(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return 0.0;
    }
    // Subnormal numbers are first made normal.
    let (x, shift) = if x < f64::MIN_POSITIVE {
        (x * 18_014_398_509_481_984.0, -54)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let mut exponent = ((bits >> 52) & 0x7ff) as i32 - 1023 + shift;
    let mut mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    if mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        exponent += 1;
    }
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    // 2 artanh s = 2 Σ s²ᵏ⁺¹ / (2k + 1)
    let sum = (0..12)
        .rev()
        .fold(0.0, |sum, k| 1.0 / f64::from(2 * k + 1) + z * sum);
    f64::from(exponent) * LN_2 + 2.0 * s * sum
}

/// Logarithm to base 2; see [`ln`].
#[must_use]
pub fn log2(x: f64) -> f64 {
    ln(x) * LOG2_E
}

/// Logarithm to base 10; see [`ln`].
#[must_use]
pub fn log10(x: f64) -> f64 {
    ln(x) * (1.0 / LN_10)
}

/// Hyperbolic tangent; absolute error below 3e-12.
#[must_use]
pub fn tanh(x: f64) -> f64 {
    let e = math::exp(2.0 * math::clamp_f64(x, -20.0, 20.0));
    (e - 1.0) / (e + 1.0)
}

/// Hyperbolic sine; relative error of [`math::exp`].
#[must_use]
pub fn sinh(x: f64) -> f64 {
    0.5 * (math::exp(x) - math::exp(-x))
}

/// Hyperbolic cosine; relative error of [`math::exp`].
#[must_use]
pub fn cosh(x: f64) -> f64 {
    0.5 * (math::exp(x) + math::exp(-x))
}

/// −1, 0 or 1.
#[inline(always)]
#[must_use]
pub fn sign(x: f64) -> f64 {
    f64::from(i8::from(x > 0.0) - i8::from(x < 0.0))
}

/// A quotient; 0 where the divisor is 0.
#[inline(always)]
#[must_use]
pub fn divide(x: f64, y: f64) -> f64 {
    if y == 0.0 { 0.0 } else { x / y }
}

/// What a division to a whole quotient leaves, with the sign of `x`; 0 where the divisor is 0.
///
/// Exact on every platform: the rest of a division is always a number of the format.
#[inline]
#[must_use]
pub fn remainder(x: f64, y: f64) -> f64 {
    if y == 0.0 { 0.0 } else { x % y }
}

/// `x` to the power `y`. Whole exponents up to 64 are products; a negative base has powers with
/// whole exponents only, others are 0. Relative error below 1e-10 where the result is no product.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    let whole = y == y.trunc();
    if whole && y.abs() <= 64.0 {
        let product = whole_power(x, y.abs() as u32);
        return if y < 0.0 {
            divide(1.0, product)
        } else {
            product
        };
    }
    if x == 0.0 || !y.is_finite() {
        return 0.0;
    }
    if y == 0.5 {
        return sqrt(x);
    }
    let size = math::exp2(y * log2(x.abs()));
    match (x < 0.0, whole) {
        (false, _) => size,
        (true, true) if y % 2.0 == 0.0 => size,
        (true, true) => -size,
        (true, false) => 0.0,
    }
}

fn whole_power(x: f64, mut n: u32) -> f64 {
    let (mut result, mut square) = (1.0, x);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// Square root; 0 of what is negative.
#[inline(always)]
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    if x > 0.0 { x.sqrt() } else { 0.0 }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    /// Largest difference between two functions over a range.
    fn worst(low: f64, high: f64, f: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64) -> f64 {
        (0..=200_000)
            .map(|i| low + (high - low) * f64::from(i) / 200_000.0)
            .fold(0.0, |worst, x| f64::max(worst, (f(x) - exact(x)).abs()))
    }

    #[test]
    fn errors_are_as_stated() {
        assert!(worst(-10.0, 10.0, sin, f64::sin) < 1e-15);
        assert!(worst(-1e5, 1e5, sin, f64::sin) < 1e-15);
        assert!(worst(-1e7, 1e7, sin, f64::sin) < 2e-9);
        assert!(worst(-1e5, 1e5, cos, f64::cos) < 1e-15);
        assert!(worst(-1.5, 1.5, tan, f64::tan) < 1e-13);
        assert!(worst(-30.0, 30.0, atan, f64::atan) < 1e-15);
        assert!(worst(-1.0, 1.0, asin, f64::asin) < 1e-15);
        assert!(worst(-1.0, 1.0, acos, f64::acos) < 1e-15);
        assert!(worst(-25.0, 25.0, tanh, f64::tanh) < 3e-12);
        assert!(worst(1e-6, 20.0, ln, f64::ln) < 4e-15);
        assert!(worst(1e-6, 20.0, log2, f64::log2) < 5e-15);
        assert!(worst(1e-6, 2e4, log10, f64::log10) < 2e-15);
        assert!(worst(-3.0, 3.0, sinh, f64::sinh) < 1e-10);
        assert!(worst(-3.0, 3.0, cosh, f64::cosh) < 1e-10);
        let third = |x: f64| pow(x, 1.0 / 3.0) / x.powf(1.0 / 3.0) - 1.0;
        assert!(worst(1e-3, 1e3, third, |_| 0.0) < 1e-10);
        for (y, x) in [
            (1.0, 2.0),
            (1.0, -2.0),
            (-1.0, -2.0),
            (-3.0, 0.5),
            (0.0, -1.0),
        ] {
            assert!((atan2(y, x) - y.atan2(x)).abs() < 1e-15, "{y} {x}");
        }
        for x in [1e-310, 1e-20, 1.0, 3e200] {
            assert!((ln(x) - x.ln()).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn products_are_exact_and_gaps_are_zero() {
        assert_eq!(pow(3.0, 4.0), 81.0);
        assert_eq!(pow(-2.0, 3.0), -8.0);
        assert_eq!(pow(2.0, -2.0), 0.25);
        assert_eq!(pow(9.0, 0.5), 3.0);
        assert_eq!(pow(-2.0, 65.0), -(65f64.exp2()));
        let gaps = [
            divide(1.0, 0.0),
            remainder(1.0, 0.0),
            ln(0.0),
            ln(-1.0),
            ln(f64::NAN),
            sqrt(-1.0),
            pow(-2.0, 0.5),
            pow(-2.0, 0.3),
            pow(0.0, -1.0),
            asin(1.1),
            acos(f64::NAN),
            sin(f64::INFINITY),
            sin(f64::NAN),
            atan(f64::NAN),
        ];
        assert_eq!(gaps, [0.0; 14]);
        assert_eq!(remainder(-7.0, 3.0), -1.0);
        assert_eq!((sign(-3.0), sign(0.0), sign(f64::NAN)), (-1.0, 0.0, 0.0));
    }
}
