//! From the text to rows on the screen: the layout job, and where each byte stands.

use std::ops::Range;
use std::sync::Arc;

use egui::text::{LayoutJob, LayoutSection, TextFormat, TextWrapping};
use egui::{Align, Galley, Pos2, Rect, Ui, pos2};

use super::fonts;
use super::highlight::{self, Highlighter};
use super::theme::{Theme, ThemeName};

/// What a layout depends on besides the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayoutStyle {
    /// Theme.
    pub theme: ThemeName,
    /// Font size in points.
    pub size: f32,
    /// Height of a row in points.
    pub line_height: f32,
    /// Lines (from 0) with an empty row below, for a sentence.
    pub gaps: Vec<usize>,
}

/// A row of the laid out text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowPlace {
    /// Line of the text, from 0.
    pub line: usize,
    /// Whether the line begins here (and was not wrapped).
    pub begins_line: bool,
    /// First byte and character.
    pub byte: usize,
    /// First character of the row.
    pub char: usize,
    /// Number of characters, without the line's end.
    pub chars: usize,
    /// Upper edge, counted from the galley's.
    pub top: f32,
    /// Height, with the gap below if there is one.
    pub height: f32,
}

/// Keeps the job of the newest text and the places of its rows.
#[derive(Default)]
pub struct CodeLayout {
    style: LayoutStyle,
    version: u64,
    job: LayoutJob,
    galley: Option<Arc<Galley>>,
    rows: Vec<RowPlace>,
}

impl CodeLayout {
    /// Lays the text out; the job is rebuilt only if something changed, and the galley comes from
    /// egui's own cache, which knows when the font texture was renewed.
    pub fn layout(
        &mut self,
        ui: &Ui,
        text: &str,
        width: f32,
        style: &LayoutStyle,
        highlighter: &Highlighter,
    ) -> Arc<Galley> {
        let fresh = self.job.text != text
            || self.style != *style
            || self.version != highlighter.version()
            || self.job.wrap.max_width != width;
        if fresh {
            self.style = style.clone();
            self.version = highlighter.version();
            self.job = build_job(text, width, style, highlighter);
        }
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(self.job.clone()));
        if !self
            .galley
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, &galley))
        {
            self.rows = place_rows(&galley, text);
            self.galley = Some(galley.clone());
        }
        galley
    }

    /// The rows, from the top.
    #[must_use]
    pub fn rows(&self) -> &[RowPlace] {
        &self.rows
    }

    /// Rows that cross a stretch of height, counted from the galley's upper edge.
    #[must_use]
    pub fn rows_between(&self, top: f32, bottom: f32) -> Range<usize> {
        let first = self.rows.partition_point(|row| row.top + row.height <= top);
        let last = self.rows.partition_point(|row| row.top < bottom);
        first..last.max(first)
    }

    /// Rows of a line (from 0).
    #[must_use]
    pub fn rows_of_line(&self, line: usize) -> Range<usize> {
        let first = self.rows.partition_point(|row| row.line < line);
        let last = self.rows.partition_point(|row| row.line <= line);
        first..last
    }

    /// The row that holds a byte.
    #[must_use]
    pub fn row_of_byte(&self, byte: usize) -> usize {
        self.rows
            .partition_point(|row| row.byte <= byte)
            .saturating_sub(1)
    }

    /// Upper left corner of the cell of a byte, counted from the galley's.
    #[must_use]
    pub fn position(&self, text: &str, byte: usize) -> Pos2 {
        let index = self.row_of_byte(byte);
        let (Some(row), Some(galley)) = (self.rows.get(index), &self.galley) else {
            return Pos2::ZERO;
        };
        let column = text
            .get(row.byte..byte)
            .map_or(row.chars, |s| s.chars().count());
        let x = galley
            .rows
            .get(index)
            .map_or(0.0, |r| r.pos.x + r.row.x_offset(column.into()));
        pos2(x, row.top)
    }

    /// The boxes that cover a range of bytes, one per row, one line high. An empty range gets the
    /// cell at its place.
    #[must_use]
    pub fn boxes(&self, text: &str, range: Range<usize>, advance: f32) -> Vec<Rect> {
        let height = self.style.line_height;
        let (first, last) = (self.row_of_byte(range.start), self.row_of_byte(range.end));
        let mut boxes = Vec::new();
        for index in first..=last.max(first) {
            let (Some(row), Some(galley)) = (self.rows.get(index), &self.galley) else {
                break;
            };
            let left = if index == first {
                self.position(text, range.start).x
            } else {
                0.0
            };
            let right = if index == last {
                self.position(text, range.end).x
            } else {
                galley
                    .rows
                    .get(index)
                    .map_or(left, |r| r.row.x_offset(row.chars.into()))
            };
            let right = if right - left < advance && range.len() < 2 {
                left + advance
            } else {
                right
            };
            if right > left {
                boxes.push(Rect::from_min_max(
                    pos2(left, row.top),
                    pos2(right, row.top + height),
                ));
            }
        }
        boxes
    }
}

