//! A VST3 host of a few objects.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::Arc;

use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;
use vst3::{Class, ComPtr, ComWrapper, Interface};

use crate::{Block, Shown, TestHost, Told, edge_entries};

struct Handler(Arc<Told>);

impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        // Titles and values.
        let right = flags == 16 | 4;
        self.0.count(if right {
            &self.0.rescans
        } else {
            &self.0.wrong_flags
        });
        kResultOk
    }
}

impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, state: TBool) -> tresult {
        self.0.count(if state == 1 {
            &self.0.dirty
        } else {
            &self.0.wrong_flags
        });
        kResultOk
    }

    unsafe fn requestOpenEditor(&self, _: FIDString) -> tresult {
        kNotImplemented
    }

    unsafe fn startGroupEdit(&self) -> tresult {
        kResultOk
    }

    unsafe fn finishGroupEdit(&self) -> tresult {
        kResultOk
    }
}

#[derive(Default)]
struct Stream {
    bytes: RefCell<Vec<u8>>,
    at: Cell<usize>,
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, to: *mut c_void, count: int32, done: *mut int32) -> tresult {
        let bytes = self.bytes.borrow();
        let left = &bytes[self.at.get()..];
        let count = left.len().min(count as usize);
        // SAFETY: the plugin's memory has `count` bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(left.as_ptr(), to.cast(), count);
            done.write(count as int32);
        }
        self.at.set(self.at.get() + count);
        kResultOk
    }

    unsafe fn write(&self, from: *mut c_void, count: int32, done: *mut int32) -> tresult {
        // SAFETY: the plugin's memory holds `count` bytes.
        unsafe {
            let new = std::slice::from_raw_parts(from.cast::<u8>(), count as usize);
            self.bytes.borrow_mut().extend_from_slice(new);
            done.write(count);
        }
        kResultOk
    }

    unsafe fn seek(&self, offset: int64, mode: int32, result: *mut int64) -> tresult {
        let base = [0, self.at.get(), self.bytes.borrow().len()][mode as usize];
        self.at.set((base as i64 + offset) as usize);
        if !result.is_null() {
            // SAFETY: writable when not null.
            unsafe { result.write(self.at.get() as i64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, position: *mut int64) -> tresult {
        // SAFETY: writable.
        unsafe { position.write(self.at.get() as i64) };
        kResultOk
    }
}

struct Queue {
    id: ParamID,
    points: Vec<(u32, f64)>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.id
    }

    unsafe fn getPointCount(&self) -> int32 {
        self.points.len() as int32
    }

    unsafe fn getPoint(&self, index: int32, offset: *mut int32, value: *mut f64) -> tresult {
        let Some((frame, point)) = self.points.get(index as usize) else {
            return kInvalidArgument;
        };
        // SAFETY: writable.
        unsafe {
            offset.write(*frame as int32);
            value.write(*point);
        }
        kResultOk
    }

    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kNotImplemented
    }
}

struct Changes(Vec<ComPtr<IParamValueQueue>>);

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let queue = self.0.get(index as usize);
        queue.map_or(std::ptr::null_mut(), |queue| queue.as_ptr())
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

struct Notes(Vec<(u32, u8)>);

impl Class for Notes {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Notes {
    unsafe fn getEventCount(&self) -> int32 {
        self.0.len() as int32
    }

    unsafe fn getEvent(&self, index: int32, event: *mut Event) -> tresult {
        let Some((frame, key)) = self.0.get(index as usize) else {
            return kInvalidArgument;
        };
        // SAFETY: a struct of numbers, for which zeros are a value; `event` is writable.
        unsafe {
            let mut note: Event = std::mem::zeroed();
            note.sampleOffset = *frame as int32;
            note.r#type = Event_::EventTypes_::kNoteOnEvent as u16;
            note.__field0.noteOn = NoteOnEvent {
                channel: 0,
                pitch: i16::from(*key),
                tuning: 0.0,
                velocity: 1.0,
                length: 0,
                noteId: -1,
            };
            event.write(note);
        }
        kResultOk
    }

