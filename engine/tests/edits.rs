//! Editing while it plays: nothing clicks, nothing untouched is reset, nothing allocates.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{Audio, Cut, Host, RATE, Random, level_db, onsets};
use glisten_engine::{
    AudioBlock, Config, Event, EventKind, HostTransport, Kind, Launch, Parts, create,
};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Highest level between 2 and 23 kHz of any stretch of 512 frames, in dB relative to the sine of
/// `frequency_hz` in it. A click has a flat spectrum; the ramp of a gain stays near the sine.
fn worst_click_db(signal: &[f32], frequency_hz: f64) -> f64 {
    let mut worst = f64::MIN;
    for part in (0..signal.len() - 512)
        .step_by(128)
        .map(|s| &signal[s..s + 512])
    {
        let sine = level_db(part, frequency_hz, RATE);
        for hz in (2000..23_000).step_by(700) {
            worst = worst.max(level_db(part, f64::from(hz), RATE) - sine);
        }
    }
    worst
}

#[test]
fn the_click_meter_sees_a_click() {
    let wave = |f: usize, phase: f64| {
        (std::f64::consts::TAU * 440.0 * f as f64 / RATE + phase).sin() as f32
    };
    let clean: Vec<f32> = (0..4800).map(|f| wave(f, 0.0)).collect();
    assert!(worst_click_db(&clean, 440.0) < -85.0);
    let jump: Vec<f32> = (0..4800)
        .map(|f| wave(f, if f < 2400 { 0.0 } else { 0.1 }))
        .collect();
    assert!(worst_click_db(&jump, 440.0) > -60.0);
}

#[test]
fn a_sine_survives_two_hundred_edits_without_a_click() {
    let mut random = Random(11);
    let mut host = Host::new(Kind::Effect).with_cut(Cut::Every(480));
    let mut audio = Audio::default();
    host.evaluate("out: sin 440 >> mul 0.3");
    audio.extend(&host.render(9600));
    for n in 0..200 {
        let gain = 0.2 + 0.002 * random.below(100) as f32;
        let neighbour = *random.pick(&["", " >> mul 0.9", " >> add 0.0", " >> mul 1 >> mul 1"]);
        let other = *random.pick(&["", "~x: saw 110 >> lpf 500 1", "~y: seq 60 62\n~z: noiz 3"]);
        host.evaluate(&format!("{other}\nout: sin 440{neighbour} >> mul {gain}"));
        audio.extend(&host.render(2400 + n));
    }
    let worst = worst_click_db(&audio.left, 440.0);
    println!("worst level between 2 and 23 kHz over 200 edits: {worst:.1} dB relative to the sine");
    assert!(worst < -60.0, "{worst} dB");
    // Phase never jumped: the last stretch is still the sine that began at frame 0.
    let n = audio.left.len();
    let (mut re, mut im) = (0.0, 0.0);
    for (i, x) in audio.left.iter().enumerate().skip(n - 2000) {
        let phase = std::f64::consts::TAU * 440.0 * i as f64 / RATE;
        re += f64::from(*x) * phase.sin();
        im += f64::from(*x) * phase.cos();
    }
    assert!(im.atan2(re).abs() < 0.02, "phase {}", im.atan2(re));
}

