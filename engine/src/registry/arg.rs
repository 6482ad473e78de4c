//! Arguments: typed handles that describe an argument and read it.

use crate::diagnostics::Problem;
use crate::dsp::math;
use crate::processor::{Io, Operand, Ports, Value};
use crate::text::Span;

/// Unit of a number, for help, knobs and checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A bare number.
    None,
    /// Hertz.
    Hertz,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// A frequency as cycles per sample: half a cycle is the highest there is.
    CyclesPerSample,
    /// Decibels.
    Decibels,
    /// Samples: how long one lasts depends on the sample rate.
    Samples,
    /// Linear gain, 1 = unchanged.
    Gain,
    /// Position from −1 (left) to 1 (right).
    Pan,
    /// A share from 0 to 1.
    Ratio,
    /// MIDI note number, 60 = middle C.
    MidiNote,
    /// Cycles of the pattern per bar.
    PerBar,
    /// Bars of four quarter notes; a note value such as `1/8` is a part of a bar.
    Bars,
}

impl Unit {
    /// Short sign shown after a number, empty for a bare number.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::None | Unit::Gain | Unit::Pan | Unit::Ratio => "",
            Unit::Hertz => "Hz",
            Unit::CyclesPerSample => "cycles per sample",
            Unit::Decibels => "dB",
            Unit::Samples => "samples",
            Unit::Seconds => "s",
            Unit::Milliseconds => "ms",
            Unit::MidiNote => "note",
            Unit::PerBar => "per bar",
            Unit::Bars => "bars",
        }
    }
}

/// How a changed number reaches the node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Smoothing {
    /// A straight ramp over this many milliseconds.
    Ramp(f32),
    /// At once (counts, choices).
    Jump,
    /// At once; the node itself cross-fades between old and new over this many milliseconds.
    Crossfade(f32),
}

/// What may stand at an argument's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    /// A number or a reference; may change while playing. Read through [`Signal`].
    Signal,
    /// A number that never changes. Fixed when the node is built.
    Number,
    /// One or more whole numbers, to the end of the node. Fixed when the node is built.
    Integers,
    /// `seq` notes: compounds of numbers, `_` and one-letter references. Fixed when built.
    Notes,
    /// One or more references, `~t..` included, to the end of the node.
    Refs,
    /// References and bars in turn: `~a 4 ~b 2`. Fixed when built; the signals are extra operands.
    Arrangement,
    /// Text in backticks. Fixed when built; [`ArgSpec::check`] finds its mistakes.
    Code,
    /// One word of [`ArgSpec::words`], bare or as a symbol. Fixed when built.
    Choice,
    /// The symbol of a sample: `\\bd`. Fixed when built.
    Sample,
    /// Any symbol. Fixed when built.
    Symbol,
    /// Values at times: `"400@0 2000@1/2"(1)`. Fixed when built.
    Pattern,
    /// Symbols of samples at times: `"\\bd@0 \\sn@0.5"(1)`. Fixed when built.
    SamplePattern,
    /// A breakpoint envelope: `[0=>0 1/4=>1]`. Fixed when built.
    Points,
    /// Arithmetic in parentheses. Fixed when built; its numbers and references are extra operands.
    Expression,
}

impl ArgKind {
    /// Whether it takes everything up to the node's end.
    #[must_use]
    pub const fn takes_rest(self) -> bool {
        matches!(
            self,
            ArgKind::Integers | ArgKind::Notes | ArgKind::Refs | ArgKind::Arrangement
        )
    }

