//! The status line: one sentence that says what is heard, and the editor's own state.

use egui::{Align2, Color32, Rect, Ui, pos2, vec2};
use engine::Kind;

use super::action::Action;
use super::fonts;
use super::metrics::Metrics;
use super::model::{ApplyState, EditorModel, bar_of, beat_of};
use super::theme::Theme;
use super::widgets::{self, Icon};

/// Load above which the CPU bar warns.
const BUSY: f32 = 0.7;

/// The sentence with its sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// Sign before it.
    pub icon: Icon,
    /// The sentence.
    pub words: String,
    /// How the sign is coloured.
    pub tone: Tone,
}

/// Meaning of a sign's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It sounds, or will.
    Live,
    /// Nothing to report.
    Quiet,
    /// Warning.
    Warn,
    /// Error.
    Error,
}

impl Tone {
    fn color(self, theme: &Theme) -> Color32 {
        match self {
            Self::Live => theme.accent,
            Self::Quiet => theme.text_3,
            Self::Warn => theme.warn,
            Self::Error => theme.error,
        }
    }
}

/// What is heard, in one sentence.
#[must_use]
pub fn sentence(model: &EditorModel, compact: bool) -> Sentence {
    let say = |icon, tone, words: String| Sentence { icon, words, tone };
    let guard = &model.snapshot.status.guard;
    if guard.halted {
        let rest = match model.kind() {
            Kind::Effect => "You hear the input.",
            Kind::Instrument => "There is no sound.",
        };
        let words = format!("Glisten failed inside and stopped. {rest}");
        return say(Icon::Problem, Tone::Error, words);
    }
    if let Some(words) = model.fault_sentence() {
        return say(Icon::Problem, Tone::Error, words);
    }
    if guard.overloaded {
        let words = "The program was too heavy. The one before plays on.".to_owned();
        return say(Icon::Warning, Tone::Warn, words);
    }
    match model.apply_state() {
        ApplyState::Problems(_) => {
            let words = format!(
                "{} not ready. {}",
                faulty_lines(model),
                old_program(model, compact)
            );
            return say(Icon::Problem, Tone::Error, words);
        }
        ApplyState::Unfinished => {
            let line = model.caret_place().line;
            let words = format!("Line {line} is unfinished. {}", old_program(model, compact));
            return say(Icon::Hollow, Tone::Quiet, words);
        }
        ApplyState::Waiting { launch_beat, .. } => {
            let words = format!(
                "{} at {}.",
                subject(model, "starts", "start"),
                launch_place(launch_beat)
            );
            return say(Icon::Hollow, Tone::Live, words);
        }
        ApplyState::Ready | ApplyState::UpToDate
            if model.waiting_program() == Some(model.programs.shown()) =>
        {
            let place = launch_place(model.snapshot.status.change_beat);
            let words = format!("Program {} starts at {place}.", model.programs.shown() + 1);
            return say(Icon::Hollow, Tone::Live, words);
        }
        ApplyState::Ready | ApplyState::UpToDate if !model.audio_runs() => {
            let words = if model.snapshot.status.callbacks == 0 {
                "No audio yet. The host has not started it."
            } else {
                "The host has stopped the audio."
            };
            return say(Icon::Hollow, Tone::Quiet, words.to_owned());
        }
        ApplyState::Ready => {
            let heard = if model.waits() {
                let place = launch_place(model.snapshot.status.launch_beat);
                format!("The program applied before starts at {place}.")
            } else {
                old_program(model, compact)
            };
            let words = format!("{} edited. {heard}", subject(model, "is", "are"));
            return say(Icon::Hollow, Tone::Live, words);
        }
        ApplyState::UpToDate => {}
    }
    if !model.shows_heard() {
        let words = format!(
            "You look at program {}. {}",
            model.programs.shown() + 1,
            old_program(model, compact)
        );
        return say(Icon::Hollow, Tone::Quiet, words);
    }
    if model.text.trim().is_empty() {
        let rest = match model.kind() {
            Kind::Effect if model.heard().is_none() => "You hear the input.",
            _ => "There is no sound.",
        };
        let words = format!("The program is empty. {rest}");
        return say(Icon::Hollow, Tone::Quiet, words);
    }
    if model.guard_acted() {
        let words = "Live. The guard holds the peaks at full scale.".to_owned();
        return say(Icon::Warning, Tone::Warn, words);
    }
    let words = match (model.song_moves(), model.heard_since_bar()) {
        (true, _) if model.runs_freely() && compact => "Live, running freely.".to_owned(),
        (true, _) if model.runs_freely() => {
            "Live, running freely until the transport starts.".to_owned()
        }
        (true, Some(bar)) => format!("Live since bar {bar}"),
        (true, None) => "Live".to_owned(),
        (false, _) if compact => "Waiting for the transport.".to_owned(),
        (false, _) => "Live. Patterns are waiting for the transport.".to_owned(),
    };
    say(Icon::Live, Tone::Live, words)
}

