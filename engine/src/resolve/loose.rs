//! Text without a `name:` in front: what was probably meant.

use super::scope::{Scope, Word};
use crate::diagnostics::Problem;
use crate::syntax::{Placed, Statement, TermKind};
use crate::text::Span;

/// The name of a chain whose colon was forgotten: `out sin 440`.
pub fn forgotten_colon(scope: &Scope<'_>, placed: &Placed, statement: &Statement) -> Option<Span> {
    let node = statement.nodes.first()?;
    let next = node.args.first()?;
    let names_something = matches!(
        next.kind,
        TermKind::Name { .. } | TermKind::Reference { .. } | TermKind::Points(_)
    );
    let next_is_node = matches!(next.kind, TermKind::Name { prefix: false })
        && matches!(
            scope.bare_word(scope.slice(next.span)),
            Word::Node(_) | Word::Later
        );
    if placed.piece.after_semicolon && !next_is_node {
        return None;
    }
    match node.head.kind {
        TermKind::Name { prefix: false } => {
            let is_node = matches!(
                scope.bare_word(scope.slice(node.head.span)),
                Word::Node(_) | Word::Later
            );
            (names_something && (!is_node || next_is_node)).then_some(node.head.span)
        }
        TermKind::Reference { prefix: false } => next_is_node.then_some(node.head.span),
        _ => None,
    }
}

impl Scope<'_> {
    /// Says what is wrong with a loose statement. `before` is the piece before it.
    pub fn loose(&mut self, placed: &Placed, statement: &Statement, before: Option<&Placed>) {
        for node in &statement.nodes {
            self.mention(&node.head);
            node.args.iter().for_each(|t| self.mention(t));
        }
        let Some(node) = statement.nodes.first() else {
            return;
        };
        let head = &node.head;
        let comment = Problem::CommentSign {
            sign: String::new(),
        }
        .code();
        let is_comment = statement.problems.iter().any(|d| d.code == comment);
        if is_comment || matches!(head.kind, TermKind::Error | TermKind::Missing) {
            return;
        }
        if self.needless_word(placed, statement) || self.name_of_two_words(placed, statement) {
            return;
        }
        if let Some(name) = forgotten_colon(self, placed, statement) {
            let problem = Problem::MissingColon {
                name: self.slice(name).to_owned(),
            };
            let name = self.place(name);
            let end = Span {
                start: name.end,
                end: name.end,
            };
            self.report_placed(problem.at(name).with_fix(end, ":"));
            return;
        }
        let is_node = matches!(head.kind, TermKind::Name { .. })
            && matches!(
                self.bare_word(self.slice(head.span)),
                Word::Node(_) | Word::Later
            );
        let is_word = matches!(head.kind, TermKind::Name { .. } | TermKind::BadWord);
        let sign = comment_sign(self.slice(head.span));
        let whole = placed.piece.span;
        if let Some(sign) = sign {
            self.report(
                Problem::CommentSign {
                    sign: sign.to_owned(),
                },
                head.span,
            );
        } else if placed.piece.after_semicolon && is_word && !is_node {
            let semicolon = self
                .text
                .get(..whole.start as usize)
                .and_then(|t| t.rfind(';'));
            let semicolon = semicolon.map_or(whole, |at| Span::new(at, at + 1));
            let problem = Problem::CommentSign {
                sign: ";".to_owned(),
            }
            .at(semicolon);
            self.report_placed(problem.with_fix(semicolon, "//"));
        } else if is_node || (node.args.is_empty() && statement.nodes.len() > 1) {
            let start = Span::at(whole.start as usize);
            self.report_placed(Problem::MissingName.at(whole).with_fix(start, "out: "));
        } else if !is_word && before.is_some() {
            let diagnostic = Problem::ContinuedArguments.at(whole);
            let gap = before.filter(|b| b.statement.is_some()).map(|b| Span {
                start: b.piece.span.end,
                end: whole.start,
            });
            self.report_placed(match gap {
                Some(gap) => diagnostic.with_fix(gap, " "),
                None => diagnostic,
            });
        } else {
            self.report_placed(Problem::StrayText.at(whole));
        }
    }
}

impl Scope<'_> {
    /// A word with which other languages begin a definition, or the number of a line.
    fn needless_word(&mut self, placed: &Placed, statement: &Statement) -> bool {
        let Some(node) = statement.nodes.first() else {
            return false;
        };
        let word = self.slice(node.head.span);
        let declares = DECLARATIONS.contains(&word)
            && (!node.args.is_empty() || self.definition_follows(placed));
        let counts = matches!(node.head.kind, TermKind::Number(_))
            && node.args.is_empty()
            && statement.nodes.len() == 1
            && self.definition_follows(placed);
        if !declares && !counts {
            return false;
        }
        let place = self.place(node.head.span);
        let rest = self.text.get(place.end as usize..).unwrap_or("");
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let problem = Problem::NeedlessWord {
            word: word.to_owned(),
        };
        let whole = Span::new(place.start as usize, place.end as usize + gap);
        self.report_placed(problem.at(place).with_fix(whole, ""));
        true
    }

    /// `lead synth: …`
    fn name_of_two_words(&mut self, placed: &Placed, statement: &Statement) -> bool {
        let [node] = statement.nodes.as_slice() else {
            return false;
        };
        let is_word = matches!(node.head.kind, TermKind::Name { prefix: false });
        if !is_word || !node.args.is_empty() || !self.definition_follows(placed) {
            return false;
        }
        let start = placed.piece.span.start as usize;
        let rest = self.text.get(start..).unwrap_or("");
        let words = rest.split(':').next().unwrap_or("").trim_end();
        let better: Vec<&str> = words.split_whitespace().collect();
        let better = better.join("_");
        let place = Span::new(start, start + words.len());
        self.report_placed(Problem::NameOfTwoWords { better }.at(place));
        true
    }

    /// Whether `name:` stands right after a piece, on its line.
    fn definition_follows(&self, placed: &Placed) -> bool {
        let end = placed.piece.span.end as usize;
        let rest = self.text.get(end..).unwrap_or("");
        let rest = rest.trim_start_matches([' ', '\t']);
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '~'));
        let after = name.filter(|n| *n > 0).and_then(|n| rest.get(n..));
        after.is_some_and(|t| t.trim_start_matches([' ', '\t']).starts_with(':'))
    }
}

/// Words with which definitions begin in other languages.
const DECLARATIONS: &[&str] = &[
    "const", "def", "define", "fn", "func", "function", "let", "local", "return", "set", "val",
    "var",
];

/// The sign with which other languages begin or end comments, if a word consists of one.
fn comment_sign(word: &str) -> Option<&'static str> {
    ["--", "*/", "%"]
        .into_iter()
        .find(|sign| word.starts_with(sign))
}
