//! Groups of voices in the graph.
//!
//! A group's vertices exist once per voice. The rest of the graph sees a group as one vertex, its
//! sum: that vertex reads every shared signal which the voices read, so that order, memory and
//! loops need no further rules. Nothing but the sum reads a voice, so a loop through the sum of a
//! group always enters the group through a shared signal; it is opened there (R6.12), because the
//! voices must run as a whole.
//!
//! Thread: control.

use super::cycles::is_severed;
use super::cycles::{
    Components, LINE_FRAMES, OpenedLoop, insert_line, reads_early, root_vertices, severed_input,
};
use super::vertex::{Body, Edge, Graph, SHARED, Source, VertexId};

/// Opens the loops that lead through a group by lines where a shared signal enters its voices.
pub fn open_outer_loops(graph: &mut Graph) -> Vec<OpenedLoop> {
    if graph.groups.is_empty() {
        return Vec::new();
    }
    let mut opened = Vec::new();
    for members in outer_loops(graph) {
        let mut inside = vec![false; graph.vertices.len()];
        members.iter().for_each(|v| inside[*v as usize] = true);
        let groups: Vec<u32> = members.iter().filter_map(|v| sum_of(graph, *v)).collect();
        for v in &members {
            let vertex = graph.vertex(*v);
            if !groups.contains(&vertex.group) {
                continue;
            }
            for (port, edge) in vertex.edges.iter().enumerate() {
                if let Source::Vertex(w) = edge.source
                    && inside[w as usize]
                    && graph.vertex(w).group == SHARED
                {
                    opened.push(OpenedLoop {
                        target_chain: edge.via.unwrap_or(graph.vertex(w).chain),
                        reader: *v,
                        port: port as u32,
                        frames: LINE_FRAMES,
                    });
                }
            }
        }
    }
    for cut in &opened {
        insert_line(graph, cut);
    }
    opened
}

fn sum_of(graph: &Graph, v: VertexId) -> Option<u32> {
    match graph.vertex(v).body {
        Body::Voices { group } => Some(group),
        _ => None,
    }
}

/// The loops through groups that no shared delay and no line opens.
#[must_use]
pub fn outer_loops(graph: &Graph) -> Vec<Vec<VertexId>> {
    let mut found = outer_components(graph);
    found.retain(|c| c.len() > 1 && c.iter().any(|v| sum_of(graph, *v).is_some()));
    found
}

/// The components of the graph when only shared delays and lines are read early.
fn outer_components(graph: &Graph) -> Vec<Vec<VertexId>> {
    let read = |v: VertexId, k: usize| -> Option<Option<VertexId>> {
        let vertex = graph.vertex(v);
        let edge = vertex.edges.get(k)?;
        let early = vertex.group == SHARED && (reads_early(vertex, k) || is_severed(vertex));
        Some(match edge.source {
            Source::Vertex(w) if !early => Some(w),
            _ => None,
        })
    };
    let mut search = Components::new(graph.vertices.len());
    let mut found: Vec<Vec<VertexId>> = Vec::new();
    let mut pending = root_vertices(graph);
    pending.reverse();
    while let Some(root) = pending.pop() {
        let first_new = found.len();
        search.visit(root, &read, &mut |c| found.push(c));
        for member in found[first_new..].iter().flatten() {
            let vertex = graph.vertex(*member);
            let stored = vertex.edges.first().map(|e| e.source);
            if let Some(Source::Vertex(w)) = stored {
                pending.push(w);
            }
            pending.extend(severed_input(graph, *member));
        }
    }
    found
}

/// Lets the sum of each group read the shared signals that the voices read. Called again after
/// edges have changed.
pub fn attach_groups(graph: &mut Graph) {
    if graph.groups.is_empty() {
        return;
    }
    let mut shared: Vec<Vec<VertexId>> = vec![Vec::new(); graph.groups.len()];
    for vertex in &graph.vertices {
        let Some(list) = shared.get_mut(vertex.group as usize) else {
            continue;
        };
        for edge in &vertex.edges {
            if let Source::Vertex(w) = edge.source
                && graph.vertices[w as usize].group == SHARED
            {
                list.push(w);
            }
        }
    }
    for (group, mut sources) in shared.into_iter().enumerate() {
        sources.sort_unstable();
        sources.dedup();
        let sum = graph.groups[group].sum as usize;
        let Some(sum) = graph.vertices.get_mut(sum) else {
            continue;
        };
        sum.edges.truncate(1);
        // A signal that reaches the sum directly is read there, once for each voice.
        sum.edges.extend(sources.into_iter().map(|w| Edge {
            source: Source::Vertex(w),
            via: None,
        }));
    }
}

/// Whether an edge of a vertex leads into the voices that it sums.
#[must_use]
pub fn enters_voices(graph: &Graph, v: VertexId, port: usize) -> bool {
    port == 0 && matches!(graph.vertex(v).body, Body::Voices { .. })
}
