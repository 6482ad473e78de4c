//! The nodes of one chain: which node each word means, and what may follow what.

use std::collections::HashMap;

use super::args::Args;
use super::inline::literal_of;
use super::known;
use super::program::{Arg, ChainId, Node};
use super::scope::{Scope, Word};
use crate::diagnostics::{Problem, nearest};
use crate::registry::{NodeSpec, Role};
use crate::syntax::{self, Term, TermKind};
use crate::text::Span;

/// Whether a chain can stand after `>>`, as far as its first node tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Its first node needs a signal.
    Effect,
    /// Its first node makes a signal and takes one too.
    Either,
    /// Its first node makes a signal and takes none.
    Source,
    /// Its first node is not understood.
    Unknown,
}

impl<'a> Scope<'a> {
    /// Checks nodes in series and adds them to `out`; `key` names the row for edits, `driven` says
    /// whether a signal runs into it. Whether all of them are understood; what is not is told.
    pub fn series(
        &mut self,
        nodes: &'a [syntax::Node],
        key: &str,
        mut driven: bool,
        out: &mut Vec<Node>,
    ) -> bool {
        let mut whole = true;
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for node in nodes {
            let word = self.slice(node.head.span);
            let ordinal = seen.entry(word).or_default();
            self.place_key = format!("{key} {word} {ordinal}");
            *ordinal += 1;
            // What follows a node that is not understood has some input.
            whole &= self.node(node, driven, out);
            driven = node.head.kind != TermKind::Missing;
        }
        whole
    }

    /// Checks one node of the present chain and adds what it stands for to `out`; `driven` says
    /// whether another stands before it. Whether it is understood; if not, that is reported.
    fn node(&mut self, node: &'a syntax::Node, driven: bool, out: &mut Vec<Node>) -> bool {
        let called = self.called(node);
        if called.is_none()
            && let Some(parameter) = self.parameter_term(&node.head)
        {
            return match self.count_node(node.span) {
                true => self.parameter_node(parameter, node, driven, out),
                false => self.in_template(),
            };
        }
        if let Some(id) = self.user_node_at(node) {
            if called.is_some() {
                self.mention(&node.head);
                return false;
            }
            let is_get = !self.names.is_called(id, self.slice(node.head.span));
            let terms = if is_get { &[] } else { node.args.as_slice() };
            return self.call(id, node, terms, driven, out);
        }
        if !self.count_node(node.span) && self.frame.is_some() {
            // A body that is only checked has been read far enough.
            return self.in_template();
        }
        let found = self.plain_node(called.as_ref().unwrap_or(node), driven);
        let whole = found.is_some();
        out.extend(found.map(|mut node| {
            node.instance.clone_from(&self.instance);
            node
        }));
        whole
    }

    /// The user's node that a node stands for: `~wah 800`, `wah 800`, or `get ~fx` with an effect.
    fn user_node_at(&self, node: &syntax::Node) -> Option<ChainId> {
        let text = self.slice(node.head.span);
        let (name, is_get) = match node.head.kind {
            TermKind::Reference { prefix: false } => (text, false),
            TermKind::Name { prefix: false } => match self.bare_word(text) {
                Word::Chain => (text, false),
                Word::Node(spec) if spec.role == Role::Reference => {
                    (self.slice(node.args.first()?.span), true)
                }
                _ => return None,
            },
            _ => return None,
        };
        let id = self.names.chain(name)?;
        let takes_none = self.user(id)?.params.is_empty();
        (self.is_user_node(id) && (takes_none || !is_get)).then_some(id)
    }

    /// Checks a node that stands for itself.
    fn plain_node(&mut self, node: &syntax::Node, driven: bool) -> Option<Node> {
        match node.head.kind {
            TermKind::Reference { .. } => self.reference_node(node, driven),
            TermKind::Name { prefix: true } => self.reference_node(node, driven),
            TermKind::Name { prefix: false } => match self.bare_word(self.slice(node.head.span)) {
                Word::Node(spec) => self.spec_node(spec, node, driven),
                Word::Chain => self.reference_node(node, driven),
                Word::Later => {
                    let name = self.slice(node.head.span).to_owned();
                    self.report(Problem::NodeNotYet { name }, node.head.span);
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
        let is_word = matches!(
            node.head.kind,
            TermKind::Name { .. } | TermKind::Reference { .. } | TermKind::BadWord
        );
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
            if self.outside(node.head.span, last.span) {
                self.mention(&node.head);
                self.mention_args(node);
                return None;
            }
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
        driven: bool,
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
        if spec.role == Role::Knob {
            return self.knob_node(spec, node, driven, end);
        }
        let args = self.args(spec, &node.args, end);
        if !spec.caution.is_empty() {
            self.report(Problem::Caution { text: spec.caution }, node.head.span);
        }
        if spec.role == Role::Reference && driven {
            let target = args.values.first().and_then(one_chain_of);
            let name = node
                .args
                .first()
                .map_or("", |t| self.slice(t.span))
                .to_owned();
            self.reference_after_link(node, name, target);
        }
        Some(args.node(spec, self.place(node.span)))
    }

    /// `~a`, `~t..` or a chain's bare name as a node: short for the reference node.
    fn reference_node(&mut self, node: &syntax::Node, driven: bool) -> Option<Node> {
        let spec = self.spec_of_role(Role::Reference)?;
        let arg = spec.args.first()?;
        if let Some(last) = node.args.last()
            && self.outside(node.head.span, last.span)
        {
            self.mention(&node.head);
            self.mention_args(node);
            return None;
        }
        if self.number_apart(node) {
            return None;
        }
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
        if driven {
            let name = self.slice(node.head.span).to_owned();
            self.reference_after_link(node, name, target);
        }
        let args = Args::reference(spec, target?, self.place(node.head.span));
        Some(args.node(spec, self.place(node.span)))
    }

    /// Tells of `~cc 1`, a reference of a numbered family with its number apart.
    fn number_apart(&mut self, node: &syntax::Node) -> bool {
        let name = self.slice(node.head.span);
        let [number] = node.args.as_slice() else {
            return false;
        };
        let together = format!("{name}{}", self.slice(number.span));
        let is_family = self.registry.family(name).is_some_and(|f| f.name == name);
        if !is_family || self.names.is_known(name) || self.registry.find(&together).is_none() {
            return false;
        }
        let whole = self.place(node.head.span.to(number.span));
        let problem = self.unknown_reference(name).at(whole);
        self.report_placed(problem.with_fix(whole, together));
        true
    }

    /// A reference to a signal after `>>` is a mistake (R4.10).
    fn reference_after_link(&mut self, node: &syntax::Node, name: String, target: Option<ChainId>) {
        let Some(target) = target else { return };
        // A chain that is not understood, or lacks its own input, is told of where it is defined.
        let start = self.user(target).map(|user| user.start);
        if !matches!(start, Some(Start::Unknown | Start::Effect)) {
            let reference = true;
            self.report(Problem::SourceAfterLink { name, reference }, node.span);
        }
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
        if let Some(advice) = known::advice(name) {
            return Problem::NoSuchNode {
                name: owned,
                advice,
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
            TermKind::Braces => {
                let inside = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
                let inside = inside.unwrap_or("").trim().to_owned();
                Problem::BracesAroundChain { inside }
            }
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
}

/// The chain of a reference node's argument.
pub fn one_chain_of(arg: &Arg) -> Option<ChainId> {
    match arg {
        Arg::Chain(id) => Some(*id),
        Arg::Refs(ids) => ids.first().copied(),
        _ => None,
    }
}
