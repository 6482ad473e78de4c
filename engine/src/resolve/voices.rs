//! Which nodes exist once for each voice, and in which group of voices (R4.14 to R4.16).
//!
//! Whatever depends on a voice reference is per voice, up to the `poly` that sums the voices. Each
//! `poly` owns the per-voice nodes that reach it; a chain that reaches two of them exists in both.

use std::collections::{HashMap, HashSet};

use super::MAX_NODES;
use super::args::Args;
use super::program::{Arg, Chain, ChainId, Group, Node, Program};
use super::scope::Scope;
use crate::diagnostics::{Problem, label};
use crate::registry::{ArgKind, Build, Category, FixedArg, Input, NodeSpec, Role, Tail};
use crate::text::Span;
use crate::voice::{GroupSettings, VoiceValue};

/// Effects that ring for longer are better put after the voices.
const LONG_TAIL_SECONDS: f32 = 0.5;

/// Longer nodes are named, not quoted.
const MAX_QUOTED_BYTES: usize = 30;

/// A node by its number among all nodes of a program.
type NodeNumber = usize;

/// The nodes of a program as a graph.
struct Wiring {
    /// Number of each chain's first node, and of one after the last chain's last.
    first: Vec<NodeNumber>,
    /// Chain of each node.
    chain: Vec<usize>,
    /// What each node reads.
    sources: Vec<Vec<NodeNumber>>,
    /// What of that runs through it from end to end: the node before it, what it stands for, what it
    /// sums; no arguments.
    series: Vec<Vec<NodeNumber>>,
}

impl Wiring {
    fn new(program: &Program) -> Self {
        let mut first = Vec::with_capacity(program.chains.len() + 1);
        let mut chain = Vec::new();
        for (c, of) in program.chains.iter().enumerate() {
            first.push(chain.len());
            chain.extend(std::iter::repeat_n(c, of.nodes.len()));
        }
        first.push(chain.len());
        let mut wiring = Self {
            first,
            chain,
            sources: Vec::new(),
            series: Vec::new(),
        };
        for chain in &program.chains {
            for (k, node) in chain.nodes.iter().enumerate() {
                let here = wiring.sources.len();
                let before = here.checked_sub(1).filter(|_| k > 0 && takes_input(node));
                let stands_for = matches!(node.spec.role, Role::Reference | Role::Mix);
                let read = wiring.read_by(node);
                let mut series: Vec<NodeNumber> = before.into_iter().collect();
                let mut sources = series.clone();
                sources.extend(&read);
                if stands_for {
                    series.extend(read);
                }
                wiring.series.push(series);
                wiring.sources.push(sources);
            }
        }
        wiring
    }

    /// The ends of the chains that a node's arguments name.
    fn read_by(&self, node: &Node) -> Vec<NodeNumber> {
        let args = node.args.iter().chain(&node.extra);
        args.flat_map(|arg| match arg {
            Arg::Chain(id) => std::slice::from_ref(id),
            Arg::Refs(ids) => ids.as_slice(),
            _ => &[],
        })
        .filter_map(|id| self.end_of(*id))
        .collect()
    }

    /// The last node of a chain.
    fn end_of(&self, id: ChainId) -> Option<NodeNumber> {
        let from = *self.first.get(id.0 as usize)?;
        let after = *self.first.get(id.0 as usize + 1)?;
        (after > from).then(|| after - 1)
    }

    /// A node's chain and its index there.
    fn place(&self, node: NodeNumber) -> (usize, usize) {
        let c = self.chain.get(node).copied().unwrap_or(0);
        let first = self.first.get(c).copied().unwrap_or(0);
        (c, node.saturating_sub(first))
    }

