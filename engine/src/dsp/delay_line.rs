//! A line of past frames: written in runs, read in runs at any distance.
//!
//! Frames are numbered through; the number of a frame never changes, so a reading place is the
//! number of the present frame minus a delay. Frames from before the last reset read as 0, without
//! the memory being touched.

use super::{MAX_FRAMES, frames_of};

/// Extra frames a line needs beyond its longest delay: one call's frames and the interpolator's.
pub const MARGIN_FRAMES: usize = MAX_FRAMES + 4;

/// Number of the first frame; high enough that any delay may be subtracted.
const FIRST_FRAME: u64 = 1 << 40;

/// What may be read by frame number.
pub trait History {
    /// Copies the frames from number `first` on to `out`; 0 for frames never written or forgotten.
    fn copy(&self, first: u64, out: &mut [f32]);
    /// The frame of number `frame`.
    fn at(&self, frame: u64) -> f32;
    /// The four frames from number `first` on.
    #[inline]
    fn four(&self, first: u64) -> [f32; 4] {
        std::array::from_fn(|i| self.at(first + i as u64))
    }
}

/// One channel's past.
#[derive(Clone, Debug)]
pub struct DelayLine {
    data: Box<[f32]>,
    mask: usize,
    head: u64,
    begin: u64,
}

impl DelayLine {
    /// A silent line for delays up to `frames` less [`MARGIN_FRAMES`]; the capacity is the next
    /// power of two, at least 256. Allocates.
    #[must_use]
    pub fn new(frames: usize) -> Self {
        let capacity = frames.max(4 * MAX_FRAMES).next_power_of_two();
        Self {
            data: vec![0.0; capacity].into_boxed_slice(),
            mask: capacity - 1,
            head: FIRST_FRAME,
            begin: FIRST_FRAME,
        }
    }

    /// Frames the line keeps.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.data.len()
    }

    /// The longest delay, in frames, that every reader may use.
    #[must_use]
    pub fn longest_delay(&self) -> usize {
        self.data.len() - MARGIN_FRAMES
    }

    /// Number of the next frame to be written.
    #[inline]
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Number of the first frame written since the last reset.
    #[inline]
    #[must_use]
    pub fn begin(&self) -> u64 {
        self.begin
    }

    /// Forgets everything, in constant time.
    pub fn reset(&mut self) {
        self.begin = self.head;
    }

    /// Appends frames, at most [`MAX_FRAMES`].
    #[inline]
    pub fn push(&mut self, frames: &[f32]) {
        let frames = &frames[..frames_of(frames.len())];
        let place = self.head as usize & self.mask;
        self.head += frames.len() as u64;
        if let Some(run) = self.data.get_mut(place..place + frames.len()) {
            run.copy_from_slice(frames);
            return;
        }
        let first = frames.len().min(self.data.len() - place);
        self.data[place..place + first].copy_from_slice(&frames[..first]);
        self.data[..frames.len() - first].copy_from_slice(&frames[first..]);
    }

    /// Copies the frames `delay` frames before the present chunk, whose first frame is number
    /// `base`.
    #[inline]
    pub fn tap(&self, base: u64, delay: usize, out: &mut [f32]) {
        self.copy(base - delay as u64, out);
    }

    fn oldest(&self) -> u64 {
        self.begin.max(self.head - self.data.len() as u64)
    }
}

impl History for DelayLine {
    #[inline]
    fn copy(&self, first: u64, out: &mut [f32]) {
        let oldest = self.oldest();
        let place = first as usize & self.mask;
        if first >= oldest
            && first + out.len() as u64 <= self.head
            && let Some(run) = self.data.get(place..place + out.len())
        {
            out.copy_from_slice(run);
            return;
        }
        let missing = (oldest.saturating_sub(first).min(out.len() as u64)) as usize;
        let (silent, out) = out.split_at_mut(missing);
        silent.fill(0.0);
        let from = first + missing as u64;
        let there = (self.head.saturating_sub(from).min(out.len() as u64)) as usize;
        let (out, future) = out.split_at_mut(there);
        future.fill(0.0);
        let place = from as usize & self.mask;
        let run = out.len().min(self.data.len() - place);
        let (head, tail) = out.split_at_mut(run);
        head.copy_from_slice(&self.data[place..place + run]);
        let rest = tail.len();
        tail.copy_from_slice(&self.data[..rest]);
    }

    #[inline]
    fn at(&self, frame: u64) -> f32 {
        if frame < self.oldest() || frame >= self.head {
            return 0.0;
        }
        self.data[frame as usize & self.mask]
    }

    #[inline]
    fn four(&self, first: u64) -> [f32; 4] {
        let place = first as usize & self.mask;
        if first >= self.oldest()
            && first + 4 <= self.head
            && let Some(near) = self.data.get(place..place + 4)
            && let Ok(near) = near.try_into()
        {
            return near;
        }
        std::array::from_fn(|i| self.at(first + i as u64))
    }
}

