//! Arithmetic.

pub mod add;
pub mod mul;

mod arithmetic;