    fn node<'p>(&self, program: &'p Program, node: NodeNumber) -> Option<&'p Node> {
        let (c, k) = self.place(node);
        program.chains.get(c)?.nodes.get(k)
    }

    /// Whether a node is the last one of an audible chain.
    fn is_heard_end(&self, program: &Program, node: NodeNumber) -> bool {
        let (c, k) = self.place(node);
        let chain = program.chains.get(c);
        chain.is_some_and(|chain| chain.audible && chain.nodes.len() == k + 1)
    }

    fn sources(&self, node: NodeNumber) -> &[NodeNumber] {
        self.sources.get(node).map_or(&[], Vec::as_slice)
    }

    /// Whether each node exists once for each voice: what a voice reference reaches without passing
    /// a `poly`, through loops too. What is heard ends with a `poly`, written or not, so that others
    /// read its sum.
    fn per_voice(&self, program: &Program) -> Vec<bool> {
        let nodes = || program.chains.iter().flat_map(|c| &c.nodes);
        let mut readers: Vec<Vec<NodeNumber>> = vec![Vec::new(); self.sources.len()];
        for (reader, (sources, node)) in self.sources.iter().zip(nodes()).enumerate() {
            if node.spec.role == Role::Poly {
                continue;
            }
            for source in sources {
                if self.is_heard_end(program, *source) {
                    continue;
                }
                if let Some(list) = readers.get_mut(*source) {
                    list.push(reader);
                }
            }
        }
        let mut per_voice: Vec<bool> = nodes().map(is_seed).collect();
        let mut open: Vec<NodeNumber> = (0..per_voice.len())
            .filter(|n| per_voice.get(*n) == Some(&true))
            .collect();
        while let Some(node) = open.pop() {
            for reader in readers.get(node).into_iter().flatten() {
                if let Some(flag) = per_voice.get_mut(*reader).filter(|flag| !**flag) {
                    *flag = true;
                    open.push(*reader);
                }
            }
        }
        per_voice
    }

    /// Whether what runs through each shared node is a sum of voices.
    fn summed(&self, program: &Program, per_voice: &[bool]) -> Vec<bool> {
        let nodes = program.chains.iter().flat_map(|c| &c.nodes);
        let mut summed: Vec<bool> = nodes.map(|n| n.spec.role == Role::Poly).collect();
        let mut readers: Vec<Vec<NodeNumber>> = vec![Vec::new(); summed.len()];
        for (reader, series) in self.series.iter().enumerate() {
            for source in series {
                if let Some(list) = readers.get_mut(*source) {
                    list.push(reader);
                }
            }
        }
        let mut open: Vec<NodeNumber> = (0..summed.len())
            .filter(|n| summed.get(*n) == Some(&true))
            .collect();
        while let Some(node) = open.pop() {
            for reader in readers.get(node).into_iter().flatten() {
                let shared = per_voice.get(*reader) == Some(&false);
                if let Some(flag) = summed.get_mut(*reader).filter(|flag| shared && !**flag) {
                    *flag = true;
                    open.push(*reader);
                }
            }
        }
        summed
    }

    /// The `poly` that a row of summed nodes before a node begins with.
    fn sum_before<'p>(
        &self,
        program: &'p Program,
        node: NodeNumber,
        summed: &[bool],
    ) -> Option<&'p Node> {
        let mut at = node;
        for _ in 0..summed.len() {
            let mut series = self.series.get(at)?.iter();
            at = *series.find(|s| summed.get(**s) == Some(&true))?;
            let found = self.node(program, at)?;
            if found.spec.role == Role::Poly {
                return Some(found);
            }
        }
        None
    }

    /// The per-voice nodes that reach a node without passing a `poly`, in the order of the program.
    fn members(&self, end: NodeNumber, per_voice: &[bool]) -> Vec<NodeNumber> {
        let mut seen: HashSet<NodeNumber> = HashSet::new();
        let mut members = Vec::new();
        let mut open = vec![end];
        while let Some(node) = open.pop() {
            for source in self.sources(node) {
                if per_voice.get(*source) == Some(&true) && seen.insert(*source) {
                    members.push(*source);
                    open.push(*source);
                }
            }
        }
        members.sort_unstable();
        members
    }
}

/// Whether a node hears the one before it.
fn takes_input(node: &Node) -> bool {
    node.spec.input != Input::None && node.spec.role != Role::Sequencer
}

/// Whether a node belongs to a voice by itself.
fn is_seed(node: &Node) -> bool {
    matches!(node.spec.role, Role::Voice(_) | Role::MidiTrigger)
}

/// Whether a node hears when its key is let go, or makes sound that ends by itself.
fn ends_notes(node: &Node) -> bool {
    matches!(
        node.spec.role,
        Role::Voice(VoiceValue::Gate) | Role::MidiTrigger
    )
}

