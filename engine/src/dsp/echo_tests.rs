//! Times, levels and pitches of repeats.

use super::*;
use crate::dsp::math::exp2;
use crate::dsp::noise;

const OPEN: f32 = 0.49;

fn settings(seconds: f64, rate: f64, feedback: f32, semitones: f64) -> Settings {
    Settings {
        time_frames: seconds * rate,
        ratio: exp2(semitones / 12.0),
        feedback,
        tone: Corner::new(OPEN),
    }
}

/// The repeats of a mono input under settings that may change with the frame.
fn run(echo: &mut Echo, input: &[f32], settings: impl Fn(usize) -> Settings) -> Vec<f32> {
    let mut out = vec![0.0; input.len()];
    for (k, (x, y)) in input.chunks(64).zip(out.chunks_mut(64)).enumerate() {
        let all: Vec<Settings> = (0..x.len()).map(|i| settings(64 * k + i)).collect();
        echo.process([x, x], &all, y, None);
    }
    out
}

fn mono(rate: f64) -> Echo {
    Echo::new(rate, 8.0, 1, Path::Straight)
}

fn sine(hz: f64, rate: f64, frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|i| (std::f64::consts::TAU * hz * i as f64 / rate).sin() as f32)
        .collect()
}

/// Frequency from the first to the last rising zero, with the zeros between frames.
fn frequency(x: &[f32], rate: f64) -> f64 {
    let zeros: Vec<f64> = x
        .windows(2)
        .enumerate()
        .filter(|(_, w)| w[0] < 0.0 && w[1] >= 0.0)
        .map(|(i, w)| i as f64 + f64::from(w[0]) / f64::from(w[0] - w[1]))
        .collect();
    let (first, last) = (zeros[0], zeros[zeros.len() - 1]);
    (zeros.len() - 1) as f64 / (last - first) * rate
}

