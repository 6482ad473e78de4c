//! The two engines behind one trait.

use anyhow::{Result, bail};
use engine::{AudioBlock, Config, HostTransport, Kind, Launch, MemoryBank, Parts, Sample};

/// Frames per second of everything here.
pub const SAMPLE_RATE: f64 = 48_000.0;
const TEMPO_BPM: f64 = 120.0;
/// Block size of every host of the glicol crate.
const GLICOL_FRAMES: usize = 128;
/// Track audio is a second of noise, over and over.
const INPUT_FRAMES: usize = 48_000;

/// Something that plays a program.
pub trait Player {
    /// Renders whole blocks, at least `frames` in all, going on where it stopped, and shows each to
    /// `listen`, channel by channel.
    fn render(&mut self, frames: u64, listen: &mut dyn FnMut(&[f32]));
    /// For messages.
    fn name(&self) -> String;
}

/// White noise at −12 dB on both channels, different on each.
///
/// Source: Marsaglia, "Xorshift RNGs", J. Stat. Software 8(14), 2003.
fn input() -> [Vec<f32>; 2] {
    let mut state = 0x9E37_79B9_u32;
    [(); 2].map(|()| {
        let noise = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 - 0.5) * 0.5
        });
        // Room for one more block, so that none has to be cut at the end.
        let mut noise: Vec<f32> = noise.take(INPUT_FRAMES).collect();
        noise.extend_from_within(..4096);
        noise
    })
}

/// The sounds `\\s0` to `\\s7`, for both engines: a quarter of a second of a falling tone each.
fn sounds() -> impl Iterator<Item = (String, Vec<f32>)> {
    const FRAMES: usize = 12_000;
    (0..8).map(|n| {
        let step = std::f64::consts::TAU * (110.0 + 30.0 * f64::from(n)) / SAMPLE_RATE;
        let tone = (0..FRAMES).map(|i| {
            let fall = 1.0 - i as f64 / FRAMES as f64;
            (0.5 * fall * (step * i as f64).sin()) as f32
        });
        (format!("s{n}"), tone.collect())
    })
}

/// Whether a program hears the track; the others are given no input at all.
fn hears_input(text: &str) -> bool {
    text.contains("~input")
}

/// The glicol crate, in its own block size.
pub struct Glicol {
    engine: Box<glicol::Engine<GLICOL_FRAMES>>,
    input: Option<[Vec<f32>; 2]>,
    frame: u64,
}

impl Glicol {
    /// # Errors
    /// It does not accept the program.
    pub fn new(text: &str) -> Result<Self> {
        let mut engine = Box::new(glicol::Engine::<GLICOL_FRAMES>::new());
        engine.livecoding = false;
        engine.set_sr(SAMPLE_RATE as usize);
        engine.set_bpm(TEMPO_BPM as f32);
        for (name, frames) in sounds() {
            // It keeps sounds for ever; so few are no loss.
            let frames: &'static [f32] = frames.leak();
            engine.add_sample(&format!("\\{name}"), frames, 1, SAMPLE_RATE as usize);
        }
        engine.update_with_code(text);
        let mut player = Self {
            engine,
            input: hears_input(text).then(input),
            frame: 0,
        };
        let (_, message) = player.next_block();
        if message[0] != 0 {
            bail!(
                "The glicol crate refuses the program: {}",
                String::from_utf8_lossy(&message[2..])
            );
        }
        Ok(player)
    }

    fn next_block(&mut self) -> (&[glicol_synth::Buffer<GLICOL_FRAMES>], [u8; 256]) {
        let at = (self.frame % INPUT_FRAMES as u64) as usize;
        self.frame += GLICOL_FRAMES as u64;
        let channels = self
            .input
            .iter()
            .flatten()
            .map(|c| &c[at..at + GLICOL_FRAMES]);
        self.engine.next_block(channels.collect())
    }
}

impl Player for Glicol {
    fn render(&mut self, frames: u64, listen: &mut dyn FnMut(&[f32])) {
        let end = self.frame + frames;
        while self.frame < end {
            for buffer in self.next_block().0 {
                listen(buffer);
            }
        }
    }

    fn name(&self) -> String {
        "the glicol crate".to_owned()
    }
}

/// Our engine.
pub struct Glisten {
    parts: Parts,
    input: Option<[Vec<f32>; 2]>,
    output: [Vec<f32>; 2],
    frame: u64,
}

impl Glisten {
    /// # Errors
    /// It does not accept the program.
    pub fn new(text: &str, block_frames: usize) -> Result<Self> {
        let kind = if hears_input(text) {
            Kind::Effect
        } else {
            Kind::Instrument
        };
        let config = Config {
            sample_rate: SAMPLE_RATE,
            kind,
            seed: 1,
        };
        let mut parts = engine::create(&config);
        let mut bank = MemoryBank::default();
        for (name, left) in sounds() {
            bank.insert(&name, SAMPLE_RATE, Sample { left, right: None });
        }
        parts.engine.set_samples(Box::new(bank));
        let evaluation = parts.engine.evaluate(text, Launch::Now);
        if !evaluation.accepted {
            let first = evaluation
                .diagnostics
                .first()
                .map_or("", |d| d.message.as_str());
            bail!("Glisten refuses the program: {first}");
        }
        let output = [(); 2].map(|()| vec![0.0; block_frames]);
        Ok(Self {
            parts,
            input: hears_input(text).then(input),
            output,
            frame: 0,
        })
    }
}

impl Player for Glisten {
    fn render(&mut self, frames: u64, listen: &mut dyn FnMut(&[f32])) {
        let end = self.frame + frames;
        let block = self.output[0].len();
        while self.frame < end {
            let at = (self.frame % INPUT_FRAMES as u64) as usize;
            for (out, input) in self.output.iter_mut().zip(self.input.iter().flatten()) {
                out.copy_from_slice(&input[at..at + block]);
            }
            let [left, right] = &mut self.output;
            self.parts.renderer.render(AudioBlock {
                channels: &mut [left, right],
                input_channels: if self.input.is_some() { 2 } else { 0 },
                sidechain: &[],
                transport: HostTransport {
                    playing: true,
                    tempo_bpm: Some(TEMPO_BPM),
                    beats: Some(self.frame as f64 / SAMPLE_RATE * TEMPO_BPM / 60.0),
                    loop_beats: None,
                },
                events: &[],
            });
            for out in &self.output {
                listen(out);
            }
            self.frame += block as u64;
        }
    }

    fn name(&self) -> String {
        format!("Glisten with blocks of {}", self.output[0].len())
    }
}
