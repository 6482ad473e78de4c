//! VST3: a host on the `vst3` crate's bindings.

// COM from end to end.
#![allow(unsafe_code)]

mod audio;
mod buses;
mod com;
mod module;

use std::ffi::c_void;
use std::path::Path;

use anyhow::{Context, Result, bail};
use vst3::Steinberg::Vst::{
    BusDirections_::{kInput, kOutput},
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentHandler, IComponentTrait,
    IEditController, IEditControllerTrait, IMidiMapping, IMidiMappingTrait,
    MediaTypes_::{kAudio, kEvent},
    ParameterInfo,
    ParameterInfo_::ParameterFlags_,
    ProcessModes_, ProcessSetup, String128, SymbolicSampleSizes_,
};
use vst3::Steinberg::{
    FUnknown, IBStream, IPlugFrame, IPlugView, IPlugViewTrait, IPluginBaseTrait, ViewRect,
    kPlatformTypeX11EmbedWindowID, kResultOk, kResultTrue,
};
use vst3::{ComPtr, ComWrapper, Interface};

use crate::drive::AudioHalf;
use crate::host::{Format, Host, Kind, Listing, ParamInfo, ProcessMode, Requests};
use audio::{CONTROLLERS, Controllers, Vst3Audio};
use com::{Frame, Handler, HostApplication, Stream};
use module::Module;

/// Where the MIDI controllers of nice-plug's VST3 wrapper begin to be called.
const MIDI_NAME: &str = "MIDI Ch.";

/// A loaded VST3 plugin.
pub struct Vst3Host {
    mode: ProcessMode,
    audio: Option<Vst3Audio>,
    view: Option<ComPtr<IPlugView>>,
    controller: ComPtr<IEditController>,
    processor: ComPtr<IAudioProcessor>,
    component: ComPtr<IComponent>,
    frame: ComWrapper<Frame>,
    handler: ComWrapper<Handler>,
    _application: ComWrapper<HostApplication>,
    _module: Module,
}

/// Lists the classes of a library.
///
/// # Errors
/// It is no VST3 library.
pub fn scan(library: &Path) -> Result<Vec<Listing>> {
    Module::load(library)?.list()
}

/// Text of a UTF-16 array.
fn text(characters: &String128) -> String {
    let end = characters
        .iter()
        .position(|c| *c == 0)
        .unwrap_or(characters.len());
    String::from_utf16_lossy(&characters[..end])
}

impl Vst3Host {
    /// Makes an instance.
    ///
    /// # Errors
    /// The library or the class in it cannot be loaded.
    pub fn load(library: &Path, kind: Kind) -> Result<Self> {
        let module = Module::load(library)?;
        let component: ComPtr<IComponent> = module.create(kind.name())?;
        let application = ComWrapper::new(HostApplication);
        let context = application
            .to_com_ptr::<FUnknown>()
            .context("a host application")?;
        // SAFETY: the context lives as long as this host.
        let result = unsafe { component.initialize(context.as_ptr()) };
        if result != kResultOk {
            bail!("the component does not initialise ({result})");
        }
        let processor = component
            .cast::<IAudioProcessor>()
            .context("no audio processor")?;
        let controller = component
            .cast::<IEditController>()
            .context("no edit controller")?;
        let handler = ComWrapper::new(Handler::default());
        let pointer = handler
            .to_com_ptr::<IComponentHandler>()
            .context("a component handler")?;
        // SAFETY: the handler lives as long as this host.
        unsafe { controller.setComponentHandler(pointer.as_ptr()) };
        Ok(Self {
            mode: ProcessMode::default(),
            audio: None,
            view: None,
            controller,
            processor,
            component,
            frame: ComWrapper::new(Frame::default()),
            handler,
            _application: application,
            _module: module,
        })
    }

    /// The parameters that stand for MIDI controllers.
    fn controllers(&self) -> Controllers {
        let Some(mapping) = self.controller.cast::<IMidiMapping>() else {
            return Vec::new();
        };
        let find = |channel: i16, number: usize| {
            let mut id = 0;
            // SAFETY: `id` is writable.
            let result = unsafe {
                mapping.getMidiControllerAssignment(0, channel, number as i16, &raw mut id)
            };
            (result == kResultOk).then_some(id)
        };
        let channel = |channel: i16| {
            let mut ids = [0; CONTROLLERS];
            for (number, id) in ids.iter_mut().enumerate() {
                *id = find(channel, number)?;
            }
            Some(ids)
        };
        (0..16).map_while(channel).collect()
    }
}

