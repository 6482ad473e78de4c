//! Knobs: automation to the frame, slots that belong to names, and what an edit does to a value.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::{Audio, Cut, Host, Random};
use glisten_engine::{
    Event, EventKind, KNOB_SLOTS, Kind, KnobBinding, KnobCurve, KnobShape, KnobUnit, Launch,
};

/// Frames in which a turn arrives: 5 ms (R8.3).
const TURN_FRAMES: usize = 240;

fn turn(frame: usize, slot: u8, normalised: f32) -> Event {
    Event {
        frame,
        kind: EventKind::Knob { slot, normalised },
    }
}

fn silent(_: u64) -> (f32, f32) {
    (0.0, 0.0)
}

fn effect(program: &str) -> Host {
    let mut host = Host::new(Kind::Effect).without_guard();
    host.evaluate(program);
    host
}

fn slot_of(host: &Host, name: &str) -> Option<u8> {
    let bindings = host.engine.knob_bindings().iter();
    let mut of_name = bindings.filter(|b| b.name == name && !b.parked);
    of_name.next().map(|b| b.slot)
}

/// What one knob gives on each frame: a straight line from wherever it is to each new value.
fn reference(shape: &KnobShape, slot: u8, events: &[Event], frames: usize) -> Vec<f64> {
    let plain = |x: f32| {
        let (min, max, x) = (f64::from(shape.min), f64::from(shape.max), f64::from(x));
        match shape.curve {
            KnobCurve::Linear => min + (max - min) * x,
            KnobCurve::Logarithmic => min * (max / min).powf(x),
        }
    };
    let (mut from, mut to, mut start) = (f64::from(shape.default), f64::from(shape.default), 0);
    let mut values = Vec::with_capacity(frames);
    for frame in 0..frames {
        let now = |from: f64, to: f64, start: usize| {
            let share = ((frame - start) as f64 / TURN_FRAMES as f64).min(1.0);
            from + (to - from) * share
        };
        for event in events.iter().filter(|e| e.frame == frame) {
            if let EventKind::Knob {
                slot: of,
                normalised,
            } = event.kind
                && of == slot
            {
                // Before the first frame there is nothing to glide from.
                to = if frame == 0 { to } else { now(from, to, start) };
                (from, to, start) = (to, plain(normalised), frame);
                if frame == 0 {
                    from = to;
                }
            }
        }
        values.push(now(from, to, start));
    }
    values
}

/// Turns of three knobs: dense ones, several on a frame, and rests.
fn automation(seed: u64, frames: usize) -> Vec<Event> {
    let mut random = Random(seed);
    let mut events = Vec::new();
    let mut frame = 0;
    while frame < frames {
        events.push(turn(
            frame,
            random.below(3) as u8,
            random.below(1001) as f32 / 1000.0,
        ));
        frame += match random.below(10) {
            0..4 => 0,
            4..7 => random.below(40),
            7..9 => random.below(300),
            _ => random.below(2000),
        };
    }
    events
}

const THREE: &str = "~a: knob 0.5\n~b: knob 800 20 20000\n~c: knob -6 -60 12\n";

fn three_shapes() -> [KnobShape; 3] {
    let shape = |min, max, default, curve, unit| KnobShape {
        min,
        max,
        default,
        curve,
        unit,
    };
    let linear = KnobCurve::Linear;
    [
        shape(0.0, 1.0, 0.5, linear, KnobUnit::Percent),
        shape(
            20.0,
            20_000.0,
            800.0,
            KnobCurve::Logarithmic,
            KnobUnit::Hertz,
        ),
        shape(-60.0, 12.0, -6.0, linear, KnobUnit::Decibels),
    ]
}

