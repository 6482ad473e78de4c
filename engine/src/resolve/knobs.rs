//! Knobs: where they may stand, what their words mean, and the list of them (R8.5).

use super::args::Args;
use super::definitions::Definition;
use super::program::{Arg, Chain, ChainId, Node, Program, ProgramKnob};
use super::scope::Scope;
use crate::diagnostics::{Problem, label, nearest};
use crate::knob::{KNOB_SLOTS, KnobCurve, KnobDeclaration, KnobUnit};
use crate::registry::{ArgKind, ArgSpec, Build, FixedArg, NodeSpec, Role, Unit};
use crate::syntax::{self, Term, TermKind};
use crate::text::Span;

/// Numbers of a knob: default, minimum, maximum.
const NUMBERS: usize = 3;

/// Position of the minimum among the arguments.
const MIN: usize = 1;

/// Position of the maximum among the arguments.
const MAX: usize = 2;

/// Words that people write for those of the node.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("cents", "st"),
    ("decibel", "db"),
    ("decibels", "db"),
    ("exp", "log"),
    ("exponential", "log"),
    ("hertz", "hz"),
    ("khz", "hz"),
    ("linear", "lin"),
    ("logarithmic", "log"),
    ("milliseconds", "ms"),
    ("pct", "%"),
    ("percent", "%"),
    ("sec", "s"),
    ("seconds", "s"),
    ("semi", "st"),
    ("semitones", "st"),
];

impl Scope<'_> {
    /// Checks a knob; `driven` says whether another node stands before it. `None` if it stands where
    /// no knob can stand, which is told.
    pub fn knob_node(
        &mut self,
        spec: &'static NodeSpec,
        node: &syntax::Node,
        driven: bool,
        end: Span,
    ) -> Option<Node> {
        let args = self.knob_args(spec, &node.args, end);
        if driven || self.frame.is_some() {
            self.report(Problem::KnobPlace, node.span);
            return None;
        }
        Some(args.node(spec, self.place(node.span)))
    }

    /// The numbers in their order and the words in any.
    fn knob_args(&mut self, spec: &'static NodeSpec, terms: &[Term], end: Span) -> Args {
        let is_word = |t: &&Term| {
            let word = matches!(
                t.kind,
                TermKind::Name { prefix: false } | TermKind::BadWord | TermKind::Symbol
            );
            word && !self.slice(t.span).contains('=')
        };
        let (words, numbers): (Vec<&Term>, Vec<&Term>) = terms.iter().partition(is_word);
        let numbers: Vec<Term> = numbers.into_iter().cloned().collect();
        let mut args = self.args(spec, &numbers, end);
        if let [_, min] = numbers.as_slice() {
            let problem = Problem::MissingArgument {
                node: spec.name.to_owned(),
                wanted: "its max".to_owned(),
                usage: spec.usage(),
            };
            let end = Span {
                start: min.span.end,
                end: min.span.end,
            };
            self.report(problem, end);
        }
        let mut written: Vec<usize> = Vec::new();
        for term in words {
            match self.knob_word(spec, term) {
                Some((arg, word)) if !written.contains(&arg.index) => {
                    written.push(arg.index);
                    if let Some(value) = args.values.get_mut(arg.index) {
                        *value = Arg::Fixed(FixedArg::Choice(word));
                    }
                    if let Some(span) = args.spans.get_mut(arg.index) {
                        *span = term.span.shifted(self.base);
                    }
                }
                Some(_) => {
                    let problem = Problem::ExtraArgument {
                        node: spec.name.to_owned(),
                        takes: spec.args.len(),
                        usage: spec.usage(),
                    };
                    self.report(problem, term.span);
                }
                None => {}
            }
        }
        args
    }

    /// The argument that a word belongs to, and which of its words it is; an unknown one is told.
    fn knob_word(&mut self, spec: &NodeSpec, term: &Term) -> Option<(&'static ArgSpec, usize)> {
        let written = super::fixed::symbol_name(self.slice(term.span)).to_lowercase();
        let choices = || spec.args.iter().filter(|a| a.kind == ArgKind::Choice);
        for arg in choices() {
            if let Some(word) = arg.words.iter().position(|w| *w == written) {
                return Some((arg, word));
            }
        }
        let other = OTHER_WORDS.iter().find(|(word, _)| *word == written);
        let words = choices().flat_map(|a| a.words).copied();
        let problem = Problem::UnknownChoice {
            arg: "word here".to_owned(),
            words: super::fixed::list(&["lin", "log", "hz", "db", "ms", "s", "st", "%"]),
            nearest: other
                .map(|(_, word)| *word)
                .or_else(|| nearest(&written, words))
                .map(str::to_owned),
        };
        self.report(problem, term.span);
        None
    }

    /// Whether a definition's chain begins with a knob.
    pub fn begins_with_knob(&self, definition: &Definition<'_>) -> bool {
        let first = definition.statement.nodes.first();
        let name = first.map_or("", |n| definition.placed.span(n.head.span).text(self.text));
        self.registry
            .find(name)
            .is_some_and(|spec| spec.role == Role::Knob)
    }

    /// Lists the knobs of the program and checks what each of them says.
    pub fn find_knobs(&mut self, program: &mut Program) {
        let mut found: Vec<(Span, ProgramKnob)> = Vec::new();
        for (number, chain) in program.chains.iter().enumerate() {
            let Some(node) = chain.nodes.first() else {
                continue;
            };
            let Some(declaration) = declaration_of(node) else {
                continue;
            };
            if !self.check_knob(node, &declaration) {
                continue;
            }
            let name = chain.name.trim_start_matches('~');
            if let Some((first, _)) = found.iter().find(|(_, k)| k.name == name) {
                let name = name.to_owned();
                let twice = Problem::KnobTwice { name }.at(chain.name_span);
                self.report_placed(twice.with_label(*first, label::FIRST_MENTION));
                continue;
            }
            if found.len() == KNOB_SLOTS {
                let limit = KNOB_SLOTS;
                self.report_placed(Problem::TooManyKnobs { limit }.at(node.span));
                break;
            }
            if chain.audible && chain.nodes.len() == 1 {
                let name = name.to_owned();
                self.report_placed(Problem::KnobAudible { name }.at(chain.name_span));
            }
            let id = ChainId(u32::try_from(number).unwrap_or(u32::MAX));
            let used_for = match chain.nodes.len() {
                1 => unit_used(&program.chains, id),
                _ => None,
            };
            let knob = ProgramKnob {
                chain: id,
                name: name.to_owned(),
                shape: declaration.shape(used_for),
                slot: 0,
            };
            found.push((chain.name_span, knob));
        }
        program.knobs = found.into_iter().map(|(_, knob)| knob).collect();
    }

    /// Whether the numbers of a knob go together; if not, that is told.
    fn check_knob(&mut self, node: &Node, knob: &KnobDeclaration) -> bool {
        let span_of = |index: usize| node.arg_spans.get(index).copied().unwrap_or(node.span);
        if !(knob.max - knob.min).is_finite() {
            self.report_placed(Problem::NumberTooLarge.at(span_of(MAX)));
            return false;
        }
        if knob.min >= knob.max {
            let written = span_of(MIN).to(span_of(MAX)).text(self.text);
            let mut ends = written.split_whitespace();
            let better = match (ends.next(), ends.next(), ends.next()) {
                (Some(min), Some(max), None) if knob.min > knob.max => Some(format!("{max} {min}")),
                _ => None,
            };
            let problem = Problem::KnobRange { better };
            self.report_placed(problem.at(span_of(MIN).to(span_of(MAX))));
            return false;
        }
        if !(knob.min..=knob.max).contains(&knob.default) {
            let nearest = knob.default.clamp(knob.min, knob.max);
            let problem = Problem::BeyondLimit {
                arg: "default".to_owned(),
                range: format!("between {} and {}", knob.min, knob.max),
                nearest: nearest.to_string(),
            };
            self.report_placed(problem.at(span_of(0)));
            return false;
        }
        if knob.curve == Some(KnobCurve::Logarithmic) && knob.min <= 0.0 {
            self.report_placed(Problem::KnobCurve.at(span_of(NUMBERS)));
            return false;
        }
        true
    }
}

