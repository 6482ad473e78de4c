//! The graph that runs while an edit fades in: new nodes, kept nodes, and ghosts of the old ones.
//!
//! Fades live on edges. Where an input of a kept node (or of the output) has a new source, it
//! cross-fades from the old source to the new one; sources the new program no longer has go on as
//! ghosts on their old inputs until the fade ends (R6.7, R6.8).
//!
//! Thread: control.

use std::collections::HashMap;

use super::cycles::{Components, closed_loops, components, is_loop, mark, root_vertices};
use super::group::{attach_groups, outer_loops};
use super::plan::Weight;
use super::vertex::{Body, Edge, Graph, GroupInfo, LiteralInfo, SHARED, Source, Vertex, VertexId};
use crate::registry::{Role, Smoothing, Tail};

/// How the vertices and numbers of a new graph relate to the old one.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// For each new vertex, the old one whose state it takes.
    pub vertex: Vec<Option<VertexId>>,
    /// For each new literal, the old one it moves on from.
    pub literal: Vec<Option<u32>>,
}

impl Kept {
    /// For each old group that goes on, the new one.
    #[must_use]
    pub fn groups(&self, old: &Graph, new: &Graph) -> HashMap<u32, u32> {
        let pair = |(n, info): (usize, &GroupInfo)| {
            let of = *self.vertex.get(info.sum as usize)?;
            match old.vertex(of?).body {
                Body::Voices { group } => Some((group, n as u32)),
                _ => None,
            }
        };
        new.groups.iter().enumerate().filter_map(pair).collect()
    }

    /// Treats a vertex as new, with the numbers that are its own.
    fn replace(&mut self, new: &Graph, v: VertexId) {
        self.vertex[v as usize] = None;
        // With a sum go its voices.
        if let Body::Voices { group } = new.vertex(v).body {
            for (vertex, kept) in new.vertices.iter().zip(&mut self.vertex) {
                if vertex.group == group {
                    *kept = None;
                }
            }
        }
        for edge in &new.vertex(v).edges {
            if let (Source::Literal(literal), None) = (edge.source, edge.via) {
                self.literal[literal as usize] = None;
            }
        }
    }
}

/// The graph during a fade. Its first vertices and literals are those of the new graph.
#[derive(Clone, Debug, Default)]
pub struct FadeGraph {
    /// New vertices, then ghosts and fades.
    pub graph: Graph,
    /// For each vertex from `first_ghost` on, the old vertex it is the ghost of (`None`: a fade).
    pub ghost_of: Vec<Option<VertexId>>,
    /// Index of the first ghost or fade.
    pub first_ghost: usize,
    /// For each literal from `first_ghost_literal` on, the old literal.
    pub ghost_literals: Vec<u32>,
    /// Index of the first ghost literal.
    pub first_ghost_literal: usize,
    /// For each group beyond those of the new graph, the old group it is the ghost of.
    pub ghost_groups: Vec<u32>,
    /// Weights of the sums that fade, one per edge.
    pub weights: HashMap<VertexId, Vec<Weight>>,
    /// Weights of the roots.
    pub root_weights: Vec<Weight>,
}

/// Makes the fade graph, or `None` if nothing needs to fade.
///
/// Where old and new edges together close a loop that neither program has, the kept node of it that
/// stands first in the text is treated as replaced: `kept` loses it.
#[must_use]
pub fn fade_graph(old: &Graph, new: &Graph, kept: &mut Kept) -> Option<FadeGraph> {
    loop {
        let made = Maker::new(old, new, kept).make()?;
        let two_faced = serves_two_sides(&made, old, kept);
        if !two_faced.is_empty() {
            two_faced.into_iter().for_each(|v| kept.replace(new, v));
            continue;
        }
        match first_kept_in_loop(&made, kept) {
            None => return Some(made),
            Some(v) => kept.replace(new, v),
        }
    }
}

