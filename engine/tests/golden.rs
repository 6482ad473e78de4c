//! Sound cases: text files with a program and the features of its sound.
//!
//! A case is `--- name ---`, the program, and expected lines that begin with `!`. Lines that begin
//! with `@` say how it is played:
//!
//! ```text
//! @ seconds 2          length (1)
//! @ bpm 90             tempo (120)
//! @ from 3.5           first beat (0)
//! @ rate 44100         frames per second (48000)
//! @ input noise        what `~input` hears: silence (default), noise, impulse, sine
//! @ notes 57@0.1-0.7   keys held from one second to another, as many as there are words
//! @ bend 0.5@0.3       the pitch wheel (-1 to 1) from a second on, as often as there are words
//! @ cc 64 1@0.2 0@0.9  a controller (0 to 1) from a second on, as often as there are words
//! @ edit 0.5           the lines below are the program from that second on
//! ```
//!
//! `nodes.txt` holds the first example of every node; the programs in it are written from the specs.
//!
//! `UPDATE_EXPECT=1 cargo test --test golden` writes the expected lines anew; a changed sound needs
//! a line under "Sound" in the changelog.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::spectrum::transform;
use common::{Audio, Cut, Host, Random, held_key, onsets};
use glisten_engine::resolve::resolve;
use glisten_engine::{BUILTIN, Event, EventKind, Kind, MidiEvent, NodeSpec, Parser, Registry};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Levels may differ by this much.
const LEVEL_TOLERANCE_DB: f64 = 0.05;
/// Samples may differ by this much of the case's peak: −60 dB.
const SAMPLE_TOLERANCE: f64 = 1e-3;
/// Levels below this are shown as silence.
const FLOOR_DB: f64 = -120.0;
/// Upper edges of the bands whose levels are compared, in Hz.
const BANDS_HZ: [f64; 6] = [120.0, 480.0, 1_920.0, 5_000.0, 11_000.0, f64::MAX];

#[derive(Debug)]
struct Case {
    name: String,
    /// Programs, each with the second from which it plays.
    programs: Vec<(f64, String)>,
    seconds: f64,
    bpm: f64,
    from: f64,
    rate: f64,
    input: String,
    /// Keys with the seconds in which they are held.
    notes: Vec<(u8, f64, f64)>,
    /// Wheels and controllers with the seconds from which they stand there.
    turns: Vec<(MidiEvent, f64)>,
    expected: Vec<String>,
    /// Everything but the expected lines, to be written back.
    head: String,
}

