//! The audio half of a CLAP instance.

// Input and output may be the same memory, which only raw buffers can say.
#![allow(unsafe_code)]

use std::time::Duration;

use clack_host::events::EventFlags;
use clack_host::events::event_types::{
    NoteOffEvent, NoteOnEvent, ParamValueEvent, TransportEvent, TransportFlags,
};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use super::handlers::Handlers;
use crate::drive::{AudioHalf, Block, timed};
use crate::rtcheck::{Checker, Counts};
use crate::song::Place;

/// Processing, started.
pub struct ClapAudio {
    processor: StartedPluginAudioProcessor<Handlers>,
    /// Id, minimum and maximum of each parameter.
    pub ranges: Vec<(u32, f64, f64)>,
    /// Channels of each input port, and of the main output.
    ports: (Vec<u32>, u32),
    silence: Vec<Vec<f32>>,
    inputs: AudioPorts,
    outputs: AudioPorts,
    events_in: EventBuffer,
    events_out: EventBuffer,
    steady_frames: u64,
}

impl ClapAudio {
    /// Around a started processor.
    pub fn new(
        processor: StartedPluginAudioProcessor<Handlers>,
        ranges: Vec<(u32, f64, f64)>,
        ports: (Vec<u32>, u32),
        max_frames: u32,
    ) -> Self {
        Self {
            processor,
            ranges,
            ports,
            silence: vec![vec![0.0; max_frames as usize]; 2],
            inputs: AudioPorts::with_capacity(4, 2),
            outputs: AudioPorts::with_capacity(2, 1),
            events_in: EventBuffer::with_capacity(1024),
            events_out: EventBuffer::with_capacity(4096),
            steady_frames: 0,
        }
    }

    /// Stops processing.
    pub fn stop(self) -> StoppedPluginAudioProcessor<Handlers> {
        self.processor.stop_processing()
    }

    /// The plugin's reset.
    pub fn reset(&mut self) {
        self.processor.reset();
    }

    fn fill_events(&mut self, block: &Block<'_>) {
        self.events_in.clear();
        for change in block.params {
            let Some(&(_, min, max)) = self.ranges.iter().find(|r| r.0 == change.id) else {
                continue;
            };
            let value = min + change.value * (max - min);
            self.events_in.push(&ParamValueEvent::new(
                change.frame as u32,
                ClapId::new(change.id),
                Pckn::match_all(),
                value,
            ));
        }
        for note in block.notes {
            let key = Pckn::new(0u16, u16::from(note.channel), u16::from(note.key), u32::MAX);
            let key = Pckn {
                note_id: clack_host::events::Match::All,
                ..key
            };
            if note.on {
                self.events_in
                    .push(&NoteOnEvent::new(note.frame as u32, key, note.velocity));
            } else {
                self.events_in
                    .push(&NoteOffEvent::new(note.frame as u32, key, note.velocity));
            }
        }
        self.events_in.sort();
    }
}

fn transport(place: &Place) -> TransportEvent {
    let mut flags = TransportFlags::empty();
    flags.set(TransportFlags::IS_PLAYING, place.playing);
    if place.announced {
        flags |= TransportFlags::HAS_TEMPO
            | TransportFlags::HAS_BEATS_TIMELINE
            | TransportFlags::HAS_SECONDS_TIMELINE
            | TransportFlags::HAS_TIME_SIGNATURE;
    }
    let (start, end) = place.loop_beats.unwrap_or_default();
    flags.set(TransportFlags::IS_LOOP_ACTIVE, place.loop_beats.is_some());
    let seconds = |beats: f64| SecondsTime::from_float(beats * 60.0 / place.tempo_bpm);
    let bar = (place.beats / 4.0).floor();
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: BeatTime::from_float(place.beats),
        song_pos_seconds: SecondsTime::from_float(place.seconds),
        tempo: place.tempo_bpm,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_float(start),
        loop_end_beats: BeatTime::from_float(end),
        loop_start_seconds: seconds(start),
        loop_end_seconds: seconds(end),
        bar_start: BeatTime::from_float(bar * 4.0),
        bar_number: bar as i32,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}

impl AudioHalf for ClapAudio {
    fn process(&mut self, block: &mut Block<'_>, checker: &Checker) -> (Duration, Counts) {
        self.fill_events(block);
        self.events_out.clear();
        let place = transport(&block.place);
        let n = block.frames;

        let main_channels = self
            .ports
            .0
            .first()
            .map_or(0, |channels| *channels as usize);
        let mut outputs = self.outputs.with_output_buffers([AudioPortBuffer {
            latency: 0,
            channels: AudioPortBufferType::f32_output_only(
                block
                    .output
                    .iter_mut()
                    .take(self.ports.1 as usize)
                    .map(|c| &mut c[..n]),
            ),
        }]);
        // Auxiliary inputs are connected to silence.
        let ports = [
            (&mut *block.input, main_channels),
            (&mut self.silence[..], 2),
        ];
        let inputs = self.inputs.with_input_buffers(
            ports
                .into_iter()
                .take(self.ports.0.len())
                .collect::<Vec<_>>()
                .into_iter()
                .map(|(channels, count)| AudioPortBuffer {
                    latency: 0,
                    channels: AudioPortBufferType::f32_input_only(
                        channels.iter_mut().take(count).map(|c| InputChannel {
                            buffer: &mut c[..n],
                            is_constant: false,
                        }),
                    ),
                }),
        );
        let mut raw_inputs = inputs.as_raw_buffers().to_vec();
        if block.in_place && main_channels == self.ports.1 as usize {
            raw_inputs[0] = outputs.as_raw_buffers()[0];
        }
        // SAFETY: the buffers hold `n` frames; a plugin must expect input and output in the same
        // memory, and nothing here touches them during the call.
        let inputs = unsafe { InputAudioBuffers::from_raw_buffers(&raw_inputs, n as u32) };
        let events_in = self.events_in.as_input();
        let mut events_out = self.events_out.as_output();
        let steady = Some(self.steady_frames);
        let processor = &mut self.processor;
        let mut status = Ok(ProcessStatus::Continue);
        let result = timed(checker, || {
            status = processor.process(
                &inputs,
                &mut outputs,
                &events_in,
                &mut events_out,
                steady,
                Some(&place),
            );
        });
        status.expect("the plugin processes without an error");
        self.steady_frames += n as u64;
        result
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any> {
        self
    }
}
