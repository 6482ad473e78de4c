//! Envelopes.

pub mod adsr;
pub mod envperc;