/// A right channel that reads the left channel's frames for the time before it existed.
#[derive(Clone, Copy, Debug)]
pub struct Widened<'a> {
    /// The right channel.
    pub right: &'a DelayLine,
    /// The left channel, written in step with the right one.
    pub left: &'a DelayLine,
    /// What leads from a number of the right channel to that of the same frame on the left.
    pub offset: u64,
}

impl<'a> Widened<'a> {
    /// Two lines that hold the same number of the present chunk's frames.
    #[must_use]
    pub fn new(right: &'a DelayLine, left: &'a DelayLine) -> Self {
        // Both heads move together, so their difference turns one numbering into the other.
        let offset = left.head.wrapping_sub(right.head);
        Self {
            right,
            left,
            offset,
        }
    }

    fn left_frame(&self, frame: u64) -> u64 {
        frame.wrapping_add(self.offset)
    }
}

impl History for Widened<'_> {
    #[inline]
    fn copy(&self, first: u64, out: &mut [f32]) {
        let older = (self.right.begin.saturating_sub(first).min(out.len() as u64)) as usize;
        let (before, since) = out.split_at_mut(older);
        if older > 0 {
            self.left.copy(self.left_frame(first), before);
        }
        self.right.copy(first + older as u64, since);
    }

    #[inline]
    fn at(&self, frame: u64) -> f32 {
        if frame < self.right.begin {
            self.left.at(self.left_frame(frame))
        } else {
            self.right.at(frame)
        }
    }

    #[inline]
    fn four(&self, first: u64) -> [f32; 4] {
        if first >= self.right.begin {
            return self.right.four(first);
        }
        std::array::from_fn(|i| self.at(first + i as u64))
    }
}

/// Distance to a whole frame, in 65,536ths, below which a delay counts as whole.
const SNAP: u64 = 65;

/// Where and how to read for one delay: a whole number of frames, or four neighbours weighted.
///
/// Third-order Lagrange interpolation (Laakso, Välimäki, Karjalainen, Laine, "Splitting the unit
/// delay", IEEE Signal Processing Magazine 13(1), 1996): −0.2 dB at most below 0.2 cycles per frame,
/// worst at half a frame. A delay within a thousandth of a whole frame counts as whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tap {
    back: u64,
    weights: Option<[f32; 4]>,
}

impl Tap {
    /// A tap `delay` frames back (not negative, below 2^31), reading no frame nearer than `nearest`
    /// frames back, where `nearest` is at most `delay`.
    #[inline]
    #[must_use]
    pub fn new(delay: f64, nearest: usize) -> Self {
        // Adding 1.5·2^36 leaves the delay in 65,536ths of a frame in the low bits of the mantissa.
        const BIAS: f64 = 103_079_215_104.0;
        const WHOLE: u64 = 1 << 16;
        let fixed = (delay + BIAS).to_bits().wrapping_sub(BIAS.to_bits());
        let rounded = fixed.wrapping_add(WHOLE / 2) / WHOLE;
        if fixed.wrapping_sub(rounded * WHOLE).wrapping_add(SNAP) <= 2 * SNAP {
            return Self {
                back: rounded,
                weights: None,
            };
        }
        let whole = fixed / WHOLE;
        let fraction = (fixed % WHOLE) as u32 as f32 * (1.0 / WHOLE as f32);
        // `t` is the place on the nodes −1, 0, 1, 2, from the oldest of the four frames on.
        let mut back = whole + 2;
        let mut t = 1.0 - fraction;
        if whole < nearest as u64 + 1 {
            // The frame after the place is out of reach: take the four one frame older.
            back += 1;
            t += 1.0;
        }
        let (a, b, c) = (t + 1.0, t - 1.0, t - 2.0);
        let weights = [
            t * b * c * (-1.0 / 6.0),
            a * b * c * 0.5,
            a * t * c * -0.5,
            a * t * b * (1.0 / 6.0),
        ];
        Self {
            back,
            weights: Some(weights),
        }
    }

    /// Reads a run of frames whose first has the number `base`; at most [`MAX_FRAMES`].
    #[inline]
    pub fn run(&self, line: &impl History, base: u64, out: &mut [f32]) {
        let Some(w) = self.weights else {
            line.copy(base - self.back, out);
            return;
        };
        let mut near = [0.0f32; MAX_FRAMES + 3];
        let n = frames_of(out.len());
        line.copy(base - self.back, &mut near[..n + 3]);
        for (y, x) in out[..n].iter_mut().zip(near.windows(4)) {
            *y = (w[0] * x[0] + w[1] * x[1]) + (w[2] * x[2] + w[3] * x[3]);
        }
    }

