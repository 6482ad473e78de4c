//! Places in a program's text.
//!
//! Thread: control and GUI.

mod line_index;
mod span;

pub use line_index::{LineColumn, LineIndex};
pub use span::Span;
