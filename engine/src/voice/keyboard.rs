//! What wheels, pedals and controllers say, and which keys are down.

use super::held::HeldKeys;
use crate::midi::{MidiEvent, NoteAddress};

/// Numbers of controllers with a meaning of their own (MIDI 1.0, RP-015, RP-021).
pub mod controller {
    /// Modulation wheel.
    pub const MODULATION: u8 = 1;
    /// Data entry, coarse and fine: the value of a registered parameter.
    pub const DATA: [u8; 2] = [6, 38];
    /// Expression.
    pub const EXPRESSION: u8 = 11;
    /// Sustain pedal: down from the middle on.
    pub const SUSTAIN: u8 = 64;
    /// Soft pedal, the last of the four pedals from 64 on.
    pub const SOFT: u8 = 67;
    /// Brightness; timbre in MPE.
    pub const TIMBRE: u8 = 74;
    /// Fine and coarse number of an unregistered parameter.
    pub const UNREGISTERED: [u8; 2] = [98, 99];
    /// Fine and coarse number of a registered parameter.
    pub const REGISTERED: [u8; 2] = [100, 101];
    /// All sound off.
    pub const SOUND_OFF: u8 = 120;
    /// Reset all controllers.
    pub const RESET: u8 = 121;
    /// All notes off. The mode messages after it say so too.
    pub const NOTES_OFF: u8 = 123;
}

/// Channels of a MIDI port.
const CHANNELS: usize = 16;
/// How far a pitch wheel bends, in semitones.
const BEND_RANGE_SEMITONES: f32 = 2.0;
/// How far a note's own pitch wheel bends in MPE.
const MEMBER_RANGE_SEMITONES: f32 = 48.0;
/// The widest bend range.
const WIDEST_RANGE_SEMITONES: f32 = 96.0;
/// Channel that speaks for all notes in MPE.
const MASTER: u8 = 0;
/// No registered parameter is chosen.
const NO_PARAMETER: [u8; 2] = [127, 127];
/// Registered parameter: bend range.
const PARAMETER_BEND_RANGE: [u8; 2] = [0, 0];
/// Registered parameter: MPE configuration, with the number of member channels as its value.
const PARAMETER_MPE: [u8; 2] = [6, 0];
/// Where timbre stands in rest: MPE's middle.
const TIMBRE_AT_REST: f32 = 0.5;

/// State of one channel.
#[derive(Clone, Copy, Debug)]
struct Channel {
    /// Pitch wheel, −1 to 1.
    wheel: f32,
    /// Semitones of a full bend.
    range_semitones: f32,
    pressure: f32,
    timbre: f32,
    sustain: bool,
    /// Registered parameter that data entry sets: fine and coarse number.
    parameter: [u8; 2],
}

impl Channel {
    const fn new(range_semitones: f32) -> Self {
        Self {
            wheel: 0.0,
            range_semitones,
            pressure: 0.0,
            timbre: TIMBRE_AT_REST,
            sustain: false,
            parameter: NO_PARAMETER,
        }
    }
}

/// State of all channels. Shared by all groups of a renderer.
#[derive(Clone, Debug)]
pub struct Keyboard {
    /// Newest value of each controller, whatever the channel.
    controllers: [f32; 128],
    channels: [Channel; CHANNELS],
    /// MPE member channels: 1 up to this one; 0 = no MPE.
    members: u8,
    /// Semitones of a full bend of a member channel.
    member_range_semitones: f32,
    held: HeldKeys,
    /// What the host has set for good: a reset returns to it.
    set_range_semitones: f32,
    set_mpe: bool,
}

impl Default for Keyboard {
    /// A keyboard at rest. Thread: control (allocates).
    fn default() -> Self {
        Self {
            controllers: [0.0; 128],
            channels: [Channel::new(BEND_RANGE_SEMITONES); CHANNELS],
            members: 0,
            member_range_semitones: MEMBER_RANGE_SEMITONES,
            held: HeldKeys::new(),
            set_range_semitones: BEND_RANGE_SEMITONES,
            set_mpe: false,
        }
    }
}

