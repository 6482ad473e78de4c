//! The executable form of a program: steps over an arena of blocks, and what to take over from the
//! plan before it.
//!
//! Thread: made and freed by control, run by audio.

use crate::knob::{KnobShape, KnobUpdate};
use crate::processor::{BLOCK_FRAMES, Block, LiteralValue, Operand, Processor};
use crate::registry::InPlace;
use crate::text::Span;
use crate::voice::{VoiceGroup, VoiceValue, frequency_hz, frequency_hz_single};

/// Stands where a sum ends no chain.
pub const NO_CHAIN: u32 = u32::MAX;

/// Arena index of the output bus; the right channel follows the left.
pub const BUS: u32 = 0;

/// A number of the program, as it moves towards its newest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Literal {
    /// Value at `start_frame`.
    pub from: f32,
    /// Value from `start_frame + ramp_frames` on.
    pub to: f32,
    /// First frame of the ramp.
    pub start_frame: u64,
    /// Length of the ramp; 0 = at once.
    pub ramp_frames: u32,
    /// Length of a ramp towards a new value (the argument's smoothing).
    pub smoothing_frames: u32,
    /// The line is one of MIDI notes, and the value their frequency in Hz.
    pub is_pitch: bool,
}

impl Literal {
    /// A literal that stands at `value`.
    #[must_use]
    pub fn held(value: f32, smoothing_frames: u32) -> Self {
        Self {
            from: value,
            to: value,
            start_frame: 0,
            ramp_frames: 0,
            smoothing_frames,
            is_pitch: false,
        }
    }

    /// Value at a frame: a straight line from `from` to `to`.
    #[inline]
    #[must_use]
    pub fn at(&self, frame: u64) -> f32 {
        let passed = frame.saturating_sub(self.start_frame);
        if passed >= u64::from(self.ramp_frames) {
            return if self.is_pitch {
                frequency_hz(f64::from(self.to))
            } else {
                self.to
            };
        }
        let share = passed as f32 / self.ramp_frames as f32;
        let y = self.from + (self.to - self.from) * share;
        if self.is_pitch {
            frequency_hz_single(y)
        } else {
            y
        }
    }

    /// First frame from which the value stands still.
    #[must_use]
    pub fn end_frame(&self) -> u64 {
        if self.from == self.to {
            0
        } else {
            self.start_frame + u64::from(self.ramp_frames)
        }
    }
}

/// How much of a source a sum takes while a fade runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// All of it.
    One,
    /// Rising from 0 to 1.
    In,
    /// Falling from 1 to 0.
    Out,
}

/// A run of entries in a plan's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First entry.
    pub start: u32,
    /// Number of entries.
    pub len: u32,
}

impl Range {
    /// As a range of indices.
    #[must_use]
    pub fn indices(self) -> std::ops::Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// Output blocks of a step: `channels` blocks from `block` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First block.
    pub block: u32,
    /// 1 or 2.
    pub channels: u8,
}

