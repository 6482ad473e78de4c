//! Reading programs and guarding files against being overwritten.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{CliError, midi_file};

/// Largest program file that is read at all. The language's own limit is lower and gives a
/// diagnostic; this one keeps a mistyped path to a video from filling the memory.
const MAX_PROGRAM_BYTES: u64 = 16 << 20;

/// Largest MIDI file that is read.
const MAX_MIDI_BYTES: u64 = 64 << 20;

/// A program and what to call it in messages.
#[derive(Clone, Debug)]
pub(crate) struct ProgramFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Says why a file could not be opened or read, as a sentence.
pub(crate) fn why(verb: &str, path: &Path, error: &std::io::Error) -> CliError {
    use std::io::ErrorKind;
    let name = path.display();
    let reason = match error.kind() {
        ErrorKind::NotFound => "it does not exist".to_owned(),
        ErrorKind::PermissionDenied => "access to it is denied".to_owned(),
        ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    };
    CliError::file(format!("\"{name}\" cannot be {verb}: {reason}."))
}

/// Reads a file that should be a `kind` and have at most `limit` bytes.
fn read_bytes(path: &Path, limit: u64, kind: &str) -> Result<Vec<u8>, CliError> {
    let file = File::open(path).map_err(|e| why("read", path, &e))?;
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| why("read", path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(CliError::file(format!(
            "\"{}\" is larger than {} MiB, so it is no {kind}.",
            path.display(),
            limit >> 20
        )));
    }
    Ok(bytes)
}

/// Reads a standard MIDI file.
pub(crate) fn read_midi(path: &Path) -> Result<midi_file::Song, CliError> {
    let bytes = read_bytes(path, MAX_MIDI_BYTES, "MIDI file")?;
    let name = path.display();
    midi_file::read(&bytes)
        .map_err(|damage| CliError::file(format!("\"{name}\" cannot be played: {damage}.")))
}

/// Reads a program.
pub(crate) fn read_program(path: &Path) -> Result<ProgramFile, CliError> {
    let name = path.display().to_string();
    let bytes = read_bytes(path, MAX_PROGRAM_BYTES, "program")?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error
            .as_bytes()
            .iter()
            .take(good)
            .filter(|b| **b == b'\n')
            .count();
        CliError::file(format!(
            "\"{name}\" is not UTF-8 text: line {line} has a byte that is no character. \
             Save the file as UTF-8."
        ))
    })?;
    // Some Windows editors put a byte order mark first.
    let text = text
        .strip_prefix('\u{feff}')
        .map(str::to_owned)
        .unwrap_or(text);
    Ok(ProgramFile { name, text })
}

/// The file a path stands for, also if it does not exist yet.
fn identity(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let parent = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    Some(parent.canonicalize().ok()?.join(path.file_name()?))
}

/// The file to write for an output path, links resolved. Refuses one that would overwrite a file
/// that is read, and anything that is no ordinary file: the finished output is moved into its
/// place, which would replace a device.
pub(crate) fn target(output: &Path, read: &[&Path]) -> Result<PathBuf, CliError> {
    let refused = |reason: &str| {
        CliError::file(format!(
            "\"{}\" cannot be written: {reason}.",
            output.display()
        ))
    };
    match output.metadata() {
        Ok(found) if found.is_dir() => return Err(refused("it is a directory")),
        Ok(found) if !found.is_file() => return Err(refused("it is no ordinary file")),
        _ => {}
    }
    let target = identity(output).ok_or_else(|| refused("its folder does not exist"))?;
    match read
        .iter()
        .find(|path| identity(path).as_ref() == Some(&target))
    {
        Some(path) => Err(CliError::usage(format!(
            "The output would overwrite \"{}\"; choose another name for it.",
            path.display()
        ))),
        None => Ok(target),
    }
}
