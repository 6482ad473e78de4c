//! Everything with a rhythm, in song time: values and triggers on exact frames at odd tempi, through
//! tempo changes, loops and jumps.

#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

mod common;

use common::{Audio, Cut, Host, RATE, onsets};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Frames, counted from the start, on which these beats of a repeating cycle fall (R7.1).
fn frames_of(
    cycle_beats: f64,
    beats: &[f64],
    tempo_bpm: f64,
    from: f64,
    frames: usize,
) -> Vec<usize> {
    let beats_per_frame = tempo_bpm / 60.0 / RATE;
    let mut found = Vec::new();
    let mut cycle = (from / cycle_beats).floor() - 1.0;
    loop {
        for beat in beats {
            let at = ((cycle * cycle_beats + beat - from) / beats_per_frame - 1e-3).ceil();
            if at >= frames as f64 {
                return found;
            }
            if at >= 0.0 {
                found.push(at as usize);
            }
        }
        cycle += 1.0;
    }
}

/// Frames on which a signal changes its value.
fn changes(signal: &[f32]) -> Vec<usize> {
    (1..signal.len())
        .filter(|i| signal[*i] != signal[i - 1])
        .collect()
}

fn host(program: &str) -> Host {
    Host::playing(program).without_guard()
}

/// Triggers with their heights.
fn events(audio: &Audio) -> Vec<(usize, u32)> {
    let left = &audio.left;
    onsets(left)
        .into_iter()
        .map(|f| (f, left[f].to_bits()))
        .collect()
}

#[test]
fn values_of_a_pattern_begin_on_exact_frames() {
    let program = "out: \"0.1@0 0.2@0.3 0.4@2/3 0.3@5/4\"(3/2)";
    let beats = [0.0, 1.2, 8.0 / 3.0, 5.0];
    for tempo in [120.0, 61.7, 174.37] {
        for from in [0.0, 3.3, 1000.25, -5.0] {
            for cut in [Cut::Every(512), Cut::Random(3), Cut::Every(64)] {
                let mut host = host(program).with_cut(cut);
                host.tempo_bpm = tempo;
                host.start_beat = from;
                let audio = host.render(300_000);
                let want = frames_of(6.0, &beats, tempo, from, 300_000);
                let want: Vec<usize> = want.into_iter().filter(|f| *f > 0).collect();
                assert_eq!(
                    changes(&audio.left),
                    want,
                    "{tempo} BPM from {from}, {cut:?}"
                );
            }
        }
    }
}

#[test]
fn a_pattern_gives_the_value_that_holds() {
    let value = |from: f64| {
        let mut host = host("out: \"0.1@0.25 0.2@0.5\"(1)");
        host.start_beat = from;
        host.render(1).left[0]
    };
    // Before the first value the last one of the pass before goes on, at the song's start too.
    let cases = [
        (0.0, 0.2),
        (0.99, 0.2),
        (1.0, 0.1),
        (1.9, 0.1),
        (2.0, 0.2),
        (4.5, 0.2),
        (5.0, 0.1),
    ];
    for (from, want) in cases {
        assert_eq!(value(from), want, "beat {from}");
        assert_eq!(value(from - 8.0), want, "beat {from} before the song");
    }
}

#[test]
fn a_pattern_moves_with_tempo_loops_and_jumps() {
    let program = "out: sig \"0.1@0 0.2@1/4 0.3@1/2 0.4@3/4\"(1)";
    let mut one = host(program).with_cut(Cut::Every(100));
    let mut audio = one.render(30_000);
    one.start_beat = one.beats();
    one.tempo_bpm = 60.0;
    one.frame = 0;
    audio.extend(&one.render(120_000));
    // Beat 1 at 24,000; then a quarter of it has passed and 48,000 frames make a beat.
    assert_eq!(changes(&audio.left), [24_000, 66_000, 114_000]);
    assert_eq!(audio.left[149_999], 0.4);

    let mut looped = host(program).with_cut(Cut::Every(512));
    looped.loop_beats = Some((1.0, 2.5));
    looped.start_beat = 1.0;
    let audio = looped.render(24_000 * 4);
    assert_eq!(changes(&audio.left), [24_000, 36_000, 60_000, 72_000]);
    assert_eq!((audio.left[23_999], audio.left[24_000]), (0.2, 0.3));

    looped.loop_beats = None;
    looped.start_beat = 7.0;
    looped.frame = 0;
    assert_eq!(looped.render(10).left[0], 0.4);
    looped.playing = false;
    looped.cut = Cut::Every(100_000);
    let still = looped.render(100_000);
    assert!(still.left.iter().all(|x| *x == 0.4), "the song stands");
}

