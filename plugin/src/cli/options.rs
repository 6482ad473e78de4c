//! The options of `glisten render`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use lexopt::prelude::*;

use super::CliError;
use super::values::{self, BlockSizes};

/// Song positions that are accepted, in beats.
pub(crate) const BEATS: RangeInclusive<f64> = -1e6..=1e6;

/// How long to render.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Length {
    /// Bars of four beats.
    Bars(f64),
    /// Seconds.
    Seconds(f64),
}

/// All that the command line says.
pub(crate) struct Options {
    pub(crate) program: PathBuf,
    pub(crate) output: PathBuf,
    pub(crate) input: Option<PathBuf>,
    pub(crate) samples: Option<PathBuf>,
    pub(crate) bpm: f64,
    pub(crate) start_beat: f64,
    pub(crate) length: Option<Length>,
    pub(crate) rate: Option<u32>,
    pub(crate) block: BlockSizes,
    pub(crate) edits: Vec<(f64, PathBuf)>,
    /// Knobs by name, with what was written for them.
    pub(crate) knobs: Vec<(String, String)>,
    pub(crate) midi: Option<PathBuf>,
    pub(crate) mpe: bool,
    pub(crate) seed: u64,
    pub(crate) stopped: bool,
    pub(crate) guard: bool,
}

/// Reads the command line of `glisten render`; `None` = show the help.
pub(crate) fn read(mut parser: lexopt::Parser) -> Result<Option<Options>, CliError> {
    let mut program = None;
    let mut output = None;
    let mut input = None;
    let mut samples = None;
    let mut bpm = 120.0;
    let mut start_beat = 0.0;
    let mut length = None;
    let mut rate = None;
    let mut block = BlockSizes::Fixed(512);
    let mut edits = Vec::new();
    let mut knobs: Vec<(String, String)> = Vec::new();
    let mut midi = None;
    let mut mpe = false;
    let mut seed = glisten::DEFAULT_SEED;
    let mut stopped = false;
    let mut guard = true;

    while let Some(arg) = parser.next()? {
        match arg {
            Short('o') | Long("output") => {
                let value = parser.value()?;
                if output.replace(PathBuf::from(value)).is_some() {
                    return Err(CliError::usage("The output is given twice."));
                }
            }
            Long("input") => input = Some(PathBuf::from(parser.value()?)),
            Long("samples") => samples = Some(PathBuf::from(parser.value()?)),
            Long("bpm") => bpm = values::number("--bpm", &parser.value()?, 1.0..=1000.0)?,
            Long("start-beat") => {
                start_beat = values::number("--start-beat", &parser.value()?, BEATS)?;
            }
            Long("bars") => {
                let bars = values::number("--bars", &parser.value()?, 0.001..=1e6)?;
                if length.replace(Length::Bars(bars)).is_some() {
                    return Err(CliError::usage(
                        "Give the length once: --bars or --seconds.",
                    ));
                }
            }
            Long("seconds") => {
                let seconds = values::number("--seconds", &parser.value()?, 0.001..=1e6)?;
                if length.replace(Length::Seconds(seconds)).is_some() {
                    return Err(CliError::usage(
                        "Give the length once: --bars or --seconds.",
                    ));
                }
            }
            Long("rate") => {
                let value = values::whole("--rate", &parser.value()?, 8_000..=384_000)?;
                rate = u32::try_from(value).ok();
            }
            Long("block") => block = values::block(&parser.value()?)?,
            Long("edit") => edits.push(values::edit(&parser.value()?)?),
            Long("set") => {
                let (name, value) = values::knob(&parser.value()?)?;
                if knobs.iter().any(|(other, _)| *other == name) {
                    return Err(CliError::usage(format!(
                        "The knob \"{name}\" is set twice."
                    )));
                }
                knobs.push((name, value));
            }
            Long("midi") => midi = Some(PathBuf::from(parser.value()?)),
            Long("mpe") => mpe = true,
            Long("seed") => seed = values::whole("--seed", &parser.value()?, 0..=u64::MAX)?,
            Long("stopped") => stopped = true,
            Long("no-guard") => guard = false,
            Short('h') | Long("help") => return Ok(None),
            Value(value) if program.is_none() => program = Some(PathBuf::from(value)),
            other => return Err(other.unexpected().into()),
        }
    }
    let program = program.ok_or_else(|| CliError::usage("The program to render is missing."))?;
    let output = output.ok_or_else(|| CliError::usage("The output is missing: -o OUT.wav."))?;
    if stopped && !edits.is_empty() {
        return Err(CliError::usage(
            "--edit needs a running song: with --stopped no beat ever comes.",
        ));
    }
    if mpe && midi.is_none() {
        return Err(CliError::usage(
            "--mpe says how --midi is meant, which is missing.",
        ));
    }
    Ok(Some(Options {
        program,
        output,
        input,
        samples,
        bpm,
        start_beat,
        length,
        rate,
        block,
        edits,
        knobs,
        midi,
        mpe,
        seed,
        stopped,
        guard,
    }))
}
