//! Finds the preloaded real-time checker (`tests/rtcheck`) in this process.

// Two C functions are found by name and called.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::ops::AddAssign;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// What happened inside the process calls. The layout is the checker's.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of malloc, calloc, realloc and their kin.
    pub allocations: u64,
    /// Calls of free.
    pub frees: u64,
    /// Mutexes, read-write locks, condition variables, semaphores.
    pub locks: u64,
    /// System calls.
    pub system_calls: u64,
}

impl Counts {
    /// Whether anything happened.
    #[must_use]
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.allocations += other.allocations;
        self.frees += other.frees;
        self.locks += other.locks;
        self.system_calls += other.system_calls;
    }
}

type Enter = unsafe extern "C" fn();
type Leave = unsafe extern "C" fn(*mut Counts);

/// The checker, if it is loaded.
#[derive(Clone, Copy)]
pub struct Checker {
    functions: Option<(Enter, Leave)>,
}

impl Checker {
    /// Looks it up in this process.
    #[must_use]
    pub fn find() -> Self {
        let symbol = |name: &CStr| {
            // SAFETY: a valid C string; RTLD_DEFAULT needs no handle.
            let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            (!found.is_null()).then_some(found)
        };
        let functions = symbol(c"rtcheck_enter")
            .zip(symbol(c"rtcheck_leave"))
            .map(|(e, l)| {
                // SAFETY: the checker exports the two names with exactly these signatures.
                unsafe {
                    (
                        std::mem::transmute::<*mut libc::c_void, Enter>(e),
                        std::mem::transmute::<*mut libc::c_void, Leave>(l),
                    )
                }
            });
        Self { functions }
    }

    /// Whether there is one.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.functions.is_some()
    }

    /// Starts counting on this thread.
    pub fn enter(&self) {
        if let Some((enter, _)) = self.functions {
            // SAFETY: no arguments, no conditions.
            unsafe { enter() };
        }
    }

    /// Stops counting; the counts since `enter`.
    pub fn leave(&self) -> Counts {
        let mut counts = Counts::default();
        if let Some((_, leave)) = self.functions {
            // SAFETY: `counts` is writable and has the checker's layout.
            unsafe { leave(&raw mut counts) };
        }
        counts
    }
}

/// The checker's library beside this program.
///
/// # Errors
/// It is not built.
pub fn library() -> Result<PathBuf> {
    let path = crate::artifacts::library_folder()?.join("libglisten_rtcheck.so");
    if !path.exists() {
        bail!(
            "{} is missing. Build it: cargo build -p glisten-rtcheck",
            path.display()
        );
    }
    Ok(path)
}

/// Runs a program of this crate with the checker preloaded and returns the JSON it prints.
///
/// # Errors
/// The checker is missing, the program fails, or prints something else.
pub fn run_checked(program: &str, arguments: &[&str]) -> Result<serde_json::Value> {
    let output = std::process::Command::new(program)
        .args(arguments)
        .env("LD_PRELOAD", library()?)
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{program} {arguments:?}: {}\n{text}\n{errors}",
            output.status
        );
    }
    // The report is the last line: the plugin may log before it.
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("{program} printed no report: {text}"))
}
