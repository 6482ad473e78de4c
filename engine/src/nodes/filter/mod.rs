//! Filters.

pub mod bell;
pub mod bpf;
pub mod highshelf;
pub mod hpf;
pub mod lowshelf;
pub mod lpf;
pub mod moog;
pub mod morph;
pub mod notch;
pub mod onepole;

mod equalizer;
mod state_variable;
