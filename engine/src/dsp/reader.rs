//! Reads a line's past at a time that may move, jump or, for another pitch, slide.
//!
//! The place that is read is a *head*; while it changes by a jump, the old and the new head overlap
//! in a linear cross-fade.
//!
//! - A time that moves by no more than a frame per frame is followed: the pitch bends like a tape's.
//! - A time that jumps is faded to. What comes during a fade waits for its end.
//! - With a pitch ratio other than 1 the head slides, and jumps by a splice ([`Splice`]) whenever it
//!   is too far from its time.
//!
//! With ratio 1 and a time that stands, the past comes back exactly, to the bit.

use super::delay_line::{History, Tap};
use super::math::clamp_f64;
use super::splice::Splice;

/// Cross-fade of a jump in time.
const JUMP_SECONDS: f64 = 0.030;
/// Cross-fade of a splice.
const SPLICE_SECONDS: f64 = 0.012;
/// How far a sliding head may be off to each side.
const SLIDE_SECONDS: f64 = 0.020;
/// How far a splice goes back, in parts of the largest slide to one side.
const JUMP_SHARE: f64 = 1.6;
/// Largest pitch ratio.
pub const MAX_RATIO: f64 = 4.0;

/// A cross-fade under way.
#[derive(Clone, Copy, Debug, Default)]
struct Fade {
    /// The delay that fades out.
    from: f64,
    /// Frames left, and in all.
    left: u32,
    frames: u32,
}

/// What one frame reads: one place, or two and the share of the second.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The present head's delay in frames.
    pub now: f64,
    /// The delay that fades out, and its share.
    pub old: Option<(f64, f32)>,
}

impl Place {
    /// Reads one channel at frame number `frame`, nothing nearer than `nearest` frames back.
    #[inline]
    pub fn read(&self, line: &impl History, frame: u64, nearest: usize) -> f32 {
        let new = Tap::new(self.now, nearest).one(line, frame);
        match self.old {
            None => new,
            Some((delay, share)) => {
                let old = Tap::new(delay, nearest).one(line, frame);
                new + share * (old - new)
            }
        }
    }
}

/// Where a line is read; all channels share it.
#[derive(Debug)]
pub struct Reader {
    /// Present delay of the head, once there is one.
    head: Option<f64>,
    /// The time asked for in the frame before.
    asked: f64,
    fade: Fade,
    splice: Splice,
    jump_frames: u32,
    splice_frames: u32,
    slide_frames: f64,
    longest: f64,
    /// Shortest centre of a slide, so that the head always stays in the past.
    least_slide_centre: f64,
}

impl Reader {
    /// For delays up to `longest_frames`. Allocates the splices' memory.
    #[must_use]
    pub fn new(frames_per_second: f64, longest_frames: f64) -> Self {
        let frames = |seconds: f64| (seconds * frames_per_second) as u32 + 1;
        let splice_frames = frames(SPLICE_SECONDS);
        let slide_frames = SLIDE_SECONDS * frames_per_second;
        // The head that fades out slides on.
        let overshoot = f64::from(splice_frames) * (MAX_RATIO - 1.0);
        Self {
            head: None,
            asked: 0.0,
            fade: Fade::default(),
            splice: Splice::new(frames_per_second),
            jump_frames: frames(JUMP_SECONDS),
            splice_frames,
            slide_frames,
            longest: longest_frames + 3.0 * slide_frames,
            least_slide_centre: slide_frames + overshoot + 4.0,
        }
    }

    /// Frames that a line must hold for it, beyond [`MARGIN_FRAMES`](super::delay_line::MARGIN_FRAMES).
    #[must_use]
    pub fn line_frames(&self) -> usize {
        self.longest as usize + self.splice.window_frames() + 2 * self.splice.reach_frames()
    }

    /// Forgets where it read.
    pub fn reset(&mut self) {
        self.head = None;
        self.fade = Fade::default();
    }

    /// Takes over where another one reads.
    pub fn take(&mut self, other: &Self) {
        (self.head, self.asked, self.fade) = (other.head, other.asked, other.fade);
    }

    /// Whether, for a time of `asked` frames that stands and no pitch, nothing changes.
    #[inline]
    #[must_use]
    pub fn stands_at(&self, asked: f64) -> bool {
        self.fade.left == 0 && self.asked == asked && self.head == Some(asked)
    }

    /// The place to read at frame number `frame` of the lines, for a delay of `asked` frames and a
    /// pitch ratio. All frames before `frame` must be written.
    #[inline]
    pub fn next(&mut self, asked: f64, ratio: f64, frame: u64, lines: &[&dyn History]) -> Place {
        let slides = ratio != 1.0;
        let asked = if slides {
            asked.max(self.least_slide_centre)
        } else {
            asked
        };
        let Some(head) = self.head else {
            self.head = Some(asked);
            self.asked = asked;
            return Place {
                now: asked,
                old: None,
            };
        };
        let step = asked - self.asked;
        let slide = 1.0 - ratio;
        let follows = (-1.0..=1.0).contains(&step);
        let mut now = head + slide;
        // A head that is where it was asked to be, or slides around it, follows.
        if follows && (slides || head == self.asked) {
            now = if slides { now + step } else { asked };
        }
        self.asked = asked;
        if self.fade.left > 0 {
            self.fade.from += slide;
        } else if slides {
            let off = now - asked;
            // Only a head that slides away must jump, or one whose time has jumped.
            if off * slide > 0.0 && off.abs() > self.slide_frames {
                self.begin_fade(now, self.splice_frames);
                let wanted = now - off.signum() * JUMP_SHARE * self.slide_frames;
                now = self.splice_to(wanted, now, frame, lines);
            } else if off.abs() > 2.0 * self.slide_frames {
                self.begin_fade(now, self.splice_frames);
                now = self.splice_to(asked, now, frame, lines);
            }
        } else if now != asked {
            self.begin_fade(now, self.jump_frames);
            now = asked;
        }
        now = clamp_f64(now, 1.0, self.longest);
        self.head = Some(now);
        if self.fade.left == 0 {
            return Place { now, old: None };
        }
        let from = clamp_f64(self.fade.from, 1.0, self.longest);
        let share = self.fade.left as f32 / self.fade.frames as f32;
        self.fade.left -= 1;
        Place {
            now,
            old: Some((from, share)),
        }
    }

    fn splice_to(&mut self, wanted: f64, now: f64, frame: u64, lines: &[&dyn History]) -> f64 {
        let [now_frames, wanted] = [now, wanted].map(|x| clamp_f64(x, 1.0, self.longest) as usize);
        self.splice.find(lines, frame, now_frames, wanted) + now.fract()
    }

    fn begin_fade(&mut self, from: f64, frames: u32) {
        self.fade = Fade {
            from,
            left: frames,
            frames,
        };
    }
}
