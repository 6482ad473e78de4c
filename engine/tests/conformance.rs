//! What every node must obey, checked for each node of the list.

mod rig;

use std::collections::HashSet;

use assert_no_alloc::AllocDisabler;
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::registry::{
    Activity, ArgKind, ArgSpec, Category, Input, Role, Smoothing, Tail,
};
use rig::{Cuts, Form, InputFn, Setup, bits, noise, peak, pulses};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

/// Nodes that have a processor.
fn running() -> impl Iterator<Item = &'static NodeSpec> {
    BUILTIN.iter().copied().filter(|spec| spec.build.is_some())
}

/// Every node in every width it can have, with and without its optional arguments.
fn setups() -> impl Iterator<Item = Setup> {
    running().flat_map(|spec| {
        let mono = Setup::new(spec);
        let stereo = (spec.input == Input::Required).then(|| Setup::new(spec).stereo());
        let less = spec.args.iter().any(|arg| arg.optional);
        let less = less.then(|| Setup::new(spec).stereo().without_optional());
        [Some(mono), stereo, less].into_iter().flatten()
    })
}

/// Whether a node has nothing to give because its input is mono: there are no sides.
fn only_of_stereo(setup: &Setup) -> bool {
    setup.spec.name == "side" && !setup.stereo_input
}

/// Every node in every width, with every word of its choices.
fn all_words() -> impl Iterator<Item = Setup> {
    setups().flat_map(|setup| {
        let words = setup.spec.args.iter().map(|arg| arg.words.len());
        let count = words.max().unwrap_or(0).max(1);
        (0..count).map(move |choice| Setup {
            choice,
            ..setup.clone()
        })
    })
}

