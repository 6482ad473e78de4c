//! The control half and the public face: text in, plans out.
//!
//! Thread: control. One [`Engine`] per plugin instance, behind one mutex that no audio code can name.

mod knobs;

use std::sync::Arc;

use crate::diagnostics::{Diagnostic, Problem};
use crate::graph::plan::Plan;
use crate::graph::{Compiled, Layout, Settings, Unheard, compile, examine};
use crate::knob::{KnobBank, KnobUpdate};
use crate::nodes::BUILTIN;
use crate::registry::Registry;
use crate::render::{
    Exchange, Fault, FaultKind, PROGRAMS, PanicButton, Renderer, SongSwitch, SongWish,
    StartedKnobs, Status,
};
use crate::resolve::{Program, load_samples, resolve};
use crate::samples::SampleBank;
use crate::syntax::Parser;
use crate::transport::BEATS_PER_BAR;
use knobs::NewKnobs;

/// What the engine sounds like without a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An effect: passes its input.
    Effect,
    /// An instrument: silent.
    Instrument,
}

/// How to set an engine up.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Frames per second.
    pub sample_rate: f64,
    /// Effect or instrument.
    pub kind: Kind,
    /// Seed of all random choices.
    pub seed: u64,
}

/// When an accepted program starts to sound. While the song is stopped it always starts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Launch {
    /// With the next callback.
    Now,
    /// On the next beat.
    Beat,
    /// On the next bar line that is a multiple of this many bars.
    Bars(u32),
}

impl Launch {
    /// Multiple of beats on which a program starts; 0 = at once.
    #[must_use]
    pub fn quantum_beats(self) -> u32 {
        match self {
            Launch::Now => 0,
            Launch::Beat => 1,
            Launch::Bars(n) => n.clamp(1, 1024) * BEATS_PER_BAR as u32,
        }
    }
}

/// The outcome of evaluating a text.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Number of this evaluation, rising from 1; the snapshot's revisions refer to it.
    pub revision: u64,
    /// Whether the program was accepted and sent on its way. If not, nothing changed.
    pub accepted: bool,
    /// Errors (only if not accepted), warnings and notes, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether it changed which slot of the bank belongs to which knob, or how a knob is shown.
    pub knobs_changed: bool,
}

/// The three parts of a new engine.
pub struct Parts {
    /// Control half.
    pub engine: Engine,
    /// Audio half.
    pub renderer: Renderer,
    /// What the editor reads; never waits for the other two.
    pub status: StatusReader,
}

/// Makes both halves together.
#[must_use]
pub fn create(config: &Config) -> Parts {
    let exchanges: [Arc<Exchange>; PROGRAMS] = Default::default();
    let (publish, status) = triple_buffer::triple_buffer(&Status {
        sample_rate: config.sample_rate,
        ..Status::default()
    });
    let passes_input = config.kind == Kind::Effect;
    let renderer = Renderer::new(exchanges.clone(), publish, config.sample_rate, passes_input);
    let engine = Engine {
        registry: match config.kind {
            // Effects ask hosts for notes only (R8.2).
            Kind::Effect => Registry::new(BUILTIN).with_notes_only(),
            Kind::Instrument => Registry::new(BUILTIN),
        },
        parser: Parser::new(),
        started_knobs: renderer.started_knobs(),
        song: renderer.song(),
        panic: renderer.panic_button(),
        sample_rate: config.sample_rate,
        seed: config.seed,
        samples: None,
        revision: 0,
        slots: exchanges.map(Slot::new),
        knobs: KnobBank::default(),
        knobs_revision: 0,
        selected: 0,
    };
    Parts {
        engine,
        renderer,
        status: StatusReader { status },
    }
}

/// A program that was sent and may not be sounding yet.
struct Sent {
    layout: Layout,
    start: Start,
    /// The plan's, to be made up for if nobody hears it.
    knob_updates: Vec<KnobUpdate>,
}

/// How a program that was sent starts.
#[derive(Clone, Copy)]
struct Start {
    quantum_beats: u32,
    /// Whether a standing song begins to run with it.
    song: bool,
}

/// A program that was accepted.
#[derive(Clone, Debug)]
struct Accepted {
    revision: u64,
    text: String,
}

/// What control knows of one of the programs.
struct Slot {
    exchange: Arc<Exchange>,
    /// What the renderer plays: the last plan it is known to have taken.
    base: Option<Layout>,
    /// What was submitted after that. Whether the renderer has taken it shows when it is withdrawn.
    sent: Option<Sent>,
    /// The newest accepted texts, oldest first; a short list, for overload protection.
    history: Vec<Accepted>,
}

