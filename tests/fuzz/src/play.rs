//! Plays a performance and checks what must hold for every accepted program.

use glisten_engine::{
    AudioBlock, Config, Engine, Event, EventKind, FaultKind, HostTransport, Kind, Launch,
    MidiEvent, Parts, Renderer, Severity, StatusReader, create,
};

use crate::input::Performance;
use crate::keys;

/// Frames that each program plays for, at most.
const MOST_FRAMES: u64 = 1200;
const MOST_BLOCK: u64 = 300;
/// Longer than the way that any change of tempo makes in a block.
const SHORT_WAY_BEATS: f64 = 0.5;

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// Uniform in −1..1.
    fn signal(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// What the track holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Track {
    Silence,
    Noise,
    Constant,
    Loud,
    Broken,
}

/// How one program of a performance is played.
#[derive(Debug)]
struct Part {
    launch: Launch,
    frames: u64,
    song: HostTransport,
    track: Track,
    /// What keys, wheels and pedals do, and at which frame.
    keys: Vec<(u64, MidiEvent)>,
}

/// Plays a performance, and one in eight a second time in other blocks, which must give the same
/// samples to the bit.
pub fn play(performance: &Performance) {
    let once = Stage::new(performance).play(performance, performance.seed);
    if performance.seed % 8 == 0 {
        let again = Stage::new(performance).play(performance, performance.seed ^ 0x5eed);
        assert_eq!(once.len(), again.len());
        let first = once.iter().zip(&again).position(|(a, b)| a != b);
        assert_eq!(
            first,
            None,
            "the blocks' lengths change the sound\n{}",
            Stage::new(performance).plan(performance)
        );
    }
}

fn tempo_of(song: &HostTransport) -> f64 {
    song.tempo_bpm.unwrap_or(120.0)
}

/// Position of a song so many frames after its start.
fn beats_at(song: &HostTransport, frames: u64, rate: f64) -> f64 {
    let first = song.beats.unwrap_or(0.0);
    if !song.playing {
        return first;
    }
    let beats = first + frames as f64 * tempo_of(song) / 60.0 / rate;
    match song.loop_beats {
        Some((start, end)) if beats >= end && first < end => {
            start + (beats - start) % (end - start)
        }
        _ => beats,
    }
}

struct Stage {
    engine: Engine,
    renderer: Renderer,
    status: StatusReader,
    /// Decides what is part of the performance; blocks have their own.
    random: Random,
    rate: f64,
    kind: Kind,
    frame: u64,
    /// Where the song stands at the end of the part before, and at which tempo.
    song_end: Option<(f64, f64)>,
    /// Highest input so far: nothing may be louder than that, or full scale.
    loudest: f32,
}

impl Stage {
    fn new(performance: &Performance) -> Self {
        let mut random = Random(performance.seed);
        let rate = random.pick(&[22_050.0, 44_100.0, 48_000.0, 96_000.0, 192_000.0]);
        let kind = random.pick(&[Kind::Effect, Kind::Instrument]);
        let config = Config {
            sample_rate: rate,
            kind,
            seed: random.next(),
        };
        let Parts {
            engine,
            renderer,
            status,
        } = create(&config);
        Self {
            engine,
            renderer,
            status,
            random,
            rate,
            kind,
            frame: 0,
            song_end: None,
            loudest: 1.0,
        }
    }

    /// How the next program is played.
    fn part(&mut self, tame: bool) -> Part {
        let random = &mut self.random;
        let launch = random.pick(&[Launch::Now, Launch::Now, Launch::Beat, Launch::Bars(1)]);
        let frames = 64 + random.below(MOST_FRAMES);
        let mut song = HostTransport {
            playing: random.below(4) != 0,
            tempo_bpm: Some(random.pick(&[120.0, 20.0, 999.0, 97.3])),
            beats: Some(random.pick(&[0.0, 3.99, -0.01, 1000.25])),
            loop_beats: random.pick(&[None, None, Some((0.0, 4.0))]),
        };
        let track = random.pick(&[
            Track::Silence,
            Track::Noise,
            Track::Noise,
            Track::Constant,
            Track::Loud,
            Track::Broken,
        ]);
        // A short way that comes with another tempo is a jump after a short block, and part of a ramp
        // in a long one: two cuts would be two different songs. So the song goes on where it is.
        if let (Some((end, tempo)), Some(beats)) = (self.song_end, song.beats)
            && song.tempo_bpm != Some(tempo)
            && (beats - end).abs() < SHORT_WAY_BEATS
        {
            song.beats = Some(end);
        }
        self.song_end = Some((beats_at(&song, frames, self.rate), tempo_of(&song)));
        let wild = matches!(track, Track::Loud | Track::Broken);
        Part {
            launch,
            frames,
            song,
            track: if tame && wild { Track::Noise } else { track },
            keys: keys::events(random, frames),
        }
    }