#[test]
fn automation_is_a_line_of_5_ms_from_each_events_frame() {
    const FRAMES: usize = 12_000;
    for seed in 0..4 {
        let events = automation(seed, FRAMES);
        assert!(events.len() > 50);
        for (slot, (name, shape)) in (0u8..).zip(["a", "b", "c"].iter().zip(three_shapes())) {
            let mut host = effect(&format!("{THREE}out: ~{name}"));
            assert_eq!(slot_of(&host, name), Some(slot));
            assert_eq!(host.engine.knob_bindings()[usize::from(slot)].shape, shape);
            let heard = host.render_with(FRAMES, &events, silent);
            let expected = reference(&shape, slot, &events, FRAMES);
            let range = f64::from(shape.max - shape.min);
            for (frame, (x, y)) in heard.left.iter().zip(expected).enumerate() {
                let error = (f64::from(*x) - y).abs() / range;
                assert!(
                    error < 1e-6,
                    "{name} seed {seed} frame {frame}: {x} for {y}"
                );
            }
        }
    }
}

#[test]
fn automation_gives_the_same_bits_however_blocks_are_cut() {
    const FRAMES: usize = 6_000;
    let program = format!("{THREE}out: saw 110 >> lpf ~b 1 >> mul ~a >> add ~c");
    let events = automation(9, FRAMES);
    let run = |cut| {
        let mut host = effect(&program).with_cut(cut);
        host.render_with(FRAMES, &events, silent)
    };
    let whole = run(Cut::Every(FRAMES));
    for cut in [
        Cut::Every(1),
        Cut::Every(7),
        Cut::Every(64),
        Cut::Every(512),
        Cut::Random(3),
    ] {
        assert_eq!(whole.first_difference(&run(cut)), None, "{cut:?}");
    }
}

/// A knob in the place of an argument does what the same values from anywhere else do.
#[test]
fn a_node_hears_a_knob_like_any_signal_of_the_same_values() {
    const FRAMES: usize = 8_000;
    let [_, cutoff, _] = three_shapes();
    let events: Vec<Event> = automation(5, FRAMES)
        .into_iter()
        .filter(|e| matches!(e.kind, EventKind::Knob { slot: 1, .. }))
        .collect();
    let values = reference(&cutoff, 1, &events, FRAMES);
    let knob = effect(&format!("{THREE}out: saw 110 >> lpf ~b 1 >> mul 0.5"))
        .render_with(FRAMES, &events, silent);
    let signal =
        effect("out: saw 110 >> lpf ~input 1 >> mul 0.5").render_with(FRAMES, &events, |frame| {
            (values[frame as usize] as f32, 0.0)
        });
    let worst =
        (knob.left.iter().zip(&signal.left)).fold(0.0_f32, |w, (a, b)| w.max((a - b).abs()));
    assert!(knob.peak() > 0.1);
    // The values differ in their last bits only.
    assert!(worst < 2e-5, "{worst}");
}

#[test]
fn before_the_first_frame_and_after_reset_values_stand_where_they_go() {
    let mut host = effect("~a: knob 0.5\nout: ~a");
    let heard = host.render_with(300, &[turn(0, 0, 0.25), turn(200, 0, 1.0)], silent);
    assert_eq!(heard.left[0], 0.25);
    assert_eq!(heard.left[200], 0.25);
    assert!(heard.left[201] > 0.25 && heard.left[299] < 1.0);
    host.renderer.reset();
    assert!(host.render(100).left.iter().all(|x| *x == 1.0));
    // Nonsense is no turn; values beyond the ends are the ends.
    let events = [turn(0, 0, f32::NAN), turn(0, 200, 0.5), turn(1, 0, -3.0)];
    let heard = host.render_with(400, &events, silent);
    assert_eq!((heard.left[1], heard.left[399]), (1.0, 0.0));
}

