//! The window without a host: keys and clicks in; text, actions and labels out.

mod glue;
mod knobs;
mod layout;
mod programs;

use std::sync::Arc;

use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, HarnessBuilder};
use engine::{Code, Diagnostic, Fault, FaultKind, Fix, Help, Kind, Launch, Severity, Span, Status};

use crate::params::FreeRunChoice;
use crate::samples::Folder;
use crate::session::{Diagnosis, SessionView};

use super::action::Action;
use super::model::{ApplyState, EditorModel};
use super::snapshot::Snapshot;
use super::theme::ThemeName;
use super::{frame, metrics, prepare, status_line};

const TUNE: &str = "~tone: saw 110 >> lfp 800 0.7\n\nout: ~tone >> mul 0.5";

/// A model with a session that the test plays itself.
struct Stage {
    model: EditorModel,
    snapshot: Snapshot,
    actions: Vec<Action>,
    audio_stands: bool,
}

impl Stage {
    fn new(kind: Kind, text: &str) -> Self {
        let text_arc: Arc<str> = text.into();
        let snapshot = Snapshot {
            status: Status {
                callbacks: 1,
                playing: true,
                beats: 66.25,
                tempo_bpm: 124.0,
                sounding_revision: 1,
                ..Status::default()
            },
            view: SessionView {
                draft_revision: 1,
                diagnosis: Arc::new(Diagnosis {
                    draft_revision: 1,
                    text: text_arc.clone(),
                    diagnostics: Arc::from([]),
                }),
                last_run: None,
                running: false,
                shown: 0,
                empty: [false, true, true, true, true, true, true, true],
                last_good: None,
                accepted_revision: 1,
                folder: Folder::chosen("/nowhere".into()),
                reading_folder: false,
            },
            launch: Launch::Bars(1),
            program: 0,
            free_run: FreeRunChoice::OnApply,
            guard: true,
            knobs: Vec::new(),
            sounding: Some(text_arc.clone()),
            waiting: None,
            accepted: Some(text_arc),
            draft: None,
        };
        let model = EditorModel::new(kind, snapshot.clone(), text);
        Self {
            model,
            snapshot,
            actions: Vec::new(),
            audio_stands: false,
        }
    }

    /// What the session would answer to a check of the present text.
    fn diagnose(&mut self, diagnostics: Vec<Diagnostic>) {
        self.snapshot.view.diagnosis = Arc::new(Diagnosis {
            draft_revision: 1,
            text: self.model.text.as_str().into(),
            diagnostics: diagnostics.into(),
        });
    }

    fn frame(&mut self, ui: &mut egui::Ui) {
        self.snapshot.status.callbacks += u64::from(!self.audio_stands);
        let now_s = ui.input(|input| input.time);
        self.model.observe(self.snapshot.clone(), now_s);
        self.snapshot.draft = None;
        // The test harness puts a margin around the window's area; a plugin window has none.
        let whole = ui.ctx().content_rect();
        let mut window = ui.new_child(egui::UiBuilder::new().max_rect(whole));
        window.set_clip_rect(whole);
        for action in frame::show(&mut window, &mut self.model) {
            self.actions.extend(self.model.perform(action));
        }
    }
}

fn window(stage: Stage, size: Vec2) -> Harness<'static, Stage> {
    open(Harness::builder(), stage, size)
}

fn open(builder: HarnessBuilder<Stage>, stage: Stage, size: Vec2) -> Harness<'static, Stage> {
    let mut harness = builder
        .with_size(size)
        .with_step_dt(1.0 / 60.0)
        .with_context_setup(|ctx| {
            prepare(ctx);
            ctx.all_styles_mut(|style| ThemeName::Night.theme().apply(style));
        })
        .build_ui_state(|ui, stage: &mut Stage| stage.frame(ui), stage);
    harness.run_steps(3);
    harness
}

fn regular(text: &str) -> Harness<'static, Stage> {
    window(Stage::new(Kind::Instrument, text), metrics::DEFAULT_SIZE)
}

