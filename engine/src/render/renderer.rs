//! The audio half: cuts blocks into chunks, lets a program play, applies gain, bypass and guard.
//!
//! Thread: audio, except `new` and what says otherwise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::block::{AudioBlock, Event, EventKind};
use super::denormal::FlushDenormals;
use super::exchange::Exchange;
use super::guard::{Guard, peak, scrub};
use super::live::Live;
use super::load::{Load, Verdict};
use super::panic::PanicButton;
use super::player::{Scene, Waiting};
use super::programs::{Changing, PROGRAMS, Programs};
use super::ramp::Ramp;
use super::run::WallClock;
use super::sent::{MAX_PER_CHUNK, Sent, Stretch};
use super::song::{SongSwitch, SongWish};
use super::started::StartedKnobs;
use super::status::Status;
use crate::graph::plan::Plan;
use crate::midi::SentNote;
use crate::processor::{BLOCK_FRAMES, Block, NoteSink};
use crate::transport::Transport;

/// Ramp of the output gain (R8.3).
const GAIN_RAMP_SECONDS: f64 = 0.005;
/// In which what sounded before a panic falls to 0.
const PANIC_FALL_SECONDS: f64 = 0.005;
/// Fade of bypass, and from the dry input to a first program (R8.9).
const BYPASS_FADE_SECONDS: f64 = 0.010;

/// Audio half. See [`crate::create`].
pub struct Renderer {
    programs: Programs,
    transport: Transport,
    song: Arc<SongSwitch>,
    panic: PanicButton,
    sample_rate: f64,
    /// Whether the input is what sounds without a program and in bypass.
    passes_input: bool,
    frame: u64,
    /// Nothing was rendered since the last reset: gain and bypass jump.
    fresh: bool,
    live: Live,
    /// Notes that the nodes of a chunk start.
    notes: NoteSink,
    sent: Sent,
    /// The song ran in the chunk before.
    was_playing: bool,
    gain: Ramp,
    /// Share of the program against the dry input (or silence): 1 = program.
    wet: Ramp,
    bypassed: bool,
    guard: Guard,
    input: [Block; 2],
    sidechain: [Block; 2],
    /// Both are exactly 0 through the present chunk.
    silent: bool,
    out: [Block; 2],
    /// The programs' newest frame, and what a panic left of such a one.
    last: [f32; 2],
    residual: [Ramp; 2],
    wall_clock: Option<WallClock>,
    load: Load,
    overloaded: bool,
    halted: bool,
    /// Frames of the present block that are finished, for the case of a panic.
    done: usize,
    status: Status,
    publish: triple_buffer::Input<Status>,
}

/// The shape of a chunk.
#[derive(Clone, Copy)]
struct Chunk {
    start: usize,
    frames: usize,
}

impl Renderer {
    /// Thread: control.
    pub(crate) fn new(
        exchanges: [Arc<Exchange>; PROGRAMS],
        publish: triple_buffer::Input<Status>,
        sample_rate: f64,
        passes_input: bool,
    ) -> Self {
        let status = Status {
            sample_rate,
            ..Status::default()
        };
        Self {
            programs: Programs::new(exchanges),
            transport: Transport::new(sample_rate),
            song: Arc::default(),
            panic: PanicButton::default(),
            sample_rate,
            passes_input,
            frame: 0,
            fresh: true,
            live: Live::default(),
            notes: NoteSink::new(MAX_PER_CHUNK),
            sent: Sent::default(),
            was_playing: false,
            gain: Ramp::held(1.0),
            wet: Ramp::held(0.0),
            bypassed: false,
            guard: Guard::new(sample_rate),
            input: [Block::SILENT; 2],
            sidechain: [Block::SILENT; 2],
            silent: true,
            out: [Block::SILENT; 2],
            last: [0.0; 2],
            residual: [Ramp::held(0.0); 2],
            wall_clock: None,
            load: Load::default(),
            overloaded: false,
            halted: false,
            done: 0,
            status,
            publish,
        }
    }

