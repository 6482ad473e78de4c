//! What a user can do in the window.

use engine::Launch;

use crate::params::FreeRunChoice;

use super::theme::ThemeName;

/// The launch points of the menu.
pub const LAUNCH_POINTS: [(Launch, &str); 6] = [
    (Launch::Now, "At once"),
    (Launch::Beat, "Next beat"),
    (Launch::Bars(1), "Next bar"),
    (Launch::Bars(2), "2 bars"),
    (Launch::Bars(4), "4 bars"),
    (Launch::Bars(8), "8 bars"),
];

/// A part of a gesture at a knob.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turn {
    /// The hand takes it.
    Begin,
    /// It is turned to this normalised value.
    To(f32),
    /// The hand leaves it.
    End,
}

/// What a user did.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Changed the text.
    Edited,
    /// Wants the text to sound at the launch point.
    Apply,
    /// Wants the text to sound at once.
    ApplyNow,
    /// Takes a waiting program back.
    Cancel,
    /// Chose a program to be shown and heard.
    PlayProgram(usize),
    /// Chose a program to be shown only.
    ShowProgram(usize),
    /// Chose a launch point.
    SetLaunch(Launch),
    /// Wants the caret at a byte of the text, and the keyboard.
    GoTo(usize),
    /// Wants the fix of a shown problem.
    ApplyFix(usize),
    /// Wants the fix of the caret's line, or else the next problem.
    FixHere,
    /// Comments the selected lines out or in.
    ToggleComment,
    /// Makes the code larger (1) or smaller (-1).
    CodeSize(i32),
    /// Sets the code to its normal size.
    ResetCodeSize,
    /// Chose a theme.
    SetTheme(ThemeName),
    /// Shows or hides the problem list.
    ToggleProblemList,
    /// Switches flash and countdown off or on.
    ToggleLessMotion,
    /// Forgets the highest level of the meter.
    ResetPeak,
    /// Chose when the song may run by itself while the host stands.
    SetFreeRun(FreeRunChoice),
    /// Lets the song run by itself, or stand again.
    SetFreeRunning(bool),
    /// Switches the guard on or off.
    SetGuard(bool),
    /// Ends every note and tail.
    Panic,
    /// Turns a knob of the program.
    TurnKnob {
        /// Slot of the bank.
        slot: usize,
        /// Which part of the gesture.
        turn: Turn,
    },
    /// Wants these words where the caret is.
    Insert(String),
    /// Chose a sample folder; `None` is the shared one.
    SetSampleFolder(Option<String>),
    /// Wants the sample folder to be read again.
    RescanSamples,
}
