//! `bundle`: the library becomes `Glisten.clap` and `Glisten.vst3`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;

pub const HELP: &str = "\
Build the CLAP and VST3 bundles into target/bundled.

usage: cargo xtask bundle [--release] [--target TRIPLE]

  --release         Optimised for use (slower to build)
  --target TRIPLE   Build for another system
";

/// Package of the plugin, and key of its display name in `bundler.toml`.
const PACKAGE: &str = "glisten";

/// What a bundling made.
pub struct Bundles {
    /// The CLAP plugin: a file, on macOS a folder.
    pub clap: PathBuf,
    /// The VST3 plugin: a folder.
    pub vst3: PathBuf,
}

pub fn run(args: &[String]) -> Result<()> {
    let mut cargo_args = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--release" => cargo_args.push(arg.clone()),
            "--target" => {
                let triple = rest
                    .next()
                    .context("`--target` needs the name of a target.")?;
                cargo_args.extend([arg.clone(), triple.clone()]);
            }
            _ => shell::only_flags(std::slice::from_ref(arg), &[])?,
        }
    }
    bundle_with(&cargo_args).map(drop)
}

/// Builds and bundles for this machine.
///
/// # Errors
/// The build fails or the bundle cannot be written.
pub fn bundle(release: bool) -> Result<Bundles> {
    let args: &[String] = if release {
        &["--release".to_owned()]
    } else {
        &[]
    };
    bundle_with(args)
}

fn bundle_with(cargo_args: &[String]) -> Result<Bundles> {
    shell::run(
        shell::cargo()
            .args(["build", "--locked", "-p", PACKAGE])
            .args(cargo_args),
    )?;
    package(cargo_args)
}

/// Bundles what is built already.
///
/// # Errors
/// It is not built, or the bundle cannot be written.
pub fn bundle_built(release: bool) -> Result<Bundles> {
    let args: &[String] = if release {
        &["--release".to_owned()]
    } else {
        &[]
    };
    package(args)
}

/// The `glisten` command-line program, built or not.
///
/// # Errors
/// Cargo does not say where its target folder is.
pub fn cli_path(release: bool) -> Result<PathBuf> {
    let profile = if release { "release" } else { "debug" };
    let name = format!("{PACKAGE}{}", std::env::consts::EXE_SUFFIX);
    Ok(shell::target_dir()?.join(profile).join(name))
}

fn package(cargo_args: &[String]) -> Result<Bundles> {
    let target = shell::target_dir()?;
    let caller = std::env::current_dir().context("Could not tell the current folder")?;
    // The bundler looks for `bundler.toml` in the current folder.
    std::env::set_current_dir(shell::root()).context("Could not enter the project's folder")?;
    let result = nice_plug_xtask::bundle(target, PACKAGE, cargo_args, false);
    std::env::set_current_dir(caller).context("Could not return to the first folder")?;
    result?;
    let bundled = target.join("bundled");
    plain_cli(&bundled)?;
    Ok(Bundles {
        clap: bundled.join("Glisten.clap"),
        vst3: bundled.join("Glisten.vst3"),
    })
}

/// The bundler also wraps the command-line program like an application, under the plugin's display
/// name; beside the plugins it is `glisten`, as typed.
fn plain_cli(bundled: &Path) -> Result<()> {
    let app = bundled.join("Glisten.app");
    if app.exists() {
        std::fs::rename(app.join("Contents/MacOS/Glisten"), bundled.join(PACKAGE))?;
        std::fs::remove_dir_all(app)?;
    }
    for extension in ["", ".exe"] {
        let wrapped = bundled.join(format!("Glisten{extension}"));
        if wrapped.is_file() {
            std::fs::rename(wrapped, bundled.join(format!("{PACKAGE}{extension}")))
                .context("Could not rename the command-line program")?;
        }
    }
    Ok(())
}
