//! Measuring audio: levels, hashes, spectra, WAV files.

use std::path::Path;

use anyhow::{Context, Result};

/// Stereo audio.
pub type Audio = [[f32; 2]];

/// Largest magnitude of either side.
#[must_use]
pub fn peak(audio: &Audio) -> f32 {
    audio.iter().flatten().fold(0.0, |top, x| top.max(x.abs()))
}

/// Root mean square over both sides.
#[must_use]
pub fn rms(audio: &Audio) -> f64 {
    let sum: f64 = audio
        .iter()
        .flatten()
        .map(|&x| f64::from(x) * f64::from(x))
        .sum();
    (sum / (2 * audio.len()).max(1) as f64).sqrt()
}

/// Decibels of an amplitude; −200 for silence.
#[must_use]
pub fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.max(1e-10).log10()
}

/// FNV-1a over the bits of every sample, left before right.
#[must_use]
pub fn hash(audio: &Audio) -> u64 {
    audio
        .iter()
        .flatten()
        .flat_map(|x| x.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// Number of subnormal samples.
#[must_use]
pub fn subnormals(audio: &Audio) -> usize {
    audio.iter().flatten().filter(|x| x.is_subnormal()).count()
}

/// Number of samples that are infinite or not a number.
#[must_use]
pub fn not_finite(audio: &Audio) -> usize {
    audio.iter().flatten().filter(|x| !x.is_finite()).count()
}

/// First frame on which two pieces differ in a bit, or where the shorter one ends.
#[must_use]
pub fn first_difference(a: &Audio, b: &Audio) -> Option<usize> {
    let bits = |s: &[f32; 2]| s.map(f32::to_bits);
    match a.iter().zip(b).position(|(x, y)| bits(x) != bits(y)) {
        None if a.len() != b.len() => Some(a.len().min(b.len())),
        found => found,
    }
}

/// Like `assert_eq!` on whole pieces of audio, but says where they part.
///
/// # Panics
/// When they differ in a bit.
#[track_caller]
pub fn assert_same(a: &Audio, b: &Audio, what: &str) {
    if let Some(frame) = first_difference(a, b) {
        panic!(
            "{what}: differ from frame {frame} on ({:?} and {:?}; lengths {} and {})",
            a.get(frame),
            b.get(frame),
            a.len(),
            b.len()
        );
    }
}

/// Frames on which the left side is not zero: for programs of single-frame pulses.
#[must_use]
pub fn pulses(audio: &Audio) -> Vec<u64> {
    (0u64..)
        .zip(audio)
        .filter(|(_, s)| s[0] != 0.0)
        .map(|(i, _)| i)
        .collect()
}

/// Amplitude of one frequency in the left side, by Goertzel's algorithm with a Hann window
/// (G. Goertzel 1958); a steady sine of amplitude 1 gives about 1.
#[must_use]
pub fn amplitude_at(audio: &Audio, frequency_hz: f64, sample_rate: f64) -> f64 {
    let n = audio.len() as f64;
    let w = std::f64::consts::TAU * frequency_hz / sample_rate;
    let (mut s1, mut s2) = (0.0, 0.0);
    for (i, sample) in audio.iter().enumerate() {
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / n).cos();
        let s0 = f64::from(sample[0]) * window + 2.0 * w.cos() * s1 - s2;
        (s2, s1) = (s1, s0);
    }
    let power = s1 * s1 + s2 * s2 - 2.0 * w.cos() * s1 * s2;
    power.max(0.0).sqrt() * 4.0 / n
}

/// Reads a WAV file of any sample format; mono goes to both sides. Also gives the sample rate.
///
/// # Errors
/// The file is missing or is no WAV.
pub fn read_wav(path: &Path) -> Result<(Vec<[f32; 2]>, u32)> {
    let mut reader =
        hound::WavReader::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let scale = 1.0 / (1u64 << (spec.bits_per_sample - 1)) as f32;
            reader
                .samples::<i32>()
                .map(|s| s.map(|s| s as f32 * scale))
                .collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels);
    let audio = samples
        .chunks_exact(channels)
        .map(|s| [s[0], s[channels.min(2) - 1]])
        .collect();
    Ok((audio, spec.sample_rate))
}

/// Writes a 32-bit float stereo WAV file.
///
/// # Errors
/// The file cannot be written.
pub fn write_wav(path: &Path, audio: &Audio, sample_rate: u32) -> Result<()> {
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec)
        .with_context(|| format!("cannot write {}", path.display()))?;
    for sample in audio.iter().flatten() {
        writer.write_sample(*sample)?;
    }
    writer.finalize()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goertzel_measures_a_sine() {
        let sine: Vec<[f32; 2]> = (0..48_000)
            .map(|i| (f64::from(i) * std::f64::consts::TAU * 440.0 / 48_000.0).sin() as f32 * 0.5)
            .map(|x| [x, x])
            .collect();
        assert!((amplitude_at(&sine, 440.0, 48_000.0) - 0.5).abs() < 1e-3);
        assert!(amplitude_at(&sine, 1000.0, 48_000.0) < 1e-4);
    }
}