#[test]
fn a_knob_stands_still_at_its_default_and_what_follows_it_hears_it() {
    assert!(effect("~a: knob 0.5 >> mul 3\nout: ~a").render(64).left == [1.5; 64]);
    let mut host = effect("~a: knob 0 >> slew 0.1\nout: ~a");
    let heard = host.render_with(9_600, &[turn(100, 0, 1.0)], silent);
    let [early, late] = [100 + TURN_FRAMES, 9_599].map(|f| heard.left[f]);
    // A step of 1 takes 0.1 s: 4800 frames.
    assert!(
        (early - 0.05).abs() < 0.001 && late == 1.0,
        "{early} {late}"
    );
}

/// Twelve knobs with ranges of their own.
fn lines() -> Vec<(String, String)> {
    (0..12)
        .map(|i| {
            let name = format!("k{}", char::from(b'a' + i));
            (name.clone(), format!("~{name}: knob {i} 0 {}", 20 + i))
        })
        .collect()
}

#[test]
fn shuffled_lines_move_no_slot_and_no_value() {
    let mut random = Random(42);
    let mut lines = lines();
    let text = |lines: &[(String, String)]| {
        let knobs: Vec<&str> = lines.iter().map(|(_, line)| line.as_str()).collect();
        format!("{}\nout: mix ~k..", knobs.join("\n"))
    };
    let mut host = effect(&text(&lines));
    let slots: Vec<(String, Option<u8>)> = (lines.iter())
        .map(|(name, _)| (name.clone(), slot_of(&host, name)))
        .collect();
    let turns: Vec<Event> = (0..12).map(|i| turn(0, i, f32::from(i) / 12.0)).collect();
    let before = host.render_with(4_800, &turns, silent);
    let before = before.left[4_799];
    for shuffle in 0..50 {
        for i in (1..lines.len()).rev() {
            lines.swap(i, random.below(i + 1));
        }
        // Another line comes and goes, at the bottom so that no slot between is free.
        let mut with = lines.clone();
        if shuffle % 3 == 1 {
            let at = random.below(with.len());
            with.insert(at, ("x".to_owned(), "~x: knob 0".to_owned()));
        }
        let evaluation = host.engine.evaluate(&text(&with), Launch::Now);
        assert!(evaluation.accepted);
        for (name, slot) in &slots {
            assert_eq!(slot_of(&host, name), *slot, "{name} after {shuffle}");
        }
        let after = host.render(960).left[959];
        // The sum has another order.
        assert!((after - before).abs() < 1e-4, "{shuffle}: {after} {before}");
    }
}

#[test]
fn a_knob_that_is_taken_out_comes_back_with_its_value_and_its_lane() {
    let mut host = effect("~a: knob 0.5\n~b: knob 0.1\nout: mix ~a ~b");
    host.render_with(600, &[turn(1, 0, 0.75)], silent);
    let changed = host.engine.evaluate("~b: knob 0.1\nout: ~b", Launch::Now);
    assert!(changed.knobs_changed && changed.diagnostics.is_empty());
    // The host's lane goes on moving the parked knob.
    host.render_with(600, &[turn(1, 0, 0.875)], silent);
    host.evaluate("~b: knob 0.1\n~c: knob 0.25\n~d: knob 0.5\nout: ~c");
    assert_eq!(slot_of(&host, "c"), Some(2), "a parked slot is used last");
    assert_eq!(host.render(600).left[599], 0.25);
    host.evaluate("~c: knob 0.25\n~a: knob 0.5\nout: ~a");
    assert_eq!(slot_of(&host, "a"), Some(0));
    assert_eq!(host.render(600).left[599], 0.875);
}

#[test]
fn a_renamed_knob_keeps_its_value_and_another_range_is_another_knob() {
    let mut host = effect("~a: knob 0.5\n~b: knob 0.1\nout: ~a");
    host.render_with(600, &[turn(1, 0, 0.75)], silent);
    host.evaluate("~z: knob 0.2\n~b: knob 0.1\nout: ~z");
    assert_eq!(slot_of(&host, "z"), Some(0));
    assert_eq!(host.render(600).left[599], 0.75);
    host.evaluate("~y: knob 0.2 0 4\n~b: knob 0.1\nout: ~y");
    assert_eq!(slot_of(&host, "y"), Some(2));
    assert_eq!(host.render(600).left[599], 0.2);
}

