//! Patterns in time.

pub mod arrange;
pub mod choose;
pub mod seq;
pub mod speed;
