//! Gathers diagnostics, bounded: a garbage text of a megabyte must not give a million sentences.

use crate::diagnostics::{Diagnostic, Problem, Severity};

/// Most errors, and most warnings and notes, that are listed.
pub const MAX_LISTED: usize = 100;

/// Diagnostics in the order they are found.
#[derive(Debug, Default)]
pub struct Sink {
    errors: Vec<Diagnostic>,
    others: Vec<Diagnostic>,
    dropped: usize,
}

impl Sink {
    /// Takes a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let list = match diagnostic.severity {
            Severity::Error => &mut self.errors,
            _ => &mut self.others,
        };
        if list.len() < MAX_LISTED {
            list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Counts problems that nobody lists. There are listed errors beside them.
    pub fn drop_more(&mut self, count: usize) {
        self.dropped += count;
    }

    /// Whether there was an error.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Whether further errors are only counted, so that costly advice can be saved.
    pub fn is_full(&self) -> bool {
        self.errors.len() >= MAX_LISTED
    }

    /// All listed diagnostics in the order of the text.
    pub fn finish(self) -> Vec<Diagnostic> {
        let mut all = self.errors;
        all.extend(self.others);
        all.sort_by_key(|d| (d.span.start, d.severity, d.span.end));
        if self.dropped > 0
            && let Some(last) = all.last()
        {
            all.push(
                Problem::More {
                    count: self.dropped,
                }
                .at(last.span),
            );
        }
        all
    }
}
