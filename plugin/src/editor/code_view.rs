//! The code pane: the text, what is painted under it and what over it.

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{
    Align2, EventFilter, Id, Pos2, Rect, ScrollArea, Shape, Stroke, StrokeKind, TextBuffer,
    TextEdit, Ui, UiBuilder, Vec2, pos2, vec2,
};

use super::action::Action;
use super::code_layout::LayoutStyle;
use super::code_marks;
use super::fonts;
use super::gutter;
use super::highlight;
use super::metrics::{Metrics, line_height};
use super::model::{Caret, EditorModel};

/// Space between the longest row and the right edge.
const RIGHT_MARGIN: f32 = 12.0;
/// Half of the caret's blinking period.
const BLINK_S: f64 = 0.5;

/// The name of the text field, for focus and tests.
#[must_use]
pub fn code_id(program: usize) -> Id {
    Id::unique("glisten-code").with(program)
}

/// Where things of this frame are.
pub struct View {
    /// The whole pane, on screen.
    pub pane: Rect,
    /// Upper left corner of the text, on screen.
    pub origin: Pos2,
    /// Width in which the text wraps.
    pub width: f32,
    /// Height of a row.
    pub line_height: f32,
    /// Width of a character.
    pub advance: f32,
    /// Font size.
    pub size: f32,
}

/// Draws the pane.
pub fn show(ui: &mut Ui, model: &mut EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let pane = ui.max_rect();
    let theme = model.theme();
    ui.painter().rect_filled(pane, 0.0, theme.bg);

    let size = (model.code_size - metrics.code_shrink).max(11.0);
    let height = line_height(size, ui.pixels_per_point());
    let advance = ui.fonts_mut(|fonts| fonts.glyph_width(&fonts::mono(size), '0'));
    let width = (pane.width() - metrics.code_x - RIGHT_MARGIN).max(80.0);
    let mut view = View {
        pane,
        origin: pane.min,
        width,
        line_height: height,
        advance,
        size,
    };

    zoom_with_wheel(ui, pane, actions);
    take_caret_request(ui, model);
    let rests = model.next_change_s().is_none();
    let text = std::mem::take(&mut model.text);
    model.highlighter.update(&text, rests);
    model.text = text;
    let sentences = code_marks::sentences(ui, model, &view);
    let gaps = sentences
        .iter()
        .filter(|s| s.in_gap())
        .map(|s| s.line)
        .collect();
    let style = LayoutStyle {
        theme: model.theme_name,
        size,
        line_height: height,
        gaps,
    };

    let mut child = ui.new_child(UiBuilder::new().max_rect(pane));
    child.set_clip_rect(pane);
    ScrollArea::vertical()
        .id_salt("code")
        .auto_shrink(false)
        .show(&mut child, |ui| {
            ui.visuals_mut().text_cursor.stroke = Stroke::NONE;
            ui.visuals_mut().text_cursor.blink = false;
            view.origin = ui.max_rect().min + vec2(metrics.code_x, metrics.code_top);
            let under = ui.painter().add(Shape::Noop);
            let changed = show_text(ui, model, &view, metrics, &style);
            if changed {
                model.note_edit();
                actions.push(Action::Edited);
            }
            let shapes = under_text(ui, model, metrics, &view);
            ui.painter().set(under, Shape::Vec(shapes));
            gutter::show(ui, model, metrics, &view);
            paint_bold(ui, model, &view);
            code_marks::paint(ui, model, &view, &sentences, actions);
            paint_caret(ui, model, &view);
        });
}

/// Ctrl and the wheel change the size of the code.
fn zoom_with_wheel(ui: &Ui, pane: Rect, actions: &mut Vec<Action>) {
    if !ui.rect_contains_pointer(pane) {
        return;
    }
    let delta = ui.input(|input| input.zoom_delta());
    if delta > 1.0 {
        actions.push(Action::CodeSize(1));
    } else if delta < 1.0 {
        actions.push(Action::CodeSize(-1));
    }
}

