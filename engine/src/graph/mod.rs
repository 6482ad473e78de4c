//! From a checked program to an executable plan: graph, loops, what an edit keeps, fades, order,
//! blocks.
//!
//! Thread: control ([`plan`] describes what the audio thread runs).

mod build;
mod compile;
mod cycles;
mod diff;
mod fade;
mod layout;
pub mod plan;
mod schedule;
#[cfg(test)]
mod schedule_tests;
mod vertex;

pub use compile::{Compiled, MAX_LINE_BYTES, MAX_NODES, Settings, Unheard, compile, examine};
pub use layout::Layout;
