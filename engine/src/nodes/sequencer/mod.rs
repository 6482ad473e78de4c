//! Patterns in time.

pub mod choose;
pub mod seq;
pub mod speed;
