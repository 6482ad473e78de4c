//! The same place in the song gives the same events: after a jump, in a loop, after a tempo change,
//! from a text that was just loaded. For every node that reads the song's position.

mod common;

use common::{Audio, Cut, Host, RATE, onsets};
use glisten_engine::{BUILTIN, Kind};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// What a program's output is compared by.
#[derive(Clone, Copy, PartialEq)]
enum By {
    /// Frames that are not 0, and their bits.
    Pulses,
    /// All frames, up to the rounding of a position.
    Values,
    /// Frames on which silence ends, for tones whose phase belongs to no place.
    Onsets,
}

/// For each node that reads the position, programs that show its events.
const PROGRAMS: &[(&str, By, &str)] = &[
    ("seq", By::Pulses, "out: seq 60 _ 67_72 (60 62 64)@2"),
    (
        "seq",
        By::Pulses,
        "out: speed 3 >> seq 60 {62 65 69} 60?0.4*3 _",
    ),
    (
        "seq",
        By::Pulses,
        "out: speed 1.7 >> seq 60? ~a {48 50?}\n~a: choose 60 62 0 65",
    ),
    (
        "seq",
        By::Pulses,
        "out: speed ~s >> seq 60 72 65\n~s: \"1@0 3@1 0.5@2\"(3)",
    ),
    ("imp", By::Pulses, "out: imp 1/8t"),
    ("eu", By::Pulses, "out: speed 2.5 >> eu 5 8 2"),
    ("eu", By::Pulses, "out: eu ~k 13\n~k: \"3@0 5@1 7@1.5\"(2)"),
    ("choose", By::Values, "out: choose 1 2 3 4 5 6 7 8"),
    (
        "arrange",
        By::Pulses,
        "out: arrange ~a 3 ~b 1.5\n~a: seq 60 72\n~b: speed 4 >> seq 48",
    ),
    (
        "pattern",
        By::Values,
        "out: \"0.1@0 0.2@0.3 0.4@2/3 0.3@5/4\"(3/2)",
    ),
    (
        "points",
        By::Values,
        "out: [0=>0 1/3=>1 1/2+20_ms=>0.5 1=>0]*3!",
    ),
    ("points", By::Values, "out: [0=>0 1=>1]*7"),
    ("lfo", By::Values, "out: lfo 3/4 sine"),
    ("lfo", By::Values, "out: lfo 1/8 random"),
    ("lfo", By::Values, "out: lfo 2/3 smooth -1 1"),
    ("walk", By::Values, "out: walk 1/8 0.2 0 1"),
    ("beats", By::Values, "out: beats 0.75 >> mul 0.001"),
    (
        "p_synth",
        By::Onsets,
        "out: p_synth `0 60, 1/4 64, 1.75 67`",
    ),
    (
        "psampler",
        By::Onsets,
        "out: psampler \"\\hh@0 \\hh@0.4\"(3/4)",
    ),
    ("~beat", By::Values, "out: ~beat >> mul 0.01"),
    ("~bar", By::Values, "out: ~bar >> mul 0.01"),
    ("~bpm", By::Values, "out: ~bpm >> mul 0.001"),
    ("~playing", By::Values, "out: ~playing"),
];

fn host(program: &str) -> Host {
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.evaluate(program);
    host
}

/// Frames on which sound comes after at least 20 ms of silence.
fn starts(audio: &Audio) -> Vec<usize> {
    let mut last = None;
    let mut found = Vec::new();
    for frame in onsets(&audio.left) {
        if last.is_none_or(|last| frame - last > 960) {
            found.push(frame);
        }
        last = Some(frame);
    }
    found
}

fn assert_same(by: By, got: &Audio, want: &Audio, what: &str) {
    match by {
        By::Pulses => {
            let events = |audio: &Audio| -> Vec<(usize, u32)> {
                let frames = onsets(&audio.left).into_iter();
                frames.map(|f| (f, audio.left[f].to_bits())).collect()
            };
            let want = events(want);
            assert!(want.len() > 4, "{what}: {} events", want.len());
            assert_eq!(events(got), want, "{what}");
        }
        By::Values => {
            for (frame, (got, want)) in got.left.iter().zip(&want.left).enumerate() {
                assert!(
                    (got - want).abs() < 1e-5,
                    "{what}: frame {frame}: {got} {want}"
                );
            }
        }
        By::Onsets => {
            let want = starts(want);
            assert!(want.len() > 2, "{what}: {} onsets", want.len());
            assert_eq!(starts(got), want, "{what}");
        }
    }
}

fn part(audio: &Audio, from: usize, frames: usize) -> Audio {
    Audio {
        left: audio.left[from..from + frames].to_vec(),
        right: audio.right[from..from + frames].to_vec(),
    }
}

/// Frame of the first bar line from bar 5 on, at a tempo, and the frames of four bars.
fn bar_5(tempo_bpm: f64) -> (usize, usize) {
    let bar_frames = 4.0 * 60.0 / tempo_bpm * RATE;
    (
        (4.0 * bar_frames - 1e-3).ceil() as usize,
        (4.0 * bar_frames) as usize,
    )
}

