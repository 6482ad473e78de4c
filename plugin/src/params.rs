//! The parameters a host sees.
//!
//! Their ids and ranges are part of every saved project: they never change.
//!
//! Thread: values are atomics and may be read anywhere.

use std::sync::Arc;

use engine::{FreeRun, Launch, PROGRAMS};
use nice_plug::prelude::*;

use crate::knobs::{self, KnobParams};
use crate::session::Session;
use crate::state::SavedSession;

/// Lowest output gain in decibels.
pub const MIN_GAIN_DB: f32 = -60.0;

/// Highest output gain in decibels.
pub const MAX_GAIN_DB: f32 = 12.0;

/// Widest pitch bend in semitones.
pub const MAX_BEND_SEMITONES: i32 = 48;

/// What pitch wheels bend by in the General MIDI standard.
const DEFAULT_BEND_SEMITONES: i32 = 2;

/// When an applied program starts to sound, as the user chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum LaunchPoint {
    /// With the next callback.
    #[id = "now"]
    #[name = "At once"]
    AtOnce,
    /// On the next beat.
    #[id = "beat"]
    #[name = "Next beat"]
    NextBeat,
    /// On the next bar line.
    #[id = "bar"]
    #[name = "Next bar"]
    NextBar,
    /// On the next multiple of two bars.
    #[id = "bars2"]
    #[name = "2 bars"]
    TwoBars,
    /// On the next multiple of four bars.
    #[id = "bars4"]
    #[name = "4 bars"]
    FourBars,
    /// On the next multiple of eight bars.
    #[id = "bars8"]
    #[name = "8 bars"]
    EightBars,
}

impl LaunchPoint {
    /// The engine's word for it.
    #[must_use]
    pub fn launch(self) -> Launch {
        match self {
            LaunchPoint::AtOnce => Launch::Now,
            LaunchPoint::NextBeat => Launch::Beat,
            LaunchPoint::NextBar => Launch::Bars(1),
            LaunchPoint::TwoBars => Launch::Bars(2),
            LaunchPoint::FourBars => Launch::Bars(4),
            LaunchPoint::EightBars => Launch::Bars(8),
        }
    }
}

/// Whether the song may run by itself while the host stands, as the user chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum FreeRunChoice {
    /// Applying a program starts it.
    #[id = "apply"]
    #[name = "On Apply"]
    OnApply,
    /// It never does.
    #[id = "never"]
    #[name = "Never"]
    Never,
    /// It does whenever the host stands.
    #[id = "always"]
    #[name = "Always"]
    Always,
}

impl FreeRunChoice {
    /// The choices in the order of the menu.
    pub const ALL: [Self; 3] = [Self::OnApply, Self::Never, Self::Always];

    /// Whether the song may run by itself at all.
    #[must_use]
    pub fn may_run(self) -> bool {
        self != Self::Never
    }

    /// The engine's word for it.
    #[must_use]
    pub fn free_run(self) -> FreeRun {
        match self {
            Self::OnApply => FreeRun::OnRun,
            Self::Never => FreeRun::Never,
            Self::Always => FreeRun::Always,
        }
    }
}

/// Parameters and saved document of one instance.
#[derive(Params)]
pub struct GlistenParams {
    /// The bank of knobs that programs bind by name. First, because many controllers take the first
    /// parameters of a plugin for their knobs.
    #[nested(group = "Knobs")]
    pub knobs: KnobParams,
    /// Passes the dry input (effect) or silence (instrument) while on.
    #[id = "bypass"]
    pub bypass: BoolParam,
    /// Gain after the program, in decibels. No smoother: the engine ramps (R8.3).
    #[id = "gain"]
    pub gain: FloatParam,
    /// Ceiling and DC protection of the output.
    #[id = "guard"]
    pub guard: BoolParam,
    /// When an applied program starts to sound.
    #[id = "launch"]
    pub launch: EnumParam<LaunchPoint>,
    /// Number of the program that plays, from 1. It changes at the launch point.
    #[id = "program"]
    pub program: IntParam,
    /// Whether the song may run by itself while the host stands.
    #[id = "free_run"]
    pub free_run: EnumParam<FreeRunChoice>,
    /// How far a pitch wheel bends, in semitones.
    #[id = "bend"]
    pub bend: IntParam,
    /// Whether channels 2 to 16 carry one note each (MIDI polyphonic expression).
    #[id = "mpe"]
    pub mpe: BoolParam,
    /// Draft, last good program and whatever else is saved.
    #[persist = "glisten"]
    saved: SavedSession,
}

