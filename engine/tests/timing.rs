//! Patterns and launches land on exact frames.

mod common;

use common::{Cut, Host, RATE, onsets};
use glisten_engine::{Kind, Launch};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// Frames, counted from the start, on which the multiples of `step_beats` fall (R7.1).
fn expected(tempo_bpm: f64, start_beat: f64, step_beats: f64, frames: usize) -> Vec<usize> {
    let beats_per_frame = tempo_bpm / 60.0 / RATE;
    let mut found = Vec::new();
    let mut n = (start_beat / step_beats).floor() as i64;
    loop {
        let at = ((n as f64 * step_beats - start_beat) / beats_per_frame - 1e-3).ceil();
        if at >= frames as f64 {
            return found;
        }
        if at >= 0.0 {
            found.push(at as usize);
        }
        n += 1;
    }
}

#[test]
fn triggers_fall_on_exact_frames_at_any_tempo_start_and_cut() {
    for tempo in [90.0, 120.0, 133.0, 61.7] {
        for start in [0.0, 3.5, 17.03, 1000.25, -2.0] {
            for cut in [
                Cut::Every(512),
                Cut::Every(64),
                Cut::Random(5),
                Cut::Every(1),
            ] {
                let mut host = Host::playing("out: seq 60 60 60 60").with_cut(cut);
                host.tempo_bpm = tempo;
                host.start_beat = start;
                let frames = if matches!(cut, Cut::Every(1)) {
                    30_000
                } else {
                    400_000
                };
                let audio = host.render(frames);
                let want = expected(tempo, start, 1.0, frames);
                assert_eq!(
                    onsets(&audio.left),
                    want,
                    "{tempo} BPM from beat {start}, {cut:?}"
                );
            }
        }
    }
}

#[test]
fn two_hundred_bars_later_nothing_has_drifted() {
    let mut host = Host::playing("out: speed 2 >> seq 60 60 60").with_cut(Cut::Every(4096));
    host.tempo_bpm = 133.0;
    let bar_frames = 4.0 * 60.0 / 133.0 * RATE;
    let frames = (200.0 * bar_frames) as usize;
    let audio = host.render(frames);
    let want = expected(133.0, 0.0, 4.0 / 6.0, frames);
    assert_eq!(onsets(&audio.left), want);
}

#[test]
fn compounds_divide_their_slot() {
    let audio = Host::playing("out: seq 60_72 60")
        .without_guard()
        .render(96_000);
    assert_eq!(audio.left[0], 1.0);
    // `60_72` is three slots of half a bar: the third falls at a third of a bar.
    assert_eq!(onsets(&audio.left)[..2], [0, 32_000]);
    assert!((audio.left[32_000] - 2.0).abs() < 1e-6);
}

#[test]
fn a_loop_repeats_its_triggers() {
    let mut host = Host::playing("out: seq 60 60 60 60").with_cut(Cut::Every(480));
    host.loop_beats = Some((0.0, 3.0));
    let audio = host.render(24_000 * 12);
    let found = onsets(&audio.left);
    let want: Vec<usize> = (0..12).map(|n| n * 24_000).collect();
    assert_eq!(found, want);
    // The loop ends inside a block and off the beat grid.
    let mut host = Host::playing("out: seq 60 60 60 60").with_cut(Cut::Every(512));
    host.loop_beats = Some((1.0, 2.5));
    host.start_beat = 1.0;
    let audio = host.render(24_000 * 6);
    let want: Vec<usize> = (0..4)
        .flat_map(|k| [k * 36_000, k * 36_000 + 24_000])
        .collect();
    assert_eq!(onsets(&audio.left), want);
}

#[test]
fn a_song_that_starts_before_its_loop_wraps_inside_a_block() {
    let mut host = Host::playing("out: seq 60 60 60 60");
    host.tempo_bpm = 90.0;
    host.start_beat = 3.2;
    host.loop_beats = Some((4.0, 6.5));
    let audio = host.render(200_000);
    // Beat 4 at 0.8 beats of 32,000 frames, then 5, 6, the wrap to 4 after 3.3 beats, and so on.
    assert_eq!(
        onsets(&audio.left),
        [25_600, 57_600, 89_600, 105_600, 137_600, 169_600, 185_600]
    );
}

