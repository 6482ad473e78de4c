//! Numbers the slots and lines of a plan: one per shared vertex, one per voice for the others.
//!
//! Thread: control.

use super::layout::NONE;
use super::vertex::{Body, Graph, SHARED};

/// Where the voices of a group lie among a plan's slots and lines. Voice `k` has the entries of
/// voice 0 plus `k` strides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupPlace {
    /// Physical voices.
    pub voices: u32,
    /// First slot of voice 0.
    pub first_slot: u32,
    /// Slots of a voice.
    pub slot_stride: u32,
    /// First line of voice 0.
    pub first_line: u32,
    /// Lines of a voice.
    pub line_stride: u32,
}

/// Slots and lines of a graph.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Slot of each vertex (in voice 0), or [`NONE`].
    pub slots: Vec<u32>,
    /// Line of each vertex (in voice 0), or [`NONE`].
    pub lines: Vec<u32>,
    /// Each group's place.
    pub groups: Vec<GroupPlace>,
    /// Slots of all.
    pub slot_count: u32,
    /// Lines of all.
    pub line_count: u32,
}

/// Numbers the wanted vertices of a graph whose groups have this many physical voices.
#[must_use]
pub fn number(graph: &Graph, wanted: &dyn Fn(usize) -> bool, voices: &[u32]) -> Numbers {
    let mut out = Numbers {
        slots: vec![NONE; graph.vertices.len()],
        lines: vec![NONE; graph.vertices.len()],
        ..Numbers::default()
    };
    out.number_group(graph, wanted, SHARED);
    for (group, voices) in voices.iter().enumerate() {
        let (first_slot, first_line) = (out.slot_count, out.line_count);
        out.number_group(graph, wanted, group as u32);
        let place = GroupPlace {
            voices: *voices,
            first_slot,
            slot_stride: out.slot_count - first_slot,
            first_line,
            line_stride: out.line_count - first_line,
        };
        out.slot_count = first_slot + place.slot_stride * voices;
        out.line_count = first_line + place.line_stride * voices;
        out.groups.push(place);
    }
    out
}

impl Numbers {
    fn number_group(&mut self, graph: &Graph, wanted: &dyn Fn(usize) -> bool, group: u32) {
        let members = graph.vertices.iter().enumerate();
        for (id, vertex) in members.filter(|(id, v)| v.group == group && wanted(*id)) {
            match vertex.body {
                Body::Node(_) => {
                    self.slots[id] = self.slot_count;
                    self.slot_count += 1;
                }
                Body::Line { .. } => {
                    self.lines[id] = self.line_count;
                    self.line_count += 1;
                }
                Body::Sum | Body::Fade | Body::Voices { .. } => {}
            }
        }
    }
}

/// How a group's entries repeat: number of voices, and from one voice to the next.
#[must_use]
pub fn slot_voices(groups: &[GroupPlace], group: u32) -> (u32, u32) {
    groups
        .get(group as usize)
        .map_or((1, 0), |g| (g.voices, g.slot_stride))
}

/// Like [`slot_voices`], for lines.
#[must_use]
pub fn line_voices(groups: &[GroupPlace], group: u32) -> (u32, u32) {
    groups
        .get(group as usize)
        .map_or((1, 0), |g| (g.voices, g.line_stride))
}
