//! Nodes that users define: what they stand for, what an edit keeps of them, and their limits.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::fmt::Write as _;

use common::{Audio, Host, RATE, Random};
use glisten_engine::{Kind, Severity};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn sound_of(program: &str) -> Audio {
    let mut host = Host::playing(program).without_guard();
    let audio = host.render_with(48_000, &[], |f| {
        let mut random = Random(f);
        (random.signal() * 0.3, random.signal() * 0.3)
    });
    assert!(audio.peak() > 1e-3, "silent: {program}");
    audio
}

#[test]
fn a_use_is_its_body_with_the_arguments_in_place() {
    let pairs = [
        (
            "~wah ~f ~q: lpf ~f ~q >> mul 0.5\nout: ~input >> ~wah 800 2 >> ~wah 300 1",
            "out: ~input >> lpf 800 2 >> mul 0.5 >> lpf 300 1 >> mul 0.5",
        ),
        (
            "~fx: mul 0.3 >> delayms 20\nout: saw 110 >> ~fx\nb: ~input >> ~fx",
            "out: saw 110 >> mul 0.3 >> delayms 20\nb: ~input >> mul 0.3 >> delayms 20",
        ),
        (
            "~voice ~f ~g: saw ~f >> lpf ~c 2 >> mul ~g\n~c: sin 3 >> mul 200 >> add 900\n\
             ~p: sin 5 >> mul 5 >> add 110\nout: ~voice ~p 0.2\nb: ~voice 165 ~p",
            "~c: sin 3 >> mul 200 >> add 900\n~p: sin 5 >> mul 5 >> add 110\n\
             out: saw ~p >> lpf ~c 2 >> mul 0.2\nb: saw 165 >> lpf ~c 2 >> mul ~p",
        ),
        (
            "~drum ~n ~l: seq 60 ~n_~n >> bd ~l\nout: ~drum 67 0.2\n~k: sig 55\nb: ~drum ~k 0.1",
            "~a: sig 67\n~k: sig 55\nout: seq 60 ~a_~a >> bd 0.2\nb: seq 60 ~k_~k >> bd 0.1",
        ),
        (
            "~in ~x: ~x >> mul 0.5\n~out ~x ~y: ~in ~x >> ~amp ~y\n~amp ~x: mul ~x >> mul ~x\n\
             out: ~out ~input 0.7",
            "out: ~input >> mul 0.5 >> mul 0.7 >> mul 0.7",
        ),
        (
            "~echo ~t: delayms ~t >> delayms ~t\nout: ~input >> ~echo 1/16",
            "~t: sig 125\nout: ~input >> delayms 125 >> delayms 125",
        ),
        (
            "~f: sig 100\n~low ~f: lpf ~f 1\nout: ~input >> ~low 3000 >> lpf ~f 1",
            "~f: sig 100\nout: ~input >> lpf 3000 1 >> lpf ~f 1",
        ),
        (
            // Arithmetic in a body: each use computes with its own numbers.
            "~wah ~f: lpf (~f * 2) 1\nout: ~input >> ~wah 400 >> ~wah 1500",
            "~a: sig 400\n~b: sig 1500\nout: ~input >> lpf (~a * 2) 1 >> lpf (~b * 2) 1",
        ),
        (
            "~wah ~f ~d: lpf (~f + ~d * ~m) 1 >> mul (~f / 2000)\n~m: sin 3\n\
             ~s: sin 0.5 >> mul 300 >> add 900\nout: ~input >> ~wah ~s 200\nb: ~input >> ~wah (~s * 2) 50",
            "~m: sin 3\n~s: sin 0.5 >> mul 300 >> add 900\n~t: expr (~s * 2)\n~d: sig 200\n~e: sig 50\n\
             out: ~input >> lpf (~s + ~d * ~m) 1 >> mul (~s / 2000)\n\
             b: ~input >> lpf (~t + ~e * ~m) 1 >> mul (~t / 2000)",
        ),
        (
            "~in ~x: mul (~x + 0.1)\n~out ~x: ~in (~x * 0.5) >> ~in ~x\nout: ~input >> ~out 0.4 >> ~out 0.6",
            "~a: sig 0.4\n~b: sig 0.6\n~c: expr (~a * 0.5)\n~d: expr (~b * 0.5)\n\
             out: ~input >> mul (~c + 0.1) >> mul (~a + 0.1) >> mul (~d + 0.1) >> mul (~b + 0.1)",
        ),
        (
            "~twice ~n: speed ~n\nout: ~twice 4 >> seq 60 _ >> bd 0.05",
            "out: speed 4 >> seq 60 _ >> bd 0.05",
        ),
    ];
    for (short, long) in pairs {
        let (a, b) = (sound_of(short), sound_of(long));
        assert_eq!(a.first_difference(&b), None, "{short}\nis not\n{long}");
    }
}

