//! Arithmetic in parentheses, and the arithmetic between `##` and `#`.

use super::dialect::Dialect;
use super::lex::{Lexeme, lexemes};
use super::operation::{BinaryOp, UnaryOp};
use super::reader::{Mistake, Reader};
use super::tree::{Node, NodeId, Tree};
use crate::text::Span;

/// One instruction of an expression: a stack machine, each instruction over a whole chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExpressionOp {
    /// Pushes an operand.
    Operand(u16),
    /// Replaces the top of the stack.
    Unary(UnaryOp),
    /// Replaces the two topmost by one; the lower one is the left side.
    Binary(BinaryOp),
}

/// Arithmetic on operands, in postfix order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpressionCode {
    /// The instructions; they leave exactly one value.
    pub ops: Vec<ExpressionOp>,
    /// Most values on the stack at once.
    pub depth: usize,
}

/// What an operand of arithmetic is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// A number, and where it stands.
    Number(f64, Span),
    /// A reference or a chain's bare name, and where it stands.
    Reference(Span),
}

/// Arithmetic as it is read. Places are bytes of its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arithmetic {
    /// What to do with the operands.
    pub code: ExpressionCode,
    /// The operands; each reference once, each number where it stands.
    pub operands: Vec<Operand>,
}

/// Reads arithmetic, its parentheses included. What is constant is computed at once.
///
/// # Errors
/// What is wrong with it.
pub fn arithmetic(text: &str) -> Result<Arithmetic, Vec<Mistake>> {
    let mut reader = Reader::new(text, Dialect::Arithmetic);
    let root = whole_expression(&mut reader);
    match root {
        Some(root) if reader.mistakes.is_empty() => {
            let mut out = Arithmetic::default();
            out.postfix(&reader.tree, root, text, 1);
            Ok(out)
        }
        _ => Err(reader.mistakes),
    }
}

/// An expression up to the end of the text.
fn whole_expression(reader: &mut Reader<'_>) -> Option<NodeId> {
    let root = reader.expression()?;
    if reader.is_at_end() {
        return Some(root);
    }
    reader.misplaced("an operator such as `*`");
    None
}

impl Arithmetic {
    /// Appends the instructions of a node; `depth` values are on the stack once it is done.
    fn postfix(&mut self, tree: &Tree, id: NodeId, text: &str, depth: usize) {
        self.code.depth = self.code.depth.max(depth);
        match tree.node(id) {
            Node::Unary(op, a) => {
                self.postfix(tree, *a, text, depth);
                self.code.ops.push(ExpressionOp::Unary(*op));
            }
            Node::Binary(op, a, b) => {
                self.postfix(tree, *a, text, depth);
                self.postfix(tree, *b, text, depth + 1);
                self.code.ops.push(ExpressionOp::Binary(*op));
            }
            Node::Reference(span) => {
                let name = span.text(text);
                let same = |o: &Operand| matches!(o, Operand::Reference(s) if s.text(text) == name);
                let known = self.operands.iter().position(same);
                self.operand(known, Operand::Reference(*span));
            }
            node => {
                let value = match node {
                    Node::Number { value, .. } => *value,
                    _ => 0.0,
                };
                self.operand(None, Operand::Number(value, tree.span(id)));
            }
        }
    }

    fn operand(&mut self, known: Option<usize>, operand: Operand) {
        let index = known.unwrap_or_else(|| {
            self.operands.push(operand);
            self.operands.len() - 1
        });
        // A tree has far fewer nodes than 2¹⁶.
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        self.code.ops.push(ExpressionOp::Operand(index));
    }
}

/// What stands between `##` and `#`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum HostText {
    /// Arithmetic, which comes to this number.
    Number(f64),
    /// A command to upstream's player that the host takes care of.
    Command,
    /// Anything else.
    Other,
}

/// Reads the text between `##` and `#`.
#[must_use]
pub fn host_text(text: &str) -> HostText {
    let name: String = text
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .filter(|c| *c != '_')
        .collect();
    let name = name.to_ascii_lowercase();
    let is_call = text.contains('(') || text.contains('=') || text.trim().len() == name.len();
    if is_call && ["setbpm", "bpm", "setseed", "seed"].contains(&name.as_str()) {
        return HostText::Command;
    }
    let mut reader = Reader::new(text, Dialect::Host);
    let value = whole_expression(&mut reader).and_then(|root| reader.tree.number(root));
    match value.filter(|_| reader.mistakes.is_empty()) {
        Some(value) => HostText::Number(value),
        None => HostText::Other,
    }
}

/// The fix for arithmetic that stands outside of parentheses: the text in parentheses, if that makes
/// arithmetic of it.
#[must_use]
pub fn in_parentheses(text: &str) -> Option<String> {
    let better = format!("({})", text.trim());
    arithmetic(&better).ok()?;
    // One value with a sign is no arithmetic.
    let is_value = |kind| matches!(kind, Lexeme::Number | Lexeme::Name | Lexeme::Reference);
    let values = lexemes(text).filter(|(kind, _)| is_value(*kind)).count();
    (values > 1).then_some(better)
}
