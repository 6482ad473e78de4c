//! Precedence, functions, mistakes and limits, against tables and an independent evaluation.

use proptest::prelude::*;

use super::compile::{compile_eval, compile_script};
use super::machine::{Machine, Outcome};
use super::reader::Mistake;
use super::statements::{INPUT, OUTPUT};
use super::{ExpressionOp, HostText, Operand, SCRIPT_FUEL, arithmetic, host_text};

/// The value of arithmetic without references.
fn constant(text: &str) -> f64 {
    let read = arithmetic(text).unwrap_or_else(|m| panic!("{text}: {m:?}"));
    match (read.code.ops.as_slice(), read.operands.as_slice()) {
        ([ExpressionOp::Operand(0)], [Operand::Number(value, _)]) => *value,
        other => panic!("{text} is not constant: {other:?}"),
    }
}

fn eval(text: &str, frames: u64) -> Vec<f32> {
    let code = compile_eval(text).unwrap_or_else(|m| panic!("{text}: {m:?}"));
    let mut machine = Machine::new(code, 7);
    let phase = machine.find("phase");
    let run = |frame: u64| {
        machine.set(phase, frame as f64);
        let _ = machine.run(1000, frame);
        machine.result()
    };
    (0..frames).map(run).collect()
}

fn script_machine(text: &str) -> Machine {
    Machine::new(
        compile_script(text).unwrap_or_else(|m| panic!("{text}: {m:?}")),
        0,
    )
}

/// What a script gives in its first run.
fn script(text: &str, length: usize) -> Vec<f32> {
    let mut machine = script_machine(text);
    let mut out = vec![-99.0; length];
    assert_eq!(machine.run(SCRIPT_FUEL, 0), Outcome::Gave(OUTPUT));
    machine.read_list(OUTPUT, &mut out);
    out
}

#[test]
fn lists_are_copied_and_mapped() {
    let table: [(&str, &[f32]); 5] = [
        ("output = input; output", &[1.0, -2.0, 3.0]),
        ("output = input.map(|x| x * 0.5); output", &[0.5, -1.0, 1.5]),
        // A list made of itself keeps its length and its order.
        (
            "output = [1, 2]; output = output.map(|x| x * x + 1); output",
            &[2.0, 5.0],
        ),
        (
            "let twice = input.map(|x| x + x); output = [9]; output = twice; output.push(7); output",
            &[2.0, -4.0, 6.0, 7.0],
        ),
        // The function's name hides the script's own one, and only inside.
        (
            "x = 5.0; output = input.map(|x| x); output.push(x); output",
            &[1.0, -2.0, 3.0, 5.0],
        ),
    ];
    for (text, want) in table {
        let mut machine = script_machine(text);
        machine.fill_list(INPUT, &[1.0, -2.0, 3.0]);
        let mut out = vec![-99.0; want.len()];
        assert_eq!(machine.run(SCRIPT_FUEL, 0), Outcome::Gave(OUTPUT), "{text}");
        machine.read_list(OUTPUT, &mut out);
        assert_eq!(out, want, "{text}");
    }
}

#[test]
fn precedence_of_arithmetic() {
    let table = [
        ("2 + 3 * 4", 14.0),
        ("(2 + 3) * 4", 20.0),
        ("2 * 3 % 4", 2.0),
        ("12 / 2 * 3", 18.0),
        ("10 - 4 - 3", 3.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ -1", 0.5),
        ("2 ^ 3 ^ 2", 512.0),
        ("2 ** 3", 8.0),
        ("- - 3", 3.0),
        ("1 + 2 < 4", 1.0),
        ("1 < 2 == 1", 1.0),
        ("1 == 2 or 1 and 1", 1.0),
        ("0 and 0 or 1", 1.0),
        ("0 and (0 or 1)", 0.0),
        ("not 1 == 2", 1.0),
        ("!1 == 0", 1.0),
        ("1 || 0 && 0", 1.0),
        ("7 >= 7 && 7 <= 7 && 7 != 8", 1.0),
        ("1/3", 1.0 / 3.0),
        (".5e1", 5.0),
    ];
    for (text, value) in table {
        assert_eq!(constant(text), value, "{text}");
    }
    // Side by side is no product.
    assert!(arithmetic("2pi").is_err());
}

#[test]
fn functions_of_arithmetic() {
    let table = [
        ("abs(-3)", 3.0),
        ("sign(-3) + sign(0)", -1.0),
        ("floor(-1.5)", -2.0),
        ("ceil(-1.5)", -1.0),
        ("round(2.5)", 3.0),
        ("trunc(-1.7)", -1.0),
        ("fract(-0.25)", 0.75),
        ("sqrt(9)", 3.0),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 2)", 3.0),
        ("clamp(5, 0, 1)", 1.0),
        ("clamp(-5, 0, 1)", 0.0),
        ("pow(2, 10)", 1024.0),
        ("mod(-1, 3)", 2.0),
        ("-1 % 3", -1.0),
        ("hypot(3, 4)", 5.0),
    ];
    for (text, value) in table {
        assert_eq!(constant(text), value, "{text}");
    }
    let near = [
        ("log(e)", 1.0),
        ("ln(e ^ 2)", 2.0),
        ("log2(8)", 3.0),
        ("log10(1000)", 3.0),
        ("log(2, 8)", 3.0),
        ("exp(1) - e", 0.0),
        ("sin(pi / 2)", 1.0),
        ("cos(pi)", -1.0),
        ("tan(pi / 4)", 1.0),
        ("asin(1) * 2 - pi", 0.0),
        ("acos(-1) - pi", 0.0),
        ("atan(1) * 4 - pi", 0.0),
        ("atan2(1, -1) * 4 - 3 * pi", 0.0),
        ("tanh(0.5)", 0.462_117_157_260_009_8),
        ("sinh(1) + cosh(1) - e", 0.0),
    ];
    for (text, value) in near {
        assert!((constant(text) - value).abs() < 1e-10, "{text}");
    }
    for text in [
        "1 / 0",
        "5 % 0",
        "sqrt(-1)",
        "log(0)",
        "(-8) ^ (1/3)",
        "asin(2)",
    ] {
        assert_eq!(constant(text), 0.0, "{text}");
    }
}

