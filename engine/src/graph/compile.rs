//! Program to plan.
//!
//! Thread: control.

use std::collections::HashMap;

use super::fade::{FadeGraph, Kept, fade_graph};
use super::keep::{find_kept, no_kept, note_kept_lines};
use super::layout::{Layout, NONE};
use super::number::{Numbers, line_voices, number};
use super::plan::{Adoption, ChainState, Line, Literal, LiveLiteral, Plan, PlanGroup};
use super::prepare::{Prepared, literal_delay_frames, loop_notes, prepare, short_delays};
use super::rest::rest_of;
use super::schedule::{Input, Scheduled, schedule};
use super::unheard::Unheard;
use super::vertex::{Body, Graph, GroupInfo, Origin, Source, VertexId};
use crate::diagnostics::Diagnostic;
use crate::processor::{BLOCK_FRAMES, Block, LiteralValue};
use crate::resolve::Program;
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
    compiler.plan.rest = rest_of(&graph, &used, &configs, settings.sample_rate);

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
        rest: None,
        adoptions: Vec::new(),
        next_retired: None,
    }
}

mod slots;

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