    /// Reads one frame, as [`run`](Self::run) would.
    #[inline]
    pub fn one(&self, line: &impl History, frame: u64) -> f32 {
        let first = frame - self.back;
        match self.weights {
            None => line.at(first),
            Some(w) => {
                let x = [
                    line.at(first),
                    line.at(first + 1),
                    line.at(first + 2),
                    line.at(first + 3),
                ];
                (w[0] * x[0] + w[1] * x[1]) + (w[2] * x[2] + w[3] * x[3])
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn keeps_its_capacity_and_forgets_at_once() {
        let mut line = DelayLine::new(1);
        assert_eq!(line.capacity(), 256);
        let all: Vec<f32> = (0..1000u16).map(f32::from).collect();
        for run in all.chunks(37) {
            line.push(run);
        }
        let mut out = [0.0; 64];
        line.tap(line.head(), 100, &mut out);
        assert_eq!(out[..], all[900..964]);
        line.tap(line.head(), 256 + 32, &mut out);
        assert!(out[..32].iter().all(|x| *x == 0.0));
        assert_eq!(out[32..], all[744..776]);
        // What lies in the future reads as 0.
        line.tap(line.head(), 10, &mut out);
        assert_eq!(out[..10], all[990..]);
        assert!(out[10..].iter().all(|x| *x == 0.0));
        line.reset();
        line.tap(line.head(), 100, &mut out);
        assert_eq!(out, [0.0; 64]);
        line.push(&[5.0; 3]);
        assert_eq!(line.at(line.head() - 3), 5.0);
        assert_eq!(line.at(line.head() - 4), 0.0);
    }

    #[test]
    fn whole_delays_are_exact() {
        let mut line = DelayLine::new(256);
        let all: Vec<f32> = (0..200u16).map(|i| f32::from(i) + 0.25).collect();
        for run in all.chunks(64) {
            line.push(run);
        }
        let mut out = [0.0; 20];
        Tap::new(50.000_4, 0).run(&line, line.head() - 20, &mut out);
        assert_eq!(out[..], all[130..150]);
    }

    #[test]
    fn interpolation_follows_a_sine() {
        let mut worst = [0.0f64; 2];
        for (slot, cycles) in [0.02f64, 0.1].into_iter().enumerate() {
            let wave = |i: f64| (std::f64::consts::TAU * cycles * i).sin();
            let mut line = DelayLine::new(512);
            let mut all: Vec<f32> = (0..400).map(|i| wave(f64::from(i)) as f32).collect();
            all.truncate(400);
            for run in all.chunks(64) {
                line.push(run);
            }
            for step in 0..200 {
                let delay = 20.0 + f64::from(step) / 97.0;
                let got = f64::from(Tap::new(delay, 0).one(&line, line.head() - 1));
                worst[slot] = worst[slot].max((got - wave(399.0 - delay)).abs());
            }
        }
        assert!(worst[0] < 2e-4 && worst[1] < 5e-3, "{worst:?}");
    }

    #[test]
    fn a_short_delay_reads_no_frame_that_is_not_there() {
        // A straight line is interpolated exactly by any cubic, on whichever side the nodes lie.
        let mut line = DelayLine::new(256);
        let ramp: Vec<f32> = (0..64u8).map(f32::from).collect();
        line.push(&ramp);
        for (delay, nearest) in [(0.25, 0), (0.5, 0), (1.5, 0), (8.5, 8), (9.5, 8)] {
            let got = Tap::new(delay, nearest).one(&line, line.head() - 1);
            assert!(
                (f64::from(got) - (63.0 - delay)).abs() < 1e-4,
                "{delay}: {got}"
            );
        }
        // With `nearest` 8, no frame of the 8 next ones may be touched.
        let got = Tap::new(8.5, 8).one(&line, line.head() + 7);
        assert!((got - 62.5).abs() < 1e-4, "{got}");
    }

    #[test]
    fn runs_and_single_frames_agree_to_the_bit() {
        let mut line = DelayLine::new(256);
        let mut noise = [0.0; 64];
        for block in 0..4 {
            crate::dsp::noise::fill(3, block * 64, &mut noise);
            line.push(&noise);
        }
        for delay in [0.0, 0.3, 1.7, 64.0, 99.9, 150.123] {
            let tap = Tap::new(delay, 0);
            let mut out = [0.0; 64];
            let base = line.head() - 64;
            tap.run(&line, base, &mut out);
            for (i, y) in out.iter().enumerate() {
                assert_eq!(y.to_bits(), tap.one(&line, base + i as u64).to_bits());
            }
        }
    }

    #[test]
    fn a_widened_line_continues_the_left_one() {
        let mut left = DelayLine::new(256);
        left.push(&[1.0; 30]);
        let mut right = DelayLine::new(256);
        left.push(&[2.0; 10]);
        right.push(&[3.0; 10]);
        let both = Widened::new(&right, &left);
        let mut out = [0.0; 50];
        both.copy(right.head() - 50, &mut out);
        assert!(out[..10].iter().all(|x| *x == 0.0));
        assert!(out[10..40].iter().all(|x| *x == 1.0));
        assert!(out[40..].iter().all(|x| *x == 3.0));
        assert_eq!(both.at(right.head() - 11), 1.0);
    }
}
