//! Interfaces that are nice-plug's alone.

use nice_plug::wrapper::vst3::Vst3Plugin;
use vst3::Steinberg::Vst::ChannelContext::IInfoListenerTrait;
use vst3::Steinberg::Vst::{
    BusDirection, CString, CtrlNumber, IAttributeList, IMidiMappingTrait,
    INoteExpressionControllerTrait, IProcessContextRequirementsTrait, IUnitInfoTrait, MediaType,
    NoteExpressionTypeID, NoteExpressionTypeInfo, NoteExpressionValue, ParamID, ProgramListID,
    ProgramListInfo, String128, TChar, UnitID, UnitInfo,
};
use vst3::Steinberg::{IBStream, int16, int32, tresult, uint32};

use super::Instance;

/// Methods of an interface that pass everything on to nice-plug.
macro_rules! forward {
    ($interface:ident: $(fn $name:ident($($argument:ident: $kind:ty),* $(,)?) -> $result:ty;)+) => {
        $(
            unsafe fn $name(&self, $($argument: $kind),*) -> $result {
                type Inner<P> = nice_plug::wrapper::vst3::Wrapper<P>;
                // SAFETY: the host's contract with us is its contract with nice-plug.
                unsafe { <Inner<P> as $interface>::$name(&self.inner, $($argument),*) }
            }
        )+
    };
}
pub(super) use forward;

impl<P: Vst3Plugin> IMidiMappingTrait for Instance<P> {
    forward! { IMidiMappingTrait:
        fn getMidiControllerAssignment(
            bus: int32, channel: int16, controller: CtrlNumber, id: *mut ParamID,
        ) -> tresult;
    }
}

impl<P: Vst3Plugin> INoteExpressionControllerTrait for Instance<P> {
    forward! { INoteExpressionControllerTrait:
        fn getNoteExpressionCount(bus: int32, channel: int16) -> int32;
        fn getNoteExpressionInfo(
            bus: int32, channel: int16, index: int32, info: *mut NoteExpressionTypeInfo,
        ) -> tresult;
        fn getNoteExpressionStringByValue(
            bus: int32, channel: int16, id: NoteExpressionTypeID, value: NoteExpressionValue,
            string: *mut String128,
        ) -> tresult;
        fn getNoteExpressionValueByString(
            bus: int32, channel: int16, id: NoteExpressionTypeID, string: *const TChar,
            value: *mut NoteExpressionValue,
        ) -> tresult;
    }
}

impl<P: Vst3Plugin> IProcessContextRequirementsTrait for Instance<P> {
    forward! { IProcessContextRequirementsTrait:
        fn getProcessContextRequirements() -> uint32;
    }
}

impl<P: Vst3Plugin> IUnitInfoTrait for Instance<P> {
    forward! { IUnitInfoTrait:
        fn getUnitCount() -> int32;
        fn getUnitInfo(index: int32, info: *mut UnitInfo) -> tresult;
        fn getProgramListCount() -> int32;
        fn getProgramListInfo(index: int32, info: *mut ProgramListInfo) -> tresult;
        fn getProgramName(list: ProgramListID, index: int32, name: *mut String128) -> tresult;
        fn getProgramInfo(
            list: ProgramListID, index: int32, attribute: CString, value: *mut String128,
        ) -> tresult;
        fn hasProgramPitchNames(list: ProgramListID, index: int32) -> tresult;
        fn getProgramPitchName(
            list: ProgramListID, index: int32, pitch: int16, name: *mut String128,
        ) -> tresult;
        fn getSelectedUnit() -> UnitID;
        fn selectUnit(unit: UnitID) -> tresult;
        fn getUnitByBus(
            media: MediaType, direction: BusDirection, bus: int32, channel: int32,
            unit: *mut UnitID,
        ) -> tresult;
        fn setUnitProgramData(list_or_unit: int32, index: int32, data: *mut IBStream) -> tresult;
    }
}

impl<P: Vst3Plugin> IInfoListenerTrait for Instance<P> {
    forward! { IInfoListenerTrait:
        fn setChannelContextInfos(list: *mut IAttributeList) -> tresult;
    }
}
