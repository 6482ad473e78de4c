//! Diagnostics as plain text with carets, for terminals and logs.
//!
//! ```text
//! song.glicol:1:19: error[E030]: No node is called `lfp`.
//!   |
//! 1 | out: saw 110 >> lfp 800 1
//!   |                 ^^^
//!   = help: Use `lpf`?
//! ```

use std::fmt::Write;

use super::diagnostic::Diagnostic;
use crate::text::{LineIndex, Span};

/// Columns of source that are shown at most; of a longer line only the part around the place.
const MAX_COLUMNS: usize = 100;

/// Spaces that stand for a tab.
const TAB_COLUMNS: usize = 4;

/// Draws all diagnostics of a text, one after the other, with an empty line between.
#[must_use]
pub fn render_all(diagnostics: &[Diagnostic], text: &str, path: &str) -> String {
    let index = LineIndex::new(text);
    let drawn: Vec<String> = diagnostics
        .iter()
        .map(|d| render(d, text, &index, path))
        .collect();
    drawn.join("\n")
}

/// Draws one diagnostic of a text; `path` is printed before the line number. Ends with a line end.
#[must_use]
pub fn render(diagnostic: &Diagnostic, text: &str, index: &LineIndex, path: &str) -> String {
    let mut out = String::new();
    let place = index.line_column(text, diagnostic.span.start as usize);
    let lines = diagnostic
        .labels
        .iter()
        .map(|l| index.line_column(text, l.span.start as usize).line);
    let gutter = lines
        .chain([place.line])
        .max()
        .unwrap_or(1)
        .to_string()
        .len();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{path}:{}:{}: {}[{}]: {}",
        place.line,
        place.column,
        diagnostic.severity.word(),
        diagnostic.code.0,
        printable(&diagnostic.message)
    );
    let _ = writeln!(out, "{:gutter$} |", "");
    let mut line = draw_line(&mut out, text, index, gutter, (diagnostic.span, '^', "", 0));
    for label in &diagnostic.labels {
        line = draw_line(
            &mut out,
            text,
            index,
            gutter,
            (label.span, '-', &label.text, line),
        );
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{:gutter$} = help: {}", "", printable(&help.text));
    }
    out
}

/// Draws the first line of a span with marks and a note below it, and returns its number. A line
/// that was drawn just before is not repeated.
fn draw_line(
    out: &mut String,
    text: &str,
    index: &LineIndex,
    gutter: usize,
    (span, mark, note, drawn): (Span, char, &str, usize),
) -> usize {
    let line = index.line_column(text, span.start as usize).line;
    let range = index.line_range(text, line).unwrap_or(0..0);
    let source = text.get(range.clone()).unwrap_or("");
    let within = |byte: u32| (byte as usize).clamp(range.start, range.end) - range.start;
    let (start, end) = (within(span.start), within(span.end));

    // Every character becomes a cell: what is printed, and how many columns it takes.
    let mut shown = String::new();
    let mut marks = String::new();
    let mut column = 0;
    let before = source.get(..start).map_or(0, columns_of);
    let marked = source.get(start..end).map_or(0, columns_of);
    let first = first_column(before, marked, columns_of(source));
    if first > 0 {
        shown.push('…');
        marks.push(' ');
    }
    for (byte, c) in source.char_indices() {
        let width = column_width(c);
        let here = column;
        column += width;
        if here < first {
            continue;
        }
        if column > first + MAX_COLUMNS {
            shown.push('…');
            break;
        }
        match c {
            '\t' => shown.push_str(&" ".repeat(TAB_COLUMNS)),
            c if c.is_control() => shown.push('\u{FFFD}'),
            c => shown.push(c),
        }
        let sign = if byte < start { ' ' } else { mark };
        if byte < end {
            marks.extend(std::iter::repeat_n(sign, width));
        }
    }
    if start >= end {
        // An empty place is marked by one sign, at the end of the line if need be.
        let to = before - first.min(before) + usize::from(first > 0);
        while marks.chars().count() < to {
            marks.push(' ');
        }
        marks.push(mark);
    }
    let note = if note.is_empty() {
        String::new()
    } else {
        format!(" {note}")
    };
    if line != drawn {
        let _ = writeln!(out, "{line:gutter$} | {}", shown.trim_end());
    }
    let _ = writeln!(out, "{:gutter$} | {}{note}", "", marks.trim_end());
    line
}

