//! The folder of `--samples DIR`.

use std::path::Path;
use std::sync::Arc;

use engine::Engine;
use glisten::samples::{Folder, FolderBank};

use super::{CliError, complain};

/// Gives an engine the sounds of a folder and says what is odd about it.
pub(crate) fn set(engine: &mut Engine, folder: &Path) -> Result<Arc<Folder>, CliError> {
    if !folder.is_dir() {
        return Err(CliError::file(format!(
            "The sample folder \"{}\" cannot be read: it is no folder.",
            folder.display()
        )));
    }
    let folder = Folder::chosen(folder.to_owned());
    folder.listing();
    engine.set_samples(Box::new(FolderBank::new(Arc::clone(&folder))));
    Ok(folder)
}

/// Prints what is odd about a folder and its sounds.
pub(crate) fn remark(folder: Option<&Folder>) {
    for remark in folder.map(Folder::remarks).unwrap_or_default() {
        complain(&remark);
    }
}
