//! Cuts a program into pieces: statements, comments and text that belongs to neither.
//!
//! Hand-written, linear in the text and infallible. The grammar then sees one piece at a time, so a
//! mistake in one statement never hides one in another.
//!
//! A line that begins `name:` begins a statement whatever stands before it, unclosed brackets
//! included. So such a line is a point from which scanning can start afresh ([`Piece::sync`]).

use crate::text::Span;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PieceKind {
    /// From `name:` to the end of its chain.
    Definition,
    /// Text without a name in front: some mistake.
    Loose,
    /// `//` to the end of the line, between statements.
    Comment,
}

/// A part of the program. Between pieces stand only white space and `;`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it is, without white space at its ends.
    pub span: Span,
    /// Whether the last thing before it on its line is a `;`.
    pub after_semicolon: bool,
    /// Whether its line begins with a well-formed `name:`, so that its extent and all that follows
    /// depend on nothing before it.
    pub sync: bool,
}

/// White space inside a line. A comma and a bar count too, as in Glicol; so do the carriage return,
/// the no-break space and the byte-order mark that come with pasted text.
fn space_len(rest: &[u8]) -> usize {
    match rest {
        [b' ' | b'\t' | b',' | b'|' | b'\r', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        [0xEF, 0xBB, 0xBF, ..] => 3,
        _ => 0,
    }
}

/// Whether a byte may stand in a word; the others end it.
fn is_word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'.' | b'-' | b'+') || b >= 0x80
}

/// Walks over a text, piece by piece.
pub struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    /// Nothing but white space stood on this line so far, or a `;` just ended a statement.
    fresh: bool,
    line_begins: bool,
    after_semicolon: bool,
}

