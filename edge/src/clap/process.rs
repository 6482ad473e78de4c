//! `process`: gathers automation before nice-plug sees it, mends what nice-plug 0.4.2 does to
//! blocks without frames and to missing ports, and tells which channels are silent.
//!
//! Thread: audio. Nothing here allocates, locks or waits.

use std::ffi::c_void;

use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_MIDI, CLAP_EVENT_NOTE_CHOKE, CLAP_EVENT_NOTE_EXPRESSION,
    CLAP_EVENT_NOTE_OFF, CLAP_EVENT_NOTE_ON, CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE,
    clap_event_header, clap_event_param_mod, clap_event_param_value, clap_input_events,
};
use clap_sys::plugin::clap_plugin;
use clap_sys::process::{
    CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process, clap_process_status,
};

use super::instance;
use crate::automation::{Automation, Change, Gather};
use crate::held::Held;
use crate::ids::Ids;
use crate::silence::silent_channels;

/// Ports that are looked at; nice-plug reads one behind the last.
const MOST_PORTS: usize = 8;

/// Bytes of the longest event that is held; longer ones point to memory that is gone by then.
const EVENT_BYTES: usize = 64;

/// An event kept for the next block.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct HeldEvent([u8; EVENT_BYTES]);

/// The host's events as nice-plug shall see them.
struct Events<'a> {
    host: *const clap_input_events,
    held: &'a [HeldEvent],
    /// Automation that is taken over, hidden from nice-plug.
    taken: Option<&'a Ids>,
}

impl Events<'_> {
    /// As the host's list would be passed on.
    fn list(&self) -> clap_input_events {
        clap_input_events {
            ctx: std::ptr::from_ref(self).cast_mut().cast::<c_void>(),
            size: Some(size),
            get: Some(get),
        }
    }
}

/// Number of events in a list.
///
/// # Safety
/// The list is valid or null.
unsafe fn count(list: *const clap_input_events) -> u32 {
    // SAFETY: the caller's promise.
    unsafe {
        let size = list.as_ref().and_then(|list| list.size);
        size.map_or(0, |size| size(list))
    }
}

/// An event of a list, which may be null.
///
/// # Safety
/// As for [`count`], and the index is below it.
unsafe fn event(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: the caller's promise.
    unsafe {
        let get = list.as_ref().and_then(|list| list.get);
        get.map_or(std::ptr::null(), |get| get(list, index))
    }
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: nice-plug calls with our list, during our call of its `process`.
    unsafe {
        let events = &*(*list).ctx.cast::<Events>();
        count(events.host).saturating_add(events.held.len() as u32)
    }
}

unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: as above; nice-plug asks below `size`, and leaves null pointers out.
    unsafe {
        let events = &*(*list).ctx.cast::<Events>();
        if let Some(held) = events.held.get(index as usize) {
            return std::ptr::from_ref(held).cast();
        }
        let event = event(events.host, index - events.held.len() as u32);
        let is_taken = events
            .taken
            .is_some_and(|ids| automation(event, ids).is_some());
        if is_taken { std::ptr::null() } else { event }
    }
}

/// A point of automation: position of the parameter, what it does, value.
///
/// # Safety
/// The event is valid or null.
unsafe fn automation(event: *const clap_event_header, ids: &Ids) -> Option<(usize, Change, f64)> {
    // SAFETY: the caller's promise; an event of the core space has the layout of its type.
    unsafe {
        let header = event.as_ref()?;
        match (header.space_id, header.type_) {
            (CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_VALUE) => {
                let event = &*event.cast::<clap_event_param_value>();
                Some((ids.position(event.param_id)?, Change::Value, event.value))
            }
            // Modulation of single notes is nice-plug's.
            (CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_PARAM_MOD) => {
                let event = &*event.cast::<clap_event_param_mod>();
                let position = (event.note_id < 0).then(|| ids.position(event.param_id))??;
                Some((position, Change::Modulation, event.amount))
            }
            _ => None,
        }
    }
}

/// Gathers the automation of a block.
///
/// # Safety
/// The list is valid or null.
unsafe fn gather(list: *const clap_input_events, ids: &Ids, of: &Automation, to: &mut Gather<'_>) {
    // SAFETY: the caller's promise.
    unsafe {
        for index in 0..count(list) {
            let event = event(list, index);
            if let Some((position, change, value)) = automation(event, ids) {
                let normalised = value / of.steps(position) as f64;
                to.push((*event).time as usize, position, change, normalised);
            }
        }
    }
}

