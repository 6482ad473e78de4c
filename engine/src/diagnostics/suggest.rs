//! The nearest name.

/// Edit distance that counts an insertion, a deletion, a substitution and an exchange of two
/// neighbours as one each (optimal string alignment).
///
/// Source: Damerau, "A technique for computer detection and correction of spelling errors",
/// CACM 7(3), 1964; recurrence as in Boytsov, "Indexing methods for approximate dictionary
/// searching", JEA 2011, section 2.2.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    let mut above = None;
    for (i, &x) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        let mut previous = None;
        let cells = row.iter_mut().skip(1).zip(last.iter().skip(1));
        // The exchange looks two columns back in the row before last.
        let back = std::iter::once(0).chain(before.iter().copied());
        for ((&y, (cell, &up)), two_back) in b.iter().zip(cells).zip(back) {
            let mut cost = (left + 1).min(up + 1).min(diagonal + usize::from(x != y));
            if above == Some(y) && previous == Some(x) {
                cost = cost.min(two_back + 1);
            }
            *cell = cost;
            (diagonal, left, previous) = (up, cost, Some(y));
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        above = Some(x);
        std::mem::swap(&mut before, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().unwrap_or(0)
}

/// The candidate that was probably meant: within one error per three characters, and at least one
/// character in common with the beginning or the end. Ties go to one of the same letters, then to the
/// first in alphabetical order.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = name.chars().count();
    // Nobody types a name of more than this by mistake, and the table grows with the square.
    if length > 40 {
        return None;
    }
    let allowed = length.div_ceil(3);
    let name = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|c| c.chars().count().abs_diff(length) <= allowed)
        .filter(|c| {
            let bare = |s: &str| s.trim_start_matches('~').to_owned();
            let (a, b) = (bare(&name), bare(c));
            a.chars().next() == b.chars().next() || a.chars().last() == b.chars().last()
        })
        .map(|c| (distance(&name, c), sorted(&name) != sorted(c), c))
        .filter(|(d, ..)| *d <= allowed)
        .min()
        .map(|(.., c)| c)
}

fn sorted(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn exchanged_letters_beat_a_wrong_one() {
        assert_eq!(nearest("lfp", ["lfo", "lpf"]), Some("lpf"));
        assert_eq!(nearest("lfx", ["lfo", "lpf"]), Some("lfo"));
    }

    #[test]
    fn distances() {
        let cases = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("lfp", "lpf", 1),
            ("sin", "sin", 0),
            ("sine", "sin", 1),
            ("kitten", "sitting", 3),
            ("abcd", "badc", 2),
            ("delaysm", "delayms", 1),
        ];
        for (a, b, expected) in cases {
            assert_eq!(distance(a, b), expected, "{a} {b}");
            assert_eq!(distance(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn near_names_only() {
        let nodes = ["sin", "saw", "squ", "lpf", "hpf", "delayms", "plate"];
        assert_eq!(nearest("lfp", nodes), Some("lpf"));
        assert_eq!(nearest("Sin", nodes), Some("sin"));
        assert_eq!(nearest("plat", nodes), Some("plate"));
        assert_eq!(nearest("delaysm", nodes), Some("delayms"));
        assert_eq!(nearest("xyz", nodes), None);
        assert_eq!(nearest("", nodes), None);
    }
}
