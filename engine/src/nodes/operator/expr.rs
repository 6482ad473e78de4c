//! `expr`: arithmetic on signals.

use crate::processor::{BLOCK_FRAMES, Io, Processor, Value};
use crate::registry::{
    Build, BuildError, Category, Expression, ExpressionOp, Literal, NodeSpec, Width,
};

const CODE: Expression = Expression::new(0, "arithmetic")
    .doc("Numbers, references, operators and functions, in parentheses.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "expr",
    category: Category::Operator,
    summary: "Arithmetic on numbers and signals, in parentheses.",
    doc: "Parentheses hold arithmetic wherever a value may move, and at the start of a chain: \
          `lpf (~lfo * 2000 + 500) 0.8`. Alone it may also be written `expr (…)`.\n\n\
          In it stand numbers, references, `+ - * / % ^`, comparisons (`< <= > >= == !=`, which \
          give 1 or 0), `and`, `or`, `not`, `pi` and `e`, and functions: `abs sign floor ceil round \
          trunc fract sqrt exp ln log log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh \
          min max clamp pow mod hypot`. `^` comes before the sign, so `-2^2` is -4. `log` is the \
          natural logarithm, angles are in radians, and `mod` is never negative for a positive \
          divisor.\n\n\
          What has no value is 0: division by 0, the root or logarithm of something negative. A \
          result beyond all numbers is 0, too. A changed number glides to its new value within 8 \
          milliseconds. Without a reference the arithmetic is one number: `mul (1/3)`.\n\n\
          The result is stereo if one of its signals is.",
    examples: &[
        "~x: sin 110 >> mul 4\nout: (sin(~x)) >> mul 0.3",
        "~lfo: sin 0.5\nout: saw 110 >> lpf (~lfo * 1500 + 2000) 0.8 >> mul 0.3",
        "~a: saw 110\n~b: saw 110.7\nout: ((~a + ~b) * 0.25) >> lpf 800 1",
    ],
    upstream: false,
    width: Width::Widest,
    stateless: true,
    args: &[CODE.spec()],
    stands_for: Some(Literal::Expression),
    build: Some(build),
    ..NodeSpec::PLAIN
};

/// Arguments of the spec, before the operands.
const DECLARED: usize = 1;

/// One chunk in double precision.
type Wide = [f64; BLOCK_FRAMES];

struct Expr {
    ops: Box<[ExpressionOp]>,
    stack: Box<[Wide]>,
}

fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
    let code = build.expression(CODE);
    Ok(Box::new(Expr {
        stack: vec![[0.0; BLOCK_FRAMES]; code.depth.max(1)].into(),
        ops: code.ops.into(),
    }))
}

impl Processor for Expr {
    fn process(&mut self, io: &mut Io<'_>) {
        let (ins, out) = io.split(0);
        let n = out.len().min(BLOCK_FRAMES);
        let mut height = 0;
        for op in &self.ops {
            match op {
                ExpressionOp::Operand(number) => {
                    let value = ins.extra_channel(DECLARED, usize::from(*number), ins.channel);
                    if let Some(top) = self.stack.get_mut(height).and_then(|t| t.get_mut(..n)) {
                        match value {
                            Value::Held(x) => top.fill(f64::from(x)),
                            Value::Moving(xs) => {
                                let pairs = top.iter_mut().zip(xs);
                                pairs.for_each(|(y, x)| *y = f64::from(*x));
                            }
                        }
                        height += 1;
                    }
                }
                ExpressionOp::Unary(op) => {
                    if let Some([.., top]) = self.stack.get_mut(..height) {
                        op.apply_all(top.get_mut(..n).unwrap_or(&mut []));
                    }
                }
                ExpressionOp::Binary(op) => {
                    if let Some([.., left, right]) = self.stack.get_mut(..height) {
                        op.apply_all(left.get_mut(..n).unwrap_or(&mut []), right);
                        height -= 1;
                    }
                }
            }
        }
        let result = self.stack.first();
        for (y, x) in out.iter_mut().zip(result.into_iter().flatten()) {
            let x = *x as f32;
            *y = if x.is_finite() { x } else { 0.0 };
        }
    }

    fn reset(&mut self) {}
}
