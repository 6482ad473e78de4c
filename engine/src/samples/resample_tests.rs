#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use super::*;
use std::f64::consts::TAU;

fn sine(hz: f64, rate: f64, frames: usize) -> Sample {
    let left = (0..frames)
        .map(|i| (TAU * hz * i as f64 / rate).sin() as f32)
        .collect();
    Sample { left, right: None }
}

const PAIRS: [(f64, f64); 8] = [
    (44_100.0, 48_000.0),
    (48_000.0, 44_100.0),
    (44_100.0, 96_000.0),
    (96_000.0, 44_100.0),
    (22_050.0, 192_000.0),
    (192_000.0, 48_000.0),
    (8_000.0, 44_100.0),
    // So many places between frames that their kernels are not kept.
    (44_099.0, 48_000.0),
];

#[test]
fn sines_stay_where_they_are() {
    for (from, to) in PAIRS {
        let low = f64::min(from, to);
        for hz in [100.0, 0.1 * low, 0.25 * low, 0.44 * low] {
            let frames = (from * 0.1) as usize;
            let new = resampled(&sine(hz, from, frames), from, to).expect("rates are fine");
            let inside = new.frames() / 4..new.frames() * 3 / 4;
            let error: f64 = inside
                .clone()
                .map(|i| {
                    let exact = (TAU * hz * i as f64 / to).sin();
                    (f64::from(new.left[i]) - exact).powi(2)
                })
                .sum();
            let error = 10.0 * (error / inside.len() as f64 * 2.0).log10();
            println!("{from} to {to}, {hz} Hz: {error:.1} dB");
            assert!(error < -95.0, "{from} to {to}, {hz} Hz: {error}");
        }
    }
}

#[test]
fn what_the_new_rate_cannot_hold_is_stopped() {
    for (from, to) in [
        (96_000.0, 44_100.0),
        (48_000.0, 44_100.0),
        (192_000.0, 48_000.0),
    ] {
        let hz = to * 0.51;
        if hz > from * 0.49 {
            continue;
        }
        let new = resampled(&sine(hz, from, (from * 0.1) as usize), from, to).expect("fine");
        let inside = &new.left[new.frames() / 4..new.frames() * 3 / 4];
        let peak = inside.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
        println!("{from} to {to}: {:.1} dB", 20.0 * peak.log10());
        assert!(peak < 2e-5, "{from} to {to}: {peak}");
    }
}

#[test]
fn an_impulse_keeps_its_time_and_its_area() {
    for (from, to) in PAIRS {
        for at in [0_usize, 700] {
            let mut sound = Sample {
                left: vec![0.0; 1000],
                right: Some(vec![0.0; 1000]),
            };
            sound.left[at] = 1.0;
            let new = resampled(&sound, from, to).expect("rates are fine");
            assert_eq!(new.frames(), (1000.0 * to / from).ceil() as usize);
            let largest = (0..new.frames())
                .max_by(|a, b| new.left[*a].total_cmp(&new.left[*b]))
                .expect("frames");
            let exact = at as f64 * to / from;
            assert!(
                (largest as f64 - exact).abs() <= 1.0,
                "{from} to {to}: {largest}"
            );
            let right = new.right.expect("it was stereo");
            assert!(right.len() == new.left.len() && right.iter().all(|x| *x == 0.0));
        }
        // Seen from far it has the same area.
        let ones = Sample {
            left: vec![1.0; 1000],
            right: None,
        };
        let new = resampled(&ones, from, to).expect("rates are fine");
        assert!((new.left[new.frames() / 2] - 1.0).abs() < 1e-5);
    }
}

#[test]
fn frame_0_stays_frame_0() {
    // The value of a smooth sound at time 0, though nothing is before it.
    let sound = Sample {
        left: (0..4000)
            .map(|i| {
                let t = (i as f64 - 100.0) / 30.0;
                (-t * t).exp() as f32
            })
            .collect(),
        right: None,
    };
    let new = resampled(&sound, 44_100.0, 48_000.0).expect("rates are fine");
    for i in 0..400 {
        let t = (i as f64 * 44_100.0 / 48_000.0 - 100.0) / 30.0;
        assert!(
            (f64::from(new.left[i]) - (-t * t).exp()).abs() < 1e-5,
            "{i}"
        );
    }
}

#[test]
fn the_same_rate_is_the_same_sound_and_odd_rates_are_refused() {
    let sound = sine(440.0, 48_000.0, 100);
    assert_eq!(resampled(&sound, 48_000.0, 48_000.0).as_ref(), Ok(&sound));
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 999.0, 1e6] {
        assert!(resampled(&sound, rate, 48_000.0).is_err(), "{rate}");
        assert!(resampled(&sound, 48_000.0, rate).is_err(), "{rate}");
    }
    let long = sine(440.0, 1_000.0, 500_000);
    assert!(resampled(&long, 1_000.0, 192_000.0).is_err());
    let empty = Sample::default();
    assert_eq!(resampled(&empty, 44_100.0, 48_000.0), Ok(empty.clone()));
}
