//! A checked program: every name looked up, every argument read.

use crate::registry::{NodeSpec, NotePattern};
use crate::text::Span;

/// A program that may be compiled.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// User chains in the order of the text, then one implicit chain for each built-in reference
    /// that is used (such as `~input`).
    pub chains: Vec<Chain>,
}

/// One chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Name as written, with its `~`.
    pub name: String,
    /// Span of the name (empty for an implicit chain).
    pub name_span: Span,
    /// Span of the whole statement (empty for an implicit chain).
    pub span: Span,
    /// Whether it goes to the output: no `~` in its name.
    pub audible: bool,
    /// Nodes in series, at least one; each gets the one before it as its input.
    pub nodes: Vec<Node>,
}

/// One node of a chain.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub spec: &'static NodeSpec,
    /// Span of the node with its arguments.
    pub span: Span,
    /// One entry per entry of `spec.args`, hidden ones included.
    pub args: Vec<Arg>,
    /// Span of each argument as written (empty span at the node's end for a default).
    pub arg_spans: Vec<Span>,
    /// Chains read by references inside a note pattern, in the order of [`NoteValue::Reference`].
    ///
    /// [`NoteValue::Reference`]: crate::registry::NoteValue::Reference
    pub extra: Vec<ChainId>,
}

/// Index into [`Program::chains`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChainId(pub u32);

/// A checked argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// A number, inside the argument's range.
    Number(f32),
    /// The signal of a chain.
    Chain(ChainId),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Notes of a `seq`.
    Notes(NotePattern),
    /// Chains, in the order written, each once.
    Refs(Vec<ChainId>),
}
