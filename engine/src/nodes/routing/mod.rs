//! Channels and mixing.

pub mod balance;
pub mod get;
mod half;
pub mod mid;
pub mod midside;
pub mod mix;
pub mod pan;
pub mod side;
pub mod width;
