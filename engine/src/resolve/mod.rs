//! From a tree to a checked program: names looked up, arguments read, everything that is wrong told
//! at once.
//!
//! Nodes are known by the [`Registry`] alone; what they mean to this stage is their role.
//!
//! Thread: control.

mod args;
mod call;
mod chain;
mod closest;
mod definitions;
mod expression;
mod fixed;
mod inline;
mod knobs;
mod known;
mod loose;
mod names;
mod notes;
mod program;
mod samples;
mod scope;
mod shape;
mod sink;
mod steps;
mod user;
mod voices;

use std::collections::HashSet;

pub use call::MAX_NESTED;
pub use notes::MAX_STEPS;
pub use program::{Arg, Chain, ChainId, Group, Instance, Node, Program, ProgramKnob};
pub use samples::load_samples;
pub use scope::MAX_REFERENCES;
pub use sink::MAX_LISTED;

use crate::diagnostics::{Diagnostic, Problem, label};
use crate::registry::{Category, FixedArg, Input, Registry, Role};
use crate::syntax::{Ast, Head, MAX_TEXT_BYTES, Placed, Statement, TermKind};
use crate::text::Span;
use definitions::Definitions;
use names::{Implicit, Names};
use scope::Scope;
use sink::Sink;

/// Most nodes of a program (R4.12).
pub const MAX_NODES: usize = 20_000;

/// Names that this stage knows as missing from the registry, though by now the registry has them.
/// Empty in a tidy tree; a test asks.
#[must_use]
pub fn stale_names(registry: &Registry) -> Vec<&'static str> {
    known::all()
        .filter(|name| registry.find(name).is_some())
        .collect()
}

/// What came of a tree.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The program; `None` if there is an error.
    pub program: Option<Program>,
    /// Errors, warnings and notes in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a tree of `text` against the nodes of a registry.
#[must_use]
pub fn resolve(ast: &Ast, text: &str, registry: &Registry) -> Resolution {
    if let Some(bytes) = ast.too_long_bytes {
        let problem = Problem::TextTooLong {
            bytes,
            limit: MAX_TEXT_BYTES,
        };
        return Resolution {
            program: None,
            diagnostics: vec![problem.at(Span::at(0))],
        };
    }
    let definitions = Definitions::collect(ast, text);
    let mut scope = Scope {
        text,
        registry,
        names: Names::new(registry, definitions.winners.iter().map(|d| d.name)),
        sink: Sink::default(),
        uses: Vec::new(),
        base: 0,
        chain: ChainId(0),
        counts: false,
        too_many_references: false,
        not_sent: HashSet::new(),
        users: Vec::new(),
        frames: Vec::new(),
        frame: None,
        instance: None,
        instances: 0,
        nodes: 0,
        template_nodes: 0,
        place_key: String::new(),
    };
    let broken = broken_names(ast, &mut scope);
    scope.names.set_broken(broken);
    scope.sink_syntax_problems(ast);
    scope.check_names(&definitions);

    scope.find_user_nodes(&definitions);
    scope.check_user_nodes();
    let mut program = scope.chains(ast, &definitions);
    shape::shape(&mut program.chains, text, registry, &mut scope.sink);
    scope.find_knobs(&mut program);
    if !scope.sink.has_errors() {
        scope.check_use(&program);
        scope.check_closest(&program);
        scope.append_implicit(&mut program);
        scope.group_voices(&mut program);
    }
    let program = Some(program).filter(|_| !scope.sink.has_errors());
    Resolution {
        program,
        diagnostics: scope.sink.finish(),
    }
}

/// Names of chains that cannot be used because of a slip in front of them: malformed ones, and those
/// without colon. References to them are not reported again.
fn broken_names<'a>(ast: &'a Ast, scope: &mut Scope<'a>) -> HashSet<&'a str> {
    let mut broken = HashSet::new();
    for (placed, statement) in ast.statements() {
        scope.base = placed.piece.span.start as usize;
        match &statement.head {
            Some(head) if !head.valid => {
                broken.insert(scope.slice(head.name));
            }
            Some(_) => {}
            None => {
                broken.extend(
                    loose::forgotten_colon(scope, placed, statement).map(|s| scope.slice(s)),
                );
            }
        }
    }
    broken
}

