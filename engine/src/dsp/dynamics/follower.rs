//! An envelope follower.

use super::Peak;

/// State of one follower.
#[derive(Clone, Copy, Debug)]
pub struct Follower {
    peak: Peak,
    /// In double precision, so that slow times reach their goal.
    level: f64,
}

impl Follower {
    /// A follower at rest.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        Self {
            peak: Peak::new(frames_per_second),
            level: 0.0,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.peak.reset();
        self.level = 0.0;
    }

    /// Lets so many frames of silence pass, after enough of it.
    pub fn advance(&mut self, frames: u64) {
        self.peak.advance(frames);
    }

    /// Replaces sizes by levels, from the shares ([`super::share`]) of attack and release.
    #[inline]
    pub fn process(&mut self, sizes: &mut [f32], shares: impl Fn(usize) -> (f64, f64)) {
        self.peak.process(sizes);
        for (i, y) in sizes.iter_mut().enumerate() {
            let (attack, release) = shares(i);
            let way = f64::from(*y) - self.level;
            self.level += way * if way > 0.0 { attack } else { release };
            *y = self.level as f32;
        }
    }
}
