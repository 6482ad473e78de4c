//! Strongly connected components, and how feedback loops are opened.
//!
//! A loop is opened inside a delay node (its line is read before its input is known) or, where no
//! delay is on the way, by a line of 64 frames at a reference (R6.12).
//!
//! Thread: control.

use super::vertex::{Body, Edge, Graph, SHARED, Source, Vertex, VertexId};
use crate::registry::Role;

/// Frames of the line that opens a loop without a delay.
pub const LINE_FRAMES: u32 = 64;

/// Tarjan's algorithm without recursion, visiting from chosen roots; components come out with
/// sources before their readers.
///
/// Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1(2), 1972.
pub struct Components {
    index: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<VertexId>,
    next: u32,
}

const UNSEEN: u32 = u32::MAX;

impl Components {
    /// For a graph of `len` vertices.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self {
            index: vec![UNSEEN; len],
            low: vec![0; len],
            on_stack: vec![false; len],
            stack: Vec::new(),
            next: 0,
        }
    }

    /// Emits the components reachable from `root` that were not emitted before.
    ///
    /// `successor(v, k)` is the `k`-th vertex that `v` reads: `None` ends the list, `Some(None)`
    /// skips an entry.
    pub fn visit(
        &mut self,
        root: VertexId,
        successor: &impl Fn(VertexId, usize) -> Option<Option<VertexId>>,
        emit: &mut impl FnMut(Vec<VertexId>),
    ) {
        if self.index[root as usize] != UNSEEN {
            return;
        }
        let mut frames = vec![(root, 0_usize)];
        self.open(root);
        while let Some((v, k)) = frames.last_mut() {
            let v = *v;
            let next = successor(v, *k);
            *k += 1;
            match next {
                Some(None) => {}
                Some(Some(w)) => {
                    if self.index[w as usize] == UNSEEN {
                        self.open(w);
                        frames.push((w, 0));
                    } else if self.on_stack[w as usize] {
                        self.low[v as usize] = self.low[v as usize].min(self.index[w as usize]);
                    }
                }
                None => {
                    frames.pop();
                    if let Some((parent, _)) = frames.last() {
                        let p = *parent as usize;
                        self.low[p] = self.low[p].min(self.low[v as usize]);
                    }
                    if self.low[v as usize] == self.index[v as usize] {
                        emit(self.close(v));
                    }
                }
            }
        }
    }

    fn open(&mut self, v: VertexId) {
        self.index[v as usize] = self.next;
        self.low[v as usize] = self.next;
        self.next += 1;
        self.on_stack[v as usize] = true;
        self.stack.push(v);
    }

    fn close(&mut self, v: VertexId) -> Vec<VertexId> {
        let from = self.stack.iter().rposition(|w| *w == v).unwrap_or(0);
        let members = self.stack.split_off(from);
        for w in &members {
            self.on_stack[*w as usize] = false;
        }
        members
    }
}

/// Whether an input of a vertex is stored for later rather than needed at once: the input of a
/// 64-frame line always, the signal of a delay or of a short line inside its own component.
#[must_use]
pub fn reads_early(vertex: &Vertex, port: usize) -> bool {
    port == 0
        && match vertex.body {
            Body::Node(spec) => spec.role == Role::Delay,
            Body::Line { .. } => true,
            Body::Sum | Body::Fade | Body::Voices { .. } => false,
        }
}

/// Whether a port never ties its vertex into a component: the input of a 64-frame line, which is
/// longer than any chunk.
#[must_use]
pub fn is_severed(vertex: &Vertex) -> bool {
    matches!(vertex.body, Body::Line { frames } if frames >= LINE_FRAMES)
}

/// The `k`-th vertex that `v` reads, for [`Components::visit`]; severed edges are skipped.
pub fn successor(graph: &Graph, v: VertexId, k: usize) -> Option<Option<VertexId>> {
    let vertex = graph.vertex(v);
    let edge = vertex.edges.get(k)?;
    Some(match edge.source {
        Source::Vertex(w) if !is_severed(vertex) => Some(w),
        _ => None,
    })
}

/// The components of the vertices reachable from the roots, sources first. Inputs of severed lines
/// count as further roots.
#[must_use]
pub fn components(graph: &Graph, roots: impl Iterator<Item = VertexId>) -> Vec<Vec<VertexId>> {
    let mut found = Vec::new();
    let mut search = Components::new(graph.vertices.len());
    let mut pending: Vec<VertexId> = roots.collect();
    pending.reverse();
    while let Some(root) = pending.pop() {
        let first_new = found.len();
        search.visit(root, &|v, k| successor(graph, v, k), &mut |c| found.push(c));
        for member in found[first_new..].iter().flatten() {
            pending.extend(severed_input(graph, *member));
        }
    }
    found
}

/// The vertex that a severed line stores.
#[must_use]
pub fn severed_input(graph: &Graph, v: VertexId) -> Option<VertexId> {
    let vertex = graph.vertex(v);
    match vertex.edges.first()?.source {
        Source::Vertex(w) if is_severed(vertex) => Some(w),
        _ => None,
    }
}

/// Whether a component is a loop: more than one vertex, or one that reads itself.
#[must_use]
pub fn is_loop(graph: &Graph, members: &[VertexId]) -> bool {
    match members {
        [only] => {
            let vertex = graph.vertex(*only);
            !is_severed(vertex)
                && vertex
                    .edges
                    .iter()
                    .any(|e| e.source == Source::Vertex(*only))
        }
        _ => true,
    }
}