/// Inputs that make a node do something: noise (which also triggers), and single pulses.
const INPUTS: [InputFn<'static>; 2] = [&noise, &pulses];

/// Range of an argument, with a limit for those that have none.
fn range(arg: &ArgSpec) -> (f32, f32) {
    (
        arg.min.max(-1000.0),
        arg.max
            .min(if arg.max == f32::MAX { 1000.0 } else { arg.max }),
    )
}

#[test]
fn specs_are_complete() {
    let mut names = HashSet::new();
    for spec in BUILTIN {
        let name = spec.name;
        for word in [name].iter().chain(spec.aliases) {
            let letters = word.strip_prefix('~').unwrap_or(word);
            assert_eq!(
                word.starts_with('~'),
                spec.category == Category::Reference,
                "{word}"
            );
            assert!(
                !letters.is_empty() && letters.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{word}"
            );
            assert!(names.insert(*word), "{word} is defined twice");
        }
        assert!(
            spec.summary.ends_with('.') && spec.summary.chars().count() <= 72,
            "{name}"
        );
        assert!(
            spec.summary
                .chars()
                .next()
                .is_some_and(|c| !c.is_lowercase()),
            "{name}"
        );
        assert!(
            spec.doc.len() > 20 && !spec.doc.contains("  "),
            "{name}: {}",
            spec.doc
        );
        assert!(!spec.examples.is_empty(), "{name} has no example");
        for example in spec.examples {
            // An example of a node with a shorthand may show the shorthand.
            let shown = example.contains(name) || spec.stands_for.is_some();
            assert!(shown, "{name}: an example without it");
            assert!(
                example.contains("out:"),
                "{name}: an example without an output"
            );
        }
        assert_eq!(spec.since, "0.1.0", "{name}");
        let without = matches!(
            spec.role,
            Role::Reference
                | Role::Mix
                | Role::Constant
                | Role::Speed
                | Role::Knob
                | Role::Poly
                | Role::Controller
                | Role::Voice(_)
        );
        assert_eq!(spec.build.is_none(), without, "{name}");
        // Delays need a line; others (a comb, a loop) may have one.
        assert!(spec.reserve.is_some() || spec.role != Role::Delay, "{name}");
        let mut hidden = false;
        for (i, arg) in spec.args.iter().enumerate() {
            assert_eq!(arg.index, i, "{name} {}", arg.name);
            assert!(
                !arg.name.is_empty() && arg.doc.ends_with('.'),
                "{name} {}",
                arg.name
            );
            assert!(arg.hidden || !hidden, "{name}: hidden arguments come last");
            hidden = arg.hidden;
            assert!(
                !(arg.optional && arg.default.is_some()),
                "{name} {}",
                arg.name
            );
            assert_eq!(arg.kind == ArgKind::Choice, !arg.words.is_empty(), "{name}");
            if let Some(default) = arg.default {
                assert!(
                    arg.min <= default && default <= arg.max,
                    "{name} {}",
                    arg.name
                );
            }
            let last = spec.visible_args().count() == i + 1;
            assert!(!arg.kind.takes_rest() || last, "{name}: a list comes last");
        }
        if let Tail::MillisecondsOf(i) | Tail::SecondsOf(i) = spec.tail {
            assert!(i < spec.args.len(), "{name}");
        }
    }
}

#[test]
fn cuts_do_not_change_the_samples() {
    for setup in all_words() {
        for form in [Form::Held, Form::Reference] {
            let setup = setup.clone().form(form);
            for input in INPUTS {
                let want = bits(&setup.build().run(10_000, Cuts::Every(64), input));
                for cuts in [
                    Cuts::Every(1),
                    Cuts::Every(7),
                    Cuts::Random(1),
                    Cuts::Random(2),
                ] {
                    let got = bits(&setup.build().run(10_000, cuts, input));
                    let first = want.iter().zip(&got).position(|(a, b)| a != b);
                    assert_eq!(first, None, "{} {form:?} {cuts:?}", setup.spec.name);
                }
            }
        }
    }
}

#[test]
fn cuts_do_not_change_moving_arguments() {
    for setup in setups() {
        let setup = setup.form(Form::Reference);
        let args = |a: usize, frame: u64| {
            let (low, high) = range(&setup.spec.args[a]);
            let at = (frame % 3000) as f32 / 3000.0;
            low + (high - low) * at * at
        };
        let run = |cuts| bits(&setup.build().run_args(9_000, cuts, &noise, &args));
        let want = run(Cuts::Every(64));
        for cuts in [Cuts::Every(1), Cuts::Random(3)] {
            let first = want.iter().zip(&run(cuts)).position(|(a, b)| a != b);
            assert_eq!(first, None, "{} {cuts:?}", setup.spec.name);
        }
    }
}

#[test]
fn held_and_moving_give_the_same_bits() {
    for setup in setups() {
        // Steps at 64-frame boundaries are there for smoothed arguments only: a node that
        // cross-fades does so exactly because a number jumps.
        let smooth = |a: usize| matches!(setup.spec.args[a].smoothing, Smoothing::Ramp(_));
        for level in 0..5 {
            let args = |a: usize, frame: u64| {
                let (low, high) = range(&setup.spec.args[a]);
                let step = if smooth(a) { (frame / 640) % 5 } else { 0 };
                low + (high - low) * ((level + step) % 5) as f32 / 4.0
            };
            for input in INPUTS {
                let run = |form| {
                    let cuts = Cuts::Random(level);
                    bits(
                        &setup
                            .clone()
                            .form(form)
                            .build()
                            .run_args(6_400, cuts, input, &args),
                    )
                };
                let want = run(Form::Held);
                for form in [Form::Ramping, Form::Reference] {
                    if form == Form::Reference && setup.spec.reserve.is_some() && level > 0 {
                        // A reference may ask for less than a number: the line is shorter.
                        continue;
                    }
                    let first = want.iter().zip(&run(form)).position(|(a, b)| a != b);
                    assert_eq!(first, None, "{} {form:?} level {level}", setup.spec.name);
                }
            }
        }
    }
}

#[test]
fn a_reset_node_equals_a_new_one() {
    for setup in setups() {
        for input in INPUTS {
            let fresh = bits(&setup.build().run(8_000, Cuts::Every(64), input));
            let mut rig = setup.build();
            let args = |a: usize, frame: u64| {
                let (low, high) = range(&setup.spec.args[a]);
                if frame > 2000 { high } else { low }
            };
            rig.run_args(5_000, Cuts::Random(9), &noise, &args);
            rig.reset();
            let again = bits(&rig.run(8_000, Cuts::Every(64), input));
            let first = fresh.iter().zip(&again).position(|(a, b)| a != b);
            assert_eq!(first, None, "{}", setup.spec.name);
        }
    }
}

#[test]
fn the_random_key_decides_and_nothing_else() {
    let mut depends: HashSet<&str> = HashSet::new();
    for setup in all_words() {
        let run = |key| {
            let setup = Setup {
                random_key: key,
                ..setup.clone()
            };
            bits(&setup.build().run(20_000, Cuts::Every(64), &pulses))
        };
        assert_eq!(run(1), run(1), "{}", setup.spec.name);
        if run(1) != run(2) {
            depends.insert(setup.spec.name);
        }
    }
    for spec in running() {
        assert_eq!(depends.contains(spec.name), spec.random, "{}", spec.name);
    }
}

#[test]
fn two_instances_know_nothing_of_each_other() {
    for setup in setups() {
        let wild = |a: usize, frame: u64| {
            let (low, high) = range(&setup.spec.args[a]);
            if frame % 500 < 250 { low } else { high }
        };
        let alone = bits(&setup.build().run(4_000, Cuts::Every(64), &noise));
        let (mut one, mut other) = (setup.build(), setup.build());
        let mut beside = Vec::new();
        for _ in 0..40 {
            beside.extend(one.run(100, Cuts::Every(64), &noise));
            other.run_args(130, Cuts::Random(5), &pulses, &wild);
        }
        let first = alone.iter().zip(&bits(&beside)).position(|(a, b)| a != b);
        assert_eq!(first, None, "{}", setup.spec.name);
    }
}

#[test]
fn levels_are_sensible() {
    // Full scale in and defaults give at most 12 dB above full scale, at every rate. Control
    // signals have the scale of what they control.
    for setup in setups().filter(|s| s.spec.category != Category::Reference) {
        if matches!(setup.spec.category, Category::Control | Category::Sequencer) {
            continue;
        }
        // Noise starts every voice an instrument has at once; it is played with single triggers.
        let inputs = if setup.spec.category == Category::Instrument {
            &INPUTS[1..]
        } else {
            &INPUTS[..]
        };
        for rate in [22_050.0, 48_000.0, 96_000.0, 192_000.0] {
            for input in inputs {
                let mut rig = setup.clone().rate(rate).build();
                let peak = peak(&rig.run(20_000, Cuts::Every(64), input));
                assert!(peak <= 4.0, "{} at {rate}: {peak}", setup.spec.name);
            }
        }
    }
}

#[test]
fn extreme_arguments_stay_finite() {
    for setup in setups() {
        for rate in [22_050.0, 44_100.0, 96_000.0, 192_000.0] {
            let setup = setup.clone().rate(rate);
            let sweep = |kind: usize| {
                let spec = setup.spec;
                move |a: usize, frame: u64| {
                    let (low, high) = range(&spec.args[a]);
                    let wild = [
                        f32::NEG_INFINITY,
                        f32::INFINITY,
                        f32::NAN,
                        -1e30,
                        1e30,
                        0.0,
                        -0.0,
                        1e-41,
                    ];
                    match kind {
                        0 => low,
                        1 => high,
                        2 => low + (high - low) * (frame % 5000) as f32 / 5000.0,
                        3 => [low, high][(frame as usize + a) % 2],
                        // A square wave's zero, for one.
                        4 => -0.0,
                        _ => wild[(frame as usize / 3 + a) % wild.len()],
                    }
                }
            };
            for kind in 0..6 {
                // Operators pass on whatever they are given; all others clamp.
                if kind == 5
                    && matches!(setup.spec.category, Category::Operator | Category::Routing)
                {
                    continue;
                }
                for form in [Form::Held, Form::Reference] {
                    let setup = setup.clone().form(form);
                    let out = setup
                        .build()
                        .run_args(12_000, Cuts::Random(4), &noise, &sweep(kind));
                    let peak = peak(&out);
                    // Control signals have units, such as milliseconds.
                    let control = setup.spec.category == Category::Control;
                    // Routing may add two arguments of 1000.
                    let routing = setup.spec.category == Category::Routing;
                    let limit = match (control, routing) {
                        (true, _) => 1e5,
                        (false, true) => 2200.0,
                        (false, false) => 1100.0,
                    };
                    assert!(peak <= limit, "{} {rate} {kind}: {peak}", setup.spec.name);
                }
            }
        }
    }
}

#[test]
fn any_input_is_survived() {
    for setup in setups().filter(|s| s.spec.input == Input::Required) {
        let name = setup.spec.name;
        let constant = |x: f32| move |_: u64| [x; 2];
        let finite: [InputFn<'_>; 6] = [
            &constant(0.0),
            &constant(1.0),
            &constant(-1.0),
            &constant(1e-41),
            &constant(1e30),
            &|frame| [if frame % 100 == 0 { 1e30 } else { -1e-30 }; 2],
        ];
        for (i, input) in finite.into_iter().enumerate() {
            let out = setup.build().run(6_000, Cuts::Every(64), input);
            assert!(peak(&out).is_finite(), "{name}, input {i}");
        }
        // The renderer resets a node that gave something not finite: from there on it is new.
        let fresh = bits(&setup.build().run(6_000, Cuts::Every(64), &noise));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut rig = setup.build();
            rig.run(3_000, Cuts::Every(64), &|frame| {
                [if frame == 500 { bad } else { noise(frame)[0] }; 2]
            });
            rig.reset();
            assert_eq!(
                fresh,
                bits(&rig.run(6_000, Cuts::Every(64), &noise)),
                "{name} after {bad}"
            );
        }
    }
}