impl<'t> Scanner<'t> {
    /// A scanner that begins at a byte, which must be 0 or the start of a [`Piece::sync`] piece.
    #[must_use]
    pub fn new(text: &'t str, at: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at,
            fresh: true,
            line_begins: true,
            after_semicolon: false,
        }
    }

    fn rest(&self, at: usize) -> &'t [u8] {
        self.bytes.get(at..).unwrap_or(&[])
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn skip_spaces(&self, mut at: usize) -> usize {
        loop {
            match space_len(self.rest(at)) {
                0 => return at,
                n => at += n,
            }
        }
    }

    fn line_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|b| b != b'\n') {
            at += 1;
        }
        at
    }

    /// End of a comment's text: the line's end without a carriage return.
    fn comment_end(&self, at: usize) -> usize {
        let end = self.line_end(at);
        if end > at && self.byte(end - 1) == Some(b'\r') {
            end - 1
        } else {
            end
        }
    }

    fn word_end(&self, mut at: usize) -> usize {
        while let Some(b) = self.byte(at) {
            let other = b == b'-' || b >= 0x80;
            if !is_word_byte(b) || other && (self.link_len(at) > 0 || space_len(self.rest(at)) > 0)
            {
                break;
            }
            at += 1;
        }
        at
    }

    /// Whether a well-formed `name:` stands here.
    fn strict_head(&self, at: usize) -> bool {
        let mut i = at;
        if matches!(self.byte(i), Some(b'~' | b'_')) {
            i += 1;
        }
        if !self.byte(i).is_some_and(|b| b.is_ascii_lowercase()) {
            return false;
        }
        while self
            .byte(i)
            .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            i += 1;
        }
        i = self.skip_spaces(i);
        self.byte(i) == Some(b':') && self.byte(i + 1) != Some(b'=')
    }

    /// End of a head that begins here, or `None`. At a line's start a head may be misspelt, use `=`
    /// for `:` or have parameters; elsewhere it is one word directly before `:`.
    fn head(&self, at: usize, line_start: bool) -> Option<usize> {
        let first = self.byte(at)?;
        // Other languages mark their variables by a sign.
        let sigil = line_start && matches!(first, b'$' | b'@' | b'%' | b'!' | b'&');
        let word = at + usize::from(sigil);
        let mut i = self.word_end(word);
        let starts_like_name = first.is_ascii_alphabetic() || matches!(first, b'~' | b'_');
        if i == word || !(line_start || starts_like_name) {
            return None;
        }
        let mut words = 1;
        loop {
            i = self.skip_spaces(i);
            match self.byte(i) {
                Some(b':') => {
                    i += 1;
                    // However many `=` there are, they are one wrong sign.
                    while self.byte(i) == Some(b'=') {
                        i += 1;
                    }
                    return Some(i);
                }
                Some(b'=')
                    if line_start
                        && words == 1
                        && !matches!(self.byte(i + 1), Some(b'=' | b'>')) =>
                {
                    return Some(i + 1);
                }
                // `->` for `:` directly after the name.
                Some(b'-' | b'=' | 0xE2)
                    if line_start && words == 1 && self.byte(at) != Some(b'~') =>
                {
                    return match self.link_len(i) {
                        0 => None,
                        length => Some(i + length),
                    };
                }
                Some(b'~') if line_start => {
                    i = self.word_end(i);
                    words += 1;
                }
                _ => return None,
            }
        }
    }

    /// Length of an arrow that is, or was meant as, `>>`.
    fn link_len(&self, at: usize) -> usize {
        match self.rest(at) {
            [b'-' | b'=', b'>', ..] => 2,
            [b'>', ..] => {
                let mut end = at;
                while self.byte(end) == Some(b'>') {
                    end += 1;
                }
                end - at
            }
            [0xE2, 0x86, 0x92, ..] => 3,
            _ => 0,
        }
    }

    /// End of a delimited stretch that opens here: after its closing sign, or before the next line
    /// that begins `name:` when none comes before that.
    fn delimited_end(&self, at: usize, close: u8) -> usize {
        let mut i = at + 1;
        while let Some(b) = self.byte(i) {
            if b == close {
                return i + 1;
            }
            if b == b'\n' && self.strict_head(self.skip_spaces(i + 1)) {
                return i;
            }
            i += 1;
        }
        i
    }

    /// End of parentheses: after the partner of the one that opens here, else where their line or its
    /// text ends.
    fn parentheses_end(&self, at: usize) -> usize {
        let mut depth = 0usize;
        let mut i = at;
        loop {
            match self.rest(i) {
                [] | [b'\n' | b'\r', ..] | [b'/', b'/', ..] => return i,
                [b'(', ..] => depth += 1,
                [b')', ..] => depth -= 1,
                _ => {}
            }
            i += 1;
            if depth == 0 {
                return i;
            }
        }
    }

    /// End of a `#` remark: `##…#` on one line, or the whole rest of the line.
    fn hash_end(&self, at: usize) -> usize {
        let end = self.comment_end(at);
        if self.byte(at + 1) == Some(b'#')
            && let Some(close) = self
                .bytes
                .get(at + 2..end)
                .and_then(|s| s.iter().position(|b| *b == b'#'))
        {
            return at + 2 + close + 1;
        }
        end
    }

    /// End of `/* … */` on one line, or the line's end.
    fn block_comment_end(&self, at: usize) -> usize {
        let end = self.comment_end(at);
        let inner = self.bytes.get(at + 2..end).unwrap_or(&[]);
        inner
            .windows(2)
            .position(|w| w == b"*/")
            .map_or(end, |n| at + 2 + n + 2)
    }

    /// Skips white space, line ends and comments from a line's end on.
    fn skip_blank_lines(&self, mut at: usize) -> usize {
        loop {
            at = self.skip_spaces(at);
            match self.rest(at) {
                [b'\n', ..] => at += 1,
                [b'/', b'/', ..] => at = self.line_end(at),
                _ => return at,
            }
        }
    }

    /// Reads the body of a statement from `at` and returns where its last token ends.
    fn body_end(&self, at: usize, after_head: bool) -> usize {
        let mut i = at;
        let mut end = at;
        // Whether the chain must go on: nothing stands after the head or the last arrow yet.
        let mut open = after_head;
        let mut any_token = after_head;
        loop {
            i = self.skip_spaces(i);
            let Some(b) = self.byte(i) else { break };
            if b == b'\n' {
                let next = self.skip_blank_lines(i);
                let goes_on = match self.byte(next) {
                    None | Some(b';') => false,
                    Some(_) if self.head(next, true).is_some() => false,
                    Some(_) => open || self.link_len(next) > 0,
                };
                if !goes_on {
                    break;
                }
                i = next;
                continue;
            }
            if b == b';' {
                break;
            }
            if self.rest(i).starts_with(b"//") {
                i = self.line_end(i);
                continue;
            }
            let link = self.link_len(i);
            if link > 0 {
                i += link;
                open = true;
            } else {
                open = false;
                i = match b {
                    b'`' | b'"' => self.delimited_end(i, b),
                    b'[' => self.delimited_end(i, b']'),
                    b'(' => self.parentheses_end(i),
                    b'#' => self.hash_end(i),
                    b'/' if self.byte(i + 1) == Some(b'*') => self.block_comment_end(i),
                    _ => {
                        if any_token && self.head(i, false).is_some() {
                            break;
                        }
                        let word = self.run_end(i);
                        if word > i { word } else { i + self.char_len(i) }
                    }
                };
            }
            any_token = true;
            end = i;
        }
        end
    }

    /// End of a run of signs that the grammar reads as one word, so that no head begins inside it.
    fn run_end(&self, mut at: usize) -> usize {
        loop {
            let word = self.word_end(at);
            let next = match self.rest(word) {
                [b'/', b'/' | b'*', ..] | [b'=', b'>', ..] => word,
                [
                    b'*' | b'/' | b'%' | b'^' | b'&' | b'@' | b'!' | b'?' | b'$' | b'=',
                    ..,
                ] => word + 1,
                [b'#', ..] if word > at => word + 1,
                _ => word,
            };
            if next == at {
                return at;
            }
            at = next;
            if next == word {
                return at;
            }
        }
    }

    fn char_len(&self, at: usize) -> usize {
        self.text
            .get(at..)
            .and_then(|s| s.chars().next())
            .map_or(1, char::len_utf8)
    }
}

impl Iterator for Scanner<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            self.at = self.skip_spaces(self.at);
            match self.byte(self.at)? {
                b'\n' => {
                    self.at += 1;
                    self.fresh = true;
                    self.line_begins = true;
                    self.after_semicolon = false;
                }
                b';' => {
                    self.at += 1;
                    self.fresh = true;
                    self.line_begins = false;
                    self.after_semicolon = true;
                }
                _ => break,
            }
        }
        let start = self.at;
        let fresh = std::mem::replace(&mut self.fresh, false);
        let sync = std::mem::replace(&mut self.line_begins, false) && self.strict_head(start);
        let after_semicolon = std::mem::replace(&mut self.after_semicolon, false);
        let (kind, end) = if self.rest(start).starts_with(b"//") {
            let end = self.comment_end(start);
            (PieceKind::Comment, end)
        } else if fresh && self.rest(start).starts_with(b"```") {
            // The fence around code in a page or a chat: what stands inside is the program.
            (PieceKind::Loose, self.comment_end(start))
        } else if let Some(head) = self.head(start, fresh) {
            (PieceKind::Definition, self.body_end(head, true))
        } else {
            (PieceKind::Loose, self.body_end(start, false))
        };
        self.at = end;
        Some(Piece {
            kind,
            span: Span::new(start, end),
            after_semicolon,
            sync,
        })
    }
}