    /// Where control reads what programs changed of the knobs.
    pub(crate) fn started_knobs(&self) -> Arc<StartedKnobs> {
        self.live.started()
    }

    /// The button that ends every note and tail. Thread: control.
    pub(crate) fn panic_button(&self) -> PanicButton {
        self.panic.clone()
    }

    /// Where control says what it wants of a song whose host stands.
    pub(crate) fn song(&self) -> Arc<SongSwitch> {
        Arc::clone(&self.song)
    }

    /// A clock in nanoseconds, for the load figure and overload protection; `None` (offline, tests,
    /// WebAssembly) switches both off.
    pub fn set_wall_clock(&mut self, now_ns: Option<WallClock>) {
        self.wall_clock = now_ns;
        self.load.restart();
    }

    /// Takes the plans of all programs over directly, while no callback runs: a new sample rate
    /// (R2.7). The plans before are freed here. Thread: control.
    pub(crate) fn install(&mut self, plans: [Option<Box<Plan>>; PROGRAMS], sample_rate: f64) {
        self.programs.install(plans, &mut self.live);
        self.sample_rate = sample_rate;
        self.transport.set_sample_rate(sample_rate);
        self.status.sample_rate = sample_rate;
        self.halted = false;
        self.aim_wet();
        self.reset();
    }

    /// The next callback takes a waiting plan at once and without a fade (R2.3). Thread: control.
    pub(crate) fn take_without_fade(&mut self) {
        self.fresh = true;
        self.programs.take_without_fade();
    }

    /// The host's `reset`: clears delays, filters, phases, ramps and fades and restarts the frame
    /// counter; keeps program and seed (R2.8). A waiting plan is taken at once, without a fade.
    pub fn reset(&mut self) {
        self.frame = 0;
        self.fresh = true;
        self.gain.settle();
        self.wet.settle();
        self.guard.reset(self.sample_rate);
        self.last = [0.0; 2];
        self.residual = [Ramp::held(0.0); 2];
        self.transport.reset();
        self.load.restart();
        self.status.fault = None;
        self.live.keyboard.reset();
        self.programs.reset(&self.live);
        self.sent.reset();
    }

    /// The notes for other tracks that started and ended in the newest block, in the order of their
    /// frames. Every note that starts ends, in a later block at the latest.
    #[must_use]
    pub fn sent_notes(&self) -> &[SentNote] {
        self.sent.list()
    }

    /// Computes one block in place. Any length, 0 included.
    ///
    /// # Real time
    /// No allocation, free, lock, log, system call or panic. A panic inside, which would be a fault
    /// of this crate, is caught: from there on the dry input (effect) or silence comes out.
    pub fn render(&mut self, mut block: AudioBlock<'_, '_>) {
        let _flush = FlushDenormals::new();
        let before = self.wall_clock.map(|now| now());
        let frames = block.channels.first().map_or(0, |c| c.len());
        self.done = 0;
        // Peaks hold until the reader has taken a snapshot.
        if self.publish.consumed() {
            self.status.output_peak = [0.0; 2];
            self.status.input_peak = [0.0; 2];
        }
        self.sent.begin_block();
        if !self.halted
            && catch_unwind(AssertUnwindSafe(|| self.render_chunks(&mut block))).is_err()
        {
            self.halted = true;
            self.sent.end_all();
        }
        if self.halted {
            let rest = Chunk {
                start: self.done,
                frames: frames - self.done,
            };
            self.collect_notes(rest);
            self.pass(&mut block);
        }
        self.programs.send_home();
        if let (Some(before), Some(now)) = (before, self.wall_clock) {
            let spent = now().saturating_sub(before);
            if self.load.add(spent, frames, self.sample_rate) == Verdict::Overloaded {
                self.report_overload();
            }
        }
        self.publish();
    }

