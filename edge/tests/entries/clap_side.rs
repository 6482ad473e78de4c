//! A CLAP host of a few functions.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::sync::atomic::{AtomicBool, Ordering};

use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::*;
use clap_sys::ext::params::*;
use clap_sys::ext::state::*;
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use clap_sys::process::{CLAP_PROCESS_ERROR, clap_process};
use clap_sys::stream::{clap_istream, clap_ostream};
use clap_sys::version::CLAP_VERSION;

use crate::{Block, Shown, TestHost, Told, edge_entries};

/// The host's object and what is behind it.
#[repr(C)]
struct Host {
    object: clap_host,
    told: Told,
    callback: AtomicBool,
}

static PARAMS: clap_host_params = clap_host_params {
    rescan: Some(rescan),
    clear: None,
    request_flush: None,
};

static STATE: clap_host_state = clap_host_state {
    mark_dirty: Some(mark_dirty),
};

fn behind<'a>(host: *const clap_host) -> &'a Host {
    // SAFETY: the object is the first field of a boxed `Host` that outlives its plugin.
    unsafe { &*host.cast::<Host>() }
}

unsafe extern "C" fn rescan(host: *const clap_host, flags: u32) {
    let told = &behind(host).told;
    let ours = CLAP_PARAM_RESCAN_VALUES | CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT;
    if flags == ours {
        told.count(&told.rescans);
    } else if flags != CLAP_PARAM_RESCAN_VALUES {
        told.count(&told.wrong_flags);
    }
}

unsafe extern "C" fn mark_dirty(host: *const clap_host) {
    let told = &behind(host).told;
    told.count(&told.dirty);
}

unsafe extern "C" fn request_callback(host: *const clap_host) {
    behind(host).callback.store(true, Ordering::SeqCst);
}

unsafe extern "C" fn get_extension(_: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: a text that ends in 0.
    let id = unsafe { CStr::from_ptr(id) };
    if id == CLAP_EXT_PARAMS {
        (&raw const PARAMS).cast()
    } else if id == CLAP_EXT_STATE {
        (&raw const STATE).cast()
    } else {
        std::ptr::null()
    }
}

/// A host with one instance.
pub struct ClapSide {
    host: Box<Host>,
    plugin: *const clap_plugin,
    params: *const clap_plugin_params,
    state: *const clap_plugin_state,
}

impl ClapSide {
    pub fn new() -> Self {
        let host = Box::new(Host {
            object: clap_host {
                clap_version: CLAP_VERSION,
                host_data: std::ptr::null_mut(),
                name: c"test".as_ptr(),
                vendor: c"test".as_ptr(),
                url: c"".as_ptr(),
                version: c"1".as_ptr(),
                get_extension: Some(get_extension),
                request_restart: None,
                request_process: None,
                request_callback: Some(request_callback),
            },
            told: Told::default(),
            callback: AtomicBool::new(false),
        });
        let entry = &edge_entries::clap_entry;
        // SAFETY: the calls of the standard, in its order.
        unsafe {
            assert!(entry.init.expect("init")(c"here".as_ptr()));
            let get = entry.get_factory.expect("factory");
            assert!(get(c"no such factory".as_ptr()).is_null());
            let factory = get(CLAP_PLUGIN_FACTORY_ID.as_ptr()).cast::<clap_plugin_factory>();
            assert_eq!((*factory).get_plugin_count.expect("count")(factory), 1);
            let describe = (*factory).get_plugin_descriptor.expect("descriptor");
            assert!(describe(factory, 1).is_null());
            let id = (*describe(factory, 0)).id;
            let create = (*factory).create_plugin.expect("create");
            assert!(create(factory, &raw const host.object, c"other".as_ptr()).is_null());
            let plugin = create(factory, (&raw const *host).cast(), id);
            assert!((*plugin).init.expect("init")(plugin));
            let table = |id: &CStr| (*plugin).get_extension.expect("tables")(plugin, id.as_ptr());
            assert!(table(c"no such table").is_null());
            let side = Self {
                params: table(CLAP_EXT_PARAMS).cast(),
                state: table(CLAP_EXT_STATE).cast(),
                plugin,
                host,
            };
            assert!((*plugin).activate.expect("activate")(
                plugin, 48_000.0, 1, 64
            ));
            assert!((*plugin).start_processing.expect("start")(plugin));
            side
        }
    }

