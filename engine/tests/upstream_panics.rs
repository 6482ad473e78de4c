//! Programs and edits that make the glicol crate panic: here they are refused with a sentence (the
//! cases in `language/upstream_panics.txt` say which), or they play.

mod common;

use common::Host;
use glisten_engine::{Kind, Launch, Severity};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Edits that make upstream panic: a line that becomes nothing, and other arguments for `arrange`.
const EDITS: &[(&str, &str)] = &[
    ("out: imp 10 >> delayn 100", "out: imp 10 >> delayn 0"),
    (
        "~x: seq 60\n~y: seq 72\nout: arrange ~x 1 ~y 1 >> sawsynth 0.01 0.1",
        "~x: seq 60\n~y: seq 72\nout: arrange ~y 2 ~x 1 >> sawsynth 0.01 0.1",
    ),
];

fn programs() -> Vec<String> {
    let text = include_str!("language/upstream_panics.txt");
    text.split("\n--- ")
        .skip(1)
        .map(|case| {
            let lines = case.lines().skip(1);
            let program = lines.take_while(|line| !line.starts_with("! "));
            program.collect::<Vec<_>>().join("\n")
        })
        .collect()
}

/// Half a second of a program, if it is accepted; every sample a number, no node at fault.
fn plays(host: &mut Host, program: &str) -> bool {
    let evaluation = host.engine.evaluate(program, Launch::Now);
    let mut errors = evaluation.diagnostics.iter();
    let has_error = errors.any(|d| d.severity == Severity::Error);
    assert_ne!(evaluation.accepted, has_error, "{program}");
    if evaluation.accepted {
        let audio = host.seconds(0.5);
        assert!(audio.peak() <= 1.0, "{program}: {}", audio.peak());
        let status = host.snapshot();
        assert_eq!(status.fault, None, "{program}");
        assert!(!status.guard.halted, "{program}");
    }
    evaluation.accepted
}

#[test]
fn programs_that_make_upstream_panic_are_refused_or_play() {
    let programs = programs();
    assert_eq!(programs.len(), 22, "a case was lost");
    let mut played = 0;
    for program in &programs {
        for rate in [44_100.0, 96_000.0] {
            let mut host = Host::at_rate(Kind::Effect, rate);
            played += usize::from(plays(&mut host, program));
        }
    }
    assert!(played >= 10, "only {played} of them play");
}

#[test]
fn edits_that_make_upstream_panic_play() {
    for (before, after) in EDITS {
        let mut host = Host::new(Kind::Effect);
        for program in [before, after, before] {
            assert!(plays(&mut host, program), "{program}");
        }
    }
}
