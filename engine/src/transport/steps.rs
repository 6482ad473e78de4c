//! Steps of a rhythm in song time: which fall into a chunk, which holds.

use super::clock::{Clock, SLACK_FRAMES};

/// A repeating grid of steps in song time, as [`StepCursor`] walks it. Steps are numbered through
/// from beat 0 on, negative before it; their beats do not fall.
pub trait StepGrid {
    /// Beat of a step.
    fn beat_of(&self, step: i64) -> f64;
    /// The first step at or after a beat.
    fn step_at_or_after(&self, beat: f64) -> i64;
}

/// Finds the steps that fall into each chunk, each exactly once.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepCursor {
    /// Clock generation the cursor belongs to, and the next step to fire.
    place: Option<(u32, i64)>,
}

impl StepCursor {
    /// Forgets its place: the next chunk looks it up from the position (after a reset or when the
    /// grid itself changed).
    pub fn forget(&mut self) {
        self.place = None;
    }

    /// Calls `fire(offset, step)` for each step that falls on one of the `frames` frames from
    /// `frame` on, in order. Does nothing while the clock is stopped.
    pub fn advance(
        &mut self,
        clock: &Clock,
        frame: u64,
        frames: usize,
        grid: &impl StepGrid,
        mut fire: impl FnMut(usize, i64),
    ) {
        if !clock.is_playing() {
            self.place = None;
            return;
        }
        let mut step = match self.place {
            Some((generation, step)) if generation == clock.generation() => step,
            _ => {
                // Two frames early, then forward: slack may place a beat just behind on this frame.
                let mut step =
                    grid.step_at_or_after(clock.beat_at(frame) - 2.0 * clock.beats_per_frame());
                while clock.frame_of(grid.beat_of(step)).is_none_or(|f| f < frame) {
                    step += 1;
                }
                step
            }
        };
        let end = frame + frames as u64;
        // A step that the host's correction of the position has stepped over is late, not lost.
        while let Some(at) = clock.due(grid.beat_of(step), frame)
            && at < end
        {
            fire((at - frame) as usize, step);
            step += 1;
        }
        self.place = Some((clock.generation(), step));
    }
}

/// Steps at fixed places of a cycle that repeats in song time.
#[derive(Clone, Copy, Debug)]
pub struct CycleGrid<'a> {
    places_beats: &'a [f64],
    cycle_beats: f64,
}

impl<'a> CycleGrid<'a> {
    /// Shortest cycle; it keeps the number of every step within reach.
    pub const MIN_CYCLE_BEATS: f64 = 4e-3;

    /// Steps at these beats of each cycle, which do not fall and lie below the cycle's length.
    #[must_use]
    pub fn new(places_beats: &'a [f64], cycle_beats: f64) -> Self {
        Self {
            places_beats,
            cycle_beats: cycle_beats.max(Self::MIN_CYCLE_BEATS),
        }
    }

    fn len(&self) -> i64 {
        self.places_beats.len().max(1) as i64
    }

    /// The cycle a step lies in, and its place there.
    #[must_use]
    pub fn place(&self, step: i64) -> (i64, usize) {
        let place = step.rem_euclid(self.len());
        (step.div_euclid(self.len()), place as usize)
    }
}

impl StepGrid for CycleGrid<'_> {
    fn beat_of(&self, step: i64) -> f64 {
        let (cycle, place) = self.place(step);
        cycle as f64 * self.cycle_beats + self.places_beats.get(place).copied().unwrap_or(0.0)
    }

    fn step_at_or_after(&self, beat: f64) -> i64 {
        let cycle = (beat / self.cycle_beats).floor();
        let within = beat - cycle * self.cycle_beats;
        let place = self.places_beats.partition_point(|b| *b < within);
        cycle as i64 * self.len() + place as i64
    }
}

/// The step that holds on a frame - the last one that has begun - and the first frame of the next
/// (`None`: it never comes, because the song stands). A function of clock and frame alone.
#[must_use]
pub fn held_step(clock: &Clock, frame: u64, grid: &impl StepGrid) -> (i64, Option<u64>) {
    let early = SLACK_FRAMES * clock.beats_per_frame();
    let here = clock.beat_at(frame) + early;
    let begun = |step: i64| {
        if clock.is_playing() {
            // A step before frame 0 has no frame.
            let at = clock.frame_of(grid.beat_of(step));
            at.is_none_or(|at| at <= frame)
        } else {
            grid.beat_of(step) <= here
        }
    };
    let mut step = grid.step_at_or_after(here);
    // The guess is off by rounding at most.
    while begun(step) {
        step += 1;
    }
    while !begun(step - 1) {
        step -= 1;
    }
    let next = clock.frame_of(grid.beat_of(step));
    (step - 1, next.map(|at| at.max(frame + 1)))
}
