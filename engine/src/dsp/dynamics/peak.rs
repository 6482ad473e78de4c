//! The peak of the last 20 milliseconds.

/// How long a peak counts, at least; at most a sixteenth longer. Half a wave of 25 Hz.
pub const HOLD_SECONDS: f64 = 0.020;
/// Cells of the window.
const CELLS: usize = 16;

/// The largest size of a signal within a window that slides.
///
/// A rectified wave falls to zero twice in every period. A gain that follows it distorts the lows,
/// and its mean is not the level. The peak over half a period of the lowest tone is the level, and
/// steady. The window is cut into cells, so a frame costs one comparison.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    cell_frames: u32,
    /// Peaks of the last whole cells, and the largest of them.
    cells: [f32; CELLS],
    whole: f32,
    /// Place of the oldest one.
    oldest: usize,
    /// Peak of the cell that fills, and its frames.
    current: f32,
    filled: u32,
}

impl Peak {
    /// A detector at rest.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let cell = (HOLD_SECONDS / CELLS as f64 * frames_per_second + 0.999) as u32;
        Self {
            cell_frames: cell.max(1),
            cells: [0.0; CELLS],
            whole: 0.0,
            oldest: 0,
            current: 0.0,
            filled: 0,
        }
    }

    /// Back to rest.
    pub fn reset(&mut self) {
        self.cells = [0.0; CELLS];
        (self.whole, self.current) = (0.0, 0.0);
        (self.oldest, self.filled) = (0, 0);
    }

    /// Lets so many frames of silence pass, after enough of it: cells go on to end where they would.
    pub fn advance(&mut self, frames: u64) {
        let cell_frames = u64::from(self.cell_frames.max(1));
        self.filled = ((u64::from(self.filled) + frames) % cell_frames) as u32;
    }

    /// Replaces sizes (not negative) by peaks. What is not a number counts as 0.
    pub fn process(&mut self, sizes: &mut [f32]) {
        for y in sizes {
            self.current = larger(self.current, *y);
            *y = larger(self.current, self.whole);
            self.filled += 1;
            if self.filled >= self.cell_frames {
                self.filled = 0;
                if let Some(cell) = self.cells.get_mut(self.oldest) {
                    *cell = self.current;
                }
                self.oldest = (self.oldest + 1) % CELLS;
                self.current = 0.0;
                self.whole = self.cells.iter().copied().fold(0.0, larger);
            }
        }
    }
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_counts_for_20_milliseconds_and_not_much_longer() {
        for rate in [22_050.0, 48_000.0, 192_000.0f64] {
            for at in [0usize, 1, 37, 100] {
                let mut signal = vec![0.1; (0.03 * rate) as usize];
                signal[at] = 0.7;
                let mut peak = Peak::new(rate);
                peak.process(&mut signal);
                assert!(signal[..at].iter().all(|y| *y == 0.1));
                let last = signal.iter().rposition(|y| *y == 0.7).unwrap_or(0);
                let seconds = (last - at) as f64 / rate;
                assert!(
                    (0.0199..0.0216).contains(&seconds),
                    "{rate} {at}: {seconds}"
                );
                assert!(signal[last + 1..].iter().all(|y| *y == 0.1));
            }
        }
    }

    #[test]
    fn what_is_not_a_number_leaves_no_trace() {
        let mut peak = Peak::new(48_000.0);
        let mut signal = [f32::NAN, 0.25, f32::NAN];
        peak.process(&mut signal);
        assert_eq!(signal, [0.0, 0.25, 0.25]);
    }
}
