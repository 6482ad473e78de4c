//! Keys are held while the program changes: what sounds goes on, and nothing hangs.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::sync::atomic::{AtomicU64, Ordering};

use common::keys::{
    all_off, control, express, instrument, largest_step, note_hz, off, off_channel, on, on_channel,
    wheel,
};
use common::{Audio, Cut, Host, Random};
use glisten_engine::{Event, Launch, NoteExpression};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

fn run(host: &mut Host, frames: usize, events: &[Event]) -> Audio {
    host.render_with(frames, events, |_| (0.0, 0.0))
}

/// Plays a chord, then each of the programs for `frames` frames.
fn edited(programs: &[&str], keys: &[u8], frames: usize, cut: Cut) -> Audio {
    let mut host = instrument(programs[0]).with_cut(cut);
    let chord: Vec<Event> = keys.iter().map(|k| on(10, *k)).collect();
    let mut audio = Audio::default();
    for (i, program) in programs.iter().enumerate() {
        if i > 0 {
            host.evaluate(program);
        }
        let events = if i == 0 { &chord[..] } else { &[] };
        audio.extend(&run(&mut host, frames, events));
    }
    audio
}

const VOICE: &str = "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> mul 0.1";

#[test]
fn an_edit_elsewhere_changes_no_bit_of_what_sounds() {
    let chord = [60, 64, 67];
    let program = |rest: &str| format!("{VOICE}\n{rest}");
    let before = program("b: sig 0");
    let untouched = edited(&[&before, &before, &before], &chord, 5000, Cut::Every(512));
    assert!(untouched.peak() > 0.1);
    for after in [
        program("b: sig 0 >> mul 0.5"),
        program("b: sin 100 >> mul 0"),
        program("b: sig 0\n~unused: saw ~freq"),
        // What was implied is written, and lines change places.
        program("b: sig 0").replace("mul 0.1", "mul 0.1 >> poly 8"),
        "b: sig 0\nout: saw ~freq >> mul ~env >> mul 0.1\n~env: ~gate >> adsr 0.01 0.1 0.7 0.3"
            .into(),
        program("b: sig 0 >> poly_").replace(" >> poly_", "\n~also: sig 3"),
    ] {
        for cut in [Cut::Every(512), Cut::Random(2)] {
            let audio = edited(&[&before, &after, &before], &chord, 5000, cut);
            assert_eq!(untouched.first_difference(&audio), None, "{after}");
        }
    }
}

#[test]
fn an_edit_inside_the_voices_fades_in_each_and_keeps_the_rest() {
    let chord = [60, 64, 67];
    let untouched = edited(&[VOICE; 4], &chord, 5000, Cut::Every(512));
    // A filter comes and goes: afterwards phases and envelopes are where they would be without.
    let filtered = VOICE.replace("mul ~env", "lpf 2000 1 >> mul ~env");
    let programs = [VOICE, &filtered, VOICE, VOICE];
    let audio = edited(&programs, &chord, 5000, Cut::Every(512));
    let differs: Vec<usize> = (0..20_000)
        .filter(|i| audio.left[*i].to_bits() != untouched.left[*i].to_bits())
        .collect();
    // From the edit to the end of the second fade of 480 frames.
    assert_eq!(
        (differs.first(), differs.last()),
        (Some(&5001), Some(&10_479))
    );
    // A sine without its own steps: no fade adds more than its share.
    let sine = "out: sin ~freq >> mul ~gate >> mul 0.2 >> poly 4";
    let other = "out: sin ~freq >> mul ~gate >> mul 0.2 >> lpf 8000 1 >> poly 4";
    let audio = edited(&[sine, other, sine], &chord, 5000, Cut::Every(512));
    let slope: f64 = chord
        .iter()
        .map(|k| std::f64::consts::TAU * note_hz(f64::from(*k)) / common::RATE * 0.2)
        .sum();
    let step = f64::from(largest_step(&audio.left[20..]));
    let bound = slope + 2.0 * 3.0 * 0.2 / 480.0;
    println!("largest step {step:.5}, bound {bound:.5}");
    assert!(step < bound, "{step} {bound}");
}

#[test]
fn a_number_inside_the_voices_moves_in_all_of_them() {
    let louder = VOICE.replace("mul 0.1", "mul 0.2");
    let untouched = edited(&[VOICE; 2], &[60, 64], 5000, Cut::Every(512));
    let audio = edited(&[VOICE, &louder], &[60, 64], 5000, Cut::Every(512));
    for frame in 0..10_000 {
        // 8 ms from the edit's frame on.
        let share = (frame as f32 - 5000.0).clamp(0.0, 384.0) / 384.0;
        let want = untouched.left[frame] * (1.0 + share);
        assert!((audio.left[frame] - want).abs() < 1e-6, "{frame}");
    }
}

