//! A private Python environment for the foreign host, under `target`.

use std::path::PathBuf;

use anyhow::Result;

use crate::shell;

/// The environment's Python with the pinned packages installed; `None` where Python or its `venv`
/// module is missing.
///
/// # Errors
/// The packages cannot be installed.
pub fn prepare() -> Result<Option<PathBuf>> {
    let Some(system) = shell::find_program("python3") else {
        return Ok(None);
    };
    let folder = shell::target_dir()?.join("venv");
    let python = if cfg!(windows) {
        folder.join("Scripts").join("python.exe")
    } else {
        folder.join("bin").join("python")
    };
    let requirements = shell::root()
        .join("tests")
        .join("dawdreamer")
        .join("requirements.txt");
    let wanted = shell::read(&requirements)?;
    let stamp = folder.join("installed.txt");
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted) {
        return Ok(Some(python));
    }
    if shell::run(
        shell::command(system)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )
    .is_err()
    {
        return Ok(None);
    }
    shell::run(
        shell::command(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(&requirements),
    )?;
    std::fs::write(stamp, wanted)?;
    Ok(Some(python))
}
