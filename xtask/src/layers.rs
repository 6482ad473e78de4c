//! The layer check: which module of the engine may import which.
//!
//! A module imports from lower layers and its own folder only; modules on one layer do not know
//! each other. The table is the one in ARCHITECTURE.md. Tests inside the modules are exempt: they
//! may look at the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;

use crate::shell;
use crate::tokens::{self, Kind, Token};

/// Modules of `engine/src` and their layers.
const LAYERS: &[(&str, u8)] = &[
    ("dsp", 0),
    ("midi", 0),
    ("text", 0),
    ("knob", 1),
    ("transport", 1),
    ("voice", 1),
    ("samples", 1),
    ("diagnostics", 1),
    ("processor", 2),
    ("script", 2),
    ("registry", 3),
    ("syntax", 3),
    ("nodes", 4),
    ("resolve", 4),
    ("graph", 5),
    ("render", 6),
    ("engine", 7),
];

/// One source file of the engine.
pub struct SourceFile {
    /// Path from the workspace's root.
    pub path: String,
    /// Module path inside the crate: empty for `lib.rs`.
    pub module: Vec<String>,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Whether the whole file exists in tests only.
    pub test_only: bool,
}

/// A path expression or import.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    /// Segments from the crate's root.
    target: Vec<String>,
    line: usize,
}

/// Reads all sources of the engine.
///
/// # Errors
/// A file cannot be read.
pub fn engine_sources() -> Result<Vec<SourceFile>> {
    let folder = shell::root().join("engine").join("src");
    let mut sources = Vec::new();
    for file in shell::files_under(&folder, "rs")? {
        sources.push(SourceFile {
            path: shell::relative(&file),
            module: module_of(file.strip_prefix(&folder)?),
            tokens: tokens::tokens(&shell::read(&file)?),
            test_only: false,
        });
    }
    mark_test_files(&mut sources);
    Ok(sources)
}

/// `graph/compile.rs` is `graph::compile`, `graph/mod.rs` is `graph`, `lib.rs` the root.
fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module
        .last()
        .is_some_and(|last| last == "mod" || last == "lib")
    {
        module.pop();
    }
    module
}

/// Files that a `#[cfg(test)] mod name;` declares are tests as a whole.
fn mark_test_files(sources: &mut [SourceFile]) {
    let mut test_modules = BTreeSet::new();
    for source in sources.iter() {
        for window in source.tokens.windows(3) {
            if let [keyword, name, end] = window
                && keyword.test
                && keyword.is("mod")
                && end.is(";")
            {
                let mut module = source.module.clone();
                module.push(name.text.clone());
                test_modules.insert(module);
            }
        }
    }
    for source in sources {
        let whole = source.module.as_slice();
        // Files that a `#[path]` attribute mounts are known by their names.
        let named = whole
            .last()
            .is_some_and(|name| name == "tests" || name.ends_with("_tests"));
        source.test_only = named || (1..=whole.len()).any(|n| test_modules.contains(&whole[..n]));
    }
}

/// Checks every import of the engine. Returns one sentence per offence.
///
/// # Errors
/// A file cannot be read.
pub fn check() -> Result<Vec<String>> {
    Ok(check_sources(&engine_sources()?))
}

fn check_sources(sources: &[SourceFile]) -> Vec<String> {
    let reexports = sources
        .iter()
        .find(|s| s.module.is_empty())
        .map(|root| reexports(&root.tokens))
        .unwrap_or_default();
    let nodes: BTreeSet<&[String]> = sources
        .iter()
        .filter(|s| is_node(s))
        .map(|s| s.module.as_slice())
        .collect();
    let mut problems = Vec::new();
    for source in sources {
        let Some(own) = source.module.first() else {
            continue;
        };
        if source.test_only {
            continue;
        }
        let Some(own_layer) = layer(own) else {
            problems.push(format!(
                "{}: The module `{own}` has no layer; add it to the table in xtask/src/layers.rs.",
                source.path
            ));
            continue;
        };
        let mut found = references(source);
        found.dedup();
        for reference in found {
            let place = format!("{}:{}", source.path, reference.line);
            problems.extend(
                check_reference(source, own_layer, &reference, &reexports, &nodes)
                    .map(|problem| format!("{place}: {problem}")),
            );
        }
    }
    problems
}

