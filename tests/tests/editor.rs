//! The editor in a real window: opens, takes typing, runs the program, closes, opens again.
//!
//! Needs `xdotool` and ImageMagick, and `Xvfb` where there is no display. Without them the test is
//! skipped with a line that says why, except in CI (`CI` set), where it fails.

#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use glisten_tests::analysis::{amplitude_at, peak};
use glisten_tests::artifacts::output_folder;
use glisten_tests::editor::OpenEditor;
use glisten_tests::fixture::{fresh, playing};
use glisten_tests::host::{FORMATS, Format, Kind, Requests};
use glisten_tests::program_state::texts;
use glisten_tests::scenario::Scenario;
use glisten_tests::x11::VirtualDisplay;

/// Set in the process that has the hidden display.
const IN_CHILD: &str = "GLISTEN_EDITOR_TEST";

const TYPED: &str = "out: sin 1000 >> mul 0.25";

/// The reason why there can be no editor here.
fn missing_tool() -> Option<String> {
    for tool in ["Xvfb", "xdotool", "import"] {
        let found = Command::new("which").arg(tool).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Some(format!("{tool} is not installed"));
        }
    }
    None
}

/// One test, because the environment's display and the one keyboard are shared.
#[test]
fn editors_open_type_run_and_close() {
    if std::env::var_os(IN_CHILD).is_some() {
        typing_changes_the_sound();
        opens_and_closes_many_times();
        two_editors_at_once_and_deleting_with_an_open_one();
        return;
    }
    if let Some(reason) = missing_tool() {
        assert!(std::env::var_os("CI").is_none(), "{reason}");
        println!("skipped: {reason}");
        return;
    }
    let display = VirtualDisplay::start().unwrap_or_else(|error| panic!("{error:#}"));
    // The libraries read the display from the environment, which only a new process can set safely.
    let program = std::env::current_exe().expect("this program's path");
    let status = Command::new(program)
        .args(["--exact", "editors_open_type_run_and_close", "--nocapture"])
        .env("DISPLAY", &display.name)
        .env(IN_CHILD, "1")
        .env_remove("WAYLAND_DISPLAY")
        .status()
        .expect("starts");
    assert!(
        status.success(),
        "an editor test failed; its output is above"
    );
}

fn screenshot(name: &str) -> PathBuf {
    output_folder("screenshots").expect("a folder").join(name)
}

fn typing_changes_the_sound() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Instrument, "out: sin 300 >> mul 0.25");
        let before = host.render(&Scenario::new(24_000)).audio;
        assert!(
            amplitude_at(&before, 300.0, 48_000.0) > 0.2,
            "{format:?}: the first program"
        );

        let mut editor = OpenEditor::open(&mut *host).unwrap_or_else(|e| panic!("{e:#}"));
        assert!(
            editor.window.colours().expect("a picture") > 8,
            "{format:?}: something is drawn"
        );
        editor.replace_text(TYPED).expect("types");
        let arrived = editor.wait_for_host(Duration::from_secs(10), |host| {
            texts(host).is_ok_and(|(draft, _)| draft.trim() == TYPED)
        });
        let (draft, _) = texts(editor.host()).expect("a state");
        assert!(arrived, "{format:?}: the draft is {draft:?}");
        let looked = editor.host().take_requests();
        assert_eq!(
            (looked.dirty, looked.wrong_thread),
            (0, 0),
            "{format:?}: opening, looking and typing do not mark the project"
        );
        editor.press("ctrl+Return").expect("presses");
        // Before anything else calls the plugin: the news must find their own way.
        let mut marked = Requests::default();
        editor.wait_for_host(Duration::from_secs(10), |host| {
            marked = host.take_requests();
            marked != Requests::default()
        });
        assert_eq!(
            (marked.dirty, marked.wrong_thread),
            (1, 0),
            "{format:?}: a Run marks the project as changed, on the main thread"
        );
        let ran = editor.wait_for_host(Duration::from_secs(10), |host| {
            texts(host).is_ok_and(|(_, good)| good.is_some_and(|good| good.trim() == TYPED))
        });
        assert!(ran, "{format:?}: Ctrl+Enter runs the program");
        let later = editor.host().take_requests();
        assert_eq!(later.dirty, 0, "{format:?}: once per Run");
        // Stopped, so that no launch point delays the new program.
        let stopped = glisten_tests::song::Song::stopped();
        let after = editor
            .host()
            .render(&Scenario::new(48_000).song(stopped))
            .audio;
        let tail = &after[24_000..];
        assert!(
            amplitude_at(tail, 1000.0, 48_000.0) > 0.2,
            "{format:?}: the new program"
        );
        assert!(
            amplitude_at(tail, 300.0, 48_000.0) < 0.01,
            "{format:?}: the old one is gone"
        );
        let picture = screenshot(&format!("editor-{format:?}.png").to_lowercase());
        editor.screenshot(&picture).expect("a screenshot");
        println!("{}", picture.display());

        // An error is shown, and the sound goes on.
        editor
            .replace_text("out: sin 1000 >> lfp 300")
            .expect("types");
        editor.press("ctrl+Return").expect("presses");
        editor.run(Duration::from_millis(500));
        let refused = editor.host().take_requests();
        assert_eq!(
            (refused.dirty, refused.wrong_thread),
            (1, 0),
            "{format:?}: a refused Run changed the draft"
        );
        let (_, good) = texts(editor.host()).expect("a state");
        assert_eq!(
            good.as_deref().map(str::trim),
            Some(TYPED),
            "{format:?}: last good stays"
        );
        let on = editor.host().render(&Scenario::new(24_000)).audio;
        assert!(
            peak(&on) > 0.2,
            "{format:?}: a broken program does not stop the sound"
        );
        let picture = screenshot(&format!("editor-{format:?}-error.png").to_lowercase());
        editor.screenshot(&picture).expect("a screenshot");
    }
}

fn opens_and_closes_many_times() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, "out: ~input");
        for round in 0..6 {
            let mut editor = OpenEditor::open(&mut *host)
                .unwrap_or_else(|e| panic!("{format:?}, round {round}: {e:#}"));
            assert!(
                editor.window.colours().expect("a picture") > 8,
                "{format:?}, round {round}"
            );
            if round == 1 {
                assert!(
                    editor.resize(760, 480).expect("a display"),
                    "{format:?}: takes a size"
                );
                let drawn = editor
                    .wait_until(Duration::from_secs(5), |w| w.colours().unwrap_or(0) > 8)
                    .expect("a display");
                assert!(drawn, "{format:?}: draws after a resize");
            }
            if round == 2 {
                // Audio runs while the window is open.
                let audio = editor.host().render(&Scenario::new(48_000)).audio;
                assert_eq!(audio.len(), 48_000);
            }
        }
    }
}

fn two_editors_at_once_and_deleting_with_an_open_one() {
    let mut first = fresh(Format::Clap, Kind::Effect);
    let mut second = fresh(Format::Vst3, Kind::Instrument);
    let one = OpenEditor::open(&mut *first).unwrap_or_else(|e| panic!("{e:#}"));
    let mut two = OpenEditor::open(&mut *second).unwrap_or_else(|e| panic!("{e:#}"));
    drop(one);
    drop(first);
    two.run(Duration::from_millis(200));
    assert!(two.window.colours().expect("a picture") > 8);
}