fn rms(x: &[f32]) -> f64 {
    (x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

#[test]
fn repeats_come_on_the_exact_frame_and_fall_by_the_feedback() {
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let time = (0.25 * rate) as usize;
        let mut input = vec![0.0; 6 * time];
        input[0] = 1.0;
        let y = run(&mut mono(rate), &input, |_| settings(0.25, rate, 0.5, 0.0));
        assert!(y[..time].iter().all(|y| *y == 0.0));
        assert_eq!(y[time], 1.0, "{rate}");
        for k in 1..5 {
            let (before, at) = (&y[k * time + 400..(k + 1) * time], y[(k + 1) * time]);
            let largest = before.iter().fold(0.0f32, |m, x| m.max(x.abs()));
            assert!(largest < 0.02 * at.abs(), "{rate} repeat {k}");
        }
        // At 1 kHz the loop's filters take less than a hundredth of a dB.
        let burst: Vec<f32> = sine(1000.0, rate, 6 * time)
            .iter()
            .enumerate()
            .map(|(i, x)| if i < time / 2 { *x } else { 0.0 })
            .collect();
        let y = run(&mut mono(rate), &burst, |_| settings(0.25, rate, 0.5, 0.0));
        let level = |k: usize| rms(&y[k * time + time / 8..k * time + time * 3 / 8]);
        for k in 1..4 {
            let db = 20.0 * (level(k + 1) / level(k)).log10();
            assert!((db + 6.0206).abs() < 0.01, "{rate} repeat {k}: {db} dB");
        }
    }
}

#[test]
fn one_setting_for_all_frames_gives_the_bits_of_one_per_frame() {
    let mut input = vec![0.0; 40_000];
    noise::fill(5, 0, &mut input);
    for seconds in [0.001, 0.001_03, 0.02, 0.123_456] {
        let at = settings(seconds, 44_100.0, 0.7, 0.0);
        let each = run(&mut mono(44_100.0), &input, |_| at);
        let mut echo = mono(44_100.0);
        let mut once = vec![0.0; input.len()];
        let (mut from, mut cut) = (0, 1);
        while from < input.len() {
            let to = (from + cut).min(input.len());
            let x = &input[from..to];
            echo.process([x, x], &[at], &mut once[from..to], None);
            from = to;
            cut = cut * 7 % 64 + 1;
        }
        assert!(each == once, "{seconds}");
    }
}

#[test]
fn each_repeat_is_shifted_within_five_cents() {
    let rate = 48_000.0;
    for semitones in [7.0f64, -5.0, 12.0, -12.0, 1.0, -0.5, 24.0] {
        let repeats = if semitones.abs() > 12.0 { 1 } else { 3 };
        let hz = if semitones < 0.0 { 880.0 } else { 220.0 };
        let time = rate as usize;
        let input: Vec<f32> = sine(hz, rate, (repeats + 2) * time)
            .iter()
            .enumerate()
            .map(|(i, x)| if i < time * 7 / 10 { 0.5 * x } else { 0.0 })
            .collect();
        let y = run(&mut mono(rate), &input, |_| {
            settings(1.0, rate, 1.0, semitones)
        });
        for k in 1..=repeats {
            let part = &y[k * time + time / 5..k * time + time / 2];
            let want = hz * exp2(semitones * k as f64 / 12.0);
            let cents = 1200.0 * (frequency(part, rate) / want).log2();
            let db = 20.0 * (rms(part) / (0.5 * 0.5f64.sqrt())).log10();
            println!("{semitones:+} repeat {k}: {cents:+.2} cents, {db:+.2} dB");
            assert!(cents.abs() < 5.0, "{semitones} repeat {k}: {cents} cents");
            assert!(db.abs() < 1.0, "{semitones} repeat {k}: {db} dB");
        }
    }
}

#[test]
fn a_shift_that_ends_comes_back_to_the_exact_time() {
    let rate = 48_000.0;
    let mut input = vec![0.0; 48_000];
    noise::fill(9, 0, &mut input);
    let y = run(&mut mono(rate), &input, |i| {
        settings(
            0.1,
            rate,
            0.0,
            if (5000..15_000).contains(&i) {
                5.0
            } else {
                0.0
            },
        )
    });
    assert!(y[4800..5000] == input[..200]);
    // 30 ms of fade, and the splice that may have been under way.
    assert!(y[17_500..] == input[17_500 - 4800..48_000 - 4800]);
    assert!(y[6000..15_000] != input[1200..10_200]);
}

/// Largest second difference: of a sine of ω per frame and size 1 it is ω².
fn roughness(x: &[f32]) -> f64 {
    x.windows(3)
        .map(|w| (f64::from(w[0]) - 2.0 * f64::from(w[1]) + f64::from(w[2])).abs())
        .fold(0.0, f64::max)
}

#[test]
fn times_that_jump_fade_and_times_that_move_bend_the_pitch() {
    let rate = 48_000.0;
    let input = sine(500.0, rate, 96_000);
    let smooth = (std::f64::consts::TAU * 500.0 / rate).powi(2);
    let jumps = run(&mut mono(rate), &input, |i| {
        let seconds = [0.2, 0.31, 0.05, 0.204][i / 7000 % 4];
        settings(seconds, rate, 0.0, 0.0)
    });
    // Where the head first reads something the input itself begins with a corner.
    let rough = roughness(&jumps[21_000..]);
    assert!(rough < 1.2 * smooth, "{rough} {smooth}");
    // 10 ms in one second: the pitch falls by 1 %.
    let glide = run(&mut mono(rate), &input, |i| {
        settings(0.1 + 0.01 * i as f64 / rate, rate, 0.0, 0.0)
    });
    let hz = frequency(&glide[24_000..72_000], rate);
    assert!((hz - 495.0).abs() < 0.05, "{hz}");
    assert!(roughness(&glide[10_000..]) < 1.2 * smooth);
}

#[test]
fn feedback_of_one_and_more_stays_bounded() {
    let rate = 44_100.0;
    let mut input = vec![0.0; 400_000];
    noise::fill(2, 0, &mut input[..40_000]);
    for (feedback, semitones) in [(1.0, 0.0), (1.2, 0.0), (1.2, 5.0)] {
        let at = settings(0.1, rate, feedback, semitones);
        let y = run(&mut mono(rate), &input, |_| at);
        let peak = y.iter().fold(0.0f32, |m, y| m.max(y.abs()));
        assert!(peak < 3.2, "{feedback}: {peak}");
        let late = rms(&y[350_000..]);
        // What is shifted up leaves the band in the end.
        let least = if semitones == 0.0 { 0.1 } else { 0.0 };
        assert!(late > least && late < 2.0, "{feedback} {semitones}: {late}");
    }
    // The limiter is not there below full scale, and has no corner.
    assert_eq!(limit(0.999), 0.999);
    assert_eq!(limit(-1.0), -1.0);
    assert!((limit(1.001) - 1.001).abs() < 2e-6);
    assert_eq!(limit(f32::INFINITY), 2.0);
    assert_eq!(limit(-1e30), -2.0);
    // An offset does not come back.
    let ones = vec![1.0; 200_000];
    let y = run(&mut mono(rate), &ones, |_| settings(0.1, rate, 1.0, 0.0));
    assert!((y[199_999] - 1.0).abs() < 0.6, "{}", y[199_999]);
}

#[test]
fn crossed_repeats_change_sides() {
    let rate = 48_000.0;
    let mut echo = Echo::new(rate, 8.0, 2, Path::Crossed);
    let (mut left, mut right) = (vec![0.0; 30_016], vec![0.0; 30_016]);
    let zeros = [0.0; 64];
    let mut first = [0.0; 64];
    first[0] = 1.0;
    let at = [settings(0.1, rate, 0.5, 0.0)];
    for (k, (l, r)) in left.chunks_mut(64).zip(right.chunks_mut(64)).enumerate() {
        let x = if k == 0 { &first } else { &zeros };
        echo.process([&x[..l.len()], &zeros[..l.len()]], &at, l, Some(r));
    }
    assert_eq!((left[4800], right[4800]), (1.0, 0.0));
    assert!(left[9600] == 0.0 && (0.4..=0.5).contains(&right[9600]));
    // The high-pass in the loop leaves a trace of the repeat before.
    assert!((0.16..=0.25).contains(&left[14_400]) && right[14_400].abs() < 1e-3);
}

#[test]
fn a_stereo_echo_takes_over_a_mono_one() {
    let rate = 48_000.0;
    let mut input = vec![0.0; 30_016];
    noise::fill(4, 0, &mut input);
    let at = settings(0.1, rate, 0.6, 0.0);
    let whole = run(&mut mono(rate), &input, |_| at);
    let mut echo = mono(rate);
    let first = run(&mut echo, &input[..15_040], |_| at);
    assert!(first == whole[..15_040]);
    let mut wide = Echo::new(rate, 8.0, 2, Path::Straight);
    wide.take(&mut echo);
    let (mut left, mut right) = ([0.0; 64], [0.0; 64]);
    for (k, x) in input[15_040..].chunks(64).enumerate() {
        wide.process([x, x], &[at], &mut left, Some(&mut right));
        let want = &whole[15_040 + 64 * k..][..x.len()];
        assert!(left[..x.len()] == *want && right[..x.len()] == *want, "{k}");
    }
}
