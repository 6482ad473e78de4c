//! What must hold for any text whatever. The fuzzing package includes this file, too.

use glisten_engine::diagnostics::plain;
use glisten_engine::resolve::{Arg, Resolution, resolve};
use glisten_engine::syntax::{Ast, Parser, highlight};
use glisten_engine::text::Span;
use glisten_engine::{BUILTIN, Registry};

/// Reads a text and checks everything that is known of any text: [`assert_parsed`],
/// [`assert_resolved`], and that a second reading gives the same.
pub fn assert_sound(parser: &mut Parser, text: &str) {
    let ast = assert_parsed(parser, text);
    let registry = Registry::new(BUILTIN);
    let got = assert_resolved(&ast, text, &registry);
    let again = resolve(&Parser::new().parse(text), text, &registry);
    assert_eq!(got.diagnostics, again.diagnostics, "{text:?}");
}

/// Parses a text. A parser that has seen other texts gives the same tree as a new one, and every
/// character that is not blank has exactly one colour.
pub fn assert_parsed(parser: &mut Parser, text: &str) -> Ast {
    let ast = parser.parse(text);
    let fresh = Parser::new().parse(text);
    let pieces = |ast: &Ast| ast.placed().iter().map(|p| p.piece).collect::<Vec<_>>();
    assert_eq!(
        pieces(&ast),
        pieces(&fresh),
        "re-used pieces differ in {text:?}"
    );
    let mut done = 0;
    for token in highlight(&ast, text) {
        assert_fits(token.span, text);
        let start = token.span.start as usize;
        assert!(
            start >= done && !token.span.is_empty(),
            "{token:?} in {text:?}"
        );
        assert_blank(&text[done..start], text);
        done = token.span.end as usize;
    }
    assert_blank(&text[done..], text);
    ast
}

/// Resolves a tree: every place lies inside the text and between characters, and a program is whole.
pub fn assert_resolved(ast: &Ast, text: &str, registry: &Registry) -> Resolution {
    let got = resolve(ast, text, registry);
    for d in &got.diagnostics {
        assert_fits(d.span, text);
        d.labels.iter().for_each(|l| assert_fits(l.span, text));
        d.help
            .iter()
            .filter_map(|h| h.fix.as_ref())
            .for_each(|f| assert_fits(f.span, text));
    }
    for chain in got.program.iter().flat_map(|p| &p.chains) {
        // A user's node has its nodes where it is used; nothing reads it and nobody hears it.
        let reads_it = |arg: &Arg| match arg {
            Arg::Chain(id) => {
                std::ptr::eq(&got.program.as_ref().unwrap().chains[id.0 as usize], chain)
            }
            _ => false,
        };
        let all = got.program.iter().flat_map(|p| &p.chains);
        let mut args = all
            .flat_map(|c| &c.nodes)
            .flat_map(|n| n.args.iter().chain(&n.extra));
        assert!(
            !chain.nodes.is_empty() || !chain.audible && !args.any(reads_it),
            "{} is empty in {text:?}",
            chain.name
        );
        for node in &chain.nodes {
            let (name, args) = (node.spec.name, node.spec.args.len());
            assert_eq!(node.args.len(), args, "{name} in {text:?}");
            assert_eq!(node.arg_spans.len(), args, "{name} in {text:?}");
            assert_fits(node.span, text);
        }
    }
    assert!(!plain::render_all(&got.diagnostics, text, "x").contains('\0'));
    got
}

fn assert_fits(span: Span, text: &str) {
    assert!(span.start <= span.end, "{span:?} in {text:?}");
    assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
}

fn assert_blank(gap: &str, text: &str) {
    let blank = |c: char| c.is_whitespace() || matches!(c, ',' | '|' | '\u{FEFF}');
    assert!(gap.chars().all(blank), "{gap:?} has no colour in {text:?}");
}

/// Bits of programs and of nonsense.
pub const FRAGMENTS: &[&str] = &[
    "out",
    "~a",
    "~t..",
    "~a ~x",
    "~x",
    "_x",
    ":",
    " : ",
    "=",
    ":=",
    ";",
    ">>",
    ">",
    "->",
    " ",
    "\n",
    "\r\n",
    "\t",
    ",",
    "|",
    "//c\n",
    "# x: y\n",
    "##1+1#",
    "/* z */",
    "sin",
    "saw",
    "mul",
    "seq",
    "speed",
    "mix",
    "get",
    "440",
    "0.5",
    ".5",
    "1e3",
    "-3",
    "60_72~a",
    "60-12",
    "1.2.3",
    "6060",
    "_",
    "`",
    "\"",
    "[",
    "]",
    "(",
    ")",
    "{",
    "'bd'",
    "\\bd",
    "[0=>1 1/2=>0]*2!",
    "\"1@0\"(1)",
    "~input",
    "~input:",
    "a: sin 1",
    "\nb: ~a >> mul 0.5",
    "é",
    "音",
    "→",
    "\u{A0}",
    "\u{FEFF}",
    "\0",
    "~",
    "~~",
    "..",
    "X",
    "\u{301}",
];
