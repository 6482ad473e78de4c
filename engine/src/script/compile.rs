//! From a tree to code for the machine.

use super::dialect::Dialect;
use super::machine::{
    Code, Lasting, ListInfo, Machine, Op, Outcome, Position, REGISTERS, Register, name_hash,
};
use super::operation::{BinaryOp, UnaryOp};
use super::reader::{Mistake, Reader};
use super::tree::{Node, NodeId, VariableId};
use crate::diagnostics::Problem;
use crate::text::Span;

/// Frames of one run of a script.
pub const SCRIPT_FRAMES: usize = 128;

/// Most steps of one run: about a quarter of the time that 128 frames have on a slow machine.
pub const SCRIPT_FUEL: u32 = 250_000;

/// Sample rate that a script is tried at.
const TRIAL_RATE: f64 = 48_000.0;

/// Compiles the assignments and expressions of `eval`.
///
/// # Errors
/// What is wrong with the text.
pub fn compile_eval(text: &str) -> Result<Code, Vec<Mistake>> {
    let mut reader = Reader::new(text, Dialect::Eval);
    let root = reader.eval();
    Compiler::compile(reader, root)
}

/// Compiles a script and runs it once, to see that it ends.
///
/// # Errors
/// What is wrong with the text.
pub fn compile_script(text: &str) -> Result<Code, Vec<Mistake>> {
    let mut reader = Reader::new(text, Dialect::Script);
    let root = reader.script();
    let code = Compiler::compile(reader, root)?;
    let mut trial = Machine::new(code, 0);
    trial.set(trial.find("sr"), TRIAL_RATE);
    trial.fill_list(super::statements::INPUT, &[0.0; SCRIPT_FRAMES]);
    match trial.run(SCRIPT_FUEL, 0) {
        Outcome::Exhausted(at) => Err(vec![Mistake {
            span: trial.loop_at(at),
            problem: Problem::ScriptEndless,
        }]),
        _ => Ok(trial.into_code()),
    }
}

struct Compiler<'t> {
    reader: Reader<'t>,
    code: Code,
    /// Whether each variable only ever holds whole numbers.
    whole: Vec<bool>,
    /// First register that is free for intermediate values.
    free: usize,
    /// Whether registers or code ran out.
    full: bool,
    /// For each open loop: where `continue` goes (if known), and the jumps that wait for its two
    /// ends.
    loops: Vec<Loop>,
}

#[derive(Default)]
struct Loop {
    breaks: Vec<usize>,
    continues: Vec<usize>,
}

impl<'t> Compiler<'t> {
    fn compile(reader: Reader<'t>, root: Option<NodeId>) -> Result<Code, Vec<Mistake>> {
        let Some(root) = root.filter(|_| reader.mistakes.is_empty()) else {
            return Err(reader.mistakes);
        };
        let whole = reader.variables.iter().map(|v| !v.lasting).collect();
        let mut compiler = Self {
            reader,
            code: Code::default(),
            whole,
            free: 0,
            full: false,
            loops: Vec::new(),
        };
        compiler.find_whole();
        compiler.lay_out();
        match compiler.reader.dialect {
            Dialect::Script => compiler.result(root),
            _ => {
                let at = compiler.value(root, None);
                compiler.code.result = at;
            }
        }
        compiler.emit(Op::End);
        if compiler.full && compiler.reader.mistakes.is_empty() {
            let (what, limit) = ("values", REGISTERS);
            let span = Span::new(0, compiler.reader.text.len());
            let problem = Problem::ScriptTooBig { what, limit };
            compiler.reader.tell(problem, span);
        }
        match compiler.reader.mistakes.is_empty() {
            true => Ok(compiler.code),
            false => Err(compiler.reader.mistakes),
        }
    }

