//! Control signals.

pub mod sig;
