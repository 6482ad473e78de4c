//! Channels and mixing.

pub mod balance;
pub mod get;
pub mod mid;
pub mod midside;
pub mod mix;
pub mod pan;
pub mod side;
pub mod width;
