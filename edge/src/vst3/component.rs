//! `IComponent`: nice-plug's, with the news of a loaded state told at its end.

use nice_plug::wrapper::vst3::{Vst3Plugin, Wrapper};
use vst3::Steinberg::Vst::{
    BusDirection, BusInfo, IComponentTrait, IoMode, MediaType, MediaTypes_::kAudio, RoutingInfo,
};
use vst3::Steinberg::{
    FUnknown, IBStream, IPluginBaseTrait, TBool, TUID, int32, kResultOk, tresult,
};

use super::Instance;
use super::forward::forward;

impl<P: Vst3Plugin> IPluginBaseTrait for Instance<P> {
    forward! { IPluginBaseTrait:
        fn initialize(context: *mut FUnknown) -> tresult;
        fn terminate() -> tresult;
    }
}

impl<P: Vst3Plugin> IComponentTrait for Instance<P> {
    forward! { IComponentTrait:
        fn getControllerClassId(class: *mut TUID) -> tresult;
        fn setIoMode(mode: IoMode) -> tresult;
        fn getBusCount(media: MediaType, direction: BusDirection) -> int32;
        fn getRoutingInfo(input: *mut RoutingInfo, output: *mut RoutingInfo) -> tresult;
        fn activateBus(
            media: MediaType, direction: BusDirection, index: int32, state: TBool,
        ) -> tresult;
    }

    unsafe fn getBusInfo(
        &self,
        media: MediaType,
        direction: BusDirection,
        index: int32,
        info: *mut BusInfo,
    ) -> tresult {
        // SAFETY: the host's contract: `info` is writable.
        unsafe {
            let result = self.inner.getBusInfo(media, direction, index, info);
            if result == kResultOk
                && media == kAudio as MediaType
                && let Some(channels) = self.sidechains.wanted(direction, index)
            {
                (*info).channelCount = channels;
            }
            result
        }
    }

    unsafe fn setActive(&self, state: TBool) -> tresult {
        self.sidechains.activate(&self.inner);
        // SAFETY: the host's contract.
        unsafe { self.inner.setActive(state) }
    }

    unsafe fn setState(&self, state: *mut IBStream) -> tresult {
        // SAFETY: the host's contract: a stream.
        let load = || unsafe { <Wrapper<P> as IComponentTrait>::setState(&self.inner, state) };
        self.host.load(load)
    }

    unsafe fn getState(&self, state: *mut IBStream) -> tresult {
        // SAFETY: as above.
        let result = unsafe { <Wrapper<P> as IComponentTrait>::getState(&self.inner, state) };
        // Hosts save on the main thread: news that found no way there go along.
        self.host.deliver();
        result
    }
}
