//! What the editor reads of its instance once per frame.

use std::sync::Arc;

use engine::{Launch, Status};

use super::knob_strip::KnobFace;
use crate::params::{FreeRunChoice, GlistenParams};
use crate::session::{Session, SessionView};

/// What the editor reads once per frame.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What the audio half says.
    pub status: Status,
    /// What the session says.
    pub view: SessionView,
    /// The launch point, a host parameter.
    pub launch: Launch,
    /// Number of the program that shall play, a host parameter, from 0.
    pub program: usize,
    /// When the song may run by itself while the host stands, a host parameter.
    pub free_run: FreeRunChoice,
    /// Whether the guard is on, a host parameter.
    pub guard: bool,
    /// The knobs of the program, in the order of their slots.
    pub knobs: Vec<KnobFace>,
    /// Text of the program that sounds, if it is known.
    pub sounding: Option<Arc<str>>,
    /// Text of the program that waits for its launch point.
    pub waiting: Option<Arc<str>>,
    /// Text of the newest accepted program.
    pub accepted: Option<Arc<str>>,
    /// The draft, if it is not the one the editor knows.
    pub draft: Option<Arc<str>>,
}

impl Snapshot {
    /// Reads a session. `known_revision` is the draft the editor has.
    #[must_use]
    pub fn take(session: &Session, params: &GlistenParams, known_revision: u64) -> Self {
        let status = session.status();
        let view = session.view();
        let text = |revision| {
            if revision == 0 {
                None
            } else {
                session.program_text(revision)
            }
        };
        let values = params.knobs.values();
        let faces = values.into_iter().enumerate().filter_map(|(slot, value)| {
            let knob = session.knobs().get(slot).filter(|knob| !knob.parked)?;
            Some(KnobFace {
                slot,
                name: knob.name,
                shape: knob.shape,
                normalised: value,
            })
        });
        Self {
            knobs: faces.collect(),
            sounding: text(status.sounding_revision),
            waiting: text(status.waiting_revision),
            accepted: text(view.accepted_revision),
            draft: (view.draft_revision != known_revision).then(|| session.draft()),
            status,
            view,
            launch: params.launch.value().launch(),
            program: usize::try_from(params.program.value() - 1).unwrap_or(0),
            free_run: params.free_run.value(),
            guard: params.guard.value(),
        }
    }
}