impl Drop for Vst3Host {
    fn drop(&mut self) {
        self.close_editor();
        self.deactivate();
        // SAFETY: the last calls before the references go.
        unsafe {
            self.controller.setComponentHandler(std::ptr::null_mut());
            self.component.terminate();
        }
    }
}

impl Host for Vst3Host {
    fn format(&self) -> Format {
        Format::Vst3
    }

    fn params(&mut self) -> Vec<ParamInfo> {
        // SAFETY: plain calls; `info` is writable.
        let count = unsafe { self.controller.getParameterCount() };
        let mut found = Vec::new();
        for index in 0..count {
            // SAFETY: a plain struct of numbers and characters.
            let mut info: ParameterInfo = unsafe { std::mem::zeroed() };
            // SAFETY: as above.
            if unsafe { self.controller.getParameterInfo(index, &raw mut info) } != kResultOk {
                continue;
            }
            let name = text(&info.title);
            let has = |flag: i32| info.flags & flag != 0;
            if has(ParameterFlags_::kIsHidden) && name.starts_with(MIDI_NAME) {
                continue;
            }
            found.push(ParamInfo {
                id: info.id,
                name,
                default: info.defaultNormalizedValue,
                steps: info.stepCount.max(0) as u32,
                bypass: has(ParameterFlags_::kIsBypass),
            });
        }
        found
    }

    fn param_value(&mut self, id: u32) -> Option<f64> {
        // SAFETY: plain values.
        Some(unsafe { self.controller.getParamNormalized(id) })
    }

    fn value_to_text(&mut self, id: u32, value: f64) -> Option<String> {
        let mut characters: String128 = [0; 128];
        // SAFETY: the array is writable.
        let result = unsafe {
            self.controller
                .getParamStringByValue(id, value, &raw mut characters)
        };
        (result == kResultOk).then(|| text(&characters))
    }

    fn text_to_value(&mut self, id: u32, text: &str) -> Option<f64> {
        let mut characters: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut value = 0.0;
        // SAFETY: a text that ends in 0, and a writable number.
        let result = unsafe {
            self.controller
                .getParamValueByString(id, characters.as_mut_ptr(), &raw mut value)
        };
        (result == kResultOk).then_some(value)
    }

    fn latency_frames(&mut self) -> u32 {
        // SAFETY: plain values.
        unsafe { self.processor.getLatencySamples() }
    }

    fn tail_frames(&mut self) -> u32 {
        // SAFETY: plain values.
        unsafe { self.processor.getTailSamples() }
    }

    fn main_channels(&mut self) -> (u32, u32) {
        let main = |direction| buses::widths(&self.component, direction).first().copied();
        (
            main(kInput as i32).unwrap_or(0),
            main(kOutput as i32).unwrap_or(0),
        )
    }

    fn set_channels(&mut self, channels: u32) -> Result<()> {
        buses::arrange(&self.component, &self.processor, channels)
    }

    fn set_process_mode(&mut self, mode: ProcessMode) -> Result<()> {
        if self.audio.is_some() {
            bail!("the mode of an active plugin stays");
        }
        self.mode = mode;
        Ok(())
    }

    fn activate(&mut self, sample_rate: f64, max_frames: u32) -> Result<()> {
        if self.audio.is_some() {
            bail!("active already");
        }
        let process_mode = match self.mode {
            ProcessMode::Offline => ProcessModes_::kOffline,
            ProcessMode::Realtime => ProcessModes_::kRealtime,
        } as i32;
        let mut setup = ProcessSetup {
            processMode: process_mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as i32,
            maxSamplesPerBlock: max_frames as i32,
            sampleRate: sample_rate,
        };
        // SAFETY: the order of calls is the standard's: buses, setup, active, processing.
        unsafe {
            for direction in [kInput as i32, kOutput as i32] {
                for media in [kAudio as i32, kEvent as i32] {
                    for index in 0..self.component.getBusCount(media, direction) {
                        self.component.activateBus(media, direction, index, 1);
                    }
                }
            }
            let result = self.processor.setupProcessing(&raw mut setup);
            if result != kResultOk {
                bail!("the plugin refuses the set-up ({result})");
            }
            let result = self.component.setActive(1);
            if result != kResultOk {
                bail!("the plugin does not activate ({result})");
            }
            self.processor.setProcessing(1);
        }
        let inputs = buses::widths(&self.component, kInput as i32);
        self.audio = Some(Vst3Audio::new(
            self.processor.clone(),
            process_mode,
            sample_rate,
            inputs,
            self.controllers(),
        ));
        Ok(())
    }

