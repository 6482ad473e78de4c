//! Eight programs in one instance: the frame of a change, the fade between two, and what is kept.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::keys::{off, on};
use common::{Audio, Cut, Host, RATE, Random};
use glisten_engine::{Event, EventKind, Kind, Launch, PROGRAMS};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Frames of the fade from one program to another at 48 kHz.
const FADE: usize = 480;

fn ask(frame: usize, program: u8, quantum_beats: u32) -> Event {
    Event {
        frame,
        kind: EventKind::Program {
            program,
            quantum_beats,
        },
    }
}

fn put(host: &mut Host, program: usize, text: &str) {
    let evaluation = host.engine.evaluate_in(program, text, Launch::Now);
    assert!(evaluation.accepted, "{text}: {:?}", evaluation.diagnostics);
}

/// An instrument whose programs are these, with the guard off.
fn host_with(programs: &[&str]) -> Host {
    let mut host = Host::new(Kind::Instrument).without_guard();
    for (i, text) in programs.iter().enumerate() {
        put(&mut host, i, text);
    }
    host
}

fn noise(frame: u64) -> (f32, f32) {
    let mut random = Random(frame);
    (random.signal() * 0.3, random.signal() * 0.3)
}

/// First frame on which a program that gives 0.5 is heard beside one that gives 0.25: the fade
/// begins one frame earlier, with weight 0.
fn change_frame(audio: &Audio) -> Option<usize> {
    audio.left.iter().position(|x| *x != 0.25).map(|f| f - 1)
}

#[test]
fn a_change_begins_on_its_frame_and_is_a_straight_line() {
    for frame in [0, 1, 63, 64, 1000, 4799] {
        let mut host = host_with(&["out: sig 0.25", "out: sig 0.75"]);
        let mut audio = host.render(100);
        audio.extend(&host.render_with(6000, &[ask(frame, 1, 0)], noise));
        for (i, x) in audio.left.iter().enumerate() {
            let passed = i as f32 - (frame + 100) as f32;
            let expected = 0.25 + 0.5 * (passed / FADE as f32).clamp(0.0, 1.0);
            assert_eq!(*x, expected, "frame {i} of a change on {frame}");
        }
        assert_eq!(audio.left, audio.right);
        assert_eq!(host.snapshot().program, 1);
    }
}

/// Two programs with memory, a stereo one among them.
const MEMORY: [&str; 2] = [
    "out: mix ~a ~b\n~a: noiz 3 >> lpf 900 2 >> mul 0.2\n~b: ~input >> delayms 90 >> mul 0.5",
    "~l: saw 110 >> lpf ~c 3 >> mul 0.2\n~c: sin 3 >> mul 300 >> add 800\n\
     ~r: speed 8 >> seq 60 _ 67 _ >> envperc 0.01 0.1 >> mul 0.3\n\
     out: mix ~l ~r >> pan 0.3\nside: ~input >> mul 0.1 >> pan -0.5",
];

/// What a lone engine plays whose only program comes at `from`.
fn alone(text: &str, from: usize, frames: usize) -> Audio {
    let mut host = Host::new(Kind::Instrument).without_guard();
    let mut audio = host.render_with(from, &[], noise);
    host.evaluate(text);
    audio.extend(&host.render_with(frames - from, &[], noise));
    audio
}

#[test]
fn a_change_is_what_two_engines_mixed_by_hand_give() {
    let [a, b] = MEMORY;
    let (frames, there, back) = (24_000, 7001, 15_013);
    let mut host = host_with(&[a, b]).with_cut(Cut::Random(5));
    let events = [ask(there, 1, 0), ask(back, 0, 0)];
    let heard = host.render_with(frames, &events, noise);

    let first = alone(a, 0, frames);
    let second = alone(b, there, frames);
    // Who comes back starts from its beginning.
    let third = alone(a, back, frames);
    let mut faded = 0;
    for (heard, parts) in [
        (&heard.left, [&first.left, &second.left, &third.left]),
        (&heard.right, [&first.right, &second.right, &third.right]),
    ] {
        let [first, second, third] = parts;
        for (i, x) in heard.iter().enumerate() {
            // A lone engine fades its first program in from silence on the very same frames.
            let weight = |from: usize| ((i as f32 - from as f32) / FADE as f32).clamp(0.0, 1.0);
            let (y, exact) = match i {
                _ if i <= there => (first[i], true),
                _ if i < there + FADE => (first[i] * (1.0 - weight(there)) + second[i], false),
                _ if i <= back => (second[i], true),
                _ if i < back + FADE => (second[i] * (1.0 - weight(back)) + third[i], false),
                _ => (third[i], true),
            };
            if exact {
                assert_eq!(x.to_bits(), y.to_bits(), "frame {i}");
            } else {
                // Rounding of a weighted sum of values below 1.
                assert!((x - y).abs() < 2.5e-7, "frame {i}: {x} and {y}");
                faded += 1;
            }
        }
    }
    assert_eq!(faded, 2 * 2 * (FADE - 1));
    assert!(heard.peak() > 0.1);
}

