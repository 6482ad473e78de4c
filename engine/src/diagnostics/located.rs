//! Diagnostics with lines and columns, for programs that read them.

use serde::Serialize;

use super::diagnostic::Diagnostic;
use crate::text::LineIndex;

/// A diagnostic in lines and columns, both from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Located {
    /// Stable code, such as `E030`.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column one past the last character.
    pub end_column: usize,
    /// What to do about it, if there is advice.
    pub help: Option<String>,
}

/// Finds a diagnostic's lines and columns.
#[must_use]
pub fn locate(diagnostic: &Diagnostic, text: &str, index: &LineIndex) -> Located {
    let start = index.line_column(text, diagnostic.span.start as usize);
    let end = index.line_column(text, diagnostic.span.end as usize);
    Located {
        code: diagnostic.code.0,
        severity: diagnostic.severity.word(),
        message: diagnostic.message.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        help: diagnostic.help.as_ref().map(|h| h.text.clone()),
    }
}