/// Where a waiting program starts: a bar, or a beat of a bar.
#[must_use]
pub fn launch_place(launch_beat: f64) -> String {
    let bar = bar_of(launch_beat + 1e-6);
    match beat_of(launch_beat + 1e-6) {
        1 => format!("bar {bar}"),
        beat => format!("beat {bar}.{beat}"),
    }
}

/// "Line 3 is", "Lines 3 and 4 are", "5 lines are".
fn lines_with(lines: &[usize], one: &str, many: &str) -> Option<String> {
    match lines {
        [] => None,
        [a] => Some(format!("Line {a} {one}")),
        [a, b] => Some(format!("Lines {a} and {b} {many}")),
        more => Some(format!("{} lines {many}", more.len())),
    }
}

fn subject(model: &EditorModel, one: &str, many: &str) -> String {
    let changed = model.edited_lines().iter().enumerate();
    let lines: Vec<usize> = changed
        .filter(|(_, c)| **c)
        .map(|(line, _)| line + 1)
        .collect();
    lines_with(&lines, one, many).unwrap_or_else(|| format!("The new program {one}"))
}

fn faulty_lines(model: &EditorModel) -> String {
    let mut lines: Vec<usize> = model.problems.errors().map(|p| p.place.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines_with(&lines, "is", "are").unwrap_or_else(|| "The program is".to_owned())
}

fn old_program(model: &EditorModel, compact: bool) -> String {
    if !model.shows_heard() {
        return format!("Program {} plays.", model.heard_program() + 1);
    }
    let silent = model.heard().is_none_or(|text| text.trim().is_empty());
    match (model.kind(), model.heard_since_bar()) {
        (Kind::Instrument, _) if silent => "Nothing sounds yet.".to_owned(),
        (Kind::Effect, _) if model.heard().is_none() => "You hear the input.".to_owned(),
        (_, Some(bar)) if !compact => format!("You still hear the program from bar {bar}."),
        _ => "The old program plays on.".to_owned(),
    }
}

/// Draws the line.
pub fn show(ui: &mut Ui, model: &EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let area = ui.max_rect();
    ui.painter().rect_filled(area, 0.0, theme.chrome);
    widgets::horizontal_line(ui, area.x_range(), area.top(), theme);
    let y = area.center().y + 0.5;

    let mut right = show_load(ui, model, area, y);
    if !metrics.compact {
        let place = model.caret_place();
        let place = format!("{}:{}", place.line, place.column);
        let at = pos2(right - 24.0, y);
        let rect = widgets::text(
            ui,
            at,
            Align2::RIGHT_CENTER,
            &place,
            fonts::mono(12.0),
            theme.text_3,
        );
        let owner = keyboard_owner(model);
        let at = pos2(rect.left() - 16.0, y);
        let rect = widgets::text(
            ui,
            at,
            Align2::RIGHT_CENTER,
            owner,
            fonts::words(12.0),
            theme.text_3,
        );
        let response = ui.interact(rect, ui.scope_id().with("keyboard"), egui::Sense::HOVER);
        widgets::describe(&response, egui::Role::Status, owner);
        response.on_hover_text("Click into the text to type. Esc gives the keys back.");
        right = rect.left();
    }
    right = show_free_run(ui, model, right, y, actions);

    let sentence = sentence(model, metrics.compact);
    let sign = match sentence.icon {
        Icon::Live | Icon::Hollow => 9.0,
        _ => 14.0,
    };
    let color = sentence.tone.color(theme);
    widgets::icon(ui, sentence.icon, pos2(area.left() + 17.0, y), sign, color);
    let left = area.left() + 30.0;
    let words = (fonts::words(12.0), theme.text_1);
    let width = right - 16.0 - left;
    let rect = widgets::text_within(
        ui,
        pos2(left, y),
        Align2::LEFT_CENTER,
        &sentence.words,
        words,
        width,
    );
    let response = ui.interact(rect, ui.scope_id().with("sentence"), egui::Sense::HOVER);
    widgets::describe(&response, egui::Role::Status, &sentence.words);
}

/// Button that lets the song run by itself while the host stands, or stand again; returns the left
/// edge of what is drawn.
fn show_free_run(
    ui: &Ui,
    model: &EditorModel,
    right: f32,
    y: f32,
    actions: &mut Vec<Action>,
) -> f32 {
    let runs = model.runs_freely();
    let may = model.audio_runs() && !model.plays() && model.snapshot.free_run.may_run();
    if !runs && !may {
        return right;
    }
    let theme = model.theme();
    let (icon, words, label) = match runs {
        true => (Icon::Stop, "Stop", "Stop running freely"),
        false => (Icon::Play, "Run", "Run without the transport"),
    };
    let font = fonts::words(12.0);
    let width = widgets::text_width(ui, words, font.clone()) + 34.0;
    let rect = Rect::from_min_size(pos2(right - 12.0 - width, y - 10.0), vec2(width, 20.0));
    let response = widgets::click_area(ui, rect, "free run", label);
    let fill = widgets::button_fill(&response, Color32::TRANSPARENT, theme);
    let color = if runs { theme.accent } else { theme.text_2 };
    let stroke = egui::Stroke::new(1.0, if runs { theme.accent } else { theme.border });
    ui.painter()
        .rect(rect, 4.0, fill, stroke, egui::StrokeKind::Inside);
    widgets::icon(ui, icon, pos2(rect.left() + 13.0, y), 10.0, color);
    let at = pos2(rect.left() + 24.0, y);
    widgets::text(ui, at, Align2::LEFT_CENTER, words, font, color);
    if response.clicked() {
        actions.push(Action::SetFreeRunning(!runs));
    }
    response.on_hover_text(match runs {
        true => "The song runs by itself. Click to let it stand with the transport.",
        false => "The transport stands. Click to let the song run by itself.",
    });
    rect.left()
}

fn keyboard_owner(model: &EditorModel) -> &'static str {
    if model.has_keyboard {
        "Keyboard: Glisten"
    } else {
        "Keyboard: host"
    }
}

