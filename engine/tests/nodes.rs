//! What single nodes promise: trigger frames, delay times, take-overs, levels.

#![allow(clippy::disallowed_methods)]

mod rig;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use glisten_engine::NodeSpec;
use glisten_engine::nodes::BUILTIN;
use glisten_engine::processor::Inherit;
use glisten_engine::registry::{NoteEvent, NotePattern, NoteValue};
use glisten_engine::transport::HostTransport;
use rig::{Cuts, Form, Output, Rig, Setup, bits, noise, peak};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

fn node(name: &str) -> &'static NodeSpec {
    BUILTIN
        .iter()
        .find(|spec| spec.name == name)
        .expect("a node of this name")
}

fn quiet(_: u64) -> [f32; 2] {
    [0.0; 2]
}

/// Frames on which the left channel is above 0, with the values.
fn triggers(out: &Output) -> Vec<(usize, f32)> {
    out.iter()
        .enumerate()
        .filter(|(_, y)| y[0] > 0.0)
        .map(|(i, y)| (i, y[0]))
        .collect()
}

fn pattern(notes: &[(f64, f32)]) -> NotePattern {
    let event = |(at, note): &(f64, f32)| NoteEvent::new(*at, NoteValue::Midi(*note));
    NotePattern {
        events: notes.iter().map(event).collect(),
    }
}

fn seq(notes: &[(f64, f32)], rate: f32, bpm: f64, beat: f64, speed: f32) -> Setup {
    Setup {
        notes: pattern(notes),
        host: HostTransport {
            playing: true,
            tempo_bpm: Some(bpm),
            beats: Some(beat),
            loop_beats: None,
        },
        ..Setup::new(node("seq")).rate(rate).literals(&[0.0, speed])
    }
}

const FOUR: [(f64, f32); 4] = [(0.0, 60.0), (0.25, 62.0), (0.5, 64.0), (0.75, 65.0)];

#[test]
fn seq_fires_on_upstream_s_frames_at_120_bpm() {
    let out = seq(&FOUR, 44_100.0, 120.0, 0.0, 1.0)
        .build()
        .run(100_000, Cuts::Random(1), &quiet);
    let frames: Vec<usize> = triggers(&out).iter().map(|t| t.0).collect();
    assert_eq!(frames, [0, 22_050, 44_100, 66_150, 88_200]);
    let values: Vec<f32> = triggers(&out).iter().map(|t| t.1).collect();
    for (value, note) in values.iter().zip([60.0f64, 62.0, 64.0, 65.0, 60.0]) {
        assert!((f64::from(*value) - 2f64.powf((note - 60.0) / 12.0)).abs() < 1e-7);
    }
    assert_eq!(values[0], 1.0);
    let out = seq(&[(0.0, 60.0), (2.0 / 3.0, 72.0)], 44_100.0, 120.0, 0.0, 1.0)
        .build()
        .run(88_200, Cuts::Every(64), &quiet);
    assert_eq!(triggers(&out), [(0, 1.0), (58_800, 2.0)]);
}

#[test]
fn seq_never_drifts_and_starts_anywhere() {
    for bpm in [90.0, 120.0, 133.0] {
        for start in [0.0, 3.3, -2.5, 801.123] {
            for speed in [1.0, 3.0, 0.5, 7.3] {
                let rate = 48_000.0;
                let setup = seq(&FOUR, rate, bpm, start, speed);
                let out = setup.build().run(600_000, Cuts::Random(7), &quiet);
                let got: Vec<usize> = triggers(&out).iter().map(|t| t.0).collect();
                let bpf = bpm / 60.0 / f64::from(rate);
                let step = 1.0 / f64::from(speed);
                let first = (start / step - 1.0).floor() as i64;
                let want: Vec<usize> = (first..)
                    .map(|k| ((k as f64 * step - start) / bpf - 1e-3).ceil())
                    .skip_while(|f| *f < 0.0)
                    .map(|f| f as usize)
                    .take_while(|f| *f < 600_000)
                    .collect();
                assert_eq!(got, want, "{bpm} {start} {speed}");
            }
        }
    }
}