#[test]
fn structure_edits_of_the_chain_itself_do_not_click() {
    let programs = [
        "out: sin 440 >> mul 0.3",
        "out: sin 440 >> mul 0.3 >> lpf 5000 0.7",
        "out: sin 440 >> delayms 5 >> mul 0.3",
        "out: saw 440 >> mul 0.1",
        "~a: sin 440\nout: ~a >> mul 0.3",
        "~a: sin 440\nout: mix ~a ~b >> mul 0.2\n~b: sin 440",
        "a: sin 440 >> mul 0.1\nb: sin 440 >> mul 0.2",
        "b: sin 440 >> mul 0.2",
        "out: sin 440 >> pan 0.3 >> mul 0.3",
        "out: sin 440 >> mul ~g\n~g: sig 0.3",
        "",
    ];
    for (i, from) in programs.iter().enumerate() {
        for (k, to) in programs.iter().enumerate() {
            if i == k {
                continue;
            }
            let mut host = Host::playing(from).without_guard();
            let before = host.render(20_000);
            host.evaluate(to);
            let after = host.render(20_000);
            let mut all = before.clone();
            all.extend(&after);
            // A click is a jump between neighbours larger than any in the steady parts.
            let jump = |x: &[f32]| {
                x.windows(2)
                    .map(|w| (w[1] - w[0]).abs())
                    .fold(0.0, f32::max)
            };
            let steady = jump(&before.left[5000..]).max(jump(&after.left[5000..]));
            let edit = jump(&all.left[19_990..21_000]);
            assert!(
                edit <= steady * 1.25 + 2e-3,
                "{edit} over {steady}\n{from}\nto\n{to}"
            );
            let steady = jump(&before.right[5000..]).max(jump(&after.right[5000..]));
            let edit = jump(&all.right[19_990..21_000]);
            assert!(
                edit <= steady * 1.25 + 2e-3,
                "right: {edit} over {steady}\n{from}\nto\n{to}"
            );
        }
    }
}

#[test]
fn after_the_fade_an_edited_program_is_the_program() {
    // Programs without memory, so that the state they were edited from cannot matter.
    let programs = [
        "out: ~input >> mul 0.5",
        "out: ~input >> mul 0.5 >> add 0.1",
        "~a: ~input >> mul 0.25\nout: mix ~a ~b\n~b: noiz 4 >> mul 0.1",
        "~b: noiz 4 >> mul 0.1\nout: ~b",
        "a: ~input >> pan 0.5\nb: noiz 3 >> mul 0.1\nc: balance ~d ~e\n~d: noiz 1\n~e: ~input >> mul 0.1",
        "out: ~input >> mul ~g\n~g: sig 0.3 >> mul ~h\n~h: sig 0.5",
        "",
    ];
    let input = |f: u64| {
        let mut r = Random(f);
        (r.signal() * 0.3, r.signal() * 0.3)
    };
    for from in programs {
        for to in programs {
            let mut host = Host::playing(from);
            let _ = host.render_with(5000, &[], input);
            host.evaluate(to);
            let edited = host.render_with(5000, &[], input);
            let mut fresh = Host::playing(to);
            let _ = fresh.render_with(5000, &[], input);
            let fresh = fresh.render_with(5000, &[], input);
            assert_eq!(edited.left[1000..], fresh.left[1000..], "{from}\nto\n{to}");
            assert_eq!(
                edited.right[1000..],
                fresh.right[1000..],
                "{from}\nto\n{to}"
            );
        }
    }
}

#[test]
fn untouched_chains_are_bit_identical_with_an_unedited_run() {
    let kept =
        "~k: saw 55 >> lpf ~m 2 >> delayms 37 >> mul 0.1\n~m: sin 0.9 >> mul 300 >> add 700\n";
    for cut in [Cut::Every(512), Cut::Every(64), Cut::Random(8)] {
        let mut random = Random(5);
        let mut plain = Host::playing(&format!("{kept}a: ~k >> pan -1"))
            .with_cut(cut)
            .without_guard();
        let mut edited = Host::playing(&format!("{kept}a: ~k >> pan -1"))
            .with_cut(cut)
            .without_guard();
        for _ in 0..60 {
            let n = 1000 + random.below(2000);
            let other = random_program(&mut random, 3);
            // The other chains are panned hard right, so that the left side is the kept one alone.
            let other = other.replace("out", "~p");
            edited.evaluate(&format!("{other}\n{kept}a: ~k >> pan -1\nz: ~o0 >> pan 1"));
            let (p, e) = (plain.render(n), edited.render(n));
            assert_eq!(p.left, e.left, "{cut:?}\n{other}");
        }
    }
}