fn parse(text: &str) -> (String, Vec<Case>) {
    let mut preamble = String::new();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix("--- ")
            .and_then(|l| l.strip_suffix(" ---"))
        {
            cases.push(Case {
                name: name.to_owned(),
                programs: vec![(0.0, String::new())],
                seconds: 1.0,
                bpm: 120.0,
                from: 0.0,
                rate: common::RATE,
                input: "silence".to_owned(),
                notes: Vec::new(),
                turns: Vec::new(),
                expected: Vec::new(),
                head: format!("{line}\n"),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            preamble.push_str(line);
            preamble.push('\n');
            continue;
        };
        if let Some(expected) = line.strip_prefix("! ") {
            case.expected.push(expected.to_owned());
            continue;
        }
        if line.is_empty() {
            continue;
        }
        let _ = writeln!(case.head, "{line}");
        if let Some(setting) = line.strip_prefix("@ ") {
            let (key, value) = setting.split_once(' ').expect("a setting has a value");
            let number = || value.parse::<f64>().expect("a number");
            match key {
                "seconds" => case.seconds = number(),
                "bpm" => case.bpm = number(),
                "from" => case.from = number(),
                "rate" => case.rate = number(),
                "input" => case.input = value.to_owned(),
                "notes" => case.notes.extend(value.split(' ').map(held_key_of)),
                "bend" => {
                    let bend = |value| MidiEvent::PitchBend { channel: 0, value };
                    case.turns
                        .extend(value.split(' ').map(|w| turn_of(w, bend)));
                }
                "cc" => {
                    let (number, turns) = value.split_once(' ').expect("a value");
                    let number = number.parse().expect("the controller's number");
                    let turned = |value| MidiEvent::Controller {
                        channel: 0,
                        number,
                        value,
                    };
                    case.turns
                        .extend(turns.split(' ').map(|w| turn_of(w, turned)));
                }
                "edit" => case.programs.push((number(), String::new())),
                other => panic!("{}: unknown setting {other}", case.name),
            }
        } else {
            let (_, program) = case
                .programs
                .last_mut()
                .expect("a case begins with a program");
            program.push_str(line);
            program.push('\n');
        }
    }
    (preamble, cases)
}

/// `57@0.1-0.7`: a key and the seconds in which it is held.
fn held_key_of(word: &str) -> (u8, f64, f64) {
    let parts = word.split_once('@').and_then(|(key, span)| {
        let (from, to) = span.split_once('-')?;
        Some((key.parse().ok()?, from.parse().ok()?, to.parse().ok()?))
    });
    parts.unwrap_or_else(|| panic!("`{word}` is no key with its times"))
}

/// `0.5@0.3`: a value and the second from which it stands.
fn turn_of(word: &str, event: impl Fn(f32) -> MidiEvent) -> (MidiEvent, f64) {
    let parts = word
        .split_once('@')
        .and_then(|(value, at)| Some((event(value.parse().ok()?), at.parse().ok()?)));
    parts.unwrap_or_else(|| panic!("`{word}` is no value with its time"))
}

fn play(case: &Case) -> Audio {
    let mut host = Host::at_rate(Kind::Instrument, case.rate)
        .with_cut(Cut::Every(480))
        .without_guard();
    host.tempo_bpm = case.bpm;
    host.start_beat = case.from;
    let rate = case.rate;
    let input = |frame: u64| match case.input.as_str() {
        "silence" => (0.0, 0.0),
        "noise" => {
            let mut random = Random(frame);
            (random.signal() * 0.5, random.signal() * 0.5)
        }
        "impulse" => {
            let x = if frame == 0 { 1.0 } else { 0.0 };
            (x, x)
        }
        "sine" => {
            let x = (std::f64::consts::TAU * 440.0 * frame as f64 / rate).sin() as f32 * 0.5;
            (x, x)
        }
        other => panic!("{}: unknown input {other}", case.name),
    };
    let mut audio = Audio::default();
    let ends = case
        .programs
        .iter()
        .skip(1)
        .map(|p| p.0)
        .chain([case.seconds]);
    let frame = |seconds: f64| (seconds * rate).round() as usize;
    let keys = case.notes.iter();
    let mut events: Vec<Event> = keys
        .flat_map(|(key, from, to)| held_key(*key, frame(*from), frame(*to)))
        .collect();
    events.extend(case.turns.iter().map(|(event, at)| Event {
        frame: frame(*at),
        kind: EventKind::Midi(*event),
    }));
    events.sort_by_key(|event| event.frame);
    for ((_, program), end) in case.programs.iter().zip(ends) {
        host.evaluate(program);
        let begin = audio.left.len();
        let here = |event: &Event| {
            Some(Event {
                frame: event.frame.checked_sub(begin)?,
                kind: event.kind,
            })
        };
        let events: Vec<Event> = events.iter().filter_map(here).collect();
        audio.extend(&host.render_with(frame(end) - begin, &events, input));
    }
    audio
}

fn db(x: f64) -> f64 {
    (20.0 * x.max(1e-12).log10()).max(FLOOR_DB)
}

/// Levels of the bands, from the squared magnitudes of one transform over the whole sound.
fn bands(signal: &[f32], rate: f64) -> Vec<f64> {
    let n = signal.len().next_power_of_two();
    let mut re: Vec<f64> = signal.iter().map(|x| f64::from(*x)).collect();
    re.resize(n, 0.0);
    let mut im = vec![0.0; n];
    transform(&mut re, &mut im);
    let mut energy = vec![0.0; BANDS_HZ.len()];
    for k in 1..n / 2 {
        let hz = k as f64 * rate / n as f64;
        let band = BANDS_HZ.iter().position(|edge| hz < *edge).unwrap_or(0);
        energy[band] += 2.0 * (re[k] * re[k] + im[k] * im[k]);
    }
    energy
        .iter()
        .map(|e| db((e / n as f64 / signal.len() as f64).sqrt()))
        .collect()
}

/// The features of a sound, one line each.
fn features(audio: &Audio, rate: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let same = audio.left == audio.right;
    let sides = if same {
        vec![("both", &audio.left)]
    } else {
        vec![("left", &audio.left), ("right", &audio.right)]
    };
    for (side, signal) in sides {
        let n = signal.len() as f64;
        let peak = signal
            .iter()
            .fold(0.0_f64, |m, x| m.max(f64::from(x.abs())));
        let rms = (signal.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / n).sqrt();
        let mean = signal.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
        let onset = onsets(signal)
            .first()
            .map_or("none".to_owned(), ToString::to_string);
        lines.push(format!(
            "{side} peak {:.2} rms {:.2} mean {mean:.4} onset {onset}",
            db(peak),
            db(rms)
        ));
        let levels: Vec<String> = bands(signal, rate)
            .iter()
            .map(|b| format!("{b:.2}"))
            .collect();
        lines.push(format!("{side} bands {}", levels.join(" ")));
        let places: Vec<String> = (0..8)
            .map(|k| format!("{:.5}", signal[(signal.len() - 1) * (2 * k + 1) / 16]))
            .collect();
        lines.push(format!("{side} samples {}", places.join(" ")));
    }
    lines
}

/// What of a line does not agree, if anything.
fn differs(expected: &str, got: &str, peak: f64) -> bool {
    let (e, g): (Vec<&str>, Vec<&str>) = (expected.split(' ').collect(), got.split(' ').collect());
    if e.len() != g.len() {
        return true;
    }
    let kind = e.get(1).copied().unwrap_or("");
    e.iter()
        .zip(&g)
        .any(|(e, g)| match (e.parse::<f64>(), g.parse::<f64>()) {
            (Ok(a), Ok(b)) if kind == "samples" => (a - b).abs() > SAMPLE_TOLERANCE * peak + 1e-5,
            // Levels near the floor are rounding.
            (Ok(a), Ok(b)) => (a - b).abs() > LEVEL_TOLERANCE_DB && a.max(b) > -100.0,
            _ => e != g,
        })
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of sound cases")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    files
}

/// The file of the nodes' examples without its expectations, by case.
fn node_cases() -> Vec<(String, String)> {
    let heard = |spec: &&&NodeSpec| !spec.examples.is_empty();
    let case = |spec: &&NodeSpec| {
        let mut head = format!("--- node-{} ---\n@ input noise\n", spec.name);
        if keys_play(spec.examples[0]) {
            head.push_str("@ notes 57@0.1-0.7 60@0.1-0.7 64@0.1-0.7\n");
        }
        for line in spec.examples[0].lines() {
            let _ = writeln!(head, "{line}");
        }
        (format!("node-{}", spec.name), head)
    };
    BUILTIN.iter().filter(heard).map(case).collect()
}

/// Whether a program has voices.
fn keys_play(program: &str) -> bool {
    let tree = Parser::new().parse(program);
    let resolution = resolve(&tree, program, &Registry::new(BUILTIN));
    resolution.program.is_some_and(|p| !p.groups.is_empty())
}

/// Writes the examples of new nodes into their file, and drops what became of old ones.
fn write_node_cases(path: &Path) {
    let old = std::fs::read_to_string(path).unwrap_or_default();
    let (_, cases) = parse(&old);
    let mut text = String::from("The first example of every node, written from the specs.\n\n");
    for (name, head) in node_cases() {
        text.push_str(&head);
        let known = cases.iter().find(|c| c.name == name && c.head == head);
        for line in known.iter().flat_map(|c| &c.expected) {
            let _ = writeln!(text, "! {line}");
        }
        text.push('\n');
    }
    std::fs::write(path, text).expect("a writable file");
}

#[test]
fn every_node_has_its_sound() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        // The other test writes the file now.
        return;
    }
    let text = std::fs::read_to_string(nodes_file()).expect("the nodes' sounds");
    let there: Vec<(String, String)> = parse(&text)
        .1
        .into_iter()
        .map(|case| (case.name, case.head))
        .collect();
    assert_eq!(there, node_cases(), "run this with UPDATE_EXPECT=1");
}

