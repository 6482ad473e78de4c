//! Where a delay line is read: a place that stands, moves, or fades to another one.
//!
//! A time that moves by no more than a frame per frame is followed and bends the pitch; any other
//! change fades from the old place to the new one and keeps it. So a number that is edited, a note
//! value when the tempo jumps and a stepped reference are all free of clicks.

use super::delay_line::{DelayLine, History, Tap};
use super::math::clamp_f64;
use super::{MAX_FRAMES, frames_of};

/// How long two places overlap when a number changes.
pub const FADE_MS: f32 = 30.0;
/// A time that moves by no more than this per frame is followed; more is a jump.
const FOLLOWED_FRAMES: f64 = 1.0;

/// Delays of a run of frames, in frames.
#[derive(Clone, Copy, Debug)]
pub enum Delays<'a> {
    /// The same for all frames.
    Held(f64),
    /// One per frame.
    Moving(&'a [f64]),
}

/// What a head needs to read a run of frames.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a, H> {
    /// The line, or two of them.
    pub history: &'a H,
    /// Number of the run's first frame.
    pub base: u64,
    /// Shortest and longest delay in frames.
    pub nearest: usize,
    /// See `nearest`.
    pub longest: usize,
    /// Frames of a fade.
    pub fade_frames: u32,
}

impl<H: History> Reading<'_, H> {
    fn limit(&self, delay: f64) -> f64 {
        clamp_f64(delay, self.nearest as f64, self.longest as f64)
    }

    fn tap(&self, delay: f64) -> Tap {
        // An old place may lie outside the limits of a new plan.
        Tap::new(self.limit(delay), self.nearest)
    }
}

/// Frames of a fade at a sample rate.
#[must_use]
pub fn fade_frames(frames_per_second: f32) -> u32 {
    (FADE_MS * 1e-3 * frames_per_second) as u32 + 1
}

/// Where a channel reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head {
    /// Present delay in frames, and the one asked for in the frame before.
    now: Option<(f64, f64)>,
    /// The delay that fades out.
    from: f64,
    /// Frames left of the fade.
    fading: u32,
}

impl Head {
    /// Reads a run of frames, at most [`MAX_FRAMES`].
    #[inline]
    pub fn read<H: History>(
        &mut self,
        delays: Delays<'_>,
        reading: &Reading<'_, H>,
        out: &mut [f32],
    ) {
        match delays {
            Delays::Held(delay) => self.read_held(reading.limit(delay), reading, out),
            Delays::Moving(delays) => self.read_moving(delays, reading, out),
        }
    }

    /// The shortest delay that reading one of these may involve.
    fn shortest(&self, delays: Delays<'_>) -> f64 {
        let asked = match delays {
            Delays::Held(delay) => delay,
            Delays::Moving(delays) => delays.iter().copied().fold(f64::MAX, f64::min),
        };
        let now = self.now.map_or(asked, |(now, _)| now);
        let from = if self.fading > 0 { self.from } else { asked };
        asked.min(now).min(from)
    }

    /// Takes the time asked for at a frame and says where to read. A fade under way ends first.
    fn aim(&mut self, wanted: f64, fade_frames: u32) -> f64 {
        let (mut now, asked) = self.now.unwrap_or((wanted, wanted));
        if now == asked && (wanted - asked).abs() <= FOLLOWED_FRAMES {
            now = wanted;
        } else if self.fading == 0 && now != wanted {
            self.from = now;
            self.fading = fade_frames;
            now = wanted;
        }
        self.now = Some((now, wanted));
        now
    }

    /// Reads for a time that stands, as many frames at a time as stay alike.
    fn read_held<H: History>(&mut self, wanted: f64, reading: &Reading<'_, H>, out: &mut [f32]) {
        let mut at = 0;
        while at < out.len() {
            let now = self.aim(wanted, reading.fade_frames);
            let base = reading.base + at as u64;
            let mut run = frames_of(out.len() - at);
            if self.fading > 0 {
                run = run.min(self.fading as usize);
            }
            let out = &mut out[at..at + run];
            reading.tap(now).run(reading.history, base, out);
            if self.fading > 0 {
                let mut old = [0.0; MAX_FRAMES];
                let old = &mut old[..run];
                reading.tap(self.from).run(reading.history, base, old);
                for (y, old) in out.iter_mut().zip(old) {
                    *y = self.fade(*old, *y, reading.fade_frames);
                }
            }
            at += run;
        }
    }

    /// Reads for a time per frame.
    fn read_moving<H: History>(
        &mut self,
        delays: &[f64],
        reading: &Reading<'_, H>,
        out: &mut [f32],
    ) {
        for (i, (y, delay)) in out.iter_mut().zip(delays).enumerate() {
            let now = self.aim(reading.limit(*delay), reading.fade_frames);
            let frame = reading.base + i as u64;
            *y = reading.tap(now).one(reading.history, frame);
            if self.fading > 0 {
                let old = reading.tap(self.from).one(reading.history, frame);
                *y = self.fade(old, *y, reading.fade_frames);
            }
        }
    }

    fn fade(&mut self, old: f32, new: f32, fade_frames: u32) -> f32 {
        let share = self.fading as f32 / fade_frames as f32;
        self.fading -= 1;
        new + share * (old - new)
    }
}

/// One channel: what it stored and where it reads.
#[derive(Clone, Debug)]
pub struct Voice {
    /// What it stored.
    pub line: DelayLine,
    /// Where it reads.
    pub head: Head,
}

impl Voice {
    /// A silent voice whose line holds `frames` frames, [`super::delay_line::MARGIN_FRAMES`] of
    /// them beyond its longest delay. Allocates.
    #[must_use]
    pub fn new(frames: usize) -> Self {
        Self {
            line: DelayLine::new(frames),
            head: Head::default(),
        }
    }

    /// Forgets everything, in constant time.
    pub fn reset(&mut self) {
        self.line.reset();
        self.head = Head::default();
    }

    /// Takes over the other's line and place if that line is large enough.
    pub fn take(&mut self, other: &mut Voice) {
        if other.line.capacity() >= self.line.capacity() {
            std::mem::swap(&mut self.line, &mut other.line);
        }
        self.head = other.head;
    }
}

/// Longest run of frames that reads nothing of itself, for a line that stores what it has read.
pub(super) fn free_run(head: &Head, delays: Delays<'_>) -> usize {
    // The interpolation reads one frame nearer than the place.
    (head.shortest(delays) as usize)
        .saturating_sub(1)
        .clamp(1, MAX_FRAMES)
}
