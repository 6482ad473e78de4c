//! `choose`: random numbers from a list.

use crate::dsp::noise::hash;
use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, Integers, NodeSpec, Tail, Width};
use crate::transport::Clock;

const NUMBERS: Integers = Integers::new(0, "numbers")
    .doc("Whole numbers to choose from; one that stands twice comes twice as often.");

/// Draws per quarter note.
const DRAWS_PER_BEAT: f64 = 64.0;
/// Frames per draw while the song stands.
const STOPPED_FRAMES: u64 = 128;
/// Keeps the draws of the standing song apart from those of the moving one.
const STOPPED_SALT: u64 = 0x7374_6f70_7065_6421;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "choose",
    category: Category::Sequencer,
    summary: "Chooses at random from a list of numbers.",
    doc: "Draws 64 times per quarter note and holds each value until the next draw, so a `seq` \
          that refers to it gets a fresh note for every step. 0 is a rest there.\n\n\
          The draws depend on the place in the song: the same bar gives the same notes again, also \
          after a jump. Each `choose` draws on its own.",
    differs: "Upstream draws once per block of 128 samples, and equally long lists always \
              agree.",
    examples: &[
        "~a: choose 48 60 60 72 0\nout: speed 2 >> seq ~a ~a ~a ~a >> bd 0.2",
        "~cutoff: choose 300 900 2500\nout: saw 110 >> lpf ~cutoff 2 >> mul 0.3",
    ],
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Positional),
    reads_position: true,
    random: true,
    args: &[NUMBERS.spec()],
    build: Some(|b| {
        let numbers = b.integers(NUMBERS).iter().map(|n| *n as f32).collect();
        Ok(Box::new(Choose {
            numbers,
            key: b.random_key,
        }))
    }),
    ..NodeSpec::PLAIN
};

struct Choose {
    numbers: Vec<f32>,
    key: u64,
}

impl Choose {
    fn draw(&self, key: u64, index: u64) -> f32 {
        let count = self.numbers.len() as u64;
        // The upper half of the hash times the count spreads it evenly over 0 .. count.
        let place = ((hash(key, index) >> 32) * count) >> 32;
        self.numbers.get(place as usize).copied().unwrap_or(0.0)
    }
}

/// The draw that holds at a playing clock's frame, and the first frame of the next one.
fn draw_at(clock: &Clock, frame: u64) -> (i64, u64) {
    let started = |index: i64| clock.frame_of(index as f64 / DRAWS_PER_BEAT);
    let mut index = (clock.beat_at(frame) * DRAWS_PER_BEAT).floor() as i64;
    // Slack may place the next draw on this very frame; a draw before frame 0 has begun.
    if started(index + 1).is_none_or(|at| at <= frame) {
        index += 1;
    }
    (index, started(index + 1).unwrap_or(frame).max(frame + 1))
}

impl Processor for Choose {
    fn process(&mut self, io: &mut Io<'_>) {
        let clock = io.ctx.clock;
        let frame = io.frame();
        let out = io.output(0);
        let mut at = 0;
        while at < out.len() {
            let here = frame + at as u64;
            let (value, next) = if clock.is_playing() {
                let (index, next) = draw_at(clock, here);
                (self.draw(self.key, index as u64), next)
            } else {
                let index = here / STOPPED_FRAMES;
                let next = (index + 1) * STOPPED_FRAMES;
                (self.draw(self.key ^ STOPPED_SALT, index), next)
            };
            let end = (at + (next - here) as usize).min(out.len());
            out[at..end].fill(value);
            at = end;
        }
    }

    fn reset(&mut self) {}
}
