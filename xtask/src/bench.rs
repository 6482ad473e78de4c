//! `bench`: our speed against the glicol crate's, both in one run.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
Compare the speed with the glicol crate on the programs in tests/bench.

usage: cargo xtask bench [ARGS…]
       cargo xtask bench idle    What instances cost that have nothing to do

  --rounds N      Interleaved rounds (default 7)
  --seconds S     Audio per round and program (default 20)
  --only W3,W9    Only these programs
  --count         Count instructions per frame with valgrind instead of time

The comparison is a package of its own with its own lock file (tests/upstream), so that the
glicol crate never becomes part of Glisten.
";

pub fn run(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|a| a == "idle") {
        let bench = [
            "bench",
            "--quiet",
            "--package",
            "glisten-engine",
            "--bench",
            "idle",
        ];
        return shell::run(shell::cargo().args(bench));
    }
    let folder = shell::root().join("tests").join("bench");
    shell::run(shell::command(build()?).arg(folder).args(args))
}

/// Builds the comparison with the glicol crate and returns its path.
///
/// # Errors
/// The build fails.
pub fn build() -> Result<PathBuf> {
    let manifest = shell::root()
        .join("tests")
        .join("upstream")
        .join("Cargo.toml");
    let target = shell::target_dir()?.join("upstream");
    // Not `--locked`: when the engine gains or loses a dependency, this lock file just follows.
    shell::run(
        shell::cargo()
            .args(["build", "--quiet", "--release", "--manifest-path"])
            .arg(&manifest)
            .arg("--target-dir")
            .arg(&target),
    )?;
    let name = format!("glisten-upstream{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}
