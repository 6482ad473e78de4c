//! Elementary functions that give the same bits on every machine.
//!
//! Only additions, multiplications, divisions, comparisons and bit operations are used, so a scalar
//! loop, a vectorised loop and another processor agree (no function of the platform's mathematics
//! library is called). Each function states its error; the tests compare with the standard library.

use std::f64::consts::LOG2_E;

/// Limits `x` to `low ..= high`; a value that is not a number becomes `low`.
///
/// Written so that it compiles to one maximum and one minimum instruction.
#[inline(always)]
#[must_use]
pub fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > low { x } else { low };
    if x < high { x } else { high }
}

/// [`clamp`] for double precision.
#[inline(always)]
#[must_use]
pub fn clamp_f64(x: f64, low: f64, high: f64) -> f64 {
    let x = if x > low { x } else { low };
    if x < high { x } else { high }
}

/// `sin(π x)` for `-0.5 <= x <= 0.5`; relative error below 3e-7.
///
/// Odd polynomial of degree 9, minimax in the relative error (Remez exchange; 5.4e-9 in exact
/// arithmetic, the rest is single-precision rounding).
#[inline(always)]
#[must_use]
pub fn sin_half_turns(x: f32) -> f32 {
    let z = x * x;
    let p = 0.077_560_37 * z - 0.598_242_1;
    let p = p * z + 2.550_069_7;
    let p = p * z - 5.167_71;
    let p = p * z + std::f32::consts::PI;
    p * x
}

/// `sin(π x)` for |x| below 2^50; absolute error below 1e-11. For tables: it is slower than
/// [`sin_half_turns`].
///
/// Folded to ±½, then the Taylor series up to degree 15 (the next term is 6e-12 at ½).
#[must_use]
pub fn sin_half_turns_f64(x: f64) -> f64 {
    // Adding 1.5·2^52 rounds to a whole number without a library call.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let whole = (x + ROUND) - ROUND;
    let t = (x - whole) * std::f64::consts::PI;
    let z = t * t;
    let mut sum = 1.0;
    for k in [14.0, 12.0, 10.0, 8.0, 6.0, 4.0, 2.0] {
        sum = 1.0 - sum * z / (k * (k + 1.0));
    }
    let odd = whole * 0.5 != ((whole * 0.5 + ROUND) - ROUND);
    if odd { -t * sum } else { t * sum }
}

/// `cos(π x)` for `0 <= x <= 1`; absolute error below 3e-7, relative near the zero at ½ too.
#[inline(always)]
#[must_use]
pub fn cos_half_turns(x: f32) -> f32 {
    sin_half_turns(0.5 - x)
}

/// Sine of a phase whose 2³² steps are one cycle; absolute error below 3e-7.
///
/// The phase is folded to the rising quarter-wave pair by integer operations, which are exact.
#[inline(always)]
#[must_use]
pub fn sin_phase(phase: u32) -> f32 {
    const QUARTER: i32 = 1 << 30;
    // |phase − ¼| is the distance from the crest; ¼ minus that is the folded phase.
    let from_crest = (phase as i32).wrapping_sub(QUARTER);
    let folded = QUARTER.wrapping_sub(from_crest.wrapping_abs());
    sin_half_turns(folded as f32 * (1.0 / 2_147_483_648.0))
}

/// `tan(π x)` for `0 <= x <= 0.49`; relative error below 1e-6.
#[inline(always)]
#[must_use]
pub fn tan_half_turns(x: f32) -> f32 {
    sin_half_turns(x) / cos_half_turns(x)
}

/// `2^x`; relative error below 2e-12, 0 below −1022, largest finite power above 1023.
///
/// Power of two by exponent bits, times a minimax polynomial of degree 8 on `-0.5 ..= 0.5`.
#[must_use]
pub fn exp2(x: f64) -> f64 {
    if x < -1022.0 {
        return 0.0;
    }
    let x = clamp_f64(x, -1022.0, 1023.0);
    // Adding 1.5·2^52 rounds to a whole number without a library call.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    let whole = (x + ROUND) - ROUND;
    let f = x - whole;
    let p = 1.317_585_635_066_416_7e-6 * f + 1.530_973_755_118_830_8e-5;
    let p = p * f + 0.000_154_038_517_593_952_6;
    let p = p * f + 0.001_333_345_206_200_999;
    let p = p * f + 0.009_618_128_542_852_157;
    let p = p * f + 0.055_504_109_393_414_75;
    let p = p * f + 0.240_226_506_988_802_46;
    let p = p * f + 0.693_147_180_546_514_4;
    let fraction = f * p + 1.0;
    // −1022 ≤ whole ≤ 1023, so the biased exponent is 1 ..= 2046.
    fraction * f64::from_bits(((whole as i64 + 1023) as u64) << 52)
}

/// `e^x`; relative error below 2e-12 for |x| ≤ 20, 1e-10 elsewhere in range.
#[must_use]
pub fn exp(x: f64) -> f64 {
    exp2(x * LOG2_E)
}

