//! The replaced functions. Each notes itself and calls the real one.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Kind, TRACE, note};

// glibc's allocator under its other names: `dlsym` itself allocates, so it cannot be asked here.
unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
    fn __libc_free(pointer: *mut c_void);
}

/// Runs when the library is loaded, before anything is counted.
#[used]
#[unsafe(link_section = ".init_array")]
static INIT: extern "C" fn() = init;

extern "C" fn init() {
    // SAFETY: the name is a C string; the environment is not changed during start-up.
    let wanted = !unsafe { libc::getenv(c"RTCHECK_TRACE".as_ptr()) }.is_null();
    TRACE.store(wanted, Ordering::Relaxed);
    if wanted {
        // The first call loads libgcc; that must not happen inside a window.
        let mut frame = [std::ptr::null_mut(); 1];
        // SAFETY: one frame fits.
        unsafe { libc::backtrace(frame.as_mut_ptr(), 1) };
    }
}

/// Finds the next definition of a symbol once and keeps it.
fn real(slot: &AtomicUsize, name: &CStr) -> usize {
    let known = slot.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: a valid C string; RTLD_NEXT needs no handle.
    let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) } as usize;
    if found == 0 {
        // SAFETY: nothing sensible can be done without the real function.
        unsafe { libc::abort() };
    }
    slot.store(found, Ordering::Relaxed);
    found
}

/// `malloc`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    note(Kind::Allocation);
    // SAFETY: as the caller promises.
    unsafe { __libc_malloc(size) }
}

/// `calloc`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    note(Kind::Allocation);
    // SAFETY: as the caller promises.
    unsafe { __libc_calloc(count, size) }
}

/// `realloc`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
    note(Kind::Allocation);
    // SAFETY: as the caller promises.
    unsafe { __libc_realloc(pointer, size) }
}

/// `memalign`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
    note(Kind::Allocation);
    // SAFETY: as the caller promises.
    unsafe { __libc_memalign(alignment, size) }
}

/// `aligned_alloc`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    note(Kind::Allocation);
    // SAFETY: as the caller promises.
    unsafe { __libc_memalign(alignment, size) }
}

/// `posix_memalign`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_memalign(
    out: *mut *mut c_void,
    alignment: usize,
    size: usize,
) -> c_int {
    note(Kind::Allocation);
    if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
        return libc::EINVAL;
    }
    // SAFETY: as the caller promises; `out` is writable.
    unsafe {
        let pointer = __libc_memalign(alignment, size);
        if pointer.is_null() {
            return libc::ENOMEM;
        }
        out.write(pointer);
    }
    0
}

/// `free`.
///
/// # Safety
/// As the C function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(pointer: *mut c_void) {
    if !pointer.is_null() {
        note(Kind::Free);
    }
    // SAFETY: as the caller promises.
    unsafe { __libc_free(pointer) }
}

/// Defines functions that note themselves and pass their arguments on. Variadic ones of libc are
/// declared with their longest argument list: on the System V and AAPCS64 calling conventions the
/// extra integer registers are ignored by the callee.
macro_rules! pass_on {
    ($kind:expr; $($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {$(
        #[doc = concat!("`", stringify!($name), "`.\n\n# Safety\nAs the C function.")]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($arg: $type),*) -> $result {
            static SLOT: AtomicUsize = AtomicUsize::new(0);
            const NAME: &CStr =
                match CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => panic!("a name without inner NUL"),
                };
            note($kind);
            let address = real(&SLOT, NAME);
            // SAFETY: the symbol of this name has this signature; arguments are the caller's.
            unsafe {
                let function: unsafe extern "C" fn($($type),*) -> $result =
                    std::mem::transmute(address);
                function($($arg),*)
            }
        }
    )*};
}

type Pointer = *mut c_void;