impl<'a> Scope<'a> {
    fn sink_syntax_problems(&mut self, ast: &Ast) {
        for (placed, statement) in ast.statements() {
            self.sink.drop_more(statement.unlisted_problems);
            for problem in &statement.problems {
                let base = placed.piece.span.start as usize;
                self.sink.push(problem.clone().shifted(base));
            }
        }
    }

    /// Checks the names that are defined.
    fn check_names(&mut self, definitions: &Definitions<'a>) {
        for (definition, id) in &definitions.overridden {
            let Some(later) = definitions.winner(*id) else {
                continue;
            };
            let later = later.placed.span(later.head.name);
            let name = definition.name.to_owned();
            let problem = match self.begins_with_knob(definition) {
                // A knob is its name, so the host would not know which of the two is meant.
                true => Problem::KnobTwice { name },
                false => Problem::DuplicateChain { name },
            };
            let diagnostic = problem.at(definition.placed.span(definition.head.name));
            self.report_placed(diagnostic.with_label(later, label::LATER_DEFINITION));
        }
        for definition in &definitions.winners {
            let owned = self.registry.find(definition.name).is_some_and(|spec| {
                spec.category == Category::Reference && spec.upstream && spec.input == Input::None
            });
            if owned {
                let name = definition.name.to_owned();
                let problem = Problem::CannotRedefine {
                    better: format!("{name}2"),
                    name,
                };
                self.report_placed(problem.at(definition.placed.span(definition.head.name)));
            }
        }
    }

    /// Resolves the nodes of every statement, also of those that will not be heard. Nodes of the user
    /// give chains without nodes: theirs stand where they are used.
    fn chains(&mut self, ast: &'a Ast, definitions: &Definitions<'a>) -> Program {
        let mut chains: Vec<Chain> = Vec::with_capacity(definitions.winners.len());
        let mut before: Option<&Placed> = None;
        for placed in ast.placed() {
            let Some(statement) = placed.statement.as_deref() else {
                before = Some(placed);
                continue;
            };
            self.base = placed.piece.span.start as usize;
            let next = definitions.winner(ChainId(u32::try_from(chains.len()).unwrap_or(u32::MAX)));
            let wins = next.filter(|d| std::ptr::eq(d.placed, placed));
            let name = statement.head.as_ref().map(|head| self.slice(head.name));
            self.chain = name
                .and_then(|name| definitions.ids.get(name).copied())
                .unwrap_or(ChainId(u32::MAX));
            self.counts = wins.is_some();
            let is_setting = self.setting(statement);
            if placed.is_loose() {
                self.loose(placed, statement, before);
                before = Some(placed);
                continue;
            }
            before = Some(placed);
            let has_params = |head: &Head| !head.params.is_empty();
            let is_user_node = match wins {
                Some(_) => self.is_user_node(self.chain),
                None => statement.head.as_ref().is_some_and(has_params),
            };
            let mut nodes = Vec::new();
            if !is_user_node && !is_setting {
                let key = name.unwrap_or("");
                let whole = self.series(&statement.nodes, key, false, &mut nodes);
                if !whole {
                    nodes.clear();
                }
            }
            if let Some(definition) = wins {
                let silent = is_user_node || definition.name.contains('~');
                chains.push(Chain {
                    name: definition.name.to_owned(),
                    name_span: placed.span(definition.head.name),
                    span: placed.piece.span,
                    audible: !silent,
                    nodes,
                });
            }
        }
        Program {
            chains,
            ..Program::default()
        }
    }

