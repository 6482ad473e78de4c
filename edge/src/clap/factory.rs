//! The CLAP factory of the library.

use std::ffi::{CStr, c_char, c_void};

use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};

use crate::export::Exports;

/// The factory of a list of plugins.
#[repr(C)]
#[derive(Debug)]
pub struct Factory {
    /// What the host sees. First, so that its address is the factory's.
    table: clap_plugin_factory,
    exports: &'static Exports,
}

impl Factory {
    /// The factory of these plugins.
    #[must_use]
    pub const fn new(exports: &'static Exports) -> Self {
        let table = clap_plugin_factory {
            get_plugin_count: Some(get_plugin_count),
            get_plugin_descriptor: Some(get_plugin_descriptor),
            create_plugin: Some(create_plugin),
        };
        Self { table, exports }
    }
}

/// The entry's `get_factory`.
///
/// # Safety
/// `id` is null or a text that ends in 0.
#[must_use]
pub unsafe fn get_factory(id: *const c_char, factory: &'static Factory) -> *const c_void {
    // SAFETY: the caller's promise.
    if !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID {
        std::ptr::from_ref(factory).cast()
    } else {
        std::ptr::null()
    }
}

/// The list behind a host's pointer.
///
/// # Safety
/// The pointer came from [`get_factory`].
unsafe fn exports(factory: *const clap_plugin_factory) -> &'static Exports {
    // SAFETY: the table is the factory's first field, and factories are static.
    unsafe { (*factory.cast::<Factory>()).exports }
}

unsafe extern "C" fn get_plugin_count(factory: *const clap_plugin_factory) -> u32 {
    // SAFETY: the host's contract: our factory.
    unsafe { exports(factory) }.descriptors().len() as u32
}

unsafe extern "C" fn get_plugin_descriptor(
    factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    // SAFETY: as above.
    let descriptors = unsafe { exports(factory) }.descriptors();
    descriptors
        .get(index as usize)
        .map_or(std::ptr::null(), |d| {
            std::ptr::from_ref(d.clap_plugin_descriptor())
        })
}

unsafe extern "C" fn create_plugin(
    factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    if host.is_null() || id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: the host's contract: our factory, a text, and a host that outlives the instance.
    unsafe {
        let (exports, id) = (exports(factory), CStr::from_ptr(id));
        let descriptors = exports.descriptors().iter();
        let found = descriptors
            .zip(exports.list())
            .find(|(d, _)| d.clap_id() == id);
        found.map_or(std::ptr::null(), |(_, export)| (export.create_clap)(host))
    }
}
