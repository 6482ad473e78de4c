//! Control signals.

pub mod beats;
pub mod hold;
pub mod pattern;
pub mod points;
pub mod sig;
pub mod slew;
