//! Graph to steps: order, loops, and which block holds which signal.
//!
//! Blocks are handed out by a linear scan over the finished order: a block is free again after the
//! last step that reads it. Audible chains are added to the output bus as soon as they are
//! computed, in the order of the text, so that few blocks are alive at a time.
//!
//! Thread: control.

use std::collections::HashMap;

use super::cycles::{Components, is_loop, is_severed, mark, reads_early, severed_input, successor};
use super::group::enters_voices;
use super::plan::{NO_CHAIN, Place, Range, Step, StepList, Weight};
use super::vertex::{Body, Graph, SHARED, Source, Vertex, VertexId};
use crate::processor::{BLOCK_FRAMES, Operand};
use crate::registry::NodeSpec;

/// Parts of a loop with a delay shorter than a block.
const SHORT_PART_FRAMES: u16 = 8;

/// What the scheduler must know besides the graph.
pub struct Input<'a> {
    /// Vertices and edges.
    pub graph: &'a Graph,
    /// Weight of each root while fading; empty = all of each.
    pub root_weights: &'a [Weight],
    /// Weights of fading sums.
    pub weights: &'a HashMap<VertexId, Vec<Weight>>,
    /// Slot of each node vertex.
    pub slots: &'a [u32],
    /// Line of each line vertex.
    pub lines: &'a [u32],
    /// Shortest literal delay of a delay vertex in frames; `None` if it moves.
    pub delay_frames: &'a dyn Fn(VertexId) -> Option<f32>,
}

/// The outcome.
pub struct Scheduled {
    /// Steps and their tables.
    pub list: StepList,
    /// Blocks the arena needs, the output bus included.
    pub blocks: u32,
    /// Delays inside loops, with the shortest delay they may read there.
    pub looped_delays: Vec<(VertexId, u16)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Process(VertexId),
    Read(VertexId, u16),
    Write(VertexId, u16),
    Output(u32),
    Loop {
        body: u32,
        part_frames: u16,
    },
    /// Makes the sum of a group; the next `body` ops run once for each voice.
    Voices(VertexId, u32),
    /// Last op of a voice.
    VoiceOut(VertexId),
}

/// Orders the vertices that the roots need and hands out blocks.
#[must_use]
pub fn schedule(input: &Input<'_>) -> Scheduled {
    let mut order = Order {
        graph: input.graph,
        delay_frames: input.delay_frames,
        ops: Vec::new(),
        inside: vec![false; input.graph.vertices.len()],
        inner: Components::new(input.graph.vertices.len()),
        voices: Some(Components::new(input.graph.vertices.len())),
        severed: Vec::new(),
        looped_delays: Vec::new(),
    };
    order.run();
    let (ops, looped_delays) = (order.ops, order.looped_delays);
    let (list, blocks) = Emitter::new(input, &ops).emit(&ops);
    Scheduled {
        list,
        blocks,
        looped_delays,
    }
}

struct Order<'a> {
    graph: &'a Graph,
    delay_frames: &'a dyn Fn(VertexId) -> Option<f32>,
    ops: Vec<Op>,
    inside: Vec<bool>,
    inner: Components,
    /// Search inside groups, whose vertices the outer search never visits.
    voices: Option<Components>,
    severed: Vec<VertexId>,
    looped_delays: Vec<(VertexId, u16)>,
}

