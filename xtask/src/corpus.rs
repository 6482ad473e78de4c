//! `corpus`: tries programs that other people published.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{documents, render, shell};

pub const HELP: &str = "\
Try a folder of other people's programs: does each load, and does it sound?

usage: cargo xtask corpus FOLDER [--samples DIR] [--problems]

Programs are files that end in .glicol, blocks marked `glicol` in Markdown, and texts called
`example` in JSON. Each one is checked and played for 8 bars, with noise as the track's audio. It
sounds if its level is above -60 dB.

  --samples DIR   Hand a folder of samples to the renderer
  --problems      Show what is said of each program
";

/// Length of each try-out.
const BARS: &str = "8";
/// Levels below count as silence.
const SILENT_DB: f64 = -60.0;

/// What became of one program.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Refused,
    Silent,
    Sounds(f64),
}

struct Options {
    folder: PathBuf,
    samples: Option<PathBuf>,
    problems: bool,
}

pub fn run(args: &[String]) -> Result<()> {
    let options = options(args)?;
    let cli = render::build_cli(true)?;
    let scratch = shell::target_dir()?.join("corpus");
    std::fs::create_dir_all(&scratch)?;
    let noise = noise(&cli, &scratch)?;
    let (mut total, mut loaded, mut sounding) = (0, 0, 0);
    for (name, text) in programs(&options.folder)? {
        let place = scratch.join("program.glicol");
        std::fs::write(&place, &text)?;
        let problems = problems(&cli, &place)?;
        let refused = problems.iter().any(|p| p.severity == "error");
        let fate = if refused {
            Fate::Refused
        } else {
            play(&cli, &place, &noise, &scratch, options.samples.as_deref())?
        };
        let what = match fate {
            Fate::Refused => "REFUSED".to_owned(),
            Fate::Silent => "silent".to_owned(),
            Fate::Sounds(db) => format!("{db:.1} dB"),
        };
        println!("{what:>9}  {:>2} problems  {name}", problems.len());
        for problem in problems
            .iter()
            .filter(|p| options.problems || p.severity == "error")
        {
            println!("           {}", problem.text);
        }
        total += 1;
        loaded += usize::from(fate != Fate::Refused);
        sounding += usize::from(matches!(fate, Fate::Sounds(_)));
    }
    println!("\n{total} programs, {loaded} load, {sounding} sound");
    Ok(())
}

fn options(args: &[String]) -> Result<Options> {
    let mut folder = None;
    let mut samples = None;
    let mut problems = false;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--samples" => {
                samples = Some(args.next().context("`--samples` needs a folder.")?.into());
            }
            "--problems" => problems = true,
            other if folder.is_none() && !other.starts_with('-') => folder = Some(other.into()),
            other => bail!("Unknown argument `{other}`; `--help` lists what there is."),
        }
    }
    Ok(Options {
        folder: folder.context("The folder with the programs is missing.")?,
        samples,
        problems,
    })
}

/// Name and text of each program below a folder.
fn programs(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for extension in ["glicol", "md", "json"] {
        for file in shell::files_under(folder, extension)? {
            let short = file.strip_prefix(folder).unwrap_or(&file);
            let name = short.to_string_lossy().into_owned();
            // Other people's files need not be UTF-8.
            let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
            match extension {
                "glicol" => found.push((name, text)),
                "md" => found.extend(
                    documents::blocks(&text, "glicol")
                        .into_iter()
                        .map(|(line, program)| (format!("{name}:{line}"), program)),
                ),
                _ => {
                    if let Ok(value) = serde_json::from_str(&text) {
                        examples(&value, &name, &mut found);
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Every text called `example`, at any depth, under the name of what it is an example of.
fn examples(value: &Value, name: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                match inner {
                    Value::String(text) if key == "example" => {
                        found.push((name.to_owned(), text.clone()));
                    }
                    _ => examples(inner, &format!("{name}/{key}"), found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|i| examples(i, name, found)),
        _ => {}
    }
}

struct Problem {
    severity: String,
    text: String,
}

fn problems(cli: &Path, program: &Path) -> Result<Vec<Problem>> {
    let mut command = shell::command(cli);
    let output = command
        .args(["check", "--format", "json"])
        .arg(program)
        .output()?;
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "`glisten check` gave no list: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })?;
    let field = |problem: &Value, key: &str| match &problem[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(list
        .iter()
        .map(|p| Problem {
            severity: field(p, "severity").to_lowercase(),
            text: format!(
                "{} {}:{} {}",
                field(p, "code"),
                field(p, "line"),
                field(p, "column"),
                field(p, "message")
            ),
        })
        .collect())
}

fn play(
    cli: &Path,
    program: &Path,
    input: &Path,
    scratch: &Path,
    samples: Option<&Path>,
) -> Result<Fate> {
    let mut command = shell::command(cli);
    command.arg("render").arg(program).arg("--input").arg(input);
    command.args(["--bars", BARS, "-o"]);
    command.arg(scratch.join("sound.wav"));
    if let Some(folder) = samples {
        command.arg("--samples").arg(folder);
    }
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("`glisten render` failed: {said}");
    }
    let level = level(&said).with_context(|| format!("`glisten render` gave no level: {said}"))?;
    Ok(if level > SILENT_DB {
        Fate::Sounds(level)
    } else {
        Fate::Silent
    })
}

/// The figure of `RMS -23.01 dBFS`.
fn level(said: &str) -> Option<f64> {
    let figure = said.split("RMS ").nth(1)?.split_whitespace().next()?;
    if figure.contains("inf") {
        return Some(f64::NEG_INFINITY);
    }
    figure.parse().ok()
}

/// A minute of noise, as the track's audio.
fn noise(cli: &Path, scratch: &Path) -> Result<PathBuf> {
    let (program, sound) = (scratch.join("noise.glicol"), scratch.join("noise.wav"));
    std::fs::write(&program, "out: noiz 1 >> mul 0.2\n")?;
    let mut command = shell::command(cli);
    command.arg("render").arg(&program);
    command.args(["--seconds", "60", "-o"]).arg(&sound);
    shell::output(&mut command)?;
    Ok(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_found_at_any_depth() {
        let json =
            r#"{"sin": {"example": "o: sin 440"}, "more": [{"example": "o: saw 1"}], "n": 1}"#;
        let mut found = Vec::new();
        examples(&serde_json::from_str(json).unwrap(), "api", &mut found);
        found.sort();
        let want = [("api/more", "o: saw 1"), ("api/sin", "o: sin 440")];
        assert_eq!(found, want.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn levels_are_read() {
        assert_eq!(
            level("a.wav: peak -20.00 dBFS, RMS -23.01 dBFS\n"),
            Some(-23.01)
        );
        assert_eq!(
            level("peak -inf dBFS, RMS -inf dBFS"),
            Some(f64::NEG_INFINITY)
        );
        assert_eq!(level("nothing"), None);
    }
}
