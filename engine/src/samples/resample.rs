//! From one sample rate to another.
//!
//! Frame 0 stays at time 0 and nothing is delayed: each new frame is read out of the old ones with a
//! windowed sinc centred on its own time. Chosen over a ready resampler because the result is part
//! of the sound: it must not depend on the processor (fast Fourier transforms with run-time dispatch
//! and fused multiply-adds do), and the kernel is that of the players anyway.
//!
//! Source: Smith and Gossett, "A flexible sampling-rate conversion method", ICASSP 1984.

use super::{MAX_SAMPLE_BYTES, Sample, SampleError};
use crate::dsp::sinc::kernel;

/// Taps at the lower of the two rates.
const TAPS: usize = 128;

/// β of the Kaiser window: the stop band lies below −100 dB.
const WINDOW_SHAPE: f64 = 10.0;

/// Cutoff as a share of the lower Nyquist frequency, at half amplitude: with these taps the pass
/// band reaches to 0.90 of it, and everything above it is stopped.
const CUTOFF: f64 = 0.95;

/// Sample rates that make sense.
const RATES_HZ: std::ops::RangeInclusive<f64> = 1_000.0..=768_000.0;

/// Most kernels that are kept; above that they are computed for each frame.
const MAX_KERNELS: u64 = 4096;

/// A sound at another sample rate. Its length is that of the old one in time, to the next frame.
///
/// # Errors
/// One of the rates makes no sense, or the result is too long.
pub fn resampled(sound: &Sample, from_hz: f64, to_hz: f64) -> Result<Sample, SampleError> {
    if !(RATES_HZ.contains(&from_hz) && RATES_HZ.contains(&to_hz)) {
        return Err(SampleError(format!(
            "Its sample rate of {from_hz} Hz is not supported."
        )));
    }
    if from_hz == to_hz {
        return Ok(sound.clone());
    }
    let ratio = Ratio::new(from_hz, to_hz);
    let frames = ratio.frames(sound.frames());
    let bytes = frames.saturating_mul(sound.bytes()) / sound.frames().max(1);
    if bytes > MAX_SAMPLE_BYTES {
        return Err(SampleError::too_long());
    }
    let mut kernels = Kernels::new(ratio);
    let left = kernels.convert(&sound.left, frames);
    let right = sound.right.as_ref().map(|r| kernels.convert(r, frames));
    Ok(Sample { left, right })
}

/// Old frames per new frame, as a fraction in lowest terms.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    old: u64,
    new: u64,
}

impl Ratio {
    /// Rates are whole numbers in files; what is not is rounded to a thousandth.
    fn new(from_hz: f64, to_hz: f64) -> Self {
        let (old, new) = (
            (from_hz * 1000.0).round() as u64,
            (to_hz * 1000.0).round() as u64,
        );
        let (mut a, mut b) = (old, new);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self {
            old: old / a.max(1),
            new: new / a.max(1),
        }
    }

    fn frames(self, frames: usize) -> usize {
        let frames = (frames as u128 * u128::from(self.new)).div_ceil(u128::from(self.old));
        usize::try_from(frames).unwrap_or(usize::MAX)
    }
}

/// Kernels for the places that new frames can have between old ones.
struct Kernels {
    ratio: Ratio,
    taps: usize,
    cutoff: f64,
    /// One kernel after the other, by the place in `1/ratio.new` frames; empty if there are too many.
    all: Vec<f64>,
}

impl Kernels {
    fn new(ratio: Ratio) -> Self {
        // Going down, the kernel is as wide as the new frames are.
        let down = (ratio.old as f64 / ratio.new as f64).max(1.0);
        let taps = ((TAPS as f64 * down).ceil() as usize).next_multiple_of(4);
        let mut kernels = Self {
            ratio,
            taps,
            cutoff: CUTOFF / down,
            all: Vec::new(),
        };
        if ratio.new <= MAX_KERNELS {
            kernels.all = vec![0.0; taps * ratio.new as usize];
            let mut all = std::mem::take(&mut kernels.all);
            for (place, row) in all.chunks_exact_mut(taps).enumerate() {
                kernels.compute(place as u64, row);
            }
            kernels.all = all;
        }
        kernels
    }

    fn compute(&self, place: u64, row: &mut [f64]) {
        let fraction = place as f64 / self.ratio.new as f64;
        kernel(self.cutoff, WINDOW_SHAPE, fraction, row);
    }

    fn convert(&mut self, old: &[f32], frames: usize) -> Vec<f32> {
        let before = self.taps / 2 - 1;
        let mut own = vec![0.0; self.taps];
        let mut out = Vec::with_capacity(frames);
        let (mut frame, mut place) = (0_usize, 0_u64);
        for _ in 0..frames {
            let start = place as usize * self.taps;
            let row = match self.all.get(start..start + self.taps) {
                Some(row) => row,
                None => {
                    self.compute(place, &mut own);
                    own.as_slice()
                }
            };
            // The part of the kernel that lies inside the sound; outside there is silence.
            let skip = before.saturating_sub(frame);
            let first = (frame + skip).saturating_sub(before);
            let inside = old.get(first..).unwrap_or(&[]);
            out.push(dot(row.get(skip..).unwrap_or(&[]), inside) as f32);
            place += self.ratio.old;
            frame += (place / self.ratio.new) as usize;
            place %= self.ratio.new;
        }
        out
    }
}

/// Sum of products up to the shorter end, in four lanes.
fn dot(row: &[f64], frames: &[f32]) -> f64 {
    let n = row.len().min(frames.len());
    let (row, frames) = (&row[..n], &frames[..n]);
    let (fours, rest) = row.as_chunks::<4>();
    let (frame_fours, frame_rest) = frames.as_chunks::<4>();
    let mut sums = [0.0_f64; 4];
    for (row, frames) in fours.iter().zip(frame_fours) {
        for lane in 0..4 {
            sums[lane] += row[lane] * f64::from(frames[lane]);
        }
    }
    let tail: f64 = rest
        .iter()
        .zip(frame_rest)
        .map(|(a, b)| a * f64::from(*b))
        .sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + tail
}

#[cfg(test)]
#[path = "resample_tests.rs"]
mod tests;
