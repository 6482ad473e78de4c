//! CLAP: a host on `clack-host`.

// Loading a library and handing over a window need `unsafe`.
#![allow(unsafe_code)]

mod audio;
mod handlers;
mod library;

use std::ffi::CString;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result, bail};
use clack_extensions::audio_ports::{AudioPortInfoBuffer, PluginAudioPorts};
use clack_extensions::audio_ports_config::{AudioPortsConfigBuffer, PluginAudioPortsConfig};
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, PluginGui, Window};
use clack_extensions::latency::PluginLatency;
use clack_extensions::params::{ParamInfoBuffer, ParamInfoFlags, PluginParams};
use clack_extensions::posix_fd::{FdFlags, PluginPosixFd};
use clack_extensions::render::{PluginRender, RenderMode};
use clack_extensions::state::PluginState;
use clack_extensions::tail::PluginTail;
use clack_extensions::timer::PluginTimer;
use clack_host::prelude::*;

use crate::drive::AudioHalf;
use crate::host::{Format, Host, Kind, ParamInfo, ProcessMode, Requests};
use audio::ClapAudio;
use handlers::{Handlers, MainThread, Shared};
pub use library::scan;
use library::{Pieces, load_entry};

/// A loaded CLAP plugin.
pub struct ClapHost {
    // Dropped before the entry that keeps the library loaded.
    audio: Option<ClapAudio>,
    instance: PluginInstance<Handlers>,
    _entry: PluginEntry,
    ranges: Vec<(u32, f64, f64)>,
    editor_open: bool,
}

impl ClapHost {
    /// Makes an instance.
    ///
    /// # Errors
    /// The library or the plugin in it cannot be loaded.
    pub fn load(library: &Path, kind: Kind) -> Result<Self> {
        let entry = load_entry(library)?;
        let info = HostInfo::new("Glisten test host", "Glisten", "https://example.org", "1.0")?;
        let id = CString::new(kind.clap_id())?;
        let instance = PluginInstance::<Handlers>::new(
            |()| Shared::default(),
            |shared| MainThread::new(shared),
            &entry,
            &id,
            &info,
        )
        .with_context(|| format!("cannot make an instance of {}", kind.clap_id()))?;
        let mut host = Self {
            audio: None,
            instance,
            _entry: entry,
            ranges: Vec::new(),
            editor_open: false,
        };
        host.set_process_mode(ProcessMode::default())?;
        Ok(host)
    }

    fn params_extension(&self) -> Option<PluginParams> {
        self.instance
            .plugin_shared_handle()
            .get_extension::<PluginParams>()
    }

    /// Channels of each input port, the main one first.
    fn input_ports(&mut self) -> Vec<u32> {
        let Some(ports) = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginAudioPorts>()
        else {
            return Vec::new();
        };
        let handle = self.instance.plugin_handle();
        (0..ports.count(&handle, true))
            .map(|index| {
                let mut buffer = AudioPortInfoBuffer::new();
                ports
                    .get(&handle, index, true, &mut buffer)
                    .map_or(0, |p| p.channel_count)
            })
            .collect()
    }

    fn range(&mut self, id: u32) -> Option<(f64, f64)> {
        if self.ranges.is_empty() {
            self.params();
        }
        self.ranges.iter().find(|r| r.0 == id).map(|r| (r.1, r.2))
    }

    /// What the plugin logged through the host so far.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.instance
            .access_shared_handler(|shared| shared.log.lock().expect("log").clone())
    }
}

impl Drop for ClapHost {
    fn drop(&mut self) {
        self.close_editor();
        self.deactivate();
    }
}

impl Host for ClapHost {
    fn format(&self) -> Format {
        Format::Clap
    }

    fn params(&mut self) -> Vec<ParamInfo> {
        let Some(extension) = self.params_extension() else {
            return Vec::new();
        };
        let handle = self.instance.plugin_handle();
        let mut found = Vec::new();
        let mut ranges = Vec::new();
        for index in 0..extension.count(&handle) {
            let mut buffer = ParamInfoBuffer::new();
            let Some(info) = extension.get_info(&handle, index, &mut buffer) else {
                continue;
            };
            let span = info.max_value - info.min_value;
            let stepped = info.flags.contains(ParamInfoFlags::IS_STEPPED);
            found.push(ParamInfo {
                id: info.id.get(),
                name: String::from_utf8_lossy(info.name).into_owned(),
                default: (info.default_value - info.min_value) / span,
                steps: if stepped { span as u32 } else { 0 },
                bypass: info.flags.contains(ParamInfoFlags::IS_BYPASS),
            });
            ranges.push((info.id.get(), info.min_value, info.max_value));
        }
        if let Some(audio) = &mut self.audio {
            audio.ranges.clone_from(&ranges);
        }
        self.ranges = ranges;
        found
    }

