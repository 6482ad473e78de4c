//! From the grammar's pairs to a [`Statement`], its problems and its colours.

use pest::Parser as _;
use pest::iterators::Pair;

use super::ast::{
    Event, EventValue, Head, Node, Pattern, Point, Points, Statement, Term, TermKind,
};
use super::highlight::{Token, TokenClass};
use crate::diagnostics::{Diagnostic, Problem};
use crate::script::{self, HostText, Lexeme};
use crate::text::Span;

/// The generated parser; its rules stay inside this file.
mod grammar {
    // The derive macro gives its rules no doc comments.
    #![allow(missing_docs)]

    /// One statement at a time.
    #[derive(pest_derive::Parser)]
    #[grammar = "syntax/grammar.pest"]
    pub struct Grammar;
}

use grammar::{Grammar, Rule};

/// Most problems that one statement lists.
const MAX_PROBLEMS: usize = 200;

/// Parses one piece of the scanner. Never fails.
pub fn build_statement(source: &str, definition: bool) -> Statement {
    let rule = if definition {
        Rule::definition
    } else {
        Rule::loose
    };
    let mut builder = Builder {
        source,
        out: Statement::default(),
        link: None,
        last_term_end: None,
    };
    match Grammar::parse(rule, source)
        .ok()
        .and_then(|mut pairs| pairs.next())
    {
        Some(pair) => pair.into_inner().for_each(|pair| builder.pair(pair)),
        // The grammar takes any text; should it ever not, the text is marked as a whole.
        None => {
            let span = Span::new(0, source.len());
            builder.problem(Problem::StrayText, span);
            builder.token(TokenClass::Error, span);
        }
    }
    builder.finish()
}

fn span_of(pair: &Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    Span::new(span.start(), span.end())
}

struct Builder<'s> {
    source: &'s str,
    out: Statement,
    /// The arrow before the node that comes next.
    link: Option<Span>,
    /// Where the last word or literal ends.
    last_term_end: Option<u32>,
}

impl<'s> Builder<'s> {
    fn token(&mut self, class: TokenClass, span: Span) {
        if !span.is_empty() {
            self.out.tokens.push(Token { span, class });
        }
    }

    fn problem(&mut self, problem: Problem, span: Span) {
        self.push(problem.at(span));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.out.problems.len() < MAX_PROBLEMS {
            self.out.problems.push(diagnostic);
        } else {
            self.out.unlisted_problems += 1;
        }
    }

    fn pair(&mut self, pair: Pair<'s, Rule>) {
        let span = span_of(&pair);
        match pair.as_rule() {
            Rule::head => self.head(pair),
            Rule::node => self.node(pair),
            Rule::missing => self.missing(span),
            Rule::link => self.link(span),
            Rule::comment => {
                let text = span.text(self.source);
                let trimmed = text.trim_end_matches('\r').len();
                self.token(
                    TokenClass::Comment,
                    Span::new(span.range().start, span.range().start + trimmed),
                );
            }
            _ => {}
        }
    }

    fn head(&mut self, pair: Pair<'s, Rule>) {
        let mut head = Head {
            name: Span::at(0),
            valid: false,
            params: Vec::new(),
            separator: Span::at(0),
        };
        for part in pair.into_inner() {
            let span = span_of(&part);
            let text = span.text(self.source);
            match part.as_rule() {
                Rule::head_name => {
                    head.name = span;
                    head.valid = is_name(text);
                    let class = match (head.valid, text.starts_with('~')) {
                        (false, _) => TokenClass::Error,
                        (true, true) => TokenClass::Reference,
                        (true, false) => TokenClass::OutputName,
                    };
                    self.token(class, span);
                    if !head.valid {
                        let better = nearest_name(text);
                        self.problem(
                            Problem::BadName {
                                name: text.to_owned(),
                                better,
                            },
                            span,
                        );
                    }
                }
                Rule::param => {
                    head.params.push(span);
                    let valid = is_name(text);
                    self.token(
                        if valid {
                            TokenClass::Reference
                        } else {
                            TokenClass::Error
                        },
                        span,
                    );
                    if !valid {
                        let better = nearest_name(text);
                        let name = text.to_owned();
                        self.problem(Problem::BadName { name, better }, span);
                    }
                }
                _ => {
                    head.separator = span;
                    self.token(TokenClass::Operator, span);
                    if text != ":" {
                        self.problem(
                            Problem::WrongSeparator {
                                found: text.to_owned(),
                            },
                            span,
                        );
                    }
                }
            }
        }
        self.out.head = Some(head);
    }

