//! Problems of the text as the editor shows them, and the list of them.

use std::ops::Range;
use std::sync::Arc;

use egui::{Align2, Color32, Rect, Ui, UiBuilder, pos2, vec2};
use engine::{Diagnostic, Fix, LineColumn, LineIndex, Severity};

use crate::session::Diagnosis;

use super::action::Action;
use super::diff::Change;
use super::fonts;
use super::metrics::Metrics;
use super::model::EditorModel;
use super::theme::Theme;
use super::widgets::{self, Icon};

/// A diagnostic, placed in the text as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// How serious.
    pub severity: Severity,
    /// What is wrong, with the advice if there is any.
    pub sentence: String,
    /// Bytes of the present text.
    pub span: Range<usize>,
    /// Line and column of its beginning.
    pub place: LineColumn,
    /// The change that solves it, placed in the present text.
    pub fix: Option<(Range<usize>, String)>,
}

impl Problem {
    fn of(diagnostic: &Diagnostic, change: &Change, text: &str, lines: &LineIndex) -> Option<Self> {
        let span = change.map(diagnostic.span.range())?;
        text.get(span.clone())?;
        let fix = diagnostic.help.as_ref().and_then(|help| help.fix.as_ref());
        let fix = fix.and_then(|Fix { span, replacement }| {
            let span = change.map(span.range())?;
            text.get(span.clone())?;
            Some((span, replacement.clone()))
        });
        let mut sentence = diagnostic.message.clone();
        if let Some(help) = &diagnostic.help {
            sentence.push(' ');
            sentence.push_str(&help.text);
        }
        let place = lines.line_column(text, span.start);
        Some(Self {
            severity: diagnostic.severity,
            sentence,
            span,
            place,
            fix,
        })
    }

    /// Colour of its sign.
    #[must_use]
    pub fn color(&self, theme: &Theme) -> Color32 {
        severity_color(self.severity, theme)
    }

    /// Its sign: the shape says how serious it is, not only the colour.
    #[must_use]
    pub fn icon(&self) -> Icon {
        match self.severity {
            Severity::Error => Icon::Problem,
            Severity::Warning => Icon::Warning,
            Severity::Note => Icon::Note,
        }
    }
}

/// Colour of a severity.
#[must_use]
pub fn severity_color(severity: Severity, theme: &Theme) -> Color32 {
    match severity {
        Severity::Error => theme.error,
        Severity::Warning => theme.warn,
        Severity::Note => theme.text_2,
    }
}

/// All problems of a diagnosis that still have a place in the text.
#[must_use]
pub fn place_all(diagnosis: &Diagnosis, text: &str, lines: &LineIndex) -> Vec<Problem> {
    let change = Change::between(&diagnosis.text, text);
    let placed = diagnosis.diagnostics.iter();
    placed
        .filter_map(|d| Problem::of(d, &change, text, lines))
        .collect()
}

/// Which problems may be shown: none jumps in while the user types.
#[derive(Debug, Default)]
pub struct ProblemBoard {
    /// Diagnosis whose problems are shown; taken over when the text has rested.
    shown_from: Option<Arc<Diagnosis>>,
    /// Newest diagnosis, shown or not.
    newest: Option<Arc<Diagnosis>>,
    /// Edit count the lists below belong to.
    edits: u64,
    dirty: bool,
    /// Problems that are shown.
    pub shown: Vec<Problem>,
    /// Problems of the newest diagnosis.
    pub known: Vec<Problem>,
}

impl ProblemBoard {
    /// Takes the newest diagnosis and recomputes the lists if text or diagnosis changed.
    /// `settled`: the text has rested long enough for new problems to appear.
    pub fn update(&mut self, newest: &Arc<Diagnosis>, text: &str, edits: u64, settled: bool) {
        if !self.newest.as_ref().is_some_and(|d| Arc::ptr_eq(d, newest)) {
            self.newest = Some(newest.clone());
            self.dirty = true;
        }
        let take_over = settled && *newest.text == *text;
        if take_over
            && !self
                .shown_from
                .as_ref()
                .is_some_and(|d| Arc::ptr_eq(d, newest))
        {
            self.shown_from = Some(newest.clone());
            self.dirty = true;
        }
        if !self.dirty && self.edits == edits {
            return;
        }
        self.dirty = false;
        self.edits = edits;
        let lines = LineIndex::new(text);
        self.known = place_all(newest, text, &lines);
        self.shown = match &self.shown_from {
            Some(from) => place_all(from, text, &lines),
            None => Vec::new(),
        };
        // What the newest diagnosis no longer finds is solved: it goes at once.
        if *newest.text == *text {
            let known = &self.known;
            self.shown.retain(|p| known.contains(p));
        }
    }

