//! `lowshelf`: makes the lows louder or softer.

use super::equalizer::{EQUALIZER, Equalizer, FREQ, GAIN_DB, Kind};
use crate::dsp::svf::LowShelf;
use crate::registry::{NodeSpec, Signal};

const CORNER: Signal = FREQ.default(200.0);
const GAIN: Signal = GAIN_DB.default(6.0);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "lowshelf",
    summary: "Makes the lows louder or softer.",
    doc: "Changes what lies below `freq` by `gain_db` and leaves the rest. At `freq` itself half of the \
          dB apply; the slope is the steepest without a bump. 0 dB changes nothing, to the bit, and \
          a boost and a cut by the same amount undo each other. Frequency and gain may move at \
          every sample. A stereo signal stays stereo.",
    examples: &["out: saw 55 >> mul 0.2 >> lowshelf 200 6"],
    args: &[CORNER.spec(), GAIN.spec()],
    build: Some(Equalizer::<LowShelf>::build),
    ..EQUALIZER
};

impl Kind for LowShelf {
    const ARGS: (Signal, Signal, Option<Signal>) = (CORNER, GAIN, None);
}
