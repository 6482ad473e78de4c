//! `glisten nodes`: the registry as text, Markdown or JSON.

use std::fmt::Write;

use engine::{
    ArgKind, ArgSpec, BUILTIN, Category, Input, NodeSpec, Registry, Smoothing, Tail, Width,
};
use lexopt::prelude::*;
use serde_json::{Value as Json, json};

use super::{CliError, help, print};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Markdown,
    Json,
    Differences,
}

pub(crate) fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let mut name: Option<String> = None;
    let mut format = None;
    while let Some(arg) = parser.next()? {
        match arg {
            Long("format") => {
                let value = parser.value()?;
                format = Some(match value.to_str() {
                    Some("markdown") => Format::Markdown,
                    Some("json") => Format::Json,
                    Some("text") => Format::Text,
                    // For the compatibility page only.
                    Some("differences") => Format::Differences,
                    _ => {
                        return Err(CliError::usage(format!(
                            "--format may be text, markdown or json, not \"{}\".",
                            value.to_string_lossy()
                        )));
                    }
                });
            }
            Short('h') | Long("help") => return help(),
            Value(value) if name.is_none() => name = Some(value.to_string_lossy().into_owned()),
            other => return Err(other.unexpected().into()),
        }
    }
    let registry = Registry::new(BUILTIN);
    let format = format.unwrap_or(Format::Text);
    let Some(name) = name else {
        return print(&match format {
            Format::Text => overview(registry.nodes()),
            Format::Markdown => reference(registry.nodes()),
            Format::Json => json_text(registry.nodes().iter().map(|n| node_json(n)).collect()),
            Format::Differences => differences(registry.nodes()),
        });
    };
    let found = registry.find(&name).or_else(|| registry.family(&name));
    let Some(spec) = found else {
        return Err(CliError::usage(format!(
            "There is no node \"{name}\"; \"glisten nodes\" lists them all."
        )));
    };
    print(&match format {
        Format::Text | Format::Markdown | Format::Differences => {
            let mut text = String::new();
            node_markdown(&mut text, spec, 1);
            text
        }
        Format::Json => json_text(node_json(spec)),
    })
}

fn json_text(value: Json) -> String {
    format!("{value:#}\n")
}