    unsafe fn addEvent(&self, _: *mut Event) -> tresult {
        kNotImplemented
    }
}

/// A host with one instance.
pub struct Vst3Side {
    told: Arc<Told>,
    component: ComPtr<IComponent>,
    controller: ComPtr<IEditController>,
    processor: ComPtr<IAudioProcessor>,
    _handler: ComWrapper<Handler>,
}

fn text(units: &[u16]) -> String {
    let end = units.iter().position(|u| *u == 0).expect("a 0");
    String::from_utf16(&units[..end]).expect("UTF-16")
}

impl Vst3Side {
    pub fn new() -> Self {
        // SAFETY: the calls of the standard, in its order.
        unsafe {
            assert!(edge_entries::ModuleEntry(std::ptr::null_mut()));
            let factory = edge_entries::GetPluginFactory().cast::<IPluginFactory>();
            let factory = ComPtr::from_raw(factory).expect("a factory");
            let factory = factory.cast::<IPluginFactory3>().expect("its newest face");
            assert_eq!(factory.countClasses(), 1);
            let mut info: PClassInfoW = std::mem::zeroed();
            assert_eq!(
                factory.getClassInfoUnicode(1, &raw mut info),
                kInvalidArgument
            );
            assert_eq!(factory.getClassInfoUnicode(0, &raw mut info), kResultOk);
            assert_eq!(text(&info.name), "Named");
            let mut object: *mut c_void = std::ptr::null_mut();
            let iid = IComponent::IID.as_ptr().cast();
            let other: TUID = [0; 16];
            let result = factory.createInstance(other.as_ptr(), iid, &raw mut object);
            assert_eq!(result, kInvalidArgument);
            let result = factory.createInstance(info.cid.as_ptr(), iid, &raw mut object);
            assert_eq!(result, kResultOk);
            let component = ComPtr::from_raw(object.cast::<IComponent>()).expect("an object");
            assert_eq!(component.initialize(std::ptr::null_mut()), kResultOk);
            let controller = component.cast::<IEditController>().expect("a controller");
            let processor = component.cast::<IAudioProcessor>().expect("a processor");
            let told = Arc::new(Told::default());
            let handler = ComWrapper::new(Handler(told.clone()));
            let pointer = handler
                .to_com_ptr::<IComponentHandler>()
                .expect("a handler");
            controller.setComponentHandler(pointer.as_ptr());
            let mut setup = ProcessSetup {
                processMode: ProcessModes_::kRealtime as int32,
                symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
                maxSamplesPerBlock: 64,
                sampleRate: 48_000.0,
            };
            assert_eq!(processor.setupProcessing(&raw mut setup), kResultOk);
            assert_eq!(component.setActive(1), kResultOk);
            assert_eq!(processor.setProcessing(1), kResultOk);
            Self {
                told,
                component,
                controller,
                processor,
                _handler: handler,
            }
        }
    }

    fn info(&self, index: int32) -> Option<ParameterInfo> {
        // SAFETY: a struct of numbers and characters.
        unsafe {
            let mut info: ParameterInfo = std::mem::zeroed();
            let result = self.controller.getParameterInfo(index, &raw mut info);
            (result == kResultOk).then_some(info)
        }
    }

    /// The value in its unit, and back.
    pub fn plain(&self, id: u32, normalised: f64) -> (f64, f64) {
        // SAFETY: plain values.
        unsafe {
            let plain = self.controller.normalizedParamToPlain(id, normalised);
            (plain, self.controller.plainParamToNormalized(id, plain))
        }
    }

