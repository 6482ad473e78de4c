//! Every text that tells of a problem.
//!
//! A message says what is wrong in the user's words; the help says what to do. Both are plain
//! sentences of at most a dozen words.

use super::diagnostic::{Diagnostic, Fix, Help, Label};
use super::kinds::{NoteSign, Problem, Wanted};
use crate::text::Span;

/// Texts of labels, which point at a second place.
pub mod label {
    /// At the definition that counts.
    pub const LATER_DEFINITION: &str = "this later definition counts";
    /// At a source's first mention.
    pub const FIRST_MENTION: &str = "it is already here";
    /// At the definition of a chain.
    pub const DEFINED_HERE: &str = "it is defined here";
    /// At the `poly` before a node of voices.
    pub const SUMMED_HERE: &str = "this sums them";
}

use Problem as P;

impl Problem {
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
            P::UnknownToken { text } if text.starts_with("```") => {
                "Three backticks mean nothing here.".into()
            }
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
            P::NodeNotYet { name } => format!("The node `{name}` is not in this version yet."),
            P::NoSuchNumber { first, last, .. } => {
                format!("Controllers are called `{first}` to `{last}`.")
            }
            P::NotSentToEffects { name } => {
                format!("An effect gets notes only. `{name}` never moves here.")
            }
            P::OldNode { name, .. } => format!("No node is called `{name}`."),
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
            P::WrongKind {
                node, arg, wanted, ..
            } => {
                format!("The {arg} of `{node}` must be {wanted}.")
            }
            P::BeyondLimit { arg, range, .. } => format!("The {arg} must lie {range}."),
            P::NumberTooLarge => "This number is too large.".into(),
            P::NotWhole { node } => format!("`{node}` takes whole numbers only."),
            P::BadNote { text, .. } => format!("`{text}` is not a note."),
            P::BadNoteSign { sign } => match sign {
                NoteSign::Count { sign } => {
                    format!("`{sign}` needs a whole number from 1 to 4096 after it.")
                }
                NoteSign::Chance => "A chance lies between 0 and 1.".into(),
                NoteSign::Depth { limit } => {
                    format!("At most {limit} groups may stand inside each other.")
                }
            },
            P::NoteOutOfRange { text } => format!("`{text}` is far outside the notes 0 to 127."),
            P::LongNoteReference { text } => {
                format!("In a pattern, a reference has one letter. `{text}` has more.")
            }
            P::TooManySteps { steps, limit } => {
                format!("The pattern has {steps} steps. At most {limit} are allowed.")
            }
            P::NamedArgument { .. } => "Arguments are written without names.".into(),
            P::NeedlessWord { word } => format!("`{word}` is not needed here."),
            P::NameOfTwoWords { .. } => "A chain's name is one word.".into(),
            P::NoSuchNode { name, .. } => format!("No node is called `{name}`."),
            P::MissingArrow { node, .. } => format!("`{node}` is a node. Nothing joins it."),
            P::LooseUnit { unit } => format!("`{unit}` is not needed. Numbers have no units."),
            P::CurlyQuotes { .. } => "Curly quotes hold no pattern.".into(),
            P::BracesAroundChain { .. } => "A chain stands without braces.".into(),
            P::ConstantTrigger { node } => {
                format!("`{node}` waits for triggers. A constant gives at most one.")
            }
            P::BarePattern { node } => format!("`{node}` alone only clicks. Nothing plays it."),
            P::DecimalComma { .. } => "A comma separates two numbers here.".into(),
            P::Silent { constant: true } => {
                "This program is silent. A constant cannot be heard.".into()
            }
            P::Silent { constant: false } => {
                "This program is silent. This lets nothing pass.".into()
            }
            P::FrequencyTwice { node } => {
                format!("The signal before `{node}` is its frequency. This number is ignored.")
            }
            P::NeedsInput { node, .. } => format!("`{node}` needs a signal before it."),
            P::SourceAfterLink { name, .. } => {
                format!("`{name}` starts with a source. It takes no signal.")
            }
            P::ContainsItself { name, way: None } => format!("`{name}` contains itself."),
            P::ContainsItself {
                name,
                way: Some(way),
            } => {
                format!("`{name}` contains itself: {way}.")
            }
            P::NestedTooDeep { limit } => {
                format!("Nodes of your own stand inside each other at most {limit} deep.")
            }
            P::UserNodeAsValue {
                name, effect: true, ..
            } => {
                format!("`{name}` is an effect. By itself it is no signal.")
            }
            P::UserNodeAsValue {
                name,
                effect: false,
                ..
            } => format!("`{name}` is a node with parameters. By itself it is no signal."),
            P::ParameterTwice { name } => format!("The parameter `{name}` is named twice."),
            P::UnusedParameter { param, name } => {
                format!("`{name}` does not use its parameter `{param}`.")
            }
            P::TooManyNodes { limit } => format!("A program has at most {limit} nodes."),
            P::TooManyVoiceNodes { nodes, limit } => {
                format!("All voices together have {nodes} nodes. At most {limit} are allowed.")
            }
            P::TooManyReferences { limit } => format!("A program has at most {limit} references."),
            P::TooMuchMemory {
                needs_mib,
                limit_mib,
            } => {
                format!("The program needs {needs_mib} MiB. At most {limit_mib} are allowed.")
            }
            P::PolyWithoutVoices { summed: false } => {
                "Nothing before this `poly` belongs to a key.".into()
            }
            P::PolyWithoutVoices { summed: true } => {
                "All keys are already summed before this `poly`.".into()
            }
            P::VoiceAfterPoly { node } => {
                format!("`{node}` belongs to one key. Here all keys are already summed.")
            }
            P::TriggerAsFrequency { trigger, node } => {
                format!("`{trigger}` only clicks. `{node}` needs a frequency.")
            }
            P::NoteAsFrequency { name, .. } => {
                format!("`{name}` counts keys. A frequency is wanted here.")
            }
            P::NumberLeftOut { node, arg, .. } => {
                format!("The {arg} of `{node}` come before this word.")
            }
            P::PolyMode { mode, voices } => {
                format!("`{mode}` is for one voice. Here are {voices}.")
            }
            P::EffectInVoices { node } => {
                format!("Each key has a `{node}` of its own. That costs much.")
            }
            P::NotBuilt { node, reason } => format!("`{node}` cannot be built. {reason}"),
            P::UnknownChoice { arg, words, .. } => format!("The {arg} must be {words}."),
            P::PatternWithoutSpan => "This pattern does not say how long it is.".into(),
            P::NoSpan => "A length must be above 0.".into(),
            P::Empty { what } => format!("This {what} is empty."),
            P::PatternValue { wanted, .. } => format!("This pattern holds {wanted}."),
            P::TooManyEvents { count, limit } => {
                format!("It has {count} entries. At most {limit} are allowed.")
            }
            P::ArrangementPairs => "References and bars must take turns.".into(),
            P::UnknownSample { name, .. } => format!("No sample is called `{name}`. It is silent."),
            P::SampleUnusable { name, reason } => {
                format!("The sample `{name}` is silent. {reason}")
            }
            P::NeverPlays { bars } if bars == "1" => {
                "This never plays. The pattern ends after one bar.".into()
            }
            P::NeverPlays { bars } => {
                format!("This never plays. The pattern ends after {bars} bars.")
            }
            P::TriggersTooClose { node } => format!(
                "At 120 beats per minute this `{node}` is too fast. Triggers lie at least 8 samples \
                 apart."
            ),
            P::Unlikely { arg, hint } => format!("Is this {arg} meant? {hint}"),
            P::Caution { text } => (*text).to_owned(),
            P::ScriptSign { found, .. } if found.is_empty() => "Something is missing here.".into(),
            P::ScriptSign { found, .. } => format!("`{found}` cannot stand here."),
            P::ScriptName {
                name,
                function: true,
                ..
            } => format!("No function is called `{name}`."),
            P::ScriptName { name, .. } => format!("Nothing is called `{name}` here."),
            P::ScriptArguments { function, takes } => format!("`{function}` takes {takes}."),
            P::ScriptNotHere { what, .. } => (*what).to_owned(),
            P::ScriptTooBig { what, limit } => {
                format!("This code is too big. It may have {limit} {what}.")
            }
            P::ScriptEmpty => "This code is empty.".into(),
            P::ScriptEndless => "This loop does not end in time.".into(),
            P::ScriptResult => "This script gives no list of samples.".into(),
            P::ArithmeticOutside { .. } => "Arithmetic needs parentheses around it.".into(),
            P::NotFinite { node } => {
                format!("`{node}` gave a value without limit. Its chain is muted.")
            }
            P::Overload => "The program is too heavy for this machine.".into(),
            P::KnobPlace => "A knob stands first in a chain of its own.".into(),
            P::KnobTwice { name } => format!("Two knobs are called `{name}`."),
            P::KnobRange { .. } => "A knob's minimum must lie below its maximum.".into(),
            P::KnobCurve => "`log` needs a minimum above 0.".into(),
            P::TooManyKnobs { limit } => {
                format!("The host has {limit} knobs. This one is too many.")
            }
            P::KnobAudible { name } => {
                format!("The value of the knob `{name}` goes to the output.")
            }
            P::KnobReshaped { name } => {
                format!("The range of `{name}` changed. Its automation now gives other values.")
            }
            P::DuplicateChain { name } => format!("`{name}` is defined again further down."),
            P::UnusedChain { name, read: false } => format!("Nothing uses `{name}`."),
            P::UnusedChain { name, read: true } => format!("Nothing audible uses `{name}`."),
            P::NothingAudible { .. } => {
                "This program is silent. Every chain's name begins with `~`.".into()
            }
            P::Clamped { arg, range, .. } => format!("The {arg} should lie {range}."),
            P::InputIgnored {
                node,
                sequencer: false,
            } => {
                format!("`{node}` ignores the signal before it.")
            }
            P::InputIgnored {
                node,
                sequencer: true,
            } => {
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
            P::HostCommand => "The host sets this. The command does nothing here.".into(),
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
            P::Unclosed { close, .. } => say(&format!(
                "Add the closing {} where it ends.",
                sign_name(*close)
            )),
            P::UnknownToken { .. } => Some(("Take it away.".to_owned(), Some(String::new()))),
            P::Parentheses { inside } => {
                let inside = inside.trim();
                Some((
                    format!("Write `{inside}` with a space before it."),
                    Some(format!(" {inside}")),
                ))
            }
            P::CommentSign { .. } => say("Begin every comment line with `//`."),
            P::HostScript => say("Only arithmetic runs here, such as `##400 / 120#`."),
            P::BadNumber { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Write it like `440`, `0.5` or `-1.5e3`."), replace),
            P::BadWord { better, .. } => better
                .as_deref()
                .map_or_else(|| say("Names have small letters, digits and `_`."), replace),
            P::BadSymbol { .. } => {
                say("Write it like `\\kick`, with letters, digits, `-` and `_`.")
            }
            P::BadPattern => say("Write it like `\"60@0 72@0.5\"(1)`."),
            P::BadPoints => say("Write it like `[0=>0 1/4=>1 1/2=>0]`."),
            P::ContinuedArguments => say("Put them on the line of their node."),
            P::UnknownNode { nearest, .. } | P::UnknownReference { nearest, .. } => {
                match (nearest.as_deref(), self) {
                    (Some(name), _) => Some((format!("Use `{name}`?"), Some(name.to_owned()))),
                    (None, P::UnknownReference { name, .. }) => {
                        say(&format!("Define it in a line that begins `{name}:`."))
                    }
                    (None, _) => say("Look the nodes up in the reference."),
                }
            }
            P::NodeNotYet { .. } => say("Leave it out for now."),
            P::NoSuchNumber { better, .. } => Some((
                format!("Write the number after the name, such as `{better}`."),
                Some((*better).to_owned()),
            )),
            P::NotSentToEffects { .. } => say("Load Glisten as an instrument to use it."),
            P::OldNode {
                today,
                same_args: true,
                ..
            } => Some((format!("Use `{today}`."), Some(today.clone()))),
            P::OldNode {
                today,
                same_args: false,
                ..
            } => say(&format!("Use `{today}`.")),
            P::CannotRedefine { better, .. } => Some((
                format!("Use another name, such as `{better}`."),
                Some(better.clone()),
            )),
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
            P::WrongKind { range, node, .. } => say(&match range {
                Some(range) => format!("Numbers lie {range}."),
                None => format!("The reference shows examples of `{node}`."),
            }),
            P::BeyondLimit { nearest, .. } => replace(nearest),
            P::NumberTooLarge => say("Use a number below 1e38."),
            P::NotWhole { .. } => say("Write numbers without a fraction."),
            P::BadNote { better, .. } => better.as_deref().map_or_else(
                || say("Write notes like `60` or `c4`, `_` for rests, or `~a`."),
                replace,
            ),
            P::BadNoteSign { sign } => match sign {
                NoteSign::Count { sign } => say(&format!("Write it like `60{sign}3`.")),
                NoteSign::Chance => say("Write `60?` or `60?0.3`, with a space after it."),
                NoteSign::Depth { .. } => say("Take some of the brackets away."),
            },
            P::NoteOutOfRange { .. } => say("Separate two notes by a space or `_`."),
            P::LongNoteReference { .. } => say("Give that chain a name of one letter."),
            P::TooManySteps { .. } => say("Split the pattern into several chains."),
            P::NamedArgument { value } => replace(value),
            P::NeedlessWord { .. } => Some(("Leave it out.".to_owned(), Some(String::new()))),
            P::NameOfTwoWords { better } => replace(better),
            P::NoSuchNode { advice, .. } => say(advice),
            P::MissingArrow { node, sum: false } => say(&format!("Write `>> {node}`.")),
            P::MissingArrow { sum: true, .. } => {
                say("Put each source into a chain and add them with `mix`.")
            }
            P::LooseUnit { .. } => Some(("Leave it out.".to_owned(), Some(String::new()))),
            P::CurlyQuotes { better } => replace(better),
            P::BracesAroundChain { inside } => replace(inside),
            P::ConstantTrigger { .. } => {
                say("Put triggers before it, such as `seq 60 _ >>` or `imp 2 >>`.")
            }
            P::BarePattern { .. } => say("Put an instrument after it, such as `>> bd 0.2`."),
            P::DecimalComma { number } => replace(number),
            P::Silent { constant: true } => say("Use it as an argument, or begin with a source."),
            P::Silent { constant: false } => say("Use a number above 0, such as `0.5`."),
            P::FrequencyTwice { .. } => Some(("Leave one out.".to_owned(), Some(String::new()))),
            P::NeedsInput {
                source: Some(source),
                ..
            } => say(&format!(
                "Put `{source}` first: a chain begins with its source."
            )),
            P::NeedsInput {
                wanted: Wanted::Triggers,
                ..
            } => say("Put triggers before it, such as `seq 60 _ >>` or `imp 2 >>`."),
            P::NeedsInput {
                wanted: Wanted::Voice,
                ..
            } => say("Put the sound of a key before it, such as `saw ~freq >>`."),
            P::NeedsInput {
                wanted: Wanted::Signal,
                ..
            } => say("Put a source before it, such as `~input >>`."),
            P::SourceAfterLink {
                reference: false, ..
            } => say("Begin another chain with it."),
            P::SourceAfterLink {
                name,
                reference: true,
            } => Some((
                format!("Use `mix {name}` to add it."),
                Some(format!("mix {name}")),
            )),
            P::ContainsItself { .. } => say("Take one of these uses out."),
            P::NestedTooDeep { .. } => say("Write some of them out."),
            P::UserNodeAsValue {
                usage,
                effect: true,
                ..
            } => say(&format!("Put it after a source: `~input >> {usage}`.")),
            P::UserNodeAsValue {
                usage,
                effect: false,
                ..
            } => say(&format!("Define a chain `~x: {usage}` and use `~x`.")),
            P::ParameterTwice { .. } => say("Give each parameter a name of its own."),
            P::UnusedParameter { .. } => say("Use it in the chain, or take it away."),
            P::TooManyNodes { .. } => say("Split the program, or shorten its chains."),
            P::TooManyVoiceNodes { .. } => say("Use fewer voices, or shorten their chains."),
            P::TooManyReferences { .. } => say("Use fewer names that end in `..`."),
            P::TooMuchMemory { .. } => say("Use shorter or fewer delays."),
            P::PolyWithoutVoices { summed: false } => {
                say("Use `~freq`, `~gate` or `midi` before it.")
            }
            P::PolyWithoutVoices { summed: true } => say("Take one of the two away."),
            P::VoiceAfterPoly { .. } => say("Put `poly` after everything that belongs to a key."),
            P::TriggerAsFrequency { node, .. } => replace(&format!("{node} ~freq")),
            P::NoteAsFrequency { frequency, .. } => replace(frequency),
            P::NumberLeftOut { better, .. } => replace(better),
            P::PolyMode { mode, .. } => say(&format!("Write `poly 1 {mode}`.")),
            P::EffectInVoices { .. } => say("Put `poly 8 >>` before it, so that all share one."),
            P::NotBuilt { .. } => say("Change its arguments."),
            P::UnknownChoice { nearest, .. } => nearest.as_deref().and_then(replace),
            P::PatternWithoutSpan => say("Write its length in bars after it, such as `(1)`."),
            P::NoSpan => say("Give it in bars, such as 1 or 0.5."),
            P::Empty { .. } => say("Write at least one entry."),
            P::PatternValue { entry, .. } => say(&format!("Write each entry as {entry}.")),
            P::TooManyEvents { .. } => say("Split it into several."),
            P::ArrangementPairs => say("Write it like `arrange ~verse 4 ~chorus 2`."),
            P::UnknownSample { nearest, .. } => nearest.as_deref().map_or_else(
                || say("Put a sound file of that name into the sample folder."),
                |name| replace(&format!("\\{name}")),
            ),
            P::SampleUnusable { .. } => say("Replace the file, or use another sample."),
            P::NeverPlays { .. } => say("Move it to an earlier time, or lengthen the pattern."),
            P::TriggersTooClose { .. } => say("Use a lower speed."),
            P::Unlikely { .. } => say("Leave it if it is meant."),
            P::Caution { .. } => None,
            P::ScriptSign { wanted, .. } => say(&format!("Here stands {wanted}.")),
            P::ScriptName {
                nearest: Some(name),
                ..
            } => Some((format!("Use `{name}`?"), Some(name.clone()))),
            P::ScriptName { function: true, .. } => say("Look the functions up in the reference."),
            P::ScriptName { .. } => say("Set it to a value first."),
            P::ScriptArguments { .. } => None,
            P::ScriptNotHere { instead, .. } => say(instead),
            P::ScriptTooBig { .. } => say("Split it into several chains."),
            P::ScriptEmpty => say("Write what it computes."),
            P::ScriptEndless => say("Count to 128, or leave the loop with `break`."),
            P::ScriptResult => say("End it with `output`."),
            P::ArithmeticOutside { better } => replace(better),
            P::NotFinite { .. } => say("Lower its gain or feedback, then run again."),
            P::Overload => say("Take nodes away here, then run again."),
            P::KnobPlace => say("Write `~name: knob 0.5 0 1`, and use `~name` here."),
            P::KnobTwice { .. } => say("Give one of the two another name."),
            P::KnobRange { better } => better
                .as_deref()
                .map_or_else(|| say("Make the maximum larger."), replace),
            P::KnobCurve => replace("lin"),
            P::TooManyKnobs { .. } => say("Take a knob out, or write its value as a number."),
            P::KnobAudible { .. } => say("Begin its name with `~`, here and where it is used."),
            P::KnobReshaped { .. } => say("The value itself stays where it is."),
            P::DuplicateChain { .. } => say("Give one of the two another name."),
            P::UnusedChain { name, .. } => say(&format!(
                "Use `{name}` in an audible chain, or take it away."
            )),
            P::NothingAudible { better, .. } => better.as_deref().map_or_else(
                || say("Name one chain without `~`."),
                |name| {
                    Some((
                        format!("Call it `{name}` to hear it."),
                        Some(name.to_owned()),
                    ))
                },
            ),
            P::Clamped { used, .. } => {
                Some((format!("It counts as `{used}`."), Some(used.clone())))
            }
            P::InputIgnored {
                sequencer: false, ..
            } => say("Begin the chain with this node."),
            P::InputIgnored {
                sequencer: true, ..
            } => say("Only a speed may stand before it."),
            P::SpeedWithoutSequencer { .. } => say("Put `>> seq` and notes right after it."),
            P::DuplicateSource { .. } => say("Name it once. Use `mul 2` to make it louder."),
            P::SeveralMatches { prefix, .. } => {
                say(&format!("Add them up in a chain with `mix {prefix}`."))
            }
            P::ShortDelayInLoop { .. } => say("Use a longer delay."),
            P::FeedbackLine { .. } => say("Put a delay into the loop to choose its time."),
            P::HostCommand => Some(("Take it away.".to_owned(), Some(String::new()))),
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
        self.labels.push(Label {
            span,
            text: text.to_owned(),
        });
        self
    }

    /// Says which change of the text carries the help out.
    #[must_use]
    pub fn with_fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        if let Some(help) = &mut self.help {
            help.fix = Some(Fix {
                span,
                replacement: replacement.into(),
            });
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