#[test]
fn a_pattern_drives_what_takes_a_number() {
    // Levels of a sine through a low-pass whose cutoff jumps at the half bar.
    let audio = host("out: sin 2000 >> lpf \"200@0 20000@0.5\"(1) 0.7").render(96_000);
    let rms = |part: &[f32]| {
        let sum: f64 = part.iter().map(|x| f64::from(*x).powi(2)).sum();
        10.0 * (sum / part.len() as f64).log10()
    };
    let (low, high) = (
        rms(&audio.left[10_000..48_000]),
        rms(&audio.left[50_000..96_000]),
    );
    // Two poles a decade above the cutoff: 40 dB below the sine's −3.
    assert!((low + 43.0).abs() < 0.3, "{low}");
    assert!((high + 3.01).abs() < 0.1, "{high}");
}

#[test]
fn an_envelope_passes_its_points() {
    let program = "out: [0=>0.5 1/4=>1 1/2+10_ms=>0.25 3/4=>0.25 3/4=>0.75 1=>0]";
    let audio = host(program).render(120_000);
    let at = |f: usize| audio.left[f];
    // One bar is 96,000 frames; 10 ms are 480.
    let points = [
        (0, 0.5),
        (24_000, 1.0),
        (48_480, 0.25),
        (71_999, 0.25),
        (72_000, 0.75),
    ];
    for (frame, value) in points {
        assert!((at(frame) - value).abs() < 1e-6, "{frame}: {}", at(frame));
    }
    assert_eq!(at(0), 0.5);
    assert!((at(12_000) - 0.75).abs() < 1e-6);
    assert!((at(36_240) - 0.625).abs() < 1e-6);
    assert!((at(84_000) - 0.375).abs() < 1e-6);
    assert!(
        audio.left[96_000..].iter().all(|x| *x == 0.0),
        "it holds its end"
    );
}

#[test]
fn an_envelope_repeats_from_its_first_sample() {
    for tempo in [120.0, 61.7, 174.37] {
        let mut host = host("out: [0=>0.9 1=>0.1]/4!").with_cut(Cut::Random(2));
        host.tempo_bpm = tempo;
        let audio = host.render(200_000);
        let starts = frames_of(1.0, &[0.0], tempo, 0.0, 200_000);
        let beat_frames = 60.0 / tempo * RATE;
        for pair in starts.windows(2) {
            let beats = pair[0] as f64 / beat_frames;
            let fraction = beats - (beats + 1e-6).floor();
            let want = 0.9 - 0.8 * fraction.max(0.0);
            assert!(
                (f64::from(audio.left[pair[0]]) - want).abs() < 1e-6,
                "{tempo}"
            );
            assert!(audio.left[pair[1] - 1] < 0.1 + 0.8 * 1.1 / beat_frames as f32);
        }
    }
}

#[test]
fn an_envelope_stands_where_the_song_is() {
    let value = |program: &str, from: f64, playing: bool| {
        let mut host = host(program);
        host.start_beat = from;
        host.playing = playing;
        host.render(100).left[0]
    };
    for playing in [true, false] {
        for (from, want) in [
            (-3.0, 0.0),
            (0.0, 0.0),
            (2.0, 0.25),
            (4.0, 0.5),
            (8.0, 1.0),
            (99.0, 1.0),
        ] {
            let got = value("out: [0=>0 1=>1]*2", from, playing);
            assert!((got - want).abs() < 1e-6, "{from}: {got}");
        }
        assert!((value("out: [0=>0 1=>1]*2!", 26.0, playing) - 0.25).abs() < 1e-6);
        // Without a point at 0 the envelope begins at 0.
        assert!((value("out: [1/2=>1 1=>0]", 1.0, playing) - 0.5).abs() < 1e-6);
    }
}

