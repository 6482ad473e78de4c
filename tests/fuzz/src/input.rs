//! From the fuzzer's bytes to texts and performances.

use std::borrow::Cow;

use libfuzzer_sys::arbitrary::Unstructured;

use crate::any_text::FRAGMENTS;
use crate::generate;

/// First byte of an input that holds texts as they are.
const TEXTS: u8 = b'T';
/// Stands between two texts of one input.
const NEXT: char = '\u{c}';

/// Programs one after the other, and from what all other choices come.
#[derive(Debug)]
pub struct Performance {
    /// The first program, and what it is edited to.
    pub texts: Vec<String>,
    /// Seed of rate, blocks, song, track audio and launches.
    pub seed: u64,
    /// Whether no number is large and nothing feeds back: then no node may run over.
    pub tame: bool,
}

/// An input of [`crate::programs`] that plays these texts.
pub fn encode_texts(texts: &[String]) -> Vec<u8> {
    let mut data = vec![TEXTS, 1, 2];
    data.extend(texts.join(&NEXT.to_string()).bytes());
    data
}

/// The performance that some bytes stand for, if they suffice for one.
pub fn performance_of(data: &[u8]) -> Option<Performance> {
    let (&kind, rest) = data.split_first()?;
    if kind == TEXTS {
        let (seed, texts) = rest.split_at_checked(2)?;
        let texts = String::from_utf8_lossy(texts);
        return Some(Performance {
            texts: texts.split(NEXT).take(4).map(str::to_owned).collect(),
            seed: u64::from(seed[0]) << 8 | u64::from(seed[1]),
            tame: false,
        });
    }
    let mut bytes = Unstructured::new(rest);
    let tame = kind % 2 == 0;
    Some(Performance {
        seed: bytes.arbitrary().ok()?,
        texts: generate::texts(&mut bytes, tame).ok()?,
        tame,
    })
}

/// Bytes as text: as they are, or (first byte above 127, which no text begins with alone) each byte
/// as a word of the language.
pub fn text_of(data: &[u8]) -> Cow<'_, str> {
    match data.split_first() {
        Some((255, words)) => Cow::Owned(soup(words)),
        Some((254, bytes)) => {
            let mut bytes = Unstructured::new(bytes);
            let texts = generate::texts(&mut bytes, false);
            Cow::Owned(texts.map_or(String::new(), |t| t.join("\n")))
        }
        _ => String::from_utf8_lossy(data),
    }
}

/// Each byte as a fragment of a program.
fn soup(words: &[u8]) -> String {
    words
        .iter()
        .map(|b| FRAGMENTS[usize::from(*b) % FRAGMENTS.len()])
        .collect()
}