#[test]
fn the_host_s_blocks_are_inaudible() {
    let [a, b] = MEMORY;
    let run = |cut: Cut| {
        let mut host = host_with(&[a, b, "out: ~input >> plate 0.3"]).with_cut(cut);
        let events = [
            ask(1000, 1, 1),
            ask(25_000, 2, 0),
            ask(25_100, 0, 0),
            ask(25_200, 1, 0),
            ask(40_000, 2, 4),
        ];
        host.render_with(110_000, &events, noise)
    };
    let reference = run(Cut::Every(512));
    for cut in [
        Cut::Every(1),
        Cut::Every(64),
        Cut::Every(8192),
        Cut::Random(1),
        Cut::Random(2),
    ] {
        assert_eq!(reference.first_difference(&run(cut)), None, "{cut:?}");
    }
}

#[test]
fn a_change_waits_for_its_line_at_any_tempo() {
    let mut random = Random(3);
    for tempo_bpm in [33.0, 97.3, 120.0, 173.21, 240.0] {
        for quantum_beats in [1, 4, 8] {
            let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]).with_cut(Cut::Random(9));
            host.tempo_bpm = tempo_bpm;
            host.start_beat = random.below(64) as f64 / 7.0;
            let beats_per_frame = tempo_bpm / 60.0 / RATE;
            let asked = 500 + random.below(40_000);
            let multiple = f64::from(quantum_beats);
            let here = host.start_beat + asked as f64 * beats_per_frame;
            let line = (here / multiple).ceil() * multiple;
            let expected = ((line - host.start_beat) / beats_per_frame - 1e-3).ceil() as usize;
            let audio = host.render_with(expected + 100, &[ask(asked, 1, quantum_beats)], |_| {
                (0.0, 0.0)
            });
            assert_eq!(
                change_frame(&audio),
                Some(expected),
                "{tempo_bpm} BPM, {quantum_beats} beats, asked on {asked}"
            );
        }
    }
}

#[test]
fn a_change_waits_for_its_line_in_a_loop_too() {
    // At 120 BPM a beat has 24,000 frames; the loop from beat 1 to 3 has no multiple of 4, and
    // beat 2 in it.
    let run = |quantum_beats| {
        let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
        host.loop_beats = Some((1.0, 3.0));
        host.render_with(200_000, &[ask(50_000, 1, quantum_beats)], noise)
    };
    // Past beat 2 when asked: the next one is after the wrap at frame 72,000, on 96,000.
    assert_eq!(change_frame(&run(2)), Some(96_000));
    assert_eq!(change_frame(&run(1)), Some(72_000));
    // It must not wait for ever: where no multiple comes, the loop's end is the line.
    assert_eq!(change_frame(&run(4)), Some(72_000));
}

#[test]
fn a_stop_and_a_jump_onto_a_line_let_a_change_begin() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let waiting = host.render_with(6000, &[ask(100, 1, 4)], noise);
    assert_eq!(change_frame(&waiting), None);
    let status = host.snapshot();
    assert_eq!((status.program, status.waiting_program), (0, Some(1)));
    assert_eq!(status.change_beat, 4.0);
    host.playing = false;
    assert_eq!(change_frame(&host.render(1000)), Some(0));

    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let _ = host.render_with(6000, &[ask(100, 1, 4)], noise);
    host.start_beat = 8.0 - host.beats();
    assert_eq!(change_frame(&host.render(1000)), Some(0));
}

#[test]
fn a_wish_that_comes_just_after_the_line_is_on_it() {
    // 1 ms: hosts round the places of automation and messages.
    for (late, expected) in [
        (0, Some(96_000)),
        (1, Some(96_001)),
        (48, Some(96_048)),
        (49, None),
    ] {
        let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
        let audio = host.render_with(97_000, &[ask(96_000 + late, 1, 4)], noise);
        assert_eq!(change_frame(&audio), expected, "{late} frames late");
    }
}

