//! `flanger`: a comb filter that moves.

use super::swaying::{SWAYING, SwayingNode, feedback, rate};
use crate::dsp::chorus::Flanger;
use crate::nodes::support::mix_argument;
use crate::registry::{NodeSpec, Signal, Unit};

const RATE: Signal = rate(0.2);
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Milliseconds)
    .range(0.0, LONGEST_MS)
    .default(4.0)
    .doc("How far the delay moves, from 0.5 ms up.");
const FEEDBACK: Signal = feedback(
    0.5,
    "How much of the delayed sound is delayed again: more rings, negative sounds hollow.",
);
const MIX: Signal = mix_argument(3, 0.5, "Share of the delayed sound; 0.5 cuts deepest.");
/// Longest depth.
const LONGEST_MS: f32 = 10.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "flanger",
    summary: "Flanger: a short moving delay, for sweeping combs.",
    doc: "The sound and its copy, 0.5 ms and up to `depth` later, cancel at evenly spaced \
          frequencies that sweep up and down. The right side is a quarter of a cycle ahead.",
    examples: &[
        "out: saw 55 >> mul 0.3 >> flanger 0.2 4 0.6 0.5",
        "out: ~input >> flanger 0.1 3 -0.7",
    ],
    sources: &[
        "Dattorro: Effect design, part 2: delay-line modulation and chorus. JAES 45(10), 1997",
    ],
    args: &[RATE.spec(), DEPTH.spec(), FEEDBACK.spec(), MIX.spec()],
    build: Some(|b| {
        let rate = f64::from(b.sample_rate);
        Ok(Box::new(SwayingNode {
            kernel: Flanger::new(rate, LONGEST_MS),
            rate: RATE,
            depth: DEPTH,
            feedback: Some(FEEDBACK),
            mix: MIX,
        }))
    }),
    ..SWAYING
};
