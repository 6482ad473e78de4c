//! The notes of a pattern (`seq`).
//!
//! The cycle is divided equally by the space-separated compounds and each compound by its notes:
//! note j of m in compound i of n falls on (i + j/m) / n. (Glicol 0.13.5)

use super::names::Target;
use super::program::Arg;
use super::scope::Scope;
use crate::diagnostics::Problem;
use crate::registry::{NoteEvent, NotePattern, NoteValue};
use crate::syntax::{Term, TermKind};
use crate::text::Span;

/// Most steps of a pattern, rests included (R4.13).
pub const MAX_STEPS: usize = 4096;

/// Notes that are accepted. Beyond them lie only slips such as `6060`.
const NOTE_RANGE: std::ops::RangeInclusive<i64> = -127..=255;

/// One slot of a compound.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Rest,
    Note(NoteValue),
}

/// Reads the notes of one node.
pub struct NoteReader<'s, 'a> {
    scope: &'s mut Scope<'a>,
    /// Chains that references in the notes mean, each once.
    pub extra: Vec<Arg>,
}

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
        let compounds: Vec<Vec<Slot>> = terms.iter().map(|term| self.compound(term)).collect();
        let steps: usize = compounds.iter().map(Vec::len).sum();
        if steps > MAX_STEPS
            && let (Some(first), Some(last)) = (terms.first(), terms.last())
        {
            let problem = Problem::TooManySteps {
                steps,
                limit: MAX_STEPS,
            };
            self.scope.report(problem, first.span.to(last.span));
            return NotePattern::default();
        }
        let n = compounds.len();
        let mut events = Vec::new();
        for (i, compound) in compounds.iter().enumerate() {
            let m = compound.len();
            for (j, slot) in compound.iter().enumerate() {
                if let Slot::Note(value) = slot {
                    // Both whole numbers are exact, so the quotient is rounded once.
                    let at = (i * m + j) as f64 / (n * m) as f64;
                    events.push(NoteEvent { at, value: *value });
                }
            }
        }
        NotePattern { events }
    }

    fn compound(&mut self, term: &Term) -> Vec<Slot> {
        match term.kind {
            TermKind::Error | TermKind::Missing => return Vec::new(),
            TermKind::Name { .. } | TermKind::BadWord => {}
            TermKind::BadNumber | TermKind::NoteValue(_) => {}
            TermKind::Number(_) | TermKind::Compound | TermKind::Reference { .. } => {}
            TermKind::Symbol
            | TermKind::Code
            | TermKind::Points(_)
            | TermKind::Pattern(_)
            | TermKind::Parentheses { .. } => {
                self.bad_note(term);
                return Vec::new();
            }
        }
        let text = self.scope.slice(term.span);
        let start = self.scope.place(term.span).start as usize;
        let mut slots = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
            let (length, slot) = match self.note(rest, start + at) {
                Lexed::Slot(length, slot) => (length, slot),
                Lexed::Reported => return Vec::new(),
                Lexed::Bad => {
                    self.bad_note(term);
                    return Vec::new();
                }
            };
            slots.push(slot);
            at += length;
        }
        slots
    }

    /// Reads one note at the beginning of `rest`, which stands at byte `start` of the program.
    fn note(&mut self, rest: &str, start: usize) -> Lexed {
        if rest.starts_with('_') {
            return Lexed::Slot(1, Slot::Rest);
        }
        if let Some(name) = rest.strip_prefix('~') {
            return self.reference(name, start);
        }
        let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let length = rest.len() - digits.len() + count;
        let Some(number) = rest.get(..length).filter(|_| count > 0) else {
            return Lexed::Bad;
        };
        match number
            .parse::<i64>()
            .ok()
            .filter(|n| NOTE_RANGE.contains(n))
        {
            Some(0) => Lexed::Slot(length, Slot::Rest),
            Some(n) => Lexed::Slot(length, Slot::Note(NoteValue::Midi(n as f32))),
            None => {
                let text = number.to_owned();
                let span = Span::new(start, start + length);
                self.scope
                    .report_placed(Problem::NoteOutOfRange { text }.at(span));
                Lexed::Reported
            }
        }
    }

    /// Reads `~` and one letter; `name` is the text after the `~` (R4.9).
    fn reference(&mut self, name: &str, start: usize) -> Lexed {
        let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
        let run = name.bytes().take_while(is_name).count();
        let longest_known = (2..=run.min(64)).rev().find(|n| {
            name.get(..*n)
                .is_some_and(|n| self.scope.names.is_known(&format!("~{n}")))
        });
        let second_letter = name.as_bytes().get(1).filter(|b| b.is_ascii_lowercase());
        if let Some(n) = longest_known.or(second_letter.map(|_| run)) {
            let text = format!("~{}", name.get(..n).unwrap_or(""));
            let span = Span::new(start, start + text.len());
            self.scope
                .report_placed(Problem::LongNoteReference { text }.at(span));
            return Lexed::Reported;
        }
        let Some(letter) = name
            .get(..1)
            .filter(|l| l.bytes().all(|b| b.is_ascii_lowercase()))
        else {
            return Lexed::Bad;
        };
        let span = Span::new(start, start + 2);
        match self.scope.find_reference(&format!("~{letter}"), span) {
            Target::Broken => Lexed::Reported,
            Target::Chain(id) => {
                let chain = Arg::Chain(id);
                let known = self.extra.iter().position(|e| *e == chain);
                let number = known.unwrap_or_else(|| {
                    self.extra.push(chain);
                    self.extra.len() - 1
                });
                Lexed::Slot(2, Slot::Note(NoteValue::Reference(number)))
            }
        }
    }

    fn bad_note(&mut self, term: &Term) {
        let text = self.scope.slice(term.span).to_owned();
        let better = named_note(&text)
            .or_else(|| whole_float(&text))
            .map(|n| n.to_string());
        self.scope
            .report(Problem::BadNote { text, better }, term.span);
    }
}

enum Lexed {
    /// A slot, and its length in bytes.
    Slot(usize, Slot),
    /// Wrong, and reported.
    Reported,
    /// Wrong.
    Bad,
}

/// The MIDI number of a note name such as `c4` (= 60), `f#3` or `eb2`.
fn named_note(text: &str) -> Option<i64> {
    let mut chars = text.chars();
    let letter = chars.next()?.to_ascii_lowercase();
    let semitone = match letter {
        'c' => 0,
        'd' => 2,
        'e' => 4,
        'f' => 5,
        'g' => 7,
        'a' => 9,
        'b' => 11,
        _ => return None,
    };
    let rest = chars.as_str();
    let (shift, octave) = match rest.strip_prefix(['#', 's']) {
        Some(octave) => (1, octave),
        None => rest
            .strip_prefix('b')
            .map_or((0, rest), |octave| (-1, octave)),
    };
    let octave: i64 = octave.parse().ok().filter(|o| (-1..=9).contains(o))?;
    Some(12 * (octave + 1) + semitone + shift)
}

/// `60` for `60.0`.
fn whole_float(text: &str) -> Option<i64> {
    let number: f64 = text.parse().ok()?;
    (number.fract() == 0.0 && number.abs() < 1000.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::named_note;

    #[test]
    fn note_names() {
        let cases = [
            ("c4", Some(60)),
            ("a4", Some(69)),
            ("f#3", Some(54)),
            ("eb2", Some(39)),
            ("B3", Some(59)),
            ("c-1", Some(0)),
            ("h4", None),
            ("c", None),
            ("c99", None),
        ];
        for (text, expected) in cases {
            assert_eq!(named_note(text), expected, "{text}");
        }
    }
}
