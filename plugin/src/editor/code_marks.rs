//! Problems in the code: squiggles under their places, one sentence per line beside or below it.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align, Color32, Galley, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use engine::Severity;

use super::action::Action;
use super::code_view::{View, visible_rows};
use super::fonts;
use super::model::EditorModel;
use super::problems::{Problem, severity_color};
use super::theme::Theme;
use super::widgets;

/// Columns between the end of a line and its sentence.
const GAP_COLUMNS: f32 = 3.0;
/// Space between sentence and key caps.
const KEY_SPACE: f32 = 8.0;

/// Where a sentence stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    /// After the end of its line, at this x.
    Beside(f32),
    /// In an empty row below, at this x.
    Gap(f32),
    /// On a card over the next row: the line has no blank that could hold the gap open.
    Card(f32),
}

/// The sentence of a line with problems.
pub struct Sentence {
    /// Line, from 0.
    pub line: usize,
    galley: Arc<Galley>,
    place: Where,
    keys: &'static [&'static str],
    color: Color32,
}

impl Sentence {
    /// Whether its line needs an empty row below.
    #[must_use]
    pub fn in_gap(&self) -> bool {
        matches!(self.place, Where::Gap(_))
    }
}

/// Keys of the fix.
#[must_use]
pub fn fix_keys() -> &'static [&'static str] {
    if cfg!(target_os = "macos") {
        &["⌘", "E"]
    } else {
        &["Ctrl", "E"]
    }
}

/// The sentences of all lines with problems; the most severe of each line speaks.
pub fn sentences(ui: &Ui, model: &EditorModel, view: &View) -> Vec<Sentence> {
    let mut worst: Vec<&Problem> = Vec::new();
    for problem in &model.problems.shown {
        match worst
            .iter_mut()
            .find(|p| p.place.line == problem.place.line)
        {
            Some(other) if problem.severity < other.severity => *other = problem,
            Some(_) => {}
            None => worst.push(problem),
        }
    }
    let lines: Vec<&str> = if worst.is_empty() {
        Vec::new()
    } else {
        model.text.split('\n').collect()
    };
    worst
        .into_iter()
        .filter_map(|p| {
            lines
                .get(p.place.line - 1)
                .map(|line| place(ui, model.theme(), view, p, line))
        })
        .collect()
}

fn place(ui: &Ui, theme: &Theme, view: &View, problem: &Problem, line: &str) -> Sentence {
    let color = severity_color(problem.severity, theme);
    let keys: &[&str] = if problem.fix.is_some() {
        fix_keys()
    } else {
        &[]
    };
    let keys_width = if keys.is_empty() {
        0.0
    } else {
        KEY_SPACE + widgets::key_caps_width(ui, keys)
    };
    let galley = sentence_galley(ui, &problem.sentence, color, view.width - keys_width);
    let width = galley.size().x + keys_width;
    let columns = line.chars().count() as f32;
    let beside = (columns + GAP_COLUMNS) * view.advance;
    let under = (problem.place.column as f32 - 1.0) * view.advance;
    let under = under.min(view.width - width).max(0.0);
    let place = if beside + width <= view.width {
        Where::Beside(beside)
    } else if line.contains(' ') {
        Where::Gap(under)
    } else {
        Where::Card(under)
    };
    Sentence {
        line: problem.place.line - 1,
        galley,
        place,
        keys,
        color,
    }
}

/// Words in Inter, code between backticks in Hack; what does not fit ends in "…".
fn sentence_galley(ui: &Ui, sentence: &str, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob {
        wrap: TextWrapping::truncate_at_width(width),
        ..LayoutJob::default()
    };
    for (index, part) in sentence.split('`').enumerate() {
        let font_id = if index % 2 == 0 {
            fonts::words(13.0)
        } else {
            fonts::mono(13.0)
        };
        let format = TextFormat {
            font_id,
            color,
            valign: Align::Center,
            ..TextFormat::default()
        };
        job.append(part, 0.0, format);
    }
    ui.painter().layout_job(job)
}

