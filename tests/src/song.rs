//! The host's side of musical time: where the song stands at each frame.
//!
//! Written independently of the engine's transport; tests compare the two.

/// A change of the song at a frame of the render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// A new tempo.
    Tempo(f64),
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
    /// Changes by frame, in order. A block never reaches over one.
    pub changes: Vec<(u64, Change)>,
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
    tempo_bpm: f64,
    playing: bool,
    /// Beat at `anchor_frame`.
    anchor_beat: f64,
    anchor_frame: u64,
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
            playing: song.playing,
            anchor_beat: song.start_beat,
            anchor_frame: 0,
        }
    }

    fn beats_per_frame(&self) -> f64 {
        self.tempo_bpm / 60.0 / self.sample_rate
    }

    fn beat_at(&self, frame: u64) -> f64 {
        if self.playing {
            self.anchor_beat + (frame - self.anchor_frame) as f64 * self.beats_per_frame()
        } else {
            self.anchor_beat
        }
    }

    fn anchor(&mut self, frame: u64, beat: f64) {
        self.anchor_beat = beat;
        self.anchor_frame = frame;
    }

    /// The place at `frame`, which may not lie before an earlier call's, after all changes due.
    pub fn at(&mut self, frame: u64) -> Place {
        while let Some(&(due, change)) = self.song.changes.get(self.next_change)
            && due <= frame
        {
            let here = self.beat_at(frame);
            self.anchor(frame, here);
            match change {
                Change::Tempo(bpm) => self.tempo_bpm = bpm,
                Change::Play => self.playing = true,
                Change::Stop => self.playing = false,
                Change::Seek(beat) => self.anchor(frame, beat),
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
        let seconds = beats * 60.0 / self.tempo_bpm;
        Place {
            playing: self.playing,
            tempo_bpm: self.tempo_bpm,
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
        if let Some(&(due, _)) = self.song.changes.get(self.next_change) {
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
}