    fn info(&self, index: u32) -> Option<clap_param_info> {
        // SAFETY: a struct of numbers and characters; the table is the plugin's.
        unsafe {
            let mut info: clap_param_info = std::mem::zeroed();
            let get = (*self.params).get_info.expect("info");
            get(self.plugin, index, &raw mut info).then_some(info)
        }
    }

    /// Values here are 0..steps.
    fn span(&self, id: u32) -> f64 {
        let mut infos = (0..3).filter_map(|index| self.info(index));
        let info = infos.find(|info| info.id == id).expect("a parameter");
        info.max_value - info.min_value
    }
}

impl Drop for ClapSide {
    fn drop(&mut self) {
        // SAFETY: the calls of the standard, in its order.
        unsafe {
            (*self.plugin).stop_processing.expect("stop")(self.plugin);
            (*self.plugin).deactivate.expect("deactivate")(self.plugin);
            (*self.plugin).destroy.expect("destroy")(self.plugin);
        }
        self.host.callback.store(false, Ordering::SeqCst);
    }
}

unsafe extern "C" fn write(stream: *const clap_ostream, from: *const c_void, size: u64) -> i64 {
    // SAFETY: `save` points the stream at its bytes; the plugin's memory holds `size` bytes.
    unsafe {
        let bytes = &mut *(*stream).ctx.cast::<Vec<u8>>();
        bytes.extend_from_slice(std::slice::from_raw_parts(from.cast(), size as usize));
    }
    size as i64
}

unsafe extern "C" fn read(stream: *const clap_istream, to: *mut c_void, size: u64) -> i64 {
    // SAFETY: `load` points the stream at what is left; the plugin's memory has `size` bytes.
    unsafe {
        let left = &*(*stream).ctx.cast::<Cell<&[u8]>>();
        let count = left.get().len().min(size as usize);
        std::ptr::copy_nonoverlapping(left.get().as_ptr(), to.cast(), count);
        left.set(&left.get()[count..]);
        count as i64
    }
}

/// Events of a block, sorted.
struct Events(Vec<Box<dyn std::any::Any>>, Vec<*const clap_event_header>);

impl Events {
    fn push<T: 'static>(&mut self, event: T) {
        let event = Box::new(event);
        self.1.push((&raw const *event).cast());
        self.0.push(event);
    }
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: `process` points the list at its events.
    unsafe {
        let events = &*(*list).ctx.cast::<Events>();
        events.1.len() as u32
    }
}

unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    // SAFETY: as above.
    unsafe {
        let events = &*(*list).ctx.cast::<Events>();
        events.1[index as usize]
    }
}

fn header<T>(time: u32, type_: u16) -> clap_event_header {
    clap_event_header {
        size: size_of::<T>() as u32,
        time,
        space_id: CLAP_CORE_EVENT_SPACE_ID,
        type_,
        flags: 0,
    }
}

impl TestHost for ClapSide {
    fn told(&self) -> &Told {
        &self.host.told
    }

    fn idle(&self) {
        if self.host.callback.swap(false, Ordering::SeqCst) {
            // SAFETY: on the main thread.
            unsafe { (*self.plugin).on_main_thread.expect("callback")(self.plugin) };
        }
    }

    fn shown(&self) -> Vec<Shown> {
        // SAFETY: the table is the plugin's.
        let count = unsafe { (*self.params).count.expect("count")(self.plugin) };
        let shown = |info: clap_param_info| Shown {
            id: info.id,
            // SAFETY: a text that ends in 0.
            name: unsafe { CStr::from_ptr(info.name.as_ptr()) }
                .to_string_lossy()
                .into_owned(),
            unit: String::new(),
            default: info.default_value,
        };
        (0..count)
            .map(|index| shown(self.info(index).expect("a parameter")))
            .collect()
    }

    fn shows_too_many(&self) -> bool {
        self.info(3).is_some() || self.info(u32::MAX).is_some()
    }

