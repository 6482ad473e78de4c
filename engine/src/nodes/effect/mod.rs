//! Delays, reverbs and modulation effects.

pub mod apfmsgain;
pub mod chorus;
pub mod comb;
pub mod delayms;
pub mod delayn;
pub mod echo;
pub mod flanger;
pub mod hall;
pub mod phaser;
pub mod pingpong;
pub mod plate;
pub mod reverb;

mod line_delay;
mod recirculation;
mod repeats;
mod swaying;
