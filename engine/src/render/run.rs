//! Executes the steps of a plan for one chunk.
//!
//! Thread: audio.

use super::sleep::QUIET;
use crate::graph::plan::{BUS, Literal, NO_CHAIN, Place, Plan, Range, Step, StepList, Weight};
use crate::processor::{BLOCK_FRAMES, Block, Context, Io, LiteralValue, Operand, Ports, Value};
use crate::registry::InPlace;

mod voices;

/// A clock in nanoseconds, for finding the costliest chain.
pub type WallClock = fn() -> u64;

/// What one run of a step list needs besides the plan.
pub struct Run<'a> {
    /// Sample rate, frame, clock and inputs of the chunk.
    pub ctx: &'a Context<'a>,
    /// Frames in the chunk.
    pub frames: usize,
    /// Weight of the new side of fades, one value per frame of the chunk.
    pub fade: &'a Block,
    /// Whether any number of the plan moves in this chunk.
    pub ramping: bool,
    /// Set while the cost of each chain is measured.
    pub profile: Option<WallClock>,
    /// Whether nodes with a memory are watched: a program that rests must stand.
    pub watch: bool,
}

/// The part of a chunk that a step handles.
#[derive(Clone, Copy)]
struct Part {
    offset: usize,
    frames: usize,
}

/// The parts of a plan that steps work on, borrowed separately from the step list.
struct Memory<'a> {
    plan: PlanParts<'a>,
    fault: Option<u32>,
    moved: bool,
    /// The voice that is computed, and how far its slots and lines are from those of voice 0; no
    /// way outside of voices.
    voice: usize,
    slot_offset: u32,
    line_offset: u32,
}

struct PlanParts<'a> {
    arena: &'a mut [Block],
    scratch: &'a mut [Block],
    slots: &'a mut [crate::graph::plan::Slot],
    chains: &'a mut [crate::graph::plan::ChainState],
    literals: &'a mut [Literal],
    literal_values: &'a mut [LiteralValue],
    groups: &'a mut [crate::graph::plan::PlanGroup],
    lines: &'a mut [crate::graph::plan::Line],
}

/// What running a chunk came to.
pub struct Outcome {
    /// The slot of the first fault.
    pub fault: Option<u32>,
    /// Something that was watched did not stand.
    pub moved: bool,
}

/// Runs the steps of a chunk. `during` chooses the list.
///
/// The output bus is in the arena's first two blocks afterwards.
pub fn run(plan: &mut Plan, during: bool, run: &Run<'_>) -> Outcome {
    let list = if during { &plan.during } else { &plan.after };
    let parts = PlanParts {
        arena: &mut plan.arena,
        scratch: &mut plan.scratch,
        slots: &mut plan.slots,
        chains: &mut plan.chains,
        literals: &mut plan.literals,
        literal_values: &mut plan.literal_values,
        groups: &mut plan.groups,
        lines: &mut plan.lines,
    };
    let mut memory = Memory {
        plan: parts,
        fault: None,
        moved: false,
        voice: 0,
        slot_offset: 0,
        line_offset: 0,
    };
    let whole = Part {
        offset: 0,
        frames: run.frames,
    };
    if !list.has_output {
        memory.plan.arena[0].0[..run.frames].fill(0.0);
        memory.plan.arena[1].0[..run.frames].fill(0.0);
    }
    memory.series(list, 0..list.steps.len(), whole, run);
    Outcome {
        fault: memory.fault,
        moved: memory.moved,
    }
}

