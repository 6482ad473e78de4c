//! What resolving one chain needs at hand: the text, the names, the registry and where to complain.

use std::collections::HashSet;
use std::sync::Arc;

use super::call::Frame;
use super::known;
use super::names::{Names, Target};
use super::program::{ChainId, Instance};
use super::sink::Sink;
use super::user::User;
use crate::diagnostics::{Diagnostic, Problem, nearest};
use crate::registry::{NodeSpec, Registry, Role};
use crate::text::Span;
use crate::voice::VoiceValue;

/// Most uses of chains by chains in a program, those by `~t..` counted one by one.
pub const MAX_REFERENCES: usize = 65_536;

/// State of the resolver, with the statement it is at.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The program's text.
    pub text: &'a str,
    /// The nodes.
    pub registry: &'a Registry,
    /// The chains.
    pub names: Names<'a>,
    /// The diagnostics.
    pub sink: Sink,
    /// Which chain reads which, in the order of the text.
    pub uses: Vec<(ChainId, ChainId)>,
    /// Byte at which the present statement starts.
    pub base: usize,
    /// The present chain.
    pub chain: ChainId,
    /// Whether the present statement counts (it is not overridden by a later one, and not loose).
    pub counts: bool,
    /// Whether the limit of references is exceeded and was reported.
    pub too_many_references: bool,
    /// Names of which it was told that hosts do not send them.
    pub not_sent: HashSet<String>,
    /// What is known of each chain that the user defines.
    pub users: Vec<User<'a>>,
    /// The bodies of user's nodes that are being read, from the outermost one.
    pub frames: Vec<Frame<'a>>,
    /// The one in whose scope names are looked up; `None` in a chain itself.
    pub frame: Option<usize>,
    /// The use of a user's node to which the present nodes belong.
    pub instance: Option<Arc<Instance>>,
    /// Number of uses of user's nodes so far.
    pub instances: usize,
    /// Number of nodes so far.
    pub nodes: usize,
    /// Number of nodes that were read only to check the bodies of user's nodes.
    pub template_nodes: usize,
    /// The present node as edits can find it again: chain, node and its number among equal ones.
    pub place_key: String,
}

impl<'a> Scope<'a> {
    /// A span of the present statement as one of the program.
    pub fn place(&self, span: Span) -> Span {
        span.shifted(self.base)
    }

    /// The text under a span of the present statement.
    pub fn slice(&self, span: Span) -> &'a str {
        self.place(span).text(self.text)
    }

    /// Reports a problem at a span of the present statement.
    pub fn report(&mut self, problem: Problem, span: Span) {
        let span = self.place(span);
        self.report_placed(problem.at(span));
    }

    /// Reports a diagnostic whose spans are those of the program.
    pub fn report_placed(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    /// Notes that the present chain reads another.
    pub fn use_chain(&mut self, id: ChainId, span: Span) {
        if self.uses.len() >= MAX_REFERENCES {
            if !self.too_many_references {
                self.too_many_references = true;
                self.report_placed(
                    Problem::TooManyReferences {
                        limit: MAX_REFERENCES,
                    }
                    .at(span),
                );
            }
        } else if self.counts {
            self.uses.push((self.chain, id));
        }
    }

    /// What a reference means; `span` is its place in the program. Unknown names are reported.
    pub fn find_reference(&mut self, name: &str, span: Span) -> Target {
        if let Some(parameter) = self.parameter(name) {
            return self.parameter_chain(parameter);
        }
        match self.names.find(name) {
            Some(Target::Chain(id)) => {
                self.use_chain(id, span);
                self.check_heard(name, span);
                if self.is_user_node(id) {
                    self.report_user_node_as_value(id, span);
                    return Target::Broken;
                }
                Target::Chain(id)
            }
            Some(Target::Broken) => Target::Broken,
            None => {
                let problem = self.unknown_reference(name);
                self.report_placed(problem.at(span));
                Target::Broken
            }
        }
    }

    /// Warns of what the host does not send, once for each name.
    fn check_heard(&mut self, name: &str, span: Span) {
        if !self.registry.hears_notes_only() || self.names.chain(name).is_some() {
            return;
        }
        let role = self.registry.find(name).map(|spec| spec.role);
        let needs_more = matches!(
            role,
            Some(Role::Controller | Role::Voice(VoiceValue::Bend | VoiceValue::Pressure))
        );
        if needs_more && self.not_sent.insert(name.to_owned()) {
            let name = name.to_owned();
            self.report_placed(Problem::NotSentToEffects { name }.at(span));
        }
    }

    /// What is wrong with a reference that means nothing.
    pub fn unknown_reference(&self, name: &str) -> Problem {
        if let Some(family) = self.registry.family(name)
            && let Some(numbers) = family.numbered
        {
            return Problem::NoSuchNumber {
                name: name.to_owned(),
                first: format!("{}{}", family.name, numbers.first),
                last: format!("{}{}", family.name, numbers.last),
                better: numbers.shown,
            };
        }
        // `pitch` for `~pitch` too, where only a reference can be meant.
        let sigil = format!("~{}", name.trim_start_matches('~'));
        if let Some(today) = known::renamed_reference(&sigil) {
            return Problem::UnknownReference {
                name: name.to_owned(),
                nearest: Some(today.to_owned()),
            };
        }
        let nearest = match self.sink.is_full() {
            true => None,
            false => self.nearest_reference(name),
        };
        Problem::UnknownReference {
            name: name.to_owned(),
            nearest,
        }
    }

    /// A chain that differs only by its sigil, else the nearest name.
    fn nearest_reference(&self, name: &str) -> Option<String> {
        let other = match name.strip_prefix('~') {
            Some(bare) => bare.to_owned(),
            None => format!("~{name}"),
        };
        if self.names.is_known(&other) {
            return Some(other);
        }
        // A chain is hardly meant to read itself, so its own name is no suggestion.
        let candidates = self
            .names
            .all()
            .filter(|n| self.names.chain(n) != Some(self.chain));
        nearest(name, candidates).map(str::to_owned)
    }

    /// The chains of a reference that ends in `..`; `name` is the text before the dots. None at all
    /// is reported.
    pub fn find_matches(&mut self, name: &str, span: Span) -> Vec<ChainId> {
        if self.too_many_references {
            return Vec::new();
        }
        let mut found = self.names.matches(name, self.chain);
        // Nodes of the user make no signal by themselves.
        let one = found.first().copied();
        found.retain(|id| !self.is_user_node(*id));
        if let Some(id) = one.filter(|_| found.is_empty()) {
            self.report_user_node_as_value(id, span);
        } else if found.is_empty() {
            self.report_placed(
                Problem::NoMatch {
                    prefix: name.to_owned(),
                }
                .at(span),
            );
        }
        for id in &found {
            self.use_chain(*id, span);
        }
        found
    }

    /// What a bare word means as a node (R4.8): a node of 0.13.5's list, else a user chain, else a
    /// node that Glisten adds.
    pub fn bare_word(&self, name: &str) -> Word {
        let spec = self.registry.find(name);
        match spec {
            Some(spec) if spec.upstream => Word::Node(spec),
            _ if self.names.is_known(name) => Word::Chain,
            Some(spec) => Word::Node(spec),
            None if known::later_node(name) => Word::Later,
            None => Word::Unknown,
        }
    }
}

/// Meaning of a bare word.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// A node of the registry.
    Node(&'static NodeSpec),
    /// A node to come.
    Later,
    /// A user's chain.
    Chain,
    /// Nothing.
    Unknown,
}