    /// What may be written, as a sentence ends: `must be …`, `needs …`.
    #[must_use]
    pub const fn wanted(self) -> &'static str {
        match self {
            ArgKind::Signal => "a number or a reference",
            ArgKind::Number => "a number",
            ArgKind::Integers => "whole numbers",
            ArgKind::Notes => "notes such as `60 _ 62_64 ~a`",
            ArgKind::Refs => "references such as `~a`",
            ArgKind::Arrangement => "references and bars such as `~a 4 ~b 2`",
            ArgKind::Code => "code between backticks",
            ArgKind::Choice => "one of its words",
            ArgKind::Sample => "a sample such as `\\bd`",
            ArgKind::Symbol => "a symbol such as `\\a`",
            ArgKind::Pattern => "a pattern such as `\"400@0 800@0.5\"(1)`",
            ArgKind::SamplePattern => "a pattern such as `\"\\bd@0 \\sn@0.5\"(1)`",
            ArgKind::Points => "an envelope such as `[0=>0 1/4=>1]`",
            ArgKind::Expression => "arithmetic such as `(~a * 2)`",
        }
    }

    /// A short name for lists and machines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            ArgKind::Signal => "signal",
            ArgKind::Number => "number",
            ArgKind::Integers => "integers",
            ArgKind::Notes => "notes",
            ArgKind::Refs => "references",
            ArgKind::Arrangement => "arrangement",
            ArgKind::Code => "code",
            ArgKind::Choice => "choice",
            ArgKind::Sample => "sample",
            ArgKind::Symbol => "symbol",
            ArgKind::Pattern => "pattern",
            ArgKind::SamplePattern => "sample pattern",
            ArgKind::Points => "envelope",
            ArgKind::Expression => "expression",
        }
    }
}

/// Syntax that stands for a node of its own wherever a signal may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `"400@0 2000@1/2"(1)`
    Pattern,
    /// `[0=>0 1/4=>1]`
    Points,
    /// `(~a * 2 + 1)`
    Expression,
    /// `1/8`, `1/4.` or `1/8t` where a time is wanted: the node gets beats and the number of its
    /// units in a second.
    NoteValue,
}

/// A mistake inside a fixed argument's text.
#[derive(Clone, Debug, PartialEq)]
pub struct TextProblem {
    /// Where, in bytes of the text.
    pub span: Span,
    /// What.
    pub problem: Problem,
}

/// Finds the mistakes in a text in backticks (given without them).
pub type TextCheck = fn(&str) -> Vec<TextProblem>;

/// Numbers that are allowed and hardly meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unlikely {
    /// Literals below this are told of; 0 never is.
    pub below: f32,
    /// Literals above this are told of.
    pub above: f32,
    /// What such a value does and what was probably meant: one or two sentences.
    pub hint: &'static str,
}

/// Description of one argument.
#[derive(Clone, Copy, Debug)]
pub struct ArgSpec {
    /// Name in help and error texts.
    pub name: &'static str,
    /// What may stand here.
    pub kind: ArgKind,
    /// Unit of its number.
    pub unit: Unit,
    /// Smallest value the node accepts; smaller ones are clamped.
    pub min: f32,
    /// Largest value the node accepts; larger ones are clamped.
    pub max: f32,
    /// Value of a missing trailing argument; `None` = it must be written.
    pub default: Option<f32>,
    /// How a changed number reaches the node.
    pub smoothing: Smoothing,
    /// Not written by the user: filled by the compiler (the speed of a sequencer).
    pub hidden: bool,
    /// A literal outside the range is an error instead of a clamp (limits that protect memory).
    pub strict: bool,
    /// For [`ArgKind::Number`]: only whole numbers.
    pub whole: bool,
    /// May be left out without a default: the node then finds nothing connected.
    pub optional: bool,
    /// Numbers that deserve a warning.
    pub unlikely: Option<Unlikely>,
    /// Words of a [`ArgKind::Choice`]; the first one is the default.
    pub words: &'static [&'static str],
    /// For [`ArgKind::Code`]: finds mistakes in the text.
    pub check: Option<TextCheck>,
    /// Position among the node's arguments, checked by the registry's tests.
    pub index: usize,
    /// One or two sentences.
    pub doc: &'static str,
}

impl ArgSpec {
    const fn new(index: usize, name: &'static str, kind: ArgKind) -> Self {
        Self {
            name,
            kind,
            unit: Unit::None,
            min: f32::MIN,
            max: f32::MAX,
            default: None,
            smoothing: Smoothing::Ramp(8.0),
            hidden: false,
            strict: false,
            whole: false,
            optional: false,
            unlikely: None,
            words: &[],
            check: None,
            index,
            doc: "",
        }
    }
}

