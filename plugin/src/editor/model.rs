//! The editor's state: everything the parts draw, nothing that knows a window or a host.
//!
//! Once per frame the model observes a [`Snapshot`]; the parts draw it and push [`Action`]s. What
//! is the model's own business it does itself ([`EditorModel::perform`]); the rest is handed back
//! to the caller, who owns the session and the host parameters.
//!
//! Thread: GUI.

use std::sync::Arc;

use engine::{FaultKind, Kind, LineColumn, LineIndex, Severity};

use super::action::Action;
use super::code_layout::CodeLayout;
use super::diff::{Change, changed_lines};
use super::highlight::Highlighter;
use super::knob_strip::StripState;
use super::meter::MeterState;
use super::metrics::{CODE_SIZES, DEFAULT_CODE_SIZE};
use super::problems::ProblemBoard;
use super::programs::Programs;
use super::snapshot::Snapshot;
use super::theme::{Theme, ThemeName};

/// The text rests this long before new problems appear.
const SETTLE_S: f64 = 0.3;
/// Length of the flash of lines that start to sound.
const FLASH_S: f64 = 0.4;
/// With less motion the edit mark of such lines stays filled this long instead.
const CALM_MARK_S: f64 = 2.0;
/// Audio counts as stopped when no callback came for this long.
const AUDIO_TIMEOUT_S: f64 = 0.5;
/// The ceiling of the meter stays red this long after the guard acted.
const GUARD_SHOWN_S: f64 = 1.0;

/// What the Apply button says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ApplyState {
    /// The text is what sounds.
    UpToDate,
    /// The line at the caret is not complete yet.
    Unfinished,
    /// The text may be applied.
    Ready,
    /// The text waits for its launch point.
    Waiting {
        /// Beat on which it starts.
        launch_beat: f64,
        /// Beats left until then.
        beats_left: f64,
        /// Part of the waiting time that is over, 0 to 1.
        share: f32,
    },
    /// The text has this many errors.
    Problems(usize),
}

/// The caret: selection in characters, as egui counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caret {
    /// Moving end of the selection.
    pub primary: usize,
    /// Fixed end.
    pub secondary: usize,
}

/// The caret in bytes and lines, computed once per change.
#[derive(Clone, Copy, Debug)]
struct CaretInfo {
    key: (u64, Caret),
    byte: usize,
    selection: (usize, usize),
    place: LineColumn,
    moved_s: f64,
}

impl Default for CaretInfo {
    fn default() -> Self {
        Self {
            key: (0, Caret::default()),
            byte: 0,
            selection: (0, 0),
            place: LineColumn { line: 1, column: 1 },
            moved_s: 0.0,
        }
    }
}

/// Lines that started to sound a moment ago.
#[derive(Clone, Debug, Default)]
struct Flash {
    lines: Vec<bool>,
    since_s: f64,
}

/// All that the editor's parts draw.
pub struct EditorModel {
    kind: Kind,
    /// The program text.
    pub text: String,
    /// Counts every change of the text.
    pub edits: u64,
    /// The session's number of this text.
    pub draft_revision: u64,
    last_edit_s: f64,
    /// A Run was asked for since the last edit: problems show at once.
    run_since_edit: bool,
    /// Where the caret is.
    pub caret: Caret,
    caret_info: CaretInfo,
    /// Where the caret shall go in the next frame, in characters; takes the keyboard with it.
    pub caret_request: Option<Caret>,
    /// Whether the user gave the keyboard to the text.
    pub keyboard_granted: bool,
    /// Whether keys go into the text: granted, and the window has the focus.
    pub has_keyboard: bool,
    /// Theme.
    pub theme_name: ThemeName,
    /// Size of the code in points.
    pub code_size: f32,
    /// Whether the list of problems is shown.
    pub show_problem_list: bool,
    /// No flash and no countdown.
    pub less_motion: bool,
    /// Problems of the text.
    pub problems: ProblemBoard,
    /// Which program is in the window.
    pub programs: Programs,
    /// Output meter.
    pub meter: MeterState,
    /// What the knob strip remembers.
    pub knob_strip: StripState,
    /// Tokens of the text.
    pub highlighter: Highlighter,
    /// Rows of the text.
    pub layout: CodeLayout,
    /// The newest snapshot.
    pub snapshot: Snapshot,
    now_s: f64,
    observed_s: f64,
    callbacks_seen: (u64, f64),
    heard: Option<Arc<str>>,
    heard_revision: u64,
    heard_since_bar: Option<i64>,
    waiting_since: (u64, f64),
    limited_seen: (u64, f64),
    flash: Flash,
    edited: (u64, Option<Arc<str>>, Vec<bool>),
    fault: Option<(usize, String)>,
}

