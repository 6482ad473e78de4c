//! The audio callback: from the host's buffers, transport and parameters to one engine block.
//!
//! Thread: audio.

use std::sync::OnceLock;
use std::time::Instant;

use engine::{AudioBlock, Event, EventKind, HostTransport, Renderer};
use nice_plug::prelude::*;

use crate::params::{GlistenParams, MAX_GAIN_DB, MIN_GAIN_DB};

/// A clock for the load figure, in nanoseconds since its first use.
///
/// The first call sets its zero; the plugin makes it in `activate`, off the audio thread.
#[must_use]
pub fn now_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}

/// Values of the parameters that act on the sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Controls {
    gain_db: f32,
    bypass: bool,
    guard: bool,
}

impl Controls {
    /// The present values, host modulation included.
    #[must_use]
    pub fn read(params: &GlistenParams) -> Self {
        let gain_db = params.gain.value();
        Self {
            gain_db: if gain_db.is_nan() {
                0.0
            } else {
                gain_db.clamp(MIN_GAIN_DB, MAX_GAIN_DB)
            },
            bypass: params.bypass.value(),
            guard: params.guard.value(),
        }
    }

    /// Events for what differs from `before`, at frame 0. nice-plug cuts the block where a
    /// parameter changes, so frame 0 is the change's own frame. Returns how many.
    fn events_since(self, before: Option<Self>, events: &mut [Event; 3]) -> usize {
        let changes = [
            (
                before.map(|b| b.bypass) != Some(self.bypass),
                EventKind::Bypass(self.bypass),
            ),
            (
                before.map(|b| b.guard) != Some(self.guard),
                EventKind::Guard(self.guard),
            ),
            (
                before.map(|b| b.gain_db) != Some(self.gain_db),
                EventKind::OutputGain(util::db_to_gain(self.gain_db)),
            ),
        ];
        let mut count = 0;
        for (_, kind) in changes.into_iter().filter(|(changed, _)| *changed) {
            if let Some(slot) = events.get_mut(count) {
                *slot = Event { frame: 0, kind };
                count += 1;
            }
        }
        count
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

/// What the audio half keeps from callback to callback.
#[derive(Debug, Default)]
pub struct Callback {
    /// Values the renderer knows; `None` after a reset, so that the first block sends all of them.
    sent: Option<Controls>,
    position: PositionFilter,
    input_channels: usize,
    max_frames: usize,
}

impl Callback {
    /// Takes the layout and buffer size of an activation over.
    pub fn activate(&mut self, layout: &AudioIOLayout, config: &BufferConfig) {
        self.input_channels = layout.main_input_channels.map_or(0, |n| n.get() as usize);
        self.max_frames = config.max_buffer_size as usize;
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
        controls: Controls,
        buffer: &mut Buffer,
        aux: &AuxiliaryBuffers,
        transport: &Transport,
    ) {
        let frames = buffer.samples();
        let mut events = [Event {
            frame: 0,
            kind: EventKind::Guard(true),
        }; 3];
        let count = controls.events_since(self.sent, &mut events);
        self.sent = Some(controls);

        let host = HostTransport {
            playing: transport.playing,
            tempo_bpm: transport.tempo,
            beats: transport.pos_beats(),
            loop_beats: transport.loop_range_beats(),
        };
        let sample_rate = f64::from(transport.sample_rate);
        let host = self
            .position
            .correct(host, frames, self.max_frames, sample_rate);

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
        renderer.render(AudioBlock {
            input_channels: self.input_channels.min(channels.len()),
            channels,
            sidechain: sidechain.get(..sidechain_channels).unwrap_or(&[]),
            transport: host,
            events: events.get(..count).unwrap_or(&[]),
        });
    }
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