    fn link(&mut self, span: Span) {
        self.token(TokenClass::Operator, span);
        let text = span.text(self.source);
        if text != ">>" {
            self.problem(
                Problem::WrongLink {
                    found: text.to_owned(),
                },
                span,
            );
        }
        if let (None, [only]) = (&self.out.head, self.out.nodes.as_slice())
            && only.head.kind == TermKind::Missing
        {
            self.problem(Problem::NothingBeforeLink, span);
        }
        self.link = Some(span);
    }

    fn missing(&mut self, span: Span) {
        let after = self.link.or_else(|| {
            self.out
                .head
                .as_ref()
                .map(|head| head.name.to(head.separator))
        });
        // Loose text that begins with an arrow has neither; the arrow comes next and says so.
        if let Some(after) = after {
            let text = after.text(self.source).to_owned();
            self.problem(Problem::MissingNode { after: text }, after);
        }
        self.add_node(
            Term {
                span,
                kind: TermKind::Missing,
            },
            Vec::new(),
            span,
        );
    }

    fn add_node(&mut self, head: Term, args: Vec<Term>, span: Span) {
        let link = self.link.take();
        self.out.nodes.push(Node {
            head,
            args,
            span,
            link,
        });
    }

    fn node(&mut self, pair: Pair<'s, Rule>) {
        let span = span_of(&pair);
        if self.out.nodes.is_empty() {
            self.check_line_of_head(span);
        }
        let mut head = None;
        let mut args = Vec::new();
        for pair in pair.into_inner() {
            let is_command = pair.as_rule() == Rule::host_script && self.host_command(&pair);
            match &head {
                _ if is_command => {}
                None => head = Some(self.term(pair, true)),
                Some(_) => args.push(self.term(pair, false)),
            }
        }
        match head {
            Some(head) => self.add_node(head, args, span),
            // A command alone stands for no node.
            None if self.out.head.is_some() || self.link.is_some() => self.missing(span),
            None => {}
        }
    }

    /// The first node must stand on the line of its chain's name (R4.4).
    fn check_line_of_head(&mut self, node: Span) {
        let Some(head) = &self.out.head else { return };
        let between = Span {
            start: head.separator.end,
            end: node.start,
        };
        let gap = between.text(self.source);
        if !gap.contains('\n') {
            return;
        }
        let name = head.name;
        let problem = Problem::LooseStart {
            name: name.text(self.source).to_owned(),
        }
        .at(name);
        let comment = gap.contains("//");
        self.push(if comment {
            problem
        } else {
            problem.with_fix(between, " ")
        });
    }

    fn term(&mut self, pair: Pair<'s, Rule>, in_node_place: bool) -> Term {
        let term = self.any_term(pair, in_node_place);
        self.last_term_end = Some(term.span.end);
        term
    }

    /// Notes a command of upstream's player, such as `##setBPM(90)#`, which does nothing here.
    fn host_command(&mut self, pair: &Pair<'s, Rule>) -> bool {
        let is_command = script::host_text(host_inside(pair.as_str())) == HostText::Command;
        if is_command {
            let span = span_of(pair);
            self.token(TokenClass::Script, span);
            self.problem(Problem::HostCommand, span);
        }
        is_command
    }

