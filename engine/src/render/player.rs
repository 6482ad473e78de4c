//! One program that plays: takes its plans when they are due, fades them and runs them.
//!
//! Thread: audio, except `new`, `install` and `take_without_fade`.

use std::sync::Arc;

use super::adopt::{adopt, jump_literals, reset, settle_literals};
use super::exchange::Exchange;
use super::guard::peak;
use super::launch::{LaunchPoint, Launcher};
use super::live::Live;
use super::run::{Run, WallClock, run};
use super::sleep::{Observed, QUIET, Sleep};
use super::status::{Fault, FaultKind};
use super::voices;
use crate::graph::plan::Plan;
use crate::midi::MidiEvent;
use crate::processor::{BLOCK_FRAMES, Block, Context, NoteSink};
use crate::text::Span;
use crate::transport::{Clock, Transport};

/// What all players of a renderer have before them in a chunk.
pub struct Scene<'a> {
    /// Frames per second.
    pub sample_rate: f64,
    /// First frame of the chunk, since reset.
    pub frame: u64,
    /// Frames of the chunk.
    pub frames: usize,
    /// The song's clock.
    pub clock: &'a Clock,
    /// The track's audio.
    pub input: &'a [Block; 2],
    /// Both are exactly 0 through the chunk.
    pub silent: bool,
    /// The second bus.
    pub sidechain: &'a [Block; 2],
    /// Where nodes leave notes for other tracks.
    pub notes: &'a NoteSink,
    /// With a clock, the cost of each chain is measured.
    pub profile: Option<WallClock>,
}

/// What a chunk came to.
pub struct Ran {
    /// Only the left channel was computed; both are equal.
    pub mono: bool,
    /// A node that gave what is not finite.
    pub fault: Option<Fault>,
}

/// What a look into the inbox came to.
pub enum Waiting {
    /// Nothing waits.
    Nothing,
    /// A plan is taken on its launch point, or on the end of a fade after it.
    Until {
        /// Where it starts.
        point: LaunchPoint,
        /// Frame on which to look again.
        frame: u64,
    },
    /// A plan took over on this frame.
    Taken {
        /// Whether a song that stands begins to run by itself with it.
        starts_song: bool,
    },
}

/// One program: its exchange with control, its plan and the fades in it.
pub struct Player {
    exchange: Arc<Exchange>,
    launcher: Launcher,
    plan: Option<Box<Plan>>,
    retired: Option<Box<Plan>>,
    /// Nothing was rendered since the last reset: the next plan is taken without a fade.
    fresh: bool,
    fade_start: u64,
    fade_end: u64,
    literals_end: u64,
    /// Weight of what is new, frame by frame, while a fade runs.
    fade: Block,
    sleep: Sleep,
}

impl Player {
    /// A player without a program. Thread: control.
    pub fn new(exchange: Arc<Exchange>) -> Self {
        Self {
            exchange,
            launcher: Launcher::default(),
            plan: None,
            retired: None,
            fresh: true,
            fade_start: 0,
            fade_end: 0,
            literals_end: 0,
            fade: Block::SILENT,
            sleep: Sleep::default(),
        }
    }

    /// Takes a plan over directly, while no callback runs; the plan before is freed here. A
    /// [`reset`](Self::reset) has to follow. Thread: control.
    pub fn install(&mut self, mut plan: Option<Box<Plan>>, live: &mut Live) {
        self.retired = None;
        if let Some(plan) = &mut plan {
            live.prepare(plan);
        }
        self.plan = plan;
    }

    /// The next callback takes a waiting plan at once and without a fade (R2.3). Thread: control.
    pub fn take_without_fade(&mut self) {
        self.fresh = true;
    }

    /// Returns the program to its start, at frame 0. A waiting plan is taken at once, without a
    /// fade.
    pub fn reset(&mut self, live: &Live) {
        self.fresh = true;
        self.fade_start = 0;
        self.fade_end = 0;
        self.sleep = Sleep::default();
        if let Some(plan) = &mut self.plan {
            live.place(plan);
            reset(plan);
            self.literals_end = settle_literals(plan, 0);
        }
    }

    /// Clears every memory of sound in mid-song; programs that wait go on waiting.
    pub fn clear(&mut self, frame: u64) {
        self.sleep.end();
        if let Some(plan) = &mut self.plan {
            reset(plan);
        }
        self.settle(frame);
    }

