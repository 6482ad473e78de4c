//! What comes out of a program that nobody edits: null, cuts, feedback, faults, guard.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::{Audio, Cut, Host, RATE, Random, level_db, onsets};
use glisten_engine::{Event, EventKind, FaultKind, Kind};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const CUTS: [Cut; 8] = [
    Cut::Every(1),
    Cut::Every(7),
    Cut::Every(64),
    Cut::Every(127),
    Cut::Every(512),
    Cut::Every(4096),
    Cut::Random(3),
    Cut::Random(4),
];

/// Programs that between them use every node and every kind of step.
const PROGRAMS: &[&str] = &[
    "out: saw 110 >> lpf ~m 1.5 >> mul ~e\n~m: sin 0.7 >> mul 900 >> add 1200\n\
     ~e: speed 2 >> seq 60 _ 67 60_72 >> envperc 0.01 0.2",
    "~dry: ~input >> hpf 100 1 >> lpf 6000 1\n~wet: ~dry >> add ~back >> delayms 120\n\
     ~back: ~wet >> mul 0.4\no: ~dry >> add ~wet >> plate 0.3",
    "k: seq 60 60 60 60 >> bd 0.3\ns: seq _ 60 _ 60 >> sn 0.15\nh: speed 2 >> seq 60 60 60 60 >> hh 0.05",
    "a: squ ~f >> pan ~p >> mul 0.2\n~f: choose 110 220 330\n~p: tri 0.31\nb: noise 7 >> hpf 900 1.5 >> mul ~e\n\
     ~e: imp 3 >> envperc 0.001 0.15",
    "~x: sig 0.3\n~y: saw 55 >> mul ~x\nout: mix ~y ~z >> mul 0.5\n~z: balance ~y ~w\n~w: sin 220.5 >> mul 0.2",
    // Feedback without a delay, with a short one, with a moving one.
    "~a: ~i >> add ~a >> mul 0.5\n~i: imp 5\nout: ~a",
    "~d: ~i >> add ~f >> delayms 0.5\n~f: ~d >> mul 0.7\n~i: imp 5\nout: ~d",
    "~d: ~input >> add ~f >> delayms ~t\n~f: ~d >> mul 0.5\n~t: sin 0.4 >> mul 3 >> add 8\nout: ~d",
    "out: ~input >> moog 800 0.4 >> add ~p\n~p: pink >> mul 0.05",
    "~s: seq 60 ~b 64 >> mul 0.5\n~b: choose 60 62 64 67 0\nout: ~s",
];

fn test_input(frame: u64) -> (f32, f32) {
    let mut random = Random(frame.wrapping_mul(0x2545_f491_4f6c_dd1d));
    (random.signal() * 0.5, random.signal() * 0.5)
}

fn rendered(program: &str, cut: Cut, frames: usize) -> Audio {
    Host::playing(program)
        .with_cut(cut)
        .render_with(frames, &[], test_input)
}

#[test]
fn the_input_nulls_exactly_at_any_level_and_cut() {
    for cut in CUTS {
        for level in [1e-6_f32, 0.1, 1.0, 3.7, 100.0] {
            let input = |f: u64| {
                let (l, r) = test_input(f);
                (l * level, r * level)
            };
            let mut host = Host::playing("out: ~input").with_cut(cut);
            let frames = if matches!(cut, Cut::Every(1)) {
                3000
            } else {
                60_000
            };
            let audio = host.render_with(frames, &[], input);
            for f in 0..frames {
                let (l, r) = input(f as u64);
                assert_eq!(
                    audio.left[f].to_bits(),
                    l.to_bits(),
                    "{cut:?} level {level} frame {f}"
                );
                assert_eq!(
                    audio.right[f].to_bits(),
                    r.to_bits(),
                    "{cut:?} level {level} frame {f}"
                );
            }
        }
    }
}

#[test]
fn the_cut_into_blocks_changes_no_bit() {
    for program in PROGRAMS {
        let frames = 50_000;
        let reference = rendered(program, Cut::Every(512), frames);
        assert!(reference.peak() > 1e-3, "silent: {program}");
        for cut in CUTS {
            let audio = rendered(program, cut, frames);
            let difference = reference.first_difference(&audio);
            assert_eq!(difference, None, "{cut:?} differs in\n{program}");
        }
    }
}

#[test]
fn reset_starts_everything_over() {
    for program in PROGRAMS {
        let mut host = Host::playing(program);
        let first = host.render_with(30_000, &[], test_input);
        host.renderer.reset();
        host.frame = 0;
        let second = host.render_with(30_000, &[], test_input);
        assert_eq!(
            first.first_difference(&second),
            None,
            "after reset differs:\n{program}"
        );
    }
}