    /// What comes out after an internal error: the input as it is, or silence.
    fn pass(&mut self, block: &mut AudioBlock<'_, '_>) {
        let done = self.done;
        let inputs = if self.passes_input {
            block.input_channels
        } else {
            0
        };
        if let ([left, right, ..], 1) = (&mut *block.channels, inputs)
            && let (Some(from), Some(to)) = (left.get(done..), right.get_mut(done..))
        {
            to.copy_from_slice(from);
        }
        let kept = if inputs == 1 { 2 } else { inputs };
        for channel in block.channels.iter_mut().skip(kept) {
            if let Some(rest) = channel.get_mut(done..) {
                rest.fill(0.0);
            }
        }
    }

    fn render_chunks(&mut self, block: &mut AudioBlock<'_, '_>) {
        let frames = block.channels.first().map_or(0, |c| c.len());
        self.programs.before_wrap(self.frame, &self.transport);
        self.transport.begin_block(self.frame, &block.transport);
        if self.panic.take() {
            self.apply(Event {
                frame: 0,
                kind: EventKind::Panic,
            });
        }
        match self.song.take() {
            Some(SongWish::Run) => self.transport.start_free_run(self.frame),
            Some(SongWish::Stand) => self.transport.stop_free_run(self.frame),
            None => {}
        }
        let mut events = block.events;
        let mut start = 0;
        while start < frames {
            if self.transport.next_wrap() == Some(self.frame) {
                self.programs.before_wrap(self.frame, &self.transport);
                self.transport.wrap(self.frame);
            }
            // A program that starts on this frame already plays this frame's notes.
            let mut change = self.try_change();
            let mut launch = self.try_launch();
            while let Some((event, rest)) = events.split_first()
                && event.frame <= start
            {
                self.apply(*event);
                events = rest;
                change = self.try_change();
                launch = self.try_launch();
            }
            let room = self.chunk_frames([change, launch], frames - start);
            let until_event = events
                .first()
                .map_or(room, |e| e.frame.saturating_sub(start));
            let chunk = Chunk {
                start,
                frames: room.min(until_event.max(1)),
            };
            start += self.render_chunk(block, chunk);
            self.done = start;
        }
        // Events at or past the end of an empty or short block still count.
        for event in events {
            self.apply(*event);
        }
    }

    /// Changes the program if it is time; otherwise returns the frame on which it will be.
    fn try_change(&mut self) -> Option<u64> {
        let (rate, jump) = (self.sample_rate, self.fresh);
        let (frame, transport) = (self.frame, &self.transport);
        let changing = self
            .programs
            .try_change(frame, transport, &mut self.live, rate, jump);
        self.status.waiting_program = None;
        match changing {
            Changing::Nothing => None,
            Changing::Until {
                program,
                beat,
                frame,
            } => {
                self.status.waiting_program = Some(program as u8);
                self.status.change_beat = beat;
                Some(frame)
            }
            Changing::Changed => {
                self.began();
                None
            }
        }
    }

    /// Adopts the waiting plan if it is due; otherwise returns the frame on which it will be.
    fn try_launch(&mut self) -> Option<u64> {
        let waiting = self
            .programs
            .try_launch(self.frame, &self.transport, &mut self.live);
        self.status.waiting_revision = 0;
        match waiting {
            Waiting::Nothing => None,
            Waiting::Until { point, frame } => {
                self.status.waiting_revision = point.revision;
                self.status.launch_beat = point.beat;
                self.status.launch_frame = point.frame;
                Some(frame)
            }
            Waiting::Taken { starts_song } => {
                if starts_song {
                    self.transport.start_free_run(self.frame);
                }
                self.began();
                None
            }
        }
    }

    /// What sounds is a new program: what was said of the one before is past.
    fn began(&mut self) {
        self.load.restart();
        self.overloaded = false;
        self.status.fault = None;
        self.aim_wet();
    }

