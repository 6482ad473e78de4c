//! What `tanh`, `clip` and `fold` have in common: a gain, a curve, and perhaps the gain undone.

use std::marker::PhantomData;

use crate::dsp::waveshaper::{Curve, Shaper};
use crate::nodes::support::predecessor;
use crate::processor::{Inherit, Io, Processor, Value};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Signal, Tail, Width};

/// The source of the method.
pub const PARKER: &str = "Parker, Zavalishin, Le Bivic: Reducing the aliasing of nonlinear \
                          waveshaping using continuous-time convolution. DAFx, 2016";

/// A spec of a distortion, to be completed.
pub const DISTORTION: NodeSpec = NodeSpec {
    category: Category::Distortion,
    upstream: false,
    input: Input::Required,
    width: Width::Input,
    // The mean over a step looks one frame back.
    tail: Tail::Seconds(0.001),
    ..NodeSpec::PLAIN
};

/// How a node turns its argument into the gain before the curve and the one after it.
pub trait Gains: Send + 'static {
    /// The curve.
    type Curve: Curve;
    /// The argument.
    const ARG: Signal;
    /// Gains before and after, for a clamped argument.
    fn gains(argument: f32) -> [f32; 2];
}

/// The processor.
pub struct Shaped<G> {
    shaper: Shaper,
    gains: PhantomData<G>,
}

impl<G: Gains> Shaped<G> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(_: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self {
            shaper: Shaper::default(),
            gains: PhantomData,
        }))
    }
}

impl<G: Gains> Processor for Shaped<G> {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        ins.input().fill(out);
        match ins.arg(G::ARG) {
            Value::Held(x) => {
                let [before, after] = G::gains(G::ARG.clamp(x));
                out.iter_mut().for_each(|y| *y *= before);
                self.shaper.process::<G::Curve>(out);
                out.iter_mut().for_each(|y| *y *= after);
            }
            Value::Moving(xs) => {
                for (y, x) in out.iter_mut().zip(xs) {
                    *y *= G::gains(G::ARG.clamp(*x))[0];
                }
                self.shaper.process::<G::Curve>(out);
                for (y, x) in out.iter_mut().zip(xs) {
                    *y *= G::gains(G::ARG.clamp(*x))[1];
                }
            }
        }
    }

    fn reset(&mut self) {
        self.shaper.reset();
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        if let Some(other) = predecessor::<Self>(&from) {
            self.shaper = other.shaper;
        }
    }
}
