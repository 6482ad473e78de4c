//! `delayms`: a delay in milliseconds.

use crate::dsp::delay_line::{DelayLine, History, MARGIN_FRAMES, Tap, Widened};
use crate::dsp::math::clamp_f64;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{
    Build, Category, Input, NodeSpec, Role, Signal, Smoothing, Tail, Unit, Width,
};

/// How long two reading places overlap when a number changes.
const FADE_MS: f32 = 30.0;
/// Longest delay of a time that is a reference, as upstream.
const MOVING_MAX_MS: f32 = 2000.0;

const TIME: Signal = Signal::new(0, "time")
    .unit(Unit::Milliseconds)
    .range(0.0, 60_000.0)
    .strict()
    .default(100.0)
    .smoothing(Smoothing::Crossfade(FADE_MS))
    .doc("Delay time. A number up to 60 s; a reference up to 2 s.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "delayms",
    category: Category::Effect,
    summary: "Delays the signal by a time in milliseconds.",
    doc: "A whole number of samples is exact, anything between is interpolated. Changing the \
          number fades from the old place in the line to the new one in 30 ms and keeps what is in \
          the line; a moving reference bends the pitch like a tape, up to 2 s. 0 is no delay.\n\n\
          In a loop of references, such as `~wet: ~input >> add ~back >> delayms 300` with \
          `~back: ~wet >> mul 0.5`, the echoes are exactly that far apart. Inside a loop the \
          shortest delay is 8 samples.\n\n\
          Upstream clears the line at every edit, sends a mono signal to the left only and \
          interpolates the wrong way round.",
    examples: &[
        "out: ~input >> delayms 250",
        "~wet: ~input >> add ~back >> delayms 300\n~back: ~wet >> mul 0.5\n\
         out: ~input >> add ~wet",
        "~time: sin 0.3 >> mul 3 >> add 8\nout: ~input >> delayms ~time",
    ],
    sources: &["Laakso et al.: Splitting the unit delay. IEEE SPM 13(1), 1996"],
    role: Role::Delay,
    input: Input::Required,
    width: Width::Input,
    per_channel: false,
    tail: Tail::MillisecondsOf(0),
    args: &[TIME.spec()],
    reserve: Some(needed_frames),
    build: Some(|build| {
        let frames = build.reserved_frames.max(needed_frames(build));
        let voice = || Voice {
            line: DelayLine::new(frames),
            head: Head::default(),
        };
        Ok(Box::new(DelayMs {
            left: voice(),
            right: (build.channels > 1).then(voice),
            times: Times {
                frames_per_ms: f64::from(build.sample_rate) * 1e-3,
                fade_frames: (FADE_MS * 1e-3 * build.sample_rate) as u32 + 1,
            },
        }))
    }),
    ..NodeSpec::PLAIN
};

/// Frames of line for the time as written.
fn needed_frames(build: &Build<'_>) -> usize {
    let ms = build
        .literal(TIME)
        .map_or(MOVING_MAX_MS, |ms| TIME.clamp(ms));
    (f64::from(ms) * 1e-3 * f64::from(build.sample_rate)) as usize + 1 + MARGIN_FRAMES
}

#[derive(Clone, Copy)]
struct Times {
    frames_per_ms: f64,
    fade_frames: u32,
}

/// Where a channel reads.
#[derive(Clone, Copy, Default)]
struct Head {
    /// Present delay in frames, as asked for, and whether it came from a moving time.
    now: Option<(f64, bool)>,
    /// The delay that fades out.
    from: f64,
    /// Frames left of the fade.
    fading: u32,
}

/// One channel: what it stored and where it reads.
struct Voice {
    line: DelayLine,
    head: Head,
}

struct DelayMs {
    left: Voice,
    right: Option<Voice>,
    times: Times,
}

/// What a head needs to read a chunk.
struct Reading<'a, H> {
    history: &'a H,
    /// Number of the chunk's first frame.
    base: u64,
    /// Shortest and longest delay in frames.
    nearest: usize,
    longest: usize,
    times: Times,
}

impl<H: History> Reading<'_, H> {
    fn delay(&self, ms: f32) -> f64 {
        let frames = f64::from(TIME.clamp(ms)) * self.times.frames_per_ms;
        clamp_f64(frames, self.nearest as f64, self.longest as f64)
    }

    fn tap(&self, delay: f64) -> Tap {
        // An old place may lie outside the limits of a new plan.
        let delay = clamp_f64(delay, self.nearest as f64, self.longest as f64);
        Tap::new(delay, self.nearest)
    }
}

