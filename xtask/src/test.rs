//! `test`: everything that CI checks, from the quick to the slow.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::display::HiddenDisplay;
use crate::steps::{Outcome, Report, outcome_of};
use crate::{
    bundle, documents, fuzz, generate, layers, licences, oracle, packages, shell, sources, venv,
};

pub const HELP: &str = "\
Check everything that CI checks.

usage: cargo xtask test [STEP…]
       cargo xtask test --list

Without a step, all of them run; a failure stops none of the others. The last line counts what
passed and what failed. System packages that are missing are installed where that works without
asking (root, or sudo without a password); otherwise the command to do so is printed.
";

type Check = fn() -> Result<Outcome>;

/// Name, what it checks, and the check.
const STEPS: &[(&str, &str, Check)] = &[
    ("format", "cargo fmt", format),
    ("layers", "imports of the engine's modules", || {
        Ok(outcome_of(&layers::check()?))
    }),
    (
        "sources",
        "house rules: sizes, names, unsafe, standard library",
        house_rules,
    ),
    (
        "licences",
        "licences and pins of all dependencies",
        licence_check,
    ),
    ("lints", "cargo clippy, warnings denied", lints),
    ("rustdoc", "cargo doc, warnings denied", rustdoc),
    (
        "portable",
        "the engine without default features, and for wasm32",
        portable,
    ),
    ("build", "all programs, and the development bundles", build),
    ("reference", "docs/nodes.md is current", reference),
    (
        "documents",
        "links and programs in the documents",
        document_check,
    ),
    ("tests", "cargo test, with a hidden display", cargo_tests),
    (
        "foreign host",
        "the VST3 bundle in DawDreamer",
        foreign_host,
    ),
    (
        "oracle",
        "what the glicol crate accepts, and its trigger times",
        oracle::check,
    ),
    (
        "fuzz",
        "random texts and programs, a minute in all",
        fuzz::check,
    ),
];

pub fn run(args: &[String]) -> Result<()> {
    if args.iter().any(|a| a == "--list") {
        for (name, what, _) in STEPS {
            println!("{name:14}{what}");
        }
        return Ok(());
    }
    // "foreign host" may also be written with a hyphen.
    let wanted: Vec<String> = args.iter().map(|a| a.replace('-', " ")).collect();
    for name in &wanted {
        if !STEPS.iter().any(|(step, ..)| step == name) {
            bail!("There is no step `{name}`; `cargo xtask test --list` names them.");
        }
    }
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    if chosen("tests") || chosen("foreign host") {
        packages::ensure(
            &[
                packages::BUILD,
                packages::EDITOR,
                packages::DISPLAY,
                packages::PYTHON,
            ],
            "the tests",
        )?;
    }
    let mut report = Report::default();
    for (name, _, check) in STEPS.iter().filter(|(name, ..)| chosen(name)) {
        report.step(name, check);
    }
    if report.finish() {
        Ok(())
    } else {
        bail!("Some checks failed.")
    }
}

/// Runs a command; its success counts as one thing passed.
fn one(command: &mut Command) -> Result<Outcome> {
    shell::run(command)?;
    Ok(Outcome::Passed(1))
}

