//! `walk`: a random walk in song time.

use crate::dsp::walk::Walk;
use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, NodeSpec, Signal, Smoothing, Tail, Unit, Width};
use crate::transport::BEATS_PER_BAR;

const LENGTH: Signal = Signal::new(0, "length")
    .unit(Unit::Bars)
    .range(0.001, 1024.0)
    .default(0.125)
    .smoothing(Smoothing::Jump)
    .doc("Length of a step in bars, or a note value such as `1/8`.");
const SIZE: Signal = Signal::new(1, "size")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.2)
    .doc("How far a step goes at most, as a share of the range.");
const LOW: Signal = Signal::new(2, "low")
    .range(-20_000.0, 20_000.0)
    .default(0.0)
    .doc("Lowest value.");
const HIGH: Signal = Signal::new(3, "high")
    .range(-20_000.0, 20_000.0)
    .default(1.0)
    .doc("Highest value.");

/// A step begins this share of a frame early, as triggers do.
const SLACK_FRAMES: f64 = 1e-3;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "walk",
    category: Category::Control,
    summary: "Random walk in time with the song, step by step.",
    doc: "`walk 1/8 0.2 48 72` takes a random step on every eighth, up or down by at most a fifth \
          of the range from 48 to 72, and turns round at its ends. Between the steps it stands \
          still. `quant` makes notes of it, `slew` a glide.\n\n\
          The walk belongs to the song: the same bar gives the same values again, also after a \
          jump. While the song stands it stands too. Each `walk` goes its own way. Every 64 steps \
          it comes to a place that is chosen freely from the range, so it never gets lost.",
    examples: &[
        "~note: walk 1/8 0.3 45 69 >> quant minpent 9\n~pitch: ~note >> mtof\n\
         out: tri ~pitch >> mul 0.3",
        "~cut: walk 1/16 0.3 300 3000\nout: saw 55 >> lpf ~cut 4 >> mul 0.3",
    ],
    sources: &["Brownian bridge: Karatzas, Shreve: Brownian Motion and Stochastic Calculus, 5.6.B"],
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Positional),
    reads_position: true,
    random: true,
    args: &[LENGTH.spec(), SIZE.spec(), LOW.spec(), HIGH.spec()],
    build: Some(|b| {
        Ok(Box::new(WalkNode {
            walk: Walk::new(b.random_key),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct WalkNode {
    /// Its tables follow from the step that is asked for: they are no state.
    walk: Walk,
}

impl Processor for WalkNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        let (ins, out) = io.split(0);
        let early = SLACK_FRAMES * clock.beats_per_frame();
        let (length, size) = (ins.arg(LENGTH), ins.arg(SIZE));
        let (low, high) = (ins.arg(LOW), ins.arg(HIGH));
        for (i, y) in out.iter_mut().enumerate() {
            let step_beats = f64::from(LENGTH.clamp(length.at(i))) * BEATS_PER_BAR;
            let step = ((clock.beat_at(frame + i as u64) + early) / step_beats).floor() as i64;
            let (low, high) = (LOW.clamp(low.at(i)), HIGH.clamp(high.at(i)));
            *y = low + (high - low) * self.walk.at(step, SIZE.clamp(size.at(i)));
        }
    }

    fn reset(&mut self) {}
}
