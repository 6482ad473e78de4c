//! Control signals.

pub mod beats;
pub mod hold;
pub mod sig;
pub mod slew;