#[test]
fn a_smaller_poly_fades_the_surplus_in_10_ms_and_a_larger_one_keeps_all() {
    let program = |n: usize| format!("out: sig 1 >> mul ~vel >> poly {n}");
    let (eight, two) = (program(8), program(2));
    let audio = edited(
        &[&eight, &two, &eight],
        &[60, 62, 64, 65, 67, 69],
        5000,
        Cut::Every(512),
    );
    let at = [4999, 5000, 5240, 5480, 9999, 14_999].map(|f| audio.left[f]);
    assert_eq!(at, [3.0, 3.0, 2.0, 1.0, 1.0, 1.0]);
    let step = largest_step(&audio.left[300..]);
    assert!((step - 2.0 / 480.0).abs() < 1e-5, "{step}");
    // The newest notes stay, and end with their keys; new ones have room.
    let mut host = instrument(&eight);
    let chord: Vec<Event> = [60, 62, 64].iter().map(|k| on(0, *k)).collect();
    let _ = run(&mut host, 1000, &chord);
    host.evaluate(&two);
    let audio = run(&mut host, 3000, &[off(1000, 60), off(2000, 62)]);
    assert_eq!([500, 1500, 2500].map(|f| audio.left[f]), [1.0, 1.0, 0.5]);
    host.evaluate(&eight);
    let more: Vec<Event> = (70..77).map(|k| on(100, k)).collect();
    let audio = run(&mut host, 1000, &more);
    assert_eq!(audio.left[999], 4.0);
}

#[test]
fn a_poly_that_shrinks_twice_while_it_plays_only_fades() {
    let program = |n: usize| format!("out: sig 1 >> mul ~vel >> poly {n}");
    let mut host = instrument(&program(64));
    let chord: Vec<Event> = (20..84).map(|k| on(0, k)).collect();
    let mut audio = run(&mut host, 1000, &chord);
    for n in [40, 7, 64, 1, 3] {
        host.evaluate(&program(n));
        // Shorter than a fade, so that the next edit comes in the middle of it.
        audio.extend(&run(&mut host, 100, &[]));
    }
    audio.extend(&run(&mut host, 1000, &[]));
    assert_eq!((audio.left[999], audio.left[2499]), (32.0, 0.5));
    // At most 63 voices of a half fall in 5 ms.
    let step = largest_step(&audio.left[300..]);
    assert!(step <= 31.5 / 240.0 * 1.01, "{step}");
}

#[test]
fn voices_that_go_with_an_edit_fade_and_new_ones_wait_for_keys() {
    let mut host = instrument("out: sig 1 >> mul ~vel >> poly 4");
    let before = run(&mut host, 1000, &[on(0, 60)]);
    assert_eq!(before.left[999], 0.5);
    host.evaluate("other: sig 1 >> mul ~vel >> mul ~gate");
    let audio = run(&mut host, 2000, &[on(1000, 62)]);
    assert_eq!(
        [0, 240, 480, 999, 1000].map(|f| audio.left[f]),
        [0.5, 0.25, 0.0, 0.0, 0.5]
    );
    host.evaluate("out: sig 0.125");
    let audio = run(&mut host, 1000, &[]);
    assert_eq!([0, 999].map(|f| audio.left[f]), [0.5, 0.125]);
}

static LOOKS: AtomicU64 = AtomicU64::new(0);
static LOOK_NS: AtomicU64 = AtomicU64::new(0);
static NOW_NS: AtomicU64 = AtomicU64::new(0);

/// A clock that counts how often it is looked at: twice for each node that is computed.
fn clock() -> u64 {
    LOOKS.fetch_add(1, Ordering::Relaxed);
    NOW_NS.fetch_add(LOOK_NS.load(Ordering::Relaxed), Ordering::Relaxed)
}

#[test]
fn a_sleeping_voice_computes_nothing() {
    let program = "~env: ~gate >> adsr 0.001 0.001 1 0.001\nout: saw ~freq >> lpf 900 1 >> mul ~env >> poly 64";
    let mut host = instrument(program).with_cut(Cut::Every(512));
    host.renderer.set_wall_clock(Some(clock));
    // A load of 70 percent for half a second turns the measurement of nodes on.
    LOOK_NS.store(7_500_000, Ordering::Relaxed);
    let _ = host.render(47 * 512);
    LOOK_NS.store(0, Ordering::Relaxed);
    let mut looks = |events: &[Event]| {
        let before = LOOKS.load(Ordering::Relaxed);
        let _ = run(&mut host, 64, events);
        LOOKS.load(Ordering::Relaxed) - before
    };
    let silent = looks(&[]);
    let one = looks(&[on(0, 60)]);
    let two = looks(&[on(0, 64)]);
    let chord: Vec<Event> = (65..75).map(|k| on(0, k)).collect();
    let twelve = looks(&chord);
    println!("looks at the clock: {silent}, {one}, {two}, {twelve}");
    // The nodes of a voice: adsr, saw, lpf, mul.
    assert_eq!(one - silent, 8);
    assert_eq!(two - silent, 16);
    assert_eq!(twelve - silent, 96);
    let _ = looks(&[all_off(0)]);
    let _ = (0..50).map(|_| looks(&[])).count();
    assert_eq!(looks(&[]), silent);
}

