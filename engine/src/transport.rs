//! Song position on the audio thread: from what the host says to exact trigger frames.
//!
//! A [`Clock`] is a straight line through (anchor frame, anchor beat). It is renewed only when the
//! transport starts, the tempo changes or the host's position differs by more than half a frame
//! (R7.1), so rounding in the host's figures never moves, doubles or loses a trigger.
//!
//! Beats are quarter notes; a bar is four of them.
//!
//! Thread: audio (all of it is arithmetic on values); control for tests.

/// Beats in a bar: as in Glicol, whatever the host's time signature.
pub const BEATS_PER_BAR: f64 = 4.0;

/// Positions count as this far at most (sixteen years at 120 BPM), so that steps can be counted.
const FAR_BEATS: f64 = 1e9;

/// A trigger counts as due this share of a frame early, so that a beat that falls on a frame in
/// exact arithmetic is not pushed to the next one by rounding.
const SLACK_FRAMES: f64 = 1e-3;

/// What the host says at the start of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HostTransport {
    /// Whether the song runs.
    pub playing: bool,
    /// Tempo, if the host knows one.
    pub tempo_bpm: Option<f64>,
    /// Position of the block's first frame in quarter notes; negative in a pre-roll.
    pub beats: Option<f64>,
    /// Active loop: start and end in quarter notes.
    pub loop_beats: Option<(f64, f64)>,
}

/// The song position as a function of the frame counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    anchor_beat: f64,
    anchor_frame: u64,
    beats_per_frame: f64,
    tempo_bpm: f64,
    playing: bool,
    generation: u32,
}

impl Clock {
    /// A stopped clock at beat 0 and 120 BPM.
    #[must_use]
    pub fn new(sample_rate: f64) -> Self {
        Self {
            anchor_beat: 0.0,
            anchor_frame: 0,
            beats_per_frame: 120.0 / 60.0 / sample_rate,
            tempo_bpm: 120.0,
            playing: false,
            generation: 0,
        }
    }

    /// Whether the song runs.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// Tempo in beats per minute.
    #[must_use]
    pub fn tempo_bpm(&self) -> f64 {
        self.tempo_bpm
    }

    /// Beats per frame while the song runs.
    #[must_use]
    pub fn beats_per_frame(&self) -> f64 {
        self.beats_per_frame
    }

    /// Counts the jumps: when it changes, sequencers look their place up again.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Position at a frame, in beats. Stands still while stopped.
    #[must_use]
    pub fn beat_at(&self, frame: u64) -> f64 {
        if !self.playing {
            return self.anchor_beat;
        }
        self.anchor_beat + self.frames_since_anchor(frame) * self.beats_per_frame
    }

    /// Frame on which a beat falls: `anchor_frame + ceil((beat − anchor_beat) / bpf − 1e-3)` (R7.1).
    ///
    /// `None` while stopped and for a beat before frame 0.
    #[must_use]
    pub fn frame_of(&self, beat: f64) -> Option<u64> {
        if !self.playing {
            return None;
        }
        let frames = ((beat - self.anchor_beat) / self.beats_per_frame - SLACK_FRAMES).ceil();
        if frames >= 0.0 {
            // Saturates for beats further away than any song.
            return Some(self.anchor_frame.saturating_add(frames as u64));
        }
        self.anchor_frame.checked_sub((-frames) as u64)
    }

    /// First frame from `from` on that falls on a multiple of `quantum_beats`; `None` while stopped.
    #[must_use]
    pub fn next_multiple(&self, from: u64, quantum_beats: f64) -> Option<u64> {
        let here = self.beat_at(from);
        let mut n = (here / quantum_beats).floor() - 1.0;
        // At most three steps: the multiple below the position may still fall on `from` by slack.
        for _ in 0..4 {
            if let Some(frame) = self.frame_of(n * quantum_beats)
                && frame >= from
            {
                return Some(frame);
            }
            n += 1.0;
        }
        None
    }

    fn frames_since_anchor(&self, frame: u64) -> f64 {
        if frame >= self.anchor_frame {
            (frame - self.anchor_frame) as f64
        } else {
            -((self.anchor_frame - frame) as f64)
        }
    }
}

