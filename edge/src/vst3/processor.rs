//! `IAudioProcessor`: gathers automation before nice-plug sees it, mends what nice-plug 0.4.2 does
//! to blocks without frames and to missing buses, and tells which channels are silent.
//!
//! Thread of `process`: audio. Nothing there allocates, locks or waits.

use nice_plug::wrapper::vst3::Vst3Plugin;
use vst3::ComRef;
use vst3::Steinberg::Vst::{
    AudioBusBuffers, BusDirection, Event, IAudioProcessorTrait, IEventListTrait,
    IParamValueQueueTrait, IParameterChanges, IParameterChangesTrait, ProcessData, ProcessSetup,
    SpeakerArr, SpeakerArrangement, SymbolicSampleSizes_::kSample32,
};
use vst3::Steinberg::{TBool, int32, kInvalidArgument, kResultFalse, kResultOk, tresult, uint32};

use super::Instance;
use super::forward::forward;
use super::lists::Lists;
use super::sidechains::Sidechains;
use crate::automation::{Change, Gather};
use crate::host::ENDLESS_TAIL;
use crate::ids::Ids;
use crate::silence::silent_channels;

/// Gathers the automation of a block.
///
/// # Safety
/// The host's object is valid or null.
unsafe fn gather(changes: *mut IParameterChanges, ids: &Ids, to: &mut Gather<'_>) {
    // SAFETY: the caller's promise; queues live as long as the object, through this call.
    unsafe {
        let Some(changes) = ComRef::from_raw(changes) else {
            return;
        };
        for index in 0..changes.getParameterCount() {
            let Some(queue) = ComRef::from_raw(changes.getParameterData(index)) else {
                continue;
            };
            let Some(position) = ids.position(queue.getParameterId()) else {
                continue;
            };
            for point in 0..queue.getPointCount() {
                let (mut offset, mut value) = (0, 0.0);
                if queue.getPoint(point, &raw mut offset, &raw mut value) == kResultOk {
                    let frame = usize::try_from(offset).unwrap_or(0);
                    to.push(frame, position, Change::Value, value);
                }
            }
        }
    }
}

/// Tells which channels of the outputs are silent; of none if there are no frames.
///
/// # Safety
/// The host's buses are valid and hold so many frames.
unsafe fn tell_silence(data: &ProcessData, frames: usize) {
    let count = usize::try_from(data.numOutputs).unwrap_or(0);
    if data.outputs.is_null() {
        return;
    }
    // Samples of another size are nothing that nice-plug writes.
    let is_known = data.symbolicSampleSize == kSample32 as int32;
    let frames = if is_known { frames } else { 0 };
    // SAFETY: the caller's promise; the marks are the plugin's to write.
    unsafe {
        for bus in std::slice::from_raw_parts_mut(data.outputs, count) {
            let channels = usize::try_from(bus.numChannels).unwrap_or(0);
            bus.silenceFlags = silent_channels(bus.__field0.channelBuffers32, channels, frames);
        }
    }
}

impl<P: Vst3Plugin> Instance<P> {
    /// Runs nice-plug's `process` on a block with frames.
    ///
    /// # Safety
    /// As the host's call of `process`.
    unsafe fn run(&self, host: &ProcessData, lists: &Lists) -> tresult {
        // SAFETY: the caller's promise.
        unsafe {
            self.sidechains
                .with_inputs(host, |inputs| self.run_with(host, inputs, lists))
        }
    }

    /// Runs nice-plug's `process` with these input buses.
    ///
    /// # Safety
    /// As the host's call of `process`; the buses are valid.
    unsafe fn run_with(
        &self,
        host: &ProcessData,
        inputs: *mut AudioBusBuffers,
        lists: &Lists,
    ) -> tresult {
        // SAFETY: the caller's promise. The lists point to the host's for this call only.
        unsafe {
            let mut data = ProcessData {
                inputs,
                inputParameterChanges: lists.changes(host.inputParameterChanges),
                inputEvents: lists.events(host.inputEvents),
                ..*host
            };
            let result = self.inner.process(&raw mut data);
            lists.release();
            result
        }
    }

