//! Patterns in time.

pub mod arrange;
pub mod choose;
pub mod eu;
pub mod notes;
mod pace;
pub mod seq;
pub mod speed;
