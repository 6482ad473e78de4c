//! CPU time of this thread, and its floating-point mode. Unix only.
#![allow(unsafe_code)]

use anyhow::{Result, bail};

/// Seconds of CPU time that this thread has used.
///
/// # Errors
/// The system has no such clock.
pub fn thread_seconds() -> Result<f64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for one `timespec`, which the call fills.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) } != 0;
    if failed {
        bail!("This system does not tell a thread's CPU time.");
    }
    Ok(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

/// Makes this thread treat subnormal numbers as 0, as audio hosts do, so that neither engine is
/// measured at their slow arithmetic.
pub fn flush_subnormals() {
    #[cfg(target_arch = "x86_64")]
    {
        let mut mode = 0_u32;
        // SAFETY: stores to and loads from a valid `u32`; FTZ (bit 15) and DAZ (bit 6) exist on
        // every x86-64, and only the rounding of subnormals changes (Intel SDM vol. 1, 10.2.3).
        unsafe {
            std::arch::asm!("stmxcsr [{}]", in(reg) &mut mode, options(nostack));
            mode |= 1 << 15 | 1 << 6;
            std::arch::asm!("ldmxcsr [{}]", in(reg) &mode, options(nostack));
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        let mut mode: u64;
        // SAFETY: FZ (bit 24 of FPCR) is writable from user code and only flushes subnormals.
        unsafe {
            std::arch::asm!("mrs {}, fpcr", out(reg) mode, options(nomem, nostack));
            mode |= 1 << 24;
            std::arch::asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack));
        }
    }
}
