//! The arguments of one node, checked against its description.

use super::names::Target;
use super::notes::NoteReader;
use super::program::{Arg, ChainId, Node};
use super::scope::{Scope, Word};
use crate::diagnostics::{Problem, label};
use crate::dsp::math::{exp2, gain_of_db};
use crate::registry::{ArgKind, ArgSpec, FixedArg, NodeSpec, Role, Unit};
use crate::script::{self, Lexeme};
use crate::syntax::{Term, TermKind};
use crate::text::{Span, note_name};
use crate::voice::VoiceValue;

/// Checked arguments: one entry per declared one.
#[derive(Debug, Default)]
pub struct Args {
    /// Values.
    pub values: Vec<Arg>,
    /// Places in the program.
    pub spans: Vec<Span>,
    /// Operands that fixed arguments refer to.
    pub extra: Vec<Arg>,
}

/// Value of an argument that is written wrong; such a program is never compiled.
pub const BROKEN: Arg = Arg::Number(0.0);

impl Args {
    /// The arguments of a reference to a chain.
    pub fn reference(spec: &NodeSpec, id: ChainId, span: Span) -> Self {
        let refs = spec.args.first().is_some_and(|a| a.kind == ArgKind::Refs);
        Self {
            values: vec![if refs {
                Arg::Refs(vec![id])
            } else {
                Arg::Chain(id)
            }],
            spans: vec![span],
            extra: Vec::new(),
        }
    }

    /// A node with these arguments.
    pub fn node(self, spec: &'static NodeSpec, span: Span) -> Node {
        Node {
            spec,
            span,
            args: self.values,
            arg_spans: self.spans,
            extra: self.extra,
            instance: None,
            group: None,
        }
    }
}