impl EditorModel {
    /// A model of a session as it is now.
    #[must_use]
    pub fn new(kind: Kind, snapshot: Snapshot, draft: &str) -> Self {
        let limited = snapshot.status.guard.limited_frames;
        let mut model = Self {
            kind,
            text: draft.to_owned(),
            edits: 1,
            draft_revision: snapshot.view.draft_revision,
            last_edit_s: f64::NEG_INFINITY,
            run_since_edit: false,
            caret: Caret::default(),
            caret_info: CaretInfo::default(),
            caret_request: None,
            keyboard_granted: false,
            has_keyboard: false,
            theme_name: ThemeName::default(),
            code_size: DEFAULT_CODE_SIZE,
            show_problem_list: true,
            less_motion: false,
            problems: ProblemBoard::default(),
            programs: Programs::showing(snapshot.view.shown),
            meter: MeterState::default(),
            knob_strip: StripState::default(),
            highlighter: Highlighter::default(),
            layout: CodeLayout::default(),
            snapshot: snapshot.clone(),
            now_s: 0.0,
            observed_s: f64::NEG_INFINITY,
            callbacks_seen: (0, f64::NEG_INFINITY),
            heard: None,
            heard_revision: 0,
            heard_since_bar: None,
            waiting_since: (0, 0.0),
            limited_seen: (limited, f64::NEG_INFINITY),
            flash: Flash::default(),
            edited: (0, None, Vec::new()),
            fault: None,
        };
        model.observe(snapshot, 0.0);
        model
    }

