//! `seq`: a pattern of notes in song time.

use super::pace::{Pace, Stretch, speed};
use crate::dsp::math::exp2;
use crate::dsp::noise::hash;
use crate::processor::{Inherit, Io, Ports, Processor};
use crate::registry::{
    Category, Input, NodeSpec, NoteEvent, NotePattern, NoteValue, Notes, Role, Signal, Unit, Width,
};
use crate::transport::{MIN_TRIGGER_GAP_FRAMES, StepGrid};

const NOTES: Notes = Notes::new(0, "notes").unit(Unit::MidiNote).doc(
    "Words divided by spaces share the bar equally, notes inside a word share the word. `_` is a \
     rest, `~a` the value of a chain with a one-letter name at that moment.",
);
const SPEED: Signal = speed(1);

/// Notes further from the middle than this (25 octaves) count as this far.
const MAX_NOTE: f32 = 300.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "seq",
    category: Category::Sequencer,
    summary: "Plays a pattern of notes once per bar, in time with the song.",
    doc: "Each note is a pulse of one sample, on the exact frame, whose height is the pitch ratio \
          to note 60: 1 for 60, 2 for 72, 0.5 for 48. Multiply by 261.63 for a frequency, or send \
          it to a drum or an envelope. Note 0 and `_` are rests.\n\n\
          `seq 60 _ 67 62_64` has four words of a quarter note; the last holds three slots, of \
          which the middle one is a rest. `seq ~a` takes the note from the chain `~a` when it is \
          due; fractions are allowed, 0 is a rest. `c4` is 60, `f#3` 54 and `eb2` 39.\n\n\
          More can be written with brackets and signs. `(60 62)` shares one slot between its \
          words. `{60 62 64}` gives one of them each time round. `60*3` repeats a note inside its \
          slot, `60!3` makes three slots of it, `60@3` makes its slot three times as long. `60?` \
          plays every other time by chance, `60?0.3` three times of ten. Brackets may hold \
          brackets, six deep, and signs may follow brackets and each other: `(60 {62 65})*2?0.5`. \
          A sign acts on the note or bracket right before it, and a chance on each note by \
          itself.\n\n\
          The place in the pattern follows the host's song position: it never drifts, and a jump or \
          loop lands on the right note, also of what takes turns or comes by chance. While the song stands there are no triggers. Between two \
          triggers lie at least 8 samples.",
    differs: "Upstream counts its own samples instead and drifts.",
    examples: &[
        "out: seq 60 _ 60 60 >> bd 0.2",
        "~pitch: speed 2 >> seq 60 67_72 _ 63 >> mul 261.63\nout: saw ~pitch >> lpf 1500 1 >> \
         mul 0.2",
        "~pitch: seq c3 (eb3 g3)*2 {bb2 f3}@2 c4? >> mul 261.63\nout: saw ~pitch >> lpf 900 3 >> \
         mul 0.3",
        "~a: choose 60 63 67 70\n~pitch: speed 4 >> seq ~a ~a >> mul 261.63\nout: tri ~pitch >> \
         mul 0.3",
    ],
    role: Role::Sequencer,
    input: Input::Optional,
    width: Width::Mono,
    reads_position: true,
    random: true,
    args: &[NOTES.spec(), SPEED.spec()],
    closest_bars: Some(|b| {
        let cycles = closest_cycles(&b.notes(NOTES).events)?;
        Some(cycles / f64::from(SPEED.clamp(b.literal(SPEED)?)))
    }),
    build: Some(|b| Ok(Box::new(Seq::new(b.notes(NOTES), b.random_key)))),
    ..NodeSpec::PLAIN
};

/// Shortest way from one note to another that may follow it, in cycles of the pattern; `None` if no
/// note has a successor in its own cycle or the next.
fn closest_cycles(events: &[NoteEvent]) -> Option<f64> {
    let sounds = |e: &&NoteEvent| e.chance > 0.0 && e.value != NoteValue::Midi(0.0);
    let sounding: Vec<&NoteEvent> = events.iter().filter(sounds).collect();
    let mut closest = f64::INFINITY;
    for (number, one) in sounding.iter().enumerate() {
        let later = sounding.iter().skip(number + 1).map(|e| (0, e));
        let again = sounding.iter().take(number + 1).map(|e| (1, e));
        for (cycles, other) in later.chain(again) {
            let way = f64::from(cycles) + other.at - one.at;
            // Times rise, so all that follow lie further away.
            if way >= closest {
                break;
            }
            if one.turn.meets(other.turn, cycles) {
                closest = way;
            }
        }
    }
    closest.is_finite().then_some(closest)
}

