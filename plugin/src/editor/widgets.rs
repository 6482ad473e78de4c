//! Small painted parts: text, icons, key caps, buttons, menu rows.
//!
//! Buttons react to clicks only and never take the keyboard: it belongs to the host until the user
//! clicks into the text.

use egui::{
    Align2, Color32, CornerRadius, FontId, Galley, Pos2, Rangef, Rect, Response, Role, Sense,
    Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

use super::fonts;
use super::theme::Theme;

/// Stroke width of icons.
const ICON_STROKE: f32 = 1.4;
/// Side of the icons' grid.
const ICON_GRID: f32 = 16.0;

/// Paints text and returns where it stands.
pub fn text(ui: &Ui, at: Pos2, anchor: Align2, words: &str, font: FontId, color: Color32) -> Rect {
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, color);
    paint_galley(ui, at, anchor, galley)
}

/// Paints text in at most `width` points; what does not fit ends in "…".
pub fn text_within(
    ui: &Ui,
    at: Pos2,
    anchor: Align2,
    words: &str,
    (font, color): (FontId, Color32),
    width: f32,
) -> Rect {
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = ui.painter().layout_job(job);
    paint_galley(ui, at, anchor, galley)
}

fn paint_galley(ui: &Ui, at: Pos2, anchor: Align2, galley: Arc<Galley>) -> Rect {
    let rect = anchor.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, Color32::PLACEHOLDER);
    rect
}

/// Width of a text on one line.
pub fn text_width(ui: &Ui, words: &str, font: FontId) -> f32 {
    ui.painter()
        .layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER)
        .size()
        .x
}

/// Tells assistive technology what a painted part is.
pub fn describe(response: &Response, role: Role, label: &str) {
    response.widget_info(|| WidgetInfo::labeled(role, true, label));
}

/// A divider from left to right at the upper edge of a region.
pub fn horizontal_line(ui: &Ui, x: Rangef, y: f32, theme: &Theme) {
    ui.painter()
        .rect_filled(Rect::from_x_y_ranges(x, y..=y + 1.0), 0.0, theme.line);
}

/// A divider from top to bottom at the left edge of a region.
pub fn vertical_line(ui: &Ui, x: f32, y: Rangef, theme: &Theme) {
    ui.painter()
        .rect_filled(Rect::from_x_y_ranges(x..=x + 1.0, y), 0.0, theme.line);
}

/// Signs drawn on a 16-point grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Done, up to date.
    Tick,
    /// Cancel.
    Cross,
    /// Opens a menu.
    Chevron,
    /// The menu.
    Menu,
    /// Error: circle with an exclamation mark.
    Problem,
    /// Warning: triangle with an exclamation mark.
    Warning,
    /// A hint: circle with an "i".
    Note,
    /// The song runs.
    Play,
    /// The song stands.
    Stop,
    /// What sounds is what the text says.
    Live,
    /// It will sound, or it is not complete.
    Hollow,
    /// The guard.
    Shield,
}

/// Paints an icon of the given size around a point.
pub fn icon(ui: &Ui, icon: Icon, center: Pos2, size: f32, color: Color32) {
    let scale = size / ICON_GRID;
    let at = |x: f32, y: f32| center + vec2(x - 8.0, y - 8.0) * scale;
    let stroke = Stroke::new(ICON_STROKE, color);
    let painter = ui.painter();
    let line = |points: &[(f32, f32)]| {
        painter.add(Shape::line(
            points.iter().map(|(x, y)| at(*x, *y)).collect(),
            stroke,
        ));
    };
    match icon {
        Icon::Tick => line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
        Icon::Cross => {
            line(&[(4.0, 4.0), (12.0, 12.0)]);
            line(&[(12.0, 4.0), (4.0, 12.0)]);
        }
        Icon::Chevron => line(&[(3.5, 6.0), (8.0, 10.5), (12.5, 6.0)]),
        Icon::Menu => {
            for y in [4.0, 8.0, 12.0] {
                line(&[(2.0, y), (14.0, y)]);
            }
        }
        Icon::Problem | Icon::Note => {
            painter.circle_stroke(at(8.0, 8.0), 6.6 * scale, stroke);
            let (bar, dot) = if icon == Icon::Problem {
                ((4.4, 8.4), 11.3)
            } else {
                ((7.6, 11.6), 4.7)
            };
            line(&[(8.0, bar.0), (8.0, bar.1)]);
            painter.circle_filled(at(8.0, dot), 1.0, color);
        }
        Icon::Warning => {
            let corners = vec![at(8.0, 2.0), at(14.8, 13.8), at(1.2, 13.8)];
            painter.add(Shape::closed_line(corners, stroke));
            line(&[(8.0, 6.2), (8.0, 9.8)]);
            painter.circle_filled(at(8.0, 11.8), 0.9, color);
        }
        Icon::Play => {
            let corners = vec![at(3.0, 2.0), at(14.0, 8.0), at(3.0, 14.0)];
            painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
        }
        Icon::Stop => {
            painter.rect_filled(Rect::from_two_pos(at(3.0, 3.0), at(13.0, 13.0)), 1.0, color);
        }
        Icon::Shield => {
            let outline = [
                (8.0, 1.5),
                (13.5, 3.5),
                (13.5, 8.0),
                (12.2, 11.2),
                (8.0, 14.5),
                (3.8, 11.2),
                (2.5, 8.0),
                (2.5, 3.5),
            ];
            let points = outline.iter().map(|(x, y)| at(*x, *y)).collect();
            painter.add(Shape::closed_line(points, stroke));
        }
        Icon::Live => {
            painter.circle_filled(at(8.0, 8.0), 7.0 * scale, color);
        }
        Icon::Hollow => {
            painter.circle_stroke(at(8.0, 8.0), 6.2 * scale, Stroke::new(1.6, color));
        }
    }
}