    /// Begins to play at `frame`, from the start, with the newest plan.
    pub fn start(&mut self, frame: u64, live: &mut Live) {
        self.fresh = true;
        if let Some(plan) = self.exchange.take() {
            self.adopt(plan, frame, live);
        } else if let Some(plan) = &mut self.plan {
            live.place(plan);
            self.literals_end = settle_literals(plan, frame);
        }
    }

    /// Plays no longer, from `frame` on; everything returns to the start.
    pub fn stop(&mut self, frame: u64) {
        self.fade_start = frame;
        self.fade_end = frame;
        self.fresh = true;
        self.sleep = Sleep::default();
        if let Some(plan) = &mut self.plan {
            reset(plan);
            self.literals_end = settle_literals(plan, frame);
        }
    }

    /// Whether the program is left uncomputed, because nothing can be heard of it.
    pub fn is_asleep(&self) -> bool {
        self.sleep.since().is_some()
    }

    /// Wakes at `frame`: what turns by itself is told how long it was not computed.
    fn wake(&mut self, frame: u64) {
        let Some(since) = self.sleep.since() else {
            return;
        };
        self.sleep.end();
        let slots = self.plan.iter_mut().flat_map(|plan| &mut plan.slots);
        for slot in slots.filter(|slot| slot.shared) {
            for processor in slot.processors.iter_mut().flatten() {
                processor.rest(frame.saturating_sub(since));
            }
        }
    }

    /// Whether there is a program.
    pub fn has_plan(&self) -> bool {
        self.plan.is_some()
    }

    /// Revision of the program; 0 = none.
    pub fn revision(&self) -> u64 {
        self.plan.as_ref().map_or(0, |p| p.revision)
    }

    /// Where the fade that runs at `frame` ends.
    pub fn fade_end_after(&self, frame: u64) -> Option<u64> {
        (frame < self.fade_end).then_some(self.fade_end)
    }

    /// Looks at the position on `frame` before the song leaves it: a loop's end may be the launch
    /// point of the plan that waits.
    pub fn before_wrap(&mut self, frame: u64, transport: &Transport) {
        self.launcher.before_wrap(&self.exchange, transport, frame);
    }

    /// Adopts the waiting plan if it is due, from frame `free` on; otherwise tells on which frame
    /// it will be.
    pub fn try_launch(
        &mut self,
        frame: u64,
        free: u64,
        transport: &Transport,
        live: &mut Live,
    ) -> Waiting {
        let next = self
            .launcher
            .next(&self.exchange, transport, frame, self.fresh);
        let Some(point) = next else {
            return Waiting::Nothing;
        };
        // While a fade runs no further plan is taken (R6.11).
        let free = if self.fresh {
            0
        } else {
            free.max(self.fade_end)
        };
        if point.frame.max(free) > frame {
            return Waiting::Until {
                point,
                frame: point.frame.max(free),
            };
        }
        match self.exchange.take() {
            Some(plan) => {
                self.adopt(plan, frame, live);
                Waiting::Taken {
                    starts_song: point.starts_song,
                }
            }
            None => Waiting::Nothing,
        }
    }

    fn adopt(&mut self, mut plan: Box<Plan>, frame: u64, live: &mut Live) {
        self.wake(frame);
        self.sleep.rouse();
        live.prepare(&mut plan);
        let base = self.revision();
        match self.plan.take() {
            Some(mut old) if plan.base_revision == base => {
                adopt(&mut plan, &mut old, frame);
                self.retire(old);
            }
            old => {
                // Only a plan without a base may come here; see `Engine::base`.
                if let Some(old) = old {
                    self.retire(old);
                }
            }
        }
        if self.fresh {
            jump_literals(&mut plan);
            self.fade_end = frame;
        } else {
            self.fade_end = frame + u64::from(plan.fade_frames);
        }
        self.fade_start = frame;
        self.literals_end = settle_literals(&mut plan, frame);
        self.plan = Some(plan);
    }

    fn retire(&mut self, mut plan: Box<Plan>) {
        plan.next_retired = self.retired.take();
        self.retired = Some(plan);
    }

    /// Sends plans that were replaced to control, which frees them.
    pub fn send_home(&mut self) {
        if let Some(list) = self.retired.take() {
            self.exchange.send_home(list);
        }
    }

    /// A knob of the bank has moved.
    pub fn turned(&mut self, slot: u8, frame: u64, live: &Live) {
        if let Some(plan) = &mut self.plan
            && live.turned(slot, plan, frame)
        {
            self.settle(frame);
        }
    }

