//! Program to plan.
//!
//! Thread: control.

use std::collections::HashMap;

use super::fade::{FadeGraph, Kept, fade_graph};
use super::keep::{find_kept, no_kept, note_kept_lines};
use super::layout::{Config, Layout, NONE, build_args};
use super::plan::{Adoption, ChainState, Line, Literal, Plan, Slot};
use super::prepare::{Prepared, literal_delay_frames, loop_notes, prepare, short_delays};
use super::schedule::{Input, Scheduled, schedule};
use super::unheard::{Unheard, reuse, spare_processors};
use super::vertex::{Body, Graph, Source, VertexId};
use crate::diagnostics::{Diagnostic, Problem};
use crate::processor::{BLOCK_FRAMES, Block, LiteralValue, Processor};
use crate::registry::Build;
use crate::resolve::Program;

/// Most bytes of delay lines a program may have (R4.12).
pub const MAX_LINE_BYTES: usize = 512 << 20;

/// Length of the fades after an edit.
pub const FADE_SECONDS: f64 = 0.010;

/// What a compilation needs besides the program.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Frames per second.
    pub sample_rate: f64,
    /// Seed of random choices.
    pub seed: u64,
    /// Number of the evaluation.
    pub revision: u64,
}

/// The outcome of a compilation.
pub struct Compiled {
    /// For the audio thread.
    pub plan: Box<Plan>,
    /// For the next compilation.
    pub layout: Layout,
    /// Notes and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles a program into a plan that takes over from `base`.
///
/// # Errors
/// Diagnostics, when the program is too large or a node cannot be built.
pub fn compile(
    program: Program,
    base: Option<&Layout>,
    unheard: Option<Unheard<'_>>,
    settings: &Settings,
) -> Result<Compiled, Vec<Diagnostic>> {
    let Prepared {
        graph,
        opened,
        used,
        mut configs,
    } = prepare(&program, settings)?;
    let (kept, fades) = match base {
        None => (no_kept(&graph), None),
        Some(base) => {
            let mut kept = find_kept(base, &program, &graph, &used);
            let fades = fade_graph(&base.graph, &graph, &mut kept);
            (kept, fades)
        }
    };

    let mut compiler = Compiler {
        program: &program,
        graph: &graph,
        base,
        settings,
        kept: &kept,
        fades: fades.as_ref(),
        plan: empty_plan(settings.revision, base),
        slots: Vec::new(),
        lines: Vec::new(),
    };
    compiler.number(&used);
    compiler.fill_slots(&configs, unheard)?;
    compiler.fill_literals();
    compiler.fill_lines();
    let looped = compiler.schedule();
    compiler.finish();

    let mut diagnostics = loop_notes(&program, &graph, &opened);
    diagnostics.extend(short_delays(&program, &graph, &looped, settings));
    let Compiler {
        plan,
        mut slots,
        mut lines,
        ..
    } = compiler;
    note_kept_lines(&mut configs, &kept, base);
    slots.truncate(graph.vertices.len());
    lines.truncate(graph.vertices.len());
    let layout = Layout {
        revision: settings.revision,
        graph,
        slots,
        lines,
        configs,
        program,
    };
    Ok(Compiled {
        plan: Box::new(plan),
        layout,
        diagnostics,
    })
}

fn empty_plan(revision: u64, base: Option<&Layout>) -> Plan {
    Plan {
        revision,
        base_revision: base.map_or(0, |b| b.revision),
        during: Default::default(),
        after: Default::default(),
        fade_frames: 0,
        arena: Vec::new(),
        scratch: Vec::new(),
        slots: Vec::new(),
        chains: Vec::new(),
        literals: Vec::new(),
        literal_values: Vec::new(),
        lines: Vec::new(),
        live: Vec::new(),
        knob_updates: Vec::new(),
        groups: Vec::new(),
        adoptions: Vec::new(),
        next_retired: None,
    }
}

struct Compiler<'a> {
    program: &'a Program,
    graph: &'a Graph,
    base: Option<&'a Layout>,
    settings: &'a Settings,
    kept: &'a Kept,
    fades: Option<&'a FadeGraph>,
    plan: Plan,
    /// Slot of each vertex of the fade graph (or of the graph), or [`NONE`].
    slots: Vec<u32>,
    /// Line of each vertex, like `slots`.
    lines: Vec<u32>,
}

