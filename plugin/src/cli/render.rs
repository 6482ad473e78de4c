//! `glisten render`: a program to a WAV file, exactly as a host would play it.

use std::collections::VecDeque;
use std::path::Path;

use engine::{
    AudioBlock, Config, Engine, EventKind, Fault, HostTransport, Kind, Launch, Parts, Renderer,
    Severity, StatusReader,
};

use super::files::{self, ProgramFile};
use super::inputs::{self, Clock, Inputs, TAIL_SECONDS};
use super::midi_file::Song;
use super::options::{self, Length, Options};
use super::wav::{Input, MAX_FRAMES, Output};
use super::{CliError, complain, help, report, sounds};

const BEATS_PER_BAR: f64 = 4.0;

/// Length without `--bars`, `--seconds` and `--input`.
const DEFAULT_BARS: f64 = 4.0;

const DEFAULT_RATE: u32 = 48_000;

/// Most faults that are reported for one render.
const MAX_FAULTS: usize = 16;

/// Frames from the start to a beat, as the engine's clock counts them (RULES R7.1): the first
/// frame at or after the beat, with a thousandth of a frame of slack for rounding.
fn frame_of(beat: f64, start_beat: f64, beats_per_frame: f64) -> f64 {
    ((beat - start_beat) / beats_per_frame - 1e-3).ceil()
}

/// A program that takes over on a frame.
struct Edit {
    frame: u64,
    beat: f64,
    program: ProgramFile,
}

/// What was measured while rendering.
#[derive(Default)]
struct Measured {
    peak: f32,
    square_sum: f64,
    frames: u64,
    least_guard_gain: Option<f32>,
    limited_frames: u64,
    dc_blocked: bool,
    halted: bool,
    faults: Vec<Fault>,
}

/// Everything that sounds, and the texts that faults refer to.
struct Stage {
    engine: Engine,
    renderer: Renderer,
    status: StatusReader,
    programs: Vec<(u64, ProgramFile)>,
    measured: Measured,
}

pub(crate) fn run(parser: lexopt::Parser) -> Result<(), CliError> {
    let Some(options) = options::read(parser)? else {
        return help();
    };
    let first = files::read_program(&options.program)?;
    let mut input = options.input.as_deref().map(Input::open).transpose()?;
    let rate = sample_rate(&options, input.as_ref())?;
    let beats_per_frame = options.bpm / 60.0 / f64::from(rate);
    let song = (options.midi.as_deref())
        .map(files::read_midi)
        .transpose()?;
    let clock = Clock {
        start_beat: options.start_beat,
        beats_per_frame,
        rate,
    };
    let frames = length_in_frames(&options, input.as_ref(), song.as_ref(), &clock)?;
    let mut edits = read_edits(&options, frames, beats_per_frame)?;

    let mut read: Vec<&Path> = vec![&options.program];
    read.extend(options.input.as_deref());
    read.extend(options.midi.as_deref());
    read.extend(options.edits.iter().map(|(_, path)| path.as_path()));
    let target = files::target(&options.output, &read)?;

    let kind = if input.is_some() {
        Kind::Effect
    } else {
        Kind::Instrument
    };
    let config = Config {
        sample_rate: f64::from(rate),
        kind,
        seed: options.seed,
    };
    let Parts {
        mut engine,
        renderer,
        status,
    } = engine::create(&config);
    let samples = (options.samples.as_deref())
        .map(|folder| sounds::set(&mut engine, folder))
        .transpose()?;
    let mut stage = Stage {
        engine,
        renderer,
        status,
        programs: Vec::new(),
        measured: Measured::default(),
    };
    stage.engine.activate(&mut stage.renderer, f64::from(rate));
    if !stage.evaluate(first) {
        return Err(CliError::Rejected);
    }
    let knobs = inputs::knobs(&options.knobs, stage.engine.knob_bindings())?;
    stage.renderer.reset();
    if let Some(song) = &song {
        song.remarks.iter().for_each(|text| complain(text));
    }
    let guard = EventKind::Guard(options.guard);
    let mut inputs = Inputs::new(guard, &knobs, song.as_ref(), options.mpe, &clock);

    let mut output = Output::create(&target, rate)?;
    let mut block = options.block.clone();
    let mut left = Vec::new();
    let mut right = Vec::new();
    let mut frame = 0_u64;
    while frame < frames {
        while edits.front().is_some_and(|e| e.frame <= frame) {
            if let Some(edit) = edits.pop_front() {
                complain(&format!(
                    "Edit on beat {}: frame {}, {}",
                    edit.beat, edit.frame, edit.program.name
                ));
                if !stage.evaluate(edit.program) {
                    complain("The program before this edit plays on.");
                }
            }
        }
        let until = edits.front().map_or(frames, |e| e.frame.min(frames));
        let count = (block.next() as u64).min(until - frame) as usize;
        left.resize(count, 0.0);
        right.resize(count, 0.0);
        match &mut input {
            Some(input) => input.read(&mut left, &mut right)?,
            None => {
                left.fill(0.0);
                right.fill(0.0);
            }
        }
        let transport = HostTransport {
            playing: !options.stopped,
            tempo_bpm: Some(options.bpm),
            beats: Some(if options.stopped {
                options.start_beat
            } else {
                options.start_beat + frame as f64 * beats_per_frame
            }),
            loop_beats: None,
        };
        stage.renderer.render(AudioBlock {
            channels: &mut [&mut left, &mut right],
            input_channels: input.as_ref().map_or(0, Input::channels),
            sidechain: &[],
            transport,
            events: inputs.next(count),
        });
        stage.measure(&left, &right);
        output.write(&left, &right)?;
        stage.engine.collect();
        frame += count as u64;
    }
    output.finish()?;
    sounds::remark(samples.as_deref());
    stage.report(&options.output, rate);
    Ok(())
}