#[test]
fn evaluations_that_are_never_heard_change_nothing_for_those_that_are() {
    let kept =
        "~k: saw 55 >> lpf ~m 2 >> delayms 37 >> mul 0.1\n~m: sin 0.9 >> mul 300 >> add 700\n";
    let mut random = Random(6);
    let mut plain = Host::playing(&format!("{kept}a: ~k >> pan -1")).without_guard();
    let mut edited = Host::playing(&format!("{kept}a: ~k >> pan -1")).without_guard();
    for round in 0..150 {
        for _ in 0..random.below(4) {
            let other = random_program(&mut random, 2).replace("out", "~p");
            let text = format!("{other}\n{kept}a: ~k >> pan -1\nz: ~o0 >> pan 1");
            edited.launch(&text, *random.pick(&[Launch::Now, Launch::Beat]));
        }
        let n = 256 * random.below(8);
        let (p, e) = (plain.render(n), edited.render(n));
        assert_eq!(p.left, e.left, "round {round}");
    }
}

#[test]
fn a_thousand_evaluations_while_nothing_plays_leave_the_newest() {
    let mut host = Host::new(Kind::Instrument).without_guard();
    for n in 0..1000 {
        host.evaluate(&format!("out: sig {}", n as f32 * 0.001));
    }
    let audio = host.render(64);
    assert_eq!(audio.left[0], 999.0 * 0.001);
    assert_eq!(host.snapshot().sounding_revision, 1000);
}

#[test]
fn a_broken_program_changes_nothing() {
    let mut host = Host::playing("out: sin 440 >> mul 0.3");
    let mut plain = Host::playing("out: sin 440 >> mul 0.3");
    for broken in [
        "out: sin 440 >> lfp 3",
        "out: mul 1",
        "out: ~nope",
        "out",
        ">>",
        "out: sin 440 >> mul 0.3 >>",
    ] {
        let evaluation = host.engine.evaluate(broken, Launch::Now);
        assert!(!evaluation.accepted, "{broken}");
        assert!(!evaluation.diagnostics.is_empty());
        assert_eq!(host.render(3000), plain.render(3000), "{broken}");
    }
    assert_eq!(host.engine.last_good(), Some("out: sin 440 >> mul 0.3"));
}

#[test]
fn edits_keep_what_the_table_says() {
    // (program, edit, whether the sine in it goes on with its phase)
    let cases = [
        ("out: sin 441", "out: sin 441 >> mul 1", true),
        ("out: sin 441 >> mul 1", "out: sin 441", true),
        ("out: sin 441", "~f: sig 441\nout: sin ~f", true),
        ("~f: sig 441\nout: sin ~f", "out: sin 441", true),
        ("out: sin 441", "lead: sin 441", true),
        (
            "out: sin 441 >> mul 1 >> add 0",
            "out: add 0 >> sin 441",
            false,
        ),
        ("a: sin 441\nb: sig 0", "b: sig 0\na: sin 441", true),
        ("out: squ 441", "out: sin 441", false),
    ];
    for (from, to, kept) in cases {
        let mut host = Host::new(Kind::Effect).without_guard();
        if host.engine.evaluate(to, Launch::Now).accepted {
            host = Host::playing(from).without_guard();
            let _ = host.render(10_007);
            host.evaluate(to);
            let audio = host.render(4000);
            let at = |f: usize| (std::f64::consts::TAU * 441.0 * f as f64 / RATE).sin() as f32;
            let on = (2000..4000).all(|f| (audio.left[f] - at(10_007 + f)).abs() < 1e-3);
            assert_eq!(on, kept, "{from}\nto\n{to}");
        }
    }
}

