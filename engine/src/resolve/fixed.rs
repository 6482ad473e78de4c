//! Arguments that are fixed when a node is built: words, code, symbols, patterns, envelopes.

use super::args::BROKEN;
use super::program::Arg;
use super::scope::Scope;
use crate::diagnostics::{Problem, nearest};
use crate::registry::{
    ArgKind, ArgSpec, BreakPoint, BreakPoints, FixedArg, NodeSpec, SampleRef, SampleSequence,
    ValuePattern,
};
use crate::syntax::{EventValue, Pattern, Points, Term, TermKind};
use crate::text::Span;

/// Most entries of a pattern or envelope.
pub const MAX_EVENTS: usize = 4096;

/// Most words that a sentence lists.
const MAX_LISTED_WORDS: usize = 8;

impl Scope<'_> {
    /// One fixed argument from one term; `None` if something is wrong, which is reported.
    pub fn fixed(
        &mut self,
        spec: &'static NodeSpec,
        arg: &'static ArgSpec,
        term: &Term,
        extra: &mut Vec<Arg>,
    ) -> Option<FixedArg> {
        match (arg.kind, &term.kind) {
            (ArgKind::Number, TermKind::Number(x)) if arg.whole && x.fract() != 0.0 => {
                let node = spec.name.to_owned();
                self.report(Problem::NotWhole { node }, term.span);
                None
            }
            (ArgKind::Number, TermKind::Number(x)) => match self.number(arg, *x, term.span) {
                Arg::Number(x) => Some(FixedArg::Value(x)),
                _ => None,
            },
            (ArgKind::Choice, TermKind::Name { prefix: false } | TermKind::Symbol) => {
                self.choice(arg, term)
            }
            (ArgKind::Code, TermKind::Code) => self.code(arg, term),
            (ArgKind::Symbol, TermKind::Symbol) => Some(FixedArg::Symbol(
                symbol_name(self.slice(term.span)).to_owned(),
            )),
            (ArgKind::Sample, TermKind::Symbol) => {
                let name = symbol_name(self.slice(term.span));
                Some(FixedArg::Sample(self.sample(name, self.place(term.span))))
            }
            (ArgKind::Pattern, TermKind::Pattern(pattern)) => self
                .value_pattern(pattern, term.span)
                .map(FixedArg::Pattern),
            (ArgKind::SamplePattern, TermKind::Pattern(pattern)) => self
                .sample_sequence(pattern, term.span)
                .map(FixedArg::SamplePattern),
            (ArgKind::Points, TermKind::Points(points)) => {
                self.points(points, term.span).map(FixedArg::Points)
            }
            (ArgKind::Expression, TermKind::Parentheses { .. }) => {
                self.arithmetic_code(term, extra)
            }
            _ => {
                self.wrong_kind(spec, arg, term);
                None
            }
        }
    }

    fn choice(&mut self, arg: &'static ArgSpec, term: &Term) -> Option<FixedArg> {
        let word = symbol_name(self.slice(term.span));
        if let Some(index) = arg.words.iter().position(|w| *w == word) {
            return Some(FixedArg::Choice(index));
        }
        let problem = Problem::UnknownChoice {
            arg: arg.name.to_owned(),
            words: list(arg.words),
            nearest: nearest(word, arg.words.iter().copied()).map(str::to_owned),
        };
        self.report(problem, term.span);
        None
    }

    fn code(&mut self, arg: &'static ArgSpec, term: &Term) -> Option<FixedArg> {
        let text = self.slice(term.span);
        let text = text.strip_prefix('`').unwrap_or(text);
        let text = text.strip_suffix('`').unwrap_or(text);
        let problems = arg.check.map_or_else(Vec::new, |check| check(text));
        let start = self.place(term.span).start as usize + 1;
        for found in &problems {
            self.report_placed(found.problem.at(found.span.shifted(start)));
        }
        problems.is_empty().then(|| FixedArg::Code(text.into()))
    }

    /// A sample by name; its sound is added when the program is known to be right.
    pub fn sample(&mut self, name: &str, _span: Span) -> SampleRef {
        SampleRef {
            name: name.to_owned(),
            sample: None,
        }
    }

    /// Length of a pattern in bars: `(n)`, or 1 for `()`.
    fn pattern_span(&mut self, pattern: &Pattern, span: Span) -> Option<f64> {
        let Some(bars) = pattern.span_bars else {
            let end = Span {
                start: span.end,
                end: span.end,
            };
            let problem = Problem::PatternWithoutSpan.at(self.place(span));
            self.report_placed(problem.with_fix(self.place(end), "(1)"));
            return None;
        };
        self.pass_bars(bars, span)
    }

    /// A length in bars, if it is one.
    fn pass_bars(&mut self, bars: f64, span: Span) -> Option<f64> {
        if bars > 0.0 && bars.is_finite() {
            return Some(bars);
        }
        self.report(Problem::NoSpan, span);
        None
    }

    /// Whether a list of this length may stand at this place.
    fn fits(&mut self, what: &'static str, count: usize, span: Span) -> bool {
        if count == 0 {
            self.report(Problem::Empty { what }, span);
        } else if count > MAX_EVENTS {
            let limit = MAX_EVENTS;
            self.report(Problem::TooManyEvents { count, limit }, span);
        }
        (1..=MAX_EVENTS).contains(&count)
    }

    fn value_pattern(&mut self, pattern: &Pattern, span: Span) -> Option<ValuePattern> {
        let span_bars = self.pattern_span(pattern, span)?;
        if !self.fits("quoted pattern", pattern.events.len(), span) {
            return None;
        }
        let mut events: Vec<(f64, f32)> = Vec::with_capacity(pattern.events.len());
        for event in &pattern.events {
            let EventValue::Number(value) = event.value else {
                let wanted = "numbers at times";
                let entry = "a value, `@` and a time";
                self.report(Problem::PatternValue { wanted, entry }, event.span);
                return None;
            };
            if !(value as f32).is_finite() {
                self.report(Problem::NumberTooLarge, event.span);
                return None;
            }
            if self.plays(event.time_bars, span_bars, event.span) {
                events.push((event.time_bars, value as f32));
            }
        }
        // Of two entries at one time the later one counts, as upstream.
        events.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut kept: Vec<(f64, f32)> = Vec::with_capacity(events.len());
        for event in events {
            match kept.last_mut() {
                Some(last) if last.0 == event.0 => *last = event,
                _ => kept.push(event),
            }
        }
        Some(ValuePattern {
            events: kept,
            span_bars,
        })
    }

    fn sample_sequence(&mut self, pattern: &Pattern, span: Span) -> Option<SampleSequence> {
        let span_bars = self.pattern_span(pattern, span)?;
        if !self.fits("quoted pattern", pattern.events.len(), span) {
            return None;
        }
        let mut sequence = SampleSequence {
            span_bars,
            ..SampleSequence::default()
        };
        for event in &pattern.events {
            if event.value != EventValue::Symbol {
                let wanted = "samples at times";
                let entry = "a symbol, `@` and a time";
                self.report(Problem::PatternValue { wanted, entry }, event.span);
                return None;
            }
            if !self.plays(event.time_bars, span_bars, event.span) {
                continue;
            }
            let name = symbol_name(self.slice(event.span));
            let known = sequence.samples.iter().position(|s| s.name == name);
            let index = match known {
                Some(index) => index,
                None => {
                    let sample = self.sample(name, self.place(event.span));
                    sequence.samples.push(sample);
                    sequence.samples.len() - 1
                }
            };
            sequence.events.push((event.time_bars, index));
        }
        sequence.events.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(sequence)
    }

    /// Whether an event lies inside its pattern; if not, that is told.
    fn plays(&mut self, time_bars: f64, span_bars: f64, span: Span) -> bool {
        let inside = (0.0..span_bars).contains(&time_bars);
        if !inside {
            let bars = span_bars.to_string();
            self.report(Problem::NeverPlays { bars }, span);
        }
        inside
    }

    fn points(&mut self, points: &Points, span: Span) -> Option<BreakPoints> {
        let span_bars = self.pass_bars(points.bars.unwrap_or(1.0), span)?;
        if !self.fits("envelope", points.points.len(), span) {
            return None;
        }
        let too_large = |p: &crate::syntax::Point| {
            !((p.value as f32).is_finite() && p.time.is_finite() && p.offset_seconds.is_finite())
        };
        if points.points.iter().any(too_large) {
            self.report(Problem::NumberTooLarge, span);
            return None;
        }
        let point = |p: &crate::syntax::Point| BreakPoint {
            bars: p.time * span_bars,
            offset_seconds: p.offset_seconds,
            value: p.value as f32,
        };
        Some(BreakPoints {
            points: points.points.iter().map(point).collect(),
            span_bars,
            looped: points.looped,
        })
    }

    /// References and bars in turn.
    pub fn arrangement(
        &mut self,
        spec: &'static NodeSpec,
        arg: &'static ArgSpec,
        terms: &[Term],
        extra: &mut Vec<Arg>,
    ) -> Arg {
        let mut bars = Vec::with_capacity(terms.len() / 2);
        let mut whole = true;
        for pair in terms.chunks(2) {
            let out_of_turn = match pair {
                [source, _] if matches!(source.kind, TermKind::Number(_)) => Some(source),
                [_, length] if !matches!(length.kind, TermKind::Number(_)) => Some(length),
                [only] => Some(only),
                _ => None,
            };
            if let Some(term) = out_of_turn {
                pair.iter().for_each(|t| self.mention(t));
                self.report(Problem::ArrangementPairs, term.span);
                return BROKEN;
            }
            let [source, length] = pair else { continue };
            let TermKind::Number(length_bars) = length.kind else {
                continue;
            };
            let chain = self.one_chain(spec, arg, source);
            let length_bars = self.pass_bars(length_bars, length.span);
            let (Some(chain), Some(length_bars)) = (chain, length_bars) else {
                whole = false;
                continue;
            };
            bars.push(length_bars);
            extra.push(Arg::Chain(chain));
        }
        match whole {
            true => Arg::Fixed(FixedArg::Arrangement(bars)),
            false => BROKEN,
        }
    }
}

/// `bd` for `\bd` and for `'bd'`.
pub fn symbol_name(text: &str) -> &str {
    match text.strip_prefix('\\') {
        Some(name) => name,
        None => text.trim_matches('\''),
    }
}

/// `a, b or c`, or the first of many words.
pub fn list(words: &[&str]) -> String {
    match words {
        [a, b, rest @ ..] if words.len() > MAX_LISTED_WORDS => {
            format!("`{a}`, `{b}` or one of {} more", rest.len())
        }
        [] => String::new(),
        [one] => format!("`{one}`"),
        [many @ .., last] => {
            let many: Vec<String> = many.iter().map(|w| format!("`{w}`")).collect();
            format!("{} or `{last}`", many.join(", "))
        }
    }
}
