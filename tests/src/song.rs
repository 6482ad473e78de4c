//! The host's side of musical time: where the song stands at each frame.
//!
//! Written independently of the engine's transport; tests compare the two.

/// A change of the song at a frame of the render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// A new tempo.
    Tempo(f64),
    /// From here the tempo goes to `bpm` in a straight line over time; no change may come before
    /// its end, nor a loop.
    Ramp {
        /// Tempo at the end.
        bpm: f64,
        /// How long it takes.
        frames: u64,
    },
    /// A new time signature: a bar begins here.
    Signature(u16, u16),
    /// The transport starts.
    Play,
    /// The transport stops.
    Stop,
    /// The user puts the cursor on a beat.
    Seek(f64),
}

/// Everything the host knows of the song.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    /// Position at the first frame, in quarter notes.
    pub start_beat: f64,
    /// Tempo at the first frame.
    pub tempo_bpm: f64,
    /// Whether the transport runs at the first frame.
    pub playing: bool,
    /// Active loop, in quarter notes.
    pub loop_beats: Option<(f64, f64)>,
    /// Changes by frame, in order.
    pub changes: Vec<(u64, Change)>,
    /// Whether blocks end at changes. Where they do not, the next block is the first to tell of one.
    pub split_at_changes: bool,
    /// Whether blocks end at the loop's end (some hosts do so, others go through).
    pub split_at_loop: bool,
    /// Grid to which the reported position is rounded, in quarter notes; 0 = as exact as the
    /// format allows.
    pub rounding_beats: f64,
    /// Whether the host says anything of tempo and position at all.
    pub announced: bool,
}

impl Default for Song {
    fn default() -> Self {
        Self {
            start_beat: 0.0,
            tempo_bpm: 120.0,
            playing: true,
            loop_beats: None,
            changes: Vec::new(),
            split_at_changes: true,
            split_at_loop: true,
            rounding_beats: 0.0,
            announced: true,
        }
    }
}

impl Song {
    /// A stopped song at beat 0 and 120 BPM.
    #[must_use]
    pub fn stopped() -> Self {
        Self {
            playing: false,
            ..Self::default()
        }
    }

    /// A song that plays from a beat on at a tempo.
    #[must_use]
    pub fn playing(start_beat: f64, tempo_bpm: f64) -> Self {
        Self {
            start_beat,
            tempo_bpm,
            ..Self::default()
        }
    }
}

/// What the host tells the plugin at a block's first frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Whether the transport runs.
    pub playing: bool,
    /// Tempo.
    pub tempo_bpm: f64,
    /// Position in quarter notes.
    pub beats: f64,
    /// Position in seconds, as if the tempo had always been this one.
    pub seconds: f64,
    /// Position in frames, likewise.
    pub samples: i64,
    /// Time signature.
    pub signature: (u16, u16),
    /// Number of the bar since the song's start or its last change of signature, from 0.
    pub bar: i32,
    /// Where that bar begins, in quarter notes.
    pub bar_beats: f64,
    /// Active loop.
    pub loop_beats: Option<(f64, f64)>,
    /// Whether the host tells tempo and position.
    pub announced: bool,
}

/// Walks through a song frame by frame, in constant pieces between changes.
pub struct Walk<'a> {
    song: &'a Song,
    sample_rate: f64,
    next_change: usize,
    /// Tempo at `anchor_frame`.
    tempo_bpm: f64,
    /// By how much the tempo goes up with each of the next `ramp_frames` frames.
    slope_bpm: f64,
    ramp_frames: f64,
    playing: bool,
    /// Beat at `anchor_frame`.
    anchor_beat: f64,
    anchor_frame: u64,
    signature: (u16, u16),
    /// Where the first bar of this signature begins.
    first_bar_beat: f64,
}