/// Programs of all kinds for the long run: names and structures that are kept, changed and dropped.
const PROGRAMS: [&str; 8] = [
    "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\nout: saw ~freq >> mul ~env >> mul 0.1 >> poly 8",
    "~env: ~gate >> adsr 0.01 0.1 0.7 0.2\nout: saw ~freq >> lpf 1200 1 >> mul ~env >> mul 0.1 >> poly 4 >> plate 0.1",
    "~env: ~gate >> adsr 0.02 0.1 0.7 0.05\nout: squ ~freq >> mul ~env >> mul 0.1 >> poly 1 legato 50",
    "out: sin ~freq >> mul ~vel >> mul 0.1 >> poly 16",
    "out: midi >> sawsynth 0.01 0.2 >> mul 0.1\nb: sin ~freq >> mul ~press >> mul 0.1 >> poly 2",
    "~v: tri ~freq >> mul 0.1\na: ~v >> poly 1 mono\nb: ~v >> mul ~gate >> poly 64",
    "~env: ~gate >> adsr 0.01 0.1 0.7 0.3\n~fb: mix ~out2 ~src >> delayms 10 >> mul 0.3\n~src: saw ~freq >> mul ~env >> mul 0.1\n~out2: ~fb >> mul 0.5\nout: ~fb >> poly 3",
    "out: sig 0",
];

/// Plays this many random notes with edits in between. Returns the host, the keys that are still
/// down, and the number of edits.
fn ramble(seed: u64, count: usize) -> (Host, Vec<(u8, u8)>, usize) {
    let mut random = Random(seed);
    let mut host = instrument(PROGRAMS[0]).with_cut(Cut::Random(seed));
    let (mut notes, mut edits, mut peak) = (0, 0, 0.0_f32);
    let mut down: Vec<(u8, u8)> = Vec::new();
    while notes < count {
        let frames = 200 + random.below(2000);
        let mut events = Vec::new();
        for frame in 0..frames {
            if random.below(60) != 0 {
                continue;
            }
            let channel = random.below(3) as u8;
            let key = 36 + random.below(48) as u8;
            let value = random.signal().abs();
            match random.below(12) {
                0..6 => {
                    down.push((channel, key));
                    events.push(on_channel(frame, channel, key, value));
                    notes += 1;
                }
                6..10 if !down.is_empty() => {
                    let (channel, key) = down.swap_remove(random.below(down.len()));
                    events.push(off_channel(frame, channel, key));
                }
                10 => events.push(control(frame, channel, 64, value)),
                _ => {
                    events.push(wheel(frame, channel, 2.0 * value - 1.0));
                    events.push(express(frame, key, NoteExpression::Volume, value));
                }
            }
        }
        let audio = run(&mut host, frames, &events);
        peak = peak.max(audio.peak());
        assert!(audio.left.iter().all(|x| x.is_finite()));
        if random.below(3) > 0 {
            let launch = *random.pick(&[Launch::Now, Launch::Beat]);
            let program: &str = PROGRAMS[random.below(PROGRAMS.len())];
            host.launch(program, launch);
            edits += 1;
        }
    }
    assert!(peak > 0.1);
    (host, down, edits)
}

#[test]
fn ten_thousand_random_notes_with_edits_leave_nothing_hanging() {
    let mut edits = 0;
    for seed in 1..=8 {
        let (mut host, down, some) = ramble(seed, 1250);
        edits += some;
        // Every key goes up by itself, and the pedals: what was sounding falls silent.
        let keys = down
            .iter()
            .map(|(channel, key)| off_channel(0, *channel, *key));
        let pedals = (0..3).map(|c| control(1, c, 64, 0.0));
        let _ = run(&mut host, 1000, &keys.chain(pedals).collect::<Vec<_>>());
        let _ = host.seconds(4.0);
        let rest = host.seconds(0.1).peak();
        assert!(rest < 1e-5, "{seed}: {rest}");
        assert_eq!(host.snapshot().fault, None);
        // And so does every program with keys of its own.
        for program in PROGRAMS {
            host.evaluate(program);
            let chord: Vec<Event> = (0..6).map(|k| on(0, 40 + 7 * k)).collect();
            let heard = run(&mut host, 9600, &chord).peak();
            assert_eq!(heard > 0.01, program != "out: sig 0", "{program}: {heard}");
            let _ = run(&mut host, 9600, &[all_off(0)]);
            let _ = host.seconds(4.0);
            let rest = host.seconds(0.1).peak();
            assert!(rest < 1e-5, "{seed} {program}: {rest}");
        }
    }
    println!("{edits} edits");
    assert!(edits > 500);
}