fn take_caret_request(ui: &Ui, model: &mut EditorModel) {
    let Some(caret) = model.caret_request else {
        return;
    };
    let mut state =
        TextEditState::load(ui.ctx(), code_id(model.programs.shown())).unwrap_or_default();
    let range = CCursorRange {
        primary: CCursor::new(caret.primary),
        secondary: CCursor::new(caret.secondary),
        h_pos: None,
    };
    state.cursor.set_char_range(Some(range));
    state.store(ui.ctx(), code_id(model.programs.shown()));
    model.caret = caret;
    ui.memory_mut(|memory| memory.request_focus(code_id(model.programs.shown())));
}

/// Adds the text field; returns whether the text was changed.
fn show_text(
    ui: &mut Ui,
    model: &mut EditorModel,
    view: &View,
    metrics: &Metrics,
    style: &LayoutStyle,
) -> bool {
    let rests = model.next_change_s().is_none();
    let requested = model.caret_request.take().is_some();
    let id = code_id(model.programs.shown());
    let waits = model.waits();
    let EditorModel {
        text,
        highlighter,
        layout,
        ..
    } = model;
    let text_height = layout.rows().last().map_or(0.0, |row| row.top + row.height);
    let visible = view.pane.height() - metrics.code_top;
    // The last line of a text that does not fit may scroll to the middle of the pane.
    let full_height = if text_height > visible {
        text_height + view.pane.height() * 0.5
    } else {
        visible
    };
    let mut layouter = |ui: &Ui, buffer: &dyn TextBuffer, width: f32| {
        highlighter.update(buffer.as_str(), rests);
        layout.layout(ui, buffer.as_str(), width, style, highlighter)
    };
    let at = Rect::from_min_size(view.origin, Vec2::new(view.width, full_height));
    let output = ui
        .scope_builder(UiBuilder::new().max_rect(at), |ui| {
            TextEdit::multiline(text)
                .id(id)
                .frame(egui::Frame::NONE)
                .font(fonts::mono(view.size))
                .desired_width(view.width)
                .desired_rows(1)
                .min_size(at.size())
                .layouter(&mut layouter)
                .event_filter(EventFilter {
                    tab: true,
                    horizontal_arrows: true,
                    vertical_arrows: true,
                    // Esc first takes a waiting program back; see `keys`.
                    escape: waits,
                })
                .show(ui)
        })
        .inner;
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_label("Program"));
    // The scroll area counts the space above the text as part of its content.
    ui.expand_to_include_rect(Rect::from_min_max(ui.max_rect().min, at.max));
    if let Some(range) = output.state.cursor.char_range() {
        let caret = Caret {
            primary: range.primary.index.0,
            secondary: range.secondary.index.0,
        };
        model.caret = caret;
    }
    let focused = ui.memory(|memory| memory.has_focus(id));
    let response = &output.response.response;
    // A quick click begins and ends within one frame.
    let clicked = response.is_pointer_button_down_on() || response.clicked();
    model.keyboard_granted = focused && (model.keyboard_granted || clicked || requested);
    model.has_keyboard = model.keyboard_granted && ui.input(|input| input.focused);
    if requested {
        let at = model.layout.position(&model.text, model.caret_byte());
        let row = Rect::from_min_size(view.origin + at.to_vec2(), vec2(2.0, view.line_height));
        ui.scroll_to_rect(row.expand2(vec2(0.0, view.line_height * 2.0)), None);
    }
    output.response.response.changed()
}