/// One `poly` with what it owns.
struct Owner {
    poly: NodeNumber,
    members: Vec<NodeNumber>,
}

impl Scope<'_> {
    /// Finds the groups of a program, ends audible chains with a `poly` where it is missing, and
    /// gives each group its own copy of what several need.
    pub fn group_voices(&mut self, program: &mut Program) {
        let wiring = Wiring::new(program);
        let per_voice = wiring.per_voice(program);
        if self.add_missing_polys(program, &wiring, &per_voice) {
            return self.group_voices(program);
        }
        let Some(owners) = self.owners(program, &wiring, &per_voice) else {
            return;
        };
        for (number, owner) in owners.iter().enumerate() {
            let (chain, node) = wiring.place(owner.poly);
            let Some(poly) = wiring.node(program, owner.poly) else {
                continue;
            };
            let gated = owner
                .members
                .iter()
                .filter_map(|m| wiring.node(program, *m))
                .any(ends_notes);
            if let Some(settings) = settings_of(poly) {
                debug_assert_eq!(number, program.groups.len(), "groups count like owners");
                program.groups.push(Group {
                    chain: ChainId(chain as u32),
                    node: node as u32,
                    settings: GroupSettings { gated, ..settings },
                });
            }
        }
        let reference = self.spec_of_role(Role::Reference);
        share_out(program, &wiring, &owners, reference);
    }

    /// Ends each audible chain of voices with a `poly`. Whether there was one.
    fn add_missing_polys(
        &mut self,
        program: &mut Program,
        wiring: &Wiring,
        per_voice: &[bool],
    ) -> bool {
        let Some(spec) = self.spec_of_role(Role::Poly) else {
            return false;
        };
        let mut added = false;
        for c in 0..program.chains.len() {
            let id = ChainId(c as u32);
            let end = wiring
                .end_of(id)
                .filter(|n| per_voice.get(*n) == Some(&true));
            let audible = program.chains.get(c).is_some_and(|chain| chain.audible);
            let Some(end) = end.filter(|_| audible) else {
                continue;
            };
            self.hint_at_effects(program, wiring, per_voice, end);
            let args = self.args(spec, &[], Span::at(0));
            let Some(chain) = program.chains.get_mut(c) else {
                continue;
            };
            let place = chain.nodes.last().map_or(0, |n| n.span.end as usize);
            let args = Args {
                spans: vec![Span::at(place); args.spans.len()],
                ..args
            };
            chain.nodes.push(args.node(spec, Span::at(place)));
            added = true;
        }
        added
    }

    /// Says that a long effect exists in every voice (R4.16): of those on the way to `end`, the first
    /// that hears a voice.
    fn hint_at_effects(
        &mut self,
        program: &Program,
        wiring: &Wiring,
        per_voice: &[bool],
        end: NodeNumber,
    ) {
        let mut first = None;
        let mut at = Some(end);
        for _ in 0..per_voice.len() {
            let Some(node) = at.and_then(|n| wiring.node(program, n)) else {
                break;
            };
            if node.instance.is_none()
                && node.spec.category == Category::Effect
                && tail_seconds(node) > LONG_TAIL_SECONDS
            {
                first = Some((node.spec, node.span));
            }
            let before = at.and_then(|n| wiring.series.get(n));
            at = match before.map(Vec::as_slice) {
                Some([one]) if per_voice.get(*one) == Some(&true) => Some(*one),
                _ => None,
            };
        }
        if let Some((spec, span)) = first {
            let node = spec.name.to_owned();
            let start = Span::at(span.start as usize);
            let hint = Problem::EffectInVoices { node }.at(span);
            self.report_placed(hint.with_fix(start, "poly 8 >> "));
        }
    }

    /// Every `poly` with its nodes, in the order of the text. `None` if something is wrong, which is
    /// told.
    fn owners(
        &mut self,
        program: &Program,
        wiring: &Wiring,
        per_voice: &[bool],
    ) -> Option<Vec<Owner>> {
        let mut owners: Vec<Owner> = Vec::new();
        // Nodes of the program, those of voices counted for each voice.
        let mut nodes = per_voice.iter().filter(|p| !**p).count();
        let mut whole = true;
        let summed = wiring.summed(program, per_voice);
        for poly in 0..per_voice.len() {
            let Some(node) = wiring
                .node(program, poly)
                .filter(|n| n.spec.role == Role::Poly)
            else {
                continue;
            };
            whole &= self.mode_fits(node);
            let members = wiring.members(poly, per_voice);
            let voices = settings_of(node).map_or(1, |s| s.physical_voices());
            nodes = nodes.saturating_add(members.len().saturating_mul(voices));
            if nodes > MAX_NODES {
                let limit = MAX_NODES;
                self.report_placed(Problem::TooManyVoiceNodes { nodes, limit }.at(node.span));
                return None;
            }
            let late = members.iter().copied().find(|m| {
                let mut series = wiring.series.get(*m).into_iter().flatten();
                series.any(|s| summed.get(*s) == Some(&true))
            });
            if let Some((number, late)) = late.and_then(|m| Some((m, wiring.node(program, m)?))) {
                whole = false;
                let written = late.span.text(self.text);
                let node = match written.len() > MAX_QUOTED_BYTES {
                    true => late.spec.name.to_owned(),
                    false => written.to_owned(),
                };
                let problem = Problem::VoiceAfterPoly { node }.at(late.span);
                let sum = wiring.sum_before(program, number, &summed);
                self.report_placed(match sum {
                    Some(sum) => problem.with_label(sum.span, label::SUMMED_HERE),
                    None => problem,
                });
            } else if members.is_empty() {
                whole = false;
                let sum = wiring.sum_before(program, poly, &summed);
                let summed = sum.is_some();
                let problem = Problem::PolyWithoutVoices { summed }.at(node.span);
                self.report_placed(match sum {
                    Some(sum) => problem.with_label(sum.span, label::SUMMED_HERE),
                    None => problem,
                });
            }
            owners.push(Owner { poly, members });
        }
        whole.then_some(owners)
    }

    /// Whether a `poly` has one voice or none of the modes that need that.
    fn mode_fits(&mut self, poly: &Node) -> bool {
        let Some(voices) = settings_of(poly).map(|s| usize::from(s.polyphony)) else {
            return true;
        };
        for ((arg, spec), span) in poly.args.iter().zip(poly.spec.args).zip(&poly.arg_spans) {
            if let (Arg::Fixed(FixedArg::Choice(index)), ArgKind::Choice) = (arg, spec.kind)
                && *index > 0
                && voices > 1
            {
                let mode = spec.words.get(*index).copied().unwrap_or("").to_owned();
                let problem = Problem::PolyMode { mode, voices }.at(*span);
                let written = poly.arg_spans.first().copied().unwrap_or(*span);
                self.report_placed(problem.with_fix(written, "1"));
                return false;
            }
        }
        true
    }
}

