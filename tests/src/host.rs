//! One plugin instance, whatever its format.

use std::path::Path;

use anyhow::Result;

use crate::drive::{AudioHalf, Rendered, drive};
use crate::scenario::Scenario;

/// Plugin format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CLAP.
    Clap,
    /// VST3.
    Vst3,
}

/// Both formats, for tests that run in each.
pub const FORMATS: [Format; 2] = [Format::Clap, Format::Vst3];

/// Which of the library's two plugins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Glisten.
    Instrument,
    /// Glisten FX.
    Effect,
}

impl Kind {
    /// The plugin's display name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Instrument => "Glisten",
            Self::Effect => "Glisten FX",
        }
    }

    /// The plugin's CLAP id.
    #[must_use]
    pub fn clap_id(self) -> &'static str {
        match self {
            Self::Instrument => "org.glisten.glisten",
            Self::Effect => "org.glisten.glisten-fx",
        }
    }
}

/// What the host says of its haste.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessMode {
    /// As when a file is rendered: time on the clock plays no part, so neither does a busy machine.
    #[default]
    Offline,
    /// As on stage: the plugin measures its load, may take an overloading program back, and the song
    /// may run by itself.
    Realtime,
}

/// A parameter as the host sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamInfo {
    /// The host's number for it.
    pub id: u32,
    /// Name.
    pub name: String,
    /// Default, 0..1.
    pub default: f64,
    /// Steps between minimum and maximum; 0 = continuous.
    pub steps: u32,
    /// Whether it is the host's bypass.
    pub bypass: bool,
}

/// A plugin as a scan lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// Display name.
    pub name: String,
    /// Maker.
    pub vendor: String,
    /// Version.
    pub version: String,
    /// CLAP features or VST3 sub-categories.
    pub features: Vec<String>,
    /// CLAP id or VST3 class id in hexadecimal.
    pub id: String,
}

/// What the plugin asked of the host since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// CLAP `mark_dirty`, VST3 `setDirty`.
    pub dirty: u32,
    /// CLAP `params.rescan`, VST3 `restartComponent` with parameter flags.
    pub param_rescans: u32,
    /// Latency changes.
    pub latency_changes: u32,
    /// Requests to be restarted.
    pub restarts: u32,
    /// Calls that belong on the main thread but came on another.
    pub wrong_thread: u32,
}

/// One plugin instance, held by the main thread.
pub trait Host {
    /// Its format.
    fn format(&self) -> Format;

    /// All parameters. VST3's hidden MIDI parameters are left out.
    fn params(&mut self) -> Vec<ParamInfo>;

    /// A parameter's value now, 0..1.
    fn param_value(&mut self, id: u32) -> Option<f64>;

    /// Value (0..1) as text.
    fn value_to_text(&mut self, id: u32, value: f64) -> Option<String>;

    /// Text to value (0..1).
    fn text_to_value(&mut self, id: u32, text: &str) -> Option<f64>;

    /// Reported latency in frames.
    fn latency_frames(&mut self) -> u32;

    /// Reported tail in frames; `u32::MAX` = without end. While active.
    fn tail_frames(&mut self) -> u32;

    /// Channels of the main input and output; 0 = no such bus.
    fn main_channels(&mut self) -> (u32, u32);

    /// Chooses mono or stereo for the main buses. While not active.
    ///
    /// # Errors
    /// The plugin refuses.
    fn set_channels(&mut self, channels: u32) -> Result<()>;

    /// Says in which mode the next activation renders; offline if nothing is said. While not active.
    ///
    /// # Errors
    /// The plugin refuses.
    fn set_process_mode(&mut self, mode: ProcessMode) -> Result<()>;

    /// Prepares for processing. The audio half starts, freshly reset.
    ///
    /// # Errors
    /// The plugin refuses, or is active already.
    fn activate(&mut self, sample_rate: f64, max_frames: u32) -> Result<()>;

    /// The opposite; does nothing when not active.
    fn deactivate(&mut self);

    /// The format's way to clear tails and phases while active.
    fn reset(&mut self);

    /// The state as the format stores it.
    ///
    /// # Errors
    /// The plugin fails to save.
    fn save_state(&mut self) -> Result<Vec<u8>>;

    /// Loads a state. `piece_bytes` limits what one read returns (CLAP; VST3 streams have a length
    /// and nice-plug reads them at once).
    ///
    /// # Errors
    /// The plugin refuses it.
    fn load_state(&mut self, state: &[u8], piece_bytes: usize) -> Result<()>;

    /// Serves timers, file descriptors and main-thread calls that wait.
    fn idle(&mut self);

    /// What the plugin asked for since the last call.
    fn take_requests(&mut self) -> Requests;

    /// Opens the editor inside an X11 window. Returns its size in pixels.
    ///
    /// # Errors
    /// The plugin has no editor or cannot open it.
    fn open_editor(&mut self, parent: u32) -> Result<(u32, u32)>;

    /// Asks the editor to take a size. Returns whether it did.
    fn resize_editor(&mut self, width: u32, height: u32) -> bool;

    /// Closes the editor.
    fn close_editor(&mut self);

    /// Lends out the audio half, to be used on the audio thread; must come back.
    fn take_audio(&mut self) -> Option<Box<dyn AudioHalf>>;

    /// Takes the audio half back.
    fn return_audio(&mut self, audio: Box<dyn AudioHalf>);
}

/// What the main thread does while audio runs: given the instance, and a function that says whether
/// audio is still being computed.
pub type Meanwhile<'a> = &'a mut dyn FnMut(&mut dyn Host, &dyn Fn() -> bool);

impl dyn Host + '_ {
    /// Runs a scenario on an audio thread while the main thread runs `meanwhile`.
    ///
    /// # Panics
    /// When not active, or when the audio thread panics.
    pub fn render_while(&mut self, scenario: &Scenario, meanwhile: Meanwhile<'_>) -> Rendered {
        let mut audio = self.take_audio().expect("render needs an active plugin");
        let rendered = std::thread::scope(|scope| {
            let worker = scope.spawn(|| drive(&mut *audio, scenario));
            meanwhile(self, &|| !worker.is_finished());
            worker.join().expect("the audio thread does not panic")
        });
        self.return_audio(audio);
        rendered
    }

    /// Runs a scenario on an audio thread while the main thread idles.
    ///
    /// # Panics
    /// When not active.
    pub fn render(&mut self, scenario: &Scenario) -> Rendered {
        self.render_while(scenario, &mut |host, busy| {
            while busy() {
                host.idle();
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
        })
    }

    /// The id of a parameter by its name (case does not count).
    #[must_use]
    pub fn param_id(&mut self, name: &str) -> Option<u32> {
        self.params()
            .into_iter()
            .find(|p| p.name.eq_ignore_ascii_case(name))
            .map(|p| p.id)
    }
}

/// Loads a plugin from a library or bundle.
///
/// # Errors
/// The file is missing or is no plugin, or the plugin is not in it.
pub fn load(format: Format, library: &Path, kind: Kind) -> Result<Box<dyn Host>> {
    Ok(match format {
        Format::Clap => Box::new(crate::clap_host::ClapHost::load(library, kind)?),
        Format::Vst3 => Box::new(crate::vst3_host::Vst3Host::load(library, kind)?),
    })
}

/// Lists what a library holds, as a plugin scan does.
///
/// # Errors
/// The file is missing or is no plugin.
pub fn scan(format: Format, library: &Path) -> Result<Vec<Listing>> {
    match format {
        Format::Clap => crate::clap_host::scan(library),
        Format::Vst3 => crate::vst3_host::scan(library),
    }
}