impl Keyboard {
    /// Takes an event over, before the groups get it.
    pub fn apply(&mut self, event: &MidiEvent) {
        match *event {
            MidiEvent::NoteOn { note, velocity } => self.held.press(note, unit(velocity)),
            MidiEvent::NoteOff { note } | MidiEvent::Choke { note } => {
                self.held.release(|held| note.reaches(held));
            }
            MidiEvent::Expression { .. } => {}
            MidiEvent::ChannelPressure { channel, value } => {
                self.set(channel, |c| c.pressure = unit(value));
            }
            MidiEvent::PitchBend { channel, value } => {
                let wheel = if value.is_finite() { value } else { 0.0 };
                if let Some(c) = self.channels.get_mut(usize::from(channel)) {
                    c.wheel = wheel.clamp(-1.0, 1.0);
                }
            }
            MidiEvent::Controller {
                channel,
                number,
                value,
            } => self.control(channel, number, unit(value)),
            MidiEvent::BendRange { semitones } => {
                if semitones.is_finite() {
                    self.set_range_semitones = semitones.clamp(0.0, WIDEST_RANGE_SEMITONES);
                    self.start_ranges();
                }
            }
            MidiEvent::Mpe { on } => {
                self.set_mpe = on;
                self.start_mpe(if on { CHANNELS as u8 - 1 } else { 0 });
            }
        }
    }

    /// Returns to rest: nothing is held, nothing is turned. What [`MidiEvent::Mpe`] and
    /// [`MidiEvent::BendRange`] have set stays.
    pub fn reset(&mut self) {
        self.held.release(|_| true);
        self.controllers = [0.0; 128];
        self.channels = [Channel::new(self.set_range_semitones); CHANNELS];
        self.members = if self.set_mpe { CHANNELS as u8 - 1 } else { 0 };
        self.member_range_semitones = MEMBER_RANGE_SEMITONES;
    }

    /// Takes all keys and pedals as released. Wheels and controllers stay.
    pub fn release_all(&mut self) {
        self.held.release(|_| true);
        for channel in &mut self.channels {
            channel.sustain = false;
        }
    }

    /// Newest value of a controller, 0 to 1; 0 for one that was never sent.
    #[must_use]
    pub fn controller(&self, number: u8) -> f32 {
        self.controllers
            .get(usize::from(number))
            .copied()
            .unwrap_or(0.0)
    }

    /// The key that went down last and is still down, with its velocity.
    #[must_use]
    pub fn newest_key(&self) -> Option<(NoteAddress, f32)> {
        self.held.newest()
    }

    /// Number of keys that are down.
    #[must_use]
    pub fn keys_down(&self) -> usize {
        self.held.len()
    }

    /// Whether a message on `channel` speaks for a note on `of`.
    #[must_use]
    pub fn speaks_for(&self, channel: u8, of: u8) -> bool {
        channel == of || (channel == MASTER && self.is_member(of))
    }

    /// Whether notes of this channel have its wheel for themselves.
    #[must_use]
    pub fn is_member(&self, channel: u8) -> bool {
        (1..=self.members).contains(&channel)
    }

    /// Whether a pedal holds the notes of a channel.
    #[must_use]
    pub fn sustains(&self, channel: u8) -> bool {
        let down = |c: u8| self.channel(c).sustain;
        down(channel) || (self.is_member(channel) && down(MASTER))
    }

    /// Semitones by which a channel's own wheel bends its notes.
    #[must_use]
    pub fn own_bend(&self, channel: u8) -> f32 {
        let range = if self.is_member(channel) {
            self.member_range_semitones
        } else {
            self.channel(channel).range_semitones
        };
        self.channel(channel).wheel * range
    }

    /// Semitones by which the wheel for all notes bends those of a channel; 0 without MPE.
    #[must_use]
    pub fn common_bend(&self, channel: u8) -> f32 {
        if self.is_member(channel) {
            self.channel(MASTER).wheel * self.channel(MASTER).range_semitones
        } else {
            0.0
        }
    }

    /// Pressure of a channel.
    #[must_use]
    pub fn pressure(&self, channel: u8) -> f32 {
        self.channel(channel).pressure
    }

    /// Timbre of a channel.
    #[must_use]
    pub fn timbre(&self, channel: u8) -> f32 {
        self.channel(channel).timbre
    }

    fn channel(&self, channel: u8) -> &Channel {
        const AT_REST: Channel = Channel::new(BEND_RANGE_SEMITONES);
        self.channels.get(usize::from(channel)).unwrap_or(&AT_REST)
    }

