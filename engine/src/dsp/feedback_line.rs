//! A delay line that feeds itself, for combs and all-passes.
//!
//! `v[n] = x[n] + g·v[n − D]` (Schroeder, "Natural sounding artificial reverberation", JAES 10(3),
//! 1962). From what is stored and what comes out of the line, a comb takes `v[n]` and an all-pass
//! `v[n − D] − g·v[n]`.

use super::MAX_FRAMES;
use super::delay_head::{Delays, Reading, Voice, free_run};
use super::delay_line::{DelayLine, Widened};

/// Shortest delay in frames: below it the interpolation would need the frame that is being made.
pub const SHORTEST_FRAMES: f64 = 2.0;
/// The frame that is made last may be read.
const NEAREST: usize = 1;
/// Most feedback, either sign.
pub const MAX_FEEDBACK: f32 = 0.999;
/// Largest stored value, above anything that a signal of full scale can build up while the delay
/// stands. Delays that jump at every frame could build up more.
const CEILING: f32 = 1000.0;

/// A run of frames through a line that feeds itself.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The signal, at most [`MAX_FRAMES`].
    pub input: &'a [f32],
    /// Delays in frames, at least [`SHORTEST_FRAMES`].
    pub delays: Delays<'a>,
    /// Feedback of each frame, within ±[`MAX_FEEDBACK`].
    pub feedback: &'a [f32],
    /// Frames of a fade between delays.
    pub fade_frames: u32,
}

impl Run<'_> {
    /// Feeds a voice. `past` becomes what comes out of the line, `stored` what goes in.
    ///
    /// `left` is the left channel's line for a voice that became the right one later, and what leads
    /// from this line's frame numbers to those of the left one ([`Widened::offset`]).
    pub fn feed(
        &self,
        voice: &mut Voice,
        left: Option<(&DelayLine, u64)>,
        past: &mut [f32; MAX_FRAMES],
        stored: &mut [f32; MAX_FRAMES],
    ) {
        let Voice { line, head } = voice;
        let n = self.input.len().min(self.feedback.len()).min(MAX_FRAMES);
        let longest = left.map_or(usize::MAX, |(left, _)| left.longest_delay());
        let mut at = 0;
        while at < n {
            let rest = match self.delays {
                Delays::Held(delay) => Delays::Held(delay),
                Delays::Moving(delays) => Delays::Moving(delays.get(at..n).unwrap_or(&[])),
            };
            let run = free_run(head, rest).min(n - at);
            let past = &mut past[at..at + run];
            let stored = &mut stored[at..at + run];
            let (base, nearest) = (line.head(), NEAREST);
            let longest = longest.min(line.longest_delay());
            let fade_frames = self.fade_frames;
            match left {
                None => {
                    let reading = Reading {
                        history: &*line,
                        base,
                        nearest,
                        longest,
                        fade_frames,
                    };
                    head.read(rest, &reading, past);
                }
                Some((left, offset)) => {
                    let reading = Reading {
                        history: &Widened {
                            right: line,
                            left,
                            offset,
                        },
                        base,
                        nearest,
                        longest,
                        fade_frames,
                    };
                    head.read(rest, &reading, past);
                }
            }
            let inputs = self.input[at..at + run]
                .iter()
                .zip(&self.feedback[at..at + run]);
            for ((v, old), (x, g)) in stored.iter_mut().zip(past.iter()).zip(inputs) {
                *v = bounded(x + g * old);
            }
            line.push(stored);
            at += run;
        }
    }
}

/// Limits to ±[`CEILING`]; what is not a number stays so, to be seen.
#[inline(always)]
fn bounded(x: f32) -> f32 {
    if x.abs() > CEILING {
        CEILING.copysign(x)
    } else {
        x
    }
}
