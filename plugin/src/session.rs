//! The heart of one plugin instance: its program text, its engine's control half, and what the
//! editor, the host and the instance's own thread tell each other.
//!
//! ```text
//!   editor (GUI thread) ──set_draft, run, request_check──▶ Desk ──▶ worker thread ──▶ Engine
//!          ▲                                                │            │
//!          └──────────── view(), status() ◀─────────────────┴── results ─┘
//!   host (main thread) ── load(), document(), activate() ──▶ Desk and Engine, synchronously
//!   audio thread ── owns the Renderer; it cannot name a Session
//! ```
//!
//! Two locks, always taken in this order: `control` (the engine; held while compiling, never by
//! the GUI thread) and `desk` (texts, requests and results; held for a few instructions only).
//! The status reader has a third lock that nothing else is taken under.
//!
//! Thread: every method says who may call it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::{
    Code, Diagnostic, Engine, Evaluation, Help, Kind, Launch, PanicButton, Renderer, Severity,
    Span, Status, StatusReader,
};

use crate::knobs::KnobFaces;
use crate::samples::{Folder, FolderBank};
use crate::state::{Document, EditorSize};

mod desk;
mod follow;
mod knobs;

pub use desk::{Diagnosis, RunOutcome, SessionView};
pub use follow::MessageProgram;

pub(crate) use desk::Work;
use desk::{Desk, RunRequest};

/// How often the worker collects what the audio thread sent home, while the plugin is active.
const COLLECT_INTERVAL: Duration = Duration::from_millis(80);

/// The heart of one plugin instance. Shared by `Arc`.
pub struct Session {
    kind: Kind,
    control: Mutex<Engine>,
    desk: Mutex<Desk>,
    /// Signalled when there is work or the worker shall stop.
    work: Condvar,
    /// Signalled when a piece of work is done.
    done: Condvar,
    status: Mutex<StatusReader>,
    /// Where it is told that the project changed.
    host: edge::Host,
    /// What the host shows of the knob slots.
    knobs: Arc<KnobFaces>,
    panic: PanicButton,
    /// What the `program` parameter has to follow.
    message_program: Arc<MessageProgram>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// A poisoned lock means that some thread panicked with it; the data is still the newest there is,
/// and a plugin must go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// A session with its starter program already evaluated.
    ///
    /// Thread: whoever makes the instance.
    #[must_use]
    pub fn new(kind: Kind, engine: Engine, status: StatusReader, seed: u64, starter: &str) -> Self {
        let draft: Arc<str> = starter.into();
        let panic = engine.panic_button();
        let session = Self {
            kind,
            control: Mutex::new(engine),
            desk: Mutex::new(Desk::new(draft, seed)),
            work: Condvar::new(),
            done: Condvar::new(),
            status: Mutex::new(status),
            host: edge::Host::of_this_instance(),
            knobs: Arc::default(),
            panic,
            message_program: Arc::default(),
        };
        session.use_folder(&mut lock(&session.control));
        let request = lock(&session.desk).run_request(Launch::Now);
        session.evaluate(&mut lock(&session.control), &request, Starts::Program);
        session
    }

    /// Effect or instrument.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where the audio half leaves the program that a message asked for.
    #[must_use]
    pub fn message_program(&self) -> &Arc<MessageProgram> {
        &self.message_program
    }

    /// What the slots of the knob bank show. Thread: any but audio; never waits for a compile.
    #[must_use]
    pub fn knobs(&self) -> &Arc<KnobFaces> {
        &self.knobs
    }

    /// Ends every note and tail with the next callback. Thread: any; never waits.
    pub fn panic(&self) {
        self.panic.press();
    }

    // ---- the editor's side: never waits for a compile -------------------------------------------

    /// The text in the editor. Thread: any but audio; never waits for a compile.
    #[must_use]
    pub fn draft(&self) -> Arc<str> {
        lock(&self.desk).sheet().draft.clone()
    }

    /// Replaces the text in the editor and returns its new revision (unchanged if the text is
    /// the same). Does not check or run it. Thread: GUI; never waits for a compile.
    pub fn set_draft(&self, text: &str) -> u64 {
        let mut desk = lock(&self.desk);
        let sheet = desk.sheet_mut();
        if *sheet.draft != *text {
            sheet.draft = text.into();
            desk.draft_revision += 1;
        }
        desk.draft_revision
    }

