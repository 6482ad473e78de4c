//! Notes for other tracks: their frames, keys and ends.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use std::collections::HashSet;

use common::{Cut, Host, Random, onsets};
use glisten_engine::{Event, EventKind, Kind, Launch, MidiEvent, NoteAddress, SentNote};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

const CUTS: [Cut; 5] = [
    Cut::Every(1),
    Cut::Every(7),
    Cut::Every(64),
    Cut::Every(8192),
    Cut::Random(5),
];

/// Frame and key of the notes that start.
fn starts(sent: &[SentNote]) -> Vec<(usize, u8)> {
    let on = sent.iter().filter(|n| n.on);
    on.map(|n| (n.frame, n.key)).collect()
}

/// Frame and key of the notes that end.
fn ends(sent: &[SentNote]) -> Vec<(usize, u8)> {
    let off = sent.iter().filter(|n| !n.on);
    off.map(|n| (n.frame, n.key)).collect()
}

/// Fails where a key starts twice without an end between, ends without having started, or where
/// frames fall. Returns the keys that still sound.
fn checked(sent: &[SentNote]) -> HashSet<(u8, u8)> {
    let mut sounding = HashSet::new();
    let mut last = 0;
    for note in sent {
        assert!(note.frame >= last, "frames fall: {note:?} after {last}");
        last = note.frame;
        let key = (note.channel, note.key);
        if note.on {
            assert!(note.velocity > 0.0 && sounding.insert(key), "{note:?}");
        } else {
            assert!(note.velocity == 0.0 && sounding.remove(&key), "{note:?}");
        }
    }
    sounding
}

fn event(frame: usize, kind: EventKind) -> Event {
    Event { frame, kind }
}

#[test]
fn notes_fall_on_the_frames_of_the_sound_with_the_keys_that_are_written() {
    let program = "~p: speed 1.7 >> seq 60 _ 67_72_c2 (0 127)*2 >> notes 3 0.6 20\nout: ~p";
    for (tempo, start) in [(120.0, 0.0), (97.3, 2.71), (174.0, -3.0)] {
        for cut in CUTS {
            let mut host = Host::playing(program).with_cut(cut).without_guard();
            (host.tempo_bpm, host.start_beat) = (tempo, start);
            let audio = host.render(150_000);
            let key = |f: &usize| (60.0 + 12.0 * f64::from(audio.left[*f]).log2()).round() as u8;
            let heard: Vec<_> = onsets(&audio.left).iter().map(|f| (*f, key(f))).collect();
            assert_eq!(starts(&host.sent), heard, "{tempo} {start} {cut:?}");
            assert!(heard.len() > 9 && heard.iter().any(|(_, key)| *key == 127));
            let first = host.sent[0];
            assert_eq!((first.channel, first.velocity), (2, 0.6));
            checked(&host.sent);
        }
    }
}

#[test]
fn a_note_lasts_as_long_as_is_written() {
    for (length, frames) in [("", 4800), ("250", 12_000), ("1/8", 12_000), ("1", 48)] {
        let mut host = Host::playing(&format!("out: seq 60 >> notes 1 0.8 {length} >> bd 0.1"));
        let _ = host.render(96_000);
        assert_eq!(starts(&host.sent), [(0, 60)]);
        assert_eq!(ends(&host.sent), [(frames, 60)], "{length}");
    }
}

#[test]
fn what_notes_says_is_read_at_the_trigger() {
    let program = "~c: \"1@0 16@1/2\"(1)\n~v: \"1@0 0.25@1/4 0@1/2 0.5@3/4\"(1)\n\
                   ~l: \"10@0 20@1/2\"(1)\nout: seq 60 60 60 60 >> notes ~c ~v ~l";
    let mut host = Host::playing(program);
    let _ = host.render(96_000);
    let as_numbers = |n: &SentNote| (n.frame, n.channel, n.velocity);
    let got: Vec<_> = host.sent.iter().map(as_numbers).collect();
    // A velocity of 0 sends nothing.
    let want = [
        (0, 0, 1.0),
        (480, 0, 0.0),
        (24_000, 0, 0.25),
        (24_480, 0, 0.0),
        (72_000, 15, 0.5),
        (72_960, 15, 0.0),
    ];
    assert_eq!(got, want);
}

#[test]
fn keys_are_the_nearest_and_those_out_of_reach_are_dropped() {
    let program = "~k: \"60.4@0 59.6@1/8 -0.4@2/8 127.4@3/8 128@4/8 -1@5/8 -200@6/8 250@7/8\"(1)\n\
                   out: eu 8 8 >> mul ~h >> notes 1\n~h: ~k >> mtof >> mul 0.00382225643";
    let mut host = Host::playing(program);
    let _ = host.render(96_000);
    let got: Vec<u8> = starts(&host.sent).iter().map(|n| n.1).collect();
    assert_eq!(got, [60, 60, 0, 127]);
}

