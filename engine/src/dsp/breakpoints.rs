//! Straight lines between points in time.

/// A curve through points whose times do not fall: before the first the first value, after the last
/// the last one, straight lines between; of several points at one time the last counts from there
/// on.
#[derive(Clone, Debug, Default)]
pub struct Breakpoints {
    times: Vec<f64>,
    values: Vec<f32>,
}

/// The line that holds at a time, and the time at which the next one begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    start: f64,
    value: f32,
    slope: f64,
    /// First time that is no longer on this line.
    pub end: f64,
}

impl Segment {
    /// Value at a time on the line; times before its start count as the start.
    #[inline]
    #[must_use]
    pub fn at(&self, time: f64) -> f32 {
        let past = time - self.start;
        let past = if past > 0.0 { past } else { 0.0 };
        (f64::from(self.value) + self.slope * past) as f32
    }
}

impl Breakpoints {
    /// A curve through as many points as there are values; their times come with
    /// [`set_times`](Self::set_times). Allocates.
    #[must_use]
    pub fn new(values: Vec<f32>) -> Self {
        Self {
            times: vec![0.0; values.len()],
            values,
        }
    }

    /// Sets the time of every point; one that lies before its predecessor's counts as that.
    pub fn set_times(&mut self, times: impl Iterator<Item = f64>) {
        let mut latest = f64::NEG_INFINITY;
        for (slot, time) in self.times.iter_mut().zip(times) {
            latest = if time > latest { time } else { latest };
            *slot = latest;
        }
    }

    /// Value behind the last point, 0 if there is no point.
    #[must_use]
    pub fn last(&self) -> f32 {
        self.values.last().copied().unwrap_or(0.0)
    }

    /// The line on which a time lies.
    #[must_use]
    pub fn segment(&self, time: f64) -> Segment {
        let after = self.times.partition_point(|t| *t <= time);
        let point = |i: usize| Some((*self.times.get(i)?, *self.values.get(i)?));
        let level = |value, end| Segment {
            start: 0.0,
            value,
            slope: 0.0,
            end,
        };
        match (after.checked_sub(1).and_then(point), point(after)) {
            (Some((start, value)), Some((end, next))) => Segment {
                start,
                value,
                // Points nearer than that are a jump; the slope must stay finite.
                slope: (f64::from(next) - f64::from(value)) / (end - start).max(1e-12),
                end,
            },
            (None, Some((end, value))) => level(value, end),
            (_, None) => level(self.last(), f64::INFINITY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f32)]) -> Breakpoints {
        let mut curve = Breakpoints::new(points.iter().map(|p| p.1).collect());
        curve.set_times(points.iter().map(|p| p.0));
        curve
    }

    #[test]
    fn lines_between_points_and_levels_outside() {
        let c = curve(&[(1.0, 2.0), (2.0, 4.0), (4.0, 0.0)]);
        let cases = [
            (-5.0, 2.0),
            (0.999, 2.0),
            (1.0, 2.0),
            (1.5, 3.0),
            (2.0, 4.0),
            (3.0, 2.0),
            (3.5, 1.0),
            (4.0, 0.0),
            (1e12, 0.0),
        ];
        for (time, value) in cases {
            assert_eq!(c.segment(time).at(time), value, "at {time}");
        }
        assert_eq!(c.segment(1.5).end, 2.0);
        assert_eq!(c.segment(9.0).end, f64::INFINITY);
    }

    #[test]
    fn points_at_one_time_are_a_jump_and_late_ones_wait() {
        let c = curve(&[(0.0, 0.0), (1.0, 1.0), (1.0, 5.0), (0.5, 7.0), (2.0, 9.0)]);
        assert_eq!(c.segment(0.5).at(0.5), 0.5);
        assert_eq!(c.segment(1.0).at(1.0), 7.0);
        assert_eq!(c.segment(1.5).at(1.5), 8.0);
        assert_eq!(curve(&[]).segment(1.0).at(1.0), 0.0);
    }
}