fn check_reference(
    source: &SourceFile,
    own_layer: u8,
    reference: &Reference,
    reexports: &BTreeMap<String, String>,
    nodes: &BTreeSet<&[String]>,
) -> Option<String> {
    let own = source.module.first()?;
    let first = reference.target.first()?;
    let target = if layer(first).is_some() {
        first
    } else {
        reexports.get(first)?
    };
    if target == own {
        let node = (1..=reference.target.len())
            .map(|n| &reference.target[..n])
            .find(|module| nodes.contains(module))?;
        let lists = !is_node(source);
        return (own == "nodes" && !lists && node != source.module.as_slice()).then(|| {
            format!(
                "A node imports the node `{}`; share through `dsp` instead.",
                node.join("::")
            )
        });
    }
    let target_layer = layer(target)?;
    if target_layer > own_layer {
        return Some(format!(
            "`{own}` (layer {own_layer}) imports `{target}` (layer {target_layer}), which lies above it."
        ));
    }
    if target_layer == own_layer {
        return Some(format!(
            "`{own}` imports `{target}`; both lie on layer {own_layer}."
        ));
    }
    if own == "render" {
        if ["syntax", "resolve", "diagnostics"].contains(&target.as_str()) {
            return Some(format!(
                "`render` imports `{target}`; the audio half knows no text."
            ));
        }
        let name = reference
            .target
            .get(1)
            .map_or(first.as_str(), String::as_str);
        if target == "text" && name != "Span" {
            return Some(format!(
                "`render` imports `text::{name}`; of `text` it may know `Span` only."
            ));
        }
    }
    None
}

fn layer(module: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, layer)| *layer)
}

/// Whether a file describes a node: it defines a `NodeSpec` with a name.
pub fn is_node(source: &SourceFile) -> bool {
    source.module.first().is_some_and(|m| m == "nodes") && !spec_names(source).is_empty()
}

/// Names of the constants of a file, outside tests, that hold a node's `NodeSpec`. Without a `name`
/// of its own a spec is only a family's template.
pub fn spec_names(source: &SourceFile) -> Vec<&str> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for (i, window) in tokens.windows(7).enumerate() {
        let [keyword, name, colon, kind, equals, _, open] = window else {
            continue;
        };
        let constant = !keyword.test && (keyword.is("static") || keyword.is("const"));
        if !(constant && colon.is(":") && kind.is("NodeSpec") && equals.is("=") && open.is("{")) {
            continue;
        }
        let mut depth = 0;
        let body = &tokens[i + 6..tokens::end_of_group(tokens, i + 6)];
        let named = body.windows(2).any(|pair| {
            if pair[0].is("{") || pair[0].is("[") || pair[0].is("(") {
                depth += 1;
            } else if pair[0].is("}") || pair[0].is("]") || pair[0].is(")") {
                depth -= 1;
            }
            depth == 1 && pair[0].is("name") && pair[1].is(":")
        });
        if named {
            found.push(name.text.as_str());
        }
    }
    found
}

/// Names that the crate's root re-exports, and the module each comes from.
fn reexports(root: &[Token]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (i, token) in root.iter().enumerate() {
        if !token.is("use") {
            continue;
        }
        let mut paths = Vec::new();
        expand(root, i + 1, &mut Vec::new(), &mut paths);
        for (path, _) in paths {
            if let (Some(module), Some(name)) = (path.first(), path.last()) {
                names.insert(name.clone(), module.clone());
            }
        }
    }
    names
}

/// All paths of a file, outside tests, that start at `crate` or climb with `super`.
fn references(source: &SourceFile) -> Vec<Reference> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    // Inline modules around the present token, each with the brace depth of its body.
    let (mut inline, mut depth) = (Vec::<(String, usize)>::new(), 0_usize);
    for (i, token) in tokens.iter().enumerate() {
        if token.is("{") {
            depth += 1;
            if i >= 2 && tokens[i - 2].is("mod") {
                inline.push((tokens[i - 1].text.clone(), depth));
            }
        } else if token.is("}") {
            inline.retain(|(_, at)| *at != depth);
            depth = depth.saturating_sub(1);
        }
        let starts = (token.is("crate") || token.is("super"))
            && tokens.get(i + 1).is_some_and(|t| t.is("::"))
            && !(i > 0 && tokens[i - 1].is("::"));
        if !starts || token.test {
            continue;
        }
        let mut here = source.module.clone();
        here.extend(inline.iter().map(|(name, _)| name.clone()));
        let mut paths = Vec::new();
        expand(tokens, i, &mut Vec::new(), &mut paths);
        for (path, line) in paths {
            found.push(Reference {
                target: absolute(&here, &path),
                line,
            });
        }
    }
    found
}

/// A path as seen from the crate's root.
fn absolute(here: &[String], path: &[String]) -> Vec<String> {
    let mut target = here.to_vec();
    for segment in path {
        match segment.as_str() {
            "crate" => target.clear(),
            "super" => drop(target.pop()),
            "self" => {}
            name => target.push(name.to_owned()),
        }
    }
    target
}

