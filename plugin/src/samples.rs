//! The sample folder: which sound files there are, what programs call them, and their sounds.
//!
//! `folder/kick.wav` is `\kick`. A file in a sub-folder has two names, as in the two hosts of
//! Glicol: `folder/drums/kick.wav` is `\drums_kick`, and also `\drums_0` if it is the first one there
//! by alphabet. Names are in lower case, with `_` for `-` and blanks and `_sharp_` for `#`.
//!
//! A [`Folder`] is read once and then shared; to see new files, open it again. The sound of a file
//! that has changed is read anew in any case.
//!
//! Thread: any but audio and GUI (files are read); what was found may be looked at from any.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use engine::{
    SAMPLE_EXTENSIONS, Sample, SampleBank, SampleError, decode_sample, normalised_sample_name,
    resampled_sample,
};

/// Folders inside folders are read to this depth.
const MAX_DEPTH: usize = 4;

/// Most files of a sample folder.
const MAX_FILES: usize = 10_000;

/// Largest sound file.
const MAX_FILE_BYTES: u64 = 512 << 20;

/// Sounds that no program uses are forgotten above this.
const MAX_KEPT_BYTES: usize = 512 << 20;

/// Most remarks about one folder.
const MAX_REMARKS: usize = 50;

/// The folder that all instances share, unless another is chosen: `Glisten/samples` in the user's
/// documents.
#[must_use]
pub fn default_folder() -> Option<PathBuf> {
    let home = dirs::document_dir().or_else(dirs::home_dir)?;
    Some(home.join("Glisten").join("samples"))
}

/// What is in a folder.
#[derive(Debug, Default, PartialEq)]
pub struct Listing {
    /// Names by alphabet, and their files.
    files: BTreeMap<String, PathBuf>,
    /// What the user should know, in sentences.
    pub remarks: Vec<String>,
}

impl Listing {
    /// The names, by alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Reads the names of all files in a folder and its sub-folders.
    fn read(folder: &Path) -> Self {
        let mut listing = Self::default();
        let mut found = Vec::new();
        if let Err(error) = listing.collect(folder, "", 0, &mut found) {
            listing.remark(format!(
                "The sample folder \"{}\" cannot be read: {}.",
                folder.display(),
                why(&error)
            ));
        }
        // Numbers come last: where a file is really called so, the file is meant.
        for file in &found {
            match listing.files.get(&file.name) {
                Some(first) => listing.remark(format!(
                    "\"{}\" is hidden by \"{}\": both are called \\{}.",
                    shown(folder, &file.path),
                    shown(folder, first),
                    file.name
                )),
                None => {
                    listing.files.insert(file.name.clone(), file.path.clone());
                }
            }
        }
        for file in found {
            if let Some(numbered) = file.numbered {
                listing.files.entry(numbered).or_insert(file.path);
            }
        }
        listing
    }

    fn collect(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        found: &mut Vec<Found>,
    ) -> std::io::Result<()> {
        let mut entries: Vec<(String, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Hidden ones are no sounds, whatever their ending: macOS writes such beside each file.
            if !name.starts_with('.') {
                entries.push((name.to_lowercase(), path));
            }
        }
        entries.sort();
        let mut number = 0;
        for (_, path) in &entries {
            if !is_sound(path) || path.is_dir() {
                continue;
            }
            if found.len() == MAX_FILES {
                self.remark(format!("Only the first {MAX_FILES} files are used."));
                return Ok(());
            }
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = normalised_sample_name(&stem);
            let (name, numbered) = if prefix.is_empty() {
                (name, None)
            } else {
                (
                    format!("{prefix}_{name}"),
                    Some(format!("{prefix}_{number}")),
                )
            };
            number += 1;
            found.push(Found {
                name,
                numbered,
                path: path.clone(),
            });
        }
        for (_, path) in entries {
            if !path.is_dir() {
                continue;
            }
            let inner = path.file_name().unwrap_or_default().to_string_lossy();
            let inner = normalised_sample_name(&inner);
            let inner = if prefix.is_empty() {
                inner
            } else {
                format!("{prefix}_{inner}")
            };
            // Links may lead round in circles; nobody sorts sounds deeper than this.
            if depth + 1 >= MAX_DEPTH {
                self.remark(format!("Folders in \"{}\" are too deep.", folder.display()));
                break;
            }
            // One folder that cannot be read is no reason to lose the others.
            if let Err(error) = self.collect(&path, &inner, depth + 1, found) {
                self.remark(format!(
                    "\"{}\" cannot be read: {}.",
                    path.display(),
                    why(&error)
                ));
            }
        }
        Ok(())
    }

    fn remark(&mut self, text: String) {
        if self.remarks.len() < MAX_REMARKS && !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }
}

/// A sound file with its names.
struct Found {
    name: String,
    numbered: Option<String>,
    path: PathBuf,
}

fn is_sound(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    SAMPLE_EXTENSIONS.contains(&ending.to_lowercase().as_str())
}

/// A file as seen from the sample folder.
fn shown(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Why a file or folder could not be used, as the end of a sentence.
fn why(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "access to it is denied".to_owned(),
        std::io::ErrorKind::NotADirectory => "it is no folder".to_owned(),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    }
}

