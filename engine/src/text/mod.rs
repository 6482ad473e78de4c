//! Places in a program's text, and words that mean the same everywhere.
//!
//! Thread: control and GUI.

mod line_index;
mod note_name;
mod span;

pub use line_index::{LineColumn, LineIndex};
pub use note_name::note_name;
pub use span::Span;
