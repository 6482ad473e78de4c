//! Sound files: what comes out of good ones, and a sentence for every bad one.

#![cfg(feature = "samples")]
#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use glisten_engine::samples::{Decoded, decode};
use proptest::prelude::*;

const FRAMES: usize = 4_410;

/// The tone in `tests/sounds`: 0.1 s at 44.1 kHz, 440 Hz left and 660 Hz right, falling from 0.5.
fn tone(channel: usize) -> impl Fn(usize) -> f64 {
    let hz = [440.0, 660.0][channel];
    move |i| {
        let fall = 1.0 - i as f64 / FRAMES as f64;
        0.5 * fall * (std::f64::consts::TAU * hz * i as f64 / 44_100.0).sin()
    }
}

fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds");
    std::fs::read(folder.join(name)).expect("a test's own file")
}

/// Largest difference from the tone.
fn difference(decoded: &Decoded) -> f64 {
    let sound = &decoded.sound;
    let channels = [&sound.left, sound.right.as_ref().expect("it is stereo")];
    channels
        .iter()
        .enumerate()
        .flat_map(|(c, frames)| {
            let tone = tone(c);
            frames
                .iter()
                .enumerate()
                .map(move |(i, x)| (f64::from(*x) - tone(i)).abs())
        })
        .fold(0.0, f64::max)
}

