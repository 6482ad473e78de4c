//! Drives an engine as a host would, with the allocation checker around every callback.

#![allow(dead_code)] // Each test binary uses its own part of this harness.
#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

pub mod bank;
pub mod keys;
pub mod spectrum;

use glisten_engine::{
    AudioBlock, Config, Diagnostic, Engine, Evaluation, Event, EventKind, HostTransport, Kind,
    Launch, MidiEvent, NoteAddress, Parts, Renderer, SentNote, Severity, Status, StatusReader,
    create,
};

/// Frames per second of most tests: 120 BPM then has 24,000 frames to the beat.
pub const RATE: f64 = 48_000.0;

/// How a run of frames is cut into callbacks.
#[derive(Clone, Copy, Debug)]
pub enum Cut {
    /// Equal blocks.
    Every(usize),
    /// Random lengths from 0 to 700, from a seed.
    Random(u64),
}

/// A small generator for test data: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Uniform in −1..1.
    pub fn signal(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// An engine with a host around it.
pub struct Host {
    pub engine: Engine,
    pub renderer: Renderer,
    pub status: StatusReader,
    pub rate: f64,
    /// Frames rendered so far.
    pub frame: u64,
    pub tempo_bpm: f64,
    pub playing: bool,
    /// Beat of frame 0.
    pub start_beat: f64,
    pub loop_beats: Option<(f64, f64)>,
    pub cut: Cut,
    /// Notes for other tracks so far, with frames counted over the host's life.
    pub sent: Vec<SentNote>,
    random: Random,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audio {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
}

impl Audio {
    pub fn bits(&self) -> Vec<(u32, u32)> {
        self.left
            .iter()
            .zip(&self.right)
            .map(|(l, r)| (l.to_bits(), r.to_bits()))
            .collect()
    }

    /// First frame that differs, if any.
    pub fn first_difference(&self, other: &Self) -> Option<usize> {
        self.bits()
            .iter()
            .zip(other.bits())
            .position(|(a, b)| *a != b)
    }

    pub fn peak(&self) -> f32 {
        self.left
            .iter()
            .chain(&self.right)
            .fold(0.0, |m, x| m.max(x.abs()))
    }

    pub fn extend(&mut self, other: &Self) {
        self.left.extend(&other.left);
        self.right.extend(&other.right);
    }
}

impl Host {
    pub fn new(kind: Kind) -> Self {
        Self::at_rate(kind, RATE)
    }

    pub fn at_rate(kind: Kind, rate: f64) -> Self {
        let Parts {
            mut engine,
            renderer,
            status,
        } = create(&Config {
            sample_rate: rate,
            kind,
            seed: 1,
        });
        engine.set_samples(Box::new(bank::sounds()));
        Self {
            engine,
            renderer,
            status,
            rate,
            frame: 0,
            tempo_bpm: 120.0,
            playing: true,
            start_beat: 0.0,
            loop_beats: None,
            cut: Cut::Every(512),
            sent: Vec::new(),
            random: Random(7),
        }
    }

    /// An effect that plays `program` from frame 0.
    pub fn playing(program: &str) -> Self {
        let mut host = Self::new(Kind::Effect);
        host.evaluate(program);
        host
    }

    pub fn with_cut(mut self, cut: Cut) -> Self {
        self.cut = cut;
        if let Cut::Random(seed) = cut {
            self.random = Random(seed);
        }
        self
    }

    /// Evaluates a program that must be accepted, to start at once.
    pub fn evaluate(&mut self, program: &str) -> Vec<Diagnostic> {
        self.launch(program, Launch::Now)
    }

    pub fn launch(&mut self, program: &str, launch: Launch) -> Vec<Diagnostic> {
        let evaluation = self.engine.evaluate(program, launch);
        Self::accepted(program, evaluation)
    }

    /// Runs a program that must be accepted, as a user does.
    pub fn run(&mut self, program: &str, launch: Launch) -> Vec<Diagnostic> {
        let evaluation = self.engine.run(program, launch);
        Self::accepted(program, evaluation)
    }

    fn accepted(program: &str, evaluation: Evaluation) -> Vec<Diagnostic> {
        let errors: Vec<_> = evaluation
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .collect();
        assert!(evaluation.accepted, "not accepted: {program}\n{errors:#?}");
        evaluation.diagnostics
    }

    pub fn beats(&self) -> f64 {
        let beats = self.start_beat + self.frame as f64 * self.tempo_bpm / 60.0 / self.rate;
        match self.loop_beats {
            Some((start, end)) if beats >= end => start + (beats - start) % (end - start),
            _ => beats,
        }
    }

    fn transport(&self) -> HostTransport {
        HostTransport {
            playing: self.playing,
            tempo_bpm: Some(self.tempo_bpm),
            beats: Some(self.beats()),
            loop_beats: self.loop_beats,
        }
    }

    /// One callback, in place, under the allocation checker.
    pub fn callback(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        inputs: usize,
        events: &[Event],
    ) {
        let transport = self.transport();
        let frames = left.len();
        let renderer = &mut self.renderer;
        // The second bus hears the same as the first.
        let (side_left, side_right) = (left.to_vec(), right.to_vec());
        let sidechain = [side_left.as_slice(), side_right.as_slice()];
        let mut channels = [left, right];
        assert_no_alloc::assert_no_alloc(|| {
            renderer.render(AudioBlock {
                channels: &mut channels,
                input_channels: inputs,
                sidechain: &sidechain,
                transport,
                events,
            });
        });
        let sent = self.renderer.sent_notes().iter();
        self.sent.extend(sent.map(|note| SentNote {
            frame: note.frame + self.frame as usize,
            ..*note
        }));
        self.frame += frames as u64;
    }

    /// Renders frames with silence at the input.
    pub fn render(&mut self, frames: usize) -> Audio {
        self.render_with(frames, &[], |_| (0.0, 0.0))
    }

    /// Renders frames; `input` gives the input of each frame (counted over the host's life), and
    /// `events` stand at frames of this run.
    pub fn render_with(
        &mut self,
        frames: usize,
        events: &[Event],
        input: impl Fn(u64) -> (f32, f32),
    ) -> Audio {
        let mut audio = Audio::default();
        let mut done = 0;
        while done < frames {
            let block = match self.cut {
                Cut::Every(n) => n,
                Cut::Random(_) => self.random.below(700),
            }
            .min(frames - done);
            let (mut left, mut right): (Vec<f32>, Vec<f32>) =
                (0..block).map(|i| input(self.frame + i as u64)).unzip();
            let here: Vec<Event> = events
                .iter()
                .filter(|e| (done..done + block).contains(&e.frame))
                .map(|e| Event {
                    frame: e.frame - done,
                    kind: e.kind,
                })
                .collect();
            self.callback(&mut left, &mut right, 2, &here);
            audio.left.extend(left);
            audio.right.extend(right);
            done += block;
        }
        audio
    }

    pub fn seconds(&mut self, seconds: f64) -> Audio {
        self.render((seconds * self.rate).round() as usize)
    }

    pub fn snapshot(&mut self) -> Status {
        self.status.read()
    }

    /// Switches the guard off, so that a test sees what the program does.
    pub fn without_guard(mut self) -> Self {
        let event = Event {
            frame: 0,
            kind: EventKind::Guard(false),
        };
        self.callback(&mut [], &mut [], 0, &[event]);
        self
    }
}

/// A key that is held for some frames, struck with a velocity of 0.8.
pub fn held_key(key: u8, from: usize, to: usize) -> [Event; 2] {
    let note = NoteAddress::new(0, key);
    let velocity = 0.8;
    let event = |frame, midi| Event {
        frame,
        kind: EventKind::Midi(midi),
    };
    [
        event(from, MidiEvent::NoteOn { note, velocity }),
        event(to, MidiEvent::NoteOff { note }),
    ]
}

/// A chord of three keys, so that programs which keys play are heard: from the first tenth of a
/// second to its seventh.
pub fn chord(rate: f64) -> Vec<Event> {
    let frame = |seconds: f64| (seconds * rate) as usize;
    let keys = [57, 60, 64].map(|key| held_key(key, frame(0.1), frame(0.7)));
    let mut events = keys.concat();
    events.sort_by_key(|event| event.frame);
    events
}

/// Frames on which a signal is not 0.
pub fn onsets(signal: &[f32]) -> Vec<usize> {
    signal
        .iter()
        .enumerate()
        .filter(|(_, x)| **x != 0.0)
        .map(|(i, _)| i)
        .collect()
}

/// Level of one frequency in dB, by the Goertzel recurrence over a Blackman–Harris window.
pub fn level_db(signal: &[f32], frequency_hz: f64, rate: f64) -> f64 {
    let n = signal.len() as f64;
    let (mut re, mut im, mut norm) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (i, x) in signal.iter().enumerate() {
        let w = window(i as f64 / n);
        let phase = std::f64::consts::TAU * frequency_hz * i as f64 / rate;
        re += w * f64::from(*x) * phase.cos();
        im += w * f64::from(*x) * phase.sin();
        norm += w;
    }
    20.0 * ((re * re + im * im).sqrt() * 2.0 / norm).max(1e-12).log10()
}

/// Four-term Blackman–Harris window (Harris 1978) at 0..1.
pub fn window(t: f64) -> f64 {
    let c = |k: f64| (std::f64::consts::TAU * k * t).cos();
    0.358_75 - 0.488_29 * c(1.0) + 0.141_28 * c(2.0) - 0.011_68 * c(3.0)
}
