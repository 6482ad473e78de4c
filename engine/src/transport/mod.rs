//! Song position on the audio thread: from what the host says to exact trigger frames.
//!
//! A [`Clock`] is a straight line through (anchor frame, anchor beat). It is renewed only when the
//! transport starts, the tempo changes or the host's position differs by more than half a frame
//! (R7.1), so rounding in the host's figures never moves, doubles or loses a trigger.
//!
//! Beats are quarter notes; a bar is four of them, whatever the host's time signature.
//!
//! Thread: audio (all of it is arithmetic on values); control for tests.

mod clock;
mod follow;
mod steps;

pub use clock::Clock;
pub use follow::{FreeRun, HostTransport, Transport};
pub use steps::{CycleGrid, StepCursor, StepGrid, held_step};

/// Beats in a bar: as in Glicol, whatever the host's time signature.
pub const BEATS_PER_BAR: f64 = 4.0;

/// Fewest frames from one trigger of a sequencer to its next (R7.6); what would come sooner is left
/// out.
pub const MIN_TRIGGER_GAP_FRAMES: u64 = 8;
