//! `run`: from the sources to sound in one command.

use anyhow::Result;

use crate::{bundle, packages, shell};

pub const HELP: &str = "\
Build Glisten, bundle it, play the demo through the bundled CLAP and open the editor.

usage: cargo xtask run [--no-window]

  --no-window   Do not open the editor

Writes target/demo/*.wav. On a Linux machine that lacks the libraries for the editor's window they
are installed where that works without asking; the demo itself needs none of them.
";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &["--no-window"])?;
    let window = args.is_empty() && has_display();
    // If something is still missing after this, the build itself says it best: another compiler
    // or linker may stand in for these packages.
    packages::ensure(&[packages::BUILD], "building")?;
    let window = window && packages::ensure(&[packages::EDITOR], "the editor's window")?.is_empty();

    let bundles = bundle::bundle(true)?;
    let mut build = shell::cargo();
    build.args(["build", "--locked", "--release", "-p", "glisten-tests"]);
    if cfg!(target_os = "linux") {
        // Counts allocations, locks and system calls; preloaded, which only Linux has.
        build.args(["-p", "glisten-rtcheck"]);
    }
    shell::run(&mut build)?;
    let target = shell::target_dir()?;
    let name = format!("demo_host{}", std::env::consts::EXE_SUFFIX);
    let mut demo = shell::command(target.join("release").join(name));
    demo.arg(&bundles.clap).arg(target.join("demo"));
    if window {
        demo.arg("--window");
    }
    println!();
    shell::run(&mut demo)?;
    if !window && args.is_empty() {
        println!("No display here, so the editor was not opened.");
    }
    println!(
        "Bundles: {} and {}",
        bundles.clap.display(),
        bundles.vst3.display()
    );
    println!("Install them with `cargo xtask install`.");
    Ok(())
}

/// Whether a window could be opened.
fn has_display() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some_and(|d| !d.is_empty())
}
