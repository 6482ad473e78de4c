//! What a node sees on the audio thread: its inputs and outputs for one chunk, and the running clock.
//!
//! A *chunk* is 1 to [`BLOCK_FRAMES`] frames. Chunks end at host block edges, at every 64th frame
//! since reset and at every event, so a kernel is called with any length in between and must give
//! the same samples to the bit however a run of frames is cut (ARCHITECTURE.md, P5).
//!
//! Thread: audio.

use std::any::Any;
use std::cell::Cell;

use crate::transport::Clock;
use crate::voice::VoiceNow;

/// Frames in one arena block, and the most frames one call of [`Processor::process`] handles.
pub const BLOCK_FRAMES: usize = 64;

/// Memory of one channel for one chunk.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Block(pub [f32; BLOCK_FRAMES]);

impl Block {
    /// A block of zeros.
    pub const SILENT: Self = Self([0.0; BLOCK_FRAMES]);
}

/// What is the same for every node of a chunk.
#[derive(Debug)]
pub struct Context<'a> {
    /// Frames per second.
    pub sample_rate: f32,
    /// Index of the chunk's first frame, counted since reset.
    pub frame: u64,
    /// Song position and tempo, valid for every frame of the chunk.
    pub clock: &'a Clock,
    /// The track's audio, left and right, one chunk long (zeros where the host gives none).
    pub input: [&'a [f32]; 2],
    /// The second input bus, like `input`.
    pub sidechain: [&'a [f32]; 2],
    /// The voice that is computed; `None` outside of voices.
    pub voice: Option<VoiceNow>,
    /// Where notes for other tracks go.
    pub notes: &'a NoteSink,
}

/// A note that a node sends to other tracks. It ends by itself, so that no edit leaves one hanging.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoteOut {
    /// Frame since reset on which it starts.
    pub frame: u64,
    /// How long it is held, at least 1.
    pub frames: u32,
    /// Channel, 0 to 15.
    pub channel: u8,
    /// Key, 0 to 127.
    pub key: u8,
    /// 0 to 1.
    pub velocity: f32,
}

/// Notes that the nodes of a chunk start, in the order of frames, those of one frame in the order of
/// computing. Bounded: what does not fit is lost, the last ones first, so that the first ones are the
/// same however a run of frames is cut.
#[derive(Debug)]
pub struct NoteSink {
    notes: Box<[Cell<NoteOut>]>,
    len: Cell<usize>,
}

impl NoteSink {
    /// Room for this many notes. Thread: control.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            notes: (0..capacity).map(|_| Cell::default()).collect(),
            len: Cell::new(0),
        }
    }

    /// Adds a note.
    pub fn push(&self, note: NoteOut) {
        let len = self.len.get();
        let later = self.iter().filter(|n| n.frame > note.frame).count();
        let grown = (len + 1).min(self.notes.len());
        let Some(moved) = self.notes.get(len - later..grown) else {
            return;
        };
        // Notes come almost in order, so hardly any is moved.
        let mut carried = note;
        for cell in moved {
            carried = cell.replace(carried);
        }
        self.len.set(grown);
    }

    /// The notes so far.
    pub fn iter(&self) -> impl Iterator<Item = NoteOut> + '_ {
        self.notes.iter().take(self.len.get()).map(Cell::get)
    }

    /// Forgets all notes.
    pub fn clear(&self) {
        self.len.set(0);
    }
}

/// An argument or input over one chunk.
///
/// Both forms must give the same bits: `Held(x)` is a fast path, never another meaning.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// One value for the whole chunk.
    Held(f32),
    /// One value per frame.
    Moving(&'a [f32]),
}

impl Value<'_> {
    /// Value at frame `i` of the chunk (the last one for an `i` past the end).
    #[inline]
    #[must_use]
    pub fn at(&self, i: usize) -> f32 {
        match self {
            Value::Held(x) => *x,
            Value::Moving(xs) => xs.get(i).or(xs.last()).copied().unwrap_or(0.0),
        }
    }

    /// Value at the chunk's first frame.
    #[inline]
    #[must_use]
    pub fn first(&self) -> f32 {
        self.at(0)
    }

    /// Writes one value per frame to `out`.
    #[inline]
    pub fn fill(&self, out: &mut [f32]) {
        match self {
            Value::Held(x) => out.fill(*x),
            Value::Moving(xs) => {
                for (y, x) in out.iter_mut().zip(xs.iter()) {
                    *y = *x;
                }
            }
        }
    }
}

