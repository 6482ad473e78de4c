//! `phaser`: notches that sweep.

use super::swaying::{SWAYING, SwayingNode, feedback, rate};
use crate::dsp::phaser::Phaser;
use crate::nodes::support::mix_argument;
use crate::registry::{NodeSpec, Signal, Unit};

const RATE: Signal = rate(0.3);
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.7)
    .doc("How far the notches sweep: at 1, two octaves up and down around 800 Hz.");
const FEEDBACK: Signal = feedback(
    0.4,
    "How much of the turned sound is turned again: more is sharper, negative is softer.",
);
const MIX: Signal = mix_argument(3, 0.5, "Share of the turned sound; 0.5 cuts deepest.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "phaser",
    summary: "Phaser: six stages, three notches that sweep.",
    doc: "Six all-pass stages turn the phase; where it comes back turned over, it cancels the dry \
          sound. The notches stand at the corner and 3.7 times below and above it, at every sample \
          rate. The right side is a quarter of a cycle ahead.",
    examples: &[
        "out: saw 110 >> mul 0.3 >> phaser 0.3 0.7 0.4 0.5",
        "out: ~input >> phaser 0.1 1 0.7",
    ],
    sources: &["Zavalishin: The Art of VA Filter Design, 2.1.0, sections 3.9 and 10.6"],
    args: &[RATE.spec(), DEPTH.spec(), FEEDBACK.spec(), MIX.spec()],
    build: Some(|b| {
        let rate = f64::from(b.sample_rate);
        Ok(Box::new(SwayingNode {
            kernel: Phaser::new(rate),
            rate: RATE,
            depth: DEPTH,
            feedback: Some(FEEDBACK),
            mix: MIX,
        }))
    }),
    ..SWAYING
};