/// The shelves in order, each with its nodes in the order of the registry.
fn shelves(nodes: &[&'static NodeSpec]) -> Vec<(Category, Vec<&'static NodeSpec>)> {
    let mut shelves: Vec<(Category, Vec<&'static NodeSpec>)> = Vec::new();
    for spec in nodes {
        match shelves
            .iter_mut()
            .find(|(category, _)| *category == spec.category)
        {
            Some((_, shelf)) => shelf.push(spec),
            None => shelves.push((spec.category, vec![spec])),
        }
    }
    shelves.sort_by_key(|(category, _)| *category);
    shelves
}

fn overview(nodes: &[&'static NodeSpec]) -> String {
    let width = nodes
        .iter()
        .map(|n| n.usage().chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (category, shelf) in shelves(nodes) {
        let _ = writeln!(text, "{}", category.title());
        for spec in shelf {
            let _ = writeln!(text, "  {:width$}  {}", spec.usage(), spec.summary);
        }
        text.push('\n');
    }
    text.push_str("\"glisten nodes NAME\" tells all about one node.\n");
    text
}

fn reference(nodes: &[&'static NodeSpec]) -> String {
    let mut text = String::from(
        "# Nodes\n\nWritten by `glisten nodes --format markdown` from the program itself.\n",
    );
    for (category, shelf) in shelves(nodes) {
        let _ = writeln!(text, "\n## {}\n", category.title());
        for (i, spec) in shelf.iter().enumerate() {
            if i > 0 {
                text.push('\n');
            }
            node_markdown(&mut text, spec, 3);
        }
    }
    text
}

/// How each node differs from its namesake in Glicol 0.13.5, as a table.
fn differences(nodes: &[&'static NodeSpec]) -> String {
    let mut text = String::from("| node | difference |\n|---|---|\n");
    for spec in nodes.iter().filter(|n| !n.differs.is_empty()) {
        let _ = writeln!(text, "| `{}` | {} |", spec.name, spec.differs.trim());
    }
    text
}

fn node_markdown(text: &mut String, spec: &NodeSpec, level: usize) {
    let _ = writeln!(text, "{} `{}`\n", "#".repeat(level), spec.usage());
    let _ = writeln!(text, "{}", spec.summary);
    if !spec.aliases.is_empty() {
        let names: Vec<_> = spec.aliases.iter().map(|a| format!("`{a}`")).collect();
        let _ = writeln!(text, "\nAlso written {}.", names.join(", "));
    }
    if spec.visible_args().next().is_some() {
        text.push_str(
            "\n| argument | takes | range | default | what it does |\n|---|---|---|---|---|\n",
        );
        for arg in spec.visible_args() {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                arg.name,
                kind_text(arg.kind),
                range_text(arg),
                default_text(arg),
                arg.doc
            );
        }
    }
    let _ = writeln!(text, "\n{}", facts(spec));
    if !spec.doc.is_empty() {
        let _ = writeln!(text, "\n{}", spec.doc.trim());
    }
    if !spec.differs.is_empty() {
        let _ = writeln!(
            text,
            "\nDifferent from Glicol 0.13.5: {}",
            spec.differs.trim()
        );
    }
    for example in spec.examples {
        let _ = writeln!(text, "\n```glicol\n{}\n```", example.trim());
    }
    if !spec.sources.is_empty() {
        let _ = writeln!(text, "\nSources: {}.", spec.sources.join("; "));
    }
}

/// Place in a chain, channels, latency and tail in one line.
fn facts(spec: &NodeSpec) -> String {
    let mut facts = vec![
        match spec.input {
            Input::None => "Starts a chain.",
            Input::Optional => "Starts a chain or follows a node.",
            Input::Required => "Follows a node.",
        }
        .to_owned(),
    ];
    facts.push(
        match spec.width {
            Width::Mono => "Mono.",
            Width::Stereo => "Stereo.",
            Width::Input => "As wide as its input.",
            Width::Widest => "As wide as the widest of its input and arguments.",
        }
        .to_owned(),
    );
    if spec.latency_frames > 0 {
        facts.push(format!("Late by {} frames.", spec.latency_frames));
    }
    match spec.tail {
        Tail::None | Tail::Endless => {}
        Tail::Seconds(seconds) => facts.push(format!("Rings for about {seconds} s.")),
        Tail::MillisecondsOf(index) | Tail::SecondsOf(index) => {
            let name = spec.args.get(index).map_or("", |a| a.name);
            facts.push(format!("Rings for as long as {name} says."));
        }
    }
    facts.push(format!("Since {}.", spec.since));
    facts.join(" ")
}

fn kind_text(kind: ArgKind) -> &'static str {
    match kind {
        ArgKind::Signal => "number or reference",
        ArgKind::Choice => "word",
        kind => kind.name(),
    }
}

fn bounds(arg: &ArgSpec) -> (Option<f32>, Option<f32>) {
    (
        (arg.min > f32::MIN).then_some(arg.min),
        (arg.max < f32::MAX).then_some(arg.max),
    )
}

fn default_text(arg: &ArgSpec) -> String {
    match (arg.words.first(), arg.default) {
        (Some(word), _) => format!("`{word}`"),
        (None, Some(value)) => with_unit(value, arg),
        (None, None) if arg.optional => "none".to_owned(),
        (None, None) => "must be given".to_owned(),
    }
}

fn with_unit(value: f32, arg: &ArgSpec) -> String {
    format!("{value} {}", arg.unit.symbol())
        .trim_end()
        .to_owned()
}

fn range_text(arg: &ArgSpec) -> String {
    let text = match bounds(arg) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("{min} and up"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => {
            return if arg.kind == ArgKind::Signal {
                "any"
            } else {
                ""
            }
            .to_owned();
        }
    };
    format!("{text} {}", arg.unit.symbol())
        .trim_end()
        .to_owned()
}

fn node_json(spec: &NodeSpec) -> Json {
    let args: Vec<Json> = spec
        .visible_args()
        .map(|arg| {
            let (min, max) = bounds(arg);
            let (smoothing, smoothing_ms) = match arg.smoothing {
                Smoothing::Ramp(ms) => ("ramp", Some(ms)),
                Smoothing::Jump => ("jump", None),
                Smoothing::Crossfade(ms) => ("crossfade", Some(ms)),
            };
            json!({
                "name": arg.name,
                "kind": arg.kind.name(),
                "unit": arg.unit.symbol(),
                "min": min,
                "max": max,
                "default": arg.default,
                "strict": arg.strict,
                "smoothing": smoothing,
                "smoothing_ms": smoothing_ms,
                "doc": arg.doc,
            })
        })
        .collect();
    json!({
        "name": spec.name,
        "aliases": spec.aliases,
        "category": spec.category.title(),
        "summary": spec.summary,
        "doc": spec.doc,
        "differs": spec.differs,
        "usage": spec.usage(),
        "examples": spec.examples,
        "sources": spec.sources,
        "since": spec.since,
        "upstream": spec.upstream,
        "input": match spec.input {
            Input::None => "none",
            Input::Optional => "optional",
            Input::Required => "required",
        },
        "width": match spec.width {
            Width::Mono => "mono",
            Width::Stereo => "stereo",
            Width::Input => "input",
            Width::Widest => "widest",
        },
        "latency_frames": spec.latency_frames,
        "tail": match spec.tail {
            Tail::None => json!({ "seconds": 0 }),
            Tail::Seconds(seconds) => json!({ "seconds": seconds }),
            Tail::MillisecondsOf(index) => json!({ "argument": index, "unit": "ms" }),
            Tail::SecondsOf(index) => json!({ "argument": index, "unit": "s" }),
            Tail::Endless => Json::Null,
        },
        "arguments": args,
    })
}
