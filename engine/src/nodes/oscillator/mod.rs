//! Tones and noise.

pub mod imp;
pub mod noiz;
pub mod pink;
pub mod saw;
pub mod sin;
pub mod squ;
pub mod tri;

mod tone;
