//! The whole window from its parts. No host, no window system: the same code runs in tests.

use egui::{CentralPanel, Frame, Panel, Ui};

use super::action::Action;
use super::code_view;
use super::keys;
use super::knob_strip;
use super::meter;
use super::metrics::Metrics;
use super::model::EditorModel;
use super::problems;
use super::status_line;
use super::top_bar;

/// Draws everything and returns what the user did, in order.
pub fn show(ui: &mut Ui, model: &mut EditorModel) -> Vec<Action> {
    let mut actions = Vec::new();
    let metrics = Metrics::of(ui.max_rect());
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    keys::take(ui, model, &mut actions);

    bar(Panel::top("top"), metrics.top_bar)
        .show(ui, |ui| top_bar::show(ui, model, &metrics, &mut actions));
    if metrics.status_line > 0.0 {
        bar(Panel::bottom("status"), metrics.status_line).show(ui, |ui| {
            status_line::show(ui, model, &metrics, &mut actions)
        });
    }
    let knobs = knob_strip::height(model, &metrics);
    if knobs > 0.0 {
        bar(Panel::bottom("knobs"), knobs)
            .show(ui, |ui| knob_strip::show(ui, model, &metrics, &mut actions));
    }
    let list = problems::list_height(model, &metrics);
    if list > 0.0 {
        bar(Panel::bottom("problem-list"), list).show(ui, |ui| {
            problems::show_list(ui, model, &metrics, &mut actions)
        });
    }
    bar(Panel::right("meter"), metrics.meter)
        .show(ui, |ui| meter::show(ui, model, &metrics, &mut actions));
    CentralPanel::default()
        .frame(Frame::NONE)
        .show(ui, |ui| code_view::show(ui, model, &metrics, &mut actions));
    model.refresh_caret();
    actions
}

/// A panel of exactly this size without frame or margin.
fn bar(panel: Panel, size: f32) -> Panel {
    panel
        .exact_size(size)
        .resizable(false)
        .show_separator_line(false)
        .frame(Frame::NONE)
}
