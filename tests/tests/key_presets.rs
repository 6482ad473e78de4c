//! Presets for keys, played from a host.

use std::path::PathBuf;

use glisten_tests::analysis::peak;
use glisten_tests::artifacts::project_folder;
use glisten_tests::fixture::playing;
use glisten_tests::host::{Format, Kind};
use glisten_tests::scenario::{MessageKind, Scenario};

const SECOND: u64 = 48_000;

/// Programs whose header has this tag.
fn tagged(tag: &str) -> Vec<(String, String)> {
    let folder = project_folder().join("presets");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the presets folder")
        .map(|entry| entry.expect("a folder entry").path())
        .collect();
    files.sort();
    files
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let tags = text.lines().find_map(|l| l.strip_prefix("// tags: "))?;
            let name = path.file_stem()?.to_string_lossy().into_owned();
            tags.split(", ").any(|t| t == tag).then_some((name, text))
        })
        .collect()
}

/// A tune of single keys, half a second each, and a chord at the end.
fn tune(keys: &[u8]) -> Scenario {
    let mut scenario = Scenario::new((keys.len() as u64 / 2 + 16) * SECOND);
    let on = |key| MessageKind::On {
        key,
        id: None,
        velocity: 0.9,
    };
    let off = |key| MessageKind::Off { key, id: None };
    let mut frame = SECOND / 4;
    for key in keys {
        scenario = scenario.message(frame, 1, on(*key));
        scenario = scenario.message(frame + SECOND * 3 / 8, 1, off(*key));
        frame += SECOND / 2;
    }
    for key in keys {
        scenario = scenario.message(frame, 1, on(*key));
    }
    for key in keys {
        scenario = scenario.message(frame + SECOND, 1, off(*key));
    }
    scenario
}

#[test]
fn every_preset_for_keys_plays_each_key_and_ends() {
    let presets = tagged("keys");
    assert!(presets.len() >= 5, "{presets:?}");
    for (name, program) in presets {
        // Where drum pads play, and where everybody else does.
        let keys: [u8; 4] = if program.contains("tags: keys, drums") {
            [36, 38, 42, 46]
        } else {
            [45, 52, 57, 64]
        };
        let mut host = playing(Format::Clap, Kind::Instrument, &program);
        let rendered = host.render(&tune(&keys));
        assert_eq!(rendered.bad_samples, 0, "{name}");
        let audio = &rendered.audio;
        let start = SECOND as usize / 4;
        assert_eq!(peak(&audio[..start]), 0.0, "{name}: silent before");
        for (i, key) in keys.iter().enumerate() {
            let from = start + i * SECOND as usize / 2;
            let level = peak(&audio[from..from + SECOND as usize / 2]);
            assert!((0.02..1.0).contains(&level), "{name}: {key} at {level}");
        }
        assert!(peak(audio) < 1.0, "{name}: the chord fits");
        let end = audio.len() - SECOND as usize / 2;
        let left = peak(&audio[end..]);
        assert!(left < 1e-3, "{name}: {left} is left");
    }
}