#[test]
fn a_tempo_change_moves_what_comes_after_it() {
    let mut host = Host::playing("out: seq 60 60 60 60").with_cut(Cut::Every(100));
    let mut audio = host.render(30_000);
    // From here on at 60 BPM: a quarter of beat 1 has passed, so beat 2 is 0.75 · 48,000 frames off.
    host.start_beat = host.beats();
    host.tempo_bpm = 60.0;
    host.frame = 0;
    audio.extend(&host.render(120_000));
    assert_eq!(onsets(&audio.left), [0, 24_000, 66_000, 114_000]);
}

#[test]
fn a_seek_repeats_every_event() {
    let program = "out: speed 3 >> seq 60 _ ~b 67_72\n~b: choose 60 62 0 65";
    let events = |start: f64| {
        let mut host = Host::playing(program);
        host.start_beat = start;
        let audio = host.render(48_000);
        onsets(&audio.left)
            .into_iter()
            .map(|f| (f, audio.left[f].to_bits()))
            .collect::<Vec<_>>()
    };
    assert_eq!(events(8.0), events(8.0));
    let mut host = Host::playing(program);
    let _ = host.render(70_000);
    host.start_beat = 8.0;
    host.frame = 0;
    let audio = host.render(48_000);
    let after_seek: Vec<_> = onsets(&audio.left)
        .into_iter()
        .map(|f| (f, audio.left[f].to_bits()))
        .collect();
    assert_eq!(after_seek, events(8.0));
}

#[test]
fn a_stopped_song_stands_still() {
    let mut host = Host::playing("out: seq 60 60 60 60");
    host.playing = false;
    host.tempo_bpm = 120.0;
    assert_eq!(host.render(100_000).peak(), 0.0);
    host.playing = true;
    host.frame = 0;
    assert_eq!(onsets(&host.render(48_000).left), [0, 24_000]);
}

#[test]
fn an_edit_waits_for_its_launch_point_to_the_frame() {
    for (launch, frame) in [
        (Launch::Beat, 48_000),
        (Launch::Bars(1), 96_000),
        (Launch::Bars(2), 192_000),
    ] {
        for cut in [Cut::Every(512), Cut::Every(77), Cut::Random(9)] {
            let mut host = Host::new(Kind::Instrument).with_cut(cut).without_guard();
            host.evaluate("out: sig 0.5");
            let mut audio = host.render(30_000);
            host.launch("out: sig 0.25", launch);
            audio.extend(&host.render(200_000));
            let first = audio.left.iter().position(|x| *x != 0.5);
            // The ramp starts on the launch frame with the old value.
            assert_eq!(first, Some(frame + 1), "{launch:?} {cut:?}");
            assert_eq!(host.snapshot().waiting_revision, 0);
        }
    }
}

#[test]
fn a_waiting_edit_can_be_taken_back_and_stop_fires_it() {
    let mut host = Host::new(Kind::Instrument).without_guard();
    host.evaluate("out: sig 0.5");
    let _ = host.render(1000);
    host.launch("out: sig 0.25", Launch::Bars(4));
    let _ = host.render(1000);
    assert_eq!(host.snapshot().waiting_revision, 2);
    assert_eq!(host.snapshot().launch_beat, 16.0);
    assert!(host.engine.cancel_waiting());
    assert!(!host.engine.cancel_waiting());
    let audio = host.render(1_000_000);
    assert!(audio.left.iter().all(|x| *x == 0.5));
    host.launch("out: sig 0.125", Launch::Bars(4));
    host.playing = false;
    let audio = host.render(2000);
    assert_eq!(audio.left[1999], 0.125);
}

#[test]
fn references_tell_the_transport() {
    let mut host = Host::playing("out: balance ~beat ~bpm >> mul 0.001").without_guard();
    host.tempo_bpm = 97.0;
    host.start_beat = 8.0;
    let audio = host.render(48_000);
    for f in [0, 1, 777, 47_999] {
        let beat = 8.0 + f as f64 * 97.0 / 60.0 / RATE;
        assert!(
            (f64::from(audio.left[f]) * 1000.0 - beat).abs() < 2e-6 * beat,
            "frame {f}"
        );
        assert!((audio.right[f] - 0.097).abs() < 1e-7);
    }
}