/// Kept vertices without memory that the old side of a fade reads and whose own numbers or terms
/// change.
///
/// They would carry the change into the old side of the fade as well, so that the level in the
/// middle of `mul 1 >> mul 0.1` becoming `mul 0.1` rose above both. There is nothing in them to
/// keep, so they are replaced.
fn serves_two_sides(made: &FadeGraph, old: &Graph, kept: &Kept) -> Vec<VertexId> {
    let mut found: Vec<VertexId> = old_side(made)
        .filter_map(|source| match source {
            Source::Vertex(v) if (v as usize) < made.first_ghost => Some(v),
            _ => None,
        })
        .filter(|v| kept.vertex[*v as usize].is_some() && changes(made, old, kept, *v))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Everything that the old side of a fade reads.
fn old_side(made: &FadeGraph) -> impl Iterator<Item = Source> {
    let graph = &made.graph;
    let added = graph
        .vertices
        .iter()
        .skip(made.first_ghost)
        .zip(&made.ghost_of);
    let by_added = added.flat_map(|(vertex, ghost_of)| {
        // Of a fade only the first edge is old, of a ghost all are.
        let old_edges = if ghost_of.is_some() {
            vertex.edges.len()
        } else {
            1
        };
        vertex.edges.iter().take(old_edges).map(|e| e.source)
    });
    let fading_out =
        |(source, weight): (Source, &Weight)| (*weight == Weight::Out).then_some(source);
    let by_roots = graph
        .roots
        .iter()
        .copied()
        .zip(&made.root_weights)
        .filter_map(fading_out);
    let by_sums = made.weights.iter().flat_map(move |(v, weights)| {
        let terms = graph.vertex(*v).edges.iter().map(|e| e.source);
        terms.zip(weights).filter_map(fading_out)
    });
    by_added.chain(by_roots).chain(by_sums)
}

fn changes(made: &FadeGraph, old: &Graph, kept: &Kept, v: VertexId) -> bool {
    let vertex = made.graph.vertex(v);
    match vertex.body {
        Body::Sum => made.weights.contains_key(&v),
        Body::Node(spec) if spec.stateless => vertex.edges.iter().any(|edge| match edge.source {
            Source::Literal(new) => kept.literal.get(new as usize).is_some_and(|of| {
                of.is_none_or(|of| {
                    old.literals[of as usize].value != made.graph.literals[new as usize].value
                })
            }),
            Source::Vertex(w) => matches!(made.graph.vertex(w).body, Body::Fade),
            Source::Nothing => false,
        }),
        _ => false,
    }
}

/// The first kept vertex, in the order of the text, of the first loop that no delay opens.
fn first_kept_in_loop(made: &FadeGraph, kept: &Kept) -> Option<VertexId> {
    let graph = &made.graph;
    let first_kept = |members: Vec<VertexId>| {
        members
            .into_iter()
            .filter(|v| kept.vertex.get(*v as usize).is_some_and(Option::is_some))
            .min_by_key(|v| (graph.vertex(*v).span.start, *v))
    };
    if let Some(first) = outer_loops(graph).into_iter().find_map(first_kept) {
        return Some(first);
    }
    let mut inside = vec![false; graph.vertices.len()];
    let mut search = Components::new(graph.vertices.len());
    for members in components(graph, root_vertices(graph).into_iter()) {
        if !is_loop(graph, &members) {
            continue;
        }
        mark(&mut inside, &members, true);
        let closed = closed_loops(graph, &members, &inside, &mut search);
        mark(&mut inside, &members, false);
        for found in closed {
            if let Some(first) = first_kept(found) {
                return Some(first);
            }
        }
    }
    None
}

struct Maker<'a> {
    old: &'a Graph,
    new: &'a Graph,
    kept: &'a Kept,
    new_of: HashMap<VertexId, VertexId>,
    /// The group that goes on an old one, or its ghost.
    group_of: HashMap<u32, u32>,
    out: FadeGraph,
    ghosts: HashMap<VertexId, VertexId>,
    ghost_literals: HashMap<u32, u32>,
    unfinished: Vec<(VertexId, VertexId)>,
    fades: bool,
}

impl<'a> Maker<'a> {
    fn new(old: &'a Graph, new: &'a Graph, kept: &'a Kept) -> Self {
        let new_of = kept
            .vertex
            .iter()
            .enumerate()
            .filter_map(|(n, o)| o.map(|o| (o, n as VertexId)))
            .collect();
        let group_of = kept.groups(old, new);
        let out = FadeGraph {
            graph: new.clone(),
            first_ghost: new.vertices.len(),
            first_ghost_literal: new.literals.len(),
            ..FadeGraph::default()
        };
        Self {
            old,
            new,
            kept,
            new_of,
            group_of,
            out,
            ghosts: HashMap::new(),
            ghost_literals: HashMap::new(),
            unfinished: Vec::new(),
            fades: false,
        }
    }