/// The pattern laid out in song time at a given length of its cycle.
struct Grid<'a> {
    pattern: &'a NotePattern,
    beats_per_cycle: f64,
}

impl Grid<'_> {
    fn len(&self) -> i64 {
        self.pattern.events.len().max(1) as i64
    }
}

impl StepGrid for Grid<'_> {
    fn beat_of(&self, step: i64) -> f64 {
        let cycle = step.div_euclid(self.len());
        let event = self
            .pattern
            .events
            .get(step.rem_euclid(self.len()) as usize);
        (cycle as f64 + event.map_or(0.0, |e| e.at)) * self.beats_per_cycle
    }

    fn step_at_or_after(&self, beat: f64) -> i64 {
        let cycles = beat / self.beats_per_cycle;
        let cycle = cycles.floor();
        let event = self
            .pattern
            .events
            .partition_point(|e| e.at < cycles - cycle);
        cycle as i64 * self.len() + event as i64
    }
}

struct Seq {
    pattern: NotePattern,
    /// Key of its random choices.
    key: u64,
    pace: Pace,
    /// First frame on which the next trigger may fall.
    free_from: u64,
}

impl Seq {
    fn new(pattern: NotePattern, key: u64) -> Self {
        Self {
            pattern,
            key,
            pace: Pace::default(),
            free_from: 0,
        }
    }
}

/// Whether chance lets a note of a cycle sound: the same every time the song comes by.
fn happens(chance: f32, key: u64, cycle: i64, place: usize) -> bool {
    // The top 24 bits as a fraction below 1, so that a chance of 1 always happens and 0 never.
    let draw = hash(hash(key, cycle as u64), place as u64) >> 40;
    (draw as f32) < chance * 16_777_216.0
}

/// Height of a note's pulse; 0 for a rest.
fn pulse(value: NoteValue, ins: &Ports<'_>, i: usize) -> f32 {
    let note = match value {
        NoteValue::Midi(note) => note,
        NoteValue::Reference(number) => ins.extra(SPEC.args.len(), number).at(i),
    };
    if note == 0.0 || !note.is_finite() {
        return 0.0;
    }
    let note = f64::from(note.clamp(-MAX_NOTE, MAX_NOTE));
    exp2((note - 60.0) / 12.0) as f32
}

impl Processor for Seq {
    fn process(&mut self, io: &mut Io<'_>) {
        let clock = io.ctx.clock;
        let chunk = (io.frame(), io.frames());
        let (ins, out) = io.split(0);
        out.fill(0.0);
        let (pattern, key, free_from) = (&self.pattern, self.key, &mut self.free_from);
        let steps = pattern.events.len();
        let play = |stretch: Stretch<'_>| {
            let (start, end) = stretch.frames;
            let grid = Grid {
                pattern,
                beats_per_cycle: stretch.beats_per_cycle,
            };
            let fire = |offset: usize, step: i64| {
                let place = step.rem_euclid(grid.len()) as usize;
                let cycle = step.div_euclid(grid.len());
                let Some(event) = pattern.events.get(place) else {
                    return;
                };
                if !event.turn.includes(cycle) || !happens(event.chance, key, cycle, place) {
                    return;
                }
                let frame = stretch.first + offset as u64;
                let pulse = pulse(event.value, &ins, start + offset);
                if pulse > 0.0 && frame >= *free_from {
                    *free_from = frame + MIN_TRIGGER_GAP_FRAMES;
                    if let Some(y) = out.get_mut(start + offset) {
                        *y = pulse;
                    }
                }
            };
            let frames = end - start;
            stretch
                .cursor
                .advance(stretch.clock, stretch.first, frames, &grid, fire);
        };
        self.pace.run(clock, chunk, ins.arg(SPEED), steps, play);
    }

    fn reset(&mut self) {
        self.pace.reset();
        self.free_from = 0;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.pace.inherit(&old.pace);
            self.free_from = old.free_from;
        }
    }
}
