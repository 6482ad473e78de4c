//! `imp`: a train of one-sample impulses.

use crate::dsp::fraction::unrounded;
use crate::processor::{Io, Processor, Value};
use crate::registry::{Activity, Category, NodeSpec, Signal, Smoothing, Tail, Unit, Width};
use crate::transport::{BEATS_PER_BAR, Clock, CycleGrid, MIN_TRIGGER_GAP_FRAMES, StepCursor};

const FREQ: Signal = Signal::new(0, "frequency")
    .unit(Unit::Hertz)
    .range(0.0, 192_000.0)
    .default(1.0)
    .doc(
        "Impulses per second, or a note value such as `1/8` for one on each eighth of the song. 0 \
         gives only the first one.",
    );
/// Where a note value in the frequency's place goes; 0 stands for none.
const LENGTH: Signal = Signal::new(1, "length")
    .unit(Unit::Bars)
    .range(0.0, 1024.0)
    .default(0.0)
    .unlikely(0.001, f32::MAX, "Impulses come at most 1000 times per bar.")
    .smoothing(Smoothing::Jump)
    .hidden()
    .doc("Bars from one impulse to the next, from a note value.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "imp",
    category: Category::Oscillator,
    summary: "Impulses: single samples of 1 at a steady rate.",
    doc: "The first impulse comes on the first sample, the others at the nearest sample of an exact \
          period, so the rate never drifts. With a number it runs on its own time, not on the \
          song's.\n\n\
          With a note value it plays in the song's time: `imp 1/8` gives an impulse on each eighth, \
          counted from the song's beginning, on the exact frame and right after a jump, a loop or \
          a change of tempo. `1/4.` is dotted, `1/8t` a triplet, `2/1` two bars. While the song \
          stands there are none. For rhythms use `seq` or `eu`.",
    differs: "Upstream shortens the period to whole samples and takes no reference as \
              frequency.",
    examples: &[
        "out: imp 4 >> envperc 0.001 0.1 >> mul ~tone\n~tone: sin 880 >> mul 0.3",
        "out: imp 1/8 >> hh 0.05 >> mul 0.5",
    ],
    width: Width::Mono,
    tail: Tail::Endless,
    // By a number it goes on while the song stands.
    activity: Some(Activity::Always),
    reads_position: true,
    args: &[FREQ.spec(), LENGTH.spec()],
    build: Some(|b| Ok(Box::new(Imp::new(b.sample_rate)))),
    ..NodeSpec::PLAIN
};

/// Counts cycles in fractions of 2^64 and fires when the count overflows.
struct Imp {
    phase: Option<u64>,
    frames_per_second: f64,
    /// Place in the song, for impulses on a grid.
    cursor: StepCursor,
    /// Length of the grid as it was given, and exactly.
    bars: f32,
    cycle_beats: f64,
    /// First frame on which the next impulse of the grid may fall.
    free_from: u64,
}

impl Imp {
    fn new(frames_per_second: f32) -> Self {
        Self {
            phase: None,
            frames_per_second: f64::from(frames_per_second),
            cursor: StepCursor::default(),
            bars: 0.0,
            cycle_beats: 0.0,
            free_from: 0,
        }
    }

    /// Impulses on the song's multiples of a length in bars.
    fn on_grid(&mut self, clock: &Clock, first: u64, bars: f32, out: &mut [f32]) {
        if bars != self.bars {
            self.bars = bars;
            // A triplet as `f32` would drift off the song.
            self.cycle_beats = unrounded(bars) * BEATS_PER_BAR;
            self.cursor.forget();
        }
        out.fill(0.0);
        let frames = out.len();
        let (cursor, free_from) = (&mut self.cursor, &mut self.free_from);
        let fire = |offset: usize, _| {
            let frame = first + offset as u64;
            if frame >= *free_from
                && let Some(y) = out.get_mut(offset)
            {
                *free_from = frame + MIN_TRIGGER_GAP_FRAMES;
                *y = 1.0;
            }
        };
        let grid = CycleGrid::new(&[0.0], self.cycle_beats);
        cursor.advance(clock, first, frames, &grid, fire);
    }

