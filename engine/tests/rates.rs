//! The same program sounds the same at every sample rate: each node's examples are played at 44.1
//! and at 96 kHz, and their levels in octaves up to 10 kHz are compared.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::f64::consts::{LN_2, TAU};

use common::Host;
use common::spectrum::band_powers;
use glisten_engine::{BUILTIN, Kind};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const RATES: [f64; 2] = [44_100.0, 96_000.0];
const SECONDS: f64 = 3.0;
/// Octaves, the highest cut at 10 kHz.
const EDGES_HZ: [f64; 10] = [
    20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1_280.0, 2_560.0, 5_120.0, 10_000.0,
];
const TOLERANCE_DB: f64 = 0.5;
/// Bands this far below the whole are rounding, leakage or the last trace of an image.
const RANGE_DB: f64 = 40.0;

/// Why an example is not held to [`TOLERANCE_DB`].
#[derive(Clone, Copy, PartialEq)]
enum Reason {
    /// Its numbers count samples or shares of the rate, as upstream's do.
    CountsSamples,
    /// A random value per sample: level per hertz falls as the rate rises, and which values are
    /// drawn, or held, is another thing at another rate.
    RandomPerSample,
    /// Trapezoidal filters bend the frequency axis near half the rate, so slopes are steeper there
    /// at 44.1 kHz: up to this many dB in the octave up to 10 kHz.
    Bent(f64),
    /// Up to this many dB in some octave, for a reason that stands beside it.
    Up(f64),
}

/// Nodes with a reason; it holds for every example that uses one.
const EXCEPTIONS: &[(&str, Reason)] = &[
    ("noiz", Reason::RandomPerSample),
    ("noise", Reason::RandomPerSample),
    // Right per hertz, but three seconds hold few of its slow waves.
    ("brown", Reason::RandomPerSample),
    ("onepole", Reason::CountsSamples),
    ("delayn", Reason::CountsSamples),
    // Its burst is another one at another rate.
    ("pluck", Reason::RandomPerSample),
    ("sn", Reason::RandomPerSample),
    ("hh", Reason::RandomPerSample),
    ("lpf", Reason::Bent(1.1)),
    ("bpf", Reason::Bent(1.1)),
    // Its highest notch sweeps up to 12 kHz, where the axis is bent.
    ("phaser", Reason::Up(1.1)),
    ("moog", Reason::Bent(1.1)),
    // Code runs once per sample; what it counts or filters is written for one rate.
    ("eval", Reason::CountsSamples),
    ("meta", Reason::CountsSamples),
];
/// Examples with a reason of their own, by a part of their text.
const EXCEPTIONAL: &[(&str, Reason)] = &[
    // Splices fall on other frames, so the pieces of a short shifted sound overlap elsewhere.
    ("echo 250 0.7 0.5 7", Reason::Up(2.5)),
    // An impulse is one sample: it holds less as samples get shorter.
    ("imp 2 >> comb", Reason::CountsSamples),
    ("imp 2 >> apfmsgain", Reason::CountsSamples),
];

/// What `~input` hears: a sweep from 40 Hz to 9.5 kHz on the left and back on the right, alike at
/// every rate, with soft ends.
fn input(seconds: f64, rate: f64) -> Vec<(f32, f32)> {
    let octaves = (9_500.0f64 / 40.0).log2();
    let sweep = |t: f64| {
        // The integral of 40 · 2^(octaves · t).
        let cycles = 40.0 * seconds * ((octaves * t).exp2() - 1.0) / (octaves * LN_2);
        let ends = (t.min(1.0 - t) * 20.0).clamp(0.0, 1.0);
        (0.3 * (TAU * cycles).sin() * ends) as f32
    };
    let frames = (seconds * rate) as usize;
    let at = |i: usize| (i as f64 / rate / seconds).clamp(0.0, 1.0);
    (0..frames)
        .map(|i| (sweep(at(i)), sweep(1.0 - at(i))))
        .collect()
}

fn reasons(example: &str) -> Vec<Reason> {
    let words: Vec<&str> = example
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '~'))
        .collect();
    let by_name = EXCEPTIONS.iter().filter(|(name, _)| words.contains(name));
    let by_text = EXCEPTIONAL
        .iter()
        .filter(|(part, _)| example.contains(part));
    by_name.chain(by_text).map(|(_, reason)| *reason).collect()
}

fn db(power: f64) -> f64 {
    10.0 * power.max(1e-30).log10()
}

/// A difference in dB, in one octave or in all.
#[derive(Debug)]
struct Difference {
    lower_edge_hz: f64,
    db: f64,
}

/// Differences of the octaves that count, and of the whole.
fn differences(program: &str, inputs: &[Vec<(f32, f32)>; 2]) -> Vec<Difference> {
    let mut rates = RATES.iter().zip(inputs);
    let [low, high] = [(); 2].map(|()| {
        let (rate, input) = rates.next().expect("two rates");
        let mut host = Host::at_rate(Kind::Effect, *rate).without_guard();
        host.evaluate(program);
        let audio = host.render_with(input.len(), &[], |i| input[i as usize]);
        band_powers(&audio.left, &audio.right, *rate, &EDGES_HZ)
    });
    let whole = |x: &[f64]| db(x.iter().sum());
    let floor = whole(&low).max(whole(&high)) - RANGE_DB;
    let mut found: Vec<Difference> = low
        .iter()
        .zip(&high)
        .zip(EDGES_HZ)
        .filter(|((a, b), _)| db(**a).max(db(**b)) > floor)
        .map(|((a, b), lower_edge_hz)| Difference {
            lower_edge_hz,
            db: (db(*a) - db(*b)).abs(),
        })
        .collect();
    found.push(Difference {
        lower_edge_hz: EDGES_HZ[0],
        db: (whole(&low) - whole(&high)).abs(),
    });
    found
}

#[test]
fn examples_sound_alike_at_44_1_and_96_khz() {
    let inputs = RATES.map(|rate| input(SECONDS, rate));
    let mut wrong = Vec::new();
    let (mut exact, mut loose, mut left_out) = (0, 0, 0);
    for spec in BUILTIN {
        for example in spec.examples {
            let reasons = reasons(example);
            let apart = |r: &Reason| matches!(r, Reason::CountsSamples | Reason::RandomPerSample);
            if reasons.iter().any(apart) {
                left_out += 1;
                continue;
            }
            if reasons.is_empty() {
                exact += 1;
            } else {
                loose += 1;
            }
            for difference in differences(example, &inputs) {
                let top = difference.lower_edge_hz > 5_000.0;
                let allowed = reasons
                    .iter()
                    .fold(TOLERANCE_DB, |most, reason| match reason {
                        Reason::Bent(db) if top => most.max(*db),
                        Reason::Up(db) => most.max(*db),
                        _ => most,
                    });
                if difference.db > allowed {
                    wrong.push(format!("{}: {difference:.2?}: {example}", spec.name));
                }
            }
        }
    }
    println!("{exact} examples to {TOLERANCE_DB} dB, {loose} to more, {left_out} left out");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(exact > 40);
}

#[test]
fn a_difference_is_seen() {
    let inputs = RATES.map(|rate| input(SECONDS, rate));
    let worst = |program: &str| {
        let all = differences(program, &inputs);
        all.iter().fold(0.0f64, |most, d| most.max(d.db))
    };
    assert!(worst("out: ~input") < 0.2);
    // A filter by a share of the rate is another one at another rate.
    assert!(worst("out: ~input >> onepole 0.02") > 3.0);
}
