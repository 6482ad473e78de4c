//! Glisten as an audio plugin: two plugins (instrument and effect) in CLAP and VST3.
//!
//! | module | holds | thread |
//! |---|---|---|
//! | `plugin` | the two plugins as nice-plug sees them | host's main and audio threads |
//! | `process` | the audio callback | audio |
//! | `controls` | parameters that act on the sound, and what of them changed | audio |
//! | `event_queue` | the events of one call of the engine, in its order | audio |
//! | `midi` | the host's notes and controllers as the engine's | audio |
//! | `params` | host parameters | any |
//! | `knobs` | the parameters that programs bind by name | any |
//! | `samples` | the sample folder | worker, host's main thread |
//! | `session` | texts, results and the engine's control half | all but audio |
//! | `background` | the instance's worker thread | worker |
//! | `drain` | waiting for nice-plug's worker in VST3 | host's main thread |
//! | `state` | the saved document | host's main thread |
//! | `editor` | the window | GUI |

pub mod background;
pub mod controls;
pub mod drain;
pub mod editor;
pub mod event_queue;
pub mod knobs;
pub mod midi;
pub mod params;
pub mod plugin;
pub mod process;
pub mod samples;
pub mod session;
pub mod state;

/// Seed of all random choices of a new instance and of the command-line program: the same program
/// makes the same choices everywhere, until somebody asks for others.
pub const DEFAULT_SEED: u64 = 0;

pub use plugin::{Glisten, GlistenFx};

edge::export!(Glisten, GlistenFx);