#[test]
fn the_newest_wish_wins_and_fades_do_not_pile_up() {
    let programs = ["out: sig 0.25", "out: sig 0.5", "out: sig 1", "out: sig 2"];
    let mut host = host_with(&programs);
    let events = [ask(1000, 1, 0), ask(1100, 2, 0), ask(1200, 3, 0)];
    let audio = host.render_with(3000, &events, noise);
    let line =
        |from: f32, to: f32, passed: usize| from + (to - from) * (passed as f32 / FADE as f32);
    for i in 0..FADE {
        assert_eq!(audio.left[1000 + i], line(0.25, 0.5, i));
        // The third was never heard; the fourth waited for the end of the first fade.
        assert_eq!(audio.left[1000 + FADE + i], line(0.5, 2.0, i));
    }
    assert!(audio.left[1000 + 2 * FADE..].iter().all(|x| *x == 2.0));

    // Asking for the one that plays takes a wish back.
    let mut host = host_with(&programs);
    let audio = host.render_with(30_000, &[ask(1000, 1, 1), ask(1100, 0, 1)], noise);
    assert_eq!(change_frame(&audio), None);
    assert_eq!(host.snapshot().waiting_program, None);
    // A number that is none changes nothing.
    let audio = host.render_with(3000, &[ask(0, PROGRAMS as u8, 0), ask(1, 255, 0)], noise);
    assert_eq!(change_frame(&audio), None);
}

#[test]
fn back_and_forth_within_a_fade_ends_where_it_should() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let audio = host.render_with(3000, &[ask(1000, 1, 0), ask(1010, 0, 0)], noise);
    assert_eq!(audio.left[1000 + FADE], 0.5);
    assert!(audio.left[1000 + 2 * FADE..].iter().all(|x| *x == 0.25));
    assert_eq!(host.snapshot().program, 0);
}

#[test]
fn a_program_without_a_text_is_the_dry_input_or_silence() {
    for (kind, dry) in [(Kind::Effect, 1.0), (Kind::Instrument, 0.0)] {
        let mut host = Host::new(kind).without_guard();
        put(&mut host, 0, "out: sig 0.25");
        let events = [ask(1000, 5, 0), ask(3000, 0, 0)];
        let audio = host.render_with(6000, &events, |_| (0.75, 0.75));
        for (i, x) in audio.left.iter().enumerate() {
            let weight = |from: f32| ((i as f32 - from) / FADE as f32).clamp(0.0, 1.0);
            let program = if i < 3000 {
                1.0 - weight(1000.0)
            } else {
                weight(3000.0)
            };
            let expected = 0.75 * dry + (0.25 - 0.75 * dry) * program;
            assert!(
                (x - expected).abs() < 1e-7,
                "{kind:?} frame {i}: {x}, {expected}"
            );
            if (1000 + FADE..3000).contains(&i) {
                assert_eq!(*x, 0.75 * dry);
            }
        }
    }
}

#[test]
fn a_program_that_is_not_heard_is_edited_ahead_of_time() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let _ = host.render_with(2000, &[ask(0, 1, 0), ask(1000, 0, 0)], noise);
    // Three edits, one of them wrong, while another program sounds.
    put(&mut host, 1, "out: sig 1");
    assert!(
        !host
            .engine
            .evaluate_in(1, "out: sig 1 >>", Launch::Now)
            .accepted
    );
    put(&mut host, 1, "out: sig 1 >> mul 0.5 >> add 1");
    let audio = host.render_with(3000, &[ask(1000, 1, 0)], noise);
    assert!(audio.left[..1000].iter().all(|x| *x == 0.25));
    // No fade of the edit stands in the fade of the change.
    for i in 0..FADE {
        assert_eq!(audio.left[1000 + i], 0.25 + 1.25 * (i as f32 / FADE as f32));
    }
    assert_eq!(audio.left[2999], 1.5);
    // What sounds now is edited as ever: its base is the plan that was taken on the change.
    put(&mut host, 1, "out: sig 1 >> mul 0.5 >> add 2");
    assert_eq!(host.render(2000).left[1999], 2.5);
    assert_eq!(host.engine.collect(), None);
}

#[test]
fn a_launch_waits_for_the_end_of_a_change() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let mut audio = host.render_with(1100, &[ask(1000, 1, 0)], noise);
    put(&mut host, 1, "out: sig 1");
    audio.extend(&host.render(3000));
    assert_eq!(audio.left[1000 + FADE], 0.5);
    assert_eq!(audio.left[1000 + FADE + 1000], 1.0);
    let jump = audio
        .left
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f32::max);
    assert!(jump < 0.002, "{jump}");
}

