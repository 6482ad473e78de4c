//! Finds where a reading place may jump in a signal's past without being heard.
//!
//! A pitch shifter reads faster or slower than time passes and must jump back or ahead again and
//! again. If the waveform around the new place continues the one around the old place, the
//! cross-fade between them keeps pitch and level. The best jump is the one with the largest
//! normalised cross-correlation (Verhelst and Roelands, "An overlap-add technique based on waveform
//! similarity", ICASSP 1993; Laroche, "Time and pitch scale modification of audio signals", 1998):
//! first among all jumps on averages of a few frames, then frame by frame around the best, then
//! between frames by a parabola.

use super::delay_line::History;

/// Length of the waveform that is compared.
const WINDOW_SECONDS: f64 = 0.012;
/// A jump may be this much shorter or longer than wanted: one period of 50 Hz in all.
const SEARCH_SECONDS: f64 = 0.010;
/// Rate of the first search.
const COARSE_HZ: f64 = 12_000.0;

/// Memory for a search. Allocated once, used by every search.
#[derive(Debug)]
pub struct Splice {
    /// Frames averaged to one of the coarse search.
    stride: usize,
    /// Coarse frames that are compared, and to each side of the wanted jump.
    window: usize,
    reach: usize,
    here: Box<[f32]>,
    there: Box<[f32]>,
    coarse_here: Box<[f32]>,
    coarse_there: Box<[f32]>,
}

impl Splice {
    /// For a sample rate. Allocates.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let stride = ((frames_per_second / COARSE_HZ + 0.5) as usize).max(1);
        let coarse = frames_per_second / stride as f64;
        let window = (WINDOW_SECONDS * coarse) as usize + 1;
        let reach = (SEARCH_SECONDS * coarse) as usize + 1;
        let room = |n: usize| vec![0.0; n].into_boxed_slice();
        let wide = window + 2 * reach;
        Self {
            stride,
            window,
            reach,
            here: room(window * stride),
            there: room(wide * stride),
            coarse_here: room(window),
            coarse_there: room(wide),
        }
    }

    /// By how much a found jump may differ from the wanted one, in frames.
    #[must_use]
    pub fn reach_frames(&self) -> usize {
        (self.reach + 1) * self.stride
    }

    /// Frames before a reading place that a search looks at.
    #[must_use]
    pub fn window_frames(&self) -> usize {
        self.window * self.stride
    }

    /// The delay near `wanted` whose past is most like the past of the delay `now`; both in whole
    /// frames before frame number `frame`. `lines` are summed.
    pub fn find(&mut self, lines: &[&dyn History], frame: u64, now: usize, wanted: usize) -> f64 {
        let window = self.window_frames() as u64;
        let reach = (self.reach * self.stride) as u64;
        // Both runs end one frame before the reading place; index `reach + lag` of `there` belongs
        // to a delay that is `lag` frames shorter than wanted.
        read(lines, frame - now as u64 - window, &mut self.here);
        read(
            lines,
            frame - wanted as u64 - window - reach,
            &mut self.there,
        );
        average(&self.here, self.stride, &mut self.coarse_here);
        average(&self.there, self.stride, &mut self.coarse_there);
        let coarse = best(&self.coarse_here, &self.coarse_there, 0, 2 * self.reach);
        let centre = coarse * self.stride;
        let first = centre.saturating_sub(self.stride);
        let last = (centre + self.stride).min(2 * self.reach * self.stride);
        let fine = best(&self.here, &self.there, first, last);
        let score = |lag: usize| {
            let end = lag + self.here.len();
            self.there
                .get(lag..end)
                .map_or(0.0, |there| correlation(&self.here, there))
        };
        let offset = match fine.checked_sub(1) {
            Some(before) => peak_offset([score(before), score(fine), score(fine + 1)]),
            None => 0.0,
        };
        wanted as f64 + reach as f64 - fine as f64 - f64::from(offset)
    }
}

fn read(lines: &[&dyn History], first: u64, out: &mut [f32]) {
    out.fill(0.0);
    let mut run = [0.0; 64];
    for line in lines {
        for (k, out) in out.chunks_mut(64).enumerate() {
            let run = &mut run[..out.len()];
            line.copy(first + 64 * k as u64, run);
            for (y, x) in out.iter_mut().zip(run) {
                *y += *x;
            }
        }
    }
}

fn average(fine: &[f32], stride: usize, coarse: &mut [f32]) {
    for (y, xs) in coarse.iter_mut().zip(fine.chunks(stride)) {
        *y = xs.iter().sum();
    }
}

/// The lag from `first` to `last` at which `there` is most like `here`.
fn best(here: &[f32], there: &[f32], first: usize, last: usize) -> usize {
    let mut found = (first, f32::MIN);
    for lag in first..=last {
        let Some(there) = there.get(lag..lag + here.len()) else {
            break;
        };
        let score = likeness(here, there);
        if score > found.1 {
            found = (lag, score);
        }
    }
    found.0
}

/// Correlation times its size, by the energy of `there`: grows with the normalised correlation.
fn likeness(here: &[f32], there: &[f32]) -> f32 {
    let c = correlation(here, there);
    c * c.abs() / (correlation(there, there) + 1e-12)
}

/// Sum of products, in eight partial sums that the processor may add side by side.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a_runs, b_runs) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a_runs.remainder().iter().zip(b_runs.remainder());
    let mut total: f32 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a_runs.zip(b_runs) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    for sum in sums {
        total += sum;
    }
    total
}

/// Where between its neighbours the crest of a parabola through three values lies, −0.5 to 0.5.
fn peak_offset([before, at, after]: [f32; 3]) -> f32 {
    let curvature = before - 2.0 * at + after;
    if curvature >= 0.0 {
        return 0.0;
    }
    super::math::clamp(0.5 * (before - after) / curvature, -0.5, 0.5)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;
    use crate::dsp::delay_line::DelayLine;

    #[test]
    fn finds_a_whole_number_of_periods() {
        for rate in [22_050.0, 48_000.0, 192_000.0] {
            for hz in [60.0, 220.0, 441.3, 1234.5] {
                let mut line = DelayLine::new((0.3 * rate) as usize);
                let wave: Vec<f32> = (0..(0.25 * rate) as usize)
                    .map(|i| {
                        let phase = std::f64::consts::TAU * hz * i as f64 / rate;
                        (phase.sin() + 0.4 * (2.0 * phase + 1.0).sin()) as f32
                    })
                    .collect();
                for run in wave.chunks(64) {
                    line.push(run);
                }
                let mut splice = Splice::new(rate);
                let now = (0.02 * rate) as usize;
                let wanted = (0.09 * rate) as usize;
                let found = splice.find(&[&line], line.head(), now, wanted);
                let periods = (found - now as f64) / rate * hz;
                let error = (periods - periods.round()).abs();
                assert!(error < 0.004, "{rate} {hz}: {periods} periods");
                assert!((found - wanted as f64).abs() <= splice.reach_frames() as f64);
            }
        }
    }

    #[test]
    fn silence_and_extremes_give_some_place_in_reach() {
        let mut splice = Splice::new(48_000.0);
        let mut line = DelayLine::new(20_000);
        for value in [0.0, 1e30, -1e30, 1e-30] {
            for _ in 0..200 {
                line.push(&[value; 64]);
            }
            let found = splice.find(&[&line, &line], line.head(), 1000, 4000);
            assert!(
                (found - 4000.0).abs() <= splice.reach_frames() as f64,
                "{value}"
            );
        }
    }
}
