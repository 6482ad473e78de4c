//! The window: the editor's parts joined to a session, host parameters and nice-plug's window.
//!
//! ```text
//! session, parameters ──Snapshot──▶ EditorModel ──frame::show──▶ Actions ──▶ session, parameters
//! ```
//!
//! The parts under `editor/` know neither host nor window; they run in tests as they are.
//!
//! Thread: GUI. On Linux that is a thread of the window's own, not the host's main thread.

mod action;
mod code_layout;
mod code_marks;
mod code_view;
mod diff;
mod fonts;
mod frame;
mod gutter;
mod highlight;
mod keys;
mod knob_strip;
mod meter;
mod metrics;
mod model;
mod problems;
mod programs;
mod sample_menu;
mod snapshot;
mod status_line;
#[cfg(test)]
mod tests;
mod theme;
mod top_bar;
mod widgets;

use std::sync::Arc;
use std::time::Duration;

use nice_plug::context::gui::GuiContext;
use nice_plug::editor::{SizeConstraints, dpi::LogicalSize};
use nice_plug::prelude::{Param, ResizeHint};
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{
    EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier,
    create_egui_editor,
};

use crate::params::{GlistenParams, LaunchPoint};
use crate::session::Session;
use crate::state::EditorSize;

use action::{Action, Turn};
use model::EditorModel;
use snapshot::Snapshot;

/// The editor type that both plugins hand to nice-plug.
pub type GlistenEditor = EguiEditor<Window>;

/// Frames after which a host that did not grant the saved size is taken at its word.
const RESTORE_FRAMES: u32 = 30;

/// How often a still window looks whether the host started to play.
const IDLE_INTERVAL: Duration = Duration::from_millis(100);

const LAUNCH_POINTS: [LaunchPoint; 6] = [
    LaunchPoint::AtOnce,
    LaunchPoint::NextBeat,
    LaunchPoint::NextBar,
    LaunchPoint::TwoBars,
    LaunchPoint::FourBars,
    LaunchPoint::EightBars,
];

/// Makes the editor of an instance. Its window opens at the saved size.
#[must_use]
pub fn create(session: Arc<Session>, params: Arc<GlistenParams>) -> Option<GlistenEditor> {
    let size = metrics::DEFAULT_SIZE;
    let state = EguiEditorState::from_size(LogicalSize::new(size.x, size.y), 1.0);
    let min = metrics::MIN_SIZE;
    let resize_hint = ResizeHint {
        size_constraints: SizeConstraints::Logical {
            min_size: Some(LogicalSize::new(min.x, min.y)),
            max_size: None,
        },
        ..ResizeHint::RESIZABLE
    };
    let window = Window::new(session, params);
    let settings = EguiNiceSettings::new()
        .with_tile(window.model.title())
        .with_resize_hint(resize_hint);
    create_egui_editor(state, RepaintNotifier::new(), settings, window)
}

/// One instance's window; lives as long as the instance, opened or not.
pub struct Window {
    session: Arc<Session>,
    params: Arc<GlistenParams>,
    model: EditorModel,
    context: Option<GuiContext>,
    styled: Option<theme::ThemeName>,
    restore: Option<EditorSize>,
    frames: u32,
}

impl Window {
    /// The window of a session, not opened yet.
    #[must_use]
    pub fn new(session: Arc<Session>, params: Arc<GlistenParams>) -> Self {
        let snapshot = read(&session, &params, 0);
        let model = EditorModel::new(session.kind(), snapshot, &session.draft());
        Self {
            session,
            params,
            model,
            context: None,
            styled: None,
            restore: None,
            frames: 0,
        }
    }

    /// Prepares a fresh window. nice-plug never says that a window was closed, so everything that
    /// belongs to one window begins anew here.
    pub fn open(&mut self, ctx: &egui::Context) {
        prepare(ctx);
        self.styled = None;
        self.restore = None;
        self.frames = 0;
        self.model.window_opened();
    }

    fn act(&mut self, action: Action) {
        let Some(action) = self.model.perform(action) else {
            return;
        };
        match action {
            Action::Edited => {
                self.model.draft_revision = self.session.set_draft(&self.model.text);
                self.session.request_check();
            }
            Action::Apply => self.run(self.params.launch.value().launch()),
            Action::ApplyNow => self.run(engine::Launch::Now),
            Action::Cancel => self.session.cancel_waiting(),
            Action::SetLaunch(launch) => {
                let point = LAUNCH_POINTS
                    .into_iter()
                    .find(|point| point.launch() == launch);
                if let Some(point) = point {
                    self.set_parameter(&self.params.launch, point);
                }
            }
            Action::PlayProgram(program) => {
                self.session.show(program);
                // The plugin asks the renderer when the parameter has changed.
                let number = i32::try_from(program + 1).unwrap_or(1);
                self.set_parameter(&self.params.program, number);
            }
            Action::ShowProgram(program) => self.session.show(program),
            Action::SetFreeRun(choice) => self.set_parameter(&self.params.free_run, choice),
            Action::SetFreeRunning(runs) => self.session.set_free_running(runs),
            Action::SetGuard(on) => self.set_parameter(&self.params.guard, on),
            Action::Panic => self.session.panic(),
            Action::TurnKnob { slot, turn } => self.turn_knob(slot, turn),
            Action::SetSampleFolder(path) => self.session.set_sample_folder(path.as_deref()),
            Action::RescanSamples => self.session.rescan_samples(),
            // Everything else the model has done itself.
            _ => {}
        }
    }

