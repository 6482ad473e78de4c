//! Re-use of a plan that was withdrawn before anybody heard it (R2.2).
//!
//! Thread: control.

use std::collections::HashMap;

use super::layout::{Config, Layout};
use super::number::slot_voices;
use super::plan::Plan;
use super::vertex::Graph;
use crate::processor::Processor;
use crate::resolve::Program;

/// A plan that came back without having been heard, to take unused processors from.
pub struct Unheard<'a> {
    /// The plan.
    pub plan: &'a mut Plan,
    /// What is in it.
    pub layout: &'a Layout,
}

/// Where an unheard plan holds processors that nobody used yet: by (chain, node) of the new program.
pub fn spare_processors(
    program: &Program,
    unheard: &Option<Unheard<'_>>,
) -> HashMap<(u32, u32), u32> {
    let Some(unheard) = unheard else {
        return HashMap::new();
    };
    let layout = unheard.layout;
    let by_name: HashMap<&str, usize> = layout
        .program
        .chains
        .iter()
        .enumerate()
        .map(|(i, c)| (c.name.as_str(), i))
        .collect();
    let mut spare = HashMap::new();
    for (c, chain) in program.chains.iter().enumerate() {
        let Some(oc) = by_name.get(chain.name.as_str()) else {
            continue;
        };
        for (k, node) in chain.nodes.iter().enumerate() {
            let old = layout.program.chains[*oc].nodes.get(k);
            let vertex = layout.graph.vertex_of[*oc].get(k).copied().flatten();
            if let (Some(old), Some(v)) = (old, vertex)
                && old.spec == node.spec
            {
                spare.insert((c as u32, k as u32), v);
            }
        }
    }
    spare
}

/// Takes an unused processor of the same configuration out of an unheard plan.
pub fn reuse(
    graph: &Graph,
    id: usize,
    config: &Config,
    (voice, instance): (u32, u8),
    spare: &HashMap<(u32, u32), u32>,
    unheard: &mut Option<Unheard<'_>>,
) -> Option<Box<dyn Processor>> {
    let unheard = unheard.as_mut()?;
    let vertex = graph.vertices.get(id)?;
    let old = *spare.get(&(vertex.chain, vertex.node))? as usize;
    if unheard.layout.configs.get(old)?.as_ref()? != config {
        return None;
    }
    let group = unheard.layout.graph.vertices.get(old)?.group;
    let (voices, stride) = slot_voices(&unheard.layout.groups, group);
    if voice >= voices {
        return None;
    }
    let slot = unheard.layout.slots.get(old)?.checked_add(voice * stride)?;
    unheard.plan.slots.get_mut(slot as usize)?.processors[usize::from(instance)].take()
}
