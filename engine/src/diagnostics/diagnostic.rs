//! The data of a diagnostic; how it is drawn is somebody else's business.

use crate::text::Span;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program is not accepted.
    Error,
    /// The program runs, but probably not as meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Lower-case word: `error`, `warning`, `note`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// Stable code of a kind of diagnostic, such as `E012`. Never re-used for another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

/// A second place that explains the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there.
    pub text: String,
}

/// A change of the text that solves the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace (empty to insert).
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// Advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// A sentence in the imperative.
    pub text: String,
    /// The change that carries it out, where there is one.
    pub fix: Option<Fix>,
}

/// One problem of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Kind, for tests and links.
    pub code: Code,
    /// How serious.
    pub severity: Severity,
    /// A sentence: what is wrong, in the user's words.
    pub message: String,
    /// Where.
    pub span: Span,
    /// Other places that explain it.
    pub labels: Vec<Label>,
    /// How to put it right.
    pub help: Option<Help>,
}
