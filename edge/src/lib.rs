//! The outermost layer of the plugin: CLAP and VST3 entries around nice-plug's, for what a program
//! needs from a host and nice-plug does not offer.
//!
//! - Names, units, defaults and value texts of parameters that change at run time ([`Parameters`]).
//! - Automation at its frames, without nice-plug's detour over another thread ([`Automation`]).
//! - The process mode of a VST3, which nice-plug takes over one activation late.
//! - Telling the host of that, and that the project changed, on its main thread ([`Host`]).
//! - Telling the host which channels of a block are silent, and that the plugin wants every block.
//!
//! ```text
//! host ──▶ clap / vst3 ──▶ nice-plug's Wrapper ──▶ the plugin
//!             │  ▲                                    │
//!             │  └──────────── Host ◀─────────────────┤  names changed, mark dirty
//!             └───────────── Parameters ──────────────┘  name, unit, default, text
//! ```
//!
//! Nothing of nice-plug is copied or patched: both entries are built on its public wrapper types,
//! answer what they know better and pass all else on. The ids of parameters stay nice-plug's.
//!
//! | module | holds | thread |
//! |---|---|---|
//! | `parameters` | what the plugin says about its parameters, and where they are | host's main thread |
//! | `automation` | values of parameters at frames of a block | audio |
//! | `host` | the plugin's handle to its host | any but audio |
//! | `silence` | which channels of a block are silent | audio |
//! | `clap` | the CLAP object of an instance and its factory | host's |
//! | `vst3` | the VST3 object of an instance and its factory | host's |
//! | `export` | the list of exported plugins and the entry points of the library | loader's |
//!
//! This crate knows nothing of Glisten, and it is the only product crate that speaks foreign ABIs:
//! `unsafe` stands here so that it need not stand anywhere else.

#![allow(unsafe_code)]

mod audio_cell;
mod automation;
pub mod clap;
mod export;
mod held;
mod host;
mod ids;
mod parameters;
mod silence;
mod text;
pub mod vst3;

pub use automation::Automation;
pub use export::{Export, Exports};
pub use host::Host;
pub use parameters::{Description, Parameters};

#[doc(hidden)]
pub use nice_plug;
