//! What the control side remembers of a plan it sent: enough to take its nodes over.
//!
//! Thread: control.

use super::number::GroupPlace;
use super::vertex::{Body, Graph, VertexId};
use crate::registry::{ArgKind, Build, FixedArg, NodeSpec};
use crate::resolve::{Arg, Chain, Node, Program};

/// Stands where a vertex has no slot or line.
pub const NONE: u32 = u32::MAX;

/// A compiled program, as the control side remembers it.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Evaluation it comes from.
    pub revision: u64,
    /// The program.
    pub program: Program,
    /// Its graph, lines included.
    pub graph: Graph,
    /// Slot of each vertex in the plan, or `NONE`.
    pub slots: Vec<u32>,
    /// Feedback line of each vertex in the plan, or `NONE`.
    pub lines: Vec<u32>,
    /// Where the voices of each group lie.
    pub groups: Vec<GroupPlace>,
    /// Configuration of each vertex with a slot.
    pub configs: Vec<Option<Config>>,
}

/// What a processor was built with: as long as this holds, it is kept and not rebuilt.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Values fixed at build (the literals of signal arguments are not part of it).
    pub fixed: Vec<FixedArg>,
    /// Key for random streams; 0 for nodes that use none.
    pub random_key: u64,
    /// Frames of delay line that the present literals need.
    pub needed_frames: usize,
    /// Frames reserved for the delay line.
    pub reserved_frames: usize,
    /// Channels one instance handles.
    pub channels: usize,
    /// Instances: 1, or 2 for a per-channel node on a stereo signal.
    pub instances: u8,
}

impl Config {
    /// Whether a processor of this configuration can go on under `new`, apart from its number of
    /// instances.
    #[must_use]
    pub fn serves(&self, new: &Config) -> bool {
        self.fixed == new.fixed
            && self.random_key == new.random_key
            && self.channels >= new.channels
            // A line that is large enough stays, unless it is a waste of memory.
            && self.reserved_frames >= new.needed_frames
            && self.reserved_frames <= new.reserved_frames.saturating_mul(8).max(1 << 16)
    }
}

/// Arguments as a node's constructor sees them.
#[must_use]
pub fn build_args(node: &Node) -> Vec<FixedArg> {
    node.args
        .iter()
        .zip(node.spec.args)
        .map(|(arg, spec)| match (arg, spec.kind) {
            (Arg::Number(x), ArgKind::Signal) => FixedArg::Number(Some(*x)),
            (Arg::Fixed(value), _) => value.clone(),
            (Arg::Refs(_), _) => FixedArg::Refs,
            _ => FixedArg::Number(None),
        })
        .collect()
}

/// The configuration of a node vertex.
#[must_use]
pub fn config_of(
    graph: &Graph,
    program: &Program,
    id: VertexId,
    sample_rate: f32,
    seed: u64,
) -> Option<Config> {
    let vertex = graph.vertex(id);
    let Body::Node(spec) = vertex.body else {
        return None;
    };
    let chain = program.chains.get(vertex.chain as usize)?;
    let node = chain.nodes.get(vertex.node as usize)?;
    let args = build_args(node);
    let stereo = vertex.width == 2;
    let channels = if stereo && !spec.per_channel { 2 } else { 1 };
    let random_key = if spec.random {
        random_key(seed, chain, vertex.node as usize, spec)
    } else {
        0
    };
    let build = Build {
        sample_rate,
        channels,
        channel: 0,
        voice: 0,
        args: &args,
        random_key,
        reserved_frames: 0,
    };
    let needed_frames = spec.reserve.map_or(0, |need| need(&build));
    let reserved_frames = if needed_frames > 0 {
        reserve(needed_frames)
    } else {
        0
    };
    // A signal's literal reaches the node while it runs, so it is no part of the configuration.
    let fixed = args
        .into_iter()
        .map(|a| match a {
            FixedArg::Number(_) => FixedArg::Number(None),
            other => other,
        })
        .collect();
    let instances = if stereo && spec.per_channel { 2 } else { 1 };
    Some(Config {
        fixed,
        random_key,
        needed_frames,
        reserved_frames,
        channels,
        instances,
    })
}

/// The next power of two from one and a half times the need, so that most edits of a delay time
/// find room in the line that is there (R6.6).
fn reserve(frames: usize) -> usize {
    frames
        .saturating_add(frames / 2)
        .max(1)
        .checked_next_power_of_two()
        .unwrap_or(frames)
}

/// Key of a node's random stream: seed, chain name, node name and ordinal among the nodes of that
/// name in the chain (R7.5), by 64-bit FNV-1a.
fn random_key(seed: u64, chain: &Chain, index: usize, spec: &NodeSpec) -> u64 {
    let ordinal = chain
        .nodes
        .iter()
        .take(index)
        .filter(|n| n.spec == spec)
        .count() as u64;
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |bytes: &[u8]| {
        for b in bytes {
            hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash = (hash ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
    };
    feed(&seed.to_le_bytes());
    feed(chain.name.as_bytes());
    feed(spec.name.as_bytes());
    feed(&ordinal.to_le_bytes());
    hash
}