#[test]
fn tails_and_positions_survive_edits_elsewhere() {
    // A delay line keeps its contents when its neighbours, its time or its chain's name change.
    let edits = [
        "out: ~i >> delayms 500 >> mul 1\n~i: imp 0.1",
        "lead: ~i >> delayms 500\n~i: imp 0.1",
        "out: ~i >> mul 1 >> delayms 500\n~i: imp 0.1",
        "out: ~i >> pan 0 >> delayms 500\n~i: imp 0.1",
    ];
    for to in edits {
        let mut host = Host::playing("out: ~i >> delayms 500\n~i: imp 0.1").without_guard();
        let _ = host.render(12_000);
        host.evaluate(to);
        let audio = host.render(24_000);
        assert_eq!(onsets(&audio.left), [12_000], "{to}");
        assert_eq!(onsets(&audio.right), [12_000], "{to}");
    }
    // A new time for which the line has room keeps the contents: the echo comes at the new time.
    let mut host = Host::playing("out: ~i >> delayms 100\n~i: imp 0.1").without_guard();
    let _ = host.render(2400);
    host.evaluate("out: ~i >> delayms 140\n~i: imp 0.1");
    let audio = host.render(10_000);
    assert_eq!(onsets(&audio.left), [6720 - 2400]);
    // A pattern goes on in its place when its notes change.
    let mut host = Host::playing("out: seq 60 60 60 60").without_guard();
    let _ = host.render(30_000);
    host.evaluate("out: seq 60 72 60 72");
    let audio = host.render(60_000);
    assert_eq!(onsets(&audio.left), [18_000, 42_000]);
    assert!((audio.left[42_000] - 2.0).abs() < 1e-6);
}

/// A random program of a few chains that read each other, loops included.
fn random_program(random: &mut Random, chains: usize) -> String {
    let mut text = String::new();
    for c in 0..chains {
        let reference = format!("~o{}", random.below(chains));
        let source = match random.below(7) {
            0 => format!("sin {}", 50 + random.below(900)),
            1 => format!("saw {}", 50 + random.below(900)),
            2 => format!("noiz {}", random.below(5)),
            3 => "~input".to_owned(),
            4 => "seq 60 _ 64 67".to_owned(),
            5 => reference.clone(),
            _ => format!("sig {}", random.below(10) as f32 * 0.01),
        };
        text.push_str(&format!("out{c}: {source}"));
        for _ in 0..random.below(5) {
            let other = format!("~o{}", random.below(chains));
            text.push_str(&match random.below(9) {
                0 => format!(" >> mul {}", random.below(100) as f32 * 0.01),
                1 => format!(" >> add {other}"),
                2 => format!(" >> mul {other}"),
                3 => format!(" >> lpf {} {}", 100 + random.below(3000), 1),
                4 => format!(" >> delayms {}", random.below(40)),
                5 => format!(" >> pan {}", random.below(20) as f32 * 0.1 - 1.0),
                6 => format!(" >> hpf {} 0.7", 100 + random.below(3000)),
                7 => " >> envperc 0.01 0.1".to_owned(),
                _ => format!(" >> plate {}", random.below(10) as f32 * 0.1),
            });
        }
        text.push_str(" >> mul 0.3\n");
    }
    let mut silent = text.replace("out", "~o");
    for c in 0..chains {
        silent.push_str(&format!("out{c}: ~o{c} >> mul 0.2\n"));
    }
    silent
}

#[test]
fn random_programs_are_finite_and_do_not_depend_on_the_cut() {
    let input = |f: u64| {
        let mut r = Random(f);
        (r.signal() * 0.3, r.signal() * 0.3)
    };
    let mut random = Random(21);
    for _ in 0..60 {
        let chains = 1 + random.below(6);
        let (a, b) = (
            random_program(&mut random, chains),
            random_program(&mut random, chains),
        );
        let mut host = Host::playing(&a);
        let mut other = Host::playing(&a).with_cut(Cut::Random(random.next()));
        for program in [&b, &a, &b] {
            let (x, y) = (
                host.render_with(3001, &[], input),
                other.render_with(3001, &[], input),
            );
            assert!(
                x.left
                    .iter()
                    .chain(&x.right)
                    .all(|x| x.is_finite() && x.abs() <= 1.0)
            );
            assert_eq!(x.first_difference(&y), None, "{a}\nto\n{b}");
            host.evaluate(program);
            other.evaluate(program);
        }
    }
}

