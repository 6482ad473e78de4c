//! What sequencers have in common: cycles in song time, at the speed that a `speed` before them gives.

use crate::processor::Value;
use crate::registry::{Signal, Smoothing, Unit};
use crate::transport::{BEATS_PER_BAR, Clock, StepCursor};

/// The hidden argument that takes the speed, at a position among the node's arguments.
pub const fn speed(index: usize) -> Signal {
    Signal::new(index, "speed")
        .unit(Unit::PerBar)
        .range(0.001, 1000.0)
        .default(1.0)
        .smoothing(Smoothing::Jump)
        .hidden()
        .doc("Runs of the pattern per bar, from a `speed` before it.")
}

/// A stretch of a chunk at one speed.
pub struct Stretch<'a> {
    /// The song.
    pub clock: &'a Clock,
    /// Its first frame in the chunk, and the one behind its last.
    pub frames: (usize, usize),
    /// The first frame, counted since reset.
    pub first: u64,
    /// Length of a cycle.
    pub beats_per_cycle: f64,
    /// Finds the steps; it has forgotten its place when the cycle's length has changed.
    pub cursor: &'a mut StepCursor,
}

/// The speed in use and the place in the song.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    cursor: StepCursor,
    /// Speed in use, and the clock's generation it was read in; `None` while stopped.
    speed: Option<(u32, f32)>,
    /// Cycle length the cursor's place belongs to.
    beats_per_cycle: f64,
}

impl Pace {
    /// Forgets everything, as while the song stands.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes over from another instance what the song cannot tell: the speed held since the bar line.
    pub fn inherit(&mut self, old: &Self) {
        self.speed = old.speed;
    }

    /// Calls `play` for each stretch of a chunk that has one speed.
    ///
    /// A held speed acts at once; a moving one is read on bar lines and where playing begins, and
    /// held in between. Cycles have at least as many frames as `steps`, so that work stays bounded.
    pub fn run(
        &mut self,
        clock: &Clock,
        (frame, frames): (u64, usize),
        speeds: Value<'_>,
        steps: usize,
        mut play: impl FnMut(Stretch<'_>),
    ) {
        if !clock.is_playing() {
            self.reset();
            return;
        }
        if let Value::Held(speed) = speeds {
            self.speed = Some((clock.generation(), speed));
            self.stretch(clock, frame, speed, steps, (0, frames), &mut play);
            return;
        }
        let mut at = 0;
        while at < frames {
            let here = frame + at as u64;
            let mut bar = clock.next_multiple(here, BEATS_PER_BAR);
            let known = self
                .speed
                .filter(|(generation, _)| *generation == clock.generation());
            let speed = match known {
                Some((_, speed)) if bar != Some(here) => speed,
                _ => speeds.at(at),
            };
            self.speed = Some((clock.generation(), speed));
            if bar == Some(here) {
                bar = clock.next_multiple(here + 1, BEATS_PER_BAR);
            }
            let end = bar.map_or(frames, |bar| ((bar - frame) as usize).clamp(at + 1, frames));
            self.stretch(clock, frame, speed, steps, (at, end), &mut play);
            at = end;
        }
    }

    fn stretch(
        &mut self,
        clock: &Clock,
        frame: u64,
        per_bar: f32,
        steps: usize,
        frames: (usize, usize),
        play: &mut impl FnMut(Stretch<'_>),
    ) {
        let shortest = clock.beats_per_frame() * steps as f64;
        let per_bar = f64::from(speed(0).clamp(per_bar));
        let beats_per_cycle = (BEATS_PER_BAR / per_bar).max(shortest);
        if beats_per_cycle != self.beats_per_cycle {
            self.beats_per_cycle = beats_per_cycle;
            self.cursor.forget();
        }
        play(Stretch {
            clock,
            frames,
            first: frame + frames.0 as u64,
            beats_per_cycle,
            cursor: &mut self.cursor,
        });
    }
}