/// Whether a component of the Rust toolchain is there, after trying to add it.
fn component(name: &str, probe: &str) -> bool {
    let there = || {
        let mut command = shell::cargo();
        command
            .args([probe, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    there()
        || (shell::find_program("rustup").is_some()
            && shell::run(shell::command("rustup").args(["component", "add", name])).is_ok()
            && there())
}

fn format() -> Result<Outcome> {
    if !component("rustfmt", "fmt") {
        return Ok(Outcome::Skipped("rustfmt is not installed".into()));
    }
    shell::run(shell::cargo().args(["fmt", "--all", "--check"]))?;
    // Packages outside of the workspace.
    for manifest in ["tests/upstream/Cargo.toml", "tests/fuzz/Cargo.toml"] {
        shell::run(shell::cargo().args(["fmt", "--check", "--manifest-path", manifest]))?;
    }
    Ok(Outcome::Passed(1))
}

fn house_rules() -> Result<Outcome> {
    let (problems, long) = sources::check()?;
    if !long.is_empty() {
        println!("Over 400 lines, worth a look: {}", long.join(", "));
    }
    Ok(outcome_of(&problems))
}

fn licence_check() -> Result<Outcome> {
    let (problems, count) = licences::check()?;
    println!("{count} packages");
    Ok(outcome_of(&problems))
}

fn lints() -> Result<Outcome> {
    if !component("clippy", "clippy") {
        return Ok(Outcome::Skipped("clippy is not installed".into()));
    }
    one(shell::cargo().args([
        "clippy",
        "--quiet",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn rustdoc() -> Result<Outcome> {
    one(shell::cargo().env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--quiet",
        "--locked",
        "--no-deps",
        "-p",
        "glisten-engine",
    ]))
}

fn portable() -> Result<Outcome> {
    let check = || {
        let mut command = shell::cargo();
        command.args(["check", "--quiet", "--locked", "-p", "glisten-engine"]);
        command.arg("--no-default-features");
        command
    };
    shell::run(&mut check())?;
    // The target is worth checking where it is installed and not worth a download elsewhere.
    let sysroot = shell::output(shell::command("rustc").args(["--print", "sysroot"]))?;
    let wasm = std::path::Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown/lib");
    if wasm.exists() {
        shell::run(check().args(["--target", "wasm32-unknown-unknown"]))?;
        return Ok(Outcome::Passed(2));
    }
    println!("wasm32-unknown-unknown is not installed; checked for this machine only.");
    Ok(Outcome::Passed(1))
}

fn build() -> Result<Outcome> {
    shell::run(shell::cargo().args([
        "build",
        "--quiet",
        "--locked",
        "--workspace",
        "--exclude",
        "xtask",
    ]))?;
    let bundles = bundle::bundle_built(false)?;
    for path in [bundles.clap, bundles.vst3] {
        if !path.exists() {
            bail!("The bundler did not make {}.", path.display());
        }
    }
    Ok(Outcome::Passed(1))
}

fn reference() -> Result<Outcome> {
    generate::check(&built_cli()?)?;
    Ok(Outcome::Passed(1))
}

fn document_check() -> Result<Outcome> {
    Ok(outcome_of(&documents::check(&built_cli()?)?))
}

/// The `glisten` program that the step `build` left.
fn built_cli() -> Result<std::path::PathBuf> {
    let path = bundle::cli_path(false)?;
    if !path.exists() {
        bail!("{} is not built.", path.display());
    }
    Ok(path)
}

fn cargo_tests() -> Result<Outcome> {
    let display = match HiddenDisplay::start() {
        Ok(display) => Some(display),
        Err(error) => {
            println!("note: {error:#}; tests with a window are left out.");
            None
        }
    };
    let mut command = shell::cargo();
    command.args(["test", "--locked", "--workspace", "--no-fail-fast"]);
    command
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DISPLAY")
        .stdout(Stdio::piped());
    if let Some(display) = &display {
        command.env("DISPLAY", &display.name);
    }
    // What the plugins log in thousands of loads would bury the tests' own words.
    let log = shell::target_dir()?.join("plugin.log");
    println!("The plugins' log: {}", log.display());
    command.env("NICE_LOG", log);
    let mut child = command.spawn().context("Could not start cargo")?;
    let stdout = child.stdout.take().context("cargo has no output")?;
    let (mut passed, mut failed) = (0, 0);
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        writeln!(std::io::stdout(), "{line}")?;
        if let Some((p, f)) = tally(&line) {
            passed += p;
            failed += f;
        }
    }
    let status = child.wait()?;
    if !status.success() && failed == 0 {
        bail!("cargo test failed ({status}) after {passed} tests passed.");
    }
    Ok(if failed == 0 {
        Outcome::Passed(passed)
    } else {
        Outcome::Mixed(passed, failed)
    })
}

/// The figures of a line `test result: ok. 3 passed; 1 failed; …`.
fn tally(line: &str) -> Option<(usize, usize)> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let figure = |word: &str| {
        let before = rest.split(word).next()?.trim_end();
        before.rsplit([' ', ';']).next()?.parse().ok()
    };
    Some((figure("passed")?, figure("failed")?))
}

fn foreign_host() -> Result<Outcome> {
    let Some(python) = venv::prepare()? else {
        return Ok(Outcome::Skipped(
            "python3 with its venv module is missing".into(),
        ));
    };
    let display = HiddenDisplay::start().ok();
    let mut command = shell::command(python);
    command
        .current_dir(shell::root())
        .arg("tests/dawdreamer/test_dawdreamer.py");
    command.env_remove("WAYLAND_DISPLAY").env_remove("DISPLAY");
    command.env(
        "GLISTEN_VST3",
        shell::target_dir()?.join("bundled").join("Glisten.vst3"),
    );
    if let Some(display) = &display {
        command.env("DISPLAY", &display.name);
    }
    one(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let good = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out";
        assert_eq!(tally(good), Some((12, 0)));
        assert_eq!(
            tally("test result: FAILED. 7 passed; 2 failed; 0 ignored"),
            Some((7, 2))
        );
        assert_eq!(tally("test some_name ... ok"), None);
    }

    #[test]
    fn every_step_has_its_own_name() {
        let mut names: Vec<_> = STEPS.iter().map(|(name, ..)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
