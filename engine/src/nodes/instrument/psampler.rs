//! `psampler`: recorded sounds at places in the bar.

use super::voices::Voices;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{Category, NodeSpec, SamplePattern, SampleSequence, Tail, Width};
use crate::transport::{BEATS_PER_BAR, StepCursor, StepGrid};

const PATTERN: SamplePattern = SamplePattern::new(0, "pattern").doc(
    "Samples and their times in bars, in quotes: `\"\\a@0 \\b@0.5\"`, then the length of the \
     pattern in bars: `(1)`.",
);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "psampler",
    category: Category::Instrument,
    summary: "Plays recorded sounds at places in the bar, in time with the song.",
    doc: "`psampler \"\\bd@0 \\sn@0.5\"(1)` plays `\\bd` at the beginning of each bar and `\\sn` in \
          its middle. Times count in bars; the number in parentheses is the length of the pattern, \
          after which it begins again.\n\n\
          The place in the pattern follows the host's song position, on exact frames: tempo changes \
          are followed, and a jump or loop lands on the right sound. Sounds play at their own \
          speed, overlap, and ring on when the song stops; at most 64 at once, then the oldest \
          fades out. A name that does not exist is silent, with a warning.",
    differs: "Upstream counts its own samples and keeps the tempo at which it was created.",
    examples: &[
        "out: psampler \"\\bd@0 \\sn@0.25 \\bd@0.375 \\bd@0.5 \\sn@0.75\"(1)",
        "out: psampler \"\\hh@0 \\hh@0.125 \\hh@0.25 \\hh@0.375\"(0.5) >> mul 0.5 >> plate 0.1",
    ],
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Endless,
    reads_position: true,
    args: &[PATTERN.spec()],
    build: Some(|b| {
        let pattern = b.sample_pattern(PATTERN);
        let sounds = pattern.samples.iter().map(|s| s.sample.clone()).collect();
        Ok(Box::new(PatternSampler {
            voices: Voices::new(sounds, b.sample_rate),
            pattern,
            cursor: StepCursor::default(),
            beats_per_cycle: 0.0,
        }))
    }),
    ..NodeSpec::PLAIN
};

/// The pattern laid out in song time.
struct Grid<'a> {
    pattern: &'a SampleSequence,
    beats_per_cycle: f64,
}

impl Grid<'_> {
    fn len(&self) -> i64 {
        self.pattern.events.len().max(1) as i64
    }

    fn event(&self, step: i64) -> Option<&(f64, usize)> {
        self.pattern
            .events
            .get(step.rem_euclid(self.len()) as usize)
    }
}

impl StepGrid for Grid<'_> {
    fn beat_of(&self, step: i64) -> f64 {
        let cycle = step.div_euclid(self.len()) as f64;
        let share = self.event(step).map_or(0.0, |e| e.0) / self.pattern.span_bars;
        (cycle + share) * self.beats_per_cycle
    }

    fn step_at_or_after(&self, beat: f64) -> i64 {
        let cycles = beat / self.beats_per_cycle;
        let cycle = cycles.floor();
        let bars = (cycles - cycle) * self.pattern.span_bars;
        let event = self.pattern.events.partition_point(|e| e.0 < bars);
        cycle as i64 * self.len() + event as i64
    }
}

struct PatternSampler {
    pattern: SampleSequence,
    voices: Voices,
    cursor: StepCursor,
    /// Cycle length the cursor's place belongs to.
    beats_per_cycle: f64,
}

impl Processor for PatternSampler {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let frame = io.frame();
        let clock = io.ctx.clock;
        let (left, right) = io.outputs();
        left.fill(0.0);
        right.fill(0.0);
        let mut done = 0;
        if !self.pattern.events.is_empty() {
            // Patterns denser than the frames themselves are stretched, so that work stays bounded.
            let shortest = clock.beats_per_frame() * self.pattern.events.len() as f64;
            let beats_per_cycle = (self.pattern.span_bars * BEATS_PER_BAR).max(shortest);
            if beats_per_cycle != self.beats_per_cycle {
                self.beats_per_cycle = beats_per_cycle;
                self.cursor.forget();
            }
            let grid = Grid {
                pattern: &self.pattern,
                beats_per_cycle,
            };
            let voices = &mut self.voices;
            self.cursor
                .advance(clock, frame, frames, &grid, |offset, step| {
                    let Some((_, sound)) = grid.event(step) else {
                        return;
                    };
                    voices.play_part(done, offset, left, right);
                    voices.start(*sound, 1.0);
                    done = offset;
                });
        }
        self.voices.play_part(done, frames, left, right);
    }

    fn reset(&mut self) {
        self.voices.reset();
        self.cursor.forget();
        self.beats_per_cycle = 0.0;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        // The place comes from the song.
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_mut::<Self>()
        {
            self.voices.inherit(&mut old.voices);
        }
    }
}
