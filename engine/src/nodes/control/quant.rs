//! `quant`: the nearest note of a scale.

use crate::processor::{Io, Processor};
use crate::registry::{Category, Choice, Input, NodeSpec, Signal, Smoothing, Unit, Width};

const SCALE: Choice = Choice::new(0, "scale").words(&WORDS).doc(
    "`major`, `minor`, `dorian`, `phrygian`, `lydian`, `mixolydian`, `locrian`, `harmonic` and \
     `melodic` (minor), `pentatonic`, `minpent`, `blues`, `whole`, `chromatic`, `fifths`, `octave`.",
);
const ROOT: Signal = Signal::new(1, "root")
    .unit(Unit::MidiNote)
    .range(-127.0, 127.0)
    .default(0.0)
    .smoothing(Smoothing::Jump)
    .doc("The scale's first note as a MIDI number, in any octave: 0 or 60 is C, 9 or 69 is A.");

const WORDS: [&str; 16] = [
    "major",
    "minor",
    "dorian",
    "phrygian",
    "lydian",
    "mixolydian",
    "locrian",
    "harmonic",
    "melodic",
    "pentatonic",
    "minpent",
    "blues",
    "whole",
    "chromatic",
    "fifths",
    "octave",
];
/// Semitones above the root, from 0 on, in the order of [`WORDS`].
const SCALES: [&[u8]; 16] = [
    &[0, 2, 4, 5, 7, 9, 11],
    &[0, 2, 3, 5, 7, 8, 10],
    &[0, 2, 3, 5, 7, 9, 10],
    &[0, 1, 3, 5, 7, 8, 10],
    &[0, 2, 4, 6, 7, 9, 11],
    &[0, 2, 4, 5, 7, 9, 10],
    &[0, 1, 3, 5, 6, 8, 10],
    &[0, 2, 3, 5, 7, 8, 11],
    &[0, 2, 3, 5, 7, 9, 11],
    &[0, 2, 4, 7, 9],
    &[0, 3, 5, 7, 10],
    &[0, 3, 5, 6, 7, 10],
    &[0, 2, 4, 6, 8, 10],
    &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    &[0, 7],
    &[0],
];

const OCTAVE: f32 = 12.0;
/// Notes beyond this count as this.
const FAR: f32 = 300.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "quant",
    category: Category::Control,
    summary: "Moves MIDI notes to the nearest note of a scale.",
    doc: "`~a: walk 1/8 0.2 48 72 >> quant minor 9` walks in A minor; `seq ~a` or `mtof` plays it. \
          The root says which note the scale begins on, in any octave. Of two notes that are \
          equally near the lower one is taken. 0 stays 0, a rest.",
    examples: &[
        "~a: walk 1/8 0.3 48 72 >> quant minor 9\n~pitch: speed 2 >> seq ~a ~a ~a ~a >> mul 261.63\n\
         out: saw ~pitch >> lpf 1200 2 >> mul 0.3",
        "~pitch: lfo 2 tri 40 76 >> quant blues 4 >> mtof\nout: tri ~pitch >> mul 0.3",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    stateless: true,
    args: &[SCALE.spec(), ROOT.spec()],
    build: Some(|b| {
        let scale = SCALES.get(b.choice(SCALE)).copied().unwrap_or(&[0]);
        Ok(Box::new(Quant { scale }))
    }),
    ..NodeSpec::PLAIN
};

struct Quant {
    scale: &'static [u8],
}

impl Quant {
    fn nearest(&self, note: f32, root: f32) -> f32 {
        // Also what is not a number: silence is the safe answer.
        if note == 0.0 || note.is_nan() {
            return 0.0;
        }
        let above = note.clamp(-FAR, FAR) - root;
        let octave = (above / OCTAVE).floor() * OCTAVE;
        let within = above - octave;
        let mut best = 0.0;
        for degree in self.scale.iter().map(|d| f32::from(*d)).chain([OCTAVE]) {
            if (degree - within).abs() < (best - within).abs() {
                best = degree;
            }
        }
        root + octave + best
    }
}

impl Processor for Quant {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let (note, root) = (ins.input(), ins.arg(ROOT));
        for (i, y) in out.iter_mut().enumerate() {
            *y = self.nearest(note.at(i), ROOT.clamp(root.at(i)));
        }
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_scale(word: &str, note: f32, root: f32) -> f32 {
        let index = WORDS.iter().position(|w| *w == word).expect("a scale");
        Quant {
            scale: SCALES[index],
        }
        .nearest(note, root)
    }

    #[test]
    fn nearest_notes() {
        let cases = [
            ("major", 60.4, 0.0, 60.0),
            ("major", 61.0, 0.0, 60.0),
            ("major", 61.1, 0.0, 62.0),
            ("major", 71.6, 60.0, 72.0),
            ("minor", 61.0, 9.0, 60.0),
            ("minor", 68.0, 69.0, 67.0),
            ("minor", -2.4, 0.0, -2.0),
            ("pentatonic", 65.4, 0.0, 64.0),
            ("pentatonic", 65.6, 0.0, 67.0),
            ("octave", 65.9, 0.0, 60.0),
            ("octave", 66.1, 0.0, 72.0),
            ("chromatic", 63.49, 0.5, 63.5),
            ("fifths", 64.0, 0.0, 67.0),
            ("blues", 0.0, 4.0, 0.0),
            ("major", 1e30, 0.0, 300.0),
        ];
        for (word, note, root, want) in cases {
            assert_eq!(in_scale(word, note, root), want, "{note} in {root} {word}");
        }
        assert_eq!(in_scale("major", f32::NAN, 0.0), 0.0);
    }

    #[test]
    fn every_note_of_a_scale_stays() {
        for scale in SCALES {
            assert!(scale.windows(2).all(|w| w[0] < w[1]) && scale[0] == 0);
            for degree in scale {
                for root in [0.0, 9.0, 61.0] {
                    let note = root + 24.0 + f32::from(*degree);
                    assert_eq!(Quant { scale }.nearest(note, root), note);
                }
            }
        }
    }
}
