//! The plugin's handle to its host, and how news reach the host's main thread.
//!
//! News are flags, not a queue: they can be raised from any thread, as often as one likes, and
//! are told together. The handle is made before there is a host to talk to and may outlive it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

use nice_plug::params::Params;

use crate::automation::Automation;
use crate::parameters::{Parameters, Places};

/// News for the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Names, units, defaults, texts or values of parameters changed.
    pub(crate) parameters: bool,
    /// The project is no longer as it was saved.
    pub(crate) dirty: bool,
}

/// Frames of a tail without end, in both formats.
pub(crate) const ENDLESS_TAIL: u32 = u32::MAX;

/// Tells the host. Called on its main thread; what could not be told comes back.
pub(crate) type Tell = Arc<dyn Fn(News) -> News + Send + Sync>;

/// Asks for [`Host::deliver`] to be called on the main thread.
enum Wake {
    /// Called under the lock: once the instance is gone, so is this, and the host is not called.
    Locked(Box<dyn Fn() + Send>),
    /// Called without the lock, because it may deliver at once and then come here again.
    Free(Arc<dyn Fn() + Send + Sync>),
}

#[derive(Default)]
struct Shared {
    parameters_changed: AtomicBool,
    dirty: AtomicBool,
    /// While a state is loaded nothing is told: the host would read what is half loaded.
    holding: AtomicBool,
    endless_tail: AtomicBool,
    /// No hop before there is a window: see [`Host::hop_needs_view`].
    needs_view: AtomicBool,
    main_thread: Option<ThreadId>,
    wake: Mutex<Option<Wake>>,
    tell: Mutex<Option<Tell>>,
    places: OnceLock<Places>,
    automation: OnceLock<Automation>,
}

/// The plugin's handle to its host. Clones are the same handle.
///
/// Thread: any but audio.
#[derive(Clone, Default)]
pub struct Host(Arc<Shared>);

thread_local! {
    /// The instance that this thread is making.
    static MAKING: RefCell<Option<Making>> = const { RefCell::new(None) };
}