#[test]
fn a_trigger_starts_an_envelope() {
    let program = "out: seq _ 60 _ 72 >> [0=>0 1/8=>1 1/4=>0.5]";
    let audio = host(program).render(144_000);
    let at = |f: usize| audio.left[f];
    assert!(
        audio.left[..24_000].iter().all(|x| *x == 0.5),
        "as if a pass had ended"
    );
    for (frame, value) in [
        (24_000, 0.0),
        (30_000, 0.5),
        (36_000, 1.0),
        (42_000, 0.75),
        (48_000, 0.5),
    ] {
        assert!((at(frame) - value).abs() < 1e-6, "{frame}: {}", at(frame));
    }
    // The height of a trigger does not matter.
    assert!((at(84_000) - 1.0).abs() < 1e-6);
    // An impulse on evaluation: a fade that starts when it is run, wherever the song is.
    let mut fade = host("out: imp 0 >> [0=>0 1=>1]*2");
    fade.start_beat = 77.7;
    let mut audio = fade.render(96_000);
    fade.start_beat = fade.beats();
    fade.frame = 0;
    fade.tempo_bpm = 240.0;
    audio.extend(&fade.render(60_000));
    for (frame, value) in [
        (0, 0.0),
        (48_000, 0.25),
        (96_000, 0.5),
        (120_000, 0.75),
        (150_000, 1.0),
    ] {
        assert!(
            (audio.left[frame] - value).abs() < 1e-5,
            "{frame}: {}",
            audio.left[frame]
        );
    }
    // An edit of the points keeps the pass.
    fade.evaluate("out: imp 0 >> [0=>0 1=>0.5]*2");
    let audio = fade.render(1000);
    assert!((audio.left[999] - 0.5).abs() < 1e-6, "{}", audio.left[999]);
}

#[test]
fn an_arrangement_changes_over_on_the_frame() {
    let program = "out: arrange ~a 1.5 ~b 0.5\n~a: sig 0.25\n~b: sig 0.5";
    for tempo in [120.0, 61.7, 174.37] {
        for from in [0.0, 5.1, -3.0] {
            let mut host = host(program).with_cut(Cut::Random(4));
            host.tempo_bpm = tempo;
            host.start_beat = from;
            let audio = host.render(400_000);
            let want = frames_of(8.0, &[0.0, 6.0], tempo, from, 400_000);
            let want: Vec<usize> = want.into_iter().filter(|f| *f > 0).collect();
            assert_eq!(changes(&audio.left), want, "{tempo} BPM from {from}");
        }
    }
}

#[test]
fn an_arrangement_passes_the_first_trigger_and_no_late_one() {
    let program = "out: arrange ~a 1 ~b 1\n~a: seq 60 60 60 60\n~b: seq 72 _ 72 _";
    let mut host = host(program).with_cut(Cut::Every(480));
    let audio = host.render(96_000 * 4);
    let bar = [
        (0, 1.0f32),
        (24_000, 1.0),
        (48_000, 1.0),
        (72_000, 1.0),
        (96_000, 2.0),
        (144_000, 2.0),
    ];
    let want: Vec<(usize, u32)> = (0..2)
        .flat_map(|k| bar.map(|(f, x)| (f + k * 192_000, x.to_bits())))
        .collect();
    assert_eq!(events(&audio), want);
    // A jump lands in the right part, and a loop over both ends gives the same again.
    host.start_beat = 13.0;
    host.frame = 0;
    assert_eq!(events(&host.render(72_000)), [(24_000, 2.0f32.to_bits())]);
    host.start_beat = 7.0;
    host.loop_beats = Some((3.0, 9.0));
    host.frame = 0;
    let found = events(&host.render(24_000 * 8));
    let at = |beat: usize, x: f32| (beat * 24_000, x.to_bits());
    assert_eq!(
        found,
        [at(1, 1.0), at(2, 1.0), at(3, 2.0), at(5, 2.0), at(7, 1.0)]
    );
}