fn nodes_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/nodes.txt")
}

#[test]
fn every_sound_has_its_features() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    if update {
        write_node_cases(&nodes_file());
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let (preamble, cases) = parse(&text);
        let mut written = preamble;
        for case in &cases {
            count += 1;
            let audio = play(case);
            let got = features(&audio, case.rate);
            let peak = f64::from(audio.peak());
            let same = case.expected.len() == got.len()
                && case
                    .expected
                    .iter()
                    .zip(&got)
                    .all(|(e, g)| !differs(e, g, peak));
            if !same {
                wrong.push(format!(
                    "{}: {}\n expected\n  {}\n got\n  {}",
                    path.file_name().unwrap_or_default().display(),
                    case.name,
                    case.expected.join("\n  "),
                    got.join("\n  ")
                ));
            }
            let kept = if same { &case.expected } else { &got };
            written.push_str(&case.head);
            for line in kept {
                let _ = writeln!(written, "! {line}");
            }
            written.push('\n');
        }
        if update {
            std::fs::write(&path, written).expect("a writable file");
        }
    }
    println!("{count} sounds");
    assert!(update || wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 40);
}

#[test]
fn a_wrong_sound_is_noticed() {
    assert!(differs(
        "both peak -6.02 rms -9.03 mean 0.0000 onset 0",
        "both peak -6.12 rms -9.03 mean 0.0000 onset 0",
        0.5
    ));
    assert!(!differs(
        "both peak -6.02 rms -9.03 mean 0.0000 onset 0",
        "both peak -6.04 rms -9.03 mean 0.0000 onset 0",
        0.5
    ));
    assert!(differs(
        "both samples 0.10000 0.2",
        "both samples 0.10200 0.2",
        0.5
    ));
    assert!(differs(
        "both bands -10.00 -20.00",
        "both bands -10.00",
        0.5
    ));
    assert!(differs("left peak -6.02", "both peak -6.02", 0.5));
}
