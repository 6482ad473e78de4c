//! What nodes that change the level have in common: what they listen to, how arguments become
//! values per frame, and how the gain reaches both channels.

use crate::nodes::support::{EMPTY, Scratch, samples};
use crate::processor::{BLOCK_FRAMES, Io, Ports, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Unit, Width};

/// A spec of such a node, to be completed.
pub const DYNAMICS: NodeSpec = NodeSpec {
    category: Category::Dynamics,
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    per_channel: false,
    ..NodeSpec::PLAIN
};

/// A time in milliseconds; a node sets its default.
pub const fn milliseconds(index: usize, name: &'static str) -> Signal {
    Signal::new(index, name)
        .unit(Unit::Milliseconds)
        .range(0.0, 10_000.0)
}

/// A level in dB; a node sets its default.
pub const fn level_db(index: usize, name: &'static str) -> Signal {
    Signal::new(index, name)
        .unit(Unit::Decibels)
        .range(-90.0, 0.0)
}

/// A sidechain that may be left out.
pub const fn sidechain(index: usize) -> Signal {
    Signal::new(index, "key").optional().doc(
        "A chain to listen to instead of the signal itself, such as `~kick` or `~sidechain`. Its \
         louder channel counts.",
    )
}

/// Sizes of the louder channel of the sidechain if there is one, of the input otherwise.
pub fn listen(ins: &Ports<'_>, key: Option<Signal>, sizes: &mut [f32]) {
    match key.filter(|key| ins.is_connected(*key)) {
        Some(key) => louder([0, 1].map(|channel| ins.arg_channel(key, channel)), sizes),
        None => louder([0, 1].map(|channel| ins.input_channel(channel)), sizes),
    }
}

fn louder(channels: [Value<'_>; 2], sizes: &mut [f32]) {
    let n = sizes.len().min(BLOCK_FRAMES);
    let (mut left, mut right) = (EMPTY, EMPTY);
    let [l, r] = channels;
    let (l, r) = (samples(l, n, &mut left), samples(r, n, &mut right));
    for ((y, l), r) in sizes.iter_mut().zip(l).zip(r) {
        let (l, r) = (l.abs(), r.abs());
        *y = if l > r { l } else { r };
    }
}

/// An argument over a chunk, inside its range.
pub fn clamped(ins: &Ports<'_>, arg: Signal, frames: usize) -> Scratch {
    let mut values = EMPTY;
    let values_now = values.get_mut(..frames).unwrap_or(&mut []);
    ins.arg_channel(arg, 0).fill(values_now);
    values_now.iter_mut().for_each(|x| *x = arg.clamp(*x));
    values
}

/// Something made of one or two arguments at each frame: once per chunk if they are held.
pub fn made_of<T: Copy>(
    ins: &Ports<'_>,
    args: [Signal; 2],
    make: impl Fn(f32, f32) -> T,
) -> impl Fn(usize) -> T {
    let values = args.map(|arg| ins.arg_channel(arg, 0));
    let [a, b] = values;
    let once = match (a, b) {
        (Value::Held(a), Value::Held(b)) => Some(make(args[0].clamp(a), args[1].clamp(b))),
        _ => None,
    };
    move |i| match once {
        Some(made) => made,
        None => make(args[0].clamp(a.at(i)), args[1].clamp(b.at(i))),
    }
}

/// The input times the gains, on all channels.
pub fn apply(io: &mut Io<'_>, gains: &[f32]) {
    for channel in 0..io.outs.len() {
        let (ins, out) = io.split(channel);
        let mut held = EMPTY;
        let input = samples(ins.input_channel(channel), out.len(), &mut held);
        for ((y, x), gain) in out.iter_mut().zip(input).zip(gains) {
            *y = x * gain;
        }
    }
}
