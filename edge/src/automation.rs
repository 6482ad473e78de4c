//! Automation as the host sends it: values of parameters at frames of a block.
//!
//! nice-plug sets the values itself, cuts the block at each of them, and in VST3 tells a thread of
//! its own of every one, from the audio thread. Here the points of a block are gathered before
//! nice-plug sees it, and the plugin applies them where they belong, in one piece.
//!
//! ```text
//! host block ─▶ clap / vst3: gather ─▶ nice-plug ─▶ plugin: next_frame, apply ─▶ parameters
//! ```
//!
//! At the start of a block the parameters have the values of the end of the block before; whoever
//! reads them after [`Automation::apply`] sees those of that frame. What the plugin does not apply
//! is applied when the block is done, so nothing is ever lost. nice-plug's smoothers are not
//! served.
//!
//! Thread: audio, unless a method says otherwise. Nothing here allocates, locks or waits there.

use std::sync::{Arc, OnceLock, Weak};

use nice_plug::params::Params;
use nice_plug::params::internals::ParamPtr;

use crate::audio_cell::AudioCell;

/// Points that one block can bring. Of what is more only the last value of each parameter counts,
/// at the block's end.
const CAPACITY: usize = 8192;

/// What a point does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Sets the value.
    Value,
    /// Sets the host's offset to the value (CLAP modulation).
    Modulation,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    frame: u32,
    /// Place among the points as they came, which decides on one frame.
    order: u32,
    /// Place of the parameter in nice-plug's order.
    position: u16,
    change: Change,
    normalised: f32,
}

/// The points of a block.
struct Timeline {
    points: Vec<Point>,
    /// The next point to be applied.
    next: usize,
    /// Where the present part begins: nice-plug cuts blocks where the song's position changes.
    part_start: usize,
    /// For each parameter, what came when there was no room any more: value, modulation.
    late: Vec<[Option<f32>; 2]>,
    is_late: bool,
}

/// All parameters of the plugin. Keeps nothing of the plugin alive.
struct Targets {
    params: Weak<dyn Params>,
    pointers: Vec<ParamPtr>,
}

struct Shared {
    timeline: AudioCell<Timeline>,
    targets: OnceLock<Targets>,
}

/// The automation of the block that is being processed. Clones are the same.
#[derive(Clone)]
pub struct Automation(Arc<Shared>);

impl Default for Automation {
    fn default() -> Self {
        let timeline = Timeline {
            points: Vec::with_capacity(CAPACITY),
            next: 0,
            part_start: 0,
            late: Vec::new(),
            is_late: false,
        };
        Self(Arc::new(Shared {
            timeline: AudioCell::new(timeline),
            targets: OnceLock::new(),
        }))
    }
}

impl Automation {
    /// The next frame of the part being processed on which a parameter changes.
    #[must_use]
    pub fn next_frame(&self) -> Option<usize> {
        let frame = |timeline: &mut Timeline| {
            let point = timeline.points.get(timeline.next)?;
            Some((point.frame as usize).saturating_sub(timeline.part_start))
        };
        self.0.timeline.with(frame).flatten()
    }

    /// Gives the parameters the values they have on a frame of the part being processed.
    pub fn apply(&self, frame: usize) {
        self.0.timeline.with(|timeline| {
            self.apply_until(timeline, timeline.part_start.saturating_add(frame));
        });
    }

    /// The part being processed is done, with so many frames.
    pub fn end_part(&self, frames: usize) {
        self.0.timeline.with(|timeline| {
            timeline.part_start = timeline.part_start.saturating_add(frames);
            if let Some(last) = timeline.part_start.checked_sub(1) {
                self.apply_until(timeline, last);
            }
        });
    }

