//! Control signals.

pub mod beats;
pub mod sig;
