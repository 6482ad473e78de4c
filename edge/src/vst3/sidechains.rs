//! Auxiliary inputs of another width than nice-plug has them.
//!
//! nice-plug 0.4.2 compares the main input of a host with the widths of all inputs and its side
//! chain with none. So it says yes to a mono input with a stereo side chain and then has a mono one.
//! Here the host gets what it asked for: one channel goes to both sides, and two become one as
//! 0.5 · (left + right), like the main buses.

use std::sync::atomic::{AtomicI32, Ordering};

use nice_plug::wrapper::vst3::{Vst3Plugin, Wrapper};
use vst3::Steinberg::Vst::{
    AudioBusBuffers, AudioBusBuffers__type0, BusDirection, BusDirections_::kInput, BusInfo,
    BusTypes_::kAux, IComponentTrait, MediaTypes_::kAudio, ProcessData, SpeakerArrangement,
};
use vst3::Steinberg::{int32, kResultOk};

use crate::audio_cell::AudioCell;

/// Buses that are looked at; nice-plug reads one behind the last.
const MOST_BUSES: usize = 8;

/// Widths of an instance's input buses.
#[derive(Default)]
pub(super) struct Sidechains {
    /// Channels that the host asked for; 0: as nice-plug has it.
    wanted: [AtomicI32; MOST_BUSES],
    /// Channels that nice-plug has on an auxiliary bus; 0: no such bus.
    inner: [AtomicI32; MOST_BUSES],
    /// Two channels made one, of one bus behind the other.
    mixed: AudioCell<Mixed>,
}

#[derive(Default)]
struct Mixed {
    samples: Vec<f32>,
    frames: usize,
}

/// Channels that nice-plug has on an auxiliary input bus.
fn aux_width<P: Vst3Plugin>(inner: &Wrapper<P>, index: usize) -> Option<int32> {
    // SAFETY: a struct of numbers and characters, for which zeros are a value; it is writable.
    let info = unsafe {
        let mut info: BusInfo = std::mem::zeroed();
        let (media, input) = (kAudio as int32, kInput as BusDirection);
        let result = inner.getBusInfo(media, input, int32::try_from(index).ok()?, &raw mut info);
        (result == kResultOk).then_some(info)?
    };
    (info.busType == kAux as int32).then_some(info.channelCount)
}

impl Sidechains {
    /// Whether all auxiliary inputs can have the widths that the host asks for: one or two
    /// channels, or none for a bus it does not use.
    pub(super) fn can_take<P: Vst3Plugin>(
        inner: &Wrapper<P>,
        wanted: &[SpeakerArrangement],
    ) -> bool {
        let mut buses = wanted.iter().enumerate();
        buses.all(|(index, wanted)| wanted.count_ones() <= 2 || aux_width(inner, index).is_none())
    }

    /// The host asked for these arrangements and got them. Main thread, not active.
    pub(super) fn take<P: Vst3Plugin>(&self, inner: &Wrapper<P>, wanted: &[SpeakerArrangement]) {
        for (index, place) in self.wanted.iter().enumerate() {
            let arrangement = wanted
                .get(index)
                .filter(|_| aux_width(inner, index).is_some());
            let channels = arrangement.map_or(0, |wanted| wanted.count_ones() as int32);
            place.store(channels, Ordering::Relaxed);
        }
    }

    /// Channels that the host asked for on a bus, where that is not nice-plug's matter.
    pub(super) fn wanted(&self, direction: BusDirection, index: int32) -> Option<int32> {
        let place = self.wanted.get(usize::try_from(index).ok()?)?;
        let channels = place.load(Ordering::Relaxed);
        (direction == kInput as BusDirection && channels > 0).then_some(channels)
    }

    /// Blocks have so many frames at most. Main thread, not active.
    pub(super) fn prepare(&self, frames: usize) {
        self.mixed.with(|mixed| {
            mixed.frames = frames;
            mixed.samples = vec![0.0; frames * MOST_BUSES];
        });
    }

    /// Notes nice-plug's widths. Main thread, no block is processed.
    pub(super) fn activate<P: Vst3Plugin>(&self, inner: &Wrapper<P>) {
        for (index, place) in self.inner.iter().enumerate() {
            let channels = aux_width(inner, index).unwrap_or(0);
            place.store(channels, Ordering::Relaxed);
        }
    }

    /// Runs a block with input buses as nice-plug wants them, and an empty one behind them, which
    /// it looks at where a host has no side chain. Audio thread.
    ///
    /// # Safety
    /// The host's buses are valid.
    pub(super) unsafe fn with_inputs<R>(
        &self,
        host: &ProcessData,
        run: impl FnOnce(*mut AudioBusBuffers) -> R,
    ) -> R {
        let count = usize::try_from(host.numInputs).unwrap_or(0);
        if host.inputs.is_null() || count >= MOST_BUSES {
            return run(host.inputs);
        }
        let empty = AudioBusBuffers {
            numChannels: 0,
            silenceFlags: 0,
            __field0: AudioBusBuffers__type0 {
                channelBuffers32: std::ptr::null_mut(),
            },
        };
        let mut buses = [empty; MOST_BUSES];
        let mut pointers = [[std::ptr::null_mut::<f32>(); 2]; MOST_BUSES];
        // SAFETY: the caller's promise; `count` fits.
        let given = unsafe { std::slice::from_raw_parts(host.inputs, count) };
        buses[..count].copy_from_slice(given);
        self.mixed.with(|mixed| {
            let frames = usize::try_from(host.numSamples).unwrap_or(0);
            let mut room = mixed.samples.chunks_mut(mixed.frames.max(1));
            for ((bus, pointers), inner) in buses.iter_mut().zip(&mut pointers).zip(&self.inner) {
                // SAFETY: the caller's promise: as many channels as told, of so many frames.
                unsafe {
                    let channels = bus.__field0.channelBuffers32;
                    if channels.is_null() {
                        continue;
                    }
                    match (bus.numChannels, inner.load(Ordering::Relaxed)) {
                        (1, 2) => *pointers = [*channels, *channels],
                        (2, 1) => {
                            let Some(mix) = room.next().and_then(|room| room.get_mut(..frames))
                            else {
                                continue;
                            };
                            let left = std::slice::from_raw_parts(*channels, frames);
                            let right = std::slice::from_raw_parts(*channels.add(1), frames);
                            for (mix, (left, right)) in mix.iter_mut().zip(left.iter().zip(right)) {
                                *mix = 0.5 * (left + right);
                            }
                            *pointers = [mix.as_mut_ptr(), std::ptr::null_mut()];
                        }
                        _ => continue,
                    }
                    bus.numChannels = inner.load(Ordering::Relaxed);
                    bus.__field0.channelBuffers32 = pointers.as_mut_ptr();
                }
            }
        });
        run(buses.as_mut_ptr())
    }
}