#[test]
fn silence_follows_within_the_tail() {
    for setup in setups().filter(|s| s.spec.input == Input::Required) {
        let spec = setup.spec;
        let tail = match spec.tail {
            Tail::None => 0.0,
            Tail::Seconds(s) => s,
            Tail::MillisecondsOf(i) => setup.default_of(i) * 1e-3,
            Tail::SecondsOf(i) => setup.default_of(i) + 0.01,
            Tail::Endless => continue,
        };
        if spec.name == "add" || only_of_stereo(&setup) {
            // `add` adds its argument to silence, too.
            continue;
        }
        let sounds = 24_000u64;
        let input = |frame: u64| {
            if frame < sounds {
                noise(frame)
            } else {
                [0.0; 2]
            }
        };
        let quiet = sounds as usize + (tail * 48_000.0) as usize;
        let out = setup.build().run(quiet + 4_800, Cuts::Every(64), &input);
        let (before, after) = (peak(&out[..quiet]), peak(&out[quiet..]));
        assert!(before > 0.05, "{}: {before}", spec.name);
        assert!(after <= before * 1e-3, "{}: {after} of {before}", spec.name);
    }
}

#[test]
fn every_node_gives_a_signal() {
    // What a node with a caution may be is silent: the caution says so.
    let audible = |s: &Setup| s.spec.caution.is_empty() && !only_of_stereo(s);
    for setup in setups().filter(audible) {
        let heard = INPUTS
            .iter()
            .any(|input| peak(&setup.build().run(120_000, Cuts::Every(64), input)) > 0.05);
        assert!(heard, "{} is silent", setup.spec.name);
    }
}

