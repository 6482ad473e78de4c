//! Signals that are written where they are used: a pattern, an envelope, arithmetic or a note value
//! in an argument's place becomes a chain without a name.
//!
//! Such a chain's name holds blanks, so that no chain of a program can have it, and says where it
//! stands, so that an edit finds it again.

use super::names::Implicit;
use super::program::{Arg, Chain, ChainId, Node};
use super::scope::Scope;
use crate::registry::{ArgSpec, FixedArg, Literal, NodeSpec, Unit};
use crate::syntax::{Term, TermKind};
use crate::text::Span;
use crate::transport::BEATS_PER_BAR;

/// The literal that a term is.
pub fn literal_of(kind: &TermKind) -> Option<Literal> {
    match kind {
        TermKind::Pattern(_) => Some(Literal::Pattern),
        TermKind::Points(_) => Some(Literal::Points),
        TermKind::Parentheses { .. } => Some(Literal::Expression),
        _ => None,
    }
}

/// Units of an argument in one second, for those that are times.
pub fn units_per_second(arg: &ArgSpec) -> Option<f32> {
    match arg.unit {
        Unit::Seconds => Some(1.0),
        Unit::Milliseconds => Some(1000.0),
        _ => None,
    }
}

impl Scope<'_> {
    /// The node that a literal is short for.
    pub fn literal_spec(&self, literal: Literal) -> Option<&'static NodeSpec> {
        let mut nodes = self.registry.nodes().iter().copied();
        nodes.find(|spec| spec.stands_for == Some(literal))
    }

    /// A literal in the place of a signal argument; `None` if the term is none. What is wrong with
    /// it is reported.
    pub fn inline(&mut self, arg: &'static ArgSpec, term: &Term) -> Option<Arg> {
        if let TermKind::NoteValue(beats) = term.kind {
            return self.note_value(arg, beats, term);
        }
        let literal = literal_of(&term.kind)?;
        let spec = self.literal_spec(literal)?;
        let node = self.literal_node(spec, term);
        let node = match node {
            Some(node) => node,
            None => return Some(super::args::BROKEN),
        };
        Some(Arg::Chain(self.inline_chain(arg, node)))
    }

    /// A note value as a time in the argument's unit, if that is a time.
    fn note_value(&mut self, arg: &'static ArgSpec, beats: f64, term: &Term) -> Option<Arg> {
        if arg.unit == Unit::Bars {
            return Some(self.number(arg, beats / BEATS_PER_BAR, term.span));
        }
        let per_second = units_per_second(arg)?;
        let spec = self.literal_spec(Literal::NoteValue)?;
        let span = self.place(term.span);
        let node = Node {
            spec,
            span,
            args: vec![Arg::Number(beats as f32), Arg::Number(per_second)],
            arg_spans: vec![span; spec.args.len()],
            extra: Vec::new(),
            instance: None,
            group: None,
        };
        Some(Arg::Chain(self.inline_chain(arg, node)))
    }

    /// A note value, or the parameter that stands for one, as bars; and where it is written.
    pub fn note_value_bars(&mut self, arg: &'static ArgSpec, term: &Term) -> Option<(Arg, Span)> {
        if let Some(parameter) = self.parameter_term(term) {
            let written = |scope: &mut Self, t: &Term| scope.note_value_bars(arg, t);
            return self.at_call(parameter, written).flatten();
        }
        let TermKind::NoteValue(beats) = term.kind else {
            return None;
        };
        let bars = self.number(arg, beats / BEATS_PER_BAR, term.span);
        Some((bars, self.place(term.span)))
    }

    /// A literal as the node it is short for; `None` if something is wrong with it.
    pub fn literal_node(&mut self, spec: &'static NodeSpec, term: &Term) -> Option<Node> {
        let mut extra = Vec::new();
        let value: FixedArg = self.fixed(spec, spec.args.first()?, term, &mut extra)?;
        Some(self.node_of_literal(spec, value, extra, term.span))
    }

    /// The node that is short for a literal of this value.
    pub fn node_of_literal(
        &self,
        spec: &'static NodeSpec,
        value: FixedArg,
        extra: Vec<Arg>,
        span: Span,
    ) -> Node {
        let span = self.place(span);
        let rest = spec.args.iter().skip(1);
        let defaults = rest.map(|a| Arg::Number(a.default.unwrap_or(a.min)));
        Node {
            spec,
            span,
            args: [Arg::Fixed(value)].into_iter().chain(defaults).collect(),
            arg_spans: vec![span; spec.args.len()],
            extra,
            instance: None,
            group: None,
        }
    }

    /// Adds a chain of one node, written in the place of an argument.
    pub fn inline_chain(&mut self, arg: &ArgSpec, node: Node) -> ChainId {
        let name = format!("{} {}", self.place_key, arg.name);
        let span = node.span;
        self.names.add_implicit(Implicit::Inline(Chain {
            name,
            name_span: span,
            span,
            audible: false,
            nodes: vec![node],
        }))
    }
}
