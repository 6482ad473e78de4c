//! Starts the built program in a folder of its own, and reads what it leaves there.

#![allow(dead_code)] // Each test binary uses its own part of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own for each test, empty at the start.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("cli")
            .join(test);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.join(name), content).expect("a file for the test");
        name.to_owned()
    }

    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_glisten"))
            .current_dir(&self.0)
            .env_remove("DISPLAY")
            .args(args)
            .output()
            .expect("the program starts")
    }

    /// Runs a command that must succeed.
    pub fn ok(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        output
    }

    /// Runs a command that must end with this exit code and a sentence that holds these words.
    pub fn refused(&self, args: &[&str], code: i32, words: &[&str]) {
        let output = self.run(args);
        let text = err(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
        for word in words {
            assert!(
                text.contains(word),
                "{args:?}: \"{word}\" is missing in: {text}"
            );
        }
        assert!(!text.contains("panicked"), "{text}");
    }

    pub fn samples(&self, name: &str) -> (hound::WavSpec, Vec<f32>) {
        let mut reader = hound::WavReader::open(self.0.join(name)).expect("a WAV file");
        let spec = reader.spec();
        (
            spec,
            reader
                .samples::<f32>()
                .map(|s| s.expect("a sample"))
                .collect(),
        )
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).expect("a file")
    }

    /// A second of a rising stereo tone.
    pub fn input(&self, name: &str, spec: hound::WavSpec, frames: u32) -> String {
        let mut writer = hound::WavWriter::create(self.0.join(name), spec).expect("a WAV file");
        for i in 0..frames * u32::from(spec.channels) {
            let x = (f64::from(i) * 0.01).sin() * 0.5;
            match spec.sample_format {
                hound::SampleFormat::Float => writer.write_sample(x as f32),
                hound::SampleFormat::Int => {
                    let top = f64::from((1_u32 << (spec.bits_per_sample - 1)) - 1);
                    writer.write_sample((x * top) as i32)
                }
            }
            .expect("a sample");
        }
        writer.finalize().expect("a whole file");
        name.to_owned()
    }
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8 output")
}

pub fn float(channels: u16, sample_rate: u32) -> hound::WavSpec {
    let sample_format = hound::SampleFormat::Float;
    hound::WavSpec {
        channels,
        sample_rate,
        bits_per_sample: 32,
        sample_format,
    }
}
