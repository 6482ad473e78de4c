//! The kinds of problems and their codes. Codes are never re-used for another problem.
//!
//! The codes stand in `codes.rs`, the texts in `problems.rs`.

/// Something wrong with a program, or worth knowing about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Problem {
    /// The text is longer than what is read.
    TextTooLong {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Text that belongs to no chain.
    StrayText,
    /// A chain's name without its colon.
    MissingColon {
        /// The name.
        name: String,
    },
    /// A word or number before a definition that does not belong there: `let`, a line's number.
    NeedlessWord {
        /// What stands there.
        word: String,
    },
    /// A name of two words.
    NameOfTwoWords {
        /// The same as one word.
        better: String,
    },
    /// A chain without a name.
    MissingName,
    /// `=` or `:=` in place of `:`.
    WrongSeparator {
        /// What stands there.
        found: String,
    },
    /// A name with signs that names cannot have.
    BadName {
        /// What stands there.
        name: String,
        /// The nearest well-formed name.
        better: Option<String>,
    },
    /// No node where one must stand.
    MissingNode {
        /// What stands before the gap.
        after: String,
    },
    /// The chain begins on the line after its name.
    LooseStart {
        /// The chain's name.
        name: String,
    },
    /// An arrow that is not `>>`.
    WrongLink {
        /// What stands there.
        found: String,
    },
    /// A chain that begins with `>>`.
    NothingBeforeLink,
    /// A bracket, quote or backtick without its partner.
    Unclosed {
        /// The opening sign.
        open: char,
        /// The missing sign.
        close: char,
    },
    /// Signs that mean nothing.
    UnknownToken {
        /// What stands there.
        text: String,
    },
    /// Parentheses or braces.
    Parentheses {
        /// What stands inside.
        inside: String,
    },
    /// A comment in another language's style.
    CommentSign {
        /// What it starts with.
        sign: String,
    },
    /// JavaScript between `##` and `#`, which upstream's web page runs.
    HostScript,
    /// Begins like a number but is none.
    BadNumber {
        /// What stands there.
        text: String,
        /// A number that may have been meant.
        better: Option<String>,
    },
    /// A word that is neither name nor number.
    BadWord {
        /// What stands there.
        text: String,
        /// A well-formed word that may have been meant.
        better: Option<String>,
    },
    /// A malformed symbol.
    BadSymbol {
        /// What stands there.
        text: String,
    },
    /// A malformed pattern in quotes.
    BadPattern,
    /// A malformed envelope in square brackets.
    BadPoints,
    /// Arguments on a line of their own.
    ContinuedArguments,

    /// Something that triggers start, after a constant.
    ConstantTrigger {
        /// Its name.
        node: String,
    },
    /// An audible chain that ends with a pattern.
    BarePattern {
        /// The node of the pattern.
        node: String,
    },

    /// No node has this name.
    UnknownNode {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// No chain has this name.
    UnknownReference {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A node of upstream or of the plans that this version lacks.
    NodeNotYet {
        /// The name.
        name: String,
    },
    /// A reference of a numbered family without its number, or with one that is not there.
    NoSuchNumber {
        /// The name.
        name: String,
        /// The family's first member.
        first: String,
        /// The family's last member.
        last: String,
        /// A member that there is.
        better: &'static str,
    },
    /// Something that hosts do not send to effects.
    NotSentToEffects {
        /// Its name.
        name: String,
    },
    /// A node's name from an older Glicol or another language.
    OldNode {
        /// The name.
        name: String,
        /// Today's spelling.
        today: String,
        /// Whether today's node takes the same arguments.
        same_args: bool,
    },
    /// A word that no node answers to, but for which there is another way.
    NoSuchNode {
        /// The name.
        name: String,
        /// The other way, in a sentence.
        advice: &'static str,
    },
    /// A definition of a name that belongs to the engine.
    CannotRedefine {
        /// The name.
        name: String,
        /// A free name.
        better: String,
    },
    /// `~t..` without any chain of that beginning.
    NoMatch {
        /// The beginning.
        prefix: String,
    },
    /// A literal where a node must stand.
    NotANode {
        /// What stands there.
        text: String,
        /// A node with that literal, for a number.
        better: Option<String>,
    },
    /// A node's name where a value must stand.
    NodeAsArgument {
        /// The name.
        name: String,
    },

    /// An argument without default is missing.
    MissingArgument {
        /// The node.
        node: String,
        /// What is missing, as in [`Problem::WrongKind`].
        wanted: String,
        /// How the node is written.
        usage: String,
    },
    /// A node's name among the arguments of another.
    MissingArrow {
        /// The name.
        node: String,
        /// Whether a `+` or `&` stands before it.
        sum: bool,
    },
    /// A pattern in the quotes of a word processor.
    CurlyQuotes {
        /// The same in straight quotes.
        better: String,
    },
    /// A chain in braces.
    BracesAroundChain {
        /// What stands inside.
        inside: String,
    },
    /// A unit as a word of its own after a number.
    LooseUnit {
        /// The unit.
        unit: String,
    },
    /// A comma between the digits of a number.
    DecimalComma {
        /// The number.
        number: String,
    },
    /// More arguments than the node takes.
    ExtraArgument {
        /// The node.
        node: String,
        /// How many it takes.
        takes: usize,
        /// How the node is written.
        usage: String,
    },
    /// Something else than the argument takes.
    WrongKind {
        /// The node.
        node: String,
        /// The argument.
        arg: String,
        /// What it takes.
        wanted: String,
        /// The range of a number with its unit, if there is one.
        range: Option<String>,
    },
    /// A number that the argument must not have.
    BeyondLimit {
        /// The argument.
        arg: String,
        /// Its range with unit.
        range: String,
        /// The nearest number allowed.
        nearest: String,
    },
    /// A number beyond what a sample can hold.
    NumberTooLarge,
    /// A number with a fraction, or something else, where whole numbers must stand.
    NotWhole {
        /// The node.
        node: String,
    },
    /// Something that is no note.
    BadNote {
        /// What stands there.
        text: String,
        /// Notes that may have been meant.
        better: Option<String>,
    },
    /// A sign after a note that is used wrongly, or too many groups inside each other.
    BadNoteSign {
        /// Which, and how.
        sign: NoteSign,
    },
    /// A note number beyond hearing, mostly two numbers written together.
    NoteOutOfRange {
        /// What stands there.
        text: String,
    },
    /// A reference of more than one letter inside a pattern (R4.9).
    LongNoteReference {
        /// What stands there.
        text: String,
    },
    /// A pattern with too many steps (R4.13).
    TooManySteps {
        /// Number of steps.
        steps: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// `cutoff=300`
    NamedArgument {
        /// The value alone.
        value: String,
    },

    /// A node that needs a signal begins a chain.
    NeedsInput {
        /// The node.
        node: String,
        /// Which signal it needs.
        wanted: Wanted,
        /// A source that stands after it in the chain.
        source: Option<String>,
    },
    /// A source stands after `>>`.
    SourceAfterLink {
        /// Its name.
        name: String,
        /// Whether it is a reference, not a node.
        reference: bool,
    },
    /// A user's node that is used inside itself.
    ContainsItself {
        /// Its name.
        name: String,
        /// The way back to it, if it leads over others.
        way: Option<String>,
    },
    /// Nodes of the user inside each other beyond any use.
    NestedTooDeep {
        /// How many are allowed.
        limit: usize,
    },
    /// A node of the user where a signal must stand.
    UserNodeAsValue {
        /// Its name.
        name: String,
        /// How it is written.
        usage: String,
        /// Whether it needs a signal before it.
        effect: bool,
    },
    /// A user's node with two parameters of one name.
    ParameterTwice {
        /// The parameter.
        name: String,
    },
    /// More nodes than a program may have.
    TooManyNodes {
        /// The most that are allowed.
        limit: usize,
    },
    /// The same because each voice has nodes of its own.
    TooManyVoiceNodes {
        /// How many there would be.
        nodes: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// More references than a program may have.
    TooManyReferences {
        /// The most that are allowed.
        limit: usize,
    },
    /// More memory than a program may take.
    TooMuchMemory {
        /// What it would take, in MiB.
        needs_mib: usize,
        /// The most that is allowed, in MiB.
        limit_mib: usize,
    },
    /// A `poly` before which nothing belongs to a voice.
    PolyWithoutVoices {
        /// Whether that is because another one has summed the voices.
        summed: bool,
    },
    /// A node of a voice after the sum of voices.
    VoiceAfterPoly {
        /// What belongs to a voice, as written.
        node: String,
    },
    /// A trigger where a frequency is needed.
    TriggerAsFrequency {
        /// The trigger's node.
        trigger: String,
        /// The oscillator after it.
        node: String,
    },
    /// A note number where a frequency is needed.
    NoteAsFrequency {
        /// Its name.
        name: String,
        /// The frequency's name.
        frequency: String,
    },
    /// A word whose place is further on, after a number.
    NumberLeftOut {
        /// The node.
        node: String,
        /// The argument that is left out.
        arg: String,
        /// The number and the word.
        better: String,
    },
    /// A mode for one voice with several.
    PolyMode {
        /// The mode.
        mode: String,
        /// How many voices are written.
        voices: usize,
    },
    /// A long effect in every voice of a chain without `poly`.
    EffectInVoices {
        /// The effect.
        node: String,
    },
    /// A node's constructor refused.
    NotBuilt {
        /// The node.
        node: String,
        /// Its reason, a sentence.
        reason: String,
    },
    /// A word that an argument does not offer.
    UnknownChoice {
        /// The argument.
        arg: String,
        /// The words it offers, as a list for a sentence.
        words: String,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A pattern in quotes without its length in parentheses.
    PatternWithoutSpan,
    /// A length of a pattern or envelope that is not above zero.
    NoSpan,
    /// A pattern or envelope without a single entry.
    Empty {
        /// What is empty.
        what: &'static str,
    },
    /// An entry of a pattern that is of the wrong kind.
    PatternValue {
        /// What its entries must be.
        wanted: &'static str,
        /// How one is written.
        entry: &'static str,
    },
    /// A pattern or envelope with too many entries.
    TooManyEvents {
        /// How many there are.
        count: usize,
        /// How many may be there.
        limit: usize,
    },
    /// References and bars that do not take turns.
    ArrangementPairs,
    /// Code or arithmetic goes on with something that cannot stand there.
    ScriptSign {
        /// What stands there; empty at the end.
        found: String,
        /// What could stand there.
        wanted: &'static str,
    },
    /// A name that code or arithmetic does not know.
    ScriptName {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// Whether it is called like a function.
        function: bool,
    },
    /// A function in code that is given the wrong number of values.
    ScriptArguments {
        /// The function.
        function: String,
        /// How many it takes, as a sentence ends.
        takes: &'static str,
    },
    /// Something that code cannot do here.
    ScriptNotHere {
        /// What is wrong, a sentence.
        what: &'static str,
        /// What to do instead, a sentence.
        instead: &'static str,
    },
    /// Code that is too long or too deep.
    ScriptTooBig {
        /// What there is too much of.
        what: &'static str,
        /// How many may be there.
        limit: usize,
    },
    /// Code without a single step.
    ScriptEmpty,
    /// A loop in code that does not end in time.
    ScriptEndless,
    /// A script that does not end with a list of samples.
    ScriptResult,
    /// Arithmetic without parentheses.
    ArithmeticOutside {
        /// The same in parentheses.
        better: String,
    },
    /// A running node gave a value that is not finite.
    NotFinite {
        /// The node.
        node: String,
    },
    /// The running program took longer than real time.
    Overload,

    /// A name is defined twice.
    DuplicateChain {
        /// The name.
        name: String,
    },
    /// A silent chain that nothing audible reads.
    UnusedChain {
        /// The name.
        name: String,
        /// Whether another chain reads it that is not heard either.
        read: bool,
    },
    /// A program without audible chain.
    NothingAudible {
        /// The first chain's name.
        name: String,
        /// The same name without `~`.
        better: Option<String>,
    },
    /// Nothing in the program can be heard.
    Silent {
        /// Whether it is a constant, and not a gain of 0.
        constant: bool,
    },
    /// An oscillator with a signal before it and a frequency of its own.
    FrequencyTwice {
        /// The oscillator.
        node: String,
    },
    /// A parameter that its node's body does not read.
    UnusedParameter {
        /// The parameter.
        param: String,
        /// The node.
        name: String,
    },
    /// A number outside the argument's range.
    Clamped {
        /// The argument.
        arg: String,
        /// Its range with unit.
        range: String,
        /// The number that is used.
        used: String,
    },
    /// A signal runs into a node that takes none.
    InputIgnored {
        /// The node.
        node: String,
        /// Whether the node is a sequencer.
        sequencer: bool,
    },
    /// A speed that no sequencer follows.
    SpeedWithoutSequencer {
        /// The node.
        node: String,
    },
    /// A source is listed twice.
    DuplicateSource {
        /// Its name.
        name: String,
    },
    /// `~t..` names several chains where one is read.
    SeveralMatches {
        /// As written.
        prefix: String,
        /// The chain that is read.
        taken: String,
    },
    /// A delay in a feedback loop is too short.
    ShortDelayInLoop {
        /// The shortest possible delay.
        frames: usize,
    },

    /// No sample has this name.
    UnknownSample {
        /// The name.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A sample that cannot be used.
    SampleUnusable {
        /// Its name.
        name: String,
        /// Its reason, a sentence.
        reason: String,
    },
    /// An entry of a pattern that lies beyond its length.
    NeverPlays {
        /// Length of the pattern in bars.
        bars: String,
    },
    /// Triggers of a pattern that come sooner after others than they may.
    TriggersTooClose {
        /// The node.
        node: String,
    },
    /// A number that is allowed but hardly meant.
    Unlikely {
        /// The argument.
        arg: String,
        /// What it does and what was probably meant, in sentences.
        hint: &'static str,
    },
    /// What everyone should know who uses a node.
    Caution {
        /// One or two sentences.
        text: &'static str,
    },

    /// A knob that does not stand first in a chain of its own.
    KnobPlace,
    /// Two knobs of one name.
    KnobTwice {
        /// The name.
        name: String,
    },
    /// A knob whose range is empty.
    KnobRange {
        /// The same numbers in their order; `None` if they are equal.
        better: Option<String>,
    },
    /// A logarithmic knob over 0 or below.
    KnobCurve,
    /// More knobs than slots.
    TooManyKnobs {
        /// How many there may be.
        limit: usize,
    },
    /// A knob that goes straight to the output.
    KnobAudible {
        /// The chain's name.
        name: String,
    },
    /// A knob's range is another one than before.
    KnobReshaped {
        /// The knob's name.
        name: String,
    },

    /// A feedback loop without delay.
    FeedbackLine {
        /// The reference that is delayed.
        name: String,
        /// By how many frames.
        frames: usize,
    },
    /// A command to set the tempo or the seed in `##…#`.
    HostCommand,
    /// Problems that are not listed.
    More {
        /// How many.
        count: usize,
    },
}

/// The signal that a node needs before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Any.
    Signal,
    /// Triggers.
    Triggers,
    /// That of a voice.
    Voice,
}

/// What is wrong with a sign in a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteSign {
    /// No count, or none that is possible, after `*`, `!` or `@`.
    Count {
        /// The sign.
        sign: char,
    },
    /// No chance after `?`.
    Chance,
    /// Groups inside each other.
    Depth {
        /// How many may be.
        limit: usize,
    },
}
