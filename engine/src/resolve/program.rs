//! A checked program: every name looked up, every argument read.

use std::sync::Arc;

use crate::knob::KnobShape;
use crate::registry::{FixedArg, NodeSpec};
use crate::text::Span;
use crate::voice::GroupSettings;

/// A program that may be compiled.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// User chains in the order of the text, then implicit chains in the order of their first use:
    /// one for each built-in reference (such as `~input`) and one for each signal that is written
    /// where it is used (such as `(~a * 2)`).
    pub chains: Vec<Chain>,
    /// Knobs, in the order of the text.
    pub knobs: Vec<ProgramKnob>,
    /// Groups of voices, one for each `poly` (R4.15). A chain that reaches two of them exists in
    /// both: as itself in the first, as an implicit chain in the others.
    pub groups: Vec<Group>,
}

/// A knob of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramKnob {
    /// Chain that begins with it.
    pub chain: ChainId,
    /// Its name in the host: the chain's without `~`.
    pub name: String,
    /// Range, default, curve, unit.
    pub shape: KnobShape,
    /// Slot of the bank; the engine fills it in before it compiles.
    pub slot: u8,
}

/// The voices of a `poly`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Chain in which the `poly` stands.
    pub chain: ChainId,
    /// Its index among the chain's nodes.
    pub node: u32,
    /// What it says.
    pub settings: GroupSettings,
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
    /// Nodes in series; each gets the one before it as its input. At least one, but none in the chain
    /// of a user's node: its nodes stand where it is used.
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
    /// Operands beyond the declared ones: numbers and chains that a fixed argument refers to by
    /// their index (note references, sources of an arrangement, operands of an expression).
    pub extra: Vec<Arg>,
    /// The use of a user's node that it comes from; `None` if it is written in the chain itself.
    pub instance: Option<Arc<Instance>>,
    /// The group (an index into [`Program::groups`]) whose voices it exists in; `None` = shared.
    pub group: Option<u32>,
}

/// One use of a user's node: its nodes stand in the chain that uses it, next to each other.
#[derive(Debug)]
pub struct Instance {
    /// The user node's name as defined.
    pub name: String,
    /// Number of this use among all of the program.
    pub number: usize,
    /// Number of uses around it.
    pub depth: usize,
    /// The use inside which this one stands.
    pub parent: Option<Arc<Instance>>,
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
    /// The signal inside a chain, after the node of this index. Only implicit chains read so: those
    /// that repeat the per-voice end of a chain whose beginning is shared.
    Tap(ChainId, u32),
    /// Nothing: an optional argument that is not written.
    Nothing,
    /// What is fixed when the node is built.
    Fixed(FixedArg),
    /// Chains, in the order written, each once.
    Refs(Vec<ChainId>),
}