/// Text of the user's program can stand in a message: its control characters do not reach a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

/// Leftmost column to show of a long line.
fn first_column(before: usize, marked: usize, total: usize) -> usize {
    if total <= MAX_COLUMNS || before + marked < MAX_COLUMNS {
        return 0;
    }
    // The place stands a quarter into the window, so that what led to it is seen too.
    before.saturating_sub(MAX_COLUMNS / 4)
}

fn columns_of(text: &str) -> usize {
    text.chars().map(column_width).sum()
}

/// Columns a character takes in a terminal: tabs are spread, joined marks take none, and the wide
/// blocks of East Asian writing and emoji take two. (Unicode Standard Annex 11, by blocks.)
fn column_width(c: char) -> usize {
    match u32::from(c) {
        0x09 => TAB_COLUMNS,
        0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{render, render_all};
    use crate::diagnostics::{Problem, label};
    use crate::text::{LineIndex, Span};

    fn drawn(text: &str, span: Span) -> String {
        let problem = Problem::UnknownNode {
            name: "lfp".into(),
            nearest: Some("lpf".into()),
        };
        render(&problem.at(span), text, &LineIndex::new(text), "a.glicol")
    }

    #[test]
    fn carets_stand_under_the_place() {
        let text = "// one\r\nout: saw 110 >> lfp 800 1\r\n";
        let start = text.find("lfp").unwrap_or(0);
        assert_eq!(
            drawn(text, Span::new(start, start + 3)),
            "a.glicol:2:17: error[E030]: No node is called `lfp`.\n  |\n2 | out: saw 110 >> lfp 800 1\n  |                 ^^^\n  = help: Use `lpf`?\n"
        );
    }

    #[test]
    fn tabs_and_wide_text_keep_the_carets_in_place() {
        let text = "\t音: lfp";
        let start = text.find("lfp").unwrap_or(0);
        let lines: Vec<String> = drawn(text, Span::new(start, start + 3))
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines.get(2).map(String::as_str), Some("1 |     音: lfp"));
        assert_eq!(lines.get(3).map(String::as_str), Some("  |         ^^^"));
    }

    #[test]
    fn an_empty_place_at_the_end_gets_one_caret() {
        let text = "o: sin >>";
        let lines: Vec<String> = drawn(text, Span::at(9))
            .lines()
            .map(str::to_owned)
            .collect();
        assert_eq!(lines.get(3).map(String::as_str), Some("  |          ^"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("o: {}lfp{}", "sin 1 >> ".repeat(50), " >> mul 1".repeat(50));
        let start = text.find("lfp").unwrap_or(0);
        let out = drawn(&text, Span::new(start, start + 3));
        let lines: Vec<&str> = out.lines().collect();
        let (source, marks) = (
            lines.get(2).copied().unwrap_or(""),
            lines.get(3).copied().unwrap_or(""),
        );
        assert!(source.chars().count() < 112, "{source}");
        let column = |s: &str, sign: &str| s.find(sign).map(|at| s[..at].chars().count());
        assert_eq!(column(source, "lfp"), column(marks, "^^^"));
    }

    #[test]
    fn labels_follow_in_their_own_line() {
        let text = "a: sin 1\na: sin 2";
        let twice = Problem::DuplicateChain { name: "a".into() }
            .at(Span::new(0, 1))
            .with_label(Span::new(9, 10), label::LATER_DEFINITION);
        let out = render_all(&[twice], text, "x");
        assert!(
            out.contains("2 | a: sin 2\n  | - this later definition counts\n"),
            "{out}"
        );
    }
}