    fn run(&mut self, launch: engine::Launch) {
        self.model.draft_revision = self.session.set_draft(&self.model.text);
        self.session.run(launch);
    }

    fn set_parameter<P: Param>(&self, param: &P, value: P::Plain) {
        if let Some(context) = &self.context {
            let setter = context.param_setter();
            setter.begin_set_parameter(param);
            setter.set_parameter(param, value);
            setter.end_set_parameter(param);
        }
    }

    /// Passes a part of a gesture on to the host, which records what lies between begin and end.
    fn turn_knob(&self, slot: usize, turn: Turn) {
        let (Some(context), Some(param)) =
            (&self.context, self.params.knobs.all().get(slot).copied())
        else {
            return;
        };
        let setter = context.param_setter();
        match turn {
            Turn::Begin => setter.begin_set_parameter(param),
            Turn::To(normalised) => setter.set_parameter_normalized(param, normalised),
            Turn::End => setter.end_set_parameter(param),
        }
    }

    /// Asks for the saved size once after opening: nice-plug fixes a window's first size before the
    /// saved state is loaded.
    fn restore_size(&mut self, ui: &egui::Ui) {
        self.frames = self.frames.saturating_add(1);
        if self.frames == 1
            && let Some(size) = self.session.editor_size()
        {
            let wanted = egui::vec2(size.width as f32, size.height as f32);
            if (ui.max_rect().size() - wanted).abs().max_elem() > 1.0 {
                self.restore = Some(size);
                ui.ctx()
                    .send_viewport_cmd(egui::ViewportCommand::InnerSize(wanted));
            }
        }
        if self.frames > RESTORE_FRAMES {
            self.restore = None;
        }
    }

    fn request_next_frame(&self, ctx: &egui::Context) {
        if self.model.moves() || self.frames <= RESTORE_FRAMES {
            ctx.request_repaint();
        } else {
            let left = self
                .model
                .next_change_s()
                .map_or(IDLE_INTERVAL, Duration::from_secs_f64);
            ctx.request_repaint_after(left.min(IDLE_INTERVAL));
        }
    }
}

fn read(session: &Session, params: &GlistenParams, known_revision: u64) -> Snapshot {
    Snapshot::take(session, params, known_revision)
}

/// Fonts and switches that a fresh egui context needs.
fn prepare(ctx: &egui::Context) {
    fonts::install(ctx);
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
    ctx.all_styles_mut(|style| {
        style.scroll_animation = egui::style::ScrollAnimation::none();
        style.spacing.scroll = egui::style::ScrollStyle::thin();
    });
}

impl NiceEguiApp for Window {
    fn build(
        &mut self,
        egui_ctx: egui::Context,
        context: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.open(&egui_ctx);
        self.context = Some(context);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        self.restore_size(ui);
        let theme = self.model.theme_name;
        if self.styled != Some(theme) {
            self.styled = Some(theme);
            ui.ctx().all_styles_mut(|style| theme.theme().apply(style));
            ui.set_style(ui.ctx().global_style());
            frame.set_clear_color(egui::Rgba::from(theme.theme().bg));
        }
        let now_s = ui.input(|input| input.time);
        let snapshot = read(&self.session, &self.params, self.model.draft_revision);
        self.model.observe(snapshot, now_s);
        let heard = self.model.heard_program();
        if let Some(program) = self.model.programs.follow(heard) {
            self.session.show(program);
        }
        for action in frame::show(ui, &mut self.model) {
            self.act(action);
        }
        self.request_next_frame(ui.ctx());
    }

    fn resized(&mut self, size: WindowSize) {
        let size = EditorSize {
            width: size.logical.width.round() as u32,
            height: size.logical.height.round() as u32,
        };
        // The window opens at a size that nobody chose; it must not replace the saved one.
        let chosen = self.frames > 0 && self.restore.is_none_or(|wanted| wanted == size);
        if chosen {
            self.restore = None;
            self.session.set_editor_size(size);
        }
    }
}
