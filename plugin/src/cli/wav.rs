//! WAV in and out.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use super::CliError;
use super::files::why;

/// Most frames of a 32-bit float stereo file: a WAV's length fields have 32 bits.
pub(crate) const MAX_FRAMES: u64 = (u32::MAX as u64 - 4096) / 8;

/// Reads a mono or stereo WAV of any integer or 32-bit float format, frame by frame.
pub(crate) struct Input {
    path: PathBuf,
    spec: WavSpec,
    reader: WavReader<BufReader<File>>,
    frames_left: u64,
}

impl Input {
    /// Opens a file.
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        let file = File::open(path).map_err(|e| why("read", path, &e))?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(CliError::file(format!(
                "\"{}\" cannot be read: it is a directory.",
                path.display()
            )));
        }
        let reader = WavReader::new(BufReader::new(file)).map_err(|e| unreadable(path, &e))?;
        let spec = reader.spec();
        if !(1..=2).contains(&spec.channels) {
            return Err(CliError::file(format!(
                "\"{}\" has {} channels; the input may have one or two.",
                path.display(),
                spec.channels
            )));
        }
        let frames_left = u64::from(reader.duration());
        Ok(Self {
            path: path.to_owned(),
            spec,
            reader,
            frames_left,
        })
    }

    /// Frames per second.
    pub(crate) fn rate(&self) -> u32 {
        self.spec.sample_rate
    }

    /// 1 or 2.
    pub(crate) fn channels(&self) -> usize {
        usize::from(self.spec.channels)
    }

    /// Frames not read yet.
    pub(crate) fn frames_left(&self) -> u64 {
        self.frames_left
    }

    /// Reads the next frames into both channels; silence after the end. A mono file fills the left
    /// channel only: spreading it is the engine's business.
    pub(crate) fn read(&mut self, left: &mut [f32], right: &mut [f32]) -> Result<(), CliError> {
        left.fill(0.0);
        right.fill(0.0);
        let frames = left
            .len()
            .min(usize::try_from(self.frames_left).unwrap_or(usize::MAX));
        let stereo = self.spec.channels == 2;
        let Self {
            path, reader, spec, ..
        } = self;
        let mut next: Box<dyn FnMut() -> Option<hound::Result<f32>>> = match spec.sample_format {
            SampleFormat::Float => {
                let mut samples = reader.samples::<f32>();
                Box::new(move || samples.next())
            }
            SampleFormat::Int => {
                let scale = 1.0 / (1_u64 << (spec.bits_per_sample.clamp(1, 32) - 1)) as f32;
                let mut samples = reader.samples::<i32>();
                Box::new(move || samples.next().map(|s| s.map(|s| s as f32 * scale)))
            }
        };
        let mut sample = || match next() {
            Some(Ok(sample)) => Ok(sample),
            Some(Err(error)) => Err(unreadable(path, &error)),
            None => Err(CliError::file(format!(
                "\"{}\" ends before its header says it does.",
                path.display()
            ))),
        };
        for (l, r) in left.iter_mut().zip(right.iter_mut()).take(frames) {
            *l = sample()?;
            if stereo {
                *r = sample()?;
            }
        }
        self.frames_left -= frames as u64;
        Ok(())
    }
}

fn unreadable(path: &Path, error: &hound::Error) -> CliError {
    let name = path.display();
    match error {
        // hound reports a short read as an error of no particular kind.
        hound::Error::IoError(e)
            if matches!(
                e.kind(),
                std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::Other
            ) =>
        {
            CliError::file(format!("\"{name}\" ends before its header says it does."))
        }
        hound::Error::IoError(e) => why("read", path, e),
        hound::Error::Unsupported => CliError::file(format!(
            "\"{name}\" has a sample format that is not supported. Convert it to 16, 24 or 32 bit."
        )),
        _ => CliError::file(format!(
            "\"{name}\" is not a WAV file that can be read: {error}."
        )),
    }
}

/// Writes a 32-bit float stereo WAV beside its place and moves it there when it is whole, so that
/// a failure never leaves half a file or destroys the one before.
pub(crate) struct Output {
    path: PathBuf,
    part: PathBuf,
    writer: Option<WavWriter<BufWriter<File>>>,
}

impl Output {
    /// Creates the file.
    pub(crate) fn create(path: &Path, rate: u32) -> Result<Self, CliError> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: rate,
            bits_per_sample: 32,
            sample_format: SampleFormat::Float,
        };
        let (part, file) = Self::create_part(path)?;
        let writer =
            WavWriter::new(BufWriter::new(file), spec).map_err(|e| unwritable(path, &e))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            writer: Some(writer),
        })
    }

    /// A new file beside the output; never one that exists.
    fn create_part(path: &Path) -> Result<(PathBuf, File), CliError> {
        for number in 0..100 {
            let mut part = path.as_os_str().to_owned();
            part.push(if number == 0 {
                ".part".to_owned()
            } else {
                format!(".part{number}")
            });
            let part = PathBuf::from(part);
            match File::create_new(&part) {
                Ok(file) => return Ok((part, file)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(why("written", path, &e)),
            }
        }
        Err(CliError::file(format!(
            "\"{}\" cannot be written: remove the \".part\" files beside it.",
            path.display()
        )))
    }

    /// Appends frames.
    pub(crate) fn write(&mut self, left: &[f32], right: &[f32]) -> Result<(), CliError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        for (l, r) in left.iter().zip(right) {
            writer
                .write_sample(*l)
                .and_then(|()| writer.write_sample(*r))
                .map_err(|e| unwritable(&self.path, &e))?;
        }
        Ok(())
    }

    /// Completes the file and puts it in its place.
    pub(crate) fn finish(mut self) -> Result<(), CliError> {
        if let Some(writer) = self.writer.take() {
            writer.finalize().map_err(|e| unwritable(&self.path, &e))?;
            std::fs::rename(&self.part, &self.path).map_err(|e| why("written", &self.path, &e))?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if self.writer.take().is_some() {
            // Already on the way out with an error; a left-over part file is the lesser evil.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

fn unwritable(path: &Path, error: &hound::Error) -> CliError {
    match error {
        hound::Error::IoError(e) => why("written", path, e),
        _ => CliError::file(format!(
            "\"{}\" cannot be written: {error}.",
            path.display()
        )),
    }
}
