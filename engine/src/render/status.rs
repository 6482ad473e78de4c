//! The renderer's snapshot for editors: one small `Copy` struct, published once per callback.

use crate::text::Span;

/// What is heard, as of the last callback.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    /// Callbacks so far; 0 means that no audio ran yet.
    pub callbacks: u64,
    /// Frames since reset.
    pub frame: u64,
    /// Frames per second.
    pub sample_rate: f64,
    /// Whether the host plays.
    pub playing: bool,
    /// Whether the song runs by itself while the host stands.
    pub free_running: bool,
    /// Song position in quarter notes.
    pub beats: f64,
    /// Tempo.
    pub tempo_bpm: f64,
    /// Number of the program that plays, from 0.
    pub program: u8,
    /// Number of the program that waits for its grid line.
    pub waiting_program: Option<u8>,
    /// Beat on which that program begins.
    pub change_beat: f64,
    /// Revision of the program that sounds; 0 = none.
    pub sounding_revision: u64,
    /// Revision of the program that waits for its launch point; 0 = none.
    pub waiting_revision: u64,
    /// Beat on which the waiting program starts.
    pub launch_beat: f64,
    /// Frame of that, counted since reset.
    pub launch_frame: u64,
    /// Beats until then; in a loop the way to it may lead over the loop's end.
    pub launch_in_beats: f64,
    /// Peak of the output since the last snapshot the reader took, left and right, linear.
    pub output_peak: [f32; 2],
    /// Peak of the input, like `output_peak`.
    pub input_peak: [f32; 2],
    /// Whether the program rests, because nothing comes in and nothing can be heard of it.
    pub asleep: bool,
    /// Share of the block's time spent computing, smoothed; 0 where no clock is set.
    pub load: f32,
    /// What the guard does.
    pub guard: GuardStatus,
    /// The newest fault of the sounding program, if any.
    pub fault: Option<Fault>,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            callbacks: 0,
            frame: 0,
            sample_rate: 48_000.0,
            playing: false,
            free_running: false,
            beats: 0.0,
            tempo_bpm: 120.0,
            program: 0,
            waiting_program: None,
            change_beat: 0.0,
            sounding_revision: 0,
            waiting_revision: 0,
            launch_beat: 0.0,
            launch_frame: 0,
            launch_in_beats: 0.0,
            output_peak: [0.0; 2],
            input_peak: [0.0; 2],
            asleep: false,
            load: 0.0,
            guard: GuardStatus::default(),
            fault: None,
        }
    }
}

/// What the guard does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardStatus {
    /// Gain of the ceiling now: 1.0 = untouched.
    pub gain: f32,
    /// Frames whose level the ceiling lowered, since reset.
    pub limited_frames: u64,
    /// Whether the DC blocker is in the path.
    pub dc_blocked: bool,
    /// Whether the program was too heavy and the one before it was called back.
    pub overloaded: bool,
    /// Whether the engine stopped after an internal error; it passes the dry input or silence.
    pub halted: bool,
}

impl Default for GuardStatus {
    fn default() -> Self {
        Self {
            gain: 1.0,
            limited_frames: 0,
            dc_blocked: false,
            overloaded: false,
            halted: false,
        }
    }
}

/// Something that went wrong in a running node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fault {
    /// What went wrong.
    pub kind: FaultKind,
    /// Place in the text of `revision`.
    pub span: Span,
    /// Program whose text the span refers to.
    pub revision: u64,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A node gave a value that is not finite; its chain is muted until the next evaluation.
    NotFinite,
    /// The program took longer than real time; the span is its costliest statement.
    Overload,
}
