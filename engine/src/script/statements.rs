//! Reading whole programs: the steps of a script, and the assignments of `eval`.

use super::dialect::Dialect;
use super::lex::Lexeme;
use super::operation::BinaryOp;
use super::reader::{List, Reader, Variable};
use super::tree::{ListId, Node, NodeId, VariableId};
use crate::diagnostics::{Problem, refused_word};
use crate::text::Span;

/// The list that a script fills.
pub const OUTPUT: ListId = 0;

/// The list of the samples before a script.
pub const INPUT: ListId = 1;

/// Most lists of a script.
const MAX_LISTS: usize = 16;

/// Most variables of a text.
const MAX_VARIABLES: usize = 160;

/// Values of a script that are there from the beginning, besides the single letters.
const SCRIPT_NAMES: &[&str] = &["phase", "freq", "freq2", "sr"];

/// What a step begins with.
const STEP: &str = "`;`, `}` or an operator such as `*`";

impl<'t> Reader<'t> {
    /// Reads a script. Its last step must give a list; that is checked when it is compiled.
    pub fn script(&mut self) -> Option<NodeId> {
        for (name, lasting) in [("output", true), ("input", false)] {
            let name = name.to_owned();
            let id = ListId::try_from(self.lists.len()).unwrap_or(OUTPUT);
            self.visible_lists.push((name.clone(), id));
            self.lists.push(List { name, lasting });
        }
        let steps = self.steps()?;
        if !self.is_at_end() {
            self.misplaced("the next step");
            return None;
        }
        self.filled(&steps)?;
        let span = Span::new(0, self.text.len());
        self.add(Node::Block(steps), span)
    }

    /// Reads the assignments and results of `eval`: the last one is what it gives.
    pub fn eval(&mut self) -> Option<NodeId> {
        for (name, settable) in [("x", true), ("y", true), ("z", true)].into_iter().chain([
            ("sr", false),
            ("phase", false),
            ("in", false),
        ]) {
            self.declare(name, true, settable, Span::at(0))?;
        }
        self.declare_assigned()?;
        let mut steps = Vec::new();
        loop {
            while self.take(";") {}
            if self.is_at_end() {
                break;
            }
            let start = self.span();
            let assigned = self
                .peek()
                .filter(|_| matches!(self.peek_at(1), Some(":=" | "=")));
            let step = match assigned.filter(|_| self.kind() == Some(Lexeme::Name)) {
                Some(name) => {
                    self.skip();
                    if self.peek() == Some("=") {
                        self.misplaced("`:=`");
                    }
                    self.skip();
                    let value = self.expression()?;
                    self.set(name, start, value, start.to(self.last_span()))?
                }
                None => self.expression()?,
            };
            steps.push(step);
            if !self.is_at_end() {
                self.expect(";", "`;` or an operator such as `*`")?;
            }
        }
        self.filled(&steps)?;
        let span = Span::new(0, self.text.len());
        self.add(Node::Block(steps), span)
    }

    /// Makes every name that `eval` assigns known from the beginning.
    fn declare_assigned(&mut self) -> Option<()> {
        let start = self.position();
        while !self.is_at_end() {
            let is_name = self.kind() == Some(Lexeme::Name);
            if let Some(name) = self.peek().filter(|_| is_name)
                && matches!(self.peek_at(1), Some(":=" | "="))
                && self.find_variable(name).is_none()
            {
                self.declare(name, true, true, self.span())?;
            }
            self.skip();
        }
        self.back_to(start);
        Some(())
    }

    /// Tells of a text without steps.
    fn filled(&mut self, steps: &[NodeId]) -> Option<()> {
        if steps.is_empty() && self.mistakes.is_empty() {
            let span = Span::new(0, self.text.len());
            self.tell(Problem::ScriptEmpty, span);
        }
        (!steps.is_empty()).then_some(())
    }

    /// Adds a variable.
    pub fn declare(
        &mut self,
        name: &str,
        lasting: bool,
        settable: bool,
        span: Span,
    ) -> Option<VariableId> {
        if self.variables.len() >= MAX_VARIABLES {
            let (what, limit) = ("variables", MAX_VARIABLES);
            self.tell(Problem::ScriptTooBig { what, limit }, span);
            return None;
        }
        let id = VariableId::try_from(self.variables.len()).ok()?;
        self.variables.push(Variable {
            name: name.to_owned(),
            lasting,
            settable,
        });
        if !lasting {
            self.visible.push((name.to_owned(), id));
        }
        Some(id)
    }

    /// The variable that a name means here.
    pub fn find_variable(&mut self, name: &str) -> Option<VariableId> {
        let inner = self.visible.iter().rev().find(|(n, _)| n == name);
        if let Some((_, id)) = inner {
            return Some(*id);
        }
        let lasting = |v: &Variable| v.lasting && v.name == name;
        if let Some(id) = self.variables.iter().position(lasting) {
            return VariableId::try_from(id).ok();
        }
        if self.dialect == Dialect::Script && is_script_name(name) {
            return self.declare(name, true, true, self.last_span());
        }
        None
    }

