//! `notch`: a band-stop.

use super::state_variable::{FILTER, StateVariable};
use crate::dsp::svf::Notch;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "notch",
    summary: "Notch filter: takes out one frequency.",
    doc: "Nothing passes at the cutoff, everything passes far from it. The hole is cutoff divided \
          by Q wide at 3 dB down: a high Q takes out a hum, a low Q that moves is half a phaser. \
          Cutoff and Q may move at every sample. A stereo signal stays stereo.",
    examples: &[
        "out: ~input >> notch 50 10",
        "~place: sin 0.2 >> mul 600 >> add 900\nout: saw 110 >> mul 0.3 >> notch ~place 0.7",
    ],
    upstream: false,
    build: Some(StateVariable::<Notch>::build),
    ..FILTER
};
