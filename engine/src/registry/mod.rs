//! Nodes described as data: what a node is called, takes, gives and means, in one place.
//!
//! Arity checks, clamping, completion, help, the generated reference, the conformance suite and the
//! fuzzers' program generator all read [`NodeSpec`]. This module knows no node.
//!
//! Thread: control (and any thread that only reads a spec).

mod arg;
mod build;
mod spec;
mod table;

pub use arg::{
    ArgKind, ArgSpec, Arrangement, Choice, Code, Expression, Integers, Literal, Notes, Number,
    Pattern, Points, Refs, SampleName, SamplePattern, Signal, Smoothing, Symbol, TextCheck,
    TextProblem, Unit, Unlikely,
};
pub use build::{
    BinaryOp, BreakPoint, BreakPoints, Build, BuildError, ExpressionCode, ExpressionOp, FixedArg,
    NoteEvent, NotePattern, NoteValue, SampleRef, SampleSequence, Turn, UnaryOp, ValuePattern,
};
pub use spec::{Activity, Category, InPlace, Input, NodeSpec, Numbered, Role, Tail, Width};
pub use table::Registry;
