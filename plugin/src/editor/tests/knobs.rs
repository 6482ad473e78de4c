//! The knob strip: turning, typing and putting back, as gestures for the host.

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use engine::{Kind, KnobCurve, KnobShape, KnobUnit};

use super::super::action::{Action, Turn};
use super::super::knob_strip::KnobFace;
use super::super::metrics;
use super::{Stage, window};

fn cutoff(normalised: f32) -> KnobFace {
    KnobFace {
        slot: 3,
        name: "cutoff".to_owned(),
        shape: KnobShape {
            min: 20.0,
            max: 20_000.0,
            default: 800.0,
            curve: KnobCurve::Logarithmic,
            unit: KnobUnit::Hertz,
        },
        normalised,
    }
}

fn level(slot: usize) -> KnobFace {
    KnobFace {
        slot,
        name: format!("level{slot}"),
        shape: KnobShape {
            min: 0.0,
            max: 1.0,
            default: 0.25,
            curve: KnobCurve::Linear,
            unit: KnobUnit::None,
        },
        normalised: 0.5,
    }
}

fn with_knobs(knobs: Vec<KnobFace>) -> Harness<'static, Stage> {
    let text = "~cutoff: knob 800 20 20000\nout: saw 110 >> lpf ~cutoff 1 >> mul 0.3";
    let mut stage = Stage::new(Kind::Instrument, text);
    stage.snapshot.knobs = knobs;
    window(stage, metrics::DEFAULT_SIZE)
}

fn turns(harness: &mut Harness<'static, Stage>) -> Vec<Turn> {
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let turn = |action| match action {
        Action::TurnKnob { slot: 3, turn } => turn,
        other => panic!("{other:?}"),
    };
    actions.into_iter().map(turn).collect()
}

#[test]
fn the_strip_is_there_only_with_knobs_and_room() {
    let harness = with_knobs(Vec::new());
    assert!(harness.query_by_label_contains("Knob ").is_none());
    let harness = with_knobs(vec![cutoff(0.5)]);
    assert!(
        harness
            .query_by_label_contains("Knob cutoff: 632 Hz")
            .is_some()
    );
    let mut stage = Stage::new(Kind::Effect, "out: ~input");
    stage.snapshot.knobs = vec![cutoff(0.5)];
    let harness = window(stage, egui::vec2(560.0, 300.0));
    assert!(harness.query_by_label_contains("Knob ").is_none());
}

#[test]
fn a_drag_is_one_gesture_and_shift_makes_it_fine() {
    for (fine, wanted) in [(false, 0.75), (true, 0.525)] {
        let mut harness = with_knobs(vec![cutoff(0.5)]);
        let rect = harness.get_by_label_contains("Knob cutoff").rect();
        let start = egui::pos2(rect.left() + 24.0, rect.center().y);
        harness.hover_at(start);
        harness.run_steps(1);
        harness.drag_at(start);
        harness.run_steps(1);
        if fine {
            harness.event(egui::Event::ModifiersChanged(Modifiers::SHIFT));
            harness.run_steps(1);
        }
        for step in 1..=10 {
            harness.hover_at(start - egui::vec2(0.0, 5.0 * step as f32));
            harness.run_steps(1);
        }
        harness.drop_at(start - egui::vec2(0.0, 50.0));
        harness.run_steps(2);
        let turns = turns(&mut harness);
        assert_eq!(turns.first(), Some(&Turn::Begin));
        assert_eq!(turns.last(), Some(&Turn::End));
        let ends = turns.iter().filter(|t| **t == Turn::End).count();
        assert_eq!(ends, 1, "{turns:?}");
        let Some(Turn::To(value)) = turns.iter().rev().nth(1) else {
            panic!("no turn: {turns:?}");
        };
        // The first points only tell a drag from a click.
        assert!((value - wanted).abs() < 0.03, "fine {fine}: {value}");
    }
}

#[test]
fn a_value_is_typed_with_its_unit_and_esc_leaves_it() {
    let mut harness = with_knobs(vec![cutoff(0.5)]);
    harness.get_by_label("Type a value for cutoff").click();
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run_steps(1);
    harness.event(egui::Event::Text("2 khz".to_owned()));
    harness.run_steps(1);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let typed = turns(&mut harness);
    let wanted = cutoff(0.0).shape.normalised(2000.0);
    assert_eq!(typed, [Turn::Begin, Turn::To(wanted), Turn::End]);

    // Long enough that the next click is not the second half of a double click.
    harness.run_steps(60);
    harness.get_by_label("Type a value for cutoff").click();
    harness.run_steps(3);
    harness.event(egui::Event::Text("5".to_owned()));
    harness.run_steps(1);
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(turns(&mut harness).is_empty());
    assert!(!harness.state().model.knob_strip.is_typing());
}

#[test]
fn many_knobs_in_a_narrow_window_turn_by_the_wheel() {
    let mut stage = Stage::new(Kind::Effect, "out: ~input");
    stage.snapshot.knobs = (0..12).map(level).collect();
    let mut harness = window(stage, egui::vec2(560.0, 360.0));
    assert!(harness.query_by_label_contains("Knob level0").is_some());
    assert!(harness.query_by_label_contains("Knob level11").is_none());
    let rect = harness.get_by_label_contains("Knob level0").rect();
    harness.hover_at(rect.center());
    harness.run_steps(1);
    for _ in 0..40 {
        harness.event(egui::Event::MouseWheel {
            unit: egui::MouseWheelUnit::Point,
            delta: egui::vec2(0.0, -60.0),
            phase: egui::TouchPhase::Move,
            modifiers: Modifiers::NONE,
            source: egui::MouseWheelSource::Unknown,
        });
        harness.run_steps(2);
    }
    assert!(harness.query_by_label_contains("Knob level11").is_some());
}
