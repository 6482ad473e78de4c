//! What a caller hands to the renderer: audio, transport and events of one block.

use crate::midi::MidiEvent;
use crate::transport::{FreeRun, HostTransport};

/// One callback's worth of audio, processed in place.
pub struct AudioBlock<'a, 'b> {
    /// Channels of the main bus: the track's audio on entry (the first `input_channels` of them),
    /// the program's output on return. One, two or more; from the third on they are cleared.
    pub channels: &'a mut [&'b mut [f32]],
    /// How many of `channels` hold input: 0 (instrument), 1 or 2.
    pub input_channels: usize,
    /// The second input bus: no, one or two channels.
    pub sidechain: &'a [&'a [f32]],
    /// What the host says of the song at the block's first frame.
    pub transport: HostTransport,
    /// Changes at given frames, in the order of frames.
    pub events: &'a [Event],
}

/// A change at a frame of the block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Frame inside the block; later than the block's end counts as its last frame.
    pub frame: usize,
    /// What changes.
    pub kind: EventKind,
}

/// What an event changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventKind {
    /// Linear gain after the program, before the guard; ramps over 5 ms.
    OutputGain(f32),
    /// Cross-fades to the dry input (effect) or to silence (instrument) and back over 10 ms.
    Bypass(bool),
    /// Switches the guard (ceiling and DC protection).
    Guard(bool),
    /// A key, wheel, pedal or note expression.
    Midi(MidiEvent),
    /// The host turned a knob: its new normalised value, reached in 5 ms (R8.3).
    Knob {
        /// Slot of the bank, below [`KNOB_SLOTS`](crate::knob::KNOB_SLOTS).
        slot: u8,
        /// 0 to 1.
        normalised: f32,
    },
    /// Another program shall play, from the next multiple of `quantum_beats` on (0 = at once; also
    /// while the song stands). The newest wish wins; asking for the one that plays takes a wish
    /// back.
    Program {
        /// Number of the program, below [`PROGRAMS`](super::PROGRAMS).
        program: u8,
        /// Quarter notes.
        quantum_beats: u32,
    },
    /// When the song may run by itself while the host stands; at first [`FreeRun::OnRun`].
    FreeRun(FreeRun),
    /// Ends all voices and clears every memory of sound, as `reset` does. What sounded falls to 0 in
    /// 5 ms.
    Panic,
}
