//! The language suite: programs in text files with the diagnostics they give, and properties that
//! hold for any text.
//!
//! A case in `tests/language/*.txt`:
//!
//! ```text
//! --- unknown-node ---
//! out: saw 110 >> lfp 800 1
//! ! E030 1:17-1:20 No node is called `lfp`. (Use `lpf`?)
//! ```
//!
//! Lines that begin with `! ` list all diagnostics in order; `! ok` stands for none. A header
//! `--- name crlf ---` gives the program Windows line ends. `UPDATE_EXPECT=1 cargo test` rewrites
//! the expectations; read the difference before keeping it. The engine is that of an instrument;
//! `--- name effect ---` asks an effect's.

mod any_text;
#[path = "common/bank.rs"]
mod bank;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use any_text::{FRAGMENTS, assert_sound};
use glisten_engine::diagnostics::{Problem, locate};
use glisten_engine::nodes::BUILTIN;
use glisten_engine::registry::{FixedArg, NoteValue};
use glisten_engine::resolve::{self, Resolution, resolve};
use glisten_engine::samples::{MemoryBank, Sample, SampleBank, SampleError};
use glisten_engine::syntax::{MAX_TEXT_BYTES, Parser, Pattern, Points, TermKind, highlight};
use glisten_engine::text::{LineIndex, Span};
use glisten_engine::{Config, Diagnostic, Kind, Registry, Severity, create};
use proptest::prelude::*;

/// Codes of problems that no program gives by its text alone: a node that refuses to be built, a
/// range that is not what it was, and
/// faults while it runs. Their own tests produce them.
const RUN_TIME: [&str; 4] = ["E066", "E070", "E071", "N205"];

/// Codes whose programs are too big for a text file; tests below produce them.
const BIG_PROGRAMS: [&str; 7] = ["E001", "E049", "E056", "E063", "E064", "E081", "N202"];

fn registry() -> Registry {
    Registry::new(BUILTIN)
}

fn check(text: &str) -> Resolution {
    resolve(&Parser::new().parse(text), text, &registry())
}

/// All that is told of a text, the graph's diagnostics included.
fn told_of(text: &str) -> Vec<String> {
    told_by(Kind::Instrument, text)
}

fn told_by(kind: Kind, text: &str) -> Vec<String> {
    let config = Config {
        sample_rate: 48_000.0,
        kind,
        seed: 1,
    };
    let mut engine = create(&config).engine;
    engine.set_samples(Box::new(Bank(bank::sounds())));
    told(&engine.check(text), text)
}

/// The sounds of the tests, and one that cannot be read.
struct Bank(MemoryBank);

impl SampleBank for Bank {
    fn names(&self) -> Vec<String> {
        let mut names = self.0.names();
        names.push("damaged".to_owned());
        names
    }

    fn load(&mut self, name: &str, sample_rate: f64) -> Result<Arc<Sample>, SampleError> {
        if name == "damaged" {
            return Err(SampleError("It is damaged.".to_owned()));
        }
        self.0.load(name, sample_rate)
    }
}

fn codes(text: &str) -> Vec<&'static str> {
    check(text).diagnostics.iter().map(|d| d.code.0).collect()
}

struct Case {
    header: String,
    name: String,
    program: String,
    expected: Vec<String>,
}

fn suite_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/language");
    let entries = std::fs::read_dir(folder).expect("the suite's folder");
    let mut files: Vec<PathBuf> = entries
        .map(|e| e.expect("a folder entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    assert!(files.len() > 3, "the suite is gone");
    files
}

fn cases(file: &Path) -> (String, Vec<Case>) {
    let text = std::fs::read_to_string(file).expect("a case file");
    let mut preface = String::new();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        let header = line
            .strip_prefix("--- ")
            .and_then(|l| l.strip_suffix(" ---"));
        match (header, cases.last_mut()) {
            (Some(header), _) => cases.push(Case {
                header: header.to_owned(),
                name: header.split(' ').next().unwrap_or("").to_owned(),
                program: String::new(),
                expected: Vec::new(),
            }),
            (None, None) => preface.push_str(&format!("{line}\n")),
            (None, Some(case)) => match line.strip_prefix("! ") {
                Some(expected) => case.expected.push(expected.to_owned()),
                None if case.expected.is_empty() => {
                    let end = if case.header.ends_with(" crlf") {
                        "\r\n"
                    } else {
                        "\n"
                    };
                    case.program.push_str(line);
                    case.program.push_str(end);
                }
                None => assert!(line.is_empty(), "text after the expectations: {line}"),
            },
        }
    }
    (preface, cases)
}

