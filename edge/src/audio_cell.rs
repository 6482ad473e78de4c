//! Memory that only the audio thread uses, in objects that every thread can see.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering};

/// A value for one user at a time, who never waits: somebody else's use makes the second come to
/// nothing. Hosts call `process` on one thread at a time, so that never happens to them.
#[derive(Default)]
pub(crate) struct AudioCell<T> {
    in_use: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the flag lets one thread at a time to the value, and its ordering hands the value on.
unsafe impl<T: Send> Sync for AudioCell<T> {}

/// Clears the flag, also when the use panics.
struct InUse<'a>(&'a AtomicBool);

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> AudioCell<T> {
    /// Around a value.
    pub(crate) const fn new(value: T) -> Self {
        Self {
            in_use: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// Uses the value, unless somebody does.
    pub(crate) fn with<R>(&self, use_it: impl FnOnce(&mut T) -> R) -> Option<R> {
        if self.in_use.swap(true, Ordering::Acquire) {
            return None;
        }
        let _in_use = InUse(&self.in_use);
        // SAFETY: the flag was clear, and stays set until `_in_use` goes: nobody else gets here.
        Some(use_it(unsafe { &mut *self.value.get() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_user_is_turned_away() {
        let cell = AudioCell::new(1);
        let inner = cell.with(|value| {
            *value += 1;
            cell.with(|_| ())
        });
        assert_eq!(inner, Some(None));
        assert_eq!(cell.with(|value| *value), Some(2));
    }

    #[test]
    fn a_panic_frees_the_cell() {
        let cell = AudioCell::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            cell.with(|_| panic!("on purpose"));
        }));
        assert!(panicked.is_err());
        assert_eq!(cell.with(|value| *value), Some(1));
    }

    #[test]
    fn threads_take_turns() {
        let cell = AudioCell::new(0u64);
        let done: u64 = std::thread::scope(|scope| {
            let count = || {
                let add = || cell.with(|value| *value += 1).is_some();
                (0..20_000).map(|_| u64::from(add())).sum::<u64>()
            };
            let threads = [scope.spawn(count), scope.spawn(count)];
            threads.map(|t| t.join().expect("no panic")).iter().sum()
        });
        assert_eq!(cell.with(|value| *value), Some(done));
    }
}
