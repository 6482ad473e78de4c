//! Tells hosts which channels of a block are silent, so that they can leave out what follows.
//!
//! nice-plug 0.4.2 leaves the marks of output buffers as the host made them. Here they say after
//! each block what is in it: a channel is silent if each of its samples is 0. That is read from the
//! block itself, so it holds for whatever the plugin did, and a mark is gone on the very block in
//! which sound returns. A channel that sounds is known by its first samples; only silence is read to
//! its end.
//!
//! Thread: audio.

/// Samples looked at before the search may end.
const STRIDE: usize = 64;

/// Whether each sample is 0. Subnormal numbers and what is not a number are not.
fn is_silent(samples: &[f32]) -> bool {
    let bits = |bits: u32, sample: &f32| bits | sample.to_bits();
    // Without the sign: there are two zeros.
    let is_zero = |stride: &[f32]| stride.iter().fold(0, bits) << 1 == 0;
    samples.chunks(STRIDE).all(is_zero)
}

/// The silent ones of a port's channels, one bit each. Nothing is said of a block without frames,
/// and of channels behind the 64th.
///
/// # Safety
/// `channels` is null or points to `count` pointers, each of them null or to `frames` samples.
pub(crate) unsafe fn silent_channels(
    channels: *const *mut f32,
    count: usize,
    frames: usize,
) -> u64 {
    if channels.is_null() || frames == 0 {
        return 0;
    }
    // SAFETY: the caller's promise.
    let channels = unsafe { std::slice::from_raw_parts(channels, count.min(64)) };
    let bit = |(index, samples): (usize, &*mut f32)| {
        // SAFETY: the caller's promise.
        let is_silent = !samples.is_null()
            && is_silent(unsafe { std::slice::from_raw_parts(*samples, frames) });
        u64::from(is_silent) << index
    };
    channels.iter().enumerate().map(bit).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(channels: &mut [Vec<f32>], frames: usize) -> u64 {
        let pointers: Vec<_> = channels.iter_mut().map(|c| c.as_mut_ptr()).collect();
        assert!(channels.iter().all(|c| c.len() >= frames));
        // SAFETY: as many pointers as told, to at least so many samples.
        unsafe { silent_channels(pointers.as_ptr(), pointers.len(), frames) }
    }

    #[test]
    fn one_sample_anywhere_is_sound() {
        for frames in [1, 63, 64, 65, 128, 333] {
            let mut channels = vec![vec![0.0; frames + 1]; 2];
            assert_eq!(told(&mut channels, frames), 0b11, "{frames} frames");
            for place in 0..frames {
                for sample in [1e-45, -1e-30, f32::NAN, f32::INFINITY] {
                    channels[0][place] = sample;
                    assert_eq!(told(&mut channels, frames), 0b10, "{sample} on {place}");
                }
                channels[0][place] = -0.0;
                assert_eq!(told(&mut channels, frames), 0b11, "-0 on {place}");
            }
            // Behind the block.
            channels[1][frames] = 1.0;
            assert_eq!(told(&mut channels, frames), 0b11, "{frames} frames");
        }
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(told(&mut [vec![0.0; 8], vec![0.0; 8]], 0), 0);
        // SAFETY: null is allowed, for the list and for a channel in it.
        unsafe {
            assert_eq!(silent_channels(std::ptr::null(), 2, 8), 0);
            let (mut samples, missing) = ([0.0; 8], std::ptr::null_mut());
            let channels = [missing, samples.as_mut_ptr()];
            assert_eq!(silent_channels(channels.as_ptr(), 2, 8), 0b10);
        }
    }

    #[test]
    fn the_channels_behind_the_last_bit_are_left_out() {
        let mut channels = vec![vec![0.0; 4]; 70];
        assert_eq!(told(&mut channels, 4), u64::MAX);
        channels[63][3] = 0.5;
        assert_eq!(told(&mut channels, 4), u64::MAX >> 1);
    }
}
