//! `highshelf`: makes the highs louder or softer.

use super::equalizer::{EQUALIZER, Equalizer, FREQ, GAIN_DB, Kind};
use crate::dsp::svf::HighShelf;
use crate::registry::{NodeSpec, Signal};

const CORNER: Signal = FREQ.default(4000.0);
const GAIN: Signal = GAIN_DB.default(6.0);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "highshelf",
    summary: "Makes the highs louder or softer.",
    doc: "Changes what lies above `freq` by `gain_db` and leaves the rest. At `freq` itself half of the \
          dB apply; the slope is the steepest without a bump. 0 dB changes nothing, to the bit, and \
          a boost and a cut by the same amount undo each other. Frequency and gain may move at \
          every sample. A stereo signal stays stereo.",
    examples: &["out: ~input >> highshelf 5000 -6"],
    args: &[CORNER.spec(), GAIN.spec()],
    build: Some(Equalizer::<HighShelf>::build),
    ..EQUALIZER
};

impl Kind for HighShelf {
    const ARGS: (Signal, Signal, Option<Signal>) = (CORNER, GAIN, None);
}
