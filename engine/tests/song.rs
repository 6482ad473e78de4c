//! What hosts do to the song's position: ramps of the tempo, jumps, loops, nothing said at all - and
//! the song running by itself while the host stands.

mod common;

use common::{Audio, Cut, Host, RATE, Random, onsets};
use glisten_engine::{AudioBlock, Event, EventKind, FreeRun, HostTransport, Kind, Launch};

#[global_allocator]
static ALLOCATOR: assert_no_alloc::AllocDisabler = assert_no_alloc::AllocDisabler;

/// An instrument without guard whose host says what the test wants at each block's first frame.
struct Stage {
    host: Host,
    frame: u64,
    random: Random,
}

impl Stage {
    fn new() -> Self {
        Self {
            host: Host::new(Kind::Instrument).without_guard(),
            frame: 0,
            random: Random(11),
        }
    }

    fn playing(program: &str) -> Self {
        let mut stage = Self::new();
        stage.host.evaluate(program);
        stage
    }

    /// One block.
    fn block(&mut self, frames: usize, transport: HostTransport, events: &[Event]) -> Audio {
        let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
        let renderer = &mut self.host.renderer;
        assert_no_alloc::assert_no_alloc(|| {
            renderer.render(AudioBlock {
                channels: &mut [&mut left, &mut right],
                input_channels: 0,
                sidechain: &[],
                transport,
                events,
            });
        });
        self.frame += frames as u64;
        Audio { left, right }
    }

    /// So many frames; `told` gives what the host says of a block from its first frame and length.
    fn render(
        &mut self,
        frames: usize,
        cut: Cut,
        told: impl Fn(u64, usize) -> HostTransport,
    ) -> Audio {
        let mut audio = Audio::default();
        while audio.left.len() < frames {
            let block = match cut {
                Cut::Every(n) => n,
                Cut::Random(_) => self.random.below(700),
            }
            .min(frames - audio.left.len());
            let transport = told(self.frame, block);
            audio.extend(&self.block(block, transport, &[]));
        }
        audio
    }

    fn say(&mut self, kind: EventKind) {
        let event = Event { frame: 0, kind };
        let _ = self.block(0, standing(0.0), &[event]);
    }
}

fn standing(beat: f64) -> HostTransport {
    HostTransport {
        playing: false,
        tempo_bpm: Some(120.0),
        beats: Some(beat),
        loop_beats: None,
    }
}

/// A song at 120 BPM whose frame 0 is `beat`: 24,000 frames to the beat.
fn at_120(beat: f64) -> impl Fn(u64, usize) -> HostTransport {
    move |frame, _| HostTransport {
        playing: true,
        beats: Some(beat + frame as f64 / 24_000.0),
        ..standing(0.0)
    }
}

/// Positions of a song whose tempo is a function of the frame: the beat before each frame.
fn positions(frames: usize, tempo: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut beat = 0.0;
    (0..=frames)
        .map(|frame| {
            let here = beat;
            beat += tempo(frame) / 60.0 / RATE;
            here
        })
        .collect()
}

/// Which tempo of a block a host tells.
#[derive(Clone, Copy, Debug)]
enum Tells {
    First,
    Mean,
    Last,
}

/// Frames on which multiples of `step_beats` truly fall.
fn true_steps(beats: &[f64], step_beats: f64) -> Vec<usize> {
    let mut found = Vec::new();
    for (frame, beat) in beats.iter().enumerate() {
        if beat / step_beats >= found.len() as f64 - 1e-9 {
            found.push(frame);
        }
    }
    found
}

