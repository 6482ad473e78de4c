//! The `clap.params` table: nice-plug's, with the plugin's own descriptions.

use std::ffi::{CStr, c_char};

use clap_sys::events::{clap_input_events, clap_output_events};
use clap_sys::ext::params::{clap_param_info, clap_plugin_params};
use clap_sys::plugin::clap_plugin;

use super::{Instance, instance};
use crate::automation::Automation;
use crate::ids::Ids;
use crate::parameters::{Parameters, Place};
use crate::text::write_utf8;

/// The table.
pub(super) const TABLE: clap_plugin_params = clap_plugin_params {
    count: Some(count),
    get_info: Some(get_info),
    get_value: Some(get_value),
    value_to_text: Some(value_to_text),
    text_to_value: Some(text_to_value),
    flush: Some(flush),
};

/// An empty description.
fn blank() -> clap_param_info {
    clap_param_info {
        id: 0,
        flags: 0,
        cookie: std::ptr::null_mut(),
        name: [0; _],
        module: [0; _],
        min_value: 0.0,
        max_value: 0.0,
        default_value: 0.0,
    }
}

/// The number that nice-plug tells hosts for the parameter at a position of its order.
///
/// # Safety
/// `plugin` is the instance's object, its `inner_params` are nice-plug's or null, and the position
/// exists.
unsafe fn number(this: &Instance, plugin: *const clap_plugin, position: usize) -> Option<u32> {
    let mut info = blank();
    // SAFETY: the caller's promise; `info` is writable.
    let known = unsafe {
        let get_info = this.inner_params.as_ref()?.get_info?;
        get_info(plugin, u32::try_from(position).ok()?, &raw mut info)
    };
    known.then_some(info.id)
}

/// Numbers of the described parameters, with the plugin's index.
///
/// # Safety
/// `plugin` is the instance's object, and its `inner_params` are nice-plug's or null.
pub(super) unsafe fn ids(this: &Instance, plugin: *const clap_plugin) -> Vec<(u32, usize)> {
    let Some(places) = this.host.places() else {
        return Vec::new();
    };
    // SAFETY: the caller's promise; the position exists.
    let id = |(index, place): (usize, Place)| unsafe {
        Some((number(this, plugin, place.position)?, index))
    };
    places.iter().filter_map(id).collect()
}

/// Numbers of the parameters whose automation is taken over.
///
/// # Safety
/// As for [`ids`].
pub(super) unsafe fn positions(this: &Instance, plugin: *const clap_plugin) -> Ids {
    let count = this
        .host
        .automation()
        .map_or(0, Automation::parameter_count);
    // SAFETY: the caller's promise; the position exists.
    Ids::new((0..count).map(|position| unsafe { number(this, plugin, position) }))
}

impl Instance {
    /// The plugin's description of a parameter, if it describes this one: who, and its index.
    fn described(&self, id: u32) -> Option<(&dyn Parameters, usize)> {
        let (_, index) = self.ids.iter().find(|(known, _)| *known == id)?;
        let parameters = self.parameters.as_deref()?;
        parameters.describe(*index)?;
        Some((parameters, *index))
    }

    /// nice-plug's table. It was found in `init`, or the host could not have got ours.
    fn inner_params(&self) -> &clap_plugin_params {
        // SAFETY: not null, see above; it lives as long as nice-plug's wrapper.
        unsafe { &*self.inner_params }
    }
}

unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: the host's contract: a live instance.
    let this = unsafe { instance(plugin) };
    // SAFETY: as above.
    this.inner_params()
        .count
        .map_or(0, |count| unsafe { count(plugin) })
}

unsafe extern "C" fn get_info(
    plugin: *const clap_plugin,
    index: u32,
    info: *mut clap_param_info,
) -> bool {
    // SAFETY: the host's contract: a live instance.
    let (this, count) = unsafe { (instance(plugin), count(plugin)) };
    // nice-plug 0.4.2 lets `index == count` pass and then panics.
    if index >= count || info.is_null() {
        return false;
    }
    let Some(get_info) = this.inner_params().get_info else {
        return false;
    };
    // SAFETY: the host's contract: `info` is writable; the index was checked.
    let info = unsafe {
        if !get_info(plugin, index, info) {
            return false;
        }
        &mut *info
    };
    if let Some((parameters, index)) = this.described(info.id)
        && let Some(description) = parameters.describe(index)
    {
        write_utf8(&description.name, &mut info.name);
        info.default_value = info.min_value
            + description.default_normalised.clamp(0.0, 1.0) * (info.max_value - info.min_value);
    }
    true
}

unsafe extern "C" fn get_value(plugin: *const clap_plugin, id: u32, value: *mut f64) -> bool {
    // SAFETY: the host's contract: a live instance; nice-plug checks the rest.
    unsafe {
        let get = instance(plugin).inner_params().get_value;
        get.is_some_and(|get| get(plugin, id, value))
    }
}

unsafe extern "C" fn value_to_text(
    plugin: *const clap_plugin,
    id: u32,
    value: f64,
    text: *mut c_char,
    room: u32,
) -> bool {
    if text.is_null() || room == 0 {
        return false;
    }
    // SAFETY: the host's contract: a live instance.
    let this = unsafe { instance(plugin) };
    if let Some((parameters, index)) = this.described(id)
        && let Some(own) = parameters.text(index, value, true)
    {
        // SAFETY: the host's contract: `room` writable bytes.
        write_utf8(&own, unsafe {
            std::slice::from_raw_parts_mut(text, room as usize)
        });
        return true;
    }
    let to_text = this.inner_params().value_to_text;
    // SAFETY: as above.
    to_text.is_some_and(|to_text| unsafe { to_text(plugin, id, value, text, room) })
}

unsafe extern "C" fn text_to_value(
    plugin: *const clap_plugin,
    id: u32,
    text: *const c_char,
    value: *mut f64,
) -> bool {
    if text.is_null() || value.is_null() {
        return false;
    }
    // SAFETY: the host's contract: a live instance.
    let this = unsafe { instance(plugin) };
    if let Some((parameters, index)) = this.described(id) {
        // SAFETY: the host's contract: a text that ends in 0.
        let parsed = unsafe { CStr::from_ptr(text) }.to_str().ok();
        let Some(parsed) = parsed.and_then(|text| parameters.parse(index, text)) else {
            return false;
        };
        // SAFETY: the host's contract: writable.
        unsafe { value.write(parsed) };
        return true;
    }
    let to_value = this.inner_params().text_to_value;
    // SAFETY: as above.
    to_value.is_some_and(|to_value| unsafe { to_value(plugin, id, text, value) })
}

unsafe extern "C" fn flush(
    plugin: *const clap_plugin,
    input: *const clap_input_events,
    output: *const clap_output_events,
) {
    // SAFETY: the host's contract: a live instance and event lists.
    unsafe {
        if let Some(flush) = instance(plugin).inner_params().flush {
            flush(plugin, input, output);
        }
    }
}
