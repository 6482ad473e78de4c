//! The programs of an instance: which one plays, and how another one takes over.
//!
//! Every program has a [`Player`] of its own, whose plans are compiled and sent ahead of time, so a
//! change is exact to the frame. The one that leaves is faded out over 10 ms, equal gain (R6.9), and
//! is then returned to its start: whoever comes back to it hears it from its beginning.
//!
//! Thread: audio, except constructors.

use std::sync::Arc;

use super::exchange::Exchange;
use super::live::Live;
use super::player::{Player, Ran, Scene, Waiting};
use crate::graph::plan::Plan;
use crate::midi::MidiEvent;
use crate::processor::Block;
use crate::transport::{Clock, Transport};

/// Programs in one instance.
pub const PROGRAMS: usize = 8;

/// Length of the fade from one program to another.
const FADE_SECONDS: f64 = 0.010;

/// A change that is asked for this much after its grid line still counts as on the line: hosts
/// round automation and messages to frames in their own ways.
const LATE_SECONDS: f64 = 0.001;

/// A change that waits for its frame.
#[derive(Clone, Copy)]
struct Change {
    program: usize,
    /// Multiple of beats on which it happens; 0 = at once.
    quantum_beats: u32,
}

/// The program that is fading out.
#[derive(Clone, Copy)]
struct Leaving {
    program: usize,
    start: u64,
    end: u64,
}

/// What a look at the waiting change came to.
pub enum Changing {
    /// No change waits.
    Nothing,
    /// It happens on `frame`.
    Until {
        /// The program that is waited for.
        program: usize,
        /// Song position there.
        beat: f64,
        /// Frame on which to look again.
        frame: u64,
    },
    /// Another program plays from this frame on.
    Changed,
}

/// All programs of an instance.
pub struct Programs {
    players: [Player; PROGRAMS],
    active: usize,
    change: Option<Change>,
    leaving: Option<Leaving>,
    /// Output of the program that fades out.
    old: [Block; 2],
}

impl Programs {
    /// Programs that hear of their plans through these exchanges. Thread: control.
    pub fn new(exchanges: [Arc<Exchange>; PROGRAMS]) -> Self {
        Self {
            players: exchanges.map(Player::new),
            active: 0,
            change: None,
            leaving: None,
            old: [Block::SILENT; 2],
        }
    }

    /// Number of the program that plays.
    pub fn active(&self) -> usize {
        self.active
    }

    /// The program that plays.
    pub fn player(&mut self) -> &mut Player {
        // `active` is always below the length: see `ask`.
        &mut self.players[self.active % PROGRAMS]
    }

    /// Whether a program that would be heard is left uncomputed.
    pub fn any_asleep(&self) -> bool {
        let leaving = self.leaving.map(|l| l.program);
        let heard = [Some(self.active), leaving].into_iter().flatten();
        let mut players = heard.filter_map(|program| self.players.get(program));
        players.any(Player::is_asleep)
    }

    /// Takes plans over directly, while no callback runs; a [`reset`](Self::reset) has to follow.
    /// Thread: control.
    pub fn install(&mut self, plans: [Option<Box<Plan>>; PROGRAMS], live: &mut Live) {
        for (player, plan) in self.players.iter_mut().zip(plans) {
            player.install(plan, live);
        }
    }

    /// The next callback takes waiting plans at once and without a fade (R2.3). Thread: control.
    pub fn take_without_fade(&mut self) {
        self.player().take_without_fade();
    }

    /// Returns all programs to their start, at frame 0. A change that waits is made.
    pub fn reset(&mut self, live: &Live) {
        for player in &mut self.players {
            player.reset(live);
        }
        self.leaving = None;
        if let Some(change) = self.change.take() {
            self.active = change.program;
        }
    }

    /// Clears every memory of sound in mid-song.
    pub fn clear(&mut self, frame: u64) {
        self.player().clear(frame);
        self.finish(frame, true);
    }

    /// Asks for a program: the newest wish wins. Asking for the one that plays takes a wish back.
    ///
    /// What comes shortly after a multiple of the quantum counts as on it.
    pub fn ask(
        &mut self,
        program: u8,
        quantum_beats: u32,
        frame: u64,
        clock: &Clock,
        sample_rate: f64,
    ) {
        let program = usize::from(program);
        if program >= PROGRAMS {
            return;
        }
        self.change = None;
        if program == self.active {
            return;
        }
        let early = frame.saturating_sub((LATE_SECONDS * sample_rate) as u64);
        let line = clock.next_multiple(early, f64::from(quantum_beats.max(1)));
        let on_line = line.is_some_and(|line| line <= frame);
        self.change = Some(Change {
            program,
            quantum_beats: if on_line { 0 } else { quantum_beats },
        });
    }

    /// Changes the program if it is time; otherwise tells on which frame it will be. With `jump`
    /// the change is made at once and without a fade.
    pub fn try_change(
        &mut self,
        frame: u64,
        transport: &Transport,
        live: &mut Live,
        sample_rate: f64,
        jump: bool,
    ) -> Changing {
        let Some(change) = self.change else {
            return Changing::Nothing;
        };
        let next = if jump || change.quantum_beats == 0 {
            None
        } else {
            // A standing song has no next multiple: the change is made at once (R7.9).
            transport.next_launch(frame, f64::from(change.quantum_beats))
        };
        let (due, beat) = next.unwrap_or((frame, transport.clock().beat_at(frame)));
        let free = self.leaving.map_or(0, |l| l.end);
        if due.max(free) > frame {
            if due <= frame {
                // Its frame has come; only the fade is waited for.
                self.change = Some(Change {
                    quantum_beats: 0,
                    ..change
                });
            }
            return Changing::Until {
                program: change.program,
                beat,
                frame: due.max(free),
            };
        }
        self.change = None;
        let before = std::mem::replace(&mut self.active, change.program);
        if jump {
            if let Some(player) = self.players.get_mut(before) {
                player.stop(frame);
            }
        } else {
            self.leaving = Some(Leaving {
                program: before,
                start: frame,
                end: frame + (FADE_SECONDS * sample_rate).round() as u64,
            });
        }
        self.player().start(frame, live);
        Changing::Changed
    }

