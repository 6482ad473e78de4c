//! The machine that runs scripts: registers, lists of values, a bounded number of steps.
//!
//! Everything is double precision; whole numbers are exact up to 2⁵³. A run allocates nothing, ends
//! after a given number of steps at the latest and has no way to fail: what lies outside of a list
//! reads as 0, what does not fit is not stored, and a lasting value that is not finite at the end of
//! a run becomes 0, so that a recurrence that ran away starts again.

use super::operation::{BinaryOp, UnaryOp};
use super::tree::ListId;
use crate::dsp::noise;
use crate::text::Span;

/// Number of registers.
pub const REGISTERS: usize = 256;

/// Most entries of a list.
pub const LIST_ENTRIES: usize = 1024;

/// Number of a register.
pub type Register = u8;

/// Position in the code.
pub type Position = u16;

/// One instruction. The first register is where the result goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// Copies a value.
    Copy(Register, Register),
    /// The sum of two values.
    Add(Register, Register, Register),
    /// The difference of two values.
    Subtract(Register, Register, Register),
    /// The product of two values.
    Multiply(Register, Register, Register),
    /// A function of one value.
    Unary(UnaryOp, Register, Register),
    /// A function of two values.
    Binary(BinaryOp, Register, Register, Register),
    /// A new random value.
    Random(Register),
    /// An entry of a list.
    Entry(Register, ListId, Register),
    /// Length of a list.
    Length(Register, ListId),
    /// Takes the last entry off a list.
    Pop(Register, ListId),
    /// Sets an entry (list, index, value).
    SetEntry(ListId, Register, Register),
    /// Appends a value.
    Push(ListId, Register),
    /// Appends a value (the second register) until a list is that long.
    Pad(ListId, Register, Register),
    /// Cuts a list to a length.
    Cut(ListId, Register),
    /// Goes on elsewhere; backwards costs the steps in between.
    Jump(Position),
    /// Goes on further down if a value is 0.
    JumpIfZero(Register, Position),
    /// Adds 1 to the counter (first), and while it lies below the limit (second) copies it to the
    /// variable (third) and goes back.
    Next(Register, Register, Register, Position),
    /// Ends with a list.
    Finish(ListId),
    /// Ends.
    End,
}

/// A variable that keeps its value between runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lasting {
    /// Hash of its name.
    pub name: u64,
    /// Where it is.
    pub register: Register,
}

/// A list of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListInfo {
    /// Hash of its name.
    pub name: u64,
    /// Whether it keeps its entries between runs.
    pub lasting: bool,
}

/// A program for the machine.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Instructions; positions point into them.
    pub ops: Vec<Op>,
    /// Values that registers begin with.
    pub constants: Vec<(Register, f64)>,
    /// Variables that keep their values, sorted by the hash of their names.
    pub lasting: Vec<Lasting>,
    /// Lists; `output` and `input` first in scripts.
    pub lists: Vec<ListInfo>,
    /// Where the result of `eval` is.
    pub result: Register,
    /// Starts of loops in the code with their places in the text, in order.
    pub loops: Vec<(Position, Span)>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At its end.
    Ended,
    /// With a list as its result.
    Gave(ListId),
    /// It used up its steps, at this position.
    Exhausted(usize),
}

#[derive(Clone, Debug)]
struct List {
    entries: Box<[f64]>,
    length: usize,
}

/// A program with its memory.
#[derive(Clone, Debug)]
pub struct Machine {
    code: Code,
    registers: Box<[f64; REGISTERS]>,
    lists: Box<[List]>,
    key: u64,
}

impl Machine {
    /// A machine for a program. `key` decides its random values.
    #[must_use]
    pub fn new(code: Code, key: u64) -> Self {
        let list = List {
            entries: vec![0.0; LIST_ENTRIES].into(),
            length: 0,
        };
        let lists = vec![list; code.lists.len()].into();
        let mut machine = Self {
            code,
            registers: Box::new([0.0; REGISTERS]),
            lists,
            key,
        };
        machine.reset();
        machine
    }

    /// Back to the just-built state. Lists are emptied, not cleared.
    pub fn reset(&mut self) {
        self.registers.fill(0.0);
        for (register, value) in &self.code.constants {
            if let Some(r) = self.registers.get_mut(usize::from(*register)) {
                *r = *value;
            }
        }
        self.lists.iter_mut().for_each(|list| list.length = 0);
    }

