//! The top bar: name, transport, launch point and Apply, menu.

use egui::{
    Align2, Color32, CornerRadius, Popup, PopupCloseBehavior, Rect, Response, Stroke, StrokeKind,
    Ui, pos2, vec2,
};
use engine::Launch;

use crate::params::FreeRunChoice;

use super::action::{Action, LAUNCH_POINTS};
use super::fonts;
use super::metrics::Metrics;
use super::model::{ApplyState, EditorModel, bar_of, beat_of};
use super::programs;
use super::status_line;
use super::theme::ThemeName;
use super::widgets::{self, Icon, MenuRow};

const BUTTON_HEIGHT: f32 = 28.0;
const LAUNCH_WIDTH: f32 = 84.0;
const APPLY_WIDTH: f32 = 146.0;
const COMPACT_APPLY_WIDTH: f32 = 96.0;

/// Draws the bar.
pub fn show(ui: &mut Ui, model: &EditorModel, metrics: &Metrics, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let area = ui.max_rect();
    ui.painter().rect_filled(area, 0.0, theme.chrome);
    widgets::horizontal_line(ui, area.x_range(), area.bottom() - 1.0, theme);
    let middle = area.center().y - 0.5;

    let menu = Rect::from_center_size(pos2(area.right() - 22.0, middle), vec2(28.0, 28.0));
    show_menu(ui, model, menu, metrics.compact, actions);
    let width = if metrics.compact {
        COMPACT_APPLY_WIDTH
    } else {
        APPLY_WIDTH
    };
    let apply = Rect::from_min_size(
        pos2(menu.left() - 8.0 - width, middle - BUTTON_HEIGHT / 2.0),
        vec2(width, BUTTON_HEIGHT),
    );
    let mut left_of_buttons = apply.left();
    if !metrics.compact {
        let size = vec2(LAUNCH_WIDTH, BUTTON_HEIGHT);
        let launch =
            Rect::from_min_size(pos2(apply.left() - LAUNCH_WIDTH + 1.0, apply.top()), size);
        show_launch(ui, model, launch, actions);
        left_of_buttons = launch.left();
    }
    show_apply(ui, model, apply, metrics.compact, actions);
    let at = pos2(area.left() + 12.0, middle);
    let name = widgets::text(
        ui,
        at,
        Align2::LEFT_CENTER,
        model.title(),
        fonts::semibold(13.0),
        theme.text_1,
    );
    let mut left = name.right();
    // A narrow window has them in the menu.
    if !metrics.compact {
        programs::show(ui, model, pos2(left + 14.0, middle), actions);
        left += 14.0 + programs::WIDTH;
    }
    show_transport(ui, model, metrics, area, middle, left..left_of_buttons);
}

fn show_transport(
    ui: &Ui,
    model: &EditorModel,
    metrics: &Metrics,
    area: Rect,
    middle: f32,
    room: std::ops::Range<f32>,
) {
    let theme = model.theme();
    let right = room.end;
    let offset = if metrics.compact { 100.0 } else { 170.0 };
    let mut x = (area.center().x - offset).max(room.start + 16.0);
    let start = x;
    let status = &model.snapshot.status;
    let plays = model.song_moves();
    let (sign, color) = if plays {
        (Icon::Play, theme.accent)
    } else {
        (Icon::Stop, theme.text_3)
    };
    widgets::icon(ui, sign, pos2(x + 6.0, middle), 12.0, color);
    x += 22.0;

    let (bar, beat) = (bar_of(status.beats), beat_of(status.beats));
    let place = format!("{bar}.{beat}");
    let place_size = if metrics.compact { 16.0 } else { 20.0 };
    let at = pos2(x, middle);
    let rect = widgets::text(
        ui,
        at,
        Align2::LEFT_CENTER,
        &place,
        fonts::mono(place_size),
        theme.text_1,
    );
    // The width of the widest usual place keeps what follows from jumping.
    let digits = place.len().max(4) as f32;
    let advance = rect.width() / place.len().max(1) as f32;
    x += digits * advance + 12.0;

    if !metrics.compact && x + 68.0 < right {
        for pip in 0..4 {
            let size = vec2(14.0, 4.0);
            let at = pos2(x + pip as f32 * 17.0, middle - 2.0);
            let lit = plays && beat == pip + 1;
            let color = if lit { theme.accent } else { theme.ring };
            ui.painter()
                .rect_filled(Rect::from_min_size(at, size), 1.5, color);
        }
        x += 4.0 * 17.0 - 3.0 + 12.0;
    }
    // Tempo goes first when the bar gets narrow.
    let tempo = format!("{:.1}", status.tempo_bpm);
    let tempo_width = widgets::text_width(ui, &tempo, fonts::mono(13.0))
        + 5.0
        + widgets::text_width(ui, "bpm", fonts::words(12.0));
    if x + tempo_width + 8.0 < right {
        let font = fonts::mono(13.0);
        let number = widgets::text(
            ui,
            pos2(x, middle),
            Align2::LEFT_CENTER,
            &tempo,
            font,
            theme.text_2,
        );
        let at = pos2(number.right() + 5.0, middle);
        widgets::text(
            ui,
            at,
            Align2::LEFT_CENTER,
            "bpm",
            fonts::words(12.0),
            theme.text_3,
        );
        x += tempo_width;
    }
    let whole = Rect::from_min_max(pos2(start, area.top()), pos2(x, area.bottom()));
    let response = ui.interact(whole, ui.scope_id().with("transport"), egui::Sense::HOVER);
    let state = match (model.plays(), plays) {
        (true, _) => "Playing",
        (false, true) => "Running freely",
        (false, false) => "Stopped",
    };
    let spoken = format!("{state}, bar {bar}, beat {beat}, {tempo} bpm");
    widgets::describe(&response, egui::Role::Status, &spoken);
}

