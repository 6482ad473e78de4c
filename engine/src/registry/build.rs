//! What a node's constructor gets to know.

use std::sync::Arc;

use super::arg::{
    Arrangement, Choice, Code, Expression, Integers, Notes, Number, Pattern, Points, SampleName,
    SamplePattern, Signal,
};
use crate::processor::Processor;
use crate::samples::Sample;
pub use crate::script::{BinaryOp, ExpressionCode, ExpressionOp, UnaryOp};

/// A note of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoteValue {
    /// A MIDI note number.
    Midi(f32),
    /// The value of an extra reference (numbered from 0) at the trigger frame, as a MIDI number.
    Reference(usize),
}

/// The cycles of a pattern in which a note has its turn: those that leave `offset` when divided by
/// `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Cycles from one turn to the next, at least 1.
    pub period: u64,
    /// The first cycle, below `period`.
    pub offset: u64,
}

impl Turn {
    /// Every cycle.
    pub const ALWAYS: Self = Self {
        period: 1,
        offset: 0,
    };

    /// Whether a cycle is one of them; cycles before the song's start are negative.
    #[must_use]
    pub fn includes(self, cycle: i64) -> bool {
        i64::try_from(self.period).is_ok_and(|period| {
            period <= 1 || cycle.rem_euclid(period).unsigned_abs() == self.offset
        })
    }

    /// Whether there is a cycle of these of which the one so many `cycles` later is one of `other`'s.
    #[must_use]
    pub fn meets(self, other: Self, cycles: u32) -> bool {
        // Two rows of numbers meet where their offsets agree in what their periods have in common.
        let (mut common, mut rest) = (self.period.max(1), other.period.max(1));
        while rest > 0 {
            (common, rest) = (rest, common % rest);
        }
        (self.offset % common + u64::from(cycles)) % common == other.offset % common
    }
}

/// One trigger of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoteEvent {
    /// Place in the cycle, 0 ≤ at < 1.
    pub at: f64,
    /// What sounds.
    pub value: NoteValue,
    /// In which cycles.
    pub turn: Turn,
    /// How likely, 0 to 1.
    pub chance: f32,
}

impl NoteEvent {
    /// A trigger in every cycle.
    #[must_use]
    pub const fn new(at: f64, value: NoteValue) -> Self {
        Self {
            at,
            value,
            turn: Turn::ALWAYS,
            chance: 1.0,
        }
    }
}

/// The notes of a `seq`: triggers in the order of time; rests are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotePattern {
    /// Triggers. Times do not fall; those of one cycle rise strictly.
    pub events: Vec<NoteEvent>,
}

/// Values at times, step by step. Times in bars, rising.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValuePattern {
    /// Time in bars (0 ≤ time < span) and value, times strictly rising.
    pub events: Vec<(f64, f32)>,
    /// Length of one pass in bars, above 0.
    pub span_bars: f64,
}

/// One point of an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BreakPoint {
    /// Time in bars from the start of the pass.
    pub bars: f64,
    /// Time to add, in seconds (may be negative).
    pub offset_seconds: f64,
    /// Value there.
    pub value: f32,
}

/// A breakpoint envelope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BreakPoints {
    /// Its points, in the order written; at least one.
    pub points: Vec<BreakPoint>,
    /// Length of one pass in bars, above 0.
    pub span_bars: f64,
    /// Whether it repeats. If not, it holds its last value.
    pub looped: bool,
}

/// A sample that a program names. Equal when they are the same data.
#[derive(Clone, Debug, Default)]
pub struct SampleRef {
    /// Its name, without `\`.
    pub name: String,
    /// Its sound at the engine's rate; `None` when there is none of this name: silence.
    pub sample: Option<Arc<Sample>>,
}

impl PartialEq for SampleRef {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.sample, &other.sample) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same && self.name == other.name
    }
}

/// Samples at times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleSequence {
    /// Time in bars (0 ≤ time < span), rising, and the index of its sample.
    pub events: Vec<(f64, usize)>,
    /// The samples, each once.
    pub samples: Vec<SampleRef>,
    /// Length of one pass in bars, above 0.
    pub span_bars: f64,
}

