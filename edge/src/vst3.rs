//! The VST3 object of an instance: nice-plug's inside ours.
//!
//! nice-plug's object never hands out a pointer to itself, so a host that knows only ours is
//! served by both. Interfaces are the same; a new one upstream is a compile error here.

mod component;
mod controller;
mod factory;
mod forward;
mod handler;

use std::ffi::c_void;
use std::sync::Arc;

use nice_plug::wrapper::vst3::{Vst3Plugin, Wrapper};
use vst3::Steinberg::Vst::{IEditControllerTrait, ParameterInfo, ParameterInfo_::ParameterFlags_};
use vst3::Steinberg::{FUnknown, IPluginFactory, kResultOk};
use vst3::{Class, ComPtr, ComWrapper};

use crate::export::Exports;
use crate::host::{Host, Making};
use crate::parameters::Parameters;
use factory::Factory;
use handler::Handler;

/// One instance.
struct Instance<P: Vst3Plugin> {
    inner: Wrapper<P>,
    host: Host,
    handler: Arc<Handler>,
    parameters: Option<Arc<dyn Parameters>>,
    /// Plugin index of each described parameter, by the id that the host knows.
    ids: Vec<(u32, usize)>,
}

impl<P: Vst3Plugin> Class for Instance<P> {
    type Interfaces = <Wrapper<P> as Class>::Interfaces;
}

impl<P: Vst3Plugin> Instance<P> {
    /// Makes an instance. Host's main thread.
    fn new() -> Self {
        let (inner, Making { host, parameters }) = Host::make(true, Wrapper::<P>::new);
        let handler = Arc::new(Handler::default());
        let tell = Arc::clone(&handler);
        host.connect(Arc::new(move |news| tell.tell(news)));
        let ids = ids(&inner, &host);
        Self {
            inner,
            host,
            handler,
            parameters,
            ids,
        }
    }

    /// The plugin's description of a parameter, if it describes this one: who, and its index.
    fn described(&self, id: u32) -> Option<(&dyn Parameters, usize)> {
        let (_, index) = self.ids.iter().find(|(known, _)| *known == id)?;
        Some((self.parameters.as_deref()?, *index))
    }
}

impl<P: Vst3Plugin> Drop for Instance<P> {
    fn drop(&mut self) {
        self.host.disconnect();
    }
}

/// An empty description.
fn blank() -> ParameterInfo {
    ParameterInfo {
        id: 0,
        title: [0; _],
        shortTitle: [0; _],
        units: [0; _],
        stepCount: 0,
        defaultNormalizedValue: 0.0,
        unitId: 0,
        flags: ParameterFlags_::kNoFlags,
    }
}

/// Ids of the described parameters, as nice-plug tells them to hosts.
fn ids<P: Vst3Plugin>(inner: &Wrapper<P>, host: &Host) -> Vec<(u32, usize)> {
    let Some(places) = host.places() else {
        return Vec::new();
    };
    let id = |(index, place): (usize, crate::parameters::Place)| {
        let mut info = blank();
        let position = i32::try_from(place.position).ok()?;
        // SAFETY: `info` is writable, and the position exists.
        let result = unsafe { inner.getParameterInfo(position, &raw mut info) };
        (result == kResultOk).then_some((info.id, index))
    };
    places.iter().filter_map(id).collect()
}

/// Makes an instance of a class.
pub(crate) fn create<P: Vst3Plugin>() -> Option<ComPtr<FUnknown>> {
    ComWrapper::new(Instance::<P>::new()).to_com_ptr()
}

/// A new reference to the library's class factory.
#[must_use]
pub fn factory(exports: &'static Exports) -> *mut c_void {
    let factory = ComWrapper::new(Factory::new(exports)).to_com_ptr::<IPluginFactory>();
    factory.map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}