#[test]
fn a_moving_speed_is_read_at_bar_lines_and_held() {
    // 120 BPM at 48 kHz: a bar is 96,000 frames. The reference says 2, and from the middle of the
    // first bar on 4.
    let setup = seq(&[(0.0, 60.0)], 48_000.0, 120.0, 0.0, 1.0).form(Form::Reference);
    let speed = |_: usize, frame: u64| if frame < 50_000 { 2.0 } else { 4.0 };
    let out = setup
        .build()
        .run_args(192_000, Cuts::Random(3), &quiet, &speed);
    let frames: Vec<usize> = triggers(&out).iter().map(|t| t.0).collect();
    assert_eq!(frames, [0, 48_000, 96_000, 120_000, 144_000, 168_000]);
}

#[test]
fn seq_keeps_eight_frames_between_triggers_and_bounded_work() {
    let dense: Vec<(f64, f32)> = (0..4096).map(|i| (f64::from(i) / 4096.0, 60.0)).collect();
    let setup = seq(&dense, 48_000.0, 100_000.0, 0.0, 1000.0);
    let out = setup.build().run(5_000, Cuts::Random(5), &quiet);
    let frames: Vec<usize> = triggers(&out).iter().map(|t| t.0).collect();
    assert!(frames.len() > 100);
    assert!(frames.windows(2).all(|w| w[1] - w[0] >= 8));
}

#[test]
fn seq_is_silent_without_notes_while_stopped_and_for_note_0() {
    let mut stopped = seq(&FOUR, 48_000.0, 120.0, 0.0, 1.0);
    stopped.host.playing = false;
    assert_eq!(
        peak(&stopped.build().run(100_000, Cuts::Every(64), &quiet)),
        0.0
    );
    let empty = seq(&[], 48_000.0, 120.0, 0.0, 1.0);
    assert_eq!(
        peak(&empty.build().run(100_000, Cuts::Every(64), &quiet)),
        0.0
    );
    let zero = seq(&[(0.0, 0.0), (0.5, 60.0)], 48_000.0, 120.0, 0.0, 1.0);
    let out = zero.build().run(96_000, Cuts::Every(64), &quiet);
    assert_eq!(triggers(&out), [(48_000, 1.0)]);
}

#[test]
fn choose_draws_64_times_per_beat_and_repeats_after_a_seek() {
    let at = |beat: f64| {
        let mut setup = Setup::new(node("choose"));
        setup.host.beats = Some(beat);
        setup.integers = (1..=1000).collect();
        setup.build().run(96_000, Cuts::Random(2), &quiet)
    };
    let (start, later) = (at(0.0), at(2.0));
    // Two beats later the stream continues with the same draws: 48,000 frames.
    assert_eq!(bits(&start)[48_000..], bits(&later)[..48_000]);
    let changes = start.windows(2).filter(|w| w[0] != w[1]).count();
    // 4 beats of 64 draws; two in a thousand are the same by chance.
    assert!((250..256).contains(&changes), "{changes}");
    let first = start.iter().position(|y| *y != start[0]);
    assert_eq!(first, Some(375), "a 64th of a beat at 120 BPM and 48 kHz");
}

#[test]
fn choose_takes_every_number_equally_often() {
    let mut setup = Setup::new(node("choose"));
    setup.integers = vec![1, 2, 2, -5];
    setup.host.playing = false;
    let out = setup.build().run(128 * 8_000, Cuts::Every(64), &quiet);
    let count = |x: f32| out.iter().step_by(128).filter(|y| y[0] == x).count();
    assert!(count(1.0).abs_diff(2_000) < 200, "{}", count(1.0));
    assert!(count(2.0).abs_diff(4_000) < 250, "{}", count(2.0));
    assert!(count(-5.0).abs_diff(2_000) < 200, "{}", count(-5.0));
    setup.integers = Vec::new();
    assert_eq!(
        peak(&setup.build().run(1_000, Cuts::Every(64), &quiet)),
        0.0
    );
}

fn delay(ms: f32) -> Setup {
    Setup::new(node("delayms")).literals(&[ms])
}

#[test]
fn delayms_is_exact_for_whole_frames() {
    for ms in [0.0, 1.0, 20.833_334, 250.0, 1000.0] {
        let out = delay(ms)
            .stereo()
            .build()
            .run(60_000, Cuts::Random(1), &noise);
        let frames = (f64::from(ms) * 48.0).round() as usize;
        for (i, y) in out.iter().enumerate() {
            let want = if i < frames {
                [0.0; 2]
            } else {
                noise((i - frames) as u64)
            };
            assert_eq!(*y, want, "{ms} ms, frame {i}");
        }
    }
}

