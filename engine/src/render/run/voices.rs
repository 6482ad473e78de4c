//! Runs a group's steps once for each of its sounding voices.
//!
//! Thread: audio.

use super::super::voices::{literal_of, value_of};
use super::{Memory, Part, PlanParts, Run, range, resolve};
use crate::graph::plan::{Place, StepList};
use crate::processor::{Context, Operand};

/// −90 dBFS: a released voice that stays below it for 50 ms has ended (R4.18).
const VOICE_SILENCE: f32 = 3.162_277_7e-5;

impl Memory<'_> {
    /// Runs the steps of a group once for each voice that sounds.
    pub(super) fn voices(
        &mut self,
        list: &StepList,
        steps: std::ops::Range<usize>,
        (group, out): (u32, Place),
        part: Part,
        run: &Run<'_>,
    ) {
        let first = out.block as usize;
        for block in &mut self.plan.arena[first..first + usize::from(out.channels)] {
            block.0[range(part)].fill(0.0);
        }
        let index = group as usize;
        for voice in 0..self.plan.groups.get(index).map_or(0, |g| g.voices.len()) {
            let Some(group) = self.plan.groups.get(index) else {
                break;
            };
            if !group.voices.is_active(voice) {
                continue;
            }
            let ramping = run.ramping | self.plan.load(index, voice, part, run);
            let Some(group) = self.plan.groups.get(index) else {
                break;
            };
            self.slot_offset = voice as u32 * group.slot_stride;
            self.line_offset = voice as u32 * group.line_stride;
            self.voice = voice;
            let ctx = Context {
                voice: Some(group.voices.now(voice)),
                ..*run.ctx
            };
            let run = Run {
                ctx: &ctx,
                ramping,
                ..*run
            };
            self.series(list, steps.clone(), part, &run);
        }
        self.slot_offset = 0;
        self.line_offset = 0;
        self.residual(index, out, part, run);
    }

    /// Adds the voice that has just been computed to the sum of its group.
    pub(super) fn voice_out(
        &mut self,
        group: u32,
        source: Operand,
        out: Place,
        part: Part,
        run: &Run<'_>,
    ) {
        self.fill_first_ramp(source, part, run);
        let (first, channels) = (out.block as usize, usize::from(out.channels));
        let frame = run.ctx.frame + part.offset as u64;
        let voice = self.voice;
        let Some(group) = self.plan.groups.get_mut(group as usize) else {
            return;
        };
        let gain = group.voices.gain(voice);
        let listens = group.voices.listens(voice);
        let (low, rest) = self.plan.arena.split_at_mut(first);
        let (outs, high) = rest.split_at_mut(channels);
        let mut last = [0.0; 2];
        let mut loud = None;
        for (c, block) in outs.iter_mut().enumerate() {
            let (scratch, literals) = (&*self.plan.scratch, &*self.plan.literal_values);
            let signal = resolve(source, c, low, high, first + channels, scratch, literals);
            let sum = &mut block.0[range(part)];
            if !gain.moves_at(frame) && gain.to == 1.0 {
                for (i, y) in range(part).zip(sum.iter_mut()) {
                    *y += signal.at(i);
                }
            } else {
                for ((i, y), frame) in range(part).zip(sum.iter_mut()).zip(frame..) {
                    *y += signal.at(i) * gain.at(frame);
                }
            }
            if let Some(end) = range(part).next_back() {
                last[c.min(1)] = signal.at(end) * gain.at(run.ctx.frame + end as u64);
            }
            if listens {
                let newest = range(part)
                    .rev()
                    .find(|i| signal.at(*i).abs() > VOICE_SILENCE);
                loud = loud.max(newest);
            }
        }
        if channels == 1 {
            last[1] = last[0];
        }
        group.voices.left_at(voice, last[0], last[1]);
        if let Some(i) = loud {
            group.voices.heard(voice, run.ctx.frame + i as u64);
        }
    }

    /// Adds what is left of voices that had to be cut.
    fn residual(&mut self, group: usize, out: Place, part: Part, run: &Run<'_>) {
        let frame = run.ctx.frame + part.offset as u64;
        let Some(lines) = self
            .plan
            .groups
            .get(group)
            .and_then(|g| g.voices.residual(frame))
        else {
            return;
        };
        let first = out.block as usize;
        let outs = &mut self.plan.arena[first..first + usize::from(out.channels)];
        for (block, line) in outs.iter_mut().zip(lines) {
            for (y, frame) in block.0[range(part)].iter_mut().zip(frame..) {
                *y += line.at(frame);
            }
        }
    }
}

impl PlanParts<'_> {
    /// Writes a voice's values where its nodes read them. Returns whether any of them moves.
    fn load(&mut self, group: usize, voice: usize, part: Part, run: &Run<'_>) -> bool {
        let Some(group) = self.groups.get(group) else {
            return false;
        };
        let frame = run.ctx.frame + part.offset as u64;
        let mut moves = false;
        for (literal, value) in &group.values {
            // The line of the whole chunk: a part inside a loop must not begin another one.
            let segment = group.voices.value(voice, *value, run.ctx.frame);
            moves |= segment.moves_at(frame);
            let index = *literal as usize;
            if let (Some(literal), Some(value)) = (
                self.literals.get_mut(index),
                self.literal_values.get_mut(index),
            ) {
                *literal = literal_of(segment);
                *value = value_of(&segment, frame);
            }
        }
        moves
    }
}
