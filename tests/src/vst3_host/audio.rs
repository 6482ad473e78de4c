//! The audio half of a VST3 instance.

// COM from end to end.
#![allow(unsafe_code)]

use std::cell::RefCell;
use std::time::Duration;

use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, Event, Event_::EventTypes_, IAudioProcessor,
    IAudioProcessorTrait, IEventList, IEventListTrait, IParamValueQueue, IParamValueQueueTrait,
    IParameterChanges, IParameterChangesTrait, NoteExpressionTypeIDs_, ParamID, ParamValue,
    ProcessContext, ProcessData, SymbolicSampleSizes_,
};
use vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk, tresult};
use vst3::{Class, ComPtr, ComWrapper};

use crate::drive::{AudioHalf, Block, timed};
use crate::rtcheck::{Checker, Counts};
use crate::scenario::{Expression, Message, MessageKind, Note, ParamChange};
use crate::song::Place;

/// Processing, started.
pub struct Vst3Audio {
    processor: ComPtr<IAudioProcessor>,
    /// As in the set-up.
    process_mode: i32,
    sample_rate: f64,
    /// Channels of each input bus, the main one first.
    inputs: Vec<u32>,
    controllers: Controllers,
    frames: i64,
}

/// Controllers of a channel that VST3 knows: those of MIDI, pressure of the channel, pitch wheel.
pub const CONTROLLERS: usize = 130;
const CHANNEL_PRESSURE: usize = 128;
const PITCH_WHEEL: usize = 129;

/// The parameters that stand for controllers, by channel; empty if the plugin has none.
pub type Controllers = Vec<[ParamID; CONTROLLERS]>;

// SAFETY: the processor may be used on any one thread; the standard gives it to the audio thread.
unsafe impl Send for Vst3Audio {}

impl Vst3Audio {
    /// Around an active processor, with its process mode and the number of channels of each input
    /// bus.
    pub fn new(
        processor: ComPtr<IAudioProcessor>,
        process_mode: i32,
        sample_rate: f64,
        inputs: Vec<u32>,
        controllers: Controllers,
    ) -> Self {
        Self {
            processor,
            process_mode,
            sample_rate,
            inputs,
            controllers,
            frames: 0,
        }
    }

    /// A message that is a parameter change in VST3; `None` if it is a note, or the plugin does not
    /// listen to it.
    fn change(&self, message: &Message) -> Option<ParamChange> {
        let (number, value) = match message.kind {
            MessageKind::Controller { number, value } => (usize::from(number), value),
            MessageKind::Pressure(value) => (CHANNEL_PRESSURE, value),
            MessageKind::Bend(value) => (PITCH_WHEEL, 0.5 + 0.5 * value),
            _ => return None,
        };
        let channel = self.controllers.get(usize::from(message.channel))?;
        Some(ParamChange {
            frame: message.frame,
            id: *channel.get(number)?,
            value,
        })
    }
}

/// Buffers of a bus, and the pointers they refer to.
fn bus(pointers: &mut [*mut f32]) -> AudioBusBuffers {
    AudioBusBuffers {
        numChannels: pointers.len() as i32,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 {
            channelBuffers32: pointers.as_mut_ptr(),
        },
    }
}

