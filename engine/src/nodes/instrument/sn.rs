//! `sn`: a snare drum.

use super::hit::{DECAY, DRUM, Loudness, fixed_times};
use crate::dsp::envelope::Percussive;
use crate::dsp::noise;
use crate::dsp::oscillator::{Clocking, Oscillator, Sine};
use crate::nodes::support::{EMPTY, runs, samples};
use crate::processor::{Io, Processor};
use crate::registry::NodeSpec;

const REST_HZ: f32 = 60.0;
const SWEEP_HZ: f32 = 55.0;
const NOISE_LEVEL: f32 = 0.3;
/// Upstream's seed.
const SEED: f32 = 42.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "sn",
    summary: "Snare drum: a falling sine with noise.",
    doc: "Each trigger (a sample above 0, as from `seq` or `imp`) starts it; the trigger's value \
          scales level and sweep, not the pitch. A new trigger cuts the old one off. Peaks reach \
          about 1.28.\n\n\
          Sounds the same at every sample rate and only when triggered.",
    differs: "Upstream plays once when it is created, and is right only at 44.1 kHz.",
    examples: &["out: seq _ 60 _ 60 >> sn 0.15"],
    build: Some(|b| {
        Ok(Box::new(Snare {
            sine: Oscillator::default(),
            sweep: Percussive::default(),
            loudness: Loudness::default(),
            stream: noise::stream(SEED),
            clock: Clocking::new(f64::from(b.sample_rate)),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..DRUM
};

struct Snare {
    sine: Oscillator,
    sweep: Percussive,
    loudness: Loudness,
    stream: u64,
    clock: Clocking,
    frames_per_second: f64,
}

impl Processor for Snare {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let first = io.frame();
        let rate = self.frames_per_second;
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let trigger = samples(ins.input(), frames, &mut held);

        let mut hz = EMPTY;
        let sweeping = self
            .sweep
            .process(trigger, fixed_times(0.001, 0.1, rate), &mut hz);
        let mut level = EMPTY;
        let sounding = self
            .loudness
            .process(trigger, 0.001, ins.arg(DECAY), rate, &mut level);
        if sounding == 0 && sweeping == 0 {
            // Silent, but the phase runs on, as it would with every frame computed.
            self.sine.skip(REST_HZ, self.clock, frames as u64);
            out.fill(0.0);
            return;
        }
        hz.iter_mut().for_each(|x| *x = REST_HZ + SWEEP_HZ * *x);
        self.sine.moving::<Sine>(&hz[..frames], self.clock, out);
        let stream = self.stream;
        runs(sounding, frames, |start, end| {
            for (i, y) in out.iter_mut().enumerate().take(end).skip(start) {
                *y += NOISE_LEVEL * noise::sample(stream, first + i as u64);
            }
        });
        for (y, level) in out.iter_mut().zip(&level) {
            *y *= level;
        }
    }

    fn reset(&mut self) {
        self.sine.reset();
        self.sweep.reset();
        self.loudness.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.sine.skip(REST_HZ, self.clock, frames);
    }
}