/// Puts the caret at the end of the text with a click below it, as a user would.
fn click_into_text(harness: &mut Harness<'static, Stage>) {
    let rect = harness.get_by_role(egui::Role::MultilineTextInput).rect();
    let below = egui::pos2(rect.left() + 40.0, (rect.bottom() - 8.0).min(250.0));
    harness.hover_at(below);
    harness.drag_at(below);
    harness.drop_at(below);
    harness.run_steps(2);
    assert!(harness.state().model.has_keyboard);
}

fn type_text(harness: &mut Harness<'static, Stage>, text: &str) {
    for letter in text.chars() {
        harness.event(egui::Event::Text(letter.to_string()));
        harness.run_steps(1);
    }
    // What the session and the list make of it shows one frame later.
    harness.run_steps(1);
}

/// Steps until problems of a rested text may appear.
fn rest(harness: &mut Harness<'static, Stage>) {
    harness.run_steps(24);
}

fn unknown_node(text: &str) -> Diagnostic {
    let at = text.find("lfp").expect("the text has the misspelt word");
    let span = Span::new(at, at + 3);
    Diagnostic {
        code: Code("E100"),
        severity: Severity::Error,
        message: "No node is called `lfp`.".to_owned(),
        span,
        labels: Vec::new(),
        help: Some(Help {
            text: "Use `lpf`?".to_owned(),
            fix: Some(Fix {
                span,
                replacement: "lpf".to_owned(),
            }),
        }),
    }
}

fn with_problem(size: Vec2) -> Harness<'static, Stage> {
    let mut stage = Stage::new(Kind::Instrument, TUNE);
    stage.diagnose(vec![unknown_node(TUNE)]);
    let old: Arc<str> = TUNE.replace("lfp", "lpf").into();
    stage.snapshot.sounding = Some(old);
    stage.snapshot.status.sounding_revision = 2;
    window(stage, size)
}

#[test]
fn typing_changes_the_text_and_ctrl_enter_applies_it() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, " >> mul 0.1");
    assert_eq!(harness.state().model.text, "out: sin 440 >> mul 0.1");
    assert!(harness.state().actions.contains(&Action::Edited));
    assert_eq!(harness.state().model.apply_state(), ApplyState::Ready);

    for (modifiers, key, wanted) in [
        (Modifiers::COMMAND, Key::Enter, Action::Apply),
        (Modifiers::SHIFT, Key::Enter, Action::Apply),
        (Modifiers::COMMAND, Key::S, Action::Apply),
        (
            Modifiers::COMMAND | Modifiers::SHIFT,
            Key::Enter,
            Action::ApplyNow,
        ),
    ] {
        harness.state_mut().actions.clear();
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
        assert_eq!(harness.state().actions, [wanted], "{modifiers:?} {key:?}");
        assert_eq!(
            harness.state().model.text,
            "out: sin 440 >> mul 0.1",
            "no line end typed"
        );
    }
}

#[test]
fn the_button_applies_too_and_gives_the_keyboard_back() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, "0");
    harness.get_by_label("Apply").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions.last(), Some(&Action::Apply));
    assert!(!harness.state().model.has_keyboard);
}

#[test]
fn without_the_keyboard_no_key_is_taken() {
    let mut harness = regular("out: sin 440");
    type_text(&mut harness, "x");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "out: sin 440");
    assert_eq!(harness.state().actions, []);
    assert!(harness.query_by_label("Keyboard: host").is_some());
    click_into_text(&mut harness);
    assert!(harness.query_by_label("Keyboard: Glisten").is_some());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert!(harness.query_by_label("Keyboard: host").is_some());
}

