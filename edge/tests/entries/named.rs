//! A plugin whose parameters get their names while it runs.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use glisten_edge::{Automation, Description, Host, Parameters};
use nice_plug::prelude::*;

/// What the plugin saw in its process calls, parts of a block numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// A part with so many frames begins; the value of `a` there, and the loudest
    /// sample of the side chain, averaged over its channels.
    Part {
        frames: usize,
        a: f32,
        sidechain: f32,
    },
    /// The value of `a` changes on a frame.
    A { frame: usize, value: f32 },
    /// A key goes down on a frame.
    Key { frame: u32, key: u8 },
}

/// A name, unit and range.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    pub name: String,
    pub unit: &'static str,
    pub max: f64,
}

/// What the test and an instance share.
pub struct Shared {
    pub host: Host,
    pub names: Mutex<[Option<Name>; 2]>,
    pub seen: Mutex<Vec<Seen>>,
}

impl Shared {
    /// Gives slot `index` a name, as an evaluation does.
    pub fn rename(&self, index: usize, name: &str, unit: &'static str, max: f64) {
        let name = name.to_owned();
        self.names.lock().expect("names")[index] = Some(Name { name, unit, max });
        self.host.parameters_changed();
    }

    fn name(&self, index: usize) -> Option<Name> {
        self.names.lock().expect("names")[index].clone()
    }

    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().expect("seen"))
    }
}

thread_local! {
    static MADE: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

/// What the newest instance of this thread shares.
pub fn newest() -> Arc<Shared> {
    MADE.with_borrow(|made| made.clone().expect("an instance"))
}

/// The first name of a saved state; loading it renames.
pub struct Saved(Arc<Shared>);

impl<'a> nice_plug::params::persist::PersistentField<'a, String> for Saved {
    fn set(&self, name: String) {
        self.0.rename(0, &name, "Hz", 1000.0);
        // Half a state is loaded: nothing may be told yet.
        self.0.host.deliver();
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&String) -> R,
    {
        f(&self.0.name(0).map(|name| name.name).unwrap_or_default())
    }
}

#[derive(Params)]
pub struct NamedParams {
    #[id = "fixed"]
    pub fixed: IntParam,
    #[id = "a"]
    pub a: FloatParam,
    #[id = "b"]
    pub b: FloatParam,
    #[persist = "name"]
    saved: Saved,
}

struct Names {
    params: Arc<NamedParams>,
    shared: Arc<Shared>,
}

impl Parameters for Names {
    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn ids(&self) -> Vec<String> {
        ["a", "b", "nowhere"].map(str::to_owned).into()
    }

    fn describe(&self, index: usize) -> Option<Description> {
        let name = self.shared.name(index);
        Some(Description {
            name: name.as_ref().map_or("-".to_owned(), |n| n.name.clone()),
            unit: name.as_ref().map_or("", |n| n.unit).to_owned(),
            default_normalised: name.map_or(0.0, |_| 0.25),
        })
    }

    fn text(&self, index: usize, normalised: f64, with_unit: bool) -> Option<String> {
        let Some(name) = self.shared.name(index) else {
            return Some(format!("{normalised:.3}"));
        };
        let number = format!("{:.1}", normalised * name.max);
        Some(if with_unit {
            format!("{number} {}", name.unit)
        } else {
            number
        })
    }

    fn parse(&self, index: usize, text: &str) -> Option<f64> {
        let name = self.shared.name(index);
        let unit = name.as_ref().map_or("", |n| n.unit);
        let number: f64 = text.trim().trim_end_matches(unit).trim().parse().ok()?;
        Some((number / name.map_or(1.0, |n| n.max)).clamp(0.0, 1.0))
    }

    fn plain(&self, index: usize, normalised: f64) -> f64 {
        normalised * self.shared.name(index).map_or(1.0, |n| n.max)
    }

    fn normalised(&self, index: usize, plain: f64) -> f64 {
        plain / self.shared.name(index).map_or(1.0, |n| n.max)
    }
}

pub struct Named {
    params: Arc<NamedParams>,
    automation: Automation,
    shared: Arc<Shared>,
}

impl Default for Named {
    fn default() -> Self {
        let shared = Arc::new(Shared {
            host: Host::of_this_instance(),
            names: Mutex::default(),
            seen: Mutex::default(),
        });
        let range = FloatRange::Linear { min: 0.0, max: 1.0 };
        let params = Arc::new(NamedParams {
            fixed: IntParam::new("Fixed", 1, IntRange::Linear { min: 0, max: 4 }).with_unit(" st"),
            a: FloatParam::new("A", 0.0, range),
            b: FloatParam::new("B", 0.0, range),
            saved: Saved(shared.clone()),
        });
        shared.host.set_parameters(Arc::new(Names {
            params: params.clone(),
            shared: shared.clone(),
        }));
        let all: Arc<dyn Params> = params.clone();
        let automation = shared.host.take_automation(&all);
        MADE.set(Some(shared.clone()));
        Self {
            params,
            automation,
            shared,
        }
    }
}

impl Plugin for Named {
    const NAME: &'static str = "Named";
    const VENDOR: &'static str = "Tests";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = "1";
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(2),
            main_output_channels: NonZeroU32::new(2),
            aux_input_ports: &[new_nonzero_u32(2)],
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_input_channels: NonZeroU32::new(1),
            main_output_channels: NonZeroU32::new(1),
            aux_input_ports: &[new_nonzero_u32(1)],
            ..AudioIOLayout::const_default()
        },
    ];
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;

    type Editor = ();
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let mut seen = self.shared.seen.lock().expect("seen");
        let channels = aux
            .inputs
            .first()
            .map_or(&[][..], |bus| bus.as_slice_immutable());
        let loudest = |c: &&mut [f32]| c.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let sum: f32 = channels.iter().map(loudest).sum();
        seen.push(Seen::Part {
            frames: buffer.samples(),
            a: self.params.a.value(),
            sidechain: sum / channels.len().max(1) as f32,
        });
        while let Some(frame) = self.automation.next_frame() {
            if frame >= buffer.samples() {
                break;
            }
            self.automation.apply(frame);
            let value = self.params.a.value();
            seen.push(Seen::A { frame, value });
        }
        self.automation.end_part(buffer.samples());
        while let Some(event) = context.next_event() {
            match event {
                NoteEvent::NoteOn { timing, key, .. } => seen.push(Seen::Key {
                    frame: timing,
                    key: key.number().unwrap_or(255),
                }),
                NoteEvent::MidiCC { timing, cc, .. } => seen.push(Seen::Key {
                    frame: timing,
                    key: 128 + cc,
                }),
                _ => {}
            }
        }
        ProcessStatus::KeepAlive
    }
}

impl ClapPlugin for Named {
    const CLAP_ID: &'static str = "test.named";
    const CLAP_DESCRIPTION: Option<&'static str> = None;
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] = &[ClapFeature::AudioEffect];
}

impl Vst3Plugin for Named {
    const VST3_CLASS_ID: [u8; 16] = *b"Test.Named.Plugn";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[Vst3SubCategory::Fx];
}
