//! The list of exported plugins and the entry points of the library.

use std::sync::OnceLock;

use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use nice_plug::wrapper::clap::{ClapPlugin, PluginDescriptor};
use nice_plug::wrapper::vst3::{PluginInfo, Vst3Plugin};
use vst3::ComPtr;
use vst3::Steinberg::FUnknown;

/// One plugin of the library, its type left behind.
#[derive(Debug)]
pub struct Export {
    pub(crate) descriptor: fn() -> PluginDescriptor,
    pub(crate) create_clap: unsafe fn(*const clap_host) -> *const clap_plugin,
    pub(crate) info: fn() -> PluginInfo,
    pub(crate) create_vst3: fn() -> Option<ComPtr<FUnknown>>,
    log: fn(),
}

impl Export {
    /// A plugin in both formats.
    #[must_use]
    pub const fn of<P: ClapPlugin + Vst3Plugin>() -> Self {
        Self {
            descriptor: PluginDescriptor::for_plugin::<P>,
            create_clap: crate::clap::create::<P>,
            info: PluginInfo::for_plugin::<P>,
            create_vst3: crate::vst3::create::<P>,
            log: nice_plug::wrapper::setup_logger::<P>,
        }
    }
}

/// The plugins of the library.
pub struct Exports {
    list: &'static [Export],
    descriptors: OnceLock<Vec<PluginDescriptor>>,
}

impl Exports {
    /// These plugins.
    #[must_use]
    pub const fn new(list: &'static [Export]) -> Self {
        let descriptors = OnceLock::new();
        Self { list, descriptors }
    }

    /// What a loader calls first.
    pub fn init(&self) {
        for export in self.list {
            (export.log)();
        }
    }

    pub(crate) fn list(&self) -> &'static [Export] {
        self.list
    }

    /// CLAP descriptors, in the list's order. Hosts keep pointers to them.
    pub(crate) fn descriptors(&self) -> &[PluginDescriptor] {
        self.descriptors
            .get_or_init(|| self.list.iter().map(|e| (e.descriptor)()).collect())
    }
}

impl std::fmt::Debug for Exports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list).finish()
    }
}

/// Makes the entry points of a library with these plugins, for CLAP and VST3. To be used once.
#[macro_export]
macro_rules! export {
    ($($plugin:ty),+ $(,)?) => {
        #[doc(hidden)]
        mod edge_entries {
            use ::std::ffi::{c_char, c_void};

            use $crate::nice_plug::wrapper::clap::{CLAP_VERSION, clap_plugin_entry};
            use $crate::{Export, Exports, clap, vst3};

            // The plugins are named as the place of the macro names them.
            use super::*;

            static EXPORTS: Exports = Exports::new(&[$(Export::of::<$plugin>()),+]);
            static CLAP_FACTORY: clap::Factory = clap::Factory::new(&EXPORTS);

            unsafe extern "C" fn init(_path: *const c_char) -> bool {
                EXPORTS.init();
                true
            }

            unsafe extern "C" fn deinit() {}

            unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
                // SAFETY: the host's contract: a text that ends in 0.
                unsafe { clap::get_factory(id, &CLAP_FACTORY) }
            }

            /// CLAP's entry point.
            #[allow(non_upper_case_globals)]
            #[unsafe(no_mangle)]
            #[used]
            pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
                clap_version: CLAP_VERSION,
                init: Some(init),
                deinit: Some(deinit),
                get_factory: Some(get_factory),
            };

            /// VST3's entry point.
            #[allow(non_snake_case)]
            #[unsafe(no_mangle)]
            pub extern "system" fn GetPluginFactory() -> *mut c_void {
                vst3::factory(&EXPORTS)
            }

            /// VST3: the library was loaded.
            #[allow(non_snake_case)]
            #[cfg(all(unix, not(target_os = "macos")))]
            #[unsafe(no_mangle)]
            pub extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
                EXPORTS.init();
                true
            }

            /// VST3: the library will be unloaded.
            #[allow(non_snake_case)]
            #[cfg(all(unix, not(target_os = "macos")))]
            #[unsafe(no_mangle)]
            pub extern "C" fn ModuleExit() -> bool {
                true
            }

            /// VST3: the library was loaded.
            #[allow(non_snake_case)]
            #[cfg(target_os = "macos")]
            #[unsafe(no_mangle)]
            pub extern "C" fn bundleEntry(_bundle: *mut c_void) -> bool {
                EXPORTS.init();
                true
            }

            /// VST3: the library will be unloaded.
            #[allow(non_snake_case)]
            #[cfg(target_os = "macos")]
            #[unsafe(no_mangle)]
            pub extern "C" fn bundleExit() -> bool {
                true
            }

            /// VST3: the library was loaded.
            #[allow(non_snake_case)]
            #[cfg(windows)]
            #[unsafe(no_mangle)]
            pub extern "system" fn InitDll() -> bool {
                EXPORTS.init();
                true
            }

            /// VST3: the library will be unloaded.
            #[allow(non_snake_case)]
            #[cfg(windows)]
            #[unsafe(no_mangle)]
            pub extern "system" fn ExitDll() -> bool {
                true
            }
        }
    };
}
