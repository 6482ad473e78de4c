//! `noiz`: white noise from a seed.

use crate::dsp::noise;
use crate::processor::{Io, Processor, Value};
use crate::registry::{Activity, Category, NodeSpec, Signal, Smoothing, Tail, Width};

const SEED: Signal = Signal::new(0, "seed")
    .range(-1e9, 1e9)
    .default(42.0)
    .smoothing(Smoothing::Jump)
    .doc("A whole number; each gives another stream. Fractions are cut off.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "noiz",
    aliases: &["noise"],
    category: Category::Oscillator,
    summary: "White noise; each seed is another stream.",
    doc: "Evenly distributed between -1 and 1. The sample depends only on the seed and on the time \
          since playback was reset, so the same program gives the same noise again.\n\n\
          Two nodes with the same seed are identical and add up to double level.",
    differs: "Upstream's seeds are shifted copies of one stream; here they are independent.",
    examples: &["out: noiz 42 >> lpf 800 2 >> mul 0.3"],
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Turns),
    args: &[SEED.spec()],
    build: Some(|_| Ok(Box::new(Noiz { stream: None }))),
    ..NodeSpec::PLAIN
};

struct Noiz {
    /// The last seed and the start of its stream.
    stream: Option<(f32, u64)>,
}

impl Noiz {
    fn stream(&mut self, seed: f32) -> u64 {
        let seed = SEED.clamp(seed);
        match self.stream {
            Some((known, stream)) if known == seed => stream,
            _ => {
                let stream = noise::stream(seed);
                self.stream = Some((seed, stream));
                stream
            }
        }
    }
}

impl Processor for Noiz {
    fn process(&mut self, io: &mut Io<'_>) {
        let frame = io.frame();
        let (ins, out) = io.split(0);
        match ins.arg(SEED) {
            Value::Held(seed) => noise::fill(self.stream(seed), frame, out),
            Value::Moving(seeds) => {
                for (i, (y, seed)) in out.iter_mut().zip(seeds).enumerate() {
                    *y = noise::sample(self.stream(*seed), frame + i as u64);
                }
            }
        }
    }

    fn reset(&mut self) {
        self.stream = None;
    }
}
