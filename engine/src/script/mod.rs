//! Arithmetic and scripts: text to code, and what runs it.
//!
//! Thread: reading and compiling control; running audio.

mod lex;

pub use lex::{Lexeme, lexemes};
