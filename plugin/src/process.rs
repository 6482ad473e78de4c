//! The audio callback: from the host's buffers, transport and parameters to one engine block.
//!
//! Thread: audio.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use engine::{AudioBlock, EventKind, FreeRun, HostTransport, Renderer, SentNote};
use nice_plug::prelude::*;

use crate::controls::{ControlSource, Controls};
use crate::event_queue::EventQueue;
use crate::session::MessageProgram;

/// Events that one call of the engine takes. A block that brings more is rendered in pieces, so none
/// is ever lost.
const EVENTS: usize = 8192;

/// A clock for the load figure, in nanoseconds since its first use.
///
/// The first call sets its zero; the plugin makes it in `activate`, off the audio thread.
#[must_use]
pub fn now_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// Tempo of a host that tells none, until it tells one.
const DEFAULT_TEMPO_BPM: f64 = 120.0;

/// Takes what the host says of the song, and puts in what follows from it (R7.2).
#[derive(Clone, Copy, Debug)]
pub struct TransportReader {
    last_tempo_bpm: f64,
}

impl Default for TransportReader {
    fn default() -> Self {
        Self {
            last_tempo_bpm: DEFAULT_TEMPO_BPM,
        }
    }
}

impl TransportReader {
    /// The song as the engine takes it. A position in seconds or samples becomes beats at the last
    /// known tempo.
    pub fn read(&mut self, transport: &Transport) -> HostTransport {
        let usable = |bpm: &f64| bpm.is_finite() && *bpm > 0.0;
        self.last_tempo_bpm = transport
            .tempo
            .filter(usable)
            .unwrap_or(self.last_tempo_bpm);
        let beats_per_second = self.last_tempo_bpm / 60.0;
        let seconds = transport.pos_seconds();
        HostTransport {
            playing: transport.playing,
            tempo_bpm: Some(self.last_tempo_bpm),
            beats: transport
                .pos_beats
                .or_else(|| seconds.map(|seconds| seconds * beats_per_second)),
            loop_beats: transport.loop_range_beats(),
        }
    }
}

/// Undoes what nice-plug does to the position when it cuts a host block at a parameter change.
///
/// It moves the position of the later parts on by the time passed since the host block's start,
/// even while the song stands, and straight on over the end of a loop. Both would look like jumps.
/// Such parts are recognised by this: they continue the part before them exactly, where a host
/// would have stayed (stopped) or gone back (loop).
#[derive(Clone, Copy, Debug, Default)]
pub struct PositionFilter {
    /// The last part: position as told, frames, beats per frame, position as passed on.
    last: Option<LastPart>,
}

#[derive(Clone, Copy, Debug)]
struct LastPart {
    told: f64,
    end: f64,
    passed: f64,
    playing: bool,
    wrapped: bool,
}

impl PositionFilter {
    /// Forgets the past, as after a reset.
    pub fn reset(&mut self) {
        self.last = None;
    }

    /// Corrects the position of a part of `frames` frames; hosts' blocks are at most
    /// `max_frames` long.
    pub fn correct(
        &mut self,
        mut transport: HostTransport,
        frames: usize,
        max_frames: usize,
        sample_rate: f64,
    ) -> HostTransport {
        let (Some(told), Some(tempo_bpm)) = (transport.beats, transport.tempo_bpm) else {
            self.last = None;
            return transport;
        };
        let beats_per_frame = tempo_bpm / 60.0 / sample_rate;
        // CLAP's fixed point and the sums of nice-plug agree far better than a thousandth frame.
        let continues = |last: &LastPart| (told - last.end).abs() < 1e-3 * beats_per_frame;

        let mut passed = told;
        let mut wrapped = false;
        if let Some(last) = &self.last
            && last.playing == transport.playing
            && continues(last)
        {
            if !transport.playing {
                passed = last.passed;
            } else if let Some((start, end)) = transport.loop_beats
                && start < end
                && told >= end
                && told - end < max_frames as f64 * beats_per_frame
                && (last.told < end || last.wrapped)
            {
                passed = start + (told - end) % (end - start);
                wrapped = true;
            }
        }
        self.last = Some(LastPart {
            told,
            end: told + frames as f64 * beats_per_frame,
            passed,
            playing: transport.playing,
            wrapped,
        });
        transport.beats = Some(passed);
        transport
    }
}

