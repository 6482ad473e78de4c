//! The two one-slot exchanges between control and audio (R2.1, R2.2, R2.4).
//!
//! `inbox` holds at most one plan: control takes the old one back before it puts a newer one in, so
//! the newest program always wins. `home` holds the list of retired plans; only the renderer puts
//! plans in, only control takes them out and frees them.
//!
//! Thread: both; every operation is lock-free.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use crossbeam::atomic::AtomicCell;

use crate::graph::plan::Plan;

const _: () = assert!(
    AtomicCell::<Option<Box<Plan>>>::is_lock_free(),
    "a boxed plan must fit an atomic word"
);

/// Shared by one engine and one renderer.
#[derive(Default)]
pub struct Exchange {
    inbox: AtomicCell<Option<Box<Plan>>>,
    home: AtomicCell<Option<Box<Plan>>>,
    /// Revision of the plan in the inbox; 0 = none. The renderer looks here first, because a peek
    /// into the inbox would take the plan.
    waiting: AtomicU64,
    /// Launch quantum of the plan in the inbox in beats; 0 = at once. Written while the inbox is
    /// empty.
    quantum_beats: AtomicU32,
    /// Whether the plan in the inbox starts a free run. Written while the inbox is empty.
    starts_song: AtomicBool,
    /// Revision of a program that took longer than real time; 0 = none.
    overloaded: AtomicU64,
}

/// What is known of a plan in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its revision.
    pub revision: u64,
    /// Multiple of beats on which it starts; 0 = at once.
    pub quantum_beats: u32,
    /// Whether a song that stands begins to run by itself with it (R7.7).
    pub starts_song: bool,
}

impl Exchange {
    // ---- control side -------------------------------------------------------------------------

    /// Takes a plan back that the renderer did not take.
    pub fn withdraw(&self) -> Option<Box<Plan>> {
        let plan = self.inbox.take();
        self.waiting.store(0, Ordering::Release);
        plan
    }

    /// Puts a plan into the empty inbox. Call [`withdraw`](Self::withdraw) first.
    pub fn submit(&self, plan: Box<Plan>, quantum_beats: u32, starts_song: bool) {
        let revision = plan.revision;
        self.quantum_beats.store(quantum_beats, Ordering::Release);
        self.starts_song.store(starts_song, Ordering::Release);
        drop(self.inbox.swap(Some(plan)));
        self.waiting.store(revision, Ordering::Release);
    }

    /// The retired plans, newest first, linked by `next_retired`.
    pub fn collect(&self) -> Option<Box<Plan>> {
        self.home.take()
    }

    /// Revision of a program that was too heavy, once.
    pub fn take_overloaded(&self) -> u64 {
        self.overloaded.swap(0, Ordering::AcqRel)
    }

    // ---- audio side ---------------------------------------------------------------------------

    /// What waits, if anything.
    pub fn peek(&self) -> Option<Waiting> {
        let revision = self.waiting.load(Ordering::Acquire);
        (revision != 0).then(|| Waiting {
            revision,
            quantum_beats: self.quantum_beats.load(Ordering::Acquire),
            starts_song: self.starts_song.load(Ordering::Acquire),
        })
    }

    /// Takes the waiting plan, to adopt it on this frame.
    ///
    /// If control has just replaced it by a newer one, the newer one is taken: it is at most one
    /// call early, and the newest program wins.
    pub fn take(&self) -> Option<Box<Plan>> {
        let plan = self.inbox.take();
        if let Some(plan) = &plan {
            let taken = plan.revision;
            // Only if control has not announced a newer one meanwhile.
            let _ = self
                .waiting
                .compare_exchange(taken, 0, Ordering::AcqRel, Ordering::Acquire);
        }
        plan
    }

    /// Sends a list of retired plans home, in front of those that still lie there.
    ///
    /// Only the renderer stores here, so nothing can slip in between the two steps.
    pub fn send_home(&self, mut list: Box<Plan>) {
        if let Some(older) = self.home.take() {
            append(&mut list, older);
        }
        let displaced = self.home.swap(Some(list));
        debug_assert!(
            displaced.is_none(),
            "only the renderer stores retired plans"
        );
    }

    /// Reports a program that took longer than real time.
    pub fn report_overload(&self, revision: u64) {
        self.overloaded.store(revision, Ordering::Release);
    }
}

/// Hangs `older` behind the last plan of `list`.
fn append(list: &mut Box<Plan>, older: Box<Plan>) {
    let mut last = list;
    while last.next_retired.is_some() {
        match &mut last.next_retired {
            Some(next) => last = next,
            None => return,
        }
    }
    last.next_retired = Some(older);
}
