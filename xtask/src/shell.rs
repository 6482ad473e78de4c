//! Where the project lies, and how other programs are started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // Cargo sets the variable for `cargo run`; the compiled-in path serves a bare binary.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        manifest
            .parent()
            .map_or(manifest.clone(), Path::to_path_buf)
    })
}

/// Cargo's target folder, wherever the user's settings put it.
///
/// # Errors
/// Cargo does not run or the manifest is broken.
pub fn target_dir() -> Result<&'static Path> {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    if let Some(path) = TARGET.get() {
        return Ok(path);
    }
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let path = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no target folder.")?;
    Ok(TARGET.get_or_init(|| PathBuf::from(path)))
}

/// A `cargo` command in the workspace's root, free of this program's own package variables.
pub fn cargo() -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Any command, without input and free of this program's own package variables.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command with its output shown.
///
/// # Errors
/// The program is missing or reports failure.
pub fn run(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command
        .status()
        .with_context(|| format!("Could not start `{name}`"))?;
    if !status.success() {
        bail!("`{name}` failed ({status}).");
    }
    Ok(())
}

/// Runs a command and returns what it printed; its error output is shown.
///
/// # Errors
/// The program is missing or reports failure.
pub fn output(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("Could not start `{name}`"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({}).", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as a person would type it.
pub fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut text = program.file_name().map_or_else(
        || program.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// The full path of a program on the search path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    // Administration tools such as `ldconfig` are not on every user's path.
    let extra = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(extra)
        .flat_map(|dir| [dir.join(name), dir.join(format!("{name}.exe"))])
        .find(|file| file.is_file())
}

/// All files under a folder whose name ends in `.extension`, in a fixed order; hidden folders and
/// `target` are left out.
///
/// # Errors
/// A folder cannot be read.
pub fn files_under(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("Could not read the folder {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                if !name.starts_with('.') && name != "target" && name != "store" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A path relative to the workspace's root, with `/` between its parts.
pub fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// Reads a text file.
///
/// # Errors
/// It cannot be read or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("Could not read {}", relative(path)))
}

/// Refuses arguments a verb does not know.
///
/// # Errors
/// Any argument that is not in `known`.
pub fn only_flags(args: &[String], known: &[&str]) -> Result<()> {
    for arg in args {
        if !known.contains(&arg.as_str()) {
            bail!("Unknown argument `{arg}`; `--help` lists what there is.");
        }
    }
    Ok(())
}