impl Order<'_> {
    fn run(&mut self) {
        let graph = self.graph;
        let mut search = Components::new(graph.vertices.len());
        for (i, root) in graph.roots.iter().enumerate() {
            if let Source::Vertex(v) = root {
                self.visit(&mut search, *v, SHARED);
            }
            self.ops.push(Op::Output(i as u32));
        }
        for sender in &graph.senders {
            self.visit(&mut search, *sender, SHARED);
        }
        self.store_lines(&mut search, SHARED);
    }

    /// Stores what lines are fed with. That may need vertices that nothing else needs, and those
    /// further lines.
    fn store_lines(&mut self, search: &mut Components, group: u32) {
        let mut done = 0;
        while let Some(line) = self.severed.get(done).copied() {
            if let Some(v) = severed_input(self.graph, line)
                && self.graph.vertex(v).group == group
            {
                self.visit(search, v, group);
            }
            done += 1;
        }
        for line in std::mem::take(&mut self.severed) {
            self.ops.push(Op::Write(line, BLOCK_FRAMES as u16));
        }
    }

    /// Orders what `root` needs inside its group (or outside of all of them).
    fn visit(&mut self, search: &mut Components, root: VertexId, group: u32) {
        let graph = self.graph;
        let read = |v: VertexId, k: usize| match successor(graph, v, k)? {
            Some(w) if graph.vertex(w).group == group && !enters_voices(graph, v, k) => {
                Some(Some(w))
            }
            _ => Some(None),
        };
        let mut found = Vec::new();
        search.visit(root, &read, &mut |c| found.push(c));
        for mut members in found {
            if is_loop(graph, &members) {
                members.sort_unstable();
                self.emit_loop(&members);
            } else if let [only] = members[..] {
                if is_severed(graph.vertex(only)) {
                    self.severed.push(only);
                    self.ops.push(Op::Read(only, BLOCK_FRAMES as u16));
                } else {
                    let ops = self.process(only);
                    self.ops.extend(ops);
                }
            }
        }
    }

    /// What computes a vertex: itself, or a group with all its voices' vertices.
    fn process(&mut self, v: VertexId) -> Vec<Op> {
        let vertex = self.graph.vertex(v);
        let Body::Voices { group } = vertex.body else {
            return vec![Op::Process(v)];
        };
        let outer_ops = std::mem::take(&mut self.ops);
        let outer_severed = std::mem::take(&mut self.severed);
        if let Some(mut search) = self.voices.take() {
            if let Some(Source::Vertex(w)) = vertex.edges.first().map(|e| e.source)
                && self.graph.vertex(w).group == group
            {
                self.visit(&mut search, w, group);
            }
            self.store_lines(&mut search, group);
            self.voices = Some(search);
        }
        let body = std::mem::replace(&mut self.ops, outer_ops);
        self.severed = outer_severed;
        let mut ops = vec![Op::Voices(v, body.len() as u32 + 1)];
        ops.extend(body);
        ops.push(Op::VoiceOut(v));
        ops
    }

    fn emit_loop(&mut self, members: &[VertexId]) {
        let graph = self.graph;
        mark(&mut self.inside, members, true);
        let early: Vec<VertexId> = members
            .iter()
            .copied()
            .filter(|v| self.is_read_early(*v))
            .collect();
        let part_frames = early
            .iter()
            .map(|v| self.part_frames(*v))
            .min()
            .unwrap_or(1);

        let inside = std::mem::take(&mut self.inside);
        let open = |v: VertexId, k: usize| -> Option<Option<VertexId>> {
            let vertex = graph.vertex(v);
            let edge = vertex.edges.get(k)?;
            Some(match edge.source {
                Source::Vertex(w) if inside[w as usize] && !reads_early(vertex, k) => Some(w),
                _ => None,
            })
        };
        let mut order = Vec::with_capacity(members.len());
        for v in members {
            self.inner.visit(*v, &open, &mut |c| order.extend(c));
        }
        self.inside = inside;
        mark(&mut self.inside, members, false);
        let mut body = Vec::with_capacity(members.len() + early.len());
        for w in order {
            if early.binary_search(&w).is_ok() {
                body.push(Op::Read(w, part_frames));
            } else {
                body.extend(self.process(w));
            }
        }
        body.extend(early.iter().map(|v| Op::Write(*v, part_frames)));
        self.looped_delays.extend(
            early
                .iter()
                .filter(|v| matches!(graph.vertex(**v).body, Body::Node(_)))
                .map(|v| (*v, part_frames)),
        );
        if usize::from(part_frames) < BLOCK_FRAMES {
            self.ops.push(Op::Loop {
                body: body.len() as u32,
                part_frames,
            });
        }
        self.ops.extend(body);
    }

    fn is_read_early(&self, v: VertexId) -> bool {
        let vertex = self.graph.vertex(v);
        let inside = |s: Source| matches!(s, Source::Vertex(w) if self.inside[w as usize]);
        reads_early(vertex, 0) && vertex.edges.first().is_some_and(|e| inside(e.source))
    }

    /// Longest part in which a loop through this delay may run (R6.12).
    fn part_frames(&self, v: VertexId) -> u16 {
        match self.graph.vertex(v).body {
            Body::Line { frames } => frames as u16,
            _ => match (self.delay_frames)(v) {
                Some(frames) if frames >= BLOCK_FRAMES as f32 => BLOCK_FRAMES as u16,
                _ => SHORT_PART_FRAMES,
            },
        }
    }
}

struct Emitter<'a> {
    input: &'a Input<'a>,
    list: StepList,
    places: Vec<Option<Place>>,
    last_use: Vec<usize>,
    free: [Vec<u32>; 2],
    blocks: u32,
    mono_so_far: bool,
    outputs: usize,
}

