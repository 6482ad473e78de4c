//! Gathers diagnostics, bounded: a garbage text of a megabyte must not give a million sentences.

use std::collections::HashSet;

use crate::diagnostics::{Diagnostic, Problem, Severity};
use crate::text::Span;

/// Most errors, and most warnings and notes, that are listed.
pub const MAX_LISTED: usize = 100;

/// Most diagnostics that are remembered to tell each once. Beyond them only the count is wrong.
const MAX_TOLD: usize = 4096;

/// Diagnostics in the order they are found.
///
/// A body of a user's node is read once for each of its uses; what is wrong in it is told once.
#[derive(Debug, Default)]
pub struct Sink {
    errors: Vec<Diagnostic>,
    others: Vec<Diagnostic>,
    dropped: usize,
    told: HashSet<(&'static str, Span, String)>,
}

impl Sink {
    /// Takes a diagnostic, unless the same was told of the same place.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let key = (
            diagnostic.code.0,
            diagnostic.span,
            diagnostic.message.clone(),
        );
        if self.told.len() < MAX_TOLD && !self.told.insert(key) {
            return;
        }
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

    /// Number of errors so far.
    pub fn errors(&self) -> usize {
        self.errors.len()
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
