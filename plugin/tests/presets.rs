//! Every preset has its header, compiles without a remark and sounds, quietly enough.

use std::path::{Path, PathBuf};
use std::process::Command;

fn presets() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../presets");
    let mut files: Vec<PathBuf> = [root.clone(), root.join("demo")]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the presets folder"))
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "glicol"))
        .collect();
    files.sort();
    files
}

#[test]
fn there_are_presets_with_headers() {
    let files = presets();
    assert!(files.len() >= 8, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a preset");
        let mut lines = text.lines();
        for key in ["title", "author", "tags", "listen"] {
            let line = lines.next().unwrap_or("");
            let value = line.strip_prefix(&format!("// {key}: ")).unwrap_or("");
            assert!(
                !value.trim().is_empty(),
                "{}: no {key} in \"{line}\"",
                path.display()
            );
        }
    }
}

/// Whether a program waits for keys. That those sound is tested in a host
/// (`tests/tests/key_presets.rs`), because the renderer plays none.
fn waits_for_keys(text: &str) -> bool {
    text.contains(" poly ")
}

#[test]
fn every_preset_for_keys_compiles_without_a_remark() {
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/starters/instrument.glicol");
    let mut files = presets();
    files.push(starter);
    files.retain(|path| waits_for_keys(&std::fs::read_to_string(path).expect("a preset")));
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let output = Command::new(env!("CARGO_BIN_EXE_glisten"))
            .arg("check")
            .arg(&path)
            .output()
            .expect("the program starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && said.trim_end().ends_with("no problems found"),
            "{said}"
        );
    }
}

#[test]
fn every_other_preset_and_starter_compiles_without_a_remark_and_sounds() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("presets");
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let input = folder.join("in.wav");
    let mut writer = hound::WavWriter::create(&input, spec).expect("a WAV file");
    for i in 0..4 * 44_100_u32 {
        let x = ((f64::from(i) * 0.031).sin() + (f64::from(i) * 0.29).sin()) * 0.15;
        writer.write_sample(x as f32).expect("a sample");
        writer.write_sample(x as f32).expect("a sample");
    }
    writer.finalize().expect("a whole file");

    let starters = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/starters");
    let mut files = presets();
    files.push(starters.join("effect.glicol"));
    for path in files {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let wav = folder.join(format!("{name}.wav"));
        let text = std::fs::read_to_string(&path).expect("a preset");
        if waits_for_keys(&text) {
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_glisten"));
        command
            .arg("render")
            .arg(&path)
            .arg("-o")
            .arg(&wav)
            .args(["--seconds", "4"]);
        if text.contains("~input") {
            command.arg("--input").arg(&input);
        }
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name}: {said}");
        assert_eq!(said.lines().count(), 2, "{name} has remarks: {said}");
        assert!(
            said.contains("Guard: not needed. Faults: none."),
            "{name}: {said}"
        );

        let mut reader = hound::WavReader::open(&wav).expect("a WAV file");
        let samples: Vec<f32> = reader
            .samples::<f32>()
            .map(|s| s.expect("a sample"))
            .collect();
        let peak = samples.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
        assert!((0.02..=1.0).contains(&peak), "{name}: peak {peak}");
    }
}
