//! The use of a user's node: its body's nodes are put in its place, and its parameters mean what
//! is written at the call, in the scope of the call (R4.6, R4.11).

use std::sync::Arc;

use super::MAX_NODES;
use super::args::{Args, BROKEN};
use super::chain::Start;
use super::inline::units_per_second;
use super::names::Target;
use super::program::{Arg, ChainId, Instance, Node};
use super::scope::Scope;
use crate::diagnostics::{Problem, Wanted, label};
use crate::registry::{ArgSpec, NodeSpec, Role};
use crate::syntax::{self, Term, TermKind};
use crate::text::Span;

/// Most uses of user's nodes inside each other.
pub const MAX_NESTED: usize = 64;

/// A body that is being read, with what its parameters mean.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// Whose body it is.
    pub user: ChainId,
    /// What is written at the call; `None` while a body is checked for itself.
    args: Option<&'a [Term]>,
    /// Where the statement that calls begins.
    caller_base: usize,
    /// The body in which the call stands.
    caller: Option<usize>,
    /// The call as edits can find it again.
    key: String,
    /// The call in the program.
    place: Span,
    /// Chains that arguments were found to be, by parameter and, for note values, units a second.
    found: Vec<(usize, Option<u32>, ChainId)>,
}

impl<'a> Scope<'a> {
    /// The nodes of a body as one chain, with parameters that stand for nothing yet. Whether all is
    /// well with them, as far as that can be seen.
    pub fn series_of_template(&mut self, id: ChainId, driven: bool) -> bool {
        let Some(user) = self.user(id) else {
            return false;
        };
        let definition = user.definition;
        self.frames.clear();
        self.frames.push(Frame {
            user: id,
            args: None,
            caller_base: definition.base(),
            caller: None,
            key: String::new(),
            place: definition.placed.piece.span,
            found: Vec::new(),
        });
        self.frame = Some(0);
        let mut nodes = Vec::new();
        let whole = self.series(
            &definition.statement.nodes,
            definition.name,
            driven,
            &mut nodes,
        );
        self.frames.clear();
        self.frame = None;
        whole
    }

    /// Whether the present body is checked for itself, or used by one that is.
    pub fn in_template(&self) -> bool {
        self.frames.first().is_some_and(|f| f.args.is_none())
    }

    /// Puts the body of a user's node in the place of `node`; `terms` are its arguments. Returns
    /// whether all is well; what is not is told.
    pub fn call(
        &mut self,
        id: ChainId,
        node: &'a syntax::Node,
        terms: &'a [Term],
        driven: bool,
        out: &mut Vec<Node>,
    ) -> bool {
        let place = self.place(node.head.span);
        // What a body uses is noted when the body is checked for itself.
        let noted = self.frame.is_none() || self.frames.len() == 1 && self.in_template();
        if noted && self.counts {
            self.uses.push((self.chain, id));
        }
        let fits = self.call_fits(id, node, terms, driven);
        let broken = self.user(id).is_none_or(|user| user.broken);
        if broken || !fits {
            terms.iter().for_each(|t| self.mention(t));
            return false;
        }
        if self.frames.len() >= MAX_NESTED {
            self.report(Problem::NestedTooDeep { limit: MAX_NESTED }, node.head.span);
            return false;
        }
        if self.is_full() {
            return self.in_template();
        }
        let Some(definition) = self.user(id).map(|user| user.definition) else {
            return false;
        };
        self.instances += 1;
        let instance = Arc::new(Instance {
            name: definition.name.to_owned(),
            number: self.instances,
            depth: self.instance.as_ref().map_or(0, |i| i.depth + 1),
            parent: self.instance.clone(),
        });
        let at = self.frames.len();
        self.frames.push(Frame {
            user: id,
            args: Some(terms),
            caller_base: self.base,
            caller: self.frame,
            key: self.place_key.clone(),
            place,
            found: Vec::new(),
        });
        let outside = self.instance.replace(instance);
        let (base, frame) = (self.base, self.frame);
        self.base = definition.base();
        self.frame = Some(at);
        let key = std::mem::take(&mut self.place_key);
        let whole = self.series(&definition.statement.nodes, &key, driven, out);
        self.place_key = key;
        (self.base, self.frame, self.instance) = (base, frame, outside);
        self.frames.truncate(at);
        whole
    }

