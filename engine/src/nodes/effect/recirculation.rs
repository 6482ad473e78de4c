//! What `comb` and `apfmsgain` have in common: a delay in milliseconds whose line feeds itself.

use std::marker::PhantomData;

use super::line_delay::{Time, delays, take_pair};
use crate::dsp::delay_head::{FADE_MS, Voice, fade_frames};
use crate::dsp::delay_line::MARGIN_FRAMES;
use crate::dsp::feedback_line::{MAX_FEEDBACK, Run, SHORTEST_FRAMES};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{BLOCK_FRAMES, Inherit, Io, Processor};
use crate::registry::{
    Build, BuildError, Category, Input, NodeSpec, Signal, Smoothing, Tail, Unit, Width,
};

/// The delay; a node sets its default.
pub const DELAY_MS: Signal = Signal::new(0, "ms")
    .unit(Unit::Milliseconds)
    .range(0.0, 60_000.0)
    .strict()
    .smoothing(Smoothing::Crossfade(FADE_MS))
    .doc("Delay, at least two samples. A number up to 60 s; a reference up to 3 s.");
/// The feedback.
pub const FEEDBACK: Signal = Signal::new(1, "feedback").range(-MAX_FEEDBACK, MAX_FEEDBACK);

/// A spec of such a node, to be completed.
pub const RECIRCULATION: NodeSpec = NodeSpec {
    category: Category::Effect,
    input: Input::Required,
    width: Width::Input,
    per_channel: false,
    // With the most feedback a long delay rings for hours; this is what common settings need.
    tail: Tail::Seconds(10.0),
    ..NodeSpec::PLAIN
};

/// What a node makes of its line.
pub trait Shape: Send + 'static {
    /// Delay and feedback.
    const ARGS: (Signal, Signal);
    /// The output from the feedback, what goes into the line and what comes out of it.
    fn output(feedback: f32, stored: f32, past: f32) -> f32;
}

/// The delay argument as a time.
struct Milliseconds<S>(PhantomData<S>);

impl<S: Shape> Time for Milliseconds<S> {
    const TIME: Signal = S::ARGS.0;
    const MOVING_MAX: f32 = 3000.0;

    fn frames_per_unit(frames_per_second: f32) -> f64 {
        f64::from(frames_per_second) * 1e-3
    }

    fn frames(ms: f32, frames_per_ms: f64) -> f64 {
        (f64::from(Self::TIME.clamp(ms)) * frames_per_ms).max(SHORTEST_FRAMES)
    }
}

/// Frames of line for the delay as written, for `NodeSpec::reserve`.
pub fn needed_frames<S: Shape>(build: &Build<'_>) -> usize {
    super::line_delay::needed_frames::<Milliseconds<S>>(build) + MARGIN_FRAMES
}

/// Such a node.
pub struct Recirculation<S> {
    left: Voice,
    right: Option<Voice>,
    frames_per_ms: f64,
    fade_frames: u32,
    shape: PhantomData<S>,
}

impl<S: Shape> Recirculation<S> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        let frames = build.reserved_frames.max(needed_frames::<S>(build));
        Ok(Box::new(Self {
            left: Voice::new(frames),
            right: (build.channels > 1).then(|| Voice::new(frames)),
            frames_per_ms: Milliseconds::<S>::frames_per_unit(build.sample_rate),
            fade_frames: fade_frames(build.sample_rate),
            shape: PhantomData,
        }))
    }
}

impl<S: Shape> Processor for Recirculation<S> {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let (delay_arg, feedback_arg) = S::ARGS;
        // Taken before the left line moves on.
        let offset = self.right.as_ref().map_or(0, |right| {
            self.left.line.head().wrapping_sub(right.line.head())
        });
        let (left_out, right_out) = io.outputs();
        let is_mono_step = right_out.is_empty();
        let chunk = |channel: usize, voice: &mut Voice, left: Option<&Voice>, out: &mut [f32]| {
            let (mut held, mut feedback, mut scratch) = (EMPTY, EMPTY, [0.0; BLOCK_FRAMES]);
            ins.arg_channel(feedback_arg, channel)
                .fill(&mut feedback[..frames]);
            for g in &mut feedback[..frames] {
                *g = feedback_arg.clamp(*g);
            }
            let run = Run {
                input: samples(ins.input_channel(channel), frames, &mut held),
                delays: delays::<Milliseconds<S>>(
                    ins.arg_channel(delay_arg, channel),
                    self.frames_per_ms,
                    &mut scratch,
                ),
                feedback: &feedback[..frames],
                fade_frames: self.fade_frames,
            };
            let (mut past, mut stored) = (EMPTY, EMPTY);
            let left = left.map(|left| (&left.line, offset));
            run.feed(voice, left, &mut past, &mut stored);
            for (i, y) in out.iter_mut().enumerate() {
                *y = S::output(feedback[i], stored[i], past[i]);
            }
        };
        chunk(0, &mut self.left, None, left_out);
        let Some(right) = &mut self.right else { return };
        // In a mono step of a stereo instance the right side goes on with the left one's signal.
        chunk(
            usize::from(!is_mono_step),
            right,
            Some(&self.left),
            right_out,
        );
    }

    fn reset(&mut self) {
        self.left.reset();
        if let Some(right) = &mut self.right {
            right.reset();
        }
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let Inherit::Replaced(old) = from else { return };
        let Some(old) = old.downcast_mut::<Self>() else {
            return;
        };
        take_pair(
            (&mut self.left, &mut self.right),
            (&mut old.left, &mut old.right),
        );
    }
}
