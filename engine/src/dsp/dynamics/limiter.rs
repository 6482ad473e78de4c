//! A limiter's gain, without look-ahead.
//!
//! The gain is at once what the loudest peak of the last 20 ms needs and recovers after that. So
//! only the rise of a new peak is bent (its first quarter wave), while a steady tone above the
//! ceiling comes out as a clean tone at the ceiling.

use super::Peak;

/// State of one limiter; both channels share it.
#[derive(Clone, Copy, Debug)]
pub struct Limiter {
    peak: Peak,
    /// Present gain, exactly 1 at rest. In double precision, so that slow times reach their goal.
    gain: f64,
}

impl Limiter {
    /// A limiter at rest.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            peak: Peak::new(frames_per_second),
            gain: 1.0,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.peak.reset();
        self.gain = 1.0;
    }

    /// Replaces sizes by gains, from the ceiling of each frame (as a factor, above 0) and the share
    /// ([`super::share`]) of the release. The product may be above the ceiling by rounding.
    #[inline]
    pub fn process(&mut self, sizes: &mut [f32], ceilings: &[f32], release: impl Fn(usize) -> f64) {
        self.peak.process(sizes);
        for (i, (y, ceiling)) in sizes.iter_mut().zip(ceilings).enumerate() {
            let wanted = if *y > *ceiling {
                f64::from(*ceiling) / f64::from(*y)
            } else {
                1.0
            };
            self.gain = if wanted < self.gain {
                wanted
            } else {
                self.gain + release(i) * (wanted - self.gain)
            };
            *y = self.gain as f32;
        }
    }
}