    /// Looks at the position on `frame` before the song leaves it: a loop's end may be the launch
    /// point of what waits.
    pub fn before_wrap(&mut self, frame: u64, transport: &Transport) {
        self.player().before_wrap(frame, transport);
        if transport.next_wrap() == Some(frame)
            && let Some(change) = &mut self.change
            && change.quantum_beats > 0
            && let Some((due, _)) = transport.next_launch(frame, f64::from(change.quantum_beats))
            && due <= frame
        {
            change.quantum_beats = 0;
        }
    }

    /// Adopts the plan that waits for the program that plays, if it is due. While programs fade
    /// into each other none is taken (R6.11).
    pub fn try_launch(&mut self, frame: u64, transport: &Transport, live: &mut Live) -> Waiting {
        let free = self.leaving.map_or(0, |l| l.end);
        self.player().try_launch(frame, free, transport, live)
    }

    /// The next frame after `frame` on which a fade ends.
    pub fn fade_end_after(&self, frame: u64) -> Option<u64> {
        let active = self.players.get(self.active);
        let own = active.and_then(|p| p.fade_end_after(frame));
        let Some(leaving) = self.leaving else {
            return own;
        };
        let player = self.players.get(leaving.program);
        let other = player.and_then(|p| p.fade_end_after(frame));
        [own, other, Some(leaving.end)].into_iter().flatten().min()
    }

    /// The host turned a knob.
    pub fn turn(&mut self, slot: u8, normalised: f32, frame: u64, live: &mut Live) {
        if live.turn(slot, normalised) {
            self.hearing(|player, _| player.turned(slot, frame, live));
        }
    }

    /// A key, wheel or pedal moved. Notes begin in the program that plays, and end wherever they
    /// are.
    pub fn play(&mut self, event: &MidiEvent, frame: u64, live: &mut Live) {
        live.play(event);
        let begins = matches!(event, MidiEvent::NoteOn { .. });
        self.hearing(|player, leaves| {
            if !(begins && leaves) {
                player.played(event, frame, live);
            }
        });
    }

    /// Calls `f` with the program that plays, and with the one that fades out (`true`).
    fn hearing(&mut self, mut f: impl FnMut(&mut Player, bool)) {
        f(self.player(), false);
        if let Some(leaving) = self.leaving
            && let Some(player) = self.players.get_mut(leaving.program)
        {
            f(player, true);
        }
    }

    /// Runs what is heard for a chunk into `out`.
    pub fn run(&mut self, scene: &Scene<'_>, out: &mut [Block; 2]) -> Ran {
        let Some(leaving) = self.leaving else {
            return self.player().run(scene, out);
        };
        let Some(old) = self.players.get_mut(leaving.program) else {
            return self.player().run(scene, out);
        };
        let has_old = old.has_plan();
        let was = old.run(scene, &mut self.old);
        // What fades out starts no more notes on other tracks.
        scene.notes.clear();
        let ran = if !self.player().has_plan() {
            // The renderer fades to what sounds without a program.
            *out = self.old;
            Ran { fault: None, ..was }
        } else {
            let ran = self.player().run(scene, out);
            if has_old {
                let mono = was.mono && ran.mono;
                if !mono {
                    widen(&mut self.old, was.mono);
                    widen(out, ran.mono);
                }
                let channels = if mono { 1 } else { 2 };
                for (new, old) in out.iter_mut().zip(&self.old).take(channels) {
                    crossfade(new, old, scene, leaving);
                }
                Ran { mono, ..ran }
            } else {
                ran
            }
        };
        self.finish(scene.frame + scene.frames as u64, false);
        ran
    }

    /// Returns the program that faded out to its start, when the fade is over (or at once).
    fn finish(&mut self, frame: u64, at_once: bool) {
        if let Some(leaving) = self.leaving
            && (at_once || frame >= leaving.end)
        {
            self.leaving = None;
            if let Some(player) = self.players.get_mut(leaving.program) {
                player.stop(frame);
            }
        }
    }

    /// Sends plans that were replaced to control, which frees them.
    pub fn send_home(&mut self) {
        for player in &mut self.players {
            player.send_home();
        }
    }
}

/// Both channels of a block of which perhaps only the left was computed.
fn widen(blocks: &mut [Block; 2], mono: bool) {
    if mono {
        blocks[1] = blocks[0];
    }
}

/// Equal gain, exact at both ends.
fn crossfade(new: &mut Block, old: &Block, scene: &Scene<'_>, leaving: Leaving) {
    let length = (leaving.end - leaving.start).max(1) as f32;
    let passed = scene.frame - leaving.start;
    for (i, (y, x)) in new.0[..scene.frames].iter_mut().zip(&old.0).enumerate() {
        let weight = (passed + i as u64) as f32 / length;
        *y = x + (*y - x) * weight;
    }
}
