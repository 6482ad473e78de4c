//! From what the host says to the clock: starts, stops, jumps, changes of tempo, loops, free runs.

use super::clock::{Clock, ClockState};

/// Positions count as this far at most (sixteen years at 120 BPM), so that steps can be counted.
const FAR_BEATS: f64 = 1e9;

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

/// Whether the song may run by itself while the host stands (R7.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FreeRun {
    /// It never does.
    Never,
    /// A program that is run while the host stands starts it; the host's next start ends it.
    #[default]
    OnRun,
    /// It does whenever the host stands.
    Always,
}

/// A position this close to where it was expected is the same place told anew, never a jump.
const SAME_PLACE_FRAMES: f64 = 2.0;

/// Follows the host's transport and keeps the [`Clock`].
#[derive(Clone, Debug)]
pub struct Transport {
    clock: Clock,
    sample_rate: f64,
    loop_beats: Option<(f64, f64)>,
    /// Frame on which the position wraps to the loop's start.
    wrap_at: Option<u64>,
    started: bool,
    free_run: FreeRun,
    /// Where the host stands, as it said last.
    host_beat: Option<f64>,
    host_plays: bool,
    /// First frame of the block before.
    block_frame: u64,
    /// By how much the block before changed the beats per frame.
    last_change: f64,
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
            free_run: FreeRun::default(),
            host_beat: None,
            host_plays: false,
            block_frame: 0,
            last_change: 0.0,
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
        let beats = host.beats.filter(|b| b.is_finite());
        self.host_beat = beats.map(|b| b.clamp(-FAR_BEATS, FAR_BEATS));
        let stopped = !host.playing && (self.host_plays || !self.started);
        let state = if host.playing {
            ClockState::Host
        } else if self.clock.is_free() || stopped && self.free_run == FreeRun::Always {
            ClockState::Free
        } else {
            ClockState::Standing
        };
        self.host_plays = host.playing;
        let before = self.clock.state;
        // A free run goes its own way from where it began; see `start_free_run`.
        let told = if before == ClockState::Free && state == ClockState::Free {
            None
        } else {
            self.host_beat
        };

        let predicted = self.clock.beat_at(frame);
        let bpf = tempo / 60.0 / self.sample_rate;
        let change = bpf - self.clock.beats_per_frame;
        let off = told.map_or(0.0, |beat| beat - predicted);
        // While the tempo changes inside the blocks, as on a ramp, the way since the block before
        // lies between what the one tempo and what the other would have given: further on if the
        // tempo rose, further back if it fell. Some hosts tell the tempo of a block's end, and a
        // ramp may turn inside a block, so the change before this one counts in both directions.
        let passed = frame.saturating_sub(self.block_frame);
        let towards_change = if off * change > 0.0 {
            change.abs()
        } else {
            0.0
        };
        let ramp = towards_change.max(self.last_change) * passed as f64;
        // An empty block says nothing new, and does not make the host forget the one before.
        self.last_change = if passed == 0 {
            self.last_change.max(change.abs())
        } else {
            change.abs()
        };
        self.block_frame = frame;

        let retimed = tempo != self.clock.tempo_bpm;
        let off = off.abs();
        let moved = off > 0.5 * bpf;
        let jumped = moved && off > ramp + SAME_PLACE_FRAMES * bpf;