impl Slot {
    fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            exchange,
            base: None,
            sent: None,
            history: Vec::new(),
        }
    }

    fn submit(&self, plan: Box<Plan>, start: Start) {
        self.exchange.submit(plan, start.quantum_beats, start.song);
    }

    /// Takes a waiting plan back (R2.2). Without one, the renderer has taken what was sent last,
    /// and that is the base of the next edit.
    fn withdraw(&mut self) -> Option<(Box<Plan>, Sent)> {
        match (self.exchange.withdraw(), self.sent.take()) {
            (Some(plan), Some(sent)) => Some((plan, sent)),
            (None, Some(sent)) => {
                self.base = Some(sent.layout);
                None
            }
            (_, None) => None,
        }
    }
}

/// Control half. See [`create`].
pub struct Engine {
    registry: Registry,
    parser: Parser,
    started_knobs: Arc<StartedKnobs>,
    song: Arc<SongSwitch>,
    panic: PanicButton,
    sample_rate: f64,
    seed: u64,
    samples: Option<Box<dyn SampleBank>>,
    revision: u64,
    slots: [Slot; PROGRAMS],
    knobs: KnobBank,
    /// Rises with each change of the bank.
    knobs_revision: u64,
    /// Number of the program that evaluations and questions are about; below `PROGRAMS`.
    selected: usize,
}

/// Accepted programs to remember.
const HISTORY: usize = 8;

impl Engine {
    /// Chooses the program, 0 to 7, that evaluations and questions are about from now on. Which one
    /// is heard is another matter: see [`EventKind::Program`](crate::EventKind::Program).
    ///
    /// Each program has its own plans, history and protection from overload; a program that is not
    /// heard is compiled and sent all the same, so that a change to it is exact to the frame.
    pub fn select(&mut self, program: usize) {
        self.selected = program.min(PROGRAMS - 1);
    }

    /// Number of the program that evaluations are about.
    #[must_use]
    pub fn selected(&self) -> usize {
        self.selected
    }

    /// [`evaluate`](Self::evaluate) for another program than the selected one.
    pub fn evaluate_in(&mut self, program: usize, text: &str, launch: Launch) -> Evaluation {
        let selected = self.selected;
        self.select(program);
        let evaluation = self.evaluate(text, launch);
        self.selected = selected;
        evaluation
    }

    /// [`run`](Self::run) for another program than the selected one.
    pub fn run_in(&mut self, program: usize, text: &str, launch: Launch) -> Evaluation {
        let selected = self.selected;
        self.select(program);
        let evaluation = self.run(text, launch);
        self.selected = selected;
        evaluation
    }

    fn slot(&self) -> &Slot {
        &self.slots[self.selected % PROGRAMS]
    }

    fn slot_mut(&mut self) -> &mut Slot {
        &mut self.slots[self.selected % PROGRAMS]
    }

    /// Checks, compiles and sends a program, all or nothing. The newest accepted program wins.
    ///
    /// A text that is not accepted changes nothing: what plays or waits goes on.
    pub fn evaluate(&mut self, text: &str, launch: Launch) -> Evaluation {
        let quantum_beats = launch.quantum_beats();
        self.start(
            text,
            Start {
                quantum_beats,
                song: false,
            },
        )
    }

    /// As [`evaluate`](Self::evaluate), for a user who wants to hear the text: if the host stands
    /// when the program starts to sound, the song begins to run by itself on that frame, from where
    /// it stands and until the host starts (R7.7).
    ///
    /// [`EventKind::FreeRun`](crate::EventKind::FreeRun) may forbid that.
    pub fn run(&mut self, text: &str, launch: Launch) -> Evaluation {
        let quantum_beats = launch.quantum_beats();
        self.start(
            text,
            Start {
                quantum_beats,
                song: true,
            },
        )
    }

    /// The button that ends every note and tail; it may be kept and pressed without this engine.
    #[must_use]
    pub fn panic_button(&self) -> PanicButton {
        self.panic.clone()
    }

    /// Lets the song run by itself while the host stands, or stand again. Counts with the next
    /// callback; the newest wish wins.
    pub fn set_free_running(&self, free_running: bool) {
        self.song.wish(match free_running {
            true => SongWish::Run,
            false => SongWish::Stand,
        });
    }