    /// The list that a name means here, unless a variable hides it.
    pub fn find_list(&self, name: &str) -> Option<ListId> {
        let is_variable = self.visible.iter().any(|(n, _)| n == name);
        let mut lists = self.visible_lists.iter().rev().filter(|_| !is_variable);
        lists.find(|(n, _)| n == name).map(|(_, id)| *id)
    }

    /// Sets a variable.
    fn set(&mut self, name: &str, span: Span, value: NodeId, whole: Span) -> Option<NodeId> {
        let Some(id) = self.find_variable(name) else {
            return self.unknown(name, span);
        };
        if self.variables.get(id as usize).is_some_and(|v| !v.settable) {
            let (what, instead) = ("This value cannot be set.", "Use another name.");
            self.tell(Problem::ScriptNotHere { what, instead }, span);
        }
        self.add(Node::Set(id, value), whole)
    }

    /// Tells of a word that scripts cannot use.
    pub fn refuse_keyword(&mut self, word: &str, span: Span) -> Option<()> {
        let Some(problem) = refused_word(word) else {
            return Some(());
        };
        self.tell(problem, span);
        None
    }

    /// Reads steps up to a `}` or the end.
    fn steps(&mut self) -> Option<Vec<NodeId>> {
        let (variables, lists) = (self.visible.len(), self.visible_lists.len());
        let mut steps = Vec::new();
        loop {
            while self.take(";") {}
            if matches!(self.peek(), None | Some("}")) {
                break;
            }
            let is_block = matches!(self.peek(), Some("if" | "while" | "loop" | "for" | "{"));
            self.step(&mut steps)?;
            if !is_block && !matches!(self.peek(), None | Some("}")) {
                self.expect(";", STEP)?;
            }
        }
        self.visible.truncate(variables);
        self.visible_lists.truncate(lists);
        Some(steps)
    }

    /// Reads `{ … }`.
    pub fn block(&mut self) -> Option<NodeId> {
        self.deeper(|r| {
            let start = r.span();
            r.expect("{", "`{`")?;
            let steps = r.steps()?;
            r.expect("}", "`}`")?;
            r.add(Node::Block(steps), start.to(r.last_span()))
        })
    }

    /// Reads `if … { … } else { … }`.
    pub fn condition(&mut self) -> Option<NodeId> {
        self.deeper(|r| {
            let start = r.span();
            r.expect("if", "`if`")?;
            let condition = r.expression()?;
            let yes = r.block()?;
            let no = match (r.take("else"), r.peek()) {
                (false, _) => None,
                (true, Some("if")) => Some(r.condition()?),
                (true, _) => Some(r.block()?),
            };
            let span = start.to(r.last_span());
            r.add(Node::If { condition, yes, no }, span)
        })
    }

    /// Reads one step.
    fn step(&mut self, steps: &mut Vec<NodeId>) -> Option<()> {
        let start = self.span();
        let step = match self.peek() {
            Some("let" | "const") => return self.definition(steps),
            Some("if") => self.condition(),
            Some("{") => self.block(),
            Some("while") => {
                self.skip();
                let condition = self.expression()?;
                let body = self.repeated()?;
                self.add(Node::While(Some(condition), body), start)
            }
            Some("loop") => {
                self.skip();
                let body = self.repeated()?;
                self.add(Node::While(None, body), start)
            }
            Some("for") => self.counted(),
            Some(word @ ("break" | "continue")) => {
                self.skip();
                if self.loops == 0 {
                    let (what, instead) =
                        ("There is no loop around this.", "Use it inside of a loop.");
                    self.tell(Problem::ScriptNotHere { what, instead }, start);
                }
                let node = if word == "break" {
                    Node::Break
                } else {
                    Node::Continue
                };
                self.add(node, start)
            }
            Some("return") => {
                self.skip();
                let value = match self.peek() {
                    None | Some(";" | "}") => None,
                    _ => Some(self.expression()?),
                };
                self.add(Node::Return(value), start.to(self.last_span()))
            }
            Some(name) if self.kind() == Some(Lexeme::Name) => return self.named(name, steps),
            _ => self.expression(),
        };
        steps.push(step?);
        Some(())
    }

    /// The block of a loop.
    fn repeated(&mut self) -> Option<NodeId> {
        self.loops += 1;
        let body = self.block();
        self.loops -= 1;
        body
    }

