//! Hosts that load the real plugin binaries, and what the suites share.
//!
//! [`host::Host`] is one loaded plugin instance in either format; [`scenario::Scenario`] says what
//! a render shall be: audio, block sizes, song, parameter changes and notes. Tests are written once
//! against the trait and run in CLAP and VST3.

pub mod analysis;
pub mod artifacts;
pub mod clap_host;
pub mod demo;
pub mod drive;
pub mod editor;
pub mod fixture;
pub mod fuzz;
pub mod host;
pub mod performance;
pub mod program_state;
pub mod rt_cases;
pub mod rtcheck;
pub mod scenario;
pub mod song;
pub mod vst3_host;
pub mod x11;
