//! The operations of all arithmetic, in double precision.
//!
//! Where an operation has no value, it gives 0: x / 0, the remainder by 0, roots and logarithms of
//! what is negative. Comparisons and logic give 1 or 0; whatever is not 0 counts as true.

use crate::dsp::{elementary, math};

/// Runs `$apply` with the operation as a constant, so that a loop in it is compiled for each operation
/// alone.
macro_rules! for_one {
    ($ops:ident, $op:expr, [$($name:ident)*], |$one:ident| $apply:expr) => {
        match $op {
            $($ops::$name => {
                const ONE: $ops = $ops::$name;
                let $one = ONE;
                $apply
            })*
        }
    };
}

/// Functions of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Negate,
    Not,
    Abs,
    Sign,
    Floor,
    Ceil,
    /// To the nearest whole number, halves away from 0.
    Round,
    /// Towards 0.
    Truncate,
    /// What lies above the floor: 0 ≤ fract < 1.
    Fract,
    /// What truncation takes away, with the sign of the value.
    Fraction,
    Sqrt,
    Exp,
    Ln,
    Log10,
    Log2,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    /// Towards 0; the result divides as whole numbers do.
    Whole,
    /// The value itself; it divides as fractions do.
    Float,
    /// Degrees to radians.
    Radians,
    /// Radians to degrees.
    Degrees,
}

/// Functions of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    /// A quotient without its fraction, as whole numbers divide.
    DivideWhole,
    Remainder,
    /// The remainder with the sign of the divisor: 0 ≤ wrap < divisor.
    Wrap,
    Power,
    Min,
    Max,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Atan2,
    Hypot,
    /// Rounds the right side to multiples of the left one.
    RoundTo,
    /// Logarithm of the right side to the base of the left one.
    LogBase,
    /// Bits of whole numbers.
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

impl UnaryOp {
    /// The result.
    #[inline(always)]
    #[must_use]
    pub fn apply(self, x: f64) -> f64 {
        match self {
            UnaryOp::Negate => -x,
            UnaryOp::Not => truth(x == 0.0),
            UnaryOp::Abs => x.abs(),
            UnaryOp::Sign => elementary::sign(x),
            UnaryOp::Floor => x.floor(),
            UnaryOp::Ceil => x.ceil(),
            UnaryOp::Round => x.round(),
            UnaryOp::Truncate | UnaryOp::Whole => x.trunc(),
            UnaryOp::Float => x,
            UnaryOp::Fract => x - x.floor(),
            UnaryOp::Fraction => x - x.trunc(),
            UnaryOp::Sqrt => elementary::sqrt(x),
            UnaryOp::Exp => math::exp(x),
            UnaryOp::Ln => elementary::ln(x),
            UnaryOp::Log10 => elementary::log10(x),
            UnaryOp::Log2 => elementary::log2(x),
            UnaryOp::Sin => elementary::sin(x),
            UnaryOp::Cos => elementary::cos(x),
            UnaryOp::Tan => elementary::tan(x),
            UnaryOp::Asin => elementary::asin(x),
            UnaryOp::Acos => elementary::acos(x),
            UnaryOp::Atan => elementary::atan(x),
            UnaryOp::Sinh => elementary::sinh(x),
            UnaryOp::Cosh => elementary::cosh(x),
            UnaryOp::Tanh => elementary::tanh(x),
            UnaryOp::Radians => x * (std::f64::consts::PI / 180.0),
            UnaryOp::Degrees => x * (180.0 / std::f64::consts::PI),
        }
    }

    /// Replaces each value by its result.
    pub fn apply_all(self, xs: &mut [f64]) {
        for_one!(
            UnaryOp,
            self,
            [Negate Not Abs Sign Floor Ceil Round Truncate Fract Fraction Sqrt Exp Ln Log10 Log2
                Sin Cos Tan Asin Acos Atan Sinh Cosh Tanh Whole Float Radians Degrees],
            |op| xs.iter_mut().for_each(|x| *x = op.apply(*x))
        );
    }

