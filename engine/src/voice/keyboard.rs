//! What wheels, pedals and controllers say.

use crate::midi::MidiEvent;

/// State of all channels. Shared by all groups of a renderer.
#[derive(Clone, Debug)]
pub struct Keyboard {
    /// Newest value of each controller, whatever the channel.
    controllers: [f32; 128],
}

impl Default for Keyboard {
    fn default() -> Self {
        Self {
            controllers: [0.0; 128],
        }
    }
}

impl Keyboard {
    /// Takes an event over, before the groups get it.
    pub fn apply(&mut self, event: &MidiEvent) {
        if let MidiEvent::Controller { number, value, .. } = event
            && let Some(slot) = self.controllers.get_mut(usize::from(*number))
        {
            *slot = *value;
        }
    }

    /// Newest value of a controller, 0 to 1.
    #[must_use]
    pub fn controller(&self, number: u8) -> f32 {
        self.controllers
            .get(usize::from(number))
            .copied()
            .unwrap_or(0.0)
    }
}