#[test]
fn a_changing_tempo_loses_and_doubles_no_step() {
    const FRAMES: usize = 400_000;
    let ramp = |from: f64, to: f64| {
        move |frame: usize| {
            let share = (frame as f64 / 200_000.0 - 0.25).clamp(0.0, 1.0);
            from + (to - from) * share
        }
    };
    let step = |frame: usize| if frame < 123_457 { 70.0 } else { 171.3 };
    let sway = |frame: usize| 80.0 + (frame as f64 / 500.0 % 160.0 - 80.0).abs();
    type Tempo = Box<dyn Fn(usize) -> f64>;
    let tempi: [(&str, Tempo); 5] = [
        ("60 to 180", Box::new(ramp(60.0, 180.0))),
        ("180 to 60", Box::new(ramp(180.0, 60.0))),
        ("999 to 40", Box::new(ramp(999.0, 40.0))),
        ("a step inside a block", Box::new(step)),
        ("up and down", Box::new(sway)),
    ];
    let mut worst = [0; 2];
    for (name, tempo) in &tempi {
        let beats = positions(FRAMES, tempo);
        let want = true_steps(&beats[..FRAMES], 0.25);
        for tells in [Tells::First, Tells::Mean, Tells::Last] {
            for block in [1, 64, 500, 2048, 8192] {
                if block == 1 && !matches!(tells, Tells::First) {
                    continue;
                }
                let mut stage = Stage::playing("out: speed 4 >> seq 60 60 60 60");
                let audio = stage.render(FRAMES, Cut::Every(block), |frame, frames| {
                    let (first, end) = (frame as usize, frame as usize + frames);
                    let told = match tells {
                        Tells::First => tempo(first),
                        Tells::Mean => (beats[end] - beats[first]) / frames as f64 * 60.0 * RATE,
                        Tells::Last => tempo(end - 1),
                    };
                    HostTransport {
                        tempo_bpm: Some(told),
                        beats: Some(beats[first]),
                        playing: true,
                        loop_beats: None,
                    }
                });
                let got = onsets(&audio.left);
                let what = format!("{name}, blocks of {block}, tells {tells:?}");
                assert_eq!(got.len(), want.len(), "{what}");
                for (got, want) in got.iter().zip(&want) {
                    // No more than the way the tempo can change inside one block.
                    let first = got.min(want) / block * block;
                    let last = (first + 2 * block).min(FRAMES);
                    let (slow, fast) = (first..last)
                        .map(tempo)
                        .fold((f64::INFINITY, 0.0f64), |(slow, fast), t| {
                            (slow.min(t), fast.max(t))
                        });
                    let bound = (fast / slow - 1.0) * block as f64 + 1.0;
                    let off = got.abs_diff(*want);
                    assert!(off as f64 <= bound, "{what}: {got} for {want}, {bound}");
                    let usual = usize::from(block <= 512 && name.contains("60"));
                    worst[usual] = worst[usual].max(off);
                }
            }
        }
    }
    println!(
        "steps off by {} frames at most on ramps of 29 BPM a second in blocks up to 512, \
         {} frames on ramps of 230 BPM a second in blocks of 8192",
        worst[1], worst[0]
    );
}

#[test]
fn a_step_of_the_tempo_inside_a_block_is_exact_from_the_next_block_on() {
    let beats = positions(200_000, |frame| if frame < 70_100 { 97.0 } else { 133.0 });
    let want = true_steps(&beats[..200_000], 1.0);
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    let audio = stage.render(200_000, Cut::Every(512), |frame, frames| HostTransport {
        playing: true,
        tempo_bpm: Some(if (frame as usize) < 70_100 {
            97.0
        } else {
            133.0
        }),
        beats: Some(beats[frame as usize]),
        ..standing(frames as f64)
    });
    assert_eq!(onsets(&audio.left), want);
}

#[test]
fn the_end_of_a_ramp_is_no_jump() {
    // A host that tells the tempo of a block's end: on the first block behind the ramp the tempo is
    // the same as before, and the position still is not where it was expected.
    let tempo = |frame: usize| 60.0 + (frame as f64 / 500.0).min(100.0);
    let mut corrected = 0;
    for shift in 0..40 {
        let beats = positions(100_000, tempo);
        let beats: Vec<f64> = beats
            .iter()
            .map(|beat| beat + f64::from(shift) / 4_000.0)
            .collect();
        let mut stage = Stage::playing("out: speed 50 >> seq 60 60 60 60 60 60 60 60");
        let audio = stage.render(100_000, Cut::Every(2000), |frame, frames| HostTransport {
            playing: true,
            tempo_bpm: Some(tempo(frame as usize + frames - 1)),
            beats: Some(beats[frame as usize]),
            loop_beats: None,
        });
        let got = onsets(&audio.left);
        let first = (beats[0] * 100.0).ceil() as usize;
        let end = (beats[100_000] * 100.0).ceil() as usize;
        assert_eq!(got.len(), end - first, "shift {shift}");
        // Behind the ramp the position goes back by 25 frames: over these steps once more.
        let again = |frame: &&usize| (49_980..50_000).contains(*frame);
        corrected += got.iter().filter(again).count();
    }
    assert!(corrected > 2, "no step fell into a correction");
}

