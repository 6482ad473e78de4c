//! What lies between the editor, the host and the worker: texts, requests and results.
//!
//! All of it sits behind one lock that is held for a few instructions at a time.
//!
//! Thread: any but audio.

use std::collections::VecDeque;
use std::sync::Arc;

use engine::{Diagnostic, KnobBinding, Launch, PROGRAMS, Severity};

use crate::samples::Folder;
use crate::state::{Document, EditorSize, SavedProgram};

/// Accepted texts of each program that are kept, so that a revision of the engine's snapshot can be
/// turned into text. More than one that sounds, one that fades and one that waits is never needed.
pub(super) const KEPT_PROGRAMS: usize = 16;

/// What is wrong with one version of the draft.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// Draft revision it belongs to; spans refer to `text`.
    pub draft_revision: u64,
    /// The text that was looked at.
    pub text: Arc<str>,
    /// Errors, warnings and notes in the order of the text.
    pub diagnostics: Arc<[Diagnostic]>,
}

impl Diagnosis {
    /// Number of errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count()
    }
}

/// How the newest finished Run went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOutcome {
    /// Draft revision that was run.
    pub draft_revision: u64,
    /// The engine's number for this evaluation; compare with `Status::sounding_revision` and
    /// `Status::waiting_revision`.
    pub revision: u64,
    /// Whether the program was accepted. If not, the last good program plays on.
    pub accepted: bool,
    /// When it was asked to start.
    pub launch: Launch,
    /// Number of errors, 0 if accepted.
    pub errors: usize,
}

/// A consistent copy of all that the editor shows of a session; cheap to take every frame.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Revision of the draft. When it is not the one the editor set last, the draft was changed
    /// from outside (a state was loaded) and the editor must take [`Session::draft`](super::Session::draft) over.
    pub draft_revision: u64,
    /// Result of the newest finished check or Run, whichever was asked for later.
    pub diagnosis: Arc<Diagnosis>,
    /// The newest finished Run; `None` before the first one.
    pub last_run: Option<RunOutcome>,
    /// Whether a Run waits for the worker or is being compiled.
    pub running: bool,
    /// Number of the program that the draft, the last Run and the last good text belong to.
    pub shown: usize,
    /// Which programs have no text.
    pub empty: [bool; PROGRAMS],
    /// Text that is saved as the last good program.
    pub last_good: Option<Arc<str>>,
    /// Revision of the newest accepted text of the shown program (0 = none yet); its text is
    /// [`Session::program_text`](super::Session::program_text).
    pub accepted_revision: u64,
    /// The sample folder: where it is, and what is known of it.
    pub folder: Arc<Folder>,
    /// Whether the sample folder is being read.
    pub reading_folder: bool,
}

/// What the worker shall do.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    /// Evaluate this text and send it to the renderer, unless a state was loaded meanwhile.
    Run { request: RunRequest, loads: u64 },
    /// Find this text's problems.
    Check { draft_revision: u64, text: Arc<str> },
    /// Read the sample folder, and let what sounds have its sounds.
    Samples { loads: u64 },
    /// Take the waiting text of a program back.
    Cancel { program: usize },
    /// Let the song run by itself, or stand again.
    FreeRun(bool),
    /// Free what came home from the audio thread.
    Collect,
    /// Leave.
    Stop,
}

/// A draft that shall sound.
#[derive(Clone, Debug)]
pub(crate) struct RunRequest {
    pub(super) program: usize,
    pub(super) draft_revision: u64,
    pub(super) text: Arc<str>,
    pub(super) launch: Launch,
}

/// One of the programs: its texts and what became of them.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) draft: Arc<str>,
    pub(super) last_good: Option<Arc<str>>,
    /// A Run that was asked for and not begun.
    pub(super) run: Option<RunRequest>,
    pub(super) last_run: Option<RunOutcome>,
    /// The newest accepted texts by the engine's revisions, oldest first.
    pub(super) programs: VecDeque<(u64, Arc<str>)>,
    unknown: serde_json::Map<String, serde_json::Value>,
}

impl Sheet {
    /// Revision of the newest accepted text; 0 = none yet.
    pub(super) fn accepted_revision(&self) -> u64 {
        self.programs.back().map_or(0, |(revision, _)| *revision)
    }