    /// Place in the text of the innermost loop around a position.
    #[must_use]
    pub fn loop_at(&self, position: usize) -> Span {
        let loops = self.code.loops.iter().rev();
        let found = loops
            .into_iter()
            .find(|(start, _)| usize::from(*start) <= position);
        found.map_or(Span::at(0), |(_, span)| *span)
    }

    /// The program alone.
    #[must_use]
    pub fn into_code(self) -> Code {
        self.code
    }

    /// Register of a lasting variable, if the program has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Register> {
        let name = name_hash(name);
        let found = self.code.lasting.iter().find(|l| l.name == name);
        found.map(|l| l.register)
    }

    /// Sets a register.
    #[inline]
    pub fn set(&mut self, register: Option<Register>, value: f64) {
        if let Some(register) = register {
            self.registers[usize::from(register)] = value;
        }
    }

    /// The result of `eval`; 0 if it is not finite.
    #[inline]
    #[must_use]
    pub fn result(&self) -> f32 {
        finite(self.registers[usize::from(self.code.result)])
    }

    /// Fills a list; what does not fit is left out.
    pub fn fill_list(&mut self, list: ListId, values: &[f32]) {
        if let Some(list) = self.lists.get_mut(usize::from(list)) {
            let entries = list.entries.iter_mut().zip(values);
            list.length = entries.len();
            entries.for_each(|(entry, value)| *entry = f64::from(*value));
        }
    }

    /// Writes the entries of a list, as far as it goes; those that are not finite as 0.
    pub fn read_list(&self, list: ListId, out: &mut [f32]) {
        if let Some(list) = self.lists.get(usize::from(list)) {
            let entries = list.entries.get(..list.length).unwrap_or(&[]);
            for (y, x) in out.iter_mut().zip(entries) {
                *y = finite(*x);
            }
        }
    }

    /// Takes over what another machine remembers under the same names. Both lists of names are
    /// sorted, so one walk over them is enough.
    pub fn inherit(&mut self, other: &Self) {
        let mut theirs = other.code.lasting.iter().peekable();
        for mine in &self.code.lasting {
            while theirs.next_if(|t| t.name < mine.name).is_some() {}
            if let Some(their) = theirs.peek().filter(|t| t.name == mine.name) {
                let value = other.registers[usize::from(their.register)];
                self.registers[usize::from(mine.register)] = value;
            }
        }
        let lists = self.lists.iter_mut().zip(&self.code.lists);
        for (mine, info) in lists.filter(|(_, info)| info.lasting) {
            let same = |i: &&ListInfo| i.lasting && i.name == info.name;
            let number = other.code.lists.iter().position(|i| same(&i));
            if let Some(their) = number.and_then(|n| other.lists.get(n)) {
                for (a, b) in mine.entries.iter_mut().zip(their.entries.iter()) {
                    *a = *b;
                }
                mine.length = their.length;
            }
        }
    }

    /// Runs the program once, with at most `fuel` steps. `stamp` numbers the runs: it decides the
    /// random values of this one.
    pub fn run(&mut self, fuel: u32, stamp: u64) -> Outcome {
        let Self {
            code,
            registers,
            lists,
            key,
        } = self;
        let r: &mut [f64; REGISTERS] = registers;
        let ops = code.ops.as_slice();
        let mut fuel = fuel;
        let mut draws = stamp << 20;
        let mut at = 0usize;
        let outcome = loop {
            let Some(op) = ops.get(at) else {
                break Outcome::Ended;
            };
            at += 1;
            match *op {
                Op::Copy(to, a) => r[usize::from(to)] = r[usize::from(a)],
                Op::Add(to, a, b) => r[usize::from(to)] = r[usize::from(a)] + r[usize::from(b)],
                Op::Subtract(to, a, b) => {
                    r[usize::from(to)] = r[usize::from(a)] - r[usize::from(b)];
                }
                Op::Multiply(to, a, b) => {
                    r[usize::from(to)] = r[usize::from(a)] * r[usize::from(b)];
                }
                Op::Unary(op, to, a) => r[usize::from(to)] = op.apply(r[usize::from(a)]),
                Op::Binary(op, to, a, b) => {
                    r[usize::from(to)] = op.apply(r[usize::from(a)], r[usize::from(b)]);
                }
                Op::Random(to) => {
                    // The top 53 bits as a fraction below 1.
                    let bits = noise::hash(*key, draws) >> 11;
                    draws = draws.wrapping_add(1);
                    r[usize::from(to)] = bits as f64 * (1.0 / 9_007_199_254_740_992.0);
                }
                Op::Entry(to, list, index) => {
                    let list = lists.get(usize::from(list));
                    let value = list.and_then(|l| l.entries.get(l.index(r[usize::from(index)])?));
                    r[usize::from(to)] = value.copied().unwrap_or(0.0);
                }
                Op::Length(to, list) => {
                    let length = lists.get(usize::from(list)).map_or(0, |l| l.length);
                    r[usize::from(to)] = length as f64;
                }
                Op::Pop(to, list) => {
                    let value = lists.get_mut(usize::from(list)).and_then(List::pop);
                    r[usize::from(to)] = value.unwrap_or(0.0);
                }
                Op::SetEntry(list, index, value) => {
                    let value = r[usize::from(value)];
                    if let Some(list) = lists.get_mut(usize::from(list))
                        && let Some(index) = list.index(r[usize::from(index)])
                        && let Some(entry) = list.entries.get_mut(index)
                    {
                        *entry = value;
                    }
                }
                Op::Push(list, value) => {
                    if let Some(list) = lists.get_mut(usize::from(list)) {
                        list.push(r[usize::from(value)]);
                    }
                }
                Op::Pad(list, length, value) => {
                    if let Some(list) = lists.get_mut(usize::from(list)) {
                        let length = r[usize::from(length)] as usize;
                        let value = r[usize::from(value)];
                        while list.length < length.min(LIST_ENTRIES) {
                            list.push(value);
                        }
                    }
                }
                Op::Cut(list, length) => {
                    if let Some(list) = lists.get_mut(usize::from(list)) {
                        list.length = list.length.min(r[usize::from(length)] as usize);
                    }
                }
                Op::Jump(to) => {
                    let to = usize::from(to);
                    if to < at {
                        match fuel.checked_sub((at - to) as u32) {
                            Some(left) => fuel = left,
                            None => break Outcome::Exhausted(to),
                        }
                    }
                    at = to;
                }
                Op::JumpIfZero(a, to) => {
                    if r[usize::from(a)] == 0.0 {
                        at = usize::from(to);
                    }
                }
                Op::Next(counter, limit, variable, to) => {
                    let count = r[usize::from(counter)] + 1.0;
                    r[usize::from(counter)] = count;
                    if count < r[usize::from(limit)] {
                        r[usize::from(variable)] = count;
                        let to = usize::from(to);
                        match fuel.checked_sub(at.saturating_sub(to) as u32) {
                            Some(left) => fuel = left,
                            None => break Outcome::Exhausted(to),
                        }
                        at = to;
                    }
                }
                Op::Finish(list) => break Outcome::Gave(list),
                Op::End => break Outcome::Ended,
            }
        };
        for lasting in &code.lasting {
            let value = &mut r[usize::from(lasting.register)];
            if !value.is_finite() {
                *value = 0.0;
            }
        }
        outcome
    }
}

impl List {
    /// The entry that a value means; negative ones count from the end.
    fn index(&self, value: f64) -> Option<usize> {
        let value = if value < 0.0 {
            value + self.length as f64
        } else {
            value
        };
        let index = value as usize;
        (value >= 0.0 && index < self.length).then_some(index)
    }

    fn push(&mut self, value: f64) {
        if let Some(entry) = self.entries.get_mut(self.length) {
            *entry = value;
            self.length += 1;
        }
    }

    fn pop(&mut self) -> Option<f64> {
        self.length = self.length.checked_sub(1)?;
        self.entries.get(self.length).copied()
    }
}

/// A value as a sample; 0 if it is none.
fn finite(x: f64) -> f32 {
    let x = x as f32;
    if x.is_finite() { x } else { 0.0 }
}

/// Hash of a name (FNV-1a, mixed).
#[must_use]
pub fn name_hash(name: &str) -> u64 {
    let fold = |hash: u64, b: u8| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    noise::mix(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}