    fn make(mut self) -> Option<FadeGraph> {
        for n in 0..self.new.vertices.len() as VertexId {
            let Some(o) = self.kept.vertex[n as usize] else {
                self.open_softly(n);
                continue;
            };
            // A node that narrows keeps both channels until the fade is over.
            let old_width = self.old.vertex(o).width;
            let vertex = &mut self.out.graph.vertices[n as usize];
            vertex.width = vertex.width.max(old_width);
            match self.new.vertex(n).body {
                Body::Sum => self.fade_sum(n, o),
                Body::Node(_) | Body::Line { .. } | Body::Voices { .. } => self.fade_ports(n, o),
                Body::Fade => {}
            }
        }
        self.fade_roots();
        self.finish_ghosts();
        attach_groups(&mut self.out.graph);
        self.fades.then_some(self.out)
    }

    /// Whether two sources are the same signal.
    fn same(&self, old: Source, new: Source) -> bool {
        match (old, new) {
            (Source::Nothing, Source::Nothing) => true,
            (Source::Literal(o), Source::Literal(n)) => self.kept.literal[n as usize] == Some(o),
            (Source::Vertex(o), Source::Vertex(n)) => self.kept.vertex[n as usize] == Some(o),
            _ => false,
        }
    }

    fn fade_ports(&mut self, n: VertexId, o: VertexId) {
        let vertex = self.new.vertex(n).clone();
        let old_edges = &self.old.vertex(o).edges;
        for (port, edge) in vertex.edges.iter().enumerate() {
            let old = old_edges.get(port).map_or(Source::Nothing, |e| e.source);
            if !fades(&vertex, port) || self.same(old, edge.source) {
                continue;
            }
            let from = self.old_source(old);
            let width = self
                .out
                .graph
                .width(from)
                .max(self.out.graph.width(edge.source));
            let id = self.add(
                Vertex {
                    body: Body::Fade,
                    edges: vec![
                        Edge {
                            source: from,
                            via: None,
                        },
                        *edge,
                    ],
                    width,
                    ends_chain: false,
                    group: match vertex.body {
                        Body::Voices { group } => group,
                        _ => vertex.group,
                    },
                    line_key: None,
                    ..vertex.clone()
                },
                None,
            );
            self.out.graph.vertices[n as usize].edges[port].source = Source::Vertex(id);
            self.fades = true;
        }
    }

    /// Fades the signal into a new node that remembers it: its echo or tail comes after the fade of
    /// its output is over, and must not begin with a jump.
    fn open_softly(&mut self, n: VertexId) {
        let vertex = self.new.vertex(n);
        let Body::Node(spec) = vertex.body else {
            return;
        };
        if matches!(spec.tail, Tail::None | Tail::Endless) {
            return;
        }
        if let Some(edge) = vertex.edges.first().copied()
            && edge.source != Source::Nothing
        {
            let fade = Vertex {
                body: Body::Fade,
                edges: vec![Edge::NOTHING, edge],
                width: self.new.width(edge.source),
                ends_chain: false,
                line_key: None,
                ..vertex.clone()
            };
            let id = self.add(fade, None);
            self.out.graph.vertices[n as usize].edges[0].source = Source::Vertex(id);
        }
    }

    /// Pairs the terms of an old and a new sum; what has no partner fades in or out.
    fn pair_terms(&mut self, old: &[Source], new: &[Source]) -> Option<(Vec<Source>, Vec<Weight>)> {
        let mut left: Vec<Source> = old.to_vec();
        let mut weights = Vec::with_capacity(new.len());
        for term in new {
            match left.iter().position(|o| self.same(*o, *term)) {
                Some(at) => {
                    left.remove(at);
                    weights.push(Weight::One);
                }
                None => weights.push(Weight::In),
            }
        }
        if left.is_empty() && weights.iter().all(|w| *w == Weight::One) {
            return None;
        }
        let mut terms = new.to_vec();
        for term in left {
            let ghost = self.old_source(term);
            terms.push(ghost);
            weights.push(Weight::Out);
        }
        self.fades = true;
        Some((terms, weights))
    }

