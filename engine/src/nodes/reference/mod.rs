//! Signals that every program may refer to without defining them.

pub mod bar;
pub mod beat;
pub mod bpm;
pub mod input;
pub mod playing;
pub mod sidechain;

mod bus;
mod transport;
