//! The tree of a program.
//!
//! Spans inside a [`Statement`] count from the statement's own start, so that an unchanged statement
//! keeps its tree wherever it moves; [`Placed`] says where it stands. Texts are not copied: a
//! [`Span`] and the program's text give them.

use std::sync::Arc;

use super::highlight::Token;
use super::scan::{Piece, PieceKind};
use crate::diagnostics::Diagnostic;
use crate::text::Span;

/// A whole program. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    pub(super) placed: Arc<Vec<Placed>>,
    /// Length of the text in bytes if it is too long to be read; there are no statements then.
    pub too_long_bytes: Option<usize>,
}

impl Ast {
    /// Statements and comments in the order of the text.
    #[must_use]
    pub fn placed(&self) -> &[Placed] {
        &self.placed
    }

    /// The statements with the byte at which each starts.
    pub fn statements(&self) -> impl Iterator<Item = (&Placed, &Statement)> {
        self.placed
            .iter()
            .filter_map(|p| p.statement.as_deref().map(|s| (p, s)))
    }
}

/// A statement or a comment at its place.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Kind and place in the program.
    pub piece: Piece,
    /// Tree of a statement; `None` for a comment.
    pub statement: Option<Arc<Statement>>,
}

impl Placed {
    /// Turns a span inside the statement into one of the program.
    #[must_use]
    pub fn span(&self, inside: Span) -> Span {
        inside.shifted(self.piece.span.start as usize)
    }

    /// Whether it is text without a `name:` in front.
    #[must_use]
    pub fn is_loose(&self) -> bool {
        self.piece.kind == PieceKind::Loose
    }
}

/// `name params: node >> node …`, or a chain without a name.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// What stands before the chain; `None` for loose text.
    pub head: Option<Head>,
    /// The chain's nodes.
    pub nodes: Vec<Node>,
    /// What the grammar alone could see.
    pub problems: Vec<Diagnostic>,
    /// How many more there are: a line of garbage gives no list as long as itself.
    pub unlisted_problems: usize,
    /// Coloured spans in the order of the text.
    pub tokens: Vec<Token>,
}

/// `name params:`
#[derive(Clone, Debug)]
pub struct Head {
    /// The name, with its `~`.
    pub name: Span,
    /// Whether the name is well formed. (If not, a problem says so.)
    pub valid: bool,
    /// Parameters of a user-defined node.
    pub params: Vec<Span>,
    /// The colon.
    pub separator: Span,
}

/// A node with its arguments.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name, or what stands in its place.
    pub head: Term,
    /// Its arguments.
    pub args: Vec<Term>,
    /// From the first byte of the head to the last of the arguments.
    pub span: Span,
    /// The arrow before it; `None` for the first node.
    pub link: Option<Span>,
}

/// A word or literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: TermKind,
}

/// Kinds of words and literals.
#[derive(Clone, Debug, PartialEq)]
pub enum TermKind {
    /// A number; infinite if it is too large for 64 bits.
    Number(f64),
    /// `name` or `name..`
    Name {
        /// Whether `..` follows: all chains whose names begin so.
        prefix: bool,
    },
    /// `~name` or `~name..`
    Reference {
        /// Whether `..` follows: all chains whose names begin so.
        prefix: bool,
    },
    /// Notes written together, such as `60_72~a`.
    Compound,
    /// `\name` or `'name'`.
    Symbol,
    /// Text in backticks.
    Code,
    /// `[time=>value …]`
    Points(Box<Points>),
    /// `"value@time …"(span)`
    Pattern(Box<Pattern>),
    /// `1/8`, `1/4.` or `1/8t`: a length in beats (quarter notes), above 0.
    NoteValue(f64),
    /// `( … )` on one line, nested ones inside. What it means is up to what takes it: arithmetic for
    /// a signal, a group for notes.
    Parentheses {
        /// Whether a word or literal ends directly before it, as in `sin(440)`.
        glued: bool,
    },
    /// `{ … }` on one line, nested ones inside: notes that take turns.
    Braces,
    /// Begins like a number but is none.
    BadNumber,
    /// A word that is neither name nor number.
    BadWord,
    /// Nothing: a node is missing. A problem says so.
    Missing,
    /// Something else. A problem says what.
    Error,
}

/// A breakpoint envelope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Its points in the order written.
    pub points: Vec<Point>,
    /// Length of one pass in bars; `None` if it is not written.
    pub bars: Option<f64>,
    /// Whether it repeats.
    pub looped: bool,
}

/// One point of an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Time as a share of the span.
    pub time: f64,
    /// Time to add, in seconds.
    pub offset_seconds: f64,
    /// Value there.
    pub value: f64,
}

/// Values at times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    /// Its events in the order written.
    pub events: Vec<Event>,
    /// Length of one pass in bars; `None` without parentheses.
    pub span_bars: Option<f64>,
}

/// One event of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Its value.
    pub value: EventValue,
    /// Where the value is written.
    pub span: Span,
    /// Time in bars.
    pub time_bars: f64,
}

/// Value of a pattern's event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventValue {
    /// A number.
    Number(f64),
    /// A symbol; its span gives the name.
    Symbol,
}