    fn start(&mut self, text: &str, start: Start) -> Evaluation {
        self.revision += 1;
        let revision = self.revision;
        let (program, mut diagnostics) = self.read(text);
        let sent = program.map(|program| self.send(program, revision, start));
        let (accepted, knobs_changed) = match sent {
            Some(Ok((notes, knobs))) => {
                diagnostics.extend(notes);
                self.remember(revision, text);
                (true, self.accept_knobs(knobs))
            }
            Some(Err(errors)) => {
                diagnostics.extend(errors);
                (false, false)
            }
            None => (false, false),
        };
        sort(&mut diagnostics);
        Evaluation {
            revision,
            accepted,
            diagnostics,
            knobs_changed,
        }
    }

    /// Diagnostics of a text, without sending anything.
    pub fn check(&mut self, text: &str) -> Vec<Diagnostic> {
        let (program, mut diagnostics) = self.read(text);
        if let Some(mut program) = program {
            diagnostics.extend(self.bind_knobs(&mut program).err().unwrap_or_default());
            diagnostics.extend(examine(&program, &self.settings(self.revision)));
        }
        sort(&mut diagnostics);
        diagnostics
    }

    /// Takes a program back that waits for its launch point. Returns whether there was one.
    pub fn cancel_waiting(&mut self) -> bool {
        let slot = self.slot_mut();
        let withdrawn = slot.withdraw();
        slot.sent = None;
        let Some((_, sent)) = withdrawn else {
            return false;
        };
        slot.history.pop();
        self.forget_knobs(&sent.knob_updates);
        true
    }

    /// Frees what the renderer sent home and answers overload reports. Call it now and then off
    /// the audio thread (the editor's timer, a background thread).
    ///
    /// Returns the revision of a program that was too heavy and was replaced by the one before it.
    pub fn collect(&mut self) -> Option<u64> {
        let mut replaced = None;
        for program in 0..PROGRAMS {
            let Some(slot) = self.slots.get_mut(program) else {
                break;
            };
            drop(slot.exchange.collect());
            let heavy = slot.exchange.take_overloaded();
            // A program that was accepted since is already on its way and says what is wanted.
            if heavy == 0 || slot.history.last().is_none_or(|a| a.revision != heavy) {
                continue;
            }
            // Both leave the history, so that a program that is too heavy never comes back by
            // itself, whatever else turns out to be too heavy after it.
            slot.history.pop();
            // With nothing before it, an empty program: silence is better than a stuttering host.
            let before = slot.history.pop().map_or(String::new(), |a| a.text);
            self.evaluate_in(program, &before, Launch::Now);
            replaced = Some(heavy);
        }
        replaced
    }

    /// Slots of the knob bank to which programs gave another value by starting, since the last call,
    /// with their normalised values now. The host must be told of them.
    #[must_use]
    pub fn take_started_knobs(&mut self) -> Vec<(u8, f32)> {
        self.started_knobs.take()
    }

    /// The host's `activate`: called while no callback runs. With a new sample rate everything is
    /// built anew and handed over; with the same one all state is kept. Either way the newest
    /// program sounds from the first frame on.
    pub fn activate(&mut self, renderer: &mut Renderer, sample_rate: f64) {
        renderer.take_without_fade();
        if sample_rate == self.sample_rate {
            return;
        }
        self.sample_rate = sample_rate;
        let plans = std::array::from_fn(|program| self.build_anew(program));
        renderer.install(plans, sample_rate);
        for slot in &self.slots {
            drop(slot.exchange.collect());
        }
    }

    /// The newest plan of a program for the present sample rate, without regard to what plays.
    fn build_anew(&mut self, program: usize) -> Option<Box<Plan>> {
        let slot = self.slots.get_mut(program)?;
        let unheard = slot.withdraw().map(|(_, sent)| sent.knob_updates);
        slot.sent = None;
        slot.base = None;
        let accepted = slot.history.last().cloned()?;
        let mut read = self.read(&accepted.text).0?;
        self.place_knobs(&mut read);
        let compiled = compile(read, None, None, &self.settings(accepted.revision)).ok()?;
        self.slots.get_mut(program)?.base = Some(compiled.layout);
        let mut plan = compiled.plan;
        plan.knob_updates = unheard.unwrap_or_default();
        Some(plan)
    }

    /// Sets the seed of all random choices; it counts from the next evaluation on.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// Sets where samples come from; it counts from the next evaluation on. Sounds are loaded by the
    /// caller of [`evaluate`](Self::evaluate), [`check`](Self::check) and
    /// [`activate`](Self::activate).
    pub fn set_samples(&mut self, bank: Box<dyn SampleBank>) {
        self.samples = Some(bank);
    }