impl Head {
    fn read<H: History>(&mut self, time: Value<'_>, reading: &Reading<'_, H>, out: &mut [f32]) {
        match time {
            Value::Held(ms) => self.read_held(reading.delay(ms), reading, out),
            Value::Moving(ms) => self.read_moving(ms, reading, out),
        }
    }

    /// Reads at one place, fading to it from the one before. A fade under way ends first.
    fn read_held<H: History>(&mut self, wanted: f64, reading: &Reading<'_, H>, out: &mut [f32]) {
        let mut at = 0;
        while at < out.len() {
            let now = self.now.map_or(wanted, |(now, _)| now);
            if self.fading == 0 && now != wanted {
                self.from = now;
                self.fading = reading.times.fade_frames;
                self.now = Some((wanted, false));
                continue;
            }
            self.now = Some((now, false));
            let base = reading.base + at as u64;
            let mut run = out.len() - at;
            if self.fading > 0 {
                run = run.min(self.fading as usize);
            }
            let out = &mut out[at..at + run];
            reading.tap(now).run(reading.history, base, out);
            if self.fading > 0 {
                let mut old = EMPTY;
                let old = &mut old[..run];
                reading.tap(self.from).run(reading.history, base, old);
                for (y, old) in out.iter_mut().zip(old) {
                    *y = self.fade(*old, *y, reading.times);
                }
            }
            at += run;
        }
    }

    /// Reads at a place per frame. Coming from a number, it fades over.
    fn read_moving<H: History>(&mut self, ms: &[f32], reading: &Reading<'_, H>, out: &mut [f32]) {
        for (i, (y, ms)) in out.iter_mut().zip(ms).enumerate() {
            let wanted = reading.delay(*ms);
            if let Some((now, false)) = self.now
                && now != wanted
            {
                self.from = now;
                self.fading = reading.times.fade_frames;
            }
            self.now = Some((wanted, true));
            let frame = reading.base + i as u64;
            *y = reading.tap(wanted).one(reading.history, frame);
            if self.fading > 0 {
                let old = reading.tap(self.from).one(reading.history, frame);
                *y = self.fade(old, *y, reading.times);
            }
        }
    }

    fn fade(&mut self, old: f32, new: f32, times: Times) -> f32 {
        let share = self.fading as f32 / times.fade_frames as f32;
        self.fading -= 1;
        new + share * (old - new)
    }
}

impl DelayMs {
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
        let nearest = io.min_delay_frames;
        let times = self.times;
        let (left_out, right_out) = io.outputs();
        let left_line = &self.left.line;
        let reading = Reading {
            history: left_line,
            base: left_line.head() - ahead,
            nearest,
            longest: left_line.longest_delay(),
            times,
        };
        self.left
            .head
            .read(ins.arg_channel(TIME, 0), &reading, left_out);
        let Some(right) = &mut self.right else { return };
        if right_out.is_empty() {
            // A mono step of a stereo instance: the right side is the left one.
            right.head = self.left.head;
            return;
        }
        let reading = Reading {
            history: &Widened {
                right: &right.line,
                left: left_line,
            },
            base: right.line.head() - ahead,
            nearest,
            longest: left_line.longest_delay().min(right.line.longest_delay()),
            times,
        };
        right
            .head
            .read(ins.arg_channel(TIME, 1), &reading, right_out);
    }
}

impl Voice {
    /// Takes over the other's line and place if that line is large enough.
    fn take(&mut self, other: &mut Voice) {
        if other.line.capacity() >= self.line.capacity() {
            std::mem::swap(&mut self.line, &mut other.line);
        }
        self.head = other.head;
    }
}

impl Processor for DelayMs {
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
        for voice in [Some(&mut self.left), self.right.as_mut()]
            .into_iter()
            .flatten()
        {
            voice.line.reset();
            voice.head = Head::default();
        }
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let Inherit::Replaced(old) = from else { return };
        let Some(old) = old.downcast_mut::<Self>() else {
            return;
        };
        self.left.take(&mut old.left);
        match (&mut self.right, &mut old.right) {
            (Some(new), Some(old)) => new.take(old),
            // Mono became stereo: until the right line has filled, it reads the left one.
            (Some(new), None) => new.head = self.left.head,
            (None, _) => {}
        }
    }
}
