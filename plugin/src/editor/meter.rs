//! The output meter: its ballistics and its column at the right edge.

use egui::{Align2, Color32, Pos2, Rect, Shape, Ui, pos2, vec2};

use super::action::Action;
use super::fonts;
use super::metrics::Metrics;
use super::model::EditorModel;
use super::theme::Theme;
use super::widgets::{self, Icon};

/// Lower end of the scale.
const FLOOR_DB: f32 = -60.0;
/// The scale has its bend here: the part above takes [`UPPER_SHARE`] of the height.
const BEND_DB: f32 = -12.0;
const UPPER_SHARE: f32 = 0.45;
/// The part above is drawn as a warning.
const WARN_DB: f32 = -6.0;
const FALL_DB_PER_S: f32 = 20.0;
const HOLD_S: f64 = 1.0;

/// What the meter shows.
#[derive(Clone, Copy, Debug)]
pub struct MeterState {
    /// Level of left and right after the ballistics, in dB full scale.
    pub level_db: [f32; 2],
    /// Highest level of the last second.
    pub hold_db: [f32; 2],
    held_since_s: [f64; 2],
    /// Highest level since the number was clicked.
    pub peak_db: f32,
    updated_s: f64,
}

impl Default for MeterState {
    fn default() -> Self {
        Self {
            level_db: [f32::NEG_INFINITY; 2],
            hold_db: [f32::NEG_INFINITY; 2],
            held_since_s: [0.0; 2],
            peak_db: f32::NEG_INFINITY,
            updated_s: 0.0,
        }
    }
}

impl MeterState {
    /// Starts anew with another clock; the number stays.
    pub fn restart(&mut self) {
        *self = Self {
            peak_db: self.peak_db,
            ..Self::default()
        };
    }

    /// Takes the peaks since the last call, linear.
    pub fn update(&mut self, peaks: [f32; 2], now_s: f64) {
        let fall = FALL_DB_PER_S * (now_s - self.updated_s).clamp(0.0, 1.0) as f32;
        self.updated_s = now_s;
        for (side, peak) in peaks.into_iter().enumerate() {
            let db = if peak.is_finite() {
                20.0 * peak.abs().log10()
            } else {
                f32::NEG_INFINITY
            };
            let fallen = self.level_db[side] - fall;
            self.level_db[side] = if fallen < FLOOR_DB {
                db
            } else {
                db.max(fallen)
            };
            if db >= self.hold_db[side] || now_s - self.held_since_s[side] > HOLD_S {
                self.hold_db[side] = self.level_db[side];
                self.held_since_s[side] = now_s;
            }
            self.peak_db = self.peak_db.max(db);
        }
    }

    /// Whether anything is visible or still falling.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.level_db
            .iter()
            .chain(&self.hold_db)
            .any(|db| *db > FLOOR_DB)
    }
}

/// Height of a level on the scale, 0 to 1.
fn height_of(db: f32) -> f32 {
    if db >= BEND_DB {
        1.0 - UPPER_SHARE * (db.min(0.0) / BEND_DB)
    } else {
        let share = (db.max(FLOOR_DB) - FLOOR_DB) / (BEND_DB - FLOOR_DB);
        (1.0 - UPPER_SHARE) * share
    }
}

/// The number above the meter.
fn peak_text(peak_db: f32) -> String {
    if peak_db <= FLOOR_DB {
        "-inf".to_owned()
    } else {
        format!("{peak_db:.1}")
    }
}

/// Draws the column. A click on the number forgets the highest level.
pub fn show(ui: &mut Ui, model: &EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let area = ui.max_rect();
    ui.painter().rect_filled(area, 0.0, theme.chrome);
    widgets::vertical_line(ui, area.left(), area.y_range(), theme);

    let compact = metrics.compact;
    if !compact {
        show_peak(ui, model, area, actions);
    }
    let top = area.top() + if compact { 14.0 } else { 40.0 };
    let bottom = area.bottom() - if compact { 12.0 } else { 36.0 };
    if bottom - top < 24.0 {
        return;
    }
    let y_of = |db: f32| bottom - (bottom - top) * height_of(db);
    let left = area.left() + if compact { 8.0 } else { 9.0 };
    let bar_width = if compact { 6.0 } else { 8.0 };
    let mut shapes = Vec::with_capacity(16);
    for side in 0..2 {
        let x = left + side as f32 * (bar_width + 3.0);
        let bar = Rect::from_min_max(pos2(x, top), pos2(x + bar_width, bottom));
        bar_shapes(&mut shapes, bar, side, model, theme, &y_of);
    }
    ceiling_shape(
        &mut shapes,
        model,
        theme,
        Rect::from_x_y_ranges(
            left - 4.0..=left + 2.0 * bar_width + 7.0,
            y_of(0.0)..=y_of(0.0),
        ),
    );
    ui.painter().extend(shapes);
    if !compact {
        for below in [0_u8, 6, 12, 24, 48] {
            widgets::text(
                ui,
                pos2(area.right() - 5.0, y_of(-f32::from(below))),
                Align2::RIGHT_CENTER,
                &below.to_string(),
                fonts::mono(10.0),
                theme.text_3,
            );
        }
    }
    if !compact {
        show_guard(ui, model, pos2(left + 7.0, area.bottom() - 16.0), actions);
    }
    let response = ui.interact(
        Rect::from_x_y_ranges(area.x_range(), top..=bottom),
        ui.scope_id().with("meter"),
        egui::Sense::hover(),
    );
    let spoken = format!(
        "Output level {} decibels",
        peak_text(model.meter.level_db[0].max(model.meter.level_db[1]))
    );
    widgets::describe(&response, egui::Role::Meter, &spoken);
    response.on_hover_text("Output level in dB full scale.");
}

