//! `p_synth`: notes at times, played by saw voices.

use crate::diagnostics::Problem;
use crate::dsp::envelope::{Percussive, Times, whole_frames};
use crate::dsp::math::exp2;
use crate::dsp::oscillator::{Clocking, Oscillator, Saw};
use crate::nodes::support::EMPTY;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{
    Category, Code, NodeSpec, Signal, Smoothing, Tail, TextProblem, Unit, Width,
};
use crate::text::{Span, note_name};
use crate::transport::{BEATS_PER_BAR, CycleGrid, StepCursor};

const NOTES: Code = Code::new(0, "notes")
    .check(|text| read(text).err().unwrap_or_default())
    .doc("Times in bars and notes in turn, with commas between the pairs: `0 60, 1/2 c4`.");
const SPAN: Signal = Signal::new(1, "length")
    .unit(Unit::Bars)
    .range(0.0625, 1024.0)
    .smoothing(Smoothing::Jump)
    .optional()
    .doc("Bars from one pass to the next; without it the whole bars that hold all notes.");

/// Most notes of a pattern.
const MAX_NOTES: usize = 512;
/// Notes that sound at once; one more ends the oldest.
const VOICES: usize = 32;
const ATTACK_SECONDS: f32 = 0.001;
const DECAY_SECONDS: f32 = 0.1;
const LEVEL: f32 = 0.1;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "p_synth",
    aliases: &["psynth", "pattern_synth"],
    category: Category::Instrument,
    summary: "Plays notes at times with short saw tones.",
    doc: "``p_synth `0 60, 1/4 64, 0.5 c5` `` plays three notes in each bar. Times are bars or \
          parts of a bar, notes are MIDI numbers (60.5 is a quarter tone higher than 60) or names. \
          Notes at the same time are a chord. A number behind the text is the length of a pass in \
          bars; notes beyond it stay silent.\n\n\
          Each note is a sawtooth with 1 ms attack and 100 ms decay at a tenth of full scale; up \
          to 32 sound at once. The place follows the song: a jump or loop lands on the right note, \
          and while the song stands nothing new begins.",
    differs: "Follows the tempo and the length that is written, begins with the song's bars and \
              does not alias; upstream plays every text in cycles of two seconds from its start.",
    examples: &[
        "out: p_synth `0 60, 1/4 64, 1/2 67, 3/4 72` >> plate 0.2",
        "out: p_synth `0 c4, 0 eb4, 0 g4, 0.75 bb3, 1.5 f4` 2 >> mul 2",
    ],
    width: Width::Mono,
    tail: Tail::Endless,
    reads_position: true,
    args: &[NOTES.spec(), SPAN.spec()],
    build: Some(|b| {
        let notes = read(b.code(NOTES)).unwrap_or_default();
        Ok(Box::new(PSynth::new(notes, f64::from(b.sample_rate))))
    }),
    ..NodeSpec::PLAIN
};

/// A time in bars and a MIDI note.
type TimedNote = (f64, f32);

/// Notes in the order of time, or what is wrong with the text.
fn read(text: &str) -> Result<Vec<TimedNote>, Vec<TextProblem>> {
    let mut notes = Vec::new();
    let mut problems = Vec::new();
    let mut start = 0;
    for entry in text.split(',') {
        let blank = entry.len() - entry.trim_start().len();
        let span = Span::new(start + blank, start + blank + entry.trim().len());
        start += entry.len() + 1;
        match timed_note(entry) {
            Some(note) => notes.push(note),
            None => problems.push(TextProblem {
                span,
                problem: Problem::PatternValue {
                    wanted: "times and notes",
                    entry: "`1/2 60`: bars, a space and a note",
                },
            }),
        }
    }
    let whole = Span::new(0, text.len());
    let of_whole = |problem| {
        Err(vec![TextProblem {
            span: whole,
            problem,
        }])
    };
    if text.trim().is_empty() {
        return of_whole(Problem::Empty { what: "pattern" });
    }
    if notes.len() > MAX_NOTES {
        return of_whole(Problem::TooManyEvents {
            count: notes.len(),
            limit: MAX_NOTES,
        });
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    notes.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(notes)
}

fn timed_note(entry: &str) -> Option<TimedNote> {
    let mut words = entry.split_whitespace();
    let (time, note) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let bars = match time.split_once('/') {
        Some((over, under)) => over.parse::<f64>().ok()? / under.parse::<f64>().ok()?,
        None => time.parse().ok()?,
    };
    let note = match note_name(note) {
        Some((number, length)) if length == note.len() => number as f32,
        _ => note.parse::<f32>().ok()?,
    };
    let playable = (0.0..=1024.0).contains(&bars) && (-127.0..=255.0).contains(&note);
    playable.then_some((bars, note))
}

#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    oscillator: Oscillator,
    envelope: Percussive,
    hz: f32,
    /// Frame on which it begins.
    from: u64,
    /// First frame on which it is silent.
    until: u64,
}

