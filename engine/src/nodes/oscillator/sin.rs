//! `sin`: a sine wave.

use super::tone::{TONE, Tone};
use crate::dsp::oscillator::Sine;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "sin",
    summary: "Sine wave.",
    doc: "Starts at 0 and rises. A reference as frequency is read at every sample, so \
          `sin ~carrier` is frequency modulation. A frequency of 0 freezes the phase.\n\n\
          With a signal before it, that signal is the frequency: a number written after `sin` is \
          then ignored, a reference is added.\n\n\
          The phase never drifts: it is exact after hours.",
    differs: "Upstream's phase drifts over hours, and an input together with a reference freezes it.",
    examples: &[
        "out: sin 440 >> mul 0.3",
        "~carrier: sin 110 >> mul 200 >> add 440\nout: sin ~carrier >> mul 0.3",
    ],
    build: Some(Tone::<Sine>::build),
    ..TONE
};