    /// Names of the samples there are, in alphabetical order.
    #[must_use]
    pub fn sample_names(&self) -> Vec<String> {
        self.samples.as_ref().map_or_else(Vec::new, |b| b.names())
    }

    /// Revision of the newest accepted program; 0 = none.
    #[must_use]
    pub fn newest_revision(&self) -> u64 {
        self.slot().history.last().map_or(0, |a| a.revision)
    }

    /// Text of the newest accepted program.
    #[must_use]
    pub fn last_good(&self) -> Option<&str> {
        self.slot().history.last().map(|a| a.text.as_str())
    }

    /// The nodes a program may use.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    fn settings(&self, revision: u64) -> Settings {
        Settings {
            sample_rate: self.sample_rate,
            seed: self.seed,
            revision,
        }
    }

    fn read(&mut self, text: &str) -> (Option<Program>, Vec<Diagnostic>) {
        let ast = self.parser.parse(text);
        let mut resolution = resolve(&ast, text, &self.registry);
        if let Some(program) = &mut resolution.program {
            let bank = self.samples.as_deref_mut();
            let told = load_samples(program, text, bank, self.sample_rate);
            resolution.diagnostics.extend(told);
        }
        (resolution.program, resolution.diagnostics)
    }

    fn send(
        &mut self,
        mut program: Program,
        revision: u64,
        start: Start,
    ) -> Result<(Vec<Diagnostic>, NewKnobs), Vec<Diagnostic>> {
        let settings = self.settings(revision);
        let mut knobs = self.bind_knobs(&mut program)?;
        let slot = self.slot_mut();
        let mut waiting = slot.withdraw();
        let unheard = waiting.as_mut().map(|(plan, sent)| Unheard {
            plan,
            layout: &sent.layout,
        });
        match compile(program, slot.base.as_ref(), unheard, &settings) {
            Ok(Compiled {
                mut plan,
                layout,
                mut diagnostics,
            }) => {
                let before = waiting.as_ref().map(|(_, sent)| &sent.knob_updates[..]);
                plan.knob_updates = knobs.updates_after(before.unwrap_or(&[]));
                slot.sent = Some(Sent {
                    layout,
                    start,
                    knob_updates: plan.knob_updates.clone(),
                });
                slot.submit(plan, start);
                drop(waiting);
                drop(slot.exchange.collect());
                diagnostics.append(&mut knobs.notes);
                Ok((diagnostics, knobs))
            }
            Err(errors) => {
                if let Some((plan, sent)) = waiting {
                    drop(plan);
                    self.restore(sent);
                }
                Err(errors)
            }
        }
    }

    /// Sends a withdrawn program again: the failed compilation may have taken processors from it.
    fn restore(&mut self, sent: Sent) {
        let settings = self.settings(sent.layout.revision);
        let slot = self.slot_mut();
        if let Ok(again) = compile(sent.layout.program, slot.base.as_ref(), None, &settings) {
            let mut plan = again.plan;
            plan.knob_updates.clone_from(&sent.knob_updates);
            let start = sent.start;
            slot.sent = Some(Sent {
                layout: again.layout,
                ..sent
            });
            slot.submit(plan, start);
        }
    }

    fn remember(&mut self, revision: u64, text: &str) {
        let history = &mut self.slot_mut().history;
        history.push(Accepted {
            revision,
            text: text.to_owned(),
        });
        if history.len() > HISTORY {
            history.remove(0);
        }
    }
}

fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(|d| (d.span.start, d.severity, d.code));
}

/// A run-time fault as a diagnostic; `text` is that of the fault's revision.
#[must_use]
pub fn fault_diagnostic(fault: &Fault, text: &str) -> Diagnostic {
    match fault.kind {
        FaultKind::NotFinite => {
            let node = fault
                .span
                .text(text)
                .split_whitespace()
                .next()
                .unwrap_or("")
                .to_owned();
            Problem::NotFinite { node }.at(fault.span)
        }
        FaultKind::Overload => Problem::Overload.at(fault.span),
    }
}

/// Reads the renderer's newest snapshot; wait-free.
pub struct StatusReader {
    status: triple_buffer::Output<Status>,
}

impl StatusReader {
    /// The newest snapshot. Peaks cover the time since the previous call.
    pub fn read(&mut self) -> Status {
        *self.status.read()
    }
}
