//! The knobs of the program, as the host has them.
//!
//! A knob is turned by dragging (Shift: ten times finer), put to its default by a double click, and
//! typed by a click on its value. Each turn is a gesture with a beginning and an end, so that hosts
//! record it as one.

use egui::{
    Align2, Id, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Shape, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};
use engine::KnobShape;

use super::action::{Action, Turn};
use super::fonts;
use super::metrics::Metrics;
use super::model::EditorModel;
use super::theme::Theme;
use super::widgets;

/// Points of dragging from one end of a knob to the other.
const FULL_DRAG: f32 = 200.0;
/// How much finer Shift makes a drag.
const FINE: f32 = 0.1;
/// Half the opening at the bottom of a dial, as an angle: 270 degrees are left.
const OPENING: f32 = std::f32::consts::FRAC_PI_4;

/// A knob as the strip shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnobFace {
    /// Slot of the bank.
    pub slot: usize,
    /// Name, without `~`.
    pub name: String,
    /// Range, curve and unit.
    pub shape: KnobShape,
    /// Where it stands, 0 to 1, automation included.
    pub normalised: f32,
}

/// What the strip remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct StripState {
    /// First knob that is shown, when there is no room for all.
    first: usize,
    /// The knob that is dragged, and where it stands without rounding.
    dragged: Option<(usize, f32)>,
    /// The value that is typed: slot and text so far.
    typed: Option<(usize, String)>,
    /// Where each slot stood in the last frame, and until when it counts as moving.
    seen: Vec<(usize, f32, f64)>,
}

/// How long an arc stays lit after its knob moved.
const LIT_S: f64 = 0.25;

/// Height of the strip; 0 while the program has no knobs or the window no room.
#[must_use]
pub fn height(model: &EditorModel, metrics: &Metrics) -> f32 {
    if model.snapshot.knobs.is_empty() {
        0.0
    } else {
        metrics.knob_strip
    }
}

/// Draws the strip.
pub fn show(ui: &mut Ui, model: &mut EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let area = ui.max_rect();
    ui.painter().rect_filled(area, 0.0, theme.chrome);
    widgets::horizontal_line(ui, area.x_range(), area.top(), theme);
    let cell = if metrics.compact { 112.0 } else { 132.0 };
    let faces = model.snapshot.knobs.clone();
    let mut state = std::mem::take(&mut model.knob_strip);
    state.watch(&faces, model.now_s());

    let room = (((area.width() - 12.0) / cell).floor() as usize).max(1);
    let most = faces.len().saturating_sub(room);
    if most > 0 && ui.rect_contains_pointer(area) {
        let wheel = ui.input(|i| i.smooth_scroll_delta.x + i.smooth_scroll_delta.y);
        if wheel.abs() > 4.0 {
            let next = state.first as i64 - wheel.signum() as i64;
            state.first = next.clamp(0, most as i64) as usize;
        }
    }
    state.first = state.first.min(most);
    for (place, face) in faces.iter().skip(state.first).take(room).enumerate() {
        let left = area.left() + 6.0 + place as f32 * cell;
        let rect = Rect::from_min_size(
            pos2(left, area.top() + 1.0),
            vec2(cell, area.height() - 1.0),
        );
        show_knob(ui, &mut state, model, face, rect, metrics.compact, actions);
    }
    if most > 0 {
        let hidden = faces.len() - room;
        let words = format!("{hidden} more: turn the wheel");
        let at = pos2(area.right() - 8.0, area.bottom() - 8.0);
        widgets::text(
            ui,
            at,
            Align2::RIGHT_BOTTOM,
            &words,
            fonts::words(11.0),
            theme.text_3,
        );
    }
    model.knob_strip = state;
}

