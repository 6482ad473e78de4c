//! The clock: a straight line from frames to beats.

/// A trigger counts as due this share of a frame early, so that a beat that falls on a frame in
/// exact arithmetic is not pushed to the next one by rounding.
pub(super) const SLACK_FRAMES: f64 = 1e-3;

/// The song position as a function of the frame counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    pub(super) anchor_beat: f64,
    pub(super) anchor_frame: u64,
    pub(super) beats_per_frame: f64,
    pub(super) tempo_bpm: f64,
    pub(super) state: ClockState,
    pub(super) generation: u32,
    /// Where the line before this one would have been on the anchor frame. What lies between there
    /// and the anchor was corrected away and is still due; after a jump it is the anchor itself.
    pub(super) came_from_beat: f64,
}

/// What moves the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockState {
    /// Nothing: the song stands.
    Standing,
    /// The host plays.
    Host,
    /// It runs by itself while the host stands.
    Free,
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
            state: ClockState::Standing,
            generation: 0,
            came_from_beat: 0.0,
        }
    }

    /// Whether the position moves: because the host plays, or in a free run.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.state != ClockState::Standing
    }

    /// Whether the host plays.
    #[must_use]
    pub fn host_plays(&self) -> bool {
        self.state == ClockState::Host
    }

    /// Whether the position moves by itself while the host stands.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.state == ClockState::Free
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
        if !self.is_playing() {
            return self.anchor_beat;
        }
        self.anchor_beat + self.frames_since_anchor(frame) * self.beats_per_frame
    }

    /// Frame on which a beat falls: `anchor_frame + ceil((beat − anchor_beat) / bpf − 1e-3)` (R7.1).
    ///
    /// `None` while stopped and for a beat before frame 0.
    #[must_use]
    pub fn frame_of(&self, beat: f64) -> Option<u64> {
        if !self.is_playing() {
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
    ///
    /// A multiple that a correction of the position has stepped over falls on the frame of the
    /// correction.
    #[must_use]
    pub fn next_multiple(&self, from: u64, quantum_beats: f64) -> Option<u64> {
        let here = self.beat_at(from);
        let below = |beat: f64| (beat / quantum_beats).floor();
        if from == self.anchor_frame
            && self.is_playing()
            && below(self.anchor_beat) > below(self.came_from_beat)
        {
            return Some(from);
        }
        let mut n = below(here) - 1.0;
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

    /// Frame from `from` on on which a beat is due; `None` while stopped. A beat that lies behind
    /// is due at once.
    pub(super) fn due(&self, beat: f64, from: u64) -> Option<u64> {
        self.is_playing()
            .then(|| self.frame_of(beat).map_or(from, |at| at.max(from)))
    }

    fn frames_since_anchor(&self, frame: u64) -> f64 {
        if frame >= self.anchor_frame {
            (frame - self.anchor_frame) as f64
        } else {
            -((self.anchor_frame - frame) as f64)
        }
    }
}
