//! Waits, when an instance is deactivated, until nice-plug's shared worker is done with it.
//!
//! In VST3 nice-plug hands what is for the host's main thread to its worker thread where no editor
//! with a run loop is open: news for the host, and parameter changes that a host makes on another
//! thread while no audio runs.
//! The worker serves all instances of a plugin. If it meets a message for an instance that is gone
//! it ends, and when the last instance goes, nice-plug 0.4.2 panics because its worker has ended:
//! in a function that cannot unwind, so the host dies (`event_loop/background_thread.rs`, seen with
//! instances that were removed right after a message). Messages are served in order, so a mark of
//! our own behind the others tells when they are done.
//!
//! Thread: `wait` on the host's main thread, `reached` on nice-plug's worker.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long to wait for the worker at most; it has nothing to do that takes a millisecond.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The worker still holds the instance for an instant after it has served the mark.
const LET_GO: Duration = Duration::from_millis(1);

/// A mark in the worker's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(u64);

/// Counts marks sent and reached. Clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Drain(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Counts {
    sent: u64,
    reached: u64,
}

impl Drain {
    /// Sends a mark and waits until the worker has reached it; whether it did in time.
    pub fn wait(&self, send: impl FnOnce(Mark)) -> bool {
        let mark = {
            let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.sent += 1;
            counts.sent
        };
        send(Mark(mark));
        let counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (counts, timeout) = self
            .0
            .changed
            .wait_timeout_while(counts, LONGEST_WAIT, |counts| counts.reached < mark)
            .unwrap_or_else(PoisonError::into_inner);
        drop(counts);
        std::thread::sleep(LET_GO);
        !timeout.timed_out()
    }

    /// The worker has come to a mark.
    pub fn reached(&self, mark: Mark) {
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.reached = counts.reached.max(mark.0);
        drop(counts);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn waiting_ends_when_everything_before_the_mark_is_done() {
        let drain = Drain::default();
        let (sender, receiver) = mpsc::channel::<Option<Mark>>();
        let served = Arc::new(AtomicBool::new(false));
        let worker = {
            let (drain, served) = (drain.clone(), served.clone());
            std::thread::spawn(move || {
                for message in receiver {
                    match message {
                        Some(mark) => drain.reached(mark),
                        None => served.store(true, Ordering::SeqCst),
                    }
                }
            })
        };
        for _ in 0..10 {
            served.store(false, Ordering::SeqCst);
            sender.send(None).expect("a worker");
            assert!(drain.wait(|mark| sender.send(Some(mark)).expect("a worker")));
            assert!(served.load(Ordering::SeqCst));
        }
        drop(sender);
        worker.join().expect("the worker ends");
    }

    #[test]
    fn a_worker_that_answers_at_once_is_not_missed() {
        let drain = Drain::default();
        assert!(drain.wait(|mark| drain.reached(mark)));
    }
}