    /// Whether a user's node may stand here, with these arguments.
    fn call_fits(
        &mut self,
        id: ChainId,
        node: &syntax::Node,
        terms: &[Term],
        driven: bool,
    ) -> bool {
        let Some(user) = self.user(id) else {
            return false;
        };
        let (start, usage) = (user.start, user.usage());
        let name = user.definition.name.to_owned();
        let (takes, missing) = (user.params.len(), user.params.get(terms.len()).copied());
        let defined = user.definition.placed.span(user.definition.head.name);
        let mut fits = true;
        if !driven && start == Start::Effect {
            let problem = Problem::NeedsInput {
                node: name.clone(),
                wanted: Wanted::Signal,
                source: None,
            };
            let place = self.place(node.span);
            let diagnostic = problem
                .at(place)
                .with_fix(Span::at(place.start as usize), "~input >> ");
            self.report_placed(diagnostic.with_label(defined, label::DEFINED_HERE));
            fits = false;
        }
        if driven && start == Start::Source {
            let problem = Problem::SourceAfterLink {
                name: name.clone(),
                reference: false,
            };
            self.report(problem, node.span);
            fits = false;
        }
        let broken = terms.iter().any(|t| t.kind == TermKind::Error);
        if let Some(param) = missing {
            fits = false;
            if !broken {
                let end = match terms.last() {
                    Some(last) => Span {
                        start: last.span.end,
                        end: last.span.end,
                    },
                    None => node.head.span,
                };
                let problem = Problem::MissingArgument {
                    node: name.clone(),
                    wanted: format!("a value for `{param}`"),
                    usage: usage.clone(),
                };
                let diagnostic = problem.at(self.place(end));
                self.report_placed(diagnostic.with_label(defined, label::DEFINED_HERE));
            }
        }
        let surplus = terms.get(takes..).unwrap_or(&[]);
        if let (Some(first), Some(last)) = (surplus.first(), surplus.last()) {
            fits = false;
            if surplus.iter().any(|t| t.kind != TermKind::Error) {
                let problem = Problem::ExtraArgument {
                    node: name,
                    takes,
                    usage,
                };
                let span = first.span.to(last.span);
                let diagnostic = problem.at(self.place(span));
                self.report_placed(diagnostic.with_label(defined, label::DEFINED_HERE));
            }
        }
        fits
    }

    /// Whether the program has more nodes than it may have, or enough were read to check bodies.
    fn is_full(&self) -> bool {
        match self.in_template() {
            true => self.template_nodes > MAX_NODES,
            false => self.nodes > MAX_NODES,
        }
    }

    /// Counts a node; `false` if it is one too many, which is told once.
    pub fn count_node(&mut self, span: Span) -> bool {
        let count = match self.in_template() {
            true => &mut self.template_nodes,
            false => &mut self.nodes,
        };
        *count += 1;
        let count = *count;
        if count <= MAX_NODES {
            return true;
        }
        if !self.in_template() && count == MAX_NODES + 1 {
            let place = self.frames.first().map_or(self.place(span), |f| f.place);
            self.report_placed(Problem::TooManyNodes { limit: MAX_NODES }.at(place));
        }
        false
    }

    /// The number of the parameter that a name is in the present body. Notes that it is read.
    pub fn parameter(&mut self, name: &str) -> Option<usize> {
        let id = self.frames.get(self.frame?)?.user;
        let user = self.users.get_mut(id.0 as usize)?;
        let index = user.params.iter().position(|p| *p == name)?;
        if let Some(read) = user.read.get_mut(index) {
            *read = true;
        }
        Some(index)
    }

    /// The number of the parameter that a term is.
    pub fn parameter_term(&mut self, term: &Term) -> Option<usize> {
        let is_name = matches!(term.kind, TermKind::Reference { prefix: false });
        self.frame.filter(|_| is_name)?;
        self.parameter(self.slice(term.span))
    }

