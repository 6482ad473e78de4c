//! Delays and reverbs.

pub mod delayms;
pub mod plate;
pub mod reverb;
