//! Measures in points at zoom 100 %, for the two sizes of the window.

use egui::{Rect, Vec2};

/// Size of a new window.
pub const DEFAULT_SIZE: Vec2 = Vec2::new(900.0, 600.0);
/// Smallest size offered to the host; below it the editor gives up parts one by one.
pub const MIN_SIZE: Vec2 = Vec2::new(420.0, 240.0);
/// Code size of a new editor, in points.
pub const DEFAULT_CODE_SIZE: f32 = 15.0;
/// Bounds of the code size.
pub const CODE_SIZES: std::ops::RangeInclusive<f32> = 11.0..=40.0;

/// Where things are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// Narrow or low window: no line numbers, no pips, no launch menu in the bar.
    pub compact: bool,
    /// Height of the top bar.
    pub top_bar: f32,
    /// Height of the status line; 0 if there is no room for it.
    pub status_line: f32,
    /// Height of the knob strip; 0 if there is no room for it.
    pub knob_strip: f32,
    /// Width of the output meter.
    pub meter: f32,
    /// Left edge of the code in its pane.
    pub code_x: f32,
    /// Space above the first line.
    pub code_top: f32,
    /// Left and right edge of the mark of the gutter (guard, later the meter).
    pub gutter_mark: (f32, f32),
    /// Left and right edge of the edit mark.
    pub edit_mark: (f32, f32),
    /// Right edge of line numbers, if there are any.
    pub number_right: Option<f32>,
    /// Subtracted from the code size.
    pub code_shrink: f32,
    /// Most rows of the problem list.
    pub problem_rows: usize,
    /// Height of a row of the problem list.
    pub problem_row: f32,
}

impl Metrics {
    /// Measures for a window of this size.
    #[must_use]
    pub fn of(window: Rect) -> Self {
        let (w, h) = (window.width(), window.height());
        let status_fits = h >= 240.0;
        if w < 720.0 || h < 440.0 {
            Self {
                compact: true,
                top_bar: 36.0,
                status_line: if status_fits { 24.0 } else { 0.0 },
                knob_strip: if h >= 320.0 { 36.0 } else { 0.0 },
                meter: 28.0,
                code_x: 44.0,
                code_top: 8.0,
                gutter_mark: (8.0, 28.0),
                edit_mark: (34.0, 38.0),
                number_right: None,
                code_shrink: 2.0,
                problem_rows: if h < 320.0 { 0 } else { 2 },
                problem_row: 22.0,
            }
        } else {
            Self {
                compact: false,
                top_bar: 44.0,
                status_line: 28.0,
                knob_strip: 64.0,
                meter: 52.0,
                code_x: 80.0,
                code_top: 12.0,
                gutter_mark: (36.0, 64.0),
                edit_mark: (70.0, 74.0),
                number_right: Some(30.0),
                code_shrink: 0.0,
                problem_rows: 5,
                problem_row: 24.0,
            }
        }
    }
}

/// Line height of code: 1.6 times its size, an even number of pixels.
#[must_use]
pub fn line_height(code_size: f32, pixels_per_point: f32) -> f32 {
    let pixels = code_size * 1.6 * pixels_per_point;
    (pixels / 2.0).round() * 2.0 / pixels_per_point
}
