//! The guard at the output: ceiling, DC protection, scrub of what is not finite.
//!
//! Nothing here looks ahead or depends on how the host cuts its blocks: per-frame decisions are made
//! frame by frame, slow ones once per 64-frame cell from sums that are exact in any order.
//!
//! Thread: audio.

use super::status::GuardStatus;
use crate::processor::{BLOCK_FRAMES, Block};

/// Release of the ceiling (R6.14).
const RELEASE_SECONDS: f64 = 0.080;
/// How long an input peak raises the ceiling.
const HOLD_SECONDS: f64 = 1.0;
/// Time constant of the means that the DC protection watches (R6.15).
const MEAN_SECONDS: f64 = 1.0;
/// Mean level that counts as DC: −30 dBFS.
const DC_LEVEL: f32 = 0.031_622_775;
/// How long it must stand before the blocker fades in.
const DC_SECONDS: f64 = 0.2;
/// Fade of the blocker.
const DC_FADE_SECONDS: f64 = 0.050;
/// Corner of the blocker.
const DC_CORNER_HZ: f64 = 10.0;
/// Fixed-point scale of the means' sums: 20 bits after the point, ±16 at most.
const SUM_SCALE: f32 = (1 << 20) as f32;

/// State of the guard. One per renderer.
#[derive(Clone, Debug)]
pub struct Guard {
    enabled: bool,
    release: f32,
    hold_frames: u32,
    mean_share: f32,
    dc_cells: u32,
    dc_fade_step: f32,
    dc_pole: f32,
    /// Gain of the ceiling; exactly 1.0 at rest.
    gain: f32,
    held_peak: f32,
    held_frames: u32,
    limited_frames: u64,
    /// Means of output left, right, input left, right.
    means: [f32; 4],
    sums: [i32; 4],
    cells_above: u32,
    dc_on: bool,
    dc_mix: f32,
    dc_in: [f32; 2],
    dc_out: [f32; 2],
}

impl Guard {
    /// A guard that is on.
    #[must_use]
    pub fn new(sample_rate: f64) -> Self {
        let cells_per_second = sample_rate / BLOCK_FRAMES as f64;
        Self {
            enabled: true,
            release: (1.0 / (RELEASE_SECONDS * sample_rate)) as f32,
            hold_frames: (HOLD_SECONDS * sample_rate) as u32,
            mean_share: (1.0 / (MEAN_SECONDS * cells_per_second)) as f32,
            dc_cells: (DC_SECONDS * cells_per_second).ceil() as u32,
            dc_fade_step: (1.0 / (DC_FADE_SECONDS * sample_rate)) as f32,
            // First-order pole near 1; the linear approximation of exp is exact to 1e-6 here.
            dc_pole: (1.0 - std::f64::consts::TAU * DC_CORNER_HZ / sample_rate) as f32,
            gain: 1.0,
            held_peak: 0.0,
            held_frames: 0,
            limited_frames: 0,
            means: [0.0; 4],
            sums: [0; 4],
            cells_above: 0,
            dc_on: false,
            dc_mix: 0.0,
            dc_in: [0.0; 2],
            dc_out: [0.0; 2],
        }
    }

    /// Back to rest; stays on or off.
    pub fn reset(&mut self, sample_rate: f64) {
        let enabled = self.enabled;
        *self = Self::new(sample_rate);
        self.enabled = enabled;
    }