/// Handle of a numeric argument: its description, and the key to read it in `process`.
///
/// ```text
/// const CUTOFF: Signal = Signal::new(0, "cutoff").unit(Unit::Hertz).range(1.0, 20_000.0)
///     .default(1_000.0).doc("Frequency where the output is 3 dB down.");
/// let cutoff = io.arg(CUTOFF);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Signal(ArgSpec);

impl Signal {
    /// An argument at position `index` (from 0) of its node.
    #[must_use]
    pub const fn new(index: usize, name: &'static str) -> Self {
        Self(ArgSpec::new(index, name, ArgKind::Signal))
    }
    /// Sets the unit.
    #[must_use]
    pub const fn unit(mut self, unit: Unit) -> Self {
        self.0.unit = unit;
        self
    }
    /// Sets the range; values outside are clamped before the node sees them.
    #[must_use]
    pub const fn range(mut self, min: f32, max: f32) -> Self {
        assert!(min <= max, "an argument's range is empty");
        self.0.min = min;
        self.0.max = max;
        self
    }
    /// Makes a literal outside the range an error.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.0.strict = true;
        self
    }
    /// Sets the value of a missing argument.
    #[must_use]
    pub const fn default(mut self, value: f32) -> Self {
        assert!(
            self.0.min <= value && value <= self.0.max,
            "a default lies outside its range"
        );
        self.0.default = Some(value);
        self
    }
    /// Sets how changes arrive.
    #[must_use]
    pub const fn smoothing(mut self, smoothing: Smoothing) -> Self {
        self.0.smoothing = smoothing;
        self
    }
    /// Lets it be left out; ask [`Ports::is_connected`] whether it is there.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.0.optional = true;
        self
    }
    /// Warns of literals below or above these limits, with a hint what was probably meant.
    #[must_use]
    pub const fn unlikely(mut self, below: f32, above: f32, hint: &'static str) -> Self {
        self.0.unlikely = Some(Unlikely { below, above, hint });
        self
    }
    /// Hides it from the user: the compiler fills it.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.0.hidden = true;
        self
    }
    /// Sets the documentation.
    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.0.doc = doc;
        self
    }
    /// The description, for `NodeSpec::args`.
    #[must_use]
    pub const fn spec(self) -> ArgSpec {
        self.0
    }
    /// Position among the node's arguments.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.index
    }
    /// Clamps a value into the range; a value that is not a number becomes the default (or minimum).
    #[inline]
    #[must_use]
    pub fn clamp(self, x: f32) -> f32 {
        if x.is_nan() {
            return match self.0.default {
                Some(d) => d,
                None => self.0.min,
            };
        }
        // A negative zero becomes the positive one where the range begins at 0.
        math::clamp(x, self.0.min, self.0.max)
    }
}

macro_rules! fixed_handle {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name(ArgSpec);

        impl $name {
            /// An argument at position `index` (from 0) of its node; it must be the last visible one.
            #[must_use]
            pub const fn new(index: usize, name: &'static str) -> Self {
                Self(ArgSpec::new(index, name, $kind))
            }
            /// Sets the unit.
            #[must_use]
            pub const fn unit(mut self, unit: Unit) -> Self {
                self.0.unit = unit;
                self
            }
            /// Sets the documentation.
            #[must_use]
            pub const fn doc(mut self, doc: &'static str) -> Self {
                self.0.doc = doc;
                self
            }
            /// Hides it from the user: the compiler fills it.
            #[must_use]
            pub const fn hidden(mut self) -> Self {
                self.0.hidden = true;
                self
            }
            /// The description, for `NodeSpec::args`.
            #[must_use]
            pub const fn spec(self) -> ArgSpec {
                self.0
            }
            /// Position among the node's arguments.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0.index
            }
        }
    };
}

fixed_handle!(
    /// Handle of a number that never changes, read at build by
    /// [`Build::number`](super::Build::number).
    Number, ArgKind::Number);
fixed_handle!(
    /// Handle of a list of whole numbers, read at build by [`Build::integers`](super::Build::integers).
    Integers, ArgKind::Integers);
fixed_handle!(
    /// Handle of `seq` notes, read at build by [`Build::notes`](super::Build::notes).
    Notes, ArgKind::Notes);
fixed_handle!(
    /// Handle of a list of references.
    Refs, ArgKind::Refs);
