//! The voices of a plan: who answers a key, and what a voice must have loaded before it runs.
//!
//! Thread: audio.

use crate::graph::plan::{Literal, Plan, PlanGroup};
use crate::midi::MidiEvent;
use crate::processor::LiteralValue;
use crate::voice::{Keyboard, Segment};

/// Lets all groups of a plan answer an event.
pub fn apply(plan: &mut Plan, event: &MidiEvent, keyboard: &Keyboard, frame: u64) {
    let Plan {
        groups,
        slots,
        lines,
        ..
    } = plan;
    for group in groups {
        let (first, stride) = (group.first_slot as usize, group.slot_stride as usize);
        let (first_line, line_stride) = (group.first_line as usize, group.line_stride as usize);
        let mut start = |voice: usize| {
            let of_voice = slots.iter_mut().skip(first + voice * stride).take(stride);
            for slot in of_voice {
                slot.faulted = false;
                for processor in slot.processors.iter_mut().flatten() {
                    processor.reset();
                }
            }
            let at = first_line + voice * line_stride;
            for line in lines.iter_mut().skip(at).take(line_stride) {
                line.clear();
            }
        };
        group.voices.apply(event, keyboard, frame, &mut start);
    }
}

/// Ends all voices, as after a reset.
pub fn reset(plan: &mut Plan) {
    for group in &mut plan.groups {
        group.voices.reset();
    }
}

/// Whether a voice sounds, or what is left of one that was cut.
pub fn any(plan: &Plan, frame: u64) -> bool {
    let sounds =
        |group: &PlanGroup| group.voices.any_active() || group.voices.residual(frame).is_some();
    plan.groups.iter().any(sounds)
}

/// Frees the voices that have ended, at the end of a cell.
pub fn end_cell(plan: &mut Plan, frame: u64) {
    for group in &mut plan.groups {
        group.voices.end_cell(frame);
    }
}

/// A line of a voice as a number of the plan.
pub fn literal_of(segment: Segment) -> Literal {
    Literal {
        from: segment.from,
        to: segment.to,
        start_frame: segment.start_frame,
        ramp_frames: segment.frames,
        smoothing_frames: 0,
        is_pitch: segment.is_pitch,
    }
}

/// A number's value as nodes see it from `frame` on.
pub fn value_of(segment: &Segment, frame: u64) -> LiteralValue {
    if segment.moves_at(frame) {
        LiteralValue::Ramping
    } else {
        LiteralValue::Held(segment.end())
    }
}