impl Stage {
    /// Evaluates a program and prints its problems; whether it was accepted.
    fn evaluate(&mut self, program: ProgramFile) -> bool {
        let evaluation = self.engine.evaluate(&program.text, Launch::Now);
        if !evaluation.diagnostics.is_empty() {
            complain(&report::text(
                &program.name,
                &program.text,
                &evaluation.diagnostics,
            ));
        }
        debug_assert!(
            !(evaluation.accepted
                && evaluation
                    .diagnostics
                    .iter()
                    .any(|d| d.severity == Severity::Error))
        );
        if evaluation.accepted {
            self.programs.push((evaluation.revision, program));
        }
        evaluation.accepted
    }

    fn measure(&mut self, left: &[f32], right: &[f32]) {
        let m = &mut self.measured;
        for x in left.iter().chain(right) {
            m.peak = m.peak.max(x.abs());
            m.square_sum += f64::from(*x) * f64::from(*x);
        }
        m.frames += left.len() as u64;
        let status = self.status.read();
        m.limited_frames = m.limited_frames.max(status.guard.limited_frames);
        m.dc_blocked |= status.guard.dc_blocked;
        m.halted |= status.guard.halted;
        let least = m.least_guard_gain.unwrap_or(1.0).min(status.guard.gain);
        m.least_guard_gain = Some(least);
        if let Some(fault) = status.fault
            && m.faults.len() < MAX_FAULTS
            && !m.faults.contains(&fault)
        {
            m.faults.push(fault);
        }
    }

    /// Prints faults with their places, then two lines of figures.
    fn report(&self, output: &Path, rate: u32) {
        let m = &self.measured;
        for fault in &m.faults {
            let program = self.programs.iter().find(|(r, _)| *r == fault.revision);
            complain(&report::fault(fault, program.map(|(_, file)| file)));
        }
        let samples = (m.frames * 2).max(1) as f64;
        complain(&format!(
            "{}: {:.3} s at {rate} Hz, peak {}, RMS {}",
            output.display(),
            m.frames as f64 / f64::from(rate),
            decibels(f64::from(m.peak)),
            decibels((m.square_sum / samples).sqrt()),
        ));
        let mut guard = Vec::new();
        if m.limited_frames > 0 {
            guard.push(format!("lowered {} frames", m.limited_frames));
        }
        if m.dc_blocked {
            guard.push("removed a constant offset".to_owned());
        }
        if m.halted {
            guard.push("stopped the engine after an internal error".to_owned());
        }
        let guard = if guard.is_empty() {
            "not needed".to_owned()
        } else {
            guard.join(", ")
        };
        let faults = match m.faults.len() {
            0 => "none".to_owned(),
            n => n.to_string(),
        };
        complain(&format!("Guard: {guard}. Faults: {faults}."));
    }
}