/// CPU bar and percent; returns its left edge.
fn show_load(ui: &Ui, model: &EditorModel, area: Rect, y: f32) -> f32 {
    let theme = model.theme();
    let load = model.snapshot.status.load.clamp(0.0, 9.99);
    let busy = load > BUSY;
    let percent = format!("{:3.0} %", load * 100.0);
    let color = if busy { theme.warn } else { theme.text_2 };
    let at = pos2(area.right() - 12.0, y);
    widgets::text(
        ui,
        at,
        Align2::RIGHT_CENTER,
        &percent,
        fonts::mono(12.0),
        color,
    );
    let bar = Rect::from_min_size(pos2(area.right() - 86.0, y - 2.0), vec2(32.0, 4.0));
    ui.painter().rect_filled(bar, 2.0, theme.ring);
    let filled = Rect::from_min_size(bar.min, vec2((32.0 * load.min(1.0)).max(1.0), 4.0));
    ui.painter()
        .rect_filled(filled, 2.0, if busy { theme.warn } else { theme.text_1 });
    let at = pos2(bar.left() - 7.0, y);
    let label = widgets::text(
        ui,
        at,
        Align2::RIGHT_CENTER,
        "CPU",
        fonts::words(12.0),
        theme.text_3,
    );
    let whole = Rect::from_min_max(label.min, pos2(area.right() - 12.0, label.bottom()));
    let response = ui.interact(whole, ui.scope_id().with("cpu"), egui::Sense::HOVER);
    widgets::describe(
        &response,
        egui::Role::Status,
        &format!("CPU {:.0} percent", load * 100.0),
    );
    response.on_hover_text("Share of the audio time that the program takes.");
    label.left()
}
