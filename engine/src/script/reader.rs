//! Walks over the words of a text, builds the tree and collects what is wrong.

use super::dialect::Dialect;
use super::lex::{Lexeme, lexemes};
use super::operation::{BinaryOp, UnaryOp};
use super::tree::{ListId, MAX_DEPTH, MAX_NODES, Node, NodeId, Tree, VariableId};
use crate::diagnostics::Problem;
use crate::text::Span;

/// Longest text that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 16;

/// Deepest nesting of brackets and blocks.
const MAX_LEVELS: u16 = 48;

/// Most mistakes that are told of one text.
const MAX_MISTAKES: usize = 50;

/// Something wrong in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mistake {
    /// Where, in bytes of the text.
    pub span: Span,
    /// What.
    pub problem: Problem,
}

/// A named value.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Whether it keeps its value from one run to the next.
    pub lasting: bool,
    /// Whether it can be set.
    pub settable: bool,
}

/// A named list of values.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// Its name.
    pub name: String,
    /// Whether it keeps its entries from one run to the next.
    pub lasting: bool,
}

/// State of reading one text.
pub struct Reader<'t> {
    /// The text.
    pub text: &'t str,
    /// Its dialect.
    pub dialect: Dialect,
    words: Vec<(Lexeme, Span)>,
    at: usize,
    level: u16,
    /// What is read so far.
    pub tree: Tree,
    /// What is wrong.
    pub mistakes: Vec<Mistake>,
    /// Every variable.
    pub variables: Vec<Variable>,
    /// Variables by name as they can be seen here, inner ones last.
    pub visible: Vec<(String, VariableId)>,
    /// Every list.
    pub lists: Vec<List>,
    /// Lists by name as they can be seen here, inner ones last.
    pub visible_lists: Vec<(String, ListId)>,
    /// How many loops are open here.
    pub loops: u16,
}

impl<'t> Reader<'t> {
    /// A reader at the start of a text.
    pub fn new(text: &'t str, dialect: Dialect) -> Self {
        let mut mistakes = Vec::new();
        let words = if text.len() > MAX_BYTES {
            let problem = Problem::ScriptTooBig {
                what: "signs",
                limit: MAX_BYTES,
            };
            mistakes.push(Mistake {
                span: Span::at(0),
                problem,
            });
            Vec::new()
        } else {
            let words = lexemes(text).filter(|(kind, _)| *kind != Lexeme::Comment);
            words.collect()
        };
        Self {
            text,
            dialect,
            words,
            at: 0,
            level: 0,
            tree: Tree::default(),
            mistakes,
            variables: Vec::new(),
            visible: Vec::new(),
            lists: Vec::new(),
            visible_lists: Vec::new(),
            loops: 0,
        }
    }

    /// The next word.
    pub fn peek(&self) -> Option<&'t str> {
        self.peek_at(0)
    }

    /// A later word.
    pub fn peek_at(&self, ahead: usize) -> Option<&'t str> {
        self.words
            .get(self.at + ahead)
            .map(|(_, span)| span.text(self.text))
    }

    /// Kind of the next word.
    pub fn kind(&self) -> Option<Lexeme> {
        self.words.get(self.at).map(|(kind, _)| *kind)
    }

    /// Place of the next word, or of the text's end.
    pub fn span(&self) -> Span {
        let end = || Span::at(self.text.trim_end().len());
        self.words.get(self.at).map_or_else(end, |(_, span)| *span)
    }

    /// Place of the word before.
    pub fn last_span(&self) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.words.get(at));
        last.map_or(Span::at(0), |(_, span)| *span)
    }

    /// Goes on to the next word.
    pub fn skip(&mut self) {
        self.at += 1;
    }

    /// Where the reader stands, to come back to.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes back.
    pub fn back_to(&mut self, position: usize) {
        self.at = position;
    }

    /// Whether nothing is left.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.words.len()
    }

    /// Takes the next word if it is this one.
    pub fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    /// Takes the next word, which must be this one.
    pub fn expect(&mut self, word: &str, wanted: &'static str) -> Option<()> {
        if self.take(word) {
            return Some(());
        }
        self.misplaced(wanted);
        None
    }

    /// Tells that the next word cannot stand here.
    pub fn misplaced(&mut self, wanted: &'static str) {
        let found = self.peek().unwrap_or("").chars().take(20).collect();
        let span = self.span();
        self.tell(Problem::ScriptSign { found, wanted }, span);
    }

    /// Tells of a mistake.
    pub fn tell(&mut self, problem: Problem, span: Span) {
        if self.mistakes.len() < MAX_MISTAKES {
            self.mistakes.push(Mistake { span, problem });
        }
    }

    /// Runs a part of the reader one level deeper.
    pub fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.level >= MAX_LEVELS {
            let problem = Problem::ScriptTooBig {
                what: "levels",
                limit: usize::from(MAX_LEVELS),
            };
            self.tell(problem, self.span());
            return None;
        }
        self.level += 1;
        let result = part(self);
        self.level -= 1;
        result
    }

    /// Adds a node to the tree.
    pub fn add(&mut self, node: Node, span: Span) -> Option<NodeId> {
        let id = self.tree.add(node, span);
        if id.is_none() {
            let (what, limit) = match self.tree.nodes().count() {
                n if n >= MAX_NODES => ("operations", MAX_NODES),
                _ => ("operations in a row", usize::from(MAX_DEPTH)),
            };
            self.tell(Problem::ScriptTooBig { what, limit }, span);
        }
        id
    }

    /// Adds a number.
    pub fn number(&mut self, value: f64, whole: bool, span: Span) -> Option<NodeId> {
        self.add(Node::Number { value, whole }, span)
    }

    /// Adds a function of one value; that of a number is a number.
    pub fn unary(&mut self, op: UnaryOp, a: NodeId, span: Span) -> Option<NodeId> {
        if let Node::Number { value, whole } = *self.tree.node(a) {
            let result = op.apply(value);
            if result.is_finite() {
                return self.number(result, op.is_whole(whole), span);
            }
        }
        self.add(Node::Unary(op, a), span)
    }

    /// Adds a function of two values; that of two numbers is a number.
    pub fn binary(&mut self, op: BinaryOp, a: NodeId, b: NodeId, span: Span) -> Option<NodeId> {
        if let (Node::Number { value: x, whole: p }, Node::Number { value: y, whole: q }) =
            (self.tree.node(a), self.tree.node(b))
        {
            let whole = *p && *q;
            let op = match op {
                BinaryOp::Divide if whole && self.dialect.has_whole_numbers() => {
                    BinaryOp::DivideWhole
                }
                other => other,
            };
            let result = op.apply(*x, *y);
            if result.is_finite() {
                return self.number(result, whole, span);
            }
        }
        self.add(Node::Binary(op, a, b), span)
    }
}