fn told(diagnostics: &[Diagnostic], text: &str) -> Vec<String> {
    if diagnostics.is_empty() {
        return vec!["ok".to_owned()];
    }
    let index = LineIndex::new(text);
    let line = |d: &Diagnostic| {
        let at = locate(d, text, &index);
        let help = at.help.map_or(String::new(), |h| format!(" ({h})"));
        let place = format!(
            "{}:{}-{}:{}",
            at.line, at.column, at.end_line, at.end_column
        );
        format!("{} {place} {}{help}", at.code, at.message)
    };
    diagnostics.iter().map(line).collect()
}

fn each_case(mut visit: impl FnMut(&Path, &Case)) {
    for file in suite_files() {
        for case in cases(&file).1 {
            visit(&file, &case);
        }
    }
}

#[test]
fn every_case_gives_its_diagnostics() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = String::new();
    let mut names = BTreeSet::new();
    for file in suite_files() {
        let (preface, cases) = cases(&file);
        let mut rewritten = preface;
        for case in &cases {
            assert!(
                names.insert(case.name.clone()),
                "two cases are called {}",
                case.name
            );
            let kind = match case.header.ends_with(" effect") {
                true => Kind::Effect,
                false => Kind::Instrument,
            };
            let got = told_by(kind, &case.program);
            if got != case.expected {
                let (want, got) = (case.expected.join("\n  "), got.join("\n  "));
                writeln!(
                    failures,
                    "{}\n expected:\n  {want}\n got:\n  {got}",
                    case.name
                )
                .unwrap();
            }
            let program = case.program.replace("\r\n", "\n");
            writeln!(
                rewritten,
                "--- {} ---\n{program}! {}\n",
                case.header,
                got.join("\n! ")
            )
            .unwrap();
        }
        if update {
            std::fs::write(&file, format!("{}\n", rewritten.trim_end()))
                .expect("rewriting a case file");
        }
    }
    assert!(update || failures.is_empty(), "{failures}");
}

#[test]
fn every_code_has_a_case() {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    each_case(|_, case| {
        seen.extend(
            case.expected
                .iter()
                .filter_map(|e| Some(e.split(' ').next()?.to_owned())),
        );
    });
    seen.remove("ok");
    seen.extend(
        RUN_TIME
            .iter()
            .chain(&BIG_PROGRAMS)
            .map(|c| (*c).to_owned()),
    );
    let all: BTreeSet<String> = Problem::CODES
        .iter()
        .map(|(c, _)| (*c).to_owned())
        .collect();
    assert_eq!(all.len(), Problem::CODES.len(), "a code is listed twice");
    let missing: Vec<_> = all.difference(&seen).collect();
    let unknown: Vec<_> = seen.difference(&all).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "without case: {missing:?}, unlisted: {unknown:?}"
    );
}

/// Problems of [`RUN_TIME`], for the checks of texts and codes.
fn run_time_problems() -> Vec<Problem> {
    vec![
        Problem::NotBuilt {
            node: "delayms".into(),
            reason: "Its line is too long.".into(),
        },
        Problem::NotFinite { node: "lpf".into() },
        Problem::Overload,
        Problem::KnobReshaped {
            name: "cutoff".into(),
        },
    ]
}

#[test]
fn codes_and_severities_agree() {
    let problems = run_time_problems();
    let got: BTreeSet<&str> = problems.iter().map(|p| p.code().0).collect();
    assert_eq!(got, RUN_TIME.into_iter().collect());
    for problem in problems {
        let letter = match problem.severity() {
            Severity::Error => "E",
            Severity::Warning => "W",
            Severity::Note => "N",
        };
        assert!(problem.code().0.starts_with(letter), "{problem:?}");
    }
}

#[test]
fn texts_are_short_plain_sentences() {
    let judge = |d: &Diagnostic, case: &str| {
        let help = d.help.as_ref().map_or("", |h| h.text.as_str());
        for text in [d.message.as_str(), help]
            .into_iter()
            .filter(|t| !t.is_empty())
        {
            // What stands in backticks is the user's text, or code to type.
            let outside: String = text.split('`').step_by(2).collect::<Vec<_>>().join("x");
            assert!(!outside.contains('!'), "{case}: {text}");
            assert!(outside.ends_with(['.', '?', 'x']), "{case}: {text}");
            for sentence in outside.split(['.', '?']) {
                let words = sentence.split_whitespace().count();
                assert!(words <= 14, "{case}: {words} words in: {text}");
            }
        }
    };
    each_case(|_, case| {
        for d in check(&case.program).diagnostics {
            judge(&d, &case.name);
        }
    });
    for problem in run_time_problems() {
        judge(&problem.at(Span::at(0)), "run time");
    }
}