    /// Keeps the notes of a block without frames: nice-plug reads and forgets them.
    ///
    /// # Safety
    /// As the host's call of `process`.
    unsafe fn hold(&self, host: &ProcessData, lists: &Lists) {
        // SAFETY: the caller's promise.
        unsafe {
            let Some(events) = ComRef::from_raw(host.inputEvents) else {
                return;
            };
            for index in 0..events.getEventCount() {
                // A plain struct of numbers, for which zeros are a value.
                let mut event: Event = std::mem::zeroed();
                if events.getEvent(index, &raw mut event) == kResultOk {
                    event.sampleOffset = 0;
                    lists.hold(event);
                }
            }
        }
    }
}

impl<P: Vst3Plugin> IAudioProcessorTrait for Instance<P> {
    forward! { IAudioProcessorTrait:
        fn canProcessSampleSize(size: int32) -> tresult;
        fn getLatencySamples() -> uint32;
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        if self.host.has_endless_tail() {
            return ENDLESS_TAIL;
        }
        // SAFETY: plain values.
        unsafe { self.inner.getTailSamples() }
    }

    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        input_count: int32,
        outputs: *mut SpeakerArrangement,
        output_count: int32,
    ) -> tresult {
        let wanted = match usize::try_from(input_count) {
            // SAFETY: the host's contract: as many arrangements as told.
            Ok(count) if !inputs.is_null() => unsafe { std::slice::from_raw_parts(inputs, count) },
            _ => &[],
        };
        if !Sidechains::can_take(&self.inner, wanted) {
            return kResultFalse;
        }
        // SAFETY: the host's contract. nice-plug looks at the main buses only.
        let result = unsafe {
            self.inner
                .setBusArrangements(inputs, input_count, outputs, output_count)
        };
        if result == kResultOk {
            self.sidechains.take(&self.inner, wanted);
        }
        result
    }

    unsafe fn getBusArrangement(
        &self,
        direction: BusDirection,
        index: int32,
        arrangement: *mut SpeakerArrangement,
    ) -> tresult {
        // SAFETY: the host's contract: `arrangement` is writable.
        unsafe {
            let result = self.inner.getBusArrangement(direction, index, arrangement);
            if result == kResultOk
                && let Some(channels) = self.sidechains.wanted(direction, index)
            {
                let mono = channels == 1;
                arrangement.write(if mono {
                    SpeakerArr::kMono
                } else {
                    SpeakerArr::kStereo
                });
            }
            result
        }
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        // SAFETY: the host's contract: `setup` is readable, or null.
        unsafe {
            let frames = setup.as_ref().map_or(0, |setup| setup.maxSamplesPerBlock);
            self.sidechains
                .prepare(usize::try_from(frames).unwrap_or(0));
            // nice-plug 0.4.2 notes the process mode after it has made the configuration from the
            // mode before: an offline render would be taken for a live one, and the next live one
            // for offline. The second call finds the right mode noted.
            self.inner.setupProcessing(setup);
            self.inner.setupProcessing(setup)
        }
    }

    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        self.lists.forget();
        // SAFETY: the host's contract.
        unsafe { self.inner.setProcessing(state) }
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // SAFETY: the host's contract: a valid description, on one thread at a time.
        unsafe {
            let Some(host) = data.as_ref() else {
                return kInvalidArgument;
            };
            let Ok(frames) = usize::try_from(host.numSamples) else {
                return kInvalidArgument;
            };
            let lists = &*self.lists;
            let run = || {
                if frames == 0 {
                    self.hold(host, lists);
                    kResultOk
                } else {
                    self.run(host, lists)
                }
            };
            let result = match self.host.automation() {
                Some(automation) => automation.block(
                    frames,
                    |to| gather(host.inputParameterChanges, lists.ids(), to),
                    run,
                ),
                None => run(),
            };
            // What an error leaves in the buffers is not known.
            tell_silence(host, if result == kResultOk { frames } else { 0 });
            result
        }
    }
}