impl<'a> Walk<'a> {
    /// At the first frame.
    #[must_use]
    pub fn new(song: &'a Song, sample_rate: f64) -> Self {
        Self {
            song,
            sample_rate,
            next_change: 0,
            tempo_bpm: song.tempo_bpm,
            slope_bpm: 0.0,
            ramp_frames: 0.0,
            playing: song.playing,
            anchor_beat: song.start_beat,
            anchor_frame: 0,
            signature: (4, 4),
            first_bar_beat: 0.0,
        }
    }

    fn beats_per_frame(&self) -> f64 {
        self.tempo_bpm / 60.0 / self.sample_rate
    }

    fn beat_at(&self, frame: u64) -> f64 {
        if !self.playing {
            return self.anchor_beat;
        }
        let passed = (frame - self.anchor_frame) as f64;
        let ramped = passed.min(self.ramp_frames);
        // The area under the ramp, and what it leaves behind.
        let gained_bpm_frames = self.slope_bpm * ramped * (passed - 0.5 * ramped);
        self.anchor_beat
            + passed * self.beats_per_frame()
            + gained_bpm_frames / 60.0 / self.sample_rate
    }

    fn tempo_at(&self, frame: u64) -> f64 {
        let passed = (frame - self.anchor_frame) as f64;
        self.tempo_bpm + self.slope_bpm * passed.min(self.ramp_frames)
    }

    fn anchor(&mut self, frame: u64, beat: f64) {
        self.tempo_bpm = self.tempo_at(frame);
        self.ramp_frames = (self.ramp_frames - (frame - self.anchor_frame) as f64).max(0.0);
        self.anchor_beat = beat;
        self.anchor_frame = frame;
    }

    /// The place at `frame`, which may not lie before an earlier call's, after all changes due.
    pub fn at(&mut self, frame: u64) -> Place {
        while let Some(&(due, change)) = self.song.changes.get(self.next_change)
            && due <= frame
        {
            let due = due.max(self.anchor_frame);
            let here = self.beat_at(due);
            self.anchor(due, here);
            match change {
                Change::Tempo(bpm) => {
                    self.tempo_bpm = bpm;
                    self.ramp_frames = 0.0;
                }
                Change::Ramp { bpm, frames } => {
                    self.slope_bpm = (bpm - self.tempo_bpm) / frames as f64;
                    self.ramp_frames = frames as f64;
                }
                Change::Signature(beats, unit) => {
                    self.signature = (beats, unit);
                    self.first_bar_beat = here;
                }
                Change::Play => self.playing = true,
                Change::Stop => self.playing = false,
                Change::Seek(beat) => self.anchor(due, beat),
            }
            self.next_change += 1;
        }
        if let Some((start, end)) = self.song.loop_beats
            && self.playing
            && self.anchor_beat < end
        {
            // The wrap happens on the first frame at or behind the end; the overshoot carries over.
            let here = self.beat_at(frame);
            if here >= end - 1e-3 * self.beats_per_frame() {
                let over = (here - end).max(0.0) % (end - start);
                self.anchor(frame, start + over);
            }
        }
        let exact = self.beat_at(frame);
        let grid = self.song.rounding_beats;
        let beats = if grid > 0.0 {
            (exact / grid).round() * grid
        } else {
            exact
        };
        let tempo_bpm = self.tempo_at(frame);
        let seconds = beats * 60.0 / tempo_bpm;
        let quarters_per_bar = 4.0 * f64::from(self.signature.0) / f64::from(self.signature.1);
        let bar = ((beats - self.first_bar_beat) / quarters_per_bar).floor();
        Place {
            playing: self.playing,
            tempo_bpm,
            signature: self.signature,
            bar: bar as i32,
            bar_beats: self.first_bar_beat + bar * quarters_per_bar,
            beats,
            seconds,
            samples: (seconds * self.sample_rate).round() as i64,
            loop_beats: self.song.loop_beats,
            announced: self.song.announced,
        }
    }