fn show_knob(
    ui: &mut Ui,
    state: &mut StripState,
    model: &EditorModel,
    face: &KnobFace,
    rect: Rect,
    compact: bool,
    actions: &mut Vec<Action>,
) {
    let theme = model.theme();
    let id = ui.scope_id().with(("knob", face.slot));
    let response = ui.interact(rect.shrink2(vec2(1.0, 2.0)), id, Sense::CLICK | Sense::DRAG);
    let lit = state.is_lit(face.slot, model.now_s());
    turn(ui, state, face, &response, actions);
    let words = face.shape.text(face.shape.plain(face.normalised));
    response.widget_info(|| {
        let label = format!("Knob {}: {words}", face.name);
        WidgetInfo::slider(true, f64::from(face.normalised), label)
    });
    if response.hovered() || response.dragged() {
        ui.painter().rect_filled(rect.shrink(2.0), 4.0, theme.hover);
    }
    let text_left = if compact {
        show_bar(ui, theme, face, rect, lit);
        rect.left() + 8.0
    } else {
        show_dial(
            ui,
            theme,
            face,
            pos2(rect.left() + 26.0, rect.center().y),
            lit,
        );
        rect.left() + 54.0
    };
    let width = rect.right() - 6.0 - text_left;
    let (name_y, value_y) = if compact {
        (rect.top() + 10.0, rect.top() + 10.0)
    } else {
        (rect.center().y - 10.0, rect.center().y + 9.0)
    };
    let name = format!("~{}", face.name);
    // Beside each other the value comes first: it changes, the name does not.
    let name_width = if compact {
        width - widgets::text_width(ui, &words, fonts::mono(13.0)) - 8.0
    } else {
        width
    };
    widgets::text_within(
        ui,
        pos2(text_left, name_y),
        Align2::LEFT_CENTER,
        &name,
        (fonts::mono(12.0), theme.reference),
        name_width,
    );
    let (anchor, at) = if compact {
        (Align2::RIGHT_CENTER, pos2(rect.right() - 8.0, value_y))
    } else {
        (Align2::LEFT_CENTER, pos2(text_left, value_y))
    };
    if state
        .typed
        .as_ref()
        .is_some_and(|(slot, _)| *slot == face.slot)
    {
        let size = vec2(width, 20.0);
        let field = anchor.anchor_rect(Rect::from_min_size(at, size));
        show_field(ui, state, face, (id.with("field"), field), actions);
        return;
    }
    let value = widgets::text_within(
        ui,
        at,
        anchor,
        &words,
        (fonts::mono(13.0), theme.text_1),
        width,
    );
    let field = ui.interact(value.expand(2.0), id.with("value"), Sense::CLICK);
    let label = format!("Type a value for {}", face.name);
    widgets::describe(&field, Role::Button, &label);
    if field.double_clicked() {
        state.typed = None;
        reset(face, actions);
    } else if field.clicked() {
        state.typed = Some((face.slot, words.clone()));
        ui.memory_mut(|memory| memory.request_focus(id.with("field")));
    }
    response.on_hover_text(format!(
        "{name}: {} to {}. Drag to turn, Shift for fine steps, double-click for {}.",
        face.shape.text(face.shape.min),
        face.shape.text(face.shape.max),
        face.shape.text(face.shape.default)
    ));
}

/// Dragging and double clicks.
fn turn(
    ui: &Ui,
    state: &mut StripState,
    face: &KnobFace,
    response: &Response,
    actions: &mut Vec<Action>,
) {
    let act = |turn| Action::TurnKnob {
        slot: face.slot,
        turn,
    };
    if response.drag_started_by(PointerButton::Primary) {
        state.dragged = Some((face.slot, face.normalised));
        actions.push(act(Turn::Begin));
    }
    if let Some((slot, exact)) = &mut state.dragged
        && *slot == face.slot
    {
        let (delta, fine) = ui.input(|i| (i.pointer.delta(), i.modifiers.shift));
        // Up and right are more.
        let way = (delta.x - delta.y) / FULL_DRAG * if fine { FINE } else { 1.0 };
        if way != 0.0 && response.dragged() {
            *exact = (*exact + way).clamp(0.0, 1.0);
            actions.push(act(Turn::To(*exact)));
        }
        if response.drag_stopped() || !ui.input(|i| i.pointer.any_down()) {
            state.dragged = None;
            actions.push(act(Turn::End));
        }
    }
    if response.double_clicked() {
        reset(face, actions);
    }
}

fn reset(face: &KnobFace, actions: &mut Vec<Action>) {
    set(face, face.shape.default, actions);
}

/// One whole gesture to a plain value.
fn set(face: &KnobFace, plain: f32, actions: &mut Vec<Action>) {
    let slot = face.slot;
    for turn in [
        Turn::Begin,
        Turn::To(face.shape.normalised(plain)),
        Turn::End,
    ] {
        actions.push(Action::TurnKnob { slot, turn });
    }
}

