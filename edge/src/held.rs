//! Events that wait for the next block with frames.
//!
//! Thread: audio, except `new`.

/// Events that one instance keeps; a host sends no more in blocks without frames.
const CAPACITY: usize = 512;

/// Events in the order they came. What does not fit is lost.
pub(crate) struct Held<T>(Vec<T>);

impl<T> Held<T> {
    /// None.
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(CAPACITY))
    }

    /// Those that wait.
    pub(crate) fn events(&self) -> &[T] {
        &self.0
    }

    /// One more.
    pub(crate) fn push(&mut self, event: T) {
        if self.0.len() < CAPACITY {
            self.0.push(event);
        }
    }

    /// They were delivered.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