#[test]
fn an_arrangement_is_stereo_and_its_chains_run_on() {
    let program = "out: arrange ~a 1 ~b 1\n~a: sin 1 >> pan 1\n~b: sin 2";
    let audio = host(program).render(96_000 * 3);
    let sine = |hz: f64, f: usize| (std::f64::consts::TAU * hz * f as f64 / RATE).sin();
    for f in [100, 5_000, 47_000, 195_000, 250_000] {
        assert_eq!(audio.left[f], 0.0);
        assert!(
            (f64::from(audio.right[f]) - sine(1.0, f)).abs() < 1e-5,
            "{f}"
        );
    }
    for f in [100_000, 150_000] {
        assert_eq!(audio.left[f], audio.right[f]);
        assert!(
            (f64::from(audio.left[f]) - sine(2.0, f)).abs() < 1e-5,
            "{f}"
        );
    }
}

/// Triggers as beats and MIDI notes.
fn notes(program: &str, from: f64, beats: usize) -> Vec<(f64, i32)> {
    let mut host = host(program);
    host.start_beat = from;
    let audio = host.render(beats * 24_000);
    let at = |f: usize| from + (f as f64 / 24_000.0 * 48.0).round() / 48.0;
    let note = |f: usize| 60 + (audio.left[f].log2() * 12.0).round() as i32;
    onsets(&audio.left)
        .into_iter()
        .map(|f| (at(f), note(f)))
        .collect()
}

#[test]
fn signs_and_brackets_divide_the_bar() {
    let got = notes("out: seq c4 (60 62*2)@2 72!3 _65", 0.0, 4);
    // Seven parts: one, two, three times one, and one of two slots.
    let sevenths = [
        (0.0, 60),
        (1.0, 60),
        (2.0, 62),
        (2.5, 62),
        (3.0, 72),
        (4.0, 72),
        (5.0, 72),
        (6.5, 65),
    ];
    let want: Vec<(usize, i32)> = sevenths
        .iter()
        .map(|(at, n)| ((at / 7.0 * 96_000.0f64 - 1e-3).ceil() as usize, *n))
        .collect();
    let audio = host("out: seq c4 (60 62*2)@2 72!3 _65").render(96_000);
    let frames: Vec<(usize, i32)> = onsets(&audio.left)
        .into_iter()
        .zip(got.iter().map(|g| g.1))
        .collect();
    assert_eq!(frames, want);
}

#[test]
fn turns_follow_the_song() {
    let program = "out: speed 2 >> seq {60 62 {64 65}} 48";
    let bar = notes(program, 0.0, 12);
    let turns: Vec<i32> = bar.iter().step_by(2).map(|n| n.1).collect();
    assert_eq!(turns, [60, 62, 64, 60, 62, 65]);
    // A jump gives the note that belongs there; so does a place before the song.
    assert_eq!(notes(program, 10.0, 2), [(10.0, 65), (11.0, 48)]);
    assert_eq!(notes(program, -2.0, 2), [(-2.0, 65), (-1.0, 48)]);
    // A repeated turn goes on within the cycle.
    let quick = notes("out: seq {60 62 64}*2", 0.0, 12);
    let turns: Vec<i32> = quick.iter().map(|n| n.1).collect();
    assert_eq!(turns, [60, 62, 64, 60, 62, 64]);
}

#[test]
fn chance_is_the_same_wherever_the_song_comes_from() {
    let program = "out: speed 4 >> seq 60? (62 64)?0.3 65?0.9 60?0 61?1";
    let all = notes(program, 0.0, 1600);
    let count = |n: i32| all.iter().filter(|e| e.1 == n).count() as f64;
    // 1600 cycles; four standard deviations of a share of a half are 80.
    for (note, share) in [(60, 0.5), (62, 0.3), (64, 0.3), (65, 0.9), (61, 1.0)] {
        assert!(
            (count(note) - 1600.0 * share).abs() < 80.0,
            "{note}: {}",
            count(note)
        );
    }
    // The notes of a group have each their own chance.
    let both = all
        .windows(2)
        .filter(|w| w[0].1 == 62 && w[1].1 == 64)
        .count() as f64;
    assert!((both - 1600.0 * 0.09).abs() < 50.0, "{both}");
    let later: Vec<_> = all
        .iter()
        .filter(|e| e.0 >= 700.0 && e.0 < 750.0)
        .copied()
        .collect();
    assert_eq!(notes(program, 700.0, 50), later);
    // Another chain throws its own dice.
    let other = notes(
        "~b: speed 4 >> seq 60? (62 64)?0.3 65?0.9 60?0 61?1\nout: ~b",
        0.0,
        1600,
    );
    assert_ne!(all, other);
}

