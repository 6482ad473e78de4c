#![allow(clippy::disallowed_methods)] // The standard maths is what tests compare with.

use super::*;
use std::f64::consts::{PI, TAU};

/// Gain of a table at a frequency (cycles per frame) for each of its fractions, as complex numbers.
fn gains(table: &SincTable, cycles_per_frame: f64) -> Vec<(f64, f64)> {
    let taps = table.taps();
    (0..PHASES * 4)
        .map(|p| {
            let fraction = (p as u64 * (1_u64 << 32) / (PHASES as u64 * 4)) as u32;
            let at = f64::from(fraction) / 4_294_967_296.0;
            let part = |f: &dyn Fn(f64) -> f64| {
                let window: Vec<f32> = (0..taps)
                    .map(|k| {
                        let t = k as f64 - (taps / 2 - 1) as f64 - at;
                        f(TAU * cycles_per_frame * t) as f32
                    })
                    .collect();
                f64::from(table.read(&window, fraction))
            };
            (part(&f64::cos), part(&f64::sin))
        })
        .collect()
}

/// Level of the wanted tone and of all images together, in dB.
fn level_and_images(table: &SincTable, cycles_per_frame: f64) -> (f64, f64) {
    let gains = gains(table, cycles_per_frame);
    let n = gains.len() as f64;
    let (re, im) = gains
        .iter()
        .fold((0.0, 0.0), |s, g| (s.0 + g.0 / n, s.1 + g.1 / n));
    let wanted = re.hypot(im);
    let rest = gains
        .iter()
        .map(|g| (g.0 - re).powi(2) + (g.1 - im).powi(2))
        .sum::<f64>();
    let db = |x: f64| 20.0 * (x + 1e-12).log10();
    (db(wanted), db((rest / n).sqrt() / wanted))
}

#[test]
fn the_full_band_is_flat_and_clean_to_a_third_of_the_rate() {
    let bank = SincBank::shared();
    let table = bank.table(0).expect("a table");
    assert_eq!(table.taps(), 16);
    for hz in [50.0, 220.0, 1_000.0, 5_000.0, 10_000.0, 14_000.0, 16_000.0] {
        let (level, images) = level_and_images(table, hz / 48_000.0);
        println!("{hz} Hz: {level:.4} dB, images {images:.1} dB");
        assert!(level.abs() < 0.01, "{hz}: {level}");
        assert!(images < -81.0, "{hz}: {images}");
    }
}

#[test]
fn faster_tables_stop_what_would_fold_back() {
    let bank = SincBank::shared();
    for class in 1..7 {
        let table = bank.table(class).expect("a table");
        let speed = 2f64.powf(class as f64 / 2.0);
        let cutoff = 0.5 / speed;
        let level = |share: f64| level_and_images(table, cutoff * share).0;
        println!(
            "class {class}: {} taps, {:.2} {:.2} {:.2}",
            table.taps(),
            level(0.7),
            level(1.0),
            level(1.4)
        );
        assert!(level(0.67).abs() < 0.02, "{class}: {}", level(0.67));
        assert!((level(1.0) + 6.02).abs() < 0.3, "{class}: {}", level(1.0));
        assert!(level(1.4) < -78.0, "{class}: {}", level(1.4));
    }
}

#[test]
fn a_whole_frame_is_read_as_it_is() {
    let bank = SincBank::shared();
    let table = bank.table(0).expect("a table");
    let window: [f32; 16] = std::array::from_fn(|i| 0.1 + i as f32 * 0.37);
    assert_eq!(table.read(&window, 0), window[7]);
    // Just before the next frame it is nearly that one.
    assert!((table.read(&window, u32::MAX) - window[8]).abs() < 1e-5);
    // A constant stays what it is.
    for fraction in [0, 1 << 30, 0x1234_5678, u32::MAX] {
        assert!((table.read(&[1.0; 16], fraction) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn classes_change_at_half_octaves() {
    let bank = SincBank::shared();
    let class = |speed: f64| bank.class_of((speed * 4_294_967_296.0) as u64);
    assert_eq!(class(0.1), 0);
    assert_eq!(class(1.0), 0);
    assert_eq!(class(1.0001), 1);
    assert_eq!(class(1.4141), 1);
    assert_eq!(class(1.4143), 2);
    assert_eq!(class(2.0), 2);
    assert_eq!(class(8.0), 6);
    assert_eq!(class(64.0), 6);
}

#[test]
fn bessel_function_and_kernel_match_their_definitions() {
    // Abramowitz and Stegun, table 9.8.
    assert!((bessel_i0(1.0) - 1.266_065_877_752_008_4).abs() < 1e-14);
    assert!((bessel_i0(10.0) / 2_815.716_628_466_254 - 1.0).abs() < 1e-14);
    // A quarter of a frame behind: the largest tap is the frame before, sinc(1/4) of full size.
    let mut taps = [0.0; 64];
    kernel(1.0, 8.0, 0.25, &mut taps);
    let expected = (PI * 0.25).sin() / (PI * 0.25);
    assert!((taps[31] - expected).abs() < 2e-3, "{}", taps[31]);
    assert!((taps.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}