impl Scope<'_> {
    /// Checks the arguments of a node whose span ends at `end` (in the statement).
    pub fn args(&mut self, spec: &'static NodeSpec, terms: &[Term], end: Span) -> Args {
        let mut args = Args::default();
        let arranged = match self.without_curly_quotes(terms) {
            Some(rest) => Some(rest),
            None => self.without_outside(spec, terms),
        };
        let terms = arranged.as_deref().unwrap_or(terms);
        let mut left = terms;
        // What is written wrong may hide what seems to be missing.
        let broken = terms.iter().any(|t| t.kind == TermKind::Error);
        if self.number_left_out(spec, terms) {
            terms.iter().for_each(|t| self.mention(t));
            args.values = vec![BROKEN; spec.args.len()];
            args.spans = vec![self.place(end); spec.args.len()];
            return args;
        }
        // Length of a cycle, written in the place of a frequency.
        let period = spec.args.iter().find(|a| a.hidden && a.unit == Unit::Bars);
        let mut written_period: Option<(Arg, Span)> = None;
        for arg in spec.args {
            if arg.hidden
                && arg.unit == Unit::Bars
                && let Some((value, span)) = written_period.take()
            {
                args.values.push(value);
                args.spans.push(span);
                continue;
            }
            let (value, span) = if arg.hidden {
                (Arg::Number(arg.default.unwrap_or(arg.min)), None)
            } else if left.is_empty() {
                (self.missing(spec, arg, end, broken), None)
            } else {
                let taken = match arg.kind {
                    ArgKind::Refs if spec.role == Role::Reference => 1,
                    kind if kind.takes_rest() => left.len(),
                    _ => 1,
                };
                let (now, later) = left.split_at(taken.min(left.len()));
                left = later;
                if arg.unit == Unit::Hertz {
                    written_period = now
                        .first()
                        .and_then(|term| self.note_value_bars(period?, term));
                }
                let value = match written_period {
                    Some(_) => Arg::Number(arg.default.unwrap_or(arg.min)),
                    None => self.arg(spec, arg, now, &mut args.extra),
                };
                (value, cover(now))
            };
            args.values.push(value);
            args.spans.push(self.place(span.unwrap_or(end)));
        }
        if let Some(surplus) = cover(left) {
            self.surplus(spec, left, surplus);
        }
        args
    }

    /// Checks one argument.
    fn arg(
        &mut self,
        spec: &'static NodeSpec,
        arg: &'static ArgSpec,
        terms: &[Term],
        extra: &mut Vec<Arg>,
    ) -> Arg {
        let first = terms.first();
        match arg.kind {
            ArgKind::Signal => first.map_or(BROKEN, |t| self.signal(spec, arg, t)),
            ArgKind::Integers => Arg::Fixed(FixedArg::Integers(self.integers(spec, terms))),
            ArgKind::Notes => {
                let mut reader = NoteReader::new(self);
                let notes = reader.read(terms);
                *extra = reader.extra;
                Arg::Fixed(FixedArg::Notes(notes))
            }
            ArgKind::Arrangement => self.arrangement(spec, arg, terms, extra),
            ArgKind::Number
            | ArgKind::Code
            | ArgKind::Choice
            | ArgKind::Sample
            | ArgKind::Symbol
            | ArgKind::Pattern
            | ArgKind::SamplePattern
            | ArgKind::Points
            | ArgKind::Expression => first
                .and_then(|t| self.one_fixed(spec, arg, t, extra))
                .map_or(BROKEN, Arg::Fixed),
            ArgKind::Refs if spec.role == Role::Reference => {
                let one = terms.first().and_then(|t| self.one_chain(spec, arg, t));
                Arg::Refs(one.into_iter().collect())
            }
            ArgKind::Refs => Arg::Refs(self.refs(spec, arg, terms)),
        }
    }

    /// A fixed argument, or the parameter that stands for one.
    fn one_fixed(
        &mut self,
        spec: &'static NodeSpec,
        arg: &'static ArgSpec,
        term: &Term,
        extra: &mut Vec<Arg>,
    ) -> Option<FixedArg> {
        match self.parameter_term(term) {
            Some(parameter) => {
                let written = |scope: &mut Self, t: &Term| scope.one_fixed(spec, arg, t, extra);
                self.at_call(parameter, written).flatten()
            }
            None => self.fixed(spec, arg, term, extra),
        }
    }

    /// Tells of a word that stands where a number belongs, when the word is one of the argument
    /// after it: `poly mono` for `poly 1 mono`.
    fn number_left_out(&mut self, spec: &NodeSpec, terms: &[Term]) -> bool {
        for ((arg, next), term) in spec.args.iter().zip(spec.args.iter().skip(1)).zip(terms) {
            let word = self.slice(term.span);
            if arg.kind == ArgKind::Number
                && term.kind == (TermKind::Name { prefix: false })
                && next.words.contains(&word)
            {
                let problem = Problem::NumberLeftOut {
                    node: spec.name.to_owned(),
                    arg: arg.name.to_owned(),
                    better: format!("{} {word}", arg.min),
                };
                self.report(problem, term.span);
                return true;
            }
        }
        false
    }

    fn missing(&mut self, spec: &NodeSpec, arg: &ArgSpec, end: Span, broken: bool) -> Arg {
        match arg.kind {
            ArgKind::Signal if arg.optional => return Arg::Nothing,
            ArgKind::Signal => {
                if let Some(value) = arg.default {
                    return Arg::Number(value);
                }
            }
            ArgKind::Number => {
                if let Some(value) = arg.default {
                    return Arg::Fixed(FixedArg::Value(value));
                }
            }
            ArgKind::Choice => return Arg::Fixed(FixedArg::Choice(0)),
            _ => {}
        }
        if !broken {
            let problem = Problem::MissingArgument {
                node: spec.name.to_owned(),
                wanted: missing_text(arg),
                usage: spec.usage(),
            };
            self.report(problem, end);
        }
        BROKEN
    }

    fn surplus(&mut self, spec: &NodeSpec, terms: &[Term], span: Span) {
        // A term that means nothing has its own problem.
        if terms.iter().all(|t| t.kind == TermKind::Error) {
            return;
        }
        if let Some(braces) = terms.iter().find(|t| t.kind == TermKind::Braces) {
            self.report(self.unknown_token(braces), braces.span);
            return;
        }
        if self.explained_surplus(terms, span) {
            terms.iter().for_each(|t| self.mention(t));
            return;
        }
        let takes = spec.visible_args().count();
        let problem = Problem::ExtraArgument {
            node: spec.name.to_owned(),
            takes,
            usage: spec.usage(),
        };
        self.report(problem, span);
        terms.iter().for_each(|t| self.mention(t));
    }

    /// Finds a pattern in curly quotes among arguments; it becomes one term that means nothing.
    fn without_curly_quotes(&mut self, terms: &[Term]) -> Option<Vec<Term>> {
        let curly = |t: &Term| self.slice(t.span).contains(CURLY_QUOTES);
        let from = terms.iter().position(curly)?;
        let to = terms.iter().rposition(curly)?;
        let span = terms.get(from)?.span.to(terms.get(to)?.span);
        let better = self.slice(span).replace(CURLY_QUOTES, "\"");
        self.report(Problem::CurlyQuotes { better }, span);
        terms.iter().for_each(|t| self.mention(t));
        let mut rest: Vec<Term> = terms.iter().take(from).cloned().collect();
        rest.push(Term {
            span,
            kind: TermKind::Error,
        });
        // The pattern's length in parentheses belongs to it.
        let after = terms.iter().skip(to + 1);
        let length = TermKind::Parentheses { glued: true };
        rest.extend(after.skip_while(|t| t.kind == length).cloned());
        Some(rest)
    }

    /// A term that means nothing where it stands.
    pub fn unknown_token(&self, term: &Term) -> Problem {
        Problem::UnknownToken {
            text: self.slice(term.span).chars().take(20).collect(),
        }
    }

    /// Says what is meant by too many arguments, if that can be seen: a forgotten arrow, a unit, a
    /// comma inside a number.
    fn explained_surplus(&mut self, terms: &[Term], span: Span) -> bool {
        // `.mul(0.2)`, as methods are called elsewhere.
        if let Some(first) = terms.first()
            && let Some(name) = self.slice(first.span).strip_prefix('.')
            && matches!(self.bare_word(name), Word::Node(_))
        {
            let node = name.to_owned();
            let place = self.place(first.span);
            let dot = Span::new(place.start as usize, place.start as usize + 1);
            let problem = Problem::MissingArrow { node, sum: false };
            self.report_placed(problem.at(place).with_fix(dot, " >> "));
            return true;
        }
        let node = terms.iter().find(|t| {
            t.kind == (TermKind::Name { prefix: false })
                && matches!(self.bare_word(self.slice(t.span)), Word::Node(_))
        });
        if let Some(node) = node {
            let between = Span {
                start: span.start,
                end: node.span.start,
            };
            let sum = self.slice(between).contains(['+', '&']);
            let problem = Problem::MissingArrow {
                node: self.slice(node.span).to_owned(),
                sum,
            };
            let mut diagnostic = problem.at(self.place(node.span));
            if !sum {
                diagnostic = diagnostic.with_fix(self.place(between), ">> ");
            }
            self.report_placed(diagnostic);
            return true;
        }
        let [only] = terms else { return false };
        let text = self.slice(only.span);
        if only.kind == TermKind::BadWord && !text.contains(|c: char| c.is_alphanumeric()) {
            self.report(self.unknown_token(only), only.span);
            return true;
        }
        let unit = text.to_ascii_lowercase();
        if ["hz", "khz", "ms", "s", "sec", "db", "bpm", "percent"].contains(&unit.as_str()) {
            let unit = text.to_owned();
            self.report(Problem::LooseUnit { unit }, only.span);
            return true;
        }
        // `0,5`: the comma is white space, so this was read as two numbers.
        let start = self.place(span).start as usize;
        let before = self.text.get(..start).and_then(|t| t.strip_suffix(','));
        let whole = before.map_or("", |t| {
            let digits = t.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            t.get(digits..).unwrap_or("")
        });
        let is_fraction = text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !is_fraction {
            return false;
        }
        let number = format!("{whole}.{text}");
        let place = Span::new(start - 1 - whole.len(), self.place(span).end as usize);
        self.report_placed(Problem::DecimalComma { number }.at(place));
        true
    }

    /// Notes which chains a term reads without checking anything else, so that a mistake beside it
    /// does not make them look unused.
    pub fn mention(&mut self, term: &Term) {
        if let TermKind::Parentheses { .. } = term.kind {
            let text = self.slice(term.span);
            for (kind, inside) in script::lexemes(text) {
                if kind == Lexeme::Reference {
                    let start = self.place(term.span).start as usize;
                    self.mention_name(inside.text(text), inside.shifted(start));
                }
            }
        }
        if matches!(
            term.kind,
            TermKind::Reference { prefix: false } | TermKind::Name { prefix: false }
        ) {
            self.mention_name(self.slice(term.span), self.place(term.span));
        }
    }

    fn mention_name(&mut self, name: &str, place: Span) {
        if self.parameter(name).is_none()
            && let Some(Target::Chain(id)) = self.names.find(name)
        {
            self.use_chain(id, place);
        }
    }

    /// A number, a reference, or what else stands for a signal.
    pub fn signal(&mut self, spec: &'static NodeSpec, arg: &'static ArgSpec, term: &Term) -> Arg {
        if let Some(parameter) = self.parameter_term(term) {
            return self.parameter_signal(spec, arg, parameter);
        }
        match &term.kind {
            TermKind::Number(x) => self.number(arg, *x, term.span),
            TermKind::Name { .. } | TermKind::Reference { .. } => {
                self.check_note_as_frequency(arg, term);
                self.one_chain(spec, arg, term).map_or(BROKEN, Arg::Chain)
            }
            TermKind::Parentheses { .. } => self.arithmetic_argument(arg, term).unwrap_or(BROKEN),
            _ => match self.inline(arg, term) {
                Some(value) => value,
                None => {
                    self.wrong_kind(spec, arg, term);
                    BROKEN
                }
            },
        }
    }

    /// Warns of `saw ~note`: a note number is hardly a frequency.
    fn check_note_as_frequency(&mut self, arg: &ArgSpec, term: &Term) {
        let name = self.slice(term.span);
        if arg.unit != Unit::Hertz || self.names.chain(name).is_some() {
            return;
        }
        let voice = |name: &str, value| {
            let spec = self.registry.find(name)?;
            (spec.role == Role::Voice(value)).then_some(spec.name)
        };
        let frequency = self.spec_of_role(Role::Voice(VoiceValue::Frequency));
        if let (Some(name), Some(frequency)) = (voice(name, VoiceValue::Note), frequency) {
            let problem = Problem::NoteAsFrequency {
                name: name.to_owned(),
                frequency: frequency.name.to_owned(),
            };
            self.report(problem, term.span);
        }
    }

    /// A number as an argument takes it; what is odd about it is reported.
    pub fn number(&mut self, arg: &ArgSpec, value: f64, span: Span) -> Arg {
        let value = value as f32;
        if !value.is_finite() {
            self.report(Problem::NumberTooLarge, span);
            return BROKEN;
        }
        let nearest = value.clamp(arg.min, arg.max);
        if nearest != value {
            let (name, range) = (arg.name.to_owned(), range_text(arg));
            let used = nearest.to_string();
            let problem = match arg.strict {
                true => Problem::BeyondLimit {
                    arg: name,
                    range,
                    nearest: used,
                },
                false => Problem::Clamped {
                    arg: name,
                    range,
                    used,
                },
            };
            self.report(problem, span);
        } else if let Some(unlikely) = &arg.unlikely
            && value != 0.0
            && !(unlikely.below..=unlikely.above).contains(&value)
        {
            let problem = Problem::Unlikely {
                arg: arg.name.to_owned(),
                hint: unlikely.hint,
            };
            self.report(problem, span);
        }
        Arg::Number(nearest)
    }

    /// The one chain that a word or reference means; problems are reported.
    pub fn one_chain(&mut self, spec: &NodeSpec, arg: &ArgSpec, term: &Term) -> Option<ChainId> {
        let text = self.slice(term.span);
        let place = self.place(term.span);
        match term.kind {
            TermKind::Reference { prefix: true } | TermKind::Name { prefix: true } => {
                let found = self.find_matches(text.trim_end_matches('.'), place);
                let first = found.first().copied();
                if found.len() > 1
                    && let Some(first) = first
                {
                    let taken = self.names.name_of(first).to_owned();
                    self.report(
                        Problem::SeveralMatches {
                            prefix: text.to_owned(),
                            taken,
                        },
                        term.span,
                    );
                }
                first
            }
            TermKind::Reference { prefix: false } => chain_of(self.find_reference(text, place)),
            TermKind::Name { prefix: false } => match self.bare_word(text) {
                Word::Unknown if arg.unit == Unit::Hertz && note_hz(text).is_some() => {
                    let better = note_hz(text);
                    let text = text.to_owned();
                    self.report(Problem::BadNumber { text, better }, term.span);
                    None
                }
                Word::Chain | Word::Unknown => chain_of(self.find_reference(text, place)),
                Word::Node(_) | Word::Later => {
                    self.report(
                        Problem::NodeAsArgument {
                            name: text.to_owned(),
                        },
                        term.span,
                    );
                    None
                }
            },
            _ => {
                self.wrong_kind(spec, arg, term);
                None
            }
        }
    }

    fn refs(&mut self, spec: &NodeSpec, arg: &ArgSpec, terms: &[Term]) -> Vec<ChainId> {
        let mut ids: Vec<ChainId> = Vec::new();
        let mut first_at: std::collections::HashMap<ChainId, Span> = Default::default();
        for term in terms {
            let found = match term.kind {
                TermKind::Reference { prefix: true } | TermKind::Name { prefix: true } => {
                    let prefix = self.slice(term.span).trim_end_matches('.');
                    self.find_matches(prefix, self.place(term.span))
                }
                _ => self.one_chain(spec, arg, term).into_iter().collect(),
            };
            for id in found {
                match first_at.get(&id) {
                    None => {
                        first_at.insert(id, self.place(term.span));
                        ids.push(id);
                    }
                    Some(first) => {
                        let name = self.names.name_of(id).to_owned();
                        let twice = Problem::DuplicateSource { name }.at(self.place(term.span));
                        self.report_placed(twice.with_label(*first, label::FIRST_MENTION));
                    }
                }
            }
        }
        ids
    }

    fn integers(&mut self, spec: &NodeSpec, terms: &[Term]) -> Vec<i64> {
        let mut numbers = Vec::with_capacity(terms.len());
        for term in terms {
            if let Some(parameter) = self.parameter_term(term) {
                let one =
                    |scope: &mut Self, t: &Term| scope.integers(spec, std::slice::from_ref(t));
                numbers.extend(self.at_call(parameter, one).unwrap_or_default());
                continue;
            }
            match term.kind {
                // 2^53: beyond it, the number as read may differ from the one written.
                TermKind::Number(x) if x.fract() == 0.0 && x.abs() < 9_007_199_254_740_992.0 => {
                    numbers.push(x as i64);
                }
                TermKind::Number(_)
                | TermKind::NoteValue(_)
                | TermKind::Compound
                | TermKind::BadNumber => {
                    self.report(
                        Problem::NotWhole {
                            node: spec.name.to_owned(),
                        },
                        term.span,
                    );
                }
                TermKind::Error | TermKind::Missing => {}
                _ => {
                    self.report(
                        Problem::NotWhole {
                            node: spec.name.to_owned(),
                        },
                        term.span,
                    );
                    self.mention(term);
                }
            }
        }
        numbers
    }

    /// Reports a term that the argument cannot take, as precisely as its form allows.
    pub fn wrong_kind(&mut self, spec: &NodeSpec, arg: &ArgSpec, term: &Term) {
        let text = self.slice(term.span);
        let owned = text.to_owned();
        let takes_numbers = matches!(arg.kind, ArgKind::Signal | ArgKind::Number);
        let problem = match &term.kind {
            TermKind::Error | TermKind::Missing => return,
            TermKind::Braces => self.unknown_token(term),
            TermKind::BadWord if arg.unit == Unit::Hertz && note_hz(text).is_some() => {
                Problem::BadNumber {
                    better: note_hz(text),
                    text: owned,
                }
            }
            TermKind::BadWord if self.names.is_known(text) => return,
            TermKind::BadNumber | TermKind::NoteValue(_) | TermKind::Compound if takes_numbers => {
                Problem::BadNumber {
                    better: meant_number(text, arg.unit),
                    text: owned,
                }
            }
            TermKind::BadWord => self.bad_word(text),
            _ => Problem::WrongKind {
                node: spec.name.to_owned(),
                arg: arg.name.to_owned(),
                wanted: wanted_text(arg),
                range: (takes_numbers && has_range(arg)).then(|| range_text(arg)),
            },
        };
        self.report(problem, term.span);
    }

    /// What is wrong with a word that is neither name nor number.
    pub fn bad_word(&self, text: &str) -> Problem {
        if let Some((name, value)) = text.rsplit_once('=')
            && !name.is_empty()
            && !value.is_empty()
        {
            return Problem::NamedArgument {
                value: value.to_owned(),
            };
        }
        // `~d*` for all names that begin with `~d`.
        let all = text.strip_suffix('*').map(|prefix| format!("{prefix}.."));
        let all = all.filter(|_| text.starts_with('~') && text.len() > 2);
        let near = crate::syntax::nearest_name(text).and_then(|name| {
            let exists = |n: &String| self.names.is_known(n) || self.registry.find(n).is_some();
            let reference = format!("~{name}");
            let mut candidates = [name, reference];
            if text.starts_with('$') {
                // The sign of a variable: a chain is rather meant than a node.
                candidates.reverse();
            }
            candidates.into_iter().find(exists)
        });
        let better = all.or(near);
        Problem::BadWord {
            text: text.chars().take(40).collect(),
            better,
        }
    }
}

