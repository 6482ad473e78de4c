//! Errors, warnings and notes about a program, as data.
//!
//! All texts stand in `problems.rs`; those of words that scripts cannot use, in `refused.rs`. How a diagnostic is drawn is its reader's business; `plain` is
//! the drawing for terminals and logs.
//!
//! Thread: control and GUI.

mod codes;
mod diagnostic;
mod kinds;
mod located;
pub mod plain;
mod problems;
mod refused;
mod suggest;

pub use diagnostic::{Code, Diagnostic, Fix, Help, Label, Severity};
pub use kinds::{NoteSign, Problem, Wanted};
pub use located::{Located, locate};
pub use problems::label;
pub use refused::refused_word;
pub use suggest::{distance, nearest};