#[test]
fn a_program_is_given_exactly_without_errors() {
    each_case(|_, case| {
        let got = check(&case.program);
        let has_errors = got
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error);
        assert_eq!(got.program.is_none(), has_errors, "{}", case.name);
    });
}

#[test]
fn newcomers_get_an_answer_with_advice() {
    let mut programs = 0;
    each_case(|file, case| {
        if file.file_stem().is_none_or(|stem| stem != "newcomers") {
            return;
        }
        programs += 1;
        let got = check(&case.program).diagnostics;
        let told = told_of(&case.program);
        assert_ne!(told, ["ok"], "{} is told nothing", case.name);
        for diagnostic in got {
            let advice = diagnostic.help.map_or(0, |help| help.text.len());
            assert!(advice > 0, "{}: {}", case.name, diagnostic.message);
        }
    });
    assert!(programs >= 200, "only {programs} programs of newcomers");
}

#[test]
fn every_fix_solves_its_problem() {
    let mut fixes = 0;
    each_case(|_, case| {
        let before = check(&case.program).diagnostics;
        for diagnostic in &before {
            let Some(fix) = diagnostic.help.as_ref().and_then(|h| h.fix.as_ref()) else {
                continue;
            };
            let mut text = case.program.clone();
            text.replace_range(fix.span.range(), &fix.replacement);
            let same = |d: &&Diagnostic| d.code == diagnostic.code;
            let (was, is) = (
                before.iter().filter(same).count(),
                check(&text).diagnostics.iter().filter(same).count(),
            );
            assert!(
                is < was,
                "{}: {} stays after its fix:\n{text}",
                case.name,
                diagnostic.code.0
            );
            fixes += 1;
        }
    });
    assert!(fixes > 20, "only {fixes} fixes in the suite");
}

#[test]
fn the_tables_of_missing_names_are_tidy() {
    assert_eq!(resolve::stale_names(&registry()), Vec::<&str>::new());
}

#[test]
fn every_example_of_a_node_is_clean() {
    for spec in BUILTIN {
        for example in spec.examples {
            let mut got = told_of(example);
            if !spec.caution.is_empty() {
                // It warns everybody, its example too.
                got.retain(|line| !line.contains(spec.caution));
                got.push("ok".to_owned());
            }
            assert_eq!(got, ["ok"], "example of {}: {example}", spec.name);
        }
    }
}

#[test]
fn patterns_have_exact_times() {
    let program = check("out: seq 60 _62_ ~a64 >> bd 0.1\n~a: sig 67")
        .program
        .expect("a program");
    let notes = program
        .chains
        .iter()
        .flat_map(|c| &c.nodes)
        .find_map(|node| {
            node.args.iter().find_map(|arg| match arg {
                resolve::Arg::Fixed(FixedArg::Notes(notes)) => {
                    Some((notes.clone(), node.extra.clone()))
                }
                _ => None,
            })
        });
    let (notes, extra) = notes.expect("notes");
    let got: Vec<(f64, NoteValue)> = notes.events.iter().map(|e| (e.at, e.value)).collect();
    let expected = [
        (0.0, NoteValue::Midi(60.0)),
        (4.0 / 9.0, NoteValue::Midi(62.0)),
        (4.0 / 6.0, NoteValue::Reference(0)),
        (5.0 / 6.0, NoteValue::Midi(64.0)),
    ];
    assert_eq!(got, expected);
    assert_eq!(extra, [resolve::Arg::Chain(resolve::ChainId(1))]);
}

/// The speed that the sequencer of the first chain gets.
fn speed_of(text: &str) -> resolve::Arg {
    let program = check(text).program.expect("a program");
    let chain = program.chains.first().expect("a chain");
    let node = chain.nodes.first().expect("a node");
    let hidden = node
        .spec
        .args
        .iter()
        .position(|a| a.hidden)
        .expect("a hidden argument");
    node.args[hidden].clone()
}