#[test]
fn a_jump_back_at_a_rise_of_the_tempo_is_a_jump_however_blocks_are_cut() {
    // No ramp that goes up leads back, so the length of the block before must not make it one.
    const TURN: u64 = 4_000;
    let told = |frame: u64, _: usize| HostTransport {
        playing: true,
        tempo_bpm: Some(if frame < TURN { 97.0 } else { 999.0 }),
        beats: Some(if frame < TURN {
            frame as f64 * 97.0 / 60.0 / RATE
        } else {
            (frame - TURN) as f64 * 999.0 / 60.0 / RATE
        }),
        loop_beats: None,
    };
    for last in [1, 7, 64, 500, 1_000, 4_000] {
        let mut stage = Stage::playing("out: seq 60 60 60 60");
        let mut audio = stage.render(TURN as usize - last, Cut::Every(50), told);
        audio.extend(&stage.render(last, Cut::Every(last), told));
        audio.extend(&stage.render(6_000, Cut::Random(0), told));
        // The beat at the start comes again, and the next ones 2,882.88 frames apart.
        let want = [0, 4_000, 6_883, 9_766];
        assert_eq!(onsets(&audio.left), want, "a block of {last} before");
    }
}

#[test]
fn an_empty_block_is_not_taken_for_the_end_of_a_ramp() {
    // The host tells the tempo of a block's end. An empty block before each other one repeats what
    // it says; no step of the ramp may be doubled by that.
    const FRAMES: usize = 100_000;
    let tempo = |frame: usize| 60.0 + (frame as f64 / 500.0).min(100.0);
    let beats = positions(FRAMES, tempo);
    let told = |frame: u64, frames: usize| HostTransport {
        playing: true,
        tempo_bpm: Some(tempo(frame as usize + frames - 1)),
        beats: Some(beats[frame as usize]),
        loop_beats: None,
    };
    let mut stage = Stage::playing("out: speed 50 >> seq 60 60 60 60 60 60 60 60");
    let mut audio = Audio::default();
    for start in (0..FRAMES as u64).step_by(2_000) {
        let transport = told(start, 2_000);
        let _ = stage.block(0, transport, &[]);
        audio.extend(&stage.block(2_000, transport, &[]));
    }
    let end = (beats[FRAMES] * 100.0).ceil() as usize;
    assert_eq!(onsets(&audio.left).len(), end);
}

#[test]
fn a_launch_is_not_lost_when_the_host_corrects_its_position_over_the_bar_line() {
    // The tempo rises inside the blocks, so at each one's end the host is ten frames ahead.
    const BLOCK: usize = 1000;
    let tempo = |frame: usize| 100.0 + frame as f64 / 100.0;
    let from_0 = positions(60_000, tempo);
    let mut late = 0;
    for shift in 0..250 {
        let beats: Vec<f64> = from_0
            .iter()
            .map(|beat| beat + f64::from(shift) / 1300.0)
            .collect();
        let mut stage = Stage::playing("out: sig 0.5");
        let told = |frame: u64, _: usize| HostTransport {
            playing: true,
            tempo_bpm: Some(tempo(frame as usize)),
            beats: Some(beats[frame as usize]),
            loop_beats: None,
        };
        let mut audio = stage.render(20_000, Cut::Every(BLOCK), told);
        stage.host.launch("out: sig 0.25", Launch::Bars(1));
        audio.extend(&stage.render(40_000, Cut::Every(BLOCK), told));
        let bar = beats.iter().position(|beat| *beat >= 4.0).unwrap_or(0);
        let moves = audio.left.iter().position(|x| *x != 0.5);
        let start = moves.expect("the program starts") - 1;
        assert!(
            start.abs_diff(bar) <= 12,
            "the program started on frame {start}, the bar on {bar}"
        );
        late += usize::from(start > bar && start % BLOCK == 0);
    }
    assert!(late > 0, "no bar line fell into a correction");
}

