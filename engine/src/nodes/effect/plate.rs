//! `plate`: a plate reverb.

use crate::dsp::plate::Plate;
use crate::nodes::support::EMPTY;
use crate::processor::{Io, Processor};
use crate::registry::{Category, Input, NodeSpec, Signal, Tail, Unit, Width};

const MIX: Signal = Signal::new(0, "mix")
    .unit(Unit::Ratio)
    .range(0.0, 1.0)
    .default(0.1)
    .doc("Share of the reverb: 0 is dry, 1 only the reverb.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "plate",
    category: Category::Effect,
    summary: "Plate reverb, about two seconds, stereo.",
    doc: "The dry signal keeps its stereo; the reverb is fed with the sum of both channels and is \
          stereo itself. It sounds the same at every sample rate.",
    differs: "Upstream reads the left channel only, is right only at 44.1 kHz and takes no \
              reference as mix. The earliest echo on the right comes 128 samples earlier here.",
    examples: &[
        "out: ~input >> plate 0.3",
        "out: imp 1 >> envperc 0.001 0.05 >> plate 0.5",
    ],
    sources: &["Dattorro: Effect design, part 1: reverberator and other filters. JAES 45(9), 1997"],
    input: Input::Required,
    width: Width::Stereo,
    per_channel: false,
    tail: Tail::Seconds(2.2),
    args: &[MIX.spec()],
    build: Some(|b| {
        Ok(Box::new(PlateNode {
            plate: Plate::new(f64::from(b.sample_rate)),
        }))
    }),
    ..NodeSpec::PLAIN
};

struct PlateNode {
    plate: Plate,
}

impl Processor for PlateNode {
    fn process(&mut self, io: &mut Io<'_>) {
        let frames = io.frames();
        let ins = io.ins;
        let (mut dry_left, mut dry_right) = (EMPTY, EMPTY);
        let (dry_left, dry_right) = (&mut dry_left[..frames], &mut dry_right[..frames]);
        ins.input_channel(0).fill(dry_left);
        ins.input_channel(1).fill(dry_right);
        let mut sum = EMPTY;
        for ((s, l), r) in sum.iter_mut().zip(dry_left.iter()).zip(dry_right.iter()) {
            *s = 0.5 * (l + r);
        }
        let (mut wet_left, mut wet_right) = (EMPTY, EMPTY);
        let (wet_left, wet_right) = (&mut wet_left[..frames], &mut wet_right[..frames]);
        self.plate.process(&sum[..frames], wet_left, wet_right);
        let sides = [(&*dry_left, &*wet_left), (&*dry_right, &*wet_right)];
        for (channel, (dry, wet)) in sides.into_iter().enumerate() {
            let mut mix = EMPTY;
            ins.arg_channel(MIX, channel).fill(&mut mix[..frames]);
            let out = io.output(channel);
            for (i, y) in out.iter_mut().enumerate() {
                let mix = MIX.clamp(mix[i]);
                *y = dry[i] * (1.0 - mix) + wet[i] * mix;
            }
        }
    }

    fn reset(&mut self) {
        self.plate.reset();
    }

    fn rest(&mut self, frames: u64) {
        self.plate.advance(frames);
    }
}
