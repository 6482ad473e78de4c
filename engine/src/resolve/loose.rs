//! Text without a `name:` in front: what was probably meant.

use super::known;
use super::scope::{Scope, Word};
use crate::diagnostics::Problem;
use crate::registry::Input;
use crate::syntax::{Placed, Statement, Term, TermKind};
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
        // `play out` and `import drums` are commands elsewhere.
        TermKind::Name { .. }
            if !next_is_node && known::advice(scope.slice(node.head.span)).is_some() =>
        {
            None
        }
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
        if self.needless_word(placed, statement)
            || self.name_of_two_words(placed, statement)
            || self.wrong_separator(placed, statement, before)
            || self.command(statement)
            || self.forgotten_arrow(statement, before)
        {
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
        let lists = matches!(word, "-" | "*" | "+" | "•") && self.definition_follows(placed);
        if !declares && !counts && !lists {
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

    /// A sign after the name that was meant as `:`, in `out - sin 440`, `out; sin 440` or with the
    /// wide colon of East Asian writing.
    fn wrong_separator(
        &mut self,
        placed: &Placed,
        statement: &Statement,
        before: Option<&Placed>,
    ) -> bool {
        let Some(node) = statement.nodes.first() else {
            return false;
        };
        let separator = |scope: &mut Self, place: Span| {
            let found = place.text(scope.text).to_owned();
            scope.report_placed(Problem::WrongSeparator { found }.at(place));
            true
        };
        let word = self.place(node.head.span);
        let text = word.text(self.text);
        let end = word.end as usize;
        if text.strip_suffix('：').is_some_and(is_plain_name) {
            return separator(self, Span::new(end - '：'.len_utf8(), end));
        }
        if let [sign, name, ..] = node.args.as_slice()
            && is_plain_name(text)
            && self.slice(sign.span) == "-"
            && self.is_node(name)
        {
            return separator(self, self.place(sign.span));
        }
        if let [braces] = node.args.as_slice()
            && braces.kind == TermKind::Braces
            && is_plain_name(text)
        {
            let inside = self.slice(braces.span);
            let inside = inside.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
            let inside = inside.unwrap_or("").trim().to_owned();
            let place = self.place(braces.span);
            let chain = format!(": {inside}");
            let problem = Problem::BracesAroundChain { inside };
            let from_name = Span::new(end, place.end as usize);
            self.report_placed(problem.at(place).with_fix(from_name, chain));
            return true;
        }
        // `out` and `sin 440` are two pieces; the second one tells.
        let rest = self
            .text
            .get(end..)
            .unwrap_or("")
            .trim_start_matches([' ', '\t']);
        let alone = node.args.is_empty() && statement.nodes.len() == 1 && is_plain_name(text);
        let followed = rest.strip_prefix(';').is_some_and(|t| {
            let word = t.trim_start_matches([' ', '\t']);
            let length = word.bytes().take_while(u8::is_ascii_lowercase).count();
            let word = word.get(..length).unwrap_or("");
            matches!(self.bare_word(word), Word::Node(_))
        });
        if alone && followed && !self.is_node(&node.head) {
            return true;
        }
        let name_before = before.filter(|b| {
            let name = b.piece.span.text(self.text);
            b.is_loose() && is_plain_name(name) && !matches!(self.bare_word(name), Word::Node(_))
        });
        match name_before {
            Some(before) if placed.piece.after_semicolon && self.is_node(&node.head) => {
                let gap = Span {
                    start: before.piece.span.end,
                    end: placed.piece.span.start,
                };
                let sign = gap.text(self.text).find(';').unwrap_or(0);
                let at = gap.start as usize + sign;
                separator(self, Span::new(at, at + 1))
            }
            _ => false,
        }
    }

    /// A command of another program, such as `tempo 120`, `!bpm 120` or `hush`.
    fn command(&mut self, statement: &Statement) -> bool {
        let [node] = statement.nodes.as_slice() else {
            return false;
        };
        let name = self.slice(node.head.span).trim_start_matches('!');
        let leads_chain = node.args.first().is_some_and(|t| self.is_node(t));
        let unknown = matches!(self.bare_word(name), Word::Unknown);
        match known::advice(name).filter(|_| unknown && !leads_chain) {
            Some(advice) => {
                let name = name.to_owned();
                self.report(Problem::NoSuchNode { name, advice }, node.head.span);
                true
            }
            None => false,
        }
    }

    /// A line that goes on with the chain before it, but lacks the arrow: an effect alone, or `.mul`.
    fn forgotten_arrow(&mut self, statement: &Statement, before: Option<&Placed>) -> bool {
        let Some(node) = statement.nodes.first() else {
            return false;
        };
        let text = self.slice(node.head.span);
        let bare = text.strip_prefix('.');
        let is_effect = match self.bare_word(bare.unwrap_or(text)) {
            Word::Node(spec) => spec.input == Input::Required,
            _ => false,
        };
        let goes_on = before.is_some_and(|b| b.statement.is_some());
        if !is_effect || !goes_on {
            return false;
        }
        let node_name = bare.unwrap_or(text).to_owned();
        let place = self.place(node.head.span);
        let start = place.start as usize;
        let dot = Span::new(start, start + text.len() - node_name.len());
        let problem = Problem::MissingArrow {
            node: node_name,
            sum: false,
        };
        self.report_placed(problem.at(place).with_fix(dot, ">> "));
        true
    }

    /// Whether a term is the bare name of a node.
    fn is_node(&self, term: &Term) -> bool {
        matches!(term.kind, TermKind::Name { prefix: false })
            && matches!(self.bare_word(self.slice(term.span)), Word::Node(_))
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

fn is_plain_name(text: &str) -> bool {
    let plain = text.strip_prefix('~').unwrap_or(text);
    plain.starts_with(|c: char| c.is_ascii_lowercase())
        && plain
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
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
