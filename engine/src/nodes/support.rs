//! Small things that several nodes need.

use crate::dsp::envelope::{Times, whole_frames};
use crate::processor::{BLOCK_FRAMES, Inherit, Io, Processor, Value};
use crate::registry::{Signal, Unit};

/// Room for one chunk of values.
pub type Scratch = [f32; BLOCK_FRAMES];

/// An empty [`Scratch`].
pub const EMPTY: Scratch = [0.0; BLOCK_FRAMES];

/// A value as one sample per frame: its own block, or `scratch` filled with the held one.
#[inline]
pub fn samples<'a>(value: Value<'a>, frames: usize, scratch: &'a mut Scratch) -> &'a [f32] {
    let n = frames.min(BLOCK_FRAMES);
    match value {
        Value::Moving(xs) => xs,
        Value::Held(x) => {
            scratch[..n].fill(x);
            &scratch[..n]
        }
    }
}

/// The share of an effect against the dry signal.
pub const fn mix_argument(index: usize, default: f32, doc: &'static str) -> Signal {
    Signal::new(index, "mix")
        .unit(Unit::Ratio)
        .range(0.0, 1.0)
        .default(default)
        .doc(doc)
}

/// Replaces each output by `dry · (1 − mix) + output · mix`, on the output's own channel.
pub fn mix_in(io: &mut Io<'_>, dry: [&[f32]; 2], mix: Signal) {
    for (channel, dry) in dry.into_iter().enumerate() {
        let (ins, out) = io.split(channel);
        let share = ins.arg_channel(mix, channel);
        for (i, (y, x)) in out.iter_mut().zip(dry).enumerate() {
            let share = mix.clamp(share.at(i));
            *y = x * (1.0 - share) + *y * share;
        }
    }
}

/// Attack and decay in seconds as whole frames, inside their ranges.
pub fn envelope_times<'a>(
    (attack, attack_value): (Signal, Value<'_>),
    (decay, decay_value): (Signal, Value<'_>),
    frames_per_second: f64,
    scratch: &'a mut [Scratch; 2],
) -> Times<'a> {
    let frames = |arg: Signal, x: f32| whole_frames(arg.clamp(x), frames_per_second);
    if let (Value::Held(a), Value::Held(d)) = (attack_value, decay_value) {
        return Times::Held {
            attack: frames(attack, a),
            decay: frames(decay, d),
        };
    }
    let [a, d] = scratch;
    for (i, (a, d)) in a.iter_mut().zip(d.iter_mut()).enumerate() {
        *a = frames(attack, attack_value.at(i));
        *d = frames(decay, decay_value.at(i));
    }
    Times::Moving {
        attack: a,
        decay: d,
    }
}

/// The instance whose state is taken over, whichever it is, if it is of this kind.
pub fn predecessor<'a, T: Processor>(from: &'a Inherit<'_>) -> Option<&'a T> {
    match from {
        Inherit::Replaced(old) => old.downcast_ref(),
        Inherit::Twin(twin) => twin.downcast_ref(),
    }
}

/// Calls `run(first, last + 1)` for each run of set bits among the lowest `frames` bits of a mask.
#[inline]
pub fn runs(mask: u64, frames: usize, mut run: impl FnMut(usize, usize)) {
    let mut at = 0;
    while at < frames.min(BLOCK_FRAMES) {
        let rest = mask >> at;
        if rest == 0 {
            return;
        }
        let start = at + rest.trailing_zeros() as usize;
        let end = start + (mask >> start).trailing_ones() as usize;
        run(start, end.min(frames));
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_and_blocks_agree_on_the_longest_chunk() {
        assert_eq!(crate::dsp::MAX_FRAMES, BLOCK_FRAMES);
    }

    #[test]
    fn runs_of_a_mask() {
        let list = |mask, frames| {
            let mut found = Vec::new();
            runs(mask, frames, |a, b| found.push((a, b)));
            found
        };
        assert_eq!(list(0, 64), []);
        assert_eq!(list(u64::MAX, 64), [(0, 64)]);
        assert_eq!(list(0b0110_1000, 7), [(3, 4), (5, 7)]);
        assert_eq!(list(1 << 63, 64), [(63, 64)]);
    }
}
