//! `eu`: a euclidean rhythm in song time.

use super::pace::{Pace, Stretch, speed};
use crate::dsp::euclid::{MAX_STEPS, euclid};
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Role, Signal, Smoothing, Width};
use crate::transport::{MIN_TRIGGER_GAP_FRAMES, StepGrid};

const HITS: Signal = Signal::new(0, "hits")
    .range(0.0, MAX_STEPS as f32)
    .default(3.0)
    .smoothing(Smoothing::Jump)
    .doc("Triggers per run. 0 is silence.");
const STEPS: Signal = Signal::new(1, "steps")
    .range(1.0, MAX_STEPS as f32)
    .default(8.0)
    .smoothing(Smoothing::Jump)
    .doc("Equal parts that a run is divided into. With more hits than steps every step is one.");
const ROTATION: Signal = Signal::new(2, "rotation")
    .range(-(MAX_STEPS as f32), MAX_STEPS as f32)
    .default(0.0)
    .smoothing(Smoothing::Jump)
    .doc("Begins that many steps later in the rhythm; negative: earlier.");
const SPEED: Signal = speed(3);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "eu",
    category: Category::Sequencer,
    summary: "Euclidean rhythm: hits spread evenly over steps, once per bar.",
    doc: "`eu 3 8` is `x..x..x.`: three pulses of 1, as even as eight steps allow. `eu 5 8` is \
          `x.xx.xx.`, `eu 5 8 2` the same from its third step on. Send it to a drum, a synth or \
          an envelope, as you would `seq`; a pulse of 1 is note 60.\n\n\
          It follows the song as `seq` does, frame by frame and through jumps, loops and changes \
          of tempo, and takes a `speed` before it. Hits, steps and rotation may be references; \
          they are cut off to whole numbers and act at once, and the place in the song decides \
          which step is due.",
    examples: &[
        "out: eu 3 8 >> bd 0.2",
        "out: eu 3 8 >> bd 0.2\nhats: speed 2 >> eu 5 8 2 >> hh 0.05 >> mul 0.5",
        "~k: \"3@0 5@1 7@1.5\"(2)\nout: eu ~k 16 >> sn 0.1",
    ],
    sources: &[
        "Bjorklund: The Theory of Rep-Rate Pattern Generation in the SNS Timing System. 2003",
        "Toussaint: The Euclidean Algorithm Generates Traditional Musical Rhythms. BRIDGES 2005",
    ],
    upstream: false,
    role: Role::Sequencer,
    input: Input::Optional,
    width: Width::Mono,
    reads_position: true,
    args: &[HITS.spec(), STEPS.spec(), ROTATION.spec(), SPEED.spec()],
    closest_bars: Some(|b| {
        let rhythm = Rhythm {
            hits: HITS.clamp(b.literal(HITS)?) as u32,
            steps: STEPS.clamp(b.literal(STEPS)?) as u32,
            rotation: 0,
        };
        let steps = closest_steps(rhythm)?;
        let per_bar = SPEED.clamp(b.literal(SPEED)?) * rhythm.steps as f32;
        Some(f64::from(steps) / f64::from(per_bar))
    }),
    build: Some(|_| Ok(Box::new(Eu::default()))),
    ..NodeSpec::PLAIN
};

/// Fewest steps from one hit to the next, over the end of the rhythm too; `None` without hits.
fn closest_steps(rhythm: Rhythm) -> Option<u32> {
    let bits = euclid(rhythm.hits, rhythm.steps);
    let is_hit = |step: u32| bits >> (step % rhythm.steps) & 1 == 1;
    (0..rhythm.steps)
        .filter(|step| is_hit(*step))
        .filter_map(|step| (1..=rhythm.steps).find(|way| is_hit(step + way)))
        .min()
}

/// Equal steps of a cycle.
struct Grid {
    steps: i64,
    beats_per_cycle: f64,
}

impl StepGrid for Grid {
    fn beat_of(&self, step: i64) -> f64 {
        let cycle = step.div_euclid(self.steps) as f64;
        let place = step.rem_euclid(self.steps) as f64 / self.steps as f64;
        (cycle + place) * self.beats_per_cycle
    }

    fn step_at_or_after(&self, beat: f64) -> i64 {
        let cycles = beat / self.beats_per_cycle;
        let cycle = cycles.floor();
        cycle as i64 * self.steps + ((cycles - cycle) * self.steps as f64).ceil() as i64
    }
}

/// Hits, steps and rotation as whole numbers.
#[derive(Clone, Copy, PartialEq, Default)]
struct Rhythm {
    hits: u32,
    steps: u32,
    rotation: i32,
}

#[derive(Default)]
struct Eu {
    pace: Pace,
    /// The rhythm in use and its hits as bits.
    rhythm: Rhythm,
    bits: u64,
    /// First frame on which the next trigger may fall.
    free_from: u64,
}

impl Processor for Eu {
    fn process(&mut self, io: &mut Io<'_>) {
        let clock = io.ctx.clock;
        let chunk = (io.frame(), io.frames());
        let (ins, out) = io.split(0);
        out.fill(0.0);
        let (hits, steps) = (ins.arg(HITS), ins.arg(STEPS));
        let rotation = ins.arg(ROTATION);
        let rhythm_at = |i: usize| Rhythm {
            hits: HITS.clamp(hits.at(i)) as u32,
            steps: STEPS.clamp(steps.at(i)) as u32,
            rotation: ROTATION.clamp(rotation.at(i)) as i32,
        };
        let (rhythm, bits, free_from) = (&mut self.rhythm, &mut self.bits, &mut self.free_from);
        let play = |stretch: Stretch<'_>| {
            let (mut at, end) = stretch.frames;
            while at < end {
                let now = rhythm_at(at);
                let until = (at + 1..end).find(|i| rhythm_at(*i) != now).unwrap_or(end);
                if now != *rhythm {
                    if now.steps != rhythm.steps {
                        stretch.cursor.forget();
                    }
                    *rhythm = now;
                    *bits = euclid(now.hits, now.steps);
                }
                let grid = Grid {
                    steps: i64::from(now.steps.max(1)),
                    beats_per_cycle: stretch.beats_per_cycle,
                };
                let first = chunk.0 + at as u64;
                let fire = |offset: usize, step: i64| {
                    let place = (step + i64::from(now.rotation)).rem_euclid(grid.steps);
                    let frame = first + offset as u64;
                    if *bits >> place & 1 == 1 && frame >= *free_from {
                        *free_from = frame + MIN_TRIGGER_GAP_FRAMES;
                        if let Some(y) = out.get_mut(at + offset) {
                            *y = 1.0;
                        }
                    }
                };
                stretch
                    .cursor
                    .advance(stretch.clock, first, until - at, &grid, fire);
                at = until;
            }
        };
        let most = MAX_STEPS as usize;
        self.pace.run(clock, chunk, ins.arg(SPEED), most, play);
    }

    fn reset(&mut self) {
        *self = Self::default();
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
