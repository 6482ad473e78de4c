//! Words and signs of scripts and arithmetic.

use crate::text::Span;

/// Kind of a word or sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lexeme {
    /// `440`, `.5`, `1e-3`
    Number,
    /// A word: letters, digits and `_`, no digit first.
    Name,
    /// `~name`
    Reference,
    /// An operator, bracket or anything else.
    Sign,
    /// `// …` up to the line's end, or `/* … */`.
    Comment,
}

/// Signs of more than one character, the longer ones first.
const LONG_SIGNS: &[&str] = &[
    "**=", "<<=", ">>=", "..=", ":=", "==", "!=", "<=", ">=", "&&", "||", "**", "+=", "-=", "*=",
    "/=", "%=", "&=", "|=", "^=", "<<", ">>", "..", "=>",
];

/// The words and signs of a text in order, with their places. Between them stands white space only.
pub fn lexemes(text: &str) -> Lexemes<'_> {
    Lexemes { text, at: 0 }
}

/// See [`lexemes`].
#[derive(Clone, Debug)]
pub struct Lexemes<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexemes<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }
}

impl Iterator for Lexemes<'_> {
    type Item = (Lexeme, Span);

    fn next(&mut self) -> Option<Self::Item> {
        let is_blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
        let skipped = self.rest().trim_start_matches(is_blank);
        self.at = self.text.len() - skipped.len();
        let rest = self.rest();
        let first = rest.chars().next()?;
        let (kind, length) = match first {
            '/' if rest.starts_with("//") => {
                (Lexeme::Comment, rest.find('\n').unwrap_or(rest.len()))
            }
            '/' if rest.starts_with("/*") => (
                Lexeme::Comment,
                rest.find("*/").map_or(rest.len(), |at| at + 2),
            ),
            '0'..='9' => (Lexeme::Number, number_length(rest)),
            '.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
                (Lexeme::Number, number_length(rest))
            }
            '~' if word_length(rest.get(1..).unwrap_or("")) > 0 => (
                Lexeme::Reference,
                1 + word_length(rest.get(1..).unwrap_or("")),
            ),
            c if is_word(c) => (Lexeme::Name, word_length(rest)),
            c => {
                let long = LONG_SIGNS.iter().find(|sign| rest.starts_with(**sign));
                (Lexeme::Sign, long.map_or(c.len_utf8(), |sign| sign.len()))
            }
        };
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        Some((kind, span))
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// Length of a number that begins a text. `1..5` is the number 1 and a range's sign, `1.sin()` the
/// number 1 and a method.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let run = bytes.get(from..).unwrap_or(&[]);
        run.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let mut at = digits(0);
    if bytes.get(at) == Some(&b'.') {
        let after = bytes.get(at + 1);
        let goes_on = after.is_none_or(|b| !(*b == b'.' || *b == b'_' || b.is_ascii_alphabetic()));
        if goes_on {
            at += 1 + digits(at + 1);
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent > 0 {
            at += 1 + sign + exponent;
        }
    }
    at
}
