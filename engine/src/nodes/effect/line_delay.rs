//! What `delayms` and `delayn` have in common: a line, read at a time in the node's own unit.

use std::marker::PhantomData;

use crate::dsp::delay_head::{Delays, Reading, Voice, fade_frames};
use crate::dsp::delay_line::{MARGIN_FRAMES, Widened};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{BLOCK_FRAMES, Inherit, Io, Processor, Value};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Role, Signal, Width};

/// The time argument of such a node.
pub trait Time: Send + 'static {
    /// Its first argument.
    const TIME: Signal;
    /// Longest time of a reference, in the unit of the argument.
    const MOVING_MAX: f32;
    /// Frames in one unit.
    fn frames_per_unit(frames_per_second: f32) -> f64;

    /// A time in frames.
    fn frames(time: f32, frames_per_unit: f64) -> f64 {
        f64::from(Self::TIME.clamp(time)) * frames_per_unit
    }
}

/// A spec of such a node, to be completed.
pub const DELAY: NodeSpec = NodeSpec {
    category: Category::Effect,
    sources: &["Laakso et al.: Splitting the unit delay. IEEE SPM 13(1), 1996"],
    role: Role::Delay,
    input: Input::Required,
    width: Width::Input,
    per_channel: false,
    ..NodeSpec::PLAIN
};

/// Frames of line for the time as written, for `NodeSpec::reserve`.
pub fn needed_frames<T: Time>(build: &Build<'_>) -> usize {
    let time = build.literal(T::TIME).unwrap_or(T::MOVING_MAX);
    let frames = T::frames(time, T::frames_per_unit(build.sample_rate));
    frames as usize + 1 + MARGIN_FRAMES
}

/// A delay node.
pub struct LineDelay<T> {
    left: Voice,
    right: Option<Voice>,
    frames_per_unit: f64,
    fade_frames: u32,
    time: PhantomData<T>,
}

impl<T: Time> LineDelay<T> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        let frames = build.reserved_frames.max(needed_frames::<T>(build));
        Ok(Box::new(Self {
            left: Voice::new(frames),
            right: (build.channels > 1).then(|| Voice::new(frames)),
            frames_per_unit: T::frames_per_unit(build.sample_rate),
            fade_frames: fade_frames(build.sample_rate),
            time: PhantomData,
        }))
    }

    fn store(&mut self, io: &Io<'_>) {
        let frames = io.frames();
        let mut held = EMPTY;
        self.left
            .line
            .push(samples(io.ins.input_channel(0), frames, &mut held));
        if let Some(right) = &mut self.right {
            right
                .line
                .push(samples(io.ins.input_channel(1), frames, &mut held));
        }
    }

    /// Reads all channels; `stored` says whether the chunk is in the lines already.
    fn fetch(&mut self, io: &mut Io<'_>, stored: bool) {
        let ins = io.ins;
        let ahead = if stored { io.frames() as u64 } else { 0 };
        let (nearest, fade_frames) = (io.min_delay_frames, self.fade_frames);
        let (left_out, right_out) = io.outputs();
        let mut scratch = [0.0; BLOCK_FRAMES];
        let left_line = &self.left.line;
        let reading = Reading {
            history: left_line,
            base: left_line.head() - ahead,
            nearest,
            longest: left_line.longest_delay(),
            fade_frames,
        };
        let per_unit = self.frames_per_unit;
        let delays = self::delays::<T>(ins.arg_channel(T::TIME, 0), per_unit, &mut scratch);
        self.left.head.read(delays, &reading, left_out);
        let Some(right) = &mut self.right else { return };
        if right_out.is_empty() {
            // A mono step of a stereo instance: the right side is the left one.
            right.head = self.left.head;
            return;
        }
        let reading = Reading {
            history: &Widened::new(&right.line, left_line),
            base: right.line.head() - ahead,
            nearest,
            longest: left_line.longest_delay().min(right.line.longest_delay()),
            fade_frames,
        };
        let delays = self::delays::<T>(ins.arg_channel(T::TIME, 1), per_unit, &mut scratch);
        right.head.read(delays, &reading, right_out);
    }
}

/// Times as delays in frames.
pub fn delays<'a, T: Time>(
    time: Value<'_>,
    frames_per_unit: f64,
    scratch: &'a mut [f64; BLOCK_FRAMES],
) -> Delays<'a> {
    match time {
        Value::Held(time) => Delays::Held(T::frames(time, frames_per_unit)),
        Value::Moving(times) => {
            let n = times.len().min(BLOCK_FRAMES);
            for (delay, time) in scratch.iter_mut().zip(times) {
                *delay = T::frames(*time, frames_per_unit);
            }
            Delays::Moving(&scratch[..n])
        }
    }
}

impl<T: Time> Processor for LineDelay<T> {
    fn process(&mut self, io: &mut Io<'_>) {
        self.store(io);
        self.fetch(io, true);
    }

    fn read(&mut self, io: &mut Io<'_>) {
        self.fetch(io, false);
    }

    fn write(&mut self, io: &mut Io<'_>) {
        self.store(io);
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

/// Takes over another node's voices.
pub fn take_pair(
    (left, right): (&mut Voice, &mut Option<Voice>),
    (old_left, old_right): (&mut Voice, &mut Option<Voice>),
) {
    left.take(old_left);
    match (right, old_right) {
        (Some(new), Some(old)) => new.take(old),
        // Mono became stereo: until the right line has filled, it reads the left one.
        (Some(new), None) => new.head = left.head,
        (None, _) => {}
    }
}
