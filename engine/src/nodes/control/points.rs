//! `points`: a breakpoint envelope in song time.

use crate::dsp::breakpoints::Breakpoints;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{
    BreakPoint, BreakPoints, Category, Input, Literal, NodeSpec, Points, Tail, Width,
};
use crate::transport::{BEATS_PER_BAR, Clock, CycleGrid};

const POINTS: Points = Points::new(0, "points")
    .doc("Times and values, the length of a pass in bars behind them, and `!` to repeat.");

/// A point counts as reached this share of a frame early, as triggers do.
const SLACK_FRAMES: f64 = 1e-3;

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "points",
    category: Category::Control,
    summary: "Envelope of straight lines between points, in song time.",
    doc: "`[0=>0 1/4=>1 1=>0]` starts at 0, reaches 1 after a quarter of its length and 0 at its \
          end. It may stand wherever a number or reference may, or be a node. The length of a pass \
          is one bar; `*4` makes it four bars, `/2` half a bar, `*(3/4)` three quarters. \
          `1/2+20_ms` and `1/2-0.1_s` add a time in milliseconds or seconds. A `!` at the end \
          repeats it.\n\n\
          The place follows the song and its tempo: with `!` the passes begin on multiples of the \
          length, without it the one pass begins at bar 0 and the last value holds from its end \
          on. Before the first point the value is 0 at time 0 and rises to it. While the song \
          stands the value stands.\n\n\
          With a signal before it, each sample above 0 starts a pass instead, whether the song \
          runs or not: `seq 60 _ 60 >> [0=>0 0.01=>1 1/4=>0]`. So `imp 0 >> [0=>0 1=>1]*8` is a \
          fade of eight bars from the moment you run it. Until the first trigger the last value \
          holds.\n\n\
          Upstream extrapolates without `!`, needs a length, gives the last value on the first \
          sample and keeps its own time.",
    examples: &[
        "out: saw 110 >> lpf [0=>300 1/2=>2400 1=>300]*2! 4 >> mul 0.3",
        "~env: speed 2 >> seq 60 _ 60 60 >> [0=>0 0.01=>1 0.05=>0.4 0.24=>0]\n\
         out: saw 55 >> mul ~env >> mul 0.4",
        "~fade: imp 0 >> [0=>0 1=>0.3]*4\nout: tri 220 >> mul ~fade",
    ],
    upstream: false,
    input: Input::Optional,
    width: Width::Mono,
    tail: Tail::Endless,
    reads_position: true,
    stands_for: Some(Literal::Points),
    args: &[POINTS.spec()],
    build: Some(|b| Ok(Box::new(PointsNode::new(b.points(POINTS))))),
    ..NodeSpec::PLAIN
};

struct PointsNode {
    points: Vec<BreakPoint>,
    /// The points in beats, at the tempo that `beats_per_second` says.
    curve: Breakpoints,
    beats_per_second: f64,
    span_beats: f64,
    looped: bool,
    pass: Option<Pass>,
}

/// A pass that a trigger began: a straight line of beats over frames.
#[derive(Clone, Copy, Debug)]
struct Pass {
    anchor_frame: u64,
    anchor_beats: f64,
    beats_per_frame: f64,
}

impl Pass {
    fn beats_at(&self, frame: u64) -> f64 {
        let frames = frame.saturating_sub(self.anchor_frame);
        self.anchor_beats + frames as f64 * self.beats_per_frame
    }

    /// Goes on at another tempo from a frame on.
    fn follow(&mut self, frame: u64, beats_per_frame: f64) {
        if beats_per_frame != self.beats_per_frame {
            self.anchor_beats = self.beats_at(frame);
            self.anchor_frame = frame;
            self.beats_per_frame = beats_per_frame;
        }
    }
}

impl PointsNode {
    fn new(envelope: BreakPoints) -> Self {
        let mut points = envelope.points;
        let late = |p: &BreakPoint| p.bars != 0.0 || p.offset_seconds != 0.0;
        if points.first().is_some_and(late) {
            points.insert(0, BreakPoint::default());
        }
        Self {
            curve: Breakpoints::new(points.iter().map(|p| p.value).collect()),
            points,
            beats_per_second: 0.0,
            span_beats: (envelope.span_bars * BEATS_PER_BAR).max(CycleGrid::MIN_CYCLE_BEATS),
            looped: envelope.looped,
            pass: None,
        }
    }

    fn set_tempo(&mut self, clock: &Clock) {
        let beats_per_second = clock.tempo_bpm() / 60.0;
        if beats_per_second != self.beats_per_second {
            self.beats_per_second = beats_per_second;
            let beats =
                |p: &BreakPoint| p.bars * BEATS_PER_BAR + p.offset_seconds * beats_per_second;
            self.curve.set_times(self.points.iter().map(beats));
        }
    }

    /// Writes the values from `beats` on, `beats_per_frame` apart.
    fn fill(&self, beats: impl Fn(usize) -> f64, early: f64, out: &mut [f32]) {
        let place = |i: usize| {
            let beats = beats(i) + early;
            match self.looped {
                true => beats - (beats / self.span_beats).floor() * self.span_beats,
                false => beats,
            }
        };
        let mut line = self.curve.segment(place(0));
        let mut last = f64::NEG_INFINITY;
        for (i, y) in out.iter_mut().enumerate() {
            let now = place(i);
            if now >= line.end || now < last {
                line = self.curve.segment(now);
            }
            last = now;
            *y = line.at(now - early);
        }
    }
}

impl Processor for PointsNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, frame) = (io.ctx.clock, io.frame());
        self.set_tempo(clock);
        let (ins, out) = io.split(0);
        let early = SLACK_FRAMES * clock.beats_per_frame();
        if !ins.has_input() {
            self.fill(|i| clock.beat_at(frame + i as u64), early, out);
            return;
        }
        let trigger = ins.input();
        let mut at = 0;
        while at < out.len() {
            let here = frame + at as u64;
            if trigger.at(at) > 0.0 {
                self.pass = Some(Pass {
                    anchor_frame: here,
                    anchor_beats: 0.0,
                    beats_per_frame: clock.beats_per_frame(),
                });
            }
            let fires = |i: &usize| trigger.at(*i) > 0.0;
            let end = (at + 1..out.len()).find(fires).unwrap_or(out.len());
            let run = out.get_mut(at..end).unwrap_or(&mut []);
            match &mut self.pass {
                Some(pass) => {
                    pass.follow(here, clock.beats_per_frame());
                    let pass = *pass;
                    self.fill(|i| pass.beats_at(here + i as u64), early, run);
                }
                None => run.fill(self.curve.last()),
            }
            at = end;
        }
    }

    fn reset(&mut self) {
        self.pass = None;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_ref::<Self>()
        {
            self.pass = old.pass;
        }
    }
}
