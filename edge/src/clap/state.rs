//! The `clap.state` table: nice-plug's, with the news of a loaded state told at its end.

use clap_sys::ext::state::clap_plugin_state;
use clap_sys::plugin::clap_plugin;
use clap_sys::stream::{clap_istream, clap_ostream};

use super::instance;

/// The table.
pub(super) const TABLE: clap_plugin_state = clap_plugin_state {
    save: Some(save),
    load: Some(load),
};

unsafe extern "C" fn save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
    // SAFETY: the host's contract: a live instance and stream. The table was found in `init`.
    unsafe {
        let this = instance(plugin);
        (*this.inner_state)
            .save
            .is_some_and(|save| save(plugin, stream))
    }
}

unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    // SAFETY: as above.
    unsafe {
        let this = instance(plugin);
        let load = (*this.inner_state).load;
        this.host
            .load(|| load.is_some_and(|load| load(plugin, stream)))
    }
}