    fn deactivate(&mut self) {
        if self.audio.take().is_some() {
            // SAFETY: active, and no process call runs.
            unsafe {
                self.processor.setProcessing(0);
                self.component.setActive(0);
            }
        }
    }

    fn reset(&mut self) {
        if self.audio.is_some() {
            // SAFETY: no process call runs.
            unsafe {
                self.processor.setProcessing(0);
                self.processor.setProcessing(1);
            }
        }
    }

    fn save_state(&mut self) -> Result<Vec<u8>> {
        let stream = ComWrapper::new(Stream::default());
        let pointer = stream.to_com_ptr::<IBStream>().context("a stream")?;
        // SAFETY: the stream lives through the call.
        let result = unsafe { self.component.getState(pointer.as_ptr()) };
        if result != kResultOk {
            bail!("the plugin does not save its state ({result})");
        }
        Ok(stream.take())
    }

    fn load_state(&mut self, state: &[u8], _: usize) -> Result<()> {
        // Some hosts put a header in front and hand over the stream behind it.
        let stream = ComWrapper::new(Stream::with_header(b"header of a host", state));
        let pointer = stream.to_com_ptr::<IBStream>().context("a stream")?;
        // SAFETY: the stream lives through the calls.
        let result = unsafe { self.component.setState(pointer.as_ptr()) };
        if result != kResultOk {
            bail!("the plugin refuses the state ({result})");
        }
        stream.rewind();
        // SAFETY: as above. Hosts hand the component's state to the controller as well.
        unsafe { self.controller.setComponentState(pointer.as_ptr()) };
        Ok(())
    }

    fn idle(&mut self) {
        self.frame.serve();
    }

    fn take_requests(&mut self) -> Requests {
        self.handler.take()
    }

    fn open_editor(&mut self, parent: u32) -> Result<(u32, u32)> {
        // SAFETY: a fresh view belongs to us; the frame and the parent window outlive it.
        unsafe {
            let view = ComPtr::from_raw(self.controller.createView(c"editor".as_ptr()))
                .context("the plugin has no editor")?;
            if view.isPlatformTypeSupported(kPlatformTypeX11EmbedWindowID) != kResultTrue {
                bail!("the editor cannot be embedded in an X11 window");
            }
            let frame = self.frame.to_com_ptr::<IPlugFrame>().context("a frame")?;
            view.setFrame(frame.as_ptr());
            let mut size = ViewRect {
                left: 0,
                top: 0,
                right: 0,
                bottom: 0,
            };
            view.getSize(&raw mut size);
            let handle = parent as usize as *mut c_void;
            let result = view.attached(handle, kPlatformTypeX11EmbedWindowID);
            if result != kResultOk {
                bail!("the editor does not open ({result})");
            }
            self.view = Some(view);
            Ok((
                (size.right - size.left) as u32,
                (size.bottom - size.top) as u32,
            ))
        }
    }

    fn resize_editor(&mut self, width: u32, height: u32) -> bool {
        let Some(view) = &self.view else { return false };
        let mut size = ViewRect {
            left: 0,
            top: 0,
            right: width as i32,
            bottom: height as i32,
        };
        // SAFETY: the view is attached; `size` is writable.
        unsafe {
            view.canResize() == kResultTrue
                && view.checkSizeConstraint(&raw mut size) == kResultTrue
                && view.onSize(&raw mut size) == kResultOk
        }
    }

    fn close_editor(&mut self) {
        if let Some(view) = self.view.take() {
            // SAFETY: the view was attached.
            unsafe {
                view.setFrame(std::ptr::null_mut());
                view.removed();
            }
        }
    }

    fn take_audio(&mut self) -> Option<Box<dyn AudioHalf>> {
        self.audio
            .take()
            .map(|audio| Box::new(audio) as Box<dyn AudioHalf>)
    }

    fn return_audio(&mut self, audio: Box<dyn AudioHalf>) {
        self.audio = audio.into_any().downcast().ok().map(|audio| *audio);
    }
}

/// The interface's id as the factory wants it.
fn iid<I: Interface>() -> *const std::ffi::c_char {
    I::IID.as_ptr().cast()
}
