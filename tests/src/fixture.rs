//! Ready-made instances and programs for the suites.

use crate::artifacts::plugin_library;
use crate::drive::Rendered;
use crate::host::{Format, Host, Kind, ProcessMode, load};
use crate::program_state::set_program;
use crate::scenario::{MAX_FRAMES, Scenario};

/// Uses most of the language's first nodes at once: patterns, oscillators, filters, delays, noise,
/// random choice, feedback, input.
pub const RICH_PROGRAM: &str = "\
~cut: sin 0.7 >> mul 600 >> add 900
~env: speed 4 >> seq 60 _ 60 _60 >> envperc 0.005 0.12
~r: choose 60 64 67 72
bass: saw 55 >> lpf ~cut 0.9 >> mul ~env >> mul 0.4
drums: speed 2 >> seq 60 _ 60 60_60 >> bd 0.2 >> mul 0.4
hats: speed 4 >> seq 60 60 _60 60 >> hh 0.05 >> mul 0.2
lead: speed 2 >> seq ~r _ ~r 72 >> mul 0.05
fx: ~input >> hpf 120 0.7 >> delayms 150 >> mul 0.4 >> plate 0.2
air: noiz 42 >> mul 0.01
";

/// One pulse of a single frame on every beat.
pub const BEAT_PULSES: &str = "out: seq 60 60 60 60";

/// A fresh instance.
///
/// # Panics
/// When the library is not built or does not load.
#[must_use]
pub fn fresh(format: Format, kind: Kind) -> Box<dyn Host> {
    let library = plugin_library().unwrap_or_else(|error| panic!("{error:#}"));
    load(format, &library, kind).unwrap_or_else(|error| panic!("{error:#}"))
}

/// An instance with a program, active at 48 kHz and blocks of up to [`MAX_FRAMES`]; offline, so that
/// no busy machine changes what it plays.
///
/// # Panics
/// When anything of that fails.
#[must_use]
pub fn playing(format: Format, kind: Kind, program: &str) -> Box<dyn Host> {
    playing_in(ProcessMode::Offline, format, kind, program)
}

/// The same in a mode.
///
/// # Panics
/// When anything of that fails.
#[must_use]
pub fn playing_in(mode: ProcessMode, format: Format, kind: Kind, program: &str) -> Box<dyn Host> {
    let mut host = fresh(format, kind);
    host.set_process_mode(mode)
        .unwrap_or_else(|error| panic!("{error:#}"));
    set_program(&mut *host, program).unwrap_or_else(|error| panic!("{error:#}"));
    host.activate(48_000.0, MAX_FRAMES)
        .unwrap_or_else(|error| panic!("{error:#}"));
    host
}

/// Renders a scenario with a program on a fresh instance.
///
/// # Panics
/// When anything of that fails.
#[must_use]
pub fn render(format: Format, kind: Kind, program: &str, scenario: &Scenario) -> Rendered {
    let mut host = fresh(format, kind);
    set_program(&mut *host, program).unwrap_or_else(|error| panic!("{error:#}"));
    host.set_channels(scenario.channels)
        .unwrap_or_else(|error| panic!("{error:#}"));
    host.activate(scenario.sample_rate, MAX_FRAMES)
        .unwrap_or_else(|error| panic!("{error:#}"));
    host.render(scenario)
}

/// The id of a parameter.
///
/// # Panics
/// When there is none of this name.
pub fn param(host: &mut dyn Host, name: &str) -> u32 {
    host.param_id(name)
        .unwrap_or_else(|| panic!("no parameter \"{name}\": {:?}", host.params()))
}