/// `2^x` in single precision; relative error below 3e-7, −126 and 127 are the limits of `x`.
///
/// Power of two by exponent bits, times the Taylor polynomial of degree 7 on `-0.5 ..= 0.5` (1e-8 in
/// exact arithmetic). Without branches, so that a loop over it vectorises.
#[inline(always)]
#[must_use]
pub fn exp2_single(x: f32) -> f32 {
    let x = clamp(x, -126.0, 127.0);
    // Adding 1.5·2^23 rounds to a whole number without a library call.
    const ROUND: f32 = 12_582_912.0;
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    let p = 1.525_273_4e-5 * f + 1.540_353e-4;
    let p = p * f + 1.333_355_8e-3;
    let p = p * f + 9.618_129e-3;
    let p = p * f + 5.550_411e-2;
    let p = p * f + 2.402_265e-1;
    let p = p * f + std::f32::consts::LN_2;
    let fraction = f * p + 1.0;
    // The whole part stands in the low bits of the shifted mantissa; −126 ≤ whole ≤ 127.
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    fraction * f32::from_bits(exponent.wrapping_add(127) << 23)
}

/// Base-2 logarithm of a normal positive number; absolute error below 3e-7 plus 6e-8 of the result.
/// Anything below 2^-126 counts as 2^-126.
///
/// Exponent bits, plus `2/ln 2 · artanh((m − 1)/(m + 1))` of the mantissa between √½ and √2 as its
/// power series to the ninth. Without branches, so that a loop over it vectorises.
#[inline(always)]
#[must_use]
pub fn log2_single(x: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let bits = clamp(x, f32::MIN_POSITIVE, f32::MAX).to_bits();
    let exponent = (bits.wrapping_sub(ROOT_HALF) as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub((exponent as u32) << 23));
    let z = (m - 1.0) / (m + 1.0);
    let zz = z * z;
    let p = 0.320_598_9 * zz + 0.412_198_6;
    let p = p * zz + 0.577_078;
    let p = p * zz + 0.961_796_7;
    let p = p * zz + 2.885_39;
    exponent as f32 + p * z
}

/// Factor of a level in dB; within 2e-5 dB, from −758 to 764 dB.
#[inline(always)]
#[must_use]
pub fn gain_of_db(db: f32) -> f32 {
    exp2_single(db * (std::f32::consts::LOG2_10 / 20.0))
}

/// Level of a positive factor in dB; within 2e-5 dB from −120 to 120 dB, −758 for 0.
#[inline(always)]
#[must_use]
pub fn db_of_gain(gain: f32) -> f32 {
    log2_single(gain) * (20.0 * std::f32::consts::LOG10_2)
}

/// Natural logarithm of a normal number above 0; absolute error below 3e-16 plus 2e-16 of the result.
///
/// Exponent bits times ln 2, plus `2 artanh((m − 1)/(m + 1))` of the mantissa between √½ and √2 as
/// its series to the 17th power.
#[must_use]
pub fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    let bits = x.to_bits();
    let mut exponent = (bits >> 52) as i32 - 1023;
    let mut m = f64::from_bits(bits & MANTISSA | 1.0f64.to_bits());
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        exponent += 1;
    }
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let p = z * (2.0 / 17.0) + 2.0 / 15.0;
    let p = p * z + 2.0 / 13.0;
    let p = p * z + 2.0 / 11.0;
    let p = p * z + 2.0 / 9.0;
    let p = p * z + 2.0 / 7.0;
    let p = p * z + 2.0 / 5.0;
    let p = p * z + 2.0 / 3.0;
    let p = p * z + 2.0;
    p * s + f64::from(exponent) * std::f64::consts::LN_2
}

/// Cycles per frame as a 64-bit phase increment: 2^64 is one cycle, so that a phase wraps by itself.
///
/// `cycles_per_frame` must lie within −7 ..= 7 (any other gives some increment); resolution 2^-48
/// cycles, so a constant frequency drifts by less than 3e-7 cycles in an hour at 48 kHz. Adding 24
/// leaves the value as a fixed-point number in the mantissa, which needs no conversion instruction
/// and vectorises.
#[inline(always)]
#[must_use]
pub fn phase_increment(cycles_per_frame: f64) -> u64 {
    const BIAS: f64 = 24.0;
    (cycles_per_frame + BIAS)
        .to_bits()
        .wrapping_sub(BIAS.to_bits())
        << 16
}

/// The upper half of a 64-bit phase, for [`sin_phase`].
#[inline(always)]
#[must_use]
pub fn phase_high(phase: u64) -> u32 {
    (phase >> 32) as u32
}