#[test]
fn a_click_that_begins_and_ends_in_one_frame_takes_the_keyboard() {
    let mut harness = regular("out: sin 440");
    let pos = egui::pos2(200.0, 200.0);
    let button = egui::PointerButton::Primary;
    let modifiers = Modifiers::NONE;
    let events = &mut harness.input_mut().events;
    events.push(egui::Event::PointerMoved(pos));
    for pressed in [true, false] {
        events.push(egui::Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers,
        });
    }
    harness.run_steps(2);
    type_text(&mut harness, "1");
    assert_eq!(harness.state().model.text, "out: sin 4401");
}

#[test]
fn alt_gr_types_a_character_and_is_no_shortcut() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    let alt_gr = Modifiers {
        alt: true,
        ctrl: true,
        command: true,
        ..Modifiers::NONE
    };
    harness.key_press_modifiers(alt_gr, Key::E);
    harness.key_press_modifiers(alt_gr, Key::S);
    harness.event(egui::Event::Text("~".to_owned()));
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "out: sin 440~");
    assert_eq!(harness.state().actions, [Action::Edited]);
}

#[test]
fn undo_and_redo_work_on_typed_text_and_on_commands() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    harness.run_steps(90);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(90);
    assert_eq!(harness.state().model.text, "// out: sin 440");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "out: sin 440");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Y);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "// out: sin 440");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(2);
    assert_eq!(
        harness.state().model.text,
        "out: sin 440",
        "the same keys comment in"
    );
}

#[test]
fn tab_types_two_blanks() {
    let mut harness = regular("a: sin 1\n");
    click_into_text(&mut harness);
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    type_text(&mut harness, ">> mul 1");
    assert_eq!(harness.state().model.text, "a: sin 1\n  >> mul 1");
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "a: sin 1\n>> mul 1");
}

#[test]
fn pasted_text_gets_plain_line_ends_and_loses_control_characters() {
    let mut harness = regular("");
    click_into_text(&mut harness);
    harness.event(egui::Event::Text("a: sin 1\r\nb: \u{1}sin\t2\r".to_owned()));
    harness.event(egui::Event::Text("\n".to_owned()));
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "a: sin 1\nb: sin  2\n\n");
}

#[test]
fn problems_appear_when_the_text_rests_with_line_column_and_sentence() {
    let mut harness = regular("out: saw 110 >> l");
    click_into_text(&mut harness);
    type_text(&mut harness, "fp 800 0.7");
    let text = harness.state().model.text.clone();
    harness.state_mut().diagnose(vec![unknown_node(&text)]);
    harness.run_steps(2);
    assert!(
        harness.state().model.problems.shown.is_empty(),
        "nothing jumps in while typing"
    );
    rest(&mut harness);
    harness.get_by_label("error in line 1, column 17: No node is called `lfp`. Use `lpf`?");
    harness.get_by_label("1 problem");
    let place = harness.state().model.problems.shown[0].place;
    assert_eq!((place.line, place.column), (1, 17));
}

#[test]
fn a_solved_problem_goes_at_once() {
    let mut harness = with_problem(metrics::DEFAULT_SIZE);
    rest(&mut harness);
    assert_eq!(harness.state().model.problems.shown.len(), 1);
    click_into_text(&mut harness);
    type_text(&mut harness, " ");
    assert_eq!(
        harness.state().model.problems.shown.len(),
        1,
        "an edit elsewhere keeps it"
    );
    harness.state_mut().diagnose(Vec::new());
    harness.run_steps(1);
    assert_eq!(harness.state().model.problems.shown, []);
}

#[test]
fn ctrl_e_goes_to_the_problem_and_then_fixes_it() {
    let mut harness = with_problem(metrics::DEFAULT_SIZE);
    click_into_text(&mut harness);
    assert_eq!(harness.state().model.caret_place().line, 3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_steps(2);
    assert_eq!(harness.state().model.caret_place().line, 1);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, TUNE.replace("lfp", "lpf"));
    assert_eq!(harness.state().actions, [Action::Edited]);
}

