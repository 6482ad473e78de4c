//! Keys the editor takes before the text sees them, and what they do to the text.
//!
//! Without the keyboard no key is taken. Only letters, digits and the large keys are used: function
//! keys and Ctrl with punctuation do not reach a plugin window.

use egui::{Event, InputState, Key, Modifiers, Ui};

use super::action::Action;
use super::model::{Caret, EditorModel};

/// What Tab inserts.
const INDENT: &str = "  ";

/// Takes the editor's keys and cleans pasted text. Call it before the text is shown.
pub fn take(ui: &Ui, model: &mut EditorModel, actions: &mut Vec<Action>) {
    let code = super::code_view::code_id(model.programs.shown());
    if !ui.memory(|memory| memory.has_focus(code)) {
        return;
    }
    // egui moves the focus with Tab; here only a click or a command of the editor gives the keyboard.
    if !model.keyboard_granted && model.caret_request.is_none() {
        ui.memory_mut(|memory| memory.surrender_focus(code));
        return;
    }
    let mut indent = 0_i32;
    ui.input_mut(|input| {
        clean_pasted_text(input);
        for (modifiers, key, action) in table() {
            while take_key(input, modifiers, key) {
                actions.push(action.clone());
            }
        }
        // With nothing to take back, Esc gives the keyboard to the host.
        if model.waits() && take_key(input, Modifiers::NONE, Key::Escape) {
            actions.push(Action::Cancel);
        }
        while take_key(input, Modifiers::NONE, Key::Tab) {
            indent += 1;
        }
        while take_key(input, Modifiers::SHIFT, Key::Tab) {
            indent -= 1;
        }
    });
    for _ in 0..indent.abs() {
        shift_lines(model, indent > 0);
        actions.push(Action::Edited);
    }
}

fn table() -> Vec<(Modifiers, Key, Action)> {
    let command = Modifiers::COMMAND;
    vec![
        (command | Modifiers::SHIFT, Key::Enter, Action::ApplyNow),
        (command, Key::Enter, Action::Apply),
        (Modifiers::SHIFT, Key::Enter, Action::Apply),
        (command, Key::S, Action::Apply),
        (command, Key::E, Action::FixHere),
        (command, Key::K, Action::ToggleComment),
        (command, Key::P, Action::Panic),
        (command, Key::PageUp, Action::CodeSize(1)),
        (command, Key::PageDown, Action::CodeSize(-1)),
    ]
}

/// Takes one press. The modifiers must match exactly: Ctrl with Alt is AltGr on Windows and types
/// a character.
fn take_key(input: &mut InputState, wanted: Modifiers, wanted_key: Key) -> bool {
    let found = input.events.iter().position(|event| {
        matches!(event, Event::Key { key, pressed: true, modifiers, .. }
            if *key == wanted_key && modifiers.matches_exact(wanted))
    });
    found.map(|index| input.events.remove(index)).is_some()
}

/// A paste arrives as text on some systems, with line ends of any kind: all become `\n`, tabs
/// become blanks, other control characters go.
fn clean_pasted_text(input: &mut InputState) {
    for event in &mut input.events {
        let (Event::Text(text) | Event::Paste(text)) = event else {
            continue;
        };
        if !text.contains(char::is_control) {
            continue;
        }
        let lines = text
            .replace("\r\n", "\n")
            .replace('\r', "\n")
            .replace('\t', INDENT);
        let clean: String = lines
            .chars()
            .filter(|c| *c == '\n' || !c.is_control())
            .collect();
        *event = Event::Paste(clean);
    }
}

/// Bytes of the whole lines that the selection touches, without the last line end.
fn selected_lines(model: &EditorModel) -> std::ops::Range<usize> {
    let (start, end) = model.selected_bytes();
    let text = &model.text;
    // A selection that ends at a line's very beginning does not mean that line.
    let end = if end > start && text[..end].ends_with('\n') {
        end - 1
    } else {
        end
    };
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
    from..to.max(from)
}

/// Replaces whole lines, keeping the selection on them.
fn rewrite_lines(model: &mut EditorModel, rewrite: impl Fn(&str) -> String) {
    let lines = selected_lines(model);
    let old = model.text[lines.clone()].to_owned();
    let new: Vec<String> = old.split('\n').map(rewrite).collect();
    let several = new.len() > 1;
    let new = new.join("\n");
    if new == old {
        return;
    }
    let before = model.caret;
    let first = model.text[..lines.start].chars().count();
    let (old_chars, new_chars) = (old.chars().count(), new.chars().count());
    model.text.replace_range(lines, &new);
    model.note_edit();
    let moved = |at: usize| (at + new_chars).saturating_sub(old_chars).max(first);
    model.caret_request = Some(if several {
        Caret {
            primary: first + new_chars,
            secondary: first,
        }
    } else {
        Caret {
            primary: moved(before.primary),
            secondary: moved(before.secondary),
        }
    });
}

/// Comments the selected lines out, or in if all of them are comments already.
pub fn toggle_comment(model: &mut EditorModel) {
    let lines = selected_lines(model);
    let mut filled = model.text[lines]
        .split('\n')
        .filter(|l| !l.trim().is_empty())
        .peekable();
    let all = filled.peek().is_some() && filled.all(|line| line.trim_start().starts_with("//"));
    rewrite_lines(model, |line| {
        let body = line.trim_start();
        let indent = &line[..line.len() - body.len()];
        if body.is_empty() {
            return line.to_owned();
        }
        match body.strip_prefix("//") {
            Some(rest) if all => format!("{indent}{}", rest.strip_prefix(' ').unwrap_or(rest)),
            _ => format!("{indent}// {body}"),
        }
    });
}

/// Tab: two blanks at the caret, or before each selected line; Shift+Tab takes them back.
fn shift_lines(model: &mut EditorModel, right: bool) {
    let (start, end) = model.selected_bytes();
    if right && !model.text[start..end].contains('\n') {
        model.replace(start..end, INDENT);
    } else if right {
        rewrite_lines(model, |line| format!("{INDENT}{line}"));
    } else {
        rewrite_lines(model, |line| {
            line.strip_prefix(INDENT)
                .or(line.strip_prefix(' '))
                .unwrap_or(line)
                .to_owned()
        });
    }
}
