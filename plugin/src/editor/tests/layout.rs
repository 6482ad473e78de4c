//! What is painted where: nothing cut, nothing on top of other things, whatever the text.

use egui::{Key, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use engine::{Diagnostic, Kind, Span};

use super::super::action::Action;
use super::{Stage, TUNE, click_into_text, open, regular, rest, type_text, unknown_node, window};

/// A text that is painted.
struct Painted {
    words: String,
    rect: Rect,
    clip: Rect,
    elided: bool,
}

fn painted_texts(harness: &Harness<'static, Stage>) -> Vec<Painted> {
    fn collect(shape: &Shape, clip: Rect, found: &mut Vec<Painted>) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|s| collect(s, clip, found)),
            Shape::Text(text) if !text.galley.text().trim().is_empty() => {
                let rect = text.galley.rect.translate(text.pos.to_vec2());
                let words = text.galley.text().to_owned();
                found.push(Painted {
                    words,
                    rect,
                    clip,
                    elided: text.galley.elided,
                });
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for clipped in &harness.output().shapes {
        collect(&clipped.shape, clipped.clip_rect, &mut found);
    }
    found
}

#[test]
fn no_text_of_the_frame_is_cut_or_overlaps_another() {
    let sizes = [
        (420.0, 240.0),
        (560.0, 360.0),
        (719.0, 500.0),
        (720.0, 440.0),
        (900.0, 600.0),
        (1600.0, 1000.0),
    ];
    for (width, height) in sizes {
        for launch_beat in [None, Some(4_001.0), Some(4_024.0)] {
            let mut stage = Stage::new(Kind::Effect, &TUNE.replace("lfp", "lpf"));
            stage.snapshot.status.beats = 3_995.5;
            stage.snapshot.status.tempo_bpm = 133.333;
            stage.snapshot.status.load = 1.0;
            stage.snapshot.status.output_peak = [0.01; 2];
            if let Some(launch_beat) = launch_beat {
                stage.snapshot.waiting = stage.snapshot.sounding.clone();
                stage.snapshot.status.waiting_revision = 9;
                stage.snapshot.status.launch_beat = launch_beat;
            } else {
                stage.diagnose(vec![Diagnostic {
                    span: Span::new(0, 5),
                    ..unknown_node("lfp")
                }]);
            }
            let mut harness = window(stage, egui::vec2(width, height));
            rest(&mut harness);
            let size = egui::vec2(width, height);
            let whole = Rect::from_min_size(egui::Pos2::ZERO, size);
            let code = harness.get_by_role(egui::Role::MultilineTextInput).rect();
            let texts: Vec<Painted> = painted_texts(&harness)
                .into_iter()
                .filter(|text| !code.contains(text.rect.center()))
                .collect();
            assert!(texts.len() > 5, "{width}x{height}: the frame is empty");
            for (
                index,
                Painted {
                    words,
                    rect,
                    clip,
                    elided,
                },
            ) in texts.iter().enumerate()
            {
                let room = clip.intersect(whole).expand(1.0);
                assert!(
                    room.contains_rect(*rect),
                    "{width}x{height}: \"{words}\" {rect:?} is cut"
                );
                let in_top_bar = rect.bottom() < 44.0;
                assert!(
                    !(in_top_bar && *elided),
                    "{width}x{height}: \"{words}\" does not fit"
                );
                for other in &texts[index + 1..] {
                    let common = rect.shrink(1.0).intersect(other.rect);
                    assert!(
                        !common.is_positive(),
                        "{width}x{height}: \"{words}\" {rect:?} lies on \"{}\" {:?}",
                        other.words,
                        other.rect
                    );
                }
            }
        }
    }
}

#[test]
fn the_sentence_below_a_long_line_moves_no_text_of_the_lines_above() {
    let long = format!(
        "~tone: saw 110 >> lfp 800 0.7{}\nout: ~tone",
        " >> mul 1".repeat(5)
    );
    let mut stage = Stage::new(Kind::Instrument, &long);
    stage.diagnose(vec![unknown_node(&long)]);
    let mut harness = window(stage, egui::vec2(900.0, 600.0));
    rest(&mut harness);
    let rows = harness.state().model.layout.rows().to_vec();
    assert_eq!(rows[0].top, 0.0);
    assert_eq!(rows[1].top, 48.0, "one empty row for the sentence");
    let at = harness.state().model.layout.position(&long, 0);
    assert_eq!(at.y, 0.0);
}

#[test]
fn a_long_line_wraps_and_keeps_one_number() {
    let long = format!("out: sin 1{}\nb: sin 2", " >> mul 1".repeat(40));
    let harness = regular(&long);
    let rows = harness.state().model.layout.rows();
    assert!(rows.len() > 3);
    assert_eq!(rows.iter().filter(|row| row.begins_line).count(), 2);
    for row in rows {
        let shown: String = long[row.byte..].chars().take(row.chars).collect();
        assert!(!shown.contains('\n'));
        assert_eq!(long[..row.byte].chars().count(), row.char);
    }
}

#[test]
fn every_text_however_strange_can_be_shown_and_edited() {
    let long_word = "x".repeat(5_000);
    let many_lines = "out: sin 440 >> mul 0.5\n".repeat(3_000);
    let texts = [
        "",
        "\n\n\n",
        "é日本🎛️ >> 𝄞",
        "a:\u{0}b",
        "\u{202e}rtl: sin 1",
        &long_word,
        &many_lines,
    ];
    for text in texts {
        let mut stage = Stage::new(Kind::Effect, text);
        let end = text.len();
        let everywhere = [
            Span::new(0, end),
            Span::at(end),
            Span::new(end, end + 40),
            Span::at(0),
        ];
        let problems = everywhere.map(|span| Diagnostic {
            span,
            ..unknown_node("lfp")
        });
        stage.diagnose(problems.to_vec());
        let builder = Harness::builder().allow_missing_glyphs();
        let mut harness = open(builder, stage, egui::vec2(560.0, 360.0));
        rest(&mut harness);
        click_into_text(&mut harness);
        type_text(&mut harness, "ü");
        harness.key_press(Key::Backspace);
        harness.key_press(Key::Backspace);
        harness.run_steps(2);
        assert!(harness.state().actions.contains(&Action::Edited) || text.is_empty());
    }
}