    /// Changes a channel, and with the master all its members: the newest message wins.
    fn set(&mut self, channel: u8, change: impl Fn(&mut Channel)) {
        for of in 0..CHANNELS as u8 {
            if self.speaks_for(channel, of)
                && let Some(c) = self.channels.get_mut(usize::from(of))
            {
                change(c);
            }
        }
    }

    fn control(&mut self, channel: u8, number: u8, value: f32) {
        if let Some(newest) = self.controllers.get_mut(usize::from(number)) {
            *newest = value;
        }
        let seven_bits = (value * 127.0 + 0.5) as u8;
        match number {
            controller::SUSTAIN => {
                if let Some(c) = self.channels.get_mut(usize::from(channel)) {
                    c.sustain = seven_bits >= 64;
                }
            }
            controller::TIMBRE => self.set(channel, |c| c.timbre = value),
            _ if controller::DATA.contains(&number) => {
                self.enter(channel, number == controller::DATA[1], seven_bits);
            }
            _ if controller::UNREGISTERED.contains(&number) => self.choose(channel, NO_PARAMETER),
            _ if controller::REGISTERED.contains(&number) => {
                let mut parameter = self.channel(channel).parameter;
                parameter[usize::from(number - controller::REGISTERED[0])] = seven_bits;
                self.choose(channel, parameter);
            }
            controller::RESET => self.reset_controllers(channel),
            controller::SOUND_OFF | controller::NOTES_OFF.. => {
                let members = self.members;
                self.held.release(|held| {
                    held.channel.is_none_or(|of| {
                        of == channel || (channel == MASTER && (1..=members).contains(&of))
                    })
                });
            }
            _ => {}
        }
    }

    fn choose(&mut self, channel: u8, parameter: [u8; 2]) {
        if let Some(c) = self.channels.get_mut(usize::from(channel)) {
            c.parameter = parameter;
        }
    }

    /// A value for the registered parameter that is chosen on a channel.
    fn enter(&mut self, channel: u8, fine: bool, value: u8) {
        match self.channel(channel).parameter {
            PARAMETER_BEND_RANGE => {
                let refine = |range: f32| {
                    let semitones = if fine {
                        f32::from(range as u8) + f32::from(value) * 0.01
                    } else {
                        f32::from(value)
                    };
                    semitones.min(WIDEST_RANGE_SEMITONES)
                };
                if self.is_member(channel) {
                    // One member speaks for all of them.
                    self.member_range_semitones = refine(self.member_range_semitones);
                } else if let Some(c) = self.channels.get_mut(usize::from(channel)) {
                    c.range_semitones = refine(c.range_semitones);
                }
            }
            PARAMETER_MPE if channel == MASTER && !fine => {
                self.start_mpe(value.min(CHANNELS as u8 - 1));
            }
            _ => {}
        }
    }

    /// Gives MPE this many member channels. Bend ranges return to their defaults when it changes.
    fn start_mpe(&mut self, members: u8) {
        if members != self.members {
            self.members = members;
            self.member_range_semitones = MEMBER_RANGE_SEMITONES;
            self.start_ranges();
        }
    }

    fn start_ranges(&mut self) {
        for (i, channel) in self.channels.iter_mut().enumerate() {
            if self.members == 0 || i == usize::from(MASTER) || i > usize::from(self.members) {
                channel.range_semitones = self.set_range_semitones;
            }
        }
    }

    /// What RP-015 lists; volume, panorama, timbre and bend ranges stay.
    fn reset_controllers(&mut self, channel: u8) {
        let mut rest = |number: u8, value: f32| {
            if let Some(newest) = self.controllers.get_mut(usize::from(number)) {
                *newest = value;
            }
        };
        rest(controller::MODULATION, 0.0);
        rest(controller::EXPRESSION, 1.0);
        for pedal in controller::SUSTAIN..=controller::SOFT {
            rest(pedal, 0.0);
        }
        self.set(channel, |c| {
            c.wheel = 0.0;
            c.pressure = 0.0;
            c.sustain = false;
            c.parameter = NO_PARAMETER;
        });
    }
}

/// A value limited to 0 to 1; what is not a number is 0.
fn unit(value: f32) -> f32 {
    crate::dsp::math::clamp(value, 0.0, 1.0)
}

#[cfg(test)]
#[path = "keyboard_tests.rs"]
mod tests;
