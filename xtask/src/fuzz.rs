//! `fuzz`: builds and runs the fuzz targets, on stable Rust.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::steps::Outcome;
use crate::{packages, shell};

pub const HELP: &str = "\
Feed random texts and programs to the parser, the resolver and the whole engine.

usage: cargo xtask fuzz [TARGET…] [OPTIONS]
       cargo xtask fuzz TARGET FILE    Try one input again and show it

Targets: parser, resolver, programs; without one, all of them run.

  --seconds N     How long each target runs (default 20)
  --runs N        How many executions of each target, instead of a time
  --seed N        The fuzzer's seed; 0 takes another one each time (default 1)

What an earlier run found interesting is kept in target/fuzz/corpus and tried first. An input that
breaks something is printed as a case for engine/tests/language and kept in target/fuzz/crashes.
";

/// Names of the targets, their seeds, and the longest input in bytes.
const TARGETS: &[(&str, &str, u32)] = &[
    ("parser", "text", 256),
    ("resolver", "text", 256),
    ("programs", "programs", 512),
];

/// Makes LLVM count which branches a run takes, so that libFuzzer can tell what is new.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table";

/// Seconds after which one execution counts as hanging.
const TIME_LIMIT: u32 = 10;

/// How much is tried.
#[derive(Clone, Copy)]
enum Amount {
    Seconds(u32),
    Runs(u64),
}

pub fn run(args: &[String]) -> Result<()> {
    let mut amount = Amount::Seconds(20);
    let mut seed = 1;
    let mut targets = Vec::new();
    let mut again = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || -> Result<u64> {
            let value = args.next();
            let value = value.with_context(|| format!("`{arg}` needs a number."))?;
            value
                .parse()
                .with_context(|| format!("`{value}` is not a number."))
        };
        match arg.as_str() {
            "--seconds" => amount = Amount::Seconds(u32::try_from(number()?)?),
            "--runs" => amount = Amount::Runs(number()?),
            "--seed" => seed = number()?,
            name if TARGETS.iter().any(|t| t.0 == name) => targets.push(name.to_owned()),
            file if Path::new(file).is_file() => again = Some(PathBuf::from(file)),
            _ => bail!("`{arg}` is neither a target, an option nor a file."),
        }
    }
    let Some(built) = build()? else {
        bail!("A C++ compiler is missing.");
    };
    if let Some(file) = again {
        let [target] = targets.as_slice() else {
            bail!("Name the one target that shall try {}.", file.display());
        };
        return shell::run(
            shell::command(built.join(target))
                .arg(file)
                .env("GLISTEN_FUZZ_SHOW", "1"),
        );
    }
    let chosen = |name: &str| targets.is_empty() || targets.iter().any(|t| t == name);
    let mut broken = 0;
    for target in TARGETS.iter().filter(|(name, ..)| chosen(name)) {
        broken += usize::from(!try_out(&built, target, amount, seed)?);
    }
    if broken > 0 {
        bail!("{broken} target(s) found something.");
    }
    Ok(())
}

/// The step of `test`: each target for a while.
///
/// # Errors
/// The targets do not build or cannot be started.
pub fn check() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::Skipped("the fuzz targets are run on Linux".into()));
    }
    let Some(built) = build()? else {
        return Ok(Outcome::Skipped("a C++ compiler is missing".into()));
    };
    let (mut passed, mut failed) = (0, 0);
    for target in TARGETS {
        if try_out(&built, target, Amount::Seconds(20), 1)? {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    Ok(if failed == 0 {
        Outcome::Passed(passed)
    } else {
        Outcome::Mixed(passed, failed)
    })
}

/// Builds the targets and writes their seeds. Returns the folder of the programs; none where there
/// is no C++ compiler for libFuzzer.
fn build() -> Result<Option<PathBuf>> {
    packages::ensure(&[packages::BUILD, packages::FUZZ], "the fuzz targets")?;
    if shell::find_program("c++").is_none() {
        return Ok(None);
    }
    let version = shell::output(shell::command("rustc").arg("-vV"))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc does not say what it builds for.")?;
    let target = folder()?;
    // A named target keeps the flags away from build scripts and macros.
    shell::run(
        shell::cargo()
            .args(["build", "--quiet", "--release", "--target", host])
            .args(["--manifest-path", "tests/fuzz/Cargo.toml", "--target-dir"])
            .arg(&target)
            .env("RUSTFLAGS", COVERAGE)
            .env_remove("CARGO_ENCODED_RUSTFLAGS"),
    )?;
    let built = target.join(host).join("release");
    let mut files = Vec::new();
    for (folder, extension) in [
        ("engine/tests/language", "txt"),
        ("engine/tests/golden", "txt"),
        ("presets", "glicol"),
        ("tests/bench", "glicol"),
    ] {
        files.extend(shell::files_under(&shell::root().join(folder), extension)?);
    }
    shell::run(
        shell::command(built.join("seeds"))
            .arg(target.join("seeds"))
            .args(files),
    )?;
    Ok(Some(built))
}

fn folder() -> Result<PathBuf> {
    Ok(shell::target_dir()?.join("fuzz"))
}

/// Runs one target. Returns whether nothing broke.
fn try_out(
    built: &Path,
    (name, seeds, longest): &(&str, &str, u32),
    amount: Amount,
    seed: u64,
) -> Result<bool> {
    let folder = folder()?;
    let (corpus, crashes) = (folder.join("corpus").join(name), folder.join("crashes"));
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&crashes)?;
    let mut command = shell::command(built.join(name));
    command
        .arg(match amount {
            Amount::Seconds(n) => format!("-max_total_time={n}"),
            Amount::Runs(n) => format!("-runs={n}"),
        })
        .arg(format!("-seed={seed}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-timeout={TIME_LIMIT}"))
        .arg(format!(
            "-dict={}",
            folder.join("seeds/words.dict").display()
        ))
        .arg(format!("-artifact_prefix={}/{name}-", crashes.display()))
        .args(["-print_final_stats=1", "-rss_limit_mb=2048"])
        .arg(&corpus)
        .arg(folder.join("seeds").join(seeds))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| format!("Could not start the target `{name}`"))?;
    let stderr = child.stderr.take().context("The target says nothing.")?;
    let (mut executions, mut said) = (0, Vec::new());
    for line in BufReader::new(stderr).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if let Some(count) = figure(&line, "stat::number_of_executed_units:") {
            executions = count;
        }
        // Progress and statistics are of no use once something broke.
        if !line.starts_with('#') && !line.contains("# Uses: ") && !line.starts_with("stat::") {
            said.push(line);
        }
    }
    let well = child.wait()?.success();
    println!(
        "{name:9} {executions:>10} executions, {}",
        if well { "nothing broke" } else { "BROKEN" }
    );
    if !well {
        let from = said
            .iter()
            .position(|line| line.starts_with("--- fuzz ---"))
            .unwrap_or(0);
        for line in &said[from..] {
            println!("{line}");
        }
    }
    Ok(well)
}

/// The number after a label at the start of a line.
fn figure(line: &str, label: &str) -> Option<u64> {
    line.strip_prefix(label)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_read_from_the_statistics() {
        let label = "stat::number_of_executed_units:";
        assert_eq!(
            figure("stat::number_of_executed_units: 94964", label),
            Some(94_964)
        );
        assert_eq!(figure("Done 94964 runs in 31 second(s)", label), None);
    }
}
