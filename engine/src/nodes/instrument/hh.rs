//! `hh`: a hi-hat.

use super::hit::{DECAY, DRUM, Loudness};
use crate::dsp::noise;
use crate::dsp::svf::{Coefficients, HighPass, Svf};
use crate::nodes::support::{EMPTY, runs, samples};
use crate::processor::{Io, Processor};
use crate::registry::NodeSpec;

const CUTOFF_HZ: f32 = 15_000.0;
const Q: f32 = 1.0;
/// Brings white noise to the level it has after upstream's filter: the RMS gains at 44.1 kHz are
/// 0.565 there and 0.678 for a true high-pass of this cutoff and Q.
const LEVEL: f32 = 0.565 / 0.678;
/// Upstream's seed.
const SEED: f32 = 42.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "hh",
    summary: "Hi-hat: bright noise.",
    doc: "Each trigger (a sample above 0, as from `seq` or `imp`) starts it; the trigger's value \
          is the level. A new trigger cuts the old one off.\n\n\
          Noise through a true high-pass at 15 kHz, at the loudness of upstream's, whose filter \
          lets some lows through; sounds only when triggered. At 96 kHz the noise reaches beyond \
          hearing, and what is heard is about 3 dB softer.",
    examples: &["out: speed 2 >> seq 60 60 60 60 >> hh 0.05"],
    build: Some(|b| {
        Ok(Box::new(HiHat {
            filter: Svf::default(),
            coefficients: Coefficients::new(CUTOFF_HZ, Q, 1.0 / b.sample_rate),
            loudness: Loudness::default(),
            stream: noise::stream(SEED),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..DRUM
};

struct HiHat {
    filter: Svf,
    coefficients: Coefficients,
    loudness: Loudness,
    stream: u64,
    frames_per_second: f64,
}

impl Processor for HiHat {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let first = io.frame();
        let rate = self.frames_per_second;
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let trigger = samples(ins.input(), frames, &mut held);
        let mut level = EMPTY;
        let sounding = self
            .loudness
            .process(trigger, 0.003, ins.arg(DECAY), rate, &mut level);
        out.fill(0.0);
        // The filter stands still between hits: which frames it sees depends on the triggers only.
        runs(sounding, frames, |start, end| {
            let mut white = EMPTY;
            let white = &mut white[..end - start];
            noise::fill(self.stream, first + start as u64, white);
            let out = &mut out[start..end];
            self.filter.held::<HighPass>(&self.coefficients, white, out);
            for (y, level) in out.iter_mut().zip(&level[start..end]) {
                *y *= level * LEVEL;
            }
        });
    }

    fn reset(&mut self) {
        self.filter.reset();
        self.loudness.reset();
    }
}
