//! The two plugins: Glisten (instrument) and Glisten FX (effect). One body, two flavours.

use std::marker::PhantomData;
use std::sync::Arc;

use engine::{Config, EventKind, Kind, Parts, Renderer, SentNote};
use nice_plug::context::PluginApi;
use nice_plug::prelude::*;

use crate::background::Background;
use crate::controls::HostControls;
use crate::drain::{Drain, Mark};
use crate::editor;
use crate::knobs::DescribedKnobs;
use crate::midi;
use crate::params::{self, GlistenParams};
use crate::process::{Callback, Notes, TransportReader, now_ns};
use crate::session::Session;
use crate::state;

/// What tells the two plugins apart. Ids are part of every project: they never change.
pub trait Flavour: Send + 'static {
    /// Effect or instrument.
    const KIND: Kind;
    /// Name in hosts.
    const NAME: &'static str;
    /// CLAP id.
    const CLAP_ID: &'static str;
    /// One line for the host's plugin list.
    const DESCRIPTION: &'static str;
    /// CLAP features.
    const FEATURES: &'static [ClapFeature];
    /// VST3 class id.
    const VST3_CLASS_ID: [u8; 16];
    /// VST3 categories.
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory];
    /// Audio ports; the first is the default.
    const LAYOUTS: &'static [AudioIOLayout];
    /// What it hears of a MIDI track (R8.2).
    const MIDI_INPUT: MidiConfig;
    /// Program of a new instance (R8.1).
    const STARTER: &'static str;
}

/// Flavour of the instrument.
#[derive(Debug)]
pub struct InstrumentFlavour;

impl Flavour for InstrumentFlavour {
    const KIND: Kind = Kind::Instrument;
    const NAME: &'static str = "Glisten";
    const CLAP_ID: &'static str = "org.glisten.glisten";
    const DESCRIPTION: &'static str = "An instrument you write: live Glicol code in the track.";
    const FEATURES: &'static [ClapFeature] = &[
        ClapFeature::Instrument,
        ClapFeature::Synthesizer,
        ClapFeature::Stereo,
    ];
    const VST3_CLASS_ID: [u8; 16] = *b"Glisten.Plug.Ins";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[
        Vst3SubCategory::Instrument,
        Vst3SubCategory::Synth,
        Vst3SubCategory::Stereo,
    ];
    const LAYOUTS: &'static [AudioIOLayout] = &[
        AudioIOLayout {
            main_output_channels: NonZeroU32::new(2),
            ..AudioIOLayout::const_default()
        },
        AudioIOLayout {
            main_output_channels: NonZeroU32::new(1),
            ..AudioIOLayout::const_default()
        },
    ];
    // Wheels, pedals and controllers. In VST3 they are parameters, 130 for each channel, as every
    // JUCE instrument has them too.
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const STARTER: &'static str = include_str!("starters/instrument.glicol");
}

/// Flavour of the effect.
#[derive(Debug)]
pub struct EffectFlavour;

impl Flavour for EffectFlavour {
    const KIND: Kind = Kind::Effect;
    const NAME: &'static str = "Glisten FX";
    const CLAP_ID: &'static str = "org.glisten.glisten-fx";
    const DESCRIPTION: &'static str = "An effect you write: live Glicol code on the track's audio.";
    const FEATURES: &'static [ClapFeature] = &[
        ClapFeature::AudioEffect,
        ClapFeature::MultiEffects,
        ClapFeature::Stereo,
        ClapFeature::Mono,
    ];
    const VST3_CLASS_ID: [u8; 16] = *b"Glisten.Plug.Eff";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = &[
        Vst3SubCategory::Fx,
        Vst3SubCategory::Filter,
        Vst3SubCategory::Delay,
    ];
    const LAYOUTS: &'static [AudioIOLayout] = &[
        effect_layout(2, 2),
        effect_layout(1, 1),
        effect_layout(1, 2),
    ];
    // Notes only: an effect is not worth 2080 hidden parameters in VST3.
    const MIDI_INPUT: MidiConfig = MidiConfig::Basic;
    const STARTER: &'static str = include_str!("starters/effect.glicol");
}

