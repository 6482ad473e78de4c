//! `doctor`: what is missing on this machine.

use anyhow::Result;

use crate::packages::{self, Need};
use crate::shell;

pub const HELP: &str = "\
Say which system packages are missing, and what for. Installs nothing.

usage: cargo xtask doctor
";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &[])?;
    println!(
        "{}",
        shell::output(shell::command("rustc").arg("--version"))?.trim()
    );
    let groups: [(&str, &'static [Need]); 5] = [
        ("building", packages::BUILD),
        ("the editor's window", packages::EDITOR),
        ("editor tests on a hidden display", packages::DISPLAY),
        ("the test with a foreign host", packages::PYTHON),
        ("the fuzz targets", packages::FUZZ),
    ];
    let mut all = Vec::new();
    for (purpose, group) in groups {
        let missing = packages::missing(&[group]);
        if missing.is_empty() {
            println!("complete  {purpose}");
        } else {
            println!("missing   {purpose}: {}", packages::names(&missing));
        }
        all.extend(missing);
    }
    match std::env::var_os("DISPLAY") {
        Some(display) => println!("display   {}", display.to_string_lossy()),
        None if cfg!(target_os = "linux") => {
            println!("display   none: `run` will not open the editor");
        }
        None => {}
    }
    if !all.is_empty() {
        println!(
            "\nOn Debian and Ubuntu, run as root: {}",
            packages::install_line(&all)
        );
    }
    Ok(())
}