#[test]
fn arithmetic_of_two_uses_keeps_apart_through_edits() {
    // One letter of the definition changes with each edit; the two sines go on, each at its own
    // frequency.
    let mut host = Host::new(Kind::Effect);
    let mut audio = Audio::default();
    for gain in [0.2, 0.21, 0.22, 0.2] {
        host.evaluate(&format!(
            "~tone ~f ~g: sin (~f * 2 + 40) >> mul (~g * {gain})\nout: ~tone 200 1\nb: ~tone 145 1"
        ));
        audio.extend(&host.render(9600));
    }
    for hz in [440.0, 330.0] {
        let error = phase_error(&audio.left, hz);
        assert!(error < 0.02, "{hz} Hz is off by {error} rad");
    }
    // An edit of one use changes that use alone.
    host.evaluate(
        "~tone ~f ~g: sin (~f * 2 + 40) >> mul (~g * 0.2)\nout: ~tone 200 1\nb: ~tone 145 0",
    );
    audio.extend(&host.render(9600));
    let error = phase_error(&audio.left, 440.0);
    assert!(error < 0.02, "440 Hz is off by {error} rad");
    let peak = audio
        .left
        .iter()
        .rev()
        .take(4800)
        .fold(0.0_f32, |m, x| m.max(x.abs()));
    assert!(
        (0.19..0.21).contains(&peak),
        "the other use still sounds: {peak}"
    );
}

/// How far the phase of a sine at the end of a signal is from that of one that began at frame 0.
fn phase_error(signal: &[f32], frequency_hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, x) in signal.iter().enumerate().skip(signal.len() - 4800) {
        let phase = std::f64::consts::TAU * frequency_hz * i as f64 / RATE;
        re += f64::from(*x) * phase.sin();
        im += f64::from(*x) * phase.cos();
    }
    assert!(re.hypot(im) > 1.0, "no sine of {frequency_hz} Hz");
    im.atan2(re).abs()
}

#[test]
fn fifty_edits_of_a_definition_and_of_its_uses_keep_both_phases() {
    let mut random = Random(5);
    let mut host = Host::new(Kind::Effect);
    host.evaluate("~tone ~f ~g: sin ~f >> mul ~g\nout: ~tone 440 0.2\nb: ~tone 330 0.2");
    let mut audio = host.render(9600);
    for n in 0..50 {
        let gain = 0.1 + 0.002 * random.below(50) as f32;
        let inside = *random.pick(&["", " >> mul 0.9", " >> add 0.0", " >> lpf 20000 0.7"]);
        let before = *random.pick(&[
            "",
            "~soft >> ",
            "~tone 2000 0 >> mul 0 >> add 0 >> ~soft >> ",
        ]);
        let after = *random.pick(&["", " >> ~soft", " >> mul 0.9"]);
        let program = match n % 2 {
            0 => format!(
                "out: ~tone 440 {gain}{after}\n~soft: mul 0.9\n~tone ~f ~g: sin ~f{inside} >> mul ~g\n\
                 b: ~tone 330 0.2{after}"
            ),
            // The use moves inside its chain, and another user's node comes before it.
            _ => format!(
                "~soft: mul 0.9\n~tone ~f ~g: sin ~f >> mul ~g{inside}\n\
                 out: ~tone 440 0.15\nb: ~tone 330 {gain} >> ~soft\nx: ~input >> {}mul 0",
                before.replace("~tone 2000 0 >> ", "")
            ),
        };
        host.evaluate(&program);
        audio.extend(&host.render(2400 + n));
    }
    host.evaluate("~tone ~f ~g: sin ~f >> mul ~g\nout: ~tone 440 0.2\nb: ~tone 330 0.2");
    audio.extend(&host.render(9600));
    for hz in [440.0, 330.0] {
        let error = phase_error(&audio.left, hz);
        assert!(error < 0.02, "{hz} Hz is off by {error} rad");
    }
}

#[test]
fn a_use_that_stays_keeps_its_state_when_others_come_and_go_before_it() {
    let mut host = Host::new(Kind::Effect);
    let define =
        "~osc ~f: sin ~f >> mul 0.2\n~ring ~f: mul ~m >> add 0\n~m: sig 1\n~wet ~t: mul 1\n";
    host.evaluate(&format!("{define}out: ~osc 440 >> ~ring 5"));
    let mut audio = host.render(9600);
    for program in [
        "out: ~osc 440 >> ~wet 1 >> ~ring 5",
        "out: ~osc 440",
        "out: ~osc 440 >> ~wet 1 >> ~wet 2",
    ] {
        host.evaluate(&format!("{define}{program}"));
        audio.extend(&host.render(9600));
    }
    let error = phase_error(&audio.left, 440.0);
    assert!(error < 0.02, "off by {error} rad");
}

