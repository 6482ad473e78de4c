//! `render`: the command-line renderer, built for speed.

use std::process::Stdio;

use anyhow::Result;

use crate::{bundle, shell};

/// Hands its arguments to `glisten render`. Relative paths mean the caller's folder.
pub fn run(args: &[String]) -> Result<()> {
    let binary = build_cli(true)?;
    shell::run(
        shell::command(binary)
            .arg("render")
            .args(args)
            .stdin(Stdio::inherit()),
    )
}

/// Builds the `glisten` program and returns its path.
///
/// # Errors
/// The build fails.
pub fn build_cli(release: bool) -> Result<std::path::PathBuf> {
    let mut build = shell::cargo();
    build.args([
        "build", "--quiet", "--locked", "-p", "glisten", "--bin", "glisten",
    ]);
    if release {
        build.arg("--release");
    }
    shell::run(&mut build)?;
    bundle::cli_path(release)
}