        let is_loop = |(a, b): &(f64, f64)| a.is_finite() && b.is_finite() && a < b;
        let loop_beats = host.loop_beats.filter(is_loop);
        let relooped = loop_beats != self.loop_beats;
        self.loop_beats = loop_beats;
        if !(state != before || retimed || moved || !self.started) {
            if relooped {
                self.find_wrap(frame);
            }
            return;
        }
        // A change of tempo and a correction keep the sequencers' memory of the last fired step, so
        // that none is lost or doubled; a start and a jump clear it.
        let starts = state != before && state != ClockState::Standing;
        let here = told.unwrap_or(predicted);
        if starts || jumped || !self.started {
            self.clock.generation = self.clock.generation.wrapping_add(1);
            self.clock.came_from_beat = here;
        } else {
            self.clock.came_from_beat = predicted;
        }
        self.started = true;
        self.clock.anchor_beat = here;
        self.clock.anchor_frame = frame;
        self.clock.beats_per_frame = bpf;
        self.clock.tempo_bpm = tempo;
        self.clock.state = state;
        self.find_wrap(frame);
    }

    /// Says when the song may run by itself; `frame` is that of the call.
    pub fn set_free_run(&mut self, free_run: FreeRun, frame: u64) {
        self.free_run = free_run;
        match free_run {
            FreeRun::Never => self.stop_free_run(frame),
            FreeRun::OnRun => {}
            FreeRun::Always => self.start_free_run(frame),
        }
    }

    /// Lets the song run by itself from where it stands, at the host's tempo. Does nothing while
    /// the host plays, or where it may not.
    ///
    /// From here on the position is our own: what the host says of its own, standing one - and of
    /// its loop - counts again when the run ends.
    pub fn start_free_run(&mut self, frame: u64) {
        if self.free_run != FreeRun::Never && !self.clock.is_playing() {
            self.change_by_hand(frame, ClockState::Free, self.clock.anchor_beat);
        }
    }

    /// Ends a free run; the position is the host's again.
    pub fn stop_free_run(&mut self, frame: u64) {
        if self.clock.is_free() {
            let here = self.host_beat.unwrap_or(self.clock.beat_at(frame));
            self.change_by_hand(frame, ClockState::Standing, here);
        }
    }

    fn change_by_hand(&mut self, frame: u64, state: ClockState, beat: f64) {
        self.clock.state = state;
        self.clock.anchor_frame = frame;
        self.clock.anchor_beat = beat;
        self.clock.came_from_beat = beat;
        self.clock.generation = self.clock.generation.wrapping_add(1);
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
            self.clock.came_from_beat = self.clock.anchor_beat;
            self.clock.generation = self.clock.generation.wrapping_add(1);
        }
        self.find_wrap(frame);
    }

    /// When a program starts that waits for a multiple of `quantum_beats`: the frame, from `from`
    /// on, and the beat. `None` while the song stands.
    ///
    /// In a loop the position may never come to a multiple. Then the program starts where the song
    /// goes back to the loop's start: it must not wait for ever.
    #[must_use]
    pub fn next_launch(&self, from: u64, quantum_beats: f64) -> Option<(u64, f64)> {
        let multiple = self.clock.next_multiple(from, quantum_beats)?;
        let wrap = self.wrap_at.filter(|at| *at <= multiple && *at >= from);
        let Some((at, (start, end))) = wrap.zip(self.loop_beats) else {
            return Some((multiple, self.clock.beat_at(multiple)));
        };
        let again = (start / quantum_beats).ceil() * quantum_beats;
        let ends_on_multiple = at == multiple;
        if ends_on_multiple || again >= end {
            return Some((at, start));
        }
        let frames = ((again - start) / self.clock.beats_per_frame).ceil();
        Some((at.saturating_add(frames as u64), again))
    }

    /// A song that starts behind the loop's end never wraps; one that starts before it does there.
    fn find_wrap(&mut self, frame: u64) {
        let here = self.clock.beat_at(frame);
        self.wrap_at = self
            .loop_beats
            .filter(|(_, end)| here < *end && self.clock.host_plays())
            .and_then(|(_, end)| self.clock.frame_of(end))
            // A loop shorter than a frame still takes one.
            .map(|at| at.max(frame + 1));
    }

    /// Restarts the frame counter (the host's `reset`); position and tempo come with the next block.
    pub fn reset(&mut self) {
        let (tempo, free_run) = (self.clock.tempo_bpm, self.free_run);
        self.restart(self.sample_rate, tempo, free_run);
    }

    /// Begins anew at another sample rate.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.restart(sample_rate, 120.0, self.free_run);
    }

    fn restart(&mut self, sample_rate: f64, tempo_bpm: f64, free_run: FreeRun) {
        *self = Self::new(sample_rate);
        self.free_run = free_run;
        self.clock.tempo_bpm = tempo_bpm;
        self.clock.beats_per_frame = tempo_bpm / 60.0 / sample_rate;
    }
}
