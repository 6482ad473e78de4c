//! A random walk any step of which can be had at once.
//!
//! A walk that adds up its steps from the beginning cannot be entered in the middle. This one passes
//! a random level every [`SPAN`] steps, and on the way from one to the next it is a Brownian bridge:
//! the sum of random steps, less the share of their total that would miss the level. So a jump costs
//! one span at most, and every level between the limits is as likely as any other at those places.

use super::noise::hash;

/// Steps from one random level to the next.
pub const SPAN: i64 = 64;

/// A walk between 0 and 1.
#[derive(Clone, Debug)]
pub struct Walk {
    key: u64,
    /// The span that the tables belong to.
    span: Option<i64>,
    /// Levels at its ends.
    ends: [f32; 2],
    /// How far each step is off the straight line between them, for steps of size 1.
    bridge: [f32; SPAN as usize],
}

/// A random number of a place, 0 to below 1.
fn uniform(key: u64, place: i64) -> f32 {
    (hash(key, place as u64) >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// Reflects a value at 0 and 1 until it lies between them.
fn fold(x: f32) -> f32 {
    let x = x - 2.0 * (x * 0.5).floor();
    if x > 1.0 { 2.0 - x } else { x }
}

impl Walk {
    /// A walk of its own for each key.
    #[must_use]
    pub fn new(key: u64) -> Self {
        Self {
            key,
            span: None,
            ends: [0.0; 2],
            bridge: [0.0; SPAN as usize],
        }
    }

    /// Value of a step; each differs from the one before by about `size` at most.
    pub fn at(&mut self, step: i64, size: f32) -> f32 {
        let span = step.div_euclid(SPAN);
        if self.span != Some(span) {
            self.enter(span);
        }
        let place = step.rem_euclid(SPAN);
        let share = place as f32 / SPAN as f32;
        let line = self.ends[0] + (self.ends[1] - self.ends[0]) * share;
        let off = self.bridge.get(place as usize).copied().unwrap_or(0.0);
        fold(line + size * off)
    }

    fn enter(&mut self, span: i64) {
        self.span = Some(span);
        // Even places for the levels, odd ones for the steps.
        self.ends = [0, 1].map(|end| uniform(self.key, span.wrapping_add(end).wrapping_mul(2)));
        let first = span.wrapping_mul(SPAN);
        let step = |i: i64| {
            let place = first.wrapping_add(i).wrapping_mul(2).wrapping_add(1);
            2.0 * uniform(self.key, place) - 1.0
        };
        let mut sum = 0.0;
        for (i, slot) in self.bridge.iter_mut().enumerate() {
            *slot = sum;
            sum += step(i as i64);
        }
        for (i, slot) in self.bridge.iter_mut().enumerate() {
            *slot -= sum * i as f32 / SPAN as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_small_and_the_whole_range_is_visited() {
        for size in [0.02f32, 0.1, 0.3] {
            let mut walk = Walk::new(5);
            let values: Vec<f32> = (-20_000..20_000).map(|i| walk.at(i, size)).collect();
            assert!(values.iter().all(|x| (0.0..=1.0).contains(x)));
            let steps: Vec<f32> = values.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
            let largest = steps.iter().fold(0.0f32, |m, x| m.max(*x));
            // The step itself, the way to the next level, and what the bridge takes back.
            assert!(largest < size * 1.5 + 1.0 / 64.0, "{size}: {largest}");
            let mean = steps.iter().sum::<f32>() / steps.len() as f32;
            // Half of the size on average; less where it is reflected.
            assert!(
                mean > 0.4 * size && mean < 0.6 * size + 0.01,
                "{size}: {mean}"
            );
            let mut tenths = [0usize; 10];
            for x in &values {
                tenths[((x * 10.0) as usize).min(9)] += 1;
            }
            assert!(
                tenths.iter().all(|n| *n > 1_200 && *n < 7_000),
                "{size}: {tenths:?}"
            );
        }
    }

    #[test]
    fn any_step_can_be_had_at_once() {
        let mut through = Walk::new(9);
        let all: Vec<f32> = (-300..300).map(|i| through.at(i, 0.2)).collect();
        let mut jumping = Walk::new(9);
        for i in [5i64, -300, 299, 64, 63, -1, 0, -64, -65] {
            assert_eq!(jumping.at(i, 0.2), all[(i + 300) as usize], "{i}");
        }
        assert_ne!(Walk::new(10).at(5, 0.2), all[305]);
    }

    #[test]
    fn values_are_reflected() {
        let cases = [
            (0.3, 0.3),
            (1.2, 0.8),
            (-0.2, 0.2),
            (2.25, 0.25),
            (-1.75, 0.25),
            (3.5, 0.5),
        ];
        for (x, want) in cases {
            assert!((fold(x) - want).abs() < 1e-6, "{x}: {}", fold(x));
        }
    }
}
