//! House rules that no compiler checks: names, sizes, and what the engine must not touch.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::layers::{self, SourceFile};
use crate::shell;
use crate::tokens::{self, Kind, Token};

/// A file longer than this is cut in two.
const MAX_LINES: usize = 800;
/// A file longer than this is worth a look.
const LONG_LINES: usize = 400;

/// Parts of the standard library that do not exist, or do not work, where the engine must also run.
const BANNED_STD: &[&str] = &["env", "fs", "io", "net", "process", "thread", "time"];

/// Items in these parts that work everywhere, and the file that needs them.
const STD_ALLOWED: &[(&str, [&str; 2])] = &[
    // Decoders take a `std::io::Read`; a cursor is one over bytes that are in memory already.
    ("engine/src/samples/decode.rs", ["io", "Cursor"]),
];

/// Advice on names that are no nodes: what old and foreign names are called here.
const NAME_ADVICE: &str = "engine/src/resolve/known.rs";

/// Where `unsafe` may stand in the product, as path prefixes.
const UNSAFE_ALLOWED: &[&str] = &[
    "engine/src/render/denormal.rs",
    "engine/src/dsp/simd/",
    "edge/",
    "tests/",
];

/// Runs all checks. Returns one sentence per offence, and remarks that are none.
///
/// # Errors
/// A file cannot be read.
pub fn check() -> Result<(Vec<String>, Vec<String>)> {
    let sources = layers::engine_sources()?;
    let mut problems = Vec::new();
    problems.extend(unlisted_nodes(&sources));
    problems.extend(quoted_node_names(&sources)?);
    problems.extend(sources.iter().filter(|s| !s.test_only).flat_map(banned_std));
    let mut long = Vec::new();
    for file in rust_files()? {
        let path = shell::relative(&file);
        let text = shell::read(&file)?;
        let lines = text.lines().count();
        if lines > MAX_LINES {
            problems.push(format!(
                "{path}: {lines} lines; split it before {MAX_LINES}."
            ));
        } else if lines > LONG_LINES {
            long.push(format!("{path} ({lines} lines)"));
        }
        let tokens = tokens::tokens(&text);
        problems.extend(forbidden_unsafe(&path, &tokens));
        if path.starts_with("plugin/") && !path.ends_with("_tests.rs") {
            problems.extend(engine_internals(&path, &tokens));
        }
    }
    Ok((problems, long))
}

fn rust_files() -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for folder in ["engine", "edge", "plugin", "tests", "xtask"] {
        files.extend(shell::files_under(&shell::root().join(folder), "rs")?);
    }
    Ok(files)
}

/// Node files that the list of nodes leaves out: a forgotten line is a node nobody can use.
fn unlisted_nodes(sources: &[SourceFile]) -> Vec<String> {
    let Some(list) = sources.iter().find(|s| s.module == ["nodes"]) else {
        return vec!["engine/src/nodes/mod.rs is missing.".to_owned()];
    };
    // From `BUILTIN` to the end of its statement.
    let start = list
        .tokens
        .iter()
        .position(|t| t.is("BUILTIN"))
        .unwrap_or(0);
    let listed: Vec<&Token> = list
        .tokens
        .iter()
        .skip(start)
        .take_while(|t| !t.is(";"))
        .collect();
    let mut problems = Vec::new();
    for source in sources
        .iter()
        .filter(|s| layers::is_node(s) && !s.test_only)
    {
        let module = source.module.last().map_or("", String::as_str);
        for name in layers::spec_names(source) {
            let found = listed.iter().enumerate().any(|(i, token)| {
                token.is(name)
                    && (i < 2 || !listed[i - 1].is("::") || {
                        // Qualified: by its own module, or by the family that re-exports it.
                        let family = source.module.get(source.module.len().saturating_sub(2));
                        listed[i - 2].is(module) || family.is_some_and(|f| listed[i - 2].is(f))
                    })
            });
            if !found {
                problems.push(format!(
                    "{}: The node `{name}` is not in BUILTIN (engine/src/nodes/mod.rs).",
                    source.path
                ));
            }
        }
    }
    problems
}