#[test]
fn every_format_gives_the_same_sound() {
    for (name, tolerance) in [
        ("tone.flac", 4e-5),
        ("tone.aiff", 4e-5),
        // Lossy, at a rate of 192 kbit/s.
        ("tone.ogg", 0.03),
    ] {
        let decoded = decode(file(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(decoded.sample_rate_hz, 44_100.0, "{name}");
        assert_eq!(decoded.channels, 2, "{name}");
        assert_eq!(decoded.sound.frames(), FRAMES, "{name}");
        let worst = difference(&decoded);
        println!("{name}: {worst:.2e}");
        assert!(worst < tolerance, "{name}: {worst}");
    }
}

/// A WAV file. `format` 1 is whole numbers, 3 floating point.
fn wav(format: u16, bits: u16, channels: u16, rate: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(format.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    let frame = channels.wrapping_mul(bits / 8);
    bytes.extend((rate.wrapping_mul(u32::from(frame))).to_le_bytes());
    bytes.extend(frame.to_le_bytes());
    bytes.extend(bits.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

fn float_wav(channels: u16, rate: u32, frames: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = frames.iter().flat_map(|x| x.to_le_bytes()).collect();
    wav(3, 32, channels, rate, &data)
}

fn refusal(bytes: Vec<u8>) -> String {
    let error = decode(bytes).expect_err("it is no sound").0;
    assert!(error.ends_with('.') && error.len() < 160, "{error}");
    error
}

#[test]
fn whole_numbers_of_all_sizes_are_scaled_to_one() {
    let at = |bits: u16, data: &[u8]| {
        decode(wav(1, bits, 1, 48_000, data))
            .expect("a WAV file")
            .sound
            .left
    };
    assert_eq!(at(8, &[0, 128, 192, 128]), [-1.0, 0.0, 0.5, 0.0]);
    assert_eq!(
        at(16, &[0, 0x80, 0, 0, 0, 0x40, 0, 0]),
        [-1.0, 0.0, 0.5, 0.0]
    );
    let wide = [0, 0, 0x80, 0, 0, 0, 0, 0, 0x40, 0, 0, 0x20];
    assert_eq!(at(24, &wide), [-1.0, 0.0, 0.5, 0.25]);
    let wider = [0, 0, 0, 0x80, 0, 0, 0, 0x40];
    assert_eq!(at(32, &wider), [-1.0, 0.5]);
}

#[test]
fn floating_point_is_kept_to_the_bit_and_made_harmless() {
    let frames = [0.1, -0.2, 1.5, f32::NAN, f32::INFINITY, 1e30, -1e30, 1e-40];
    let sound = decode(float_wav(1, 48_000, &frames))
        .expect("a WAV file")
        .sound;
    assert_eq!(sound.left[..3], frames[..3]);
    assert_eq!(sound.left[3..5], [0.0, 0.0]);
    assert_eq!(sound.left[5..7], [64.0, -64.0]);
    assert_eq!(sound.right, None);
}

#[test]
fn of_many_channels_the_first_two_are_taken() {
    let frames: Vec<f32> = (0..60).map(|i| i as f32 * 0.01).collect();
    let decoded = decode(float_wav(6, 96_000, &frames)).expect("a WAV file");
    assert_eq!((decoded.channels, decoded.sample_rate_hz), (6, 96_000.0));
    let every_sixth =
        |first: usize| -> Vec<f32> { frames[first..].iter().step_by(6).copied().collect() };
    assert_eq!(decoded.sound.left, every_sixth(0));
    assert_eq!(decoded.sound.right, Some(every_sixth(1)));
}

#[test]
fn an_mp3_of_silence_is_silence() {
    // MPEG 1 layer III, 128 kbit/s, 44.1 kHz, stereo: frames of 417 bytes without any content.
    let mut frame = vec![0_u8; 417];
    frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
    let decoded = decode(frame.repeat(20)).expect("an MP3 file");
    assert_eq!((decoded.channels, decoded.sample_rate_hz), (2, 44_100.0));
    assert!(
        decoded.sound.frames() >= 18 * 1152,
        "{}",
        decoded.sound.frames()
    );
    assert!(decoded.sound.left.iter().all(|x| *x == 0.0));
}

#[test]
fn bad_files_get_a_sentence() {
    assert_eq!(refusal(Vec::new()), "The file is empty.");
    assert_eq!(refusal(float_wav(1, 48_000, &[])), "It holds no sound.");
    for bytes in [
        b"hello".to_vec(),
        vec![0; 10_000],
        vec![0xff; 10_000],
        b"RIFF".to_vec(),
        float_wav(1, 0, &[0.5; 100]),
        float_wav(0, 48_000, &[0.5; 100]),
        wav(1, 0, 1, 48_000, &[0; 100]),
        wav(1, 16, 60_000, 48_000, &[0; 100]),
        wav(99, 16, 1, 48_000, &[0; 100]),
    ] {
        println!("{}", refusal(bytes));
    }
    for name in ["tone.flac", "tone.ogg", "tone.aiff"] {
        let whole = file(name);
        println!("{name}: {}", refusal(whole[..whole.len() / 2].to_vec()));
        println!("{name}: {}", refusal(whole[..20].to_vec()));
    }
    let whole = float_wav(1, 48_000, &[0.5; 1000]);
    let cut_off = refusal(whole[..2_044].to_vec());
    assert_eq!(cut_off, "It is cut off: it has 500 of 1000 frames.");
}

#[test]
fn a_length_that_was_never_written_is_no_fault() {
    // What a program writes that streams: the length of the data is not known yet.
    let mut bytes = float_wav(1, 48_000, &[0.5; 1000]);
    bytes[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(decode(bytes).map(|d| d.sound.frames()), Ok(1000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Whatever is done to a file, the answer is a finite sound or a sentence.
    #[test]
    fn damaged_files_never_do_harm(
        which in 0_usize..5,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<prop::sample::Index>(),
        short in any::<bool>(),
    ) {
        let mut bytes = match which {
            0 => file("tone.flac"),
            1 => file("tone.ogg"),
            2 => file("tone.aiff"),
            3 => float_wav(2, 44_100, &[0.25; 2_000]),
            _ => [0xff, 0xfb, 0x90, 0x00].repeat(500),
        };
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        // Headers are where it hurts most.
        if short {
            let keep = cut.index(bytes.len());
            bytes.truncate(keep);
        }
        match decode(bytes) {
            Ok(decoded) => {
                let sound = decoded.sound;
                prop_assert!(sound.frames() > 0 && decoded.sample_rate_hz > 0.0);
                prop_assert!(sound.left.iter().all(|x| x.is_finite()));
                let right = sound.right.as_ref().map_or(sound.frames(), Vec::len);
                prop_assert_eq!(right, sound.frames());
            }
            Err(error) => prop_assert!(error.0.ends_with('.'), "{}", error.0),
        }
    }
}
