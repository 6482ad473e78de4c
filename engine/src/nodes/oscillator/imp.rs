//! `imp`: a train of one-sample impulses.

use crate::processor::{Io, Processor, Value};
use crate::registry::{Category, NodeSpec, Signal, Tail, Unit, Width};

const FREQ: Signal = Signal::new(0, "frequency")
    .unit(Unit::Hertz)
    .range(0.0, 192_000.0)
    .default(1.0)
    .doc("Impulses per second. 0 gives only the first one.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "imp",
    category: Category::Oscillator,
    summary: "Impulses: single samples of 1 at a steady rate.",
    doc: "The first impulse comes on the first sample, the others at the nearest sample of an exact \
          period, so the rate never drifts. It runs on its own time, not on the song's: use `seq` \
          for rhythm.",
    differs: "Upstream shortens the period to whole samples and takes no reference as \
              frequency.",
    examples: &["out: imp 4 >> envperc 0.001 0.1 >> mul ~tone\n~tone: sin 880 >> mul 0.3"],
    width: Width::Mono,
    tail: Tail::Endless,
    args: &[FREQ.spec()],
    build: Some(|b| {
        Ok(Box::new(Imp {
            phase: None,
            frames_per_second: f64::from(b.sample_rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

/// Counts cycles in fractions of 2^64 and fires when the count overflows.
struct Imp {
    phase: Option<u64>,
    frames_per_second: f64,
}

impl Imp {
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
        let (ins, out) = io.split(0);
        match ins.arg(FREQ) {
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

    fn reset(&mut self) {
        self.phase = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(hz: f32, frames: u64) -> Vec<u64> {
        let mut imp = Imp {
            phase: None,
            frames_per_second: 44_100.0,
        };
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