    fn fade_sum(&mut self, n: VertexId, o: VertexId) {
        let sources = |edges: &[Edge]| edges.iter().map(|e| e.source).collect::<Vec<_>>();
        let (old, new) = (
            sources(&self.old.vertex(o).edges),
            sources(&self.new.vertex(n).edges),
        );
        if let Some((terms, weights)) = self.pair_terms(&old, &new) {
            let width = terms
                .iter()
                .map(|t| self.out.graph.width(*t))
                .max()
                .unwrap_or(1);
            let vertex = &mut self.out.graph.vertices[n as usize];
            vertex.edges = terms
                .into_iter()
                .map(|source| Edge { source, via: None })
                .collect();
            vertex.width = vertex.width.max(width);
            self.out.weights.insert(n, weights);
        }
    }

    fn fade_roots(&mut self) {
        let (old, new) = (self.old.roots.clone(), self.new.roots.clone());
        match self.pair_terms(&old, &new) {
            Some((terms, weights)) => {
                self.out.graph.roots = terms;
                self.out.root_weights = weights;
            }
            None => self.out.root_weights = vec![Weight::One; new.len()],
        }
    }

    /// An old source as it exists in the fade graph: kept, or as a ghost.
    fn old_source(&mut self, source: Source) -> Source {
        match source {
            Source::Nothing => Source::Nothing,
            Source::Literal(o) => {
                let next = self.out.graph.literals.len() as u32;
                let id = *self.ghost_literals.entry(o).or_insert(next);
                if id == next {
                    let info = self.old.literals[o as usize];
                    self.out.graph.literals.push(LiteralInfo { ..info });
                    self.out.ghost_literals.push(o);
                }
                Source::Literal(id)
            }
            Source::Vertex(o) => {
                if let Some(n) = self.new_of.get(&o) {
                    return Source::Vertex(*n);
                }
                if let Some(g) = self.ghosts.get(&o) {
                    return Source::Vertex(*g);
                }
                let mut vertex = self.old.vertex(o).clone();
                if vertex.group != SHARED {
                    vertex.group = self.group(vertex.group);
                }
                if let Body::Voices { group } = &mut vertex.body {
                    *group = self.group(*group);
                }
                // What is fading out must not send any more: it passes its input on.
                if matches!(vertex.body, Body::Node(spec) if spec.role == Role::Sender) {
                    vertex.body = Body::Sum;
                    vertex.edges.truncate(1);
                }
                // A ghost's slot has a chain of its own. What has no slot would mute a chain of the
                // new program, or one that does not exist.
                if !matches!(vertex.body, Body::Node(_)) {
                    vertex.ends_chain = false;
                }
                let ghost = self.add(vertex, Some(o));
                if let Body::Voices { group } = self.out.graph.vertex(ghost).body
                    && let Some(info) = self.out.graph.groups.get_mut(group as usize)
                {
                    info.sum = ghost;
                }
                self.ghosts.insert(o, ghost);
                self.unfinished.push((ghost, o));
                Source::Vertex(ghost)
            }
        }
    }

    /// The group in which an old group's voices go on: its own if it is kept, else a ghost of it.
    fn group(&mut self, old: u32) -> u32 {
        if let Some(group) = self.group_of.get(&old) {
            return *group;
        }
        let group = self.out.graph.groups.len() as u32;
        self.out.graph.groups.push(self.old.groups[old as usize]);
        self.out.ghost_groups.push(old);
        self.group_of.insert(old, group);
        group
    }

    fn finish_ghosts(&mut self) {
        while let Some((ghost, o)) = self.unfinished.pop() {
            for port in 0..self.out.graph.vertex(ghost).edges.len() {
                let source = self.old_source(self.old.vertex(o).edges[port].source);
                self.out.graph.vertices[ghost as usize].edges[port] = Edge { source, via: None };
            }
        }
    }

    fn add(&mut self, vertex: Vertex, ghost_of: Option<VertexId>) -> VertexId {
        self.out.graph.vertices.push(vertex);
        self.out.ghost_of.push(ghost_of);
        (self.out.graph.vertices.len() - 1) as VertexId
    }
}

/// Whether a port's value is a signal that would click: not a count, and not a note reference,
/// which is read at triggers only.
fn fades(vertex: &Vertex, port: usize) -> bool {
    match vertex.body {
        Body::Node(spec) => match port.checked_sub(1) {
            None => true,
            Some(arg) => spec
                .args
                .get(arg)
                .is_some_and(|a| a.smoothing != Smoothing::Jump),
        },
        Body::Voices { .. } => port == 0,
        _ => true,
    }
}