const STEREO_SIDECHAIN: &[NonZeroU32] = &[new_nonzero_u32(2)];

const MONO_SIDECHAIN: &[NonZeroU32] = &[new_nonzero_u32(1)];

/// Main input and output of these widths, and a sidechain.
const fn effect_layout(inputs: u32, outputs: u32) -> AudioIOLayout {
    AudioIOLayout {
        main_input_channels: NonZeroU32::new(inputs),
        main_output_channels: NonZeroU32::new(outputs),
        // As wide as the main input: nice-plug 0.4.2 compares the VST3 host's main input with the
        // width of the sidechain, so a layout in which they differ is never found. The edge gives
        // hosts the width they ask for.
        aux_input_ports: if inputs == 1 {
            MONO_SIDECHAIN
        } else {
            STEREO_SIDECHAIN
        },
        names: PortNames {
            aux_inputs: &["Sidechain"],
            ..PortNames::const_default()
        },
        ..AudioIOLayout::const_default()
    }
}

/// What nice-plug's threads do for an instance.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// Its worker has come to this mark.
    Reached(Mark),
    /// On the host's main thread: tells the host what there is to tell.
    TellHost,
}

/// One instance, audio half and owner of the worker thread.
pub struct GlistenPlugin<F: Flavour> {
    session: Arc<Session>,
    params: Arc<GlistenParams>,
    renderer: Renderer,
    callback: Callback,
    transport: TransportReader,
    drain: Drain,
    /// Sends marks to nice-plug's worker.
    marks: Option<AsyncExecutor<Self>>,
    host: edge::Host,
    automation: edge::Automation,
    api: Option<PluginApi>,
    /// Kept to be dropped, and with that joined, with the instance.
    _background: Background,
    flavour: PhantomData<F>,
}

/// The instrument.
pub type Glisten = GlistenPlugin<InstrumentFlavour>;

/// The effect.
pub type GlistenFx = GlistenPlugin<EffectFlavour>;

impl<F: Flavour> GlistenPlugin<F> {
    /// The instance's session: text, results, requests.
    #[must_use]
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }
}

impl<F: Flavour> Default for GlistenPlugin<F> {
    fn default() -> Self {
        // The host's rate comes with `activate`; nothing sounds before.
        let config = Config {
            sample_rate: 48_000.0,
            kind: F::KIND,
            seed: crate::DEFAULT_SEED,
        };
        let Parts {
            engine,
            renderer,
            status,
        } = engine::create(&config);
        let session = Arc::new(Session::new(
            F::KIND,
            engine,
            status,
            config.seed,
            F::STARTER,
        ));
        let params = Arc::new(GlistenParams::new(session.clone()));
        let host = edge::Host::of_this_instance();
        host.set_parameters(Arc::new(DescribedKnobs::new(
            params.clone(),
            session.knobs().clone(),
        )));
        // An edit must be heard, so hosts shall not stop calling: what silence costs is ours (R8.10).
        host.set_endless_tail();
        let all_params: Arc<dyn Params> = params.clone();
        Self {
            params,
            automation: host.take_automation(&all_params),
            _background: Background::start(session.clone()),
            callback: Callback::default().telling(session.message_program().clone()),
            session,
            renderer,
            transport: TransportReader::default(),
            drain: Drain::default(),
            marks: None,
            host,
            api: None,
            flavour: PhantomData,
        }
    }
}

impl<F: Flavour> Plugin for GlistenPlugin<F> {
    const NAME: &'static str = F::NAME;
    const VENDOR: &'static str = "Glisten";
    const URL: &'static str = env!("CARGO_PKG_REPOSITORY");
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = F::LAYOUTS;

    const MIDI_INPUT: MidiConfig = F::MIDI_INPUT;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::Basic;
    const SAMPLE_ACCURATE_AUTOMATION: bool = true;
    const INPUT_EVENT_CAPACITY: usize = 8192;

