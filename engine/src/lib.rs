//! The engine of Glisten: from the text of a Glicol program to audio, without clicks.
//!
//! ```text
//! text --parse--> AST --resolve--> Program --compile--> Plan --swap--> running graph
//!        syntax         resolve            graph              render
//!        (control thread: allocates and frees)                 (audio thread: neither)
//! ```
//!
//! The crate knows no plugin format, window, file or thread; it also builds for WebAssembly.

pub mod diagnostics;
pub mod dsp;
pub mod graph;
pub mod knob;
pub mod midi;
pub mod nodes;
pub mod processor;
pub mod registry;
pub mod resolve;
pub mod samples;
pub mod script;
pub mod syntax;
pub mod text;
pub mod transport;
pub mod voice;

mod engine;
pub mod render;

pub use diagnostics::plain::render_all as render_diagnostics;
pub use diagnostics::{Code, Diagnostic, Fix, Help, Label, Located, Severity, locate, nearest};
pub use engine::{
    Config, Engine, Evaluation, Kind, Launch, Parts, StatusReader, create, fault_diagnostic,
};
pub use knob::{KNOB_SLOTS, KnobBinding, KnobChange, KnobCurve, KnobShape, KnobUnit, KnobUpdate};
pub use midi::{MidiEvent, NoteAddress, NoteExpression, SentNote};
pub use nodes::BUILTIN;
pub use processor::BLOCK_FRAMES;
pub use registry::{
    ArgKind, ArgSpec, Category, Input, NodeSpec, Registry, Role, Smoothing, Tail, Unit, Width,
};
pub use render::{
    AudioBlock, Event, EventKind, Fault, FaultKind, GuardStatus, PROGRAMS, PanicButton, Renderer,
    Status,
};
#[cfg(feature = "samples")]
pub use samples::{
    Decoded as DecodedSample, EXTENSIONS as SAMPLE_EXTENSIONS, decode as decode_sample,
};
pub use samples::{
    MemoryBank, Sample, SampleBank, SampleError, normalised as normalised_sample_name,
    resampled as resampled_sample,
};
pub use syntax::{Parser, Token, TokenClass, highlight};
pub use text::{LineColumn, LineIndex, Span};
pub use transport::{FreeRun, HostTransport};