/// Keeps the notes of a block without frames: nice-plug reads and forgets them.
///
/// # Safety
/// The list is valid or null.
unsafe fn hold(list: *const clap_input_events, held: &mut Held<HeldEvent>) {
    // SAFETY: the caller's promise; an event has as many bytes as it says.
    unsafe {
        for index in 0..count(list) {
            let event = event(list, index);
            let Some(header) = event.as_ref() else {
                continue;
            };
            let is_note = matches!(
                header.type_,
                CLAP_EVENT_NOTE_ON
                    | CLAP_EVENT_NOTE_OFF
                    | CLAP_EVENT_NOTE_CHOKE
                    | CLAP_EVENT_NOTE_EXPRESSION
                    | CLAP_EVENT_MIDI
            );
            let bytes = header.size as usize;
            if header.space_id != CLAP_CORE_EVENT_SPACE_ID || !is_note || bytes > EVENT_BYTES {
                continue;
            }
            let mut copy = HeldEvent([0; EVENT_BYTES]);
            let to = &raw mut copy;
            std::ptr::copy_nonoverlapping(event.cast::<u8>(), to.cast::<u8>(), bytes);
            (*to.cast::<clap_event_header>()).time = 0;
            held.push(copy);
        }
    }
}

/// The input ports with an empty one behind them.
///
/// # Safety
/// The host's ports are valid.
unsafe fn inputs(process: &clap_process) -> Option<[clap_audio_buffer; MOST_PORTS]> {
    let count = process.audio_inputs_count as usize;
    if process.audio_inputs.is_null() || count >= MOST_PORTS {
        return None;
    }
    let empty = clap_audio_buffer {
        data32: std::ptr::null_mut(),
        data64: std::ptr::null_mut(),
        channel_count: 0,
        latency: 0,
        constant_mask: 0,
    };
    let mut ports = [empty; MOST_PORTS];
    // SAFETY: the caller's promise; `count` fits.
    let given = unsafe { std::slice::from_raw_parts(process.audio_inputs, count) };
    ports[..count].copy_from_slice(given);
    Some(ports)
}

/// Tells which channels of the outputs are silent; of none if there are no frames.
///
/// # Safety
/// The host's ports are valid and hold so many frames.
unsafe fn tell_silence(process: &clap_process, frames: usize) {
    if process.audio_outputs.is_null() {
        return;
    }
    // SAFETY: the caller's promise; the marks are the plugin's to write.
    unsafe {
        let count = process.audio_outputs_count as usize;
        for port in std::slice::from_raw_parts_mut(process.audio_outputs, count) {
            port.constant_mask = silent_channels(port.data32, port.channel_count as usize, frames);
        }
    }
}

pub(super) unsafe extern "C" fn process(
    plugin: *const clap_plugin,
    process: *const clap_process,
) -> clap_process_status {
    // SAFETY: the host's contract: a live, processing instance and a valid description.
    unsafe {
        let this = instance(plugin);
        let (Some(inner), Some(host)) = (this.inner.process, process.as_ref()) else {
            return CLAP_PROCESS_ERROR;
        };
        let automation = this.host.automation();
        let frames = host.frames_count as usize;
        let run = || {
            let run = |held: &mut Held<HeldEvent>| {
                if frames == 0 {
                    hold(host.in_events, held);
                    return CLAP_PROCESS_CONTINUE;
                }
                let events = Events {
                    host: host.in_events,
                    held: held.events(),
                    taken: automation.map(|_| &this.positions),
                };
                let list = events.list();
                let ports = inputs(host);
                let ours = clap_process {
                    in_events: &raw const list,
                    audio_inputs: ports.as_ref().map_or(host.audio_inputs, |p| p.as_ptr()),
                    ..*host
                };
                let status = inner(plugin, &raw const ours);
                held.clear();
                status
            };
            this.held.with(run).unwrap_or(CLAP_PROCESS_ERROR)
        };
        let status = match automation {
            Some(automation) => automation.block(
                frames,
                |to| gather(host.in_events, &this.positions, automation, to),
                run,
            ),
            None => run(),
        };
        // What an error leaves in the buffers is not known.
        let is_told = status != CLAP_PROCESS_ERROR;
        tell_silence(host, if is_told { frames } else { 0 });
        status
    }
}