    fn apply_until(&self, timeline: &mut Timeline, frame: usize) {
        // Held while the pointers are used; the wrapper around the plugin holds it too, so it is
        // never the last.
        let targets = self.0.targets.get();
        let targets = targets.and_then(|t| Some((&t.pointers, t.params.upgrade()?)));
        let set = |position: usize, change: Change, normalised: f32| {
            let pointer = targets
                .as_ref()
                .and_then(|(pointers, _alive)| pointers.get(position));
            if let Some(pointer) = pointer {
                // SAFETY: the object that the pointer points into is alive.
                unsafe {
                    match change {
                        Change::Value => pointer._internal_set_normalized_value(normalised),
                        Change::Modulation => pointer._internal_modulate_value(normalised),
                    };
                }
            }
        };
        while let Some(point) = timeline.points.get(timeline.next)
            && point.frame as usize <= frame
        {
            timeline.next += 1;
            set(point.position.into(), point.change, point.normalised);
        }
        if frame == usize::MAX && std::mem::take(&mut timeline.is_late) {
            for (position, late) in timeline.late.iter_mut().enumerate() {
                for (change, normalised) in
                    [Change::Value, Change::Modulation].into_iter().zip(late)
                {
                    if let Some(normalised) = normalised.take() {
                        set(position, change, normalised);
                    }
                }
            }
        }
    }

    /// Takes the automation of these parameters over. Thread: not audio.
    pub(crate) fn serve(&self, params: &Arc<dyn Params>) {
        let map = params.param_map();
        self.0
            .timeline
            .with(|timeline| timeline.late = vec![[None; 2]; map.len()]);
        let _ = self.0.targets.set(Targets {
            params: Arc::downgrade(params),
            pointers: map.into_iter().map(|(_, pointer, _)| pointer).collect(),
        });
    }

    /// Number of parameters taken over, those with the first positions; 0 if the plugin leaves
    /// automation to nice-plug. Thread: any.
    pub(crate) fn parameter_count(&self) -> usize {
        self.0
            .targets
            .get()
            .map_or(0, |targets| targets.pointers.len())
    }

    /// Steps of a parameter between its ends; 1 if it has none. Thread: any.
    pub(crate) fn steps(&self, position: usize) -> usize {
        let steps = || {
            let targets = self.0.targets.get()?;
            let (pointer, _alive) = (targets.pointers.get(position)?, targets.params.upgrade()?);
            // SAFETY: the object that the pointer points into is alive.
            unsafe { pointer.step_count() }
        };
        steps().unwrap_or(1)
    }

    /// Gathers the points of a block of `frames` frames, runs it, and applies what is left.
    pub(crate) fn block<R>(
        &self,
        frames: usize,
        gather: impl FnOnce(&mut Gather<'_>),
        run: impl FnOnce() -> R,
    ) -> R {
        self.0.timeline.with(|timeline| {
            timeline.points.clear();
            (timeline.next, timeline.part_start) = (0, 0);
            gather(&mut Gather { timeline, frames });
            // In place, and without the memory that a stable sort would take.
            timeline
                .points
                .sort_unstable_by_key(|point| (point.frame, point.order));
        });
        let result = run();
        self.0
            .timeline
            .with(|timeline| self.apply_until(timeline, usize::MAX));
        result
    }
}

impl std::fmt::Debug for Automation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Automation")
            .field("parameters", &self.parameter_count())
            .finish_non_exhaustive()
    }
}

/// Takes the points of a block.
pub(crate) struct Gather<'a> {
    timeline: &'a mut Timeline,
    frames: usize,
}

impl Gather<'_> {
    /// A point. Those behind the block count on its last frame; numbers that are none are dropped.
    pub(crate) fn push(&mut self, frame: usize, position: usize, change: Change, value: f64) {
        // Hosts may send more than a float holds; as a float that would be infinite.
        let normalised = value as f32;
        if !normalised.is_finite() {
            return;
        }
        let Timeline {
            points,
            late,
            is_late,
            ..
        } = &mut *self.timeline;
        if points.len() < CAPACITY {
            points.push(Point {
                frame: frame.min(self.frames.saturating_sub(1)) as u32,
                order: points.len() as u32,
                position: position as u16,
                change,
                normalised,
            });
        } else if let Some(late) = late.get_mut(position) {
            late[change as usize] = Some(normalised);
            *is_late = true;
        }
    }
}

#[cfg(test)]
#[path = "automation_tests.rs"]
mod tests;
