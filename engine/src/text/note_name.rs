//! Names of notes.

/// The MIDI number of the note name that a text begins with, such as `c4` (60), `f#3` or `eb2`, and
/// the name's length in bytes.
///
/// A small letter from `a` to `g`, `#` or `s` for a semitone up or `b` for one down, and the octave:
/// one digit. The octave must stand there, so that no word is a note by accident, and no digit may
/// follow it.
#[must_use]
pub fn note_name(text: &str) -> Option<(i64, usize)> {
    let bytes = text.as_bytes();
    let semitone = match bytes.first()? {
        b'c' => 0,
        b'd' => 2,
        b'e' => 4,
        b'f' => 5,
        b'g' => 7,
        b'a' => 9,
        b'b' => 11,
        _ => return None,
    };
    let (shift, octave_at) = match bytes.get(1)? {
        b'#' | b's' => (1, 2),
        b'b' => (-1, 2),
        _ => (0, 1),
    };
    let octave = bytes.get(octave_at).filter(|b| b.is_ascii_digit())?;
    if bytes.get(octave_at + 1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let octave = i64::from(octave - b'0');
    Some((12 * (octave + 1) + semitone + shift, octave_at + 1))
}

#[cfg(test)]
mod tests {
    use super::note_name;

    #[test]
    fn names_and_numbers() {
        let cases = [
            ("c4", Some((60, 2))),
            ("a4", Some((69, 2))),
            ("f#3", Some((54, 3))),
            ("eb2", Some((39, 3))),
            ("bb3", Some((58, 3))),
            ("b3", Some((59, 2))),
            ("cb4", Some((59, 3))),
            ("fs0e4", Some((18, 3))),
            ("c0", Some((12, 2))),
            ("g9_", Some((127, 2))),
            ("c", None),
            ("c#", None),
            ("c42", None),
            ("h4", None),
            ("C4", None),
            ("", None),
            ("é", None),
        ];
        for (text, expected) in cases {
            assert_eq!(note_name(text), expected, "{text}");
        }
    }
}