impl Memory<'_> {
    /// Runs a row of steps over one part of the chunk.
    fn series(
        &mut self,
        list: &StepList,
        steps: std::ops::Range<usize>,
        part: Part,
        run: &Run<'_>,
    ) {
        let mut at = steps.start;
        while at < steps.end
            && let Some(step) = list.steps.get(at)
        {
            at += 1;
            match *step {
                Step::Loop { body, part_frames } => {
                    let end = (at + body as usize).min(steps.end);
                    let part_frames = usize::from(part_frames).max(1);
                    let mut offset = 0;
                    while offset < part.frames {
                        let inner = Part {
                            offset: part.offset + offset,
                            frames: part_frames.min(part.frames - offset),
                        };
                        self.series(list, at..end, inner, run);
                        offset += inner.frames;
                    }
                    at = end;
                }
                Step::Voices {
                    group,
                    body,
                    out,
                    chain,
                } => {
                    let end = (at + body as usize).min(steps.end);
                    self.voices(list, at..end, (group, out), part, run);
                    if chain != NO_CHAIN {
                        self.mute(chain, out, part, run);
                    }
                    at = end;
                }
                _ => self.step(list, step, part, run),
            }
        }
    }

    fn step(&mut self, list: &StepList, step: &Step, part: Part, run: &Run<'_>) {
        match *step {
            Step::Process { slot, out, ports } => {
                self.process(list, slot, out, ports, part, run, Half::Whole);
            }
            Step::Apply {
                slot,
                op,
                out,
                ports,
            } => self.apply(list, slot, op, out, ports, part, run),
            Step::Read {
                slot,
                out,
                ports,
                min_delay_frames,
            } => {
                let half = Half::Read(usize::from(min_delay_frames));
                self.process(list, slot, out, ports, part, run, half);
            }
            Step::Write {
                slot,
                ports,
                min_delay_frames,
            } => {
                let none = Place {
                    block: BUS,
                    channels: 0,
                };
                let half = Half::Write(usize::from(min_delay_frames));
                self.process(list, slot, none, ports, part, run, half);
            }
            Step::Sum {
                out,
                ports,
                weights,
                chain,
            } => {
                let operands = &list.operands[ports.indices()];
                let weights = &list.weights[weights.indices()];
                for c in 0..usize::from(out.channels) {
                    let target = out.block as usize + c;
                    if operands.is_empty() {
                        self.plan.arena[target].0[range(part)].fill(0.0);
                    }
                    for (i, operand) in operands.iter().enumerate() {
                        let weight = weights.get(i).copied().unwrap_or(Weight::One);
                        self.accumulate(target, *operand, c, weight, i == 0, part, run);
                    }
                }
                if chain != NO_CHAIN {
                    self.mute(chain, out, part, run);
                }
            }
            Step::Fade { out, from, to } => {
                for c in 0..usize::from(out.channels) {
                    self.fade(out.block as usize + c, from, to, c, part, run);
                }
            }
            Step::LineRead { line, out } => {
                let line = line + self.line_offset;
                let Some(line) = self.plan.lines.get(line as usize) else {
                    return;
                };
                let mut at = (run.ctx.frame + part.offset as u64) % u64::from(line.frames);
                for i in range(part) {
                    for c in 0..usize::from(out.channels) {
                        let x = line.blocks[c].0[at as usize];
                        self.plan.arena[out.block as usize + c].0[i] = x;
                        // What goes round here may be hidden by a gain of 0.
                        self.moved |= run.watch && x.abs() > QUIET;
                    }
                    at = (at + 1) % u64::from(line.frames);
                }
            }
            Step::LineWrite { line, source } => self.write_line(line, source, part, run),
            Step::Output {
                source,
                weight,
                first,
                mono,
                widen,
            } => {
                let bus = BUS as usize;
                if widen {
                    self.plan.arena[bus + 1] = self.plan.arena[bus];
                }
                self.accumulate(bus, source, 0, weight, first, part, run);
                if !mono {
                    self.accumulate(bus + 1, source, 1, weight, first, part, run);
                }
            }
            Step::VoiceOut { group, source, out } => {
                self.voice_out(group, source, out, part, run);
            }
            // `series` runs what has a body.
            Step::Voices { .. } | Step::Loop { .. } => {}
        }
    }

    #[allow(clippy::too_many_arguments)] // One call per kind of step; a struct would only rename them.
    #[inline]
    fn process(
        &mut self,
        list: &StepList,
        slot_index: u32,
        out: Place,
        ports: Range,
        part: Part,
        run: &Run<'_>,
        half: Half,
    ) {
        let operands = &list.operands[ports.indices()];
        if run.ramping {
            self.fill_ramps(operands, part, run);
        }
        let before = run.profile.map(|now| now());
        let slot_index = slot_index + self.slot_offset;
        let slot = &mut self.plan.slots[slot_index as usize];
        let (low, rest) = self.plan.arena.split_at_mut(out.block as usize);
        let (outs, high) = rest.split_at_mut(usize::from(out.channels));
        if slot.faulted {
            silence(outs, part);
        } else {
            let ins = Ports {
                below: low,
                above: high,
                above_start: out.block as usize + usize::from(out.channels),
                scratch: self.plan.scratch,
                literals: self.plan.literal_values,
                operands,
                offset: part.offset,
                frames: part.frames,
                channel: 0,
            };
            // A delay's writing half has no output to count its channels by.
            let instances = match half {
                Half::Write(_) => usize::from(slot.instances),
                _ => usize::from(slot.instances).min(outs.len()),
            };
            for c in 0..instances {
                // One instance writes all channels, one of two its own.
                let outs = match slot.instances {
                    1 => &mut *outs,
                    _ => outs.get_mut(c..c + 1).unwrap_or(&mut []),
                };
                let io = Io {
                    ctx: run.ctx,
                    ins: Ports { channel: c, ..ins },
                    outs,
                    min_delay_frames: 0,
                };
                call(slot, c, io, half);
            }
            self.scan(slot_index, out, part, run);
            if run.watch {
                self.watch(slot_index, out, part);
            }
        }
        self.end_node(slot_index, out, part, run, before);
    }

    /// Looks whether a node's signal stands, to about the rounding of single precision.
    #[cold]
    fn watch(&mut self, slot_index: u32, out: Place, part: Part) {
        let slot = &mut self.plan.slots[slot_index as usize];
        if !slot.watched {
            return;
        }
        let outs = self.plan.arena.iter().skip(out.block as usize);
        let outs = outs.take(usize::from(out.channels));
        for (block, stands_at) in outs.zip(&mut slot.stands_at) {
            for x in &block.0[range(part)] {
                if (x - *stands_at).abs() > QUIET * stands_at.abs().max(1.0) {
                    *stands_at = *x;
                    self.moved = true;
                }
            }
        }
    }

    /// Applies a node without memory to its input, in place or on the way to `out`.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn apply(
        &mut self,
        list: &StepList,
        slot_index: u32,
        op: InPlace,
        out: Place,
        ports: Range,
        part: Part,
        run: &Run<'_>,
    ) {
        let operands = &list.operands[ports.indices()];
        let [input, value, ..] = *operands else {
            return;
        };
        if run.ramping {
            self.fill_ramps(operands, part, run);
        }
        let before = run.profile.map(|now| now());
        let slot_index = slot_index + self.slot_offset;
        let first = out.block as usize;
        let channels = usize::from(out.channels);
        let (low, rest) = self.plan.arena.split_at_mut(first);
        let (outs, high) = rest.split_at_mut(channels);
        if self.plan.slots[slot_index as usize].faulted {
            silence(outs, part);
        } else {
            let (scratch, literals) = (&*self.plan.scratch, &*self.plan.literal_values);
            let in_place = matches!(input, Operand::Blocks { left, .. } if left == out.block);
            for (c, block) in outs.iter_mut().enumerate() {
                let signal = &mut block.0[range(part)];
                if !in_place {
                    let end = first + channels;
                    match resolve(input, c, low, high, end, scratch, literals) {
                        Signal::Held(x) => signal.fill(x),
                        Signal::Block(from) => signal.copy_from_slice(&from.0[range(part)]),
                    }
                }
                let scratch = scratch.get(1..).unwrap_or(&[]);
                match resolve(value, c, low, high, first + channels, scratch, literals) {
                    Signal::Held(x) => op(signal, Value::Held(x)),
                    Signal::Block(ys) => op(signal, Value::Moving(&ys.0[range(part)])),
                }
            }
            self.scan(slot_index, out, part, run);
        }
        self.end_node(slot_index, out, part, run, before);
    }

    /// Looks for values that are not finite in a node's output.
    #[inline]
    fn scan(&mut self, slot_index: u32, out: Place, part: Part, run: &Run<'_>) {
        let slot = &mut self.plan.slots[slot_index as usize];
        let first = out.block as usize;
        let outs = &mut self.plan.arena[first..first + usize::from(out.channels)];
        if slot.scanned && outs.iter().any(|b| !is_finite(b, part)) {
            let fault = rest_after_fault(slot, outs, part);
            let chain = &mut self.plan.chains[slot.chain as usize];
            let frame = run.ctx.frame + fault as u64;
            chain.muted_from = chain.muted_from.min(frame);
            self.fault = self.fault.or(Some(slot_index));
        }
    }

    /// Books the time a node took and mutes the end of a chain that had a fault.
    #[inline]
    fn end_node(
        &mut self,
        slot_index: u32,
        out: Place,
        part: Part,
        run: &Run<'_>,
        before: Option<u64>,
    ) {
        let slot = &self.plan.slots[slot_index as usize];
        let (chain, ends_chain) = (slot.chain, slot.ends_chain);
        if let (Some(before), Some(now)) = (before, run.profile) {
            let cost = &mut self.plan.chains[chain as usize].cost_ns;
            *cost = cost.saturating_add(now().saturating_sub(before));
        }
        if ends_chain {
            self.mute(chain, out, part, run);
        }
    }

    /// Silences the end of a chain from its fault on.
    fn mute(&mut self, chain: u32, out: Place, part: Part, run: &Run<'_>) {
        let from = self.plan.chains[chain as usize].muted_from;
        if from == u64::MAX {
            return;
        }
        let first = run.ctx.frame + part.offset as u64;
        let skip = from.saturating_sub(first).min(part.frames as u64) as usize;
        for c in 0..usize::from(out.channels) {
            let block = &mut self.plan.arena[out.block as usize + c];
            block.0[part.offset + skip..part.offset + part.frames].fill(0.0);
        }
    }

    /// Writes the values of ramping literals to the scratch blocks of their ports.
    #[cold]
    fn fill_ramps(&mut self, operands: &[Operand], part: Part, run: &Run<'_>) {
        for (port, operand) in operands.iter().enumerate() {
            if let Operand::Literal(index) = operand
                && matches!(
                    self.plan.literal_values[*index as usize],
                    LiteralValue::Ramping
                )
            {
                let literal = self.plan.literals[*index as usize];
                fill_ramp(&mut self.plan.scratch[port], literal, part, run.ctx.frame);
            }
        }
    }

    /// Adds one channel of an operand to a block.
    #[allow(clippy::too_many_arguments)]
    fn accumulate(
        &mut self,
        target: usize,
        operand: Operand,
        channel: usize,
        weight: Weight,
        first: bool,
        part: Part,
        run: &Run<'_>,
    ) {
        self.fill_first_ramp(operand, part, run);
        let (low, rest) = self.plan.arena.split_at_mut(target);
        let Some((out, high)) = rest.split_first_mut() else {
            return;
        };
        let source = resolve(
            operand,
            channel,
            low,
            high,
            target + 1,
            self.plan.scratch,
            self.plan.literal_values,
        );
        let (out, fade) = (&mut out.0[range(part)], &run.fade.0[range(part)]);
        let each = |out: &mut [f32], f: &dyn Fn(usize, f32) -> f32| match source {
            Signal::Held(x) => {
                for (i, y) in out.iter_mut().enumerate() {
                    *y = if first { f(i, x) } else { *y + f(i, x) };
                }
            }
            Signal::Block(block) => {
                for (i, (y, x)) in out.iter_mut().zip(&block.0[range(part)]).enumerate() {
                    *y = if first { f(i, *x) } else { *y + f(i, *x) };
                }
            }
        };
        match (weight, source) {
            (Weight::One, Signal::Block(block)) if first => {
                out.copy_from_slice(&block.0[range(part)]);
            }
            (Weight::One, Signal::Block(block)) => {
                for (y, x) in out.iter_mut().zip(&block.0[range(part)]) {
                    *y += x;
                }
            }
            (Weight::One, Signal::Held(_)) => each(out, &|_, x| x),
            (Weight::In, _) => each(out, &|i, x| x * fade[i]),
            (Weight::Out, _) => each(out, &|i, x| x * (1.0 - fade[i])),
        }
    }

    /// `y = from + (to − from)·w`, exact at both ends (R6.9).
    fn fade(
        &mut self,
        target: usize,
        from: Operand,
        to: Operand,
        channel: usize,
        part: Part,
        run: &Run<'_>,
    ) {
        // Both sides may be ramping numbers, so they get the first two scratch blocks.
        if run.ramping {
            self.fill_ramps(&[from, to], part, run);
        }
        let (low, rest) = self.plan.arena.split_at_mut(target);
        let Some((out, high)) = rest.split_first_mut() else {
            return;
        };
        let scratch = &*self.plan.scratch;
        let values = &*self.plan.literal_values;
        let side = |operand, port: usize| {
            resolve(
                operand,
                channel,
                low,
                high,
                target + 1,
                &scratch[port..],
                values,
            )
        };
        let (from, to) = (side(from, 0), side(to, 1));
        for i in range(part) {
            let old = from.at(i);
            out.0[i] = old + (to.at(i) - old) * run.fade.0[i];
        }
    }

    fn write_line(&mut self, line: u32, source: Operand, part: Part, run: &Run<'_>) {
        self.fill_first_ramp(source, part, run);
        let line = line + self.line_offset;
        let Some(line) = self.plan.lines.get_mut(line as usize) else {
            return;
        };
        let values = &*self.plan.literal_values;
        for c in 0..2 {
            let signal = resolve(
                source,
                c,
                self.plan.arena,
                &[],
                usize::MAX,
                self.plan.scratch,
                values,
            );
            let mut at = (run.ctx.frame + part.offset as u64) % u64::from(line.frames);
            for i in range(part) {
                line.blocks[c].0[at as usize] = signal.at(i);
                at = (at + 1) % u64::from(line.frames);
            }
        }
    }

    #[inline]
    fn fill_first_ramp(&mut self, operand: Operand, part: Part, run: &Run<'_>) {
        if run.ramping && matches!(operand, Operand::Literal(_)) {
            self.fill_ramps(&[operand], part, run);
        }
    }
}