/// Caret line, flash and lines with a fault.
fn under_text(ui: &Ui, model: &EditorModel, metrics: &Metrics, view: &View) -> Vec<Shape> {
    let theme = model.theme();
    let mut shapes = Vec::new();
    let band = |line: usize| {
        let rows = model.layout.rows_of_line(line);
        let first = model.layout.rows().get(rows.start)?;
        let last = model.layout.rows().get(rows.end.checked_sub(1)?)?;
        let top = view.origin.y + first.top;
        let bottom = view.origin.y + last.top + view.line_height;
        let rect = Rect::from_x_y_ranges(view.pane.x_range(), top..=bottom);
        ui.is_rect_visible(rect).then_some(rect)
    };
    if model.has_keyboard
        && let Some(rect) = band(model.caret_line())
    {
        shapes.push(Shape::rect_filled(rect, 0.0, theme.caret_line));
    }
    if let Some(line) = model.faulty_line()
        && let Some(rect) = band(line)
    {
        shapes.push(Shape::rect_filled(
            rect,
            0.0,
            theme.error.gamma_multiply(0.13),
        ));
    }
    for index in visible_rows(ui, model, view) {
        let Some(row) = model.layout.rows().get(index) else {
            break;
        };
        let strength = model.flash(row.line);
        if strength > 0.0 {
            let top = view.origin.y + row.top;
            let rect = Rect::from_x_y_ranges(view.pane.x_range(), top..=top + view.line_height);
            shapes.push(Shape::rect_filled(rect, 0.0, theme.flash(strength)));
        }
        gutter::edit_mark(&mut shapes, model, metrics, view, row);
    }
    shapes
}

/// Indices of the rows on screen.
pub fn visible_rows(ui: &Ui, model: &EditorModel, view: &View) -> std::ops::Range<usize> {
    let clip = ui.clip_rect();
    model
        .layout
        .rows_between(clip.top() - view.origin.y, clip.bottom() - view.origin.y)
}

/// Bold text is painted twice: the code font comes in one weight.
fn paint_bold(ui: &Ui, model: &EditorModel, view: &View) {
    let rows = model.layout.rows();
    let visible = visible_rows(ui, model, view);
    let first = rows.get(visible.start).map_or(0, |row| row.byte);
    let last = rows
        .get(visible.end)
        .map_or(model.text.len(), |row| row.byte);
    let stretches = model.highlighter.stretches();
    let from = stretches.partition_point(|s| s.range.end <= first);
    for stretch in stretches[from..]
        .iter()
        .take_while(|s| s.range.start < last)
    {
        if !stretch.bold || selected(model, stretch.range.clone()) {
            continue;
        }
        let Some(words) = model.text.get(stretch.range.clone()) else {
            continue;
        };
        let at = view.origin
            + model
                .layout
                .position(&model.text, stretch.range.start)
                .to_vec2();
        let at = at + vec2(fonts::BOLD_OFFSET, view.line_height / 2.0);
        let color = highlight::color(stretch.class, model.theme());
        super::widgets::text(
            ui,
            at,
            Align2::LEFT_CENTER,
            words,
            fonts::mono(view.size),
            color,
        );
    }
}

/// Whether a stretch touches the selection, whose text has its own colour.
fn selected(model: &EditorModel, range: std::ops::Range<usize>) -> bool {
    let (a, b) = model.selected_bytes();
    a < b && range.start < b && a < range.end
}

/// A line that blinks while keys go into the text, otherwise a hollow box.
fn paint_caret(ui: &Ui, model: &EditorModel, view: &View) {
    let theme = model.theme();
    let at = view.origin
        + model
            .layout
            .position(&model.text, model.caret_byte())
            .to_vec2();
    let inset = ((view.line_height - view.size * 1.25) / 2.0)
        .max(0.0)
        .round();
    let height = view.line_height - 2.0 * inset;
    if !model.has_keyboard {
        let cell = Rect::from_min_size(at + vec2(0.0, inset), vec2(view.advance, height));
        let stroke = Stroke::new(1.0, theme.border);
        ui.painter()
            .rect_stroke(cell, 1.0, stroke, StrokeKind::Inside);
        return;
    }
    let still = ui.input(|input| input.time) - model.caret_moved_s();
    let phase = (still / BLINK_S).floor();
    let next = (phase + 1.0) * BLINK_S - still;
    ui.ctx()
        .request_repaint_after(std::time::Duration::from_secs_f64(next.max(0.01)));
    if phase as i64 % 2 == 0 {
        let caret = Rect::from_min_size(pos2(at.x - 0.5, at.y + inset), vec2(2.0, height));
        ui.painter().rect_filled(caret, 0.0, theme.text_1);
    }
}