#[test]
fn a_speed_becomes_an_argument_of_its_sequencer() {
    let number = resolve::Arg::Number;
    assert_eq!(speed_of("o: seq 60 >> bd 0.1"), number(1.0));
    assert_eq!(speed_of("o: speed 2 >> seq 60 >> bd 0.1"), number(2.0));
    assert_eq!(
        speed_of("o: ~s >> seq 60 >> bd 0.1\n~s: speed 4"),
        number(4.0)
    );
    assert_eq!(
        speed_of("o: ~r >> seq 60 >> bd 0.1\n~r: ~s\n~s: speed 4"),
        number(4.0)
    );
    let by_reference = speed_of("o: speed ~k >> seq 60 >> bd 0.1\n~k: sig 3");
    assert_eq!(by_reference, resolve::Arg::Chain(resolve::ChainId(1)));
}

#[test]
fn mix_takes_each_match_once_and_never_itself() {
    let text = "~t_mix: mix ~t..\nout: ~t_mix\n~t2: sin 1\n~tb: sin 2\n~t1: sin 3";
    let program = check(text).program.expect("a program");
    let mix = &program.chains[0].nodes[0];
    let ids = [2, 3, 4].map(resolve::ChainId).to_vec();
    assert_eq!(mix.args, [resolve::Arg::Refs(ids)]);
}

#[test]
fn built_in_references_become_chains_at_the_end() {
    let program = check("out: ~input >> mul ~bpm >> mul ~input")
        .program
        .expect("a program");
    let names: Vec<&str> = program.chains.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["out", "~input", "~bpm"]);
    assert!(program.chains.iter().all(|c| !c.nodes.is_empty()));
    let own = check("out: ~bpm >> mul 0.5\n~bpm: sin 3")
        .program
        .expect("a program");
    assert_eq!(
        own.chains.len(),
        2,
        "a user's chain wins over a built-in reference"
    );
}

#[test]
fn a_text_over_the_limit_is_one_diagnostic() {
    let text = "o: sin 440\n".repeat(MAX_TEXT_BYTES / 11 + 1);
    assert_eq!(codes(&text), ["E001"]);
    assert!(highlight(&Parser::new().parse(&text), &text).is_empty());
}

#[test]
fn a_text_at_the_limit_is_read() {
    let line = "o: sin 440 >> mul 0.25\n";
    let text = line.repeat(MAX_TEXT_BYTES / line.len());
    let got = check(&text);
    assert_eq!(
        got.program.map(|p| p.chains.len()),
        None,
        "over 20,000 nodes"
    );
    let words = "out: seq ".to_owned() + &"60 ".repeat(300_000);
    assert_eq!(codes(&words), ["E049"]);
}

#[test]
fn long_patterns_and_envelopes_are_one_diagnostic() {
    let pattern = |n: usize| format!("out: sig \"{}\"(1)", "1@0 ".repeat(n));
    let envelope = |n: usize| format!("out: [{}]", "0=>1 ".repeat(n));
    assert_eq!(codes(&pattern(4097)), ["E056"]);
    assert_eq!(codes(&envelope(4097)), ["E056"]);
    assert!(codes(&pattern(4096)).is_empty() && codes(&envelope(4096)).is_empty());
}

#[test]
fn a_chain_of_fifty_thousand_nodes_is_one_diagnostic() {
    let text = format!("out: sin 440{}", " >> mul 0.5".repeat(50_000));
    assert_eq!(codes(&text), ["E063"]);
    let fits = format!("out: sin 440{}", " >> mul 0.5".repeat(19_999));
    assert_eq!(
        check(&fits).program.map(|p| p.chains[0].nodes.len()),
        Some(20_000)
    );
}

#[test]
fn ten_thousand_lines_are_a_program() {
    let mut text = String::new();
    for i in 0..10_000 {
        writeln!(text, "a{i}: sin {i} >> mul 0.01").unwrap();
    }
    assert_eq!(check(&text).program.map(|p| p.chains.len()), Some(10_000));
}

#[test]
fn references_by_prefix_cannot_explode() {
    let mut text = String::new();
    for i in 0..3000 {
        writeln!(text, "~a{i}: mix ~a..").unwrap();
    }
    text.push_str("out: mix ~a..\n");
    assert_eq!(codes(&text), ["E064"]);
}

#[test]
fn a_flood_of_errors_is_cut_short() {
    let text = "x: nonsense 1 >> rubbish\n".repeat(5000);
    let got = check(&text);
    assert!(got.diagnostics.len() <= 2 * resolve::MAX_LISTED + 1);
    let last = got.diagnostics.last().expect("a last diagnostic");
    assert_eq!(last.code.0, "N202");
    assert_eq!(last.message, "14799 more problems are not listed.");
}