/// Which half of a node runs, with the shortest delay of a loop.
#[derive(Clone, Copy)]
enum Half {
    Whole,
    Read(usize),
    Write(usize),
}

#[inline]
fn call(slot: &mut crate::graph::plan::Slot, instance: usize, mut io: Io<'_>, half: Half) {
    let Some(processor) = slot.processors.get_mut(instance).and_then(Option::as_mut) else {
        for block in io.outs.iter_mut() {
            block.0.fill(0.0);
        }
        return;
    };
    match half {
        Half::Whole => processor.process(&mut io),
        Half::Read(min_delay_frames) => {
            io.min_delay_frames = min_delay_frames;
            processor.read(&mut io);
        }
        Half::Write(min_delay_frames) => {
            io.min_delay_frames = min_delay_frames;
            processor.write(&mut io);
        }
    }
}

fn silence(outs: &mut [Block], part: Part) {
    for block in outs {
        block.0[range(part)].fill(0.0);
    }
}

/// Puts a node at rest that gave a value that is not finite: zeros from there on (R6.13). Returns
/// the first bad frame of the chunk.
#[cold]
fn rest_after_fault(slot: &mut crate::graph::plan::Slot, outs: &mut [Block], part: Part) -> usize {
    let bad = |b: &Block| b.0[range(part)].iter().position(|x| !x.is_finite());
    let first = outs.iter().filter_map(bad).min().unwrap_or(0);
    for block in outs.iter_mut() {
        block.0[part.offset + first..part.offset + part.frames].fill(0.0);
    }
    slot.faulted = true;
    for processor in slot.processors.iter_mut().flatten() {
        processor.reset();
    }
    part.offset + first
}