/// The launch point half of the split button.
fn show_launch(ui: &Ui, model: &EditorModel, rect: Rect, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let label = if model.song_moves() {
        launch_label(model.snapshot.launch)
    } else {
        "At once"
    };
    let response = widgets::click_area(ui, rect, "launch", &format!("Launch point: {label}"));
    let corners = CornerRadius {
        nw: 4,
        sw: 4,
        ne: 0,
        se: 0,
    };
    let fill = widgets::button_fill(&response, Color32::TRANSPARENT, theme);
    ui.painter().rect(
        rect,
        corners,
        fill,
        Stroke::new(1.0, theme.border),
        StrokeKind::Inside,
    );
    let at = pos2(rect.left() + 10.0, rect.center().y);
    widgets::text(
        ui,
        at,
        Align2::LEFT_CENTER,
        label,
        fonts::words(12.0),
        theme.text_2,
    );
    let at = pos2(rect.right() - 13.0, rect.center().y);
    widgets::icon(ui, Icon::Chevron, at, 11.0, theme.text_2);
    popup(&response, model, |ui| {
        launch_rows(ui, model, 168.0, actions)
    });
    response.on_hover_text("When an applied program starts while the song plays.");
}

fn launch_label(launch: Launch) -> &'static str {
    LAUNCH_POINTS
        .iter()
        .find(|(point, _)| *point == launch)
        .map_or("Custom", |(_, label)| label)
}

fn launch_rows(ui: &mut Ui, model: &EditorModel, width: f32, actions: &mut Vec<Action>) {
    for (point, label) in LAUNCH_POINTS {
        let chosen = model.snapshot.launch == point;
        let row = MenuRow {
            label,
            keys: "",
            chosen,
            enabled: true,
        };
        if row.show(ui, model.theme(), width) {
            actions.push(Action::SetLaunch(point));
            ui.close();
        }
    }
}

fn popup(response: &Response, model: &EditorModel, content: impl FnOnce(&mut Ui)) {
    Popup::menu(response)
        .frame(model.theme().popup_frame())
        .gap(4.0)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(content);
}

/// What the Apply button shows: sign, words, colour, whether it has keys after it.
struct ApplyLook {
    sign: Option<Icon>,
    words: String,
    color: Color32,
    border: Color32,
    strong: bool,
    keys: bool,
    filled: f32,
}