/// The value of an argument that is fixed when a node is built.
#[derive(Clone, Debug, PartialEq)]
pub enum FixedArg {
    /// A signal argument: the literal written there, or `None` for a reference.
    Number(Option<f32>),
    /// A number that never changes.
    Value(f32),
    /// A text in backticks, without them.
    Code(Arc<str>),
    /// Index of a word among the argument's words.
    Choice(usize),
    /// A sample.
    Sample(SampleRef),
    /// A symbol without its sign.
    Symbol(String),
    /// Values at times.
    Pattern(ValuePattern),
    /// Samples at times.
    SamplePattern(SampleSequence),
    /// An envelope.
    Points(BreakPoints),
    /// Arithmetic.
    Expression(ExpressionCode),
    /// Bars of each extra operand in turn.
    Arrangement(Vec<f64>),
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
    /// Number of the physical voice it belongs to; 0 outside of voices.
    pub voice: usize,
    /// One entry per declared argument.
    pub args: &'a [FixedArg],
    /// Key for random streams: a hash of the project's seed, chain name, node name, ordinal and voice.
    pub random_key: u64,
    /// Frames to reserve in a delay line (0 if the node declares no
    /// [`reserve`](super::NodeSpec::reserve)); a power of two.
    pub reserved_frames: usize,
}

impl<'a> Build<'a> {
    /// Arguments alone, for what a spec reads of a node that is not built.
    #[must_use]
    pub fn of_args(args: &'a [FixedArg]) -> Self {
        Self {
            sample_rate: 0.0,
            channels: 1,
            channel: 0,
            voice: 0,
            args,
            random_key: 0,
            reserved_frames: 0,
        }
    }

    /// The literal written for an argument, or `None` if a reference stands there.
    #[must_use]
    pub fn literal(&self, handle: Signal) -> Option<f32> {
        match self.args.get(handle.index()) {
            Some(FixedArg::Number(x)) => *x,
            _ => None,
        }
    }

    /// The number of an argument that never changes.
    #[must_use]
    pub fn number(&self, handle: Number) -> f32 {
        let spec = handle.spec();
        match self.args.get(spec.index) {
            Some(FixedArg::Value(x)) => *x,
            _ => spec.default.unwrap_or(spec.min),
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

    /// The text of an argument, without its backticks.
    #[must_use]
    pub fn code(&self, handle: Code) -> &'a str {
        match self.args.get(handle.index()) {
            Some(FixedArg::Code(text)) => text,
            _ => "",
        }
    }

    /// Index of the word chosen for an argument.
    #[must_use]
    pub fn choice(&self, handle: Choice) -> usize {
        match self.args.get(handle.index()) {
            Some(FixedArg::Choice(index)) => *index,
            _ => 0,
        }
    }

    /// The sample of an argument; `None` = silence.
    #[must_use]
    pub fn sample(&self, handle: SampleName) -> Option<Arc<Sample>> {
        match self.args.get(handle.index()) {
            Some(FixedArg::Sample(found)) => found.sample.clone(),
            _ => None,
        }
    }

    /// The values at times of an argument.
    #[must_use]
    pub fn pattern(&self, handle: Pattern) -> ValuePattern {
        match self.args.get(handle.index()) {
            Some(FixedArg::Pattern(p)) => p.clone(),
            _ => ValuePattern::default(),
        }
    }

    /// The samples at times of an argument.
    #[must_use]
    pub fn sample_pattern(&self, handle: SamplePattern) -> SampleSequence {
        match self.args.get(handle.index()) {
            Some(FixedArg::SamplePattern(p)) => p.clone(),
            _ => SampleSequence::default(),
        }
    }

    /// The envelope of an argument.
    #[must_use]
    pub fn points(&self, handle: Points) -> BreakPoints {
        match self.args.get(handle.index()) {
            Some(FixedArg::Points(p)) => p.clone(),
            _ => BreakPoints::default(),
        }
    }

    /// The arithmetic of an argument.
    #[must_use]
    pub fn expression(&self, handle: Expression) -> ExpressionCode {
        match self.args.get(handle.index()) {
            Some(FixedArg::Expression(code)) => code.clone(),
            _ => ExpressionCode::default(),
        }
    }

    /// Bars of each extra operand of an arrangement.
    #[must_use]
    pub fn bars(&self, handle: Arrangement) -> &'a [f64] {
        match self.args.get(handle.index()) {
            Some(FixedArg::Arrangement(bars)) => bars,
            _ => &[],
        }
    }
}

/// Why a node could not be built. Shown to the user at the node's place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BuildError(pub String);

/// A node's constructor.
pub type BuildFn = fn(&Build<'_>) -> Result<Box<dyn Processor>, BuildError>;
