//! Which vertices and numbers of a new graph go on from the old one.
//!
//! Thread: control.

use std::collections::HashMap;

use super::diff::{Matches, match_programs};
use super::fade::Kept;
use super::layout::{Config, Layout, NONE};
use super::vertex::{Body, Graph, SHARED, Source, VertexId};
use crate::resolve::Program;

/// Nothing goes on.
pub fn no_kept(graph: &Graph) -> Kept {
    Kept {
        vertex: vec![None; graph.vertices.len()],
        literal: vec![None; graph.literals.len()],
    }
}

/// Which vertices and literals go on from the base.
pub fn find_kept(base: &Layout, program: &Program, graph: &Graph, used: &[bool]) -> Kept {
    let matches = match_programs(&base.program, program);
    let mut kept = no_kept(graph);
    for (c, nodes) in matches.iter().enumerate() {
        for (k, m) in nodes.iter().enumerate() {
            let Some((oc, ok)) = m.map(|(c, k)| (c as usize, k as usize)) else {
                continue;
            };
            if let (Some(n), Some(o)) = (graph.constant_of[c][k], base.graph.constant_of[oc][ok]) {
                kept.literal[n as usize] = Some(o);
            }
            let pair = (graph.vertex_of[c][k], base.graph.vertex_of[oc][ok]);
            if let (Some(n), Some(o)) = pair {
                keep_literals(&mut kept, graph, base, n, o);
                let heard = match graph.vertex(n).body {
                    Body::Node(_) => base.slots[o as usize] != NONE,
                    // An adder has no state; it is kept so that its unchanged terms do not fade.
                    _ => true,
                };
                if used[n as usize] && heard {
                    kept.vertex[n as usize] = Some(o);
                }
            }
        }
    }
    keep_lines(&mut kept, base, program, graph, &matches);
    keep_within_groups(&mut kept, base, graph);
    kept
}

/// A node goes on only in the voices it was in: one that is shared now, or belongs to a group that
/// is new, is another node (R4.20).
fn keep_within_groups(kept: &mut Kept, base: &Layout, graph: &Graph) {
    let groups = kept.groups(&base.graph, graph);
    for (vertex, kept) in graph.vertices.iter().zip(&mut kept.vertex) {
        let before = kept.map(|o| base.graph.vertex(o).group);
        let same = match before {
            Some(SHARED) => vertex.group == SHARED,
            Some(group) => groups.get(&group) == Some(&vertex.group),
            None => true,
        };
        if !same {
            *kept = None;
        }
    }
}

/// The numbers of a matched node, argument by argument.
fn keep_literals(kept: &mut Kept, graph: &Graph, base: &Layout, n: VertexId, o: VertexId) {
    let (new, old) = (graph.vertex(n), base.graph.vertex(o));
    if !matches!(new.body, Body::Node(_)) {
        return;
    }
    for (a, b) in new.edges.iter().zip(&old.edges) {
        if let (Source::Literal(a_id), Source::Literal(b_id)) = (a.source, b.source)
            && a.via.is_none()
            && b.via.is_none()
        {
            kept.literal[a_id as usize] = Some(b_id);
        }
    }
}

/// Feedback lines match by target chain, reading node and port (R6.12).
fn keep_lines(kept: &mut Kept, base: &Layout, program: &Program, graph: &Graph, matches: &Matches) {
    let name = |p: &Program, c: u32| p.chains.get(c as usize).map(|c| c.name.clone());
    let mut old_lines = HashMap::new();
    for (id, vertex) in base.graph.vertices.iter().enumerate() {
        if let Some((port, target)) = vertex.line_key
            && base.lines[id] != NONE
        {
            let key = (vertex.chain, vertex.node, port, name(&base.program, target));
            old_lines.insert(key, id as VertexId);
        }
    }
    for (id, vertex) in graph.vertices.iter().enumerate() {
        let Some((port, target)) = vertex.line_key else {
            continue;
        };
        let reader = matches
            .get(vertex.chain as usize)
            .and_then(|nodes| nodes.get(vertex.node as usize))
            .copied()
            .flatten();
        if let Some((c, k)) = reader {
            kept.vertex[id] = old_lines.get(&(c, k, port, name(program, target))).copied();
        }
    }
}

/// A processor that is moved brings its delay line with it, whatever a new one would have got.
pub fn note_kept_lines(configs: &mut [Option<Config>], kept: &Kept, base: Option<&Layout>) {
    let Some(base) = base else { return };
    for (config, kept) in configs.iter_mut().zip(&kept.vertex) {
        let old = kept.and_then(|o| base.configs[o as usize].as_ref());
        if let (Some(config), Some(old)) = (config, old)
            && old.serves(config)
        {
            config.reserved_frames = old.reserved_frames;
        }
    }
}