/// How long a node rings, in seconds, as far as its description and its numbers say.
fn tail_seconds(node: &Node) -> f32 {
    let number = |index: usize| match node.args.get(index) {
        Some(Arg::Number(x)) => *x,
        // A reference may be anything.
        _ => 0.0,
    };
    match node.spec.tail {
        Tail::None | Tail::Endless => 0.0,
        Tail::Seconds(seconds) => seconds,
        Tail::MillisecondsOf(index) => number(index) / 1000.0,
        Tail::SecondsOf(index) => number(index),
    }
}

/// What a `poly` says.
fn settings_of(poly: &Node) -> Option<GroupSettings> {
    let read = poly.spec.voices?;
    let fixed = |arg: &Arg| match arg {
        Arg::Fixed(value) => value.clone(),
        _ => FixedArg::Number(None),
    };
    let args: Vec<FixedArg> = poly.args.iter().map(fixed).collect();
    Some(read(&Build::of_args(&args)))
}

/// Tells every node its group. What several groups need stays where it is for the first of them, and
/// is repeated in implicit chains for the others.
fn share_out(
    program: &mut Program,
    wiring: &Wiring,
    owners: &[Owner],
    reference: Option<&'static NodeSpec>,
) {
    let mut first_owner: Vec<Option<u32>> = vec![None; wiring.chain.len()];
    let mut copies: Vec<Copied> = Vec::new();
    let mut keys = PolyKeys::default();
    for (group, owner) in owners.iter().enumerate() {
        let group = group as u32;
        let key = keys.next(program, wiring.place(owner.poly).0);
        let mut copy = Copied::new(group);
        for member in &owner.members {
            match first_owner.get_mut(*member) {
                Some(first) if first.is_none() => *first = Some(group),
                _ => copy.add(program, wiring.place(*member), &key, reference),
            }
        }
        copies.push(copy);
    }
    let mut count = program.chains.len();
    let mut moved: Vec<HashMap<ChainId, ChainId>> = Vec::with_capacity(copies.len());
    for copy in &copies {
        let ids = (count..).map(|c| ChainId(c as u32));
        moved.push(copy.chains.iter().map(|(from, _)| *from).zip(ids).collect());
        count += copy.chains.len();
    }
    let nodes = program.chains.iter_mut().flat_map(|c| &mut c.nodes);
    for (node, group) in nodes.zip(first_owner) {
        node.group = group;
        if let Some(moved) = group.and_then(|g| moved.get(g as usize)) {
            redirect(node, moved);
        }
    }
    // The sum reads its own chain, which is never repeated, so it needs no redirection.
    for (copy, moved) in copies.into_iter().zip(&moved) {
        for (_, mut chain) in copy.chains {
            for node in &mut chain.nodes {
                node.group = Some(copy.group);
                redirect(node, moved);
            }
            program.chains.push(chain);
        }
    }
}

