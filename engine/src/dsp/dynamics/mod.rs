//! Kernels that make a gain from a level: compressor, limiter, gate, ducker, follower.
//!
//! All of them listen through [`Peak`], so that the gain stands still during a steady tone instead
//! of following its waves, and none looks ahead. Arrays hold one value per frame of a call.

mod compressor;
mod ducker;
mod follower;
mod gate;
mod limiter;
mod peak;

pub use compressor::{Compressor, KNEE_DB, reduction_db};
pub use ducker::{ATTACK_MS, Ducker, FULL_DB, NONE_DB};
pub use follower::Follower;
pub use gate::{Gate, HYSTERESIS_DB};
pub use limiter::Limiter;
pub use peak::{HOLD_SECONDS, Peak};

use super::math::exp;

/// Share of the way that one frame covers if 63 % (1 − 1/e) take `ms` milliseconds; all of it for 0.
#[inline(always)]
#[must_use]
pub fn share(ms: f32, frames_per_ms: f64) -> f64 {
    1.0 - exp(-1.0 / (f64::from(ms) * frames_per_ms))
}

/// Part of a straight line from 0 to 1 that one frame covers if all of it takes `ms` milliseconds.
#[inline(always)]
#[must_use]
pub fn step(ms: f32, frames_per_ms: f64) -> f64 {
    1.0 / (f64::from(ms) * frames_per_ms).max(1.0)
}
