//! The description of one node.

use super::arg::{ArgSpec, Literal};
use super::build::{Build, BuildFn};
use crate::knob::KnobDeclaration;
use crate::processor::Value;
use crate::voice::{GroupSettings, VoiceValue};

/// Shelf in the reference and in completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Makes a tone or noise.
    Oscillator,
    /// Makes or shapes control signals.
    Control,
    /// Arithmetic on signals.
    Operator,
    /// Filters.
    Filter,
    /// Compressors, gates, limiters and what they listen with.
    Dynamics,
    /// Distortion.
    Distortion,
    /// Delays and reverbs.
    Effect,
    /// Envelopes.
    Envelope,
    /// Patterns in time.
    Sequencer,
    /// Drums and small synthesizers.
    Instrument,
    /// Channels, mixing, references.
    Routing,
    /// Built-in references such as `~input`.
    Reference,
}

impl Category {
    /// Heading in the reference.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Category::Oscillator => "Oscillators and noise",
            Category::Control => "Control signals",
            Category::Operator => "Operators",
            Category::Filter => "Filters",
            Category::Dynamics => "Dynamics",
            Category::Distortion => "Distortion",
            Category::Effect => "Delays and reverbs",
            Category::Envelope => "Envelopes",
            Category::Sequencer => "Patterns",
            Category::Instrument => "Drums and synths",
            Category::Routing => "Routing",
            Category::Reference => "Built-in references",
        }
    }
}

/// All that the compiler knows about a node; it never compares names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A processor with signals in and out.
    Plain,
    /// Stands for the signal of its one reference (`get ~a`, bare `~a`); no processor.
    Reference,
    /// Sums its chain input and its references, each source once; no processor.
    Mix,
    /// A constant whose value is its first argument; readers see a held value; no processor.
    Constant,
    /// A delay whose line may be read before its input is known, so that feedback can pass it.
    Delay,
    /// Gives its argument to the sequencer after it; no processor.
    Speed,
    /// Driven by the song position; takes a [`Role::Speed`] node before it as its hidden argument.
    Sequencer,
    /// Sends its input's triggers out as notes and passes the input on. A chain that ends with it runs
    /// and is not heard.
    Sender,
    /// Sums the voices of what stands before it; no processor.
    Poly,
    /// A value that the host turns; readers see a held or ramping number; no processor.
    Knob,
    /// A MIDI controller, whose number is the node's fixed argument; read like a knob.
    Controller,
    /// A value that exists inside a voice only; read like a knob.
    Voice(VoiceValue),
    /// A processor that pulses at its voice's note-ons; exists inside a voice only.
    MidiTrigger,
}

/// Whether something may stand before the node in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Starts a chain; an input before it is an error or, where upstream ignores it, a warning.
    None,
    /// May start a chain or follow a node.
    Optional,
    /// Needs a signal before it.
    Required,
}

/// Channels of the node's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Always one.
    Mono,
    /// Always two.
    Stereo,
    /// As many as the chain input.
    Input,
    /// The most of the chain input and all signal arguments.
    Widest,
}

/// How long the node sounds after its input has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tail {
    /// Not at all.
    None,
    /// This many seconds.
    Seconds(f32),
    /// As many milliseconds as the argument of this index says.
    MillisecondsOf(usize),
    /// As many seconds as the argument of this index says.
    SecondsOf(usize),
    /// For ever (sources).
    Endless,
}

/// The members of a family of references, such as `~cc0` to `~cc127`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The first number.
    pub first: u16,
    /// The last number.
    pub last: u16,
    /// The name of a member, where lists of names show one.
    pub shown: &'static str,
}

/// What a node does while everything that it reads stands still, so that the engine knows when a
/// program may rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Nothing new: when its tail is over it stands still, too.
    Driven,
    /// A function of the frames since reset: it turns on by itself and need not be computed, only be
    /// told how far it would have turned ([`Processor::rest`](crate::processor::Processor::rest)).
    Turns,
    /// A function of the song position and nothing else.
    Positional,
    /// It follows the song and remembers what it has played; it stands while the song stands.
    WithSong,
    /// It goes on by itself.
    Always,
}

