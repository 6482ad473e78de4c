//! A plucked string: noise that runs round a delay line through a low-pass filter.
//!
//! Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", and Jaffe and Smith,
//! "Extensions of the Karplus-Strong plucked-string algorithm" (both Computer Music Journal 7(2),
//! 1983). From the latter: the line's length is a fraction of a frame exact, less the filter's phase
//! delay at the fundamental, so that the pitch is right; the loop's gain gives the fundamental its
//! decay time; the burst is combed by the place where the string is plucked.
//!
//! Differences: the filters have corners in hertz and the burst its level in the filter's band, so
//! that the string sounds alike at every sample rate; the corner rises with the pitch, so that high
//! notes ring, too; the burst is one period of noise less the same noise a fifth of a period later,
//! round the period, which leaves no constant part.

use super::delay_line::{DelayLine, MARGIN_FRAMES, Tap};
use super::math::{clamp_f64, cos_half_turns, exp, exp2, sin_half_turns};
use super::noise;
use std::f64::consts::{LOG2_10, PI};

/// Lowest pitch.
pub const MIN_HZ: f32 = 20.0;
/// Highest pitch, if the sample rate is at least eight times that.
pub const MAX_HZ: f32 = 12_000.0;
/// Fewest frames in a period.
const MIN_PERIOD_FRAMES: f64 = 8.0;

/// Corner of the filter in the loop: a part, and a multiple of the pitch.
const LOOP_CORNER: (f64, f64) = (4000.0, 10.0);
/// Corner of the filter before it.
const BURST_CORNER: (f64, f64) = (1500.0, 8.0);
/// Level (RMS) of the burst.
const BURST_LEVEL: f64 = 0.3;
/// Where the string is plucked, as a share of its length.
const PLACE: f64 = 0.2;
/// Most that a turn may keep; what decays more slowly would not decay.
const MAX_GAIN: f64 = 0.999_99;
/// Below this the string is still.
const STILL: f32 = 1e-7;
/// What the last note leaves falls to 0 in this time.
const CUT_SECONDS: f64 = 0.002;

/// What a pitch and a decay time mean for the loop.
#[derive(Clone, Copy, Debug)]
struct Loop {
    hz: f32,
    decay_seconds: f32,
    tap: Tap,
    pole: f32,
    gain: f32,
}

impl Loop {
    fn new(hz: f32, decay_seconds: f32, frames_per_second: f64) -> Self {
        let f = f64::from(hz);
        let pole = pole(LOOP_CORNER, f, frames_per_second);
        // The filter (1 − p)/(1 − p·z⁻¹) at the fundamental.
        let turns = (f / frames_per_second) as f32;
        let cos = f64::from(cos_half_turns(2.0 * turns));
        // At most an eighth of a turn, so the argument is within a quarter.
        let sin = f64::from(sin_half_turns(2.0 * turns));
        let size = (1.0 - pole) / (1.0 - 2.0 * pole * cos + pole * pole).sqrt();
        let lag = small_atan(pole * sin / (1.0 - pole * cos)) * frames_per_second / (2.0 * PI * f);
        let turn = exp2(-3.0 * LOG2_10 / (f * f64::from(decay_seconds)));
        Self {
            hz,
            decay_seconds,
            tap: Tap::new(frames_per_second / f - lag, 1),
            pole: pole as f32,
            gain: (turn / size).min(MAX_GAIN) as f32,
        }
    }
}

/// Pole of a one-pole low-pass.
fn pole((base, per_hz): (f64, f64), hz: f64, frames_per_second: f64) -> f64 {
    exp(-2.0 * PI * (base + per_hz * hz) / frames_per_second)
}

/// Arctangent of a small number; within 1e-9 below 0.1 and 1e-5 below 0.3.
fn small_atan(x: f64) -> f64 {
    let z = x * x;
    x * (1.0 - z * (1.0 / 3.0 - z * (1.0 / 5.0 - z * (1.0 / 7.0 - z * (1.0 / 9.0)))))
}

/// The burst of noise that plucks the string.
#[derive(Clone, Copy, Debug, Default)]
struct Burst {
    stream: u64,
    at: u32,
    frames: u32,
    /// Frames by which the noise is subtracted from itself.
    shift: u32,
    pole: f32,
    level: f32,
    out: f32,
}