#[test]
fn the_problem_button_and_the_list_lead_to_the_place() {
    let mut harness = with_problem(metrics::DEFAULT_SIZE);
    harness.get_by_label("1 problem").click();
    harness.run_steps(3);
    assert_eq!(
        harness.state().model.caret_byte(),
        TUNE.find("lfp").unwrap_or(0)
    );
    assert!(harness.state().model.has_keyboard);
    harness.get_by_label("Fix").click();
    harness.run_steps(3);
    assert!(harness.state().model.text.contains(">> lpf 800"));
}

#[test]
fn an_unfinished_line_is_no_problem_while_the_caret_is_on_it() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, " >>");
    let end = harness.state().model.text.len();
    let missing = Diagnostic {
        span: Span::new(end - 2, end),
        ..unknown_node("lfp")
    };
    harness.state_mut().diagnose(vec![missing]);
    rest(&mut harness);
    assert_eq!(harness.state().model.apply_state(), ApplyState::Unfinished);
    assert!(
        status_line::sentence(&harness.state().model, false)
            .words
            .starts_with("Line 1 is unfinished.")
    );
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    assert_eq!(
        harness.state().model.apply_state(),
        ApplyState::Problems(1),
        "asked for, told"
    );
}

#[test]
fn a_waiting_program_counts_down_and_can_be_cancelled_or_started() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, "0");
    let stage = harness.state_mut();
    stage.snapshot.status.waiting_revision = 2;
    stage.snapshot.status.launch_beat = 68.0;
    stage.snapshot.status.launch_in_beats = 1.75;
    stage.snapshot.waiting = Some(stage.model.text.as_str().into());
    harness.run_steps(2);
    harness.get_by_label("Bar 18 in 2 beats");
    harness.get_by_label("Line 1 starts at bar 18.");
    harness.state_mut().actions.clear();
    harness.get_by_label("Cancel").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::Cancel]);
    click_into_text(&mut harness);
    harness.state_mut().actions.clear();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run_steps(2);
    assert_eq!(
        harness.state().actions,
        [Action::ApplyNow],
        "again while waiting means now"
    );
}

#[test]
fn esc_takes_a_waiting_program_back_and_only_then_gives_the_keyboard_away() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, "0");
    harness.state_mut().snapshot.status.waiting_revision = 2;
    harness.run_steps(2);
    harness.state_mut().actions.clear();
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::Cancel]);
    assert!(harness.state().model.has_keyboard);
    harness.state_mut().snapshot.status.waiting_revision = 0;
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::Cancel]);
    assert!(!harness.state().model.has_keyboard);
}

#[test]
fn a_program_that_waits_stays_in_sight_while_the_text_goes_on() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    type_text(&mut harness, "0");
    let stage = harness.state_mut();
    stage.snapshot.status.waiting_revision = 2;
    stage.snapshot.status.launch_beat = 68.0;
    stage.snapshot.waiting = Some("out: sin 44".into());
    harness.run_steps(2);
    harness.get_by_label("Line 1 is edited. The program applied before starts at bar 18.");
    harness.get_by_label("Menu").click();
    harness.run_steps(3);
    harness.state_mut().actions.clear();
    harness.get_by_label("Cancel waiting program").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::Cancel]);
}

#[test]
fn the_song_can_be_let_run_and_stopped_while_the_transport_stands() {
    let mut harness = regular("out: sin 440");
    let button =
        |harness: &Harness<'static, Stage>, label: &str| harness.query_by_label(label).is_some();
    let (run, stop) = ("Run without the transport", "Stop running freely");
    assert!(
        !button(&harness, run) && !button(&harness, stop),
        "it plays"
    );

    harness.state_mut().snapshot.status.playing = false;
    harness.run_steps(2);
    assert!(!button(&harness, stop));
    harness.get_by_label("Launch point: At once");
    harness.get_by_label(run).click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::SetFreeRunning(true)]);

    harness.state_mut().snapshot.status.free_running = true;
    harness.run_steps(2);
    harness.get_by_label("Live, running freely until the transport starts.");
    harness.get_by_label("Running freely, bar 17, beat 3, 124.0 bpm");
    harness.get_by_label("Launch point: Next bar");
    harness.state_mut().actions.clear();
    harness.get_by_label(stop).click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::SetFreeRunning(false)]);

    let status = &mut harness.state_mut().snapshot;
    (status.status.free_running, status.free_run) = (false, FreeRunChoice::Never);
    harness.run_steps(2);
    assert!(!button(&harness, run) && !button(&harness, stop), "never");

    harness.get_by_label("Menu").click();
    harness.run_steps(3);
    harness.state_mut().actions.clear();
    harness.get_by_label("Always").click();
    harness.run_steps(2);
    let wanted = Action::SetFreeRun(FreeRunChoice::Always);
    assert_eq!(harness.state().actions, [wanted]);
}

