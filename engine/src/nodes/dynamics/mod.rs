//! Nodes that change the level by the level.

pub mod compress;
pub mod duck;
pub mod follow;
pub mod gate;
pub mod limiter;

mod listen;
