//! Flush-to-zero for the duration of a callback.
//!
//! Decaying filters and tails reach numbers so small that common processors take twenty times as
//! long for each (measured: an SVF at 27 times its cost). The flags are restored on the way out:
//! they belong to the host.
//!
//! Thread: audio.

#![allow(unsafe_code)] // One of the two places where DESIGN allows it: reading and writing MXCSR/FPCR.

/// Sets flush-to-zero (and denormals-are-zero) until dropped.
pub struct FlushDenormals {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    before: Register,
}

#[cfg(target_arch = "x86_64")]
type Register = u32;
#[cfg(target_arch = "aarch64")]
type Register = u64;

/// FTZ (bit 15) and DAZ (bit 6) of MXCSR.
#[cfg(target_arch = "x86_64")]
const FLUSH: u32 = (1 << 15) | (1 << 6);
/// FZ (bit 24) of FPCR.
#[cfg(target_arch = "aarch64")]
const FLUSH: u64 = 1 << 24;

impl FlushDenormals {
    /// Sets the flags.
    #[must_use]
    pub fn new() -> Self {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        {
            let before = read();
            write(before | FLUSH);
            Self { before }
        }
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        Self {}
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        write(self.before);
    }
}

#[cfg(target_arch = "x86_64")]
fn read() -> u32 {
    let mut value = 0_u32;
    // SAFETY: STMXCSR stores the 32-bit control register to the given, valid address; SSE is part
    // of every x86-64.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack, preserves_flags));
    }
    value
}

#[cfg(target_arch = "x86_64")]
fn write(value: u32) {
    // SAFETY: LDMXCSR loads the control register from a valid address. Only the FTZ and DAZ bits
    // differ from a value read before, and Rust code does not rely on subnormal results here.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, preserves_flags));
    }
}

#[cfg(target_arch = "aarch64")]
fn read() -> u64 {
    let value: u64;
    // SAFETY: reading FPCR has no side effect.
    unsafe {
        std::arch::asm!("mrs {}, fpcr", out(reg) value, options(nomem, nostack, preserves_flags));
    }
    value
}

#[cfg(target_arch = "aarch64")]
fn write(value: u64) {
    // SAFETY: only the FZ bit differs from a value read before.
    unsafe {
        std::arch::asm!("msr fpcr, {}", in(reg) value, options(nomem, nostack, preserves_flags));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flushes_inside_and_restores_outside() {
        let tiny = std::hint::black_box(1e-39_f32);
        assert!(tiny * std::hint::black_box(0.5) > 0.0);
        {
            let _flush = FlushDenormals::new();
            let half = std::hint::black_box(tiny) * std::hint::black_box(0.5);
            if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
                assert_eq!(half.to_bits() & 0x7fff_ffff, 0);
            }
        }
        assert!(std::hint::black_box(tiny) * std::hint::black_box(0.5) > 0.0);
    }
}
