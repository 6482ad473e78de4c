//! The nodes of one chain: which node each word means, and what may follow what.

use super::inline::literal_of;
use super::known;
use super::program::{Arg, ChainId, Node};
use super::scope::{Scope, Word};
use crate::diagnostics::{Problem, nearest};
use crate::registry::{ArgKind, Input, NodeSpec, Role};
use crate::syntax::{self, Term, TermKind};
use crate::text::Span;

/// Whether a chain can stand after `>>`, as far as its first node tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Its first node needs a signal.
    Effect,
    /// Its first node makes one, or can do without.
    Source,
    /// Its first node is not understood.
    Unknown,
}

impl Scope<'_> {
    /// Checks one node of the present chain; `driven` says whether another stands before it. `None`
    /// if it is no node; that is reported.
    pub fn node(&mut self, node: &syntax::Node, driven: bool, starts: &[Start]) -> Option<Node> {
        let called = self.called(node);
        let node = called.as_ref().unwrap_or(node);
        let starts = Some(starts).filter(|_| driven);
        match node.head.kind {
            TermKind::Reference { .. } => self.reference_node(node, starts),
            TermKind::Name { prefix: true } => self.reference_node(node, starts),
            TermKind::Name { prefix: false } => match self.bare_word(self.slice(node.head.span)) {
                Word::Node(spec) => self.spec_node(spec, node, starts),
                Word::Chain => self.reference_node(node, starts),
                Word::Later(later) => {
                    let name = self.slice(node.head.span).to_owned();
                    self.report(
                        Problem::NodeNotYet {
                            name,
                            instead: later.instead,
                        },
                        node.head.span,
                    );
                    self.mention_args(node);
                    None
                }
                Word::Unknown => {
                    let problem = self.unknown_node(node.head.span);
                    self.report(problem, node.head.span);
                    self.mention_args(node);
                    None
                }
            },
            _ => match literal_of(&node.head.kind).and_then(|l| self.literal_spec(l)) {
                Some(spec) => self.written_node(spec, node),
                None => {
                    self.not_a_node(&node.head);
                    self.mention_args(node);
                    None
                }
            },
        }
    }

    /// Tells of a node that is written like a function, `sin(440)`, and gives it back without that.
    fn called(&mut self, node: &syntax::Node) -> Option<syntax::Node> {
        let first = node.args.first()?;
        let is_word = matches!(node.head.kind, TermKind::Name { .. } | TermKind::BadWord);
        if !is_word || first.kind != (TermKind::Parentheses { glued: true }) {
            return None;
        }
        let inside = self.slice(first.span);
        let inside = inside.strip_prefix('(').and_then(|t| t.strip_suffix(')'));
        let inside = inside.unwrap_or("").to_owned();
        self.report(Problem::Parentheses { inside }, first.span);
        self.mention(first);
        let mut node = node.clone();
        if let Some(first) = node.args.first_mut() {
            first.kind = TermKind::Error;
        }
        Some(node)
    }

    /// A node written as a literal: `[0=>1 1=>0]` in the place of a node.
    fn written_node(&mut self, spec: &'static NodeSpec, node: &syntax::Node) -> Option<Node> {
        if let (Some(first), Some(last)) = (node.args.first(), node.args.last()) {
            let problem = Problem::ExtraArgument {
                usage: spec.name.to_owned(),
                node: spec.name.to_owned(),
                takes: 0,
            };
            self.report(problem, first.span.to(last.span));
            self.mention_args(node);
        }
        self.literal_node(spec, &node.head)
    }

    fn mention_args(&mut self, node: &syntax::Node) {
        node.args.iter().for_each(|t| self.mention(t));
    }

    fn spec_node(
        &mut self,
        spec: &'static NodeSpec,
        node: &syntax::Node,
        starts: Option<&[Start]>,
    ) -> Option<Node> {
        let end = Span {
            start: node.span.end,
            end: node.span.end,
        };
        let end = if node.args.is_empty() {
            node.head.span
        } else {
            end
        };
        let args = self.args(spec, &node.args, end);
        if !spec.caution.is_empty() {
            self.report(Problem::Caution { text: spec.caution }, node.head.span);
        }
        if let (Role::Reference, Some(starts)) = (spec.role, starts) {
            let target = args.values.first().and_then(one_chain_of);
            let name = node
                .args
                .first()
                .map_or("", |t| self.slice(t.span))
                .to_owned();
            self.reference_after_link(node, name, target, starts);
        }
        Some(Node {
            spec,
            span: self.place(node.span),
            args: args.values,
            arg_spans: args.spans,
            extra: args.extra,
            instance: None,
        })
    }

    /// `~a`, `~t..` or a chain's bare name as a node: short for the reference node.
    fn reference_node(&mut self, node: &syntax::Node, starts: Option<&[Start]>) -> Option<Node> {
        let spec = self
            .registry
            .nodes()
            .iter()
            .copied()
            .find(|s| s.role == Role::Reference)?;
        let arg = spec.args.first()?;
        let target = self.one_chain(spec, arg, &node.head);
        if let (Some(first), Some(last)) = (node.args.first(), node.args.last()) {
            let name = self.slice(node.head.span).to_owned();
            let surplus = first.span.to(last.span);
            if node.args.iter().any(|t| t.kind != TermKind::Error) {
                let problem = Problem::ExtraArgument {
                    usage: name.clone(),
                    node: name,
                    takes: 0,
                };
                self.report(problem, surplus);
            }
            self.mention_args(node);
        }
        if let Some(starts) = starts {
            let name = self.slice(node.head.span).to_owned();
            self.reference_after_link(node, name, target, starts);
        }
        let target = target?;
        let value = match arg.kind {
            ArgKind::Refs => Arg::Refs(vec![target]),
            _ => Arg::Chain(target),
        };
        Some(Node {
            spec,
            span: self.place(node.span),
            args: vec![value],
            arg_spans: vec![self.place(node.head.span)],
            extra: Vec::new(),
            instance: None,
        })
    }

    /// A reference after `>>` is an effect, or a mistake (R4.10).
    fn reference_after_link(
        &mut self,
        node: &syntax::Node,
        name: String,
        target: Option<ChainId>,
        starts: &[Start],
    ) {
        let Some(target) = target else { return };
        let problem = match starts.get(target.0 as usize) {
            Some(Start::Unknown) => return,
            Some(Start::Effect) => Problem::EffectNotYet { name },
            // A built-in reference has no entry; it is a source.
            Some(Start::Source) | None => Problem::SourceAfterLink {
                name,
                reference: true,
            },
        };
        self.report(problem, node.span);
    }

    fn unknown_node(&self, span: Span) -> Problem {
        let name = self.slice(span);
        let owned = name.to_owned();
        if let Some((today, same_args)) = known::renamed(name, self.registry) {
            return Problem::OldNode {
                name: owned,
                today: today.to_owned(),
                same_args,
            };
        }
        if self.sink.is_full() {
            return Problem::UnknownNode {
                name: owned,
                nearest: None,
            };
        }
        if let Some(nearest) = self.glued(name) {
            return Problem::UnknownNode {
                name: owned,
                nearest: Some(nearest),
            };
        }
        let sigil = format!("~{name}");
        if self.names.is_known(&sigil) {
            return Problem::UnknownNode {
                name: owned,
                nearest: Some(sigil),
            };
        }
        let nodes = self.registry.names().filter(|n| !n.starts_with('~'));
        let nearest = nearest(name, nodes).map(str::to_owned);
        Problem::UnknownNode {
            name: owned,
            nearest,
        }
    }

    /// `sin 440` for `sin440`: a node and its first number written together.
    fn glued(&self, text: &str) -> Option<String> {
        let split = text.find(|c: char| !c.is_ascii_lowercase() && c != '_')?;
        let (name, number) = text.split_at_checked(split)?;
        self.registry.find(name)?;
        number
            .parse::<f64>()
            .is_ok()
            .then(|| format!("{name} {number}"))
    }

    /// Reports what stands in the place of a node.
    fn not_a_node(&mut self, term: &Term) {
        let text = self.slice(term.span);
        let owned: String = text.chars().take(40).collect();
        let constant = self
            .registry
            .nodes()
            .iter()
            .find(|s| s.role == Role::Constant);
        let problem = match &term.kind {
            TermKind::Error | TermKind::Missing => return,
            TermKind::Braces => self.unknown_token(term),
            TermKind::Number(_) => {
                let better = constant.map(|s| format!("{} {text}", s.name));
                Problem::NotANode {
                    text: owned,
                    better,
                }
            }
            TermKind::BadWord => {
                if self.names.is_known(text) {
                    return;
                }
                let lower = text.to_lowercase();
                let lower = self.glued(text).unwrap_or(lower);
                let first = lower.split(' ').next().unwrap_or("");
                match known::renamed(text, self.registry) {
                    Some((today, same_args)) => Problem::OldNode {
                        name: owned,
                        today: today.to_owned(),
                        same_args,
                    },
                    None if self.registry.find(first).is_some() => Problem::UnknownNode {
                        name: owned,
                        nearest: Some(lower),
                    },
                    None => self.bad_word(text),
                }
            }
            _ => Problem::NotANode {
                text: owned,
                better: None,
            },
        };
        self.report(problem, term.span);
    }

    /// How a chain starts, from its first node's head alone.
    pub fn start_of(&self, base: usize, nodes: &[syntax::Node]) -> Start {
        let Some(head) = nodes.first().map(|n| &n.head) else {
            return Start::Unknown;
        };
        match head.kind {
            TermKind::Reference { .. } | TermKind::Name { prefix: true } => Start::Source,
            TermKind::Name { prefix: false } => {
                match self.bare_word(head.span.shifted(base).text(self.text)) {
                    Word::Node(spec) if spec.input == Input::Required => Start::Effect,
                    Word::Node(_) | Word::Chain => Start::Source,
                    Word::Later(_) | Word::Unknown => Start::Unknown,
                }
            }
            _ => match literal_of(&head.kind).and_then(|l| self.literal_spec(l)) {
                Some(spec) if spec.input == Input::Required => Start::Effect,
                Some(_) => Start::Source,
                None => Start::Unknown,
            },
        }
    }
}

/// The chain of a reference node's argument.
pub fn one_chain_of(arg: &Arg) -> Option<ChainId> {
    match arg {
        Arg::Chain(id) => Some(*id),
        Arg::Refs(ids) => ids.first().copied(),
        _ => None,
    }
}
