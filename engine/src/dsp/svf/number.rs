//! One number, or four side by side: the filter's arithmetic is written once for both.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::dsp::math::clamp;

/// A number, or one per lane.
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The number `x`, in all lanes.
    fn splat(x: f32) -> Self;
    /// [`clamp`] in all lanes.
    fn limit(self, low: f32, high: f32) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        x
    }
    #[inline(always)]
    fn limit(self, low: f32, high: f32) -> Self {
        clamp(self, low, high)
    }
}

/// Groups computed side by side.
pub const LANES: usize = 4;

/// One number per group.
#[derive(Clone, Copy, Debug)]
pub struct Lanes(pub [f32; LANES]);

impl Lanes {
    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let (a, b) = (self.0, other.0);
        Self([f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])])
    }
}

impl Add for Lanes {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, Add::add)
    }
}

impl Sub for Lanes {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, Sub::sub)
    }
}

impl Mul for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(other, Mul::mul)
    }
}

impl Div for Lanes {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.with(other, Div::div)
    }
}

impl Neg for Lanes {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0.map(Neg::neg))
    }
}

impl Number for Lanes {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; LANES])
    }
    #[inline(always)]
    fn limit(self, low: f32, high: f32) -> Self {
        Self(self.0.map(|x| clamp(x, low, high)))
    }
}
