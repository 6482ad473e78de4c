//! Kernels: plain numbers and slices, no knowledge of nodes, plans or hosts.
//!
//! Rules every kernel here obeys, because chunks may be cut anywhere:
//! - the samples for a run of frames do not depend on how the run is cut into calls;
//! - an argument that is held and one that moves but stays the same give the same bits, so every
//!   coefficient is a function of one frame's argument and is computed by the same operations in
//!   both paths;
//! - `reset` returns to the just-built state and never touches the memory of a line;
//! - no fused multiply-add and no transcendental function of the standard library (see [`math`]).
//!
//! Slices hold at most [`MAX_FRAMES`] frames per call unless a kernel says otherwise.

pub mod delay_line;
pub mod envelope;
pub mod math;
pub mod noise;
pub mod oscillator;
pub mod plate;
pub mod svf;

/// Most frames one call of a kernel handles.
pub const MAX_FRAMES: usize = 64;

/// Cuts a run of frames to what one call may handle.
#[inline]
pub(crate) fn frames_of(len: usize) -> usize {
    len.min(MAX_FRAMES)
}
