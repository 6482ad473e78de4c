//! Arguments: typed handles that describe an argument and read it.

use crate::processor::{Io, Ports, Value};

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
}

impl Unit {
    /// Short sign shown after a number, empty for a bare number.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Unit::None | Unit::Gain | Unit::Pan | Unit::Ratio => "",
            Unit::Hertz => "Hz",
            Unit::Seconds => "s",
            Unit::Milliseconds => "ms",
            Unit::MidiNote => "note",
            Unit::PerBar => "per bar",
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
    /// One or more whole numbers, to the end of the node. Fixed when the node is built.
    Integers,
    /// `seq` notes: compounds of numbers, `_` and one-letter references. Fixed when built.
    Notes,
    /// One or more references, `~t..` included, to the end of the node.
    Refs,
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
        x.clamp(self.0.min, self.0.max)
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
    /// Handle of a list of whole numbers, read at build by [`Build::integers`](super::Build::integers).
    Integers, ArgKind::Integers);
fixed_handle!(
    /// Handle of `seq` notes, read at build by [`Build::notes`](super::Build::notes).
    Notes, ArgKind::Notes);
fixed_handle!(
    /// Handle of a list of references.
    Refs, ArgKind::Refs);

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

    /// An extra reference (those inside `seq` notes), numbered from 0, on the left channel.
    #[inline]
    #[must_use]
    pub fn extra(&self, declared_args: usize, number: usize) -> Value<'a> {
        self.read(declared_args + 1 + number, 0)
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