/// A phase of 2^32 steps as cycles, 0 to 1 (1 by rounding only).
#[inline(always)]
#[must_use]
pub fn phase_cycles(phase: u32) -> f32 {
    (phase >> 1) as i32 as f32 * (1.0 / 2_147_483_648.0)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn sine_of_a_phase_is_within_3e_7() {
        let mut worst = 0.0f64;
        for i in 0..2_000_000u64 {
            let phase = (i * 2_147_483) as u32;
            let exact = (f64::from(phase) / 2f64.powi(32) * 2.0 * PI).sin();
            worst = worst.max((f64::from(sin_phase(phase)) - exact).abs());
        }
        println!("largest error of the sine {worst:.2e}");
        assert!(worst < 3e-7, "{worst}");
        assert_eq!(sin_phase(0), 0.0);
        assert!((sin_phase(1 << 30) - 1.0).abs() < 2e-7);
        assert!((sin_phase(3 << 30) + 1.0).abs() < 2e-7);
    }

    #[test]
    fn slow_sine_is_within_1e_11() {
        for i in -100_000..=100_000 {
            let x = f64::from(i) / 777.0;
            assert!(
                (sin_half_turns_f64(x) - (x * PI).sin()).abs() < 2e-11,
                "{x}"
            );
        }
        for i in -300..300 {
            assert_eq!(sin_half_turns_f64(f64::from(i)).abs(), 0.0);
        }
    }

    #[test]
    fn tangent_is_within_1e_6_up_to_the_highest_cutoff() {
        let mut worst = 0.0f64;
        for i in 1..=490_000 {
            let x = i as f32 / 1_000_000.0;
            let exact = (f64::from(x) * PI).tan();
            worst = worst.max((f64::from(tan_half_turns(x)) / exact - 1.0).abs());
        }
        println!("largest relative error of the tangent {worst:.2e}");
        assert!(worst < 1e-6, "{worst}");
    }

    #[test]
    fn powers_match_the_standard_library() {
        let mut worst = 0.0f64;
        for i in -100_000..=100_000 {
            let x = f64::from(i) / 100.0;
            worst = worst.max((exp2(x) / x.exp2() - 1.0).abs());
        }
        assert!(worst < 2e-12, "{worst}");
        for x in [-20.0, -6.3, -1.0, 0.0, 0.5, 1.0, 20.0f64] {
            assert!((exp(x) / x.exp() - 1.0).abs() < 2e-12, "{x}");
        }
        assert!((exp(-600.0) / (-600.0f64).exp() - 1.0).abs() < 1e-10);
        assert_eq!(exp2(1.0), 2.0);
        assert_eq!(exp2(-1.0), 0.5);
        assert_eq!(exp2(-5000.0), 0.0);
        assert!(exp2(5000.0).is_finite());
        assert!(exp2(f64::NAN).is_finite());
    }

    #[test]
    fn single_precision_powers_and_logarithms_match_the_standard_library() {
        let (mut power, mut logarithm) = (0.0f64, 0.0f64);
        for i in -126_000..=127_000i32 {
            let x = i as f32 / 1000.0;
            let exact = f64::from(x).exp2();
            power = power.max((f64::from(exp2_single(x)) / exact - 1.0).abs());
            let back = f64::from(log2_single(exact as f32));
            let want = f64::from(exact as f32).log2();
            logarithm = logarithm.max((back - want).abs() - 6e-8 * want.abs());
        }
        println!("largest error of the power {power:.2e}, of the logarithm {logarithm:.2e}");
        assert!(power < 3e-7 && logarithm < 3e-7, "{power} {logarithm}");
        for x in [f32::NAN, f32::NEG_INFINITY, -1e9, -126.0] {
            assert_eq!(exp2_single(x), f32::MIN_POSITIVE);
            assert_eq!(log2_single(x), -126.0);
        }
        assert_eq!(exp2_single(1e9), 1.701_411_8e38);
        assert!(log2_single(f32::INFINITY) <= 128.0);
        assert_eq!((exp2_single(0.0), log2_single(1.0)), (1.0, 0.0));
    }

    #[test]
    fn levels_in_db_are_right_and_come_back() {
        for i in -1200..=1200i32 {
            let db = i as f32 / 10.0;
            let exact = 20.0 * f64::from(gain_of_db(db)).log10();
            assert!((exact - f64::from(db)).abs() < 2e-5, "{db}: {exact}");
            let back = f64::from(db_of_gain(gain_of_db(db)));
            assert!((back - f64::from(db)).abs() < 4e-5, "{db}: {back}");
        }
        assert_eq!(gain_of_db(0.0), 1.0);
        assert_eq!(db_of_gain(1.0), 0.0);
    }

    #[test]
    fn logarithms_match_the_standard_library() {
        let mut worst = 0.0f64;
        for i in 0..400_000 {
            let x = 2f64.powf(f64::from(i) * 0.002 - 400.0);
            worst = worst.max((ln(x) - x.ln()).abs() / (1.0 + x.ln().abs()));
        }
        println!("largest error of the logarithm {worst:.2e}");
        assert!(worst < 5e-16, "{worst}");
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn increments_are_exact_to_the_resolution() {
        for c in [
            0.0,
            1.0 / 48_000.0,
            440.0 / 44_100.0,
            0.49,
            -0.25,
            3.7,
            -6.9,
        ] {
            let exact = (c * 2f64.powi(64)) as i128 as u64;
            let error = phase_increment(c).wrapping_sub(exact) as i64;
            assert!(error.abs() <= 1 << 15, "{c}: {error}");
        }
    }
}