    /// Arranges the buses with so many channels (main input, side chain, output) while not active.
    /// Whether the plugin agrees; what it then says of the side chain: arrangement and width.
    pub fn arrange(&self, channels: [u32; 3]) -> (bool, u64, i32) {
        let [main, sidechain, output] = channels.map(|count| (1u64 << count) - 1);
        let (mut inputs, mut outputs) = ([main, sidechain], [output]);
        // SAFETY: the calls of the standard, in its order.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
            let (inputs, outputs) = (inputs.as_mut_ptr(), outputs.as_mut_ptr());
            let result = self.processor.setBusArrangements(inputs, 2, outputs, 1);
            let mut arrangement = 0;
            let input = BusDirections_::kInput as BusDirection;
            let answer = self
                .processor
                .getBusArrangement(input, 1, &raw mut arrangement);
            assert_eq!(answer, kResultOk);
            let mut info: BusInfo = std::mem::zeroed();
            let audio = MediaTypes_::kAudio as MediaType;
            let answer = self.component.getBusInfo(audio, input, 1, &raw mut info);
            assert_eq!(answer, kResultOk);
            assert_eq!(self.component.setActive(1), kResultOk);
            assert_eq!(self.processor.setProcessing(1), kResultOk);
            (result == kResultOk, arrangement, info.channelCount)
        }
    }

    /// Asks each interface for all others.
    pub fn query_all(&self) {
        let iids = [
            FUnknown::IID,
            IPluginBase::IID,
            IComponent::IID,
            IEditController::IID,
            IAudioProcessor::IID,
            IMidiMapping::IID,
            INoteExpressionController::IID,
            IProcessContextRequirements::IID,
            IUnitInfo::IID,
            ChannelContext::IInfoListener::IID,
        ];
        let query = |from: *mut FUnknown, iid: &[u8; 16]| {
            let mut object: *mut c_void = std::ptr::null_mut();
            // SAFETY: a live object; what comes back is a reference of ours.
            unsafe {
                let result =
                    ((*(*from).vtbl).queryInterface)(from, iid.as_ptr().cast(), &raw mut object);
                assert_eq!(result, kResultOk, "{iid:02x?}");
                ComPtr::from_raw(object.cast::<FUnknown>()).expect("a reference")
            }
        };
        let unknown = self.component.as_ptr().cast::<FUnknown>();
        let identity = query(unknown, &FUnknown::IID);
        for from in &iids {
            let from = query(unknown, from);
            for to in &iids {
                let to = query(from.as_ptr(), to);
                let same = query(to.as_ptr(), &FUnknown::IID);
                assert_eq!(same.as_ptr(), identity.as_ptr(), "one object");
            }
        }
        let mut object: *mut c_void = std::ptr::null_mut();
        // SAFETY: as above.
        let result = unsafe {
            let iid = IPluginFactory::IID;
            ((*(*unknown).vtbl).queryInterface)(unknown, iid.as_ptr().cast(), &raw mut object)
        };
        assert_ne!(result, kResultOk, "what it is not");
    }
}

impl Drop for Vst3Side {
    fn drop(&mut self) {
        // SAFETY: the calls of the standard, in its order.
        unsafe {
            self.processor.setProcessing(0);
            self.component.setActive(0);
            self.controller.setComponentHandler(std::ptr::null_mut());
            self.component.terminate();
        }
    }
}

impl TestHost for Vst3Side {
    fn told(&self) -> &Told {
        &self.told
    }

    fn idle(&self) {
        // A plugin without an editor and without a run loop gets to the main thread when the host
        // next asks for something there.
        // SAFETY: the standard's call.
        let view = unsafe { self.controller.createView(c"editor".as_ptr()) };
        assert!(view.is_null());
    }

    fn shown(&self) -> Vec<Shown> {
        // SAFETY: plain values.
        let count = unsafe { self.controller.getParameterCount() };
        let infos = (0..count).map(|index| self.info(index).expect("a parameter"));
        // Behind the plugin's own come those that stand for MIDI controllers.
        let own = infos.filter(|info| info.flags & ParameterInfo_::ParameterFlags_::kIsHidden == 0);
        own.map(|info| Shown {
            id: info.id,
            name: text(&info.title),
            unit: text(&info.units),
            default: info.defaultNormalizedValue * f64::from(info.stepCount.max(1)),
        })
        .collect()
    }