#[test]
fn a_host_that_says_little_is_followed_as_far_as_possible() {
    // Neither tempo nor position: 120 BPM, our own count, and on from where it stopped.
    let silent = |playing| HostTransport {
        playing,
        ..HostTransport::default()
    };
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    let mut audio = stage.render(30_000, Cut::Every(512), |_, _| silent(true));
    audio.extend(&stage.render(10_000, Cut::Every(512), |_, _| silent(false)));
    audio.extend(&stage.render(40_000, Cut::Every(512), |_, _| silent(true)));
    assert_eq!(onsets(&audio.left), [0, 24_000, 58_000]);
    // A tempo that is missing later is the last known one, and nonsense is none.
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    let audio = stage.render(150_000, Cut::Every(500), |frame, _| HostTransport {
        playing: true,
        tempo_bpm: match frame {
            0 => Some(60.0),
            500 => Some(f64::NAN),
            1000 => Some(-3.0),
            _ => None,
        },
        beats: (frame > 100_000).then_some(f64::INFINITY),
        loop_beats: Some((f64::NAN, 4.0)),
    });
    assert_eq!(onsets(&audio.left), [0, 48_000, 96_000, 144_000]);
}

#[test]
fn a_pre_roll_plays_up_to_the_start() {
    let mut stage = Stage::playing("out: seq 48 60 72 84");
    let audio = stage.render(120_000, Cut::Random(1), at_120(-2.5));
    let events: Vec<(usize, f32)> = onsets(&audio.left)
        .into_iter()
        .map(|f| (f, audio.left[f]))
        .collect();
    let want = [
        (12_000, 2.0),
        (36_000, 4.0),
        (60_000, 0.5),
        (84_000, 1.0),
        (108_000, 2.0),
    ];
    assert_eq!(events.len(), want.len());
    for ((frame, height), (at, wanted)) in events.iter().zip(want) {
        assert_eq!(*frame, at);
        assert!((height - wanted).abs() < 1e-6);
    }
}

#[test]
fn bypass_leaves_the_song_alone() {
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    let mut audio = stage.render(30_000, Cut::Every(512), at_120(0.0));
    for (bypassed, frames) in [(true, 30_000), (false, 60_000)] {
        let event = Event {
            frame: 0,
            kind: EventKind::Bypass(bypassed),
        };
        let transport = at_120(0.0)(stage.frame, 0);
        audio.extend(&stage.block(0, transport, &[event]));
        audio.extend(&stage.render(frames, Cut::Every(512), at_120(0.0)));
    }
    // The trigger of frame 48,000 falls into the bypass.
    assert_eq!(onsets(&audio.left), [0, 24_000, 72_000, 96_000]);
}

// ---- free run ----------------------------------------------------------------------------------

#[test]
fn a_run_while_the_host_stands_starts_the_song_by_itself() {
    for cut in [Cut::Every(512), Cut::Random(3), Cut::Every(64)] {
        let mut stage = Stage::playing("out: seq 60 60 60 60");
        let quiet = stage.render(9_000, cut, |_, _| standing(5.25));
        assert_eq!(quiet.peak(), 0.0);
        assert!(!stage.host.snapshot().free_running);
        stage.host.run("out: seq 72 72 72 72", Launch::Bars(4));
        let audio = stage.render(60_000, cut, |_, _| standing(5.25));
        // Beat 6 is three quarters of a beat away.
        assert_eq!(onsets(&audio.left), [18_000, 42_000], "{cut:?}");
        let status = stage.host.snapshot();
        assert!(status.free_running && !status.playing);
        assert!((status.beats - 7.75).abs() < 1e-9, "{}", status.beats);
        // The host starts somewhere else: its position counts.
        let start = stage.frame;
        let audio = stage.render(30_000, cut, |frame, n| at_120(16.5)(frame - start, n));
        assert_eq!(onsets(&audio.left), [12_000], "{cut:?}");
        let status = stage.host.snapshot();
        assert!(!status.free_running && status.playing);
        // And when it stops, the song stands with it.
        let audio = stage.render(60_000, cut, |_, _| standing(17.75));
        assert_eq!(audio.peak(), 0.0);
        assert!(!stage.host.snapshot().free_running);
    }
}

#[test]
fn only_a_run_starts_a_free_run_and_only_where_it_may() {
    let mut stage = Stage::new();
    stage.host.evaluate("out: seq 60 60 60 60");
    let audio = stage.render(50_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0, "a loaded program waits for the host");

    stage.say(EventKind::FreeRun(FreeRun::Never));
    stage.host.run("out: seq 60 60 60 60", Launch::Now);
    stage.host.engine.set_free_running(true);
    let audio = stage.render(50_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0, "never");

    stage.say(EventKind::FreeRun(FreeRun::OnRun));
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0, "an old wish is forgotten");
    stage.host.run("out: seq 60 60 60 60", Launch::Now);
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    // Forbidding it ends it.
    stage.say(EventKind::FreeRun(FreeRun::Never));
    let audio = stage.render(50_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0);

    // A program that is not accepted starts nothing.
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    assert!(!stage.host.engine.run("out: what", Launch::Now).accepted);
    let audio = stage.render(50_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0);
}

