//! Every problem a program can have, and every text that tells of one.
//!
//! A message says what is wrong in the user's words; the help says what to do. Both are plain
//! sentences of at most a dozen words. Codes are never re-used for another problem.

use super::diagnostic::{Code, Diagnostic, Fix, Help, Label, Severity};
use crate::text::Span;

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
        /// A node that helps meanwhile.
        instead: Option<&'static str>,
    },
    /// A built-in reference of the plans that this version lacks.
    ReferenceNotYet {
        /// The name.
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
    /// Syntax that this version only recognises.
    SyntaxNotYet {
        /// What it is, in the plural: `patterns in quotes`.
        what: &'static str,
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
    },
    /// A source stands after `>>`.
    SourceAfterLink {
        /// Its name.
        name: String,
        /// Whether it is a reference, not a node.
        reference: bool,
    },
    /// A chain is used as an effect (R4.10).
    EffectNotYet {
        /// Its name.
        name: String,
    },
    /// More nodes than a program may have.
    TooManyNodes {
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
    /// A node's constructor refused.
    NotBuilt {
        /// The node.
        node: String,
        /// Its reason, a sentence.
        reason: String,
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

    /// A feedback loop without delay.
    FeedbackLine {
        /// The reference that is delayed.
        name: String,
        /// By how many frames.
        frames: usize,
    },
    /// Problems that are not listed.
    More {
        /// How many.
        count: usize,
    },
}

/// Texts of labels, which point at a second place.
pub mod label {
    /// At the definition that counts.
    pub const LATER_DEFINITION: &str = "this later definition counts";
    /// At a source's first mention.
    pub const FIRST_MENTION: &str = "it is already here";
    /// At the definition of a chain.
    pub const DEFINED_HERE: &str = "it is defined here";
}

use Problem as P;

impl Problem {
    /// Every code with the kind of problem in a few words, in order.
    pub const CODES: &[(&str, &str)] = &[
        ("E001", "text too long"),
        ("E002", "text outside chains"),
        ("E003", "missing colon"),
        ("E004", "missing name"),
        ("E005", "wrong sign after a name"),
        ("E006", "malformed name"),
        ("E007", "missing node"),
        ("E008", "chain begins on the next line"),
        ("E009", "wrong arrow"),
        ("E010", "nothing before an arrow"),
        ("E011", "unclosed bracket or quote"),
        ("E012", "signs without meaning"),
        ("E013", "parentheses"),
        ("E014", "wrong comment sign"),
        ("E015", "embedded JavaScript"),
        ("E016", "malformed number"),
        ("E017", "malformed word"),
        ("E018", "malformed symbol"),
        ("E019", "malformed pattern"),
        ("E020", "malformed envelope"),
        ("E021", "arguments on a new line"),
        ("E030", "unknown node"),
        ("E031", "unknown reference"),
        ("E032", "node not in this version"),
        ("E033", "reference not in this version"),
        ("E034", "old name of a node"),
        ("E035", "syntax not in this version"),
        ("E036", "name belongs to the engine"),
        ("E037", "no chain matches"),
        ("E038", "literal in place of a node"),
        ("E039", "node in place of a value"),
        ("E040", "missing argument"),
        ("E041", "too many arguments"),
        ("E042", "wrong kind of argument"),
        ("E043", "number beyond a limit"),
        ("E044", "number too large"),
        ("E045", "not a whole number"),
        ("E046", "malformed note"),
        ("E047", "note out of range"),
        ("E048", "long reference in a pattern"),
        ("E049", "too many steps"),
        ("E050", "named argument"),
        ("E060", "missing input"),
        ("E061", "source after an arrow"),
        ("E062", "effect by reference"),
        ("E063", "too many nodes"),
        ("E064", "too many references"),
        ("E065", "too much memory"),
        ("E066", "node cannot be built"),
        ("E070", "value not finite"),
        ("E071", "overload"),
        ("W101", "name defined twice"),
        ("W102", "unused chain"),
        ("W103", "nothing audible"),
        ("W104", "number outside its range"),
        ("W105", "ignored input"),
        ("W106", "speed without pattern"),
        ("W107", "source listed twice"),
        ("W108", "several chains match"),
        ("W109", "short delay in a loop"),
        ("N201", "feedback without delay"),
        ("N202", "problems not listed"),
    ];

    /// Its stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code(match self {
            P::TextTooLong { .. } => "E001",
            P::StrayText => "E002",
            P::MissingColon { .. } => "E003",
            P::MissingName => "E004",
            P::WrongSeparator { .. } => "E005",
            P::BadName { .. } => "E006",
            P::MissingNode { .. } => "E007",
            P::LooseStart { .. } => "E008",
            P::WrongLink { .. } => "E009",
            P::NothingBeforeLink => "E010",
            P::Unclosed { .. } => "E011",
            P::UnknownToken { .. } => "E012",
            P::Parentheses { .. } => "E013",
            P::CommentSign { .. } => "E014",
            P::HostScript => "E015",
            P::BadNumber { .. } => "E016",
            P::BadWord { .. } => "E017",
            P::BadSymbol { .. } => "E018",
            P::BadPattern => "E019",
            P::BadPoints => "E020",
            P::ContinuedArguments => "E021",
            P::UnknownNode { .. } => "E030",
            P::UnknownReference { .. } => "E031",
            P::NodeNotYet { .. } => "E032",
            P::ReferenceNotYet { .. } => "E033",
            P::OldNode { .. } => "E034",
            P::SyntaxNotYet { .. } => "E035",
            P::CannotRedefine { .. } => "E036",
            P::NoMatch { .. } => "E037",
            P::NotANode { .. } => "E038",
            P::NodeAsArgument { .. } => "E039",
            P::MissingArgument { .. } => "E040",
            P::ExtraArgument { .. } => "E041",
            P::WrongKind { .. } => "E042",
            P::BeyondLimit { .. } => "E043",
            P::NumberTooLarge => "E044",
            P::NotWhole { .. } => "E045",
            P::BadNote { .. } => "E046",
            P::NoteOutOfRange { .. } => "E047",
            P::LongNoteReference { .. } => "E048",
            P::TooManySteps { .. } => "E049",
            P::NamedArgument { .. } => "E050",
            P::NeedsInput { .. } => "E060",
            P::SourceAfterLink { .. } => "E061",
            P::EffectNotYet { .. } => "E062",
            P::TooManyNodes { .. } => "E063",
            P::TooManyReferences { .. } => "E064",
            P::TooMuchMemory { .. } => "E065",
            P::NotBuilt { .. } => "E066",
            P::NotFinite { .. } => "E070",
            P::Overload => "E071",
            P::DuplicateChain { .. } => "W101",
            P::UnusedChain { .. } => "W102",
            P::NothingAudible { .. } => "W103",
            P::Clamped { .. } => "W104",
            P::InputIgnored { .. } => "W105",
            P::SpeedWithoutSequencer { .. } => "W106",
            P::DuplicateSource { .. } => "W107",
            P::SeveralMatches { .. } => "W108",
            P::ShortDelayInLoop { .. } => "W109",
            P::FeedbackLine { .. } => "N201",
            P::More { .. } => "N202",
        })
    }

    /// How serious it is: the first letter of its code says so.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self.code().0.as_bytes() {
            [b'E', ..] => Severity::Error,
            [b'W', ..] => Severity::Warning,
            _ => Severity::Note,
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            P::TextTooLong { bytes, limit } => {
                format!("The program has {bytes} bytes. At most {limit} are read.")
            }
            P::StrayText => "This line belongs to no chain.".into(),
            P::MissingColon { name } => format!("`{name}` lacks a `:` before its chain."),
            P::MissingName => "This chain has no name.".into(),
            P::WrongSeparator { found } => format!("`{found}` does not define a chain."),
            P::BadName { name, .. } => format!("`{name}` cannot be a name."),
            P::MissingNode { after } => format!("No node follows `{after}`."),
            P::LooseStart { name } => format!("The chain of `{name}` begins on another line."),
            P::WrongLink { found } => format!("`{found}` does not join two nodes."),
            P::NothingBeforeLink => "Nothing stands before this `>>`.".into(),
            P::Unclosed { open, .. } => format!("This {} is never closed.", sign_name(*open)),
            P::UnknownToken { text } => format!("`{text}` means nothing here."),
            P::Parentheses { .. } => "Arguments stand without parentheses.".into(),
            P::CommentSign { sign } => format!("`{sign}` does not mark a comment."),
            P::HostScript => "Code between `##` and `#` cannot run here.".into(),
            P::BadNumber { text, .. } => format!("`{text}` is not a number."),
            P::BadWord { text, .. } => format!("`{text}` is neither a name nor a number."),
            P::BadSymbol { text } => format!("`{text}` is not a symbol."),
            P::BadPattern => "This is not a pattern.".into(),
            P::BadPoints => "These brackets hold no envelope.".into(),
            P::ContinuedArguments => "Arguments cannot go on in a new line.".into(),
            P::UnknownNode { name, .. } => format!("No node is called `{name}`."),
            P::UnknownReference { name, .. } => format!("No chain is called `{name}`."),
            P::NodeNotYet { name, .. } => format!("The node `{name}` is not in this version yet."),
            P::ReferenceNotYet { name } => format!("`{name}` is not in this version yet."),
            P::OldNode { name, .. } => format!("No node is called `{name}`."),
            P::SyntaxNotYet { what } => format!("{what} are not in this version yet."),
            P::CannotRedefine { name, .. } => {
                format!("`{name}` is the track's audio. It cannot be redefined.")
            }
            P::NoMatch { prefix } => format!("No other chain's name begins with `{prefix}`."),
            P::NotANode { text, .. } if text.contains('`') => "A script is not a node.".into(),
            P::NotANode { text, .. } => format!("`{text}` is not a node."),
            P::NodeAsArgument { name } => format!("`{name}` is a node. An argument is a value."),
            P::MissingArgument { node, wanted, .. } => format!("`{node}` still needs {wanted}."),
            P::ExtraArgument { node, takes: 0, .. } => format!("`{node}` takes no arguments."),
            P::ExtraArgument { node, takes: 1, .. } => format!("`{node}` takes one argument."),
            P::ExtraArgument { node, takes, .. } => {
                format!("`{node}` takes at most {takes} arguments.")
            }
            P::WrongKind { node, arg, wanted, .. } => {
                format!("The {arg} of `{node}` must be {wanted}.")
            }
            P::BeyondLimit { arg, range, .. } => format!("The {arg} must lie {range}."),
            P::NumberTooLarge => "This number is too large.".into(),
            P::NotWhole { node } => format!("`{node}` takes whole numbers only."),
            P::BadNote { text, .. } => format!("`{text}` is not a note."),
            P::NoteOutOfRange { text } => format!("`{text}` is far outside the notes 0 to 127."),
            P::LongNoteReference { text } => {
                format!("In a pattern, a reference has one letter. `{text}` has more.")
            }
            P::TooManySteps { steps, limit } => {
                format!("The pattern has {steps} steps. At most {limit} are allowed.")
            }
            P::NamedArgument { .. } => "Arguments are written without names.".into(),
            P::NeedsInput { node } => format!("`{node}` needs a signal before it."),
            P::SourceAfterLink { name, .. } => {
                format!("`{name}` starts with a source. It takes no signal.")
            }
            P::EffectNotYet { name } => {
                format!("`{name}` is used as an effect. That is not in this version yet.")
            }
            P::TooManyNodes { limit } => format!("A program has at most {limit} nodes."),
            P::TooManyReferences { limit } => format!("A program has at most {limit} references."),
            P::TooMuchMemory { needs_mib, limit_mib } => {
                format!("The program needs {needs_mib} MiB. At most {limit_mib} are allowed.")
            }
            P::NotBuilt { node, reason } => format!("`{node}` cannot be built. {reason}"),
            P::NotFinite { node } => {
                format!("`{node}` gave a value without limit. Its chain is muted.")
            }
            P::Overload => "The program is too heavy for this machine.".into(),
            P::DuplicateChain { name } => format!("`{name}` is defined again further down."),
            P::UnusedChain { name, read: false } => format!("Nothing uses `{name}`."),
            P::UnusedChain { name, read: true } => format!("Nothing audible uses `{name}`."),
            P::NothingAudible { .. } => {
                "This program is silent. Every chain's name begins with `~`.".into()
            }
            P::Clamped { arg, range, .. } => format!("The {arg} should lie {range}."),
            P::InputIgnored { node, sequencer: false } => {
                format!("`{node}` ignores the signal before it.")
            }
            P::InputIgnored { node, sequencer: true } => {
                format!("`{node}` follows the song. It ignores the signal before it.")
            }
            P::SpeedWithoutSequencer { node } => format!("`{node}` has no pattern right after it."),
            P::DuplicateSource { name } => format!("`{name}` is listed twice but sounds once."),
            P::SeveralMatches { prefix, taken } => {
                format!("`{prefix}` fits several chains. Only `{taken}` is read.")
            }
            P::ShortDelayInLoop { frames } => {
                format!("This delay closes a loop. It lasts at least {frames} frames.")
            }
            P::FeedbackLine { name, frames } => {
                format!("`{name}` feeds back without a delay. It gets one of {frames} frames.")
            }
            P::More { count: 1 } => "One more problem is not listed.".into(),
            P::More { count } => format!("{count} more problems are not listed."),
        }
    }

    /// What to do about it: a sentence, and the text that replaces the marked one if that is all it
    /// takes.
    #[must_use]
    pub fn help(&self) -> Option<(String, Option<String>)> {
        let say = |text: &str| Some((text.to_owned(), None));
        let replace = |text: &str| Some((format!("Write `{text}`."), Some(text.to_owned())));
        match self {
            P::TextTooLong { .. } => say("Split it into several programs."),
            P::StrayText => say("Begin it with a name and `:`, or with `>>`."),
            P::MissingColon { name } => say(&format!("Write `{name}:`.")),
            P::MissingName => say("Name it: write `out:` before it."),
            P::WrongSeparator { .. } => replace(":"),
            P::BadName { better, .. } => better.as_deref().map_or_else(
                || say("Use small letters, digits and `_`, letter first."),
                replace,
            ),
            P::MissingNode { .. } => say("Add a node after it."),
            P::LooseStart { .. } => say("Put the first node on the line of the name."),
            P::WrongLink { .. } => replace(">>"),
            P::NothingBeforeLink => say("Begin the chain with a name and a node."),
            P::Unclosed { close, .. } => {
                say(&format!("Add the closing {} where it ends.", sign_name(*close)))
            }
            P::UnknownToken { .. } => {
                Some(("Take it away.".to_owned(), Some(String::new())))
            }
            P::Parentheses { inside } => {
                let inside = inside.trim();
                Some((format!("Write `{inside}` with a space before it."), Some(format!(" {inside}"))))
            }
            P::CommentSign { .. } => say("Begin every comment line with `//`."),
            P::HostScript => say("Write the number it stands for."),
            P::BadNumber { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Write it like `440`, `0.5` or `-1.5e3`."), replace),
            P::BadWord { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Names have small letters, digits and `_`."), replace),
            P::BadSymbol { .. } => say("Write it like `\\kick`, with letters, digits, `-` and `_`."),
            P::BadPattern => say("Write it like `\"60@0 72@0.5\"(1)`."),
            P::BadPoints => say("Write it like `[0=>0 1/4=>1 1/2=>0]`."),
            P::ContinuedArguments => say("Put them on the line of their node."),
            P::UnknownNode { nearest, .. } | P::UnknownReference { nearest, .. } => {
                match (nearest.as_deref(), self) {
                    (Some(name), _) => {
                        Some((format!("Use `{name}`?"), Some(name.to_owned())))
                    }
                    (None, P::UnknownReference { name, .. }) => {
                        say(&format!("Define it in a line that begins `{name}:`."))
                    }
                    (None, _) => say("Look the nodes up in the reference."),
                }
            }
            P::NodeNotYet { instead: Some(instead), .. } => {
                say(&format!("Use `{instead}` for now."))
            }
            P::NodeNotYet { .. } | P::ReferenceNotYet { .. } | P::SyntaxNotYet { .. } => {
                say("Leave it out for now.")
            }
            P::OldNode { today, same_args: true, .. } => {
                Some((format!("Use `{today}`."), Some(today.clone())))
            }
            P::OldNode { today, same_args: false, .. } => say(&format!("Use `{today}`.")),
            P::CannotRedefine { better, .. } => {
                Some((format!("Use another name, such as `{better}`."), Some(better.clone())))
            }
            P::NoMatch { prefix } => {
                say(&format!("Define chains whose names begin with `{prefix}`."))
            }
            P::NotANode { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Begin with the name of a node."), replace),
            P::NodeAsArgument { name } => {
                say(&format!("Define a chain `~x: {name} …` and use `~x`."))
            }
            P::MissingArgument { usage, .. } => say(&format!("Write `{usage}`.")),
            P::ExtraArgument { takes: 0, .. } => {
                Some(("Take it away.".to_owned(), Some(String::new())))
            }
            P::ExtraArgument { usage, .. } => {
                Some((format!("Write `{usage}`."), Some(String::new())))
            }
            P::WrongKind { range, .. } => {
                range.as_ref().map(|range| (format!("Numbers lie {range}."), None))
            }
            P::BeyondLimit { nearest, .. } => replace(nearest),
            P::NumberTooLarge => say("Use a number below 1e38."),
            P::NotWhole { .. } => say("Write numbers without a fraction."),
            P::BadNote { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Write whole numbers, `_` for rests, or `~a`."), replace),
            P::NoteOutOfRange { .. } => say("Separate two notes by a space or `_`."),
            P::LongNoteReference { .. } => say("Give that chain a name of one letter."),
            P::TooManySteps { .. } => say("Split the pattern into several chains."),
            P::NamedArgument { value } => replace(value),
            P::NeedsInput { .. } => say("Put a source before it, such as `~input >>`."),
            P::SourceAfterLink { reference: false, .. } => say("Begin another chain with it."),
            P::SourceAfterLink { name, reference: true } => {
                Some((format!("Use `mix {name}` to add it."), Some(format!("mix {name}"))))
            }
            P::EffectNotYet { .. } => say("Write its nodes here instead."),
            P::TooManyNodes { .. } => say("Split the program, or shorten its chains."),
            P::TooManyReferences { .. } => say("Use fewer names that end in `..`."),
            P::TooMuchMemory { .. } => say("Use shorter or fewer delays."),
            P::NotBuilt { .. } => say("Change its arguments."),
            P::NotFinite { .. } => say("Lower its gain or feedback, then run again."),
            P::Overload => say("Take nodes away here, then run again."),
            P::DuplicateChain { .. } => say("Give one of the two another name."),
            P::UnusedChain { name, .. } => {
                say(&format!("Read `{name}` in an audible chain, or take it away."))
            }
            P::NothingAudible { better, .. } => better.as_deref().map_or_else(
                || say("Name one chain without `~`."),
                |name| Some((format!("Call it `{name}` to hear it."), Some(name.to_owned()))),
            ),
            P::Clamped { used, .. } => {
                Some((format!("It counts as `{used}`."), Some(used.clone())))
            }
            P::InputIgnored { sequencer: false, .. } => say("Begin the chain with this node."),
            P::InputIgnored { sequencer: true, .. } => say("Only a speed may stand before it."),
            P::SpeedWithoutSequencer { .. } => say("Put `>> seq` and notes right after it."),
            P::DuplicateSource { .. } => say("Name it once. Use `mul 2` to make it louder."),
            P::SeveralMatches { prefix, .. } => {
                say(&format!("Add them up in a chain with `mix {prefix}`."))
            }
            P::ShortDelayInLoop { .. } => say("Use a longer delay."),
            P::FeedbackLine { .. } => say("Put a delay into the loop to choose its time."),
            P::More { .. } => say("Solve the ones above first."),
        }
    }

    /// The diagnostic at a place.
    #[must_use]
    pub fn at(&self, span: Span) -> Diagnostic {
        let help = self.help().map(|(text, replacement)| Help {
            text,
            fix: replacement.map(|replacement| Fix { span, replacement }),
        });
        Diagnostic {
            code: self.code(),
            severity: self.severity(),
            message: self.message(),
            span,
            labels: Vec::new(),
            help,
        }
    }
}

/// A delimiter as a sentence names it.
fn sign_name(sign: char) -> String {
    match sign {
        '`' => "backtick".to_owned(),
        '"' => "quote".to_owned(),
        sign => format!("`{sign}`"),
    }
}

impl Diagnostic {
    /// Adds a second place; the texts stand in [`label`].
    #[must_use]
    pub fn with_label(mut self, span: Span, text: &str) -> Self {
        self.labels.push(Label { span, text: text.to_owned() });
        self
    }

    /// Says which change of the text carries the help out.
    #[must_use]
    pub fn with_fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        if let Some(help) = &mut self.help {
            help.fix = Some(Fix { span, replacement: replacement.into() });
        }
        self
    }

    /// The same diagnostic in a text that begins `bytes` earlier.
    #[must_use]
    pub fn shifted(mut self, bytes: usize) -> Self {
        self.span = self.span.shifted(bytes);
        for label in &mut self.labels {
            label.span = label.span.shifted(bytes);
        }
        if let Some(fix) = self.help.as_mut().and_then(|h| h.fix.as_mut()) {
            fix.span = fix.span.shifted(bytes);
        }
        self
    }
}