fn beat_of(frame: usize, tempo_bpm: f64) -> f64 {
    frame as f64 * tempo_bpm / 60.0 / RATE
}

#[test]
fn every_node_that_reads_the_position_is_here() {
    for spec in BUILTIN.iter().filter(|spec| spec.reads_position) {
        assert!(
            PROGRAMS.iter().any(|(name, ..)| *name == spec.name),
            "no program shows where `{}` is in the song",
            spec.name
        );
    }
}

#[test]
fn bars_5_to_8_after_a_jump_are_those_of_the_whole_song() {
    for tempo in [120.0, 133.0] {
        let (from, frames) = bar_5(tempo);
        for (name, by, program) in PROGRAMS {
            let mut whole = host(program);
            whole.tempo_bpm = tempo;
            let whole = part(&whole.render(from + frames), from, frames);
            for cut in [Cut::Every(512), Cut::Random(3)] {
                let what = format!("{name} at {tempo} BPM, {cut:?}: {program}");
                // Starting there.
                let mut fresh = host(program).with_cut(cut);
                fresh.tempo_bpm = tempo;
                fresh.start_beat = beat_of(from, tempo);
                assert_same(*by, &fresh.render(frames), &whole, &what);
                // Jumping there out of a running song.
                let mut jumped = host(program).with_cut(cut);
                jumped.tempo_bpm = tempo;
                jumped.start_beat = 101.3;
                let _ = jumped.render(7_777);
                let tail = jumped.render(0);
                assert!(tail.left.is_empty());
                jumped.start_beat = beat_of(from, tempo);
                jumped.frame = 0;
                if *by == By::Onsets {
                    // What sounded before rings on over the jump.
                    continue;
                }
                assert_same(*by, &jumped.render(frames), &whole, &what);
            }
        }
    }
}

#[test]
fn a_loop_repeats_its_events() {
    // Four beats from bar 5 on, at 120 BPM; the second pass is the first one again.
    const PASS: usize = 96_000;
    for (name, by, program) in PROGRAMS {
        for cut in [Cut::Every(500), Cut::Every(512)] {
            let mut looped = host(program).with_cut(cut);
            looped.start_beat = 16.0;
            looped.loop_beats = Some((16.0, 20.0));
            let audio = looped.render(3 * PASS);
            let first = part(&audio, 0, PASS);
            for pass in [1, 2] {
                let again = part(&audio, pass * PASS, PASS);
                let what = format!("{name}, pass {pass}, {cut:?}: {program}");
                match by {
                    By::Pulses => {
                        let bits = |a: &Audio| -> Vec<(usize, u32)> {
                            let frames = onsets(&a.left).into_iter();
                            frames.map(|f| (f, a.left[f].to_bits())).collect()
                        };
                        assert_eq!(bits(&again), bits(&first), "{what}");
                    }
                    By::Values => assert_same(*by, &again, &first, &what),
                    By::Onsets => assert_eq!(starts(&again).len(), starts(&first).len(), "{what}"),
                }
            }
        }
    }
}

#[test]
fn a_program_that_was_edited_plays_as_one_that_was_loaded() {
    for (name, by, program) in PROGRAMS.iter().filter(|(_, by, _)| *by != By::Onsets) {
        // A moving speed is read at the bar line: until then the one before the edit goes on.
        if program.contains("speed ~") {
            continue;
        }
        let mut loaded = host(program);
        loaded.start_beat = 3.5;
        let want = loaded.render(460_000);
        // Another text before it, and edits of it while it plays.
        let mut edited = host("out: seq 60 61 62 >> mul 0.5");
        edited.start_beat = 3.5;
        let _ = edited.render(20_000);
        edited.evaluate(&program.replace("out:", "other: sig 0\nout:"));
        let _ = edited.render(20_000);
        edited.evaluate(program);
        let _ = edited.render(20_000);
        let got = edited.render(400_000);
        let want = part(&want, 60_000, 400_000);
        assert_same(*by, &got, &want, &format!("{name}, edited: {program}"));
    }
}

#[test]
fn a_tempo_change_keeps_the_order_of_events() {
    // Heights of the pulses do not depend on the tempo, only their frames do.
    for (name, _, program) in PROGRAMS.iter().filter(|(_, by, _)| *by == By::Pulses) {
        let heights = |audio: &Audio| -> Vec<u32> {
            let frames = onsets(&audio.left).into_iter();
            frames.map(|f| audio.left[f].to_bits()).collect()
        };
        let mut steady = host(program);
        let want = heights(&steady.render(16 * 24_000));
        let mut changed = host(program).with_cut(Cut::Every(512));
        let mut audio = changed.render(70_001);
        // The remaining beats at 77 BPM.
        changed.start_beat = changed.beats();
        changed.tempo_bpm = 77.0;
        changed.frame = 0;
        let left = ((16.0 - changed.start_beat) * 60.0 / 77.0 * RATE) as usize;
        audio.extend(&changed.render(left));
        let got = heights(&audio);
        // `~a` in one of them is read at other places of its own grid: the events stay the same.
        assert_eq!(got, want, "{name}: {program}");
    }
}