#[test]
fn a_free_run_can_be_stopped_and_started_by_hand() {
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    stage.host.engine.set_free_running(true);
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(2.5));
    assert_eq!(onsets(&audio.left), [12_000]);
    stage.host.engine.set_free_running(false);
    let audio = stage.render(60_000, Cut::Every(512), |_, _| standing(2.5));
    assert_eq!(audio.peak(), 0.0);
    let status = stage.host.snapshot();
    assert!(!status.free_running);
    assert_eq!(status.beats, 2.5, "the position is the host's again");
    // Of several wishes between two blocks the newest counts.
    for wish in [false, true, false, true] {
        stage.host.engine.set_free_running(wish);
    }
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(3.0));
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    // While the host plays there is nothing to start or to stop.
    let start = stage.frame;
    stage.host.engine.set_free_running(false);
    let audio = stage.render(30_000, Cut::Every(512), |f, n| at_120(0.0)(f - start, n));
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    let status = stage.host.snapshot();
    assert!(status.playing && !status.free_running);
}

#[test]
fn a_song_may_always_run_by_itself() {
    let mut stage = Stage::playing("out: seq 60 60 60 60");
    stage.say(EventKind::FreeRun(FreeRun::Always));
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(1.0));
    // The free run began with the block of 0 frames that stood on beat 0.
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    stage.host.engine.set_free_running(false);
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(1.0));
    assert_eq!(audio.peak(), 0.0, "stopped by hand");
    let start = stage.frame;
    let audio = stage.render(36_000, Cut::Every(512), |f, n| at_120(8.0)(f - start, n));
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    // The host stops: the song goes on from there.
    let audio = stage.render(36_000, Cut::Every(512), |_, _| standing(9.5));
    assert_eq!(onsets(&audio.left), [12_000]);
    // Also after a reset, from where the host stands.
    stage.host.renderer.reset();
    let audio = stage.render(36_000, Cut::Every(512), |_, _| standing(3.75));
    assert_eq!(onsets(&audio.left), [6_000, 30_000]);
}

#[test]
fn a_reset_ends_a_free_run() {
    let mut stage = Stage::new();
    stage.host.run("out: seq 60 60 60 60", Launch::Now);
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(onsets(&audio.left), [0, 24_000]);
    stage.host.renderer.reset();
    let audio = stage.render(30_000, Cut::Every(512), |_, _| standing(0.0));
    assert_eq!(audio.peak(), 0.0);
}

#[test]
fn a_free_run_keeps_its_own_position_at_the_hosts_tempo() {
    // Loops and moves of the standing host do not touch it; its tempo does.
    let mut stage = Stage::new();
    stage.host.run("out: seq 60 60 60 60", Launch::Now);
    let told = |frame: u64, _: usize| HostTransport {
        tempo_bpm: Some(if frame < 36_000 { 120.0 } else { 60.0 }),
        beats: Some(if frame < 10_000 { 0.0 } else { 32.0 }),
        loop_beats: Some((0.0, 1.25)),
        playing: false,
    };
    let audio = stage.render(160_000, Cut::Every(500), told);
    // One beat and a half at 120 BPM, then 48,000 frames to the beat.
    assert_eq!(onsets(&audio.left), [0, 24_000, 60_000, 108_000, 156_000]);
}

#[test]
fn a_free_run_is_the_same_however_blocks_are_cut() {
    let program = "~n: choose 48 60 63 67\n~p: speed 2 >> seq ~n {60 72} ~n? 65 >> mul 200\n\
                   out: saw ~p >> lpf [0=>300 1=>3000]! 2 >> delayms 1/8";
    let run = |cut: Cut| {
        let mut stage = Stage::new();
        stage.host.run(program, Launch::Now);
        stage.render(200_000, cut, |_, _| standing(3.3))
    };
    let one = run(Cut::Every(512));
    assert!(one.peak() > 0.1);
    for cut in [Cut::Every(64), Cut::Every(77), Cut::Random(4)] {
        assert_eq!(one.first_difference(&run(cut)), None, "{cut:?}");
    }
    // And the same as if the host had played from there.
    let mut stage = Stage::playing(program);
    let played = stage.render(200_000, Cut::Every(512), at_120(3.3));
    assert_eq!(onsets(&one.left), onsets(&played.left));
}

