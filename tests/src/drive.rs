//! The audio thread: cuts a scenario into blocks and calls the plugin's process function.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::rtcheck::{Checker, Counts};
use crate::scenario::{Cutter, Keep, Message, Note, ParamChange, Scenario, Sidechain};
use crate::song::{Place, Walk};

/// One call of the process function.
pub struct Block<'a> {
    /// Channels of the main input, all of `frames` frames.
    pub input: &'a mut [Vec<f32>],
    /// Channels of the main output, likewise.
    pub output: &'a mut [Vec<f32>],
    /// Two channels for the sidechain; none if nothing is connected to it.
    pub sidechain: &'a mut [Vec<f32>],
    /// Frames; 0 is allowed.
    pub frames: usize,
    /// Whether the plugin shall be given the output buffers as input too (the host has copied the
    /// input there).
    pub in_place: bool,
    /// Frame of the render on which the block begins.
    pub first_frame: u64,
    /// Where the song stands.
    pub place: Place,
    /// Parameter changes; frames count from the block's start.
    pub params: &'a [ParamChange],
    /// Notes; frames count from the block's start.
    pub notes: &'a [Note],
    /// Messages; frames count from the block's start.
    pub messages: &'a [Message],
    /// Notes that the plugin sends; frames count from the block's start.
    pub sent: &'a mut Vec<Note>,
    /// Channels of the main output that the plugin says are silent, one bit each.
    pub silent: u64,
}

/// The part of an instance that belongs to the audio thread.
pub trait AudioHalf: Send {
    /// Calls the plugin's process function once. Returns the time it took and what it did that a
    /// real-time thread must not do.
    ///
    /// # Panics
    /// When the plugin reports an error.
    fn process(&mut self, block: &mut Block<'_>, checker: &Checker) -> (Duration, Counts);

    /// For the host to take it back under its own type.
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any>;
}

/// What came out.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// Output; in mono both sides are the same.
    pub audio: Vec<[f32; 2]>,
    /// Frames that are not zero, if the scenario asked for these.
    pub pulses: Vec<(u64, [f32; 2])>,
    /// Notes that the plugin sent.
    pub notes: Vec<Note>,
    /// What the plugin said of each block, if the scenario keeps everything.
    pub told: Vec<Told>,
    /// Frames rendered.
    pub frames: u64,
    /// Samples that are infinite, not a number or subnormal.
    pub bad_samples: u64,
    /// Time spent in the process function.
    pub busy: Duration,
    /// Longest share of real time one block of at least 64 frames took.
    pub worst_block: f64,
    /// Calls of the process function.
    pub calls: u64,
    /// Heap calls, locks and system calls inside it; `None` without the preloaded checker.
    pub counts: Option<Counts>,
    /// First call in which one of them happened.
    pub first_offender: Option<u64>,
}

/// What the plugin told the host of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Frame of the render on which the block begins.
    pub first_frame: u64,
    /// Frames of the block.
    pub frames: usize,
    /// Channels of the main output that are silent, one bit each.
    pub silent: u64,
}

impl Told {
    /// A host may leave out what follows a silent channel: so every block of every render must be
    /// told of as it is.
    fn check(&self, output: &[Vec<f32>]) {
        let is_silent =
            |channel: &Vec<f32>| !channel.is_empty() && channel.iter().all(|x| *x == 0.0);
        let bit = |(index, channel)| u64::from(is_silent(channel)) << index;
        let silent: u64 = output.iter().enumerate().map(bit).sum();
        assert_eq!(self.silent, silent, "told and real silence, {self:?}");
    }
}

