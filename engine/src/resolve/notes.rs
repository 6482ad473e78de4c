//! The notes of a pattern (`seq`).
//!
//! The cycle is divided equally by the words and each word by its notes: note j of m in word i of n
//! falls on (i + j/m) / n. (Glicol 0.13.5) Beyond that a note may be a name (`c4`), a group in
//! parentheses, or notes in braces that take turns; and signs may follow it: `*3` repeats it inside
//! its slot, `!3` makes three slots of it, `@3` makes its slot three times as long, `?` or `?0.3`
//! gives it a chance.

use super::names::Target;
use super::program::Arg;
use super::scope::Scope;
use super::steps::{self, Slot, Step};
use crate::diagnostics::{NoteSign, Problem};
use crate::registry::{NotePattern, NoteValue};
use crate::syntax::{Term, TermKind};
use crate::text::{Span, note_name};

/// Most steps of a pattern, rests included (R4.13).
pub const MAX_STEPS: usize = 4096;

/// Most groups inside each other.
pub const MAX_DEPTH: usize = 6;

/// Notes that are accepted. Beyond them lie only slips such as `6060`.
const NOTE_RANGE: std::ops::RangeInclusive<i64> = -127..=255;

/// Reads the notes of one node.
pub struct NoteReader<'s, 'a> {
    scope: &'s mut Scope<'a>,
    /// Chains that references in the notes mean, each once.
    pub extra: Vec<Arg>,
}

/// A text and how far it is read.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// Where the text begins in the program.
    start: usize,
    /// How many groups are open.
    depth: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn span(&self, from: usize) -> Span {
        Span::new(self.start + from, self.start + self.at)
    }

    /// Passes white space; says whether there was any.
    fn skip_blanks(&mut self) -> bool {
        let rest = self.rest();
        let blank = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '\u{FEFF}');
        let length = rest.len() - rest.trim_start_matches(blank).len();
        self.at += length;
        length > 0
    }

    /// Takes the characters that fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    /// The word around a place: no white space and no brackets.
    fn word_around(&self, at: usize) -> Span {
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '(' | ')' | '{' | '}');
        let before = self.text.get(..at).unwrap_or("");
        let from = before.rfind(ends).map_or(0, |i| i + 1);
        let after = self.text.get(at..).unwrap_or("");
        let end = at + after.find(ends).unwrap_or(after.len());
        // A bracket that stands where none may is a word of its own.
        if let Some(bracket) = after.chars().next().filter(|c| ends(*c)) {
            let from = self.start + at;
            return Span::new(from, from + bracket.len_utf8());
        }
        Span::new(self.start + from, self.start + end)
    }
}

/// A problem that was reported already.
struct Reported;

impl<'s, 'a> NoteReader<'s, 'a> {
    /// A reader that reports to `scope`.
    pub fn new(scope: &'s mut Scope<'a>) -> Self {
        Self {
            scope,
            extra: Vec::new(),
        }
    }

    /// The pattern that the terms spell; what they spell wrong is reported and left out.
    pub fn read(&mut self, terms: &[Term]) -> NotePattern {
        let mut slots = Vec::with_capacity(terms.len());
        let mut left = terms;
        while let [first, rest @ ..] = left {
            // Terms without white space between them are one word, such as `(60 62)*2`.
            let mut end = first.span.end;
            let glued = rest.iter().take_while(|t| {
                let touches = t.span.start == end;
                end = t.span.end;
                touches
            });
            let (word, later) = left.split_at(1 + glued.count());
            left = later;
            if let Some(slot) = self.word(word) {
                slots.push(slot);
            }
        }
        let size = steps::size(&slots);
        if size > MAX_STEPS
            && let (Some(first), Some(last)) = (terms.first(), terms.last())
        {
            let problem = Problem::TooManySteps {
                steps: size,
                limit: MAX_STEPS,
            };
            self.scope.report(problem, first.span.to(last.span));
            return NotePattern::default();
        }
        NotePattern {
            events: steps::triggers(&slots),
        }
    }

