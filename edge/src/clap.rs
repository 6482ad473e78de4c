//! The CLAP object of an instance: nice-plug's, with some entries of its own.
//!
//! nice-plug's functions read nothing of the object they are called with but `plugin_data`. So the
//! object is a copy of nice-plug's with some functions replaced; the rest are its own, unwrapped.

mod factory;
mod params;
mod process;
mod state;
mod tail;

use std::ffi::{CStr, c_char, c_void};
use std::sync::Arc;

use clap_sys::ext::params::{
    CLAP_EXT_PARAMS, CLAP_PARAM_RESCAN_INFO, CLAP_PARAM_RESCAN_TEXT, CLAP_PARAM_RESCAN_VALUES,
    clap_host_params, clap_plugin_params,
};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state, clap_plugin_state};
use clap_sys::ext::tail::{CLAP_EXT_TAIL, clap_plugin_tail};
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use nice_plug::wrapper::clap::{ClapPlugin, Wrapper};

use crate::audio_cell::AudioCell;
use crate::held::Held;
use crate::host::{Host, Making, News};
use crate::ids::Ids;
use crate::parameters::Parameters;
pub use factory::{Factory, get_factory};
use process::HeldEvent;

/// One instance.
#[repr(C)]
struct Instance {
    /// What the host sees. First, so that its address is the instance's.
    object: clap_plugin,
    /// nice-plug's object with nice-plug's functions.
    inner: clap_plugin,
    host: Host,
    parameters: Option<Arc<dyn Parameters>>,
    host_pointer: HostPointer,
    /// nice-plug's tables and ours.
    inner_params: *const clap_plugin_params,
    params: clap_plugin_params,
    inner_state: *const clap_plugin_state,
    state: clap_plugin_state,
    inner_tail: *const clap_plugin_tail,
    tail: clap_plugin_tail,
    /// Plugin index of each described parameter, by the id that the host knows.
    ids: Vec<(u32, usize)>,
    /// All parameters whose automation is taken over.
    positions: Ids,
    /// Notes that wait for a block with frames.
    held: AudioCell<Held<HeldEvent>>,
}

/// The host's object.
#[derive(Clone, Copy)]
struct HostPointer(*const clap_host);

// SAFETY: the host guarantees that the object lives as long as the instance; of its functions we
// call `request_callback`, which is for any thread, and the others on the main thread only.
unsafe impl Send for HostPointer {}
// SAFETY: as above.
unsafe impl Sync for HostPointer {}

impl HostPointer {
    /// A table of the host's functions. Main thread, after `init`.
    ///
    /// # Safety
    /// `T` is the type of the table with this id, and the instance is alive.
    unsafe fn extension<T>(self, id: &CStr) -> Option<&'static T> {
        // SAFETY: the host's object is valid while the instance is, as the caller promises.
        unsafe {
            let get = (*self.0).get_extension?;
            get(self.0, id.as_ptr()).cast::<T>().as_ref()
        }
    }

    /// Asks for `on_main_thread`.
    fn request_callback(self) {
        // SAFETY: called under the handle's lock, which `destroy` takes before the host goes.
        unsafe {
            if let Some(request) = (*self.0).request_callback {
                request(self.0);
            }
        }
    }

    /// Tells the news. Main thread. A host that has no such function never will; its news go.
    fn tell(self, news: News) -> News {
        // SAFETY: `deliver` runs on the main thread between `init` and `destroy`, and the tables
        // are those of their ids.
        unsafe {
            if news.parameters
                && let Some(params) = self.extension::<clap_host_params>(CLAP_EXT_PARAMS)
                && let Some(rescan) = params.rescan
            {
                let flags =
                    CLAP_PARAM_RESCAN_VALUES | CLAP_PARAM_RESCAN_INFO | CLAP_PARAM_RESCAN_TEXT;
                rescan(self.0, flags);
            }
            if news.dirty
                && let Some(state) = self.extension::<clap_host_state>(CLAP_EXT_STATE)
                && let Some(mark_dirty) = state.mark_dirty
            {
                mark_dirty(self.0);
            }
        }
        News::default()
    }
}