#[test]
fn references_tell_a_free_run_from_a_playing_host() {
    let mut stage = Stage::new();
    stage.host.run("out: balance ~beat ~playing", Launch::Now);
    let free = stage.render(48_000, Cut::Every(512), |_, _| standing(8.0));
    for frame in [0, 1, 777, 47_999] {
        let beat = 8.0 + frame as f64 / 24_000.0;
        assert!((f64::from(free.left[frame]) - beat).abs() < 2e-6);
        assert_eq!(free.right[frame], 0.0);
    }
    let start = stage.frame;
    let played = stage.render(1_000, Cut::Every(512), |f, n| at_120(4.0)(f - start, n));
    assert_eq!((played.left[0], played.right[0]), (4.0, 1.0));
    stage.host.evaluate("out: balance ~bar ~bpm");
    stage.host.engine.set_free_running(true);
    let _ = stage.render(1_000, Cut::Every(500), |_, _| standing(8.0));
    let free = stage.render(1_000, Cut::Every(500), |_, _| standing(8.0));
    let bar = (8.0 + 1_000.0 / 24_000.0) / 4.0;
    assert!((f64::from(free.left[0]) - bar).abs() < 1e-6 && free.right[0] == 120.0);
}

// ---- launch ------------------------------------------------------------------------------------

/// Renders a song from frame 0 on, with a program waiting from `asked` on; the frame it starts on.
fn launched(
    asked: usize,
    launch: Launch,
    cut: Cut,
    frames: usize,
    told: &dyn Fn(u64, usize) -> HostTransport,
) -> Option<usize> {
    let mut stage = Stage::playing("out: sig 0.5");
    let mut audio = stage.render(asked, cut, told);
    stage.host.run("out: sig 0.25", launch);
    audio.extend(&stage.render(frames - asked, cut, told));
    // The ramp starts on the launch frame with the old value.
    let moves = audio.left.iter().position(|x| *x != 0.5)?;
    Some(moves - 1)
}

#[test]
fn a_launch_in_a_loop_never_waits_for_ever() {
    // Loop, start, launch, and the beat after the start on which the program begins.
    let cases = [
        // No multiple of eight bars in the loop: it begins with the loop.
        ((20.0, 28.0), 21.0, Launch::Bars(8), 7.0),
        // The loop's end is a multiple.
        ((8.0, 16.0), 9.0, Launch::Bars(2), 7.0),
        ((6.0, 12.0), 9.5, Launch::Bars(1), 2.5),
        // A multiple inside, but behind.
        ((5.0, 11.0), 9.0, Launch::Bars(1), 2.0 + 3.0),
        ((5.0, 11.0), 5.5, Launch::Bars(1), 2.5),
        ((4.0, 6.5), 4.5, Launch::Beat, 0.5),
        ((4.25, 6.5), 6.25, Launch::Beat, 0.25 + 0.75),
    ];
    for ((start, end), from, launch, wait) in cases {
        for (cut, tells_wrap) in [
            (Cut::Every(500), true),
            (Cut::Every(512), false),
            (Cut::Random(5), false),
        ] {
            let told = |frame: u64, _: usize| {
                let beat = from + frame as f64 / 24_000.0;
                let beat = match beat >= end {
                    true => start + (beat - start) % (end - start),
                    false => beat,
                };
                HostTransport {
                    playing: true,
                    tempo_bpm: Some(120.0),
                    beats: Some(beat),
                    loop_beats: Some((start, end)),
                }
            };
            let got = launched(5, launch, cut, 200_000, &told);
            let want = (wait * 24_000.0) as usize;
            let what = format!("loop {start} to {end} from {from}, {launch:?}, {cut:?}");
            assert_eq!(got, Some(want), "{what}, {tells_wrap}");
        }
    }
}

