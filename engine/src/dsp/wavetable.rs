//! A wavetable oscillator that aliases as little as its tables allow.
//!
//! Every wave is a sum of sines and kept in 28 tables, a third of an octave apart: one with a single
//! harmonic up to one with 512. A frame reads the richest table whose highest harmonic is inaudible
//! if it folds back, so at any pitch only what lies above 20 kHz is missing or aliased. In the first
//! quarter of each third of an octave it blends with the next poorer table, so that glides do not
//! step. Tables have at least eight points per cycle of their highest harmonic and are read with
//! third-order Lagrange interpolation.
//!
//! All phases are sine phases, so neighbouring waves share their fundamental and blend without
//! cancelling it.
//!
//! The tables (0.9 MB) are made once per process, when the first oscillator is built, and shared.

use std::sync::OnceLock;

use super::frames_of;
use super::oscillator::{Clocking, MIN_CYCLES, Phasor};

/// Waves to blend between.
pub const WAVES: usize = 8;
/// Tables of one wave.
const LEVELS: usize = 28;
/// Harmonics in the richest table.
const MAX_HARMONICS: usize = 512;
/// Points per cycle of a table's highest harmonic, and fewest points of a table.
const POINTS_PER_HARMONIC: usize = 8;
const MIN_POINTS: usize = 256;
/// Points copied from the end to the front, and from the front to the end.
const GUARD_BEFORE: usize = 1;
const GUARD_AFTER: usize = 2;
/// The thirds of an octave.
const THIRDS: [f32; 3] = [1.0, 1.259_921, 1.587_401];
/// Share by which the harmonics that fit must exceed a table's number to hear it alone.
const BLEND: f32 = 0.065;
/// Highest frequency of a harmonic if the sample rate allows it.
const TOP_HZ: f64 = 24_000.0;
/// What folds back to above this is inaudible.
const AUDIBLE_HZ: f64 = 20_000.0;
/// Level (RMS) of each wave, unless its peak would exceed 1.
const LEVEL: f64 = 0.577;

/// Level of harmonic `k` (from 1) of a wave, before normalisation.
fn harmonic(wave: usize, k: usize) -> f64 {
    let n = k as f64;
    let odd = k % 2 == 1;
    // A rising saw that crosses 0 at phase 0.
    let sign = if odd { 1.0 } else { -1.0 };
    match wave {
        0 => f64::from(u8::from(k == 1)),
        1 if odd => (if k % 4 == 1 { 1.0 } else { -1.0 }) / (n * n),
        2 if odd => 1.0 / n,
        3 => sign / n,
        4 => match k {
            1 => 1.0,
            2 => 0.8,
            3 => 0.6,
            4 => 0.5,
            6 => 0.4,
            8 => 0.35,
            16 => 0.2,
            _ => 0.0,
        },
        5 => sign * formants(n, [(700.0, 1.0), (1150.0, 0.6), (2600.0, 0.25)]),
        6 => sign * formants(n, [(430.0, 1.0), (820.0, 0.5), (2600.0, 0.08)]),
        7 => sign * formants(n, [(280.0, 1.0), (2300.0, 0.45), (3000.0, 0.3)]),
        _ => 0.0,
    }
}

/// A voice at 110 Hz: a falling spectrum with three resonances (frequency and level).
fn formants(n: f64, peaks: [(f64, f64); 3]) -> f64 {
    const BANDWIDTH_HZ: f64 = 120.0;
    let resonances: f64 = peaks
        .iter()
        .map(|(hz, level)| {
            let x = (110.0 * n - hz) / BANDWIDTH_HZ;
            level / (1.0 + x * x)
        })
        .sum();
    resonances + 0.25 / (n * n)
}

/// Harmonics in a table.
fn harmonics_of(level: usize) -> usize {
    let octave = 1u32 << (level / 3);
    (f64::from(octave) * f64::from(THIRDS[level % 3]) + 1e-3) as usize
}

/// Base-2 logarithm of a table's number of points.
fn size_bits(level: usize) -> u32 {
    (POINTS_PER_HARMONIC * harmonics_of(level))
        .max(MIN_POINTS)
        .next_power_of_two()
        .trailing_zeros()
}

