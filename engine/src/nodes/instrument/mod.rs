//! Drums and small synthesizers.

pub mod bd;
pub mod hh;
pub mod msgsynth;
pub mod pluck;
pub mod sawsynth;
pub mod sn;
pub mod squsynth;
pub mod trisynth;

mod hit;
mod synth;