#[test]
fn changed_lines_flash_when_they_begin_to_sound() {
    let mut harness = regular("a: sin 1\nb: sin 2");
    click_into_text(&mut harness);
    type_text(&mut harness, "0");
    assert_eq!(harness.state().model.edited_lines(), [false, true]);
    let stage = harness.state_mut();
    stage.snapshot.status.sounding_revision = 2;
    stage.snapshot.sounding = Some(stage.model.text.as_str().into());
    harness.run_steps(1);
    let model = &harness.state().model;
    assert_eq!((model.flash(0), model.flash(1)), (0.0, 1.0));
    assert!(model.just_sounds(1) && !model.just_sounds(0));
    assert_eq!(model.edited_lines(), [false, false]);
    harness.get_by_label("Live since bar 17");
    harness.run_steps(30);
    assert_eq!(harness.state().model.flash(1), 0.0);
}

#[test]
fn a_loaded_state_replaces_the_text() {
    let mut harness = regular("out: sin 440");
    let stage = harness.state_mut();
    stage.snapshot.draft = Some("out: saw 55".into());
    stage.snapshot.view.draft_revision = 7;
    harness.run_steps(2);
    assert_eq!(harness.state().model.text, "out: saw 55");
    assert_eq!(harness.state().model.draft_revision, 7);
}

#[test]
fn the_status_sentence_says_what_is_heard_in_every_state() {
    let say = |change: &dyn Fn(&mut Stage), kind| {
        let mut stage = Stage::new(kind, TUNE);
        change(&mut stage);
        stage.model.observe(stage.snapshot.clone(), 0.1);
        status_line::sentence(&stage.model, false).words
    };
    let instrument = |change: &dyn Fn(&mut Stage)| say(change, Kind::Instrument);
    assert_eq!(instrument(&|_| {}), "Live");
    assert_eq!(
        instrument(&|s| s.snapshot.status.playing = false),
        "Live. Patterns are waiting for the transport."
    );
    assert_eq!(
        instrument(&|s| {
            s.snapshot.status.playing = false;
            s.snapshot.status.free_running = true;
        }),
        "Live, running freely until the transport starts."
    );
    assert_eq!(
        instrument(&|s| s.snapshot.status.callbacks = 0),
        "No audio yet. The host has not started it."
    );
    assert_eq!(
        say(
            &|s| {
                s.diagnose(vec![unknown_node(TUNE)]);
                s.snapshot.status.sounding_revision = 0;
                s.snapshot.sounding = None;
                s.snapshot.accepted = None;
                s.snapshot.view.accepted_revision = 0;
            },
            Kind::Effect
        ),
        "Line 1 is not ready. You hear the input."
    );
    let fault = Fault {
        kind: FaultKind::NotFinite,
        span: Span::new(0, 5),
        revision: 1,
    };
    assert_eq!(
        instrument(&|s| s.snapshot.status.fault = Some(fault)),
        "Line 1 is muted: its sound grew without limit."
    );
    assert_eq!(
        say(&|s| s.snapshot.status.guard.halted = true, Kind::Effect),
        "Glisten failed inside and stopped. You hear the input."
    );
}