#[test]
fn precedence_of_eval_is_that_of_fasteval() {
    let table = [
        ("7 * 5 % 3", 14.0),
        ("12 / 7 % 4", 4.0),
        ("-2 ^ 2", 4.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("1 - 2 + 3", 2.0),
        ("log(100)", 2.0),
        ("log(2, 8)", 3.0),
        ("round(0.5, 1.3)", 1.5),
        ("int(-1.7)", -1.0),
        ("pi() - pi", 0.0),
        ("[1 + 2] * 3", 9.0),
        ("1 / 2", 0.5),
        ("!0 + (3 > 2) * 2", 3.0),
    ];
    for (text, value) in table {
        assert!((f64::from(eval(text, 1)[0]) - value).abs() < 1e-6, "{text}");
    }
}

#[test]
fn whole_numbers_divide_in_scripts_as_in_rhai() {
    let text = "let half = 1 / 2; let n = 7; let f = 7.0; let g = 1; g = 0.5; let k = -7;
        output = [half, n / 2, f / 2, n / 2.0, g / 2, k / 2, k % 4, n.to_float() / 2,
            3.9.to_int() / 2, 2 ** 3, -2 ** 2, 7 & 3, 1 << 4, 5 ^ 1, 6 | 1, x / 2, (n > 3) / 2];
        for i in 0..4 { output.push(i / 2); }
        output";
    let want = [
        0.0, 3.0, 3.5, 3.5, 0.25, -3.0, -3.0, 3.5, 1.0, 8.0, 4.0, 3.0, 16.0, 4.0, 7.0, 0.0, 0.0,
        0.0, 0.0, 1.0, 1.0, -99.0,
    ];
    assert_eq!(script(text, want.len()), want);
}

#[test]
fn loops_and_branches() {
    let text = "output.clear();
        for i in 0..3 { output.push(i); }
        for i in 3..=4 { output.push(i); }
        for i in range(10, 0, -5) { output.push(i); }
        for i in range(5, 5) { output.push(99); }
        for i in 0..10 { if i == 2 { continue; } if i > 3 { break; } output.push(20 + i) }
        let n = 0;
        while n < 2 { n += 1; output.push(30 + n); }
        loop { n *= 2; if n > 10 { break } }
        output.push(n);
        let v = if n == 16 { let w = 2; w * 3 } else if n == 0 { 1 } else { 7 };
        output.push(v);
        { let v = 1; output.push(v); }
        output.push(v);
        let t = n + { n = 1; n };
        output.push(t);
        if n > 5 { return; }
        return output; output.push(1000); output";
    let want = [
        0.0, 1.0, 2.0, 3.0, 4.0, 10.0, 5.0, 20.0, 21.0, 23.0, 31.0, 32.0, 16.0, 6.0, 1.0, 6.0,
        17.0, -99.0,
    ];
    assert_eq!(script(text, want.len()), want);
}

#[test]
fn lists_have_no_edges_to_fall_off() {
    let text = "let a = [1, 2, 3];
        output = [a[0], a[-1], a[3], a[-4], a.len(), a.pop(), a.len(), a.is_empty()];
        a[1] = 9; a[77] = 5; a[1] += 0.5;
        output.push(a[1]);
        a.truncate(1); output.push(a.len());
        a.clear(); output.push(a.pop()); output.push(a.len());
        a.pad(2000, 0.0); output.push(a.len);
        output";
    let want = [
        1.0, 3.0, 0.0, 0.0, 3.0, 3.0, 2.0, 0.0, 9.5, 1.0, 0.0, 0.0, 1024.0, -99.0,
    ];
    assert_eq!(script(text, want.len()), want);
}

#[test]
fn functions_are_methods_in_scripts() {
    let text = "let x = -2.5;
        output = [x.abs(), x.floor(), abs(x), x.abs().sqrt().floor(), x.min(-3.0), PI().sin().abs() < 1e-9,
            1.5.round(), 2.7.floor, -x, !(x < 0.0)];
        output";
    let want = [2.5, -3.0, 2.5, 1.0, -3.0, 1.0, 2.0, 2.0, 2.5, 0.0];
    assert_eq!(script(text, want.len()), want);
}

#[test]
fn values_last_from_run_to_run() {
    let mut machine = script_machine("let l = 5; a += 1; l += 1; output.push(a * 100 + l); output");
    for _ in 0..3 {
        let _ = machine.run(SCRIPT_FUEL, 0);
    }
    let mut out = [0.0; 3];
    machine.read_list(OUTPUT, &mut out);
    assert_eq!(out, [106.0, 206.0, 306.0]);
    let mut other = script_machine("b += 1; output.push(a); output.push(b); output");
    other.inherit(&machine);
    let _ = other.run(SCRIPT_FUEL, 0);
    let mut out = [0.0; 5];
    other.read_list(OUTPUT, &mut out);
    assert_eq!(out, [106.0, 206.0, 306.0, 3.0, 1.0]);
    other.reset();
    let mut out = [-1.0];
    other.read_list(OUTPUT, &mut out);
    assert_eq!(out, [-1.0]);
}

#[test]
fn eval_is_a_recurrence() {
    // The impulse response of a one-pole low-pass, and a coupled pair that reads ahead.
    let got = eval("y := y + 0.5 * ((phase == 0) - y); y", 6);
    assert_eq!(got, [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015_625]);
    let got = eval("x := x + b; b := x + 1; x", 5);
    assert_eq!(got, [0.0, 1.0, 3.0, 7.0, 15.0]);
    assert_eq!(eval("x := 3; y := 4;", 1), [4.0]);
}

#[test]
fn what_runs_away_begins_again() {
    let got = eval("x := x * 1e100 + 1; x", 8);
    assert_eq!(got[0], 1.0);
    // 1e38 is the last sample; what is beyond single precision is 0, and so is the value beyond
    // double precision, after which everything begins anew.
    assert_eq!(got[1..4], [0.0; 3]);
    assert!(got[4..].contains(&1.0), "{got:?}");
}

#[test]
fn random_values_are_uniform_and_repeat() {
    let got = eval("random()", 20_000);
    assert_eq!(got, eval("random()", 20_000));
    let mean = got.iter().map(|x| f64::from(*x)).sum::<f64>() / 20_000.0;
    // Five standard deviations of the mean are 0.0102.
    assert!((mean - 0.5).abs() < 0.0102, "{mean}");
    assert!(got.iter().all(|x| (0.0..=1.0).contains(x)));
    let pair = eval("random() - random()", 100);
    assert!(pair.iter().all(|x| *x != 0.0));
    let range = eval("random(-3, -2)", 1000);
    assert!(range.iter().all(|x| (-3.0..=-2.0).contains(x)));
    assert!(eval("random(10)", 1000).iter().any(|x| *x > 5.0));
}

#[test]
fn endless_loops_are_found_or_stopped() {
    for text in [
        "loop { } output",
        "while true { x += 1.0 } output",
        "for i in 0..1000000 { } output",
    ] {
        let mistakes = compile_script(text).expect_err(text);
        assert_eq!(mistakes[0].problem.code().0, "E096", "{text}");
    }
    let mut machine = script_machine("while input[0] > 0.5 { x += 1.0 } output");
    machine.fill_list(INPUT, &[1.0; 128]);
    assert!(matches!(machine.run(SCRIPT_FUEL, 0), Outcome::Exhausted(_)));
    machine.fill_list(INPUT, &[0.0; 128]);
    assert_eq!(machine.run(SCRIPT_FUEL, 0), Outcome::Gave(OUTPUT));
}

#[test]
fn what_is_too_big_is_told() {
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let long = format!("1{}", "+x".repeat(20_000));
    let many: String = (0..300).map(|i| format!("v{i} := {i}.5;")).collect();
    let numbers: String = (0..300).map(|i| format!("x := x + {i}.5;")).collect();
    let signs = "1 ".repeat(100_000);
    for text in [&deep, &long, &many, &numbers, &signs] {
        let mistakes = compile_eval(text).expect_err("it is too big");
        assert_eq!(mistakes[0].problem.code().0, "E094");
        let _ = compile_script(text);
        let _ = arithmetic(text);
    }
    let blocks = format!("{}x{}", "if x > 0 {".repeat(3000), "}".repeat(3000));
    assert!(compile_script(&blocks).is_err());
    let lists: String = (0..20).map(|i| format!("let l{i} = [];")).collect();
    assert!(compile_script(&format!("{lists} output")).is_err());
}

#[test]
fn host_text_is_arithmetic_or_a_command() {
    let table = [
        ("400/120", 400.0 / 120.0),
        ("Math.pow(2,(60-69)/12)*440", 261.625_565_300_598_6),
        ("2 ** 3 % 5", 3.0),
        (
            "Math.PI + Math.E",
            std::f64::consts::PI + std::f64::consts::E,
        ),
        (" Math.floor(7 / 2) ", 3.0),
        ("Math.log(Math.E)", 1.0),
        ("Math.round(2.4)", 2.0),
    ];
    for (text, value) in table {
        match host_text(text) {
            HostText::Number(got) => assert!((got - value).abs() < 1e-9, "{text}: {got}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["setBPM(66)", " set_bpm(90)", "setSeed(3)", "seed"] {
        assert_eq!(host_text(text), HostText::Command, "{text}");
    }
    for text in [
        "",
        "a = 1; a",
        "Math.random()",
        "2 ^ 3",
        "alert(1)",
        "x",
        "1 2",
        "seedling",
    ] {
        assert_eq!(host_text(text), HostText::Other, "{text}");
    }
}

fn check_spans(text: &str, mistakes: &[Mistake]) {
    for mistake in mistakes {
        let range = mistake.span.start as usize..mistake.span.end as usize;
        assert!(text.get(range).is_some(), "{text:?}: {mistake:?}");
    }
}

/// Texts that look like code often enough to come far.
fn nearly_code() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "x", "y", "in", "phase", "output", "input", "let", "if", "else", "while", "loop", "for",
        "in", "0..4", "break", "return", "continue", "range", "(", ")", "{", "}", "[", "]", "+",
        "-", "*", "/", "%", "^", "**", "<", "==", ":=", "=", "+=", ";", ",", ".", "sin", "min",
        "clamp", "push", "len", "pad", "1", "0.5", "7", "~a", "ä", "random", "\n", "//", "/*", "!",
        "&&", "<<", "true", "PI", "output[", "x = ", "; output",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

/// An expression as text with its value by ordinary recursion.
fn expression() -> impl Strategy<Value = (String, f64)> {
    let leaf = prop_oneof![
        (0u32..100).prop_map(|n| (format!("{n}"), f64::from(n))),
        (0u32..1000).prop_map(|n| (format!("{}.5", n), f64::from(n) + 0.5)),
    ];
    leaf.prop_recursive(6, 40, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone()
                .prop_map(|((a, x), (b, y))| (format!("({a} + {b})"), x + y)),
            two.clone()
                .prop_map(|((a, x), (b, y))| (format!("({a} - {b})"), x - y)),
            two.clone()
                .prop_map(|((a, x), (b, y))| (format!("({a}*{b})"), x * y)),
            two.clone().prop_map(|((a, x), (b, y))| {
                (format!("({a} / {b})"), if y == 0.0 { 0.0 } else { x / y })
            }),
            two.clone()
                .prop_map(|((a, x), (b, y))| (format!("min({a}, {b})"), x.min(y))),
            two.prop_map(|((a, x), (b, y))| {
                (format!("({a} < {b})"), f64::from(u8::from(x < y)))
            }),
            inner.clone().prop_map(|(a, x)| (format!("(-{a})"), -x)),
            inner.prop_map(|(a, x)| (format!("abs({a})"), x.abs())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read(text in prop_oneof![".{0,60}", nearly_code()]) {
        for result in [compile_eval(&text), compile_script(&text)] {
            match result {
                Err(mistakes) => {
                    prop_assert!(!mistakes.is_empty());
                    check_spans(&text, &mistakes);
                }
                Ok(code) => {
                    let mut machine = Machine::new(code, 3);
                    machine.fill_list(INPUT, &[0.5; 128]);
                    for frame in 0..3 {
                        let _ = machine.run(20_000, frame);
                        prop_assert!(machine.result().is_finite());
                    }
                }
            }
        }
        if let Err(mistakes) = arithmetic(&text) {
            prop_assert!(!mistakes.is_empty());
            check_spans(&text, &mistakes);
        }
        let _ = host_text(&text);
    }

    #[test]
    fn arithmetic_agrees_with_plain_recursion((text, value) in expression()) {
        prop_assert_eq!(constant(&text), value);
        prop_assert_eq!(eval(&text, 1)[0], value as f32);
    }
}
