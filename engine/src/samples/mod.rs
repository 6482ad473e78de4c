//! Recorded sounds that programs name, as the engine sees them: finished data, and a bank that finds
//! it. Where files lie and how they are read is the bank's affair.
//!
//! Thread: control; the data is read by audio.

use std::sync::Arc;

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

/// Where samples come from.
pub trait SampleBank: Send {
    /// The names there are, without `\\`, in alphabetical order.
    fn names(&self) -> Vec<String>;

    /// The sound of a name at a sample rate, decoded at its first use.
    ///
    /// # Errors
    /// When there is no such sample, or it cannot be read.
    fn load(&mut self, name: &str, sample_rate: f64) -> Result<Arc<Sample>, SampleError>;
}