#[test]
fn code_size_has_keys_and_bounds() {
    let mut harness = regular("out: sin 440");
    click_into_text(&mut harness);
    for _ in 0..40 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::PageUp);
        harness.run_steps(1);
    }
    assert_eq!(harness.state().model.code_size, *metrics::CODE_SIZES.end());
    for _ in 0..60 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::PageDown);
        harness.run_steps(1);
    }
    assert_eq!(
        harness.state().model.code_size,
        *metrics::CODE_SIZES.start()
    );
}

#[test]
fn the_menu_changes_theme_and_launch_point() {
    let mut harness = regular("out: sin 440");
    harness.get_by_label("Menu").click();
    harness.run_steps(3);
    harness.get_by_label("Paper").click();
    harness.run_steps(3);
    assert_eq!(harness.state().model.theme_name, ThemeName::Paper);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    harness.get_by_label("Launch point: Next bar").click();
    harness.run_steps(3);
    harness.get_by_label("4 bars").click();
    harness.run_steps(3);
    assert_eq!(
        harness.state().actions,
        [Action::SetLaunch(Launch::Bars(4))]
    );
}

#[test]
fn the_shield_switches_the_guard() {
    let mut harness = regular("out: sin 440");
    harness.get_by_label("Guard is on").click();
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [Action::SetGuard(false)]);
}

#[test]
fn a_small_window_keeps_text_apply_and_sentence() {
    let mut harness = with_problem(egui::vec2(560.0, 360.0));
    rest(&mut harness);
    harness.get_by_label("1 problem");
    harness.get_by_label("Menu");
    harness.get_by_label("Line 1 is not ready. The old program plays on.");
    assert!(
        harness.query_by_label("Launch point: Next bar").is_none(),
        "it is in the menu"
    );
    let text = harness.get_by_role(egui::Role::MultilineTextInput).rect();
    assert_eq!(text.left(), 44.0);
}

#[test]
fn a_meter_without_callbacks_falls() {
    let mut harness = regular("out: sin 440");
    harness.state_mut().snapshot.status.output_peak = [0.5; 2];
    harness.run_steps(2);
    assert!(harness.state().model.meter.level_db[0] > -7.0);
    harness.state_mut().audio_stands = true;
    harness.run_steps(240);
    assert!(harness.state().model.meter.level_db[0] < -60.0);
    assert_eq!(
        status_line::sentence(&harness.state().model, false).words,
        "The host has stopped the audio."
    );
}

#[test]
fn the_menu_shows_the_sample_folder_and_writes_names() {
    let path = std::env::temp_dir().join(format!("glisten-menu-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("a folder");
    for name in ["kick.wav", "snare.wav"] {
        std::fs::write(path.join(name), "never read").expect("a file");
    }
    let mut harness = regular("out: imp 1 >> sp ");
    let folder = Folder::chosen(path.clone());
    folder.listing();
    harness.state_mut().snapshot.view.folder = folder;
    click_into_text(&mut harness);
    let end = harness.state().model.text.len();
    harness.state_mut().model.perform(Action::GoTo(end));
    harness.run_steps(3);
    harness.get_by_label("Menu").click();
    harness.run_steps(3);
    harness.get_by_label("2 samples. Click one to write its name.");
    harness.get_by_label("Read the folder again").click();
    harness.run_steps(3);
    assert_eq!(harness.state().actions, [Action::RescanSamples]);
    harness.get_by_label("\\snare").click();
    harness.run_steps(3);
    assert_eq!(harness.state().model.text, "out: imp 1 >> sp \\snare");
    std::fs::remove_dir_all(path).expect("it was there");
}

#[test]
fn a_path_typed_into_the_menu_chooses_the_folder() {
    let mut harness = regular("out: sin 440");
    harness.get_by_label("Menu").click();
    harness.run_steps(3);
    let field = harness.get_by_label("Path of the sample folder");
    field.focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "/home/me/sounds");
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(
        harness.state().actions,
        [Action::SetSampleFolder(Some("/home/me/sounds".to_owned()))]
    );
    assert_eq!(harness.state().model.text, "out: sin 440");
}
