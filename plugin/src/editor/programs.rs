//! The eight programs in the top bar: which one is shown, heard, waiting or empty.
//!
//! A click shows a program and lets it play at the launch point. A click with Shift only shows it, so
//! that the next part of a song can be written while another one sounds. Otherwise the window follows
//! what is heard.

use egui::{Align2, Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use engine::PROGRAMS;

use super::action::Action;
use super::fonts;
use super::model::{Caret, EditorModel};
use super::status_line::launch_place;
use super::widgets::{self, MenuRow};

/// Size of a button.
const BUTTON: egui::Vec2 = vec2(20.0, 22.0);
/// Distance from one button to the next.
const STEP: f32 = 22.0;

/// Width of the row of buttons.
pub const WIDTH: f32 = STEP * (PROGRAMS as f32 - 1.0) + BUTTON.x;

/// What the window remembers of the programs.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    /// The program whose text is in the window.
    shown: usize,
    /// The program that was heard when the window last looked.
    followed: Option<usize>,
    /// The user looks at a program that is not heard.
    pinned: bool,
    /// Where the caret was left.
    carets: [Caret; PROGRAMS],
}

impl Programs {
    /// A window that shows this program.
    #[must_use]
    pub fn showing(shown: usize) -> Self {
        Self {
            shown,
            ..Self::default()
        }
    }

    /// The program whose text is in the window.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Another program's text came into the window: keeps the caret of the one before and returns
    /// the one left there. `None` if it is the same program.
    pub fn turn_to(&mut self, program: usize, caret: Caret) -> Option<Caret> {
        if program == self.shown {
            return None;
        }
        if let Some(left) = self.carets.get_mut(self.shown) {
            *left = caret;
        }
        self.shown = program;
        self.carets.get(program).copied()
    }

    /// The user chose a program, to be heard or only to be seen.
    pub fn choose(&mut self, seen_only: bool) {
        self.pinned = seen_only;
    }

    /// The program that the window must show because it is heard from now on.
    pub fn follow(&mut self, heard: usize) -> Option<usize> {
        if heard == self.shown {
            self.pinned = false;
        }
        if self.followed.replace(heard) == Some(heard) || self.pinned {
            return None;
        }
        (heard != self.shown).then_some(heard)
    }
}

/// What is to be said of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Heard,
    Waiting,
    Empty,
    Ready,
}

fn look(model: &EditorModel, program: usize) -> Look {
    if model.heard_program() == program {
        Look::Heard
    } else if model.waiting_program() == Some(program) {
        Look::Waiting
    } else if model.snapshot.view.empty.get(program) == Some(&true) {
        Look::Empty
    } else {
        Look::Ready
    }
}

/// "Program 2, waits for bar 5, shown".
fn spoken(model: &EditorModel, program: usize) -> String {
    let mut words = format!("Program {}", program + 1);
    match look(model, program) {
        Look::Heard => words.push_str(", heard"),
        Look::Waiting => {
            let place = launch_place(model.snapshot.status.change_beat);
            words.push_str(&format!(", waits for {place}"));
        }
        Look::Empty => words.push_str(", empty"),
        Look::Ready => {}
    }
    if model.programs.shown() == program {
        words.push_str(", shown");
    }
    words
}

fn action(program: usize, seen_only: bool) -> Action {
    if seen_only {
        Action::ShowProgram(program)
    } else {
        Action::PlayProgram(program)
    }
}

/// Draws the row of buttons with its left edge at `at`.
pub fn show(ui: &Ui, model: &EditorModel, at: egui::Pos2, actions: &mut Vec<Action>) {
    let theme = model.theme();
    for program in 0..PROGRAMS {
        let left = at.x + STEP * program as f32;
        let rect = Rect::from_min_size(pos2(left, at.y - BUTTON.y / 2.0), BUTTON);
        let id = format!("program-{program}");
        let response = widgets::click_area(ui, rect, &id, &spoken(model, program));
        let is_shown = model.programs.shown() == program;
        let rest = if is_shown {
            theme.raised
        } else {
            Color32::TRANSPARENT
        };
        let fill = widgets::button_fill(&response, rest, theme);
        let look = look(model, program);
        let border = match (look, is_shown) {
            (Look::Waiting, _) => theme.accent,
            (_, true) => theme.border,
            _ => Color32::TRANSPARENT,
        };
        let corners = CornerRadius::same(4);
        let stroke = Stroke::new(1.0, border);
        ui.painter()
            .rect(rect, corners, fill, stroke, StrokeKind::Inside);
        let color = match look {
            Look::Heard | Look::Waiting => theme.accent,
            Look::Empty if !is_shown => theme.text_3,
            Look::Empty | Look::Ready => theme.text_2,
        };
        let digit = format!("{}", program + 1);
        let font = fonts::mono(12.0);
        widgets::text(
            ui,
            rect.center(),
            Align2::CENTER_CENTER,
            &digit,
            font,
            color,
        );
        if look == Look::Heard {
            // Not by colour alone.
            let line = Rect::from_min_size(
                pos2(rect.left() + 5.0, rect.bottom() - 4.0),
                vec2(BUTTON.x - 10.0, 2.0),
            );
            ui.painter().rect_filled(line, 1.0, theme.accent);
        }
        if response.clicked() {
            let seen_only = ui.input(|input| input.modifiers.shift);
            actions.push(action(program, seen_only));
        }
        response.on_hover_text(
            "Click to play this program at the launch point. Shift-click to look at it only.",
        );
    }
}

/// The programs as rows of the menu, for windows without room for buttons.
pub fn rows(ui: &mut Ui, model: &EditorModel, width: f32, actions: &mut Vec<Action>) {
    widgets::menu_heading(ui, "Program", model.theme(), width);
    for program in 0..PROGRAMS {
        let row = MenuRow {
            label: &spoken(model, program),
            keys: "",
            chosen: model.programs.shown() == program,
            enabled: true,
        };
        if row.show(ui, model.theme(), width) {
            let seen_only = ui.input(|input| input.modifiers.shift);
            actions.push(action(program, seen_only));
            ui.close();
        }
    }
}