fixed_handle!(
    /// Handle of references with their bars, read at build by
    /// [`Build::bars`](super::Build::bars); signal `i` is extra operand `i`.
    Arrangement, ArgKind::Arrangement);
fixed_handle!(
    /// Handle of a text in backticks, read at build by [`Build::code`](super::Build::code).
    Code, ArgKind::Code);
fixed_handle!(
    /// Handle of a word, read at build as its index by [`Build::choice`](super::Build::choice).
    Choice, ArgKind::Choice);
fixed_handle!(
    /// Handle of a sample's symbol, read at build by [`Build::sample`](super::Build::sample).
    SampleName, ArgKind::Sample);
fixed_handle!(
    /// Handle of a symbol without meaning to the compiler.
    Symbol, ArgKind::Symbol);
fixed_handle!(
    /// Handle of values at times, read at build by [`Build::pattern`](super::Build::pattern).
    Pattern, ArgKind::Pattern);
fixed_handle!(
    /// Handle of samples at times, read at build by
    /// [`Build::sample_pattern`](super::Build::sample_pattern).
    SamplePattern, ArgKind::SamplePattern);
fixed_handle!(
    /// Handle of an envelope, read at build by [`Build::points`](super::Build::points).
    Points, ArgKind::Points);
fixed_handle!(
    /// Handle of arithmetic, read at build by [`Build::expression`](super::Build::expression);
    /// operand `i` is extra operand `i`.
    Expression, ArgKind::Expression);

impl Number {
    /// Sets the range; a number outside is an error.
    #[must_use]
    pub const fn range(mut self, min: f32, max: f32) -> Self {
        assert!(min <= max, "an argument's range is empty");
        self.0.min = min;
        self.0.max = max;
        self.0.strict = true;
        self
    }
    /// Lets only whole numbers stand here.
    #[must_use]
    pub const fn whole(mut self) -> Self {
        self.0.whole = true;
        self
    }
    /// Sets the value of a missing argument.
    #[must_use]
    pub const fn default(mut self, value: f32) -> Self {
        assert!(
            self.0.min <= value && value <= self.0.max,
            "a default lies outside its range"
        );
        self.0.default = Some(value);
        self
    }
}

impl Code {
    /// Sets what finds mistakes in the text before the node is built.
    #[must_use]
    pub const fn check(mut self, check: TextCheck) -> Self {
        self.0.check = Some(check);
        self
    }
}

impl Choice {
    /// Sets the words; the first one is the default.
    #[must_use]
    pub const fn words(mut self, words: &'static [&'static str]) -> Self {
        self.0.words = words;
        self
    }
}

impl<'a> Ports<'a> {
    /// A numeric argument over this chunk, on this instance's channel, *not* clamped.
    #[inline]
    #[must_use]
    pub fn arg(&self, handle: Signal) -> Value<'a> {
        self.read(handle.index() + 1, self.channel)
    }

    /// A numeric argument on a given channel, for nodes that handle both.
    #[inline]
    #[must_use]
    pub fn arg_channel(&self, handle: Signal, channel: usize) -> Value<'a> {
        self.read(handle.index() + 1, channel)
    }

    /// An extra operand (such as a reference inside `seq` notes), numbered from 0, on the left
    /// channel.
    #[inline]
    #[must_use]
    pub fn extra(&self, declared_args: usize, number: usize) -> Value<'a> {
        self.read(declared_args + 1 + number, 0)
    }

    /// An extra operand on a given channel.
    #[inline]
    #[must_use]
    pub fn extra_channel(&self, declared_args: usize, number: usize, channel: usize) -> Value<'a> {
        self.read(declared_args + 1 + number, channel)
    }

    /// Whether anything stands at an optional argument.
    #[inline]
    #[must_use]
    pub fn is_connected(&self, handle: Signal) -> bool {
        !matches!(
            self.operands.get(handle.index() + 1),
            None | Some(Operand::Nothing)
        )
    }
}

impl<'a> Io<'a> {
    /// A numeric argument over this chunk, *not* clamped: kernels call [`Signal::clamp`] per value.
    #[inline]
    #[must_use]
    pub fn arg(&self, handle: Signal) -> Value<'a> {
        self.ins.arg(handle)
    }
}