    /// Where the fader between dry input and program must go.
    fn aim_wet(&mut self) {
        let target = if self.bypassed || !self.programs.player().has_plan() {
            0.0
        } else {
            1.0
        };
        let frames = (BYPASS_FADE_SECONDS * self.sample_rate).round() as u64;
        self.wet.move_to(target, self.frame, frames);
        if self.fresh {
            self.wet.settle();
        }
    }

    fn apply(&mut self, event: Event) {
        match event.kind {
            EventKind::OutputGain(gain) => {
                let gain = if gain.is_finite() {
                    gain.clamp(0.0, 100.0)
                } else {
                    1.0
                };
                let frames = (GAIN_RAMP_SECONDS * self.sample_rate).round() as u64;
                self.gain.move_to(gain, self.frame, frames);
                if self.fresh {
                    self.gain.settle();
                }
            }
            EventKind::Bypass(bypassed) => {
                self.bypassed = bypassed;
                self.sent.end_all();
                self.aim_wet();
            }
            EventKind::Guard(on) => self.guard.set_enabled(on),
            EventKind::Knob { slot, normalised } => {
                self.programs
                    .turn(slot, normalised, self.frame, &mut self.live);
            }
            EventKind::Program {
                program,
                quantum_beats,
            } => {
                let clock = self.transport.clock();
                self.programs
                    .ask(program, quantum_beats, self.frame, clock, self.sample_rate);
            }
            EventKind::Midi(event) => self.programs.play(&event, self.frame, &mut self.live),
            EventKind::FreeRun(free_run) => self.transport.set_free_run(free_run, self.frame),
            EventKind::Panic => {
                self.live.keyboard.release_all();
                self.programs.clear(self.frame);
                self.sent.end_all();
                // What was cut off falls to 0 in a straight line: a panic does not click.
                let fall = (PANIC_FALL_SECONDS * self.sample_rate).round() as u64;
                for (residual, last) in self.residual.iter_mut().zip(self.last) {
                    *residual = Ramp::held(last);
                    residual.move_to(0.0, self.frame, fall);
                }
            }
        }
    }

    /// Frames up to the next place where something may change, at most `room`.
    fn chunk_frames(&self, waits: [Option<u64>; 2], room: usize) -> usize {
        let cell_end = (self.frame / BLOCK_FRAMES as u64 + 1) * BLOCK_FRAMES as u64;
        let mut end = cell_end.min(self.frame + room as u64);
        let fade_end = self.programs.fade_end_after(self.frame);
        let [change, launch] = waits;
        for stop in [change, launch, fade_end, self.transport.next_wrap()]
            .into_iter()
            .flatten()
        {
            if stop > self.frame {
                end = end.min(stop);
            }
        }
        (end - self.frame) as usize
    }

    /// Renders a chunk, or its silent beginning if the program sleeps through that. Returns how many
    /// frames.
    fn render_chunk(&mut self, block: &mut AudioBlock<'_, '_>, mut chunk: Chunk) -> usize {
        self.fresh = false;
        let mut input_peak = self.read_inputs(block, chunk);
        if self.programs.any_asleep()
            && !self.silent
            && let Some(frames @ 1..) = self.first_sound(chunk)
        {
            chunk.frames = frames;
            input_peak = self.read_inputs(block, chunk);
        }
        let frames = chunk.frames;
        let mono = self.run_player(frames);
        let mono = self.add_residual(frames, mono);
        self.collect_notes(chunk);
        self.finish_output(frames, mono, input_peak);
        write_output(block, &self.out, chunk);
        self.frame += frames as u64;
        frames
    }

    /// The first frame of a chunk on which an input is not 0.
    fn first_sound(&self, chunk: Chunk) -> Option<usize> {
        let first = |block: &Block| {
            let mut samples = block.0.iter().take(chunk.frames);
            // By its bits, as the peak is taken: numbers below the normal ones count.
            samples.position(|x| x.abs().to_bits() != 0)
        };
        let inputs = self.input.iter().chain(&self.sidechain);
        inputs.filter_map(first).min()
    }