#[test]
fn a_gate_is_one_note() {
    let mut host = Host::playing("out: squ 10 >> notes 1");
    let _ = host.render(48_000);
    assert_eq!(starts(&host.sent).len(), 10);
}

#[test]
fn a_chain_that_ends_with_notes_sends_in_silence() {
    let mut host = Host::new(Kind::Effect);
    assert_eq!(host.evaluate("melody: seq 60 67 >> notes 1"), []);
    let audio = host.render(96_000);
    assert_eq!(audio.peak(), 0.0);
    assert_eq!(starts(&host.sent), [(0, 60), (48_000, 67)]);
    // Read by another chain, it sounds there.
    let mut host = Host::new(Kind::Effect);
    let told = host.evaluate("melody: seq 60 67 >> notes 1\nout: melody >> bd 0.2");
    assert_eq!(told, []);
    let audio = host.render(96_000);
    let alone = Host::playing("out: seq 60 67 >> bd 0.2").render(96_000);
    assert_eq!(audio.first_difference(&alone), None);
    assert_eq!(starts(&host.sent).len(), 2);
}

#[test]
fn keys_are_sent_on_one_by_one_and_in_silence() {
    let on = |frame, key| {
        let note = NoteAddress::new(0, key);
        event(
            frame,
            EventKind::Midi(MidiEvent::NoteOn {
                note,
                velocity: 0.5,
            }),
        )
    };
    let events = [on(100, 60), on(100, 64), on(777, 67)];
    let mut host = Host::new(Kind::Instrument);
    assert_eq!(host.evaluate("thru: midi >> notes 3 ~vel 10"), []);
    let audio = host.render_with(4_000, &events, |_| (0.0, 0.0));
    assert_eq!(audio.peak(), 0.0);
    assert_eq!(starts(&host.sent), [(100, 60), (100, 64), (777, 67)]);
    assert!(
        host.sent
            .iter()
            .all(|n| n.channel == 2 && (!n.on || n.velocity == 0.5))
    );
    assert_eq!(checked(&host.sent).len(), 0);
}

#[test]
fn the_triggers_go_on_unchanged() {
    let through = "out: seq 60 _ 67 62_64 >> notes 1 >> trisynth 0.01 0.1";
    let straight = through.replace(">> notes 1 ", "");
    let audio = Host::playing(through).render(96_000);
    let want = Host::playing(&straight).render(96_000);
    assert_eq!(audio.first_difference(&want), None);
    assert!(want.peak() > 0.01);
}

#[test]
fn bypass_ends_what_sounds_and_starts_nothing() {
    let program = "out: speed 4 >> seq 60 62 64 65 >> notes 1 0.8 500";
    let events = [
        event(20_000, EventKind::Bypass(true)),
        event(40_000, EventKind::Bypass(false)),
    ];
    for cut in CUTS {
        let mut host = Host::playing(program).with_cut(cut);
        let _ = host.render_with(60_000, &events, |_| (0.0, 0.0));
        let begun: Vec<usize> = starts(&host.sent).iter().map(|n| n.0).collect();
        // The pattern goes on in bypass: afterwards it is where the song is.
        assert_eq!(begun, [0, 6000, 12_000, 18_000, 42_000, 48_000, 54_000]);
        let mut ended = ends(&host.sent);
        ended.truncate(4);
        assert_eq!(
            ended,
            [(20_000, 60), (20_000, 62), (20_000, 64), (20_000, 65)]
        );
        checked(&host.sent);
    }
}

#[test]
fn stop_panic_and_reset_end_what_sounds() {
    let program = "out: seq 60 62 64 65 >> notes 1 0.8 5000";
    let mut host = Host::playing(program);
    let _ = host.render(30_000);
    host.playing = false;
    let _ = host.render(30_000);
    assert_eq!(ends(&host.sent), [(30_000, 60), (30_000, 62)]);

    let mut host = Host::playing(program);
    let panic = [event(25_001, EventKind::Panic)];
    let _ = host.render_with(30_000, &panic, |_| (0.0, 0.0));
    assert_eq!(ends(&host.sent), [(25_001, 60), (25_001, 62)]);

    let mut host = Host::playing(program);
    let _ = host.render(30_000);
    host.renderer.reset();
    host.playing = false;
    // A block without frames has no room for them.
    let _ = host.render(0);
    host.callback(&mut [], &mut [], 0, &[]);
    assert_eq!(ends(&host.sent), []);
    let _ = host.render(64);
    assert_eq!(ends(&host.sent), [(30_000, 60), (30_000, 62)]);
    assert_eq!(checked(&host.sent).len(), 0);
}