    fn word(&mut self, terms: &[Term]) -> Option<Slot> {
        for term in terms {
            match term.kind {
                TermKind::Error | TermKind::Missing => return None,
                TermKind::Symbol | TermKind::Code | TermKind::Points(_) | TermKind::Pattern(_) => {
                    self.bad_note(self.scope.place(term.span));
                    return None;
                }
                _ => {}
            }
        }
        let span = self.scope.place(terms.first()?.span.to(terms.last()?.span));
        let mut cursor = Cursor {
            text: span.text(self.scope.text),
            at: 0,
            start: span.start as usize,
            depth: 0,
        };
        let mut slots = self.sequence(&mut cursor, None).ok()?;
        match slots.len() {
            1 => slots.pop(),
            _ => Some(Slot::new(Step::Group(slots))),
        }
    }

    /// Words up to the partner of the bracket that opened before, which is passed, or to the text's
    /// end.
    fn sequence(
        &mut self,
        cursor: &mut Cursor<'_>,
        brackets: Option<(char, char)>,
    ) -> Result<Vec<Slot>, Reported> {
        let opened_at = cursor.at.saturating_sub(1);
        let close = brackets.map(|(_, close)| close);
        let mut words: Vec<Slot> = Vec::new();
        // Notes written together, without white space.
        let mut together: Vec<Slot> = Vec::new();
        loop {
            let parted = cursor.skip_blanks();
            let next = cursor.rest().chars().next();
            if parted || next.is_none() || next == close {
                match together.len() {
                    0 => {}
                    1 => words.append(&mut together),
                    _ => words.push(Slot::new(Step::Group(std::mem::take(&mut together)))),
                }
            }
            match next {
                None => match brackets {
                    None => return Ok(words),
                    Some((open, close)) => {
                        let at = cursor.start + opened_at;
                        let problem = Problem::Unclosed { open, close };
                        self.scope.report_placed(problem.at(Span::new(at, at + 1)));
                        return Err(Reported);
                    }
                },
                Some(c) if Some(c) == close => {
                    cursor.at += 1;
                    return Ok(words);
                }
                Some(_) => together.push(self.slot(cursor)?),
            }
        }
    }

    /// A note or bracket with the signs that follow it.
    fn slot(&mut self, cursor: &mut Cursor<'_>) -> Result<Slot, Reported> {
        let mut slot = Slot::new(self.step(cursor)?);
        while let Some(sign) = cursor.rest().chars().next() {
            let from = cursor.at;
            let whole = match sign {
                '*' => &mut slot.repeat,
                '!' => &mut slot.copies,
                '@' => &mut slot.weight,
                '?' => {
                    cursor.at += 1;
                    let number = cursor.take(|c| c.is_ascii_digit() || c == '.');
                    let chance = match number {
                        "" => Some(0.5),
                        _ => number.parse().ok().filter(|x| (0.0..=1.0).contains(x)),
                    };
                    let Some(chance) = chance else {
                        return Err(self.bad_sign(NoteSign::Chance, cursor.span(from)));
                    };
                    slot.chance *= chance;
                    continue;
                }
                _ => break,
            };
            cursor.at += 1;
            let number = cursor.take(|c| c.is_ascii_digit() || c == '.');
            match number.parse().ok().filter(|n| (1..=MAX_STEPS).contains(n)) {
                Some(n) => *whole = whole.saturating_mul(n),
                None => {
                    let sign = NoteSign::Count { sign };
                    return Err(self.bad_sign(sign, cursor.span(from)));
                }
            }
        }
        Ok(slot)
    }

    /// One note, rest or bracket.
    fn step(&mut self, cursor: &mut Cursor<'_>) -> Result<Step, Reported> {
        let from = cursor.at;
        let rest = cursor.rest();
        match rest.as_bytes().first() {
            Some(b'_') => {
                cursor.at += 1;
                Ok(Step::Rest)
            }
            Some(b'~') => {
                let name = rest.get(1..).unwrap_or("");
                self.reference(name, cursor)
            }
            Some(open @ (b'(' | b'{')) => {
                cursor.at += 1;
                cursor.depth += 1;
                if cursor.depth > MAX_DEPTH {
                    return Err(
                        self.bad_sign(NoteSign::Depth { limit: MAX_DEPTH }, cursor.span(from))
                    );
                }
                let brackets = match open {
                    b'(' => ('(', ')'),
                    _ => ('{', '}'),
                };
                let slots = self.sequence(cursor, Some(brackets))?;
                cursor.depth -= 1;
                if slots.is_empty() {
                    let problem = Problem::Empty { what: "group" };
                    self.scope.report_placed(problem.at(cursor.span(from)));
                    return Err(Reported);
                }
                Ok(match open {
                    b'(' => Step::Group(slots),
                    _ => Step::Turns(slots),
                })
            }
            _ => self.note(cursor),
        }
    }

