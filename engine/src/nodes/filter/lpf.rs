//! `lpf`: a resonant low-pass.

use super::state_variable::{FILTER, StateVariable};
use crate::dsp::svf::LowPass;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "lpf",
    summary: "Resonant low-pass filter, 12 dB per octave.",
    doc: "Lets the lows pass. Cutoff and Q may move at every sample and are kept inside what the \
          filter can do, so it never blows up. A stereo signal stays stereo.",
    differs: "The gain at 0 Hz is 1, and stereo stays stereo. Upstream's low-pass is 2.5 dB quieter, \
              a sample late, reads a moving cutoff once per block and turns stereo into mono.",
    examples: &[
        "out: saw 110 >> lpf 800 3 >> mul 0.3",
        "~sweep: sin 0.5 >> mul 900 >> add 1000\nout: saw 110 >> lpf ~sweep 4 >> mul 0.2",
    ],
    build: Some(StateVariable::<LowPass>::build),
    ..FILTER
};
