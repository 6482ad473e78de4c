//! Reading expressions: operators by their binding power (Pratt, Top down operator precedence,
//! 1973), functions, methods, names.

use super::dialect::{Dialect, Function};
use super::lex::Lexeme;
use super::operation::{BinaryOp, UnaryOp};
use super::reader::Reader;
use super::tree::{Node, NodeId};
use crate::diagnostics::{Problem, nearest};
use crate::text::Span;

/// What a place in an expression wants.
const VALUE: &str = "a number, a name or `(`";

impl<'t> Reader<'t> {
    /// Reads an expression. `None` if it breaks off; that is told.
    pub fn expression(&mut self) -> Option<NodeId> {
        self.operators(0)
    }

    /// Reads a row of operators that bind at least as tightly as `power`.
    fn operators(&mut self, power: u8) -> Option<NodeId> {
        self.deeper(|r| {
            let start = r.span();
            let mut left = r.prefix()?;
            while let Some(binding) = r.peek().and_then(|sign| r.dialect.operator(sign)) {
                if binding.power < power {
                    break;
                }
                if r.dialect == Dialect::Host && binding.op == BinaryOp::BitXor {
                    let (what, instead) = ("`^` is no power in JavaScript.", "Write `**`.");
                    r.tell(Problem::ScriptNotHere { what, instead }, r.span());
                }
                r.skip();
                let right = r.operators(binding.power + u8::from(!binding.right))?;
                left = r.binary(binding.op, left, right, start.to(r.last_span()))?;
            }
            Some(left)
        })
    }

    /// Reads signs before a value, and the value.
    fn prefix(&mut self) -> Option<NodeId> {
        let start = self.span();
        let (op, power) = match self.peek() {
            Some("-") => (Some(UnaryOp::Negate), self.dialect.sign_power()),
            Some("+") => (None, self.dialect.sign_power()),
            Some("!") => (Some(UnaryOp::Not), 16),
            Some("not") if self.dialect == Dialect::Arithmetic => (Some(UnaryOp::Not), 6),
            _ => return self.postfix(),
        };
        self.skip();
        let value = self.operators(power)?;
        match op {
            Some(op) => self.unary(op, value, start.to(self.last_span())),
            None => Some(value),
        }
    }

    /// Reads a value and the methods called on it.
    fn postfix(&mut self) -> Option<NodeId> {
        let start = self.span();
        let mut value = self.value()?;
        while self.dialect == Dialect::Script && self.peek() == Some(".") {
            self.skip();
            let name = self.name("the name of a function")?;
            let span = self.last_span();
            let mut values = vec![value];
            if self.take("(") {
                values.extend(self.arguments(")")?);
            }
            value = self.call(name, span, &values, start.to(self.last_span()))?;
        }
        Some(value)
    }

