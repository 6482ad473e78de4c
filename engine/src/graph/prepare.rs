//! What is known of a program before a node is built: its graph, its loops, its size, and what is
//! to be said about them.
//!
//! Thread: control.

use std::collections::HashMap;

use super::build::build;
use super::compile::{MAX_LINE_BYTES, Settings};
use super::cycles::{OpenedLoop, components, open_loops, root_vertices};
use super::group::{attach_groups, open_outer_loops};
use super::layout::{Config, config_of};
use super::schedule::{Input, schedule};
use super::vertex::{Body, Graph, Origin, Source, VertexId};
use crate::diagnostics::{Diagnostic, Problem};
use crate::registry::{Role, Smoothing, Unit};
use crate::resolve::{Arg, Program};

/// Diagnostics of a program's graph, without building a node.
#[must_use]
pub fn examine(program: &Program, settings: &Settings) -> Vec<Diagnostic> {
    let Prepared { graph, opened, .. } = match prepare(program, settings) {
        Ok(prepared) => prepared,
        Err(errors) => return errors,
    };
    let rate = settings.sample_rate as f32;
    let ids = vec![0; graph.vertices.len()];
    let scheduled = schedule(&Input {
        graph: &graph,
        root_weights: &[],
        weights: &HashMap::new(),
        slots: &ids,
        lines: &ids,
        delay_frames: &|v| literal_delay_frames(&graph, v, rate),
    });
    let mut diagnostics = loop_notes(program, &graph, &opened);
    diagnostics.extend(short_delays(
        program,
        &graph,
        &scheduled.looped_delays,
        settings,
    ));
    diagnostics
}

/// A program's graph with its loops opened.
pub struct Prepared {
    /// The graph.
    pub graph: Graph,
    /// Loops that a line opens.
    pub opened: Vec<OpenedLoop>,
    /// Vertices that reach the output.
    pub used: Vec<bool>,
    /// Configurations of the used node vertices.
    pub configs: Vec<Option<Config>>,
}

/// Builds the graph of a program and opens its loops.
///
/// # Errors
/// Diagnostics, when its delay lines are too large together.
pub fn prepare(program: &Program, settings: &Settings) -> Result<Prepared, Vec<Diagnostic>> {
    let mut graph = build(program);
    let names: Vec<&str> = program.chains.iter().map(|c| c.name.as_str()).collect();
    let mut opened = open_outer_loops(&mut graph);
    opened.extend(open_loops(&mut graph, &names));
    attach_groups(&mut graph);
    let used = reachable(&graph);
    let configs = configs(&graph, program, &used, settings)?;
    Ok(Prepared {
        graph,
        opened,
        used,
        configs,
    })
}

fn reachable(graph: &Graph) -> Vec<bool> {
    let mut used = vec![false; graph.vertices.len()];
    for v in components(graph, root_vertices(graph).into_iter())
        .into_iter()
        .flatten()
    {
        used[v as usize] = true;
    }
    used
}

fn configs(
    graph: &Graph,
    program: &Program,
    used: &[bool],
    settings: &Settings,
) -> Result<Vec<Option<Config>>, Vec<Diagnostic>> {
    let rate = settings.sample_rate as f32;
    let mut bytes = 0_usize;
    let mut configs = Vec::with_capacity(graph.vertices.len());
    for (id, vertex) in graph.vertices.iter().enumerate() {
        let config = used[id]
            .then(|| config_of(graph, program, id as VertexId, rate, settings.seed))
            .flatten();
        if let Some(c) = &config {
            let voices = graph
                .groups
                .get(vertex.group as usize)
                .map_or(1, |g| g.settings.physical_voices());
            let lanes = c.channels * usize::from(c.instances) * voices;
            bytes = bytes.saturating_add(c.reserved_frames.saturating_mul(4 * lanes));
            if bytes > MAX_LINE_BYTES {
                let problem = Problem::TooMuchMemory {
                    needs_mib: bytes >> 20,
                    limit_mib: MAX_LINE_BYTES >> 20,
                };
                return Err(vec![problem.at(vertex.span)]);
            }
        }
        configs.push(config);
    }
    Ok(configs)
}

/// The delay of a delay node in frames, if it is a literal.
pub fn literal_delay_frames(graph: &Graph, v: VertexId, sample_rate: f32) -> Option<f32> {
    let vertex = graph.vertex(v);
    let Body::Node(spec) = vertex.body else {
        return None;
    };
    let arg = spec
        .args
        .iter()
        .find(|a| matches!(a.smoothing, Smoothing::Crossfade(_)))?;
    let Source::Literal(literal) = vertex.edges.get(arg.index + 1)?.source else {
        return None;
    };
    let literal = graph.literals.get(literal as usize)?;
    if literal.origin != Origin::Text {
        return None;
    }
    let value = literal.value;
    Some(match arg.unit {
        Unit::Milliseconds => value * 1e-3 * sample_rate,
        Unit::Seconds => value * sample_rate,
        _ => value,
    })
}

/// A note for each loop without a delay.
pub fn loop_notes(program: &Program, graph: &Graph, opened: &[OpenedLoop]) -> Vec<Diagnostic> {
    opened
        .iter()
        .map(|cut| {
            let vertex = graph.vertex(cut.reader);
            let name = program.chains[cut.target_chain as usize].name.clone();
            let nodes = program
                .chains
                .get(vertex.chain as usize)
                .map_or(&[][..], |c| &c.nodes);
            // The reference itself: an argument of the reader, or the node before it.
            let span = match (cut.port as usize).checked_sub(1) {
                Some(at) => nodes
                    .get(vertex.node as usize)
                    .and_then(|n| match n.args.get(at) {
                        Some(Arg::Chain(_)) => n.arg_spans.get(at).copied(),
                        _ => None,
                    }),
                None => vertex
                    .node
                    .checked_sub(1)
                    .and_then(|k| nodes.get(k as usize))
                    .filter(|n| n.spec.role == Role::Reference)
                    .map(|n| n.span),
            };
            let span = span.unwrap_or(vertex.span);
            Problem::FeedbackLine {
                name,
                frames: cut.frames as usize,
            }
            .at(span)
        })
        .collect()
}

/// A warning for each delay that is too short for its loop.
pub fn short_delays(
    program: &Program,
    graph: &Graph,
    looped: &[(VertexId, u16)],
    settings: &Settings,
) -> Vec<Diagnostic> {
    let rate = settings.sample_rate as f32;
    looped
        .iter()
        .filter_map(|(v, least)| {
            let frames = literal_delay_frames(graph, *v, rate)?;
            if frames >= f32::from(*least) {
                return None;
            }
            let vertex = graph.vertex(*v);
            let chain = program.chains.get(vertex.chain as usize)?;
            let node = chain.nodes.get(vertex.node as usize)?;
            Some(
                Problem::ShortDelayInLoop {
                    frames: usize::from(*least),
                }
                .at(node.span),
            )
        })
        .collect()
}