/// Follows the host's transport and keeps the [`Clock`].
#[derive(Clone, Debug)]
pub struct Transport {
    clock: Clock,
    sample_rate: f64,
    loop_beats: Option<(f64, f64)>,
    /// Frame on which the position wraps to the loop's start.
    wrap_at: Option<u64>,
    started: bool,
}

impl Transport {
    /// A stopped transport at beat 0 and 120 BPM.
    #[must_use]
    pub fn new(sample_rate: f64) -> Self {
        Self {
            clock: Clock::new(sample_rate),
            sample_rate,
            loop_beats: None,
            wrap_at: None,
            started: false,
        }
    }

    /// The position for the frames up to the next call of `begin_block` or [`wrap`](Self::wrap).
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Takes the host's word for the block that begins at `frame`.
    pub fn begin_block(&mut self, frame: u64, host: &HostTransport) {
        let tempo = host
            .tempo_bpm
            .filter(|t| t.is_finite() && *t > 0.0)
            .map_or(self.clock.tempo_bpm, |t| t.clamp(1.0, 100_000.0));
        let told = host
            .beats
            .filter(|b| b.is_finite())
            .map(|b| b.clamp(-FAR_BEATS, FAR_BEATS));
        let predicted = self.clock.beat_at(frame);
        let bpf = tempo / 60.0 / self.sample_rate;

        let starts = host.playing && !self.clock.playing;
        let stops = !host.playing && self.clock.playing;
        let retimed = tempo != self.clock.tempo_bpm;
        let jumped = told.is_some_and(|b| (b - predicted).abs() > 0.5 * bpf);

        let is_loop = |(a, b): &(f64, f64)| a.is_finite() && b.is_finite() && a < b;
        let loop_beats = host.loop_beats.filter(is_loop);
        let relooped = loop_beats != self.loop_beats;
        self.loop_beats = loop_beats;
        if !(starts || stops || retimed || jumped || !self.started) {
            if relooped {
                self.find_wrap(frame);
            }
            return;
        }
        // A tempo change keeps the sequencers' memory of the last fired step; a jump clears it.
        if starts || jumped || !self.started {
            self.clock.generation = self.clock.generation.wrapping_add(1);
        }
        self.started = true;
        self.clock.anchor_beat = told.unwrap_or(predicted);
        self.clock.anchor_frame = frame;
        self.clock.beats_per_frame = bpf;
        self.clock.tempo_bpm = tempo;
        self.clock.playing = host.playing;
        self.find_wrap(frame);
    }

    /// The frame on which the position wraps to the loop's start, while the song runs inside it.
    #[must_use]
    pub fn next_wrap(&self) -> Option<u64> {
        self.wrap_at
    }

    /// Wraps the position to the loop's start at `frame`, keeping the fraction of a frame (R7.3).
    pub fn wrap(&mut self, frame: u64) {
        if let Some((start, end)) = self.loop_beats {
            let over = (self.clock.beat_at(frame) - end).max(0.0);
            self.clock.anchor_beat = start + over % (end - start);
            self.clock.anchor_frame = frame;
            self.clock.generation = self.clock.generation.wrapping_add(1);
        }
        self.find_wrap(frame);
    }

    /// A song that starts behind the loop's end never wraps; one that starts before it does there.
    fn find_wrap(&mut self, frame: u64) {
        let here = self.clock.beat_at(frame);
        self.wrap_at = self
            .loop_beats
            .filter(|(_, end)| here < *end)
            .and_then(|(_, end)| self.clock.frame_of(end))
            // A loop shorter than a frame still takes one.
            .map(|at| at.max(frame + 1));
    }

    /// Restarts the frame counter (the host's `reset`); position and tempo come with the next block.
    pub fn reset(&mut self) {
        let tempo = self.clock.tempo_bpm;
        *self = Self::new(self.sample_rate);
        self.clock.tempo_bpm = tempo;
        self.clock.beats_per_frame = tempo / 60.0 / self.sample_rate;
    }
}

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
        while let Some(at) = clock.frame_of(grid.beat_of(step))
            && at < end
        {
            fire(at.saturating_sub(frame) as usize, step);
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