#[test]
fn another_default_moves_nothing_and_another_range_is_told() {
    let mut host = effect("~a: knob 5 0 10\nout: ~a");
    host.render_with(600, &[turn(1, 0, 0.8)], silent);
    let edited = (host.engine).evaluate("~a: knob 2 0 10\nout: ~a", Launch::Now);
    assert!(edited.diagnostics.is_empty() && edited.knobs_changed);
    assert_eq!(host.render(600).left[599], 8.0);
    let text = "out: ~a\n~a: knob 2 0 20 >> mul 1";
    let edited = host.engine.evaluate(text, Launch::Now);
    let [hint] = edited.diagnostics.as_slice() else {
        panic!("{:?}", edited.diagnostics)
    };
    assert_eq!(hint.code.0, "N205");
    assert_eq!(hint.span.text(text), "knob 2 0 20");
    assert_eq!(host.render(600).left[599], 8.0);
    assert_eq!(host.engine.take_started_knobs(), [(0, 0.4)]);
    assert_eq!(
        host.render_with(600, &[turn(0, 0, 0.8)], silent).left[599],
        16.0
    );
    // The same again says nothing, and checking never does.
    assert!(host.evaluate(text).is_empty());
    assert!(host.engine.check("~a: knob 2 0 30\nout: ~a").is_empty());
    assert!(host.evaluate(text).is_empty());
}

#[test]
fn values_change_on_the_frame_on_which_their_program_starts() {
    let mut host = effect("~a: knob 5 0 10\nout: sin 0 >> add ~a");
    host.render_with(1_000, &[turn(1, 0, 0.9)], silent);
    // A bar is 96,000 frames at 120 BPM. The new range does not hold 9.
    host.launch(
        "~a: knob 1 0 4\n~b: knob 1 0 4\nout: sin 0 >> add ~a",
        Launch::Bars(1),
    );
    assert_eq!(host.engine.take_started_knobs(), [(0, 0.9)]);
    let before = host.render(94_990);
    assert!(before.left.iter().all(|x| *x == 9.0));
    assert_eq!(host.engine.take_started_knobs(), []);
    // A turn before the start counts in the old range.
    let around = host.render_with(500, &[turn(0, 0, 0.9)], silent);
    assert!(around.left[..10].iter().all(|x| *x == 9.0));
    assert_eq!(host.engine.take_started_knobs(), [(0, 1.0), (1, 0.25)]);
    let after = host.render(1_000);
    assert!(after.left[500..].iter().all(|x| *x == 4.0));
}

#[test]
fn what_nobody_heard_is_made_up_for() {
    let mut host = effect("out: sig 0");
    host.render(100);
    host.launch("~a: knob 0.75\nout: ~a", Launch::Bars(4));
    host.render(100);
    // The program before never started; its knob starts with this one.
    host.launch(
        "~a: knob 0.25\n~b: knob 0.5\nout: mix ~a ~b",
        Launch::Bars(4),
    );
    host.render(100);
    host.evaluate("~b: knob 0.5\n~a: knob 0.25\nout: mix ~a ~b");
    assert_eq!(host.render(1_000).left[999], 0.75 + 0.5);
}