/// One instruction of a plan.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Runs a node.
    Process {
        /// Which.
        slot: u32,
        /// Where its output goes.
        out: Place,
        /// Its operands.
        ports: Range,
    },
    /// Applies a node without memory: the first operand goes to `out` (where it may lie already)
    /// and is combined with the second.
    Apply {
        /// Whose place in the text and whose chain it is.
        slot: u32,
        /// The operation.
        op: InPlace,
        /// Where its output goes.
        out: Place,
        /// Its two operands.
        ports: Range,
    },
    /// First half of a delay node in a loop.
    Read {
        /// Which.
        slot: u32,
        /// Where its output goes.
        out: Place,
        /// Its operands.
        ports: Range,
        /// Shortest delay it may read.
        min_delay_frames: u16,
    },
    /// Second half of a delay node in a loop.
    Write {
        /// Which.
        slot: u32,
        /// Its operands.
        ports: Range,
        /// Shortest delay it may read.
        min_delay_frames: u16,
    },
    /// Adds operands up, in order.
    Sum {
        /// Where the sum goes.
        out: Place,
        /// What is added.
        ports: Range,
        /// Weights, one per operand; empty = all of everything.
        weights: Range,
        /// Chain that ends with this sum (an index into [`Plan::chains`]), or [`NO_CHAIN`].
        chain: u32,
    },
    /// Cross-fades from one operand to another.
    Fade {
        /// Where the result goes.
        out: Place,
        /// The old source.
        from: Operand,
        /// The new source.
        to: Operand,
    },
    /// Reads a feedback line.
    LineRead {
        /// Which.
        line: u32,
        /// Where its output goes.
        out: Place,
    },
    /// Writes a feedback line.
    LineWrite {
        /// Which.
        line: u32,
        /// What is stored.
        source: Operand,
    },
    /// Adds an operand to the output bus.
    Output {
        /// What is added.
        source: Operand,
        /// How much of it.
        weight: Weight,
        /// Whether the bus is still empty.
        first: bool,
        /// Whether this and everything before it is mono, so that only the left bus is kept.
        mono: bool,
        /// Whether the left bus must be copied to the right one first.
        widen: bool,
    },
    /// Runs the next `body` steps once for each sounding voice of a group, and sums what they give
    /// to [`VoiceOut`](Self::VoiceOut).
    Voices {
        /// Which group.
        group: u32,
        /// Number of steps.
        body: u32,
        /// Where the sum goes.
        out: Place,
        /// Chain that ends with this sum (an index into [`Plan::chains`]), or [`NO_CHAIN`].
        chain: u32,
    },
    /// Last step of a voice: adds its output to the sum of its group.
    VoiceOut {
        /// Which group.
        group: u32,
        /// The voice's output.
        source: Operand,
        /// Where the sum goes.
        out: Place,
    },
    /// Runs the next `body` steps in parts of at most `part_frames` frames.
    Loop {
        /// Number of steps.
        body: u32,
        /// Longest part.
        part_frames: u16,
    },
}

/// A list of steps.
#[derive(Clone, Debug, Default)]
pub struct StepList {
    /// The steps, in the order they run.
    pub steps: Vec<Step>,
    /// Operands of the steps.
    pub operands: Vec<Operand>,
    /// Weights of the sums.
    pub weights: Vec<Weight>,
    /// Whether nothing stereo reaches the output: the right bus equals the left.
    pub mono_output: bool,
    /// Whether anything reaches the output.
    pub has_output: bool,
}

/// When a program may be left uncomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// For so many frames everything must have been quiet and have stood.
    pub frames: u64,
    /// Only while the song stands.
    pub with_song: bool,
}

/// A running node.
pub struct Slot {
    /// One processor, or one per channel.
    pub processors: [Option<Box<dyn Processor>>; 2],
    /// Channels that have a processor of their own: 1, or 2 for a per-channel node on stereo.
    pub instances: u8,
    /// Chain it belongs to: an index into [`Plan::chains`].
    pub chain: u32,
    /// Whether it is the last node of its chain.
    pub ends_chain: bool,
    /// Whether its output is checked for values that are not finite.
    pub scanned: bool,
    /// Set when it gave a value that is not finite: it rests until the next evaluation.
    pub faulted: bool,
    /// Whether it belongs to no voice.
    pub shared: bool,
    /// Whether its signal must stand before the program may rest.
    pub watched: bool,
    /// Where its signal stands, on each channel.
    pub stands_at: [f32; 2],
    /// Its place in the text.
    pub span: Span,
}

/// A chain, as far as the audio thread must know it.
#[derive(Clone, Copy, Debug)]
pub struct ChainState {
    /// Its place in the text.
    pub span: Span,
    /// Frame of a fault: silent from there until the next evaluation. `u64::MAX` = none.
    pub muted_from: u64,
    /// Nanoseconds it took in the present measurement.
    pub cost_ns: u64,
}

/// A feedback line: what a reference in a loop without a delay reads.
#[derive(Clone, Debug)]
pub struct Line {
    /// Left and right, a ring of `frames` frames.
    pub blocks: [Block; 2],
    /// Length: 64, or 1 for a reference inside the notes of a pattern.
    pub frames: u32,
}

impl Line {
    /// A silent line.
    #[must_use]
    pub fn new(frames: u32) -> Self {
        Self {
            blocks: [Block::SILENT; 2],
            frames: frames.clamp(1, BLOCK_FRAMES as u32),
        }
    }