    /// Remembers an accepted text.
    pub(super) fn keep_program(&mut self, revision: u64, text: &Arc<str>) {
        if self.programs.len() == KEPT_PROGRAMS {
            self.programs.pop_front();
        }
        self.programs.push_back((revision, text.clone()));
    }

    fn is_empty(&self) -> bool {
        self.draft.trim().is_empty() && self.last_good.as_ref().is_none_or(|t| t.trim().is_empty())
    }

    fn load(&mut self, saved: SavedProgram) {
        self.draft = saved.draft.into();
        self.last_good = saved.last_good.map(Into::into);
        self.unknown = saved.unknown;
        self.run = None;
        self.last_run = None;
    }

    fn saved(&self) -> SavedProgram {
        SavedProgram {
            draft: self.draft.to_string(),
            last_good: self.last_good.as_deref().map(str::to_owned),
            unknown: self.unknown.clone(),
        }
    }
}

/// Texts, requests and results. Locked for a few instructions at a time.
pub(super) struct Desk {
    /// The programs. Their numbers are the indices.
    pub(super) sheets: [Sheet; PROGRAMS],
    /// Number of the program that the editor shows; below `PROGRAMS`.
    shown: usize,
    /// Counts changes of the shown text.
    pub(super) draft_revision: u64,
    pub(super) seed: u64,
    pub(super) editor: Option<EditorSize>,
    /// The sample folder that somebody chose.
    pub(super) sample_folder: Option<String>,
    /// The sample folder in use.
    pub(super) folder: Arc<Folder>,
    /// The sample folder that the engine has; it gets a newly chosen one when it is next needed.
    pub(super) engine_folder: Option<Arc<Folder>>,
    /// Which slot of the bank belongs to which knob, as of the newest accepted program.
    pub(super) knobs: Vec<KnobBinding>,
    pub(super) unknown: serde_json::Map<String, serde_json::Value>,

    pub(super) check: Option<(u64, Arc<str>)>,
    /// The waiting text of this program shall be taken back.
    pub(super) cancel: Option<usize>,
    /// The song shall run by itself while the host stands, or stand again.
    pub(super) free_run: Option<bool>,
    /// The sample folder shall be read (again).
    pub(super) samples: bool,
    /// Loaded states so far: a Run asked for before the newest one is void.
    pub(super) loads: u64,
    /// A Run or check is being worked on.
    pub(super) working: bool,
    /// Audio may run, so things may come home.
    pub(super) active: bool,
    pub(super) stop: bool,
    /// Whether somebody takes requests off the desk.
    pub(super) has_worker: bool,

    pub(super) diagnosis: Arc<Diagnosis>,
}

impl Desk {
    pub(super) fn new(draft: Arc<str>, seed: u64) -> Self {
        let mut sheets: [Sheet; PROGRAMS] = Default::default();
        sheets[0].draft = draft.clone();
        Self {
            sheets,
            shown: 0,
            draft_revision: 1,
            seed,
            editor: None,
            sample_folder: None,
            folder: Folder::shared(),
            engine_folder: None,
            knobs: Vec::new(),
            unknown: serde_json::Map::new(),
            check: None,
            cancel: None,
            free_run: None,
            samples: false,
            loads: 0,
            working: false,
            active: false,
            stop: false,
            has_worker: false,
            diagnosis: Arc::new(Diagnosis {
                draft_revision: 1,
                text: draft,
                diagnostics: Arc::from([]),
            }),
        }
    }

    /// Number of the program that the editor shows.
    pub(super) fn shown(&self) -> usize {
        self.shown
    }

    /// The program that the editor shows.
    pub(super) fn sheet(&self) -> &Sheet {
        &self.sheets[self.shown % PROGRAMS]
    }

    /// The program that the editor shows.
    pub(super) fn sheet_mut(&mut self) -> &mut Sheet {
        &mut self.sheets[self.shown % PROGRAMS]
    }

    /// Shows another program, and asks for its problems. Returns whether it is another one.
    pub(super) fn show(&mut self, program: usize) -> bool {
        if program >= PROGRAMS || program == self.shown {
            return false;
        }
        self.shown = program;
        self.draft_revision += 1;
        let text = self.sheet().draft.clone();
        // What was found in the other program must not stand in this one, not even for a moment.
        self.diagnosis = Arc::new(Diagnosis {
            draft_revision: self.draft_revision,
            text: text.clone(),
            diagnostics: Arc::from([]),
        });
        self.check = Some((self.draft_revision, text));
        true
    }

