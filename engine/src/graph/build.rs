//! Program to graph: follows references, numbers the numbers, infers widths.
//!
//! Thread: control.

use super::plan::LiveSource;
use super::vertex::{
    Body, Edge, Graph, GroupInfo, LiteralInfo, Origin, SHARED, Source, Vertex, VertexId,
};
use crate::registry::{ArgKind, FixedArg, Input, Role, Smoothing, Width};
use crate::resolve::{Arg, Group, Node, Program, ProgramKnob};

/// How numbers inside an expression move to a new value.
const EXTRA_SMOOTHING: Smoothing = Smoothing::Ramp(8.0);

/// How knobs and controllers move to a new value (R8.3).
const LIVE_SMOOTHING_MS: f32 = 5.0;

/// Builds the graph of a program. Cycles are still in it; see [`super::cycles`].
#[must_use]
pub fn build(program: &Program) -> Graph {
    let mut graph = Graph::default();
    number_nodes(program, &mut graph);
    find_groups(program, &mut graph);
    connect(program, &mut graph);
    infer_widths(&mut graph);
    graph
}

/// Gives every node with a processor (and every mix) a vertex, every constant a literal.
fn number_nodes(program: &Program, graph: &mut Graph) {
    for (c, chain) in program.chains.iter().enumerate() {
        let mut vertices = Vec::with_capacity(chain.nodes.len());
        let mut constants = Vec::with_capacity(chain.nodes.len());
        for (k, node) in chain.nodes.iter().enumerate() {
            let body = match node.spec.role {
                Role::Reference
                | Role::Constant
                | Role::Speed
                | Role::Knob
                | Role::Controller
                | Role::Voice(_) => None,
                Role::Mix => Some(Body::Sum),
                Role::Poly => group_at(program, c, k).map(|group| Body::Voices { group }),
                _ => Some(Body::Node(node.spec)),
            };
            let literal = constant(program, c, node);
            constants.push(literal.map(|info| add_info(graph, info)));
            vertices.push(body.map(|body| {
                graph.vertices.push(Vertex {
                    body,
                    chain: c as u32,
                    node: k as u32,
                    ends_chain: k + 1 == chain.nodes.len(),
                    edges: Vec::new(),
                    width: 1,
                    span: node.span,
                    group: match body {
                        Body::Voices { .. } => SHARED,
                        _ => node.group.unwrap_or(SHARED),
                    },
                    line_key: None,
                });
                (graph.vertices.len() - 1) as VertexId
            }));
        }
        graph.vertex_of.push(vertices);
        graph.constant_of.push(constants);
    }
}

/// Lists the groups of the program. One whose `poly` is not there has no vertex.
fn find_groups(program: &Program, graph: &mut Graph) {
    for group in &program.groups {
        let vertices = graph.vertex_of.get(group.chain.0 as usize);
        let sum = vertices
            .and_then(|nodes| nodes.get(group.node as usize))
            .copied()
            .flatten();
        graph.groups.push(GroupInfo {
            sum: sum.unwrap_or(VertexId::MAX),
            settings: group.settings,
        });
    }
}

/// The group whose `poly` is this node.
fn group_at(program: &Program, chain: usize, node: usize) -> Option<u32> {
    let place = (chain as u32, node as u32);
    let is_it = |g: &Group| (g.chain.0, g.node) == place;
    program.groups.iter().position(is_it).map(|g| g as u32)
}

/// The number that a node without processor stands for.
fn constant(program: &Program, chain: usize, node: &Node) -> Option<LiteralInfo> {
    let live = |value, source| LiteralInfo {
        value,
        smoothing_ms: LIVE_SMOOTHING_MS,
        origin: Origin::Live(source),
    };
    match (node.spec.role, node.args.first()) {
        (Role::Constant, Some(Arg::Number(value))) => {
            let smoothing = node.spec.args.first().map(|a| a.smoothing);
            Some(text_literal(*value, smoothing))
        }
        (Role::Knob, _) => {
            let is_it = |k: &&ProgramKnob| k.chain.0 as usize == chain;
            let knob = program.knobs.iter().find(is_it)?;
            let (slot, shape) = (knob.slot, knob.shape);
            Some(live(shape.default, LiveSource::Knob { slot, shape }))
        }
        (Role::Controller, Some(Arg::Fixed(FixedArg::Value(number)))) => {
            Some(live(0.0, LiveSource::Controller(*number as u8)))
        }
        (Role::Voice(value), _) => Some(LiteralInfo {
            value: 0.0,
            smoothing_ms: 0.0,
            origin: Origin::Voice(value),
        }),
        _ => None,
    }
}

fn text_literal(value: f32, smoothing: Option<Smoothing>) -> LiteralInfo {
    let smoothing_ms = match smoothing {
        Some(Smoothing::Ramp(ms)) => ms,
        _ => 0.0,
    };
    LiteralInfo {
        value,
        smoothing_ms,
        origin: Origin::Text,
    }
}

fn add_literal(graph: &mut Graph, value: f32, smoothing: Option<Smoothing>) -> u32 {
    add_info(graph, text_literal(value, smoothing))
}

fn add_info(graph: &mut Graph, info: LiteralInfo) -> u32 {
    graph.literals.push(info);
    (graph.literals.len() - 1) as u32
}

