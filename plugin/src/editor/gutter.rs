//! Left of the code: line numbers, the sign of a muted chain, edit marks.

use egui::{Align2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::code_layout::RowPlace;
use super::code_view::{View, visible_rows};
use super::fonts;
use super::metrics::Metrics;
use super::model::EditorModel;
use super::widgets::{self, Icon};

/// Draws numbers and signs of the visible lines.
pub fn show(ui: &Ui, model: &EditorModel, metrics: &Metrics, view: &View) {
    let theme = model.theme();
    let caret_line = model.has_keyboard.then(|| model.caret_line());
    for index in visible_rows(ui, model, view) {
        let Some(row) = model.layout.rows().get(index) else {
            break;
        };
        if !row.begins_line {
            continue;
        }
        let y = view.origin.y + row.top + view.line_height / 2.0;
        if let Some(right) = metrics.number_right {
            let color = if caret_line == Some(row.line) {
                theme.text_1
            } else {
                theme.text_3
            };
            let number = (row.line + 1).to_string();
            // Five digits need more room than the column has: they become smaller, not clipped.
            let size = if number.len() > 3 {
                12.0 * 3.0 / number.len() as f32
            } else {
                12.0
            };
            let at = pos2(view.pane.left() + right, y);
            widgets::text(
                ui,
                at,
                Align2::RIGHT_CENTER,
                &number,
                fonts::mono(size),
                color,
            );
        }
    }
    if let Some(line) = model.faulty_line()
        && let Some(row) = model
            .layout
            .rows()
            .get(model.layout.rows_of_line(line).start)
    {
        let y = view.origin.y + row.top + view.line_height / 2.0;
        let (left, right) = metrics.gutter_mark;
        let left = view.pane.left() + left;
        let center = pos2((left + view.pane.left() + right) / 2.0, y);
        let mark = Rect::from_center_size(center, vec2(right + view.pane.left() - left, 12.0));
        let stroke = Stroke::new(1.0, theme.error);
        ui.painter()
            .rect_stroke(mark, 2.0, stroke, StrokeKind::Inside);
        widgets::icon(ui, Icon::Cross, mark.center(), 9.0, theme.error);
        let response = ui.interact(mark, ui.scope_id().with("muted"), egui::Sense::HOVER);
        let why = model.fault_sentence().unwrap_or_default();
        widgets::describe(&response, egui::Role::Label, &why);
        response.on_hover_text(why);
    }
}

/// The mark of a line that is not heard as it stands: hollow while it waits, filled when it starts.
pub fn edit_mark(
    shapes: &mut Vec<Shape>,
    model: &EditorModel,
    metrics: &Metrics,
    view: &View,
    row: &RowPlace,
) {
    if !row.begins_line {
        return;
    }
    let theme = model.theme();
    let (left, right) = metrics.edit_mark;
    let top = view.origin.y + row.top;
    let mark = Rect::from_min_max(
        pos2(view.pane.left() + left, top + 2.0),
        pos2(view.pane.left() + right, top + view.line_height - 2.0),
    );
    if model.edited_lines().get(row.line).copied().unwrap_or(false) {
        let color = if model.line_has_error(row.line) {
            theme.error
        } else {
            theme.accent
        };
        let stroke = Stroke::new(1.0, color);
        shapes.push(Shape::rect_stroke(mark, 2.0, stroke, StrokeKind::Inside));
    } else if model.just_sounds(row.line) {
        shapes.push(Shape::rect_filled(mark, 2.0, theme.accent));
    }
}