/// Collects the paths of a use tree or path expression that begins at `start`; returns where it ends.
fn expand(
    tokens: &[Token],
    start: usize,
    prefix: &mut Vec<String>,
    paths: &mut Vec<(Vec<String>, usize)>,
) -> usize {
    let depth = prefix.len();
    let mut i = start;
    while let Some(token) = tokens.get(i) {
        if token.is("{") {
            i += 1;
            while tokens.get(i).is_some_and(|t| !t.is("}")) {
                let next = expand(tokens, i, prefix, paths).max(i + 1);
                i = if tokens.get(next).is_some_and(|t| t.is(",")) {
                    next + 1
                } else {
                    next
                };
            }
            prefix.truncate(depth);
            return i + 1;
        }
        if token.kind != Kind::Word && !token.is("*") {
            break;
        }
        prefix.push(token.text.clone());
        i += 1;
        if !tokens.get(i).is_some_and(|t| t.is("::")) {
            break;
        }
        i += 1;
    }
    if prefix.len() > depth {
        let line = tokens.get(start).map_or(0, |t| t.line);
        paths.push((prefix.clone(), line));
    }
    // `as name` renames what was imported and changes no path.
    if tokens.get(i).is_some_and(|t| t.is("as")) {
        i += 2;
    }
    prefix.truncate(depth);
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, source: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            module: module_of(Path::new(path)),
            tokens: tokens::tokens(source),
            test_only: false,
        }
    }

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let mut sources: Vec<_> = files.iter().map(|(path, text)| file(path, text)).collect();
        mark_test_files(&mut sources);
        check_sources(&sources)
    }

    #[test]
    fn imports_downwards_are_fine() {
        let found = problems(&[
            (
                "graph/compile.rs",
                "use crate::{registry::Role, text::{Span, LineIndex}};",
            ),
            ("nodes/mod.rs", "use crate::nodes::osc::sin::SIN; mod osc;"),
            (
                "nodes/osc/sin.rs",
                "pub static SIN: NodeSpec = NodeSpec { name: \"sin\" }; use crate::dsp::math;",
            ),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn imports_upwards_sideways_and_through_super_are_found() {
        for (path, source) in [
            ("dsp/math.rs", "use crate::text::Span;"),
            (
                "registry/spec.rs",
                "use crate::{processor::Io, graph::Plan};",
            ),
            ("syntax/mod.rs", "fn f() { crate::registry::find() }"),
            ("nodes/osc/sin.rs", "use super::super::super::graph::Plan;"),
            (
                "nodes/mod.rs",
                "mod inner { use super::super::render::Status; }",
            ),
            ("unknown.rs", ""),
        ] {
            assert_eq!(problems(&[(path, source)]).len(), 1, "{path}: {source}");
        }
    }

    #[test]
    fn root_reexports_are_followed() {
        let root = (
            "lib.rs",
            "pub use engine::{Config, create}; pub use text::Span;",
        );
        assert_eq!(
            problems(&[root, ("render/a.rs", "use crate::{Span, Config};")]).len(),
            1
        );
    }

    #[test]
    fn render_knows_spans_only() {
        assert_eq!(
            problems(&[("render/a.rs", "use crate::text::Span;")]).len(),
            0
        );
        assert_eq!(
            problems(&[("render/a.rs", "use crate::text::{LineIndex, Span};")]).len(),
            1
        );
        assert_eq!(
            problems(&[("render/a.rs", "use crate::diagnostics::Code;")]).len(),
            1
        );
    }

    #[test]
    fn a_node_imports_no_other_node() {
        let node =
            |rest: &str| format!("pub static SPEC: NodeSpec = NodeSpec {{ name: \"x\" }}; {rest}");
        let (plain, importing) = (node(""), node("use super::sin::SPEC;"));
        let templated = node("use super::tone::TONE;");
        let sin = ("nodes/osc/sin.rs", plain.as_str());
        let saw = ("nodes/osc/saw.rs", importing.as_str());
        let list = ("nodes/osc/mod.rs", "pub use super::osc::sin::SPEC;");
        let tone = (
            "nodes/osc/tone.rs",
            "pub const TONE: NodeSpec = NodeSpec { args: &[] };",
        );
        assert_eq!(problems(&[sin, saw]).len(), 1);
        assert_eq!(problems(&[sin, list]).len(), 0);
        assert_eq!(
            problems(&[tone, ("nodes/osc/squ.rs", templated.as_str())]).len(),
            0
        );
    }

    #[test]
    fn tests_may_look_at_everything() {
        let inline = (
            "dsp/a.rs",
            "#[cfg(test)] mod tests { use crate::engine::create; }",
        );
        let parent = ("dsp/b/mod.rs", "#[cfg(test)] mod tests;");
        let child = ("dsp/b/tests.rs", "use crate::engine::create;");
        let mounted = ("transport_tests.rs", "use crate::engine::create;");
        assert_eq!(
            problems(&[inline, parent, child, mounted]),
            Vec::<String>::new()
        );
    }
}
