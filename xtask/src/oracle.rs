//! `oracle`: what the glicol crate accepts, when it triggers and where it panics, against Glisten.

use anyhow::Result;

use crate::steps::Outcome;
use crate::{bench, shell};

pub const HELP: &str = "\
Compare Glisten with the glicol crate 0.13.5.

usage: cargo xtask oracle

- Each program of tests/upstream/oracle/syntax.txt, in many spellings: what upstream accepts,
  Glisten must accept.
- Each program of triggers.txt there: both must trigger on the same frame, give or take one.
- Each case of engine/tests/language/upstream_panics.txt must make upstream panic.
";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &[])?;
    let tests = shell::root().join("tests/upstream/oracle");
    let panics = shell::root().join("engine/tests/language/upstream_panics.txt");
    shell::run(
        shell::command(bench::build()?)
            .arg("--oracle")
            .arg(tests)
            .arg(panics),
    )
}

/// The step of `test`.
///
/// # Errors
/// The engines differ, or the comparison does not build.
pub fn check() -> Result<Outcome> {
    run(&[])?;
    Ok(Outcome::Passed(1))
}