    /// Copies the host's input; what is not finite counts as 0. Returns its peak, if there is any.
    fn read_inputs(&mut self, block: &AudioBlock<'_, '_>, chunk: Chunk) -> Option<f32> {
        self.silent = true;
        for (c, to) in self.sidechain.iter_mut().enumerate() {
            let from = block.sidechain.get(c).or(block.sidechain.first());
            self.silent &= copy_input(to, from.copied(), chunk).to_bits() == 0;
        }
        let inputs = block.input_channels.min(block.channels.len()).min(2);
        let mut loudest = None;
        for (c, to) in self.input.iter_mut().enumerate() {
            let from = (inputs > 0).then(|| &*block.channels[c.min(inputs - 1)]);
            let level = copy_input(to, from, chunk);
            self.silent &= level.to_bits() == 0;
            if inputs > 0 {
                self.status.input_peak[c] = self.status.input_peak[c].max(level);
                loudest = Some(level.max(loudest.unwrap_or(0.0)));
            }
        }
        loudest
    }

    /// Runs the program into `self.out`. Returns whether only the left channel was computed.
    fn run_player(&mut self, frames: usize) -> bool {
        let scene = Scene {
            sample_rate: self.sample_rate,
            frame: self.frame,
            frames,
            clock: self.transport.clock(),
            input: &self.input,
            sidechain: &self.sidechain,
            silent: self.silent,
            notes: &self.notes,
            profile: self.wall_clock.filter(|_| self.load.is_profiling()),
        };
        let ran = self.programs.run(&scene, &mut self.out);
        if ran.fault.is_some() {
            self.status.fault = ran.fault;
        }
        ran.mono
    }

    /// Adds what a panic cut off, on its way to 0. Returns whether the output is still mono.
    fn add_residual(&mut self, frames: usize, mut mono: bool) -> bool {
        if self
            .residual
            .iter()
            .any(|r| r.held_at(self.frame) != Some(0.0))
        {
            if mono {
                self.out[1] = self.out[0];
                mono = false;
            }
            for (block, residual) in self.out.iter_mut().zip(&self.residual) {
                for (y, frame) in block.0.iter_mut().take(frames).zip(self.frame..) {
                    *y += residual.at(frame);
                }
            }
        }
        for (c, last) in self.last.iter_mut().enumerate() {
            let block = &self.out[if mono { 0 } else { c }];
            *last = block.0.get(frames - 1).copied().unwrap_or(0.0);
        }
        mono
    }

    /// Takes the notes over that a chunk has started. With the song all notes stop, and a bypassed
    /// program starts none.
    fn collect_notes(&mut self, chunk: Chunk) {
        let playing = self.transport.clock().is_playing();
        if self.was_playing && !playing {
            self.sent.end_all();
        }
        self.was_playing = playing;
        if chunk.frames == 0 {
            return;
        }
        let stretch = Stretch {
            first: self.frame,
            start: chunk.start,
            frames: chunk.frames,
        };
        let muted = self.bypassed || self.halted;
        self.sent.collect(&self.notes, stretch, muted);
    }

