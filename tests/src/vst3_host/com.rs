//! Objects the plugin calls back.

// COM from end to end.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use vst3::Steinberg::IBStream_::IStreamSeekMode_;
use vst3::Steinberg::Linux::{
    FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler,
    ITimerHandlerTrait, TimerInterval,
};
use vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler2, IComponentHandler2Trait, IComponentHandlerTrait,
    IHostApplication, IHostApplicationTrait, ParamID, ParamValue, RestartFlags_, String128,
};
use vst3::Steinberg::{
    FIDString, IBStream, IBStreamTrait, IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait,
    TBool, TUID, ViewRect, kInvalidArgument, kNotImplemented, kResultFalse, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComRef};

use crate::host::Requests;

/// The host's name.
pub struct HostApplication;

impl Class for HostApplication {
    type Interfaces = (IHostApplication,);
}

impl IHostApplicationTrait for HostApplication {
    unsafe fn getName(&self, name: *mut String128) -> tresult {
        let mut text: String128 = [0; 128];
        for (to, from) in text.iter_mut().zip("Glisten test host".encode_utf16()) {
            *to = from;
        }
        // SAFETY: the plugin hands over a writable array.
        unsafe { name.write(text) };
        kResultOk
    }

    unsafe fn createInstance(&self, _: *mut TUID, _: *mut TUID, _: *mut *mut c_void) -> tresult {
        kNotImplemented
    }
}

/// A stream in memory.
#[derive(Default)]
pub struct Stream {
    bytes: RefCell<Vec<u8>>,
    start: usize,
    position: Cell<usize>,
}

impl Stream {
    /// For reading: `bytes`, with something in front that the reader must not see.
    pub fn with_header(header: &[u8], bytes: &[u8]) -> Self {
        let start = header.len();
        Self {
            bytes: RefCell::new([header, bytes].concat()),
            start,
            position: Cell::new(start),
        }
    }

    /// Back to the first byte behind the header.
    pub fn rewind(&self) {
        self.position.set(self.start);
    }

    /// What was written.
    pub fn take(&self) -> Vec<u8> {
        self.bytes.take()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, buffer: *mut c_void, count: i32, done: *mut i32) -> tresult {
        let bytes = self.bytes.borrow();
        let at = self.position.get().min(bytes.len());
        let n = (count.max(0) as usize).min(bytes.len() - at);
        // SAFETY: the caller's buffer holds `count` bytes, `n` of which exist here.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes[at..].as_ptr(), buffer.cast(), n);
            if !done.is_null() {
                done.write(n as i32);
            }
        }
        self.position.set(at + n);
        kResultOk
    }

    unsafe fn write(&self, buffer: *mut c_void, count: i32, done: *mut i32) -> tresult {
        let n = count.max(0) as usize;
        // SAFETY: the caller's buffer holds `count` bytes.
        let new = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), n) };
        let mut bytes = self.bytes.borrow_mut();
        let at = self.position.get();
        let end = (at + n).max(bytes.len());
        bytes.resize(end, 0);
        bytes[at..at + n].copy_from_slice(new);
        self.position.set(at + n);
        if !done.is_null() {
            // SAFETY: writable when not null.
            unsafe { done.write(n as i32) };
        }
        kResultOk
    }

    unsafe fn seek(&self, offset: i64, mode: i32, result: *mut i64) -> tresult {
        let base = match mode as u32 {
            IStreamSeekMode_::kIBSeekSet => 0,
            IStreamSeekMode_::kIBSeekCur => self.position.get() as i64,
            IStreamSeekMode_::kIBSeekEnd => self.bytes.borrow().len() as i64,
            _ => return kInvalidArgument,
        };
        let Ok(position) = usize::try_from(base + offset) else {
            return kInvalidArgument;
        };
        self.position.set(position);
        if !result.is_null() {
            // SAFETY: writable when not null.
            unsafe { result.write(position as i64) };
        }
        kResultOk
    }

    unsafe fn tell(&self, position: *mut i64) -> tresult {
        // SAFETY: the caller hands over a writable number.
        unsafe { position.write(self.position.get() as i64) };
        kResultOk
    }
}

/// Counts what the plugin asks for.
pub struct Handler {
    main_thread: ThreadId,
    dirty: AtomicU32,
    rescans: AtomicU32,
    latency: AtomicU32,
    restarts: AtomicU32,
    wrong_thread: AtomicU32,
}

impl Default for Handler {
    fn default() -> Self {
        let zero = || AtomicU32::new(0);
        Self {
            main_thread: std::thread::current().id(),
            dirty: zero(),
            rescans: zero(),
            latency: zero(),
            restarts: zero(),
            wrong_thread: zero(),
        }
    }
}

