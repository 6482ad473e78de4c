//! `lfo`: slow waves locked to the song.

use crate::dsp::math::sin_phase;
use crate::dsp::noise::hash;
use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, Choice, NodeSpec, Signal, Smoothing, Tail, Unit, Width};
use crate::transport::BEATS_PER_BAR;

const LENGTH: Signal = Signal::new(0, "length")
    .unit(Unit::Bars)
    .range(0.001, 1024.0)
    .default(1.0)
    .smoothing(Smoothing::Jump)
    .doc("Length of one cycle in bars, or a note value: `1/8` is an eighth of a bar.");
const SHAPE: Choice = Choice::new(1, "shape").words(&WORDS).doc(
    "`sine` and `tri` begin low and peak in the middle, `saw` rises, `down` falls, `squ` is high in \
     the first half, `random` is a new level each cycle, `smooth` glides between such levels.",
);
const LOW: Signal = Signal::new(2, "low")
    .range(-20_000.0, 20_000.0)
    .default(0.0)
    .doc("Lowest value.");
const HIGH: Signal = Signal::new(3, "high")
    .range(-20_000.0, 20_000.0)
    .default(1.0)
    .doc("Highest value; one below the lowest turns the shape upside down.");

const WORDS: [&str; 7] = ["sine", "tri", "saw", "down", "squ", "random", "smooth"];
const SHAPES: [Shape; 7] = [
    Shape::Sine,
    Shape::Triangle,
    Shape::Saw,
    Shape::Down,
    Shape::Square,
    Shape::Random,
    Shape::Smooth,
];

/// A cycle begins this share of a frame early, as triggers do.
const SLACK_FRAMES: f64 = 1e-3;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "lfo",
    category: Category::Control,
    summary: "Slow wave in time with the song: sine, tri, saw, squ, random ...",
    doc: "`lfo 2 tri 300 2000` goes from 300 to 2000 and back within two bars. The shapes are \
          `sine`, `tri`, `saw`, `down`, `squ`, `random` and `smooth`; without a range it goes from \
          0 to 1.\n\n\
          Cycles begin on multiples of their length in the song, so it stays in step through jumps, \
          loops and changes of tempo, and a random level is the same whenever the song comes by. \
          While the song stands it stands too. A new length acts at once, from the place where the \
          song is. For a wave that runs by itself use `sin` with a low frequency.",
    examples: &[
        "~cut: lfo 2 sine 300 2400\nout: saw 110 >> lpf ~cut 3 >> mul 0.3",
        "~gate: lfo 1/8 down\nout: squ 220 >> mul ~gate >> mul 0.2",
        "~level: lfo 1/16 random 300 1800\nout: saw 55 >> lpf ~level 6 >> mul 0.3",
    ],
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Positional),
    reads_position: true,
    random: true,
    args: &[LENGTH.spec(), SHAPE.spec(), LOW.spec(), HIGH.spec()],
    build: Some(|b| {
        Ok(Box::new(Lfo {
            shape: SHAPES.get(b.choice(SHAPE)).copied().unwrap_or(Shape::Sine),
            key: b.random_key,
        }))
    }),
    ..NodeSpec::PLAIN
};

#[derive(Clone, Copy)]
enum Shape {
    Sine,
    Triangle,
    Saw,
    Down,
    Square,
    Random,
    Smooth,
}

struct Lfo {
    shape: Shape,
    key: u64,
}

impl Lfo {
    /// Random level of a cycle, 0 to below 1.
    fn level(&self, cycle: i64) -> f64 {
        (hash(self.key, cycle as u64) >> 40) as f64 / 16_777_216.0
    }

    /// Value between 0 and 1 after so many cycles.
    fn value(&self, cycles: f64) -> f64 {
        let cycle = cycles.floor();
        let x = cycles - cycle;
        let number = cycle as i64;
        match self.shape {
            // The sine of 2^32 steps per cycle, a quarter of a cycle late.
            Shape::Sine => {
                let phase = (x * 4_294_967_296.0) as u32;
                0.5 + 0.5 * f64::from(sin_phase(phase.wrapping_sub(1 << 30)))
            }
            Shape::Triangle => 1.0 - (2.0 * x - 1.0).abs(),
            Shape::Saw => x,
            Shape::Down => 1.0 - x,
            Shape::Square => {
                if x < 0.5 {
                    1.0
                } else {
                    0.0
                }
            }
            Shape::Random => self.level(number),
            Shape::Smooth => {
                let (from, to) = (self.level(number), self.level(number.wrapping_add(1)));
                from + (to - from) * x * x * (3.0 - 2.0 * x)
            }
        }
    }
}

impl Processor for Lfo {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        let (ins, out) = io.split(0);
        let early = SLACK_FRAMES * clock.beats_per_frame();
        let (length, low, high) = (ins.arg(LENGTH), ins.arg(LOW), ins.arg(HIGH));
        for (i, y) in out.iter_mut().enumerate() {
            let cycle_beats = f64::from(LENGTH.clamp(length.at(i))) * BEATS_PER_BAR;
            let cycles = (clock.beat_at(frame + i as u64) + early) / cycle_beats;
            let (low, high) = (LOW.clamp(low.at(i)), HIGH.clamp(high.at(i)));
            *y = low + (high - low) * self.value(cycles) as f32;
        }
    }

    fn reset(&mut self) {}
}