#[test]
fn delayms_fades_from_the_old_time_to_the_new() {
    // A constant input: any jump would be seen only if the fade's gains did not add up to 1.
    let args = |_: usize, frame: u64| if frame < 30_016 { 100.0 } else { 250.0 };
    let mut rig = delay(300.0).build();
    let out = rig.run_args(60_000, Cuts::Random(1), &noise, &args);
    let exact = |frames: usize, i: usize| noise((i - frames) as u64)[0];
    assert!((20_000..30_016).all(|i| out[i][0] == exact(4_800, i)));
    // 30 ms are 1440 frames; half-way both places count equally.
    let middle = 30_016 + 720;
    let half = 0.5 * (exact(4_800, middle) + exact(12_000, middle));
    assert!((out[middle][0] - half).abs() < 2e-3);
    assert!((32_000..60_000).all(|i| out[i][0] == exact(12_000, i)));
}

#[test]
fn a_number_that_changes_during_a_fade_waits_for_its_end() {
    // 440 Hz, the time dragged in steps: the steepest slope stays near the sine's own.
    let sine = |frame: u64| [(frame as f32 * 0.057_595_87).sin(); 2];
    let args = |_: usize, frame: u64| 100.0 + 37.0 * (frame / 640).min(20) as f32;
    let out = delay(1000.0)
        .build()
        .run_args(90_000, Cuts::Every(64), &sine, &args);
    let start = 48_000;
    let steepest = out[start..]
        .windows(2)
        .map(|w| (w[1][0] - w[0][0]).abs())
        .fold(0.0f32, f32::max);
    assert!(steepest < 0.06, "{steepest}");
    // After the last fade the newest time holds.
    let settled = (100.0 + 37.0 * 20.0) * 48.0;
    assert_eq!(out[89_000][0], sine(89_000 - settled as u64)[0]);
}

#[test]
fn a_moving_time_bends_the_pitch_without_steps() {
    let sine = |frame: u64| [(frame as f32 * 0.05).sin(); 2];
    let setup = delay(100.0).form(Form::Reference);
    let args = |_: usize, frame: u64| 10.0 + 5.0 * (frame as f32 * 0.001).sin();
    let out = setup
        .build()
        .run_args(40_000, Cuts::Random(8), &sine, &args);
    for i in 5_000..40_000u64 {
        let delayed = i as f64 - f64::from(args(0, i)) * 48.0;
        let want = (delayed * f64::from(0.05f32)).sin();
        assert!((f64::from(out[i as usize][0]) - want).abs() < 2e-3, "{i}");
    }
}

#[test]
fn delayms_in_a_loop_reads_what_the_line_holds() {
    for chunk in [8, 64] {
        // Fractional and whole times, longer than the chunk.
        for ms in [1.5, 2.0, 10.007] {
            let setup = delay(ms);
            let plain = setup.build().run(5_000, Cuts::Every(64), &noise);
            let mut rig = setup.build();
            rig.min_delay = chunk;
            let looped = rig.run(5_000, Cuts::Every(chunk), &noise);
            assert_eq!(bits(&plain), bits(&looped), "{chunk} {ms}");
        }
        // Shorter ones are as long as the chunk.
        let mut rig = delay(0.0).build();
        rig.min_delay = chunk;
        let out = rig.run(1_000, Cuts::Every(chunk), &noise);
        assert!((chunk..1_000).all(|i| out[i][0] == noise((i - chunk) as u64)[0]));
    }
}

fn take_over(new: &mut Rig, old: &mut Rig) {
    for (new, old) in new.processors.iter_mut().zip(&mut old.processors) {
        assert_no_alloc(|| new.inherit(Inherit::Replaced(old.as_mut())));
    }
    new.frame = old.frame;
}

#[test]
fn a_longer_delay_takes_over_what_the_old_one_held() {
    // Both times need lines of one size; the new instance goes on with the old one's memory.
    let mut old = delay(500.0).build();
    old.run(48_000, Cuts::Every(64), &noise);
    let mut new = delay(400.0).build();
    take_over(&mut new, &mut old);
    let out = new.run(10_000, Cuts::Every(64), &noise);
    // The 30 ms fade begins at the old place.
    assert!((out[0][0] - noise(48_000 - 24_000)[0]).abs() < 1e-5);
    for (i, y) in out.iter().enumerate().skip(1_500) {
        assert_eq!(y[0], noise((48_000 + i - 19_200) as u64)[0], "{i}");
    }
    // The emptied instance is harmless.
    assert!(peak(&old.run(1_000, Cuts::Every(64), &quiet)).is_finite());
}