#[test]
fn turns_and_chance_survive_odd_tempi_cuts_loops_and_edits() {
    let program = "out: speed 3 >> seq {60 62 64} (65 67?)*2 {69 _}";
    for tempo in [61.7, 174.37] {
        let play = |cut: Cut| {
            let mut host = host(program).with_cut(cut);
            host.tempo_bpm = tempo;
            host.start_beat = 33.3;
            events(&host.render(200_000))
        };
        let want = play(Cut::Every(64));
        assert!(want.len() > 8);
        for cut in [Cut::Every(512), Cut::Random(8), Cut::Every(4096)] {
            assert_eq!(play(cut), want, "{tempo} {cut:?}");
        }
    }
    // Every time round a loop gives the same.
    let mut looped = host(program).with_cut(Cut::Every(480));
    looped.loop_beats = Some((5.0, 9.0));
    looped.start_beat = 5.0;
    let found = events(&looped.render(96_000 * 3));
    let round = |k: usize| -> Vec<(usize, u32)> {
        let here = found.iter().filter(|e| e.0 / 96_000 == k);
        here.map(|e| (e.0 - k * 96_000, e.1)).collect()
    };
    assert_eq!(round(0), round(1));
    assert_eq!(round(1), round(2));
    // An edit of one note leaves the turns and the chances of the others.
    let mut edited = host(program);
    let mut audio = edited.render(96_000);
    edited.evaluate("out: speed 3 >> seq {60 62 63} (65 67?)*2 {69 _}");
    audio.extend(&edited.render(96_000));
    let plain = host(program).render(192_000);
    let seen = |audio: &Audio| onsets(&audio.left);
    assert_eq!(seen(&audio), seen(&plain));
}

#[test]
fn euclidean_rhythms_lie_on_the_song_s_grid() {
    let steps = [0.0, 3.0, 6.0].map(|n: f64| n / 2.0);
    for (program, beats) in [
        ("out: eu 3 8", steps),
        ("out: eu 3 8 3", [0.0, 1.5, 2.5]),
        ("out: eu 3 8 -2", [0.0, 1.0, 2.5]),
    ] {
        for tempo in [61.7, 120.0, 174.37] {
            for from in [0.0, 9.9, -4.0] {
                for cut in [Cut::Every(512), Cut::Random(6)] {
                    let mut host = host(program).with_cut(cut);
                    host.tempo_bpm = tempo;
                    host.start_beat = from;
                    let audio = host.render(300_000);
                    let want = frames_of(4.0, &beats, tempo, from, 300_000);
                    assert_eq!(
                        onsets(&audio.left),
                        want,
                        "{program} {tempo} BPM from {from}"
                    );
                    assert!(want.iter().all(|f| audio.left[*f] == 1.0));
                }
            }
        }
    }
}

#[test]
fn a_euclidean_rhythm_takes_speed_references_and_edits() {
    let fast = host("out: speed 2 >> eu 1 4").render(192_000);
    assert_eq!(onsets(&fast.left), [0, 48_000, 96_000, 144_000]);
    // The hits change with a pattern, at once, and the place stays on the grid.
    let moving = host("~k: \"1@0 4@0.5 0@0.75\"(1)\nout: eu ~k 4").render(192_000);
    assert_eq!(onsets(&moving.left), [0, 48_000, 96_000, 144_000]);
    let steps = host("~n: \"4@0 8@0.5\"(1)\nout: eu 64 ~n").render(96_000);
    assert_eq!(
        onsets(&steps.left),
        [0, 24_000, 48_000, 60_000, 72_000, 84_000]
    );
    let mut edited = host("out: eu 4 4");
    let mut audio = edited.render(30_000);
    edited.evaluate("out: eu 8 8");
    audio.extend(&edited.render(66_000));
    assert_eq!(
        onsets(&audio.left),
        [0, 24_000, 36_000, 48_000, 60_000, 72_000, 84_000]
    );
    let mut stopped = host("out: eu 8 8");
    stopped.playing = false;
    assert_eq!(stopped.render(50_000).peak(), 0.0);
}