    fn param_value(&mut self, id: u32) -> Option<f64> {
        let (min, max) = self.range(id)?;
        let extension = self.params_extension()?;
        let value = extension.get_value(&self.instance.plugin_handle(), ClapId::from_raw(id)?)?;
        Some((value - min) / (max - min))
    }

    fn value_to_text(&mut self, id: u32, value: f64) -> Option<String> {
        let (min, max) = self.range(id)?;
        let extension = self.params_extension()?;
        let mut buffer = [0; 256];
        let text = extension
            .value_to_text(
                &self.instance.plugin_handle(),
                ClapId::from_raw(id)?,
                min + value * (max - min),
                &mut buffer,
            )
            .ok()?;
        Some(String::from_utf8_lossy(text).into_owned())
    }

    fn text_to_value(&mut self, id: u32, text: &str) -> Option<f64> {
        let (min, max) = self.range(id)?;
        let extension = self.params_extension()?;
        let text = CString::new(text).ok()?;
        let value = extension.text_to_value(
            &self.instance.plugin_handle(),
            ClapId::from_raw(id)?,
            &text,
        )?;
        Some((value - min) / (max - min))
    }

    fn latency_frames(&mut self) -> u32 {
        let extension = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginLatency>();
        extension.map_or(0, |e| e.get(&self.instance.plugin_handle()))
    }

    fn tail_frames(&mut self) -> u32 {
        let extension = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginTail>();
        let tail = self.audio.as_mut().zip(extension);
        tail.map_or(0, |(audio, extension)| audio.tail_frames(extension))
    }

    fn main_channels(&mut self) -> (u32, u32) {
        let Some(ports) = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginAudioPorts>()
        else {
            return (0, 0);
        };
        let handle = self.instance.plugin_handle();
        let channels = |is_input| {
            let mut buffer = AudioPortInfoBuffer::new();
            if ports.count(&handle, is_input) == 0 {
                return 0;
            }
            ports
                .get(&handle, 0, is_input, &mut buffer)
                .map_or(0, |p| p.channel_count)
        };
        (channels(true), channels(false))
    }

    fn set_channels(&mut self, channels: u32) -> Result<()> {
        if self.main_channels().1 == channels {
            return Ok(());
        }
        let configs = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginAudioPortsConfig>()
            .context("the plugin has one channel configuration only")?;
        let handle = self.instance.plugin_handle();
        for index in 0..configs.count(&handle) {
            let mut buffer = AudioPortsConfigBuffer::new();
            let Some(config) = configs.get(&handle, index, &mut buffer) else {
                continue;
            };
            let fits = |port: clack_extensions::audio_ports_config::MainPortInfo| {
                port.channel_count == channels
            };
            if config.main_output.is_some_and(fits) && config.main_input.is_none_or(fits) {
                let id = config.id;
                configs
                    .select(&handle, id)
                    .context("the plugin refuses a configuration")?;
                return Ok(());
            }
        }
        bail!("the plugin has no configuration with {channels} channels")
    }

    fn set_process_mode(&mut self, mode: ProcessMode) -> Result<()> {
        if self.audio.is_some() {
            bail!("the mode of an active plugin stays");
        }
        let extension = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginRender>()
            .context("the plugin does not ask how it is rendered")?;
        let mode = match mode {
            ProcessMode::Offline => RenderMode::Offline,
            ProcessMode::Realtime => RenderMode::Realtime,
        };
        extension.set(&self.instance.plugin_handle(), mode)?;
        Ok(())
    }

    fn activate(&mut self, sample_rate: f64, max_frames: u32) -> Result<()> {
        if self.audio.is_some() {
            bail!("active already");
        }
        self.params();
        let ports = (self.input_ports(), self.main_channels().1);
        let configuration = PluginAudioConfiguration {
            sample_rate,
            min_frames_count: 1,
            max_frames_count: max_frames,
        };
        let stopped = self
            .instance
            .activate(|_, _| (), configuration)
            .context("the plugin does not activate")?;
        let started = stopped
            .start_processing()
            .ok()
            .context("processing does not start")?;
        self.audio = Some(ClapAudio::new(started, self.ranges.clone(), ports));
        Ok(())
    }

