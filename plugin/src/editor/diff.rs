//! Comparing texts: which lines are new, and where a place of an older text is now.

use std::ops::Range;

/// Above this many cells the table of [`changed_lines`] is not worth its time; the whole region
/// between common beginning and end then counts as changed.
const TABLE_CELLS: usize = 4_000_000;

/// For each line of `new`: whether it says something that `old` does not say at that place.
///
/// Lines are matched by the longest common subsequence; blank and comment lines never count,
/// because they cannot be heard.
#[must_use]
pub fn changed_lines(old: &str, new: &str) -> Vec<bool> {
    let old: Vec<&str> = old.lines().map(meaning).collect();
    let new: Vec<&str> = new.split('\n').map(meaning).collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(a, b)| a == b);
    let tail = tail.count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);

    let mut changed = vec![false; new.len()];
    let middle = &mut changed[head..head + b.len()];
    if a.len().saturating_mul(b.len()) > TABLE_CELLS {
        middle.fill(true);
    } else {
        mark_middle(a, b, middle);
    }
    for (mark, line) in changed.iter_mut().zip(&new) {
        *mark &= !line.is_empty();
    }
    changed
}

/// A line without its comment and outer blanks: what of it can be heard.
fn meaning(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code).trim()
}

fn mark_middle(a: &[&str], b: &[&str], changed: &mut [bool]) {
    let width = b.len() + 1;
    // longest[i * width + j]: length of the common subsequence of a[i..] and b[j..].
    let mut longest = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while j < b.len() {
        if i < a.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            changed[j] = true;
            j += 1;
        }
    }
}

/// The one stretch of bytes in which two texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    start: usize,
    old_end: usize,
    new_end: usize,
}

impl Change {
    /// Finds it. Equal texts give an empty stretch at their end.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let (a, b) = (old.as_bytes(), new.as_bytes());
        let mut start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        while !old.is_char_boundary(start) || !new.is_char_boundary(start) {
            start -= 1;
        }
        let common = a[start..].iter().rev().zip(b[start..].iter().rev());
        let mut tail = common.take_while(|(x, y)| x == y).count();
        while !old.is_char_boundary(a.len() - tail) || !new.is_char_boundary(b.len() - tail) {
            tail -= 1;
        }
        Self {
            start,
            old_end: a.len() - tail,
            new_end: b.len() - tail,
        }
    }

    /// Where a range of the old text is in the new one; `None` if it was changed itself.
    #[must_use]
    pub fn map(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.end <= self.start {
            return Some(range);
        }
        if range.start < self.old_end {
            return None;
        }
        let moved = |at: usize| at - self.old_end + self.new_end;
        Some(moved(range.start)..moved(range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, changed_lines};

    #[test]
    fn only_lines_that_sound_different_are_marked() {
        let old = "// tune\na: sin 1\nb: sin 2\n\nc: sin 3";
        let new = "// other words\na: sin 1 // same\nb: sin 22\n\nnew: saw 1\nc: sin 3";
        assert_eq!(
            changed_lines(old, new),
            [false, false, true, false, true, false]
        );
        assert_eq!(changed_lines(old, old), [false; 5]);
        assert_eq!(changed_lines("", "a: sin 1\n"), [true, false]);
        assert_eq!(changed_lines("a: sin 1", ""), [false]);
    }

    #[test]
    fn a_moved_line_is_marked_once() {
        assert_eq!(
            changed_lines("a: 1\nb: 2\nc: 3", "b: 2\nc: 3\na: 1"),
            [false, false, true]
        );
    }

    #[test]
    fn places_move_with_the_text() {
        let old = "one two three";
        let change = Change::between(old, "one twenty three");
        assert_eq!(change.map(0..3), Some(0..3));
        assert_eq!(change.map(4..7), None);
        let moved = change.map(8..13).map(|r| &"one twenty three"[r]);
        assert_eq!(moved, Some("three"));
    }

    #[test]
    fn a_change_never_splits_a_character() {
        for (old, new) in [
            ("é", "è"),
            ("aé", "aéé"),
            ("日本", "日木"),
            ("", "é"),
            ("é", ""),
        ] {
            let change = Change::between(old, new);
            assert!(old.is_char_boundary(change.start) && old.is_char_boundary(change.old_end));
            assert!(new.is_char_boundary(change.start) && new.is_char_boundary(change.new_end));
        }
    }
}
