//! The audio half: runs a plan, swaps plans, fades, guards. It knows no text but the spans that
//! faults are reported at.
//!
//! Thread: audio, except constructors.

mod adopt;
mod block;
mod denormal;
mod exchange;
mod guard;
mod launch;
mod live;
mod load;
mod panic;
mod player;
mod programs;
mod ramp;
mod renderer;
mod run;
mod sent;
mod sleep;
mod song;
mod started;
mod status;
mod voices;

pub use block::{AudioBlock, Event, EventKind};
pub(crate) use exchange::Exchange;
pub use panic::PanicButton;
pub use programs::PROGRAMS;
pub use renderer::Renderer;
pub use run::WallClock;
pub(crate) use song::{SongSwitch, SongWish};
pub(crate) use started::StartedKnobs;
pub use status::{Fault, FaultKind, GuardStatus, Status};