#[test]
fn equal_uses_in_one_chain_keep_apart() {
    // Two echoes of one definition: a new first one must not take the second one's line.
    let define = "~echo ~t: delayms ~t >> mul 1\n";
    let mut host = Host::new(Kind::Effect).without_guard();
    host.evaluate(&format!("{define}out: ~input >> ~echo 500"));
    let input = |f: u64| if f == 4800 { (1.0, 1.0) } else { (0.0, 0.0) };
    let mut audio = host.render_with(12_000, &[], input);
    host.evaluate(&format!("{define}out: ~input >> ~echo 100 >> ~echo 500"));
    audio.extend(&host.render_with(24_000, &[], input));
    // 500 ms after the impulse the kept line still gives it.
    let peak = audio.left.iter().position(|x| *x > 0.5);
    assert_eq!(peak, Some(4800 + 24_000));
}

#[test]
fn a_renamed_user_node_keeps_its_state() {
    let mut host = Host::new(Kind::Effect);
    host.evaluate("~tone ~f: sin ~f >> mul 0.2\nout: ~tone 440");
    let mut audio = host.render(9600);
    host.evaluate("~voice ~x: sin ~x >> mul 0.2\nout: ~voice 440");
    audio.extend(&host.render(9600));
    let error = phase_error(&audio.left, 440.0);
    assert!(error < 0.02, "off by {error} rad");
}

#[test]
fn another_user_node_of_equal_body_is_another_one() {
    // Both definitions stay, so this is an exchange and not a rename: the sine begins anew.
    let define = "~a ~f: sin ~f >> mul 0.2\n~b ~f: sin ~f >> mul 0.2\n";
    let mut host = Host::new(Kind::Effect);
    host.evaluate(&format!("{define}out: ~a 440\nx: ~b 1000 >> mul 0"));
    let mut audio = host.render(9630);
    host.evaluate(&format!("{define}out: ~b 440\nx: ~a 1000 >> mul 0"));
    audio.extend(&host.render(9600));
    assert!(phase_error(&audio.left, 440.0) > 0.1);
}

fn codes(program: &str) -> Vec<&'static str> {
    let mut host = Host::new(Kind::Effect);
    let found = host.engine.check(program);
    let errors = found.iter().filter(|d| d.severity == Severity::Error);
    errors.map(|d| d.code.0).collect()
}

#[test]
fn a_program_expands_to_twenty_thousand_nodes_and_no_more() {
    // Each definition uses the one before twice: 2^n nodes.
    let doubled = |n: usize| {
        let mut text = "~a0: mul 1\n".to_owned();
        for i in 1..=n {
            writeln!(text, "~a{i}: ~a{} >> ~a{}", i - 1, i - 1).unwrap();
        }
        text
    };
    let program = |uses: usize| {
        let calls = vec![">> ~a10"; uses].join(" ");
        format!("{}out: ~input {calls}", doubled(10))
    };
    assert_eq!(codes(&program(19)), Vec::<&str>::new());
    assert_eq!(codes(&program(20)), ["E063"]);
    // A billion times a billion nodes are refused as fast.
    let bomb = format!("{}out: ~input >> ~a60", doubled(60));
    assert_eq!(codes(&bomb), ["E063"]);
}

#[test]
fn user_nodes_nest_sixty_four_deep() {
    let nested = |n: usize| {
        let mut text = "~a1 ~x: mul ~x\n".to_owned();
        for i in 2..=n {
            writeln!(text, "~a{i} ~x: ~a{} ~x", i - 1).unwrap();
        }
        format!("{text}out: ~input >> ~a{n} 0.5")
    };
    assert_eq!(codes(&nested(64)), Vec::<&str>::new());
    assert_eq!(codes(&nested(65)), ["E081"]);
    let half = sound_of("out: ~input >> mul 0.5");
    assert_eq!(sound_of(&nested(64)).first_difference(&half), None);
    // A circle of thousands is told without running out of stack.
    let mut circle = String::new();
    for i in 0..5000 {
        writeln!(circle, "~a{i}: mul 1 >> ~a{}", (i + 1) % 5000).unwrap();
    }
    assert_eq!(codes(&format!("{circle}out: ~input")), ["E080"]);
}