#[test]
fn before_the_first_frame_a_program_is_chosen_without_a_fade() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let audio = host.render_with(1000, &[ask(0, 1, 4)], noise);
    assert_eq!(audio.left[0], 0.5);
    // A reset keeps the program, and makes a change that waits.
    host.renderer.reset();
    host.frame = 0;
    assert_eq!(host.render(1000).left[0], 0.5);
    let _ = host.render_with(1000, &[ask(10, 0, 4)], noise);
    host.renderer.reset();
    host.frame = 0;
    assert_eq!(host.render(1000).left[0], 0.25);
    assert_eq!(host.snapshot().program, 0);
}

#[test]
fn all_programs_survive_a_new_sample_rate() {
    let texts: Vec<String> = (0..PROGRAMS)
        .map(|i| format!("out: sig 0.{}", i + 1))
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut host = host_with(&texts);
    let _ = host.render_with(2000, &[ask(0, 3, 0)], noise);
    host.engine.activate(&mut host.renderer, 96_000.0);
    let frame = host.render(100).left[0];
    assert_eq!(frame, 0.4);
    for i in 0..PROGRAMS {
        let audio = host.render_with(2000, &[ask(0, i as u8, 0)], noise);
        assert_eq!(audio.left[1999], (i + 1) as f32 / 10.0);
    }
    assert_eq!(host.engine.selected(), 0);
    host.engine.select(6);
    assert_eq!(host.engine.last_good(), Some("out: sig 0.7"));
}

#[test]
fn each_program_has_its_own_waiting_edit() {
    let mut host = host_with(&["out: sig 0.25", "out: sig 0.5"]);
    let _ = host.render(100);
    for program in [0, 1] {
        let evaluation = host
            .engine
            .evaluate_in(program, "out: sig 1", Launch::Bars(1));
        assert!(evaluation.accepted);
    }
    assert!(
        host.engine.cancel_waiting(),
        "that of the first is taken back"
    );
    assert!(!host.engine.cancel_waiting());
    let audio = host.render_with(2000, &[ask(1000, 1, 0)], noise);
    assert_eq!((audio.left[999], audio.left[1999]), (0.25, 1.0));
    assert_eq!(host.engine.last_good(), Some("out: sig 0.25"));
}

#[test]
fn a_thousand_changes_and_edits_neither_click_nor_allocate() {
    // Sines of the same pitch whose phase runs on in the song's own time would not tell: each
    // program has its own level, so that a wrong weight is a step.
    let programs: Vec<String> = (0..PROGRAMS)
        .map(|i| format!("out: sin {} >> mul 0.{}", 100 + 10 * i, 1 + i % 4))
        .collect();
    let texts: Vec<&str> = programs.iter().map(String::as_str).collect();
    let mut host = host_with(&texts).with_cut(Cut::Random(4));
    let mut random = Random(8);
    let mut audio = Audio::default();
    for n in 0..1000 {
        let events: Vec<Event> = (0..random.below(3))
            .map(|k| ask(k * 100 + random.below(90), random.below(PROGRAMS) as u8, 0))
            .collect();
        audio.extend(&host.render_with(400 + random.below(400), &events, noise));
        if n % 3 == 0 {
            let program = random.below(PROGRAMS);
            let text = format!("out: sin {} >> mul 0.{}", 100 + 10 * program, 1 + n % 4);
            put(&mut host, program, &text);
        }
        let _ = host.engine.collect();
    }
    let step = audio
        .left
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(0.0, f32::max);
    // The steepest sine (170 Hz at 0.4) moves by 0.0089 a frame; a fade adds at most 0.8 / 480.
    assert!(step < 0.0089 + 0.8 / 480.0, "{step}");
    assert!(audio.peak() > 0.3);
}

#[test]
fn keys_end_with_the_program_they_play() {
    const LEVELS: &str = "out: ~vel >> mul ~gate >> poly 8";
    // The release is longer than the fade.
    const LONG: &str = "~e: ~gate >> adsr 0 0 1 2\nout: ~vel >> mul ~e >> poly 8";
    for old in [LEVELS, LONG] {
        for cut in [Cut::Every(1), Cut::Every(512), Cut::Random(6)] {
            let mut host = host_with(&[old, LEVELS]).with_cut(cut);
            let events = [
                on(100, 60),
                ask(1000, 1, 0),
                // Held by the old program's voice: whether it ends in the fade or after it, nothing
                // of it is heard after.
                off(1600, 60),
                on(2000, 64),
                off(3000, 64),
                ask(4000, 0, 0),
            ];
            let audio = host.render_with(6000, &events, |_| (0.0, 0.0));
            assert_eq!(audio.left[999], 0.5);
            for i in 0..FADE {
                let expected = 0.5 - 0.5 * (i as f32 / FADE as f32);
                assert!((audio.left[1000 + i] - expected).abs() < 1e-7, "{i}");
            }
            let silent =
                |range: std::ops::Range<usize>| audio.left[range].iter().all(|x| *x == 0.0);
            assert!(silent(1000 + FADE..2000), "{old} {cut:?}");
            assert_eq!((audio.left[2000], audio.left[2999]), (0.5, 0.5));
            assert!(silent(3240..6000), "the old voice is gone: {old} {cut:?}");
        }
    }
    // A key in the fade is the new program's, at the level of the fade.
    let mut host = host_with(&[LEVELS, LEVELS]);
    let events = [ask(1000, 1, 0), on(1240, 60)];
    let audio = host.render_with(3000, &events, |_| (0.0, 0.0));
    assert_eq!((audio.left[1239], audio.left[1240]), (0.0, 0.25));
    assert_eq!(audio.left[2999], 0.5);
}

