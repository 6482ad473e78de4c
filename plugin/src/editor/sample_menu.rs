//! The menu's part about samples: the folder, what was found in it, and what is wrong with it.

use egui::{
    Align2, Label, RichText, ScrollArea, Sense, TextEdit, TextWrapMode, Ui, Vec2, pos2, vec2,
};

use super::action::Action;
use super::fonts;
use super::model::EditorModel;
use super::widgets::{self, MenuRow};

/// Height of the list of names.
const LIST_HEIGHT: f32 = 132.0;

const NAME_HEIGHT: f32 = 22.0;

/// The path while it is edited, and the one it began with.
#[derive(Clone, Default, PartialEq)]
struct Draft {
    from: String,
    text: String,
}

/// Draws the rows.
pub fn rows(ui: &mut Ui, model: &EditorModel, width: f32, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let folder = &model.snapshot.view.folder;
    widgets::menu_heading(ui, "Sample folder", theme, width);
    path_field(ui, &folder.path().display().to_string(), width, actions);
    for (label, action) in [
        ("Read the folder again", Action::RescanSamples),
        ("Use the shared folder", Action::SetSampleFolder(None)),
    ] {
        let row = MenuRow {
            label,
            keys: "",
            chosen: false,
            enabled: true,
        };
        if row.show(ui, theme, width) {
            actions.push(action);
        }
    }
    let names: Vec<&str> = folder
        .known()
        .map_or_else(Vec::new, |l| l.names().collect());
    sentence(ui, &count(model, names.len()), theme.text_2, width);
    for remark in folder.remarks() {
        sentence(ui, &remark, theme.warn, width);
    }
    if !names.is_empty() {
        list(ui, model, &names, width, actions);
    }
}

fn count(model: &EditorModel, names: usize) -> String {
    let view = &model.snapshot.view;
    match (view.reading_folder, view.folder.known(), names) {
        (true, ..) => "Reading the folder.".to_owned(),
        (_, None, _) => "The folder was not read yet.".to_owned(),
        (_, _, 0) => "No sound files here. A file kick.wav is played by \\kick.".to_owned(),
        (_, _, 1) => "One sample. Click it to write its name.".to_owned(),
        (_, _, n) => format!("{n} samples. Click one to write its name."),
    }
}

fn path_field(ui: &mut Ui, path: &str, width: f32, actions: &mut Vec<Action>) {
    let id = ui.scope_id().with("sample-folder");
    let mut draft: Draft = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if draft.from != path {
        draft = Draft {
            from: path.to_owned(),
            text: path.to_owned(),
        };
    }
    let field = TextEdit::singleline(&mut draft.text)
        .font(fonts::mono(12.0))
        .hint_text("A folder with sound files")
        .desired_width(width - 28.0);
    let response = ui
        .allocate_ui(vec2(width, 28.0), |ui| {
            ui.add_space(2.0);
            ui.horizontal(|ui| {
                ui.add_space(8.0);
                ui.add(field)
            })
            .inner
        })
        .inner;
    widgets::describe(
        &response,
        egui::Role::TextInput,
        "Path of the sample folder",
    );
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    let changed = draft.text.trim() != path;
    if entered && changed {
        let text = draft.text.trim();
        let chosen = (!text.is_empty()).then(|| text.to_owned());
        actions.push(Action::SetSampleFolder(chosen));
    }
    ui.data_mut(|data| data.insert_temp(id, draft));
    response.on_hover_text("Type or paste the path of a folder, then press Enter.");
}

fn sentence(ui: &mut Ui, words: &str, color: egui::Color32, width: f32) {
    ui.allocate_ui(Vec2::new(width, 0.0), |ui| {
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            ui.set_max_width(width - 16.0);
            let text = RichText::new(words).font(fonts::words(12.0)).color(color);
            ui.add(Label::new(text).wrap_mode(TextWrapMode::Wrap));
        });
    });
}

fn list(ui: &mut Ui, model: &EditorModel, names: &[&str], width: f32, actions: &mut Vec<Action>) {
    let theme = model.theme();
    ScrollArea::vertical()
        .id_salt("sample-names")
        .max_height(LIST_HEIGHT)
        .show_rows(ui, NAME_HEIGHT, names.len(), |ui, shown| {
            for name in names.get(shown).unwrap_or(&[]) {
                let symbol = format!("\\{name}");
                let (rect, response) =
                    ui.allocate_exact_size(vec2(width - 12.0, NAME_HEIGHT), Sense::CLICK);
                widgets::describe(&response, egui::Role::MenuItem, &symbol);
                if response.hovered() {
                    ui.painter().rect_filled(rect, 4.0, theme.hover);
                }
                widgets::text_within(
                    ui,
                    pos2(rect.left() + 28.0, rect.center().y),
                    Align2::LEFT_CENTER,
                    &symbol,
                    (fonts::mono(12.0), theme.text_1),
                    width - 48.0,
                );
                if response.clicked() {
                    actions.push(Action::Insert(symbol));
                    ui.close();
                }
            }
        });
}