fn build_job(text: &str, width: f32, style: &LayoutStyle, highlighter: &Highlighter) -> LayoutJob {
    let theme: &Theme = style.theme.theme();
    let format = |color| TextFormat {
        font_id: fonts::mono(style.size),
        line_height: Some(style.line_height),
        color,
        valign: Align::TOP,
        ..TextFormat::default()
    };
    let mut job = LayoutJob {
        wrap: TextWrapping::wrap_at_width(width),
        keep_trailing_whitespace: true,
        ..LayoutJob::default()
    };
    text.clone_into(&mut job.text);
    let mut gaps = gap_bytes(text, &style.gaps).into_iter().peekable();
    let mut add = |range: Range<usize>, color| {
        let mut start = range.start;
        // One blank of a row with a gap below is twice as high; its text stays where it is.
        while let Some(gap) = gaps.next_if(|gap| *gap < range.end) {
            if gap < start {
                continue;
            }
            push(&mut job, start..gap, format(color));
            let line_height = Some(style.line_height * 2.0);
            push(
                &mut job,
                gap..gap + 1,
                TextFormat {
                    line_height,
                    ..format(color)
                },
            );
            start = gap + 1;
        }
        push(&mut job, start..range.end, format(color));
    };
    let mut done = 0;
    for stretch in highlighter.stretches() {
        let range = stretch.range.clone();
        if range.start < done || text.get(range.clone()).is_none() {
            continue;
        }
        add(done..range.start, theme.text_1);
        done = range.end;
        add(range, highlight::color(stretch.class, theme));
    }
    add(done..text.len(), theme.text_1);
    job
}

fn push(job: &mut LayoutJob, range: Range<usize>, format: TextFormat) {
    if range.is_empty() {
        return;
    }
    let byte_range = range.start.into()..range.end.into();
    job.sections.push(LayoutSection {
        leading_space: 0.0,
        byte_range,
        format,
    });
}

/// The last blank of each line with a gap.
fn gap_bytes(text: &str, gaps: &[usize]) -> Vec<usize> {
    if gaps.is_empty() {
        return Vec::new();
    }
    let mut start = 0;
    let mut bytes = Vec::with_capacity(gaps.len());
    for (line, words) in text.split('\n').enumerate() {
        if gaps.contains(&line)
            && let Some(blank) = words.rfind(' ')
        {
            bytes.push(start + blank);
        }
        start += words.len() + 1;
    }
    bytes
}

fn place_rows(galley: &Galley, text: &str) -> Vec<RowPlace> {
    let mut rows = Vec::with_capacity(galley.rows.len());
    let mut chars = text.char_indices();
    let (mut line, mut byte, mut char) = (0, 0, 0);
    let mut begins_line = true;
    for row in &galley.rows {
        let count = row.char_count_excluding_newline().0;
        let rect = row.rect();
        rows.push(RowPlace {
            line,
            begins_line,
            byte,
            char,
            chars: count,
            top: rect.top(),
            height: rect.height(),
        });
        let whole = row.char_count_including_newline().0;
        if whole > 0 {
            chars.nth(whole - 1);
        }
        byte = chars.offset();
        char += whole;
        begins_line = row.ends_with_newline;
        line += usize::from(row.ends_with_newline);
    }
    rows
}
