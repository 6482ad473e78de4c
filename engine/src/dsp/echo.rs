//! An echo: a line per channel, read at a time that may move, jump or change the pitch, and fed back
//! through two gentle filters.
//!
//! The first repeat is the input as it was. What goes round the loop passes a low-pass, so that
//! repeats get softer, a high-pass at 20 Hz, so that no constant offset can build up, and a limiter
//! that does nothing below full scale and never gives more than twice that, so that a feedback of 1
//! and more holds or grows to a steady level and no further.

use super::delay_line::{DelayLine, History, MARGIN_FRAMES, Tap, Widened};
use super::math::clamp_f64;
use super::one_pole::{Corner, OnePole};
use super::reader::{Place, Reader};
use super::{MAX_FRAMES, frames_of};

/// Corner of the high-pass in the loop.
const RUMBLE_HZ: f64 = 20.0;
/// Shortest time.
const LEAST_SECONDS: f64 = 0.001;

/// What an echo is asked for at one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Time between repeats, in frames.
    pub time_frames: f64,
    /// Frequency ratio of a repeat to the one before; 1 leaves the pitch.
    pub ratio: f64,
    /// Gain of the loop.
    pub feedback: f32,
    /// Corner of the loop's low-pass.
    pub tone: Corner,
}

/// Where the repeats go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Each channel feeds itself.
    Straight,
    /// Each channel feeds the other.
    Crossed,
}

/// One channel.
#[derive(Debug)]
struct Channel {
    line: DelayLine,
    low: OnePole,
    high: OnePole,
}

impl Channel {
    /// What of a repeat goes round the loop.
    #[inline]
    fn again(&mut self, repeat: f32, settings: &Settings, rumble: Corner) -> f32 {
        let x = self.low.low(settings.feedback * repeat, settings.tone);
        limit(self.high.high(x, rumble))
    }

    fn reset(&mut self) {
        self.line.reset();
        self.low = OnePole::default();
        self.high = OnePole::default();
    }
}

/// The identity up to ±1, then a curve of the same slope that ends at ±2.
#[inline]
fn limit(x: f32) -> f32 {
    let over = x.abs() - 1.0;
    if over <= 0.0 {
        return x;
    }
    // Written so that no intermediate value can overflow.
    (2.0 - 1.0 / (1.0 + over)).copysign(x)
}

/// An echo of one or two channels.
#[derive(Debug)]
pub struct Echo {
    left: Channel,
    right: Option<Channel>,
    path: Path,
    reader: Reader,
    rumble: Corner,
    least_frames: f64,
    longest_frames: f64,
}

impl Echo {
    /// Frames that each channel's line must hold.
    #[must_use]
    pub fn line_frames(frames_per_second: f64, longest_seconds: f64) -> usize {
        let reader = Reader::new(frames_per_second, longest_seconds * frames_per_second);
        reader.line_frames() + MARGIN_FRAMES
    }

    /// A silent echo for times up to `longest_seconds`. Allocates.
    #[must_use]
    pub fn new(frames_per_second: f64, longest_seconds: f64, channels: usize, path: Path) -> Self {
        let longest_frames = longest_seconds * frames_per_second;
        let reader = Reader::new(frames_per_second, longest_frames);
        let frames = reader.line_frames() + MARGIN_FRAMES;
        let channel = || Channel {
            line: DelayLine::new(frames),
            low: OnePole::default(),
            high: OnePole::default(),
        };
        Self {
            left: channel(),
            right: (channels > 1).then(channel),
            path,
            rumble: Corner::new((RUMBLE_HZ / frames_per_second) as f32),
            least_frames: (LEAST_SECONDS * frames_per_second).max(4.0),
            longest_frames,
            reader,
        }
    }

    /// Forgets everything, in constant time.
    pub fn reset(&mut self) {
        self.left.reset();
        if let Some(right) = &mut self.right {
            right.reset();
        }
        self.reader.reset();
    }

