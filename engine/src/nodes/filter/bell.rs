//! `bell`: makes a band louder or softer.

use super::equalizer::{EQUALIZER, Equalizer, FREQ, GAIN_DB, Kind, Q};
use crate::dsp::svf::Bell;
use crate::registry::{NodeSpec, Signal};

const CENTRE: Signal = FREQ.default(1000.0);
const GAIN: Signal = GAIN_DB.default(6.0);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "bell",
    summary: "Makes a band around a frequency louder or softer.",
    doc: "The gain at `freq` is `gain_db`, far from it nothing changes. A high `q` is narrow. 0 dB \
          changes nothing, to the bit, and a boost and a cut by the same amount undo each other. \
          All three may move at every sample. A stereo signal stays stereo.",
    examples: &[
        "out: saw 110 >> mul 0.2 >> bell 1200 9 2",
        "~wah: sin 1.5 >> mul 700 >> add 1000\nout: saw 55 >> mul 0.1 >> bell ~wah 18 4",
    ],
    args: &[CENTRE.spec(), GAIN.spec(), Q.spec()],
    build: Some(Equalizer::<Bell>::build),
    ..EQUALIZER
};

impl Kind for Bell {
    const ARGS: (Signal, Signal, Option<Signal>) = (CENTRE, GAIN, Some(Q));
}