/// The shield: the guard is on; struck through: off. A click switches it.
fn show_guard(ui: &Ui, model: &EditorModel, center: Pos2, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let on = model.snapshot.guard;
    let rect = Rect::from_center_size(center, vec2(22.0, 22.0));
    let label = if on { "Guard is on" } else { "Guard is off" };
    let response = widgets::click_area(ui, rect, "guard", label);
    let fill = widgets::button_fill(&response, Color32::TRANSPARENT, theme);
    ui.painter().rect_filled(rect, 4.0, fill);
    let color = if model.guard_acted() {
        theme.error
    } else {
        theme.text_2
    };
    widgets::icon(ui, Icon::Shield, center, 15.0, color);
    if !on {
        let corner = vec2(7.0, 7.0);
        let stroke = egui::Stroke::new(1.4, theme.warn);
        ui.painter()
            .line_segment([center - corner, center + corner], stroke);
    }
    if response.clicked() {
        actions.push(Action::SetGuard(!on));
    }
    response.on_hover_text(if on {
        "Guard is on: the output stays below full scale."
    } else {
        "Guard is off: the output may be louder than full scale."
    });
}

fn show_peak(ui: &mut Ui, model: &EditorModel, area: Rect, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let rect = Rect::from_min_size(area.min + vec2(2.0, 6.0), vec2(area.width() - 4.0, 22.0));
    let text = peak_text(model.meter.peak_db);
    let color = if model.meter.peak_db > 0.0 {
        theme.error
    } else {
        theme.text_1
    };
    let position = pos2(area.right() - 6.0, rect.center().y);
    widgets::text(
        ui,
        position,
        Align2::RIGHT_CENTER,
        &text,
        fonts::mono(12.0),
        color,
    );
    let response = ui.interact(rect, ui.scope_id().with("peak"), egui::Sense::CLICK);
    widgets::describe(
        &response,
        egui::Role::Button,
        &format!("Highest level {text} decibels"),
    );
    if response.clicked() {
        actions.push(Action::ResetPeak);
    }
    response.on_hover_text("Highest level. Click to reset.");
}

fn bar_shapes(
    shapes: &mut Vec<Shape>,
    bar: Rect,
    side: usize,
    model: &EditorModel,
    theme: &Theme,
    y_of: &impl Fn(f32) -> f32,
) {
    shapes.push(Shape::rect_filled(bar, 1.0, theme.track));
    let level = model.meter.level_db[side];
    if level > FLOOR_DB {
        let part = |from: f32, to: f32, color: Color32| {
            let rect =
                Rect::from_min_max(pos2(bar.left(), y_of(to)), pos2(bar.right(), y_of(from)));
            Shape::rect_filled(rect, 1.0, color)
        };
        shapes.push(part(FLOOR_DB, level.min(WARN_DB), theme.accent));
        if level > WARN_DB {
            shapes.push(part(WARN_DB, level, theme.warn));
        }
    }
    let hold = model.meter.hold_db[side];
    if hold > FLOOR_DB {
        let at = Pos2::new(bar.left(), y_of(hold) - 1.0);
        let tick = Rect::from_min_size(at, vec2(bar.width(), 2.0));
        shapes.push(Shape::rect_filled(tick, 0.0, theme.text_1));
    }
}

/// The guard's ceiling: red for a second when it acts.
fn ceiling_shape(shapes: &mut Vec<Shape>, model: &EditorModel, theme: &Theme, line: Rect) {
    let color = if model.guard_acted() {
        theme.error
    } else {
        theme.text_1
    };
    shapes.push(Shape::rect_filled(line.expand2(vec2(0.0, 1.0)), 0.0, color));
}

#[cfg(test)]
mod tests {
    use super::{MeterState, height_of};

    #[test]
    fn the_scale_gives_the_upper_twelve_decibels_45_percent() {
        assert_eq!(height_of(0.0), 1.0);
        assert_eq!(height_of(6.0), 1.0);
        assert!((height_of(-12.0) - 0.55).abs() < 1e-6);
        assert_eq!(height_of(-60.0), 0.0);
        assert_eq!(height_of(f32::NEG_INFINITY), 0.0);
    }

    #[test]
    fn a_peak_rises_at_once_is_held_and_falls_20_db_a_second() {
        let mut meter = MeterState::default();
        meter.update([1.0, 0.0], 10.0);
        assert_eq!(meter.level_db[0], 0.0);
        meter.update([0.0, 0.0], 10.5);
        assert!((meter.level_db[0] + 10.0).abs() < 1e-4);
        assert_eq!(meter.hold_db[0], 0.0);
        meter.update([0.0, 0.0], 11.2);
        assert!(meter.hold_db[0] < -10.0, "the hold ends after a second");
        assert_eq!(meter.peak_db, 0.0, "the number stays until it is clicked");
        for n in 0..40 {
            meter.update([0.0, 0.0], 12.0 + f64::from(n) * 0.1);
        }
        assert!(!meter.moves());
    }
}
