//! `gen`: documents that are made from the code.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{render, shell};

pub const HELP: &str = "\
Write docs/nodes.md, and the nodes' part of docs/compatibility.md, from the node registry.

usage: cargo xtask gen [--check]

  --check   Write nothing; fail if a file is not current
";

/// The lines between which the compatibility page is generated.
const BEGIN: &str = "<!-- nodes: written by `cargo xtask gen` -->\n";
const END: &str = "<!-- end of nodes -->\n";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &["--check"])?;
    let cli = render::build_cli(false)?;
    if !args.is_empty() {
        return check(&cli);
    }
    for (name, text) in fresh(&cli)? {
        std::fs::write(path(name), text)?;
        println!("Wrote docs/{name}.");
    }
    Ok(())
}

/// Compares the generated documents with what a built `glisten` program says.
///
/// # Errors
/// They differ, or the program fails.
pub fn check(cli: &Path) -> Result<()> {
    for (name, wanted) in fresh(cli)? {
        let present = present(name);
        if present != wanted {
            let same = wanted
                .lines()
                .zip(present.lines())
                .take_while(|(a, b)| a == b)
                .count();
            bail!(
                "docs/{name} is not current from line {} on; run `cargo xtask gen`.",
                same + 1
            );
        }
        println!("docs/{name} is current.");
    }
    Ok(())
}

/// The generated documents: names and texts.
fn fresh(cli: &Path) -> Result<Vec<(&'static str, String)>> {
    let say = |format: &str| -> Result<String> {
        let text = shell::output(shell::command(cli).args(["nodes", "--format", format]))?;
        Ok(text.replace("\r\n", "\n"))
    };
    let page = present("compatibility.md");
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let Some((before, after)) = parts else {
        bail!("docs/compatibility.md lacks the lines around its generated part.");
    };
    let table = say("differences")?;
    let page = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    Ok(vec![
        ("nodes.md", say("markdown")?),
        ("compatibility.md", page),
    ])
}

fn present(name: &str) -> String {
    std::fs::read_to_string(path(name))
        .unwrap_or_default()
        .replace("\r\n", "\n")
}

fn path(name: &str) -> PathBuf {
    shell::root().join("docs").join(name)
}
