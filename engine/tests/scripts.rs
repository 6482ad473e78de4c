//! Arithmetic, `eval` and `meta` in running programs, against closed forms.

#![allow(clippy::disallowed_methods)]

mod common;

use std::f64::consts::PI;

use common::{Audio, Cut, Host};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn host(program: &str) -> Host {
    Host::playing(program).without_guard()
}

fn played(program: &str, frames: usize) -> Audio {
    host(program).render(frames)
}

/// Largest difference of the left channel from what `want` says of each frame.
fn worst(audio: &Audio, want: impl Fn(usize) -> f64) -> f64 {
    let differences = audio.left.iter().enumerate();
    differences.fold(0.0, |worst, (i, x)| {
        f64::max(worst, (f64::from(*x) - want(i)).abs())
    })
}

#[test]
fn arithmetic_on_signals_agrees_with_double_precision() {
    let chains = "~a: sin 331\n~b: saw 57\n";
    let a = played(&format!("{chains}out: ~a\nx: ~b >> mul 0"), 6000).left;
    let b = played(&format!("{chains}out: ~b\nx: ~a >> mul 0"), 6000).left;
    type Formula = fn(f64, f64) -> f64;
    let table: &[(&str, Formula)] = &[
        ("~a * 2 + 3", |a, _| a * 2.0 + 3.0),
        ("3 - ~a - ~b", |a, b| 3.0 - a - b),
        ("~a / ~b", |a, b| if b == 0.0 { 0.0 } else { a / b }),
        ("~a * (~b + 1) ^ 2", |a, b| a * (b + 1.0) * (b + 1.0)),
        ("-~a ^ 2", |a, _| -(a * a)),
        ("(~a > ~b) * 2 + (~a <= 0)", |a, b| {
            f64::from(u8::from(a > b)) * 2.0 + f64::from(u8::from(a <= 0.0))
        }),
        ("min(~a, ~b, 0.5) + max(~a, 0)", |a, b| {
            a.min(b).min(0.5) + a.max(0.0)
        }),
        ("sin(~a * 3) + tanh(~b) * cos(~a)", |a, b| {
            (a * 3.0).sin() + b.tanh() * a.cos()
        }),
        ("clamp(~a * 2, -1, 0.5) % 0.3", |a, _| {
            (a * 2.0).clamp(-1.0, 0.5) % f64::from(0.3f32)
        }),
        ("pow(2, ~a) + sqrt(abs(~b)) + exp(~a)", |a, b| {
            a.exp2() + b.abs().sqrt() + a.exp()
        }),
        ("not (~a > 0) or (~a > 0.5 and ~b > 0)", |a, b| {
            f64::from(u8::from(a <= 0.0 || a > 0.5 && b > 0.0))
        }),
    ];
    for (text, formula) in table {
        let got = played(&format!("{chains}out: ({text})"), 6000);
        let want = |i: usize| formula(f64::from(a[i]), f64::from(b[i]));
        for (i, x) in got.left.iter().enumerate() {
            let want = want(i);
            // One rounding to single precision.
            assert!(
                (f64::from(*x) - want).abs() <= 6.1e-8 * want.abs() + 1e-9,
                "{text} at {i}"
            );
        }
    }
}

#[test]
fn an_argument_may_be_arithmetic() {
    let spelt = "~l: sin 3\n~c: ~l >> mul 900 >> add 1000\nout: saw 110 >> lpf ~c 2";
    let short = "~l: sin 3\nout: saw 110 >> lpf (~l * 900 + 1000) (1 + 1)";
    let (a, b) = (played(spelt, 20_000), played(short, 20_000));
    // The cutoff is rounded once in place of twice.
    let difference = worst(&a, |i| f64::from(b.left[i]));
    assert!(difference < 1e-4, "{difference}");
    assert!(a.peak() > 0.5);
    // What is constant is one number, to the bit.
    let third = played("out: sin 440 >> mul (1/3)", 2000);
    assert_eq!(third, played("out: sin 440 >> mul 0.33333334", 2000));
}