#[test]
fn a_delay_loop_takes_exactly_its_time() {
    // 10 ms at 48 kHz = 480 frames; upstream would need 480 + 128.
    let program = "~d: ~i >> add ~f >> delayms 10\n~f: ~d >> mul 0.5\n~i: imp 0.5\nout: ~d";
    let audio = Host::playing(program).without_guard().render(4000);
    assert_eq!(onsets(&audio.left)[..4], [480, 960, 1440, 1920]);
    assert_eq!(audio.left[480], 1.0);
    assert_eq!(audio.left[960], 0.5);
    assert_eq!(audio.left[1440], 0.25);
    assert_eq!(audio.left, audio.right);
}

#[test]
fn a_short_delay_loop_is_exact_down_to_eight_frames() {
    for (ms, frames) in [(0.25, 12), (1.0, 48), (0.166_666_67, 8)] {
        let program =
            format!("~d: ~i >> add ~f >> delayms {ms}\n~f: ~d >> mul 0.5\n~i: imp 0.5\nout: ~d");
        let audio = Host::playing(&program).without_guard().render(400);
        let found = onsets(&audio.left);
        assert_eq!(found[..3], [frames, 2 * frames, 3 * frames], "{ms} ms");
    }
}

#[test]
fn a_loop_without_delay_gets_sixty_four_frames_and_a_note() {
    let mut host = Host::new(Kind::Effect).without_guard();
    let notes = host.evaluate("~a: ~i >> add ~a >> mul 0.5\n~i: imp 0.5\nout: ~a");
    assert!(
        notes
            .iter()
            .any(|d| d.message.contains("64") || d.message.contains("~a")),
        "{notes:?}"
    );
    let audio = host.render(400);
    assert_eq!(onsets(&audio.left)[..4], [0, 64, 128, 192]);
    assert_eq!(audio.left[64], 0.25);
}

#[test]
fn a_note_reference_to_its_own_sequence_reads_the_frame_before() {
    let program = "~s: seq 60 ~h 60 ~h\n~h: ~s >> mul 60\nout: ~s";
    let audio = Host::playing(program).without_guard().render(96_000);
    // At its trigger frame the sequence itself was silent a frame ago, so the reference is a rest.
    assert_eq!(onsets(&audio.left), [0, 48_000]);
}

#[test]
fn a_fault_mutes_its_chain_and_names_its_place() {
    let text = "good: sin 440 >> mul 0.1\nbad: sin 220 >> mul 1e38 >> mul 1e38 >> lpf 500 1";
    for cut in [Cut::Every(512), Cut::Every(7)] {
        let mut host = Host::playing(text).with_cut(cut);
        let alone = Host::playing("good: sin 440 >> mul 0.1").render(20_000);
        let audio = host.render(20_000);
        assert!(audio.left.iter().all(|x| x.is_finite()));
        // From the fault on, only the good chain is heard.
        assert_eq!(audio.left[1000..], alone.left[1000..]);
        let fault = host.snapshot().fault.expect("a fault is reported");
        assert_eq!(fault.kind, FaultKind::NotFinite);
        assert_eq!(fault.span.text(text), "mul 1e38");
    }
}

#[test]
fn the_guard_keeps_the_ceiling_and_is_transparent_below_it() {
    let loud = Host::playing("out: sin 440 >> mul 5").render(48_000);
    assert!(loud.peak() <= 1.0, "{}", loud.peak());
    let free = Host::playing("out: sin 440 >> mul 5")
        .without_guard()
        .render(48_000);
    assert!(free.peak() > 4.9);
    let quiet = Host::playing("out: sin 440 >> mul 0.99").render(48_000);
    let same = Host::playing("out: sin 440 >> mul 0.99")
        .without_guard()
        .render(48_000);
    assert_eq!(quiet.first_difference(&same), None);
}

#[test]
fn the_guard_takes_a_standing_offset_away() {
    let mut host = Host::playing("out: sig 0.5");
    let audio = host.seconds(3.0);
    assert!(host.snapshot().guard.dc_blocked);
    let end = &audio.left[audio.left.len() - 4800..];
    assert!(end.iter().all(|x| x.abs() < 0.01), "{}", end[0]);
    // When the program no longer makes an offset, the blocker leaves and the input nulls again.
    host.evaluate("out: ~input");
    let _ = host.render_with(6 * 48_000, &[], test_input);
    assert!(!host.snapshot().guard.dc_blocked);
    let start = host.frame;
    let audio = host.render_with(9600, &[], test_input);
    assert!((0..9600).all(|f| audio.left[f] == test_input(start + f as u64).0));
    // The same offset on the input is the track's own and passes.
    let mut host = Host::playing("out: ~input");
    let audio = host.render_with(144_000, &[], |_| (0.5, 0.5));
    assert!(!host.snapshot().guard.dc_blocked);
    assert!(audio.left.iter().all(|x| *x == 0.5));
    // Turned down or over, it is still the track's own.
    for program in ["out: ~input >> mul 0.5", "out: ~input >> mul -1"] {
        let mut host = Host::playing(program);
        let _ = host.render_with(144_000, &[], |_| (0.5, 0.5));
        assert!(!host.snapshot().guard.dc_blocked, "{program}");
    }
}

