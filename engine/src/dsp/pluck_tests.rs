//! Pitch, decay, offset and level of the string.

#![allow(clippy::disallowed_methods)]

use super::*;
use std::f64::consts::TAU;

const RATES: [f64; 3] = [44_100.0, 48_000.0, 96_000.0];

fn note(rate: f64, hz: f32, decay: f32, seconds: f64, stream: u64) -> Vec<f32> {
    let mut string = Pluck::new(rate);
    string.pluck(hz, stream);
    (0..(seconds * rate) as usize)
        .map(|_| string.tick(hz, decay))
        .collect()
}

/// Phase (in cycles) and size of a frequency in some frames, under a Hann window.
fn phasor(x: &[f32], hz: f64, rate: f64) -> (f64, f64) {
    let (mut re, mut im) = (0.0, 0.0);
    for (i, v) in x.iter().enumerate() {
        let w = 0.5 - 0.5 * (TAU * i as f64 / x.len() as f64).cos();
        let a = TAU * hz * i as f64 / rate;
        re += w * f64::from(*v) * a.cos();
        im -= w * f64::from(*v) * a.sin();
    }
    (im.atan2(re) / TAU, (re * re + im * im).sqrt())
}

#[test]
fn the_pitch_is_within_a_cent() {
    let mut worst = 0.0f64;
    for rate in RATES {
        for hz in [41.2f32, 82.41, 110.0, 233.08, 440.0, 987.77, 1975.5, 3951.1] {
            let y = note(rate, hz, 8.0, 1.2, 3);
            let f = f64::from(hz);
            // The phase of the fundamental, against the wanted frequency, a tenth of a second apart.
            let window = (0.25 * rate) as usize;
            let first = (0.1 * rate) as usize;
            let step = (0.02 * rate) as usize;
            let (a, _) = phasor(&y[first..first + window], f, rate);
            let (b, _) = phasor(&y[first + step..first + step + window], f, rate);
            let cycles = b - a - f * step as f64 / rate;
            let error_hz = (cycles - cycles.round()) * rate / step as f64;
            let cents = 1200.0 * (1.0 + error_hz / f).log2();
            worst = worst.max(cents.abs());
            assert!(cents.abs() < 1.0, "{rate} {hz}: {cents} cents");
        }
    }
    println!("pluck: at most {worst:.3} cents off");
}

#[test]
fn the_fundamental_falls_by_60_db_in_the_decay_time() {
    for rate in RATES {
        for (hz, decay) in [(110.0f32, 1.0f32), (110.0, 4.0), (440.0, 2.0), (880.0, 0.5)] {
            let y = note(rate, hz, decay, f64::from(decay) * 0.8 + 0.3, 5);
            let window = (0.1 * rate) as usize;
            let size = |seconds: f64| {
                let first = (seconds * rate) as usize;
                phasor(&y[first..first + window], f64::from(hz), rate).1
            };
            let span = 0.5 * f64::from(decay);
            let fall = 20.0 * (size(0.05) / size(0.05 + span)).log10();
            assert!((fall - 30.0).abs() < 1.0, "{rate} {hz} {decay}: {fall} dB");
        }
    }
}

#[test]
fn no_offset_sensible_level_and_stillness_in_the_end() {
    let mut loudest = 0.0f32;
    for rate in RATES {
        let (mut power, mut frames) = (0.0, 0);
        for stream in 0..40 {
            let y = note(rate, 196.0, 2.0, 0.3, stream);
            loudest = y.iter().fold(loudest, |m, x| m.max(x.abs()));
            let late = &y[(0.1 * rate) as usize..];
            let mean = late.iter().map(|x| f64::from(*x)).sum::<f64>() / late.len() as f64;
            assert!(mean.abs() < 0.01, "{rate} {stream}: {mean}");
            power += y.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            frames += y.len();
        }
        let level = 10.0 * (power / frames as f64).log10();
        println!("pluck at {rate} Hz: level {level:.2} dB over 0.3 s, peak {loudest:.2}");
        assert!((level + 19.3).abs() < 1.0, "{rate}: {level}");
    }
    assert!(loudest > 0.5 && loudest < 1.3, "{loudest}");
    let mut string = Pluck::new(44_100.0);
    string.pluck(100.0, 1);
    let frames = (0..200_000).take_while(|_| {
        string.tick(100.0, 0.2);
        string.quiet_frames.is_some()
    });
    assert!(frames.count() < 60_000);
    assert_eq!(string.tick(100.0, 0.2), 0.0);
}

#[test]
fn a_new_pluck_continues_where_the_old_note_was() {
    let mut string = Pluck::new(48_000.0);
    string.pluck(100.0, 1);
    let old: Vec<f32> = (0..3000).map(|_| string.tick(100.0, 5.0)).collect();
    string.pluck(150.0, 2);
    let new: Vec<f32> = (0..200).map(|_| string.tick(150.0, 5.0)).collect();
    // The same pluck on a string at rest, for comparison.
    let mut fresh = Pluck::new(48_000.0);
    fresh.pluck(150.0, 2);
    for (i, y) in new.iter().enumerate() {
        let left = (1.0 - (i + 1) as f32 / 96.0).max(0.0) * old[2999];
        let alone = fresh.tick(150.0, 5.0);
        assert!((y - alone - left).abs() < 1e-4, "{i}: {y} {alone} {left}");
    }
}

#[test]
fn pitch_bends_without_steps() {
    let mut string = Pluck::new(48_000.0);
    string.pluck(220.0, 9);
    let y: Vec<f32> = (0..40_000)
        .map(|i| string.tick(220.0 + i as f32 * 0.002, 6.0))
        .collect();
    // After the treble of the attack has gone, neighbours differ by little.
    let step = y[20_000..]
        .windows(2)
        .fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
    let peak = y[20_000..].iter().fold(0.0f32, |m, x| m.max(x.abs()));
    assert!(peak > 0.02 && step < 0.25 * peak, "{step} of {peak}");
}