/// Node names in string literals of modules that must work for any node.
fn quoted_node_names(sources: &[SourceFile]) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for source in sources.iter().filter(|s| layers::is_node(s)) {
        names.extend(declared_names(&source.tokens));
    }
    let mut problems = Vec::new();
    for source in sources.iter().filter(|s| !s.test_only) {
        let generic = source.module.first().is_some_and(|m| {
            ["syntax", "resolve", "graph", "render", "engine"].contains(&m.as_str())
        });
        if !generic || source.path == NAME_ADVICE {
            continue;
        }
        for token in source
            .tokens
            .iter()
            .filter(|t| t.kind == Kind::Text && !t.test)
        {
            // Built-in references are syntax of their own; resolve must know `~input` (R4.6).
            if names.contains(token.text.as_str()) && !token.text.starts_with('~') {
                problems.push(format!(
                    "{}:{}: The node name \"{}\" stands outside `nodes`; use the node's role.",
                    source.path, token.line, token.text
                ));
            }
        }
    }
    for grammar in shell::files_under(&shell::root().join("engine").join("src"), "pest")? {
        let text = shell::read(&grammar)?;
        for (i, line) in text.lines().enumerate() {
            let literals = line.split('"').skip(1).step_by(2);
            for literal in literals.filter(|l| names.contains(*l)) {
                problems.push(format!(
                    "{}:{}: The grammar names the node \"{literal}\".",
                    shell::relative(&grammar),
                    i + 1
                ));
            }
        }
    }
    Ok(problems)
}

/// Names and aliases in the `NodeSpec`s of a file.
fn declared_names(tokens: &[Token]) -> Vec<&str> {
    let mut names = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        if token.test || !tokens.get(i + 1).is_some_and(|t| t.is(":")) {
            continue;
        }
        if token.is("aliases") {
            let list = tokens.iter().skip(i + 2).take_while(|t| !t.is("]"));
            names.extend(
                list.filter(|t| t.kind == Kind::Text)
                    .map(|t| t.text.as_str()),
            );
        }
        // An argument's name is followed by its other fields as well; only the one that an
        // `aliases` field follows belongs to the node.
        if token.is("name")
            && let Some(text) = tokens.get(i + 2).filter(|t| t.kind == Kind::Text)
            && !inside_argument(tokens, i)
        {
            names.push(&text.text);
        }
    }
    names
}

/// Whether the field at `i` stands in an `ArgSpec` (or another struct) rather than in the node.
fn inside_argument(tokens: &[Token], i: usize) -> bool {
    let mut depth = 0;
    for (j, token) in tokens.iter().enumerate().take(i).rev() {
        if token.is("}") {
            depth += 1;
        } else if token.is("{") {
            if depth == 0 {
                return !(j > 0 && (tokens[j - 1].is("NodeSpec") || tokens[j - 1].is("=")));
            }
            depth -= 1;
        }
    }
    true
}

/// Uses of what the engine must do without (it also becomes WebAssembly).
fn banned_std(source: &SourceFile) -> Vec<String> {
    let mut problems = Vec::new();
    let tokens = &source.tokens;
    for (i, token) in tokens.iter().enumerate() {
        let starts = token.is("std") && tokens.get(i + 1).is_some_and(|t| t.is("::"));
        if !starts || token.test || std_allowed(&source.path, &tokens[i + 2..]) {
            continue;
        }
        let names: Vec<&Token> = match tokens.get(i + 2) {
            Some(open) if open.is("{") => {
                let end = tokens::end_of_group(tokens, i + 2);
                let mut depth = 0;
                let mut heads = Vec::new();
                for pair in tokens[i + 2..end].windows(2) {
                    if pair[0].is("{") {
                        depth += 1;
                    } else if pair[0].is("}") {
                        depth -= 1;
                    }
                    if depth == 1 && (pair[0].is("{") || pair[0].is(",")) {
                        heads.push(&pair[1]);
                    }
                }
                heads
            }
            Some(name) => vec![name],
            None => Vec::new(),
        };
        for name in names
            .into_iter()
            .filter(|n| BANNED_STD.contains(&n.text.as_str()))
        {
            problems.push(format!(
                "{}:{}: The engine uses `std::{}`; leave that to its caller.",
                source.path, name.line, name.text
            ));
        }
    }
    problems
}

/// Whether what follows `std::` is an item that this file may use.
fn std_allowed(path: &str, rest: &[Token]) -> bool {
    let [part, colons, item, after, ..] = rest else {
        return false;
    };
    STD_ALLOWED.iter().any(|(file, [p, i])| {
        path == *file && part.is(p) && colons.is("::") && item.is(i) && !after.is("::")
    })
}

