//! Channels and mixing.

pub mod balance;
pub mod get;
pub mod mix;
pub mod pan;
