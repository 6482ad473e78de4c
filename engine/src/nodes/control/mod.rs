//! Control signals.

pub mod beats;
pub mod hold;
pub mod knob;
pub mod lfo;
pub mod mtof;
pub mod pattern;
pub mod points;
pub mod quant;
pub mod sig;
pub mod slew;
pub mod walk;
