//! `pattern`: values at times, repeated in song time.

use crate::processor::{Io, Processor};
use crate::registry::{Activity, Category, Literal, NodeSpec, Pattern, Tail, ValuePattern, Width};
use crate::transport::{BEATS_PER_BAR, CycleGrid, held_step};

const VALUES: Pattern = Pattern::new(0, "values")
    .doc("Values with the time of each in bars, and the length of a pass in bars in parentheses.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pattern",
    category: Category::Control,
    summary: "Values at times that repeat in song time.",
    doc: "`\"400@0 2000@0.5\"(1)` is 400 from the start of each bar and 2000 from its middle. It \
          may stand wherever a number or reference may, or begin a chain. Times are bars or parts \
          of a bar such as `3/4`; the number in parentheses is the length of a pass, `()` means \
          one bar.\n\n\
          Each value begins on its exact frame, follows the song's tempo and holds until the next \
          one. Before the first time of a pass the last value of the pass before goes on. While \
          the song stands the value stands too. Times at or behind the length never come.\n\n\
          Upstream takes patterns in `sig`, `lpf` and `psampler` only, counts its own samples and \
          gives 0 before the first value.",
    examples: &[
        "out: saw 110 >> lpf \"300@0 900@1/4 2400@3/4\"(1) 4 >> mul 0.3",
        "~note: \"220@0 330@1/2 275@3/4\"(1)\nout: tri ~note >> mul 0.3",
        "out: pattern \"0.3@0 0@1/8\"(1/4) >> mul ~tone\n~tone: sin 330",
    ],
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    activity: Some(Activity::Positional),
    reads_position: true,
    stands_for: Some(Literal::Pattern),
    args: &[VALUES.spec()],
    build: Some(|b| Ok(Box::new(PatternNode::new(&b.pattern(VALUES))))),
    ..NodeSpec::PLAIN
};

struct PatternNode {
    places_beats: Vec<f64>,
    values: Vec<f32>,
    cycle_beats: f64,
}

impl PatternNode {
    fn new(pattern: &ValuePattern) -> Self {
        let beats = |(bars, _): &(f64, f32)| bars * BEATS_PER_BAR;
        Self {
            places_beats: pattern.events.iter().map(beats).collect(),
            values: pattern.events.iter().map(|(_, value)| *value).collect(),
            cycle_beats: pattern.span_bars * BEATS_PER_BAR,
        }
    }
}

impl Processor for PatternNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        let out = io.output(0);
        let grid = CycleGrid::new(&self.places_beats, self.cycle_beats);
        let mut at = 0;
        while let Some(rest) = out.get_mut(at..).filter(|rest| !rest.is_empty()) {
            let here = frame + at as u64;
            let (step, next) = held_step(clock, here, &grid);
            let value = self.values.get(grid.place(step).1).copied();
            let run = next.map_or(rest.len(), |next| {
                usize::try_from(next - here).map_or(rest.len(), |n| n.min(rest.len()))
            });
            rest[..run].fill(value.unwrap_or(0.0));
            at += run;
        }
    }

    fn reset(&mut self) {}
}