/// The tables of all waves.
#[derive(Debug)]
pub struct Tables {
    points: Box<[f32]>,
    /// Where each table begins in the points of a wave, and its size.
    places: [(usize, u32); LEVELS],
    points_per_wave: usize,
}

impl Tables {
    /// The shared tables. The first call makes them: control thread.
    pub fn shared() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(Self::new)
    }

    fn new() -> Self {
        let mut places = [(0, 0); LEVELS];
        let mut points_per_wave = 0;
        for (level, place) in places.iter_mut().enumerate() {
            let bits = size_bits(level);
            *place = (points_per_wave, bits);
            points_per_wave += (1usize << bits) + GUARD_BEFORE + GUARD_AFTER;
        }
        let mut points = Vec::with_capacity(WAVES * points_per_wave);
        let circle = circle(size_bits(LEVELS - 1));
        for wave in 0..WAVES {
            let mut levels: Vec<f64> = (1..=MAX_HARMONICS).map(|k| harmonic(wave, k)).collect();
            let richest = sines(&levels, LEVELS - 1, &circle);
            let scale = scale(&richest);
            levels.iter_mut().for_each(|x| *x *= scale);
            for level in 0..LEVELS {
                let cycle = sines(&levels, level, &circle);
                let n = cycle.len();
                let around = (0..n + GUARD_BEFORE + GUARD_AFTER)
                    .map(|i| cycle[(i + n - GUARD_BEFORE) % n] as f32);
                points.extend(around);
            }
        }
        Self {
            points: points.into_boxed_slice(),
            places,
            points_per_wave,
        }
    }

    /// A wave's value at a phase (2^32 is one cycle), with the harmonics of a level.
    #[inline(always)]
    fn read(&self, wave: usize, level: usize, phase: u32) -> f32 {
        let Some((start, bits)) = self.places.get(level) else {
            return 0.0;
        };
        let index = (phase >> (32 - bits)) as usize;
        let first = wave * self.points_per_wave + start + index;
        let Some(&[a, b, c, d]) = self.points.get(first..first + 4) else {
            return 0.0;
        };
        let x = (phase << bits >> 1) as i32 as f32 * (1.0 / 2_147_483_648.0);
        // Lagrange's cubic through the four points at −1, 0, 1 and 2.
        let (p, q, r) = (x + 1.0, x - 1.0, x - 2.0);
        let (pr, xq) = (p * r, x * q);
        xq * (1.0 / 6.0) * (p * d - r * a) + pr * 0.5 * (q * b - x * c)
    }
}

/// Cosines and sines of a cycle in `2^bits` steps.
fn circle(bits: u32) -> Vec<[f64; 2]> {
    // Halving the quarter turn, by the half-angle formulas, down to one step.
    let (mut c, mut s) = (0.0f64, 1.0f64);
    for _ in 2..bits {
        let half = ((1.0 + c) * 0.5).sqrt();
        s /= 2.0 * half;
        c = half;
    }
    let mut points = Vec::with_capacity(1 << bits);
    let (mut x, mut y) = (1.0f64, 0.0f64);
    for _ in 0..1u32 << bits {
        points.push([x, y]);
        (x, y) = (x * c - y * s, x * s + y * c);
    }
    points
}

/// One cycle of a sum of sines, with the harmonics of a level (Clenshaw's recurrence, eight points
/// side by side).
fn sines(levels: &[f64], level: usize, circle: &[[f64; 2]]) -> Vec<f64> {
    const LANES: usize = 8;
    let n = 1usize << size_bits(level);
    let stride = circle.len() / n;
    let levels = &levels[..harmonics_of(level).min(levels.len())];
    let mut cycle = vec![0.0; n];
    // The second half is the first one backwards and upside down.
    for start in (0..n / 2).step_by(LANES) {
        let at = |i: usize| circle[(start + i) * stride];
        let twice: [f64; LANES] = std::array::from_fn(|i| 2.0 * at(i)[0]);
        let (mut now, mut next) = ([0.0; LANES], [0.0; LANES]);
        for a in levels.iter().rev() {
            for i in 0..LANES {
                let b = a + twice[i] * now[i] - next[i];
                next[i] = now[i];
                now[i] = b;
            }
        }
        for i in 0..LANES {
            let y = now[i] * at(i)[1];
            cycle[start + i] = y;
            cycle[(n - start - i) % n] = -y;
        }
    }
    cycle
}

