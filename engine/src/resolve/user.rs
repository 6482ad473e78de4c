//! Which chains are nodes of the user: those with parameters, and silent ones that begin with a node
//! that needs a signal (R4.10).
//!
//! Such a chain makes no sound by itself. Its nodes are put where it is used, once for each use.

use super::chain::Start;
use super::definitions::{Definition, Definitions};
use super::inline::literal_of;
use super::program::ChainId;
use super::scope::{Scope, Word};
use super::shape::needs_input;
use crate::diagnostics::{Problem, Wanted, label};
use crate::registry::{Input, NodeSpec, Role};
use crate::syntax::{self, TermKind};
use crate::text::Span;

/// What is known of one chain.
#[derive(Clone, Debug)]
pub struct User<'a> {
    /// Its definition.
    pub definition: Definition<'a>,
    /// Names of its parameters.
    pub params: Vec<&'a str>,
    /// Which of them its body reads, as far as it was looked at.
    pub read: Vec<bool>,
    /// How it starts.
    pub start: Start,
    /// Whether it is a node of the user, and not a chain that sounds or is read.
    pub is_node: bool,
    /// Whether it stands after an arrow somewhere.
    pub applied: bool,
    /// Whether something in it is wrong, which is told once and not for each use.
    pub broken: bool,
}

impl User<'_> {
    /// How it is written where it is used.
    pub fn usage(&self) -> String {
        let mut text = self.definition.name.to_owned();
        for param in &self.params {
            text.push(' ');
            text.push_str(param.trim_start_matches('~'));
        }
        text
    }
}

/// How a chain starts, as far as its first node tells.
enum First {
    Known(Start),
    /// As another chain does.
    Like(ChainId),
}

/// Use of one user's node by another.
struct Call {
    callee: ChainId,
    place: Span,
}

impl<'a> Scope<'a> {
    /// Finds out which chains are nodes of the user.
    pub fn find_user_nodes(&mut self, definitions: &Definitions<'a>) {
        let firsts: Vec<First> = definitions
            .winners
            .iter()
            .map(|d| self.first_of(d))
            .collect();
        let starts = starts(&firsts, definitions);
        self.users = definitions
            .winners
            .iter()
            .zip(starts)
            .map(|(definition, start)| {
                let params: Vec<&str> = definition.params(self.text).collect();
                let silent = definition.name.contains('~');
                User {
                    definition: *definition,
                    is_node: !params.is_empty() || silent && start == Start::Effect,
                    read: vec![false; params.len()],
                    params,
                    start,
                    applied: false,
                    broken: false,
                }
            })
            .collect();
        for definition in &definitions.winners {
            let linked = definition
                .statement
                .nodes
                .iter()
                .filter(|n| n.link.is_some());
            for node in linked {
                let target = self.head_target(definition, node);
                if let Some(user) = target.and_then(|id| self.users.get_mut(id.0 as usize)) {
                    user.applied = true;
                }
            }
        }
    }

