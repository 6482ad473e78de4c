//! Delays, reverbs and modulation effects.

pub mod chorus;
pub mod delayms;
pub mod echo;
pub mod flanger;
pub mod phaser;
pub mod pingpong;
pub mod plate;
pub mod reverb;

mod repeats;