/// Where a port's samples lie. Built by the compiler, read by [`Ports`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// Nothing is connected: reads as 0.
    Nothing,
    /// A number of the program, by its index among the plan's literals.
    Literal(u32),
    /// Arena blocks of the left and right channel (equal for a mono signal).
    Blocks {
        /// Index of the left channel's block.
        left: u32,
        /// Index of the right channel's block.
        right: u32,
    },
}

impl Operand {
    /// Whether left and right differ.
    #[must_use]
    pub fn is_stereo(&self) -> bool {
        matches!(self, Operand::Blocks { left, right } if left != right)
    }
}

/// The present value of a literal, as nodes see it in this chunk.
#[derive(Clone, Copy, Debug)]
pub enum LiteralValue {
    /// Constant over the chunk.
    Held(f32),
    /// Ramping: the values stand in the scratch block of the port's number.
    Ramping,
}

/// Read access to a node's inputs for one chunk.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Arena blocks below the node's own output.
    pub below: &'a [Block],
    /// Arena blocks above the node's own output.
    pub above: &'a [Block],
    /// Arena index of the first block in `above`.
    pub above_start: usize,
    /// Ramp values, one block per port.
    pub scratch: &'a [Block],
    /// Present values of the plan's literals.
    pub literals: &'a [LiteralValue],
    /// Chain input first, then one operand per declared argument, then the extra references.
    pub operands: &'a [Operand],
    /// First frame of the chunk inside the blocks.
    pub offset: usize,
    /// Frames in this chunk.
    pub frames: usize,
    /// Channel that mono reads refer to: 0 left, 1 right.
    pub channel: usize,
}

/// Number of the chain-input port; argument `i` is port `i + 1`.
pub const INPUT_PORT: usize = 0;

impl<'a> Ports<'a> {
    /// Samples of a port on one channel (0 left, 1 right).
    #[inline]
    #[must_use]
    pub fn read(&self, port: usize, channel: usize) -> Value<'a> {
        match self.operands.get(port) {
            None | Some(Operand::Nothing) => Value::Held(0.0),
            Some(Operand::Literal(index)) => match self.literals.get(*index as usize) {
                Some(LiteralValue::Held(x)) => Value::Held(*x),
                Some(LiteralValue::Ramping) => self.slice(self.scratch.get(port)),
                None => Value::Held(0.0),
            },
            Some(Operand::Blocks { left, right }) => {
                let index = if channel == 0 { *left } else { *right } as usize;
                let block = if index < self.below.len() {
                    self.below.get(index)
                } else {
                    self.above.get(index.wrapping_sub(self.above_start))
                };
                self.slice(block)
            }
        }
    }

    #[inline]
    fn slice(&self, block: Option<&'a Block>) -> Value<'a> {
        block
            .and_then(|b| b.0.get(self.offset..self.offset + self.frames))
            .map_or(Value::Held(0.0), Value::Moving)
    }

    /// The chain's signal before this node, on this instance's channel.
    #[inline]
    #[must_use]
    pub fn input(&self) -> Value<'a> {
        self.read(INPUT_PORT, self.channel)
    }

    /// The chain's signal before this node, on a given channel; for nodes that handle both.
    #[inline]
    #[must_use]
    pub fn input_channel(&self, channel: usize) -> Value<'a> {
        self.read(INPUT_PORT, channel)
    }

    /// Whether anything stands before this node in its chain.
    #[inline]
    #[must_use]
    pub fn has_input(&self) -> bool {
        !matches!(self.operands.first(), None | Some(Operand::Nothing))
    }

    /// Whether the chain input has two different channels.
    #[inline]
    #[must_use]
    pub fn input_is_stereo(&self) -> bool {
        self.operands.first().is_some_and(Operand::is_stereo)
    }
}