/// Frames on which short tones begin: a sample that is not 0 after 0.09 s of them.
fn tones(audio: &Audio) -> Vec<usize> {
    let mut last = 0;
    let mut found = Vec::new();
    for f in onsets(&audio.left) {
        if found.is_empty() || f - last > 2_000 {
            found.push(f);
        }
        last = f;
    }
    found
}

#[test]
fn timed_notes_follow_the_song() {
    // The envelope is 0 on the trigger's own frame.
    let program = "out: p_synth `0 60, 1/4 64, 1.75 67`";
    for tempo in [120.0, 61.7] {
        for from in [0.0, 5.0] {
            let mut host = host(program).with_cut(Cut::Random(5));
            host.tempo_bpm = tempo;
            host.start_beat = from;
            let want = frames_of(8.0, &[0.0, 1.0, 7.0], tempo, from, 400_000);
            let got = tones(&host.render(400_000));
            assert_eq!(
                got,
                want.iter().map(|f| f + 1).collect::<Vec<_>>(),
                "{tempo} from {from}"
            );
        }
    }
    let short = host("out: p_synth `0 60, 1/4 64, 1.75 67` 1/2").render(96_000);
    assert_eq!(tones(&short), [1, 24_001, 48_001, 72_001]);
    let mut stopped = host(program);
    stopped.playing = false;
    assert_eq!(stopped.render(50_000).peak(), 0.0);
}

#[test]
fn a_timed_note_is_a_short_saw() {
    let audio = host("out: p_synth `0 69`").render(24_000);
    // The peak, 0.1, is 1 ms in; the tone is gone after 101 ms.
    assert!(audio.left[4_849..].iter().all(|x| *x == 0.0));
    assert!(audio.peak() < 0.105 && audio.peak() > 0.09);
    let level = |hz: f64| common::level_db(&audio.left[..4_848], hz, RATE);
    // A falling line from 0.1 over a saw's first partial of 2/π: half of it on average.
    let first = 20.0 * (0.05 * 2.0 / std::f64::consts::PI).log10();
    assert!(
        (level(440.0) - first).abs() < 1.0,
        "{} {first}",
        level(440.0)
    );
    assert!((level(880.0) - level(440.0) + 6.02).abs() < 0.3);
    // A chord is the sum of its notes, and its voices do not disturb each other.
    let chord = host("out: p_synth `0 69, 0 72.5, 0 c4`").render(6_000);
    let one = |note: &str| host(&format!("out: p_synth `0 {note}`")).render(6_000);
    let parts = ["69", "72.5", "60"].map(one);
    for f in 0..6_000 {
        let sum: f32 = parts.iter().map(|p| p.left[f]).sum();
        assert!((chord.left[f] - sum).abs() < 1e-6, "{f}");
    }
    // An edit of a later note leaves the one that sounds.
    let mut edited = host("out: p_synth `0 69, 0.5 60`");
    let mut both = edited.render(2_000);
    edited.evaluate("out: p_synth `0 69, 0.5 64`");
    both.extend(&edited.render(3_000));
    for f in 0..5_000 {
        assert!((both.left[f] - audio.left[f]).abs() < 1e-6, "{f}");
    }
}