/// Whether every sample of the part is a number: `x · 0` is 0 for all of them and NaN for the rest.
/// Eight sums side by side, so that the loop runs in SIMD lanes.
#[inline]
fn is_finite(block: &Block, part: Part) -> bool {
    let samples = &block.0[range(part)];
    let mut lanes = [0.0_f32; 8];
    let (eights, rest) = samples.as_chunks::<8>();
    for eight in eights {
        for (sum, x) in lanes.iter_mut().zip(eight) {
            *sum += x * 0.0;
        }
    }
    let mut total: f32 = rest.iter().map(|x| x * 0.0).sum();
    for lane in lanes {
        total += lane;
    }
    total == 0.0
}

#[inline]
fn range(part: Part) -> std::ops::Range<usize> {
    part.offset..(part.offset + part.frames).min(BLOCK_FRAMES)
}

/// Writes a literal's ramp; a straight line in the frame counter, so cuts do not matter.
fn fill_ramp(block: &mut Block, literal: Literal, part: Part, chunk_frame: u64) {
    let first = chunk_frame + part.offset as u64;
    for (y, frame) in block.0[range(part)].iter_mut().zip(first..) {
        *y = literal.at(frame);
    }
}

/// One channel of an operand over the chunk.
#[derive(Clone, Copy)]
enum Signal<'a> {
    Held(f32),
    Block(&'a Block),
}

impl Signal<'_> {
    #[inline]
    fn at(&self, i: usize) -> f32 {
        match self {
            Signal::Held(x) => *x,
            Signal::Block(b) => b.0[i],
        }
    }
}

/// Finds an operand's samples. `scratch` begins with the block of the operand's port.
fn resolve<'a>(
    operand: Operand,
    channel: usize,
    low: &'a [Block],
    high: &'a [Block],
    high_start: usize,
    scratch: &'a [Block],
    literals: &[LiteralValue],
) -> Signal<'a> {
    match operand {
        Operand::Nothing => Signal::Held(0.0),
        Operand::Literal(index) => match literals.get(index as usize) {
            Some(LiteralValue::Held(x)) => Signal::Held(*x),
            Some(LiteralValue::Ramping) => scratch.first().map_or(Signal::Held(0.0), Signal::Block),
            None => Signal::Held(0.0),
        },
        Operand::Blocks { left, right } => {
            let index = if channel == 0 { left } else { right } as usize;
            low.get(index)
                .or_else(|| high.get(index.wrapping_sub(high_start)))
                .map_or(Signal::Held(0.0), Signal::Block)
        }
    }
}