    /// Switches ceiling and DC protection; the scrub is always on.
    pub fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled;
        if !enabled {
            self.gain = 1.0;
            self.dc_on = false;
            self.dc_mix = 0.0;
            self.cells_above = 0;
        }
    }

    /// What the guard does now.
    #[must_use]
    pub fn status(&self) -> GuardStatus {
        GuardStatus {
            gain: self.gain,
            limited_frames: self.limited_frames,
            dc_blocked: self.dc_on,
            ..GuardStatus::default()
        }
    }

    /// Guards `frames` frames in place and returns the peaks of both channels afterwards.
    ///
    /// `input` is the plugin's input with its peak, where it has one. `mono` = the right output
    /// equals the left one and is not computed. `ends_cell` = a 64-frame cell ends with these frames.
    pub fn process(
        &mut self,
        out: &mut [Block; 2],
        input: Option<(&[Block; 2], f32)>,
        frames: usize,
        mono: bool,
        ends_cell: bool,
    ) -> [f32; 2] {
        let channels = if mono { 1 } else { 2 };
        let mut peaks = [0.0; 2];
        for (peak_here, block) in peaks.iter_mut().zip(&mut *out).take(channels) {
            *peak_here = peak(block, frames);
            if !peak_here.is_finite() {
                scrub(block, frames);
                *peak_here = peak(block, frames);
            }
        }
        if self.enabled
            && (self.is_awake() || peaks != [0.0; 2] || input.is_some_and(|i| i.1 > 0.0))
        {
            for (i, block) in out.iter().take(channels).enumerate() {
                self.sums[i] = self.sums[i].wrapping_add(sum(block, frames));
            }
            if mono {
                self.sums[1] = self.sums[0];
            }
            if let Some((blocks, level)) = input
                && level > 0.0
            {
                for (i, block) in blocks.iter().enumerate() {
                    self.sums[i + 2] = self.sums[i + 2].wrapping_add(sum(block, frames));
                }
            }
            if self.dc_on || self.dc_mix > 0.0 {
                self.block_dc(out, frames, channels);
                for (peak_here, block) in peaks.iter_mut().zip(&*out).take(channels) {
                    *peak_here = peak(block, frames);
                }
            }
            self.limit(out, input, frames, channels, &mut peaks);
            if ends_cell {
                self.end_cell();
            }
        }
        if mono {
            peaks[1] = peaks[0];
        }
        peaks
    }

    /// Whether silence would still change something.
    fn is_awake(&self) -> bool {
        self.gain != 1.0
            || self.dc_on
            || self.cells_above > 0
            || self.held_peak > 1.0
            || self.means != [0.0; 4]
            || self.sums != [0; 4]
    }

    fn end_cell(&mut self) {
        for (mean, sum) in self.means.iter_mut().zip(&mut self.sums) {
            let average = *sum as f32 * (1.0 / (SUM_SCALE * BLOCK_FRAMES as f32));
            *mean += (average - *mean) * self.mean_share;
            *sum = 0;
        }
        let [left, right, in_left, in_right] = self.means;
        // What is not more than the track's own offset is not the program's doing.
        let is_dc =
            |out: f32, input: f32| out.abs() > DC_LEVEL && out.abs() > input.abs() + 0.5 * DC_LEVEL;
        if is_dc(left, in_left) || is_dc(right, in_right) {
            self.cells_above = self.cells_above.saturating_add(1);
        } else {
            self.cells_above = 0;
        }
        // Half the level, so that it does not come and go at the threshold.
        let is_gone = |out: f32, input: f32| out.abs() < (0.5 * DC_LEVEL).max(input.abs());
        if self.cells_above >= self.dc_cells {
            self.dc_on = true;
        } else if is_gone(left, in_left) && is_gone(right, in_right) {
            self.dc_on = false;
        }
    }

    /// First-order high-pass, faded in and, when the offset is gone, out again:
    /// `y[n] = x[n] − x[n−1] + p·y[n−1]`.
    fn block_dc(&mut self, out: &mut [Block; 2], frames: usize, channels: usize) {
        let start = self.dc_mix;
        let step = if self.dc_on {
            self.dc_fade_step
        } else {
            -self.dc_fade_step
        };
        for (c, block) in out.iter_mut().take(channels).enumerate() {
            let mut mix = start;
            for x in block.0.iter_mut().take(frames) {
                mix = (mix + step).clamp(0.0, 1.0);
                let y = *x - self.dc_in[c] + self.dc_pole * self.dc_out[c];
                self.dc_in[c] = *x;
                self.dc_out[c] = y;
                *x += (y - *x) * mix;
            }
            self.dc_mix = mix;
        }
        if channels == 1 {
            self.dc_in[1] = self.dc_in[0];
            self.dc_out[1] = self.dc_out[0];
        }
    }

    /// `g = min(g, ceiling / |x|)`, both channels alike, rising back along a straight line of the
    /// release time; exactly 1.0 below the ceiling (R6.14).
    ///
    /// The ceiling is full scale, or the input's peak of the last second where that is higher, so
    /// that `out: ~input` always nulls.
    fn limit(
        &mut self,
        out: &mut [Block; 2],
        input: Option<(&[Block; 2], f32)>,
        frames: usize,
        channels: usize,
        peaks: &mut [f32; 2],
    ) {
        let in_peak = input.map_or(0.0, |(_, level)| level);
        let out_peak = peaks[0].max(peaks[1]);
        if self.gain == 1.0 && out_peak <= 1.0 && in_peak <= 1.0 && self.held_peak <= 1.0 {
            return;
        }
        for i in 0..frames {
            let x_in = input.map_or(0.0, |(b, _)| b[0].0[i].abs().max(b[1].0[i].abs()));
            if x_in >= self.held_peak || self.held_frames == 0 {
                self.held_peak = x_in;
                self.held_frames = self.hold_frames;
            } else {
                self.held_frames -= 1;
            }
            let ceiling = self.held_peak.max(1.0);
            let level = if channels == 1 {
                out[0].0[i].abs()
            } else {
                out[0].0[i].abs().max(out[1].0[i].abs())
            };
            self.gain = (self.gain + self.release).min(1.0);
            if level * self.gain > ceiling {
                self.gain = ceiling / level;
                self.limited_frames += 1;
            }
            if self.gain != 1.0 {
                for block in out.iter_mut().take(channels) {
                    // Rounding of the quotient must not leave a trace above the ceiling.
                    block.0[i] = (block.0[i] * self.gain).clamp(-ceiling, ceiling);
                }
            }
        }
        for (peak_here, block) in peaks.iter_mut().zip(&*out).take(channels) {
            *peak_here = peak(block, frames);
        }
    }
}

/// Largest magnitude; above every number if a value is not one.
#[must_use]
pub fn peak(block: &Block, frames: usize) -> f32 {
    // Magnitudes of floats order like their bits, which also catches infinities and NaN.
    let mut most = 0_i32;
    for x in &block.0[..frames.min(BLOCK_FRAMES)] {
        most = most.max((x.to_bits() & 0x7fff_ffff) as i32);
    }
    f32::from_bits(most as u32)
}

/// Replaces values that are not finite by 0.
#[cold]
pub fn scrub(block: &mut Block, frames: usize) {
    for x in block.0.iter_mut().take(frames) {
        if !x.is_finite() {
            *x = 0.0;
        }
    }
}

/// Sum in fixed point: exact, so it does not matter where a run of frames is cut.
fn sum(block: &Block, frames: usize) -> i32 {
    let mut total = 0_i32;
    for x in &block.0[..frames.min(BLOCK_FRAMES)] {
        total = total.wrapping_add((x.clamp(-16.0, 16.0) * SUM_SCALE) as i32);
    }
    total
}
