//! `IEditController`: nice-plug's, with the plugin's own descriptions.

use nice_plug::wrapper::vst3::{Vst3Plugin, Wrapper};
use vst3::ComRef;
use vst3::Steinberg::Vst::{
    IComponentHandler, IEditControllerTrait, ParamID, ParamValue, ParameterInfo, String128, TChar,
};
use vst3::Steinberg::{
    FIDString, IBStream, IPlugView, int32, kInvalidArgument, kResultFalse, kResultOk, tresult,
};

use super::Instance;
use super::forward::forward;
use crate::text::{read_utf16, write_utf16};

impl<P: Vst3Plugin> IEditControllerTrait for Instance<P> {
    forward! { IEditControllerTrait:
        fn setComponentState(state: *mut IBStream) -> tresult;
        fn setState(state: *mut IBStream) -> tresult;
        fn getState(state: *mut IBStream) -> tresult;
        fn getParameterCount() -> int32;
        fn getParamNormalized(id: ParamID) -> ParamValue;
        fn setParamNormalized(id: ParamID, value: ParamValue) -> tresult;
    }

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        // nice-plug 0.4.2 lets `index == count` pass and then panics.
        // SAFETY: plain values.
        if info.is_null() || index < 0 || index >= unsafe { self.inner.getParameterCount() } {
            return kInvalidArgument;
        }
        // SAFETY: the host's contract: `info` is writable; the index was checked.
        let result = unsafe { self.inner.getParameterInfo(index, info) };
        if result != kResultOk {
            return result;
        }
        // SAFETY: as above.
        let info = unsafe { &mut *info };
        if let Some((parameters, index)) = self.described(info.id)
            && let Some(description) = parameters.describe(index)
        {
            write_utf16(&description.name, &mut info.title);
            write_utf16(&description.name, &mut info.shortTitle);
            write_utf16(&description.unit, &mut info.units);
            info.defaultNormalizedValue = description.default_normalised.clamp(0.0, 1.0);
        }
        kResultOk
    }

    unsafe fn getParamStringByValue(
        &self,
        id: ParamID,
        value: ParamValue,
        string: *mut String128,
    ) -> tresult {
        if string.is_null() {
            return kInvalidArgument;
        }
        if let Some((parameters, index)) = self.described(id)
            && let Some(text) = parameters.text(index, value, false)
        {
            // SAFETY: the host's contract: a writable array.
            write_utf16(&text, unsafe { &mut *string });
            return kResultOk;
        }
        // SAFETY: as above.
        unsafe { self.inner.getParamStringByValue(id, value, string) }
    }

    unsafe fn getParamValueByString(
        &self,
        id: ParamID,
        string: *mut TChar,
        value: *mut ParamValue,
    ) -> tresult {
        if string.is_null() || value.is_null() {
            return kInvalidArgument;
        }
        if let Some((parameters, index)) = self.described(id) {
            // SAFETY: the host's contract: a text that ends in 0.
            let text = unsafe { read_utf16(string) };
            let Some(parsed) = text.and_then(|text| parameters.parse(index, &text)) else {
                return kResultFalse;
            };
            // SAFETY: the host's contract: writable.
            unsafe { value.write(parsed) };
            return kResultOk;
        }
        // SAFETY: as above.
        unsafe { self.inner.getParamValueByString(id, string, value) }
    }

    unsafe fn normalizedParamToPlain(&self, id: ParamID, value: ParamValue) -> ParamValue {
        match self.described(id) {
            Some((parameters, index)) => parameters.plain(index, value),
            // SAFETY: plain values.
            None => unsafe { self.inner.normalizedParamToPlain(id, value) },
        }
    }

    unsafe fn plainParamToNormalized(&self, id: ParamID, plain: ParamValue) -> ParamValue {
        match self.described(id) {
            Some((parameters, index)) => parameters.normalised(index, plain),
            // SAFETY: plain values.
            None => unsafe { self.inner.plainParamToNormalized(id, plain) },
        }
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: the host's contract: a handler, or null; we keep a reference.
        let own = unsafe { ComRef::from_raw(handler) }.map(|handler| handler.to_com_ptr());
        self.handler.set(own);
        // SAFETY: as above.
        let result = unsafe { self.inner.setComponentHandler(handler) };
        self.host.deliver();
        result
    }

    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        self.host.view_was_made();
        // On the main thread for certain: news that found no way there go along.
        self.host.deliver();
        // SAFETY: the host's contract: a text that ends in 0.
        unsafe { <Wrapper<P> as IEditControllerTrait>::createView(&self.inner, name) }
    }
}
