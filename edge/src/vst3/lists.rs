//! What nice-plug gets to see in the place of the host's lists of events and parameter changes.
//!
//! Thread: audio, except `new`.

use std::sync::atomic::{AtomicPtr, Ordering};

use vst3::Steinberg::Vst::{
    Event, IEventList, IEventListTrait, IParamValueQueue, IParamValueQueueTrait, IParameterChanges,
    IParameterChangesTrait, ParamID,
};
use vst3::Steinberg::{int32, kInvalidArgument, kNotImplemented, kResultOk, tresult};
use vst3::{Class, ComPtr, ComRef, ComWrapper};

use crate::audio_cell::AudioCell;
use crate::held::Held;
use crate::ids::Ids;

/// The lists of an instance.
pub(super) struct Lists {
    changes: ComWrapper<Changes>,
    changes_pointer: ComPtr<IParameterChanges>,
    events: ComWrapper<Events>,
    events_pointer: ComPtr<IEventList>,
}

// SAFETY: what the pointers point to are the wrappers' own objects, which any thread may use.
unsafe impl Send for Lists {}
// SAFETY: as above.
unsafe impl Sync for Lists {}

impl Lists {
    /// With the parameters whose automation is taken over. `None` if there is no memory.
    pub(super) fn new(taken: Ids) -> Option<Self> {
        let changes = ComWrapper::new(Changes {
            host: AtomicPtr::default(),
            taken,
        });
        let events = ComWrapper::new(Events {
            host: AtomicPtr::default(),
            held: AudioCell::new(Held::new()),
        });
        Some(Self {
            changes_pointer: changes.to_com_ptr()?,
            changes,
            events_pointer: events.to_com_ptr()?,
            events,
        })
    }

    /// The parameters whose automation is taken over.
    pub(super) fn ids(&self) -> &Ids {
        &self.changes.taken
    }

    /// The host's parameter changes without those that are taken over.
    pub(super) fn changes(&self, host: *mut IParameterChanges) -> *mut IParameterChanges {
        if host.is_null() {
            return host;
        }
        self.changes.host.store(host, Ordering::Relaxed);
        self.changes_pointer.as_ptr()
    }

    /// The held events, then the host's.
    pub(super) fn events(&self, host: *mut IEventList) -> *mut IEventList {
        if self.events.held_count() == 0 {
            return host;
        }
        self.events.host.store(host, Ordering::Relaxed);
        self.events_pointer.as_ptr()
    }

    /// The block is over: the host's lists are no longer valid, and held events are delivered.
    pub(super) fn release(&self) {
        self.changes
            .host
            .store(std::ptr::null_mut(), Ordering::Relaxed);
        self.events
            .host
            .store(std::ptr::null_mut(), Ordering::Relaxed);
        self.forget();
    }

    /// Holds an event for the next block.
    pub(super) fn hold(&self, event: Event) {
        self.events.held.with(|held| held.push(event));
    }

    /// Lets go of held events.
    pub(super) fn forget(&self) {
        self.events.held.with(Held::clear);
    }
}

/// The host's parameter changes without those that are taken over.
struct Changes {
    /// Valid during a block.
    host: AtomicPtr<IParameterChanges>,
    taken: Ids,
}

impl Changes {
    fn host(&self) -> Option<ComRef<'_, IParameterChanges>> {
        // SAFETY: null outside of blocks; during one the host keeps its object alive.
        unsafe { ComRef::from_raw(self.host.load(Ordering::Relaxed)) }
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        // SAFETY: a valid object, see `host`.
        self.host()
            .map_or(0, |host| unsafe { host.getParameterCount() })
    }

    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let Some(host) = self.host() else {
            return std::ptr::null_mut();
        };
        // SAFETY: as above; nice-plug leaves null pointers out.
        unsafe {
            let queue = host.getParameterData(index);
            let is_taken = |queue: ComRef<'_, IParamValueQueue>| {
                self.taken.position(queue.getParameterId()).is_some()
            };
            if ComRef::from_raw(queue).is_some_and(is_taken) {
                std::ptr::null_mut()
            } else {
                queue
            }
        }
    }

    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// Held events, then the host's.
struct Events {
    /// Valid during a block, or null.
    host: AtomicPtr<IEventList>,
    held: AudioCell<Held<Event>>,
}

impl Events {
    fn held_count(&self) -> usize {
        self.held.with(|held| held.events().len()).unwrap_or(0)
    }

    fn host(&self) -> Option<ComRef<'_, IEventList>> {
        // SAFETY: null outside of blocks; during one the host keeps its object alive.
        unsafe { ComRef::from_raw(self.host.load(Ordering::Relaxed)) }
    }
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl IEventListTrait for Events {
    unsafe fn getEventCount(&self) -> int32 {
        // SAFETY: a valid object, see `host`.
        let host = self
            .host()
            .map_or(0, |host| unsafe { host.getEventCount() });
        host.saturating_add(self.held_count() as int32)
    }

    unsafe fn getEvent(&self, index: int32, event: *mut Event) -> tresult {
        let held = usize::try_from(index).ok().and_then(|index| {
            self.held
                .with(|held| held.events().get(index).copied())
                .flatten()
        });
        if let Some(held) = held {
            // SAFETY: nice-plug hands over a writable event.
            unsafe { event.write(held) };
            return kResultOk;
        }
        match self.host() {
            // SAFETY: a valid object, see `host`.
            Some(host) => unsafe { host.getEvent(index - self.held_count() as int32, event) },
            None => kInvalidArgument,
        }
    }

    unsafe fn addEvent(&self, _: *mut Event) -> tresult {
        kNotImplemented
    }
}
