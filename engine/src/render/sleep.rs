//! Leaves a program uncomputed while nothing can be heard of it (R8.10).
//!
//! It falls asleep at the end of a 64-frame cell, when for long enough the inputs were exactly 0, the
//! output below −120 dBFS, no voice sounded and every node's memory stood. It wakes on the very frame
//! on which an input is not 0, and before anything else that changes: an event, an edit, the tempo.
//! So nothing depends on how the host cuts its blocks.
//!
//! Thread: audio.

use crate::graph::plan::Rest;
use crate::processor::BLOCK_FRAMES;
use crate::transport::Clock;

/// −120 dBFS: what is below is not heard.
pub const QUIET: f32 = 1e-6;

/// What a chunk showed.
#[derive(Clone, Copy, Debug)]
pub struct Observed {
    /// Nothing came in, nothing went out, and nothing is on its way.
    pub quiet: bool,
    /// Every node with a memory was watched, and stood.
    pub stands: bool,
}

/// Sleep of one program.
#[derive(Clone, Debug, Default)]
pub struct Sleep {
    /// Asleep since this frame, in a song as this clock says.
    since: Option<(u64, Clock)>,
    /// Something has changed since.
    roused: bool,
    /// How long all has been quiet and has stood.
    quiet_frames: u64,
    /// The cell before this one was quiet, so this one is watched closely.
    watching: bool,
    /// What the present cell showed so far is not quiet, or does not stand.
    loud: bool,
    moves: bool,
}

impl Sleep {
    /// Whether memories are to be watched in this cell.
    pub fn is_watching(&self) -> bool {
        self.watching
    }

    /// The frame on which it fell asleep, if it is asleep.
    pub fn since(&self) -> Option<u64> {
        self.since.map(|(frame, _)| frame)
    }

    /// Something changes: the next frame is computed.
    pub fn rouse(&mut self) {
        self.roused = true;
        self.loud = true;
        self.quiet_frames = 0;
    }

    /// Whether it sleeps on in a song as `clock` says.
    pub fn goes_on(&self, rest: &Rest, clock: &Clock) -> bool {
        let Some((_, then)) = &self.since else {
            return false;
        };
        let heard = |c: &Clock| (c.is_playing(), c.host_plays(), c.tempo_bpm());
        let same = heard(clock) == heard(then);
        // A song that stands may still be moved to another place.
        !self.roused && same && (!rest.with_song || clock == then)
    }

    /// Awake again.
    pub fn end(&mut self) {
        *self = Self {
            loud: true,
            ..Self::default()
        };
    }

    /// After a chunk was computed that ends before `end`.
    pub fn observe(&mut self, rest: Option<&Rest>, observed: Observed, end: u64, clock: &Clock) {
        self.loud |= !observed.quiet;
        self.moves |= !observed.stands;
        if !end.is_multiple_of(BLOCK_FRAMES as u64) {
            return;
        }
        let stood = !self.loud && !self.moves && self.watching;
        self.quiet_frames = if stood {
            self.quiet_frames + BLOCK_FRAMES as u64
        } else {
            0
        };
        self.watching = rest.is_some() && !self.loud;
        self.loud = false;
        self.moves = false;
        self.roused = false;
        if let Some(rest) = rest
            && self.quiet_frames >= rest.frames
            && !(rest.with_song && clock.is_playing())
        {
            self.since = Some((end, *clock));
        }
    }
}