/// A sample folder, read at the first need.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whether somebody chose it; if not, its absence is nothing to speak of.
    chosen: bool,
    listing: OnceLock<Listing>,
    /// What turned out when sounds were loaded.
    remarks: Mutex<Vec<String>>,
}

impl Folder {
    /// A folder that somebody chose. Reads nothing yet.
    #[must_use]
    pub fn chosen(path: PathBuf) -> Arc<Self> {
        Arc::new(Self::new(path, true))
    }

    /// The shared folder, which need not exist. Reads nothing yet.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        Arc::new(Self::new(default_folder().unwrap_or_default(), false))
    }

    fn new(path: PathBuf, chosen: bool) -> Self {
        Self {
            path,
            chosen,
            listing: OnceLock::new(),
            remarks: Mutex::new(Vec::new()),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; reads the folder at the first call.
    pub fn listing(&self) -> &Listing {
        self.listing.get_or_init(|| {
            if !self.chosen && !self.path.is_dir() {
                return Listing::default();
            }
            Listing::read(&self.path)
        })
    }

    /// What is in it, if it was read already. Reads nothing.
    #[must_use]
    pub fn known(&self) -> Option<&Listing> {
        self.listing.get()
    }

    /// What the user should know about it so far, in sentences. Reads nothing.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut all = self.known().map_or_else(Vec::new, |l| l.remarks.clone());
        all.extend(self.loaded_remarks().iter().cloned());
        all
    }

    fn loaded_remarks(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sounds of a folder, for one engine.
#[derive(Debug)]
pub struct FolderBank {
    folder: Arc<Folder>,
    kept: HashMap<PathBuf, Kept>,
    uses: u64,
}

/// A sound that was read, and what tells that its file is still the same.
#[derive(Debug)]
struct Kept {
    sample_rate: f64,
    stamp: Option<(SystemTime, u64)>,
    sound: Result<Arc<Sample>, SampleError>,
    last_use: u64,
}

impl FolderBank {
    /// The sounds of a folder. Reads nothing yet.
    #[must_use]
    pub fn new(folder: Arc<Folder>) -> Self {
        Self {
            folder,
            kept: HashMap::new(),
            uses: 0,
        }
    }

    fn read(&self, path: &Path, sample_rate: f64) -> Result<Arc<Sample>, SampleError> {
        let unreadable = |error: std::io::Error| {
            SampleError(format!("Its file cannot be read: {}.", why(&error)))
        };
        let file = File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(SampleError(format!(
                "Its file is larger than {} MiB.",
                MAX_FILE_BYTES >> 20
            )));
        }
        let decoded = decode_sample(bytes)?;
        if decoded.channels > 2 {
            let text = format!(
                "\"{}\" has {} channels; the first two are used.",
                shown(self.folder.path(), path),
                decoded.channels
            );
            let mut remarks = self.folder.loaded_remarks();
            if remarks.len() < MAX_REMARKS && !remarks.contains(&text) {
                remarks.push(text);
            }
        }
        if decoded.sample_rate_hz == sample_rate {
            return Ok(Arc::new(decoded.sound));
        }
        resampled_sample(&decoded.sound, decoded.sample_rate_hz, sample_rate).map(Arc::new)
    }

    /// Forgets the sounds that were not used for the longest time, as long as there are too many.
    /// Those that a program uses stay.
    fn forget(&mut self) {
        let bytes = |kept: &Kept| kept.sound.as_ref().map_or(0, |s| s.bytes());
        let mut total: usize = self.kept.values().map(bytes).sum();
        while total > MAX_KEPT_BYTES {
            let unused = self
                .kept
                .iter()
                .filter(|(_, k)| k.sound.as_ref().is_ok_and(|s| Arc::strong_count(s) == 1))
                .min_by_key(|(_, k)| k.last_use)
                .map(|(path, _)| path.clone());
            let Some(kept) = unused.and_then(|path| self.kept.remove(&path)) else {
                return;
            };
            total -= bytes(&kept);
        }
    }
}

impl SampleBank for FolderBank {
    fn names(&self) -> Vec<String> {
        self.folder.listing().names().map(str::to_owned).collect()
    }

    fn load(&mut self, name: &str, sample_rate: f64) -> Result<Arc<Sample>, SampleError> {
        let missing = || SampleError("It is not in the sample folder.".to_owned());
        let path = self.folder.listing().files.get(name).ok_or_else(missing)?;
        let path = path.clone();
        let stamp = std::fs::metadata(&path)
            .and_then(|m| Ok((m.modified()?, m.len())))
            .ok();
        self.uses += 1;
        if let Some(kept) = self.kept.get_mut(&path)
            && kept.sample_rate == sample_rate
            && kept.stamp == stamp
            && stamp.is_some()
        {
            kept.last_use = self.uses;
            return kept.sound.clone();
        }
        let sound = self.read(&path, sample_rate);
        let kept = Kept {
            sample_rate,
            stamp,
            sound: sound.clone(),
            last_use: self.uses,
        };
        self.kept.insert(path, kept);
        self.forget();
        sound
    }
}

#[cfg(test)]
#[path = "samples_tests.rs"]
mod tests;