    /// Output gain, guard, bypass; both channels of `self.out` are right afterwards.
    fn finish_output(&mut self, frames: usize, mono: bool, input_peak: Option<f32>) {
        let channels = if mono { 1 } else { 2 };
        // The gain is applied even at 1.0: the multiplication flushes what is subnormal.
        match self.gain.held_at(self.frame) {
            Some(gain) => {
                for block in self.out.iter_mut().take(channels) {
                    block.0[..frames].iter_mut().for_each(|x| *x *= gain);
                }
            }
            None => {
                for (i, frame) in (self.frame..).take(frames).enumerate() {
                    let gain = self.gain.at(frame);
                    self.out
                        .iter_mut()
                        .take(channels)
                        .for_each(|b| b.0[i] *= gain);
                }
            }
        }
        let ends_cell = (self.frame + frames as u64).is_multiple_of(BLOCK_FRAMES as u64);
        let input = input_peak.map(|peak| (&self.input, peak));
        let peaks = self
            .guard
            .process(&mut self.out, input, frames, mono, ends_cell);
        if mono {
            self.out[1] = self.out[0];
        }
        for (level, peak) in self.status.output_peak.iter_mut().zip(peaks) {
            *level = level.max(peak);
        }
        if self.wet.held_at(self.frame) == Some(1.0) {
            return;
        }
        let dry_gain = if self.passes_input { 1.0 } else { 0.0 };
        for (out, input) in self.out.iter_mut().zip(&self.input) {
            for (i, (y, x)) in out.0[..frames].iter_mut().zip(&input.0).enumerate() {
                let wet = self.wet.at(self.frame + i as u64);
                let dry = x * dry_gain;
                // Exact at both ends, where rounding would leave a trace of the other side.
                if wet == 0.0 {
                    *y = dry;
                } else if wet != 1.0 {
                    *y = dry + (*y - dry) * wet;
                }
            }
        }
    }

    /// Has the program before called back.
    #[cold]
    fn report_overload(&mut self) {
        if let Some(fault) = self.programs.player().report_overload() {
            self.overloaded = true;
            self.status.fault = Some(fault);
        }
    }

    fn publish(&mut self) {
        let clock = self.transport.clock();
        self.status.callbacks += 1;
        self.status.frame = self.frame;
        self.status.playing = clock.host_plays();
        self.status.free_running = clock.is_free();
        self.status.beats = clock.beat_at(self.frame);
        self.status.tempo_bpm = clock.tempo_bpm();
        let left = self.status.launch_frame.saturating_sub(self.frame) as f64;
        self.status.launch_in_beats = left * clock.beats_per_frame();
        self.status.asleep = self.programs.player().is_asleep();
        self.status.program = self.programs.active() as u8;
        self.status.sounding_revision = self.programs.player().revision();
        self.status.load = self.load.smoothed();
        self.status.guard = self.guard.status();
        self.status.guard.overloaded = self.overloaded;
        self.status.guard.halted = self.halted;
        self.publish.write(self.status);
    }
}

/// Copies a chunk of input and returns its peak. What is not finite counts as 0.
fn copy_input(block: &mut Block, from: Option<&[f32]>, chunk: Chunk) -> f32 {
    let out = &mut block.0[..chunk.frames];
    let Some(from) = from.and_then(|f| f.get(chunk.start..chunk.start + chunk.frames)) else {
        out.fill(0.0);
        return 0.0;
    };
    out.copy_from_slice(from);
    let level = peak(block, chunk.frames);
    if level.is_finite() {
        return level;
    }
    scrub(block, chunk.frames);
    peak(block, chunk.frames)
}

/// Mono hosts get the mean of both sides (exact where they are equal); further channels are cleared.
fn write_output(block: &mut AudioBlock<'_, '_>, out: &[Block; 2], chunk: Chunk) {
    let range = chunk.start..chunk.start + chunk.frames;
    let channels = block.channels.len();
    for (c, channel) in block.channels.iter_mut().enumerate() {
        let Some(to) = channel.get_mut(range.clone()) else {
            continue;
        };
        match (c, channels) {
            (0, 1) => {
                for ((y, l), r) in to.iter_mut().zip(&out[0].0).zip(&out[1].0) {
                    *y = 0.5 * (l + r);
                }
            }
            (0 | 1, _) => to.copy_from_slice(&out[c].0[..chunk.frames]),
            _ => to.fill(0.0),
        }
    }
}

#[cfg(test)]
#[path = "renderer_tests.rs"]
mod tests;