impl AudioHalf for Vst3Audio {
    fn process(&mut self, block: &mut Block<'_>, checker: &Checker) -> (Duration, Counts) {
        let mut output: Vec<_> = block.output.iter_mut().map(|c| c.as_mut_ptr()).collect();
        let input = if block.in_place {
            output.clone()
        } else {
            block
                .input
                .iter_mut()
                .map(|c| c.as_mut_ptr())
                .collect::<Vec<_>>()
        };
        let mut channels = vec![input];
        // A bus that nothing is connected to has no buffers.
        let sidechain: Vec<_> = block.sidechain.iter_mut().map(|c| c.as_mut_ptr()).collect();
        channels.extend(self.inputs.iter().skip(1).map(|_| sidechain.clone()));
        let mut inputs: Vec<_> = channels
            .iter_mut()
            .zip(&self.inputs)
            .map(|(pointers, width)| {
                pointers.truncate(*width as usize);
                let mut bus = bus(pointers);
                if pointers.is_empty() {
                    bus.__field0.channelBuffers32 = std::ptr::null_mut();
                }
                bus
            })
            .collect();
        let mut outputs = [bus(&mut output)];
        // Marks of an earlier block, which the plugin must not leave.
        outputs[0].silenceFlags = u64::MAX;

        let controllers = block.messages.iter().filter_map(|m| self.change(m));
        let changes: Vec<_> = block.params.iter().copied().chain(controllers).collect();
        let changes = ComWrapper::new(Changes::new(&changes));
        let changes_out = ComWrapper::new(Changes::new(&[]));
        let events = ComWrapper::new(Events::new(block.notes, block.messages));
        let events_out = ComWrapper::new(Events::new(&[], &[]));
        let pointers = (
            changes
                .to_com_ptr::<IParameterChanges>()
                .expect("an interface of the class"),
            changes_out
                .to_com_ptr::<IParameterChanges>()
                .expect("an interface of the class"),
            events
                .to_com_ptr::<IEventList>()
                .expect("an interface of the class"),
            events_out
                .to_com_ptr::<IEventList>()
                .expect("an interface of the class"),
        );
        let mut context = self.context(&block.place);
        let mut data = ProcessData {
            processMode: self.process_mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            numSamples: block.frames as i32,
            numInputs: inputs.len() as i32,
            numOutputs: 1,
            inputs: inputs.as_mut_ptr(),
            outputs: outputs.as_mut_ptr(),
            inputParameterChanges: pointers.0.as_ptr(),
            outputParameterChanges: pointers.1.as_ptr(),
            inputEvents: pointers.2.as_ptr(),
            outputEvents: pointers.3.as_ptr(),
            processContext: &raw mut context,
        };
        let mut status = kResultOk;
        let result = timed(checker, || {
            // SAFETY: everything `data` points to lives until the end of this function.
            status = unsafe { self.processor.process(&raw mut data) };
        });
        assert_eq!(status, kResultOk, "the plugin processes without an error");
        block.silent = outputs[0].silenceFlags;
        self.frames += block.frames as i64;
        let sent = events_out.events.borrow();
        block.sent.extend(sent.iter().filter_map(sent_note));
        result
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any> {
        self
    }
}

impl Vst3Audio {
    fn context(&self, place: &Place) -> ProcessContext {
        // SAFETY: a plain struct of numbers.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        let mut state = StatesAndFlags_::kContTimeValid;
        if place.playing {
            state |= StatesAndFlags_::kPlaying;
        }
        if place.announced {
            state |= StatesAndFlags_::kTempoValid
                | StatesAndFlags_::kProjectTimeMusicValid
                | StatesAndFlags_::kBarPositionValid
                | StatesAndFlags_::kTimeSigValid;
            context.tempo = place.tempo_bpm;
            context.projectTimeMusic = place.beats;
            context.barPositionMusic = place.bar_beats;
            context.timeSigNumerator = place.signature.0.into();
            context.timeSigDenominator = place.signature.1.into();
        }
        if let Some((start, end)) = place.loop_beats {
            state |= StatesAndFlags_::kCycleActive | StatesAndFlags_::kCycleValid;
            context.cycleStartMusic = start;
            context.cycleEndMusic = end;
        }
        context.state = state;
        context.sampleRate = self.sample_rate;
        context.projectTimeSamples = place.samples;
        context.continousTimeSamples = self.frames;
        context
    }
}

/// Parameter changes of one block, one queue per parameter. Reading allocates nothing.
struct Changes {
    queues: Vec<ComWrapper<Queue>>,
    pointers: Vec<ComPtr<IParamValueQueue>>,
    /// Takes what the plugin writes, and forgets it.
    sink: ComPtr<IParamValueQueue>,
}

struct Queue {
    id: ParamID,
    points: Vec<(i32, ParamValue)>,
}

impl Changes {
    fn new(changes: &[ParamChange]) -> Self {
        let mut queues: Vec<Queue> = Vec::new();
        for change in changes {
            let point = (change.frame as i32, change.value);
            match queues.iter_mut().find(|q| q.id == change.id) {
                Some(queue) => queue.points.push(point),
                None => queues.push(Queue {
                    id: change.id,
                    points: vec![point],
                }),
            }
        }
        let interface = |queue: &ComWrapper<Queue>| {
            queue
                .to_com_ptr::<IParamValueQueue>()
                .expect("an interface of the class")
        };
        let queues: Vec<_> = queues.into_iter().map(ComWrapper::new).collect();
        let pointers = queues.iter().map(interface).collect();
        let sink = interface(&ComWrapper::new(Queue {
            id: 0,
            points: Vec::new(),
        }));
        Self {
            queues,
            pointers,
            sink,
        }
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> i32 {
        self.queues.len() as i32
    }

    unsafe fn getParameterData(&self, index: i32) -> *mut IParamValueQueue {
        self.pointers
            .get(index as usize)
            .map_or(std::ptr::null_mut(), |q| q.as_ptr())
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut i32) -> *mut IParamValueQueue {
        self.sink.as_ptr()
    }
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> i32 {
        self.points.len() as i32
    }

    unsafe fn getPoint(&self, index: i32, frame: *mut i32, value: *mut ParamValue) -> tresult {
        let Some(&(at, new)) = self.points.get(index as usize) else {
            return kInvalidArgument;
        };
        // SAFETY: the plugin hands over writable numbers.
        unsafe {
            frame.write(at);
            value.write(new);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _: i32, _: ParamValue, _: *mut i32) -> tresult {
        kResultOk
    }
}

/// Events of one block: what is read, or what the plugin wrote.
struct Events {
    events: RefCell<Vec<Event>>,
}

/// Events that the plugin may write in one block without an allocation of the host.
const OUTPUT_EVENTS: usize = 4096;

fn event(frame: u64, kind: u32) -> Event {
    // SAFETY: a plain struct with a union of plain structs.
    let mut event: Event = unsafe { std::mem::zeroed() };
    event.sampleOffset = frame as i32;
    event.r#type = kind as u16;
    event
}

fn note_on(frame: u64, channel: u8, key: u8, id: Option<i32>, velocity: f64) -> Event {
    let mut event = event(frame, EventTypes_::kNoteOnEvent);
    event.__field0.noteOn.channel = i16::from(channel);
    event.__field0.noteOn.pitch = i16::from(key);
    event.__field0.noteOn.velocity = velocity as f32;
    event.__field0.noteOn.noteId = id.unwrap_or(-1);
    event
}

fn note_off(frame: u64, channel: u8, key: u8, id: Option<i32>, velocity: f64) -> Event {
    let mut event = event(frame, EventTypes_::kNoteOffEvent);
    event.__field0.noteOff.channel = i16::from(channel);
    event.__field0.noteOff.pitch = i16::from(key);
    event.__field0.noteOff.velocity = velocity as f32;
    event.__field0.noteOff.noteId = id.unwrap_or(-1);
    event
}

/// A note expression in the standard's own scale, 0 to 1.
fn expression(frame: u64, id: i32, kind: Expression, value: f64) -> Event {
    use NoteExpressionTypeIDs_ as Ids;
    let (number, value) = match kind {
        Expression::Volume => (Ids::kVolumeTypeID, value / 4.0),
        Expression::Tuning => (Ids::kTuningTypeID, 0.5 + value / 240.0),
        Expression::Brightness => (Ids::kBrightnessTypeID, value),
        Expression::Expression => (Ids::kExpressionTypeID, value),
        Expression::Pressure => unreachable!("pressure is an event of its own"),
    };
    let mut event = event(frame, EventTypes_::kNoteExpressionValueEvent);
    event.__field0.noteExpressionValue.typeId = number;
    event.__field0.noteExpressionValue.noteId = id;
    event.__field0.noteExpressionValue.value = value;
    event
}

/// A message as an event; `None` if VST3 has another way for it, or none.
fn message_event(message: &Message) -> Option<Event> {
    let (frame, channel) = (message.frame, message.channel);
    match message.kind {
        MessageKind::On { key, id, velocity } => Some(note_on(frame, channel, key, id, velocity)),
        MessageKind::Off { key, id } => Some(note_off(frame, channel, key, id, 0.0)),
        MessageKind::Expression {
            key,
            id,
            kind: Expression::Pressure,
            value,
        } => {
            let mut event = event(frame, EventTypes_::kPolyPressureEvent);
            event.__field0.polyPressure.channel = i16::from(channel);
            event.__field0.polyPressure.pitch = i16::from(key);
            event.__field0.polyPressure.pressure = value as f32;
            event.__field0.polyPressure.noteId = id;
            Some(event)
        }
        MessageKind::Expression {
            id, kind, value, ..
        } => Some(expression(frame, id, kind, value)),
        MessageKind::Choke { .. }
        | MessageKind::Controller { .. }
        | MessageKind::Bend(_)
        | MessageKind::Pressure(_)
        | MessageKind::Program(_) => None,
    }
}

/// A note that the plugin wrote.
fn sent_note(event: &Event) -> Option<Note> {
    let frame = event.sampleOffset as u64;
    let kind = u32::from(event.r#type);
    if kind == EventTypes_::kNoteOnEvent {
        // SAFETY: the type says which field of the union it is.
        let note = unsafe { event.__field0.noteOn };
        Some(Note {
            frame,
            key: note.pitch as u8,
            channel: note.channel as u8,
            velocity: f64::from(note.velocity),
            on: true,
        })
    } else if kind == EventTypes_::kNoteOffEvent {
        // SAFETY: as above.
        let note = unsafe { event.__field0.noteOff };
        Some(Note {
            frame,
            key: note.pitch as u8,
            channel: note.channel as u8,
            velocity: f64::from(note.velocity),
            on: false,
        })
    } else {
        None
    }
}

impl Events {
    fn new(notes: &[Note], messages: &[Message]) -> Self {
        let notes = notes.iter().map(|n| {
            let make = if n.on { note_on } else { note_off };
            make(n.frame, n.channel, n.key, None, n.velocity)
        });
        let mut events: Vec<Event> = notes
            .chain(messages.iter().filter_map(message_event))
            .collect();
        events.sort_by_key(|e| e.sampleOffset);
        events.reserve(OUTPUT_EVENTS);
        Self {
            events: RefCell::new(events),
        }
    }
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> i32 {
        self.events.borrow().len() as i32
    }

    unsafe fn getEvent(&self, index: i32, event: *mut Event) -> tresult {
        match self.events.borrow().get(index as usize) {
            Some(note) => {
                // SAFETY: the plugin hands over a writable event.
                unsafe { event.write(*note) };
                kResultOk
            }
            None => kResultFalse,
        }
    }

    unsafe fn addEvent(&self, event: *mut Event) -> tresult {
        // SAFETY: the plugin hands over a readable event.
        self.events.borrow_mut().push(unsafe { *event });
        kResultOk
    }
}