/// The loops left inside a component once its delays and short lines are read early.
///
/// `inside` marks the members; one `search` serves all components of a graph, which are disjoint.
#[must_use]
pub fn closed_loops(
    graph: &Graph,
    members: &[VertexId],
    inside: &[bool],
    search: &mut Components,
) -> Vec<Vec<VertexId>> {
    let mut left = Vec::new();
    let open = |v: VertexId, k: usize| -> Option<Option<VertexId>> {
        let vertex = graph.vertex(v);
        let edge = vertex.edges.get(k)?;
        Some(match edge.source {
            Source::Vertex(w) if inside[w as usize] && !reads_early(vertex, k) => Some(w),
            _ => None,
        })
    };
    for v in members {
        search.visit(*v, &open, &mut |c| {
            let reads_itself = |v: VertexId| (0..).map_while(|k| open(v, k)).any(|w| w == Some(v));
            if c.len() > 1 || c.first().is_some_and(|v| reads_itself(*v)) {
                left.push(c);
            }
        });
    }
    left
}

/// A line put in to open a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedLoop {
    /// Chain whose name the reference has.
    pub target_chain: u32,
    /// Vertex that reads it.
    pub reader: VertexId,
    /// Port of the reader.
    pub port: u32,
    /// Length of the line.
    pub frames: u32,
}

/// Opens every loop that passes no delay by putting a line at one of its references: at a note
/// reference of a sequencer if there is one (1 frame, R4.9), else at the reference whose target
/// name sorts first (64 frames, R6.12).
///
/// `chain_names` are the names of the program's chains.
pub fn open_loops(graph: &mut Graph, chain_names: &[&str]) -> Vec<OpenedLoop> {
    let mut opened = Vec::new();
    loop {
        let roots = root_vertices(graph);
        let loops: Vec<Vec<VertexId>> = components(graph, roots.into_iter())
            .into_iter()
            .filter(|members| is_loop(graph, members))
            .collect();
        let mut inside = vec![false; graph.vertices.len()];
        let mut search = Components::new(graph.vertices.len());
        let mut cuts = Vec::new();
        for members in &loops {
            mark(&mut inside, members, true);
            for rest in closed_loops(graph, members, &inside, &mut search) {
                cuts.extend(choose_cut(graph, &rest, chain_names));
            }
            mark(&mut inside, members, false);
        }
        if cuts.is_empty() {
            return opened;
        }
        for cut in cuts {
            insert_line(graph, &cut);
            opened.push(cut);
        }
    }
}

/// Marks or unmarks vertices.
pub fn mark(inside: &mut [bool], members: &[VertexId], value: bool) {
    for v in members {
        inside[*v as usize] = value;
    }
}

/// The vertices that reach the output directly, and those that only send.
#[must_use]
pub fn root_vertices(graph: &Graph) -> Vec<VertexId> {
    let as_vertex = |s: &Source| match s {
        Source::Vertex(v) => Some(*v),
        _ => None,
    };
    let heard = graph.roots.iter().filter_map(as_vertex);
    heard.chain(graph.senders.iter().copied()).collect()
}

fn choose_cut(graph: &Graph, members: &[VertexId], names: &[&str]) -> Option<OpenedLoop> {
    let mut inside = std::collections::HashSet::new();
    inside.extend(members.iter().copied());
    let mut best: Option<(bool, &str, VertexId, usize, OpenedLoop)> = None;
    for v in members {
        let vertex = graph.vertex(*v);
        for (port, edge) in vertex.edges.iter().enumerate() {
            let (Source::Vertex(w), Some(target)) = (edge.source, edge.via) else {
                continue;
            };
            if !inside.contains(&w) || reads_early(vertex, port) {
                continue;
            }
            let in_notes = matches!(vertex.body, Body::Node(spec)
                if spec.role == Role::Sequencer && port > spec.args.len());
            let frames = if in_notes { 1 } else { LINE_FRAMES };
            let name = names.get(target as usize).copied().unwrap_or("");
            let cut = OpenedLoop {
                target_chain: target,
                reader: *v,
                port: port as u32,
                frames,
            };
            let candidate = (!in_notes, name, *v, port, cut);
            if best.as_ref().is_none_or(|b| {
                (candidate.0, candidate.1, candidate.2, candidate.3) < (b.0, b.1, b.2, b.3)
            }) {
                best = Some(candidate);
            }
        }
    }
    best.map(|b| b.4)
}

/// Puts the line in.
pub fn insert_line(graph: &mut Graph, cut: &OpenedLoop) {
    let line = graph.vertices.len() as VertexId;
    let reader = &mut graph.vertices[cut.reader as usize];
    let edge = reader.edges[cut.port as usize];
    reader.edges[cut.port as usize] = Edge {
        source: Source::Vertex(line),
        via: edge.via,
    };
    let (chain, node, span) = (reader.chain, reader.node, reader.span);
    let width = graph.width(edge.source);
    // What a voice gave stays in the voice; what is shared stays shared.
    let group = match edge.source {
        Source::Vertex(w) => graph.vertex(w).group,
        _ => SHARED,
    };
    graph.vertices.push(Vertex {
        body: Body::Line { frames: cut.frames },
        chain,
        node,
        ends_chain: false,
        edges: vec![edge],
        width,
        span,
        group,
        line_key: Some((cut.port, cut.target_chain)),
    });
}
