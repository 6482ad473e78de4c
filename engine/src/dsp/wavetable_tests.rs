//! Spectra, aliases, glides and levels of the wavetables.

#![allow(clippy::disallowed_methods)]

use super::*;
use crate::dsp::MAX_FRAMES;
use crate::dsp::spectrum::{aliases, line, power};

const RATE: f64 = 44_100.0;
const N: usize = 65_536;

fn render(
    rate: f64,
    frames: usize,
    hz: impl Fn(usize) -> f32,
    position: impl Fn(usize) -> f32,
) -> Vec<f32> {
    let mut wavetable = Wavetable::new(rate);
    let mut out = vec![0.0; frames];
    for (b, block) in out.chunks_mut(MAX_FRAMES).enumerate() {
        let first = b * MAX_FRAMES;
        let hz: Vec<f32> = (0..block.len()).map(|i| hz(first + i)).collect();
        let position: Vec<f32> = (0..block.len()).map(|i| position(first + i)).collect();
        wavetable.process(&hz, &position, Clocking::new(rate), block);
    }
    out
}

fn steady(hz: f32, wave: usize) -> Vec<f32> {
    let position = wave as f32 / (WAVES - 1) as f32;
    render(RATE, N, |_| hz, |_| position)
}

#[test]
fn the_circle_is_round() {
    let circle = circle(12);
    for (i, [c, s]) in circle.iter().enumerate() {
        let a = std::f64::consts::TAU * i as f64 / 4096.0;
        assert!(
            (c - a.cos()).abs() < 1e-12 && (s - a.sin()).abs() < 1e-12,
            "{i}"
        );
    }
}

#[test]
fn tables_are_the_sums_they_claim_to_be() {
    let circle = circle(size_bits(LEVELS - 1));
    for wave in [1, 3, 5] {
        let levels: Vec<f64> = (1..=MAX_HARMONICS).map(|k| harmonic(wave, k)).collect();
        for level in [0, 10, 20] {
            let cycle = sines(&levels, level, &circle);
            for i in (0..cycle.len()).step_by(37) {
                let a = std::f64::consts::TAU * i as f64 / cycle.len() as f64;
                let sum: f64 = (1..=harmonics_of(level))
                    .map(|k| levels[k - 1] * (a * k as f64).sin())
                    .sum();
                assert!((cycle[i] - sum).abs() < 1e-9, "{wave} {level} {i}");
            }
        }
    }
}

#[test]
fn levels_are_a_third_of_an_octave_apart_and_hold_what_fits() {
    assert_eq!(
        [0, 1, 2, 3, 6, 9, 10, 11, 27].map(harmonics_of),
        [1, 1, 1, 2, 4, 8, 10, 12, 512]
    );
    for i in 100..70_000 {
        let fitting = i as f32 * 0.01;
        let richness = richness(fitting).expect("something fits");
        let harmonics = harmonics_of(richness.level) as f32;
        assert!(harmonics <= fitting, "{fitting}: {harmonics}");
        let capped = fitting.min(512.0);
        // No more than a third of an octave, and the blend, is missing; counts are whole.
        assert!(harmonics + 1.0 > capped / 1.261, "{fitting}: {harmonics}");
    }
    assert_eq!(richness(0.99), None);
    assert_eq!(richness(f32::NAN), None);
    assert_eq!(richness(f32::INFINITY).map(|r| r.level), Some(27));
}

#[test]
fn aliases_are_inaudible() {
    let mut worst = f64::MIN;
    for wave in 0..WAVES {
        for hz in [55.1f32, 220.3, 2000.7, 5003.3] {
            let (alias, line) = aliases(&steady(hz, wave), f64::from(hz), RATE, 20_000.0);
            println!("wave {wave}, {hz} Hz: alias {alias:.1} dB, worst line {line:.1} dB");
            worst = worst.max(alias);
        }
    }
    assert!(worst < -85.0, "{worst}");
}

