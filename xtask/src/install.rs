//! `install`: the bundles go where plugin hosts look for them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{bundle, shell};

pub const HELP: &str = "\
Build the bundles and copy them to your plugin folders.

usage: cargo xtask install [--debug]

  --debug   Install the development build (slower, with checks)

Linux: ~/.clap and ~/.vst3
macOS: ~/Library/Audio/Plug-Ins/CLAP and …/VST3
Windows: %LOCALAPPDATA%\\Programs\\Common\\CLAP and …\\VST3
";

pub fn run(args: &[String]) -> Result<()> {
    shell::only_flags(args, &["--debug"])?;
    let bundles = bundle::bundle(args.is_empty())?;
    let (clap_folder, vst3_folder) = plugin_folders()?;
    for (bundle, folder) in [(bundles.clap, clap_folder), (bundles.vst3, vst3_folder)] {
        let name = bundle.file_name().context("The bundle has no name.")?;
        let place = folder.join(name);
        replace(&bundle, &place)?;
        println!("Installed {}", place.display());
    }
    println!("Rescan the plugins in your host, or restart it.");
    Ok(())
}

/// The user's own CLAP and VST3 folders, as both standards name them.
fn plugin_folders() -> Result<(PathBuf, PathBuf)> {
    let variable = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).with_context(|| {
            format!("The variable {name} is not set, so there is no plugin folder.")
        })
    };
    if cfg!(target_os = "windows") {
        let common = variable("LOCALAPPDATA")?.join("Programs").join("Common");
        return Ok((common.join("CLAP"), common.join("VST3")));
    }
    let home = variable("HOME")?;
    if cfg!(target_os = "macos") {
        let plugins = home.join("Library").join("Audio").join("Plug-Ins");
        return Ok((plugins.join("CLAP"), plugins.join("VST3")));
    }
    Ok((home.join(".clap"), home.join(".vst3")))
}

/// Puts a new copy beside the old one and then moves it into place: a host that has the old file
/// open keeps its own, and a copy that breaks off leaves the old plugin whole.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let fresh = to.with_extension("glisten-new");
    remove(&fresh)?;
    copy(from, &fresh)?;
    remove(to)?;
    std::fs::rename(&fresh, to).with_context(|| format!("Could not write {}", to.display()))
}

fn remove(path: &Path) -> Result<()> {
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else if path.exists() {
        std::fs::remove_file(path)
    } else {
        Ok(())
    };
    removed.with_context(|| {
        format!(
            "Could not replace {}; a running host may hold it",
            path.display()
        )
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to).with_context(|| format!("Could not make {}", to.display()))?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("Could not make {}", folder.display()))?;
    }
    std::fs::copy(from, to).with_context(|| format!("Could not copy to {}", to.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacing_removes_files_the_new_version_lacks() -> Result<()> {
        let folder = shell::target_dir()?.join("xtask-install-test");
        remove(&folder)?;
        let (old, new) = (
            folder.join("plugins/Glisten.vst3"),
            folder.join("built/Glisten.vst3"),
        );
        std::fs::create_dir_all(old.join("Contents"))?;
        std::fs::write(old.join("Contents/stale.so"), "old")?;
        std::fs::create_dir_all(new.join("Contents"))?;
        std::fs::write(new.join("Contents/fresh.so"), "new")?;

        replace(&new, &old)?;

        assert_eq!(
            std::fs::read_to_string(old.join("Contents/fresh.so"))?,
            "new"
        );
        assert!(!old.join("Contents/stale.so").exists());
        assert!(!folder.join("plugins/Glisten.glisten-new").exists());
        remove(&folder)
    }
}
