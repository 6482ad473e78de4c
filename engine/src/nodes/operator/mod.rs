//! Arithmetic.

pub mod add;
pub mod expr;
pub mod mul;

mod arithmetic;
