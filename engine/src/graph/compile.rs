//! Program to plan.
//!
//! Thread: control.

use std::collections::HashMap;

use super::fade::{FadeGraph, Kept, fade_graph};
use super::keep::{find_kept, no_kept, note_kept_lines};
use super::layout::{Config, Layout, NONE, build_args};
use super::number::{Numbers, line_voices, number, slot_voices};
use super::plan::{Adoption, ChainState, Line, Literal, LiveLiteral, Plan, PlanGroup, Slot};
use super::prepare::{Prepared, literal_delay_frames, loop_notes, prepare, short_delays};
use super::schedule::{Input, Scheduled, schedule};
use super::unheard::{Unheard, reuse, spare_processors};
use super::vertex::{Body, Graph, GroupInfo, Origin, Source, VertexId};
use crate::diagnostics::{Diagnostic, Problem};
use crate::processor::{BLOCK_FRAMES, Block, LiteralValue, Processor};
use crate::registry::Build;
use crate::resolve::Program;
use crate::text::Span;
use crate::voice::{VoiceGroup, VoiceValue};

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
        numbers: Numbers::default(),
        old_group: Vec::new(),
    };
    compiler.number(&used);
    compiler.fill_slots(&configs, unheard)?;
    compiler.fill_literals();
    compiler.fill_lines();
    compiler.fill_groups();
    let looped = compiler.schedule();
    compiler.finish();

    let mut diagnostics = loop_notes(&program, &graph, &opened);
    diagnostics.extend(short_delays(&program, &graph, &looped, settings));
    let Compiler {
        plan, mut numbers, ..
    } = compiler;
    note_kept_lines(&mut configs, &kept, base);
    numbers.slots.truncate(graph.vertices.len());
    numbers.lines.truncate(graph.vertices.len());
    numbers.groups.truncate(graph.groups.len());
    let layout = Layout {
        revision: settings.revision,
        graph,
        slots: numbers.slots,
        lines: numbers.lines,
        groups: numbers.groups,
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
    /// Slots and lines of the vertices of the fade graph (or of the graph).
    numbers: Numbers,
    /// For each group of that graph, the old group whose voices it takes.
    old_group: Vec<Option<u32>>,
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

    /// Numbers slots and lines, places the groups, and makes the chain table: new chains, then one
    /// per ghost chain.
    fn number(&mut self, used: &[bool]) {
        let state = |span| ChainState {
            span,
            muted_from: u64::MAX,
            cost_ns: 0,
        };
        self.plan.chains = self.program.chains.iter().map(|c| state(c.span)).collect();
        self.old_group = self.old_groups();
        let voices: Vec<u32> = (0..self.whole().groups.len())
            .map(|g| self.physical_voices(g))
            .collect();
        let wanted = |id: usize| used.get(id).copied().unwrap_or(self.ghost_of(id).is_some());
        self.numbers = number(self.whole(), &wanted, &voices);
    }

    /// For each group of the whole graph, the old group whose voices it takes.
    fn old_groups(&self) -> Vec<Option<u32>> {
        let Some(base) = self.base else {
            return vec![None; self.graph.groups.len()];
        };
        let mut old = vec![None; self.graph.groups.len()];
        for (from, to) in self.kept.groups(&base.graph, self.graph) {
            if let Some(slot) = old.get_mut(to as usize) {
                *slot = Some(from);
            }
        }
        let ghosts = self.fades.map_or(&[][..], |f| &f.ghost_groups);
        old.extend(ghosts.iter().map(|from| Some(*from)));
        old
    }

    /// A group that gets smaller keeps room for the voices that fade out in it.
    fn physical_voices(&self, group: usize) -> u32 {
        let physical = |g: &GroupInfo| g.settings.physical_voices() as u32;
        let here = self.whole().groups.get(group).map_or(0, physical);
        let old = self.old_group.get(group).copied().flatten();
        let before = old.zip(self.base).and_then(|(old, base)| {
            let place = base.groups.get(old as usize)?;
            let info = base.graph.groups.get(old as usize)?;
            Some(physical(info).min(place.voices))
        });
        here.max(before.unwrap_or(0))
    }

    /// Physical voices of the old vertex that `id` goes on from, as far as the new group has room,
    /// with the slot of the first and the distance between them.
    fn old_voices(&self, old: VertexId, voices: u32) -> (u32, u32, u32) {
        let Some(base) = self.base else {
            return (0, NONE, 0);
        };
        let (count, stride) = slot_voices(&base.groups, base.graph.vertex(old).group);
        (count.min(voices), base.slots[old as usize], stride)
    }

    fn fill_slots(
        &mut self,
        configs: &[Option<Config>],
        mut unheard: Option<Unheard<'_>>,
    ) -> Result<(), Vec<Diagnostic>> {
        let spare = spare_processors(self.program, &unheard);
        let scanned = scanned(self.whole());
        let mut ghost_chains: HashMap<u32, u32> = HashMap::new();
        let empty = || Slot {
            processors: [None, None],
            instances: 1,
            chain: 0,
            ends_chain: false,
            scanned: false,
            faulted: false,
            span: Span::default(),
        };
        let count = self.numbers.slot_count as usize;
        self.plan.slots = std::iter::repeat_with(empty).take(count).collect();
        for id in 0..self.numbers.slots.len() {
            let first = self.numbers.slots[id];
            if first == NONE {
                continue;
            }
            let vertex = &self.whole().vertices[id];
            let (voices, stride) = slot_voices(&self.numbers.groups, vertex.group);
            let mut model = Slot {
                chain: vertex.chain,
                ends_chain: vertex.ends_chain,
                scanned: scanned.get(id).copied().unwrap_or(true),
                span: vertex.span,
                ..empty()
            };
            if let (Some(o), Some(base)) = (self.ghost_of(id), self.base) {
                let old = base.configs[o as usize].as_ref();
                model.instances = old.map_or(1, |c| c.instances);
                let chains = &mut self.plan.chains;
                model.chain = *ghost_chains.entry(model.chain).or_insert_with(|| {
                    chains.push(ChainState {
                        span: model.span,
                        muted_from: u64::MAX,
                        cost_ns: 0,
                    });
                    (chains.len() - 1) as u32
                });
                let (old_voices, old_first, old_stride) = self.old_voices(o, voices);
                for voice in 0..old_voices {
                    let (to, from) = (first + voice * stride, old_first + voice * old_stride);
                    for instance in 0..model.instances {
                        let (to, from) = ((to, instance), (from, instance));
                        self.plan.adoptions.push(Adoption::Move { to, from });
                    }
                    self.plan.adoptions.push(Adoption::GhostMute { to, from });
                }
                for voice in 0..voices {
                    self.put_slot(first + voice * stride, copy_of(&model));
                }
                continue;
            }
            let Some(config) = configs.get(id).and_then(Option::as_ref) else {
                continue;
            };
            model.instances = config.instances;
            for voice in 0..voices {
                let mut slot = copy_of(&model);
                self.place_processors(id, voice, config, &mut slot, &spare, &mut unheard)?;
                self.put_slot(first + voice * stride, slot);
            }
        }
        Ok(())
    }

    fn put_slot(&mut self, index: u32, slot: Slot) {
        if let Some(place) = self.plan.slots.get_mut(index as usize) {
            *place = slot;
        }
    }

    /// Decides for one node: moved, rebuilt with its state handed over, or new.
    fn place_processors(
        &mut self,
        id: usize,
        voice: u32,
        config: &Config,
        slot: &mut Slot,
        spare: &HashMap<(u32, u32), u32>,
        unheard: &mut Option<Unheard<'_>>,
    ) -> Result<(), Vec<Diagnostic>> {
        if matches!(self.graph.vertices[id].body, Body::Node(spec) if spec.in_place.is_some()) {
            return Ok(());
        }
        let (voices, stride) = slot_voices(&self.numbers.groups, self.graph.vertices[id].group);
        let to = self.numbers.slots[id] + voice * stride;
        let old = match (self.kept.vertex[id], self.base) {
            (Some(o), Some(base)) => {
                let (old_voices, first, stride) = self.old_voices(o, voices);
                let config = base.configs[o as usize].as_ref();
                config
                    .filter(|_| voice < old_voices)
                    .map(|c| (first + voice * stride, c))
            }
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
            let reused = reuse(self.graph, id, config, (voice, instance), spare, unheard);
            slot.processors[usize::from(instance)] = Some(match reused {
                Some(processor) => processor,
                None => self.build(id, config, voice, instance)?,
            });
        }
        Ok(())
    }

    fn build(
        &self,
        id: usize,
        config: &Config,
        voice: u32,
        instance: u8,
    ) -> Result<Box<dyn Processor>, Vec<Diagnostic>> {
        let vertex = &self.graph.vertices[id];
        let node = &self.program.chains[vertex.chain as usize].nodes[vertex.node as usize];
        let args = build_args(node);
        let build = Build {
            sample_rate: self.settings.sample_rate as f32,
            channels: config.channels,
            channel: usize::from(instance),
            voice: voice as usize,
            args: &args,
            random_key: voice_key(config.random_key, voice),
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
        for (literal, info) in self.whole().literals.clone().iter().enumerate() {
            if let Origin::Live(source) = info.origin {
                let literal = literal as u32;
                self.plan.live.push(LiveLiteral { literal, source });
            }
        }
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
        let count = self.numbers.line_count as usize;
        self.plan.lines = vec![Line::new(BLOCK_FRAMES as u32); count];
        for id in 0..self.numbers.lines.len() {
            let first = self.numbers.lines[id];
            if first == NONE {
                continue;
            }
            let group = self.whole().vertices[id].group;
            let (voices, stride) = line_voices(&self.numbers.groups, group);
            let frames = match self.whole().vertices[id].body {
                Body::Line { frames } => frames,
                _ => BLOCK_FRAMES as u32,
            };
            for voice in 0..voices {
                if let Some(line) = self.plan.lines.get_mut((first + voice * stride) as usize) {
                    *line = Line::new(frames);
                }
            }
            let old = self
                .ghost_of(id)
                .or(self.kept.vertex.get(id).copied().flatten());
            if let (Some(o), Some(base)) = (old, self.base)
                && base.lines[o as usize] != NONE
            {
                let old_first = base.lines[o as usize];
                let old_group = base.graph.vertex(o).group;
                let (old_voices, old_stride) = line_voices(&base.groups, old_group);
                for voice in 0..voices.min(old_voices) {
                    let (to, from) = (first + voice * stride, old_first + voice * old_stride);
                    self.plan.adoptions.push(Adoption::Line { to, from });
                }
            }
        }
    }

    /// Makes the groups with the numbers that their voices load.
    fn fill_groups(&mut self) {
        let rate = self.settings.sample_rate as f32;
        for (index, info) in self.whole().groups.clone().iter().enumerate() {
            let place = self.numbers.groups[index];
            let values = self.voice_values(index as u32, info);
            self.plan.groups.push(PlanGroup {
                voices: VoiceGroup::new(info.settings, place.voices as usize, rate),
                first_slot: place.first_slot,
                slot_stride: place.slot_stride,
                first_line: place.first_line,
                line_stride: place.line_stride,
                values,
            });
            if let Some(from) = self.old_group.get(index).copied().flatten() {
                let to = index as u32;
                self.plan.adoptions.push(Adoption::Group { to, from });
            }
        }
    }

    fn voice_values(&self, group: u32, info: &GroupInfo) -> Vec<(u32, VoiceValue)> {
        let whole = self.whole();
        let inside = whole.vertices.iter().filter(|v| v.group == group);
        let sum = whole.vertices.get(info.sum as usize);
        let mut values: Vec<(u32, VoiceValue)> = inside
            .chain(sum)
            .flat_map(|v| &v.edges)
            .filter_map(|edge| match edge.source {
                Source::Literal(l) => match whole.literals.get(l as usize)?.origin {
                    Origin::Voice(value) => Some((l, value)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        values.sort_by_key(|(literal, _)| *literal);
        values.dedup();
        values
    }

    /// Schedules both step lists; returns the delays inside loops of the list after the fades.
    fn schedule(&mut self) -> Vec<(VertexId, u16)> {
        let no_weights = HashMap::new();
        let delay_frames = |v: VertexId| self.delay_frames(v);
        let after = schedule(&Input {
            graph: self.graph,
            root_weights: &[],
            weights: &no_weights,
            slots: &self.numbers.slots,
            lines: &self.numbers.lines,
            delay_frames: &delay_frames,
        });
        let during = self.fades.map(|fades| {
            schedule(&Input {
                graph: &fades.graph,
                root_weights: &fades.root_weights,
                weights: &fades.weights,
                slots: &self.numbers.slots,
                lines: &self.numbers.lines,
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

/// A slot without processors.
fn copy_of(model: &Slot) -> Slot {
    Slot {
        processors: [None, None],
        ..*model
    }
}

/// The random stream of a node in one voice (R7.5): voice 0 has the node's own.
fn voice_key(key: u64, voice: u32) -> u64 {
    key ^ u64::from(voice).wrapping_mul(0x9e37_79b9_7f4a_7c15)
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
