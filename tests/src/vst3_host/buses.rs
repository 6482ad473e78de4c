//! Audio buses: how many, how wide.

// COM from end to end.
#![allow(unsafe_code)]

use anyhow::{Result, bail};
use vst3::ComPtr;
use vst3::Steinberg::Vst::{
    BusDirections_::{kInput, kOutput},
    BusInfo, IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentTrait,
    MediaTypes_::kAudio,
    SpeakerArr, SpeakerArrangement,
};
use vst3::Steinberg::{kResultOk, kResultTrue};

/// Number of audio buses in a direction.
pub fn count(component: &ComPtr<IComponent>, direction: i32) -> i32 {
    // SAFETY: plain values.
    unsafe { component.getBusCount(kAudio as i32, direction) }
}

/// Channels of each bus in a direction, the main one first.
pub fn widths(component: &ComPtr<IComponent>, direction: i32) -> Vec<u32> {
    (0..count(component, direction))
        .map(|index| width(component, direction, index))
        .collect()
}

fn width(component: &ComPtr<IComponent>, direction: i32, index: i32) -> u32 {
    // SAFETY: a plain struct of numbers and characters, and writable.
    unsafe {
        let mut info: BusInfo = std::mem::zeroed();
        let result = component.getBusInfo(kAudio as i32, direction, index, &raw mut info);
        if result == kResultOk {
            info.channelCount as u32
        } else {
            0
        }
    }
}

/// Asks for mono or stereo main buses; auxiliary buses keep what they have.
///
/// # Errors
/// The plugin refuses.
pub fn arrange(
    component: &ComPtr<IComponent>,
    processor: &ComPtr<IAudioProcessor>,
    channels: u32,
) -> Result<()> {
    let main = if channels == 1 {
        SpeakerArr::kMono
    } else {
        SpeakerArr::kStereo
    };
    let current = |direction: i32, index: i32| {
        let mut found: SpeakerArrangement = 0;
        // SAFETY: `found` is writable.
        unsafe { processor.getBusArrangement(direction, index, &raw mut found) };
        found
    };
    let wanted = |direction: i32| -> Vec<SpeakerArrangement> {
        (0..count(component, direction))
            .map(|index| {
                if index == 0 {
                    main
                } else {
                    current(direction, index)
                }
            })
            .collect()
    };
    let (mut inputs, mut outputs) = (wanted(kInput as i32), wanted(kOutput as i32));
    // SAFETY: arrays of the lengths given.
    let result = unsafe {
        processor.setBusArrangements(
            inputs.as_mut_ptr(),
            inputs.len() as i32,
            outputs.as_mut_ptr(),
            outputs.len() as i32,
        )
    };
    if result != kResultTrue {
        bail!("the plugin refuses {channels} channels ({result})");
    }
    Ok(())
}