/// The quotes that word processors put in the place of `"`.
const CURLY_QUOTES: [char; 4] = ['“', '”', '„', '‟'];

/// The frequency of a note that is written by its name, in hertz.
fn note_hz(text: &str) -> Option<String> {
    let small = text.to_lowercase();
    let (note, length) = note_name(&small)?;
    let hz = 440.0 * exp2((note as f64 - 69.0) / 12.0);
    let text = format!("{hz:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    (length == small.len()).then(|| text.to_owned())
}

fn chain_of(target: Target) -> Option<ChainId> {
    match target {
        Target::Chain(id) => Some(id),
        Target::Broken => None,
    }
}

fn cover(terms: &[Term]) -> Option<Span> {
    Some(terms.first()?.span.to(terms.last()?.span))
}

/// The number that a slip probably meant.
fn meant_number(text: &str, unit: Unit) -> Option<String> {
    let is_number = |s: &str| s.parse::<f64>().is_ok_and(f64::is_finite);
    let share = text.trim_end_matches(['.', 't']);
    if let Some((over, under)) = share.split_once('/') {
        let (over, under): (f64, f64) = (over.parse().ok()?, under.parse().ok()?);
        let value = over / under;
        return value.is_finite().then(|| (value as f32).to_string());
    }
    if let Some(percent) = text.strip_suffix('%') {
        return Some((percent.parse::<f64>().ok()? as f32 / 100.0).to_string());
    }
    let in_thousands = text.split('_').skip(1).all(|digits| digits.len() == 3);
    let without_gaps = text.replace('_', "");
    if !in_thousands {
        return None;
    }
    let split = without_gaps
        .find(|c: char| c.is_alphabetic())
        .unwrap_or(without_gaps.len());
    let (number, written) = without_gaps.split_at_checked(split)?;
    // What is typed, in the argument's unit.
    let times = |factor: f64| Some(((number.parse::<f64>().ok()? * factor) as f32).to_string());
    match (written.to_ascii_lowercase().as_str(), unit) {
        ("ms", Unit::Seconds) => times(0.001),
        ("s" | "sec", Unit::Milliseconds) => times(1000.0),
        ("db", Unit::Gain | Unit::None) => {
            let gain = format!("{:.3}", gain_of_db(number.parse().ok()?));
            Some(gain.trim_end_matches('0').trim_end_matches('.').to_owned())
        }
        ("k" | "khz", _) => times(1000.0),
        ("" | "hz" | "ms" | "s" | "sec" | "db" | "f", _) if is_number(number) => {
            Some(number.to_owned())
        }
        _ => None,
    }
}

/// `between 1 and 20000 Hz`
fn range_text(arg: &ArgSpec) -> String {
    let unit = unit_text(arg);
    match (arg.min > f32::MIN, arg.max < f32::MAX) {
        (true, true) => format!("between {} and {}{unit}", arg.min, arg.max),
        (true, false) => format!("at or above {}{unit}", arg.min),
        (false, true) => format!("at or below {}{unit}", arg.max),
        (false, false) => "within the numbers".to_owned(),
    }
}

fn unit_text(arg: &ArgSpec) -> String {
    match arg.unit.symbol() {
        "" => String::new(),
        symbol => format!(" {symbol}"),
    }
}

fn has_range(arg: &ArgSpec) -> bool {
    arg.min > f32::MIN || arg.max < f32::MAX
}

/// What an argument takes, as the end of a sentence.
fn wanted_text(arg: &ArgSpec) -> String {
    match arg.kind {
        ArgKind::Signal => format!("a number{} or a reference", in_unit(arg)),
        ArgKind::Number => format!("a number{}", in_unit(arg)),
        ArgKind::Refs => "references such as `~a`".to_owned(),
        ArgKind::Choice => super::fixed::list(arg.words),
        kind => kind.wanted().to_owned(),
    }
}

fn in_unit(arg: &ArgSpec) -> String {
    match arg.unit.symbol() {
        "" => String::new(),
        symbol => format!(" in {symbol}"),
    }
}

fn missing_text(arg: &ArgSpec) -> String {
    match arg.kind {
        ArgKind::Signal | ArgKind::Number if has_range(arg) => {
            format!("its {}, {}", arg.name, range_text(arg))
        }
        ArgKind::Signal | ArgKind::Number => format!("its {}{}", arg.name, in_unit(arg)),
        ArgKind::Refs => "a reference such as `~a`".to_owned(),
        kind => kind.wanted().to_owned(),
    }
}