/// The field in which a value is typed: Enter takes it, Esc and a click elsewhere do not.
fn show_field(
    ui: &mut Ui,
    state: &mut StripState,
    face: &KnobFace,
    (id, rect): (Id, Rect),
    actions: &mut Vec<Action>,
) {
    let Some((_, text)) = &mut state.typed else {
        return;
    };
    let edit = egui::TextEdit::singleline(text)
        .id(id)
        .font(fonts::mono(13.0))
        .margin(vec2(2.0, 0.0));
    let response = ui.put(rect, edit);
    if ui.input(|i| i.key_pressed(Key::Escape)) {
        state.typed = None;
    } else if response.lost_focus() {
        let entered = ui.input(|i| i.key_pressed(Key::Enter));
        if entered && let Some(plain) = face.shape.parse(text) {
            set(face, plain, actions);
        }
        state.typed = None;
    }
}

fn show_dial(ui: &Ui, theme: &Theme, face: &KnobFace, center: Pos2, lit: bool) {
    let radius = 16.5;
    let arc = |share: f32| {
        let from = std::f32::consts::FRAC_PI_2 + OPENING;
        let angle = from + share * (std::f32::consts::TAU - 2.0 * OPENING);
        center + radius * vec2(angle.cos(), angle.sin())
    };
    let line = |from: f32, to: f32, color| {
        let steps = (((to - from).abs() * 48.0).ceil() as usize).max(1);
        let points = (0..=steps).map(|i| arc(from + (to - from) * i as f32 / steps as f32));
        ui.painter()
            .add(Shape::line(points.collect(), Stroke::new(3.0, color)));
    };
    line(0.0, 1.0, theme.ring);
    let moved = if lit { theme.accent } else { theme.text_2 };
    let zero = face.shape.normalised(0.0);
    // A range around 0 is drawn from 0.
    let from = if face.shape.min < 0.0 && face.shape.max > 0.0 {
        zero
    } else {
        0.0
    };
    if (face.normalised - from).abs() > 1e-3 {
        line(from, face.normalised, moved);
    }
    let tip = arc(face.normalised);
    let inner = center + (tip - center) * 0.42;
    let outer = center + (tip - center) * 0.78;
    ui.painter()
        .line_segment([inner, outer], Stroke::new(2.0, theme.text_1));
}

fn show_bar(ui: &Ui, theme: &Theme, face: &KnobFace, rect: Rect, lit: bool) {
    let bar = Rect::from_min_max(
        pos2(rect.left() + 8.0, rect.bottom() - 9.0),
        pos2(rect.right() - 8.0, rect.bottom() - 5.0),
    );
    ui.painter().rect_filled(bar, 2.0, theme.ring);
    let filled = Rect::from_min_size(bar.min, vec2(bar.width() * face.normalised, bar.height()));
    let color = if lit { theme.accent } else { theme.text_2 };
    ui.painter().rect_filled(filled, 2.0, color);
}

impl StripState {
    /// Notes which knobs moved since the last frame.
    fn watch(&mut self, faces: &[KnobFace], now_s: f64) {
        let before = std::mem::take(&mut self.seen);
        self.seen = faces
            .iter()
            .map(|face| {
                let old = before.iter().find(|(slot, ..)| *slot == face.slot);
                let until = match old {
                    Some((_, value, _)) if *value != face.normalised => now_s + LIT_S,
                    Some((_, _, until)) => *until,
                    None => 0.0,
                };
                (face.slot, face.normalised, until)
            })
            .collect();
    }

    fn is_lit(&self, slot: usize, now_s: f64) -> bool {
        let held = self.dragged.is_some_and(|(dragged, _)| dragged == slot);
        let seen = self.seen.iter().find(|(s, ..)| *s == slot);
        held || seen.is_some_and(|(_, _, until)| *until > now_s)
    }

    /// Whether an arc is lit or a knob is held, so that the window must be drawn again.
    #[must_use]
    pub fn moves(&self, now_s: f64) -> bool {
        self.dragged.is_some() || self.seen.iter().any(|(_, _, until)| *until > now_s)
    }

    /// Whether a value is being typed.
    #[cfg(test)]
    pub fn is_typing(&self) -> bool {
        self.typed.is_some()
    }
}
