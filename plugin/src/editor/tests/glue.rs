//! The glue between window and session, without a window.

use std::sync::Arc;

use engine::{Config, Kind};
use nice_plug::editor::dpi::{LogicalSize, PhysicalSize};
use nice_plug_egui::NiceEguiApp;
use nice_plug_egui::baseview::WindowSize;

use crate::params::GlistenParams;
use crate::session::Session;
use crate::state::EditorSize;

use super::super::Window;
use super::super::action::Action;

pub fn instance() -> (Arc<Session>, Window) {
    let config = Config {
        sample_rate: 48_000.0,
        kind: Kind::Effect,
        seed: 0,
    };
    let parts = engine::create(&config);
    let session = Arc::new(Session::new(
        Kind::Effect,
        parts.engine,
        parts.status,
        0,
        "out: ~input",
    ));
    let params = Arc::new(GlistenParams::new(session.clone()));
    let window = Window::new(session.clone(), params);
    (session, window)
}

#[test]
fn edits_and_applies_reach_the_session() {
    let (session, mut window) = instance();
    window.model.text = "out: ~input >> mul 0.5".to_owned();
    window.act(Action::Edited);
    assert_eq!(*session.draft(), *window.model.text);
    assert_eq!(session.view().draft_revision, window.model.draft_revision);
    window.act(Action::Apply);
    session.wait_until_idle();
    assert!(session.view().last_run.is_some_and(|run| run.accepted));
    assert_eq!(
        session.view().last_good.as_deref(),
        Some(window.model.text.as_str())
    );
}

#[test]
fn only_a_size_that_somebody_chose_is_saved() {
    let (session, mut window) = instance();
    let size = |width: f64, height: f64| WindowSize {
        physical: PhysicalSize::new(width as u32, height as u32),
        logical: LogicalSize::new(width, height),
        scale_factor: 1.0,
    };
    window.resized(size(900.0, 600.0));
    assert_eq!(session.editor_size(), None, "the window is only opening");
    window.frames = 1;
    window.resized(size(1000.0, 700.0));
    let chosen = EditorSize {
        width: 1000,
        height: 700,
    };
    assert_eq!(session.editor_size(), Some(chosen));
    window.restore = Some(chosen);
    window.resized(size(900.0, 600.0));
    assert_eq!(
        session.editor_size(),
        Some(chosen),
        "the saved size is still on its way"
    );
    window.resized(size(1000.0, 700.0));
    window.resized(size(560.0, 360.0));
    assert_eq!(
        session.editor_size(),
        Some(EditorSize {
            width: 560,
            height: 360
        })
    );
}