    /// Finds the variables that hold whole numbers only: least fixpoint from all of them.
    fn find_whole(&mut self) {
        loop {
            let mut changed = false;
            let mut sets: Vec<(VariableId, bool)> = Vec::new();
            for node in self.reader.tree.nodes() {
                match node {
                    Node::Set(id, value) => sets.push((*id, self.is_whole(*value))),
                    Node::For {
                        variable,
                        from,
                        step,
                        ..
                    } => {
                        let step = step.is_none_or(|s| self.is_whole(s));
                        sets.push((*variable, step && self.is_whole(*from)));
                    }
                    _ => {}
                }
            }
            for (id, whole) in sets {
                if let Some(flag) = self.whole.get_mut(id as usize)
                    && *flag
                    && !whole
                {
                    *flag = false;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Whether a value divides as whole numbers do.
    fn is_whole(&self, id: NodeId) -> bool {
        match self.reader.tree.node(id) {
            Node::Number { whole, .. } => *whole,
            Node::Variable(id) => self.whole.get(*id as usize).copied().unwrap_or(false),
            Node::Unary(op, a) => op.is_whole(self.is_whole(*a)),
            Node::Binary(op, a, b) => match op {
                BinaryOp::Less
                | BinaryOp::LessOrEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterOrEqual
                | BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::And
                | BinaryOp::Or => true,
                op if op.is_bitwise() => true,
                _ => self.is_whole(*a) && self.is_whole(*b),
            },
            Node::Length(_) => true,
            Node::If { yes, no, .. } => {
                self.is_whole(*yes) && no.is_none_or(|no| self.is_whole(no))
            }
            Node::Block(steps) => steps.last().is_some_and(|last| self.is_whole(*last)),
            _ => false,
        }
    }

    /// Gives variables and numbers their registers, and lists their places.
    fn lay_out(&mut self) {
        self.free = self.reader.variables.len();
        for (id, variable) in self.reader.variables.iter().enumerate() {
            if variable.lasting {
                self.code.lasting.push(Lasting {
                    name: name_hash(&variable.name),
                    register: register(id),
                });
            }
        }
        self.code.lasting.sort_unstable();
        let lists = self.reader.lists.iter().map(|list| ListInfo {
            name: name_hash(&list.name),
            lasting: list.lasting,
        });
        self.code.lists = lists.collect();
        let mut values = vec![0.0, 1.0];
        for node in self.reader.tree.nodes() {
            if let Node::Number { value, .. } = node {
                values.push(*value);
            }
        }
        let mut bits: Vec<u64> = values.iter().map(|v: &f64| v.to_bits()).collect();
        bits.sort_unstable();
        bits.dedup();
        for value in bits {
            self.code
                .constants
                .push((register(self.free), f64::from_bits(value)));
            self.free += 1;
        }
        self.full |= self.free >= REGISTERS;
    }

    fn constant(&self, value: f64) -> Register {
        let same = |(_, v): &&(Register, f64)| v.to_bits() == value.to_bits();
        self.code.constants.iter().find(same).map_or(0, |(r, _)| *r)
    }

    fn temporary(&mut self) -> Register {
        let at = self.free;
        self.free += 1;
        self.full |= at >= REGISTERS;
        register(at)
    }

    fn emit(&mut self, op: Op) -> usize {
        self.full |= self.code.ops.len() >= usize::from(Position::MAX);
        self.code.ops.push(op);
        self.code.ops.len() - 1
    }

    fn here(&self) -> Position {
        Position::try_from(self.code.ops.len()).unwrap_or(Position::MAX)
    }

    /// Lets jumps that wait go on here.
    fn land(&mut self, jumps: impl IntoIterator<Item = usize>) {
        let here = self.here();
        for jump in jumps {
            if let Some(Op::Jump(to) | Op::JumpIfZero(_, to)) = self.code.ops.get_mut(jump) {
                *to = here;
            }
        }
    }

    /// Emits code for a value and says where it is: in `into`, if that is given, or wherever it lies
    /// already.
    fn value(&mut self, id: NodeId, into: Option<Register>) -> Register {
        let mark = self.free;
        let node = self.reader.tree.node(id).clone();
        match node {
            Node::Number { value, .. } => self.constant(value),
            Node::Variable(id) => register(id as usize),
            Node::Unary(UnaryOp::Float, a) => self.value(a, into),
            Node::Unary(op, a) => {
                let a = self.value(a, None);
                self.free = mark;
                let to = into.unwrap_or_else(|| self.temporary());
                self.emit(Op::Unary(op, to, a));
                to
            }
            Node::Binary(op, a, b) => {
                let both_whole = self.is_whole(a) && self.is_whole(b);
                let mut left = self.value(a, None);
                if self.has_steps(b) {
                    let kept = self.temporary();
                    self.emit(Op::Copy(kept, left));
                    left = kept;
                }
                let right = self.value(b, None);
                self.free = mark;
                let to = into.unwrap_or_else(|| self.temporary());
                let whole = both_whole && self.reader.dialect.has_whole_numbers();
                self.emit(match op {
                    BinaryOp::Add => Op::Add(to, left, right),
                    BinaryOp::Subtract => Op::Subtract(to, left, right),
                    BinaryOp::Multiply => Op::Multiply(to, left, right),
                    BinaryOp::Divide if whole => Op::Binary(BinaryOp::DivideWhole, to, left, right),
                    op => Op::Binary(op, to, left, right),
                });
                to
            }
            Node::Random => {
                let to = into.unwrap_or_else(|| self.temporary());
                self.emit(Op::Random(to));
                to
            }
            Node::Entry(list, index) => {
                let index = self.value(index, None);
                self.free = mark;
                let to = into.unwrap_or_else(|| self.temporary());
                self.emit(Op::Entry(to, list, index));
                to
            }
            Node::Length(list) => {
                let to = into.unwrap_or_else(|| self.temporary());
                self.emit(Op::Length(to, list));
                to
            }
            Node::Pop(list) => {
                let to = into.unwrap_or_else(|| self.temporary());
                self.emit(Op::Pop(to, list));
                to
            }
            Node::If { condition, yes, no } => {
                // Not straight into a variable: the branches may still read it.
                let to = self.temporary();
                let inner = self.free;
                let condition = self.value(condition, None);
                self.free = inner;
                let over = self.emit(Op::JumpIfZero(condition, 0));
                self.value_to(yes, to);
                let end = self.emit(Op::Jump(0));
                self.land([over]);
                match no {
                    Some(no) => self.value_to(no, to),
                    None => {
                        let zero = self.constant(0.0);
                        self.emit(Op::Copy(to, zero));
                    }
                }
                self.land([end]);
                self.free = inner;
                to
            }
            Node::Block(steps) => {
                let Some((last, first)) = steps.split_last() else {
                    return self.constant(0.0);
                };
                first.iter().for_each(|step| self.step(*step));
                self.value(*last, into)
            }
            Node::Set(variable, _) => {
                self.step(id);
                register(variable as usize)
            }
            Node::List(_) => {
                let (what, instead) = (
                    "A whole list is no value.",
                    "Use its entries, such as `output[0]`.",
                );
                let span = self.reader.tree.span(id);
                self.reader
                    .tell(Problem::ScriptNotHere { what, instead }, span);
                0
            }
            _ => {
                self.step(id);
                self.constant(0.0)
            }
        }
    }

    /// Emits code that leaves a value in a register.
    fn value_to(&mut self, id: NodeId, to: Register) {
        let at = self.value(id, Some(to));
        if at != to {
            self.emit(Op::Copy(to, at));
        }
    }

    /// Whether a value is found by steps that may set variables.
    fn has_steps(&self, id: NodeId) -> bool {
        let node = self.reader.tree.node(id);
        let mut found = matches!(node, Node::If { .. } | Node::Block(_) | Node::Set(..));
        node.children(|child| found = found || self.has_steps(child));
        found
    }

    /// Emits code for a step whose value nobody reads.
    fn step(&mut self, id: NodeId) {
        let mark = self.free;
        let node = self.reader.tree.node(id).clone();
        match node {
            Node::Set(variable, value) => self.value_to(value, register(variable as usize)),
            Node::SetEntry(list, index, value) => {
                let index = self.kept_value(index, value);
                let value = self.value(value, None);
                self.emit(Op::SetEntry(list, index, value));
            }
            Node::Push(list, value) => {
                let value = self.value(value, None);
                self.emit(Op::Push(list, value));
            }
            Node::Pad(list, length, value) => {
                let length = self.kept_value(length, value);
                let value = self.value(value, None);
                self.emit(Op::Pad(list, length, value));
            }
            Node::Cut(list, length) => {
                let length = self.value(length, None);
                self.emit(Op::Cut(list, length));
            }
            Node::If { condition, yes, no } => {
                let condition = self.value(condition, None);
                self.free = mark;
                let over = self.emit(Op::JumpIfZero(condition, 0));
                self.step(yes);
                match no {
                    Some(no) => {
                        let end = self.emit(Op::Jump(0));
                        self.land([over]);
                        self.step(no);
                        self.land([end]);
                    }
                    None => self.land([over]),
                }
            }
            Node::Block(steps) => steps.iter().for_each(|step| self.step(*step)),
            Node::While(condition, body) => {
                let start = self.loop_start(id);
                let exit = condition.map(|condition| {
                    let condition = self.value(condition, None);
                    self.free = mark;
                    self.emit(Op::JumpIfZero(condition, 0))
                });
                self.loops.push(Loop::default());
                self.step(body);
                let ends = self.loops.pop().unwrap_or_default();
                self.land(ends.continues);
                self.emit(Op::Jump(start));
                self.land(exit.into_iter().chain(ends.breaks));
            }
            Node::For { .. } => self.counted(id, &node),
            Node::Break | Node::Continue => {
                let jump = self.emit(Op::Jump(0));
                if let Some(open) = self.loops.last_mut() {
                    match node {
                        Node::Break => open.breaks.push(jump),
                        _ => open.continues.push(jump),
                    }
                }
            }
            Node::Return(value) => match value.map(|v| self.reader.tree.node(v).clone()) {
                None => {
                    self.emit(Op::End);
                }
                Some(Node::List(list)) => {
                    self.emit(Op::Finish(list));
                }
                Some(_) => self.no_result(id),
            },
            Node::Nothing => {}
            _ => {
                self.value(id, None);
            }
        }
        self.free = mark;
    }

    /// A value that must outlive the code of another one.
    fn kept_value(&mut self, id: NodeId, other: NodeId) -> Register {
        let at = self.value(id, None);
        if !self.has_steps(other) {
            return at;
        }
        let kept = self.temporary();
        self.emit(Op::Copy(kept, at));
        kept
    }

    fn loop_start(&mut self, id: NodeId) -> Position {
        let start = self.here();
        self.code.loops.push((start, self.reader.tree.span(id)));
        start
    }

    fn counted(&mut self, id: NodeId, node: &Node) {
        let Node::For {
            variable,
            from,
            to,
            step,
            inclusive,
            body,
        } = *node
        else {
            return;
        };
        let variable = register(variable as usize);
        let (counter, limit) = (self.temporary(), self.temporary());
        self.value_to(from, counter);
        self.value_to(to, limit);
        let one = self.constant(1.0);
        if inclusive {
            self.emit(Op::Add(limit, limit, one));
        }
        self.loops.push(Loop::default());
        let Some(step) = step else {
            let first = self.temporary();
            self.emit(Op::Binary(BinaryOp::Less, first, counter, limit));
            let skip = self.emit(Op::JumpIfZero(first, 0));
            self.emit(Op::Copy(variable, counter));
            let start = self.loop_start(id);
            self.step(body);
            let ends = self.loops.pop().unwrap_or_default();
            self.land(ends.continues);
            self.emit(Op::Next(counter, limit, variable, start));
            self.land(ends.breaks.into_iter().chain([skip]));
            return;
        };
        let distance = self.temporary();
        self.value_to(step, distance);
        let (left, zero) = (self.temporary(), self.constant(0.0));
        let start = self.loop_start(id);
        // What is left of the range has the sign of the step until it is used up.
        self.emit(Op::Subtract(left, limit, counter));
        self.emit(Op::Multiply(left, left, distance));
        self.emit(Op::Binary(BinaryOp::Greater, left, left, zero));
        let exit = self.emit(Op::JumpIfZero(left, 0));
        self.emit(Op::Copy(variable, counter));
        self.step(body);
        let ends = self.loops.pop().unwrap_or_default();
        self.land(ends.continues);
        self.emit(Op::Add(counter, counter, distance));
        self.emit(Op::Jump(start));
        self.land(ends.breaks.into_iter().chain([exit]));
    }

    /// Emits code for a node that must give the script's list.
    fn result(&mut self, id: NodeId) {
        let mark = self.free;
        let node = self.reader.tree.node(id).clone();
        match node {
            Node::List(list) => {
                self.emit(Op::Finish(list));
            }
            Node::Block(steps) => match steps.split_last() {
                Some((last, first)) => {
                    first.iter().for_each(|step| self.step(*step));
                    self.result(*last);
                }
                None => self.no_result(id),
            },
            Node::If {
                condition,
                yes,
                no: Some(no),
            } => {
                let condition = self.value(condition, None);
                self.free = mark;
                let over = self.emit(Op::JumpIfZero(condition, 0));
                self.result(yes);
                self.land([over]);
                self.result(no);
            }
            Node::Return(_) | Node::While(None, _) => self.step(id),
            _ => self.no_result(id),
        }
        self.free = mark;
    }

    fn no_result(&mut self, id: NodeId) {
        let span = self.reader.tree.span(id);
        self.reader.tell(Problem::ScriptResult, span);
    }
}

/// A register's number; what is beyond the last is reported as full elsewhere.
fn register(at: usize) -> Register {
    Register::try_from(at).unwrap_or(Register::MAX)
}
