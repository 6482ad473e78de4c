//! Where the built things lie. Tests build nothing themselves; `cargo xtask test` does.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Folder with the built libraries: `target/<profile>`, two above a test, one above a binary.
///
/// # Errors
/// The program's own path is unknown.
pub fn library_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("cannot find this program's own path")?;
    let mut folder = program
        .parent()
        .context("a program lies in a folder")?
        .to_path_buf();
    if folder.ends_with("deps") {
        folder.pop();
    }
    Ok(folder)
}

/// The cargo target folder.
///
/// # Errors
/// The program's own path is unknown.
pub fn target_folder() -> Result<PathBuf> {
    let folder = library_folder()?;
    Ok(folder
        .parent()
        .context("target/<profile> has a parent")?
        .to_path_buf())
}

/// The project's folder.
#[must_use]
pub fn project_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The plugin library that holds both plugins in both formats. `GLISTEN_LIBRARY` overrides it.
///
/// # Errors
/// It is not built.
pub fn plugin_library() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("GLISTEN_LIBRARY") {
        return Ok(PathBuf::from(path));
    }
    let name = if cfg!(target_os = "macos") {
        "libglisten.dylib"
    } else if cfg!(windows) {
        "glisten.dll"
    } else {
        "libglisten.so"
    };
    let path = library_folder()?.join(name);
    if !path.exists() {
        bail!(
            "{} is missing. Build it: cargo build -p glisten",
            path.display()
        );
    }
    Ok(path)
}

/// The command-line program.
///
/// # Errors
/// It is not built.
pub fn command_line_program() -> Result<PathBuf> {
    let path = library_folder()?.join(format!("glisten{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        bail!(
            "{} is missing. Build it: cargo build -p glisten",
            path.display()
        );
    }
    Ok(path)
}

/// A bundle made by `cargo xtask bundle`, newest first by that command's own layout.
///
/// # Errors
/// There is none.
pub fn bundle(extension: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join("bundled");
    let found = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|e| e == extension));
    found.with_context(|| {
        format!(
            "no .{extension} in {}. Build it: cargo xtask bundle",
            folder.display()
        )
    })
}

/// A folder under `target` for what a test writes.
///
/// # Errors
/// It cannot be made.
pub fn output_folder(name: &str) -> Result<PathBuf> {
    let folder = target_folder()?.join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
