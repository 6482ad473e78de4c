//! Arithmetic and scripts: text to code, and what runs it.
//!
//! One grammar of expressions serves four places, which differ in their dialect: arithmetic in
//! parentheses, the arithmetic of `##…#`, the expressions of `eval`, and the scripts of `meta`.
//!
//! ```text
//! text --lex--> words --read--> Tree --+--> one number      (`##…#`, constants)
//!                                      +--> postfix code    (parentheses)
//!                                      +--> machine code    (`eval`, `meta`)
//! ```
//!
//! Reading never fails on a limit of the machine: length, nesting and size are bounded, and what is
//! too big is told like any other mistake.
//!
//! Thread: reading and compiling control; [`Machine`] audio.

mod arithmetic;
mod compile;
mod dialect;
mod expression;
mod lex;
mod lists;
mod machine;
mod operation;
mod reader;
mod statements;
mod tree;

pub use arithmetic::{
    Arithmetic, ExpressionCode, ExpressionOp, HostText, Operand, arithmetic, host_text,
    in_parentheses,
};
pub use compile::{SCRIPT_FRAMES, SCRIPT_FUEL, compile_eval, compile_script};
pub use lex::{Lexeme, lexemes};
pub use machine::{Code, Machine, Outcome, Register};
pub use operation::{BinaryOp, UnaryOp};
pub use reader::Mistake;
pub use statements::{INPUT, OUTPUT};

#[cfg(test)]
mod tests;
