//! `hpf`: a resonant high-pass.

use super::state_variable::{FILTER, StateVariable};
use crate::dsp::svf::HighPass;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "hpf",
    aliases: &["rhpf"],
    summary: "Resonant high-pass filter, 12 dB per octave.",
    doc: "Lets the highs pass. Cutoff and Q may move at every sample and are kept inside what the \
          filter can do. A stereo signal stays stereo.",
    differs: "Upstream's node of this name is no high-pass: it amplifies the lows by 30 dB and more. \
              Programs that used it sound thinner and quieter here, as they were meant.",
    examples: &["out: saw 110 >> hpf 1000 1 >> mul 0.3"],
    build: Some(StateVariable::<HighPass>::build),
    ..FILTER
};
