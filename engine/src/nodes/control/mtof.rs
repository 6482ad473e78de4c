//! `mtof`: MIDI notes as frequencies.

use crate::dsp::math::{clamp, exp2};
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Width};

/// Notes further from 0 than this count as this far.
const FAR: f32 = 160.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "mtof",
    category: Category::Control,
    summary: "Turns MIDI note numbers into frequencies in hertz.",
    doc: "69 becomes 440, 60 becomes 261.63; fractions lie in between, 12 more is twice as high. 0 \
          stays 0, which `saw`, `squ` and `tri` take as \"hold the pitch\".\n\n\
          A `seq` gives pitch ratios, not notes: multiply those by 261.63 instead.",
    examples: &[
        "~pitch: \"57@0 60@1/4 64@1/2 67@3/4\"(1) >> mtof\nout: tri ~pitch >> mul 0.3",
        "~pitch: walk 1/8 0.3 45 69 >> quant minor 9 >> mtof\nout: saw ~pitch >> lpf 900 2 >> mul 0.3",
    ],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    stateless: true,
    build: Some(|_| Ok(Box::new(Mtof))),
    ..NodeSpec::PLAIN
};

struct Mtof;

fn hertz(note: f32) -> f32 {
    if note == 0.0 || note.is_nan() {
        return 0.0;
    }
    let octaves = (f64::from(clamp(note, -FAR, FAR)) - 69.0) / 12.0;
    (440.0 * exp2(octaves)) as f32
}

impl Processor for Mtof {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let notes = ins.input();
        // Notes mostly stay for a while.
        let (mut note, mut value) = (0.0, 0.0);
        for (i, y) in out.iter_mut().enumerate() {
            let now = notes.at(i);
            if now != note {
                (note, value) = (now, hertz(now));
            }
            *y = value;
        }
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::hertz;

    #[test]
    fn notes_and_frequencies() {
        let cases = [
            (69.0, 440.0),
            (60.0, 261.625_58),
            (81.0, 880.0),
            (57.5, 226.446_2),
            (0.0, 0.0),
        ];
        for (note, want) in cases {
            assert!((hertz(note) - want).abs() < 1e-3, "{note}: {}", hertz(note));
        }
        assert!(hertz(f32::INFINITY).is_finite() && hertz(f32::NEG_INFINITY) > 0.0);
        assert_eq!(hertz(f32::NAN), 0.0);
    }
}