/// A node without memory, applied to a signal where it stands; see [`NodeSpec::in_place`].
pub type InPlace = fn(&mut [f32], Value<'_>);

/// Everything there is to know about a node, as plain data.
pub struct NodeSpec {
    /// Name as typed. Never changes once released. Built-in references begin with `~`.
    pub name: &'static str,
    /// Other spellings, also for ever.
    pub aliases: &'static [&'static str],
    /// Shelf in the reference.
    pub category: Category,
    /// One sentence of at most 72 characters, with a full stop.
    pub summary: &'static str,
    /// Markdown: what it does, how it behaves at the edges, how it differs from upstream.
    pub doc: &'static str,
    /// How it differs from the node of that name in upstream Glicol 0.13.5, and how that sounds: one
    /// or two sentences for the compatibility page; empty = not at all (or no node of upstream).
    pub differs: &'static str,
    /// Whole programs; each compiles without a diagnostic and sounds (a test).
    pub examples: &'static [&'static str],
    /// Papers, book sections, standards.
    pub sources: &'static [&'static str],
    /// Version that introduced it.
    pub since: &'static str,
    /// Part of upstream Glicol 0.13.5 (its bare name beats a user's chain of that name).
    pub upstream: bool,
    /// What the compiler must know.
    pub role: Role,
    /// Whether something may stand before it.
    pub input: Input,
    /// Channels of its output.
    pub width: Width,
    /// Whether a stereo step gets one instance per channel (true) or one that handles both (false).
    pub per_channel: bool,
    /// Frames by which its output lags its input; shown, never compensated.
    pub latency_frames: u32,
    /// How long it rings.
    pub tail: Tail,
    /// What it does while everything that it reads stands still; `None` = what follows from its tail
    /// and `reads_position`, see [`activity`](Self::activity).
    pub activity: Option<Activity>,
    /// Whether it reads the song position.
    pub reads_position: bool,
    /// Whether its output depends on nothing but its inputs at the same frame.
    pub stateless: bool,
    /// Whether it uses [`Build::random_key`]: it is rebuilt (and inherits) when its key changes.
    pub random: bool,
    /// Arguments in the order they are written; hidden ones last.
    pub args: &'static [ArgSpec],
    /// Frames of delay line the node needs for its present literals; the compiler reserves the next
    /// power of two of 1.5 times that and keeps the line while it is large enough.
    pub reserve: Option<fn(&Build<'_>) -> usize>,
    /// For [`Role::Poly`]: what its literals say about the voices, `gated` aside.
    pub voices: Option<fn(&Build<'_>) -> GroupSettings>,
    /// For [`Role::Knob`]: what its literals say. Its arguments begin with default, minimum and
    /// maximum; its words may stand in any order.
    pub knob: Option<fn(&Build<'_>) -> KnobDeclaration>,
    /// For a node that computes each frame from its input and its only argument: the same operation
    /// in place. The renderer then needs no processor, and a row of such nodes stays in one block.
    pub in_place: Option<InPlace>,
    /// For a family of references whose members differ by the number after the name: which numbers
    /// there are. The number is the node's first argument, which nobody writes.
    pub numbered: Option<Numbered>,
    /// Syntax that is short for this node. Its first argument takes what is written.
    pub stands_for: Option<Literal>,
    /// A warning for everyone who uses the node; empty = none.
    pub caution: &'static str,
    /// For what plays in the song's time: the shortest time from one of its triggers to the next, in
    /// bars, as far as its literals tell.
    pub closest_bars: Option<fn(&Build<'_>) -> Option<f64>>,
    /// Makes the running half. `None` for roles without processor.
    pub build: Option<BuildFn>,
}

impl NodeSpec {
    /// The spec of a plain mono-following node, to be completed with struct update syntax.
    pub const PLAIN: Self = Self {
        name: "",
        aliases: &[],
        category: Category::Control,
        summary: "",
        doc: "",
        differs: "",
        examples: &[],
        sources: &[],
        since: "0.1.0",
        upstream: true,
        role: Role::Plain,
        input: Input::None,
        width: Width::Mono,
        per_channel: true,
        latency_frames: 0,
        tail: Tail::None,
        activity: None,
        reads_position: false,
        stateless: false,
        random: false,
        args: &[],
        reserve: None,
        voices: None,
        knob: None,
        in_place: None,
        numbered: None,
        stands_for: None,
        caution: "",
        closest_bars: None,
        build: None,
    };

    /// Arguments a user writes.
    pub fn visible_args(&self) -> impl Iterator<Item = &'static ArgSpec> {
        self.args.iter().filter(|a| !a.hidden)
    }

    /// The number of the family's member of this name: 7 for `~cc7`. `None` if it has none.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<u16> {
        let family = self.numbered?;
        let digits = name.strip_prefix(self.name)?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit());
        // `~cc07` would be another spelling of the same.
        let number: u16 = digits.parse().ok().filter(|_| plain)?;
        let spelt_so = !digits.starts_with('0') || digits.len() == 1;
        (spelt_so && (family.first..=family.last).contains(&number)).then_some(number)
    }

    /// What it does while everything that it reads stands still.
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.activity.unwrap_or(match self.tail {
            _ if self.reads_position => Activity::WithSong,
            Tail::Endless => Activity::Always,
            _ => Activity::Driven,
        })
    }

    /// Usage line: `lpf cutoff q`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut text = self.name.to_owned();
        for arg in self.visible_args() {
            text.push(' ');
            text.push_str(arg.name);
        }
        text
    }
}

impl std::fmt::Debug for NodeSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeSpec")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl PartialEq for NodeSpec {
    /// Specs are statics: two are equal when they are the same node.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