    /// Reads what is written for a parameter, where it is written. `None` while a body is checked
    /// for itself.
    pub fn at_call<R>(
        &mut self,
        parameter: usize,
        read: impl FnOnce(&mut Self, &'a Term) -> R,
    ) -> Option<R> {
        let frame = self.frames.get(self.frame?)?;
        let term = frame.args?.get(parameter)?;
        let name = self.user(frame.user)?.params.get(parameter)?;
        let key = format!("{} {name}", frame.key);
        let (base, at) = (self.base, self.frame);
        (self.base, self.frame) = (frame.caller_base, frame.caller);
        let key = std::mem::replace(&mut self.place_key, key);
        let result = read(self, term);
        self.place_key = key;
        (self.base, self.frame) = (base, at);
        Some(result)
    }

    /// A parameter as a signal argument. What is written once at the call is made once, however
    /// often the body reads it.
    pub fn parameter_signal(
        &mut self,
        spec: &'static NodeSpec,
        arg: &'static ArgSpec,
        parameter: usize,
    ) -> Arg {
        let units = units_per_second(arg).map(f32::to_bits);
        if let Some(id) = self.found_before(parameter, units) {
            return Arg::Chain(id);
        }
        let value = self.at_call(parameter, |scope, term| scope.signal(spec, arg, term));
        let value = value.unwrap_or(BROKEN);
        if let Arg::Chain(id) = value {
            self.remember(parameter, units, id);
        }
        value
    }

    fn found_before(&self, parameter: usize, units: Option<u32>) -> Option<ChainId> {
        let frame = self.frames.get(self.frame?)?;
        let found = |(p, u, _): &&(usize, Option<u32>, ChainId)| *p == parameter && *u == units;
        frame.found.iter().find(found).map(|(_, _, id)| *id)
    }

    fn remember(&mut self, parameter: usize, units: Option<u32>, id: ChainId) {
        if let Some(frame) = self.frame.and_then(|at| self.frames.get_mut(at)) {
            frame.found.push((parameter, units, id));
        }
    }

    /// A parameter where only a chain may stand; a number becomes a constant chain.
    pub fn parameter_chain(&mut self, parameter: usize) -> Target {
        let Some((spec, arg)) = self.constant() else {
            return Target::Broken;
        };
        match self.parameter_signal(spec, arg, parameter) {
            Arg::Chain(id) => Target::Chain(id),
            Arg::Number(x) => {
                let made = self.at_call(parameter, |scope, term| {
                    let span = scope.place(term.span);
                    scope.inline_chain(arg, constant_node(spec, x, span))
                });
                match made {
                    Some(id) => {
                        self.remember(parameter, units_per_second(arg).map(f32::to_bits), id);
                        Target::Chain(id)
                    }
                    None => Target::Broken,
                }
            }
            _ => Target::Broken,
        }
    }

    /// A parameter in the place of a node: a source.
    pub fn parameter_node(
        &mut self,
        parameter: usize,
        node: &syntax::Node,
        driven: bool,
        out: &mut Vec<Node>,
    ) -> bool {
        let name = self.slice(node.head.span).to_owned();
        if let (Some(first), Some(last)) = (node.args.first(), node.args.last()) {
            if node.args.iter().any(|t| t.kind != TermKind::Error) {
                let problem = Problem::ExtraArgument {
                    usage: name.clone(),
                    node: name.clone(),
                    takes: 0,
                };
                self.report(problem, first.span.to(last.span));
            }
            node.args.iter().for_each(|t| self.mention(t));
        }
        if driven {
            let reference = true;
            self.report(Problem::SourceAfterLink { name, reference }, node.span);
        }
        let (Some((spec, arg)), Some(reference)) =
            (self.constant(), self.spec_of_role(Role::Reference))
        else {
            return false;
        };
        if self.in_template() && self.frames.len() == 1 {
            return true;
        }
        let place = self.place(node.span);
        match self.parameter_signal(spec, arg, parameter) {
            Arg::Number(x) => out.push(constant_node(spec, x, place)),
            Arg::Chain(id) => {
                let args = Args::reference(reference, id, place);
                out.push(args.node(reference, place));
            }
            _ => return false,
        }
        if let Some(node) = out.last_mut() {
            node.instance.clone_from(&self.instance);
        }
        true
    }

    /// The node that is a number, with the argument that holds it.
    fn constant(&self) -> Option<(&'static NodeSpec, &'static ArgSpec)> {
        let spec = self.spec_of_role(Role::Constant)?;
        Some((spec, spec.args.first()?))
    }

    /// The first node of a role.
    pub fn spec_of_role(&self, role: Role) -> Option<&'static NodeSpec> {
        let mut nodes = self.registry.nodes().iter().copied();
        nodes.find(|spec| spec.role == role)
    }
}

fn constant_node(spec: &'static NodeSpec, value: f32, span: Span) -> Node {
    Node {
        spec,
        span,
        args: vec![Arg::Number(value)],
        arg_spans: vec![span],
        extra: Vec::new(),
        instance: None,
        group: None,
    }
}