/// The host's notes of a block, in and out.
pub trait Notes {
    /// The next one in the order of frames, with its frame inside the block. Events the engine has
    /// no use for are left out.
    fn next_note(&mut self) -> Option<(usize, EventKind)>;

    /// Sends a note that the program starts or ends to the host.
    fn send_note(&mut self, note: &SentNote);
}

/// What the audio half keeps from callback to callback.
#[derive(Debug)]
pub struct Callback {
    /// Values the renderer knows; `None` after a reset, so that the first block sends all of them.
    sent: Option<Controls>,
    /// The program that was asked for last, by parameter or by message: a parameter that follows a
    /// message asks for nothing new.
    asked: Option<u8>,
    /// The program parameter as it was read last. The engine keeps its program over a reset, and so
    /// does one that a message chose.
    program_read: Option<u8>,
    /// Tells the parameter what messages asked for.
    message_program: Arc<MessageProgram>,
    position: PositionFilter,
    queue: EventQueue,
    input_channels: usize,
    max_frames: usize,
    sample_rate: f64,
    /// The host renders a file: the song never runs by itself there (R7.7).
    offline: bool,
}

impl Default for Callback {
    fn default() -> Self {
        Self::with_capacity(EVENTS)
    }
}

impl Callback {
    /// With room for this many events at a time, which must be more than [`Controls::COUNT`].
    fn with_capacity(events: usize) -> Self {
        Self {
            sent: None,
            asked: None,
            program_read: None,
            message_program: Arc::default(),
            position: PositionFilter::default(),
            queue: EventQueue::new(events),
            input_channels: 0,
            max_frames: 0,
            sample_rate: 48_000.0,
            offline: false,
        }
    }

    /// Says what messages asked for to this one.
    #[must_use]
    pub fn telling(mut self, message_program: Arc<MessageProgram>) -> Self {
        self.message_program = message_program;
        self
    }

    /// Takes the layout and buffer size of an activation over.
    pub fn activate(&mut self, layout: &AudioIOLayout, config: &BufferConfig) {
        self.input_channels = layout.main_input_channels.map_or(0, |n| n.get() as usize);
        self.max_frames = config.max_buffer_size as usize;
        self.sample_rate = f64::from(config.sample_rate);
        self.offline = config.process_mode == ProcessMode::Offline;
    }

    /// After a reset the first block carries all parameter values, which the engine then takes
    /// without a ramp.
    pub fn reset(&mut self) {
        self.sent = None;
        self.position.reset();
    }

    /// Renders one part of a host block in place.
    pub fn process(
        &mut self,
        renderer: &mut Renderer,
        controls: &mut impl ControlSource,
        buffer: &mut Buffer,
        aux: &AuxiliaryBuffers,
        transport: HostTransport,
        notes: &mut impl Notes,
    ) {
        let frames = buffer.samples();
        let transport = self
            .position
            .correct(transport, frames, self.max_frames, self.sample_rate);

        let mut sidechain: [&[f32]; 2] = [&[]; 2];
        let mut sidechain_channels = 0;
        if let Some(bus) = aux.inputs.first() {
            for (slot, channel) in sidechain.iter_mut().zip(bus.as_slice_immutable()) {
                if channel.len() < frames {
                    break;
                }
                *slot = channel;
                sidechain_channels += 1;
            }
        }
        let channels = buffer.as_slice();
        let piece = Piece {
            input_channels: self.input_channels.min(channels.len()),
            channels,
            sidechain: sidechain.get(..sidechain_channels).unwrap_or(&[]),
            transport,
            start: 0,
        };
        self.render(renderer, piece, controls, frames, notes);
    }

