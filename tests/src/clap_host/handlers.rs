//! What the plugin may ask of the host.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use clack_extensions::gui::{GuiSize, HostGui, HostGuiImpl};
use clack_extensions::latency::{HostLatency, HostLatencyImpl};
use clack_extensions::log::{HostLog, HostLogImpl, LogSeverity};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::posix_fd::{FdFlags, HostPosixFd, HostPosixFdImpl};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_extensions::thread_check::{HostThreadCheck, HostThreadCheckImpl};
use clack_extensions::timer::{HostTimer, HostTimerImpl, TimerId};
use clack_host::prelude::*;

use crate::host::Requests;

/// Names the three handler types to clack.
pub struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = MainThread<'a>;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _: &Shared) {
        builder
            .register::<HostLog>()
            .register::<HostTimer>()
            .register::<HostPosixFd>()
            .register::<HostParams>()
            .register::<HostState>()
            .register::<HostGui>()
            .register::<HostLatency>()
            .register::<HostThreadCheck>();
    }
}

/// Callable from any thread.
pub struct Shared {
    main_thread: ThreadId,
    callback: AtomicBool,
    restarts: AtomicU32,
    wrong_thread: AtomicU32,
    /// Lines logged through the host.
    pub log: Mutex<Vec<String>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            main_thread: std::thread::current().id(),
            callback: AtomicBool::new(false),
            restarts: AtomicU32::new(0),
            wrong_thread: AtomicU32::new(0),
            log: Mutex::new(Vec::new()),
        }
    }
}

impl Shared {
    /// Whether the plugin wants to be called on the main thread.
    pub fn take_callback(&self) -> bool {
        self.callback.swap(false, Ordering::AcqRel)
    }

    /// Adds the requests counted here.
    pub fn add_requests(&self, requests: &mut Requests) {
        requests.restarts += self.restarts.swap(0, Ordering::AcqRel);
        requests.wrong_thread += self.wrong_thread.swap(0, Ordering::AcqRel);
    }

    fn check_main_thread(&self) {
        if std::thread::current().id() != self.main_thread {
            self.wrong_thread.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {
        self.restarts.fetch_add(1, Ordering::AcqRel);
    }

    fn request_process(&self) {}

    fn request_callback(&self) {
        self.callback.store(true, Ordering::Release);
    }
}

impl HostLogImpl for Shared {
    fn log(&self, severity: LogSeverity, message: &str) {
        self.log
            .lock()
            .expect("log")
            .push(format!("{severity:?}: {message}"));
    }
}

impl HostParamsImplShared for Shared {
    fn request_flush(&self) {}
}

impl HostThreadCheckImpl for Shared {
    fn is_main_thread(&self) -> bool {
        std::thread::current().id() == self.main_thread
    }

    fn is_audio_thread(&self) -> bool {
        !self.is_main_thread()
    }
}

impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, _: GuiSize) -> Result<(), HostError> {
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _: bool) {}
}

struct Timer {
    id: TimerId,
    period: Duration,
    due: Instant,
}

/// Callable from the main thread.
pub struct MainThread<'a> {
    shared: &'a Shared,
    timers: RefCell<Vec<Timer>>,
    next_timer: Cell<u32>,
    files: RefCell<Vec<RawFd>>,
    requests: Cell<Requests>,
}

impl<'a> MainThread<'a> {
    /// Without timers and files.
    pub fn new(shared: &'a Shared) -> Self {
        Self {
            shared,
            timers: RefCell::default(),
            next_timer: Cell::new(0),
            files: RefCell::default(),
            requests: Cell::default(),
        }
    }

    /// Timers that are due now.
    pub fn due_timers(&self) -> Vec<TimerId> {
        let now = Instant::now();
        let mut timers = self.timers.borrow_mut();
        let due = timers.iter_mut().filter(|t| t.due <= now);
        due.map(|timer| {
            timer.due = now + timer.period;
            timer.id
        })
        .collect()
    }

    /// Files with something to read.
    pub fn ready_files(&self) -> Vec<RawFd> {
        let files = self.files.borrow();
        crate::x11::readable(&files)
    }

    /// Counts since the last call.
    pub fn take_requests(&self) -> Requests {
        self.requests.take()
    }

    fn count(&self, add: impl FnOnce(&mut Requests)) {
        self.shared.check_main_thread();
        let mut requests = self.requests.get();
        add(&mut requests);
        self.requests.set(requests);
    }
}

impl<'a> MainThreadHandler<'a> for MainThread<'a> {}

impl HostTimerImpl for MainThread<'_> {
    fn register_timer(&self, period_ms: u32) -> Result<TimerId, HostError> {
        let id = TimerId(self.next_timer.replace(self.next_timer.get() + 1));
        let period = Duration::from_millis(period_ms.max(10).into());
        self.timers.borrow_mut().push(Timer {
            id,
            period,
            due: Instant::now() + period,
        });
        Ok(id)
    }

    fn unregister_timer(&self, timer: TimerId) -> Result<(), HostError> {
        self.timers.borrow_mut().retain(|t| t.id != timer);
        Ok(())
    }
}

impl HostPosixFdImpl for MainThread<'_> {
    fn register_fd(&self, file: RawFd, _: FdFlags) -> Result<(), HostError> {
        self.files.borrow_mut().push(file);
        Ok(())
    }

    fn modify_fd(&self, _: RawFd, _: FdFlags) -> Result<(), HostError> {
        Ok(())
    }

    fn unregister_fd(&self, file: RawFd) -> Result<(), HostError> {
        self.files.borrow_mut().retain(|f| *f != file);
        Ok(())
    }
}

impl HostParamsImplMainThread for MainThread<'_> {
    fn rescan(&self, _: ParamRescanFlags) {
        self.count(|r| r.param_rescans += 1);
    }

    fn clear(&self, _: ClapId, _: ParamClearFlags) {}
}

impl HostStateImpl for MainThread<'_> {
    fn mark_dirty(&self) {
        self.count(|r| r.dirty += 1);
    }
}

impl HostLatencyImpl for MainThread<'_> {
    fn changed(&self) {
        self.count(|r| r.latency_changes += 1);
    }
}