#[test]
fn a_text_that_is_refused_changes_no_knob_of_the_one_that_waits() {
    let mut host = effect("out: sig 0");
    host.render(100);
    host.launch("~a: knob 0.75\nout: ~a", Launch::Bars(1));
    let before = host.engine.knob_bindings().to_vec();
    let lines: String = (0..=KNOB_SLOTS)
        .map(|i| format!("~k{i}: knob 0\n"))
        .collect();
    let refused = host
        .engine
        .evaluate(&format!("{lines}out: ~k1"), Launch::Now);
    assert!(!refused.accepted && !refused.knobs_changed);
    // Too much memory: found only when the program is compiled.
    let huge = "~b: knob 0.1\nout: mix ~b ~d >> mul 0.1\n".to_owned()
        + &(0..64)
            .map(|i| format!("~d{i}: ~input >> delayms 60000\n"))
            .collect::<String>()
        + "~d: mix ~d0 ~d..\n";
    let refused = host.engine.evaluate(&huge, Launch::Now);
    assert_eq!(refused.diagnostics[0].code.0, "E065", "{refused:?}");
    assert_eq!(host.engine.knob_bindings(), before);
    host.render(96_000);
    assert_eq!(host.render(1_000).left[999], 0.75);
}

#[test]
fn a_program_that_is_taken_back_leaves_no_knob() {
    let mut host = effect("~a: knob 0.5\nout: ~a");
    host.render_with(600, &[turn(1, 0, 0.75)], silent);
    let before = host.engine.knob_bindings().to_vec();
    let revision = host.engine.knob_bindings_revision();
    for waiting in [
        "~b: knob 0.1\nout: ~b",
        "~a: knob 0 -1 1\n~b: knob 0.1\n~c: knob 0.2\nout: ~b",
        "~c: knob 0.1 0 2\nout: ~c",
    ] {
        host.launch(waiting, Launch::Bars(1));
        assert_ne!(host.engine.knob_bindings(), before);
        assert!(host.engine.cancel_waiting());
        assert_eq!(host.engine.knob_bindings(), before, "{waiting}");
    }
    assert!(host.engine.knob_bindings_revision() > revision);
    assert_eq!(host.render(100).left[99], 0.75);
    host.evaluate("~a: knob 0.5\n~b: knob 0.3\nout: ~b");
    assert_eq!(host.render(1_000).left[999], 0.3, "it is new again");
}

#[test]
fn loaded_bindings_keep_the_values_of_the_host() {
    let mut host = effect("~a: knob 0.5\n~b: knob 0.25\nout: mix ~a ~b");
    host.render(100);
    let saved: Vec<KnobBinding> = host.engine.knob_bindings().to_vec();
    let mut loaded = Host::new(Kind::Effect).without_guard();
    loaded.evaluate("~z: knob 1\n~y: knob 1\nout: ~z");
    loaded.render(100);
    loaded.launch(
        "~w: knob 1\n~y: knob 1\n~v: knob 1\nout: ~w",
        Launch::Bars(4),
    );
    // As a host loads a state: parameters, then the document.
    let parameters = [turn(0, 0, 0.125), turn(0, 1, 0.625), turn(0, 2, 0.5)];
    loaded.render_with(100, &parameters, silent);
    loaded.engine.set_knob_bindings(&saved);
    assert_eq!(loaded.engine.knob_bindings(), saved);
    let _ = loaded.engine.take_started_knobs();
    let evaluation = loaded
        .engine
        .evaluate("~b: knob 0.25\n~a: knob 0.5\nout: mix ~a ~b", Launch::Now);
    assert!(evaluation.accepted && !evaluation.knobs_changed);
    assert_eq!(loaded.render(1_000).left[999], 0.125 + 0.625);
    assert_eq!(loaded.engine.take_started_knobs(), []);
}