#[test]
fn broken_delimiters_end_at_the_next_definition() {
    for open in ["`", "\"", "["] {
        let text = format!("a: sin {open} 1\n  more\nb: sin 2\nc: sinn 3");
        let got = told(&check(&text).diagnostics, &text);
        assert_eq!(got.len(), 2, "{got:?}");
        assert!(got[0].starts_with("E011 1:8-1:9"), "{got:?}");
        assert!(got[1].starts_with("E030 4:4-4:8"), "{got:?}");
    }
}

#[test]
fn colours_tell_the_kinds_of_words_apart() {
    let text = "out: ~a >> lpf 300 q// c\n~a: seq 60_~b ~b >> sp \\bd `x` { ; p = sin";
    let classes: Vec<(String, &str)> = highlight(&Parser::new().parse(text), text)
        .iter()
        .map(|t| (format!("{:?}", t.class), t.span.text(text)))
        .collect();
    let classes: Vec<(&str, &str)> = classes.iter().map(|(c, t)| (c.as_str(), *t)).collect();
    let expected = [
        ("OutputName", "out"),
        ("Operator", ":"),
        ("Reference", "~a"),
        ("Operator", ">>"),
        ("Node", "lpf"),
        ("Number", "300"),
        ("Reference", "q"),
        ("Comment", "// c"),
        ("Reference", "~a"),
        ("Operator", ":"),
        ("Node", "seq"),
        ("Number", "60"),
        ("Rest", "_"),
        ("Reference", "~b"),
        ("Reference", "~b"),
        ("Operator", ">>"),
        ("Node", "sp"),
        ("Symbol", "\\bd"),
        ("Script", "`x`"),
        ("Error", "{"),
        ("Operator", ";"),
        ("OutputName", "p"),
        ("Operator", "="),
        ("Node", "sin"),
    ];
    assert_eq!(classes, expected);
}

/// The first argument of the only node of a program.
fn first_argument(text: &str) -> TermKind {
    let ast = Parser::new().parse(text);
    let (_, statement) = ast.statements().next().expect("a statement");
    let node = statement.nodes.first().expect("a node");
    node.args.first().expect("an argument").kind.clone()
}

#[test]
fn envelopes_and_patterns_are_read() {
    let TermKind::Points(points) = first_argument("o: x [0=>0 1/4=>1.5, 1/2-100_ms=>.2]*(3/4)!")
    else {
        panic!("no envelope")
    };
    let Points {
        points,
        bars,
        looped,
    } = *points;
    let points: Vec<_> = points
        .iter()
        .map(|p| (p.time, p.offset_seconds, p.value))
        .collect();
    assert_eq!(
        points,
        [(0.0, 0.0, 0.0), (0.25, 0.0, 1.5), (0.5, -0.1, 0.2)]
    );
    assert_eq!((bars, looped), (Some(0.75), true));

    let TermKind::Pattern(pattern) = first_argument("o: x \"60@0 \\bd@0.5\"(2)") else {
        panic!("no pattern")
    };
    let Pattern { events, span_bars } = *pattern;
    assert_eq!(
        events.iter().map(|e| e.time_bars).collect::<Vec<_>>(),
        [0.0, 0.5]
    );
    assert_eq!(span_bars, Some(2.0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_sound(text in any::<String>()) {
        assert_sound(&mut Parser::new(), &text);
    }

    #[test]
    fn any_mixture_is_sound(parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40)) {
        assert_sound(&mut Parser::new(), &parts.concat());
    }

    #[test]
    fn any_row_of_edits_is_sound(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(FRAGMENTS)),
            1..12,
        )
    ) {
        let mut text = String::from(
            "// start\nout: mix ~a ~b..\n~a: speed 2 >> seq 60 _ ~k62\n  // inside\n  >> bd 0.2\n\n\
             ~b1: saw 110 >> lpf ~l 2; ~b2: sin 440 >>\n mul 0.5\n~l: sin 0.1 >> mul 100\n~k: sig 60\n",
        );
        let mut parser = Parser::new();
        assert_sound(&mut parser, &text);
        for (place, length, replacement) in edits {
            let floor = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = floor(place.index(text.len() + 1));
            let end = floor((start + length).min(text.len())).max(start);
            text.replace_range(start..end, replacement);
            assert_sound(&mut parser, &text);
        }
    }
}