/// Reads the copies of chains in the place of the chains.
fn redirect(node: &mut Node, moved: &HashMap<ChainId, ChainId>) {
    if moved.is_empty() {
        return;
    }
    let new = |id: &mut ChainId| {
        if let Some(copy) = moved.get(id) {
            *id = *copy;
        }
    };
    for arg in node.args.iter_mut().chain(&mut node.extra) {
        match arg {
            Arg::Chain(id) => new(id),
            Arg::Refs(ids) => ids.iter_mut().for_each(new),
            _ => {}
        }
    }
}

/// Names of groups as edits can find them again: the chain of the `poly` and its number there.
#[derive(Default)]
struct PolyKeys {
    seen: HashMap<usize, usize>,
}

impl PolyKeys {
    fn next(&mut self, program: &Program, chain: usize) -> String {
        let ordinal = self.seen.entry(chain).or_default();
        let name = program.chains.get(chain).map_or("", |c| &c.name);
        let key = format!("{name} poly {ordinal}");
        *ordinal += 1;
        key
    }
}

/// Chains that a group repeats.
struct Copied {
    group: u32,
    /// Which chain, and its copy, in the order of the chains.
    chains: Vec<(ChainId, Chain)>,
}

impl Copied {
    fn new(group: u32) -> Self {
        Self {
            group,
            chains: Vec::new(),
        }
    }

    /// Adds node `k` of chain `c` to the group of this key. Nodes come in the order of the program.
    fn add(
        &mut self,
        program: &Program,
        (c, k): (usize, usize),
        key: &str,
        reference: Option<&'static NodeSpec>,
    ) {
        let Some(chain) = program.chains.get(c) else {
            return;
        };
        let Some(node) = chain.nodes.get(k) else {
            return;
        };
        let id = ChainId(c as u32);
        if self.chains.last().is_none_or(|(last, _)| *last != id) {
            let copy = Chain {
                name: format!("{} for {key}", chain.name),
                audible: false,
                nodes: Vec::new(),
                ..chain.clone()
            };
            self.chains.push((id, copy));
            // The shared beginning of the chain is not repeated but read.
            let shared = k
                .checked_sub(1)
                .and_then(|k| Some((k, chain.nodes.get(k)?)));
            if let (Some((before, last)), Some(spec), Some((_, copy))) =
                (shared, reference, self.chains.last_mut())
            {
                let args = Args {
                    values: vec![Arg::Tap(id, before as u32)],
                    spans: vec![last.span],
                    extra: Vec::new(),
                };
                copy.nodes.push(args.node(spec, last.span));
            }
        }
        if let Some((_, copy)) = self.chains.last_mut() {
            copy.nodes.push(node.clone());
        }
    }
}
