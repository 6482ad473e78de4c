//! Distortion.

pub mod clip;
pub mod crush;
pub mod fold;
pub mod tanh;

mod shaped;
