//! `arrange`: one chain after the other, by bars.

use crate::processor::{Io, Processor};
use crate::registry::{Arrangement, Category, NodeSpec, Tail, Width};
use crate::transport::{BEATS_PER_BAR, CycleGrid, held_step};

const PARTS: Arrangement = Arrangement::new(0, "parts")
    .doc("Chains, each followed by how many bars it plays; parts of a bar are allowed.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "arrange",
    category: Category::Sequencer,
    summary: "Plays several chains in turn, each for its number of bars.",
    doc: "`arrange ~a 4 ~b 2` gives `~a` for four bars, then `~b` for two, and begins again. The \
          place follows the song: bar 0 is the start of the first part, and a jump or loop lands \
          in the right one. While the song stands the part at that place is heard.\n\n\
          It changes over on the exact frame and without a fade, so that the first trigger of the \
          next pattern comes through whole and no late one of the last. Arrange patterns rather \
          than tones: `arrange ~p 3 ~q 1 >> bd 0.2` leaves every tail alone, while a tone that is \
          cut in full swing clicks. Chains that are not heard run on.\n\n\
          Upstream passes the left channel only, counts its own samples and ignores a change of \
          tempo.",
    differs: "Passes stereo, follows the song's place and tempo, and takes edits; upstream passes \
              the left channel, keeps its own time and stops with a panic when it is edited.",
    examples: &[
        "~p: seq 60 _ 60 _\n~q: seq 60_60 _ 60_60_60 60\nout: arrange ~p 3 ~q 1 >> bd 0.2",
        "~verse: seq 48 _ 55 _\n~chorus: speed 2 >> seq 60 63 67 70\n\
         ~pitch: arrange ~verse 4 ~chorus 2 >> mul 261.63\nout: saw ~pitch >> lpf 900 2 >> mul 0.3",
    ],
    width: Width::Widest,
    tail: Tail::Endless,
    reads_position: true,
    args: &[PARTS.spec()],
    build: Some(|b| Ok(Box::new(Arrange::new(b.bars(PARTS))))),
    ..NodeSpec::PLAIN
};

struct Arrange {
    /// Beat of the cycle on which each part begins.
    starts_beats: Vec<f64>,
    cycle_beats: f64,
}

impl Arrange {
    fn new(bars: &[f64]) -> Self {
        let mut starts_beats = Vec::with_capacity(bars.len());
        let mut end_bars = 0.0;
        for length in bars {
            starts_beats.push(end_bars * BEATS_PER_BAR);
            end_bars += length;
        }
        Self {
            starts_beats,
            cycle_beats: end_bars * BEATS_PER_BAR,
        }
    }
}

impl Processor for Arrange {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        let (ins, out) = io.split(0);
        let grid = CycleGrid::new(&self.starts_beats, self.cycle_beats);
        let mut at = 0;
        while at < out.len() {
            let here = frame + at as u64;
            let (step, next) = held_step(clock, here, &grid);
            let left = out.len() - at;
            let run = next.map_or(left, |n| {
                usize::try_from(n - here).map_or(left, |n| n.min(left))
            });
            let part = ins.extra_channel(SPEC.args.len(), grid.place(step).1, ins.channel);
            for (i, y) in out.iter_mut().enumerate().skip(at).take(run) {
                *y = part.at(i);
            }
            at += run;
        }
    }

    fn reset(&mut self) {}
}
