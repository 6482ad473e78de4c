//! What differs between the four places where arithmetic stands: operators and functions.

use super::operation::{BinaryOp, UnaryOp};

/// Where an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// In parentheses, in the place of a signal.
    Arithmetic,
    /// In `##…#`: the arithmetic of JavaScript.
    Host,
    /// In `eval`: the expressions of fasteval 0.2.
    Eval,
    /// In `meta`: the expressions of Rhai 1.
    Script,
}

/// How an operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it does.
    pub op: BinaryOp,
    /// Higher ones bind tighter.
    pub power: u8,
    /// Whether a row of it is grouped from the right.
    pub right: bool,
}

impl Dialect {
    /// The operator that a word or sign is between two values.
    pub fn operator(self, sign: &str) -> Option<Binding> {
        use BinaryOp as B;
        let left = |op, power| {
            Some(Binding {
                op,
                power,
                right: false,
            })
        };
        let power = |op, power| {
            Some(Binding {
                op,
                power,
                right: true,
            })
        };
        match (self, sign) {
            (Dialect::Arithmetic, "or") | (_, "||") => left(B::Or, 1),
            (Dialect::Arithmetic, "and") | (_, "&&") => left(B::And, 2),
            (Dialect::Script | Dialect::Host, "|") => left(B::BitOr, 3),
            (Dialect::Script | Dialect::Host, "^") => left(B::BitXor, 4),
            (Dialect::Script | Dialect::Host, "&") => left(B::BitAnd, 5),
            (_, "==") => left(B::Equal, 6),
            (_, "!=") => left(B::NotEqual, 6),
            (_, "<") => left(B::Less, 7),
            (_, "<=") => left(B::LessOrEqual, 7),
            (_, ">") => left(B::Greater, 7),
            (_, ">=") => left(B::GreaterOrEqual, 7),
            (_, "+") => left(B::Add, 9),
            (_, "-") => left(B::Subtract, 9),
            (_, "*") => left(B::Multiply, 10),
            // fasteval groups `a * b % c` as `a * (b % c)`, and the same for `/`.
            (Dialect::Eval, "/") => left(B::Divide, 11),
            (Dialect::Eval, "%") => left(B::Remainder, 12),
            (_, "/") => left(B::Divide, 10),
            (_, "%") => left(B::Remainder, 10),
            (Dialect::Arithmetic | Dialect::Eval, "^") => power(B::Power, 14),
            (_, "**") => power(B::Power, 14),
            (Dialect::Script, "<<") => left(B::ShiftLeft, 15),
            (Dialect::Script, ">>") => left(B::ShiftRight, 15),
            (Dialect::Host, "<<") => left(B::ShiftLeft, 8),
            (Dialect::Host, ">>") => left(B::ShiftRight, 8),
            _ => None,
        }
    }

    /// How tightly a sign before a value binds: `-2^2` is −4 in mathematics and 4 in the scripting
    /// languages.
    pub const fn sign_power(self) -> u8 {
        match self {
            Dialect::Arithmetic | Dialect::Host => 13,
            Dialect::Eval | Dialect::Script => 16,
        }
    }

    /// Whether whole numbers divide without a fraction.
    pub const fn has_whole_numbers(self) -> bool {
        matches!(self, Dialect::Script)
    }

    /// The function of a name.
    pub fn function(self, name: &str) -> Option<Function> {
        let own = match (self, name) {
            (Dialect::Eval, "log") => Some(Function::Log(UnaryOp::Log10)),
            (Dialect::Eval, "round") => Some(Function::Round),
            (Dialect::Script, "log") => Some(Function::Log(UnaryOp::Log10)),
            (Dialect::Script, "fraction") => Some(Function::One(UnaryOp::Fraction)),
            (Dialect::Script, "to_float" | "to_decimal") => Some(Function::One(UnaryOp::Float)),
            (Dialect::Script, "atan") => Some(Function::Atan),
            _ => None,
        };
        own.or_else(|| FUNCTIONS.iter().find(|(n, _)| *n == name).map(|(_, f)| *f))
    }