    /// The draft as a request to sound.
    pub(super) fn run_request(&self, launch: Launch) -> RunRequest {
        RunRequest {
            program: self.shown,
            draft_revision: self.draft_revision,
            text: self.sheet().draft.clone(),
            launch,
        }
    }

    /// What the host saves.
    pub(super) fn document(&self) -> Document {
        let [first, others @ ..] = &self.sheets;
        Document {
            draft: first.draft.to_string(),
            last_good: first.last_good.as_deref().map(str::to_owned),
            others: others.each_ref().map(Sheet::saved),
            seed: self.seed,
            editor: self.editor,
            sample_folder: self.sample_folder.clone(),
            knobs: self.knobs.clone(),
            unknown: self.unknown.clone(),
        }
    }

    /// Puts a loaded document on the desk; open requests are void.
    pub(super) fn load(&mut self, document: Document) {
        self.check = None;
        self.cancel = None;
        self.samples = false;
        self.loads += 1;
        let [first, others @ ..] = &mut self.sheets;
        first.load(SavedProgram {
            draft: document.draft,
            last_good: document.last_good,
            unknown: serde_json::Map::new(),
        });
        for (sheet, saved) in others.iter_mut().zip(document.others) {
            sheet.load(saved);
        }
        self.draft_revision += 1;
        self.seed = document.seed;
        self.editor = document.editor.or(self.editor);
        self.unknown = document.unknown;
        self.knobs = document.knobs;
        // The same folder keeps the sounds that are loaded already: hosts load states to undo.
        if self.sample_folder != document.sample_folder {
            self.choose_folder(document.sample_folder);
        }
    }

    /// Takes a sample folder, or the shared one. It is read later.
    pub(super) fn choose_folder(&mut self, path: Option<String>) {
        self.folder = match &path {
            Some(path) => Folder::chosen(path.into()),
            None => Folder::shared(),
        };
        self.sample_folder = path;
    }

    /// Remembers an accepted text of a program.
    pub(super) fn keep_program(&mut self, program: usize, revision: u64, text: &Arc<str>) {
        if let Some(sheet) = self.sheets.get_mut(program) {
            sheet.keep_program(revision, text);
        }
    }

    /// Takes the oldest Run that was asked for.
    pub(super) fn take_run(&mut self) -> Option<RunRequest> {
        let asked = self.sheets.iter_mut().filter(|s| s.run.is_some());
        let order = |sheet: &&mut Sheet| sheet.run.as_ref().map(|r| r.draft_revision);
        asked.min_by_key(order)?.run.take()
    }

    /// Whether a Run was asked for and not begun.
    pub(super) fn run_waits(&self) -> bool {
        self.sheets.iter().any(|sheet| sheet.run.is_some())
    }

    pub(super) fn has_work(&self) -> bool {
        self.run_waits()
            || self.check.is_some()
            || self.cancel.is_some()
            || self.free_run.is_some()
            || self.samples
    }

    /// Which programs have no text.
    pub(super) fn empty(&self) -> [bool; PROGRAMS] {
        self.sheets.each_ref().map(Sheet::is_empty)
    }

    /// The most urgent request: what sounds comes before what is shown.
    pub(super) fn take(&mut self) -> Option<Work> {
        let work = if let Some(program) = self.cancel.take() {
            Some(Work::Cancel { program })
        } else if let Some(runs) = self.free_run.take() {
            Some(Work::FreeRun(runs))
        } else if std::mem::take(&mut self.samples) {
            Some(Work::Samples { loads: self.loads })
        } else if let Some(request) = self.take_run() {
            Some(Work::Run {
                request,
                loads: self.loads,
            })
        } else {
            let check = self.check.take();
            check.map(|(draft_revision, text)| Work::Check {
                draft_revision,
                text,
            })
        };
        self.working = work.is_some();
        work
    }

    /// Shows a result unless a newer draft's result is shown already.
    pub(super) fn publish(
        &mut self,
        draft_revision: u64,
        text: &Arc<str>,
        diagnostics: Vec<Diagnostic>,
    ) {
        if draft_revision >= self.diagnosis.draft_revision {
            self.diagnosis = Arc::new(Diagnosis {
                draft_revision,
                text: text.clone(),
                diagnostics: diagnostics.into(),
            });
        }
    }
}
