//! `hh`: a hi-hat.

use super::hit::{DECAY, DRUM, Loudness};
use crate::dsp::noise;
use crate::dsp::svf::{Coefficients, HighPass, Svf};
use crate::nodes::support::{EMPTY, runs, samples};
use crate::processor::{Io, Processor};
use crate::registry::NodeSpec;

const CUTOFF_HZ: f32 = 15_000.0;
const Q: f32 = 1.0;
/// Share of unfiltered noise, and gain of the whole.
///
/// Upstream's filter leaks: measured there are −17 dB below 1 kHz and an RMS gain of 0.565 at
/// 44.1 kHz. With the RMS gain of a true high-pass of this cutoff and Q (0.678) and its first
/// sample (0.1635), `gain · direct = 0.141` and
/// `gain² (0.678² + 2 · 0.1635 · direct + direct²) = 0.565²` give these two.
const DIRECT: f32 = 0.186;
const GAIN: f32 = 0.7585;
/// Rate at which noise has the density that the gain was matched at.
const MATCHED_RATE: f32 = 44_100.0;
/// Upstream's seed.
const SEED: f32 = 42.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "hh",
    summary: "Hi-hat: bright noise.",
    doc: "Each trigger (a sample above 0, as from `seq` or `imp`) starts it; the trigger's value \
          is the level. A new trigger cuts the old one off.\n\n\
          Noise through a true high-pass at 15 kHz with a little of the noise itself, matched to \
          the spectrum of upstream's, whose filter leaks. Sounds only when triggered, and alike at \
          every sample rate.",
    differs: "Upstream's noise runs through its faulty `hpf`; here a true high-pass is voiced like it.",
    examples: &["out: speed 2 >> seq 60 60 60 60 >> hh 0.05"],
    build: Some(|b| {
        Ok(Box::new(HiHat {
            filter: Svf::default(),
            coefficients: Coefficients::new(CUTOFF_HZ, Q, 1.0 / b.sample_rate),
            loudness: Loudness::default(),
            stream: noise::stream(SEED),
            gain: GAIN * (b.sample_rate / MATCHED_RATE).sqrt(),
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
    /// Keeps the density of the noise per hertz whatever the rate.
    gain: f32,
    frames_per_second: f64,
}

impl Processor for HiHat {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let first = io.frame();
        let (rate, gain) = (self.frames_per_second, self.gain);
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
            let (out, frame) = (&mut out[start..end], first + start as u64);
            self.filter
                .held::<HighPass>(&self.coefficients, frame, white, out);
            for ((y, level), x) in out.iter_mut().zip(&level[start..end]).zip(&*white) {
                *y = (*y + DIRECT * x) * level * gain;
            }
        });
    }

    fn reset(&mut self) {
        self.filter.reset();
        self.loudness.reset();
    }
}
