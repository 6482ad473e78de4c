//! Programs of every size end in sound or in a sentence, in time that grows with the text.

mod common;

use common::Host;
use glisten_engine::{Kind, Launch};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn refused(program: &str) -> String {
    let mut host = Host::playing("out: ~input");
    let evaluation = host.engine.evaluate(program, Launch::Now);
    assert!(!evaluation.accepted);
    let first = evaluation.diagnostics.first().expect("a reason is given");
    let audio = host.render_with(1000, &[], |_| (0.25, 0.5));
    assert!(
        audio.left.iter().all(|x| *x == 0.25),
        "the program before was lost"
    );
    first.message.clone()
}

#[test]
fn an_empty_program_is_silence() {
    for text in ["", "\n\n", "// nothing\n", "   "] {
        let mut host = Host::new(Kind::Effect);
        assert!(host.evaluate(text).is_empty(), "{text:?}");
        assert_eq!(host.render_with(2000, &[], |_| (0.5, 0.5)).peak(), 0.0);
    }
}

#[test]
fn ten_thousand_lines_play() {
    let text: String = (0..9_999)
        .map(|n| format!("~c{n}: sig {}\n", f64::from(n) * 0.001))
        .collect();
    let text = format!("{text}out: mix ~c.. >> mul 0.00001");
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.evaluate(&text);
    let audio = host.render(512);
    let want: f64 = (0..9_999).map(|n| f64::from(n) * 0.001).sum::<f64>() * 0.00001;
    assert!(
        (f64::from(audio.left[511]) - want).abs() < 1e-4,
        "{} {want}",
        audio.left[511]
    );
    // A thousand audible chains that all move, and one edit among them.
    let lines = |edited: usize| {
        (0..1000)
            .map(|n| {
                let gain = if n == edited { 0.002 } else { 0.001 };
                format!("o{n}: sin {} >> lpf 900 1 >> mul {gain}\n", 50 + n)
            })
            .collect::<String>()
    };
    let mut host = Host::playing(&lines(5000));
    let _ = host.render(2048);
    host.evaluate(&lines(500));
    assert!(host.render(2048).peak() > 0.001);
}

#[test]
fn a_chain_of_fifty_thousand_nodes_is_refused_in_a_sentence() {
    let text = format!("out: sin 440{}", " >> mul 1".repeat(50_000));
    let message = refused(&text);
    assert!(
        message.contains("20000") || message.contains("20,000"),
        "{message}"
    );
    let text = format!("out: sin 440{}", " >> mul 1".repeat(15_000));
    let mut host = Host::playing(&text);
    assert!(host.render(1000).peak() > 0.5);
}

#[test]
fn a_text_of_more_than_a_mebibyte_is_refused() {
    let message = refused(&"// words\n".repeat(200_000));
    assert!(!message.is_empty());
    let text = format!("{}out: sin 440", "// words\n".repeat(100_000));
    assert!(Host::playing(&text).render(100).peak() > 0.0);
}

#[test]
fn too_much_delay_memory_is_refused() {
    let text: String = (0..200)
        .map(|n| format!("o{n}: ~input >> delayms 60000\n"))
        .collect();
    let message = refused(&text);
    assert!(
        message.contains("MiB") || message.contains("memory"),
        "{message}"
    );
}

#[test]
fn thousands_of_feedback_loops_compile() {
    let text: String = (0..3000)
        .map(|n| format!("~l{n}: ~i >> add ~l{n} >> mul 0.5\n"))
        .collect::<String>()
        + "~i: imp 1\nout: mix ~l.. >> mul 0.0001";
    let mut host = Host::new(Kind::Effect);
    host.evaluate(&text);
    assert!(host.render(256).peak() > 0.0);
    // One great loop through every chain.
    let text: String = (0..3000)
        .map(|n| format!("~l{n}: ~l{} >> mul 0.9 >> add ~i\n", (n + 1) % 3000))
        .collect::<String>()
        + "~i: imp 1\nout: ~l0 >> mul 0.001";
    let mut host = Host::new(Kind::Effect);
    host.evaluate(&text);
    assert!(host.render(256).peak() > 0.0);
}