/// Inputs and outputs of one node for one chunk.
pub struct Io<'a> {
    /// Sample rate, frame counter, clock and host input.
    pub ctx: &'a Context<'a>,
    /// What the node reads.
    pub ins: Ports<'a>,
    /// What the node writes: one block, or two for a node that handles both channels.
    pub outs: &'a mut [Block],
    /// In a feedback loop, the shortest delay a delay line may read; 0 elsewhere.
    pub min_delay_frames: usize,
}

impl<'a> Io<'a> {
    /// Frames in this chunk, 1 to [`BLOCK_FRAMES`].
    #[inline]
    #[must_use]
    pub fn frames(&self) -> usize {
        self.ins.frames
    }

    /// Frame, counted since reset, of this chunk's first frame.
    ///
    /// Inside a feedback loop a chunk is a part of the context's chunk.
    #[inline]
    #[must_use]
    pub fn frame(&self) -> u64 {
        self.ctx.frame + self.ins.offset as u64
    }

    /// The node's inputs and one output channel, to be used together.
    #[inline]
    pub fn split(&mut self, channel: usize) -> (Ports<'a>, &mut [f32]) {
        let ins = self.ins;
        let range = ins.offset..ins.offset + ins.frames;
        let out = self
            .outs
            .get_mut(channel)
            .and_then(|b| b.0.get_mut(range))
            .unwrap_or(&mut []);
        (ins, out)
    }

    /// The output samples of a channel (empty if the node has no such channel).
    #[inline]
    pub fn output(&mut self, channel: usize) -> &mut [f32] {
        self.split(channel).1
    }

    /// Both output channels of a node that handles both (the right one is empty in a mono step).
    #[inline]
    pub fn outputs(&mut self) -> (&mut [f32], &mut [f32]) {
        let range = self.ins.offset..self.ins.offset + self.ins.frames;
        match self.outs {
            [left, right, ..] => (
                left.0.get_mut(range.clone()).unwrap_or(&mut []),
                right.0.get_mut(range).unwrap_or(&mut []),
            ),
            [only] => (only.0.get_mut(range).unwrap_or(&mut []), &mut []),
            [] => (&mut [], &mut []),
        }
    }
}

/// Whose state a newly built processor takes over.
pub enum Inherit<'a> {
    /// The instance it replaces (same node, other notes, line length, sample …). It may be emptied.
    Replaced(&'a mut dyn Processor),
    /// The instance of the other channel, when a mono node becomes stereo. Copy what is small.
    Twin(&'a dyn Processor),
}

/// The running half of a node.
///
/// # Real time
/// `process`, `read`, `write`, `reset` and `inherit` run on the audio thread: no allocation, free,
/// lock, log, system call or panic, and no cost that grows with the length of a delay line or
/// sample (`reset` of a line moves a valid-length counter).
pub trait Processor: Any + Send {
    /// Computes one chunk: reads `io.ins`, writes every frame of every output channel.
    ///
    /// The result for a run of frames does not depend on how it is cut into chunks.
    fn process(&mut self, io: &mut Io<'_>);

    /// Returns to the just-built state.
    fn reset(&mut self);

    /// Takes over the state of another instance, in constant time. A no-op by default.
    fn inherit(&mut self, from: Inherit<'_>) {
        let _ = from;
    }

    /// So many frames were not computed, because the program rested: its inputs were silent and
    /// everything driven stood. What turns by itself turns on that far, in constant time. A no-op by
    /// default.
    fn rest(&mut self, frames: u64) {
        let _ = frames;
    }

    /// First half of a delay node in a feedback loop: writes the outputs from what the line holds.
    ///
    /// Only called for [`Role::Delay`](crate::registry::Role::Delay); the input is not ready yet,
    /// and every delay is at least `io.min_delay_frames`, which is at least the chunk's length.
    fn read(&mut self, io: &mut Io<'_>) {
        let _ = io;
    }

    /// Second half of a delay node in a feedback loop: stores the inputs in the line.
    fn write(&mut self, io: &mut Io<'_>) {
        let _ = io;
    }
}

impl dyn Processor {
    /// This processor as a concrete type, if it is one.
    #[must_use]
    pub fn downcast_ref<T: Processor>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// This processor as a concrete type, if it is one.
    pub fn downcast_mut<T: Processor>(&mut self) -> Option<&mut T> {
        (self as &mut dyn Any).downcast_mut()
    }
}