#[test]
fn impulses_of_a_note_value_fall_on_the_song_s_grid() {
    for (value, beats) in [
        ("1/4", 1.0),
        ("1/8", 0.5),
        ("1/4.", 1.5),
        ("1/8t", 1.0 / 3.0),
        ("2/1", 8.0),
    ] {
        for (tempo, start) in [(120.0, 0.0), (133.0, 3.6), (61.7, -2.0), (97.0, 1000.25)] {
            for cut in [Cut::Every(512), Cut::Random(7)] {
                let mut host = Host::playing(&format!("out: imp {value}")).with_cut(cut);
                host.tempo_bpm = tempo;
                host.start_beat = start;
                let audio = host.render(400_000);
                let want = expected(tempo, start, beats, 400_000);
                assert_eq!(
                    onsets(&audio.left),
                    want,
                    "{value}: {tempo} BPM from beat {start}, {cut:?}"
                );
            }
        }
    }
}

#[test]
fn impulses_of_a_note_value_follow_jumps_loops_tempo_and_edits() {
    let mut host = Host::playing("out: imp 1/4").with_cut(Cut::Every(100));
    let mut audio = host.render(30_000);
    // At 60 BPM from beat 1.25 on, then back to beat 0.5: half a beat of 48,000 frames is left.
    host.start_beat = host.beats();
    host.tempo_bpm = 60.0;
    host.frame = 0;
    audio.extend(&host.render(40_000));
    host.start_beat = 0.5;
    host.frame = 0;
    audio.extend(&host.render(80_000));
    // While the song stands there are none; where it starts on a beat, one at once.
    host.playing = false;
    audio.extend(&host.render(50_000));
    host.playing = true;
    host.start_beat = 3.0;
    host.frame = 0;
    audio.extend(&host.render(10_000));
    assert_eq!(
        onsets(&audio.left),
        [0, 24_000, 66_000, 94_000, 142_000, 200_000]
    );
    let mut host = Host::playing("out: imp 1/2").with_cut(Cut::Every(512));
    host.loop_beats = Some((0.0, 3.0));
    let audio = host.render(24_000 * 6);
    assert_eq!(
        onsets(&audio.left),
        [0, 48_000, 72_000, 120_000],
        "beats 0 and 2 of each round"
    );
    // Another note value acts at once, from the place where the song is; so does a frequency.
    let mut host = Host::playing("out: imp 1/4").with_cut(Cut::Every(512));
    let mut audio = host.render(30_000);
    host.evaluate("out: imp 1/16");
    audio.extend(&host.render(20_000));
    host.evaluate("out: imp 4");
    audio.extend(&host.render(30_000));
    host.evaluate("out: imp 1/4");
    audio.extend(&host.render(20_000));
    let found = onsets(&audio.left);
    assert_eq!(found[..5], [0, 24_000, 30_000, 36_000, 42_000]);
    let free: Vec<usize> = found
        .iter()
        .copied()
        .filter(|f| (50_000..80_000).contains(f))
        .collect();
    // The frequency glides from its default to 4 within the first period.
    assert!(
        free.len() == 3 && free[0] == 50_000 && free[2] - free[1] == 12_000,
        "four a second: {free:?}"
    );
    assert_eq!(found.last(), Some(&96_000));
}

#[test]
fn triggers_that_would_lie_too_close_are_left_out() {
    // At 96,000 frames a bar: 8 frames apart, 7.38 and 7.5. What falls on the 7th frame after
    // another one is left out.
    for (program, written) in [
        ("out: speed 1000 >> seq 60*12", 6_000),
        ("out: speed 1000 >> seq 60*13", 6_500),
        ("out: speed 400 >> eu 32 32", 6_400),
    ] {
        let audio = Host::playing(program).without_guard().render(48_000);
        let found = onsets(&audio.left);
        assert!(found.len() > 3_000, "{program}: {}", found.len());
        assert_eq!(found.len() == written, written == 6_000, "{program}");
        assert!(found.windows(2).all(|w| w[1] - w[0] >= 8), "{program}");
    }
}