#[test]
fn an_lfo_is_locked_to_the_song() {
    let at = |shape: &str, from: f64| {
        let mut host = host(&format!("out: lfo 2 {shape} -0.5 0.5"));
        host.start_beat = from;
        f64::from(host.render(1).left[0]) + 0.5
    };
    for bars in [0.0, 0.25, 0.5, 1.0, 1.3, 1.999, 7.1, -0.4] {
        let x = (bars / 2.0f64).rem_euclid(1.0);
        let shapes = [
            ("sine", 0.5 - 0.5 * (std::f64::consts::TAU * x).cos()),
            ("tri", 1.0 - (2.0 * x - 1.0).abs()),
            ("saw", x),
            ("down", 1.0 - x),
            ("squ", if x < 0.5 { 1.0 } else { 0.0 }),
        ];
        for (shape, want) in shapes {
            let got = at(shape, bars * 4.0);
            assert!(
                (got - want).abs() < 1e-6,
                "{shape} at bar {bars}: {got} {want}"
            );
        }
    }
    // Jumps fall on exact frames at any tempo and cut.
    for tempo in [61.7, 174.37] {
        let mut host = host("out: lfo 1/4 squ 0.1 0.9").with_cut(Cut::Random(3));
        host.tempo_bpm = tempo;
        host.start_beat = 3.3;
        let audio = host.render(300_000);
        let want = frames_of(1.0, &[0.0, 0.5], tempo, 3.3, 300_000);
        assert_eq!(changes(&audio.left), want, "{tempo}");
    }
    let mut stopped = host("out: lfo 1 saw");
    stopped.playing = false;
    stopped.start_beat = 1.0;
    stopped.cut = Cut::Every(10_000);
    assert!(changes(&stopped.render(10_000).left).is_empty());
}

#[test]
fn random_levels_and_walks_come_again_with_the_song() {
    let programs = [
        ("out: lfo 1/8 random 0.1 0.9", 0.5),
        ("out: walk 1/8 0.1 0.1 0.9", 0.5),
    ];
    for (program, beats) in programs {
        for tempo in [61.7, 120.0] {
            let run = |from: f64, frames: usize| {
                let mut host = host(program).with_cut(Cut::Random(2));
                host.tempo_bpm = tempo;
                host.start_beat = from;
                host.render(frames)
            };
            let all = run(0.0, 400_000);
            let want = frames_of(beats, &[0.0], tempo, 0.0, 400_000);
            assert_eq!(changes(&all.left), want[1..], "{program}");
            assert!(all.left.iter().all(|x| (0.1..=0.9).contains(x)));
            // From the middle of a later step on.
            let from = 5.25;
            let there = (from / (tempo / 60.0 / RATE)) as usize + 10;
            let later = run(from, 20);
            assert_eq!(later.left[10], all.left[there], "{program}");
            let mut jumped = host(program);
            jumped.tempo_bpm = tempo;
            let _ = jumped.render(7_000);
            jumped.start_beat = from;
            jumped.frame = 0;
            assert_eq!(jumped.render(20).left[10], all.left[there], "{program}");
        }
        let other = format!("~a: {}\nout: ~a", program.trim_start_matches("out: "));
        let (one, two) = (host(program).render(96_000), host(&other).render(96_000));
        assert_ne!(one.left, two.left, "each has its own chance");
    }
    // A step goes no further than its size, and something happens.
    let walk = host("out: walk 1/8 0.1").render(480_000);
    let steps: Vec<f32> = changes(&walk.left)
        .iter()
        .map(|f| (walk.left[*f] - walk.left[f - 1]).abs())
        .collect();
    assert!(
        steps.len() > 35 && steps.iter().all(|s| *s < 0.15),
        "{steps:?}"
    );
}

#[test]
fn a_walk_in_a_scale_is_played_by_seq() {
    let program = "~a: walk 1/8 0.4 48 72 >> quant minor 9\nout: speed 2 >> seq ~a ~a ~a ~a";
    let played = notes(program, 0.0, 32);
    assert_eq!(played.len(), 64);
    let a_minor = [0, 2, 4, 5, 7, 9, 11];
    assert!(
        played
            .iter()
            .all(|(_, n)| a_minor.contains(&n.rem_euclid(12)) && (47..=73).contains(n)),
        "{played:?}"
    );
    let different: std::collections::BTreeSet<i32> = played.iter().map(|n| n.1).collect();
    assert!(different.len() > 4, "{different:?}");
    assert_eq!(notes(program, 16.0, 4), played[32..40].to_vec());
}
