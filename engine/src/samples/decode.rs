//! From the bytes of a sound file to a sound.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::{MAX_SAMPLE_BYTES, Sample, SampleError};

/// Endings of the files that can be decoded, in lower case.
pub const EXTENSIONS: [&str; 9] = [
    "wav", "wave", "flac", "ogg", "oga", "mp3", "aif", "aiff", "aifc",
];

/// Loudest value of a frame; files in floating point may hold anything.
const LOUDEST: f32 = 64.0;

/// Counts of frames from here on are what programs write that do not know the length yet.
const UNKNOWN_FRAMES: u64 = 1 << 28;

/// A sound as its file has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decoded {
    /// The sound, at its own sample rate; of more than two channels the first two.
    pub sound: Sample,
    /// Its sample rate.
    pub sample_rate_hz: f64,
    /// Channels of the file.
    pub channels: usize,
}

/// Decodes a WAV, FLAC, Ogg Vorbis, MP3 or AIFF file; what it is shows in its bytes.
///
/// # Errors
/// It is none of these, it is damaged, cut off, empty or too long.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, SampleError> {
    // Damaged files have found faults in every decoder so far; one must not take the host along.
    catch_unwind(AssertUnwindSafe(|| decode_all(bytes)))
        .unwrap_or_else(|_| Err(SampleError("It is damaged.".to_owned())))
}

fn decode_all(bytes: Vec<u8>) -> Result<Decoded, SampleError> {
    if bytes.is_empty() {
        return Err(SampleError("The file is empty.".to_owned()));
    }
    let stream = MediaSourceStream::new(Box::new(Cursor::new(bytes)), Default::default());
    let mut format = symphonia::default::get_probe()
        .probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
        .map_err(|error| told("It is no sound file that can be read", &error))?;
    let track = format
        .default_track(TrackType::Audio)
        .ok_or_else(|| SampleError("It holds no sound.".to_owned()))?;
    let (id, expected) = (track.id, track.num_frames);
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|p| p.audio())
        .ok_or_else(|| SampleError("It holds no sound.".to_owned()))?;
    let sample_rate = parameters.sample_rate;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| told("Its encoding cannot be read", &error))?;

    let mut frames = Frames::default();
    frames.read_all(format.as_mut(), decoder.as_mut(), id)?;
    let count = frames.left.len();
    if count == 0 {
        return Err(SampleError("It holds no sound.".to_owned()));
    }
    if let Some(expected) = expected.filter(|n| *n < UNKNOWN_FRAMES && *n > count as u64) {
        return Err(SampleError(format!(
            "It is cut off: it has {count} of {expected} frames."
        )));
    }
    let rate = frames.rate.or(sample_rate).unwrap_or(0);
    if rate == 0 {
        return Err(SampleError("Its sample rate is 0 Hz.".to_owned()));
    }
    Ok(Decoded {
        sample_rate_hz: f64::from(rate),
        channels: frames.channels,
        sound: Sample {
            left: frames.left,
            right: (frames.channels > 1).then_some(frames.right),
        },
    })
}

/// A sentence with the decoder's own words behind it.
fn told(what: &str, error: &Error) -> SampleError {
    let words = match error {
        // Its words speak of buffers and end in the middle of nowhere.
        Error::IoError(_) => return SampleError(format!("{what}: it ends too early.")),
        other => other.to_string(),
    };
    SampleError(format!("{what}: {}.", words.trim_end_matches('.')))
}

/// What was decoded so far.
#[derive(Default)]
struct Frames {
    left: Vec<f32>,
    right: Vec<f32>,
    channels: usize,
    rate: Option<u32>,
}

impl Frames {
    fn read_all(
        &mut self,
        format: &mut dyn FormatReader,
        decoder: &mut dyn AudioDecoder,
        track: u32,
    ) -> Result<(), SampleError> {
        let mut planes: Vec<Vec<f32>> = Vec::new();
        loop {
            let packet = match format.next_packet() {
                Ok(Some(packet)) => packet,
                // The end of the bytes is the end of the sound; whether all is there, the count tells.
                Ok(None) | Err(Error::IoError(_)) => return Ok(()),
                Err(error) => return Err(told("It is damaged", &error)),
            };
            if packet.track_id != track {
                continue;
            }
            let part = decoder
                .decode(&packet)
                .map_err(|error| told("It is damaged", &error))?;
            let channels = part.num_planes();
            let rate = part.spec().rate();
            if channels == 0 || part.frames() == 0 {
                continue;
            }
            if *self.rate.get_or_insert(rate) != rate
                || (self.channels != 0 && self.channels != channels)
            {
                let what = "It changes its sample rate or its channels on the way.";
                return Err(SampleError(what.to_owned()));
            }
            self.channels = channels;
            planes.clear();
            part.copy_to_vecs_planar(&mut planes);
            let clean = |x: &f32| {
                if x.is_finite() {
                    x.clamp(-LOUDEST, LOUDEST)
                } else {
                    0.0
                }
            };
            if let Some(left) = planes.first() {
                self.left.extend(left.iter().map(clean));
            }
            if let Some(right) = planes.get(1) {
                self.right.extend(right.iter().map(clean));
            }
            let bytes = (self.left.len() + self.right.len()) * size_of::<f32>();
            if bytes > MAX_SAMPLE_BYTES {
                return Err(SampleError::too_long());
            }
        }
    }
}
