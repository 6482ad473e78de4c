//! Writes what fuzzing starts from: `seeds FOLDER PROGRAMS…`.
//!
//! Into the folder come `text/` and `programs/`, one file a seed, and `words.dict`, libFuzzer's list
//! of words. Seeds are the language cases and programs of the files given, and every node's examples.

use std::path::{Path, PathBuf};
use std::{fs, io};

use glisten_engine::BUILTIN;
use glisten_fuzz::{any_text, input};

fn main() -> io::Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = args
        .next()
        .ok_or_else(|| io::Error::other("usage: seeds FOLDER PROGRAMS…"))?;
    let mut texts: Vec<String> = BUILTIN
        .iter()
        .flat_map(|spec| spec.examples.iter().map(|e| (*e).to_owned()))
        .collect();
    for file in args {
        texts.extend(programs(&fs::read_to_string(&file)?));
    }
    write(&folder.join("text"), texts.iter().map(String::as_bytes))?;
    // Each two neighbours are an edit.
    let edits: Vec<Vec<u8>> = texts.windows(2).map(input::encode_texts).collect();
    write(&folder.join("programs"), edits.iter().map(Vec::as_slice))?;
    fs::write(folder.join("words.dict"), words())?;
    println!("{} seeds", texts.len());
    Ok(())
}

/// The programs of a file of cases, or the file itself if it has none.
fn programs(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("--- ") && line.ends_with(" ---") {
            found.push(String::new());
        } else if let Some(program) = found.last_mut()
            && !line.starts_with("! ")
            && !line.starts_with("@ ")
        {
            program.push_str(line);
            program.push('\n');
        }
    }
    if found.is_empty() {
        found.push(text.to_owned());
    }
    found
}

fn write<'a>(folder: &Path, seeds: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (i, seed) in seeds.enumerate() {
        fs::write(folder.join(format!("{i:04}")), seed)?;
    }
    Ok(())
}

/// Words of the language, in libFuzzer's format.
fn words() -> String {
    let names = BUILTIN
        .iter()
        .flat_map(|spec| [spec.name].into_iter().chain(spec.aliases.iter().copied()));
    let mut text = String::new();
    for word in names.chain(any_text::FRAGMENTS.iter().copied()) {
        text.push('"');
        for byte in word.bytes() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
        text.push_str("\"\n");
    }
    text
}