#[test]
fn arithmetic_has_the_width_of_its_widest_operand() {
    let stereo = played("~s: saw 110 >> pan 0.5\nout: (~s * 2 - ~s)", 3000);
    assert_eq!(stereo, played("~s: saw 110 >> pan 0.5\nout: ~s", 3000));
    assert_ne!(stereo.left, stereo.right);
}

#[test]
fn gaps_of_arithmetic_are_zero() {
    let zero = "~z: sig 0\n~o: sig -1\n";
    for text in [
        "1 / ~z",
        "sqrt(~o)",
        "log(~z)",
        "5 % ~z",
        "~o * 3e38 * 3e38",
    ] {
        let mut host = host(&format!("{zero}out: ({text})"));
        assert_eq!(host.render(500).peak(), 0.0, "{text}");
        assert!(host.snapshot().fault.is_none(), "{text}");
    }
}

#[test]
fn numbers_in_arithmetic_change_without_a_click() {
    let program = |k: f64| format!("~a: sig 1\nout: (~a * {k})");
    let mut host = host(&program(0.2));
    let mut audio = host.render(3000);
    host.evaluate(&program(0.6));
    audio.extend(&host.render(3000));
    assert!((audio.left[5999] - 0.6).abs() < 1e-6);
    let step = audio.left[100..].windows(2).map(|w| (w[1] - w[0]).abs());
    let largest = step.fold(0.0, f32::max);
    // 0.4 within 8 ms or more.
    assert!(largest < 0.4 / 380.0, "{largest}");
}

#[test]
fn host_scripts_are_numbers() {
    let host = played("out: sin ##Math.pow(2,(60-69)/12)*440# >> mul ##1/4#", 3000);
    assert_eq!(host, played("out: sin 261.6255653 >> mul 0.25", 3000));
}