    /// Effect or instrument.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The plugin's name.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self.kind {
            Kind::Instrument => "Glisten",
            Kind::Effect => "Glisten FX",
        }
    }

    /// The colours.
    #[must_use]
    pub fn theme(&self) -> &'static Theme {
        self.theme_name.theme()
    }

    /// A window was opened: its clock begins anew, and no text field has the keyboard.
    pub fn window_opened(&mut self) {
        self.keyboard_granted = false;
        self.has_keyboard = false;
        self.now_s = 0.0;
        self.observed_s = f64::NEG_INFINITY;
        self.last_edit_s = f64::NEG_INFINITY;
        self.callbacks_seen.1 = f64::NEG_INFINITY;
        self.limited_seen.1 = f64::NEG_INFINITY;
        self.flash = Flash::default();
        self.caret_info = CaretInfo::default();
        self.meter.restart();
        self.knob_strip = StripState::default();
    }

    /// Takes a snapshot over. `now_s` is the window's clock.
    pub fn observe(&mut self, snapshot: Snapshot, now_s: f64) {
        // A pause between frames means that the window was hidden: what happened meanwhile has no
        // known time and is not shown as if it happened now.
        let continuous = now_s - self.observed_s < 1.0;
        self.observed_s = now_s;
        self.now_s = now_s;
        let caret = self.programs.turn_to(snapshot.view.shown, self.caret);
        let continuous = continuous && caret.is_none();
        if let Some(draft) = &snapshot.draft {
            self.replace_text(draft);
        }
        if let Some(caret) = caret {
            self.caret = caret;
            self.caret_request = self.keyboard_granted.then_some(caret);
        }
        if snapshot.draft.is_some() {
            self.draft_revision = snapshot.view.draft_revision;
        }
        let rendered = snapshot.status.callbacks != self.callbacks_seen.0;
        if rendered {
            self.callbacks_seen = (snapshot.status.callbacks, now_s);
        }
        let limited = snapshot.status.guard.limited_frames;
        if limited != self.limited_seen.0 {
            let since = if limited > self.limited_seen.0 {
                now_s
            } else {
                f64::NEG_INFINITY
            };
            self.limited_seen = (limited, since);
        }
        if snapshot.status.waiting_revision != self.waiting_since.0 {
            self.waiting_since = (
                snapshot.status.waiting_revision,
                snapshot.status.launch_in_beats,
            );
        }
        // Without a new callback the peaks are those of the one before.
        let peaks = if rendered {
            snapshot.status.output_peak
        } else {
            [0.0; 2]
        };
        self.meter.update(peaks, now_s);
        self.snapshot = snapshot;
        self.observe_program(continuous);
        let settled = self.run_since_edit || now_s - self.last_edit_s >= SETTLE_S;
        let diagnosis = self.snapshot.view.diagnosis.clone();
        self.problems
            .update(&diagnosis, &self.text, self.edits, settled);
        let stale = self.edited.0 != self.edits || !same_text(&self.edited.1, &self.heard);
        if stale {
            let old = self.heard.as_deref().unwrap_or("");
            self.edited = (
                self.edits,
                self.heard.clone(),
                changed_lines(old, &self.text),
            );
        }
        self.refresh_caret();
        self.fault = self.find_fault();
    }

    /// Line (from 0) and sentence of a fault of the sounding program.
    fn find_fault(&self) -> Option<(usize, String)> {
        let fault = self.snapshot.status.fault?;
        if fault.revision != self.snapshot.status.sounding_revision || !self.shows_heard() {
            return None;
        }
        let text = self.snapshot.sounding.as_deref()?;
        let span = Change::between(text, &self.text).map(fault.span.range())?;
        let line = LineIndex::new(&self.text)
            .line_column(&self.text, span.start)
            .line;
        let words = match fault.kind {
            FaultKind::NotFinite => format!("Line {line} is muted: its sound grew without limit."),
            FaultKind::Overload => format!("Line {line} is too heavy. The old program plays on."),
        };
        Some((line - 1, words))
    }

    /// Brings byte, line and column of the caret up to date.
    pub fn refresh_caret(&mut self) {
        let key = (self.edits, self.caret);
        if self.caret_info.key == key {
            return;
        }
        let byte_of = |chars: usize| {
            self.text
                .char_indices()
                .nth(chars)
                .map_or(self.text.len(), |(at, _)| at)
        };
        let (byte, other) = (byte_of(self.caret.primary), byte_of(self.caret.secondary));
        let place = LineIndex::new(&self.text).line_column(&self.text, byte);
        let selection = (byte.min(other), byte.max(other));
        self.caret_info = CaretInfo {
            key,
            byte,
            selection,
            place,
            moved_s: self.now_s,
        };
    }

    fn observe_program(&mut self, continuous: bool) {
        let status = &self.snapshot.status;
        let sounds = self.audio_runs() && status.sounding_revision != 0 && self.shows_heard();
        let (revision, text) = if sounds {
            (status.sounding_revision, &self.snapshot.sounding)
        } else {
            (
                self.snapshot.view.accepted_revision,
                &self.snapshot.accepted,
            )
        };
        if revision == self.heard_revision {
            return;
        }
        let before = std::mem::replace(&mut self.heard, text.clone());
        self.heard_revision = revision;
        self.heard_since_bar = None;
        if !(sounds && continuous) {
            return;
        }
        if status.playing || status.free_running {
            self.heard_since_bar = Some(bar_of(status.beats));
        }
        if text.as_deref() == Some(self.text.as_str()) {
            let old = before.as_deref().unwrap_or("");
            self.flash = Flash {
                lines: changed_lines(old, &self.text),
                since_s: self.now_s,
            };
        }
    }

    fn replace_text(&mut self, text: &str) {
        if self.text != text {
            text.clone_into(&mut self.text);
            self.edits += 1;
            self.caret = Caret::default();
        }
        self.run_since_edit = true;
    }

    /// Notes that the text was changed by the user.
    pub fn note_edit(&mut self) {
        self.edits += 1;
        self.last_edit_s = self.now_s;
        self.run_since_edit = false;
    }

    /// Does what is the model's own business; returns the action if the caller must act as well.
    pub fn perform(&mut self, action: Action) -> Option<Action> {
        match action {
            Action::GoTo(byte) => self.request_caret(byte),
            Action::ApplyFix(index) => return self.apply_fix(index),
            Action::FixHere => return self.fix_here(),
            Action::ToggleComment => {
                super::keys::toggle_comment(self);
                return Some(Action::Edited);
            }
            Action::CodeSize(steps) => {
                let size = self.code_size + steps as f32;
                self.code_size = size.clamp(*CODE_SIZES.start(), *CODE_SIZES.end());
            }
            Action::ResetCodeSize => self.code_size = DEFAULT_CODE_SIZE,
            Action::SetTheme(name) => self.theme_name = name,
            Action::ToggleProblemList => self.show_problem_list = !self.show_problem_list,
            Action::ToggleLessMotion => self.less_motion = !self.less_motion,
            Action::ResetPeak => self.meter.peak_db = f32::NEG_INFINITY,
            Action::Apply | Action::ApplyNow => {
                self.run_since_edit = true;
                // Asking again for what waits already means: now.
                let waits = matches!(self.apply_state(), ApplyState::Waiting { .. });
                return Some(if waits { Action::ApplyNow } else { action });
            }
            Action::Insert(words) => {
                let (start, end) = self.selected_bytes();
                self.replace(start..end, &words);
                return Some(Action::Edited);
            }
            Action::PlayProgram(_) => {
                self.programs.choose(false);
                return Some(action);
            }
            Action::ShowProgram(_) => {
                self.programs.choose(true);
                return Some(action);
            }
            Action::Edited
            | Action::Cancel
            | Action::SetLaunch(_)
            | Action::SetFreeRun(_)
            | Action::SetFreeRunning(_)
            | Action::SetGuard(_)
            | Action::TurnKnob { .. }
            | Action::Panic
            | Action::SetSampleFolder(_)
            | Action::RescanSamples => return Some(action),
        }
        None
    }

    /// Replaces bytes of the text and puts the caret behind the replacement.
    pub fn replace(&mut self, span: std::ops::Range<usize>, replacement: &str) {
        if self.text.get(span.clone()).is_none() {
            return;
        }
        self.text.replace_range(span.clone(), replacement);
        self.note_edit();
        self.request_caret(span.start + replacement.len());
    }

    fn request_caret(&mut self, byte: usize) {
        let chars = self.text.get(..byte).map_or(0, |s| s.chars().count());
        self.caret_request = Some(Caret {
            primary: chars,
            secondary: chars,
        });
    }

    fn apply_fix(&mut self, index: usize) -> Option<Action> {
        let (span, replacement) = self.problems.shown.get(index)?.fix.clone()?;
        self.replace(span, &replacement);
        Some(Action::Edited)
    }

    fn fix_here(&mut self) -> Option<Action> {
        let caret = self.caret_byte();
        let line = self.caret_place().line;
        let shown = &self.problems.shown;
        if let Some(index) = shown
            .iter()
            .position(|p| p.place.line == line && p.fix.is_some())
        {
            return self.apply_fix(index);
        }
        let next = shown
            .iter()
            .find(|p| p.span.start > caret)
            .or(shown.first());
        if let Some(start) = next.map(|p| p.span.start) {
            self.request_caret(start);
        }
        None
    }

    /// Byte of the caret.
    #[must_use]
    pub fn caret_byte(&self) -> usize {
        self.caret_info.byte
    }

    /// First byte of the selection and the one after its last; equal without a selection.
    #[must_use]
    pub fn selected_bytes(&self) -> (usize, usize) {
        self.caret_info.selection
    }

    /// Line and column of the caret.
    #[must_use]
    pub fn caret_place(&self) -> LineColumn {
        self.caret_info.place
    }

    /// Line of the caret, from 0.
    #[must_use]
    pub fn caret_line(&self) -> usize {
        self.caret_info.place.line - 1
    }

    /// When the caret moved last, by the window's clock.
    #[must_use]
    pub fn caret_moved_s(&self) -> f64 {
        self.caret_info.moved_s
    }

    /// Line (from 0) of a fault of the sounding program.
    #[must_use]
    pub fn faulty_line(&self) -> Option<usize> {
        self.fault.as_ref().map(|(line, _)| *line)
    }

    /// What the fault is.
    #[must_use]
    pub fn fault_sentence(&self) -> Option<String> {
        self.fault.as_ref().map(|(_, words)| words.clone())
    }

    /// Whether a shown error begins on a line (from 0).
    #[must_use]
    pub fn line_has_error(&self, line: usize) -> bool {
        let mut shown = self.problems.shown.iter();
        shown.any(|p| p.severity == Severity::Error && p.place.line == line + 1)
    }

    /// Whether callbacks arrive.
    #[must_use]
    pub fn audio_runs(&self) -> bool {
        self.snapshot.status.callbacks != 0 && self.now_s - self.callbacks_seen.1 < AUDIO_TIMEOUT_S
    }

    /// Whether the host plays.
    #[must_use]
    pub fn plays(&self) -> bool {
        self.audio_runs() && self.snapshot.status.playing
    }

    /// Whether the song runs by itself while the host stands.
    #[must_use]
    pub fn runs_freely(&self) -> bool {
        self.audio_runs() && self.snapshot.status.free_running
    }

    /// Whether the song moves.
    #[must_use]
    pub fn song_moves(&self) -> bool {
        self.plays() || self.runs_freely()
    }

    /// Whether a program waits for its launch point, be it this text or an earlier one.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.audio_runs() && self.snapshot.status.waiting_revision != 0
    }

    /// Whether the guard lowered the level within the last second.
    #[must_use]
    pub fn guard_acted(&self) -> bool {
        self.now_s - self.limited_seen.1 < GUARD_SHOWN_S
    }

    /// Number of the program that is heard, from 0; without audio, of the one that will be.
    #[must_use]
    pub fn heard_program(&self) -> usize {
        if self.audio_runs() {
            usize::from(self.snapshot.status.program)
        } else {
            self.snapshot.program
        }
    }

    /// Number of the program that waits for its launch point.
    #[must_use]
    pub fn waiting_program(&self) -> Option<usize> {
        let waiting = self.snapshot.status.waiting_program.map(usize::from);
        waiting.filter(|_| self.audio_runs())
    }

    /// Whether the program in the window is the one that is heard.
    #[must_use]
    pub fn shows_heard(&self) -> bool {
        self.heard_program() == self.programs.shown()
    }

    /// The text that is heard now, if there is one.
    #[must_use]
    pub fn heard(&self) -> Option<&str> {
        self.heard.as_deref()
    }

    /// Bar in which the sounding program began, if that was seen.
    #[must_use]
    pub fn heard_since_bar(&self) -> Option<i64> {
        self.heard_since_bar
    }

    /// For each line, whether it is not heard yet as it stands.
    #[must_use]
    pub fn edited_lines(&self) -> &[bool] {
        &self.edited.2
    }

    /// Whether the text differs from what is heard.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        // Nothing is what an empty text sounds like.
        self.heard.as_deref().unwrap_or("") != self.text
    }

    /// How strong the flash of a line (from 0) is, 0 to 1.
    #[must_use]
    pub fn flash(&self, line: usize) -> f32 {
        if self.less_motion || !self.flash.lines.get(line).copied().unwrap_or(false) {
            return 0.0;
        }
        (1.0 - (self.now_s - self.flash.since_s) / FLASH_S).clamp(0.0, 1.0) as f32
    }

    /// Whether the edit mark of a line (from 0) is filled because it just began to sound.
    #[must_use]
    pub fn just_sounds(&self, line: usize) -> bool {
        let length = if self.less_motion {
            CALM_MARK_S
        } else {
            FLASH_S
        };
        self.flash.lines.get(line).copied().unwrap_or(false)
            && self.now_s - self.flash.since_s < length
    }

    /// The window's clock as of the newest snapshot.
    #[must_use]
    pub fn now_s(&self) -> f64 {
        self.now_s
    }

    /// Whether anything moves, so that the next frame must follow at once.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.song_moves()
            || self.meter.moves()
            || self.knob_strip.moves(self.now_s)
            || self.guard_acted()
            || self.now_s - self.flash.since_s < CALM_MARK_S
            || self.snapshot.view.running
    }

    /// Seconds until something changes by itself, if it will: problems that wait for the text to
    /// rest.
    #[must_use]
    pub fn next_change_s(&self) -> Option<f64> {
        let left = SETTLE_S - (self.now_s - self.last_edit_s);
        (left > 0.0).then_some(left)
    }

    /// What the Apply button says.
    #[must_use]
    pub fn apply_state(&self) -> ApplyState {
        let errors = self.problems.errors().count();
        if errors > 0 {
            return if self.is_unfinished() {
                ApplyState::Unfinished
            } else {
                ApplyState::Problems(errors)
            };
        }
        let status = &self.snapshot.status;
        let waits = self.snapshot.waiting.as_deref() == Some(self.text.as_str());
        if status.waiting_revision != 0 && waits && self.audio_runs() && self.shows_heard() {
            let left = status.launch_in_beats.max(0.0);
            let whole = self.waiting_since.1.max(left).max(1e-9);
            let share = (1.0 - left / whole) as f32;
            return ApplyState::Waiting {
                launch_beat: status.launch_beat,
                beats_left: left,
                share,
            };
        }
        if self.is_edited() {
            ApplyState::Ready
        } else {
            ApplyState::UpToDate
        }
    }

    /// Whether all errors stand where the user is typing at the end of a line.
    fn is_unfinished(&self) -> bool {
        if !self.has_keyboard || self.run_since_edit {
            return false;
        }
        let caret = self.caret_byte();
        let rest = self.text.get(caret..).unwrap_or("");
        let at_line_end = rest.split('\n').next().unwrap_or("").trim().is_empty();
        let line = self.caret_place().line;
        at_line_end
            && self
                .problems
                .errors()
                .all(|p| p.place.line == line && p.span.end + 1 >= caret)
    }
}

fn same_text(a: &Option<Arc<str>>, b: &Option<Arc<str>>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
        (None, None) => true,
        _ => false,
    }
}

/// Bar of a position, from 1; bars before the song's start are 0 and below.
#[must_use]
pub fn bar_of(beats: f64) -> i64 {
    (beats / 4.0).floor() as i64 + 1
}

/// Beat inside the bar, 1 to 4.
#[must_use]
pub fn beat_of(beats: f64) -> i64 {
    beats.rem_euclid(4.0).floor() as i64 + 1
}