    /// Silences it.
    pub fn clear(&mut self) {
        self.blocks = [Block::SILENT; 2];
    }
}

/// A number of the program that is not in its text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiveLiteral {
    /// Index among the plan's literals.
    pub literal: u32,
    /// Whose value it is.
    pub source: LiveSource,
}

/// Where a number comes from that is not in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LiveSource {
    /// A knob of the host.
    Knob {
        /// Its slot.
        slot: u8,
        /// From normalised to plain.
        shape: KnobShape,
    },
    /// A MIDI controller.
    Controller(u8),
}

/// The voices of a `poly` and where their nodes lie. Voice `k` has its own slots and lines: those
/// of voice 0 plus `k` times the stride.
pub struct PlanGroup {
    /// Which voice plays what.
    pub voices: VoiceGroup,
    /// Voice 0's first slot.
    pub first_slot: u32,
    /// Slots of one voice.
    pub slot_stride: u32,
    /// Voice 0's first line.
    pub first_line: u32,
    /// Lines of one voice.
    pub line_stride: u32,
    /// Literals that are loaded before a voice is computed.
    pub values: Vec<(u32, VoiceValue)>,
}

/// What to take over from the plan before, at the moment of adoption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Moves a processor with its state.
    Move {
        /// Slot and instance in the new plan.
        to: (u32, u8),
        /// Slot and instance in the old plan.
        from: (u32, u8),
    },
    /// A newly built processor inherits from the one it replaces.
    Inherit {
        /// Slot and instance in the new plan.
        to: (u32, u8),
        /// Slot and instance in the old plan.
        from: (u32, u8),
    },
    /// The right channel's new instance copies the left one (after all moves).
    Twin {
        /// Slot in the new plan.
        slot: u32,
    },
    /// A literal moves on from its old value to its new one.
    Literal {
        /// In the new plan.
        to: u32,
        /// In the old plan.
        from: u32,
    },
    /// A literal goes on as it was (old side of a fade).
    GhostLiteral {
        /// In the new plan.
        to: u32,
        /// In the old plan.
        from: u32,
    },
    /// A slot or chain of the old side of a fade stays as muted as it was.
    GhostMute {
        /// Slot in the new plan.
        to: u32,
        /// Slot in the old plan.
        from: u32,
    },
    /// The voices of a group go on.
    Group {
        /// In the new plan.
        to: u32,
        /// In the old plan.
        from: u32,
    },
    /// A feedback line moves with its contents.
    Line {
        /// In the new plan.
        to: u32,
        /// In the old plan.
        from: u32,
    },
}

/// An executable program.
pub struct Plan {
    /// Evaluation it comes from.
    pub revision: u64,
    /// Revision of the plan it takes nodes over from; 0 = none.
    pub base_revision: u64,
    /// Steps while the fades run; empty if there are none.
    pub during: StepList,
    /// Steps after the fades.
    pub after: StepList,
    /// Length of the fades; 0 = none.
    pub fade_frames: u32,
    /// Memory for signals.
    pub arena: Vec<Block>,
    /// Memory for ramping numbers, one block per port of the widest node.
    pub scratch: Vec<Block>,
    /// Running nodes.
    pub slots: Vec<Slot>,
    /// Chains.
    pub chains: Vec<ChainState>,
    /// Numbers of the program.
    pub literals: Vec<Literal>,
    /// Their present values.
    pub literal_values: Vec<LiteralValue>,
    /// Feedback lines.
    pub lines: Vec<Line>,
    /// Numbers that knobs and controllers give.
    pub live: Vec<LiveLiteral>,
    /// Slots of the bank whose value changes when the plan starts.
    pub knob_updates: Vec<KnobUpdate>,
    /// Groups of voices.
    pub groups: Vec<PlanGroup>,
    /// When it may rest; `None` = never.
    pub rest: Option<Rest>,
    /// What to take over.
    pub adoptions: Vec<Adoption>,
    /// Next plan in the list of retired ones.
    pub next_retired: Option<Box<Plan>>,
}

impl Drop for Plan {
    /// Frees the rest of a retired list without recursion, so that a long list needs no stack.
    fn drop(&mut self) {
        let mut next = self.next_retired.take();
        while let Some(mut plan) = next {
            next = plan.next_retired.take();
        }
    }
}
