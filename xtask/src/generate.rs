//! `gen`: documents that are made from the code.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{render, shell};

pub const HELP: &str = "\
Write docs/nodes.md from the node registry.

usage: cargo xtask gen [--check]

  --check   Write nothing; fail if the file is not current
";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &["--check"])?;
    let cli = render::build_cli(false)?;
    if !args.is_empty() {
        return check(&cli);
    }
    std::fs::write(path(), fresh(&cli)?)?;
    println!("Wrote docs/nodes.md.");
    Ok(())
}

/// Compares docs/nodes.md with what a built `glisten` program says.
///
/// # Errors
/// They differ, or the program fails.
pub fn check(cli: &Path) -> Result<()> {
    let wanted = fresh(cli)?;
    let present = std::fs::read_to_string(path())
        .unwrap_or_default()
        .replace("\r\n", "\n");
    if present != wanted {
        let same = wanted
            .lines()
            .zip(present.lines())
            .take_while(|(a, b)| a == b)
            .count();
        bail!(
            "docs/nodes.md is not current from line {} on; run `cargo xtask gen`.",
            same + 1
        );
    }
    println!("docs/nodes.md is current.");
    Ok(())
}

fn fresh(cli: &Path) -> Result<String> {
    let text = shell::output(shell::command(cli).args(["nodes", "--format", "markdown"]))?;
    Ok(text.replace("\r\n", "\n"))
}

fn path() -> PathBuf {
    shell::root().join("docs").join("nodes.md")
}