impl Handler {
    /// Counts since the last call.
    pub fn take(&self) -> Requests {
        let take = |counter: &AtomicU32| counter.swap(0, Ordering::AcqRel);
        Requests {
            dirty: take(&self.dirty),
            param_rescans: take(&self.rescans),
            latency_changes: take(&self.latency),
            restarts: take(&self.restarts),
            wrong_thread: take(&self.wrong_thread),
        }
    }

    fn check_main_thread(&self) {
        if std::thread::current().id() != self.main_thread {
            self.wrong_thread.fetch_add(1, Ordering::AcqRel);
        }
    }
}

impl Class for Handler {
    type Interfaces = (IComponentHandler, IComponentHandler2);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        self.check_main_thread();
        kResultOk
    }

    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        self.check_main_thread();
        kResultOk
    }

    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        self.check_main_thread();
        kResultOk
    }

    unsafe fn restartComponent(&self, flags: i32) -> tresult {
        self.check_main_thread();
        let has = |flag: i32| flags & flag != 0;
        if has(RestartFlags_::kParamTitlesChanged) || has(RestartFlags_::kParamValuesChanged) {
            self.rescans.fetch_add(1, Ordering::AcqRel);
        }
        if has(RestartFlags_::kLatencyChanged) {
            self.latency.fetch_add(1, Ordering::AcqRel);
        }
        if has(RestartFlags_::kReloadComponent) {
            self.restarts.fetch_add(1, Ordering::AcqRel);
        }
        kResultOk
    }
}

impl IComponentHandler2Trait for Handler {
    unsafe fn setDirty(&self, _: TBool) -> tresult {
        self.check_main_thread();
        self.dirty.fetch_add(1, Ordering::AcqRel);
        kResultOk
    }

    unsafe fn requestOpenEditor(&self, _: FIDString) -> tresult {
        kNotImplemented
    }

    unsafe fn startGroupEdit(&self) -> tresult {
        kResultOk
    }

    unsafe fn finishGroupEdit(&self) -> tresult {
        kResultOk
    }
}

struct Timer {
    handler: ComPtr<ITimerHandler>,
    period: Duration,
    due: Instant,
}

/// The window's frame and the run loop behind it.
#[derive(Default)]
pub struct Frame {
    files: RefCell<Vec<(ComPtr<IEventHandler>, FileDescriptor)>>,
    timers: RefCell<Vec<Timer>>,
}

impl Frame {
    /// Calls the handlers of files that can be read and of timers that are due.
    pub fn serve(&self) {
        // Handlers may register and unregister, so nothing stays borrowed while they run.
        let files = self.files.borrow().clone();
        let numbers: Vec<_> = files.iter().map(|(_, file)| *file).collect();
        let ready = crate::x11::readable(&numbers);
        for (handler, file) in files.into_iter().filter(|(_, file)| ready.contains(file)) {
            // SAFETY: we hold a reference to the handler.
            unsafe { handler.onFDIsSet(file) };
        }
        let now = Instant::now();
        let mut due = Vec::new();
        for timer in self.timers.borrow_mut().iter_mut().filter(|t| t.due <= now) {
            timer.due = now + timer.period;
            due.push(timer.handler.clone());
        }
        for handler in due {
            // SAFETY: we hold a reference to the handler.
            unsafe { handler.onTimer() };
        }
    }
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: the plugin hands over its own view.
        match unsafe { ComRef::from_raw(view) } {
            // SAFETY: the size is readable.
            Some(view) => unsafe { view.onSize(size) },
            None => kInvalidArgument,
        }
    }
}

impl IRunLoopTrait for Frame {
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        file: FileDescriptor,
    ) -> tresult {
        // SAFETY: the plugin hands over its own handler; we keep a reference.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        self.files.borrow_mut().push((handler.to_com_ptr(), file));
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        let mut files = self.files.borrow_mut();
        let before = files.len();
        let mut gone = Vec::new();
        files.retain(|(h, file)| {
            let keep = h.as_ptr() != handler;
            if !keep {
                gone.push((h.clone(), *file));
            }
            keep
        });
        let result = if files.len() < before {
            kResultOk
        } else {
            kResultFalse
        };
        // The last reference may run the plugin's code, which may call here again.
        drop(files);
        drop(gone);
        result
    }

    unsafe fn registerTimer(&self, handler: *mut ITimerHandler, period: TimerInterval) -> tresult {
        // SAFETY: as above.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        let period = Duration::from_millis(period.max(1));
        let due = Instant::now() + period;
        self.timers.borrow_mut().push(Timer {
            handler: handler.to_com_ptr(),
            period,
            due,
        });
        kResultOk
    }

    unsafe fn unregisterTimer(&self, handler: *mut ITimerHandler) -> tresult {
        self.timers
            .borrow_mut()
            .retain(|t| t.handler.as_ptr() != handler);
        kResultOk
    }
}