    /// The errors among the newest problems.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.known.iter().filter(|p| p.severity == Severity::Error)
    }

    /// Shown problems that begin on a line (from 1), most severe first.
    #[must_use]
    pub fn on_line(&self, line: usize) -> Vec<&Problem> {
        let mut found: Vec<&Problem> = self.shown.iter().filter(|p| p.place.line == line).collect();
        found.sort_by_key(|p| p.severity);
        found
    }
}

/// Height the list wants; 0 without problems.
#[must_use]
pub fn list_height(model: &EditorModel, metrics: &Metrics) -> f32 {
    let rows = model.problems.shown.len().min(metrics.problem_rows);
    if rows == 0 || !model.show_problem_list {
        return 0.0;
    }
    rows as f32 * metrics.problem_row + 8.0
}

/// The list: one row for each problem with line, column, sentence and the key of its fix.
/// A click on a row goes to the place.
pub fn show_list(ui: &mut Ui, model: &EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let area = ui.max_rect();
    ui.painter().rect_filled(area, 0.0, theme.chrome);
    widgets::horizontal_line(ui, area.x_range(), area.top(), theme);
    let inner = area.shrink2(vec2(0.0, 4.0));
    let mut inside = ui.new_child(UiBuilder::new().max_rect(inner));
    egui::ScrollArea::vertical()
        .id_salt("problems")
        .auto_shrink(false)
        .show(&mut inside, |ui| {
            for (index, problem) in model.problems.shown.iter().enumerate() {
                let size = vec2(ui.available_width(), metrics.problem_row);
                let (rect, _) = ui.allocate_exact_size(size, egui::Sense::HOVER);
                if ui.is_rect_visible(rect) {
                    show_row(ui, rect, index, problem, theme, actions);
                }
            }
        });
}

fn show_row(
    ui: &mut Ui,
    rect: Rect,
    index: usize,
    problem: &Problem,
    theme: &Theme,
    actions: &mut Vec<Action>,
) {
    let LineColumn { line, column } = problem.place;
    let spoken = format!(
        "{} in line {line}, column {column}: {}",
        problem.severity.word(),
        problem.sentence
    );
    let response = widgets::click_area(ui, rect, &format!("problem-{index}"), &spoken);
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, theme.hover);
    }
    let y = rect.center().y;
    widgets::icon(
        ui,
        problem.icon(),
        pos2(rect.left() + 17.0, y),
        13.0,
        problem.color(theme),
    );
    let place = format!("{line}:{column}");
    let place_at = pos2(rect.left() + 32.0, y);
    widgets::text(
        ui,
        place_at,
        Align2::LEFT_CENTER,
        &place,
        fonts::mono(12.0),
        theme.text_3,
    );

    let left = rect.left() + 80.0;
    let mut right = rect.right() - 12.0;
    if problem.fix.is_some() {
        let button = Rect::from_min_max(
            pos2(right - 44.0, rect.top() + 2.0),
            pos2(right, rect.bottom() - 2.0),
        );
        let fix = widgets::click_area(ui, button, &format!("fix-{index}"), "Fix");
        ui.painter()
            .rect_filled(button, 4.0, widgets::button_fill(&fix, theme.raised, theme));
        let stroke = egui::Stroke::new(1.0, theme.border);
        ui.painter()
            .rect_stroke(button, 4.0, stroke, egui::StrokeKind::Inside);
        let center = button.center();
        widgets::text(
            ui,
            center,
            Align2::CENTER_CENTER,
            "Fix",
            fonts::semibold(12.0),
            theme.text_1,
        );
        if fix.clicked() {
            actions.push(Action::ApplyFix(index));
        }
        right = button.left() - 8.0;
    }
    let plain = problem.sentence.replace('`', "");
    let words = (fonts::words(13.0), theme.text_1);
    widgets::text_within(
        ui,
        pos2(left, y),
        Align2::LEFT_CENTER,
        &plain,
        words,
        right - left,
    );
    if response.clicked() {
        actions.push(Action::GoTo(problem.span.start));
    }
    response.on_hover_text(plain);
}