/// Paints key caps from a point to the right, vertically centred on it; returns their width.
pub fn key_caps(ui: &Ui, left_center: Pos2, keys: &[&str], theme: &Theme) -> f32 {
    let mut x = left_center.x;
    for key in keys {
        let galley =
            ui.painter()
                .layout_no_wrap((*key).to_owned(), fonts::mono(11.0), theme.text_2);
        let size = vec2((galley.size().x + 8.0).round(), 17.0);
        let rect = Rect::from_min_size(pos2(x, left_center.y - size.y / 2.0), size);
        let stroke = Stroke::new(1.0, theme.border);
        ui.painter()
            .rect_stroke(rect, CornerRadius::same(3), stroke, StrokeKind::Inside);
        let at = Align2::CENTER_CENTER.anchor_size(rect.center(), galley.size());
        ui.painter().galley(at.min, galley, theme.text_2);
        x += size.x + 3.0;
    }
    x - 3.0 - left_center.x
}

/// Width that [`key_caps`] will take.
pub fn key_caps_width(ui: &Ui, keys: &[&str]) -> f32 {
    let widths = keys
        .iter()
        .map(|key| (text_width(ui, key, fonts::mono(11.0)) + 8.0).round() + 3.0);
    widths.sum::<f32>() - 3.0
}

/// An area that reacts to clicks and to assistive technology, but never takes the keyboard.
pub fn click_area(ui: &Ui, rect: Rect, id: &str, label: &str) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::CLICK);
    describe(&response, Role::Button, label);
    if response.has_focus() {
        response.surrender_focus();
    }
    response
}

/// Fill of a button in its present state.
pub fn button_fill(response: &Response, rest: Color32, theme: &Theme) -> Color32 {
    if response.is_pointer_button_down_on() {
        theme.line
    } else if response.hovered() {
        theme.hover
    } else {
        rest
    }
}

/// A button that is an icon only, without a border.
pub fn icon_button(
    ui: &Ui,
    rect: Rect,
    id: &str,
    label: &str,
    sign: Icon,
    theme: &Theme,
) -> Response {
    let response = click_area(ui, rect, id, label);
    ui.painter().rect_filled(
        rect,
        4.0,
        button_fill(&response, Color32::TRANSPARENT, theme),
    );
    icon(ui, sign, rect.center(), 16.0, theme.text_2);
    response
}

/// One row of a menu.
pub struct MenuRow<'a> {
    /// What it does.
    pub label: &'a str,
    /// Its keys.
    pub keys: &'a str,
    /// Whether it has the tick of the chosen one.
    pub chosen: bool,
    /// Whether it can be clicked.
    pub enabled: bool,
}

impl MenuRow<'_> {
    /// Draws the row; returns whether it was clicked.
    pub fn show(&self, ui: &mut Ui, theme: &Theme, width: f32) -> bool {
        let sense = if self.enabled {
            Sense::CLICK
        } else {
            Sense::HOVER
        };
        let (rect, response) = ui.allocate_exact_size(Vec2::new(width, 26.0), sense);
        describe(&response, Role::MenuItem, self.label);
        if self.enabled && response.hovered() {
            ui.painter().rect_filled(rect, 4.0, theme.hover);
        }
        if self.chosen {
            icon(
                ui,
                Icon::Tick,
                pos2(rect.left() + 14.0, rect.center().y),
                12.0,
                theme.text_2,
            );
        }
        let color = if self.enabled {
            theme.text_1
        } else {
            theme.text_3
        };
        let at = pos2(rect.left() + 28.0, rect.center().y);
        text(
            ui,
            at,
            Align2::LEFT_CENTER,
            self.label,
            fonts::words(13.0),
            color,
        );
        let at = pos2(rect.right() - 8.0, rect.center().y);
        text(
            ui,
            at,
            Align2::RIGHT_CENTER,
            self.keys,
            fonts::mono(11.0),
            theme.text_3,
        );
        response.clicked()
    }
}

/// The heading of a group of menu rows.
pub fn menu_heading(ui: &mut Ui, words: &str, theme: &Theme, width: f32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(width, 24.0), Sense::HOVER);
    let at = pos2(rect.left() + 8.0, rect.center().y + 2.0);
    text(
        ui,
        at,
        Align2::LEFT_CENTER,
        words,
        fonts::semibold(11.0),
        theme.text_3,
    );
}
