//! The audio half of a VST3 instance.

// COM from end to end.
#![allow(unsafe_code)]

use std::time::Duration;

use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, Event, Event_::EventTypes_, IAudioProcessor,
    IAudioProcessorTrait, IEventList, IEventListTrait, IParamValueQueue, IParamValueQueueTrait,
    IParameterChanges, IParameterChangesTrait, ParamID, ParamValue, ProcessContext, ProcessData,
    ProcessModes_, SymbolicSampleSizes_,
};
use vst3::Steinberg::{kInvalidArgument, kResultFalse, kResultOk, tresult};
use vst3::{Class, ComPtr, ComWrapper};

use crate::drive::{AudioHalf, Block, timed};
use crate::rtcheck::{Checker, Counts};
use crate::scenario::{Note, ParamChange};
use crate::song::Place;

/// Processing, started.
pub struct Vst3Audio {
    processor: ComPtr<IAudioProcessor>,
    sample_rate: f64,
    /// Channels of each input bus, the main one first.
    inputs: Vec<u32>,
    frames: i64,
}

// SAFETY: the processor may be used on any one thread; the standard gives it to the audio thread.
unsafe impl Send for Vst3Audio {}

impl Vst3Audio {
    /// Around an active processor, with the number of channels of each input bus.
    pub fn new(processor: ComPtr<IAudioProcessor>, sample_rate: f64, inputs: Vec<u32>) -> Self {
        Self {
            processor,
            sample_rate,
            inputs,
            frames: 0,
        }
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
        // Auxiliary inputs are connected to nothing: silence.
        let mut silence = vec![0.0f32; block.frames];
        let mut channels = vec![input];
        for width in self.inputs.iter().skip(1) {
            channels.push(vec![silence.as_mut_ptr(); *width as usize]);
        }
        let mut inputs: Vec<_> = channels
            .iter_mut()
            .zip(&self.inputs)
            .map(|(pointers, width)| {
                pointers.truncate(*width as usize);
                bus(pointers)
            })
            .collect();
        let mut outputs = [bus(&mut output)];

        let changes = ComWrapper::new(Changes::new(block.params));
        let changes_out = ComWrapper::new(Changes::new(&[]));
        let events = ComWrapper::new(Events::new(block.notes));
        let events_out = ComWrapper::new(Events::new(&[]));
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
            processMode: ProcessModes_::kRealtime as i32,
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
        self.frames += block.frames as i64;
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
            context.barPositionMusic = (place.beats / 4.0).floor() * 4.0;
            context.timeSigNumerator = 4;
            context.timeSigDenominator = 4;
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

/// Notes of one block.
struct Events {
    notes: Vec<Event>,
}

impl Events {
    fn new(notes: &[Note]) -> Self {
        let notes = notes.iter().map(|note| {
            // SAFETY: a plain struct with a union of plain structs.
            let mut event: Event = unsafe { std::mem::zeroed() };
            event.sampleOffset = note.frame as i32;
            let (pitch, velocity) = (i16::from(note.key), note.velocity as f32);
            let channel = i16::from(note.channel);
            if note.on {
                event.r#type = EventTypes_::kNoteOnEvent as u16;
                event.__field0.noteOn.channel = channel;
                event.__field0.noteOn.pitch = pitch;
                event.__field0.noteOn.velocity = velocity;
                event.__field0.noteOn.noteId = -1;
            } else {
                event.r#type = EventTypes_::kNoteOffEvent as u16;
                event.__field0.noteOff.channel = channel;
                event.__field0.noteOff.pitch = pitch;
                event.__field0.noteOff.velocity = velocity;
                event.__field0.noteOff.noteId = -1;
            }
            event
        });
        Self {
            notes: notes.collect(),
        }
    }
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> i32 {
        self.notes.len() as i32
    }

    unsafe fn getEvent(&self, index: i32, event: *mut Event) -> tresult {
        match self.notes.get(index as usize) {
            Some(note) => {
                // SAFETY: the plugin hands over a writable event.
                unsafe { event.write(*note) };
                kResultOk
            }
            None => kResultFalse,
        }
    }

    unsafe fn addEvent(&self, _: *mut Event) -> tresult {
        kResultOk
    }
}