    fn any_term(&mut self, pair: Pair<'s, Rule>, in_node_place: bool) -> Term {
        let span = span_of(&pair);
        let text = span.text(self.source);
        let name_class = if in_node_place {
            TokenClass::Node
        } else {
            TokenClass::Reference
        };
        let prefix = text.ends_with("..");
        let (kind, class) = match pair.as_rule() {
            Rule::name => (TermKind::Name { prefix }, name_class),
            Rule::reference => (TermKind::Reference { prefix }, TokenClass::Reference),
            Rule::number => (TermKind::Number(number(text)), TokenClass::Number),
            Rule::compound => {
                self.compound_tokens(span);
                return Term {
                    span,
                    kind: TermKind::Compound,
                };
            }
            Rule::symbol => (TermKind::Symbol, TokenClass::Symbol),
            Rule::code => (TermKind::Code, TokenClass::Script),
            Rule::pattern => (self.pattern(pair), TokenClass::Symbol),
            Rule::points => (points(pair), TokenClass::Number),
            Rule::parentheses => {
                self.parentheses_tokens(span);
                let glued = self.last_term_end == Some(span.start);
                return Term {
                    span,
                    kind: TermKind::Parentheses { glued },
                };
            }
            Rule::braces => {
                self.parentheses_tokens(span);
                return Term {
                    span,
                    kind: TermKind::Braces,
                };
            }
            Rule::host_script => match script::host_text(host_inside(text)) {
                HostText::Number(value) => (TermKind::Number(value), TokenClass::Script),
                _ => {
                    self.problem(Problem::HostScript, span);
                    (TermKind::Error, TokenClass::Error)
                }
            },
            Rule::note_value => match note_value_beats(text) {
                Some(beats) => (TermKind::NoteValue(beats), TokenClass::Number),
                None => (TermKind::BadNumber, TokenClass::Error),
            },
            Rule::bad_number => (TermKind::BadNumber, TokenClass::Error),
            Rule::bad_word => (TermKind::BadWord, TokenClass::Error),
            rule => {
                self.broken(rule, span);
                (TermKind::Error, TokenClass::Error)
            }
        };
        self.token(class, span);
        Term { span, kind }
    }

    /// Says what is wrong with a term that means nothing.
    fn broken(&mut self, rule: Rule, span: Span) {
        let text = span.text(self.source);
        let first = Span::new(span.start as usize, span.start as usize + 1);
        let unclosed = |open: char, close: char| Problem::Unclosed { open, close }.at(first);
        let diagnostic = match rule {
            Rule::open_code => unclosed('`', '`'),
            Rule::open_pattern => unclosed('"', '"'),
            Rule::open_points => unclosed('[', ']'),
            Rule::open_parentheses => unclosed('(', ')'),
            Rule::hash => {
                let end = span.start as usize + text.len() - text.trim_start_matches('#').len();
                let sign = Span::new(span.start as usize, end);
                Problem::CommentSign {
                    sign: "#".to_owned(),
                }
                .at(sign)
                .with_fix(sign, "//")
            }
            Rule::block_comment => {
                let sign = Span::new(span.start as usize, span.start as usize + 2);
                let problem = Problem::CommentSign {
                    sign: sign.text(self.source).to_owned(),
                };
                problem.at(sign)
            }
            Rule::bad_symbol if text.starts_with('\'') && text.len() == 1 => unknown(text).at(span),
            Rule::bad_symbol => Problem::BadSymbol {
                text: text.to_owned(),
            }
            .at(span),
            Rule::bad_pattern => Problem::BadPattern.at(span),
            Rule::bad_points => Problem::BadPoints.at(span),
            _ => unknown(text).at(span),
        };
        self.push(diagnostic);
    }

    /// Colours what stands in parentheses or braces piece by piece.
    fn parentheses_tokens(&mut self, span: Span) {
        let text = span.text(self.source);
        let mut lexemes = script::lexemes(text).peekable();
        while let Some((kind, inside)) = lexemes.next() {
            let calls = lexemes
                .peek()
                .is_some_and(|(_, next)| next.text(text) == "(");
            let class = match kind {
                Lexeme::Number => TokenClass::Number,
                Lexeme::Name if calls => TokenClass::Node,
                Lexeme::Name if inside.text(text).starts_with('_') => TokenClass::Rest,
                Lexeme::Name | Lexeme::Reference => TokenClass::Reference,
                Lexeme::Sign | Lexeme::Comment => TokenClass::Operator,
            };
            self.token(class, inside.shifted(span.start as usize));
        }
    }

    /// Colours the notes of a compound one by one.
    fn compound_tokens(&mut self, span: Span) {
        let text = span.text(self.source);
        let class_of = |c: char| match c {
            '_' => TokenClass::Rest,
            '~' | 'a'..='z' => TokenClass::Reference,
            _ => TokenClass::Number,
        };
        let mut start = 0;
        let mut class: Option<TokenClass> = None;
        for (i, c) in text.char_indices() {
            let new = class_of(c);
            // A sigil, a sign and a rest begin a note of their own.
            let begins = matches!(c, '~' | '+' | '-' | '_') || class != Some(new);
            if let Some(old) = class.filter(|_| begins) {
                self.token(old, Span::new(start, i).shifted(span.start as usize));
                start = i;
            }
            class = Some(new);
        }
        if let Some(last) = class {
            self.token(
                last,
                Span::new(start, text.len()).shifted(span.start as usize),
            );
        }
    }

