//! The slots of a plan: for each node and voice, whether its processor is moved, rebuilt with its
//! state handed over, or new.
//!
//! Thread: control.

use std::collections::HashMap;

use super::Compiler;
use crate::diagnostics::{Diagnostic, Problem};
use crate::graph::layout::{Config, NONE, build_args};
use crate::graph::number::slot_voices;
use crate::graph::plan::{Adoption, ChainState, Slot};
use crate::graph::rest::is_watched;
use crate::graph::unheard::{Unheard, reuse, spare_processors};
use crate::graph::vertex::{Body, Graph, SHARED, Source, VertexId};
use crate::processor::Processor;
use crate::registry::Build;
use crate::text::Span;

impl Compiler<'_> {
    /// Physical voices of the old vertex that `id` goes on from, as far as the new group has room,
    /// with the slot of the first and the distance between them.
    fn old_voices(&self, old: VertexId, voices: u32) -> (u32, u32, u32) {
        let Some(base) = self.base else {
            return (0, NONE, 0);
        };
        let (count, stride) = slot_voices(&base.groups, base.graph.vertex(old).group);
        (count.min(voices), base.slots[old as usize], stride)
    }

    pub(super) fn fill_slots(
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
            shared: false,
            watched: false,
            stands_at: [0.0; 2],
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
                shared: vertex.group == SHARED,
                watched: is_watched(vertex),
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
