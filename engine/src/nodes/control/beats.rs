//! `beats`: a length in beats as a time.

use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, Literal, NodeSpec, Signal, Smoothing, Tail, Width};

const BEATS: Signal = Signal::new(0, "beats")
    .range(0.0, 64.0)
    .default(1.0)
    .smoothing(Smoothing::Jump)
    .doc("Quarter notes; a bar has four.");
const PER_SECOND: Signal = Signal::new(1, "per second")
    .range(0.0, 1000.0)
    .default(1000.0)
    .smoothing(Smoothing::Jump)
    .hidden()
    .doc("How many of the wanted units a second has.");

const SECONDS_PER_MINUTE: f64 = 60.0;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "beats",
    category: Category::Control,
    summary: "Length of some beats in milliseconds, at the song's tempo.",
    doc: "`beats 0.5` is half a quarter note: 250 at 120 beats per minute, and it follows the \
          tempo.\n\n\
          Where a time is wanted, a note value says the same: `delayms 1/8` or `delayms 1/4.` \
          (dotted) or `delayms 1/8t` (triplet). It becomes milliseconds or seconds, as the \
          argument needs.",
    examples: &[
        "~t: beats 0.75\nout: imp 1 >> envperc 0.001 0.1 >> delayms ~t",
        "out: seq 60 _ 67 _ >> bd 0.1 >> delayms 1/8.",
    ],
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Driven),
    reads_position: true,
    stands_for: Some(Literal::NoteValue),
    args: &[BEATS.spec(), PER_SECOND.spec()],
    build: Some(|_| Ok(Box::new(Beats))),
    ..NodeSpec::PLAIN
};

struct Beats;

impl Processor for Beats {
    fn process(&mut self, io: &mut Io<'_>) {
        let seconds_per_beat = SECONDS_PER_MINUTE / io.ctx.clock.tempo_bpm();
        let (ins, out) = io.split(0);
        let (beats, per_second) = (ins.arg(BEATS), ins.arg(PER_SECOND));
        for (i, y) in out.iter_mut().enumerate() {
            let beats = f64::from(BEATS.clamp(beats.at(i)));
            let per_second = f64::from(PER_SECOND.clamp(per_second.at(i)));
            *y = (beats * seconds_per_beat * per_second) as f32;
        }
    }

    fn reset(&mut self) {}
}
