//! What the shelves and the bell have in common: a frequency, a gain in dB and a Q.

use std::marker::PhantomData;

use crate::dsp::svf::{Coefficients, MIN_CUTOFF_HZ, Moving, Output, Svf, root_of_gain};
use crate::nodes::support::{EMPTY, samples};
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Signal, Tail, Unit, Width};

/// The frequency of the corner or centre.
pub const FREQ: Signal = Signal::new(0, "freq")
    .unit(Unit::Hertz)
    .range(MIN_CUTOFF_HZ, 96_000.0)
    .doc("Centre of the change; never above 0.49 of the sample rate.");
/// The gain.
pub const GAIN_DB: Signal = Signal::new(1, "gain_db")
    .unit(Unit::Decibels)
    .range(-24.0, 24.0)
    .doc("Boost above 0, cut below.");
/// The width of a bell.
pub const Q: Signal = Signal::new(2, "q")
    .range(0.2, 30.0)
    .default(1.0)
    .doc("Narrowness: the bell is about freq divided by q wide.");

/// A spec of such a filter, to be completed.
pub const EQUALIZER: NodeSpec = NodeSpec {
    category: Category::Filter,
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    // A narrow bell at a low frequency rings longest, as a resonant filter does.
    tail: Tail::Seconds(6.0),
    sources: &["Simper: SvfLinearTrapOptimised2, Cytomic technical paper, 2013"],
    ..NodeSpec::PLAIN
};

/// Which filter it is, and where its numbers come from.
pub trait Kind: Output + Send + 'static {
    /// Frequency, gain and Q, in the order of the node's arguments; without Q it is [`FLAT_Q`].
    const ARGS: (Signal, Signal, Option<Signal>);
}

/// Q of a shelf: as steep as it gets without a bump.
pub const FLAT_Q: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// An equaliser node on one channel.
pub struct Equalizer<K> {
    svf: Svf,
    seconds_per_frame: f32,
    kind: PhantomData<K>,
}

impl<K: Kind> Equalizer<K> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            svf: Svf::default(),
            seconds_per_frame: 1.0 / build.sample_rate,
            kind: PhantomData,
        }))
    }
}

impl<K: Kind> Processor for Equalizer<K> {
    fn process(&mut self, io: &mut Io<'_>) {
        let (frame, frames) = (io.frame(), io.frames());
        let (ins, out) = io.split(0);
        let mut held = EMPTY;
        let input = samples(ins.input(), frames, &mut held);
        let (freq_arg, gain_arg, q_arg) = K::ARGS;
        let (freq, gain) = (ins.arg(freq_arg), ins.arg(gain_arg));
        let q = q_arg.map_or(Value::Held(FLAT_Q), |q| ins.arg(q));
        let root = |gain_db: f32| root_of_gain(gain_arg.clamp(gain_db));
        if let (Value::Held(freq), Value::Held(gain), Value::Held(q)) = (freq, gain, q) {
            let coefficients =
                Coefficients::with_gain::<K>(freq, q, root(gain), self.seconds_per_frame);
            self.svf.held::<K>(&coefficients, frame, input, out);
            return;
        }
        let (mut freqs, mut qs, mut roots) = (EMPTY, EMPTY, EMPTY);
        freq.fill(&mut freqs[..frames]);
        q.fill(&mut qs[..frames]);
        gain.fill(&mut roots[..frames]);
        roots
            .iter_mut()
            .for_each(|gain_db| *gain_db = root(*gain_db));
        let moving = Moving {
            cutoff_hz: &freqs,
            q: &qs,
            gain_root: &roots,
        };
        self.svf
            .moving::<K>(moving, self.seconds_per_frame, frame, input, out);
    }

    fn reset(&mut self) {
        self.svf.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let other = match &from {
            Inherit::Replaced(old) => old.downcast_ref::<Self>(),
            Inherit::Twin(twin) => twin.downcast_ref::<Self>(),
        };
        if let Some(other) = other {
            self.svf = other.svf;
        }
    }
}