/// Paints squiggles and sentences; hovering a place tells all that is wrong there.
pub fn paint(
    ui: &Ui,
    model: &EditorModel,
    view: &View,
    sentences: &[Sentence],
    actions: &mut Vec<Action>,
) {
    let theme = model.theme();
    let visible = visible_rows(ui, model, view);
    let rows = model.layout.rows();
    let first_line = rows.get(visible.start).map_or(0, |row| row.line);
    let last_line = rows
        .get(visible.end.saturating_sub(1))
        .map_or(0, |row| row.line);
    for (index, problem) in model.problems.shown.iter().enumerate() {
        for place in model
            .layout
            .boxes(&model.text, problem.span.clone(), view.advance)
        {
            let place = place.translate(view.origin.to_vec2());
            if !ui.is_rect_visible(place) {
                continue;
            }
            ui.painter()
                .add(underline(place, problem.severity, problem.color(theme)));
            let id = ui.scope_id().with(("problem", index, place.min.y as i32));
            let response = ui.interact(place, id, egui::Sense::HOVER);
            if response.hovered() {
                let all = model.problems.on_line(problem.place.line);
                let words: Vec<String> = all.iter().map(|p| p.sentence.replace('`', "")).collect();
                response.on_hover_text(words.join("\n"));
            }
        }
    }
    for sentence in sentences
        .iter()
        .filter(|s| (first_line..=last_line).contains(&s.line))
    {
        paint_sentence(ui, model, view, sentence, actions);
    }
}

fn paint_sentence(
    ui: &Ui,
    model: &EditorModel,
    view: &View,
    sentence: &Sentence,
    actions: &mut Vec<Action>,
) {
    let theme = model.theme();
    let line_rows = model.layout.rows_of_line(sentence.line);
    let Some(last) = model.layout.rows().get(line_rows.end.saturating_sub(1)) else {
        return;
    };
    let (x, row) = match sentence.place {
        Where::Beside(x) => (x, 0.0),
        Where::Gap(x) | Where::Card(x) => (x, 1.0),
    };
    let center = view.origin + vec2(x, last.top + (row + 0.5) * view.line_height);
    let size = sentence.galley.size();
    let keys_width = if sentence.keys.is_empty() {
        0.0
    } else {
        KEY_SPACE + widgets::key_caps_width(ui, sentence.keys)
    };
    let area = Rect::from_min_size(
        pos2(center.x, center.y - view.line_height / 2.0),
        vec2(size.x + keys_width, view.line_height),
    );
    if matches!(sentence.place, Where::Card(_)) {
        let card = area.expand2(vec2(6.0, 0.0));
        ui.painter().rect_filled(card, 4.0, theme.raised);
        let stroke = Stroke::new(1.0, theme.border);
        ui.painter()
            .rect_stroke(card, 4.0, stroke, egui::StrokeKind::Inside);
    }
    let at = pos2(center.x, center.y - size.y / 2.0);
    ui.painter()
        .galley(at, sentence.galley.clone(), sentence.color);
    if !sentence.keys.is_empty() {
        let keys_at = pos2(center.x + size.x + KEY_SPACE, center.y);
        widgets::key_caps(ui, keys_at, sentence.keys, theme);
        let keys = Rect::from_min_max(pos2(keys_at.x, area.top()), area.max);
        let response = widgets::click_area(
            ui,
            keys,
            &format!("keys-{}", sentence.line),
            "Fix this line",
        );
        if response.clicked()
            && let Some(index) = model
                .problems
                .shown
                .iter()
                .position(|p| p.place.line == sentence.line + 1 && p.fix.is_some())
        {
            actions.push(Action::ApplyFix(index));
        }
    }
}

/// An error is wavy, everything else dotted.
fn underline(place: Rect, severity: Severity, color: Color32) -> Shape {
    let bottom = place.bottom() - 3.0;
    let mut shapes = Vec::new();
    if severity == Severity::Error {
        let mut points: Vec<Pos2> = Vec::new();
        let mut x = place.left();
        let mut up = false;
        while x < place.right() + 1.0 {
            points.push(pos2(x, if up { bottom - 2.0 } else { bottom }));
            x += 2.0;
            up = !up;
        }
        shapes.push(Shape::line(points, Stroke::new(1.5, color)));
    } else {
        let mut x = place.left() + 1.0;
        while x < place.right() {
            shapes.push(Shape::circle_filled(pos2(x, bottom - 1.0), 0.9, color));
            x += 4.0;
        }
    }
    Shape::Vec(shapes)
}
