//! The instance's own thread: compiles on Run, checks while typing, frees what comes home.
//!
//! Each instance has one, so that a long compile in one never delays another. The audio thread
//! never wakes it: while the plugin is active it looks by itself, a dozen times a second.

use std::sync::Arc;
use std::thread::JoinHandle;

use nice_plug::prelude::nice_error;

use crate::session::{Session, Work};

/// Owner of the thread; dropping it stops and joins the thread.
#[derive(Debug)]
pub struct Background {
    session: Arc<Session>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    /// Starts the thread. Where the system gives none, requests are done by whoever makes them.
    #[must_use]
    pub fn start(session: Arc<Session>) -> Self {
        let worker = session.clone();
        session.set_has_worker(true);
        let thread = std::thread::Builder::new()
            .name("glisten-worker".to_owned())
            .spawn(move || {
                loop {
                    match worker.next_work() {
                        Work::Stop => break,
                        work => worker.perform(&work),
                    }
                }
            });
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(error) => {
                session.set_has_worker(false);
                nice_error!("No worker thread, programs compile in the caller: {error}");
                None
            }
        };
        Self { session, thread }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.session.stop_worker();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            nice_error!("The worker thread ended with a panic");
        }
    }
}
