//! What keys play: voice values, triggers, the sum of voices and controllers.

pub mod bend;
pub mod cc;
pub mod freq;
pub mod gate;
#[allow(dead_code)] // Not in the list yet.
pub mod midi;
pub mod note;
pub mod poly;
pub mod press;
pub mod timbre;
pub mod vel;

mod value;