    fn pattern(&self, pair: Pair<'s, Rule>) -> TermKind {
        let mut pattern = Pattern::default();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::event => {
                    let mut inner = part.into_inner();
                    if let (Some(value), Some(time)) = (inner.next(), inner.next()) {
                        let is_number = value.as_rule() == Rule::inner;
                        pattern.events.push(Event {
                            value: match is_number {
                                true => EventValue::Number(number(value.as_str())),
                                false => EventValue::Symbol,
                            },
                            span: span_of(&value),
                            time_bars: ratio(time.as_str()),
                        });
                    }
                }
                _ => {
                    let bars = part.into_inner().next().map_or(1.0, |n| ratio(n.as_str()));
                    pattern.span_bars = Some(bars);
                }
            }
        }
        TermKind::Pattern(Box::new(pattern))
    }

    fn finish(mut self) -> Statement {
        // A term's error can come before its statement's: the editor wants the order of the text.
        self.out.problems.sort_by_key(|d| d.span);
        self.out
    }
}

fn unknown(text: &str) -> Problem {
    Problem::UnknownToken {
        text: text.chars().take(20).collect(),
    }
}

/// The text between `##` and `#`.
fn host_inside(text: &str) -> &str {
    let text = text.strip_prefix("##").unwrap_or(text);
    text.strip_suffix('#').unwrap_or(text)
}

/// Value of a number as the grammar accepts it; too large ones become infinite.
fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::INFINITY)
}

/// Value of `3/4`.
fn ratio(text: &str) -> f64 {
    match text.split_once('/') {
        Some((over, under)) => number(over) / number(under),
        None => number(text),
    }
}

/// Beats of a note value: a bar is four of them, a dot adds a half, a triplet takes a third away.
fn note_value_beats(text: &str) -> Option<f64> {
    let (digits, factor) = match (text.strip_suffix('.'), text.strip_suffix('t')) {
        (Some(digits), _) => (digits, 1.5),
        (_, Some(digits)) => (digits, 2.0 / 3.0),
        _ => (text, 1.0),
    };
    let (over, under) = digits.split_once('/')?;
    let (over, under): (f64, f64) = (over.parse().ok()?, under.parse().ok()?);
    let beats = 4.0 * over / under * factor;
    (beats > 0.0 && beats.is_finite()).then_some(beats)
}

fn points(pair: Pair<'_, Rule>) -> TermKind {
    let mut points = Points::default();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::point => points.points.push(point(part)),
            rule @ (Rule::divided | Rule::times) => {
                let scale = part.into_inner().next().map_or(1.0, |n| ratio(n.as_str()));
                points.bars = Some(if rule == Rule::divided {
                    scale.recip()
                } else {
                    scale
                });
            }
            _ => points.looped = true,
        }
    }
    TermKind::Points(Box::new(points))
}

fn point(pair: Pair<'_, Rule>) -> Point {
    let mut point = Point::default();
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::time => point.time = ratio(part.as_str()),
            Rule::offset => point.offset_seconds = offset_seconds(part),
            _ => point.value = number(part.as_str()),
        }
    }
    point
}

fn offset_seconds(pair: Pair<'_, Rule>) -> f64 {
    let mut seconds = 0.0;
    let mut sign = 1.0;
    for part in pair.into_inner() {
        match part.as_rule() {
            Rule::offset_sign if part.as_str() == "-" => sign = -1.0,
            Rule::inner => seconds = number(part.as_str()),
            Rule::offset_unit if part.as_str() == "_ms" => seconds /= 1000.0,
            _ => {}
        }
    }
    sign * seconds
}

/// Whether a text is a well-formed name: an optional `~` or `_`, a small letter, then small
/// letters, digits and `_`.
pub fn is_name(text: &str) -> bool {
    let plain = text.strip_prefix(['~', '_']).unwrap_or(text);
    plain.starts_with(|c: char| c.is_ascii_lowercase())
        && plain
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The well-formed name nearest to a malformed one.
pub fn nearest_name(text: &str) -> Option<String> {
    if !text.is_ascii() {
        return None;
    }
    let sigil = if text.starts_with('~') { "~" } else { "" };
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if matches!(c, '-' | '.' | '+') { '_' } else { c })
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
        .skip_while(|c| !c.is_ascii_lowercase())
        .collect();
    let name = format!("{sigil}{}", plain.trim_end_matches('_'));
    is_name(&name).then_some(name)
}