impl Burst {
    fn new(stream: u64, hz: f32, frames_per_second: f64) -> Self {
        let period = frames_per_second / f64::from(hz);
        let pole = pole(BURST_CORNER, f64::from(hz), frames_per_second);
        // White noise has a power of a third, its difference twice that.
        let passed = (1.0 - pole) / (1.0 + pole) * (2.0 / 3.0);
        Self {
            stream,
            at: 0,
            frames: (period + 0.5) as u32,
            shift: (period * PLACE + 0.5) as u32,
            pole: pole as f32,
            level: (BURST_LEVEL / passed.sqrt() * (1.0 - pole)) as f32,
            out: 0.0,
        }
    }

    #[inline]
    fn tick(&mut self) -> f32 {
        if self.at < self.frames {
            let earlier = (self.at + self.frames - self.shift) % self.frames;
            let white = |i: u32| noise::sample(self.stream, u64::from(i));
            let x = white(self.at) - white(earlier);
            self.at += 1;
            self.out = self.pole * self.out + self.level * x;
        } else {
            self.out *= self.pole;
        }
        self.out
    }
}

/// A string.
#[derive(Clone, Debug)]
pub struct Pluck {
    line: DelayLine,
    frames_per_second: f64,
    settings: Option<Loop>,
    burst: Burst,
    filter: f32,
    last: f32,
    /// What the last note leaves, and its fall per frame.
    rest: f32,
    fall: f32,
    /// Frames since the string last moved; none if it is still.
    quiet_frames: Option<u32>,
}

impl Pluck {
    /// A string at rest. Allocates.
    #[must_use]
    pub fn new(frames_per_second: f64) -> Self {
        let longest = (frames_per_second / f64::from(MIN_HZ)) as usize;
        Self {
            line: DelayLine::new(longest + MARGIN_FRAMES),
            frames_per_second,
            settings: None,
            burst: Burst::default(),
            filter: 0.0,
            last: 0.0,
            rest: 0.0,
            fall: 0.0,
            quiet_frames: None,
        }
    }

    /// Back to rest, in constant time.
    pub fn reset(&mut self) {
        self.line.reset();
        self.settings = None;
        self.burst = Burst::default();
        (self.filter, self.last, self.rest, self.fall) = (0.0, 0.0, 0.0, 0.0);
        self.quiet_frames = None;
    }

    /// A pitch that the string can have.
    #[inline]
    #[must_use]
    pub fn limit(&self, hz: f32) -> f32 {
        let highest = f64::from(MAX_HZ).min(self.frames_per_second / MIN_PERIOD_FRAMES);
        clamp_f64(f64::from(hz), f64::from(MIN_HZ), highest) as f32
    }

    /// Plucks the string; the next frame is the first of the note. `stream` chooses the noise.
    pub fn pluck(&mut self, hz: f32, stream: u64) {
        self.rest = self.last;
        self.fall = (f64::from(self.rest) / (CUT_SECONDS * self.frames_per_second)) as f32;
        self.line.reset();
        self.filter = 0.0;
        self.burst = Burst::new(stream, self.limit(hz), self.frames_per_second);
        self.quiet_frames = Some(0);
    }

    /// The next frame, at a pitch and a time to fall by 60 dB.
    #[inline]
    pub fn tick(&mut self, hz: f32, decay_seconds: f32) -> f32 {
        let Some(quiet) = self.quiet_frames else {
            return 0.0;
        };
        let hz = self.limit(hz);
        let settings = match self.settings {
            Some(s) if s.hz == hz && s.decay_seconds == decay_seconds => s,
            _ => {
                let new = Loop::new(hz, decay_seconds, self.frames_per_second);
                self.settings = Some(new);
                new
            }
        };
        let back = settings.tap.one(&self.line, self.line.head());
        self.filter = settings.pole * self.filter + (1.0 - settings.pole) * (settings.gain * back);
        let string = self.filter + self.burst.tick();
        self.line.push(&[string]);
        if self.rest != 0.0 {
            let next = self.rest - self.fall;
            // It ends where it would change its sign.
            self.rest = if (next > 0.0) == (self.rest > 0.0) {
                next
            } else {
                0.0
            };
        }
        self.last = string + self.rest;
        let still = string.abs() < STILL && self.rest == 0.0;
        let quiet = if still { quiet + 1 } else { 0 };
        // Nothing has moved for as long as the line is: nothing will.
        self.quiet_frames = ((quiet as usize) < self.line.capacity()).then_some(quiet);
        self.last
    }
}

#[cfg(test)]
#[path = "pluck_tests.rs"]
mod tests;
