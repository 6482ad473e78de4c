//! The tree of an expression or script, in one list: nodes name their children by number.

use super::operation::{BinaryOp, UnaryOp};
use crate::text::Span;

/// Number of a node in its tree.
pub type NodeId = u32;

/// Number of a variable.
pub type VariableId = u32;

/// Number of a list of values.
pub type ListId = u8;

/// Deepest tree. Walks over a tree recurse, and this bounds them.
pub const MAX_DEPTH: u16 = 200;

/// Most nodes of a tree.
pub const MAX_NODES: usize = 8192;

/// One operation, value or step.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number; whole if it is written without fraction.
    Number {
        /// Its value.
        value: f64,
        /// Whether it divides as whole numbers do.
        whole: bool,
    },
    /// A reference (in arithmetic only).
    Reference(Span),
    /// A variable.
    Variable(VariableId),
    /// A function of one value.
    Unary(UnaryOp, NodeId),
    /// A function of two values.
    Binary(BinaryOp, NodeId, NodeId),
    /// A new random value from 0 up to 1.
    Random,
    /// An entry of a list.
    Entry(ListId, NodeId),
    /// The length of a list.
    Length(ListId),
    /// Takes the last entry off a list.
    Pop(ListId),
    /// A list, as a script's result.
    List(ListId),
    /// `if`, which gives the value of the block that runs.
    If {
        /// The condition.
        condition: NodeId,
        /// Runs if it holds.
        yes: NodeId,
        /// Runs if not.
        no: Option<NodeId>,
    },
    /// Steps in order; gives the value of the last.
    Block(Vec<NodeId>),
    /// Sets a variable.
    Set(VariableId, NodeId),
    /// Sets an entry of a list.
    SetEntry(ListId, NodeId, NodeId),
    /// Appends to a list.
    Push(ListId, NodeId),
    /// Appends a value until the list is that long.
    Pad(ListId, NodeId, NodeId),
    /// Cuts a list to a length.
    Cut(ListId, NodeId),
    /// Repeats while a condition holds; without one, for ever.
    While(Option<NodeId>, NodeId),
    /// Repeats for each number of a range.
    For {
        /// The number.
        variable: VariableId,
        /// First one.
        from: NodeId,
        /// First one behind the range, or the last if inclusive.
        to: NodeId,
        /// Distance; 1 if not written.
        step: Option<NodeId>,
        /// Whether `to` is in it.
        inclusive: bool,
        /// What is repeated.
        body: NodeId,
    },
    /// Leaves the loop.
    Break,
    /// Goes on with the next round of the loop.
    Continue,
    /// Ends the script with a list, or as it is.
    Return(Option<NodeId>),
    /// Nothing.
    Nothing,
}

/// A tree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<(Node, Span, u16)>,
}

impl Tree {
    /// Adds a node over children that are there already. `None` if the tree would be too big.
    pub fn add(&mut self, node: Node, span: Span) -> Option<NodeId> {
        let mut depth = 0;
        node.children(|id| depth = depth.max(self.depth(id)));
        if depth >= MAX_DEPTH || self.nodes.len() >= MAX_NODES {
            return None;
        }
        self.nodes.push((node, span, depth + 1));
        u32::try_from(self.nodes.len() - 1).ok()
    }

    fn depth(&self, id: NodeId) -> u16 {
        self.nodes
            .get(id as usize)
            .map_or(0, |(_, _, depth)| *depth)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        self.nodes
            .get(id as usize)
            .map_or(&Node::Nothing, |(node, ..)| node)
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.nodes
            .get(id as usize)
            .map_or(Span::at(0), |(_, span, _)| *span)
    }

    /// All nodes, children first.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(|(node, ..)| node)
    }

    /// The value of a node that is a number.
    pub fn number(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Number { value, .. } => Some(*value),
            _ => None,
        }
    }
}

impl Node {
    /// Calls `visit` for each child.
    pub fn children(&self, mut visit: impl FnMut(NodeId)) {
        match self {
            Node::Number { .. }
            | Node::Reference(_)
            | Node::Variable(_)
            | Node::Random
            | Node::Length(_)
            | Node::Pop(_)
            | Node::List(_)
            | Node::Break
            | Node::Continue
            | Node::Nothing => {}
            Node::Unary(_, a)
            | Node::Entry(_, a)
            | Node::Set(_, a)
            | Node::Push(_, a)
            | Node::Cut(_, a) => visit(*a),
            Node::Binary(_, a, b) | Node::SetEntry(_, a, b) | Node::Pad(_, a, b) => {
                visit(*a);
                visit(*b);
            }
            Node::If { condition, yes, no } => {
                visit(*condition);
                visit(*yes);
                no.iter().for_each(|id| visit(*id));
            }
            Node::Block(steps) => steps.iter().for_each(|id| visit(*id)),
            Node::While(condition, body) => {
                condition.iter().for_each(|id| visit(*id));
                visit(*body);
            }
            Node::For {
                from,
                to,
                step,
                body,
                ..
            } => {
                visit(*from);
                visit(*to);
                step.iter().for_each(|id| visit(*id));
                visit(*body);
            }
            Node::Return(value) => value.iter().for_each(|id| visit(*id)),
        }
    }
}
