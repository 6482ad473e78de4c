//! Random graphs, loops included: every operand of every step must lie in a block that holds the
//! signal it is meant to read.

use std::collections::HashMap;

use super::cycles::open_loops;
use super::plan::{Step, StepList};
use super::schedule::{Input, schedule};
use super::vertex::{Body, Edge, Graph, SHARED, Source, Vertex, VertexId};
use crate::processor::Operand;
use crate::registry::{NodeSpec, Role};
use crate::text::Span;

static PLAIN: NodeSpec = NodeSpec {
    name: "plain",
    ..NodeSpec::PLAIN
};
static DELAY: NodeSpec = NodeSpec {
    name: "delay",
    role: Role::Delay,
    ..NodeSpec::PLAIN
};

static APPLIED: NodeSpec = NodeSpec {
    name: "applied",
    in_place: Some(|_, _| {}),
    ..NodeSpec::PLAIN
};

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

fn random_graph(random: &mut Random, vertices: usize) -> Graph {
    let mut graph = Graph::default();
    for id in 0..vertices {
        let spec = match random.below(6) {
            0 => &DELAY,
            1 | 2 => &APPLIED,
            _ => &PLAIN,
        };
        let ports = if spec.in_place.is_some() {
            2
        } else {
            1 + random.below(3)
        };
        let edges = (0..ports)
            .map(|_| match random.below(6) {
                0 => Edge::NOTHING,
                1 => Edge {
                    source: Source::Literal(0),
                    via: None,
                },
                _ => {
                    let target = random.below(vertices) as u32;
                    Edge {
                        source: Source::Vertex(target),
                        via: Some(target),
                    }
                }
            })
            .collect();
        graph.vertices.push(Vertex {
            body: Body::Node(spec),
            chain: id as u32,
            node: 0,
            ends_chain: true,
            edges,
            width: 1 + random.below(2) as u8,
            span: Span::at(id),
            group: SHARED,
            line_key: None,
        });
    }
    for _ in 0..1 + random.below(4) {
        graph
            .roots
            .push(Source::Vertex(random.below(vertices) as VertexId));
    }
    graph
}

/// Runs a step list on names instead of samples.
struct Check<'a> {
    graph: &'a Graph,
    holds: HashMap<u32, VertexId>,
    written: Vec<bool>,
    seen: Vec<usize>,
}

impl Check<'_> {
    fn reads(&self, operand: Operand, source: Source, what: &str) {
        match (operand, source) {
            (Operand::Blocks { left, right }, Source::Vertex(v)) => {
                assert_eq!(self.holds.get(&left), Some(&v), "{what}: left of {v}");
                assert_eq!(self.holds.get(&right), Some(&v), "{what}: right of {v}");
            }
            (Operand::Literal(a), Source::Literal(b)) => assert_eq!(a, b),
            (Operand::Nothing, Source::Nothing) => {}
            other => panic!("{what}: {other:?}"),
        }
    }

    fn run(&mut self, list: &StepList) {
        let mut outputs = 0;
        for step in &list.steps {
            match *step {
                Step::Process { slot, out, ports }
                | Step::Apply {
                    slot, out, ports, ..
                }
                | Step::Read {
                    slot, out, ports, ..
                } => {
                    let early = matches!(step, Step::Read { .. });
                    let edges = &self.graph.vertex(slot).edges;
                    for (i, operand) in list.operands[ports.indices()].iter().enumerate() {
                        if early && i == 0 {
                            assert_eq!(*operand, Operand::Nothing);
                        } else {
                            self.reads(*operand, edges[i].source, "process");
                        }
                    }
                    self.seen[slot as usize] += 1;
                    self.put(out.block, out.channels, slot);
                }
                Step::Write { slot, ports, .. } => {
                    let edges = &self.graph.vertex(slot).edges;
                    for (operand, edge) in list.operands[ports.indices()].iter().zip(edges) {
                        self.reads(*operand, edge.source, "write");
                    }
                    self.written[slot as usize] = true;
                }
                Step::LineRead { line, out } => {
                    self.seen[line as usize] += 1;
                    self.put(out.block, out.channels, line);
                }
                Step::LineWrite { line, source } => {
                    self.reads(source, self.graph.vertex(line).edges[0].source, "line");
                    self.written[line as usize] = true;
                }
                Step::Output { source, .. } => {
                    self.reads(source, self.graph.roots[outputs], "output");
                    outputs += 1;
                }
                Step::Loop { .. } => {}
                Step::Sum { .. }
                | Step::Fade { .. }
                | Step::Voices { .. }
                | Step::VoiceOut { .. } => panic!("not in this graph"),
            }
        }
        assert_eq!(outputs, self.graph.roots.len());
    }

    fn put(&mut self, block: u32, channels: u8, v: VertexId) {
        assert!(block >= 2, "the output bus is nobody's block");
        for b in block..block + u32::from(channels) {
            self.holds.insert(b, v);
        }
    }
}

#[test]
fn every_operand_finds_its_signal() {
    let mut random = Random(1);
    for round in 0..3000 {
        let size = 1 + random.below(if round % 10 == 0 { 60 } else { 12 });
        let mut graph = random_graph(&mut random, size);
        let names: Vec<String> = (0..graph.vertices.len()).map(|i| format!("~{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        open_loops(&mut graph, &names);
        let ids: Vec<u32> = (0..graph.vertices.len() as u32).collect();
        let scheduled = schedule(&Input {
            graph: &graph,
            root_weights: &[],
            weights: &HashMap::new(),
            slots: &ids,
            lines: &ids,
            delay_frames: &|_| Some(100.0),
        });
        let mut check = Check {
            graph: &graph,
            holds: HashMap::new(),
            written: vec![false; graph.vertices.len()],
            seen: vec![0; graph.vertices.len()],
        };
        check.run(&scheduled.list);
        assert!(check.seen.iter().all(|n| *n <= 1), "a node ran twice");
        for (v, n) in check.seen.iter().enumerate() {
            let is_line = matches!(graph.vertices[v].body, Body::Line { .. });
            assert!(
                *n == 0 || !is_line || check.written[v],
                "a line is read but never written"
            );
        }
    }
}

#[test]
fn a_chain_of_fifty_thousand_needs_no_stack_and_two_blocks() {
    let mut graph = Graph::default();
    for id in 0..50_000_u32 {
        let source = if id == 0 {
            Source::Nothing
        } else {
            Source::Vertex(id - 1)
        };
        graph.vertices.push(Vertex {
            body: Body::Node(&PLAIN),
            chain: 0,
            node: id,
            ends_chain: id == 49_999,
            edges: vec![Edge { source, via: None }],
            width: 1,
            span: Span::default(),
            group: SHARED,
            line_key: None,
        });
    }
    graph.roots.push(Source::Vertex(49_999));
    assert!(open_loops(&mut graph, &["a"]).is_empty());
    let ids: Vec<u32> = (0..50_000).collect();
    let scheduled = schedule(&Input {
        graph: &graph,
        root_weights: &[],
        weights: &HashMap::new(),
        slots: &ids,
        lines: &ids,
        delay_frames: &|_| None,
    });
    assert_eq!(
        scheduled.blocks, 4,
        "the bus and two blocks that take turns"
    );
}