    /// How many frames from `frame` on may go into one block. Call after [`at`](Self::at).
    #[must_use]
    pub fn frames_until_split(&self, frame: u64) -> u64 {
        let mut limit = u64::MAX;
        if self.song.split_at_changes
            && let Some(&(due, _)) = self.song.changes.get(self.next_change)
        {
            limit = due - frame;
        }
        if let Some((_, end)) = self.song.loop_beats
            && self.playing
            && self.song.split_at_loop
            && self.anchor_beat < end
        {
            let frames = ((end - self.anchor_beat) / self.beats_per_frame() - 1e-3).ceil();
            limit = limit.min(
                (self.anchor_frame + frames as u64)
                    .saturating_sub(frame)
                    .max(1),
            );
        }
        limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loop_wraps_on_its_frame() {
        let song = Song {
            loop_beats: Some((0.0, 1.0)),
            ..Song::playing(0.0, 120.0)
        };
        let mut walk = Walk::new(&song, 48_000.0);
        assert_eq!(walk.at(0).beats, 0.0);
        assert_eq!(walk.frames_until_split(0), 24_000);
        assert_eq!(walk.at(24_000).beats, 0.0);
        assert_eq!(walk.frames_until_split(24_000), 24_000);
    }

    #[test]
    fn changes_split_blocks() {
        let song = Song {
            changes: vec![(100, Change::Tempo(60.0))],
            ..Song::default()
        };
        let mut walk = Walk::new(&song, 48_000.0);
        walk.at(0);
        assert_eq!(walk.frames_until_split(0), 100);
        assert_eq!(walk.at(100).tempo_bpm, 60.0);
        assert_eq!(walk.frames_until_split(100), u64::MAX);
    }

    #[test]
    fn a_change_inside_a_block_counts_from_its_own_frame() {
        let song = Song {
            changes: vec![(12_000, Change::Tempo(60.0))],
            split_at_changes: false,
            ..Song::playing(0.0, 120.0)
        };
        let mut walk = Walk::new(&song, 48_000.0);
        walk.at(0);
        assert_eq!(walk.frames_until_split(0), u64::MAX);
        assert_eq!(walk.at(36_000).beats, 1.0);
    }

    #[test]
    fn a_ramp_covers_its_mean_tempo_and_ends() {
        let ramp = Change::Ramp {
            bpm: 60.0,
            frames: 96_000,
        };
        let song = Song {
            changes: vec![(48_000, ramp)],
            ..Song::playing(0.0, 120.0)
        };
        let at = |frame| Walk::new(&song, 48_000.0).at(frame);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} and {b}");
        // Two beats before, one second at 105 BPM on average, another at 75, then 60.
        for (frame, beats, bpm) in [
            (48_000, 2.0, 120.0),
            (96_000, 3.75, 90.0),
            (144_000, 5.0, 60.0),
            (192_000, 6.0, 60.0),
        ] {
            close(at(frame).beats, beats);
            close(at(frame).tempo_bpm, bpm);
        }
        // The same in small steps, each of which is a new anchor for nobody.
        let mut walk = Walk::new(&song, 48_000.0);
        let steps: Vec<f64> = (0..=192).map(|i| walk.at(i * 1000).beats).collect();
        close(steps[96], 3.75);
        close(steps[192], 6.0);
    }

    #[test]
    fn bars_begin_anew_at_a_change_of_signature() {
        let song = Song {
            changes: vec![(216_000, Change::Signature(7, 8))],
            ..Song::playing(0.0, 120.0)
        };
        let at = |frame| Walk::new(&song, 48_000.0).at(frame);
        assert_eq!((at(200_000).bar, at(200_000).bar_beats), (2, 8.0));
        // Beat 9, and bars of three quarters and a half from there.
        assert_eq!((at(216_000).bar, at(216_000).bar_beats), (0, 9.0));
        assert_eq!((at(300_000).bar, at(300_000).bar_beats), (1, 12.5));
        assert_eq!(at(300_000).signature, (7, 8));
    }
}
