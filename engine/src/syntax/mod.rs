//! From text to a tree: never fails, knows no node names.
//!
//! ```text
//! text --scan--> pieces --grammar--> Statement (cached by its text) --> Ast
//! ```
//!
//! What is wrong with a text stands in its tree as problems beside everything that is right.
//!
//! Thread: control and GUI.

mod ast;
mod build;
mod highlight;
mod parser;
mod scan;

pub use ast::{
    Ast, Event, EventValue, Head, Node, Pattern, Placed, Point, Points, Statement, Term, TermKind,
};
pub use build::{is_name, nearest_name};
pub use highlight::{Token, TokenClass, highlight};
pub use parser::{MAX_TEXT_BYTES, Parser};
pub use scan::{Piece, PieceKind};