fn forbidden_unsafe(path: &str, tokens: &[Token]) -> Option<String> {
    if UNSAFE_ALLOWED
        .iter()
        .any(|allowed| path.starts_with(allowed))
    {
        return None;
    }
    let token = tokens.iter().find(|t| t.is("unsafe"))?;
    Some(format!(
        "{path}:{}: `unsafe` is not allowed here.",
        token.line
    ))
}

/// Uses of the engine's modules where its root re-exports should do.
fn engine_internals(path: &str, tokens: &[Token]) -> Vec<String> {
    let mut problems = Vec::new();
    for (i, window) in tokens.windows(3).enumerate() {
        let [engine, colons, name] = window else {
            continue;
        };
        let own = i > 0 && tokens[i - 1].is("::");
        if own || engine.test || !engine.is("engine") || !colons.is("::") {
            continue;
        }
        // Modules are lower case and followed by `::`; functions are called.
        let module = tokens.get(i + 3).is_some_and(|t| t.is("::"))
            && name.text.chars().next().is_some_and(char::is_lowercase);
        if module {
            problems.push(format!(
                "{path}:{}: The plugin reaches into `engine::{}`; use a re-export of the crate's root.",
                name.line, name.text
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(module: &[&str], text: &str) -> SourceFile {
        SourceFile {
            path: format!("engine/src/{}.rs", module.join("/")),
            module: module.iter().map(|m| (*m).to_owned()).collect(),
            tokens: tokens::tokens(text),
            test_only: false,
        }
    }

    #[test]
    fn a_forgotten_node_is_found() {
        let sin = source(
            &["nodes", "osc", "sin"],
            "pub static SPEC: NodeSpec = NodeSpec { name: \"x\" };",
        );
        let saw = source(
            &["nodes", "osc", "saw"],
            "pub static SPEC: NodeSpec = NodeSpec { name: \"x\" };",
        );
        let list = source(
            &["nodes"],
            "pub static BUILTIN: &[&NodeSpec] = &[&osc::sin::SPEC];",
        );
        let found = unlisted_nodes(&[sin, saw, list]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("saw"), "{found:?}");
    }

    #[test]
    fn node_names_are_told_from_argument_names() {
        let text = r#"pub static SPEC: NodeSpec = NodeSpec { name: "lpf", aliases: &["low"],
            args: &[ArgSpec { name: "cutoff", ..ArgSpec::SIGNAL }], ..NodeSpec::PLAIN };"#;
        assert_eq!(declared_names(&tokens::tokens(text)), ["lpf", "low"]);
    }

    #[test]
    fn standard_library_parts_are_found_in_lists_too() {
        let text =
            "use std::{fs::File, collections::{HashMap, hash_map}, time}; std::thread::yield_now();
            #[cfg(test)] mod tests { use std::time::Instant; }";
        assert_eq!(banned_std(&source(&["engine"], text)).len(), 3);
    }

    #[test]
    fn an_allowed_item_is_allowed_in_its_file_only() {
        let cursor = "use std::io::Cursor;";
        let decode = ["samples", "decode"];
        assert!(banned_std(&source(&decode, cursor)).is_empty());
        assert_eq!(banned_std(&source(&["samples", "other"], cursor)).len(), 1);
        for other in [
            "use std::io::Read;",
            "use std::io::{Cursor, Read};",
            "use std::io;",
        ] {
            assert_eq!(banned_std(&source(&decode, other)).len(), 1, "{other}");
        }
    }

    #[test]
    fn unsafe_is_found_outside_its_places() {
        let code = tokens::tokens("fn f() { unsafe { g() } } // unsafe");
        assert!(forbidden_unsafe("engine/src/engine.rs", &code).is_some());
        assert!(forbidden_unsafe("engine/src/dsp/simd/avx.rs", &code).is_none());
        assert!(forbidden_unsafe("engine/src/lib.rs", &tokens::tokens("// unsafe")).is_none());
    }

    #[test]
    fn the_plugin_may_use_root_names_only() {
        let code =
            tokens::tokens("use engine::{Config, Kind}; engine::create(c); engine::graph::f();");
        assert_eq!(engine_internals("plugin/src/lib.rs", &code).len(), 1);
    }
}