#[test]
fn programs_share_the_bank_by_name() {
    let mut host = effect("~a: knob 0.5\nout: ~a");
    host.engine
        .evaluate_in(1, "~b: knob 0.25\n~a: knob 0.5\nout: ~b", Launch::Now);
    assert_eq!(
        (slot_of(&host, "a"), slot_of(&host, "b")),
        (Some(0), Some(1))
    );
    // Neither parked nor renamed by an edit of the other program.
    host.evaluate("~c: knob 0.75\nout: ~c");
    assert_eq!(slot_of(&host, "a"), Some(0));
    assert_eq!(slot_of(&host, "c"), Some(2));
    let lines: String = (0..KNOB_SLOTS - 1)
        .map(|i| format!("~k{i}: knob 0\n"))
        .collect();
    let text = format!("{lines}out: ~k1");
    let refused = host.engine.evaluate(&text, Launch::Now);
    assert_eq!(refused.diagnostics.last().map(|d| d.code.0), Some("E089"));
    assert!(!refused.accepted);
    let told = host.engine.check(&text);
    assert!(told.iter().any(|d| d.code.0 == "E089"));
    host.engine
        .evaluate_in(1, "~a: knob 0.5\nout: ~a", Launch::Now);
    assert!(host.engine.evaluate(&text, Launch::Now).accepted);
}

#[test]
fn another_sample_rate_keeps_slots_and_values() {
    let mut host = effect("~a: knob 0.5\n~b: knob 0.25\nout: mix ~a ~b");
    host.render_with(600, &[turn(1, 1, 0.5)], silent);
    host.evaluate("~b: knob 0.25\n~c: knob 0.125\nout: mix ~b ~c");
    host.launch(
        "~d: knob 0.0625\n~b: knob 0.25\nout: mix ~b ~d",
        Launch::Bars(1),
    );
    host.engine.activate(&mut host.renderer, 96_000.0);
    let heard: Audio = host.render_with(2_000, &[turn(1_000, 1, 0.0)], silent);
    // `a` became `c` and then `d`, with its value.
    assert_eq!(heard.left[999], 0.5 + 0.5);
    assert_eq!(heard.left[1_999], 0.5);
    assert!(heard.left[1_000 + 479] > 0.5, "5 ms of the new rate");
    assert_eq!(heard.left[1_000 + 480], 0.5);
}

#[test]
fn a_new_knob_keeps_a_turn_made_while_its_program_waited() {
    const NEW: &str = "~x: knob 0.5 0 1\nout: ~x";
    // Unheard in another program, and waiting for the next bar in the one that plays.
    for (program, launch) in [(1, Launch::Now), (0, Launch::Bars(1))] {
        for turned in [None, Some(0.875), Some(0.0)] {
            let mut host = effect("out: sig 0.25");
            let _ = host.render_with(1000, &[turn(10, 0, 0.125)], silent);
            let evaluation = host.engine.evaluate_in(program, NEW, launch);
            assert!(evaluation.accepted);
            assert_eq!(slot_of(&host, "x"), Some(0));
            let mut events: Vec<Event> = turned
                .map(|value| turn(500, 0, value))
                .into_iter()
                .collect();
            if program == 1 {
                events.push(Event {
                    frame: 700,
                    kind: EventKind::Program {
                        program: 1,
                        quantum_beats: 0,
                    },
                });
            }
            let audio = host.render_with(98_000, &events, silent);
            // A turn from before the knob was there is not its own.
            let expected = turned.unwrap_or(0.5);
            assert_eq!(audio.left[97_999], expected, "{program} {turned:?}");
            // The host knows its own turn, and has to be told of the default.
            let told: Vec<_> = turned.is_none().then_some((0, 0.5)).into_iter().collect();
            assert_eq!(host.engine.take_started_knobs(), told);
        }
    }
}

#[test]
fn turns_of_a_knob_that_sounds_are_not_those_of_the_one_that_takes_its_slot() {
    let names = (0..KNOB_SLOTS).map(|i| format!("~k{i}: knob 0.25 0 1\n"));
    let all: String = names.chain(["out: ~k0".to_owned()]).collect();
    let mut host = effect(&all);
    let _ = host.render(1000);
    host.launch(
        "~k1: knob 0.25 0 1\n~y: knob 0.5 0 1\nout: ~y",
        Launch::Bars(1),
    );
    let slot = slot_of(&host, "y").expect("a slot");
    let audio = host.render_with(98_000, &[turn(500, slot, 0.875)], silent);
    assert_eq!(audio.left[97_999], 0.5);
}