    fn text(&self, id: u32, value: f64) -> String {
        let mut text = [0; 64];
        // SAFETY: the table is the plugin's; the array is as long as told.
        unsafe {
            let to_text = (*self.params).value_to_text.expect("text");
            let value = value * self.span(id);
            assert!(to_text(self.plugin, id, value, text.as_mut_ptr(), 64));
            CStr::from_ptr(text.as_ptr()).to_string_lossy().into_owned()
        }
    }

    fn parse(&self, id: u32, text: &str) -> Option<f64> {
        let text = CString::new(text).expect("no 0 inside");
        let mut value = 0.0;
        // SAFETY: the table is the plugin's.
        unsafe {
            let to_value = (*self.params).text_to_value.expect("value");
            to_value(self.plugin, id, text.as_ptr(), &raw mut value).then_some(value)
        }
    }

    fn value(&self, id: u32) -> f64 {
        let mut value = 0.0;
        // SAFETY: as above.
        unsafe {
            let get = (*self.params).get_value.expect("value");
            assert!(get(self.plugin, id, &raw mut value));
        }
        value
    }

    fn save(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = Vec::new();
        let stream = clap_ostream {
            ctx: (&raw mut bytes).cast(),
            write: Some(write),
        };
        // SAFETY: the stream lives through the call.
        unsafe {
            let save = (*self.state).save.expect("save");
            assert!(save(self.plugin, &raw const stream));
        }
        bytes
    }

    fn load(&self, state: &[u8]) {
        let mut left = Cell::new(state);
        let stream = clap_istream {
            ctx: (&raw mut left).cast(),
            read: Some(read),
        };
        // SAFETY: the stream lives through the call.
        unsafe {
            let load = (*self.state).load.expect("load");
            assert!(load(self.plugin, &raw const stream));
        }
    }

    fn process(&self, block: Block<'_>) {
        let mut events = Events(Vec::new(), Vec::new());
        let id = self.info(1).expect("a").id;
        for (time, value) in block.a {
            events.push(clap_event_param_value {
                header: header::<clap_event_param_value>(*time, CLAP_EVENT_PARAM_VALUE),
                param_id: id,
                cookie: std::ptr::null_mut(),
                note_id: -1,
                port_index: -1,
                channel: -1,
                key: -1,
                value: *value,
            });
        }
        for (time, key) in block.notes {
            events.push(clap_event_note {
                header: header::<clap_event_note>(*time, CLAP_EVENT_NOTE_ON),
                note_id: -1,
                port_index: 0,
                channel: 0,
                key: i16::from(*key),
                velocity: 1.0,
            });
        }
        // SAFETY: every event begins with its header.
        events.1.sort_by_key(|event| unsafe { (**event).time });
        let list = clap_input_events {
            ctx: (&raw mut events).cast(),
            size: Some(size),
            get: Some(get),
        };
        let mut silence = [[0.0f32; 64]; 2];
        let mut loud = [[0.5f32; 64]; 2];
        let mut output = [[0.0f32; 64]; 2];
        let mut pointers = [&mut silence, &mut loud, &mut output]
            .map(|bus| bus.each_mut().map(|channel| channel.as_mut_ptr()));
        let mut buses = pointers.each_mut().map(|bus| clap_audio_buffer {
            data32: bus.as_mut_ptr(),
            data64: std::ptr::null_mut(),
            channel_count: 2,
            latency: 0,
            constant_mask: 0,
        });
        let [main, sidechain, output] = &mut buses;
        let inputs = [*main, *sidechain];
        let process = clap_process {
            steady_time: -1,
            frames_count: block.frames as u32,
            transport: std::ptr::null(),
            audio_inputs: inputs.as_ptr(),
            audio_outputs: &raw mut *output,
            audio_inputs_count: if block.sidechain { 2 } else { 1 },
            audio_outputs_count: 1,
            in_events: &raw const list,
            out_events: std::ptr::null(),
        };
        // SAFETY: buffers and events live through the call.
        let status =
            unsafe { (*self.plugin).process.expect("process")(self.plugin, &raw const process) };
        assert_ne!(status, CLAP_PROCESS_ERROR);
    }
}