impl Compiler<'_> {
    /// The graph with ghosts where there are any.
    fn whole(&self) -> &Graph {
        self.fades.map_or(self.graph, |f| &f.graph)
    }

    /// The old vertex that a ghost stands for.
    fn ghost_of(&self, id: usize) -> Option<VertexId> {
        let fades = self.fades?;
        *fades.ghost_of.get(id.checked_sub(fades.first_ghost)?)?
    }

    /// Numbers slots and lines, and makes the chain table: new chains, then one per ghost chain.
    fn number(&mut self, used: &[bool]) {
        let state = |span| ChainState {
            span,
            muted_from: u64::MAX,
            cost_ns: 0,
        };
        self.plan.chains = self.program.chains.iter().map(|c| state(c.span)).collect();
        let (mut next_slot, mut next_line) = (0, 0);
        for id in 0..self.whole().vertices.len() {
            let wanted = used.get(id).copied().unwrap_or(self.ghost_of(id).is_some());
            let (mut slot, mut line) = (NONE, NONE);
            if wanted {
                match self.whole().vertices[id].body {
                    Body::Node(_) => {
                        slot = next_slot;
                        next_slot += 1;
                    }
                    Body::Line { .. } => {
                        line = next_line;
                        next_line += 1;
                    }
                    Body::Sum | Body::Fade => {}
                }
            }
            self.slots.push(slot);
            self.lines.push(line);
        }
    }

    fn fill_slots(
        &mut self,
        configs: &[Option<Config>],
        mut unheard: Option<Unheard<'_>>,
    ) -> Result<(), Vec<Diagnostic>> {
        let spare = spare_processors(self.program, &unheard);
        let scanned = scanned(self.whole());
        let mut ghost_chains: HashMap<u32, u32> = HashMap::new();
        for id in 0..self.slots.len() {
            if self.slots[id] == NONE {
                continue;
            }
            let vertex = &self.whole().vertices[id];
            let mut slot = Slot {
                processors: [None, None],
                instances: 1,
                chain: vertex.chain,
                ends_chain: vertex.ends_chain,
                scanned: scanned.get(id).copied().unwrap_or(true),
                faulted: false,
                span: vertex.span,
            };
            if let (Some(o), Some(base)) = (self.ghost_of(id), self.base) {
                let old = base.configs[o as usize].as_ref();
                slot.instances = old.map_or(1, |c| c.instances);
                let chains = &mut self.plan.chains;
                slot.chain = *ghost_chains.entry(slot.chain).or_insert_with(|| {
                    chains.push(ChainState {
                        span: slot.span,
                        muted_from: u64::MAX,
                        cost_ns: 0,
                    });
                    (chains.len() - 1) as u32
                });
                let (to, from) = (self.slots[id], base.slots[o as usize]);
                for instance in 0..slot.instances {
                    let (to, from) = ((to, instance), (from, instance));
                    self.plan.adoptions.push(Adoption::Move { to, from });
                }
                self.plan.adoptions.push(Adoption::GhostMute { to, from });
                self.plan.slots.push(slot);
                continue;
            }
            let Some(config) = configs.get(id).and_then(Option::as_ref) else {
                continue;
            };
            slot.instances = config.instances;
            self.place_processors(id, config, &mut slot, &spare, &mut unheard)?;
            self.plan.slots.push(slot);
        }
        Ok(())
    }

    /// Decides for one node: moved, rebuilt with its state handed over, or new.
    fn place_processors(
        &mut self,
        id: usize,
        config: &Config,
        slot: &mut Slot,
        spare: &HashMap<(u32, u32), u32>,
        unheard: &mut Option<Unheard<'_>>,
    ) -> Result<(), Vec<Diagnostic>> {
        if matches!(self.graph.vertices[id].body, Body::Node(spec) if spec.in_place.is_some()) {
            return Ok(());
        }
        let to = self.slots[id];
        let old = match (self.kept.vertex[id], self.base) {
            (Some(o), Some(base)) => base.configs[o as usize]
                .as_ref()
                .map(|c| (base.slots[o as usize], c)),
            _ => None,
        };
        // A node that narrows keeps its right instance for the steps of the fade.
        if let (Some((from, was)), Some(_)) = (old, self.fades)
            && was.instances > config.instances
        {
            slot.instances = was.instances;
            for instance in config.instances..was.instances {
                let (to, from) = ((to, instance), (from, instance));
                self.plan.adoptions.push(Adoption::Move { to, from });
            }
        }
        for instance in 0..config.instances {
            match old {
                Some((from, was)) if instance < was.instances => {
                    let (to, from) = ((to, instance), (from, instance));
                    if was.serves(config) {
                        self.plan.adoptions.push(Adoption::Move { to, from });
                        continue;
                    }
                    self.plan.adoptions.push(Adoption::Inherit { to, from });
                }
                Some(_) => self.plan.adoptions.push(Adoption::Twin { slot: to }),
                None => {}
            }
            let reused = reuse(self.graph, id, config, instance, spare, unheard);
            slot.processors[usize::from(instance)] = Some(match reused {
                Some(processor) => processor,
                None => self.build(id, config, instance)?,
            });
        }
        Ok(())
    }

    fn build(
        &self,
        id: usize,
        config: &Config,
        instance: u8,
    ) -> Result<Box<dyn Processor>, Vec<Diagnostic>> {
        let vertex = &self.graph.vertices[id];
        let node = &self.program.chains[vertex.chain as usize].nodes[vertex.node as usize];
        let args = build_args(node);
        let build = Build {
            sample_rate: self.settings.sample_rate as f32,
            channels: config.channels,
            channel: usize::from(instance),
            voice: 0,
            args: &args,
            random_key: config.random_key,
            reserved_frames: config.reserved_frames,
        };
        let failed = |why: String| {
            vec![
                Problem::NotBuilt {
                    node: node.spec.name.to_owned(),
                    reason: why,
                }
                .at(vertex.span),
            ]
        };
        match node.spec.build {
            Some(make) => make(&build).map_err(|e| failed(e.0)),
            None => Err(failed("It is not available in this version.".to_owned())),
        }
    }

    fn fill_literals(&mut self) {
        let rate = self.settings.sample_rate;
        self.plan.literals = self
            .whole()
            .literals
            .iter()
            .map(|l| {
                let frames = (f64::from(l.smoothing_ms) * 1e-3 * rate).round();
                Literal::held(l.value, frames as u32)
            })
            .collect();
        self.plan.literal_values = self
            .plan
            .literals
            .iter()
            .map(|l| LiteralValue::Held(l.to))
            .collect();
        for (to, from) in self.kept.literal.iter().enumerate() {
            if let Some(from) = from {
                self.plan.adoptions.push(Adoption::Literal {
                    to: to as u32,
                    from: *from,
                });
            }
        }
        if let Some(fades) = self.fades {
            for (i, from) in fades.ghost_literals.iter().enumerate() {
                let to = (fades.first_ghost_literal + i) as u32;
                self.plan
                    .adoptions
                    .push(Adoption::GhostLiteral { to, from: *from });
            }
        }
    }

    fn fill_lines(&mut self) {
        for id in 0..self.lines.len() {
            let to = self.lines[id];
            if to == NONE {
                continue;
            }
            let frames = match self.whole().vertices[id].body {
                Body::Line { frames } => frames,
                _ => BLOCK_FRAMES as u32,
            };
            self.plan.lines.push(Line::new(frames));
            let old = self
                .ghost_of(id)
                .or(self.kept.vertex.get(id).copied().flatten());
            if let (Some(o), Some(base)) = (old, self.base)
                && base.lines[o as usize] != NONE
            {
                let from = base.lines[o as usize];
                self.plan.adoptions.push(Adoption::Line { to, from });
            }
        }
    }

    /// Schedules both step lists; returns the delays inside loops of the list after the fades.
    fn schedule(&mut self) -> Vec<(VertexId, u16)> {
        let no_weights = HashMap::new();
        let delay_frames = |v: VertexId| self.delay_frames(v);
        let after = schedule(&Input {
            graph: self.graph,
            root_weights: &[],
            weights: &no_weights,
            slots: &self.slots,
            lines: &self.lines,
            delay_frames: &delay_frames,
        });
        let during = self.fades.map(|fades| {
            schedule(&Input {
                graph: &fades.graph,
                root_weights: &fades.root_weights,
                weights: &fades.weights,
                slots: &self.slots,
                lines: &self.lines,
                delay_frames: &delay_frames,
            })
        });
        let Scheduled {
            list,
            mut blocks,
            looped_delays,
        } = after;
        self.plan.after = list;
        if let Some(during) = during {
            blocks = blocks.max(during.blocks);
            self.plan.during = during.list;
            self.plan.fade_frames = (FADE_SECONDS * self.settings.sample_rate).round() as u32;
        }
        self.plan.arena = vec![Block::SILENT; blocks as usize];
        looped_delays
    }

    /// Shortest delay that a delay node may be asked for by its literal, the one before an edit
    /// included (the old read head fades out); `None` if it moves.
    fn delay_frames(&self, v: VertexId) -> Option<f32> {
        let rate = self.settings.sample_rate as f32;
        let whole = self.whole();
        let here = literal_delay_frames(whole, v, rate)?;
        let old = self
            .kept
            .vertex
            .get(v as usize)
            .copied()
            .flatten()
            .zip(self.base);
        Some(match old {
            Some((o, base)) => here.min(literal_delay_frames(&base.graph, o, rate)?),
            None => here,
        })
    }

    fn finish(&mut self) {
        // A sum reads one term after the other and needs one block for all of them.
        let ports = self
            .whole()
            .vertices
            .iter()
            .filter(|v| v.body != Body::Sum)
            .map(|v| v.edges.len())
            .max()
            .unwrap_or(0);
        self.plan.scratch = vec![Block::SILENT; ports.max(1)];
        // Twins copy from the left instance, so they come after all moves.
        self.plan
            .adoptions
            .sort_by_key(|a| matches!(a, Adoption::Twin { .. }));
    }
}

/// Which vertices are checked for values that are not finite: all but those that only compute a
/// number for the next node of their chain to compute with. An overflow there shows one node later.
fn scanned(graph: &Graph) -> Vec<bool> {
    let stateless = |v: usize| matches!(graph.vertices[v].body, Body::Node(spec) if spec.stateless);
    let mut readers = vec![0_u32; graph.vertices.len()];
    let mut passed_on = vec![false; graph.vertices.len()];
    for (reader, vertex) in graph.vertices.iter().enumerate() {
        for (port, edge) in vertex.edges.iter().enumerate() {
            if let Source::Vertex(v) = edge.source {
                let v = v as usize;
                readers[v] += 1;
                passed_on[v] =
                    port == 0 && stateless(reader) && graph.vertices[v].chain == vertex.chain;
            }
        }
    }
    for root in &graph.roots {
        if let Source::Vertex(v) = root {
            readers[*v as usize] += 1;
        }
    }
    (0..graph.vertices.len())
        .map(|v| !(stateless(v) && readers[v] == 1 && passed_on[v]))
        .collect()
}