#[test]
fn a_delay_that_becomes_stereo_keeps_its_echoes_on_both_sides() {
    let mut old = delay(250.0).build();
    old.run(30_016, Cuts::Every(64), &noise);
    let mut new = delay(250.0).stereo().build();
    take_over(&mut new, &mut old);
    let out = new.run(30_000, Cuts::Random(1), &noise);
    for (i, y) in out.iter().enumerate() {
        let source = 30_016 + i - 12_000;
        let [left, right] = noise(source as u64);
        let want = if source < 30_016 {
            [left, left]
        } else {
            [left, right]
        };
        assert_eq!(*y, want, "{i}");
    }
}

#[test]
fn a_filter_that_becomes_stereo_starts_both_sides_alike() {
    let low = |_: u64| [0.7f32; 2];
    let mut mono = Setup::new(node("lpf")).build();
    mono.run(20_000, Cuts::Every(64), &low);
    let mut stereo = Setup::new(node("lpf")).stereo().build();
    let [left, right] = &mut stereo.processors[..] else {
        unreachable!("two instances")
    };
    left.inherit(Inherit::Replaced(mono.processors[0].as_mut()));
    right.inherit(Inherit::Twin(left.as_ref()));
    let out = stereo.run(1_000, Cuts::Every(64), &low);
    assert!(out.iter().all(|[l, r]| l == r && (l - 0.7).abs() < 1e-3));
}

#[test]
fn envperc_has_upstream_s_values() {
    let setup = Setup::new(node("envperc"))
        .rate(44_100.0)
        .literals(&[0.01, 0.1]);
    let hit = |frame: u64| [if frame == 0 { 1.0 } else { 0.0 }; 2];
    let out = setup.build().run(6_000, Cuts::Random(6), &hit);
    assert_eq!(out[0][0], 0.0);
    assert!((out[1][0] - 0.002_27).abs() < 1e-5);
    assert_eq!(out[441][0], 1.0);
    assert!((out[2645][0] - 0.500_23).abs() < 1e-5);
    assert!(out[4851..].iter().all(|y| y[0] == 0.0));
    assert_eq!(
        peak(&setup.build().run(6_000, Cuts::Every(64), &quiet)),
        0.0
    );
}

#[test]
fn drums_sound_alike_at_every_rate_and_only_when_hit() {
    for name in ["bd", "sn", "hh"] {
        let mut levels = Vec::new();
        for rate in [44_100.0f32, 96_000.0] {
            let setup = Setup::new(node(name)).rate(rate).literals(&[0.2]);
            assert_eq!(
                peak(&setup.build().run(10_000, Cuts::Every(64), &quiet)),
                0.0,
                "{name}"
            );
            let hit = |frame: u64| [if frame == 100 { 1.0 } else { 0.0 }; 2];
            let out = setup.build().run(rate as usize, Cuts::Random(4), &hit);
            let end = ((0.2 + 0.004) * rate) as usize + 101;
            assert!(
                peak(&out[..101]) == 0.0 && peak(&out[end..]) == 0.0,
                "{name}"
            );
            let power = out.iter().map(|y| f64::from(y[0] * y[0])).sum::<f64>() / f64::from(rate);
            levels.push(power.sqrt());
        }
        let ratio = levels[1] / levels[0];
        // At equal density per hertz, the band above hh's corner is nearly five times as wide.
        let allowed = if name == "hh" { 1.9..2.2 } else { 0.9..1.1 };
        assert!(allowed.contains(&ratio), "{name}: {levels:?}");
    }
}

#[test]
fn a_bass_drum_sweeps_from_110_to_60_hz() {
    let hit = |frame: u64| [if frame == 0 { 1.0 } else { 0.0 }; 2];
    let setup = Setup::new(node("bd")).literals(&[2.0]);
    let out = setup.build().run(48_000, Cuts::Every(64), &hit);
    let crossings: Vec<usize> = (1..out.len())
        .filter(|i| out[i - 1][0] < 0.0 && out[*i][0] >= 0.0)
        .collect();
    let hz = |w: &[usize]| 48_000.0 / (w[1] - w[0]) as f64;
    let first = hz(&crossings[0..2]);
    assert!((75.0..112.0).contains(&first), "{first}");
    for w in crossings.windows(2).filter(|w| w[0] > 6_000) {
        assert!((hz(w) - 60.0).abs() < 0.2, "{w:?}");
    }
}

