//! A bank of sounds that are already in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Sample, SampleBank, SampleError, normalised, resampled};

/// Sounds in memory, with the sample rate of each.
#[derive(Clone, Debug, Default)]
pub struct MemoryBank {
    sounds: BTreeMap<String, (f64, Arc<Sample>)>,
}

impl MemoryBank {
    /// Adds a sound or replaces the one of that name.
    pub fn insert(&mut self, name: &str, sample_rate: f64, sound: Sample) {
        let sound = Arc::new(sound);
        self.sounds.insert(normalised(name), (sample_rate, sound));
    }
}

impl SampleBank for MemoryBank {
    fn names(&self) -> Vec<String> {
        self.sounds.keys().cloned().collect()
    }

    fn load(&mut self, name: &str, sample_rate: f64) -> Result<Arc<Sample>, SampleError> {
        let missing = || SampleError("It is not there.".to_owned());
        let (rate, sound) = self.sounds.get_mut(name).ok_or_else(missing)?;
        if *rate != sample_rate {
            *sound = Arc::new(resampled(sound, *rate, sample_rate)?);
            *rate = sample_rate;
        }
        Ok(Arc::clone(sound))
    }
}