    fn deactivate(&mut self) {
        if let Some(audio) = self.audio.take() {
            self.instance.deactivate(audio.stop());
        }
    }

    fn reset(&mut self) {
        if let Some(audio) = &mut self.audio {
            audio.reset();
        }
    }

    fn save_state(&mut self) -> Result<Vec<u8>> {
        let extension = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginState>()
            .context("the plugin has no state")?;
        let mut bytes = Vec::new();
        extension.save(&self.instance.plugin_handle(), &mut bytes)?;
        Ok(bytes)
    }

    fn load_state(&mut self, state: &[u8], piece_bytes: usize) -> Result<()> {
        let extension = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginState>()
            .context("the plugin has no state")?;
        let mut reader = Pieces {
            inner: Cursor::new(state),
            piece_bytes,
        };
        extension.load(&self.instance.plugin_handle(), &mut reader)?;
        Ok(())
    }

    fn idle(&mut self) {
        let shared_calls = self.instance.access_shared_handler(Shared::take_callback);
        if shared_calls {
            self.instance.call_on_main_thread_callback();
        }
        let (timers, files) = self
            .instance
            .access_handler(|main| (main.due_timers(), main.ready_files()));
        if !timers.is_empty()
            && let Some(e) = self
                .instance
                .plugin_shared_handle()
                .get_extension::<PluginTimer>()
        {
            for timer in timers {
                e.on_timer(&self.instance.plugin_handle(), timer);
            }
        }
        if !files.is_empty()
            && let Some(e) = self
                .instance
                .plugin_shared_handle()
                .get_extension::<PluginPosixFd>()
        {
            for file in files {
                e.on_fd(&self.instance.plugin_handle(), file, FdFlags::READ);
            }
        }
    }

    fn take_requests(&mut self) -> Requests {
        let mut requests = self.instance.access_handler(|main| main.take_requests());
        self.instance
            .access_shared_handler(|shared| shared.add_requests(&mut requests));
        requests
    }

    fn open_editor(&mut self, parent: u32) -> Result<(u32, u32)> {
        let gui = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginGui>()
            .context("the plugin has no editor")?;
        let handle = self.instance.plugin_handle();
        let configuration = GuiConfiguration {
            api_type: GuiApiType::X11,
            is_floating: false,
        };
        if !gui.is_api_supported(&handle, configuration) {
            bail!("the editor cannot be embedded in an X11 window");
        }
        gui.create(&handle, configuration)?;
        let size = gui.get_size(&handle).unwrap_or(GuiSize {
            width: 0,
            height: 0,
        });
        // SAFETY: the parent window outlives the editor: `crate::editor` closes in that order.
        unsafe { gui.set_parent(&handle, Window::from_x11_handle(parent.into()))? };
        // Some plugins are visible at once and return false here; that is allowed.
        let _ = gui.show(&handle);
        self.editor_open = true;
        Ok((size.width, size.height))
    }

    fn resize_editor(&mut self, width: u32, height: u32) -> bool {
        let Some(gui) = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginGui>()
        else {
            return false;
        };
        let handle = self.instance.plugin_handle();
        let wanted = GuiSize { width, height };
        gui.can_resize(&handle)
            && gui
                .adjust_size(&handle, wanted)
                .is_some_and(|size| gui.set_size(&handle, size).is_ok())
    }

    fn close_editor(&mut self) {
        if !std::mem::take(&mut self.editor_open) {
            return;
        }
        if let Some(gui) = self
            .instance
            .plugin_shared_handle()
            .get_extension::<PluginGui>()
        {
            gui.destroy(&self.instance.plugin_handle());
        }
    }

    fn take_audio(&mut self) -> Option<Box<dyn AudioHalf>> {
        self.audio
            .take()
            .map(|audio| Box::new(audio) as Box<dyn AudioHalf>)
    }

    fn return_audio(&mut self, audio: Box<dyn AudioHalf>) {
        self.audio = audio.into_any().downcast().ok().map(|audio| *audio);
    }
}
