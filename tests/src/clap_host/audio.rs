//! The audio half of a CLAP instance.

// Input and output may be the same memory, which only raw buffers can say.
#![allow(unsafe_code)]

use std::time::Duration;

use clack_extensions::tail::{PluginTail, TailLength};
use clack_host::events::EventFlags;
use clack_host::events::Match;
use clack_host::events::event_types::{
    MidiEvent, NoteChokeEvent, NoteExpressionEvent, NoteExpressionType, NoteOffEvent, NoteOnEvent,
    ParamValueEvent, TransportEvent, TransportFlags,
};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};

use super::handlers::Handlers;
use crate::drive::{AudioHalf, Block, timed};
use crate::rtcheck::{Checker, Counts};
use crate::scenario::{Expression, Message, MessageKind, Note};
use crate::song::Place;

/// Processing, started.
pub struct ClapAudio {
    processor: StartedPluginAudioProcessor<Handlers>,
    /// Id, minimum and maximum of each parameter.
    pub ranges: Vec<(u32, f64, f64)>,
    /// Channels of each input port, and of the main output.
    ports: (Vec<u32>, u32),
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
    ) -> Self {
        Self {
            processor,
            ranges,
            ports,
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

    /// The plugin's tail; `u32::MAX` = without end.
    pub fn tail_frames(&mut self, extension: PluginTail) -> u32 {
        match extension.get(&self.processor.plugin_handle()) {
            TailLength::Finite(frames) => frames,
            TailLength::Infinite => u32::MAX,
        }
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
        for message in block.messages {
            self.push_message(message);
        }
        self.events_in.sort();
    }

    fn push_message(&mut self, message: &Message) {
        let frame = message.frame as u32;
        let note = |key: u8, id: Option<i32>| Pckn {
            note_id: id.map_or(Match::All, |id| Match::Specific(id as u32)),
            ..Pckn::new(0u16, u16::from(message.channel), u16::from(key), 0u32)
        };
        let mut midi = |status: u8, first: u8, second: u8| {
            let data = [status | message.channel, first, second];
            self.events_in.push(&MidiEvent::new(frame, 0, data));
        };
        let seven_bits = |value: f64| (value * 127.0).round() as u8;
        match message.kind {
            MessageKind::On { key, id, velocity } => {
                self.events_in
                    .push(&NoteOnEvent::new(frame, note(key, id), velocity));
            }
            MessageKind::Off { key, id } => {
                self.events_in
                    .push(&NoteOffEvent::new(frame, note(key, id), 0.0));
            }
            MessageKind::Choke { key, id } => {
                self.events_in
                    .push(&NoteChokeEvent::new(frame, note(key, id)));
            }
            MessageKind::Expression {
                key,
                id,
                kind,
                value,
            } => {
                let kind = match kind {
                    Expression::Volume => NoteExpressionType::Volume,
                    Expression::Tuning => NoteExpressionType::Tuning,
                    Expression::Brightness => NoteExpressionType::Brightness,
                    Expression::Pressure => NoteExpressionType::Pressure,
                    Expression::Expression => NoteExpressionType::Expression,
                };
                let event = NoteExpressionEvent::new(frame, note(key, Some(id)), kind, value);
                self.events_in.push(&event);
            }
            MessageKind::Controller { number, value } => midi(0xB0, number, seven_bits(value)),
            MessageKind::Program(program) => midi(0xC0, program, 0),
            MessageKind::Pressure(value) => midi(0xD0, seven_bits(value), 0),
            MessageKind::Bend(value) => {
                // At rest a wheel says 8192, at its ends 0 and 16383.
                let up = if value < 0.0 { 8192.0 } else { 8191.0 };
                let wheel = (8192.0 + value * up).round() as u16;
                midi(0xE0, (wheel & 127) as u8, (wheel >> 7) as u8);
            }
        }
    }

    fn read_events(&self, sent: &mut Vec<Note>) {
        for event in self.events_out.iter() {
            let frame = u64::from(event.header().time());
            let note = |pckn: Pckn, velocity: f64, on: bool| Note {
                frame,
                key: pckn.key.into_specific().unwrap_or(0) as u8,
                channel: pckn.channel.into_specific().unwrap_or(0) as u8,
                velocity,
                on,
            };
            match event.as_core_event() {
                Some(CoreEventSpace::NoteOn(e)) => sent.push(note(e.pckn(), e.velocity(), true)),
                Some(CoreEventSpace::NoteOff(e)) => sent.push(note(e.pckn(), e.velocity(), false)),
                _ => {}
            }
        }
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
        bar_start: BeatTime::from_float(place.bar_beats),
        bar_number: place.bar,
        time_signature_numerator: place.signature.0,
        time_signature_denominator: place.signature.1,
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
        // A sidechain that nothing is connected to has a port with silence and says so.
        let mut silence = vec![vec![0.0; n]; 2];
        let connected = !block.sidechain.is_empty();
        let sidechain = if connected {
            &mut *block.sidechain
        } else {
            &mut silence[..]
        };
        let widths = &self.ports.0;
        let ports = [
            (&mut *block.input, main_channels, false),
            (
                sidechain,
                widths.get(1).map_or(0, |width| *width as usize),
                !connected,
            ),
        ];
        let inputs = self.inputs.with_input_buffers(
            ports
                .into_iter()
                .take(self.ports.0.len())
                .collect::<Vec<_>>()
                .into_iter()
                .map(|(channels, count, is_constant)| AudioPortBuffer {
                    latency: 0,
                    channels: AudioPortBufferType::f32_input_only(
                        channels.iter_mut().take(count).map(move |c| InputChannel {
                            buffer: &mut c[..n],
                            is_constant,
                        }),
                    ),
                }),
        );
        let mut raw_inputs = inputs.as_raw_buffers().to_vec();
        if block.in_place && main_channels == self.ports.1 as usize {
            raw_inputs[0] = outputs.as_raw_buffers()[0];
        }
        // Marks of an earlier block, which the plugin must not leave.
        outputs.as_raw_buffers()[0].constant_mask = u64::MAX;
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
        block.silent = outputs.as_raw_buffers()[0].constant_mask;
        self.steady_frames += n as u64;
        self.read_events(block.sent);
        result
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any> {
        self
    }
}
