//! `bd`: a bass drum.

use super::hit::{DECAY, DRUM, Loudness, fixed_times};
use crate::dsp::envelope::Percussive;
use crate::dsp::oscillator::{Clocking, Oscillator, Sine};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor};
use crate::registry::NodeSpec;

const REST_HZ: f32 = 60.0;
const SWEEP_HZ: f32 = 50.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "bd",
    summary: "Bass drum: a sine that falls from 110 to 60 Hz.",
    doc: "Each trigger (a sample above 0, as from `seq` or `imp`) starts it; the trigger's value \
          scales level and sweep, not the pitch. A new trigger cuts the old one off. The sine runs \
          on between hits, so hits differ slightly.\n\n\
          Sounds the same at every sample rate and only when triggered.",
    differs: "Upstream plays once when it is created, and is right only at 44.1 kHz.",
    examples: &["out: seq 60 60 60 60 >> bd 0.2"],
    build: Some(|b| {
        Ok(Box::new(BassDrum {
            sine: Oscillator::default(),
            sweep: Percussive::default(),
            loudness: Loudness::default(),
            clock: Clocking::new(f64::from(b.sample_rate)),
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..DRUM
};

struct BassDrum {
    sine: Oscillator,
    sweep: Percussive,
    loudness: Loudness,
    clock: Clocking,
    frames_per_second: f64,
}

impl Processor for BassDrum {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let rate = self.frames_per_second;
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let trigger = samples(ins.input(), frames, &mut held);

        let mut hz = EMPTY;
        let sweeping = self
            .sweep
            .process(trigger, fixed_times(0.01, 0.1, rate), &mut hz);
        let mut level = EMPTY;
        let sounding = self
            .loudness
            .process(trigger, 0.003, ins.arg(DECAY), rate, &mut level);
        if sounding == 0 && sweeping == 0 {
            // Silent, but the phase runs on, as it would with every frame computed.
            self.sine.skip(REST_HZ, self.clock, frames as u64);
            out.fill(0.0);
            return;
        }
        hz.iter_mut().for_each(|x| *x = REST_HZ + SWEEP_HZ * *x);
        self.sine.moving::<Sine>(&hz[..frames], self.clock, out);
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
