//! `glisten check`: a program's problems, for people or for editors.

use std::path::PathBuf;

use engine::{Config, Diagnostic, Kind, LineIndex, Severity, locate};
use lexopt::prelude::*;

use super::{CliError, files, help, print, report, sounds};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

pub(crate) fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let mut program: Option<PathBuf> = None;
    let mut format = Format::Text;
    let mut samples: Option<PathBuf> = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Long("format") => {
                let value = parser.value()?;
                format = match value.to_str() {
                    Some("json") => Format::Json,
                    Some("text") => Format::Text,
                    _ => {
                        return Err(CliError::usage(format!(
                            "--format may be text or json, not \"{}\".",
                            value.to_string_lossy()
                        )));
                    }
                };
            }
            Long("samples") => samples = Some(parser.value()?.into()),
            Short('h') | Long("help") => return help(),
            Value(value) if program.is_none() => program = Some(value.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(path) = program else {
        return Err(CliError::usage("The program to check is missing."));
    };
    let file = files::read_program(&path)?;
    let config = Config {
        sample_rate: 48_000.0,
        // It hears everything that a program may ask for.
        kind: Kind::Instrument,
        seed: glisten::DEFAULT_SEED,
    };
    let mut engine = engine::create(&config).engine;
    let samples = samples
        .map(|folder| sounds::set(&mut engine, &folder))
        .transpose()?;
    let diagnostics = engine.check(&file.text);
    sounds::remark(samples.as_deref());

    match format {
        Format::Text if diagnostics.is_empty() => {
            print(&format!("{}: no problems found\n", file.name))?;
        }
        Format::Text => print(&report::text(&file.name, &file.text, &diagnostics))?,
        Format::Json => print(&json(&file.text, &diagnostics))?,
    }
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Err(CliError::Rejected);
    }
    Ok(())
}

/// An array of objects; lines and columns from 1, columns in characters, ends exclusive.
fn json(text: &str, diagnostics: &[Diagnostic]) -> String {
    let lines = LineIndex::new(text);
    let array: Vec<_> = diagnostics
        .iter()
        .map(|d| locate(d, text, &lines))
        .collect();
    serde_json::to_string_pretty(&array).unwrap_or_else(|_| "[]".to_owned()) + "\n"
}