    /// Gathers the events and renders up to the end; in several pieces if there are many events.
    fn render(
        &mut self,
        renderer: &mut Renderer,
        mut piece: Piece<'_, '_>,
        controls: &mut impl ControlSource,
        frames: usize,
        notes: &mut impl Notes,
    ) {
        let queue = &mut self.queue;
        queue.clear();
        let mut note = notes.next_note();
        // What changed between the blocks counts from the first frame.
        let mut change = Some(0);
        loop {
            let last_frame = frames.saturating_sub(1);
            let first_note = note.map_or(usize::MAX, |(frame, _)| frame);
            if let Some(frame) = change.filter(|frame| *frame <= first_note) {
                if queue.room() < Controls::COUNT {
                    let end = queue.newest_frame().max(piece.start);
                    piece.render(renderer, end, queue, notes);
                    queue.clear();
                }
                let mut now = controls.at(frame);
                if self.offline {
                    now.free_run = FreeRun::Never;
                }
                let (asked, read) = (&mut self.asked, &mut self.program_read);
                let message_program = &self.message_program;
                now.changes_since(self.sent.as_ref(), |kind| {
                    if let EventKind::Program { program, .. } = kind
                        && (read.replace(program) == Some(program)
                            || asked.replace(program) == Some(program))
                    {
                        return;
                    }
                    if let EventKind::Program { .. } = kind {
                        message_program.forget();
                    }
                    // There is room for all of them.
                    let _ = queue.push(frame.min(last_frame), kind);
                });
                self.sent = Some(now);
                change = controls.next_change();
            } else if let Some((frame, kind)) = note {
                let frame = frame.min(last_frame);
                if let EventKind::Program { program, .. } = kind {
                    self.asked = Some(program);
                    self.message_program.ask(program);
                }
                if !queue.push(frame, kind) {
                    let end = queue.newest_frame().max(piece.start);
                    piece.render(renderer, end, queue, notes);
                    queue.clear();
                    let _ = queue.push(frame, kind);
                }
                note = notes.next_note();
            } else {
                break;
            }
        }
        piece.render(renderer, frames, queue, notes);
    }
}

/// What is left to render of a part of a host block.
struct Piece<'a, 'b> {
    channels: &'a mut [&'b mut [f32]],
    input_channels: usize,
    sidechain: &'a [&'a [f32]],
    transport: HostTransport,
    /// Frames that are done.
    start: usize,
}

impl Piece<'_, '_> {
    /// Renders up to `end`; the queue's events are those up to there.
    fn render(
        &mut self,
        renderer: &mut Renderer,
        end: usize,
        queue: &mut EventQueue,
        notes: &mut impl Notes,
    ) {
        let range = self.start..end;
        let mut parts: [&mut [f32]; 2] = Default::default();
        let mut count = 0;
        for (slot, channel) in parts.iter_mut().zip(self.channels.iter_mut()) {
            let Some(part) = channel.get_mut(range.clone()) else {
                break;
            };
            *slot = part;
            count += 1;
        }
        let mut sidechain: [&[f32]; 2] = [&[]; 2];
        for (slot, channel) in sidechain.iter_mut().zip(self.sidechain) {
            *slot = channel.get(range.clone()).unwrap_or(&[]);
        }
        renderer.render(AudioBlock {
            channels: parts.get_mut(..count).unwrap_or(&mut []),
            input_channels: self.input_channels,
            sidechain: sidechain.get(..self.sidechain.len()).unwrap_or(&[]),
            transport: self.transport,
            events: queue.finish(self.start),
        });
        for note in renderer.sent_notes() {
            notes.send_note(&SentNote {
                frame: self.start + note.frame,
                ..*note
            });
        }
        self.start = end;
        // The engine's clock goes on from here by itself.
        self.transport.beats = None;
    }
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