    /// Impulses at a rate, on their own time.
    fn at_rate(&mut self, hz: Value<'_>, out: &mut [f32]) {
        match hz {
            Value::Held(hz) => {
                let increment = self.increment(hz);
                // Most chunks lie between two impulses.
                let end = self
                    .phase
                    .zip(increment.checked_mul(out.len() as u64))
                    .and_then(|(phase, passed)| phase.checked_add(passed));
                if end.is_some() {
                    self.phase = end;
                    out.fill(0.0);
                } else {
                    out.iter_mut().for_each(|y| *y = self.tick(increment));
                }
            }
            Value::Moving(hz) => {
                for (y, hz) in out.iter_mut().zip(hz) {
                    let increment = self.increment(*hz);
                    *y = self.tick(increment);
                }
            }
        }
    }

    #[inline]
    fn increment(&self, hz: f32) -> u64 {
        // Conversion saturates: a rate of one per frame and more fires on every frame.
        (f64::from(FREQ.clamp(hz)) / self.frames_per_second * 18_446_744_073_709_551_616.0) as u64
    }

    #[inline]
    fn tick(&mut self, increment: u64) -> f32 {
        let Some(phase) = self.phase else {
            // A head start of a thousandth of a frame, so that a period of whole frames, which
            // rounds to a little more or less, ends on the frame it means.
            self.phase = Some(increment >> 10);
            return 1.0;
        };
        let (next, fires) = phase.overflowing_add(increment);
        self.phase = Some(next);
        if fires { 1.0 } else { 0.0 }
    }
}

impl Processor for Imp {
    fn process(&mut self, io: &mut Io<'_>) {
        let (clock, first) = (io.ctx.clock, io.frame());
        let (ins, out) = io.split(0);
        let (hz, length) = (ins.arg(FREQ), ins.arg(LENGTH));
        let mut at = 0;
        while at < out.len() {
            let bars = LENGTH.clamp(length.at(at));
            let end = match length {
                Value::Held(_) => out.len(),
                Value::Moving(_) => (at + 1..out.len())
                    .find(|i| LENGTH.clamp(length.at(*i)) != bars)
                    .unwrap_or(out.len()),
            };
            let run = &mut out[at..end];
            if bars > 0.0 {
                self.on_grid(clock, first + at as u64, bars, run);
            } else {
                self.cursor.forget();
                let hz = match hz {
                    Value::Held(hz) => Value::Held(hz),
                    Value::Moving(hz) => Value::Moving(&hz[at..end]),
                };
                self.at_rate(hz, run);
            }
            at = end;
        }
    }

    fn reset(&mut self) {
        self.phase = None;
        self.cursor.forget();
        self.free_from = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(hz: f32, frames: u64) -> Vec<u64> {
        let mut imp = Imp::new(44_100.0);
        let increment = imp.increment(hz);
        (0..frames).filter(|_| imp.tick(increment) > 0.0).collect()
    }

    #[test]
    fn whole_periods_stay_exact_for_a_long_time() {
        let at = fires(1.0, 44_100 * 200);
        assert_eq!(at.len(), 200);
        assert!(
            at.iter().enumerate().all(|(k, f)| *f == 44_100 * k as u64),
            "{at:?}"
        );
        assert!(fires(2.0, 100_000).iter().all(|f| f % 22_050 == 0));
    }

    #[test]
    fn fractional_periods_keep_the_rate() {
        for (k, frame) in fires(1000.0, 441_000).iter().enumerate() {
            let exact = k as f64 * 44.1;
            assert!((*frame as f64 - exact).abs() < 1.0, "{k}: {frame}");
        }
    }

    #[test]
    fn extremes() {
        assert_eq!(fires(0.0, 1000), [0]);
        assert_eq!(fires(-5.0, 1000), [0]);
        assert_eq!(fires(f32::NAN, 1000).len(), 1);
        assert_eq!(fires(1e9, 1000).len(), 1000);
    }
}
