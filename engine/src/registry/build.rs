//! What a node's constructor gets to know.

use super::arg::{Integers, Notes, Signal};
use crate::processor::Processor;

/// A note of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoteValue {
    /// A MIDI note number.
    Midi(f32),
    /// The value of an extra reference (numbered from 0) at the trigger frame, as a MIDI number.
    Reference(usize),
}

/// One trigger of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteEvent {
    /// Place in the cycle, 0 ≤ at < 1.
    pub at: f64,
    /// What sounds.
    pub value: NoteValue,
}

/// The notes of a `seq`: triggers in the order of time; rests are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotePattern {
    /// Triggers, times strictly rising.
    pub events: Vec<NoteEvent>,
}

/// The value of an argument that is fixed when a node is built.
#[derive(Clone, Debug, PartialEq)]
pub enum FixedArg {
    /// A signal argument: the literal written there, or `None` for a reference.
    Number(Option<f32>),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// A note pattern.
    Notes(NotePattern),
    /// References (their signals arrive at run time).
    Refs,
}

/// What a node's constructor gets to know. Thread: control.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// Frames per second.
    pub sample_rate: f32,
    /// Channels this instance handles: 1, or 2 for a node whose width is not mono and that is built
    /// once for both ([`NodeSpec::per_channel`](super::NodeSpec::per_channel) false).
    pub channels: usize,
    /// Channel of a per-channel instance: 0 left, 1 right.
    pub channel: usize,
    /// One entry per declared argument.
    pub args: &'a [FixedArg],
    /// Key for random streams: a hash of the project's seed, chain name, node name, ordinal and voice.
    pub random_key: u64,
    /// Frames to reserve in a delay line (0 if the node declares no
    /// [`reserve`](super::NodeSpec::reserve)); a power of two.
    pub reserved_frames: usize,
}

impl<'a> Build<'a> {
    /// The literal written for an argument, or `None` if a reference stands there.
    #[must_use]
    pub fn literal(&self, handle: Signal) -> Option<f32> {
        match self.args.get(handle.index()) {
            Some(FixedArg::Number(x)) => *x,
            _ => None,
        }
    }

    /// The whole numbers of an argument (empty if it has none).
    #[must_use]
    pub fn integers(&self, handle: Integers) -> &'a [i64] {
        match self.args.get(handle.index()) {
            Some(FixedArg::Integers(xs)) => xs,
            _ => &[],
        }
    }

    /// The notes of an argument.
    #[must_use]
    pub fn notes(&self, handle: Notes) -> NotePattern {
        match self.args.get(handle.index()) {
            Some(FixedArg::Notes(p)) => p.clone(),
            _ => NotePattern::default(),
        }
    }
}

/// Why a node could not be built. Shown to the user at the node's place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BuildError(pub String);

/// A node's constructor.
pub type BuildFn = fn(&Build<'_>) -> Result<Box<dyn Processor>, BuildError>;
