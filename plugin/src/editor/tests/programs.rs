//! The row of programs: what its buttons say, what they ask for, and what the window remembers.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use engine::{Kind, Launch};

use super::super::action::Action;
use super::super::model::Caret;
use super::super::programs::Programs;
use super::super::status_line::sentence;
use super::glue::instance;
use super::{Stage, click_into_text, metrics, regular, type_text, window};

/// The session shows another program with this text.
fn turn(harness: &mut Harness<'static, Stage>, program: usize, text: &str) {
    let stage = harness.state_mut();
    stage.snapshot.view.shown = program;
    stage.snapshot.view.draft_revision += 1;
    stage.snapshot.draft = Some(text.into());
    stage.diagnose(Vec::new());
    harness.run_steps(2);
}

#[test]
fn the_buttons_say_what_each_program_does() {
    let mut stage = Stage::new(Kind::Instrument, "out: sin 440");
    stage.snapshot.view.empty = [false, false, false, true, true, true, true, true];
    stage.snapshot.status.waiting_program = Some(2);
    stage.snapshot.status.change_beat = 68.0;
    let mut harness = window(stage, metrics::DEFAULT_SIZE);
    for label in [
        "Program 1, heard, shown",
        "Program 2",
        "Program 3, waits for bar 18",
        "Program 4, empty",
        "Program 8, empty",
    ] {
        harness.get_by_label(label);
    }
    // The change has happened; the window still shows the first one, with Shift.
    let status = &mut harness.state_mut().snapshot.status;
    status.waiting_program = None;
    status.program = 2;
    harness.run_steps(2);
    harness.get_by_label("Program 1, shown");
    harness.get_by_label("Program 3, heard");
    harness.get_by_label("You look at program 1. Program 3 plays.");
}

#[test]
fn a_click_plays_a_program_and_with_shift_only_shows_it() {
    let mut harness = regular("out: sin 440");
    harness.get_by_label("Program 3, empty").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::PlayProgram(2)]);
    harness.state_mut().actions.clear();
    harness
        .get_by_label("Program 8, empty")
        .click_modifiers(Modifiers::SHIFT);
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::ShowProgram(7)]);
}

#[test]
fn a_small_window_has_the_programs_in_its_menu() {
    let stage = Stage::new(Kind::Effect, "out: ~input");
    let mut harness = window(stage, egui::vec2(420.0, 500.0));
    assert!(harness.query_by_label("Program 2, empty").is_none());
    harness.get_by_label("Menu").click();
    harness.run_steps(4);
    harness.get_by_label("Program 2, empty").scroll_to_me();
    harness.run_steps(4);
    harness.get_by_label("Program 2, empty").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::PlayProgram(1)]);
}

#[test]
fn each_program_keeps_its_caret_and_its_undo() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, " >> mul 0.1");
    turn(&mut harness, 1, "out: saw 55");
    assert_eq!(harness.state().model.text, "out: saw 55");
    assert!(harness.state().model.has_keyboard, "typing goes on at once");
    assert_eq!(harness.state().model.caret, Caret::default());
    // There is nothing to undo here: what was typed belongs to the first program.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "out: saw 55");
    type_text(&mut harness, "// ");
    assert_eq!(harness.state().model.text, "// out: saw 55");

    turn(&mut harness, 0, "out: sin 440 >> mul 0.1");
    let end = "out: sin 440 >> mul 0.1".len();
    assert_eq!(harness.state().model.caret.primary, end);
    type_text(&mut harness, "5");
    assert_eq!(harness.state().model.text, "out: sin 440 >> mul 0.15");
    // More than a second passes between the undo steps of egui.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    let text = &harness.state().model.text;
    assert!(
        text.starts_with("out: sin 440") && text.len() < end + 1,
        "{text}"
    );
}

#[test]
fn another_program_does_not_flash_and_is_not_edited() {
    let mut harness = regular("out: sin 440");
    harness.state_mut().snapshot.view.accepted_revision = 5;
    harness.state_mut().snapshot.accepted = Some("out: saw 55".into());
    turn(&mut harness, 1, "out: saw 55");
    let model = &harness.state().model;
    assert!(!model.is_edited() && !model.shows_heard());
    assert_eq!(model.flash(0), 0.0);
    harness.state_mut().snapshot.status.waiting_program = Some(1);
    harness.state_mut().snapshot.status.change_beat = 69.0;
    harness.run_steps(2);
    let words = sentence(&harness.state().model, false).words;
    assert_eq!(words, "Program 2 starts at beat 18.2.");
}

#[test]
fn the_window_follows_what_is_heard_unless_the_user_looks_elsewhere() {
    let mut programs = Programs::showing(0);
    assert_eq!(programs.follow(3), Some(3), "when the window opens");
    assert_eq!(
        programs.turn_to(3, Caret::default()),
        Some(Caret::default())
    );
    assert_eq!(programs.follow(3), None);
    assert_eq!(programs.follow(1), Some(1), "automation changed it");
    programs.turn_to(1, Caret::default());
    // With Shift the user looks at another one; nothing takes it away.
    programs.choose(true);
    programs.turn_to(6, Caret::default());
    assert_eq!(programs.follow(2), None);
    assert_eq!(programs.follow(4), None);
    // Once it is heard the window follows again.
    assert_eq!(programs.follow(6), None);
    assert_eq!(programs.follow(0), Some(0));
    programs.turn_to(0, Caret::default());
    // A click shows a program before it is heard; the one that still sounds takes nothing away.
    programs.choose(false);
    programs.turn_to(5, Caret::default());
    assert_eq!(programs.follow(0), None);
    assert_eq!(programs.follow(5), None);
}

#[test]
fn a_chosen_program_is_shown_edited_and_run_by_the_session() {
    let (session, mut window) = instance();
    window.act(Action::PlayProgram(4));
    assert_eq!(session.view().shown, 4);
    window.model.text = "out: ~input >> mul 0.25".to_owned();
    window.act(Action::Edited);
    window.act(Action::Apply);
    session.wait_until_idle();
    assert_eq!(
        session.view().last_run.map(|r| r.launch),
        Some(Launch::Bars(1))
    );
    window.act(Action::ShowProgram(0));
    assert_eq!(&*session.draft(), "out: ~input");
    let document = session.document();
    assert_eq!(
        document.others[3].last_good.as_deref(),
        Some("out: ~input >> mul 0.25")
    );
}
