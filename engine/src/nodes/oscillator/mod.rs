//! Tones and noise.

pub mod brown;
pub mod imp;
pub mod noiz;
pub mod pink;
pub mod pulse;
pub mod saw;
pub mod sin;
pub mod squ;
pub mod supersaw;
pub mod tri;
pub mod wave;

mod colored;
mod tone;