    /// The value of a name that stands for a number.
    pub fn constant(self, name: &str) -> Option<f64> {
        use std::f64::consts;
        match (self, name) {
            (Dialect::Arithmetic, "pi") => Some(consts::PI),
            (Dialect::Arithmetic, "e") => Some(consts::E),
            (Dialect::Eval, "pi") => Some(consts::PI),
            (Dialect::Host, "PI") => Some(consts::PI),
            (Dialect::Host, "E") => Some(consts::E),
            (Dialect::Host, "SQRT2") => Some(consts::SQRT_2),
            (Dialect::Host, "SQRT1_2") => Some(consts::FRAC_1_SQRT_2),
            (Dialect::Host, "LN2") => Some(consts::LN_2),
            (Dialect::Host, "LN10") => Some(consts::LN_10),
            (Dialect::Host, "LOG2E") => Some(consts::LOG2_E),
            (Dialect::Host, "LOG10E") => Some(consts::LOG10_E),
            _ => None,
        }
    }

    /// Every function's name, for suggestions.
    pub fn function_names(self) -> impl Iterator<Item = &'static str> {
        FUNCTIONS.iter().map(|(name, _)| *name)
    }
}

/// What a function's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// A function of one value.
    One(UnaryOp),
    /// A function of two values.
    Two(BinaryOp),
    /// A function of two values or more, applied from the left.
    Many(BinaryOp),
    /// A value between a lowest and a highest.
    Clamp,
    /// A logarithm of one value, or of a base and a value (a value and a base in scripts).
    Log(UnaryOp),
    /// Rounds a value, or a value to multiples of another before it.
    Round,
    /// An arc tangent of one value, or of two.
    Atan,
    /// π as a function without arguments.
    Pi,
    /// e as a function without arguments.
    E,
    /// A random value from 0 up to 1, or up to a highest, or between two.
    Random,
}

impl Function {
    /// How many values it takes, as a sentence ends.
    pub const fn takes(self, in_script: bool) -> &'static str {
        match self {
            Function::One(_) => "one value",
            Function::Two(_) => "two values",
            Function::Many(_) => "one value or more",
            Function::Clamp => "a value, a lowest and a highest one",
            Function::Log(_) if in_script => "a value, and perhaps a base after it",
            Function::Log(_) => "a value, and perhaps a base before it",
            Function::Round => "a value, and perhaps a step before it",
            Function::Atan => "one value or two",
            Function::Pi | Function::E => "no values",
            Function::Random => "at most a lowest and a highest value",
        }
    }
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("abs", Function::One(UnaryOp::Abs)),
    ("acos", Function::One(UnaryOp::Acos)),
    ("asin", Function::One(UnaryOp::Asin)),
    ("atan", Function::One(UnaryOp::Atan)),
    ("atan2", Function::Two(BinaryOp::Atan2)),
    ("ceil", Function::One(UnaryOp::Ceil)),
    ("ceiling", Function::One(UnaryOp::Ceil)),
    ("clamp", Function::Clamp),
    ("cos", Function::One(UnaryOp::Cos)),
    ("cosh", Function::One(UnaryOp::Cosh)),
    ("e", Function::E),
    ("E", Function::E),
    ("exp", Function::One(UnaryOp::Exp)),
    ("floor", Function::One(UnaryOp::Floor)),
    ("fract", Function::One(UnaryOp::Fract)),
    ("hypot", Function::Two(BinaryOp::Hypot)),
    ("int", Function::One(UnaryOp::Truncate)),
    ("ln", Function::One(UnaryOp::Ln)),
    ("log", Function::Log(UnaryOp::Ln)),
    ("log10", Function::One(UnaryOp::Log10)),
    ("log2", Function::One(UnaryOp::Log2)),
    ("max", Function::Many(BinaryOp::Max)),
    ("min", Function::Many(BinaryOp::Min)),
    ("mod", Function::Two(BinaryOp::Wrap)),
    ("pi", Function::Pi),
    ("PI", Function::Pi),
    ("pow", Function::Two(BinaryOp::Power)),
    ("random", Function::Random),
    ("round", Function::One(UnaryOp::Round)),
    ("sign", Function::One(UnaryOp::Sign)),
    ("sin", Function::One(UnaryOp::Sin)),
    ("sinh", Function::One(UnaryOp::Sinh)),
    ("sqrt", Function::One(UnaryOp::Sqrt)),
    ("tan", Function::One(UnaryOp::Tan)),
    ("tanh", Function::One(UnaryOp::Tanh)),
    ("to_degrees", Function::One(UnaryOp::Degrees)),
    ("to_int", Function::One(UnaryOp::Whole)),
    ("to_radians", Function::One(UnaryOp::Radians)),
    ("trunc", Function::One(UnaryOp::Truncate)),
];