    /// Asks for the draft to be evaluated and, if it is sound, to start at `launch`. Returns at
    /// once; the outcome appears in [`view`](Self::view). A Run not yet begun is replaced.
    /// Thread: GUI; never waits for a compile.
    pub fn run(&self, launch: Launch) {
        let mut desk = lock(&self.desk);
        // The Run reports the draft's problems as well.
        desk.check = None;
        desk.cancel = None;
        let request = desk.run_request(launch);
        desk.sheet_mut().run = Some(request);
        self.hand_over(desk);
    }

    /// Asks for the problems of the draft, as after a key press. Returns at once; the newest
    /// request wins. Thread: GUI; never waits for a compile.
    pub fn request_check(&self) {
        let mut desk = lock(&self.desk);
        if desk
            .sheet()
            .run
            .as_ref()
            .is_some_and(|r| r.draft_revision == desk.draft_revision)
        {
            return;
        }
        desk.check = Some((desk.draft_revision, desk.sheet().draft.clone()));
        self.hand_over(desk);
    }

    /// Shows another program: [`draft`](Self::draft), [`run`](Self::run), checks and the rest are
    /// about it from now on. It sounds no sooner for that. Returns at once.
    /// Thread: GUI; never waits for a compile.
    pub fn show(&self, program: usize) {
        let mut desk = lock(&self.desk);
        if desk.show(program) {
            self.hand_over(desk);
        }
    }

    /// Asks for the text that waits for its launch point to be taken back; a Run not yet begun is
    /// forgotten. Thread: GUI; never waits for a compile.
    pub fn cancel_waiting(&self) {
        let mut desk = lock(&self.desk);
        desk.sheet_mut().run = None;
        desk.cancel = Some(desk.shown());
        self.hand_over(desk);
    }

    /// Asks for the song to run by itself while the host stands, or to stand again. Thread: GUI;
    /// never waits for a compile.
    pub fn set_free_running(&self, runs: bool) {
        let mut desk = lock(&self.desk);
        desk.free_run = Some(runs);
        self.hand_over(desk);
    }

    /// All that the editor shows, except the audio status. Thread: GUI; never waits for a compile.
    #[must_use]
    pub fn view(&self) -> SessionView {
        let desk = lock(&self.desk);
        SessionView {
            draft_revision: desk.draft_revision,
            diagnosis: desk.diagnosis.clone(),
            last_run: desk.sheet().last_run,
            running: desk.run_waits() || desk.working,
            shown: desk.shown(),
            empty: desk.empty(),
            last_good: desk.sheet().last_good.clone(),
            accepted_revision: desk.sheet().accepted_revision(),
            folder: Arc::clone(&desk.folder),
            reading_folder: desk.samples || desk.folder.known().is_none() && desk.working,
        }
    }

    /// Text of an accepted program by the engine's revision, for the newest few. Spans of faults
    /// refer to it. Thread: any but audio; never waits for a compile.
    #[must_use]
    pub fn program_text(&self, revision: u64) -> Option<Arc<str>> {
        let desk = lock(&self.desk);
        let mut accepted = desk.sheets.iter().flat_map(|sheet| &sheet.programs);
        accepted
            .find(|(r, _)| *r == revision)
            .map(|(_, text)| text.clone())
    }

    /// What is heard, as of the last callback. Peaks cover the time since the previous call, so
    /// only one place should ask. Thread: GUI; never waits for a compile.
    #[must_use]
    pub fn status(&self) -> Status {
        lock(&self.status).read()
    }

    /// Size of the editor's window as last stored, in logical points. Thread: any but audio.
    #[must_use]
    pub fn editor_size(&self) -> Option<EditorSize> {
        lock(&self.desk).editor
    }

    /// Remembers the size of the editor's window. Thread: GUI.
    pub fn set_editor_size(&self, size: EditorSize) {
        lock(&self.desk).editor = Some(size.clamped());
    }

    /// Chooses the sample folder; `None` is the shared one. Returns at once: the folder is read by
    /// the worker, and what sounds gets its sounds. Thread: GUI; never waits for a compile.
    pub fn set_sample_folder(&self, path: Option<&str>) {
        let mut desk = lock(&self.desk);
        desk.choose_folder(path.map(str::to_owned));
        desk.samples = true;
        self.hand_over(desk);
    }