    /// Tells of `bpm: 120`, which looks like a setting of the program.
    fn setting(&mut self, statement: &Statement) -> bool {
        let (Some(head), [node]) = (&statement.head, statement.nodes.as_slice()) else {
            return false;
        };
        let name = self.slice(head.name).to_owned();
        match (&node.head.kind, known::advice(&name)) {
            (TermKind::Number(_), Some(advice)) => {
                self.report(Problem::NoSuchNode { name, advice }, head.name);
                true
            }
            _ => false,
        }
    }

    /// Warns of chains that are not heard. Only asked of programs without errors.
    fn check_use(&mut self, program: &Program) {
        let chains = &program.chains;
        let Some(first) = chains.first() else { return };
        if !chains.iter().any(|c| c.audible) {
            let bare = first.name.trim_start_matches('~');
            let free = self.names.chain(bare).is_none();
            let better = free.then(|| bare.to_owned());
            let problem = Problem::NothingAudible {
                name: first.name.clone(),
                better,
            };
            self.report_placed(problem.at(first.name_span));
            return;
        }
        self.check_silence(program);
        for node in chains
            .iter()
            .filter(|c| c.audible)
            .flat_map(|c| c.nodes.last())
        {
            if matches!(node.spec.role, Role::Sequencer | Role::MidiTrigger) {
                let name = node.spec.name.to_owned();
                self.report_placed(Problem::BarePattern { node: name }.at(node.span));
            }
        }
        let mut read_by: Vec<bool> = vec![false; chains.len()];
        let mut reads: Vec<Vec<ChainId>> = vec![Vec::new(); chains.len()];
        for (from, to) in self.uses.iter().filter(|(from, to)| from != to) {
            if let Some(list) = reads.get_mut(from.0 as usize) {
                list.push(*to);
            }
            if let Some(flag) = read_by.get_mut(to.0 as usize) {
                *flag = true;
            }
        }
        let mut heard: Vec<bool> = chains.iter().map(|c| c.audible).collect();
        let mut open: Vec<usize> = (0..chains.len())
            .filter(|i| heard.get(*i) == Some(&true))
            .collect();
        while let Some(index) = open.pop() {
            for id in reads.get(index).into_iter().flatten() {
                if let Some(flag) = heard.get_mut(id.0 as usize).filter(|flag| !**flag) {
                    *flag = true;
                    open.push(id.0 as usize);
                }
            }
        }
        for ((chain, heard), read) in chains.iter().zip(heard).zip(read_by) {
            if !heard {
                let problem = Problem::UnusedChain {
                    name: chain.name.clone(),
                    read,
                };
                self.report_placed(problem.at(chain.name_span));
            }
        }
    }

    /// Warns of a program of which nothing can be heard. One chain that is turned off is no mistake.
    fn check_silence(&mut self, program: &Program) {
        let mut audible = program.chains.iter().filter(|c| c.audible).peekable();
        let mut first = None;
        if audible.peek().is_none() {
            return;
        }
        for chain in audible {
            let Some((span, constant)) = shape::silence_of(chain) else {
                return;
            };
            first = first.or(Some(Problem::Silent { constant }.at(span)));
        }
        if let Some(first) = first {
            self.report_placed(first);
        }
    }

    /// Adds the chains that are used without being defined.
    fn append_implicit(&mut self, program: &mut Program) {
        for implicit in self.names.take_implicit() {
            let chain = match implicit {
                Implicit::Inline(chain) => chain,
                Implicit::Builtin { spec, name } => {
                    let mut args = self.args(spec, &[], Span::at(0));
                    let number = spec.member(&name);
                    if let (Some(number), Some(first)) = (number, args.values.first_mut()) {
                        *first = Arg::Fixed(FixedArg::Value(f32::from(number)));
                    }
                    Chain {
                        name,
                        name_span: Span::at(0),
                        span: Span::at(0),
                        audible: false,
                        nodes: vec![Node {
                            spec,
                            span: Span::at(0),
                            args: args.values,
                            arg_spans: vec![Span::at(0); args.spans.len()],
                            extra: Vec::new(),
                            instance: None,
                            group: None,
                        }],
                    }
                }
            };
            program.chains.push(chain);
        }
    }
}