fn apply_look(model: &EditorModel, compact: bool) -> ApplyLook {
    let theme = model.theme();
    let plain = ApplyLook {
        sign: None,
        words: "Apply".to_owned(),
        color: theme.text_3,
        border: theme.border,
        strong: true,
        keys: false,
        filled: 0.0,
    };
    match model.apply_state() {
        ApplyState::UpToDate => ApplyLook {
            sign: Some(Icon::Tick),
            words: if compact { "Applied" } else { "Up to date" }.to_owned(),
            color: theme.text_2,
            ..plain
        },
        ApplyState::Unfinished => plain,
        ApplyState::Ready => ApplyLook {
            color: theme.accent,
            border: theme.accent,
            keys: !compact,
            ..plain
        },
        ApplyState::Waiting {
            launch_beat,
            beats_left,
            share,
        } => {
            let beats = beats_left.ceil().max(1.0);
            let unit = if beats == 1.0 { "beat" } else { "beats" };
            let place = capitalised(&status_line::launch_place(launch_beat));
            let words = if compact || launch_beat >= 4_000.0 && beats > 9.0 {
                format!("In {beats} {unit}")
            } else if place.starts_with("Beat") {
                format!("On {}", status_line::launch_place(launch_beat))
            } else {
                format!("{place} in {beats} {unit}")
            };
            let filled = if model.less_motion { 0.0 } else { share };
            ApplyLook {
                words,
                color: theme.accent,
                border: theme.accent,
                filled,
                ..plain
            }
        }
        ApplyState::Problems(count) => ApplyLook {
            sign: Some(Icon::Problem),
            words: format!(
                "{count} {}",
                if count == 1 { "problem" } else { "problems" }
            ),
            color: theme.error,
            border: theme.error,
            ..plain
        },
    }
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn show_apply(ui: &Ui, model: &EditorModel, rect: Rect, compact: bool, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let look = apply_look(model, compact);
    let state = model.apply_state();
    let waiting = matches!(state, ApplyState::Waiting { .. });
    let response = widgets::click_area(ui, rect, "apply", &look.words);
    let corners = if compact {
        CornerRadius::same(4)
    } else {
        CornerRadius {
            nw: 0,
            sw: 0,
            ne: 4,
            se: 4,
        }
    };
    let acts = !matches!(state, ApplyState::UpToDate | ApplyState::Unfinished);
    let fill = if acts {
        widgets::button_fill(&response, Color32::TRANSPARENT, theme)
    } else {
        Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, corners, fill);
    if look.filled > 0.0 {
        let part = Rect::from_min_size(rect.min, vec2(rect.width() * look.filled, rect.height()));
        ui.painter().rect_filled(part, corners, theme.countdown());
    }
    ui.painter().rect_stroke(
        rect,
        corners,
        Stroke::new(1.0, look.border),
        StrokeKind::Inside,
    );

    let cross =
        waiting.then(|| Rect::from_min_max(pos2(rect.right() - 26.0, rect.top()), rect.max));
    let room = Rect::from_min_max(
        rect.min,
        pos2(
            cross.map_or(rect.right(), |c| c.left() + 4.0),
            rect.bottom(),
        ),
    );
    paint_apply_words(ui, &look, room, model);
    if let Some(cross) = cross {
        let cancel = widgets::click_area(ui, cross, "cancel", "Cancel");
        let color = if cancel.hovered() {
            theme.text_1
        } else {
            theme.accent
        };
        widgets::icon(
            ui,
            Icon::Cross,
            cross.center() - vec2(3.0, 0.0),
            11.0,
            color,
        );
        if cancel.clicked() {
            actions.push(Action::Cancel);
        }
        cancel.on_hover_text("Take it back.");
    }
    if response.clicked() {
        match state {
            ApplyState::Ready => actions.push(Action::Apply),
            ApplyState::Waiting { .. } => actions.push(Action::ApplyNow),
            ApplyState::Problems(_) => {
                let first = model.problems.errors().map(|p| p.span.start).min();
                actions.extend(first.map(Action::GoTo));
            }
            ApplyState::UpToDate | ApplyState::Unfinished => {}
        }
    }
    response.on_hover_text(match state {
        ApplyState::UpToDate if model.shows_heard() => "What you hear is this text.",
        ApplyState::UpToDate => "This text sounds as soon as you change to this program.",
        ApplyState::Unfinished => "The line at the caret is not complete.",
        ApplyState::Ready => "Make this text sound.",
        ApplyState::Waiting { .. } => "Click to start it now.",
        ApplyState::Problems(_) => "Go to the first problem.",
    });
}

fn paint_apply_words(ui: &Ui, look: &ApplyLook, room: Rect, model: &EditorModel) {
    let font = if look.strong {
        fonts::semibold(12.0)
    } else {
        fonts::words(12.0)
    };
    let keys: &[&str] = match (look.keys, cfg!(target_os = "macos")) {
        (false, _) => &[],
        (true, true) => &["⌘", "Enter"],
        (true, false) => &["Ctrl", "Enter"],
    };
    let keys_width = if keys.is_empty() {
        0.0
    } else {
        8.0 + widgets::key_caps_width(ui, keys)
    };
    let sign_width = if look.sign.is_some() { 20.0 } else { 0.0 };
    let available = room.width() - sign_width - keys_width - 8.0;
    let words_width = widgets::text_width(ui, &look.words, font.clone()).min(available);
    let mut x = room.center().x - (sign_width + words_width + keys_width) / 2.0;
    let y = room.center().y;
    if let Some(sign) = look.sign {
        widgets::icon(ui, sign, pos2(x + 7.0, y), 14.0, look.color);
        x += sign_width;
    }
    let style = (font, look.color);
    // Half a point more than measured, so that rounding never cuts the last letter.
    widgets::text_within(
        ui,
        pos2(x, y),
        Align2::LEFT_CENTER,
        &look.words,
        style,
        words_width + 0.5,
    );
    if !keys.is_empty() {
        widgets::key_caps(ui, pos2(x + words_width + 8.0, y), keys, model.theme());
    }
}

fn show_menu(ui: &Ui, model: &EditorModel, rect: Rect, compact: bool, actions: &mut Vec<Action>) {
    let theme = model.theme();
    let response = widgets::icon_button(ui, rect, "menu", "Menu", Icon::Menu, theme);
    popup(&response, model, |ui| {
        egui::ScrollArea::vertical()
            .max_height((ui.ctx().content_rect().height() - 72.0).max(80.0))
            .show(ui, |ui| menu_rows(ui, model, compact, actions));
    });
    response.on_hover_text("Menu");
}

fn menu_rows(ui: &mut Ui, model: &EditorModel, compact: bool, actions: &mut Vec<Action>) {
    const WIDTH: f32 = 248.0;
    let theme = model.theme();
    let command = if cfg!(target_os = "macos") {
        "⌘ "
    } else {
        "Ctrl "
    };
    let ready = matches!(
        model.apply_state(),
        ApplyState::Ready | ApplyState::Waiting { .. }
    );
    let waits = model.waits();
    let problems = !model.problems.shown.is_empty();
    let rows = [
        ("Apply", "Enter", ready, Action::Apply),
        ("Apply now", "Shift Enter", ready, Action::ApplyNow),
        ("Cancel waiting program", "", waits, Action::Cancel),
        ("End all notes and tails", "P", true, Action::Panic),
        ("Fix or next problem", "E", problems, Action::FixHere),
        ("Comment lines", "K", true, Action::ToggleComment),
    ];
    for (label, keys, enabled, action) in rows {
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!("{command}{keys}")
        };
        if (MenuRow {
            label,
            keys: &keys,
            chosen: false,
            enabled,
        })
        .show(ui, theme, WIDTH)
        {
            actions.push(action);
            ui.close();
        }
    }
    // A wide window has a button for it.
    if compact {
        widgets::menu_heading(ui, "Launch point", theme, WIDTH);
        launch_rows(ui, model, WIDTH, actions);
        programs::rows(ui, model, WIDTH, actions);
    }
    widgets::menu_heading(ui, "Run without the transport", theme, WIDTH);
    for choice in FreeRunChoice::ALL {
        let row = MenuRow {
            label: match choice {
                FreeRunChoice::OnApply => "On Apply",
                FreeRunChoice::Never => "Never",
                FreeRunChoice::Always => "Always",
            },
            keys: "",
            chosen: model.snapshot.free_run == choice,
            enabled: true,
        };
        if row.show(ui, theme, WIDTH) {
            actions.push(Action::SetFreeRun(choice));
        }
    }
    super::sample_menu::rows(ui, model, WIDTH, actions);
    widgets::menu_heading(ui, "Theme", theme, WIDTH);
    for name in ThemeName::ALL {
        let chosen = model.theme_name == name;
        if (MenuRow {
            label: name.label(),
            keys: "",
            chosen,
            enabled: true,
        })
        .show(ui, theme, WIDTH)
        {
            actions.push(Action::SetTheme(name));
        }
    }
    widgets::menu_heading(ui, "View", theme, WIDTH);
    let view = [
        ("Larger code", "PageUp", false, Action::CodeSize(1)),
        ("Smaller code", "PageDown", false, Action::CodeSize(-1)),
        ("Normal code size", "", false, Action::ResetCodeSize),
        (
            "Problem list",
            "",
            model.show_problem_list,
            Action::ToggleProblemList,
        ),
        (
            "Less motion",
            "",
            model.less_motion,
            Action::ToggleLessMotion,
        ),
    ];
    for (label, keys, chosen, action) in view {
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!("{command}{keys}")
        };
        if (MenuRow {
            label,
            keys: &keys,
            chosen,
            enabled: true,
        })
        .show(ui, theme, WIDTH)
        {
            actions.push(action);
        }
    }
}