#[test]
fn harmonics_have_their_levels_up_to_15_khz() {
    // The saw, at pitches that lie differently within a third of an octave.
    for hz in [110.3f32, 123.5, 139.1, 500.7, 2000.7] {
        let power = power(&steady(hz, 3));
        let level = |k: usize| 10.0 * line(&power, RATE, f64::from(hz) * k as f64).log10();
        let last = (15_000.0 / hz) as usize;
        for k in [2, 3, last / 2, last].into_iter().filter(|k| *k > 1) {
            let want = -20.0 * (k as f64).log10();
            let got = level(k) - level(1);
            assert!(
                (got - want).abs() < 0.1,
                "{hz} Hz, harmonic {k}: {got} not {want}"
            );
        }
    }
}

#[test]
fn a_glide_from_table_to_table_has_no_step() {
    // A hair above and below each pitch at which another table begins, the wave is the same.
    let top = f64::from(Wavetable::new(RATE).top_cycles) * RATE;
    for level in 3..18 {
        let border = top / 2f64.powf(level as f64 / 3.0);
        for wave in [3, 4, 5] {
            let position = wave as f32 / (WAVES - 1) as f32;
            let hair = |share: f64| {
                let hz = (border * (1.0 + share)) as f32;
                render(RATE, 20, move |_| hz, move |_| position)
            };
            let (below, above) = (hair(-1e-5), hair(1e-5));
            for (i, (a, b)) in below.iter().zip(&above).enumerate() {
                assert!((a - b).abs() < 5e-3, "{level} {wave} {i}: {a} {b}");
            }
        }
    }
    let glide = |i: usize| (30.0 * 2f64.powf(i as f64 / 12_000.0)) as f32;
    assert!(
        render(RATE, 120_000, glide, |_| 0.43)
            .iter()
            .all(|x| x.abs() < 1.1)
    );
}

#[test]
fn a_moving_position_passes_all_waves_without_a_step() {
    let y = render(RATE, 100_000, |_| 100.0, |i| i as f32 / 100_000.0);
    // The steepest wave, the saw, falls by 2·0.85 within a table's resolution of its highest
    // harmonic at 100 Hz: 240 harmonics, so about 1.1 frames.
    let step = y.windows(2).fold(0.0f32, |m, w| m.max((w[1] - w[0]).abs()));
    assert!(step < 1.75, "{step}");
    // At its ends it is the first and the last wave.
    let first = steady(100.0, 0);
    for i in 0..50 {
        assert!((y[i] - first[i]).abs() < 1e-3, "{i}");
    }
}

#[test]
fn waves_are_about_equally_loud_and_below_full_scale() {
    for wave in 0..WAVES {
        let y = steady(110.0, wave);
        let peak = y.iter().fold(0.0f32, |m, x| m.max(x.abs()));
        let rms = (y.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / N as f64).sqrt();
        let mean = y[..40_090].iter().map(|x| f64::from(*x)).sum::<f64>() / 40_090.0;
        println!("wave {wave}: level {rms:.3}, peak {peak:.3}, mean {mean:.5}");
        assert!(
            peak < 1.02 && rms > 0.2 && rms < 0.6,
            "{wave}: {peak} {rms}"
        );
        assert!(mean.abs() < 1e-3, "{wave}: {mean}");
    }
}

#[test]
fn the_tables_are_shared() {
    let (a, b) = (Wavetable::new(44_100.0), Wavetable::new(96_000.0));
    assert!(std::ptr::eq(a.tables, b.tables));
    let bytes = a.tables.points.len() * size_of::<f32>();
    assert!(bytes < 1_000_000, "{bytes}");
}

#[test]
fn silent_above_the_top_and_backwards_is_the_mirror_image() {
    for hz in [24_100.0, 1e6, -30_000.0, f32::NAN] {
        assert!(
            render(RATE, 500, |_| hz, |_| 0.5).iter().all(|y| *y == 0.0),
            "{hz}"
        );
    }
    let (forth, back) = (
        render(RATE, 3000, |_| 200.0, |_| 0.6),
        render(RATE, 3000, |_| -200.0, |_| 0.6),
    );
    for (a, b) in forth.iter().zip(&back) {
        assert!((a + b).abs() < 1e-4);
    }
}