    /// Everything that was drawn for a performance, for a person who wants to play it again.
    fn plan(mut self, performance: &Performance) -> String {
        let mut text = format!("{:?} at {} Hz", self.kind, self.rate);
        for i in 0..performance.texts.len() {
            let part = self.part(performance.tame);
            text.push_str(&format!("\nprogram {}: {part:?}", i + 1));
        }
        text
    }

    /// Bits of all samples.
    fn play(mut self, performance: &Performance, cuts: u64) -> Vec<[u32; 2]> {
        let mut cuts = Random(cuts);
        let mut sound = Vec::new();
        for text in &performance.texts {
            let Part {
                launch,
                frames,
                song,
                track,
                keys,
            } = self.part(performance.tame);
            self.evaluate(text, launch);
            let mut done = 0;
            while done < frames {
                let block = cuts.below(MOST_BLOCK).min(frames - done);
                let transport = HostTransport {
                    beats: Some(beats_at(&song, done, self.rate)),
                    ..song
                };
                let keys = keys::inside(&keys, done, done + block);
                self.callback(block as usize, transport, track, &keys, &mut sound);
                done += block;
            }
            if performance.tame {
                let fault = self.status.read().fault;
                let broken = fault.is_some_and(|f| f.kind == FaultKind::NotFinite);
                assert!(!broken, "a node of a tame program ran over: {fault:?}");
            }
            assert!(!self.status.read().guard.halted, "the engine stopped");
            self.engine.collect();
        }
        sound
    }

    fn evaluate(&mut self, text: &str, launch: Launch) {
        let checked = self.engine.check(text);
        let result = self.engine.evaluate(text, launch);
        let wrong = |d: &&glisten_engine::Diagnostic| d.severity == Severity::Error;
        assert_eq!(
            result.accepted,
            !result.diagnostics.iter().any(|d| wrong(&d)),
            "accepted and with an error, or neither"
        );
        assert_eq!(
            checked.iter().any(|d| wrong(&d)),
            !result.accepted,
            "check and evaluate do not agree"
        );
    }

    fn callback(
        &mut self,
        frames: usize,
        transport: HostTransport,
        track: Track,
        keys: &[Event],
        sound: &mut Vec<[u32; 2]>,
    ) {
        let mut sides = [vec![0.0_f32; frames], vec![0.0; frames]];
        for (c, side) in sides.iter_mut().enumerate() {
            for (i, x) in side.iter_mut().enumerate() {
                let frame = self.frame + i as u64;
                let mut random = Random(frame << 1 | c as u64);
                *x = match track {
                    Track::Silence => 0.0,
                    Track::Noise => random.signal(),
                    Track::Constant => 1.0,
                    Track::Loud => random.signal() * 1e30,
                    Track::Broken => {
                        random.pick(&[0.5, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40])
                    }
                };
                if x.is_finite() {
                    self.loudest = self.loudest.max(x.abs());
                }
            }
        }
        let mut events = vec![Event {
            frame: 0,
            kind: EventKind::Guard(true),
        }];
        events.extend(keys);
        let inputs = if self.kind == Kind::Effect { 2 } else { 0 };
        let copy = sides.clone();
        let [left, right] = &mut sides;
        self.renderer.render(AudioBlock {
            channels: &mut [left, right],
            input_channels: inputs,
            sidechain: &[&copy[0], &copy[1]],
            transport,
            events: &events,
        });
        self.frame += frames as u64;
        let ceiling = self.loudest * 1.000_001;
        for (l, r) in sides[0].iter().zip(&sides[1]) {
            assert!(l.is_finite() && r.is_finite(), "{l} {r}");
            assert!(l.abs().max(r.abs()) <= ceiling, "{l} {r} above {ceiling}");
            sound.push([l.to_bits(), r.to_bits()]);
        }
    }
}
