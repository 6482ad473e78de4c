//! Corners of what an edit keeps: feedback lines, widening, mutes, quick edits, line sizes.

mod common;

use common::{Host, onsets};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

#[test]
fn a_feedback_line_keeps_what_it_holds() {
    let program = "~a: ~i >> add ~a >> mul 0.9\n~i: imp 0.1\nout: ~a";
    let mut host = Host::playing(program).without_guard();
    let mut plain = Host::playing(program).without_guard();
    assert_eq!(host.render(672), plain.render(672));
    host.evaluate(&format!("{program}\nother: sig 0"));
    // Far beyond the fade, in which a ghost of the old line would still be heard.
    let audio = host.render(2000);
    assert_eq!(audio, plain.render(2000));
    assert!(onsets(&audio.left).len() > 25);
}

#[test]
fn a_filter_that_becomes_stereo_starts_its_right_side_from_its_left() {
    let mut host = Host::playing("out: saw 110 >> lpf 200 8 >> mul 0.3").without_guard();
    let _ = host.render(10_000);
    host.evaluate("out: saw 110 >> pan 0 >> lpf 200 8 >> mul 0.3");
    let audio = host.render(5000);
    assert!(audio.peak() > 0.05);
    assert_eq!(audio.left, audio.right);
}

#[test]
fn a_filter_that_becomes_mono_keeps_both_sides_until_the_fade_is_over() {
    let mut host = Host::playing("out: sin 110 >> pan 0.9 >> lpf 900 1 >> mul 0.3").without_guard();
    let mut all = host.render(10_000);
    host.evaluate("out: sin 110 >> lpf 900 1 >> mul 0.3");
    let after = host.render(5000);
    all.extend(&after);
    let jump = |x: &[f32]| {
        x.windows(2)
            .map(|w| (w[1] - w[0]).abs())
            .fold(0.0, f32::max)
    };
    let steady = jump(&after.right[1000..]);
    assert!(jump(&all.right[9990..10_010]) <= steady * 1.1);
    assert_eq!(after.left[1000..], after.right[1000..]);
}

#[test]
fn a_muted_chain_stays_silent_while_it_fades_out() {
    let good = "good: sin 440 >> mul 0.1";
    // Overflows on its first frame only; from then on it would give 0.5.
    let bad = "~e: imp 0.1\nbad: ~e >> mul 1e38 >> mul 1e38 >> add 0.5";
    let mut host = Host::playing(&format!("{good}\n{bad}")).without_guard();
    let mut alone = Host::playing(good).without_guard();
    assert_eq!(host.render(1000), alone.render(1000));
    assert!(host.snapshot().fault.is_some());
    host.evaluate(good);
    assert_eq!(host.render(1000), alone.render(1000));
}

#[test]
fn an_edit_during_a_fade_waits_for_its_end() {
    let mut host = Host::playing("a: sig 0.5 >> add 0").without_guard();
    let mut audio = host.render(1000);
    host.evaluate("b: sig 0.1 >> mul 1");
    audio.extend(&host.render(100));
    host.evaluate("c: sig 0.3 >> add 0.0 >> mul 1");
    audio.extend(&host.render(2000));
    let steps = audio.left.windows(2).map(|w| (w[1] - w[0]).abs());
    let largest = steps.fold(0.0, f32::max);
    // 0.4 over the 480 frames of a fade; a plan taken in its middle would jump by 0.3.
    assert!(largest < 1.01 * 0.4 / 480.0, "{largest}");
    assert_eq!(audio.left[1480], 0.1);
    assert_eq!(audio.left[2500], 0.3);
}

#[test]
fn a_kept_delay_line_is_known_by_its_real_size() {
    // 100 ms get room for 170 ms, which 140 ms keep; 250 ms need a new line.
    let program = |ms: u32| format!("out: ~i >> delayms {ms}\n~i: imp 2");
    let mut host = Host::playing(&program(100)).without_guard();
    let _ = host.render(4000);
    host.evaluate(&program(140));
    let _ = host.render(4000);
    host.evaluate(&program(250));
    let _ = host.render(40_000);
    let audio = host.render(96_000);
    let wanted: Vec<usize> = (2..6).map(|n| n * 24_000 + 12_000 - 48_000).collect();
    assert_eq!(onsets(&audio.left), wanted);
}