const SINE: &str = "out: meta `
    output.pad(128, 0.0);
    for i in 0..128 {
        output[i] = (phase * 2.0 * PI()).sin();
        phase += 440.0 / sr;
    };
    while phase > 1.0 { phase -= 1.0 };
    output`";

#[test]
fn a_scripted_sine_is_a_sine() {
    let got = played(SINE, 96_000);
    let difference = worst(&got, |i| (2.0 * PI * 440.0 * i as f64 / 48_000.0).sin());
    assert!(difference < 1e-7, "{difference}");
    let node = played("out: sin 440", 96_000);
    let difference = worst(&got, |i| f64::from(node.left[i]));
    assert!(difference < 1e-5, "{difference}");
    assert_eq!(got.left, got.right);
}

#[test]
fn eval_computes_recurrences_sample_by_sample() {
    let ramp = played("out: eval `x := x + 0.001; x`", 3000);
    assert!(worst(&ramp, |i| 0.001 * (i + 1) as f64) < 1e-6);
    // A resonator without loss: x[n] = 2 cos w x[n−1] − x[n−2].
    let w = 2.0 * PI * 440.0 / 48_000.0;
    let text = format!(
        "out: eval `a := 2 * cos({w}) * y - z + (phase == 0) * sin({w}); z := y; y := a; a`"
    );
    let got = played(&text, 48_000);
    let difference = worst(&got, |i| ((i + 1) as f64 * w).sin());
    assert!(difference < 1e-6, "{difference}");
    let clock = played("out: eval `phase / sr`", 3000);
    assert!(worst(&clock, |i| i as f64 / 48_000.0) < 1e-8);
}

#[test]
fn eval_reads_the_signal_before_it_on_both_channels() {
    let stereo = "~s: saw 110 >> pan 0.3\nout: ~s >> eval `in * 0.5 + 0.25 * y; y := in; in * 0.5`";
    let plain = "~s: saw 110 >> pan 0.3\nout: ~s >> mul 0.5";
    assert_eq!(played(stereo, 3000), played(plain, 3000));
}

#[test]
fn what_code_remembers_survives_an_edit() {
    let mut host = host("out: eval `x := x + 0.0001; x`");
    let _ = host.render(1000);
    host.evaluate("out: eval `q := 5; x := x + 0.0001; x + q * 0`");
    let audio = host.render(2000);
    assert!(
        (audio.left[1999] - 0.3).abs() < 1e-5,
        "{}",
        audio.left[1999]
    );

    let script = |extra: &str| {
        format!(
            "out: meta `{extra} output.pad(128, 0.0); for i in 0..128 {{ x += 0.0001; output[i] = x; }} output`"
        )
    };
    let mut host = self::host(&script(""));
    let _ = host.render(1000);
    host.evaluate(&script("let unused = 1;"));
    let audio = host.render(2000);
    assert!(
        (audio.left[1999] - 0.3).abs() < 1e-5,
        "{}",
        audio.left[1999]
    );
}

const COPY: &str =
    "meta `output.clear(); for i in 0..input.len() { output.push(input[i]); } output`";

#[test]
fn a_script_with_an_input_is_128_frames_late() {
    let input = |frame: u64| {
        let x = (frame as f32 * 0.37).sin();
        (x, -0.5 * x)
    };
    let program = format!("out: ~input >> {COPY}");
    let audio = host(&program).render_with(4000, &[], input);
    assert!(audio.left[..128].iter().all(|x| *x == 0.0));
    for i in 128..4000 {
        assert_eq!(
            (audio.left[i], audio.right[i]),
            input(i as u64 - 128),
            "{i}"
        );
    }
}

#[test]
fn cuts_do_not_change_what_code_computes() {
    let programs = [
        format!("out: ~input >> {COPY} >> add 0.1"),
        SINE.to_owned(),
        "out: ~input >> eval `x := 0.9 * x + 0.1 * in * random(); x + phase % 7`".to_owned(),
        "out: meta `output.clear(); for i in 0..128 { output.push(random()) } output`".to_owned(),
        "~a: sin 3\nout: saw 50 >> mul (~a * 0.5 + 0.5)".to_owned(),
    ];
    let input = |frame: u64| ((frame as f32 * 0.11).sin(), (frame as f32 * 0.13).cos());
    for program in &programs {
        let whole = host(program).render_with(6000, &[], input);
        for cut in [Cut::Every(1), Cut::Every(37), Cut::Random(5)] {
            let cut_up = host(program).with_cut(cut).render_with(6000, &[], input);
            assert_eq!(whole.first_difference(&cut_up), None, "{program}");
        }
    }
}

#[test]
fn random_values_of_a_script_differ_between_runs_and_scripts() {
    let noise = "meta `output.clear(); for i in 0..128 { output.push(random(-1, 1)) } output`";
    let audio = played(&format!("out: {noise}"), 12_800).left;
    let mean = |xs: &[f64]| xs.iter().sum::<f64>() / xs.len() as f64;
    let power = mean(&audio.iter().map(|x| f64::from(x * x)).collect::<Vec<_>>());
    assert!((power - 1.0 / 3.0).abs() < 0.02, "{power}");
    // Independent values agree within four standard errors: 4 / 3 / sqrt(12 672) = 0.012.
    for lag in [1, 127, 128, 256] {
        let pairs = audio.iter().zip(&audio[lag..]);
        let likeness = mean(&pairs.map(|(a, b)| f64::from(a * b)).collect::<Vec<_>>());
        assert!(likeness.abs() < 0.012, "{lag}: {likeness}");
    }
    let other = played(&format!("another: {noise}"), 12_800).left;
    assert_ne!(audio, other);
}

#[test]
fn a_loop_that_only_ends_on_silence_stops_no_sound() {
    let program = "out: ~input >> meta `while input[0] > 0.5 { x += 1.0 } output.pad(128, 0.25); output`\n\
                   other: sig 0.5";
    let mut host = host(program);
    let loud = host.render_with(2048, &[], |_| (1.0, 1.0));
    assert!(loud.left.iter().all(|x| *x == 0.5));
    let quiet = host.render(2048);
    assert_eq!(quiet.left[2047], 0.75);
}

#[test]
fn a_short_list_leaves_the_rest_as_it_was() {
    let program =
        "out: meta `if x == 0 { output.pad(128, 0.5) } else { output = [1] } x += 1; output`";
    let audio = played(program, 256);
    assert!(audio.left[..128].iter().all(|x| *x == 0.5));
    assert_eq!(audio.left[128], 1.0);
    assert!(audio.left[129..].iter().all(|x| *x == 0.5));
}
