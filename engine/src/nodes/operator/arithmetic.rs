//! What `mul` and `add` have in common: one operation between the input and the argument.

use std::marker::PhantomData;

use crate::dsp::{map, map_own, map_own_pairs, map_pairs};
use crate::processor::{Io, Processor, Value};
use crate::registry::{Build, BuildError, Category, Input, NodeSpec, Signal, Width};

/// An operation on two numbers.
pub trait Operation {
    /// The result.
    fn apply(x: f32, y: f32) -> f32;
}

/// The second operand.
pub const VALUE: Signal = Signal::new(0, "value")
    .default(1.0)
    .doc("A number, or a reference read at every sample.");

/// A spec of an operator, to be completed.
pub const OPERATOR: NodeSpec = NodeSpec {
    category: Category::Operator,
    input: Input::Required,
    stateless: true,
    width: Width::Widest,
    args: &[VALUE.spec()],
    ..NodeSpec::PLAIN
};

/// An operator node; it has no state.
pub struct Arithmetic<O>(PhantomData<O>);

impl<O: Operation + Send + 'static> Arithmetic<O> {
    /// The constructor for `NodeSpec::build`.
    pub fn build(_: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
        Ok(Box::new(Self(PhantomData)))
    }

    /// The operation on a signal where it stands, for `NodeSpec::in_place`.
    pub fn in_place(signal: &mut [f32], value: Value<'_>) {
        match value {
            Value::Held(y) => map_own(signal, |x| O::apply(x, y)),
            Value::Moving(ys) => map_own_pairs(signal, ys, O::apply),
        }
    }
}

impl<O: Operation + Send + 'static> Processor for Arithmetic<O> {
    #[inline]
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        match (ins.input(), ins.arg(VALUE)) {
            (Value::Held(x), Value::Held(y)) => out.fill(O::apply(x, y)),
            (Value::Moving(xs), Value::Held(y)) => map(xs, out, |x| O::apply(x, y)),
            (Value::Held(x), Value::Moving(ys)) => map(ys, out, |y| O::apply(x, y)),
            (Value::Moving(xs), Value::Moving(ys)) => map_pairs(xs, ys, out, O::apply),
        }
    }

    fn reset(&mut self) {}
}