pass_on! { Kind::Lock;
    pthread_mutex_lock(mutex: Pointer) -> c_int;
    pthread_mutex_trylock(mutex: Pointer) -> c_int;
    pthread_mutex_timedlock(mutex: Pointer, time: Pointer) -> c_int;
    pthread_rwlock_rdlock(lock: Pointer) -> c_int;
    pthread_rwlock_wrlock(lock: Pointer) -> c_int;
    pthread_rwlock_tryrdlock(lock: Pointer) -> c_int;
    pthread_rwlock_trywrlock(lock: Pointer) -> c_int;
    pthread_cond_wait(condition: Pointer, mutex: Pointer) -> c_int;
    pthread_cond_timedwait(condition: Pointer, mutex: Pointer, time: Pointer) -> c_int;
    pthread_cond_signal(condition: Pointer) -> c_int;
    pthread_cond_broadcast(condition: Pointer) -> c_int;
    pthread_join(thread: libc::pthread_t, value: Pointer) -> c_int;
    sem_wait(semaphore: Pointer) -> c_int;
    sem_post(semaphore: Pointer) -> c_int;
}

pass_on! { Kind::SystemCall;
    syscall(number: c_long, a: c_long, b: c_long, c: c_long, d: c_long, e: c_long, f: c_long) -> c_long;
    open(path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    open64(path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    openat(folder: c_int, path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    openat64(folder: c_int, path: *const c_char, flags: c_int, mode: c_int) -> c_int;
    close(file: c_int) -> c_int;
    read(file: c_int, buffer: Pointer, bytes: usize) -> isize;
    pread64(file: c_int, buffer: Pointer, bytes: usize, offset: i64) -> isize;
    write(file: c_int, buffer: *const c_void, bytes: usize) -> isize;
    pwrite64(file: c_int, buffer: *const c_void, bytes: usize, offset: i64) -> isize;
    readv(file: c_int, parts: Pointer, count: c_int) -> isize;
    writev(file: c_int, parts: Pointer, count: c_int) -> isize;
    send(socket: c_int, buffer: *const c_void, bytes: usize, flags: c_int) -> isize;
    recv(socket: c_int, buffer: Pointer, bytes: usize, flags: c_int) -> isize;
    sendmsg(socket: c_int, message: Pointer, flags: c_int) -> isize;
    recvmsg(socket: c_int, message: Pointer, flags: c_int) -> isize;
    lseek64(file: c_int, offset: i64, from: c_int) -> i64;
    ioctl(file: c_int, request: libc::c_ulong, argument: c_long) -> c_int;
    fsync(file: c_int) -> c_int;
    mmap(address: Pointer, bytes: usize, protection: c_int, flags: c_int, file: c_int, offset: i64) -> Pointer;
    mmap64(address: Pointer, bytes: usize, protection: c_int, flags: c_int, file: c_int, offset: i64) -> Pointer;
    munmap(address: Pointer, bytes: usize) -> c_int;
    mprotect(address: Pointer, bytes: usize, protection: c_int) -> c_int;
    madvise(address: Pointer, bytes: usize, advice: c_int) -> c_int;
    nanosleep(time: Pointer, left: Pointer) -> c_int;
    clock_nanosleep(clock: c_int, flags: c_int, time: Pointer, left: Pointer) -> c_int;
    usleep(microseconds: u32) -> c_int;
    sleep(seconds: u32) -> u32;
    sched_yield() -> c_int;
    poll(files: Pointer, count: libc::c_ulong, timeout: c_int) -> c_int;
    ppoll(files: Pointer, count: libc::c_ulong, time: Pointer, mask: Pointer) -> c_int;
    select(count: c_int, read: Pointer, write: Pointer, except: Pointer, time: Pointer) -> c_int;
    epoll_wait(file: c_int, events: Pointer, count: c_int, timeout: c_int) -> c_int;
    eventfd_write(file: c_int, value: u64) -> c_int;
    pthread_create(thread: Pointer, attributes: Pointer, start: Pointer, argument: Pointer) -> c_int;
    getrandom(buffer: Pointer, bytes: usize, flags: u32) -> isize;
}