    /// Asks for the sample folder to be read again. Thread: GUI; never waits for a compile.
    pub fn rescan_samples(&self) {
        let chosen = lock(&self.desk).sample_folder.clone();
        self.set_sample_folder(chosen.as_deref());
    }

    // ---- the host's side: synchronous -----------------------------------------------------------

    /// What the host saves. Thread: host's main thread; never waits for a compile.
    #[must_use]
    pub fn document(&self) -> Document {
        lock(&self.desk).document()
    }

    /// Takes a saved document over: shows its draft, compiles its last good programs in the caller
    /// and sends them, so that the next callback plays (R8.7). A last good text that is no longer
    /// accepted is kept; in its place the input passes or there is silence (R8.8).
    ///
    /// Thread: host's main thread; waits for a compile.
    pub fn load(&self, document: Document) {
        let mut engine = lock(&self.control);
        engine.set_seed(document.seed);
        engine.set_knob_bindings(&document.knobs);
        let (revision, shown, draft, last_good) = {
            let mut desk = lock(&self.desk);
            desk.load(document);
            (
                desk.draft_revision,
                desk.shown(),
                desk.sheet().draft.clone(),
                desk.sheets.each_ref().map(|sheet| sheet.last_good.clone()),
            )
        };
        self.use_folder(&mut engine);

        let mut diagnostics = None;
        for (program, last_good) in last_good.iter().enumerate() {
            let mut sounds = false;
            if let Some(text) = last_good {
                let evaluation = evaluate_guarded(&mut engine, program, text, Launch::Now);
                sounds = evaluation.accepted;
                if sounds {
                    self.accept(&engine, program, evaluation.revision, text);
                }
                if program == shown && *text == draft {
                    diagnostics = Some(evaluation.diagnostics);
                }
            }
            // A program that never had a text sounds like that by itself.
            engine.select(program);
            if !sounds && (program == 0 || engine.newest_revision() != 0) {
                let text = fallback_program(self.kind);
                let evaluation = evaluate_guarded(&mut engine, program, text, Launch::Now);
                if evaluation.accepted {
                    self.accept(&engine, program, evaluation.revision, &text.into());
                }
            }
        }
        let diagnostics = diagnostics.unwrap_or_else(|| check_guarded(&mut engine, &draft));
        let mut desk = lock(&self.desk);
        desk.publish(revision, &draft, diagnostics);
        drop(desk);
        drop(engine);
        self.done.notify_all();
    }

    /// The host's `activate`: finishes a Run that waits for the worker, so that an offline render
    /// hears it from its first frame, and prepares both halves for the sample rate.
    ///
    /// Thread: host's main thread, while no callback runs; waits for a compile.
    pub fn activate(&self, renderer: &mut Renderer, sample_rate: f64) {
        let mut engine = lock(&self.control);
        lock(&self.desk).active = true;
        let mut ran = false;
        loop {
            let run = lock(&self.desk).take_run();
            let Some(request) = run else { break };
            self.evaluate(&mut engine, &request, Starts::ProgramAndSong);
            ran = true;
        }
        engine.activate(renderer, sample_rate);
        drop(engine);
        if ran {
            self.host.mark_dirty();
        }
        self.work.notify_all();
        self.done.notify_all();
    }

    /// The host's `deactivate`: frees what the audio thread sent home; the worker then sleeps.
    ///
    /// Thread: host's main thread.
    pub fn deactivate(&self) {
        let mut engine = lock(&self.control);
        self.collect(&mut engine);
        lock(&self.desk).active = false;
    }

    // ---- the worker's side ----------------------------------------------------------------------

    /// Says that a worker takes requests from now on (or no longer does).
    pub(crate) fn set_has_worker(&self, has_worker: bool) {
        lock(&self.desk).has_worker = has_worker;
    }

    /// Tells the worker to leave.
    pub(crate) fn stop_worker(&self) {
        let mut desk = lock(&self.desk);
        desk.stop = true;
        desk.has_worker = false;
        drop(desk);
        self.work.notify_all();
    }

