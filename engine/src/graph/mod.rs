//! From a checked program to an executable plan: graph, loops, what an edit keeps, fades, order,
//! blocks.
//!
//! Thread: control ([`plan`] describes what the audio thread runs).

mod build;
mod compile;
mod cycles;
mod diff;
mod fade;
mod group;
mod keep;
mod layout;
mod number;
pub mod plan;
mod prepare;
mod rest;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod unheard;
mod vertex;

pub use compile::{Compiled, MAX_LINE_BYTES, Settings, compile};
pub use layout::Layout;
pub use prepare::examine;
pub use unheard::Unheard;
