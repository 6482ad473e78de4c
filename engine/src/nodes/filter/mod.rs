//! Filters.

pub mod hpf;
pub mod lpf;
pub mod moog;

mod state_variable;
