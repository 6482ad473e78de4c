//! Text in the arrays of the plugin formats: cut where it does not fit, and always ended by a 0.

use std::ffi::c_char;

/// Writes UTF-8 to an array of bytes, cut between characters.
pub(crate) fn write_utf8(text: &str, to: &mut [c_char]) {
    let Some(room) = to.len().checked_sub(1) else {
        return;
    };
    let end = text.floor_char_boundary(room);
    for (to, byte) in to.iter_mut().zip(text.as_bytes()[..end].iter().chain(&[0])) {
        *to = *byte as c_char;
    }
}

/// Writes UTF-16 to an array of code units, cut between characters.
pub(crate) fn write_utf16(text: &str, to: &mut [u16]) {
    let Some(room) = to.len().checked_sub(1) else {
        return;
    };
    let mut length = 0;
    for character in text.chars() {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        if length + units.len() > room {
            break;
        }
        to[length..length + units.len()].copy_from_slice(units);
        length += units.len();
    }
    to[length] = 0;
}

/// Reads UTF-16 up to its 0; `None` if it is not well formed.
///
/// # Safety
/// `from` is readable up to and including a 0.
pub(crate) unsafe fn read_utf16(from: *const u16) -> Option<String> {
    let mut units = Vec::new();
    let mut at = from;
    // SAFETY: the caller's promise: `at` has not passed the 0.
    unsafe {
        while *at != 0 {
            units.push(*at);
            at = at.add(1);
        }
    }
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf8(text: &str, room: usize) -> String {
        let mut to = vec![0x55; room];
        write_utf8(text, &mut to);
        let bytes = to.iter().map(|c| c.to_ne_bytes()[0]);
        String::from_utf8(bytes.take_while(|b| *b != 0).collect()).expect("whole characters")
    }

    fn utf16(text: &str, room: usize) -> String {
        let mut to = vec![0x5555; room];
        write_utf16(text, &mut to);
        let units: Vec<u16> = to.into_iter().take_while(|u| *u != 0).collect();
        String::from_utf16(&units).expect("whole characters")
    }

    #[test]
    fn text_is_cut_between_characters() {
        for write in [utf8, utf16] {
            assert_eq!(write("cutoff", 20), "cutoff");
            assert_eq!(write("cutoff", 7), "cutoff");
            assert_eq!(write("cutoff", 6), "cutof");
            assert_eq!(write("cutoff", 1), "");
            assert_eq!(write("", 4), "");
        }
        assert_eq!(utf8("aé𝄞", 4), "aé");
        assert_eq!(utf8("aé𝄞", 3), "a");
        assert_eq!(utf8("aé𝄞", 8), "aé𝄞");
        assert_eq!(utf16("aé𝄞", 4), "aé");
        assert_eq!(utf16("aé𝄞", 5), "aé𝄞");
    }

    #[test]
    fn no_room_is_no_panic() {
        write_utf8("a", &mut []);
        write_utf16("a", &mut []);
    }
}