    /// Reads `let name = …`.
    fn definition(&mut self, steps: &mut Vec<NodeId>) -> Option<()> {
        let start = self.span();
        let settable = self.peek() == Some("let");
        self.skip();
        let name = self.name("a name")?;
        let name_span = self.last_span();
        if self.dialect.function(name).is_some() && self.peek() == Some("(") {
            self.misplaced("`=`");
            return None;
        }
        if !self.take("=") {
            let zero = self.number(0.0, true, name_span)?;
            let id = self.declare(name, false, settable, name_span)?;
            steps.push(self.add(Node::Set(id, zero), name_span)?);
            return Some(());
        }
        if self.peek() == Some("[") || self.list_stands_here() {
            let Ok(id) = ListId::try_from(self.lists.len()) else {
                return None;
            };
            if self.lists.len() >= MAX_LISTS {
                let (what, limit) = ("lists", MAX_LISTS);
                self.tell(Problem::ScriptTooBig { what, limit }, name_span);
                return None;
            }
            let name = name.to_owned();
            self.lists.push(List {
                name: name.clone(),
                lasting: false,
            });
            match self.peek() {
                Some("[") => self.fill(id, steps)?,
                _ => self.copied(id, steps)?,
            }
            self.visible_lists.push((name, id));
            return Some(());
        }
        let value = self.expression()?;
        let id = self.declare(name, false, settable, name_span)?;
        steps.push(self.add(Node::Set(id, value), start.to(self.last_span()))?);
        Some(())
    }

    /// Reads `for name in from..to { … }`.
    fn counted(&mut self) -> Option<NodeId> {
        let start = self.span();
        self.skip();
        let name = self.name("a name")?;
        let name_span = self.last_span();
        self.expect("in", "`in`")?;
        let range = "a range such as `0..128`";
        let (from, to, step, inclusive) = if self.peek() == Some("range") {
            self.skip();
            self.expect("(", range)?;
            let values = self.arguments(")")?;
            match *values.as_slice() {
                [from, to] => (from, to, None, false),
                [from, to, step] => (from, to, Some(step), false),
                _ => {
                    let problem = Problem::ScriptArguments {
                        function: "range".to_owned(),
                        takes: "two or three values",
                    };
                    self.tell(problem, name_span);
                    return None;
                }
            }
        } else {
            let from = self.expression()?;
            let inclusive = match self.peek() {
                Some("..") => false,
                Some("..=") => true,
                _ => {
                    self.misplaced(range);
                    return None;
                }
            };
            self.skip();
            (from, self.expression()?, None, inclusive)
        };
        let visible = self.visible.len();
        let variable = self.declare(name, false, true, name_span)?;
        let body = self.repeated();
        self.visible.truncate(visible);
        let node = Node::For {
            variable,
            from,
            to,
            step,
            inclusive,
            body: body?,
        };
        self.add(node, start)
    }

    /// Reads a step that begins with a name: an assignment, or an expression.
    fn named(&mut self, name: &'t str, steps: &mut Vec<NodeId>) -> Option<()> {
        let start = self.span();
        if let Some(op) = self.peek_at(1).and_then(assignment) {
            self.refuse_keyword(name, start)?;
            self.skip();
            if let Some(list) = self.find_list(name) {
                return self.list_assignment(list, op, steps);
            }
            let sign = self.last_span();
            self.skip();
            let value = self.expression()?;
            let whole = start.to(self.last_span());
            let value = match op {
                None => value,
                Some(op) => {
                    let old = match self.find_variable(name) {
                        Some(id) => self.add(Node::Variable(id), sign)?,
                        None => self.number(0.0, false, sign)?,
                    };
                    self.binary(op, old, value, whole)?
                }
            };
            let step = self.set(name, start, value, whole)?;
            steps.push(step);
            return Some(());
        }
        let value = self.expression()?;
        let Some(op) = self.peek().and_then(assignment) else {
            steps.push(value);
            return Some(());
        };
        let Node::Entry(list, index) = *self.tree.node(value) else {
            self.misplaced(STEP);
            return None;
        };
        self.writable(list, start);
        self.skip();
        let new = self.expression()?;
        let whole = start.to(self.last_span());
        let new = match op {
            None => new,
            Some(op) => self.binary(op, value, new, whole)?,
        };
        steps.push(self.add(Node::SetEntry(list, index, new), whole)?);
        Some(())
    }
}

/// Whether a name is that of a value that every script has.
fn is_script_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let lettered = matches!(bytes, [b'a'..=b'z'] | [b'x'..=b'z', b'0'..=b'3']);
    lettered || SCRIPT_NAMES.contains(&name)
}

/// The operation of an assignment sign; `None` inside for a plain `=`.
fn assignment(sign: &str) -> Option<Option<BinaryOp>> {
    Some(match sign {
        "=" => None,
        "+=" => Some(BinaryOp::Add),
        "-=" => Some(BinaryOp::Subtract),
        "*=" => Some(BinaryOp::Multiply),
        "/=" => Some(BinaryOp::Divide),
        "%=" => Some(BinaryOp::Remainder),
        "**=" => Some(BinaryOp::Power),
        "<<=" => Some(BinaryOp::ShiftLeft),
        ">>=" => Some(BinaryOp::ShiftRight),
        "&=" => Some(BinaryOp::BitAnd),
        "|=" => Some(BinaryOp::BitOr),
        "^=" => Some(BinaryOp::BitXor),
        _ => return None,
    })
}
