//! Keys, wheels and pedals as events, and the pitch of what they sound.

use glisten_engine::{Event, EventKind, MidiEvent, NoteAddress, NoteExpression};

use super::{Audio, Cut, Host, Kind, RATE, window};

fn at(frame: usize, event: MidiEvent) -> Event {
    Event {
        frame,
        kind: EventKind::Midi(event),
    }
}

/// A key goes down on channel 1 (number 0), struck half as hard as possible.
pub fn on(frame: usize, key: u8) -> Event {
    on_channel(frame, 0, key, 0.5)
}

pub fn on_channel(frame: usize, channel: u8, key: u8, velocity: f32) -> Event {
    let note = NoteAddress::new(channel, key);
    at(frame, MidiEvent::NoteOn { note, velocity })
}

pub fn off(frame: usize, key: u8) -> Event {
    off_channel(frame, 0, key)
}

pub fn off_channel(frame: usize, channel: u8, key: u8) -> Event {
    let note = NoteAddress::new(channel, key);
    at(frame, MidiEvent::NoteOff { note })
}

/// All keys of all channels go up.
pub fn all_off(frame: usize) -> Event {
    let note = NoteAddress::default();
    at(frame, MidiEvent::NoteOff { note })
}

pub fn choke(frame: usize, key: u8) -> Event {
    let note = NoteAddress::new(0, key);
    at(frame, MidiEvent::Choke { note })
}

pub fn wheel(frame: usize, channel: u8, value: f32) -> Event {
    at(frame, MidiEvent::PitchBend { channel, value })
}

pub fn control(frame: usize, channel: u8, number: u8, value: f32) -> Event {
    at(
        frame,
        MidiEvent::Controller {
            channel,
            number,
            value,
        },
    )
}

pub fn pressure(frame: usize, channel: u8, value: f32) -> Event {
    at(frame, MidiEvent::ChannelPressure { channel, value })
}

pub fn express(frame: usize, key: u8, kind: NoteExpression, value: f32) -> Event {
    let note = NoteAddress::new(0, key);
    at(frame, MidiEvent::Expression { note, kind, value })
}

pub fn mpe(frame: usize) -> Event {
    at(frame, MidiEvent::Mpe { on: true })
}

/// An instrument without guard that plays a program.
pub fn instrument(program: &str) -> Host {
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.evaluate(program);
    host
}

/// What a program plays from these events.
pub fn play(program: &str, cut: Cut, frames: usize, events: &[Event]) -> Audio {
    let mut host = instrument(program).with_cut(cut);
    host.render_with(frames, events, |_| (0.0, 0.0))
}

/// Frequency of a MIDI note in Hz.
pub fn note_hz(note: f64) -> f64 {
    440.0 * ((note - 69.0) / 12.0).exp2()
}

/// Distance in cents.
pub fn cents(a: f64, b: f64) -> f64 {
    1200.0 * (a / b).log2()
}

/// Frequency of the partial near `expected_hz`: the phase that it gains between two windows, one
/// quarter of the signal apart, says how far it is from there.
///
/// Right for distances below 2 · rate / length; other partials must be 8 rate / length away.
pub fn frequency_hz(signal: &[f32], expected_hz: f64) -> f64 {
    let length = signal.len() * 3 / 4;
    let hop = signal.len() - length;
    let phase_of = |from: usize| {
        let (mut re, mut im) = (0.0, 0.0);
        for i in 0..length {
            let angle = std::f64::consts::TAU * expected_hz * (from + i) as f64 / RATE;
            let x = f64::from(signal[from + i]) * window(i as f64 / length as f64);
            re += x * angle.cos();
            im -= x * angle.sin();
        }
        im.atan2(re)
    };
    let gained = phase_of(hop) - phase_of(0);
    let tau = std::f64::consts::TAU;
    let gained = gained - (gained / tau).round() * tau;
    expected_hz + gained / tau * RATE / hop as f64
}

/// Largest step from one frame to the next.
pub fn largest_step(signal: &[f32]) -> f32 {
    signal
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f32::max)
}