impl<'a> Emitter<'a> {
    fn new(input: &'a Input<'a>, ops: &[Op]) -> Self {
        let len = input.graph.vertices.len();
        let mut last_use = vec![0; len];
        for (i, op) in ops.iter().enumerate() {
            for_each_read(input.graph, *op, |v| last_use[v as usize] = i);
        }
        Self {
            input,
            list: StepList::default(),
            places: vec![None; len],
            last_use,
            free: [Vec::new(), Vec::new()],
            blocks: 2,
            mono_so_far: true,
            outputs: 0,
        }
    }

    fn emit(mut self, ops: &[Op]) -> (StepList, u32) {
        for (i, op) in ops.iter().enumerate() {
            let made = match op {
                Op::Process(v) | Op::Read(v, _) | Op::Voices(v, _) => Some(*v),
                _ => None,
            };
            let mut taken_over = None;
            if let Some(v) = made {
                taken_over = self.room_of_input(v, i);
                let place = match taken_over {
                    Some(u) => self.place(u),
                    None => self.take(self.input.graph.vertex(v).width),
                };
                self.places[v as usize] = Some(place);
            }
            let step = self.step(*op);
            self.list.steps.push(step);
            let mut over = Vec::new();
            for_each_read(self.input.graph, *op, |v| {
                if self.last_use[v as usize] == i {
                    over.push(v);
                }
            });
            // A signal that nobody reads is over at once.
            over.extend(made.filter(|v| self.last_use[*v as usize] < i));
            over.sort_unstable();
            over.dedup();
            for v in over.into_iter().filter(|v| Some(*v) != taken_over) {
                self.give_back(v);
            }
        }
        self.list.mono_output = self.mono_so_far;
        self.list.has_output = self.outputs > 0;
        (self.list, self.blocks)
    }

    /// The input whose blocks an operation in place may take over: nobody reads it afterwards.
    fn room_of_input(&self, v: VertexId, at: usize) -> Option<VertexId> {
        let graph = self.input.graph;
        let vertex = graph.vertex(v);
        let Body::Node(NodeSpec {
            in_place: Some(_), ..
        }) = vertex.body
        else {
            return None;
        };
        let [input, others @ ..] = vertex.edges.as_slice() else {
            return None;
        };
        let Source::Vertex(u) = input.source else {
            return None;
        };
        let free = self.last_use[u as usize] == at
            && graph.vertex(u).width == vertex.width
            && others.iter().all(|e| e.source != input.source)
            && u != v;
        free.then_some(u)
    }

    fn step(&mut self, op: Op) -> Step {
        let graph = self.input.graph;
        match op {
            Op::Loop { body, part_frames } => Step::Loop { body, part_frames },
            Op::Voices(v, body) => {
                let vertex = graph.vertex(v);
                Step::Voices {
                    group: group_of(vertex),
                    body,
                    out: self.place(v),
                    chain: if vertex.ends_chain {
                        vertex.chain
                    } else {
                        NO_CHAIN
                    },
                }
            }
            Op::VoiceOut(v) => Step::VoiceOut {
                group: group_of(graph.vertex(v)),
                source: self.operand_at(v, 0),
                out: self.place(v),
            },
            Op::Output(i) => self.output(i),
            Op::Process(v) => {
                let vertex = graph.vertex(v);
                let out = self.place(v);
                match vertex.body {
                    Body::Node(NodeSpec {
                        in_place: Some(op), ..
                    }) => Step::Apply {
                        slot: self.input.slots[v as usize],
                        op: *op,
                        out,
                        ports: self.ports(v),
                    },
                    Body::Node(_) => {
                        let ports = self.ports(v);
                        Step::Process {
                            slot: self.input.slots[v as usize],
                            out,
                            ports,
                        }
                    }
                    Body::Sum => {
                        let ports = self.ports(v);
                        let weights = self.weights(v);
                        let chain = if vertex.ends_chain {
                            vertex.chain
                        } else {
                            NO_CHAIN
                        };
                        Step::Sum {
                            out,
                            ports,
                            weights,
                            chain,
                        }
                    }
                    // Voices and 64-frame lines have ops of their own.
                    Body::Fade | Body::Line { .. } | Body::Voices { .. } => Step::Fade {
                        out,
                        from: self.operand_at(v, 0),
                        to: self.operand_at(v, 1),
                    },
                }
            }
            Op::Read(v, min_delay_frames) => {
                let out = self.place(v);
                match graph.vertex(v).body {
                    Body::Line { .. } => Step::LineRead {
                        line: self.input.lines[v as usize],
                        out,
                    },
                    _ => Step::Read {
                        slot: self.input.slots[v as usize],
                        out,
                        ports: self.early_ports(v),
                        min_delay_frames,
                    },
                }
            }
            Op::Write(v, min_delay_frames) => match graph.vertex(v).body {
                Body::Line { .. } => Step::LineWrite {
                    line: self.input.lines[v as usize],
                    source: self.operand_at(v, 0),
                },
                _ => Step::Write {
                    slot: self.input.slots[v as usize],
                    ports: self.ports(v),
                    min_delay_frames,
                },
            },
        }
    }