/// Makes an instance.
///
/// # Safety
/// `host` is a CLAP host's object that outlives the instance.
pub(crate) unsafe fn create<P: ClapPlugin>(host: *const clap_host) -> *const clap_plugin {
    let (
        wrapper,
        Making {
            host: handle,
            parameters,
        },
    ) = Host::make(false, || {
        // SAFETY: the caller's promise.
        unsafe { Wrapper::<P>::new(host) }
    });
    // The reference goes back with nice-plug's own `destroy`.
    let wrapper = Arc::into_raw(wrapper);
    // SAFETY: the object was just made, and nobody else has it yet.
    let inner = unsafe { *(*wrapper).clap_plugin.as_ptr() };
    let instance = Instance {
        object: clap_plugin {
            init: Some(init),
            destroy: Some(destroy),
            get_extension: Some(get_extension),
            on_main_thread: Some(on_main_thread),
            process: Some(process::process),
            reset: Some(reset),
            ..inner
        },
        inner,
        host: handle,
        parameters,
        host_pointer: HostPointer(host),
        inner_params: std::ptr::null(),
        params: params::TABLE,
        inner_state: std::ptr::null(),
        state: state::TABLE,
        inner_tail: std::ptr::null(),
        tail: tail::TABLE,
        ids: Vec::new(),
        positions: Ids::default(),
        held: AudioCell::new(Held::new()),
    };
    Box::into_raw(Box::new(instance)).cast()
}

/// The instance behind a host's pointer.
///
/// # Safety
/// The pointer came from [`create`] and [`destroy`] was not called.
unsafe fn instance<'a>(plugin: *const clap_plugin) -> &'a Instance {
    // SAFETY: the object is the instance's first field, and hosts do not write to it.
    unsafe { &*plugin.cast::<Instance>() }
}

unsafe extern "C" fn init(plugin: *const clap_plugin) -> bool {
    // SAFETY: the host's contract: a live instance, called once, before all else.
    let this = unsafe { &mut *plugin.cast_mut().cast::<Instance>() };
    // SAFETY: as above.
    if !this.inner.init.is_none_or(|init| unsafe { init(plugin) }) {
        return false;
    }
    // SAFETY: as above; nice-plug's tables live as long as its wrapper, and are of these types.
    unsafe {
        let table = |id: &CStr| this.inner.get_extension.map(|get| get(plugin, id.as_ptr()));
        this.inner_params = table(CLAP_EXT_PARAMS).unwrap_or_default_null().cast();
        this.inner_state = table(CLAP_EXT_STATE).unwrap_or_default_null().cast();
        this.inner_tail = table(CLAP_EXT_TAIL).unwrap_or_default_null().cast();
        this.ids = params::ids(this, plugin);
        this.positions = params::positions(this, plugin);
    }
    let host = this.host_pointer;
    this.host.connect(Arc::new(move |news| host.tell(news)));
    this.host.set_wake(move || host.request_callback());
    true
}

/// `None` as a null pointer.
trait OrNull {
    fn unwrap_or_default_null(self) -> *const c_void;
}

impl OrNull for Option<*const c_void> {
    fn unwrap_or_default_null(self) -> *const c_void {
        self.unwrap_or(std::ptr::null())
    }
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    // SAFETY: the host's contract: the last call, with the pointer that `create` gave away.
    let this = unsafe { Box::from_raw(plugin.cast_mut().cast::<Instance>()) };
    this.host.disconnect();
    if let Some(destroy) = this.inner.destroy {
        // SAFETY: as above; nice-plug's function reads `plugin_data` only.
        unsafe { destroy(&raw const this.inner) };
    }
}

unsafe extern "C" fn reset(plugin: *const clap_plugin) {
    // SAFETY: the host's contract: a live instance, on the audio thread.
    unsafe {
        let this = instance(plugin);
        this.held.with(Held::clear);
        if let Some(reset) = this.inner.reset {
            reset(plugin);
        }
    }
}

unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    if id.is_null() {
        return std::ptr::null();
    }
    // SAFETY: the host's contract: a live instance and a text.
    let (this, name) = unsafe { (instance(plugin), CStr::from_ptr(id)) };
    if name == CLAP_EXT_PARAMS && !this.inner_params.is_null() {
        (&raw const this.params).cast()
    } else if name == CLAP_EXT_STATE && !this.inner_state.is_null() {
        (&raw const this.state).cast()
    } else if name == CLAP_EXT_TAIL && !this.inner_tail.is_null() {
        (&raw const this.tail).cast()
    } else {
        // SAFETY: as above.
        this.inner
            .get_extension
            .map(|get| unsafe { get(plugin, id) })
            .unwrap_or_default_null()
    }
}

unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
    // SAFETY: the host's contract: a live instance, on the main thread.
    let this = unsafe { instance(plugin) };
    if let Some(on_main_thread) = this.inner.on_main_thread {
        // SAFETY: as above.
        unsafe { on_main_thread(plugin) };
    }
    this.host.deliver();
}
