//! `pan`: position between left and right.

use crate::dsp::math::clamp;
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Io, Processor, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Unit, Width};

const POSITION: Signal = Signal::new(0, "position")
    .unit(Unit::Pan)
    .range(-1.0, 1.0)
    .default(0.0)
    .doc("-1 is left, 0 the middle, 1 right.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "pan",
    category: Category::Routing,
    stateless: true,
    summary: "Places a signal between left and right.",
    doc: "A mono signal keeps its power: 0.707 on both sides in the middle. A stereo signal keeps \
          its sides: the one the position moves away from gets softer, the other stays. Positions \
          beyond the ends count as the ends.",
    differs: "Upstream stops at a constant position and turns stereo into mono.",
    examples: &[
        "out: saw 110 >> mul 0.3 >> pan -0.5",
        "~place: sin 0.5\nout: noiz 1 >> mul 0.2 >> pan ~place",
    ],
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    args: &[POSITION.spec()],
    build: Some(|_| Ok(Box::new(Pan))),
    ..NodeSpec::PLAIN
};

/// Gains of one side: constant power for mono, balance for stereo. `toward`: 1 for a position fully
/// on this side, −1 for one on the other.
#[inline(always)]
fn gain<const STEREO: bool>(toward: f32) -> f32 {
    if STEREO {
        clamp(1.0 + toward, 0.0, 1.0)
    } else {
        (0.5 * (1.0 + toward)).sqrt()
    }
}

fn place<const STEREO: bool>(input: &[f32], position: Value<'_>, side: f32, out: &mut [f32]) {
    match position {
        Value::Held(p) => {
            let gain = gain::<STEREO>(side * clamp(p, -1.0, 1.0));
            for (y, x) in out.iter_mut().zip(input) {
                *y = x * gain;
            }
        }
        Value::Moving(ps) => {
            for ((y, x), p) in out.iter_mut().zip(input).zip(ps) {
                *y = x * gain::<STEREO>(side * clamp(*p, -1.0, 1.0));
            }
        }
    }
}

struct Pan;

impl Processor for Pan {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let stereo = io.ins.input_is_stereo();
        for (channel, side) in [-1.0, 1.0].into_iter().enumerate() {
            let (ins, out) = io.split(channel);
            let mut held = EMPTY;
            let input = samples(ins.input_channel(channel), frames, &mut held);
            // Both sides go by one position, the left channel of a stereo reference.
            let position = ins.arg_channel(POSITION, 0);
            if stereo {
                place::<true>(input, position, side, out);
            } else {
                place::<false>(input, position, side, out);
            }
        }
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws() {
        let mono = |p: f32| (gain::<false>(-p), gain::<false>(p));
        assert_eq!(mono(-1.0), (1.0, 0.0));
        assert_eq!(mono(1.0), (0.0, 1.0));
        let (l, r) = mono(0.3);
        assert!((l * l + r * r - 1.0).abs() < 1e-6 && r > l);
        assert!((mono(0.0).0 - std::f32::consts::FRAC_1_SQRT_2).abs() < 1e-6);
        let stereo = |p: f32| (gain::<true>(-p), gain::<true>(p));
        assert_eq!(stereo(0.0), (1.0, 1.0));
        assert_eq!(stereo(0.25), (0.75, 1.0));
        assert_eq!(stereo(-1.0), (1.0, 0.0));
    }
}