#[test]
fn bypass_fades_to_the_exact_input_and_back() {
    let frames = 9600;
    let events = [
        Event {
            frame: 1000,
            kind: EventKind::Bypass(true),
        },
        Event {
            frame: 5000,
            kind: EventKind::Bypass(false),
        },
    ];
    let program = "out: ~input >> mul 0.25";
    for cut in CUTS {
        let audio = Host::playing(program)
            .with_cut(cut)
            .render_with(frames, &events, test_input);
        for f in 0..frames {
            let (l, _) = test_input(f as u64);
            if (1480..5000).contains(&f) {
                assert_eq!(audio.left[f].to_bits(), l.to_bits(), "{cut:?} frame {f}");
            } else if !(1000..5480).contains(&f) {
                assert_eq!(
                    audio.left[f].to_bits(),
                    (l * 0.25).to_bits(),
                    "{cut:?} frame {f}"
                );
            }
        }
    }
}

#[test]
fn output_gain_ramps_and_does_not_depend_on_the_cut() {
    let events = [Event {
        frame: 777,
        kind: EventKind::OutputGain(0.5),
    }];
    let run = |cut| {
        Host::playing("out: sig 0.02")
            .with_cut(cut)
            .render_with(4000, &events, |_| (0.0, 0.0))
    };
    let reference = run(Cut::Every(512));
    assert_eq!(reference.left[777], 0.02);
    assert!((reference.left[777 + 120] - 0.015).abs() < 1e-4);
    assert_eq!(reference.left[777 + 240], 0.01);
    for cut in CUTS {
        assert_eq!(reference.first_difference(&run(cut)), None, "{cut:?}");
    }
}

#[test]
fn what_is_not_finite_at_the_input_does_not_reach_the_program() {
    let input = |f: u64| {
        if f == 500 {
            (f32::NAN, f32::INFINITY)
        } else {
            (0.1, 0.1)
        }
    };
    let mut host = Host::playing("out: ~input >> lpf 1000 1");
    let audio = host.render_with(48_000, &[], input);
    assert!(audio.left.iter().all(|x| x.is_finite()));
    assert_eq!(host.snapshot().fault, None);
    assert!((audio.left[47_999] - 0.1).abs() < 1e-4);
}

#[test]
fn without_a_program_an_effect_passes_its_input_and_an_instrument_is_silent() {
    let mut effect = Host::new(Kind::Effect);
    let audio = effect.render_with(1000, &[], test_input);
    assert!((0..1000).all(|f| audio.left[f] == test_input(f as u64).0));
    let mut instrument = Host::new(Kind::Instrument);
    assert_eq!(instrument.render_with(1000, &[], test_input).peak(), 0.0);
}

#[test]
fn a_mono_host_hears_the_mean_of_both_sides() {
    let mut host = Host::playing("out: sin 440 >> pan 1 >> mul 0.5");
    let mut mono = vec![0.0_f32; 4800];
    host.renderer.render(glisten_engine::AudioBlock {
        channels: &mut [&mut mono],
        input_channels: 1,
        sidechain: &[],
        transport: Default::default(),
        events: &[],
    });
    let stereo = Host::playing("out: sin 440 >> pan 1 >> mul 0.5").render(4800);
    for (f, x) in mono.iter().enumerate() {
        assert_eq!(*x, 0.5 * (stereo.left[f] + stereo.right[f]));
    }
}

#[test]
fn no_output_is_subnormal() {
    let program = "out: imp 1 >> lpf 50 0.3 >> mul 1e-20";
    let audio = Host::playing(program).render(96_000);
    assert!(audio.left.iter().all(|x| *x == 0.0 || x.is_normal()));
    let audio = Host::playing("out: ~input").render_with(512, &[], |_| (1e-40, -1e-40));
    assert!(audio.left.iter().all(|x| *x == 0.0));
}

#[test]
fn a_plain_sine_has_its_frequency_and_level() {
    let audio = Host::playing("out: sin 1000 >> mul 0.5").render(48_000);
    let level = level_db(&audio.left, 1000.0, RATE);
    assert!((level - 20.0 * 0.5_f64.log10()).abs() < 0.01, "{level}");
    assert!(level_db(&audio.left, 1500.0, RATE) < -120.0);
}
