//! The `clap.tail` table: nice-plug's, with a tail that has no end if the plugin says so.

use clap_sys::ext::tail::clap_plugin_tail;
use clap_sys::plugin::clap_plugin;

use super::instance;
use crate::host::ENDLESS_TAIL;

/// The table.
pub(super) const TABLE: clap_plugin_tail = clap_plugin_tail { get: Some(get) };

unsafe extern "C" fn get(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's contract: a live instance. The table was found in `init`.
    unsafe {
        let this = instance(plugin);
        if this.host.has_endless_tail() {
            return ENDLESS_TAIL;
        }
        (*this.inner_tail).get.map_or(0, |get| get(plugin))
    }
}