#[test]
fn the_wait_for_a_launch_is_told_in_beats() {
    let mut stage = Stage::playing("out: sig 0.5");
    let told = |frame: u64, _: usize| HostTransport {
        loop_beats: Some((4.0, 12.0)),
        ..at_120(9.0)(frame, 0)
    };
    let _ = stage.render(12_000, Cut::Every(500), told);
    stage.host.run("out: sig 0.25", Launch::Bars(2));
    let _ = stage.render(480, Cut::Every(480), told);
    let status = stage.host.snapshot();
    // From beat 9.52 to the loop's end, then four to beat 8.
    assert_eq!(status.waiting_revision, 2);
    assert!((status.launch_in_beats - 6.48).abs() < 1e-9);
    assert_eq!(status.launch_beat, 8.0);
}

#[test]
fn a_launch_falls_on_exact_frames_at_any_tempo() {
    for tempo in [61.7, 133.0, 174.37] {
        for (launch, beats) in [
            (Launch::Beat, 1.0),
            (Launch::Bars(1), 4.0),
            (Launch::Bars(2), 8.0),
            (Launch::Bars(4), 16.0),
            (Launch::Bars(8), 32.0),
        ] {
            let beats_per_frame = tempo / 60.0 / RATE;
            let told = |frame: u64, _: usize| HostTransport {
                playing: true,
                tempo_bpm: Some(tempo),
                beats: Some(17.3 + frame as f64 * beats_per_frame),
                loop_beats: None,
            };
            let here = 17.3 + 5.0 * beats_per_frame;
            let target = (here / beats).ceil() * beats;
            let want = ((target - 17.3) / beats_per_frame - 1e-3).ceil() as usize;
            let got = launched(5, launch, Cut::Random(6), want + 2_000, &told);
            assert_eq!(got, Some(want), "{tempo} BPM, {launch:?}");
        }
    }
}

#[test]
fn a_jump_onto_a_multiple_and_a_stop_launch_at_once() {
    let jump = |frame: u64, _: usize| HostTransport {
        playing: true,
        beats: Some(match frame < 10_000 {
            true => 1.0 + frame as f64 / 24_000.0,
            false => 32.0 + (frame - 10_000) as f64 / 24_000.0,
        }),
        ..standing(0.0)
    };
    let got = launched(500, Launch::Bars(8), Cut::Every(500), 40_000, &jump);
    assert_eq!(got, Some(10_000));
    let stop = |frame: u64, _: usize| HostTransport {
        playing: frame < 10_000,
        ..at_120(1.0)(frame.min(10_000), 0)
    };
    let got = launched(500, Launch::Bars(8), Cut::Every(500), 40_000, &stop);
    assert_eq!(got, Some(10_000));
}

#[test]
fn a_launch_waits_in_a_free_run_as_in_a_song() {
    let mut stage = Stage::new();
    stage.host.run("out: sig 0.5", Launch::Now);
    let mut audio = stage.render(30_000, Cut::Every(512), |_, _| standing(2.0));
    stage.host.run("out: sig 0.25", Launch::Bars(1));
    audio.extend(&stage.render(60_000, Cut::Every(512), |_, _| standing(2.0)));
    let moves = audio.left.iter().position(|x| *x != 0.5);
    assert_eq!(moves, Some(48_001));
    // The end of the free run fires what waits.
    stage.host.run("out: sig 0.125", Launch::Bars(8));
    let _ = stage.render(5_000, Cut::Every(500), |_, _| standing(2.0));
    assert_eq!(stage.host.snapshot().waiting_revision, 3);
    stage.host.engine.set_free_running(false);
    let audio = stage.render(2_000, Cut::Every(500), |_, _| standing(2.0));
    assert_eq!((audio.left[0], audio.left[1_999]), (0.25, 0.125));
}

#[test]
fn a_launch_frame_inside_a_fade_is_kept_until_its_end() {
    let mut stage = Stage::playing("out: sig 0.5");
    let mut audio = stage.render(95_800, Cut::Every(100), at_120(0.0));
    // The fade of this change of structure reaches over the bar line on frame 96,000.
    stage
        .host
        .run("out: const_a\nconst_a: sig 0.25", Launch::Now);
    audio.extend(&stage.render(100, Cut::Every(100), at_120(0.0)));
    stage.host.run("other: sig 0.75", Launch::Bars(1));
    audio.extend(&stage.render(20_000, Cut::Every(100), at_120(0.0)));
    assert!(
        (audio.left[115_000] - 0.75).abs() < 1e-6,
        "{}",
        audio.left[115_000]
    );
}