/// Factor that gives a cycle its level.
fn scale(cycle: &[f64]) -> f64 {
    let peak = cycle.iter().fold(0.0f64, |m, y| m.max(y.abs()));
    let power = cycle.iter().map(|y| y * y).sum::<f64>() / cycle.len() as f64;
    (LEVEL / power.sqrt()).min(1.0 / peak)
}

/// How many harmonics fit below the top, as table and share.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Richness {
    level: usize,
    /// Share of this table; the rest is the next poorer one.
    share: f32,
}

/// The table for a number of harmonics that fit; nothing if not even the fundamental does.
#[inline(always)]
fn richness(fitting: f32) -> Option<Richness> {
    const RICHEST: Richness = Richness {
        level: LEVELS - 1,
        share: 1.0,
    };
    if fitting.is_nan() || fitting < 1.0 {
        return None;
    }
    if fitting >= MAX_HARMONICS as f32 * (1.0 + BLEND) {
        return Some(RICHEST);
    }
    // `fitting` is m · 2^e with 1 ≤ m < 2.
    let bits = fitting.to_bits();
    let octave = (bits >> 23).wrapping_sub(127) as usize;
    let m = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000);
    let third = usize::from(m >= THIRDS[1]) + usize::from(m >= THIRDS[2]);
    Some(Richness {
        level: (3 * octave + third).min(LEVELS - 1),
        share: ((m / THIRDS[third] - 1.0) * (1.0 / BLEND)).min(1.0),
    })
}

/// Phase of a wavetable oscillator.
#[derive(Clone, Copy, Debug)]
pub struct Wavetable {
    tables: &'static Tables,
    phasor: Phasor,
    /// Highest frequency of a harmonic in cycles per frame.
    top_cycles: f32,
}

impl Wavetable {
    /// At phase 0. Makes the tables if this is the first one: control thread.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let top_hz = (frames_per_second - AUDIBLE_HZ)
            .max(0.5 * frames_per_second)
            .min(TOP_HZ);
        Self {
            tables: Tables::shared(),
            phasor: Phasor::default(),
            top_cycles: (top_hz / frames_per_second) as f32,
        }
    }

    /// Back to phase 0.
    pub fn reset(&mut self) {
        self.phasor = Phasor::default();
    }

    /// Computes one frame per frequency and position (0 to 1, from the first wave to the last), at
    /// most [`MAX_FRAMES`](super::MAX_FRAMES).
    pub fn process(&mut self, hz: &[f32], positions: &[f32], clock: Clocking, out: &mut [f32]) {
        let n = frames_of(hz.len().min(positions.len()).min(out.len()));
        let (phases, speeds) = self.phasor.advance(&hz[..n], clock);
        let tables = self.tables;
        for (i, y) in out[..n].iter_mut().enumerate() {
            let fitting = self.top_cycles / speeds[i].abs().max(MIN_CYCLES);
            let Some(Richness { level, share }) = richness(fitting) else {
                *y = 0.0;
                continue;
            };
            let place = positions[i] * (WAVES - 1) as f32;
            let wave = (place as usize).min(WAVES - 2);
            let blend = place - wave as f32;
            let read = |level: usize| {
                let a = tables.read(wave, level, phases[i]);
                let b = tables.read(wave + 1, level, phases[i]);
                a + (b - a) * blend
            };
            *y = if share >= 1.0 {
                read(level)
            } else if level == 0 {
                read(0) * share
            } else {
                let poorer = read(level - 1);
                poorer + (read(level) - poorer) * share
            };
        }
    }
}

#[cfg(test)]
#[path = "wavetable_tests.rs"]
mod tests;