/// Run by [`the_allocation_checker_works`] in a process of its own.
#[test]
fn allocates_when_asked_to() {
    if std::env::var_os("GLISTEN_TEST_ALLOCATES").is_some() {
        assert_no_alloc::assert_no_alloc(|| drop(std::hint::black_box(vec![1u8; 100])));
    }
}

#[test]
fn the_allocation_checker_works() {
    let program = std::env::current_exe().expect("the test's own program");
    let run = |allocate: bool| {
        let mut command = std::process::Command::new(&program);
        command.args(["--exact", "allocates_when_asked_to"]);
        if allocate {
            command.env("GLISTEN_TEST_ALLOCATES", "1");
        }
        command.output().expect("it starts").status.success()
    };
    assert!(run(false));
    assert!(!run(true));
}

#[test]
fn cuts_do_not_change_the_samples_at_the_limits() {
    // A row of triggers in each period, as a square wave gives them, and then a while without.
    let gates = |frame: u64| [if frame % 200 < 90 { 0.9 } else { -0.9 }; 2];
    for setup in setups() {
        for high in [false, true] {
            let args = |a: usize, _: u64| {
                let (low, top) = range(&setup.spec.args[a]);
                if high { top } else { low }
            };
            let run = |cuts| bits(&setup.build().run_args(3_000, cuts, &gates, &args));
            let first = run(Cuts::Every(64))
                .iter()
                .zip(&run(Cuts::Random(6)))
                .position(|(a, b)| a != b);
            assert_eq!(first, None, "{} high {high}", setup.spec.name);
        }
    }
}

/// A program that rests leaves its nodes uncomputed. Afterwards each of them goes on as if it had
/// been computed all the time: to −120 dBFS, and to the bit where it turns by itself.
#[test]
fn a_rested_node_goes_on_as_a_computed_one() {
    const SILENT_FROM: u64 = 20_000;
    const RESTS_FROM: u64 = 240_000;
    const WAKES: u64 = 251_003;
    let mut count = 0;
    for setup in setups() {
        let spec = setup.spec;
        if matches!(spec.activity(), Activity::Always | Activity::WithSong) {
            continue;
        }
        // At this rate the silence before the rest is longer than any tail.
        let setup = setup.rate(16_000.0);
        let input = |frame: u64| match frame {
            SILENT_FROM..WAKES => [0.0; 2],
            _ => noise(frame).map(|x| 0.3 * x),
        };
        let frames = |from: u64, to: u64| (to - from) as usize;
        let cuts = Cuts::Every(64);
        let mut rested = setup.build();
        rested.run(RESTS_FROM as usize, cuts, &input);
        rested
            .processors
            .iter_mut()
            .for_each(|p| p.rest(WAKES - RESTS_FROM));
        rested.frame = WAKES;
        let got = rested.run(20_000, cuts, &input);
        let mut computed = setup.build();
        computed.run(RESTS_FROM as usize, cuts, &input);
        let silence = computed.run(frames(RESTS_FROM, WAKES), cuts, &input);
        let want = computed.run(20_000, cuts, &input);
        let far = |(x, y): (&[f32; 2], &[f32; 2])| (0..2).any(|c| (x[c] - y[c]).abs() > 1e-6);
        let first = got.iter().zip(&want).position(far);
        // What has not come to rest by then would have kept the program awake.
        let driven = spec.activity() == Activity::Driven;
        let moves = |x: &[f32; 2]| (0..2).any(|c| (x[c] - silence[0][c]).abs() > 1e-6);
        if !(driven && silence.iter().any(moves)) {
            count += 1;
            assert_eq!(first, None, "{} {}", spec.name, setup.stereo_input);
        }
    }
    assert!(count > 100, "{count}");
}