    type Editor = editor::GlistenEditor;
    type SysExMessage = ();
    type BackgroundTask = Task;

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let (drain, host) = (self.drain.clone(), self.host.clone());
        Box::new(move |task| match task {
            Task::Reached(mark) => drain.reached(mark),
            Task::TellHost => host.deliver(),
        })
    }

    fn params(&self) -> Arc<dyn Params> {
        self.params.clone()
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<Self::Editor> {
        let main_thread = executor.clone();
        self.host
            .set_main_thread_hop(move || main_thread.execute_gui(Task::TellHost));
        self.marks = Some(executor);
        editor::create(self.session.clone(), self.params.clone())
    }

    fn filter_state(state: &mut PluginState) {
        params::sanitize(state);
        state::sanitize(state);
    }

    fn activate(
        &mut self,
        layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        self.api = Some(context.plugin_api());
        // Starts the clock here rather than on the audio thread.
        let _ = now_ns();
        let realtime = config.process_mode == ProcessMode::Realtime;
        self.renderer
            .set_wall_clock(if realtime { Some(now_ns) } else { None });
        self.callback.activate(layout, config);
        self.session
            .activate(&mut self.renderer, f64::from(config.sample_rate));
        true
    }

    fn deactivate(&mut self) {
        self.session.deactivate();
        if self.api == Some(PluginApi::Vst3)
            && let Some(marks) = &self.marks
            && !self
                .drain
                .wait(|mark| marks.execute_background(Task::Reached(mark)))
        {
            nice_warn!("The plugin framework's worker did not answer");
        }
    }

    fn reset(&mut self) {
        self.callback.reset();
        self.renderer.reset();
    }

    fn process(
        &mut self,
        buffer: &mut Buffer,
        aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        let mut controls = HostControls::new(&self.params, &self.automation);
        let quantum_beats = self.params.launch.value().launch().quantum_beats();
        let transport = self.transport.read(context.transport());
        self.callback.process(
            &mut self.renderer,
            &mut controls,
            buffer,
            aux,
            transport,
            &mut HostNotes::new(context, quantum_beats),
        );
        self.automation.end_part(buffer.samples());
        ProcessStatus::KeepAlive
    }
}

/// The notes of a process call.
struct HostNotes<'a, P, C> {
    context: &'a mut C,
    api: PluginApi,
    /// Launch point of a program that is asked for.
    quantum_beats: u32,
    plugin: PhantomData<P>,
}

impl<'a, P: Plugin, C: ProcessContext<P>> HostNotes<'a, P, C> {
    fn new(context: &'a mut C, quantum_beats: u32) -> Self {
        Self {
            api: context.plugin_api(),
            quantum_beats,
            context,
            plugin: PhantomData,
        }
    }
}

impl<P, C> Notes for HostNotes<'_, P, C>
where
    P: Plugin<SysExMessage = ()>,
    C: ProcessContext<P>,
{
    fn next_note(&mut self) -> Option<(usize, EventKind)> {
        loop {
            let event = self.context.next_event()?;
            let kind = match event {
                NoteEvent::MidiProgramChange { program, .. } => Some(EventKind::Program {
                    program,
                    quantum_beats: self.quantum_beats,
                }),
                _ => midi::from_host(&event, self.api).map(EventKind::Midi),
            };
            if let Some(kind) = kind {
                return Some((event.timing() as usize, kind));
            }
        }
    }

    fn send_note(&mut self, note: &SentNote) {
        // A host that has no room, or nobody to give notes to, gets none.
        let _ = self
            .context
            .try_send_event(midi::to_host(note, note.frame as u32));
    }
}

impl<F: Flavour> ClapPlugin for GlistenPlugin<F> {
    const CLAP_ID: &'static str = F::CLAP_ID;
    const CLAP_DESCRIPTION: Option<&'static str> = Some(F::DESCRIPTION);
    const CLAP_MANUAL_URL: Option<&'static str> = Some(Self::URL);
    const CLAP_SUPPORT_URL: Option<&'static str> = Some(Self::URL);
    const CLAP_FEATURES: &'static [ClapFeature] = F::FEATURES;
}

impl<F: Flavour> Vst3Plugin for GlistenPlugin<F> {
    const VST3_CLASS_ID: [u8; 16] = F::VST3_CLASS_ID;
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] = F::VST3_SUBCATEGORIES;
}