#[test]
fn sent_notes_of_a_program_that_leaves_end() {
    let programs = [
        "out: speed 8 >> seq 60 62 64 65 >> notes 1 0.8 400",
        "out: speed 4 >> seq 72 74 >> notes 1 0.8 400",
        "out: sig 0.25",
    ];
    // 400 ms.
    let length = 19_200;
    let run = |cut: Cut| {
        let mut host = host_with(&programs).with_cut(cut);
        let events = [ask(30_100, 1, 0), ask(75_000, 2, 0), ask(110_000, 5, 0)];
        let _ = host.render_with(150_000, &events, |_| (0.0, 0.0));
        host.sent
    };
    let sent = run(Cut::Every(512));
    for key in 0..=127 {
        let of_key: Vec<_> = sent.iter().filter(|n| n.key == key).collect();
        for pair in of_key.chunks(2) {
            let [start, end] = pair else {
                panic!("key {key} hangs: {pair:?}");
            };
            assert!(start.on && !end.on, "{pair:?}");
            assert!(end.frame - start.frame <= length, "{pair:?}");
        }
    }
    let keys_between = |from: usize, to: usize| {
        let starts = sent
            .iter()
            .filter(|n| n.on && (from..to).contains(&n.frame));
        starts.map(|n| n.key).collect::<Vec<_>>()
    };
    assert!(keys_between(0, 30_100).len() >= 4);
    assert!(keys_between(0, 30_100).iter().all(|key| *key < 70));
    assert!(keys_between(30_100, 75_000).len() >= 4);
    assert!(keys_between(30_100, 75_000).iter().all(|key| *key > 70));
    assert_eq!(keys_between(75_000, 150_000), []);
    for cut in [Cut::Every(1), Cut::Every(8192), Cut::Random(2)] {
        assert_eq!(run(cut), sent, "{cut:?}");
    }
}

#[test]
fn a_change_wakes_a_program_that_sleeps_and_lets_one_sleep() {
    let programs = [
        "out: ~input >> delayms 50 >> mul 0.5",
        "out: ~input >> delayms 200 >> mul 0.25",
        "out: sig 0.125",
    ];
    // Noise for a tenth of a second in every six.
    let input = |frame: u64| match frame % 288_000 {
        3_333..8_133 => noise(frame),
        _ => (0.0, 0.0),
    };
    let run = |cut: Cut, sleepless: bool| {
        let texts = programs.map(|text| match sleepless {
            true => format!("{text}\nzzz: noiz 1 >> pulse >> mul 0"),
            false => text.to_owned(),
        });
        let mut host = Host::new(Kind::Effect).without_guard().with_cut(cut);
        for (i, text) in texts.iter().enumerate() {
            put(&mut host, i, text);
        }
        let mut audio = Audio::default();
        let mut asleep = Vec::new();
        // From asleep to a new one, from asleep to one that sounds, and back to both.
        let changes = [
            (287_000, 1),
            (250_001, 2),
            (288_007, 0),
            (7_000, 1),
            (280_000, 0),
        ];
        for (frames, program) in changes {
            audio.extend(&host.render_with(frames, &[], input));
            asleep.push(host.snapshot().asleep);
            audio.extend(&host.render_with(1000, &[ask(77, program, 0)], input));
        }
        audio.extend(&host.render_with(20_000, &[], input));
        (audio, asleep)
    };
    let (awake, never) = run(Cut::Every(512), true);
    assert_eq!(never, [false; 5]);
    assert!(awake.peak() > 0.05);
    for cut in [Cut::Every(64), Cut::Every(8192), Cut::Random(3)] {
        let (audio, asleep) = run(cut, false);
        assert_eq!(asleep, [true, true, false, true, true], "{cut:?}");
        assert_eq!(audio.first_difference(&awake), None, "{cut:?}");
    }
}
