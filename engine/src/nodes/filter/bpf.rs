//! `bpf`: a band-pass.

use super::state_variable::{FILTER, StateVariable};
use crate::dsp::svf::BandPass;
use crate::registry::NodeSpec;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "bpf",
    summary: "Band-pass filter, gain 1 at its centre.",
    doc: "Lets a band around the cutoff pass and falls by 6 dB per octave on either side. The gain \
          at the centre is 1 for every Q; the band is cutoff divided by Q wide, so a high Q is \
          narrow and quiet on noise. Cutoff and Q may move at every sample. A stereo signal stays \
          stereo.",
    examples: &[
        "out: noiz 1 >> bpf 900 8",
        "~vowel: sin 0.4 >> mul 500 >> add 900\nout: saw 110 >> bpf ~vowel 5",
    ],
    upstream: false,
    build: Some(StateVariable::<BandPass>::build),
    ..FILTER
};
