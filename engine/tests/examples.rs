//! Every example in the registry is a program that runs without a remark and sounds, with a chord held
//! for those that keys play.

mod common;

use common::{Host, RATE, Random, chord};
use glisten_engine::{BUILTIN, Kind};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

#[test]
fn every_example_compiles_clean_and_sounds() {
    let input = |f: u64| {
        let mut random = Random(f);
        (random.signal() * 0.3, random.signal() * 0.3)
    };
    let mut count = 0;
    for spec in BUILTIN {
        assert!(!spec.examples.is_empty(), "`{}` has no example", spec.name);
        for example in spec.examples {
            let mut host = Host::new(Kind::Instrument);
            let mut diagnostics = host.evaluate(example);
            // A node that warns everybody warns in its example, too.
            diagnostics.retain(|d| spec.caution.is_empty() || !d.message.contains(spec.caution));
            assert!(
                diagnostics.is_empty(),
                "{}: {example}\n{diagnostics:#?}",
                spec.name
            );
            let audio = host.render_with(96_000, &chord(RATE), input);
            assert!(audio.peak() > 1e-4, "{}: silent: {example}", spec.name);
            let finite = audio.left.iter().chain(&audio.right).all(|x| x.is_finite());
            assert!(finite, "{}: not finite: {example}", spec.name);
            assert_eq!(host.snapshot().fault, None, "{}: {example}", spec.name);
            count += 1;
        }
    }
    println!("{count} examples of {} nodes", BUILTIN.len());
}

#[test]
fn every_program_of_the_documentation_compiles_and_sounds() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let input = |f: u64| {
        let mut random = Random(f);
        (random.signal() * 0.3, random.signal() * 0.3)
    };
    let mut count = 0;
    for entry in std::fs::read_dir(docs).expect("the documentation") {
        let path = entry.expect("a folder entry").path();
        // The reference of nodes holds the examples that the test above plays.
        let generated = path.file_name().is_some_and(|n| n == "nodes.md");
        if generated || path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path)
            .expect("a page")
            .replace("\r\n", "\n");
        for block in text.split("```glicol\n").skip(1) {
            let program = block.split("```").next().unwrap_or("");
            let mut host = Host::new(Kind::Instrument);
            let diagnostics = host.evaluate(program);
            assert!(diagnostics.is_empty(), "{program}\n{diagnostics:#?}");
            let audio = host.render_with(96_000, &chord(RATE), input);
            assert!(audio.peak() > 1e-4, "silent: {program}");
            count += 1;
        }
    }
    assert!(count >= 15, "only {count} programs in the documentation");
}

#[test]
fn nothing_is_ever_left_only() {
    // Mono programs through every node that takes one input must sound alike on both sides.
    for spec in BUILTIN
        .iter()
        .filter(|s| s.name != "balance" && s.name != "pan")
    {
        for example in spec.examples {
            if example.contains("balance") || example.contains("pan") {
                continue;
            }
            let mut host = Host::new(Kind::Instrument);
            host.evaluate(example);
            let audio = host.render_with(48_000, &chord(RATE), |f| {
                let x = Random(f).signal() * 0.3;
                (x, x)
            });
            let energy = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>();
            let (left, right) = (energy(&audio.left), energy(&audio.right));
            assert!(
                right > 0.25 * left && left > 0.25 * right,
                "{}: {example}",
                spec.name
            );
        }
    }
}
