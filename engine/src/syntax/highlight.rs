//! Colours for the editor, from the same parse that the compiler uses.

use super::ast::Ast;
use crate::text::Span;

/// What a stretch of text is, for colouring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenClass {
    /// Name of a chain that goes to the output, where it is defined.
    OutputName,
    /// A reference, or the name of a silent chain where it is defined.
    Reference,
    /// Name of a node.
    Node,
    /// A number.
    Number,
    /// `:`, `>>` and `;`.
    Operator,
    /// A rest in a pattern.
    Rest,
    /// A comment.
    Comment,
    /// A symbol, or a pattern in quotes.
    Symbol,
    /// Text in backticks.
    Script,
    /// Something that is not understood.
    Error,
}

/// A coloured stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub span: Span,
    /// What.
    pub class: TokenClass,
}

/// The coloured stretches of a program in the order of the text; they do not overlap, and between
/// them stands only white space.
#[must_use]
pub fn highlight(ast: &Ast, text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut done = 0;
    for placed in ast.placed() {
        let span = placed.piece.span;
        separators(&mut tokens, text, done..span.start as usize);
        match &placed.statement {
            Some(statement) => tokens.extend(statement.tokens.iter().map(|t| Token {
                span: placed.span(t.span),
                class: t.class,
            })),
            None => tokens.push(Token {
                span,
                class: TokenClass::Comment,
            }),
        }
        done = span.end as usize;
    }
    if ast.too_long_bytes.is_none() {
        separators(&mut tokens, text, done..text.len());
    }
    tokens
}

/// Colours the semicolons between two statements.
fn separators(tokens: &mut Vec<Token>, text: &str, gap: std::ops::Range<usize>) {
    let start = gap.start;
    let semicolons = text.get(gap).unwrap_or("").match_indices(';');
    tokens.extend(semicolons.map(|(i, _)| Token {
        span: Span::new(start + i, start + i + 1),
        class: TokenClass::Operator,
    }));
}
