//! P1: nothing on the audio thread allocates, frees, locks or makes system calls.
//!
//! Each case runs in a process of its own with the checker preloaded; see `tests/rtcheck`.

#![cfg(target_os = "linux")]

use glisten_tests::rtcheck::run_checked;
use serde_json::Value;

const HOST_RUN: &str = env!("CARGO_BIN_EXE_host_run");

fn run(arguments: &[&str]) -> Value {
    run_checked(HOST_RUN, arguments).unwrap_or_else(|error| panic!("{error:#}"))
}

fn assert_clean(report: &Value, what: &str) {
    println!("{what}: {report}");
    for kind in ["allocations", "frees", "locks", "system_calls"] {
        assert_eq!(report[kind], 0, "{what}: {kind} inside process. {report}");
    }
    assert_eq!(report["bad_samples"], 0, "{what}: {report}");
    assert!(
        report["calls"].as_u64().is_some_and(|calls| calls > 100),
        "{what}: {report}"
    );
}

#[test]
fn the_checker_sees_what_it_must_see() {
    let report = run(&["negative"]);
    let count = |case: &str, kind: &str| report[case][kind].as_u64().expect("a count");
    for kind in ["allocations", "frees", "locks", "system_calls"] {
        assert_eq!(count("quiet", kind), 0, "{report}");
    }
    assert_eq!(count("allocation", "allocations"), 1, "{report}");
    assert_eq!(count("free", "frees"), 1, "{report}");
    assert!(
        count("file", "system_calls") >= 2,
        "open and close: {report}"
    );
    assert!(count("sleep", "system_calls") >= 1, "{report}");
    assert!(
        count("contended_mutex", "system_calls") >= 1,
        "a futex: {report}"
    );
}

#[test]
fn three_thousand_edits_while_audio_runs() {
    for format in ["clap", "vst3"] {
        let report = run(&["edits", format, "3000"]);
        assert_clean(&report, format);
        assert_eq!(report["edits"], 3000);
        assert_eq!(
            report["refused"], 0,
            "a state with a broken draft is no broken state: {report}"
        );
        assert!(
            report["broken"].as_u64().is_some_and(|n| n > 50),
            "{report}"
        );
        assert_eq!(report["wrong_thread"], 0, "{report}");
    }
}

#[test]
fn three_thousand_edits_that_are_all_heard() {
    for format in ["clap", "vst3"] {
        assert_clean(&run(&["stepped", format, "3000"]), format);
    }
}

#[test]
fn samples_that_start_give_way_and_are_freed_by_edits() {
    for format in ["clap", "vst3"] {
        let report = run(&["samples", format, "200"]);
        assert_clean(&report, format);
        // Without their sounds 79 of the 200 are heard: the sine, and what fades out after it.
        assert!(
            report["heard"].as_u64().is_some_and(|n| n >= 160),
            "{report}"
        );
    }
}

#[test]
fn keys_wheels_knobs_and_sent_notes_over_edits() {
    for format in ["clap", "vst3"] {
        let report = run(&["played", format, "200"]);
        assert_clean(&report, format);
        assert_eq!(report["heard"], 200, "{report}");
        assert!(report["sent"].as_u64().is_some_and(|n| n > 400), "{report}");
    }
}

#[test]
fn loops_jumps_tempo_changes_and_reset() {
    for format in ["clap", "vst3"] {
        for kind in ["effect", "instrument"] {
            assert_clean(&run(&["steady", format, kind]), &format!("{format} {kind}"));
        }
    }
}

/// nice-plug 0.4.2 by itself tells a thread of its own of every parameter change in a VST3, which
/// allocates and wakes that thread; the edge takes automation over.
#[test]
fn dense_automation_of_every_parameter() {
    for format in ["clap", "vst3"] {
        for kind in ["effect", "instrument"] {
            assert_clean(
                &run(&["automated", format, kind]),
                &format!("{format} {kind}"),
            );
        }
    }
}

#[test]
fn eight_programs_that_take_turns() {
    for format in ["clap", "vst3"] {
        assert_clean(&run(&["programs", format]), format);
    }
}

#[test]
fn an_effect_that_falls_asleep_and_wakes() {
    for format in ["clap", "vst3"] {
        let report = run(&["asleep", format]);
        assert_clean(&report, format);
        let count = |name: &str| report[name].as_u64().unwrap_or(0);
        assert!(count("silent_blocks") > 200, "{report}");
        assert!(count("wakes") >= 3, "{report}");
    }
}