    fn shows_too_many(&self) -> bool {
        // SAFETY: plain values.
        let count = unsafe { self.controller.getParameterCount() };
        self.info(count).is_some() || self.info(-1).is_some()
    }

    fn text(&self, id: u32, value: f64) -> String {
        let mut units: String128 = [0; 128];
        // SAFETY: the array is writable.
        let result = unsafe {
            self.controller
                .getParamStringByValue(id, value, &raw mut units)
        };
        assert_eq!(result, kResultOk);
        text(&units)
    }

    fn parse(&self, id: u32, text: &str) -> Option<f64> {
        let mut units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut value = 0.0;
        // SAFETY: a text that ends in 0.
        let result = unsafe {
            let units = units.as_mut_ptr();
            self.controller
                .getParamValueByString(id, units, &raw mut value)
        };
        (result == kResultOk).then_some(value)
    }

    fn value(&self, id: u32) -> f64 {
        // SAFETY: plain values.
        unsafe { self.controller.getParamNormalized(id) }
    }

    fn save(&self) -> Vec<u8> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().expect("a stream");
        // SAFETY: the stream lives through the call.
        let result = unsafe { self.component.getState(pointer.as_ptr()) };
        assert_eq!(result, kResultOk);
        stream.bytes.take()
    }

    fn load(&self, state: &[u8]) {
        let stream = ComWrapper::new(Stream::default());
        stream.bytes.replace(state.to_owned());
        let pointer = stream.to_com_ptr::<IBStream>().expect("a stream");
        // SAFETY: the stream lives through the call.
        let result = unsafe { self.component.setState(pointer.as_ptr()) };
        assert_eq!(result, kResultOk);
    }

    fn process(&self, block: Block<'_>) {
        self.process_arranged(block, [2, 2, 2]);
    }
}

impl Vst3Side {
    /// Processes with so many channels (main input, side chain, output). The left channel of the
    /// side chain is 0.5, the right one too, or 0.25 if there are two beside a mono input.
    pub fn process_arranged(&self, block: Block<'_>, channels: [i32; 3]) {
        let id = self.info(1).expect("a").id;
        let queue = ComWrapper::new(Queue {
            id,
            points: block.a.to_owned(),
        });
        let queue = queue.to_com_ptr::<IParamValueQueue>().expect("a queue");
        let changes = ComWrapper::new(Changes(vec![queue]));
        let changes = changes.to_com_ptr::<IParameterChanges>().expect("changes");
        let notes = ComWrapper::new(Notes(block.notes.to_owned()));
        let notes = notes.to_com_ptr::<IEventList>().expect("notes");
        let mut silence = [[0.0f32; 64]; 2];
        let right = if channels[0] == 1 { 0.25 } else { 0.5 };
        let mut loud = [[0.5f32; 64], [right; 64]];
        let mut output = [[0.0f32; 64]; 2];
        let mut pointers = [&mut silence, &mut loud, &mut output]
            .map(|bus| bus.each_mut().map(|channel| channel.as_mut_ptr()));
        let mut widths = channels.into_iter();
        let [main, sidechain, mut output] = pointers.each_mut().map(|bus| AudioBusBuffers {
            numChannels: widths.next().unwrap_or(0),
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 {
                channelBuffers32: bus.as_mut_ptr(),
            },
        });
        let mut inputs = [main, sidechain];
        let mut data = ProcessData {
            processMode: ProcessModes_::kRealtime as int32,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            numSamples: block.frames as int32,
            numInputs: if block.sidechain { 2 } else { 1 },
            numOutputs: 1,
            inputs: inputs.as_mut_ptr(),
            outputs: &raw mut output,
            inputParameterChanges: changes.as_ptr(),
            outputParameterChanges: std::ptr::null_mut(),
            inputEvents: notes.as_ptr(),
            outputEvents: std::ptr::null_mut(),
            processContext: std::ptr::null_mut(),
        };
        // SAFETY: everything lives through the call.
        let result = unsafe { self.processor.process(&raw mut data) };
        assert_eq!(result, kResultOk);
    }
}
