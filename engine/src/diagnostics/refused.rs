//! Words of Rhai that scripts cannot use here, and what to say of them.

use super::kinds::Problem;

/// The problem that a word of a script is by itself.
#[must_use]
pub fn refused_word(word: &str) -> Option<Problem> {
    let (_, what, instead) = *REFUSED.iter().find(|(w, ..)| *w == word)?;
    Some(Problem::ScriptNotHere { what, instead })
}

/// Word, what is wrong with it, and what to do instead.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "fn",
        "Functions cannot be defined here.",
        "Write the steps where they are needed.",
    ),
    (
        "private",
        "Functions cannot be defined here.",
        "Write the steps where they are needed.",
    ),
    (
        "switch",
        "`switch` does not exist here.",
        "Use `if` and `else`.",
    ),
    (
        "match",
        "`match` does not exist here.",
        "Use `if` and `else`.",
    ),
    ("do", "`do` does not exist here.", "Use `while` or `loop`."),
    (
        "until",
        "`until` does not exist here.",
        "Use `while` or `loop`.",
    ),
    (
        "try",
        "`try` does not exist here.",
        "Nothing can fail here. Leave it out.",
    ),
    (
        "throw",
        "`throw` does not exist here.",
        "Use `return output`.",
    ),
    (
        "import",
        "Other files cannot be read here.",
        "Leave it out.",
    ),
    (
        "export",
        "Other files cannot be read here.",
        "Leave it out.",
    ),
    ("print", "`print` does not exist here.", "Leave it out."),
    ("debug", "`debug` does not exist here.", "Leave it out."),
    (
        "let",
        "`let` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "const",
        "`const` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "for",
        "`for` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "while",
        "`while` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "loop",
        "`loop` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "return",
        "`return` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "break",
        "`break` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "continue",
        "`continue` cannot stand inside of a value.",
        "Put a `;` before it.",
    ),
    (
        "else",
        "`else` does not exist here.",
        "Put it right after the block of an `if`.",
    ),
    (
        "in",
        "`in` does not exist here.",
        "Use it in `for i in 0..128`.",
    ),
    ("this", "`this` does not exist here.", "Leave it out."),
];