    /// Reads a word that is a name.
    pub fn name(&mut self, wanted: &'static str) -> Option<&'t str> {
        let name = self.peek().filter(|_| self.kind() == Some(Lexeme::Name));
        match name {
            Some(_) => self.skip(),
            None => self.misplaced(wanted),
        }
        name
    }

    /// Reads a number, a name, a call or something in brackets.
    fn value(&mut self) -> Option<NodeId> {
        let span = self.span();
        let Some(word) = self.peek() else {
            self.misplaced(VALUE);
            return None;
        };
        match self.kind() {
            Some(Lexeme::Number) => {
                self.skip();
                let value: f64 = word.parse().unwrap_or(f64::INFINITY);
                if !value.is_finite() {
                    self.tell(Problem::NumberTooLarge, span);
                }
                let whole = word.bytes().all(|b| b.is_ascii_digit());
                self.number(value, whole, span)
            }
            Some(Lexeme::Reference) if self.dialect == Dialect::Arithmetic => {
                self.skip();
                self.add(Node::Reference(span), span)
            }
            Some(Lexeme::Name) => self.word(word, span),
            _ if word == "(" => {
                self.skip();
                let inner = self.expression()?;
                self.expect(")", "`)` or an operator such as `*`")?;
                Some(inner)
            }
            // fasteval takes square brackets for round ones.
            _ if word == "[" && self.dialect == Dialect::Eval => {
                self.skip();
                let inner = self.expression()?;
                self.expect("]", "`]` or an operator such as `*`")?;
                Some(inner)
            }
            _ if word == "{" && self.dialect == Dialect::Script => self.block(),
            _ => {
                self.misplaced(VALUE);
                None
            }
        }
    }

    /// Reads what begins with a word.
    fn word(&mut self, word: &'t str, span: Span) -> Option<NodeId> {
        if self.dialect == Dialect::Script {
            match word {
                "if" => return self.condition(),
                "true" | "false" => {
                    self.skip();
                    return self.number(f64::from(u8::from(word == "true")), true, span);
                }
                _ => self.refuse_keyword(word, span)?,
            }
        }
        // JavaScript's functions live in an object.
        let mut word = word;
        if self.dialect == Dialect::Host && word == "Math" && self.peek_at(1) == Some(".") {
            self.skip();
            self.skip();
            word = self.name("the name of a function")?;
        } else {
            self.skip();
        }
        if self.take("(") {
            let values = self.arguments(")")?;
            return self.call(word, span, &values, span.to(self.last_span()));
        }
        if let Some(value) = self.dialect.constant(word) {
            return self.number(value, false, span);
        }
        match self.dialect {
            Dialect::Arithmetic => self.add(Node::Reference(span), span),
            Dialect::Host => self.unknown(word, span),
            Dialect::Eval | Dialect::Script => self.named_value(word, span),
        }
    }

    /// A variable, or an entry of a list.
    fn named_value(&mut self, word: &str, span: Span) -> Option<NodeId> {
        if let Some(list) = self.find_list(word) {
            return self.list_value(list, span);
        }
        match self.find_variable(word) {
            Some(id) => self.add(Node::Variable(id), span),
            None => self.unknown(word, span),
        }
    }

    /// Tells of an unknown name and goes on with a number in its place.
    pub fn unknown(&mut self, word: &str, span: Span) -> Option<NodeId> {
        let names = self.visible.iter().map(|(name, _)| name.as_str());
        let lists = self.visible_lists.iter().map(|(name, _)| name.as_str());
        let found = nearest(word, names.chain(lists)).map(str::to_owned);
        let problem = Problem::ScriptName {
            name: word.chars().take(40).collect(),
            nearest: found,
            function: false,
        };
        self.tell(problem, span);
        self.number(0.0, false, span)
    }

    /// A call of a function, also of one written as a method: then the first value stood before it.
    pub fn call(
        &mut self,
        name: &str,
        name_span: Span,
        values: &[NodeId],
        span: Span,
    ) -> Option<NodeId> {
        let Some(function) = self.dialect.function(name) else {
            let found = nearest(name, self.dialect.function_names()).map(str::to_owned);
            let problem = Problem::ScriptName {
                name: name.chars().take(40).collect(),
                nearest: found,
                function: true,
            };
            self.tell(problem, name_span);
            return self.number(0.0, false, span);
        };
        let in_script = self.dialect == Dialect::Script;
        match (function, values) {
            (Function::One(op), [a]) => self.unary(op, *a, span),
            (Function::Two(op), [a, b]) => self.binary(op, *a, *b, span),
            (Function::Many(op), [first, rest @ ..]) => {
                let mut value = *first;
                for next in rest {
                    value = self.binary(op, value, *next, span)?;
                }
                Some(value)
            }
            (Function::Clamp, [value, low, high]) => {
                let value = self.binary(BinaryOp::Max, *value, *low, span)?;
                self.binary(BinaryOp::Min, value, *high, span)
            }
            (Function::Log(op), [a]) => self.unary(op, *a, span),
            (Function::Log(_), [value, base]) if in_script => {
                self.binary(BinaryOp::LogBase, *base, *value, span)
            }
            (Function::Log(_), [base, value]) => {
                self.binary(BinaryOp::LogBase, *base, *value, span)
            }
            (Function::Round, [a]) => self.unary(UnaryOp::Round, *a, span),
            (Function::Round, [step, a]) => self.binary(BinaryOp::RoundTo, *step, *a, span),
            (Function::Atan, [a]) => self.unary(UnaryOp::Atan, *a, span),
            (Function::Atan, [a, b]) => self.binary(BinaryOp::Atan2, *a, *b, span),
            (Function::Pi, []) => self.number(std::f64::consts::PI, false, span),
            (Function::E, []) => self.number(std::f64::consts::E, false, span),
            (Function::Random, values) if values.len() < 3 => self.random(values, span),
            _ => {
                let problem = Problem::ScriptArguments {
                    function: name.to_owned(),
                    takes: function.takes(in_script),
                };
                self.tell(problem, span);
                self.number(0.0, false, span)
            }
        }
    }

    /// A random value from 0 to 1, to a highest, or between two.
    fn random(&mut self, values: &[NodeId], span: Span) -> Option<NodeId> {
        if matches!(self.dialect, Dialect::Arithmetic | Dialect::Host) {
            let (what, instead) = ("Arithmetic has no random values.", "Use a chain of `noiz`.");
            self.tell(Problem::ScriptNotHere { what, instead }, span);
            return self.number(0.0, false, span);
        }
        let random = self.add(Node::Random, span)?;
        match values {
            [high] => self.binary(BinaryOp::Multiply, random, *high, span),
            [low, high] => {
                let width = self.binary(BinaryOp::Subtract, *high, *low, span)?;
                let value = self.binary(BinaryOp::Multiply, random, width, span)?;
                self.binary(BinaryOp::Add, value, *low, span)
            }
            _ => Some(random),
        }
    }

    /// Reads expressions between commas up to a closing sign.
    pub fn arguments(&mut self, close: &'static str) -> Option<Vec<NodeId>> {
        let mut values = Vec::new();
        if self.take(close) {
            return Some(values);
        }
        loop {
            values.push(self.expression()?);
            if self.take(close) {
                return Some(values);
            }
            let wanted = match close {
                "]" => "`]` or `,`",
                _ => "`)`, `,` or an operator such as `*`",
            };
            self.expect(",", wanted)?;
            if self.take(close) {
                return Some(values);
            }
        }
    }
}