/// What a wrapper and the plugin inside it exchange while the plugin is made.
#[derive(Clone)]
pub(crate) struct Making {
    pub(crate) host: Host,
    pub(crate) parameters: Option<Arc<dyn Parameters>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Host {
    /// The host of the instance that is being made: to be called in the plugin's
    /// `Default::default`. Anywhere else (tests, command line, standalone) the handle leads to
    /// nobody.
    #[must_use]
    pub fn of_this_instance() -> Self {
        let making = |m: &RefCell<Option<Making>>| m.borrow().as_ref().map(|m| m.host.clone());
        MAKING.with(making).unwrap_or_default()
    }

    /// Hands over who describes the parameters: to be called once, in the plugin's
    /// `Default::default`, on the handle made there.
    pub fn set_parameters(&self, parameters: Arc<dyn Parameters>) {
        let _ = self.0.places.set(Places::find(&*parameters));
        MAKING.with_borrow_mut(|making| {
            if let Some(making) = making
                && Arc::ptr_eq(&making.host.0, &self.0)
            {
                making.parameters = Some(parameters);
            }
        });
    }

    /// Takes the automation of these parameters, which must be the plugin's, over from nice-plug;
    /// what comes back is for the plugin's `process`. To be called once, in the plugin's
    /// `Default::default`.
    #[must_use]
    pub fn take_automation(&self, params: &Arc<dyn Params>) -> Automation {
        let automation = self.0.automation.get_or_init(Automation::default);
        automation.serve(params);
        automation.clone()
    }

    /// Hosts shall call `process` forever, also in silence: the tail is reported as endless. To be
    /// called in the plugin's `Default::default`. nice-plug reports what the last block brought,
    /// which is no tail at all before the first one, when hosts ask.
    pub fn set_endless_tail(&self) {
        self.0.endless_tail.store(true, Ordering::Relaxed);
    }

    /// Whether the tail is endless. Thread: any.
    pub(crate) fn has_endless_tail(&self) -> bool {
        self.0.endless_tail.load(Ordering::Relaxed)
    }

    /// Tells how to get to the main thread where the format has no way of its own (VST3):
    /// `hop` shall cause [`deliver`](Self::deliver) to be called there, now or later. nice-plug's
    /// `AsyncExecutor::execute_gui` does that, which a plugin gets in `Plugin::editor`.
    pub fn set_main_thread_hop(&self, hop: impl Fn() + Send + Sync + 'static) {
        let mut wake = lock(&self.0.wake);
        if !matches!(*wake, Some(Wake::Locked(_))) {
            *wake = Some(Wake::Free(Arc::new(hop)));
        }
    }

    /// The host shall read names, units, defaults, texts and values of the parameters again.
    pub fn parameters_changed(&self) {
        self.0.parameters_changed.store(true, Ordering::Release);
        self.wake();
    }

    /// The project is no longer as it was saved.
    pub fn mark_dirty(&self) {
        self.0.dirty.store(true, Ordering::Release);
        self.wake();
    }

    /// Sets a described parameter's value (0..1), as a loaded preset does: no automation is
    /// recorded. To be followed by [`parameters_changed`](Self::parameters_changed) once all are
    /// set. Returns whether there is such a parameter.
    pub fn set_value(&self, index: usize, normalised: f32) -> bool {
        let places = self.0.places.get();
        normalised.is_finite() && places.is_some_and(|p| p.set(index, normalised.clamp(0.0, 1.0)))
    }

    /// Tells the host what there is to tell. Does nothing on a thread that the host does not
    /// expect, and while a state is loaded; the news then wait.
    pub fn deliver(&self) {
        let on_main_thread = self
            .0
            .main_thread
            .is_none_or(|id| id == std::thread::current().id());
        if !on_main_thread || self.0.holding.load(Ordering::Acquire) {
            return;
        }
        // Not called under the lock: the host may ask for names, which may end up here.
        let Some(tell) = lock(&self.0.tell).clone() else {
            return;
        };
        let news = self.take_news();
        if news != News::default() {
            let left = tell(news);
            self.0
                .parameters_changed
                .fetch_or(left.parameters, Ordering::AcqRel);
            self.0.dirty.fetch_or(left.dirty, Ordering::AcqRel);
        }
    }

    fn take_news(&self) -> News {
        News {
            parameters: self.0.parameters_changed.swap(false, Ordering::AcqRel),
            dirty: self.0.dirty.swap(false, Ordering::AcqRel),
        }
    }

    fn wake(&self) {
        if self.0.holding.load(Ordering::Acquire) {
            return;
        }
        let wake = lock(&self.0.wake);
        match &*wake {
            Some(Wake::Locked(wake)) => wake(),
            Some(Wake::Free(_)) if self.0.needs_view.load(Ordering::Acquire) => {}
            Some(Wake::Free(hop)) => {
                let hop = Arc::clone(hop);
                drop(wake);
                hop();
            }
            None => {}
        }
    }

    /// Makes a plugin on this thread: `make` ends up in its `Default::default`, which finds the
    /// handle. `main_thread`: news are told on this thread only.
    pub(crate) fn make<T>(main_thread: bool, make: impl FnOnce() -> T) -> (T, Making) {
        let shared = Shared {
            main_thread: main_thread.then(|| std::thread::current().id()),
            ..Shared::default()
        };
        let making = Making {
            host: Self(Arc::new(shared)),
            parameters: None,
        };
        let before = MAKING.replace(Some(making.clone()));
        let made = make();
        let making = MAKING.replace(before).unwrap_or(making);
        // Nobody has read a name yet.
        making.host.take_news();
        (made, making)
    }

    /// Where the described parameters are.
    pub(crate) fn places(&self) -> Option<&Places> {
        self.0.places.get()
    }

    /// The automation, if the plugin takes it itself.
    pub(crate) fn automation(&self) -> Option<&Automation> {
        self.0.automation.get()
    }

    /// News wait until [`view_was_made`](Self::view_was_made). In VST3 only a window has a run loop;
    /// without one nice-plug hands the hop to its worker, which can tell nobody, and which dies of
    /// it when the instance is removed at that moment.
    pub(crate) fn hop_needs_view(&self) {
        self.0.needs_view.store(true, Ordering::Release);
    }

    /// The host asked for a window.
    pub(crate) fn view_was_made(&self) {
        self.0.needs_view.store(false, Ordering::Release);
    }

    /// From now on news reach the host.
    pub(crate) fn connect(&self, tell: Tell) {
        *lock(&self.0.tell) = Some(tell);
    }

    /// How to get to the main thread, in a format that has a way of its own.
    pub(crate) fn set_wake(&self, wake: impl Fn() + Send + 'static) {
        *lock(&self.0.wake) = Some(Wake::Locked(Box::new(wake)));
        if self.has_news() {
            self.wake();
        }
    }

    fn has_news(&self) -> bool {
        self.0.parameters_changed.load(Ordering::Acquire) || self.0.dirty.load(Ordering::Acquire)
    }

    /// The host is gone: from here on it is not called.
    pub(crate) fn disconnect(&self) {
        *lock(&self.0.wake) = None;
        *lock(&self.0.tell) = None;
    }

    /// Runs a state load. What it brings is told at its end, on the main thread.
    pub(crate) fn load<T>(&self, load: impl FnOnce() -> T) -> T {
        self.0.holding.store(true, Ordering::Release);
        let loaded = load();
        self.0.holding.store(false, Ordering::Release);
        self.deliver();
        if self.has_news() {
            self.wake();
        }
        loaded
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("connected", &lock(&self.0.tell).is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
