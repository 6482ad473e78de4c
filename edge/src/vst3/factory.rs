//! The VST3 class factory of the library.

use std::ffi::c_void;

use nice_plug::wrapper::vst3::PluginInfo;
use vst3::Class;
use vst3::Steinberg::{
    FIDString, FUnknown, IPluginFactory, IPluginFactory2, IPluginFactory2Trait, IPluginFactory3,
    IPluginFactory3Trait, IPluginFactoryTrait, PClassInfo, PClassInfo2, PClassInfoW, PFactoryInfo,
    TUID, int32, kInvalidArgument, kResultOk, tresult,
};

use crate::export::Exports;

/// The factory of a list of plugins.
pub(super) struct Factory {
    exports: &'static Exports,
    infos: Vec<PluginInfo>,
}

impl Factory {
    /// The factory of these plugins.
    pub(super) fn new(exports: &'static Exports) -> Self {
        let infos = exports
            .list()
            .iter()
            .map(|export| (export.info)())
            .collect();
        Self { exports, infos }
    }

    /// Writes what `describe` says of a class.
    ///
    /// # Safety
    /// `to` is null or writable.
    unsafe fn write<T>(&self, index: int32, to: *mut T, describe: fn(&PluginInfo) -> T) -> tresult {
        let info = usize::try_from(index)
            .ok()
            .and_then(|index| self.infos.get(index));
        match info {
            Some(info) if !to.is_null() => {
                // SAFETY: the caller's promise.
                unsafe { to.write(describe(info)) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's contract.
        unsafe { self.write(0, info, PluginInfo::create_factory_info) }
    }

    unsafe fn countClasses(&self) -> int32 {
        self.infos.len() as int32
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's contract.
        unsafe { self.write(index, info, PluginInfo::create_class_info) }
    }

    unsafe fn createInstance(
        &self,
        class: FIDString,
        interface: FIDString,
        object: *mut *mut c_void,
    ) -> tresult {
        if class.is_null() || interface.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: the host's contract: an id of 16 bytes.
        let class = unsafe { *class.cast::<[u8; 16]>() };
        let mut exports = self.infos.iter().zip(self.exports.list());
        let found = exports.find(|(info, _)| *info.cid == class);
        let Some(unknown) = found.and_then(|(_, export)| (export.create_vst3)()) else {
            return kInvalidArgument;
        };
        let unknown = unknown.as_ptr();
        // SAFETY: a live object; the host's contract: an id of 16 bytes and a place for a pointer.
        unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, interface.cast::<TUID>(), object) }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's contract.
        unsafe { self.write(index, info, PluginInfo::create_class_info_2) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's contract.
        unsafe { self.write(index, info, PluginInfo::create_class_info_unicode) }
    }

    unsafe fn setHostContext(&self, _: *mut FUnknown) -> tresult {
        kResultOk
    }
}
