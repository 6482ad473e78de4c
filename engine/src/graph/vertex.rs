//! The program as a graph: references followed, numbers numbered, widths known.
//!
//! Thread: control.

use super::plan::LiveSource;
use crate::registry::NodeSpec;
use crate::text::Span;
use crate::voice::{GroupSettings, VoiceValue};

/// Index of a vertex.
pub type VertexId = u32;

/// Where a signal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// Nowhere: 0.
    Nothing,
    /// A number of the program.
    Literal(u32),
    /// The output of a vertex.
    Vertex(VertexId),
}

/// One input of a vertex.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Where the signal comes from.
    pub source: Source,
    /// Chain that a reference named to get it; `None` for the node before in the chain.
    pub via: Option<u32>,
}

impl Edge {
    /// No signal.
    pub const NOTHING: Self = Self {
        source: Source::Nothing,
        via: None,
    };
}

/// What a vertex does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    /// Runs a node: ports are the chain input, the arguments, the extra references.
    Node(&'static NodeSpec),
    /// Adds its edges up.
    Sum,
    /// Gives its edge back `frames` frames later, across loop iterations.
    Line {
        /// 64, or 1 at a note reference.
        frames: u32,
    },
    /// Cross-fades from its first edge to its second while a plan fades.
    Fade,
    /// Sums the voices of a group: its first edge is what each voice gives; the others, added by
    /// [`attach_groups`](super::group::attach_groups), are the shared signals that its voices read.
    Voices {
        /// Which group: an index into [`Graph::groups`].
        group: u32,
    },
}

/// Stands where a vertex is shared by all voices.
pub const SHARED: u32 = u32::MAX;

/// A vertex of the graph.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// What it does.
    pub body: Body,
    /// Chain it belongs to.
    pub chain: u32,
    /// Index of its node in the chain (of the reading node for lines and fades).
    pub node: u32,
    /// Whether references to the chain read it.
    pub ends_chain: bool,
    /// Inputs.
    pub edges: Vec<Edge>,
    /// Channels: 1 or 2.
    pub width: u8,
    /// Its place in the text.
    pub span: Span,
    /// The group in whose voices it exists: an index into [`Graph::groups`], or [`SHARED`].
    pub group: u32,
    /// For lines: port of the reading node it stands at, and the chain read.
    pub line_key: Option<(u32, u32)>,
}

/// A number of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiteralInfo {
    /// Its value.
    pub value: f32,
    /// Length of a ramp towards a new value, in milliseconds.
    pub smoothing_ms: f32,
    /// Where its value comes from.
    pub origin: Origin,
}

/// Where a number's value comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// It stands in the text.
    Text,
    /// The host or a controller gives it.
    Live(LiveSource),
    /// A voice gives it before it is computed.
    Voice(VoiceValue),
}

/// The voices of a `poly`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupInfo {
    /// Vertex that sums them.
    pub sum: VertexId,
    /// What the program says of them.
    pub settings: GroupSettings,
}

/// A program as a graph.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Vertices, in the order of the text, then lines.
    pub vertices: Vec<Vertex>,
    /// Numbers.
    pub literals: Vec<LiteralInfo>,
    /// Sources that reach the output, in the order of the text.
    pub roots: Vec<Source>,
    /// Ends of chains that send notes only: they run and are not heard.
    pub senders: Vec<VertexId>,
    /// Vertex (if any) of each node of each chain.
    pub vertex_of: Vec<Vec<Option<VertexId>>>,
    /// Literal (if any) that a `Constant` node of each chain stands for.
    pub constant_of: Vec<Vec<Option<u32>>>,
    /// Groups of voices.
    pub groups: Vec<GroupInfo>,
}

impl Graph {
    /// A vertex by id. Ids only come from this graph.
    #[must_use]
    pub fn vertex(&self, id: VertexId) -> &Vertex {
        &self.vertices[id as usize]
    }

    /// Channels of a source.
    #[must_use]
    pub fn width(&self, source: Source) -> u8 {
        match source {
            Source::Vertex(v) => self.vertex(v).width,
            Source::Nothing | Source::Literal(_) => 1,
        }
    }
}
