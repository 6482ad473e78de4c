//! Counts what a thread does between `rtcheck_enter` and `rtcheck_leave`: heap calls, locks and
//! system calls, in debug and release builds, in our code and in every library below it.
//!
//! Loaded with `LD_PRELOAD`; a host finds the two functions with `dlsym`. Works for calls through
//! the dynamic linker, so it does not see system calls made by inline assembly, nor those glibc
//! makes inside itself (an allocation that needs `mmap` is still seen as an allocation). A mutex of
//! `std` that nobody else holds makes no call at all and stays invisible.
//!
//! With `RTCHECK_TRACE` set, the first event in each window prints a backtrace to stderr.
//!
//! The functions here must not allocate, because they are the allocator.

// Replacing libc functions is an ABI matter from end to end.
#![allow(unsafe_code)]

#[cfg(target_os = "linux")]
mod intercept;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// What happened inside one window.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Counts {
    /// Calls of malloc, calloc, realloc and their kin.
    pub allocations: u64,
    /// Calls of free with a pointer that is not null.
    pub frees: u64,
    /// Mutexes, read-write locks, condition variables, semaphores.
    pub locks: u64,
    /// System calls: futex, files, memory maps, sleeps, polls, threads.
    pub system_calls: u64,
}

/// The kind of an event.
#[derive(Clone, Copy)]
enum Kind {
    Allocation,
    Free,
    Lock,
    SystemCall,
}

const ZERO: Counts = Counts {
    allocations: 0,
    frees: 0,
    locks: 0,
    system_calls: 0,
};

thread_local! {
    // `const` and without a destructor, so that access is a plain read of static TLS.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static COUNTS: Cell<Counts> = const { Cell::new(ZERO) };
}

static TRACE: AtomicBool = AtomicBool::new(false);

/// Starts counting on the calling thread.
#[unsafe(no_mangle)]
pub extern "C" fn rtcheck_enter() {
    COUNTS.with(|c| c.set(ZERO));
    INSIDE.with(|i| i.set(true));
}

/// Stops counting on the calling thread and stores the counts.
///
/// # Safety
/// `counts` is null or points to a writable [`Counts`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rtcheck_leave(counts: *mut Counts) {
    INSIDE.with(|i| i.set(false));
    if !counts.is_null() {
        // SAFETY: the caller promises a writable struct.
        unsafe { counts.write(COUNTS.with(Cell::get)) };
    }
}

/// Counts an event if the thread is inside a window.
#[inline]
fn note(kind: Kind) {
    if !INSIDE.with(Cell::get) {
        return;
    }
    let mut counts = COUNTS.with(Cell::get);
    let first = counts.allocations == 0
        && counts.frees == 0
        && counts.locks == 0
        && counts.system_calls == 0;
    match kind {
        Kind::Allocation => counts.allocations += 1,
        Kind::Free => counts.frees += 1,
        Kind::Lock => counts.locks += 1,
        Kind::SystemCall => counts.system_calls += 1,
    }
    COUNTS.with(|c| c.set(counts));
    if first && TRACE.load(Ordering::Relaxed) {
        // The printing itself allocates and writes.
        INSIDE.with(|i| i.set(false));
        print_backtrace();
        INSIDE.with(|i| i.set(true));
    }
}

#[cfg(target_os = "linux")]
fn print_backtrace() {
    let mut frames = [std::ptr::null_mut(); 48];
    let title = b"rtcheck: first event in this window\n";
    // SAFETY: the buffers are as long as the lengths say, and stderr stays open.
    unsafe {
        libc::write(2, title.as_ptr().cast(), title.len());
        let n = libc::backtrace(frames.as_mut_ptr(), frames.len() as i32);
        libc::backtrace_symbols_fd(frames.as_ptr(), n, 2);
    }
}