    /// What is known of a chain that the user defines.
    pub fn user(&self, id: ChainId) -> Option<&User<'a>> {
        self.users.get(id.0 as usize)
    }

    /// Whether a chain is a node of the user.
    pub fn is_user_node(&self, id: ChainId) -> bool {
        self.user(id).is_some_and(|user| user.is_node)
    }

    /// The user's chain that a node of a definition names in its place: `~a`, `a` or `get ~a`.
    fn head_target(&self, definition: &Definition<'a>, node: &syntax::Node) -> Option<ChainId> {
        let slice = |span: Span| span.shifted(definition.base()).text(self.text);
        let term = match node.head.kind {
            TermKind::Reference { prefix: false } => &node.head,
            TermKind::Name { prefix: false } => match self.bare_word(slice(node.head.span)) {
                Word::Chain => &node.head,
                Word::Node(spec) if spec.role == Role::Reference => node.args.first()?,
                _ => return None,
            },
            _ => return None,
        };
        let name = slice(term.span);
        let is_param = definition.params(self.text).any(|p| p == name);
        self.names.chain(name).filter(|_| !is_param)
    }

    fn first_of(&self, definition: &Definition<'a>) -> First {
        let known = First::Known;
        let Some(node) = definition.statement.nodes.first() else {
            return known(Start::Unknown);
        };
        if let Some(id) = self.head_target(definition, node) {
            return First::Like(id);
        }
        let text = node.head.span.shifted(definition.base()).text(self.text);
        let is_param = definition.params(self.text).any(|p| p == text);
        known(match node.head.kind {
            TermKind::Reference { prefix: false } if !is_param && !self.names.is_known(text) => {
                Start::Unknown
            }
            TermKind::Name { prefix: false } => match self.bare_word(text) {
                Word::Node(spec) => start_of(spec),
                Word::Chain => Start::Source,
                Word::Later | Word::Unknown => Start::Unknown,
            },
            TermKind::Reference { .. } | TermKind::Name { .. } => Start::Source,
            _ => match literal_of(&node.head.kind).and_then(|l| self.literal_spec(l)) {
                Some(spec) => start_of(spec),
                None => Start::Unknown,
            },
        })
    }

    /// Says which nodes of the user contain themselves, and checks the body of each once, those that
    /// others use first.
    pub fn check_user_nodes(&mut self) {
        let calls: Vec<Vec<Call>> = self.users.iter().map(|user| self.calls_of(user)).collect();
        let order = self.order(&calls);
        self.template_nodes = 0;
        for id in order {
            self.check_body(id);
        }
    }

    fn calls_of(&self, user: &User<'a>) -> Vec<Call> {
        if !user.is_node {
            return Vec::new();
        }
        let nodes = user.definition.statement.nodes.iter();
        nodes
            .filter_map(|node| {
                let callee = self.head_target(&user.definition, node)?;
                let place = user.definition.placed.span(node.head.span);
                self.is_user_node(callee).then_some(Call { callee, place })
            })
            .collect()
    }

    /// The nodes of the user, each after those it uses. Circles are told and marked as broken.
    fn order(&mut self, calls: &[Vec<Call>]) -> Vec<ChainId> {
        #[derive(Clone, Copy, PartialEq, Eq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.users.len()];
        let mut order = Vec::new();
        // Chains on the way from the first one, with the number of the call that is next.
        let mut way: Vec<(usize, usize)> = Vec::new();
        for first in 0..calls.len() {
            if marks.get(first) != Some(&Mark::New) || !self.is_user_node(id_of(first)) {
                continue;
            }
            way.push((first, 0));
            while let Some((at, next)) = way.last_mut() {
                let at = *at;
                if let Some(mark) = marks.get_mut(at) {
                    *mark = Mark::Open;
                }
                let call = calls.get(at).and_then(|list| list.get(*next));
                *next += 1;
                let Some(call) = call else {
                    if let Some(mark) = marks.get_mut(at) {
                        *mark = Mark::Done;
                    }
                    order.push(id_of(at));
                    way.pop();
                    continue;
                };
                let callee = call.callee.0 as usize;
                match marks.get(callee) {
                    Some(Mark::New) => way.push((callee, 0)),
                    Some(Mark::Open) => {
                        let circle = way.iter().skip_while(|(id, _)| *id != callee);
                        let circle: Vec<usize> = circle.map(|(id, _)| *id).collect();
                        self.report_circle(&circle, call.place);
                    }
                    Some(Mark::Done) | None => {}
                }
            }
        }
        order
    }

    fn report_circle(&mut self, circle: &[usize], place: Span) {
        /// Most names of a circle that are told.
        const NAMES: usize = 4;
        let name = |id: &usize| {
            let user = self.users.get(*id);
            user.map_or("", |u| u.definition.name)
        };
        let Some(first) = circle.first() else { return };
        let mut way: Vec<String> = circle
            .iter()
            .take(NAMES)
            .map(|id| quoted(name(id)))
            .collect();
        if circle.len() > NAMES {
            way.push("…".to_owned());
        }
        way.push(quoted(name(first)));
        let problem = Problem::ContainsItself {
            name: name(first).to_owned(),
            way: (circle.len() > 1).then(|| way.join(" > ")),
        };
        let defined = self.users.get(*first).map(|u| {
            let definition = u.definition;
            definition.placed.span(definition.head.name)
        });
        let mut diagnostic = problem.at(place);
        if let Some(defined) = defined {
            diagnostic = diagnostic.with_label(defined, label::DEFINED_HERE);
        }
        self.report_placed(diagnostic);
        for id in circle {
            if let Some(user) = self.users.get_mut(*id) {
                user.broken = true;
            }
        }
    }

    /// Checks the parameters and the body of a user's node, whatever it is used with.
    fn check_body(&mut self, id: ChainId) {
        let Some(user) = self.user(id) else { return };
        let (definition, params) = (user.definition, user.params.clone());
        let driven = user.start == Start::Effect;
        self.base = definition.base();
        self.chain = id;
        self.counts = true;
        let before = self.sink.errors();
        for (i, (name, span)) in params.iter().zip(&definition.head.params).enumerate() {
            if params.iter().take(i).any(|p| p == name) {
                let name = (*name).to_owned();
                self.report(Problem::ParameterTwice { name }, *span);
            }
        }
        let implicit = self.names.implicit_count();
        let whole = self.series_of_template(id, driven);
        self.names.forget_implicit(implicit);
        let sound = whole && self.sink.errors() == before;
        let Some(user) = self.users.get_mut(id.0 as usize) else {
            return;
        };
        user.broken |= !sound;
        let unread = user.read.clone();
        if !sound {
            return;
        }
        self.base = definition.base();
        for ((name, span), read) in params.iter().zip(&definition.head.params).zip(unread) {
            if !read {
                let problem = Problem::UnusedParameter {
                    param: (*name).to_owned(),
                    name: definition.name.to_owned(),
                };
                self.report(problem, *span);
            }
        }
    }

    /// Says that a user's node stands where a value must stand; `span` is its place in the program.
    pub fn report_user_node_as_value(&mut self, id: ChainId, span: Span) {
        let Some(user) = self.user(id) else { return };
        let definition = user.definition;
        let first = definition.statement.nodes.first();
        if user.params.is_empty() && !user.applied {
            // Nobody uses it as an effect: its source was forgotten.
            if let Some(first) = first {
                let span = definition.placed.span(first.span);
                let node = definition.placed.span(first.head.span).text(self.text);
                let diagnostic = match self.registry.find(node) {
                    Some(spec) => needs_input(spec, span),
                    None => Problem::NeedsInput {
                        node: node.to_owned(),
                        wanted: Wanted::Signal,
                        source: None,
                    }
                    .at(span),
                };
                self.report_placed(diagnostic);
            }
            return;
        }
        let problem = Problem::UserNodeAsValue {
            name: definition.name.to_owned(),
            usage: user.usage(),
            effect: user.start == Start::Effect,
        };
        let place = definition.placed.span(definition.head.name);
        self.report_placed(problem.at(span).with_label(place, label::DEFINED_HERE));
    }
}

