//! Recorded sounds that programs name, as the engine sees them: finished data, and a bank that finds
//! it. Where files lie and how they are read is the bank's affair.
//!
//! Thread: control; the data is read by audio.

#[cfg(feature = "samples")]
mod decode;
mod memory;
mod resample;

use std::sync::Arc;

#[cfg(feature = "samples")]
pub use decode::{Decoded, EXTENSIONS, decode};
pub use memory::MemoryBank;
pub use resample::resampled;

/// Most bytes of one sound, in memory.
pub const MAX_SAMPLE_BYTES: usize = 256 << 20;

/// Most bytes of all sounds that a program names.
pub const MAX_PROGRAM_BYTES: usize = 512 << 20;

/// A recorded sound at the engine's sample rate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    /// Left channel.
    pub left: Vec<f32>,
    /// Right channel, as long as the left one; `None` for a mono sound.
    pub right: Option<Vec<f32>>,
}

impl Sample {
    /// Length in frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.left.len()
    }

    /// Bytes it takes in memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.frames() * size_of::<f32>() * (1 + usize::from(self.right.is_some()))
    }

    /// A channel: 0 left, 1 right. A mono sound has the same on both.
    #[must_use]
    pub fn channel(&self, channel: usize) -> &[f32] {
        match (&self.right, channel) {
            (Some(right), 1) => right,
            _ => &self.left,
        }
    }
}

/// Why a sample cannot be used: the end of a sentence, shown to the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SampleError(pub String);

impl SampleError {
    /// For sounds above [`MAX_SAMPLE_BYTES`].
    #[must_use]
    pub fn too_long() -> Self {
        Self(format!(
            "It takes more than {} MiB of memory.",
            MAX_SAMPLE_BYTES >> 20
        ))
    }
}

/// A name as banks know it: lower case, with `_` for `-`, blanks and whatever else cannot stand in a
/// symbol, and `_sharp_` for `#` (as on the web page of Glicol).
#[must_use]
pub fn normalised(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '#' => text.push_str("_sharp_"),
            c if c.is_ascii_alphanumeric() => text.push(c.to_ascii_lowercase()),
            _ => text.push('_'),
        }
    }
    text
}

/// Where samples come from.
pub trait SampleBank: Send {
    /// The names there are, without `\\`, [`normalised`], in alphabetical order.
    fn names(&self) -> Vec<String>;

    /// The sound of a [`normalised`] name at a sample rate, decoded at its first use. As long as the
    /// sound is the same, so is the `Arc`: another one tells the engine that the sound has changed.
    ///
    /// # Errors
    /// When there is no such sample, or it cannot be read.
    fn load(&mut self, name: &str, sample_rate: f64) -> Result<Arc<Sample>, SampleError>;
}
