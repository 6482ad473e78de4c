//! `meta`: a script for every 128 samples.

use super::problems;
use crate::processor::{Inherit, Io, Processor};
use crate::registry::{
    Build, BuildError, Category, Code, Input, NodeSpec, Tail, TextProblem, Width,
};
use crate::script::{INPUT, Machine, Outcome, SCRIPT_FRAMES, SCRIPT_FUEL, compile_script};

const CODE: Code = Code::new(0, "code")
    .check(check)
    .doc("A script that ends with a list of 128 samples.");

/// The node.
pub static SPEC: NodeSpec = NodeSpec {
    name: "meta",
    aliases: &["script"],
    category: Category::Control,
    summary: "Computes 128 samples at a time by a script in backticks.",
    doc: "The script runs once for every 128 samples and ends with a list of them, mostly \
          `output`. The language is a part of Rhai: `let`, `if` and `else`, `while`, `loop`, `for` \
          over `0..128` or `range(0, 128)`, `break`, `continue`, `return`, assignments such as `+=`, \
          the usual operators, and the functions of `eval` also as methods: `sin(x)` or \
          `x.sin()`. `PI()` is a function. A power is `x ** y`; whole numbers divide without a \
          fraction, so `1 / 2` is 0 and `1.0 / 2.0` is 0.5. Lists know `len`, `push`, `pad`, \
          `pop`, `clear`, `truncate` and entries such as `output[i]`; `let name = [0, 1]` makes \
          one. Every list has room for 1024 entries.\n\n\
          Kept between runs and over edits: `phase`, `freq`, `freq2`, `x0` to `x3`, `y0` to `y3`, \
          `z0` to `z3`, every single letter, all 0 at first; `sr`, samples per second; and the \
          list `output`, empty at first. After another node, `input` is the list of its 128 \
          samples, and everything comes 128 samples late.\n\n\
          Nothing in a script can fail: outside of a list is 0, what has no value is 0. A run stops \
          after 250,000 steps; then the last 128 samples sound again. A loop that never ends is \
          found before it sounds.\n\n\
          Upstream computes in single precision, hears only the left channel, ignores whole \
          numbers in `output` and stops all sound in an endless loop.",
    examples: &[
        "out: meta `\n  if x == 0.0 { x = 1.0; phase = random() }\n  output.pad(128, 0.0);\n  for i in \
         0..128 {\n    output[i] = (phase * 2.0 * PI()).sin() * 0.3;\n    phase += 220.0 / sr;\n    if phase > 1.0 { phase -= 1.0 }\n  };\n  \
         output\n`",
        "out: saw 55 >> meta `\n  output.clear();\n  for i in 0..input.len() {\n    x += 0.1 * \
         (input[i] - x);\n    output.push(x.tanh());\n  }\n  output\n` >> mul 0.5",
    ],
    input: Input::Optional,
    width: Width::Input,
    latency_frames: SCRIPT_FRAMES as u32,
    tail: Tail::Endless,
    random: true,
    args: &[CODE.spec()],
    build: Some(build),
    ..NodeSpec::PLAIN
};

fn check(text: &str) -> Vec<TextProblem> {
    problems(compile_script(text))
}

type Samples = [f32; SCRIPT_FRAMES];

struct Script {
    machine: Machine,
    /// The samples that sound now.
    block: Samples,
    /// The samples that the next run reads.
    input: Samples,
    /// Next frame inside both.
    at: usize,
    sample_rate: f64,
}

fn build(build: &Build<'_>) -> Result<Box<dyn Processor>, BuildError> {
    let code =
        compile_script(build.code(CODE)).map_err(|_| BuildError("Its script is wrong.".into()))?;
    let mut script = Script {
        machine: Machine::new(code, build.random_key),
        block: [0.0; SCRIPT_FRAMES],
        input: [0.0; SCRIPT_FRAMES],
        at: 0,
        sample_rate: f64::from(build.sample_rate),
    };
    script.reset();
    Ok(Box::new(script))
}

impl Script {
    /// Computes the next samples. Whatever the script does not give stays as it was. The frame of a
    /// run decides its random values.
    fn run(&mut self, frame: u64) {
        if let Outcome::Gave(list) = self.machine.run(SCRIPT_FUEL, frame) {
            self.machine.read_list(list, &mut self.block);
        }
    }
}

impl Processor for Script {
    fn process(&mut self, io: &mut Io<'_>) {
        let first = io.frame();
        let (ins, out) = io.split(0);
        let input = ins.input();
        let has_input = ins.has_input();
        for (i, y) in out.iter_mut().enumerate() {
            let frame = first.wrapping_add(i as u64);
            if self.at == 0 && !has_input {
                self.run(frame);
            }
            if let Some(x) = self.input.get_mut(self.at) {
                *x = input.at(i);
            }
            *y = self.block.get(self.at).copied().unwrap_or(0.0);
            self.at += 1;
            if self.at < SCRIPT_FRAMES {
                continue;
            }
            self.at = 0;
            if has_input {
                self.machine.fill_list(INPUT, &self.input);
                self.run(frame);
            }
        }
    }

    fn reset(&mut self) {
        self.machine.reset();
        let rate = self.machine.find("sr");
        self.machine.set(rate, self.sample_rate);
        self.block = [0.0; SCRIPT_FRAMES];
        self.input = [0.0; SCRIPT_FRAMES];
        self.at = 0;
    }

    fn inherit(&mut self, from: Inherit<'_>) {
        let old = match &from {
            Inherit::Replaced(old) => old.downcast_ref::<Self>(),
            Inherit::Twin(twin) => twin.downcast_ref::<Self>(),
        };
        if let Some(old) = old {
            self.machine.inherit(&old.machine);
            self.block = old.block;
            self.input = old.input;
            self.at = old.at;
        }
    }
}