    fn output(&mut self, i: u32) -> Step {
        let source = self.input.graph.roots[i as usize];
        let weight = self
            .input
            .root_weights
            .get(i as usize)
            .copied()
            .unwrap_or(Weight::One);
        let stereo = self.input.graph.width(source) > 1;
        let first = self.outputs == 0;
        let widen = stereo && self.mono_so_far && !first;
        self.mono_so_far &= !stereo;
        self.outputs += 1;
        Step::Output {
            source: self.operand(source),
            weight,
            first,
            mono: self.mono_so_far,
            widen,
        }
    }

    fn ports(&mut self, v: VertexId) -> Range {
        let operands = self
            .input
            .graph
            .vertex(v)
            .edges
            .iter()
            .map(|e| self.operand(e.source));
        let operands: Vec<Operand> = operands.collect();
        self.add_operands(&operands)
    }

    /// Ports of a delay that is read before its input is known: the input is left out.
    fn early_ports(&mut self, v: VertexId) -> Range {
        let edges = &self.input.graph.vertex(v).edges;
        let mut operands: Vec<Operand> = edges.iter().map(|e| self.operand(e.source)).collect();
        if let Some(first) = operands.first_mut() {
            *first = Operand::Nothing;
        }
        self.add_operands(&operands)
    }

    fn add_operands(&mut self, operands: &[Operand]) -> Range {
        let start = self.list.operands.len() as u32;
        self.list.operands.extend_from_slice(operands);
        Range {
            start,
            len: operands.len() as u32,
        }
    }

    fn weights(&mut self, v: VertexId) -> Range {
        let start = self.list.weights.len() as u32;
        let weights = self.input.weights.get(&v).map_or(&[][..], |w| w);
        self.list.weights.extend_from_slice(weights);
        Range {
            start,
            len: weights.len() as u32,
        }
    }

    fn operand_at(&self, v: VertexId, port: usize) -> Operand {
        self.input
            .graph
            .vertex(v)
            .edges
            .get(port)
            .map_or(Operand::Nothing, |e| self.operand(e.source))
    }

    fn operand(&self, source: Source) -> Operand {
        match source {
            Source::Nothing => Operand::Nothing,
            Source::Literal(l) => Operand::Literal(l),
            Source::Vertex(v) => match self.places[v as usize] {
                Some(p) => Operand::Blocks {
                    left: p.block,
                    right: p.block + u32::from(p.channels) - 1,
                },
                None => Operand::Nothing,
            },
        }
    }

    fn place(&self, v: VertexId) -> Place {
        self.places[v as usize].unwrap_or(Place {
            block: 0,
            channels: 1,
        })
    }

    fn take(&mut self, channels: u8) -> Place {
        let pool = &mut self.free[usize::from(channels == 2)];
        let block = pool.pop().unwrap_or_else(|| {
            let block = self.blocks;
            self.blocks += u32::from(channels);
            block
        });
        Place { block, channels }
    }

    fn give_back(&mut self, v: VertexId) {
        if let Some(p) = self.places[v as usize] {
            self.free[usize::from(p.channels == 2)].push(p.block);
        }
    }
}

/// Calls `f` for each vertex whose signal an op reads.
fn for_each_read(graph: &Graph, op: Op, mut f: impl FnMut(VertexId)) {
    let mut read = |source: Source| {
        if let Source::Vertex(v) = source {
            f(v);
        }
    };
    match op {
        Op::Process(v) | Op::VoiceOut(v) => {
            graph.vertex(v).edges.iter().for_each(|e| read(e.source));
        }
        Op::Read(v, _) => graph
            .vertex(v)
            .edges
            .iter()
            .skip(1)
            .for_each(|e| read(e.source)),
        Op::Write(v, _) => graph.vertex(v).edges.iter().for_each(|e| read(e.source)),
        Op::Output(i) => graph
            .roots
            .get(i as usize)
            .into_iter()
            .for_each(|s| read(*s)),
        Op::Loop { .. } | Op::Voices(..) => {}
    }
}

fn group_of(vertex: &Vertex) -> u32 {
    match vertex.body {
        Body::Voices { group } => group,
        _ => SHARED,
    }
}
