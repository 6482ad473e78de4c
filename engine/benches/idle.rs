//! What an instance costs that has nothing to do, beside the same one at work:
//! `cargo bench -p glisten-engine --bench idle`.
//!
//! Prints nanoseconds per block of 512 frames (the best of many rounds) of one and of sixteen
//! instances. With `--count ROW` it runs one row for a while and prints nothing, for
//! `valgrind --tool=callgrind`.

use std::hint::black_box;
use std::time::Instant;

use glisten_engine::{
    AudioBlock, Config, Event, EventKind, HostTransport, Kind, Launch, MidiEvent, NoteAddress,
    Parts, Renderer, create,
};

const RATE: f64 = 48_000.0;
const FRAMES: usize = 512;
const INSTANCES: usize = 16;
const BLOCKS_PER_ROUND: usize = 200;
const ROUNDS: usize = 15;
/// Longer than any of the programs needs to fall asleep.
const SECONDS_BEFORE: f64 = 20.0;

struct Row {
    name: &'static str,
    kind: Kind,
    program: &'static str,
    /// What keeps it at work: sound at the input, a held chord, the running song.
    work: Work,
}

#[derive(Clone, Copy, PartialEq)]
enum Work {
    Input,
    Chord,
    Song,
}

const ROWS: [Row; 4] = [
    Row {
        name: "effect without input",
        kind: Kind::Effect,
        program: "~cut: lfo 1/2 >> mul 900 >> add 1200\n\
                  out: ~input >> lpf ~cut 3 >> delayms 300 >> chorus >> plate 0.3",
        work: Work::Input,
    },
    Row {
        name: "pass-through without input",
        kind: Kind::Effect,
        program: "out: ~input",
        work: Work::Input,
    },
    Row {
        name: "instrument without notes",
        kind: Kind::Instrument,
        program: "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\n\
                  out: saw ~freq >> lpf 1800 1 >> mul ~env >> poly 8 >> mul 0.2 >> plate 0.1",
        work: Work::Chord,
    },
    Row {
        name: "patterns, song stopped",
        kind: Kind::Instrument,
        program: "a: seq 60 _ 60 _60 >> bd 0.2\nb: speed 2 >> seq 60 60 60 60 >> hh 0.05\n\
                  c: speed 4 >> seq 48 60 _ 63 >> sawsynth 0.01 0.2 >> lpf 2000 1 >> plate 0.1",
        work: Work::Song,
    },
];

struct Instance {
    renderer: Renderer,
    frame: u64,
    /// What comes in at work.
    noise: [[f32; FRAMES]; 2],
}

impl Instance {
    fn new(row: &Row) -> Self {
        let config = Config {
            sample_rate: RATE,
            kind: row.kind,
            seed: 1,
        };
        let Parts {
            mut engine,
            renderer,
            ..
        } = create(&config);
        assert!(engine.evaluate(row.program, Launch::Now).accepted);
        let noise =
            |key| std::array::from_fn(|i| 0.3 * glisten_engine::dsp::noise::sample(key, i as u64));
        Self {
            renderer,
            frame: 0,
            noise: [noise(1), noise(2)],
        }
    }

    fn block(&mut self, row: &Row, works: bool, events: &[Event]) {
        let sounds = works && row.work == Work::Input;
        let [mut left, mut right] = if sounds {
            self.noise
        } else {
            [[0.0; FRAMES]; 2]
        };
        let playing = works && row.work == Work::Song;
        let beats = if playing {
            self.frame as f64 / 24_000.0
        } else {
            0.0
        };
        self.renderer.render(AudioBlock {
            channels: &mut [&mut left, &mut right],
            input_channels: if row.kind == Kind::Effect { 2 } else { 0 },
            sidechain: &[],
            transport: HostTransport {
                playing,
                tempo_bpm: Some(120.0),
                beats: Some(beats),
                loop_beats: None,
            },
            events,
        });
        black_box((&left, &right));
        self.frame += FRAMES as u64;
    }

    fn settled(row: &Row, works: bool) -> Self {
        let mut instance = Self::new(row);
        let chord: Vec<Event> = [60, 64, 67, 71]
            .map(|key| Event {
                frame: 0,
                kind: EventKind::Midi(MidiEvent::NoteOn {
                    note: NoteAddress::new(0, key),
                    velocity: 0.8,
                }),
            })
            .to_vec();
        let plays = works && row.work == Work::Chord;
        instance.block(row, works, if plays { &chord } else { &[] });
        for _ in 0..(SECONDS_BEFORE * RATE) as usize / FRAMES {
            instance.block(row, works, &[]);
        }
        instance
    }
}

/// Best time per block of all instances, in nanoseconds.
fn measure(row: &Row, works: bool, count: usize) -> f64 {
    let settled = || Instance::settled(row, works);
    let mut instances: Vec<Instance> = std::iter::repeat_with(settled).take(count).collect();
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..BLOCKS_PER_ROUND {
            for instance in &mut instances {
                instance.block(row, works, &[]);
            }
        }
        best = best.min(start.elapsed().as_nanos() as f64 / BLOCKS_PER_ROUND as f64);
    }
    best
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let of_row = args.iter().position(|a| a == "--count");
    if let Some(row) = of_row
        .and_then(|at| args.get(at + 1))
        .and_then(|n| n.parse().ok())
    {
        let row: &Row = ROWS.get::<usize>(row).unwrap_or(&ROWS[0]);
        let works = args.iter().any(|a| a == "--work");
        let mut instance = Instance::settled(row, works);
        for _ in 0..1000 {
            instance.block(row, works, &[]);
        }
        return;
    }
    let share = |ns: f64| ns * RATE / FRAMES as f64 * 1e-7;
    println!("ns per block of {FRAMES} frames, and % of a core at 48 kHz");
    println!(
        "{:28} {:>14} {:>14} {:>8} {:>16}",
        "", "at work", "idle", "ratio", "16 idle"
    );
    for row in &ROWS {
        let works = measure(row, true, 1);
        let idle = measure(row, false, 1);
        let many = measure(row, false, INSTANCES);
        println!(
            "{:28} {works:8.0} {:4.2} % {idle:7.0} {:5.3} % {:8.1} {many:9.0} {:4.2} %",
            row.name,
            share(works),
            share(idle),
            works / idle,
            share(many),
        );
    }
}
