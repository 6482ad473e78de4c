//! What the filters with a cutoff and a Q have in common.

use std::marker::PhantomData;

use crate::dsp::svf::{Coefficients, MAX_Q, MIN_CUTOFF_HZ, MIN_Q, Moving, Output, Svf};
use crate::nodes::support::{EMPTY, predecessor, samples};
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// The cutoff frequency.
pub const CUTOFF: Signal = Signal::new(0, "cutoff")
    .unit(Unit::Hertz)
    .range(MIN_CUTOFF_HZ, 96_000.0)
    .default(100.0)
    .doc("Corner frequency; never above 0.49 of the sample rate.");
/// The resonance.
pub const Q: Signal = Signal::new(1, "q")
    .range(MIN_Q, MAX_Q)
    .default(1.0)
    .doc("Resonance: the gain at the cutoff. 0.707 is flat, 10 rings.");

/// A spec of such a filter, to be completed.
pub const FILTER: NodeSpec = NodeSpec {
    category: Category::Filter,
    input: Input::Required,
    width: Width::Input,
    // Q 100 at 40 Hz still rings for this long; higher cutoffs and lower Qs are shorter.
    tail: Tail::Seconds(6.0),
    args: &[CUTOFF.spec(), Q.spec()],
    sources: &[
        "Zavalishin: The Art of VA Filter Design, 2.1.0, section 4",
        "Simper: Solving the continuous SVF equations using trapezoidal integration and \
         equivalent currents, 2013",
    ],
    ..NodeSpec::PLAIN
};

/// A filter node on one channel.
pub struct StateVariable<O> {
    svf: Svf,
    seconds_per_frame: f32,
    output: PhantomData<O>,
}

impl<O: Output + Send + 'static> StateVariable<O> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            svf: Svf::default(),
            seconds_per_frame: 1.0 / build.sample_rate,
            output: PhantomData,
        }))
    }
}

impl<O: Output + Send + 'static> Processor for StateVariable<O> {
    #[inline]
    fn process(&mut self, io: &mut Io<'_>) {
        let (frame, frames) = (io.frame(), io.frames());
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let input = samples(ins.input(), frames, &mut held);
        let (cutoff, q) = (ins.arg(CUTOFF), ins.arg(Q));
        if let (Value::Held(cutoff), Value::Held(q)) = (cutoff, q) {
            let coefficients = Coefficients::new(cutoff, q, self.seconds_per_frame);
            self.svf.held::<O>(&coefficients, frame, input, out);
            return;
        }
        let (mut cutoffs, mut qs) = (EMPTY, EMPTY);
        cutoff.fill(&mut cutoffs[..frames]);
        q.fill(&mut qs[..frames]);
        self.svf.moving::<O>(
            Moving::plain(&cutoffs, &qs),
            self.seconds_per_frame,
            frame,
            input,
            out,
        );
    }

    fn reset(&mut self) {
        self.svf.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Some(other) = predecessor::<Self>(&from) {
            self.svf = other.svf;
        }
    }
}