/// The rate asked for, or the input's; the two must agree, because nothing is converted.
fn sample_rate(options: &Options, input: Option<&Input>) -> Result<u32, CliError> {
    match (options.rate, input) {
        (Some(rate), Some(input)) if rate != input.rate() => Err(CliError::usage(format!(
            "The input has {} frames per second and --rate asks for {rate}. \
             Leave --rate out or convert the file.",
            input.rate()
        ))),
        (Some(rate), _) => Ok(rate),
        (None, Some(input)) if (8_000..=384_000).contains(&input.rate()) => Ok(input.rate()),
        (None, Some(input)) => Err(CliError::file(format!(
            "The input has {} frames per second; 8000 to 384000 are supported.",
            input.rate()
        ))),
        (None, None) => Ok(DEFAULT_RATE),
    }
}

fn length_in_frames(
    options: &Options,
    input: Option<&Input>,
    song: Option<&Song>,
    clock: &Clock,
) -> Result<u64, CliError> {
    let rate = f64::from(clock.rate);
    let bars = |bars: f64| frame_of(bars * BEATS_PER_BAR, 0.0, clock.beats_per_frame);
    let played = song.map(|song| {
        let end = clock.frame_of_event(song.end_beats).max(0.0);
        end + (TAIL_SECONDS * rate).round()
    });
    let frames = match (options.length, input) {
        (Some(Length::Bars(n)), _) => bars(n),
        (Some(Length::Seconds(s)), _) => (s * rate).round(),
        (None, Some(input)) if input.frames_left() > 0 => {
            (input.frames_left() as f64).max(played.unwrap_or(0.0))
        }
        (None, Some(_)) => {
            return Err(CliError::usage(
                "The input holds no audio; give the length with --bars or --seconds.",
            ));
        }
        (None, None) => played.unwrap_or_else(|| bars(DEFAULT_BARS)),
    };
    if frames < 1.0 {
        return Err(CliError::usage("The length is shorter than one frame."));
    }
    if frames > MAX_FRAMES as f64 {
        return Err(CliError::usage(format!(
            "A WAV file holds at most {:.0} minutes at {rate} frames per second.",
            (MAX_FRAMES as f64 / rate / 60.0).floor()
        )));
    }
    Ok(frames as u64)
}

/// Reads the edits and puts them in the order of their frames.
fn read_edits(
    options: &Options,
    frames: u64,
    beats_per_frame: f64,
) -> Result<VecDeque<Edit>, CliError> {
    let mut edits = Vec::new();
    for (beat, path) in &options.edits {
        let frame = frame_of(*beat, options.start_beat, beats_per_frame);
        if frame < 0.0 {
            return Err(CliError::usage(format!(
                "The edit on beat {beat} lies before the start on beat {}.",
                options.start_beat
            )));
        }
        if frame >= frames as f64 {
            return Err(CliError::usage(format!(
                "The edit on beat {beat} lies after the end on beat {}.",
                options.start_beat + frames as f64 * beats_per_frame
            )));
        }
        edits.push(Edit {
            frame: frame as u64,
            beat: *beat,
            program: files::read_program(path)?,
        });
    }
    edits.sort_by_key(|e| e.frame);
    Ok(edits.into())
}

fn decibels(linear: f64) -> String {
    if linear > 0.0 {
        format!("{:.2} dBFS", 20.0 * linear.log10())
    } else {
        "-inf dBFS".to_owned()
    }
}