    /// Waits for something to do and takes it.
    pub(crate) fn next_work(&self) -> Work {
        let mut desk = lock(&self.desk);
        loop {
            if desk.stop {
                return Work::Stop;
            }
            if let Some(work) = desk.take() {
                return work;
            }
            if desk.active {
                let (guard, timeout) = self
                    .work
                    .wait_timeout(desk, COLLECT_INTERVAL)
                    .unwrap_or_else(PoisonError::into_inner);
                desk = guard;
                if timeout.timed_out() {
                    return Work::Collect;
                }
            } else {
                desk = self.work.wait(desk).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Does a piece of work. Waits for a compile.
    pub(crate) fn perform(&self, work: &Work) {
        match work {
            Work::Run { request, loads } => {
                let mut engine = lock(&self.control);
                let void = lock(&self.desk).loads != *loads;
                if !void {
                    self.evaluate(&mut engine, request, Starts::ProgramAndSong);
                    // Every Run, accepted or not: the draft is part of the project (R8.13).
                    self.host.mark_dirty();
                }
            }
            Work::Check {
                draft_revision,
                text,
            } => {
                let mut engine = lock(&self.control);
                let diagnostics = check_guarded(&mut engine, text);
                lock(&self.desk).publish(*draft_revision, text, diagnostics);
            }
            Work::Samples { loads } => self.read_folder(*loads),
            Work::Cancel { program } => {
                let mut engine = lock(&self.control);
                engine.select(*program);
                let cancelled = engine.cancel_waiting();
                self.show_knobs(&engine);
                if cancelled
                    && let Some(last_good) = engine.last_good().map(Arc::from)
                    && let Some(sheet) = lock(&self.desk).sheets.get_mut(*program)
                {
                    sheet.last_good = Some(last_good);
                }
            }
            Work::FreeRun(runs) => lock(&self.control).set_free_running(*runs),
            Work::Collect => {
                let mut engine = lock(&self.control);
                self.collect(&mut engine);
            }
            Work::Stop => {}
        }
        lock(&self.desk).working = false;
        self.done.notify_all();
    }

    /// Gives the engine the sample folder of the desk, unless it has it: then it keeps the sounds
    /// it has loaded. The folder is read when a program names a sample.
    fn use_folder(&self, engine: &mut Engine) -> Arc<Folder> {
        let (folder, before) = {
            let mut desk = lock(&self.desk);
            let folder = Arc::clone(&desk.folder);
            let before = desk.engine_folder.replace(Arc::clone(&folder));
            (folder, before)
        };
        if before.is_none_or(|before| !Arc::ptr_eq(&before, &folder)) {
            engine.set_samples(Box::new(FolderBank::new(Arc::clone(&folder))));
        }
        folder
    }

    /// Reads the sample folder, evaluates the last good programs again, so that their samples
    /// sound, and looks at the draft again.
    fn read_folder(&self, loads: u64) {
        let mut engine = lock(&self.control);
        if lock(&self.desk).loads != loads {
            return;
        }
        self.use_folder(&mut engine).listing();
        let (last_good, draft, revision) = {
            let desk = lock(&self.desk);
            let last_good = desk.sheets.each_ref().map(|sheet| {
                // A program that waits for its launch point goes on waiting for it.
                let launch = sheet.last_run.map_or(Launch::Now, |run| run.launch);
                (sheet.last_good.clone(), launch)
            });
            (last_good, desk.sheet().draft.clone(), desk.draft_revision)
        };
        for (program, (text, launch)) in last_good.iter().enumerate() {
            let Some(text) = text else { continue };
            let evaluation = evaluate_guarded(&mut engine, program, text, *launch);
            if evaluation.accepted {
                self.accept(&engine, program, evaluation.revision, text);
            }
        }
        let diagnostics = check_guarded(&mut engine, &draft);
        lock(&self.desk).publish(revision, &draft, diagnostics);
    }

    /// Waits until no request is open. For tests and tools; the GUI asks [`view`](Self::view).
    pub fn wait_until_idle(&self) {
        let mut desk = lock(&self.desk);
        while desk.has_work() || desk.working {
            desk = self.done.wait(desk).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Wakes the worker, or does the work here if there is none (no thread could be started).
    fn hand_over(&self, desk: MutexGuard<'_, Desk>) {
        if desk.has_worker {
            drop(desk);
            self.work.notify_all();
            return;
        }
        drop(desk);
        loop {
            let work = lock(&self.desk).take();
            match work {
                Some(work) => self.perform(&work),
                None => return,
            }
        }
    }

    /// Evaluates and publishes under the engine's lock, so that results appear in the order in
    /// which the engine took the programs.
    fn evaluate(&self, engine: &mut Engine, request: &RunRequest, starts: Starts) {
        let RunRequest {
            program,
            draft_revision,
            text,
            launch,
        } = request;
        let (program, draft_revision, launch) = (*program, *draft_revision, *launch);
        let evaluation = match starts {
            Starts::Program => evaluate_guarded(engine, program, text, launch),
            Starts::ProgramAndSong => guarded(text, || engine.run_in(program, text, launch)),
        };
        if evaluation.accepted {
            self.accept(engine, program, evaluation.revision, text);
        }
        let mut desk = lock(&self.desk);
        let Some(sheet) = desk.sheets.get_mut(program) else {
            return;
        };
        if evaluation.accepted {
            sheet.last_good = Some(text.clone());
        }
        sheet.last_run = Some(RunOutcome {
            draft_revision,
            revision: evaluation.revision,
            accepted: evaluation.accepted,
            launch,
            errors: evaluation
                .diagnostics
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .count(),
        });
        if desk.shown() == program {
            desk.publish(draft_revision, text, evaluation.diagnostics);
        }
    }

    /// Remembers an accepted text of a program and shows its knobs.
    fn accept(&self, engine: &Engine, program: usize, revision: u64, text: &Arc<str>) {
        lock(&self.desk).keep_program(program, revision, text);
        self.show_knobs(engine);
    }

    /// Frees what came home. If a program was too heavy, the engine called the one before it back,
    /// and that one is the last good program from now on.
    fn collect(&self, engine: &mut Engine) {
        self.tell_started_knobs(engine);
        self.tell_program();
        if engine.collect().is_none() {
            return;
        }
        self.show_knobs(engine);
        let mut desk = lock(&self.desk);
        for (program, sheet) in desk.sheets.iter_mut().enumerate() {
            engine.select(program);
            let revision = engine.newest_revision();
            if let Some(text) = engine.last_good()
                && revision > sheet.accepted_revision()
            {
                let text: Arc<str> = text.into();
                sheet.keep_program(revision, &text);
                sheet.last_good = Some(text);
            }
        }
    }
}

/// What plays when there is no good program (R8.1).
fn fallback_program(kind: Kind) -> &'static str {
    match kind {
        Kind::Effect => "out: ~input",
        Kind::Instrument => "",
    }
}

/// What begins with a program.
#[derive(Clone, Copy, Debug)]
enum Starts {
    /// The program only, as when a state is loaded.
    Program,
    /// Also a song that stands: a user wants to hear something (R7.7).
    ProgramAndSong,
}

fn evaluate_guarded(engine: &mut Engine, program: usize, text: &str, launch: Launch) -> Evaluation {
    guarded(text, || engine.evaluate_in(program, text, launch))
}

/// Evaluates; should the engine ever panic, the host must not go down with it.
fn guarded(text: &str, evaluate: impl FnOnce() -> Evaluation) -> Evaluation {
    catch_unwind(AssertUnwindSafe(evaluate)).unwrap_or_else(|_| Evaluation {
        revision: 0,
        accepted: false,
        diagnostics: vec![internal_error(text)],
        knobs_changed: false,
    })
}

/// Checks, like [`evaluate_guarded`].
fn check_guarded(engine: &mut Engine, text: &str) -> Vec<Diagnostic> {
    catch_unwind(AssertUnwindSafe(|| engine.check(text)))
        .unwrap_or_else(|_| vec![internal_error(text)])
}

fn internal_error(text: &str) -> Diagnostic {
    nice_plug::prelude::nice_error!(
        "The engine failed inside on a program of {} bytes",
        text.len()
    );
    Diagnostic {
        code: Code("P900"),
        severity: Severity::Error,
        message: "Glisten failed inside while reading this program.".to_owned(),
        span: Span::at(0),
        labels: Vec::new(),
        help: Some(Help {
            text: "Undo the last change, and report this program as a bug.".to_owned(),
            fix: None,
        }),
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