#[test]
fn three_thousand_edits_against_a_running_audio_thread() {
    let kept = "~k: saw 55 >> lpf ~m 2 >> delayms 37 >> mul 0.1\n~m: sin 0.9 >> mul 300 >> add 700\na: ~k >> pan -1\n";
    let config = Config {
        sample_rate: RATE,
        kind: Kind::Effect,
        seed: 1,
    };
    let Parts {
        mut engine,
        mut renderer,
        status: _status,
    } = create(&config);
    assert!(engine.evaluate(kept, Launch::Now).accepted);
    let stop = Arc::new(AtomicBool::new(false));
    let blocks = Arc::new(AtomicU64::new(0));
    let (stop_seen, counted) = (Arc::clone(&stop), Arc::clone(&blocks));
    let audio = std::thread::spawn(move || {
        let (mut left, mut right) = (vec![0.0_f32; 256], vec![0.0_f32; 256]);
        let mut heard = Vec::new();
        // The guard hears both sides: the loud edited side would turn the kept one down.
        let unguarded = [Event {
            frame: 0,
            kind: EventKind::Guard(false),
        }];
        while !stop_seen.load(Ordering::Relaxed) {
            left.fill(0.0);
            right.fill(0.0);
            let frames = counted.load(Ordering::Relaxed) * 256;
            assert_no_alloc::assert_no_alloc(|| {
                renderer.render(AudioBlock {
                    channels: &mut [&mut left, &mut right],
                    input_channels: 2,
                    sidechain: &[],
                    transport: HostTransport {
                        playing: true,
                        tempo_bpm: Some(120.0),
                        beats: Some(frames as f64 / 24_000.0),
                        loop_beats: None,
                    },
                    events: &unguarded,
                });
            });
            counted.fetch_add(1, Ordering::Relaxed);
            heard.extend_from_slice(&left);
        }
        heard
    });
    // The first program must sound before it is edited, or the song starts without it.
    while blocks.load(Ordering::Relaxed) == 0 {
        std::thread::yield_now();
    }
    let mut random = Random(99);
    for _ in 0..3000 {
        let other = random_program(&mut random, 2);
        let other = other.replace("out", "~p");
        let text = format!("{other}{kept}z: ~o0 >> pan 1");
        let launch = *random.pick(&[Launch::Now, Launch::Now, Launch::Beat]);
        assert!(engine.evaluate(&text, launch).accepted, "{text}");
        let _ = engine.collect();
    }
    // The audio thread must have had its share before it is stopped.
    while blocks.load(Ordering::Relaxed) < 2000 {
        std::thread::yield_now();
    }
    stop.store(true, Ordering::Relaxed);
    let heard = audio
        .join()
        .expect("the audio thread neither panicked nor allocated");
    let mut plain = Host::playing(kept)
        .with_cut(Cut::Every(256))
        .without_guard();
    let plain = plain.render(heard.len());
    let first = plain
        .left
        .iter()
        .zip(&heard)
        .position(|(a, b)| a.to_bits() != b.to_bits());
    assert_eq!(
        first,
        None,
        "an untouched chain changed, of {} frames",
        heard.len()
    );
    println!(
        "{} callbacks, 3000 evaluations, 0 allocations or frees",
        heard.len() / 256
    );
}

#[test]
fn a_mix_may_fade_out_of_a_program_with_fewer_chains() {
    let mut host = Host::playing("~a: sig 0.5\n~b: sig 0.25\nout: mix ~a ~b").without_guard();
    assert!(host.render(100).left.iter().all(|x| *x == 0.75));
    host.evaluate("out: sig 0.25");
    let faded = host.render(1_000);
    assert_eq!(faded.left[999], 0.25);
    assert!(faded.left.iter().all(|x| (0.25..=0.75).contains(x)));
}