#[test]
fn a_hi_hat_is_all_treble() {
    // Against its own one-pole low-pass at about 1 kHz.
    let hit = |frame: u64| [if frame == 0 { 1.0 } else { 0.0 }; 2];
    let setup = Setup::new(node("hh")).literals(&[1.0]);
    let out = setup.build().run(48_000, Cuts::Every(64), &hit);
    let (mut low, mut low_power, mut power) = (0.0f64, 0.0, 0.0);
    for y in &out {
        low += 0.13 * (f64::from(y[0]) - low);
        low_power += low * low;
        power += f64::from(y[0] * y[0]);
    }
    let db = 10.0 * (low_power / power).log10();
    assert!(db < -17.0, "{db}");
}

#[test]
fn the_input_of_an_oscillator_is_its_frequency() {
    use glisten_engine::processor::{Block, Context, Io, LiteralValue, NoteSink, Operand, Ports};
    use glisten_engine::transport::Clock;
    let run = |argument: Operand| {
        let spec = node("sin");
        let setup = Setup::new(spec);
        let mut rig = setup.build();
        let blocks = [Block([100.0; 64]), Block([340.0; 64])];
        let clock = Clock::new(48_000.0);
        let silence = [0.0; 64];
        let notes = NoteSink::new(64);
        let ctx = Context {
            sample_rate: 48_000.0,
            frame: 0,
            clock: &clock,
            input: [&silence; 2],
            sidechain: [&silence; 2],
            voice: None,
            notes: &notes,
        };
        let mut outs = [Block::SILENT];
        let mut io = Io {
            ctx: &ctx,
            ins: Ports {
                below: &blocks,
                above: &[],
                above_start: 2,
                scratch: &[],
                literals: &[LiteralValue::Held(440.0)],
                operands: &[Operand::Blocks { left: 0, right: 0 }, argument],
                offset: 0,
                frames: 64,
                channel: 0,
            },
            outs: &mut outs,
            min_delay_frames: 0,
        };
        rig.processors[0].process(&mut io);
        f64::from(outs[0].0[63])
    };
    let sine = |hz: f64| (std::f64::consts::TAU * hz * 63.0 / 48_000.0).sin();
    assert!((run(Operand::Literal(0)) - sine(100.0)).abs() < 1e-5);
    assert!((run(Operand::Blocks { left: 1, right: 1 }) - sine(440.0)).abs() < 1e-5);
}

#[test]
fn transport_references_show_the_clock() {
    let value = |name: &str| {
        let mut setup = Setup::new(node(name));
        setup.host.tempo_bpm = Some(90.0);
        setup.host.beats = Some(6.0);
        setup.build().run(32_001, Cuts::Random(1), &quiet)[32_000][0]
    };
    assert_eq!(value("~bpm"), 90.0);
    assert!((value("~beat") - 7.0).abs() < 1e-4);
    assert!((value("~bar") - 1.75).abs() < 1e-4);
    assert_eq!(value("~playing"), 1.0);
}

#[test]
fn the_input_passes_unchanged() {
    for name in ["~input", "~sidechain"] {
        let out = Setup::new(node(name))
            .build()
            .run(5_000, Cuts::Random(1), &noise);
        assert!(out.iter().enumerate().all(|(i, y)| *y == noise(i as u64)));
    }
}

#[test]
fn operations_in_place_give_the_bits_of_their_processors() {
    use glisten_engine::processor::Value;
    let input = |frame: u64| [(frame as f32 * 0.37).fract() - 0.5; 2];
    let mut seen = 0;
    for spec in glisten_engine::BUILTIN {
        let Some(op) = spec.in_place else { continue };
        seen += 1;
        for value in [0.0, -0.0, 1.0, 0.3, -7.5, 1e30] {
            let out = Setup::new(spec)
                .literals(&[value])
                .build()
                .run(100, Cuts::Random(2), &input);
            let signal: Vec<f32> = (0..100).map(|f| input(f)[0]).collect();
            let (mut held, mut moving) = (signal.clone(), signal);
            op(&mut held, Value::Held(value));
            op(&mut moving, Value::Moving(&[value; 100]));
            for f in 0..100 {
                let want = out[f][0].to_bits();
                assert_eq!(held[f].to_bits(), want, "{} {value} {f}", spec.name);
                assert_eq!(moving[f].to_bits(), want, "{} {value} {f}", spec.name);
            }
        }
    }
    assert!(seen >= 2);
}
