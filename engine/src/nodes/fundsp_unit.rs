//! The one place that names fundsp: its units as processors.
//!
//! A unit may stand here only if the conformance suite proves that its samples do not depend on how
//! blocks are cut and that a reset one equals a new one. The adapter clamps arguments before the
//! unit sees them, gives it blocks that start at index 0 of aligned memory of its own, and ignores
//! what the unit writes past the chunk.
//!
//! Thread: [`morph`] control; the processor audio.

use fundsp::prelude32 as units;
use fundsp::prelude32::{AudioUnit, BufferVec};

use crate::dsp::math::clamp;
use crate::processor::{BLOCK_FRAMES, Io, Processor};
use crate::registry::{Build, BuildError, Signal, Unit};

/// Highest frequency argument in cycles per frame.
const MAX_CYCLES: f32 = 0.45;

/// Morphing filter: signal, cutoff in Hz, Q and shape.
pub fn morph(build: &Build<'_>, args: &'static [Signal]) -> Result<Box<dyn Processor>, BuildError> {
    Ok(FundspUnit::boxed(Box::new(units::morph()), build, args))
}

/// A fundsp unit with one output. Its inputs are the chain's signal, if it takes more than the
/// arguments, and then the arguments in order.
struct FundspUnit {
    unit: Box<dyn AudioUnit>,
    args: &'static [Signal],
    has_input: bool,
    max_hz: f32,
    inputs: BufferVec,
    output: BufferVec,
}

impl FundspUnit {
    fn boxed(
        mut unit: Box<dyn AudioUnit>,
        build: &Build<'_>,
        args: &'static [Signal],
    ) -> Box<dyn Processor> {
        unit.set_sample_rate(f64::from(build.sample_rate));
        unit.allocate();
        unit.reset();
        let channels = unit.inputs();
        Box::new(Self {
            unit,
            args,
            has_input: channels > args.len(),
            max_hz: MAX_CYCLES * build.sample_rate,
            inputs: BufferVec::new(channels),
            output: BufferVec::new(1),
        })
    }
}

impl Processor for FundspUnit {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let frames = out.len().min(BLOCK_FRAMES);
        let first = usize::from(self.has_input);
        if self.has_input {
            ins.input()
                .fill(&mut self.inputs.channel_f32_mut(0)[..frames]);
        }
        for (i, arg) in self.args.iter().enumerate() {
            let block = &mut self.inputs.channel_f32_mut(first + i)[..frames];
            ins.arg(*arg).fill(block);
            let spec = arg.spec();
            let max = if spec.unit == Unit::Hertz {
                spec.max.min(self.max_hz)
            } else {
                spec.max
            };
            block.iter_mut().for_each(|x| *x = clamp(*x, spec.min, max));
        }
        self.unit.process(
            frames,
            &self.inputs.buffer_ref(),
            &mut self.output.buffer_mut(),
        );
        out[..frames].copy_from_slice(&self.output.channel_f32(0)[..frames]);
    }

    fn reset(&mut self) {
        self.unit.reset();
    }
}