/// Runs a whole scenario. Called on the audio thread.
pub fn drive(audio: &mut dyn AudioHalf, scenario: &Scenario) -> Rendered {
    let checker = Checker::find();
    let channels = scenario.channels as usize;
    let mut rendered = Rendered {
        audio: Vec::with_capacity(scenario.frames.min(1 << 22) as usize),
        counts: checker.is_loaded().then(Counts::default),
        ..Rendered::default()
    };
    let mut walk = Walk::new(&scenario.song, scenario.sample_rate);
    let mut cutter = Cutter::new(&scenario.blocks);
    let mut input = vec![Vec::new(); channels];
    let mut output = vec![Vec::new(); channels];
    let mut sidechain = match &scenario.sidechain {
        Sidechain::Unconnected => Vec::new(),
        Sidechain::Silence | Sidechain::Audio(_) => vec![Vec::new(); 2],
    };
    let (mut params, mut notes, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    let (mut next_param, mut next_note, mut next_message) = (0, 0, 0);
    let mut sent = Vec::new();
    let mut frame = 0;
    let start = Instant::now();
    let stopped = || {
        scenario
            .stop
            .as_ref()
            .is_some_and(|stop| stop.load(Ordering::Acquire))
    };
    while frame < scenario.frames && !stopped() {
        let place = walk.at(frame);
        let frames = u64::from(cutter.next_frames())
            .min(walk.frames_until_split(frame))
            .min(scenario.frames - frame) as usize;
        let end = frame + frames as u64;
        for (c, channel) in input.iter_mut().enumerate() {
            channel.clear();
            channel.extend((0..frames).map(|i| {
                scenario
                    .input
                    .get(frame as usize + i)
                    .map_or(0.0, |sample| sample[c])
            }));
        }
        for (c, channel) in output.iter_mut().enumerate() {
            channel.clear();
            if scenario.in_place {
                channel.extend_from_slice(&input[c]);
            } else {
                // Not zero, so that a plugin that adds to the output is noticed.
                channel.resize(frames, 0.123);
            }
        }
        params.clear();
        while let Some(change) = scenario.params.get(next_param)
            && change.frame < end
        {
            params.push(ParamChange {
                frame: change.frame - frame,
                ..*change
            });
            next_param += 1;
        }
        notes.clear();
        while let Some(note) = scenario.notes.get(next_note)
            && note.frame < end
        {
            notes.push(Note {
                frame: note.frame - frame,
                ..*note
            });
            next_note += 1;
        }
        messages.clear();
        while let Some(message) = scenario.messages.get(next_message)
            && message.frame < end
        {
            messages.push(Message {
                frame: message.frame - frame,
                ..*message
            });
            next_message += 1;
        }
        for (c, channel) in sidechain.iter_mut().enumerate() {
            channel.clear();
            channel.extend((0..frames).map(|i| match &scenario.sidechain {
                Sidechain::Audio(audio) => audio.get(frame as usize + i).map_or(0.0, |s| s[c]),
                Sidechain::Silence | Sidechain::Unconnected => 0.0,
            }));
        }
        sent.clear();
        let mut block = Block {
            input: &mut input,
            output: &mut output,
            sidechain: &mut sidechain,
            frames,
            in_place: scenario.in_place,
            first_frame: frame,
            place,
            params: &params,
            notes: &notes,
            messages: &messages,
            sent: &mut sent,
            silent: 0,
        };
        let (time, counts) = audio.process(&mut block, &checker);
        let told = Told {
            first_frame: frame,
            frames,
            silent: block.silent,
        };
        told.check(&output);
        if scenario.keep == Keep::Everything {
            rendered.told.push(told);
        }
        rendered.busy += time;
        if frames >= 64 {
            let share = time.as_secs_f64() / (frames as f64 / scenario.sample_rate);
            rendered.worst_block = rendered.worst_block.max(share);
        }
        if let Some(total) = &mut rendered.counts {
            *total += counts;
            if counts.any() && rendered.first_offender.is_none() {
                rendered.first_offender = Some(rendered.calls);
            }
        }
        rendered.calls += 1;
        rendered.notes.extend(sent.iter().map(|note| Note {
            frame: note.frame + frame,
            ..*note
        }));
        keep(&mut rendered, &output, frame, scenario.keep);
        frame = end;
        if let Some(progress) = &scenario.progress {
            progress.store(frame, Ordering::Release);
        }
        if scenario.speed > 0.0 {
            let seconds = frame as f64 / scenario.sample_rate / scenario.speed;
            std::thread::sleep(Duration::from_secs_f64(seconds).saturating_sub(start.elapsed()));
        }
    }
    rendered.frames = frame;
    rendered
}

/// Keeps what the scenario wants of a block.
fn keep(rendered: &mut Rendered, output: &[Vec<f32>], first_frame: u64, keep: Keep) {
    let is_bad = |x: &&f32| !x.is_finite() || x.is_subnormal();
    rendered.bad_samples += output.iter().flatten().filter(is_bad).count() as u64;
    let right = output.len() - 1;
    let frames = (0..output[0].len()).map(|i| [output[0][i], output[right][i]]);
    match keep {
        Keep::Everything => rendered.audio.extend(frames),
        Keep::Pulses => {
            let numbered = (first_frame..).zip(frames);
            rendered
                .pulses
                .extend(numbered.filter(|(_, sample)| *sample != [0.0; 2]));
        }
        Keep::Nothing => {}
    }
}

/// Times one call.
pub(crate) fn timed(checker: &Checker, call: impl FnOnce()) -> (Duration, Counts) {
    let start = Instant::now();
    checker.enter();
    call();
    let counts = checker.leave();
    (start.elapsed(), counts)
}
