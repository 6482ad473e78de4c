//! Arithmetic in parentheses: what its names mean, and advice where the parentheses are missing.

use super::names::Target;
use super::program::{Arg, ChainId};
use super::scope::{Scope, Word};
use crate::diagnostics::Problem;
use crate::registry::{ArgKind, ArgSpec, ExpressionCode, FixedArg, Literal, NodeSpec};
use crate::script::{self, Lexeme, Operand};
use crate::syntax::{Term, TermKind};
use crate::text::Span;

/// Most words after a word that may be part of the same arithmetic.
const MAX_REACH: usize = 16;

/// What arithmetic comes to.
pub enum Arithmetic {
    /// One number.
    Number(f64),
    /// The signal of a chain, unchanged.
    Chain(ChainId),
    /// Something to compute, with its operands.
    Code(ExpressionCode, Vec<Arg>),
}

impl Scope<'_> {
    /// Reads arithmetic; `None` if something is wrong with it, which is reported.
    pub fn arithmetic(&mut self, term: &Term) -> Option<Arithmetic> {
        let start = term.span.start as usize;
        if let Some(span) = self.node_in_parentheses(term) {
            let name = self.slice(span).to_owned();
            self.report(Problem::NodeAsArgument { name }, span);
            self.mention(term);
            return None;
        }
        let read = match script::arithmetic(self.slice(term.span)) {
            Ok(read) => read,
            Err(mistakes) => {
                for mistake in mistakes {
                    self.report(mistake.problem, mistake.span.shifted(start));
                }
                self.mention(term);
                return None;
            }
        };
        let mut operands = Vec::with_capacity(read.operands.len());
        for operand in &read.operands {
            operands.push(self.operand(*operand, start));
        }
        let operands: Vec<Arg> = operands.into_iter().collect::<Option<_>>()?;
        match (
            read.code.ops.as_slice(),
            read.operands.as_slice(),
            operands.as_slice(),
        ) {
            ([_], [Operand::Number(value, _)], _) => Some(Arithmetic::Number(*value)),
            ([_], _, [Arg::Chain(id)]) => Some(Arithmetic::Chain(*id)),
            _ => Some(Arithmetic::Code(read.code, operands)),
        }
    }

    /// The name in `(sin 1)`: a node with its arguments where arithmetic stands.
    fn node_in_parentheses(&self, term: &Term) -> Option<Span> {
        let text = self.slice(term.span);
        let mut lexemes = script::lexemes(text).skip(1);
        let (kind, span) = lexemes.next()?;
        let (next, _) = lexemes.next()?;
        let is_node = kind == Lexeme::Name
            && matches!(self.bare_word(span.text(text)), Word::Node(_) | Word::Later)
            && matches!(next, Lexeme::Number | Lexeme::Name | Lexeme::Reference);
        is_node.then(|| span.shifted(term.span.start as usize))
    }

    /// One operand; `start` is where its text begins in the statement.
    fn operand(&mut self, operand: Operand, start: usize) -> Option<Arg> {
        match operand {
            Operand::Number(value, span) => {
                let value = value as f32;
                if !value.is_finite() {
                    self.report(Problem::NumberTooLarge, span.shifted(start));
                    return None;
                }
                Some(Arg::Number(value))
            }
            Operand::Reference(span) => {
                let span = span.shifted(start);
                let name = self.slice(span);
                let is_node = !name.starts_with('~')
                    && matches!(self.bare_word(name), Word::Node(_) | Word::Later);
                if is_node {
                    let name = name.to_owned();
                    self.report(Problem::NodeAsArgument { name }, span);
                    return None;
                }
                if self.in_template() && self.parameter(name).is_some() {
                    // A body that is checked for itself: what stands here is known at the call.
                    return Some(Arg::Number(0.0));
                }
                match self.find_reference(name, self.place(span)) {
                    Target::Chain(id) => Some(Arg::Chain(id)),
                    Target::Broken => None,
                }
            }
        }
    }

    /// Arithmetic in the place of a signal argument.
    pub fn arithmetic_argument(&mut self, arg: &'static ArgSpec, term: &Term) -> Option<Arg> {
        let (code, extra) = match self.arithmetic(term)? {
            Arithmetic::Number(value) => return Some(self.number(arg, value, term.span)),
            Arithmetic::Chain(id) => return Some(Arg::Chain(id)),
            Arithmetic::Code(code, extra) => (code, extra),
        };
        let spec = self.literal_spec(Literal::Expression)?;
        let node = self.node_of_literal(spec, FixedArg::Expression(code), extra, term.span);
        Some(Arg::Chain(self.inline_chain(arg, node)))
    }

    /// Arithmetic as the argument of its own node.
    pub fn arithmetic_code(&mut self, term: &Term, extra: &mut Vec<Arg>) -> Option<FixedArg> {
        let one = |operand: Arg, extra: &mut Vec<Arg>| {
            extra.push(operand);
            ExpressionCode {
                ops: vec![script::ExpressionOp::Operand(0)],
                depth: 1,
            }
        };
        let code = match self.arithmetic(term)? {
            Arithmetic::Number(value) => one(Arg::Number(value as f32), extra),
            Arithmetic::Chain(id) => one(Arg::Chain(id), extra),
            Arithmetic::Code(code, operands) => {
                *extra = operands;
                code
            }
        };
        Some(FixedArg::Expression(code))
    }

    /// Tells of arithmetic without parentheses from `first` to `last`; false if it is none.
    pub fn outside(&mut self, first: Span, last: Span) -> bool {
        let span = first.to(last);
        let text = self.slice(span);
        // A name with a hyphen looks like a difference.
        let meant = text.contains('~') || text.contains(['*', '/', '+', '^', '%']);
        let better = script::in_parentheses(text).filter(|_| meant && !self.names_node(text));
        match better {
            Some(better) => {
                self.report(Problem::ArithmeticOutside { better }, span);
                true
            }
            None => false,
        }
    }

    /// Whether a bare word in a text means a node.
    fn names_node(&self, text: &str) -> bool {
        script::lexemes(text).any(|(kind, span)| {
            kind == Lexeme::Name
                && matches!(self.bare_word(span.text(text)), Word::Node(_) | Word::Later)
        })
    }

    /// Finds arithmetic without parentheses among the arguments of a node that takes signals; it
    /// becomes one term that means nothing.
    pub fn without_outside(&mut self, spec: &NodeSpec, terms: &[Term]) -> Option<Vec<Term>> {
        if let ([first, .., last], true) = (terms, takes_arithmetic(spec))
            && self.outside(first.span, last.span)
        {
            terms.iter().for_each(|t| self.mention(t));
            return Some(vec![Term {
                span: first.span.to(last.span),
                kind: TermKind::Error,
            }]);
        }
        let signals = |a: &ArgSpec| a.kind == ArgKind::Signal;
        if !spec.visible_args().all(signals) {
            return None;
        }
        let is_bad = |t: &Term| matches!(t.kind, TermKind::BadWord | TermKind::BadNumber);
        let at = terms.iter().position(is_bad)?;
        for from in [at.saturating_sub(1), at] {
            let first = terms.get(from)?;
            for to in (at..terms.len().min(at + MAX_REACH)).rev() {
                let last = terms.get(to)?;
                if !self.outside(first.span, last.span) {
                    continue;
                }
                let mut rest = Vec::with_capacity(terms.len());
                rest.extend(terms.iter().take(from).cloned());
                rest.push(Term {
                    span: first.span.to(last.span),
                    kind: TermKind::Error,
                });
                rest.extend(terms.iter().skip(to + 1).cloned());
                terms.iter().for_each(|t| self.mention(t));
                return Some(rest);
            }
        }
        None
    }
}

fn takes_arithmetic(spec: &NodeSpec) -> bool {
    let mut args = spec.visible_args();
    args.any(|a| a.kind == ArgKind::Expression)
}