/// Saw tones with an envelope. Which voice plays a note depends on frames alone.
#[derive(Clone, Debug)]
struct Voices {
    voices: [Voice; VOICES],
    clock: Clocking,
    attack_frames: f32,
    decay_frames: f32,
}

impl Voices {
    fn start(&mut self, frame: u64, note: f32) {
        let free = |v: &&mut Voice| v.until <= frame;
        let index = match self.voices.iter_mut().position(|v| free(&v)) {
            Some(index) => index,
            None => {
                let ages = self.voices.iter().enumerate();
                ages.min_by_key(|(_, v)| v.from).map_or(0, |(i, _)| i)
            }
        };
        let length = (self.attack_frames + self.decay_frames) as u64 + 1;
        if let Some(voice) = self.voices.get_mut(index) {
            *voice = Voice {
                hz: (440.0 * exp2((f64::from(note) - 69.0) / 12.0)) as f32,
                from: frame,
                until: frame + length,
                ..Voice::default()
            };
        }
    }

    /// Adds the frames from `frame` on to an output.
    fn add(&mut self, frame: u64, out: &mut [f32]) {
        let times = Times::Held {
            attack: self.attack_frames,
            decay: self.decay_frames,
        };
        for voice in self.voices.iter_mut().filter(|v| v.until > frame) {
            let mut trigger = EMPTY;
            if voice.from == frame {
                trigger[0] = 1.0;
            }
            let (mut level, mut tone) = (EMPTY, EMPTY);
            let n = out.len().min(tone.len());
            voice
                .envelope
                .process(&trigger[..n], times, &mut level[..n]);
            voice
                .oscillator
                .held::<Saw>(voice.hz, self.clock, &mut tone[..n]);
            for ((y, tone), level) in out.iter_mut().zip(&tone).zip(&level) {
                *y += LEVEL * tone * level;
            }
        }
    }
}

struct PSynth {
    notes: Vec<f32>,
    times_beats: Vec<f64>,
    /// Whole bars that hold all notes, in beats.
    usual_beats: f64,
    cursor: StepCursor,
    cycle_beats: f64,
    voices: Voices,
}

impl PSynth {
    fn new(notes: Vec<TimedNote>, frames_per_second: f64) -> Self {
        let last_bars = notes.last().map_or(0.0, |n| n.0);
        Self {
            times_beats: notes.iter().map(|n| n.0 * BEATS_PER_BAR).collect(),
            notes: notes.iter().map(|n| n.1).collect(),
            usual_beats: (last_bars.floor() + 1.0) * BEATS_PER_BAR,
            cursor: StepCursor::default(),
            cycle_beats: 0.0,
            voices: Voices {
                voices: [Voice::default(); VOICES],
                clock: Clocking::new(frames_per_second),
                attack_frames: whole_frames(ATTACK_SECONDS, frames_per_second),
                decay_frames: whole_frames(DECAY_SECONDS, frames_per_second),
            },
        }
    }
}

impl Processor for PSynth {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        let (ins, out) = io.split(0);
        out.fill(0.0);
        let span = ins.arg(SPAN);
        let connected = ins.is_connected(SPAN);
        let mut at = 0;
        while at < out.len() {
            let bars = span.at(at);
            let end = (at + 1..out.len()).find(|i| span.at(*i).to_bits() != bars.to_bits());
            let end = end.unwrap_or(out.len());
            let cycle_beats = match connected {
                true => f64::from(SPAN.clamp(bars)) * BEATS_PER_BAR,
                false => self.usual_beats,
            };
            if cycle_beats != self.cycle_beats {
                self.cycle_beats = cycle_beats;
                self.cursor.forget();
            }
            let count = self.times_beats.partition_point(|beat| *beat < cycle_beats);
            let here = frame + at as u64;
            // How far the voices are computed, as an index into `out`.
            let mut done = at;
            let (voices, notes) = (&mut self.voices, &self.notes);
            if count > 0 {
                let times = self.times_beats.get(..count).unwrap_or(&[]);
                let grid = CycleGrid::new(times, cycle_beats);
                self.cursor
                    .advance(clock, here, end - at, &grid, |offset, step| {
                        let start = at + offset;
                        voices.add(
                            frame + done as u64,
                            out.get_mut(done..start).unwrap_or(&mut []),
                        );
                        done = start;
                        if let Some(note) = notes.get(grid.place(step).1) {
                            voices.start(frame + start as u64, *note);
                        }
                    });
            }
            voices.add(
                frame + done as u64,
                out.get_mut(done..end).unwrap_or(&mut []),
            );
            at = end;
        }
    }

    fn reset(&mut self) {
        self.cursor.forget();
        self.cycle_beats = 0.0;
        self.voices.voices = [Voice::default(); VOICES];
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            // What sounds goes on; the place comes from the song.
            self.voices.voices = old.voices.voices;
        }
    }
}
