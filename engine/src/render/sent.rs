//! Notes for other tracks: which ones sound, when they end, and what the host gets of them.
//!
//! Every note that starts ends, whatever happens: after its length, when its key is struck again,
//! when the table is full, and all of them when the song stops, in bypass, after a panic or reset.
//!
//! Thread: audio, except `default`.

use crate::midi::SentNote;
use crate::processor::{BLOCK_FRAMES, NoteSink};

/// Notes that sound at a time; one more ends the oldest early.
const MAX_SOUNDING: usize = 128;
/// Notes that may start at once.
const BURST: usize = 64;
/// Notes that may start in the long run, per 64 frames. Both limits count frames since reset, so
/// that the host's blocks do not decide which notes are sent.
const NOTES_PER_CELL: usize = 16;
/// Starts and ends in one block: enough for 16,384 frames at full rate.
const MAX_PER_BLOCK: usize = 8192;

/// Notes that a sink must hold for one chunk: more cannot start.
pub const MAX_PER_CHUNK: usize = BURST;

/// A note that was sent and has not ended.
#[derive(Clone, Copy, Debug, Default)]
struct Sounding {
    channel: u8,
    key: u8,
    end_frame: u64,
}

/// Keeps the notes that sound, and lists what starts and ends in a block.
#[derive(Debug)]
pub struct Sent {
    /// In the order in which they began.
    sounding: [Sounding; MAX_SOUNDING],
    count: usize,
    /// The earliest end of a sounding note.
    next_end: u64,
    /// Notes that may start now.
    allowance: usize,
    /// All notes end on the next frame that is rendered.
    ending: bool,
    list: Vec<SentNote>,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            sounding: [Sounding::default(); MAX_SOUNDING],
            count: 0,
            next_end: u64::MAX,
            allowance: BURST,
            ending: false,
            list: Vec::with_capacity(MAX_PER_BLOCK),
        }
    }
}

/// Where frames since reset lie in the host's block.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// First frame, counted since reset.
    pub first: u64,
    /// Its place in the block.
    pub start: usize,
    /// How many frames.
    pub frames: usize,
}

impl Stretch {
    fn place(&self, frame: u64) -> usize {
        self.start + (frame.saturating_sub(self.first) as usize).min(self.frames.max(1) - 1)
    }
}

impl Sent {
    /// What the newest block started and ended, in the order of frames; on one frame ends come
    /// before the starts of the same key.
    pub fn list(&self) -> &[SentNote] {
        &self.list
    }

    /// A new block begins.
    pub fn begin_block(&mut self) {
        self.list.clear();
    }

    /// Ends all notes on the next frame that is rendered.
    pub fn end_all(&mut self) {
        self.ending = true;
    }

    /// The frame counter starts over; all notes end with the next block.
    pub fn reset(&mut self) {
        self.end_all();
        self.allowance = BURST;
    }

    /// Takes the notes of a chunk over, unless they are muted, and ends those that are due.
    pub fn collect(&mut self, sink: &NoteSink, chunk: Stretch, muted: bool) {
        if std::mem::take(&mut self.ending) {
            while self.count > 0 {
                self.end(0, chunk.start);
            }
        }
        if chunk.first.is_multiple_of(BLOCK_FRAMES as u64) {
            self.allowance = (self.allowance + NOTES_PER_CELL).min(BURST);
        }
        if !muted {
            for note in sink.iter() {
                self.end_due(note.frame, chunk);
                self.start(note, chunk);
            }
        }
        sink.clear();
        self.end_due((chunk.first + chunk.frames as u64).saturating_sub(1), chunk);
    }

    fn start(&mut self, note: crate::processor::NoteOut, chunk: Stretch) {
        // Room for this note, for the end of the one it may replace, and for all that sound.
        let room = self.list.len() + self.count + 3 <= self.list.capacity();
        if self.allowance == 0 || !room {
            return;
        }
        self.allowance -= 1;
        let frame = chunk.place(note.frame);
        let same = |s: &Sounding| s.channel == note.channel && s.key == note.key;
        let again = self.sounding().iter().position(same);
        if let Some(index) = again.or((self.count == MAX_SOUNDING).then_some(0)) {
            self.end(index, frame);
        }
        let end_frame = note.frame + u64::from(note.frames.max(1));
        if let Some(free) = self.sounding.get_mut(self.count) {
            *free = Sounding {
                channel: note.channel,
                key: note.key,
                end_frame,
            };
            self.count += 1;
            self.next_end = self.next_end.min(end_frame);
            self.list.push(SentNote {
                frame,
                channel: note.channel,
                key: note.key,
                velocity: note.velocity,
                on: true,
            });
        }
    }

    /// Ends the notes that end up to a frame, in the order of their ends.
    fn end_due(&mut self, frame: u64, chunk: Stretch) {
        while self.next_end <= frame {
            let ends = self.sounding().iter().map(|s| s.end_frame).enumerate();
            let Some((index, at)) = ends.min_by_key(|(index, at)| (*at, *index)) else {
                self.next_end = u64::MAX;
                return;
            };
            if at <= frame {
                self.end(index, chunk.place(at));
            } else {
                self.next_end = at;
            }
        }
    }

    /// Ends one note on a frame of the block.
    fn end(&mut self, index: usize, frame: usize) {
        let Some(ended) = self.sounding().get(index).copied() else {
            return;
        };
        self.sounding.copy_within(index + 1..self.count, index);
        self.count -= 1;
        let ends = self.sounding().iter().map(|s| s.end_frame);
        self.next_end = ends.min().unwrap_or(u64::MAX);
        self.list.push(SentNote {
            frame,
            channel: ended.channel,
            key: ended.key,
            velocity: 0.0,
            on: false,
        });
    }

    fn sounding(&self) -> &[Sounding] {
        self.sounding.get(..self.count).unwrap_or(&[])
    }
}

#[cfg(test)]
#[path = "sent_tests.rs"]
mod tests;
