//! What `echo` and `pingpong` have in common.

use crate::dsp::echo::{Echo, Path, Settings};
use crate::dsp::math::exp2;
use crate::dsp::one_pole::Corner;
use crate::nodes::support::{EMPTY, mix_argument, mix_in, samples};
use crate::processor::{BLOCK_FRAMES, Inherit, Io, Ports, Processor, Value};
use crate::registry::{
    Build, BuildError, Category, Input, NodeSpec, Signal, Smoothing, Tail, Unit,
};

/// Longest time between repeats.
const LONGEST_MS: f32 = 8000.0;
const LONGEST_SECONDS: f64 = 8.0;

/// Time between repeats.
pub const TIME: Signal = Signal::new(0, "time")
    .unit(Unit::Milliseconds)
    .range(1.0, LONGEST_MS)
    .default(375.0)
    .smoothing(Smoothing::Crossfade(30.0))
    .doc("Time between repeats, up to 8 s. A time that jumps is faded to; one that moves slowly bends the pitch.");
/// Gain of the loop.
pub const FEEDBACK: Signal = Signal::new(1, "feedback")
    .unit(Unit::Gain)
    .range(0.0, 1.2)
    .default(0.4)
    .doc(
        "Level of a repeat against the one before. 1 and more goes on for ever, at a steady level.",
    );
/// Share of the repeats.
pub const MIX: Signal = mix_argument(
    2,
    0.3,
    "Share of the repeats: 0 is dry, 1 only the repeats.",
);
/// Pitch of a repeat against the one before.
pub const SHIFT: Signal = Signal::new(3, "shift").range(-24.0, 24.0).default(0.0).doc(
    "Pitch of each repeat against the one before, in semitones. 0 leaves the sound untouched.",
);
/// Corner of the loop's low-pass.
pub const TONE: Signal = Signal::new(4, "tone")
    .unit(Unit::Hertz)
    .range(100.0, 20_000.0)
    .default(6000.0)
    .doc("Low-pass on what is repeated again: lower makes later repeats darker.");

/// A spec of such a node, to be completed.
pub const REPEATS: NodeSpec = NodeSpec {
    category: Category::Effect,
    sources: &[
        "Verhelst and Roelands: An overlap-add technique based on waveform similarity. ICASSP 1993",
        "Laakso et al.: Splitting the unit delay. IEEE SPM 13(1), 1996",
    ],
    upstream: false,
    input: Input::Required,
    per_channel: false,
    tail: Tail::Seconds(4.0),
    args: &[
        TIME.spec(),
        FEEDBACK.spec(),
        MIX.spec(),
        SHIFT.spec(),
        TONE.spec(),
    ],
    reserve: Some(reserved_frames),
    ..NodeSpec::PLAIN
};

/// Its memory does not depend on its numbers, so the time may change freely; it counts towards what
/// a program may use. The compiler reserves half as much again.
fn reserved_frames(build: &Build<'_>) -> usize {
    let rate = f64::from(build.sample_rate);
    Echo::line_frames(rate, LONGEST_SECONDS) * 2 / 3
}

/// The constructor of the node whose repeats take a path.
pub fn build(build: &Build<'_>, path: Path) -> Result<Box<dyn Processor>, BuildError> {
    let rate = f64::from(build.sample_rate);
    Ok(Box::new(Repeats {
        echo: Echo::new(rate, LONGEST_SECONDS, build.channels, path),
        path,
        frames_per_ms: rate * 1e-3,
        seconds_per_frame: 1.0 / build.sample_rate,
        ratio: Cached::default(),
        tone: Cached::default(),
    }))
}

/// A function's last result: its argument seldom changes.
#[derive(Clone, Copy, Debug)]
struct Cached<T>(Option<(f32, T)>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Copy> Cached<T> {
    #[inline]
    fn get(&mut self, x: f32, f: impl Fn(f32) -> T) -> T {
        match self.0 {
            Some((of, y)) if of == x => y,
            _ => {
                let y = f(x);
                self.0 = Some((x, y));
                y
            }
        }
    }
}

struct Repeats {
    echo: Echo,
    path: Path,
    frames_per_ms: f64,
    seconds_per_frame: f32,
    ratio: Cached<f64>,
    tone: Cached<Corner>,
}

impl Repeats {
    fn settings(&mut self, ins: &Ports<'_>, i: usize) -> Settings {
        let value = |arg: Signal| arg.clamp(ins.arg_channel(arg, 0).at(i));
        let seconds_per_frame = self.seconds_per_frame;
        Settings {
            time_frames: f64::from(value(TIME)) * self.frames_per_ms,
            ratio: self.ratio.get(value(SHIFT), |s| exp2(f64::from(s) / 12.0)),
            feedback: value(FEEDBACK),
            tone: self
                .tone
                .get(value(TONE), |hz| Corner::new(hz * seconds_per_frame)),
        }
    }
}

impl Processor for Repeats {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        // The loop belongs to both channels: its arguments are read on the left.
        let held = [TIME, FEEDBACK, SHIFT, TONE]
            .iter()
            .all(|arg| matches!(ins.arg_channel(*arg, 0), Value::Held(_)));
        let mut settings = [self.settings(&ins, 0); BLOCK_FRAMES];
        let settings = if held {
            &settings[..1]
        } else {
            for (i, settings) in settings[..frames].iter_mut().enumerate() {
                *settings = self.settings(&ins, i);
            }
            &settings[..frames]
        };
        let mut scratch = [EMPTY; 2];
        let [held_left, held_right] = &mut scratch;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        let mut first = EMPTY;
        let sent = match self.path {
            Path::Straight => [left, right],
            Path::Crossed => {
                for ((x, l), r) in first.iter_mut().zip(left).zip(right) {
                    *x = 0.5 * (l + r);
                }
                [&first[..frames], &EMPTY[..frames]]
            }
        };
        let (left_out, right_out) = io.outputs();
        let stereo = !right_out.is_empty();
        let right_out = stereo.then_some(right_out);
        self.echo.process(sent, settings, left_out, right_out);
        mix_in(io, [left, right], MIX);
    }

    fn reset(&mut self) {
        self.echo.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Inherit::Replaced(old) = from
            && let Some(old) = old.downcast_mut::<Self>()
            && old.path == self.path
        {
            self.echo.take(&mut old.echo);
        }
    }
}
