//! `eval`: an expression for every sample.

use super::problems;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{
    Build, BuildError, Category, Code, Input, NodeSpec, Tail, TextProblem, Width,
};
use crate::script::{Machine, Register, compile_eval};

const CODE: Code = Code::new(0, "code")
    .check(check)
    .doc("Assignments `name := expression;` and the expression that is heard.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "eval",
    category: Category::Control,
    summary: "Computes each sample by expressions in backticks.",
    doc: "The code is a row of `name := expression` and ends with the expression that is heard, \
          all divided by `;`. It runs once per sample. Every name keeps its value for the next \
          sample and over edits, and begins at 0. A name may be read before it is set.\n\n\
          Known from the beginning: `x`, `y` and `z` (0), `in` (the signal before, or 0), `phase` \
          (a count of samples) and `sr` (samples per second). Operators are `+ - * / % ^`, \
          comparisons, `&&`, `||` and `!`; `%` comes before `/`, and `/` before `*`. Functions: \
          `abs sign floor ceil round int fract sqrt exp ln log log2 log10 sin cos tan asin acos \
          atan atan2 sinh cosh tanh min max clamp pow mod hypot random pi e`. `log` is to base 10. \
          `random()` lies between 0 and 1, `random(a, b)` between two values.\n\n\
          Computed in double precision. What has no value is 0: division by 0, the root of \
          something negative. A name whose value grows beyond all numbers begins again at 0.\n\n\
          Upstream allows functions of one value only, and stops for good when a name is unknown.",
    examples: &[
        "out: eval `x := x * 0.99 + random(-0.1, 0.1); x` >> mul 0.8",
        "out: eval `x := (x + 110 / sr) % 1; y := sin(x * 2 * pi()); tanh(y * 3) * 0.3`",
        "out: saw 110 >> eval `y := y + 0.05 * (in - y); y` >> mul 0.5",
    ],
    input: Input::Optional,
    width: Width::Input,
    tail: Tail::Endless,
    random: true,
    args: &[CODE.spec()],
    build: Some(build),
    ..NodeSpec::PLAIN
};

fn check(text: &str) -> Vec<TextProblem> {
    problems(compile_eval(text))
}

/// Steps of one run. There are no loops, so no run needs more than the code is long.
const FUEL: u32 = 1 << 16;

struct Eval {
    machine: Machine,
    input: Option<Register>,
    phase: Option<Register>,
    sample_rate: f64,
}

fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
    let code =
        compile_eval(build.code(CODE)).map_err(|_| BuildError("Its code is wrong.".into()))?;
    let machine = Machine::new(code, build.random_key);
    let mut eval = Eval {
        input: machine.find("in"),
        phase: machine.find("phase"),
        machine,
        sample_rate: f64::from(build.sample_rate),
    };
    eval.reset();
    Ok(Box::new(eval))
}

impl Processor for Eval {
    fn process(&mut self, io: &mut Io<'_>) {
        let first = io.frame();
        let (ins, out) = io.split(0);
        let input = ins.input();
        for (i, y) in out.iter_mut().enumerate() {
            let frame = first.wrapping_add(i as u64);
            self.machine.set(self.input, f64::from(input.at(i)));
            self.machine.set(self.phase, frame as f64);
            let _ = self.machine.run(FUEL, frame);
            *y = self.machine.result();
        }
    }

    fn reset(&mut self) {
        self.machine.reset();
        let rate = self.machine.find("sr");
        self.machine.set(rate, self.sample_rate);
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let old = match &from {
            Inherit::Replaced(old) => old.downcast_ref::<Self>(),
            Inherit::Twin(twin) => twin.downcast_ref::<Self>(),
        };
        if let Some(old) = old {
            self.machine.inherit(&old.machine);
        }
    }
}
