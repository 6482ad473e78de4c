//! `reverb`: Freeverb.

use crate::dsp::freeverb::{Freeverb, Loop, Loops};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{BLOCK_FRAMES, Io, Processor, Value};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// Gain of the reverb for a `wet` of 1.
const WET_GAIN: f32 = 3.0;

const fn share(index: usize, name: &'static str, default: f32, doc: &'static str) -> Signal {
    Signal::new(index, name)
        .unit(Unit::Ratio)
        .range(0.0, 1.0)
        .default(default)
        .doc(doc)
}

const DAMP: Signal = share(
    0,
    "damp",
    0.5,
    "How much sooner the treble dies away than the bass.",
);
const SIZE: Signal = share(
    1,
    "size",
    0.7,
    "Size of the room: it rings for 0.7 s at 0 and for 12 s at 1.",
);
const WIDTH: Signal = share(
    2,
    "width",
    1.0,
    "Width of the reverb: 0 is mono, 1 is wide.",
);
const WET: Signal = share(
    3,
    "wet",
    0.25,
    "Level of the reverb; 0.33 is about as loud as the input.",
);
const DRY: Signal = share(
    4,
    "dry",
    0.75,
    "Level of the unchanged signal; 1 keeps it as it is.",
);

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "reverb",
    aliases: &["freeverb"],
    category: Category::Effect,
    summary: "Freeverb: a room from small to endless, stereo.",
    doc: "The dry signal keeps its stereo; the reverb is fed with the sum of both channels and is \
          stereo itself. All numbers are shares from 0 to 1, and each may move. It sounds the same \
          at every sample rate.",
    differs: "Upstream accepts this node and then stops with an error; here it is Freeverb, as its \
              arguments mean. References are accepted.",
    examples: &[
        "out: ~input >> reverb",
        "out: speed 2 >> seq 60 _ _ 48 >> sn 0.1 >> mul 0.5 >> reverb 0.3 0.9 1 0.3 0.7",
        "~wet: sin 0.1 >> mul 0.2 >> add 0.2\nout: ~input >> reverb 0.5 0.8 1 ~wet 0.7",
    ],
    sources: &[
        "Jezar at Dreampoint: Freeverb, 2000 (public domain)",
        "Schroeder: Natural sounding artificial reverberation. JAES 10(3), 1962",
        "Moorer: About this reverberation business. Computer Music Journal 3(2), 1979",
    ],
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(4.0),
    args: &[
        DAMP.spec(),
        SIZE.spec(),
        WIDTH.spec(),
        WET.spec(),
        DRY.spec(),
    ],
    build: Some(|b| {
        let rate = f64::from(b.sample_rate);
        Ok(Box::new(ReverbNode {
            reverb: Freeverb::new(rate),
            loops: Loops::new(rate),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct ReverbNode {
    reverb: Freeverb,
    loops: Loops,
}

impl ReverbNode {
    fn loop_of(&self, size: f32, damp: f32) -> Loop {
        self.loops.of(SIZE.clamp(size), DAMP.clamp(damp))
    }
}

impl Processor for ReverbNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let mut held = [EMPTY; 2];
        let [held_left, held_right] = &mut held;
        let left = samples(ins.input_channel(0), frames, held_left);
        let right = samples(ins.input_channel(1), frames, held_right);
        let mut sum = EMPTY;
        for ((s, l), r) in sum.iter_mut().zip(left).zip(right) {
            *s = l + r;
        }
        // What belongs to the whole room is read on the left.
        let (size, damp) = (ins.arg_channel(SIZE, 0), ins.arg_channel(DAMP, 0));
        let mut loops = [Loop::default(); BLOCK_FRAMES];
        if let (Value::Held(size), Value::Held(damp)) = (size, damp) {
            loops.fill(self.loop_of(size, damp));
        } else {
            for (i, at) in loops[..frames].iter_mut().enumerate() {
                *at = self.loop_of(size.at(i), damp.at(i));
            }
        }
        let (mut wet_left, mut wet_right) = (EMPTY, EMPTY);
        self.reverb.process(
            &sum[..frames],
            &loops,
            &mut wet_left[..frames],
            &mut wet_right[..frames],
        );
        let sides = [
            (left, &wet_left, &wet_right),
            (right, &wet_right, &wet_left),
        ];
        for (channel, (dry_signal, near, far)) in sides.into_iter().enumerate() {
            let [width, wet, dry] = [WIDTH, WET, DRY].map(|arg| ins.arg_channel(arg, channel));
            for (i, y) in io.output(channel).iter_mut().enumerate() {
                let width = WIDTH.clamp(width.at(i));
                let wet = WET_GAIN * WET.clamp(wet.at(i));
                let (same, other) = (0.5 + 0.5 * width, 0.5 - 0.5 * width);
                *y = dry_signal[i] * DRY.clamp(dry.at(i)) + wet * (same * near[i] + other * far[i]);
            }
        }
    }

    fn reset(&mut self) {
        self.reverb.reset();
    }
}