    /// Takes over what another one of the same rate and length holds. When a mono echo becomes
    /// stereo, the right side goes on with the left one's past.
    pub fn take(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.left, &mut other.left);
        self.reader.take(&other.reader);
        match (&mut self.right, &mut other.right) {
            (Some(new), Some(old)) => std::mem::swap(new, old),
            (Some(new), None) => (new.low, new.high) = (self.left.low, self.left.high),
            (None, _) => {}
        }
    }

    /// Computes up to [`MAX_FRAMES`] frames of repeats; `settings` has one entry per frame, or one
    /// for all. `right` is `None` in a mono step, which a stereo echo answers on both lines.
    pub fn process(
        &mut self,
        input: [&[f32]; 2],
        settings: &[Settings],
        left: &mut [f32],
        mut right: Option<&mut [f32]>,
    ) {
        let n = frames_of(left.len());
        let mut at = 0;
        while at < n {
            let here = settings
                .get(at)
                .or(settings.last())
                .copied()
                .unwrap_or(Settings {
                    time_frames: self.least_frames,
                    ratio: 1.0,
                    feedback: 0.0,
                    tone: Corner::new(0.25),
                });
            let asked = clamp_f64(here.time_frames, self.least_frames, self.longest_frames);
            let stands = settings.len() == 1 && here.ratio == 1.0 && self.reader.stands_at(asked);
            let frames = if stands {
                (n - at).min(asked as usize - 1)
            } else {
                1
            };
            let how = if stands {
                How::Stands(Tap::new(asked, 1))
            } else {
                How::Moves(self.place(asked, here.ratio))
            };
            let mut repeats = [[0.0; MAX_FRAMES]; 2];
            self.read(&how, frames, &mut repeats);
            let end = at + frames;
            let input = [&input[0][at..end], &input[1][at..end]];
            self.write(input, &repeats, &here);
            left[at..end].copy_from_slice(&repeats[0][..frames]);
            if let Some(right) = &mut right {
                right[at..end].copy_from_slice(&repeats[1][..frames]);
            }
            at = end;
        }
    }

    fn place(&mut self, asked: f64, ratio: f64) -> Place {
        let left = &self.left.line;
        match &self.right {
            None => self.reader.next(asked, ratio, left.head(), &[left]),
            Some(right) => {
                // Both channels jump together, so the picture between them stays. The left line's
                // frame numbers serve both.
                let right = Renumbered {
                    line: &right.line,
                    ahead: right.line.head().wrapping_sub(left.head()),
                };
                self.reader.next(asked, ratio, left.head(), &[left, &right])
            }
        }
    }

    fn read(&self, how: &How, frames: usize, repeats: &mut [[f32; MAX_FRAMES]; 2]) {
        let [first, second] = repeats;
        let (left, first) = (&self.left.line, &mut first[..frames]);
        how.run(left, left.head(), first);
        let second = &mut second[..frames];
        match &self.right {
            Some(Channel { line: right, .. }) => {
                how.run(&Widened::new(right, left), right.head(), second);
            }
            None => second.copy_from_slice(first),
        }
    }

    fn write(&mut self, input: [&[f32]; 2], repeats: &[[f32; MAX_FRAMES]; 2], settings: &Settings) {
        let n = frames_of(input[0].len());
        let mut stores = [[0.0; MAX_FRAMES]; 2];
        let rumble = self.rumble;
        for (store, repeat) in stores[0][..n].iter_mut().zip(&repeats[0]) {
            *store = self.left.again(*repeat, settings, rumble);
        }
        if let Some(right) = &mut self.right {
            for (store, repeat) in stores[1][..n].iter_mut().zip(&repeats[1]) {
                *store = right.again(*repeat, settings, rumble);
            }
            if self.path == Path::Crossed {
                stores.swap(0, 1);
            }
            add(input[1], &mut stores[1]);
            right.line.push(&stores[1][..n]);
        }
        add(input[0], &mut stores[0]);
        self.left.line.push(&stores[0][..n]);
    }
}

fn add(input: &[f32], store: &mut [f32]) {
    for (y, x) in store.iter_mut().zip(input) {
        *y += *x;
    }
}

/// How a run is read: at one place, or a single frame at a place of its own.
enum How {
    Stands(Tap),
    Moves(Place),
}

impl How {
    #[inline]
    fn run(&self, line: &impl History, base: u64, out: &mut [f32]) {
        match self {
            How::Stands(tap) => tap.run(line, base, out),
            How::Moves(place) => {
                for y in out {
                    *y = place.read(line, base, 1);
                }
            }
        }
    }
}

/// A line under the frame numbers of another one.
struct Renumbered<'a> {
    line: &'a DelayLine,
    ahead: u64,
}

impl History for Renumbered<'_> {
    fn copy(&self, first: u64, out: &mut [f32]) {
        self.line.copy(first.wrapping_add(self.ahead), out);
    }

    fn at(&self, frame: u64) -> f32 {
        self.line.at(frame.wrapping_add(self.ahead))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
#[path = "echo_tests.rs"]
mod tests;
