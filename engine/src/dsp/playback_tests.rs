#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use super::*;
use std::f64::consts::TAU;

fn play(source: &[f32], speed: f32, cuts: &[usize]) -> Vec<f32> {
    let bank = SincBank::shared();
    let mut playback = Playback::new(speed, bank);
    let mut out = Vec::new();
    let mut i = 0;
    loop {
        let n = playback
            .frames_left(source.len())
            .min(cuts[i % cuts.len()] as u64) as usize;
        if n == 0 {
            return out;
        }
        let start = out.len();
        out.resize(start + n, 7.0);
        playback.read(bank, source, &mut out[start..]);
        playback.advance(n);
        i += 1;
    }
}

fn sine(cycles_per_frame: f64, frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|i| (TAU * cycles_per_frame * i as f64).sin() as f32)
        .collect()
}

/// Difference in dB of a played sine from the exact one of that pitch, away from the ends.
fn error_db(source_cycles: f64, speed: f32) -> f64 {
    let out = play(&sine(source_cycles, 20_000), speed, &[64]);
    let inside = out.len() / 10..out.len() * 9 / 10;
    let rest: f64 = inside
        .clone()
        .map(|i| {
            let exact = (TAU * source_cycles * f64::from(speed) * i as f64).sin();
            (f64::from(out[i]) - exact).powi(2)
        })
        .sum();
    10.0 * (rest / inside.len() as f64 * 2.0).log10()
}

#[test]
fn own_speed_is_the_sound_itself() {
    let source: Vec<f32> = (0..1000).map(|i| (i as f32 * 0.7).sin()).collect();
    for cuts in [&[64][..], &[1], &[3, 17, 64]] {
        assert_eq!(play(&source, 1.0, cuts), source);
    }
}

#[test]
fn half_and_double_speed_keep_whole_frames_in_place() {
    let source: Vec<f32> = (0..400).map(|i| (i as f32 * 0.1).sin()).collect();
    let slow = play(&source, 0.5, &[64]);
    assert_eq!(slow.len(), 800);
    for (i, x) in source.iter().enumerate() {
        assert_eq!(slow[2 * i], *x, "{i}");
    }
    assert_eq!(play(&source, 2.0, &[64]).len(), 200);
    // The length is that of the sound over the speed, up to the next frame.
    assert_eq!(play(&source, 1.5, &[64]).len(), 267);
    assert_eq!(play(&source[..1], 64.0, &[64]).len(), 1);
}

#[test]
fn sines_stay_clean_at_other_speeds() {
    // 220 Hz, 1, 5 and 10 kHz at 48 kHz.
    for (hz, speed, limit) in [
        (220.0, 0.5, -90.0),
        (220.0, 1.5, -90.0),
        (1_000.0, 0.5, -85.0),
        (1_000.0, 1.5, -85.0),
        (5_000.0, 0.5, -80.0),
        (5_000.0, 1.5, -80.0),
        (10_000.0, 0.5, -80.0),
        (10_000.0, 1.0595, -80.0),
    ] {
        let error = error_db(hz / 48_000.0, speed);
        println!("{hz} Hz at {speed}: {error:.1} dB");
        assert!(error < limit, "{hz} Hz at {speed}: {error}");
    }
}

#[test]
fn what_would_fold_back_is_gone() {
    // 20 kHz at speed 2 would come back as 8 kHz, 15 kHz at speed 4 as 12 kHz.
    for (hz, speed) in [(20_000.0, 2.0), (15_000.0, 4.0), (22_000.0, 1.9)] {
        let out = play(&sine(hz / 48_000.0, 20_000), speed, &[64]);
        let inside = &out[out.len() / 10..out.len() * 9 / 10];
        let power = inside.iter().map(|x| f64::from(x * x)).sum::<f64>() / inside.len() as f64;
        let level = 10.0 * (power * 2.0 + 1e-20).log10();
        println!("{hz} Hz at {speed}: {level:.1} dB");
        assert!(level < -75.0, "{hz} Hz at {speed}: {level}");
    }
}

#[test]
fn cuts_do_not_change_a_sample() {
    let source = sine(0.07, 3_000);
    for speed in [0.3, 0.999, 1.2, 2.7, 9.0, 1e9, 1e-9] {
        let source = &source[..if speed < 0.1 { 20 } else { 3_000 }];
        let whole = play(source, speed, &[64]);
        for cuts in [&[1][..], &[5, 64, 13]] {
            assert_eq!(play(source, speed, cuts), whole, "{speed}");
        }
        assert!(whole.iter().all(|x| x.abs() < 1.5), "{speed}");
    }
}

#[test]
fn speeds_are_kept_within_six_octaves() {
    assert_eq!(play(&[1.0; 64], f32::INFINITY, &[64]).len(), 1);
    assert_eq!(play(&[1.0; 2], 1e-30, &[64]).len(), 128);
    assert_eq!(play(&[1.0; 2], f32::NAN, &[64]).len(), 128);
    assert!(play(&[], 1.0, &[64]).is_empty());
}
