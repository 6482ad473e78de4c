//! Reading what scripts do with lists: `output`, `input` and lists of their own.

use super::operation::BinaryOp;
use super::reader::Reader;
use super::statements::INPUT;
use super::tree::{ListId, Node, NodeId};
use crate::diagnostics::Problem;
use crate::text::Span;

impl Reader<'_> {
    /// Reads `[a, b, …]` and puts its entries into a list.
    pub fn fill(&mut self, list: ListId, steps: &mut Vec<NodeId>) -> Option<()> {
        let start = self.span();
        self.expect("[", "`[`")?;
        let values = self.arguments("]")?;
        let span = start.to(self.last_span());
        let zero = self.number(0.0, true, span)?;
        steps.push(self.add(Node::Cut(list, zero), span)?);
        for value in values {
            steps.push(self.add(Node::Push(list, value), span)?);
        }
        Some(())
    }

    /// Whether a whole list comes next: its name, or its name and `.map`.
    pub fn list_stands_here(&self) -> bool {
        let listed = self.peek().and_then(|name| self.find_list(name));
        listed.is_some()
            && match self.peek_at(1) {
                Some("[") => false,
                Some(".") => self.peek_at(2) == Some("map"),
                _ => true,
            }
    }

    /// Reads `input` or `input.map(|x| …)` and puts its entries into a list.
    pub fn copied(&mut self, list: ListId, steps: &mut Vec<NodeId>) -> Option<()> {
        let start = self.span();
        let from = self.peek().and_then(|name| self.find_list(name))?;
        self.skip();
        let visible = self.visible.len();
        // No script can write this name.
        let index = self.declare("", false, false, start)?;
        let at = self.add(Node::Variable(index), start)?;
        let entry = self.add(Node::Entry(from, at), start)?;
        let mut body = Vec::new();
        let value = if self.take(".") {
            self.mapped(entry, &mut body)
        } else {
            Some(entry)
        };
        self.visible.truncate(visible);
        let value = value?;
        let span = start.to(self.last_span());
        let zero = self.number(0.0, true, span)?;
        let length = self.add(Node::Length(from), span)?;
        // A list that is made of itself keeps its length.
        body.push(if list == from {
            self.add(Node::SetEntry(list, at, value), span)?
        } else {
            steps.push(self.add(Node::Cut(list, zero), span)?);
            self.add(Node::Push(list, value), span)?
        });
        let body = self.add(Node::Block(body), span)?;
        let each = Node::For {
            variable: index,
            from: zero,
            to: length,
            step: None,
            inclusive: false,
            body,
        };
        steps.push(self.add(each, span)?);
        Some(())
    }

    /// Reads `map(|x| …)` behind a list and its dot; gives the value for one entry.
    fn mapped(&mut self, entry: NodeId, steps: &mut Vec<NodeId>) -> Option<NodeId> {
        const MAP: &str = "a function such as `map(|x| x * 0.5)`";
        self.expect("map", MAP)?;
        self.expect("(", MAP)?;
        self.expect("|", MAP)?;
        let name = self.name("a name")?;
        let span = self.last_span();
        self.expect("|", MAP)?;
        let variable = self.declare(name, false, true, span)?;
        steps.push(self.add(Node::Set(variable, entry), span)?);
        let value = self.expression()?;
        self.expect(")", "`)` or an operator such as `*`")?;
        Some(value)
    }

    /// `output = [ … ]`, `output = input` and `output += value`.
    pub fn list_assignment(
        &mut self,
        list: ListId,
        op: Option<BinaryOp>,
        steps: &mut Vec<NodeId>,
    ) -> Option<()> {
        let start = self.last_span();
        self.writable(list, start);
        self.skip();
        match (op, self.peek()) {
            (None, Some("[")) => self.fill(list, steps),
            (None, Some(_)) if self.list_stands_here() => self.copied(list, steps),
            (Some(BinaryOp::Add), _) => {
                let value = self.expression()?;
                let span = start.to(self.last_span());
                steps.push(self.add(Node::Push(list, value), span)?);
                Some(())
            }
            _ => {
                self.misplaced("a list such as `[0, 1]`");
                None
            }
        }
    }

    /// What follows a list's name: an entry, one of its functions, or nothing.
    pub fn list_value(&mut self, list: ListId, span: Span) -> Option<NodeId> {
        if self.take("[") {
            let index = self.expression()?;
            self.expect("]", "`]` or an operator such as `*`")?;
            return self.add(Node::Entry(list, index), span.to(self.last_span()));
        }
        if !self.take(".") {
            return self.add(Node::List(list), span);
        }
        let name = self.name("`len`, `push`, `pad` or another function of lists")?;
        let name_span = self.last_span();
        let values = match self.take("(") {
            true => self.arguments(")")?,
            false => Vec::new(),
        };
        let whole = span.to(self.last_span());
        if !matches!(name, "len" | "is_empty") {
            self.writable(list, span);
        }
        match (name, values.as_slice()) {
            ("len", []) => self.add(Node::Length(list), whole),
            ("is_empty", []) => {
                let length = self.add(Node::Length(list), whole)?;
                let zero = self.number(0.0, true, whole)?;
                self.binary(BinaryOp::Equal, length, zero, whole)
            }
            ("push", [value]) => self.add(Node::Push(list, *value), whole),
            ("pad", [length, value]) => self.add(Node::Pad(list, *length, *value), whole),
            ("pop", []) => self.add(Node::Pop(list), whole),
            ("truncate", [length]) => self.add(Node::Cut(list, *length), whole),
            ("clear", []) => {
                let zero = self.number(0.0, true, whole)?;
                self.add(Node::Cut(list, zero), whole)
            }
            ("len" | "is_empty" | "pop" | "clear", _) => self.wrong_count(name, "no values", whole),
            ("push" | "truncate", _) => self.wrong_count(name, "one value", whole),
            ("pad", _) => self.wrong_count(name, "a length and a value", whole),
            _ => {
                let problem = Problem::ScriptName {
                    name: name.to_owned(),
                    nearest: None,
                    function: true,
                };
                self.tell(problem, name_span);
                self.number(0.0, false, whole)
            }
        }
    }

    fn wrong_count(&mut self, name: &str, takes: &'static str, span: Span) -> Option<NodeId> {
        let function = name.to_owned();
        self.tell(Problem::ScriptArguments { function, takes }, span);
        self.number(0.0, false, span)
    }

    /// Tells of a change of the samples before a script.
    pub fn writable(&mut self, list: ListId, span: Span) {
        if list == INPUT {
            let (what, instead) = ("This list cannot be changed.", "Change `output`.");
            self.tell(Problem::ScriptNotHere { what, instead }, span);
        }
    }
}