#[test]
fn what_an_edit_takes_away_sends_nothing_more() {
    for (after, again) in [
        ("b: imp 2 >> mul 0.5", false),
        ("b: imp 2 >> notes 2 >> mul 0.5", true),
        ("a: imp 1000 >> mul 0.2", false),
        // The channel is a number: the node stays, and no trigger is lost or doubled.
        ("a: imp 1000 >> notes 2 >> mul 0.1", true),
    ] {
        let mut host = Host::playing("a: imp 1000 >> notes 1 >> mul 0.1");
        let _ = host.render(10_007);
        host.evaluate(after);
        let _ = host.render(10_000);
        let late = |n: &&SentNote| n.on && n.channel == 0 && n.frame >= 10_007;
        assert_eq!(host.sent.iter().find(late), None, "{after}");
        let second = host.sent.iter().any(|n| n.channel == 1);
        assert_eq!(second, again, "{after}");
        checked(&host.sent);
    }
}

#[test]
fn nothing_is_sent_before_the_launch() {
    let mut host = Host::playing("out: sin 440 >> mul 0.1");
    let _ = host.render(1000);
    host.launch("out: imp 100 >> notes 1 >> mul 0.1", Launch::Bars(1));
    let _ = host.render(120_000);
    assert_eq!(starts(&host.sent)[0].0, 96_000);
}

#[test]
fn cuts_change_no_note() {
    let program = "a: seq 60 62 64_65 >> notes 1 0.5 ~l\n~l: lfo 0.37 >> mul 400 >> add 410\n\
                   b: imp 700 >> notes 2 0.5 30\nc: eu 7 16 >> notes 2 0.9 700 >> bd 0.1\n\
                   ~d: ~i >> add ~f >> delayms 0.5 >> notes 4\n~f: ~d >> mul 0.9\n~i: imp 30\nd: ~d";
    let events = [
        event(7_001, EventKind::Bypass(true)),
        event(8_100, EventKind::Bypass(false)),
        event(40_003, EventKind::Panic),
    ];
    let run = |cut| {
        let mut host = Host::playing(program).with_cut(cut);
        host.loop_beats = Some((0.3, 1.7));
        let _ = host.render_with(60_000, &events, |_| (0.0, 0.0));
        checked(&host.sent);
        host.sent
    };
    // Cut where a host cuts that sends events.
    let want = run(Cut::Every(512));
    assert!(want.len() > 1500, "{}", want.len());
    for cut in CUTS {
        let got = run(cut);
        let first = want.iter().zip(&got).position(|(a, b)| a != b);
        assert_eq!((first, got.len()), (None, want.len()), "{cut:?}");
    }
}

/// Ten thousand random edits, jumps, loops, stops, bypasses and resets: every start has its end.
#[test]
fn no_note_ever_hangs() {
    let programs = [
        "a: speed 8 >> seq 60 62_64_65 _ 67 >> notes 1 0.8 300",
        "a: speed 8 >> seq 60 62_64_65 _ 67 >> notes 2 0.8 30",
        "a: speed 8 >> seq 60 62_64 _ 67 >> notes 1 0.8 300 >> bd 0.1\nb: imp 90 >> notes 9 1 9000",
        "b: imp 90 >> notes 9 1 9000",
        "c: eu 13 16 >> notes ~c 0.5 1/2\n~c: choose 1 2 3 4",
        "out: sin 220 >> mul 0.1",
        "",
    ];
    let mut random = Random(20);
    let mut host = Host::new(Kind::Effect).with_cut(Cut::Random(3));
    let (mut resets, mut edits) = (0, 0);
    for _ in 0..10_000 {
        let mut events = Vec::new();
        match random.below(12) {
            0..4 => {
                host.evaluate(programs[random.below(programs.len())]);
                edits += 1;
            }
            4 | 5 => host.start_beat += random.below(64) as f64 * 0.37 - 10.0,
            6 => host.playing = random.below(5) > 0,
            7 => host.tempo_bpm = 60.0 + random.below(200) as f64,
            8 => {
                let loops = [None, Some((0.0, 1.0)), Some((2.0, 2.1))];
                host.loop_beats = *random.pick(&loops);
            }
            9 => events.push(event(0, EventKind::Bypass(random.below(4) == 0))),
            10 => events.push(event(5, EventKind::Panic)),
            _ => {
                host.renderer.reset();
                resets += 1;
            }
        }
        let _ = host.render_with(random.below(2000), &events, |_| (0.0, 0.0));
    }
    host.playing = false;
    host.evaluate("");
    let _ = host.seconds(10.0);
    let begun = starts(&host.sent).len();
    println!("{edits} edits, {resets} resets, {begun} notes");
    assert!(begun > 5_000 && edits > 3_000);
    assert_eq!(ends(&host.sent).len(), begun);
    assert_eq!(checked(&host.sent), HashSet::new());
}
