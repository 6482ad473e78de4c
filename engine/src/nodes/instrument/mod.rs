//! Drums, small synthesizers and samplers.

pub mod bd;
pub mod hh;
pub mod msgsynth;
pub mod pluck;
pub mod psampler;
pub mod sawsynth;
pub mod sn;
pub mod sp;
pub mod squsynth;
pub mod trisynth;

mod hit;
pub mod p_synth;
mod synth;
mod voices;