impl GlistenParams {
    /// Parameters of an instance with this session.
    #[must_use]
    pub fn new(session: Arc<Session>) -> Self {
        Self {
            knobs: KnobParams::new(session.knobs()),
            bypass: switch("Bypass", false).make_bypass(),
            gain: FloatParam::new(
                "Output gain",
                0.0,
                FloatRange::Linear {
                    min: MIN_GAIN_DB,
                    max: MAX_GAIN_DB,
                },
            )
            .with_unit(" dB")
            .with_value_to_string(Arc::new(gain_text))
            .with_string_to_value(Arc::new(parse_gain)),
            guard: switch("Guard", true),
            // A working habit, not a sound: automating it would only change when edits start.
            launch: EnumParam::new("Launch", LaunchPoint::NextBar).non_automatable(),
            program: IntParam::new(
                "Program",
                1,
                IntRange::Linear {
                    min: 1,
                    max: PROGRAMS as i32,
                },
            )
            .with_string_to_value(Arc::new(parse_program)),
            // Not automatable either: while the host stands there is no automation.
            free_run: EnumParam::new("Free run", FreeRunChoice::OnApply).non_automatable(),
            bend: IntParam::new(
                "Pitch bend range",
                DEFAULT_BEND_SEMITONES,
                IntRange::Linear {
                    min: 0,
                    max: MAX_BEND_SEMITONES,
                },
            )
            .with_unit(" st")
            .with_string_to_value(Arc::new(parse_semitones)),
            mpe: switch("MPE", false),
            saved: SavedSession(session),
        }
    }
}

/// A switch that reads `On` and `Off` back. nice-plug's own reader takes any other text for off.
fn switch(name: &str, default: bool) -> BoolParam {
    BoolParam::new(name, default).with_string_to_value(Arc::new(|text| {
        match text.trim().to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Some(true),
            "off" | "false" | "no" | "0" => Some(false),
            _ => None,
        }
    }))
}

/// Decibels with two decimals, without a unit and without a negative zero.
fn gain_text(gain_db: f32) -> String {
    let rounded = (gain_db * 100.0).round() / 100.0;
    format!("{:.2}", if rounded == 0.0 { 0.0 } else { rounded })
}

/// Reads `-6`, `-6.5 dB`, `−6 db` or `-inf` (the lowest gain).
fn parse_gain(text: &str) -> Option<f32> {
    let text = text.trim().replace('\u{2212}', "-").to_ascii_lowercase();
    let number = text.strip_suffix("db").unwrap_or(&text).trim_end();
    if matches!(number, "-inf" | "-\u{221e}") {
        return Some(MIN_GAIN_DB);
    }
    let gain_db: f32 = number.parse().ok()?;
    gain_db
        .is_finite()
        .then(|| gain_db.clamp(MIN_GAIN_DB, MAX_GAIN_DB))
}

/// Reads `3` or `program 3`.
fn parse_program(text: &str) -> Option<i32> {
    let text = text.trim().to_ascii_lowercase();
    let number = text.strip_prefix("program").unwrap_or(&text);
    let program: i32 = number.trim_start().parse().ok()?;
    Some(program.clamp(1, PROGRAMS as i32))
}

/// Reads `2`, `12 st` or `12 semitones`.
fn parse_semitones(text: &str) -> Option<i32> {
    let text = text.trim().to_ascii_lowercase();
    let number = text
        .strip_suffix("semitones")
        .or_else(|| text.strip_suffix("st"))
        .unwrap_or(&text);
    let semitones: i32 = number.trim_end().parse().ok()?;
    Some(semitones.clamp(0, MAX_BEND_SEMITONES))
}

/// Brings the parameter values of a saved state into their ranges and drops those that are none.
///
/// nice-plug stores them as they come: a gain of 10^30 dB would reach the output, and an index past
/// the last choice would panic when its name is asked for.
pub fn sanitize(state: &mut PluginState) {
    use nice_plug::plugin::ParamValue;
    state.params.retain(|id, value| match (id.as_str(), value) {
        ("bypass" | "guard" | "mpe", ParamValue::Bool(_)) => true,
        ("gain", ParamValue::F32(gain_db)) => {
            let usable = gain_db.is_finite();
            *gain_db = gain_db.clamp(MIN_GAIN_DB, MAX_GAIN_DB);
            usable
        }
        ("bend", ParamValue::I32(semitones)) => {
            *semitones = (*semitones).clamp(0, MAX_BEND_SEMITONES);
            true
        }
        ("program", ParamValue::I32(program)) => {
            *program = (*program).clamp(1, PROGRAMS as i32);
            true
        }
        (knob, ParamValue::F32(normalised)) if knobs::is_knob(knob) => {
            let usable = normalised.is_finite();
            *normalised = normalised.clamp(0.0, 1.0);
            usable
        }
        ("launch", ParamValue::String(id)) => {
            LaunchPoint::ids().is_some_and(|ids| ids.contains(&id.as_str()))
        }
        ("free_run", ParamValue::String(id)) => {
            FreeRunChoice::ids().is_some_and(|ids| ids.contains(&id.as_str()))
        }
        _ => false,
    });
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
