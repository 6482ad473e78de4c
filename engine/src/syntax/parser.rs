//! The parser with its memory: a keystroke costs the parse of one statement.

use std::collections::HashMap;
use std::sync::Arc;

use super::ast::{Ast, Placed, Statement};
use super::build::build_statement;
use super::scan::{Piece, PieceKind, Scanner};
use crate::text::Span;

/// Longest text that is read (R4.13).
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// Most statements, and most bytes of statement text, that one generation of the cache holds.
const CACHE_STATEMENTS: usize = 8192;
const CACHE_BYTES: usize = MAX_TEXT_BYTES;

/// Turns texts into trees and remembers the trees of statements it has seen.
///
/// Two memories serve it: the last text, so that only what lies around an edit is scanned again; and
/// trees by statement text, so that moving, undoing and switching programs parse nothing twice.
#[derive(Debug, Default)]
pub struct Parser {
    last_text: String,
    last: Ast,
    definitions: Cache,
    loose: Cache,
}

impl Parser {
    /// A parser that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of a text; any text has one. A text over [`MAX_TEXT_BYTES`] has an empty tree that
    /// says so.
    pub fn parse(&mut self, text: &str) -> Ast {
        if text.len() > MAX_TEXT_BYTES {
            return Ast {
                too_long_bytes: Some(text.len()),
                ..Ast::default()
            };
        }
        if text == self.last_text {
            return self.last.clone();
        }
        let ast = Ast {
            placed: Arc::new(self.place(text)),
            too_long_bytes: None,
        };
        self.last_text.clear();
        self.last_text.push_str(text);
        self.last = ast.clone();
        ast
    }

    /// Scans what lies around the edit and takes the rest over from the last text.
    fn place(&mut self, text: &str) -> Vec<Placed> {
        let old = Arc::clone(&self.last.placed);
        let (prefix, suffix) = common_ends(self.last_text.as_bytes(), text.as_bytes());
        let (old_len, new_len) = (self.last_text.len(), text.len());

        let mut placed = Vec::with_capacity(old.len() + 8);
        let kept = unchanged_before(&old, prefix);
        placed.extend(old.iter().take(kept).cloned());
        let from = old
            .get(kept)
            .filter(|_| kept > 0)
            .map_or(0, |p| p.piece.span.start as usize);

        let mut next_old = kept;
        for piece in Scanner::new(text, from) {
            let start = piece.span.start as usize;
            if piece.sync && start + suffix >= new_len {
                // From here on both texts are equal; if the old one began a statement here too, so
                // are all pieces.
                let old_start = start + old_len - new_len;
                while old
                    .get(next_old)
                    .is_some_and(|p| (p.piece.span.start as usize) < old_start)
                {
                    next_old += 1;
                }
                if let Some(rest) = old.get(next_old..)
                    && let Some(first) = rest.first()
                    && first.piece.sync
                    && first.piece.span.start as usize == old_start
                {
                    placed.extend(rest.iter().map(|p| moved(p, old_start, start)));
                    return placed;
                }
            }
            placed.push(self.placed(text, piece));
        }
        placed
    }

    fn placed(&mut self, text: &str, piece: Piece) -> Placed {
        let source = piece.span.text(text);
        let statement = match piece.kind {
            PieceKind::Comment => None,
            PieceKind::Definition => Some(
                self.definitions
                    .get_or_insert(source, || build_statement(source, true)),
            ),
            PieceKind::Loose => Some(
                self.loose
                    .get_or_insert(source, || build_statement(source, false)),
            ),
        };
        Placed { piece, statement }
    }
}

/// Number of pieces at the front that an edit after `prefix` equal bytes cannot have touched, so
/// that scanning may start at the piece after them.
///
/// A piece is known to be whole when the statement after the next one began before the edit: then
/// the head that ended it lies in the equal part.
fn unchanged_before(old: &[Placed], prefix: usize) -> usize {
    let touched = old.partition_point(|p| p.piece.span.start as usize <= prefix);
    let mut syncs = old
        .iter()
        .take(touched)
        .enumerate()
        .rev()
        .filter(|(_, p)| p.piece.sync);
    syncs.nth(1).map_or(0, |(i, _)| i)
}

fn moved(placed: &Placed, from: usize, to: usize) -> Placed {
    let mut placed = placed.clone();
    let shift = |byte: u32| (byte as usize + to).saturating_sub(from);
    let span = placed.piece.span;
    placed.piece.span = Span::new(shift(span.start), shift(span.end));
    placed
}

/// Lengths of the longest common start and, behind it, the longest common end.
fn common_ends(a: &[u8], b: &[u8]) -> (usize, usize) {
    const STEP: usize = 64;
    let equal = |(x, y): &(&[u8], &[u8])| x == y;
    let mut prefix = STEP
        * a.chunks_exact(STEP)
            .zip(b.chunks_exact(STEP))
            .take_while(equal)
            .count();
    let (a, b) = (
        a.get(prefix..).unwrap_or(&[]),
        b.get(prefix..).unwrap_or(&[]),
    );
    let more = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    prefix += more;
    let (a, b) = (a.get(more..).unwrap_or(&[]), b.get(more..).unwrap_or(&[]));
    let mut suffix = STEP
        * a.rchunks_exact(STEP)
            .zip(b.rchunks_exact(STEP))
            .take_while(equal)
            .count();
    let (a, b) = (&a.get(..a.len() - suffix), &b.get(..b.len() - suffix));
    let (a, b) = (a.unwrap_or(&[]), b.unwrap_or(&[]));
    suffix += a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    (prefix, suffix)
}

/// Trees by text, in two generations: when the young one is full it becomes the old one, and what
/// is not asked for again goes with the old one.
#[derive(Debug, Default)]
struct Cache {
    young: HashMap<Box<str>, Arc<Statement>>,
    old: HashMap<Box<str>, Arc<Statement>>,
    young_bytes: usize,
}

impl Cache {
    fn get_or_insert(&mut self, text: &str, build: impl FnOnce() -> Statement) -> Arc<Statement> {
        if let Some(found) = self.young.get(text) {
            return Arc::clone(found);
        }
        let statement = self.old.remove(text).unwrap_or_else(|| Arc::new(build()));
        if self.young.len() >= CACHE_STATEMENTS || self.young_bytes + text.len() > CACHE_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += text.len();
        self.young.insert(text.into(), Arc::clone(&statement));
        statement
    }
}