    /// Whether the result divides as whole numbers do, by whether the value does.
    #[must_use]
    pub const fn is_whole(self, value: bool) -> bool {
        match self {
            UnaryOp::Negate | UnaryOp::Abs | UnaryOp::Sign => value,
            UnaryOp::Not | UnaryOp::Whole => true,
            _ => false,
        }
    }
}

impl BinaryOp {
    /// The result.
    #[inline(always)]
    #[must_use]
    pub fn apply(self, x: f64, y: f64) -> f64 {
        match self {
            BinaryOp::Add => x + y,
            BinaryOp::Subtract => x - y,
            BinaryOp::Multiply => x * y,
            BinaryOp::Divide => elementary::divide(x, y),
            BinaryOp::DivideWhole => elementary::divide(x, y).trunc(),
            BinaryOp::Remainder => elementary::remainder(x, y),
            BinaryOp::Wrap => {
                let rest = elementary::remainder(x, y);
                if rest * y < 0.0 { rest + y } else { rest }
            }
            BinaryOp::Power => elementary::pow(x, y),
            BinaryOp::Min => {
                if y < x {
                    y
                } else {
                    x
                }
            }
            BinaryOp::Max => {
                if y > x {
                    y
                } else {
                    x
                }
            }
            BinaryOp::Less => truth(x < y),
            BinaryOp::LessOrEqual => truth(x <= y),
            BinaryOp::Greater => truth(x > y),
            BinaryOp::GreaterOrEqual => truth(x >= y),
            BinaryOp::Equal => truth(x == y),
            BinaryOp::NotEqual => truth(x != y),
            BinaryOp::And => truth(x != 0.0 && y != 0.0),
            BinaryOp::Or => truth(x != 0.0 || y != 0.0),
            BinaryOp::Atan2 => elementary::atan2(x, y),
            BinaryOp::Hypot => elementary::sqrt(x * x + y * y),
            BinaryOp::RoundTo => elementary::divide(y, x).round() * x,
            BinaryOp::LogBase => elementary::divide(elementary::ln(y), elementary::ln(x)),
            BinaryOp::BitAnd => (bits(x) & bits(y)) as f64,
            BinaryOp::BitOr => (bits(x) | bits(y)) as f64,
            BinaryOp::BitXor => (bits(x) ^ bits(y)) as f64,
            BinaryOp::ShiftLeft => shift(x, y) as f64,
            BinaryOp::ShiftRight => shift(x, -y) as f64,
        }
    }

    /// Replaces each left value by its result with the right one beside it.
    pub fn apply_all(self, xs: &mut [f64], ys: &[f64]) {
        for_one!(
            BinaryOp,
            self,
            [Add Subtract Multiply Divide DivideWhole Remainder Wrap Power Min Max Less LessOrEqual
                Greater GreaterOrEqual Equal NotEqual And Or Atan2 Hypot RoundTo LogBase BitAnd
                BitOr BitXor ShiftLeft ShiftRight],
            |op| xs.iter_mut().zip(ys).for_each(|(x, y)| *x = op.apply(*x, *y))
        );
    }

    /// Whether it treats its operands as bits of whole numbers.
    #[must_use]
    pub const fn is_bitwise(self) -> bool {
        matches!(
            self,
            BinaryOp::BitAnd
                | BinaryOp::BitOr
                | BinaryOp::BitXor
                | BinaryOp::ShiftLeft
                | BinaryOp::ShiftRight
        )
    }
}

/// A condition as a number.
#[inline(always)]
fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// A value as a whole number of 32 bits, as upstream's scripts have them. The conversion saturates.
#[inline(always)]
fn bits(x: f64) -> i32 {
    x as i64 as i32
}

/// Shifts the bits of `x` left, or right by a negative distance.
#[inline(always)]
fn shift(x: f64, distance: f64) -> i32 {
    let (x, distance) = (bits(x), math::clamp_f64(distance, -31.0, 31.0) as i32);
    if distance >= 0 {
        x.wrapping_shl(distance.unsigned_abs())
    } else {
        x.wrapping_shr(distance.unsigned_abs())
    }
}
