//! Code in backticks.

pub mod eval;
pub mod meta;

use crate::registry::TextProblem;
use crate::script::{Code, Mistake};

/// The mistakes of a text, as the registry wants them.
fn problems(compiled: Result<Code, Vec<Mistake>>) -> Vec<TextProblem> {
    let problem = |m: Mistake| TextProblem {
        span: m.span,
        problem: m.problem,
    };
    match compiled {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.into_iter().map(problem).collect(),
    }
}