fn connect(program: &Program, graph: &mut Graph) {
    for (c, chain) in program.chains.iter().enumerate() {
        for (k, node) in chain.nodes.iter().enumerate() {
            let Some(id) = graph.vertex_of[c][k] else {
                continue;
            };
            let mut edges = Vec::with_capacity(node.args.len() + 1 + node.extra.len());
            if node.spec.role == Role::Poly {
                edges.push(match k.checked_sub(1) {
                    Some(before) => node_edge(program, graph, c, before),
                    None => Edge::NOTHING,
                });
            } else if node.spec.role == Role::Mix {
                if k > 0 {
                    edges.push(node_edge(program, graph, c, k - 1));
                }
                for arg in &node.args {
                    if let Arg::Refs(chains) = arg {
                        edges.extend(chains.iter().map(|t| chain_edge(program, graph, t.0)));
                    }
                }
            } else {
                let takes_input =
                    k > 0 && node.spec.input != Input::None && node.spec.role != Role::Sequencer;
                edges.push(if takes_input {
                    node_edge(program, graph, c, k - 1)
                } else {
                    Edge::NOTHING
                });
                for (arg, spec) in node.args.iter().zip(node.spec.args) {
                    edges.push(match arg {
                        Arg::Number(x) if spec.kind == ArgKind::Signal => Edge {
                            source: Source::Literal(add_literal(graph, *x, Some(spec.smoothing))),
                            via: None,
                        },
                        Arg::Chain(target) => chain_edge(program, graph, target.0),
                        _ => Edge::NOTHING,
                    });
                }
                for extra in &node.extra {
                    edges.push(match extra {
                        Arg::Number(x) => Edge {
                            source: Source::Literal(add_literal(graph, *x, Some(EXTRA_SMOOTHING))),
                            via: None,
                        },
                        Arg::Chain(target) => chain_edge(program, graph, target.0),
                        _ => Edge::NOTHING,
                    });
                }
            }
            graph.vertices[id as usize].edges = edges;
        }
        if chain.audible && !chain.nodes.is_empty() {
            let root = node_edge(program, graph, c, chain.nodes.len() - 1).source;
            // Voices that send are summed, but what they sum is triggers.
            let last = chain.nodes.iter().rfind(|n| n.spec.role != Role::Poly);
            match root {
                Source::Vertex(v) if last.is_some_and(|n| n.spec.role == Role::Sender) => {
                    graph.senders.push(v);
                }
                _ => graph.roots.push(root),
            }
        }
    }
}

/// The signal a reference to a chain reads.
fn chain_edge(program: &Program, graph: &Graph, chain: u32) -> Edge {
    let last = program.chains[chain as usize].nodes.len().saturating_sub(1);
    let edge = node_edge(program, graph, chain as usize, last);
    Edge {
        source: edge.source,
        via: Some(chain),
    }
}

/// The signal after node `k` of chain `c`, with references followed to where it is made.
///
/// References that only lead to each other carry nothing.
fn node_edge(program: &Program, graph: &Graph, c: usize, k: usize) -> Edge {
    let (mut c, mut k, mut via) = (c, k, None);
    for _ in 0..=program.chains.len() {
        let Some(node) = program.chains.get(c).and_then(|chain| chain.nodes.get(k)) else {
            return Edge {
                source: Source::Nothing,
                via,
            };
        };
        if let Some(vertex) = graph.vertex_of[c][k] {
            return Edge {
                source: Source::Vertex(vertex),
                via,
            };
        }
        if let Some(literal) = graph.constant_of[c][k] {
            return Edge {
                source: Source::Literal(literal),
                via,
            };
        }
        let last = |c: u32| {
            let chain = program.chains.get(c as usize);
            chain.map_or(0, |chain| chain.nodes.len().saturating_sub(1))
        };
        let target = node.args.iter().find_map(|arg| match arg {
            Arg::Chain(target) => Some((target.0, last(target.0))),
            Arg::Refs(targets) => targets.first().map(|t| (t.0, last(t.0))),
            Arg::Tap(target, k) => Some((target.0, *k as usize)),
            _ => None,
        });
        let Some((target, target_node)) = target else {
            return Edge {
                source: Source::Nothing,
                via,
            };
        };
        via = via.or(Some(target));
        (c, k) = (target as usize, target_node);
    }
    Edge {
        source: Source::Nothing,
        via,
    }
}

/// Least fixpoint from mono (R4.7), by a worklist over the readers of what became stereo.
pub fn infer_widths(graph: &mut Graph) {
    let mut readers: Vec<Vec<VertexId>> = vec![Vec::new(); graph.vertices.len()];
    for (id, vertex) in graph.vertices.iter().enumerate() {
        for edge in &vertex.edges {
            if let Source::Vertex(source) = edge.source {
                readers[source as usize].push(id as VertexId);
            }
        }
    }
    let mut work: Vec<VertexId> = (0..graph.vertices.len() as VertexId).rev().collect();
    while let Some(id) = work.pop() {
        let width = width_of(graph, id);
        let vertex = &mut graph.vertices[id as usize];
        if width > vertex.width {
            vertex.width = width;
            work.extend(&readers[id as usize]);
        }
    }
}

fn width_of(graph: &Graph, id: VertexId) -> u8 {
    let vertex = graph.vertex(id);
    let widest = |edges: &[Edge]| {
        edges
            .iter()
            .map(|e| graph.width(e.source))
            .max()
            .unwrap_or(1)
    };
    match vertex.body {
        Body::Node(spec) => match spec.width {
            Width::Mono => 1,
            Width::Stereo => 2,
            Width::Input => vertex.edges.first().map_or(1, |e| graph.width(e.source)),
            Width::Widest => widest(&vertex.edges),
        },
        Body::Voices { .. } => vertex.edges.first().map_or(1, |e| graph.width(e.source)),
        Body::Sum | Body::Line { .. } | Body::Fade => widest(&vertex.edges),
    }
}
