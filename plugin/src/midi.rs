//! From nice-plug's note events to the engine's and back.
//!
//! What hosts send and nice-plug 0.4.2 passes on, in both formats: notes, chokes (CLAP), polyphonic
//! pressure, and the note expressions volume, pan, tuning, vibrato, expression and brightness; with
//! [`MidiConfig::MidiCCs`] controllers, channel pressure and pitch bend as well, and program changes
//! (CLAP only). The engine has no use for pan, vibrato and expression.
//!
//! Thread: audio (arithmetic only).

use engine::{MidiEvent, NoteAddress, NoteExpression, SentNote};
use nice_plug::context::PluginApi;
use nice_plug::midi::{Channel, Key, VoiceID};
use nice_plug::prelude::*;

/// Widest bend of a single note in semitones: what CLAP allows.
const MAX_TUNING_SEMITONES: f32 = 120.0;

/// Highest linear gain of a single note.
const MAX_VOLUME: f32 = 4.0;

/// The engine's word for a host's event; `None` if the engine has no use for it.
#[must_use]
pub fn from_host(event: &NoteEvent<()>, api: PluginApi) -> Option<MidiEvent> {
    let expression = |voice_id, channel, key, kind, value| {
        Some(MidiEvent::Expression {
            note: address(voice_id, channel, key)?,
            kind,
            value,
        })
    };
    match *event {
        NoteEvent::NoteOn {
            voice_id,
            channel,
            key,
            velocity,
            ..
        } => {
            let mut note = address(voice_id, channel, key)?;
            // Every note has a key. Hosts that use no channels play on the first one.
            note.key?;
            note.channel = note.channel.or(Some(0));
            Some(MidiEvent::NoteOn {
                note,
                velocity: unit(velocity),
            })
        }
        NoteEvent::NoteOff {
            voice_id,
            channel,
            key,
            ..
        } => Some(MidiEvent::NoteOff {
            note: address(voice_id, channel, key)?,
        }),
        NoteEvent::Choke {
            voice_id,
            channel,
            key,
            ..
        } => Some(MidiEvent::Choke {
            note: address(voice_id, channel, key)?,
        }),
        NoteEvent::PolyPressure {
            voice_id,
            channel,
            key,
            pressure,
            ..
        } => expression(
            voice_id,
            channel,
            key,
            NoteExpression::Pressure,
            unit(pressure),
        ),
        NoteEvent::PolyTuning {
            voice_id,
            channel,
            key,
            tuning,
            ..
        } => expression(
            voice_id,
            channel,
            key,
            NoteExpression::Tuning,
            within(tuning, -MAX_TUNING_SEMITONES, MAX_TUNING_SEMITONES),
        ),
        NoteEvent::PolyVolume {
            voice_id,
            channel,
            key,
            gain,
            ..
        } => expression(
            voice_id,
            channel,
            key,
            NoteExpression::Volume,
            within(gain, 0.0, MAX_VOLUME),
        ),
        // nice-plug's VST3 wrapper has these two the wrong way round.
        NoteEvent::PolyBrightness {
            voice_id,
            channel,
            key,
            brightness: value,
            ..
        } if api != PluginApi::Vst3 => {
            expression(voice_id, channel, key, NoteExpression::Timbre, unit(value))
        }
        NoteEvent::PolyExpression {
            voice_id,
            channel,
            key,
            expression: value,
            ..
        } if api == PluginApi::Vst3 => {
            expression(voice_id, channel, key, NoteExpression::Timbre, unit(value))
        }
        NoteEvent::MidiChannelPressure {
            channel, pressure, ..
        } => Some(MidiEvent::ChannelPressure {
            channel: channel & 15,
            value: unit(pressure),
        }),
        NoteEvent::MidiPitchBend { channel, value, .. } => Some(MidiEvent::PitchBend {
            channel: channel & 15,
            value: bend(value),
        }),
        NoteEvent::MidiCC {
            channel, cc, value, ..
        } if cc < 128 => Some(MidiEvent::Controller {
            channel: channel & 15,
            number: cc,
            value: unit(value),
        }),
        _ => None,
    }
}

/// A note of the program as the host takes it.
#[must_use]
pub fn to_host(note: &SentNote, timing: u32) -> NoteEvent<()> {
    let (voice_id, channel, key) = (
        VoiceID::Wildcard,
        Channel::Number(note.channel & 15),
        Key::Number(note.key & 127),
    );
    let velocity = unit(note.velocity);
    if note.on {
        NoteEvent::NoteOn {
            timing,
            voice_id,
            channel,
            key,
            velocity,
        }
    } else {
        NoteEvent::NoteOff {
            timing,
            voice_id,
            channel,
            key,
            velocity,
        }
    }
}

/// Which note is meant; `None` if the key or channel does not exist (a damaged MIDI message).
fn address(voice_id: VoiceID, channel: Channel, key: Key) -> Option<NoteAddress> {
    let (channel, key) = (channel.number(), key.number());
    (channel.is_none_or(|c| c < 16) && key.is_none_or(|k| k < 128)).then_some(NoteAddress {
        channel,
        key,
        id: voice_id.id(),
    })
}

/// Into 0 to 1; what is no number counts as 0.
fn unit(x: f32) -> f32 {
    within(x, 0.0, 1.0)
}

fn within(x: f32, min: f32, max: f32) -> f32 {
    if x.is_nan() { 0.0 } else { x.clamp(min, max) }
}

/// A pitch wheel from nice-plug's 0 to 1 to −1 to 1.
///
/// A MIDI wheel at rest says 8192 of 16383, which is a little above one half; a VST3 parameter at
/// rest says one half. Both are no bend, and both ends are reached.
fn bend(value: f32) -> f32 {
    const MIDI_REST: f32 = 8192.0 / 16383.0;
    let value = unit(value);
    if value < 0.5 {
        value * 2.0 - 1.0
    } else {
        ((value - MIDI_REST) / (1.0 - MIDI_REST)).max(0.0)
    }
}

#[cfg(test)]
#[path = "midi_tests.rs"]
mod tests;
