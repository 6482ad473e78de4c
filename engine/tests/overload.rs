//! A program that takes longer than real time gives way to the one before it.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::Host;
use glisten_engine::{FaultKind, Kind};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

static NOW_NS: AtomicU64 = AtomicU64::new(0);
static STEP_NS: AtomicU64 = AtomicU64::new(0);

/// A clock that advances by a set amount each time it is looked at.
fn clock() -> u64 {
    NOW_NS.fetch_add(STEP_NS.load(Ordering::Relaxed), Ordering::Relaxed)
}

#[test]
fn a_program_that_is_too_heavy_is_named_and_the_one_before_comes_back() {
    let light = "out: sig 0.25";
    let heavy =
        "out: sig 0.5 >> mul 1\nlight: sig 0\nbusy: noiz 1 >> lpf 100 1 >> lpf 200 1 >> mul 0";
    let mut host = Host::new(Kind::Effect).without_guard();
    host.renderer.set_wall_clock(Some(clock));
    host.evaluate(light);
    // 512 frames at 48 kHz are 10.7 ms; one look costs nothing.
    let _ = host.seconds(2.0);
    assert_eq!(host.engine.collect(), None);
    host.evaluate(heavy);
    // Every callback now looks at least twice: 12 ms and more.
    STEP_NS.store(12_000_000, Ordering::Relaxed);
    let _ = host.seconds(0.4);
    assert_eq!(host.engine.collect(), None, "half a second must pass first");
    let _ = host.seconds(1.2);
    let status = host.snapshot();
    assert!(status.guard.overloaded);
    assert!(status.load > 0.9, "{}", status.load);
    let fault = status.fault.expect("the costliest line is named");
    assert_eq!(fault.kind, FaultKind::Overload);
    assert!(
        fault.span.text(heavy).starts_with("busy"),
        "{}",
        fault.span.text(heavy)
    );
    assert_eq!(host.engine.collect(), Some(2));
    assert_eq!(host.engine.last_good(), Some(light));
    let audio = host.render(4800);
    assert_eq!(audio.left[4799], 0.25);
    // If even that is too heavy for this moment, there is silence, and never the heavy one again.
    for expected in [Some(3), Some(4), Some(5)] {
        let _ = host.seconds(2.0);
        assert_eq!(host.engine.collect(), expected);
        assert_eq!(host.engine.last_good(), Some(""));
    }
    STEP_NS.store(0, Ordering::Relaxed);
    assert_eq!(host.seconds(1.0).peak(), 0.0);
    // A program accepted after the heavy one is not replaced on account of it.
    host.evaluate(light);
    host.evaluate(heavy);
    STEP_NS.store(12_000_000, Ordering::Relaxed);
    let _ = host.seconds(2.0);
    host.evaluate("out: sig 0.125");
    assert_eq!(host.engine.collect(), None);
    STEP_NS.store(0, Ordering::Relaxed);
    let audio = host.seconds(1.0);
    assert_eq!(audio.left[audio.left.len() - 1], 0.125);
    // Offline there is no clock and nothing gives way.
    host.renderer.set_wall_clock(None);
    host.evaluate(heavy);
    STEP_NS.store(100_000_000, Ordering::Relaxed);
    let audio = host.seconds(2.0);
    assert_eq!(audio.left[audio.left.len() - 1], 0.5);
    assert_eq!(host.engine.collect(), None);
}