/// How a chain starts that begins with this node.
fn start_of(spec: &NodeSpec) -> Start {
    match spec.input {
        Input::Required => Start::Effect,
        Input::Optional => Start::Either,
        Input::None => Start::Source,
    }
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

fn id_of(index: usize) -> ChainId {
    ChainId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// How each chain starts, references at their start followed.
fn starts(firsts: &[First], definitions: &Definitions<'_>) -> Vec<Start> {
    let mut starts: Vec<Option<Start>> = vec![None; firsts.len()];
    let mut on_way = vec![false; firsts.len()];
    let mut way = Vec::new();
    for index in 0..firsts.len() {
        let mut at = index;
        let mut start = loop {
            match (starts.get(at).copied().flatten(), firsts.get(at)) {
                (Some(start), _) => break start,
                (None, Some(First::Known(start))) => {
                    way.push(at);
                    break *start;
                }
                // Chains that only lead to each other: a feedback loop.
                (None, Some(First::Like(_))) if on_way.get(at) == Some(&true) => {
                    break Start::Source;
                }
                (None, Some(First::Like(next))) => {
                    way.push(at);
                    if let Some(flag) = on_way.get_mut(at) {
                        *flag = true;
                    }
                    at = next.0 as usize;
                }
                (None, None) => break Start::Unknown,
            }
        };
        while let Some(done) = way.pop() {
            if let (Some(First::Like(next)), Start::Either) = (firsts.get(done), start) {
                // What a plain reference reads is a source, whatever could stand before it there.
                let has_params = definitions
                    .winner(*next)
                    .is_some_and(|d| !d.head.params.is_empty());
                if !has_params {
                    start = Start::Source;
                }
            }
            if let Some(slot) = starts.get_mut(done) {
                *slot = Some(start);
            }
        }
    }
    starts
        .into_iter()
        .map(|s| s.unwrap_or(Start::Unknown))
        .collect()
}
