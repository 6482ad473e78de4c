//! `morph`: from low-pass over a peak to high-pass.

use crate::nodes::fundsp_unit;
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const CUTOFF: Signal = Signal::new(0, "cutoff")
    .unit(Unit::Hertz)
    .range(10.0, 40_000.0)
    .default(1000.0)
    .doc("Corner and centre; never above 0.45 of the sample rate.");
const Q: Signal = Signal::new(1, "q")
    .range(0.1, 50.0)
    .default(2.0)
    .doc("Resonance: about the gain at the cutoff.");
const SHAPE: Signal = Signal::new(2, "shape")
    .range(-1.0, 1.0)
    .default(-0.5)
    .doc("-1 is a low-pass, 0 a peak with both sides at half level, 1 a high-pass.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "morph",
    category: Category::Filter,
    summary: "Filter that morphs from low-pass over a peak to high-pass.",
    doc: "One filter whose `shape` moves without steps between a low-pass (-1), a peak (0) and a \
          high-pass (1), 12 dB per octave, with the gain at the cutoff staying near `q`. Towards \
          -1 what it passes is turned upside down, which is heard only where it is mixed with the \
          same signal. A stereo signal stays stereo.",
    examples: &[
        "~shape: sin 0.2\nout: saw 110 >> mul 0.2 >> morph 900 3 ~shape",
        "out: noiz 1 >> mul 0.1 >> morph 2000 6 1",
    ],
    sources: &["Morphing filter of fundsp 0.23, on Simper's state-variable filter"],
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    tail: Tail::Seconds(4.0),
    args: &[CUTOFF.spec(), Q.spec(), SHAPE.spec()],
    build: Some(|build| fundsp_unit::morph(build, &[CUTOFF, Q, SHAPE])),
    ..NodeSpec::PLAIN
};
