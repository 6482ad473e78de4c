//! `chorus`: three voices that sway.

use super::swaying::{SWAYING, SwayingNode, rate};
use crate::dsp::chorus::Chorus;
use crate::nodes::support::mix_argument;
use crate::registry::{NodeSpec, Signal, Tail, Unit};

const RATE: Signal = rate(0.6);
const DEPTH: Signal = Signal::new(1, "depth")
    .unit(Unit::Milliseconds)
    .range(0.0, LONGEST_MS)
    .default(4.0)
    .doc("How far the delay moves, from 6 ms up.");
const MIX: Signal = mix_argument(2, 0.5, "Share of the voices: 0 is dry, 1 only the voices.");
/// Longest depth.
const LONGEST_MS: f32 = 20.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "chorus",
    summary: "Chorus: three voices to each side that sway in pitch.",
    doc: "Each voice is a delay of 6 ms and up to `depth` more, moved by a slow sine; the six of \
          them stand at six places of the cycle, so a mono sound becomes wide. The pitch sways by \
          about 3 x rate x depth thousandths: 0.7 % at the defaults.",
    examples: &[
        "out: saw 110 >> mul 0.3 >> chorus 0.6 4 0.5",
        "out: ~input >> chorus",
    ],
    sources: &[
        "Dattorro: Effect design, part 2: delay-line modulation and chorus. JAES 45(10), 1997",
    ],
    tail: Tail::Seconds(0.03),
    args: &[RATE.spec(), DEPTH.spec(), MIX.spec()],
    build: Some(|b| {
        let rate = f64::from(b.sample_rate);
        Ok(Box::new(SwayingNode {
            kernel: Chorus::new(rate, LONGEST_MS),
            rate: RATE,
            depth: DEPTH,
            feedback: None,
            mix: MIX,
        }))
    }),
    ..SWAYING
};
