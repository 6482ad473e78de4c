//! Band-limited interpolation: tables of a windowed sinc, for reading a recorded sound at places
//! between its frames.
//!
//! The kernel is `c·sinc(c·t)·w(t)` with a Kaiser window `w` over the table's taps; `c` is the
//! cutoff as a share of the Nyquist frequency. Each row of a table belongs to one of [`PHASES`]
//! fractions of a frame and is scaled to a sum of 1, so that a constant stays what it is; between
//! two rows the *results* are interpolated linearly, which is the same as interpolating the rows.
//!
//! Source: Smith and Gossett, "A flexible sampling-rate conversion method", ICASSP 1984; window:
//! Kaiser and Schafer, "On the use of the I0-sinh window for spectrum analysis", IEEE ASSP 28,
//! 1980.

use std::sync::LazyLock;

use super::math::sin_half_turns_f64;

/// Rows of a table: fractions of a frame between which it is interpolated.
pub const PHASES: usize = 256;

/// Most taps of a table of the [`SincBank`].
pub const MAX_TAPS: usize = 128;

/// Taps of the kernel at full bandwidth. With [`WINDOW_SHAPE`], measured over all fractions: flat
/// within 0.01 dB up to a third of the sample rate, images below −82 dB there.
const TAPS: usize = 16;

/// β of the playing kernels' Kaiser window.
const WINDOW_SHAPE: f64 = 8.0;

/// The zeroth modified Bessel function of the first kind, by its power series; relative error below
/// 1e-15 for the arguments of windows (up to 20).
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut sum, mut term, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

/// Writes the kernel for reading `fraction` of a frame behind a frame: tap `k` belongs to the frame
/// `k − taps/2 + 1` away from that one. Their sum is 1.
pub fn kernel(cutoff: f64, window_shape: f64, fraction: f64, taps: &mut [f64]) {
    let half = 0.5 * taps.len() as f64;
    let scale = bessel_i0(window_shape);
    let mut sum = 0.0;
    for (k, tap) in taps.iter_mut().enumerate() {
        let t = k as f64 - half + 1.0 - fraction;
        let inside = 1.0 - (t / half) * (t / half);
        let window = if inside > 0.0 {
            bessel_i0(window_shape * inside.sqrt()) / scale
        } else {
            // At the very edge the window is small, and beyond it nothing.
            if inside == 0.0 { 1.0 / scale } else { 0.0 }
        };
        let x = cutoff * t;
        let sinc = if x == 0.0 {
            1.0
        } else {
            sin_half_turns_f64(x) / (std::f64::consts::PI * x)
        };
        *tap = sinc * window;
        sum += *tap;
    }
    taps.iter_mut().for_each(|tap| *tap /= sum);
}

/// Kernels of one bandwidth for all fractions of a frame.
#[derive(Debug)]
pub struct SincTable {
    taps: usize,
    /// `PHASES + 1` rows, the last one for a whole frame.
    rows: Box<[f32]>,
}

impl SincTable {
    /// A table with a multiple of four taps. Allocates.
    fn new(taps: usize, cutoff: f64) -> Self {
        let mut rows = Vec::with_capacity((PHASES + 1) * taps);
        let mut row = vec![0.0; taps];
        for phase in 0..=PHASES {
            kernel(cutoff, WINDOW_SHAPE, phase as f64 / PHASES as f64, &mut row);
            rows.extend(row.iter().map(|x| *x as f32));
        }
        Self {
            taps,
            rows: rows.into_boxed_slice(),
        }
    }

    /// Taps of each kernel.
    #[inline]
    #[must_use]
    pub fn taps(&self) -> usize {
        self.taps
    }

    /// The value `fraction`/2³² of a frame behind frame `taps/2 − 1` of `window`, which has as many
    /// frames as the table taps.
    #[inline]
    #[must_use]
    pub fn read(&self, window: &[f32], fraction: u32) -> f32 {
        let row = (fraction >> 24) as usize * self.taps;
        let rows = self.rows.get(row..row + 2 * self.taps).unwrap_or(&[]);
        let between = (fraction & 0x00ff_ffff) as f32 * (1.0 / 16_777_216.0);
        let (low, high) = rows.split_at(rows.len() / 2);
        let (a, b) = match (
            <&[f32; TAPS]>::try_from(low),
            <&[f32; TAPS]>::try_from(high),
            <&[f32; TAPS]>::try_from(window),
        ) {
            // A length known to the compiler needs no loop.
            (Ok(low), Ok(high), Ok(window)) => products(low, high, window),
            _ => products(low, high, window),
        };
        a + between * (b - a)
    }
}

/// Sums of products of a window with two rows, each in four lanes that are added at the end.
#[inline(always)]
fn products(low: &[f32], high: &[f32], window: &[f32]) -> (f32, f32) {
    let (mut a, mut b) = ([0.0_f32; 4], [0.0_f32; 4]);
    let lanes = low.chunks_exact(4).zip(high.chunks_exact(4));
    for ((low, high), window) in lanes.zip(window.chunks_exact(4)) {
        for lane in 0..4 {
            a[lane] += low[lane] * window[lane];
            b[lane] += high[lane] * window[lane];
        }
    }
    let sum = |x: [f32; 4]| (x[0] + x[2]) + (x[1] + x[3]);
    (sum(a), sum(b))
}

/// Tables for playing faster and faster: each half octave has one with that much less bandwidth, so
/// that what would fold back is taken out first.
#[derive(Debug)]
pub struct SincBank {
    tables: Vec<SincTable>,
}

impl SincBank {
    /// The bank that all samplers share. The first call computes it (0.4 MB, control thread).
    #[must_use]
    pub fn shared() -> &'static Self {
        static BANK: LazyLock<SincBank> = LazyLock::new(SincBank::new);
        &BANK
    }

    fn new() -> Self {
        // Speeds of 1, √2, 2, 2√2, 4, 4√2 and 8; above that something folds back.
        let tables = (0..7).map(|half_octaves| {
            let speed = super::math::exp2(0.5 * f64::from(half_octaves));
            let taps = (TAPS as f64 * speed).ceil() as usize;
            SincTable::new(taps.next_multiple_of(4), 1.0 / speed)
        });
        Self {
            tables: tables.collect(),
        }
    }

    /// Index of the table for a step of `step`/2³² frames.
    #[must_use]
    pub fn class_of(&self, step: u64) -> usize {
        // Squares of the speeds are powers of two, so that no rounding decides.
        let square = u128::from(step) * u128::from(step);
        (0..self.tables.len())
            .find(|class| square <= 1_u128 << (64 + class))
            .unwrap_or(self.tables.len() - 1)
    }

    /// A table by its index.
    #[inline]
    #[must_use]
    pub fn table(&self, class: usize) -> Option<&SincTable> {
        self.tables.get(class)
    }
}

#[cfg(test)]
#[path = "sinc_tests.rs"]
mod tests;