/// What a knob says.
fn declaration_of(node: &Node) -> Option<KnobDeclaration> {
    let read = node.spec.knob?;
    let fixed = |arg: &Arg| match arg {
        Arg::Fixed(value) => Some(value.clone()),
        _ => None,
    };
    // An argument that is not understood was told of.
    let args: Vec<FixedArg> = node.args.iter().map(fixed).collect::<Option<_>>()?;
    Some(read(&Build::of_args(&args)))
}

/// The unit of the arguments that read a chain, if those that have one agree.
fn unit_used(chains: &[Chain], id: ChainId) -> Option<KnobUnit> {
    let mut units = chains
        .iter()
        .flat_map(|chain| &chain.nodes)
        .flat_map(|node| node.args.iter().zip(node.spec.args))
        .filter(|(arg, _)| **arg == Arg::Chain(id))
        .filter_map(|(_, spec)| unit_of(spec.unit));
    let first = units.next()?;
    units.all(|unit| unit == first).then_some(first)
}

fn unit_of(unit: Unit) -> Option<KnobUnit> {
    match unit {
        Unit::Hertz => Some(KnobUnit::Hertz),
        Unit::Seconds => Some(KnobUnit::Seconds),
        Unit::Milliseconds => Some(KnobUnit::Milliseconds),
        Unit::Decibels => Some(KnobUnit::Decibels),
        Unit::Ratio => Some(KnobUnit::Percent),
        _ => None,
    }
}