    /// A number or a note's name.
    fn note(&mut self, cursor: &mut Cursor<'_>) -> Result<Step, Reported> {
        let from = cursor.at;
        let rest = cursor.rest();
        if let Some((note, length)) = note_name(rest) {
            cursor.at += length;
            return Ok(Step::Note(NoteValue::Midi(note as f32)));
        }
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let length = rest.len() - digits.len() + count;
        let Some(number) = rest.get(..length).filter(|_| count > 0) else {
            self.bad_note(cursor.word_around(from));
            return Err(Reported);
        };
        cursor.at += length;
        match number
            .parse::<i64>()
            .ok()
            .filter(|n| NOTE_RANGE.contains(n))
        {
            Some(0) => Ok(Step::Rest),
            Some(n) => Ok(Step::Note(NoteValue::Midi(n as f32))),
            None => {
                let text = number.to_owned();
                let problem = Problem::NoteOutOfRange { text };
                self.scope.report_placed(problem.at(cursor.span(from)));
                Err(Reported)
            }
        }
    }

    /// Reads `~` and one letter; `name` is the text after the `~` (R4.9).
    fn reference(&mut self, name: &str, cursor: &mut Cursor<'_>) -> Result<Step, Reported> {
        let from = cursor.at;
        let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
        let run = name.bytes().take_while(is_name).count();
        let longest_known = (2..=run.min(64)).rev().find(|n| {
            name.get(..*n)
                .is_some_and(|n| self.scope.names.is_known(&format!("~{n}")))
        });
        let second_letter = name.as_bytes().get(1).filter(|b| b.is_ascii_lowercase());
        if let Some(n) = longest_known.or(second_letter.map(|_| run)) {
            let text = format!("~{}", name.get(..n).unwrap_or(""));
            cursor.at += text.len();
            let problem = Problem::LongNoteReference { text };
            self.scope.report_placed(problem.at(cursor.span(from)));
            return Err(Reported);
        }
        let Some(letter) = name
            .get(..1)
            .filter(|l| l.bytes().all(|b| b.is_ascii_lowercase()))
        else {
            self.bad_note(cursor.word_around(from));
            return Err(Reported);
        };
        cursor.at += 2;
        let span = cursor.span(from);
        match self.scope.find_reference(&format!("~{letter}"), span) {
            Target::Broken => Err(Reported),
            Target::Chain(id) => {
                let chain = Arg::Chain(id);
                let known = self.extra.iter().position(|e| *e == chain);
                let number = known.unwrap_or_else(|| {
                    self.extra.push(chain);
                    self.extra.len() - 1
                });
                Ok(Step::Note(NoteValue::Reference(number)))
            }
        }
    }

    fn bad_sign(&mut self, sign: NoteSign, span: Span) -> Reported {
        self.scope
            .report_placed(Problem::BadNoteSign { sign }.at(span));
        Reported
    }

    fn bad_note(&mut self, span: Span) {
        let text = span.text(self.scope.text).to_owned();
        let better = meant_note(&text);
        self.scope
            .report_placed(Problem::BadNote { text, better }.at(span));
    }
}

/// What a slip probably meant: `c4` for `C4` and for `c`, `60` for `60.0`.
fn meant_note(text: &str) -> Option<String> {
    if matches!(text, "." | "-" | "x" | "r" | "~") {
        return Some("_".to_owned());
    }
    let small = text.to_lowercase();
    let is_note = |t: &str| note_name(t).is_some_and(|(_, length)| length == t.len());
    let in_the_middle = format!("{small}4");
    if is_note(&small) {
        return Some(small);
    }
    if is_note(&in_the_middle) {
        return Some(in_the_middle);
    }
    let number: f64 = text.parse().ok()?;
    (number.abs() < 1000.0).then(|| (number.trunc() as i64).to_string())
}
