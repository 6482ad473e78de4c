//! The VST3 object of an instance: nice-plug's inside ours.
//!
//! nice-plug's object never hands out a pointer to itself, so a host that knows only ours is
//! served by both. Interfaces are the same; a new one upstream is a compile error here.

mod component;
mod controller;
mod factory;
mod forward;
mod handler;
mod lists;
mod processor;
mod sidechains;

use std::ffi::c_void;
use std::sync::Arc;

use nice_plug::wrapper::vst3::{Vst3Plugin, Wrapper};
use vst3::Steinberg::Vst::{IEditControllerTrait, ParameterInfo, ParameterInfo_::ParameterFlags_};
use vst3::Steinberg::{FUnknown, IPluginFactory, kResultOk};
use vst3::{Class, ComPtr, ComWrapper};

use crate::automation::Automation;
use crate::export::Exports;
use crate::host::{Host, Making};
use crate::ids::Ids;
use crate::parameters::{Parameters, Place, Places};
use factory::Factory;
use handler::Handler;
use lists::Lists;
use sidechains::Sidechains;

/// One instance.
struct Instance<P: Vst3Plugin> {
    inner: Wrapper<P>,
    host: Host,
    handler: Arc<Handler>,
    parameters: Option<Arc<dyn Parameters>>,
    /// Plugin index of each described parameter, by the id that the host knows.
    ids: Vec<(u32, usize)>,
    lists: Box<Lists>,
    sidechains: Sidechains,
}

impl<P: Vst3Plugin> Class for Instance<P> {
    type Interfaces = <Wrapper<P> as Class>::Interfaces;
}

impl<P: Vst3Plugin> Instance<P> {
    /// Makes an instance. Host's main thread.
    fn new() -> Option<Self> {
        let (inner, Making { host, parameters }) = Host::make(true, Wrapper::<P>::new);
        host.hop_needs_view();
        let handler = Arc::new(Handler::default());
        let tell = Arc::clone(&handler);
        host.connect(Arc::new(move |news| tell.tell(news)));
        let ids = ids(&inner, &host);
        let lists = Box::new(Lists::new(positions(&inner, &host))?);
        Some(Self {
            inner,
            host,
            handler,
            parameters,
            ids,
            lists,
            sidechains: Sidechains::default(),
        })
    }

    /// The plugin's description of a parameter, if it describes this one: who, and its index.
    fn described(&self, id: u32) -> Option<(&dyn Parameters, usize)> {
        let (_, index) = self.ids.iter().find(|(known, _)| *known == id)?;
        let parameters = self.parameters.as_deref()?;
        parameters.describe(*index)?;
        Some((parameters, *index))
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

/// The number that nice-plug tells hosts for the parameter at a position of its order.
fn number<P: Vst3Plugin>(inner: &Wrapper<P>, position: usize) -> Option<u32> {
    let mut info = blank();
    let position = i32::try_from(position).ok()?;
    // SAFETY: plain values; `info` is writable, and the position exists.
    let result = unsafe {
        if position >= inner.getParameterCount() {
            return None;
        }
        inner.getParameterInfo(position, &raw mut info)
    };
    (result == kResultOk).then_some(info.id)
}

/// Numbers of the described parameters, with the plugin's index.
fn ids<P: Vst3Plugin>(inner: &Wrapper<P>, host: &Host) -> Vec<(u32, usize)> {
    let places = host.places().into_iter().flat_map(Places::iter);
    let id = |(index, place): (usize, Place)| Some((number(inner, place.position)?, index));
    places.filter_map(id).collect()
}

/// Numbers of the parameters whose automation is taken over.
fn positions<P: Vst3Plugin>(inner: &Wrapper<P>, host: &Host) -> Ids {
    let count = host.automation().map_or(0, Automation::parameter_count);
    Ids::new((0..count).map(|position| number(inner, position)))
}

/// Makes an instance of a class.
pub(crate) fn create<P: Vst3Plugin>() -> Option<ComPtr<FUnknown>> {
    ComWrapper::new(Instance::<P>::new()?).to_com_ptr()
}

/// A new reference to the library's class factory.
#[must_use]
pub fn factory(exports: &'static Exports) -> *mut c_void {
    let factory = ComWrapper::new(Factory::new(exports)).to_com_ptr::<IPluginFactory>();
    factory.map_or(std::ptr::null_mut(), |factory| factory.into_raw().cast())
}
