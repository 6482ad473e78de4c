//! Drums.

pub mod bd;
pub mod hh;
pub mod sn;

mod hit;
