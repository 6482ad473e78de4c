//! Envelopes.

pub mod envperc;