    /// A key, wheel or pedal has moved.
    pub fn played(&mut self, event: &MidiEvent, frame: u64, live: &Live) {
        if let Some(plan) = &mut self.plan
            && live.played(event, plan, frame)
        {
            self.settle(frame);
        }
    }

    /// After numbers of the plan began to move. Before the first frame they are where they go.
    fn settle(&mut self, frame: u64) {
        if let Some(plan) = &mut self.plan {
            if self.fresh {
                jump_literals(plan);
            }
            self.literals_end = settle_literals(plan, frame);
        }
        self.sleep.rouse();
    }

    /// Runs the program for a chunk into `out`.
    pub fn run(&mut self, scene: &Scene<'_>, out: &mut [Block; 2]) -> Ran {
        self.fresh = false;
        let (frame, frames) = (scene.frame, scene.frames);
        if self.is_asleep() {
            if self.sleeps_on(scene) {
                *out = [Block::SILENT; 2];
                return Ran {
                    mono: true,
                    fault: None,
                };
            }
            self.wake(frame);
        }
        let Some(plan) = &mut self.plan else {
            *out = [Block::SILENT; 2];
            return Ran {
                mono: false,
                fault: None,
            };
        };
        let during = frame < self.fade_end;
        if during {
            let length = (self.fade_end - self.fade_start).max(1) as f32;
            for (i, w) in self.fade.0.iter_mut().take(frames).enumerate() {
                *w = (frame + i as u64 - self.fade_start) as f32 / length;
            }
        }
        if self.literals_end > 0 {
            self.literals_end = settle_literals(plan, frame);
        }
        let [left, right] = scene.input;
        let [side_left, side_right] = scene.sidechain;
        let ctx = Context {
            sample_rate: scene.sample_rate as f32,
            frame,
            clock: scene.clock,
            input: [&left.0[..frames], &right.0[..frames]],
            sidechain: [&side_left.0[..frames], &side_right.0[..frames]],
            voice: None,
            notes: scene.notes,
        };
        let task = Run {
            ctx: &ctx,
            frames,
            fade: &self.fade,
            ramping: self.literals_end > frame,
            watch: self.sleep.is_watching(),
            profile: scene.profile,
        };
        let outcome = run(plan, during, &task);
        let fault = outcome
            .fault
            .and_then(|slot| plan.slots.get(slot as usize))
            .map(|slot| Fault {
                kind: FaultKind::NotFinite,
                span: slot.span,
                revision: plan.revision,
            });
        let end = frame + frames as u64;
        if end.is_multiple_of(BLOCK_FRAMES as u64) {
            voices::end_cell(plan, end);
        }
        let list = if during { &plan.during } else { &plan.after };
        let mono = list.mono_output && list.has_output;
        out[0] = plan.arena[0];
        if !mono {
            out[1] = plan.arena[1];
        }
        let heard = |block: &Block| peak(block, frames) > QUIET;
        let rest = plan.rest.as_ref();
        // A program that never rests need not be listened to.
        let quiet = rest.is_some()
            && scene.silent
            && !during
            && !task.ramping
            && !heard(&out[0])
            && (mono || !heard(&out[1]))
            && !voices::any(plan, frame);
        let observed = Observed {
            quiet,
            stands: !outcome.moved,
        };
        self.sleep.observe(rest, observed, end, scene.clock);
        Ran { mono, fault }
    }

    /// Whether nothing in the chunk wakes the program.
    fn sleeps_on(&self, scene: &Scene<'_>) -> bool {
        let Some(plan) = &self.plan else { return false };
        let Some(rest) = &plan.rest else { return false };
        scene.silent && self.sleep.goes_on(rest, scene.clock) && !voices::any(plan, scene.frame)
    }

    /// Names the costliest statement and asks the control side for the program before.
    #[cold]
    pub fn report_overload(&mut self) -> Option<Fault> {
        let plan = self.plan.as_mut()?;
        let costliest = plan.chains.iter().max_by_key(|c| c.cost_ns);
        let span = costliest.map_or(Span::default(), |c| c.span);
        plan.chains.iter_mut().for_each(|c| c.cost_ns = 0);
        self.exchange.report_overload(plan.revision);
        Some(Fault {
            kind: FaultKind::Overload,
            span,
            revision: plan.revision,
        })
    }
}
