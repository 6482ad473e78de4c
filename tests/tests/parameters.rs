//! Host parameters: text, automation, fuzz.

use glisten_tests::analysis::{not_finite, peak, rms, subnormals};
use glisten_tests::fixture::{RICH_PROGRAM, fresh, param, playing};
use glisten_tests::host::{FORMATS, Kind};
use glisten_tests::scenario::{Blocks, Keep, Random, Scenario, noise};
use glisten_tests::song::Song;

#[test]
fn names_defaults_and_bypass() {
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let mut host = fresh(format, kind);
            let params = host.params();
            let names: Vec<_> = params.iter().map(|p| p.name.as_str()).collect();
            for wanted in ["Bypass", "Output gain", "Guard", "Launch"] {
                assert!(
                    names.contains(&wanted),
                    "{format:?} {kind:?}: {wanted} in {names:?}"
                );
            }
            let bypass: Vec<_> = params.iter().filter(|p| p.bypass).collect();
            assert_eq!(bypass.len(), 1, "{format:?} {kind:?}: one bypass parameter");
            for p in &params {
                let value = host.param_value(p.id).expect("a value");
                assert!(
                    (value - p.default).abs() < 1e-6,
                    "{format:?}: {} starts at {value}",
                    p.name
                );
            }
        }
    }
}

#[test]
fn both_formats_have_the_same_parameters() {
    let [clap, vst3] = FORMATS.map(|format| {
        let mut host = fresh(format, Kind::Effect);
        host.params()
            .into_iter()
            .map(|p| (p.id, p.name, p.steps))
            .collect::<Vec<_>>()
    });
    assert_eq!(clap, vst3);
}

#[test]
fn values_survive_the_way_through_text() {
    for format in FORMATS {
        let mut host = fresh(format, Kind::Effect);
        for p in host.params() {
            for i in 0..=20 {
                let value = f64::from(i) / 20.0;
                let text = host.value_to_text(p.id, value).expect("a text");
                let back = host.text_to_value(p.id, &text);
                let back = back.unwrap_or_else(|| panic!("{format:?} {}: reads {text:?}", p.name));
                let again = host.value_to_text(p.id, back).expect("a text");
                assert_eq!(again, text, "{format:?} {}: {value}", p.name);
            }
            let nonsense = host.text_to_value(p.id, "no such value");
            assert!(nonsense.is_none(), "{format:?} {}: {nonsense:?}", p.name);
        }
    }
}

#[test]
fn gain_is_exact_and_ramps() {
    const AT: u64 = 9000;
    // 5 ms at 48 kHz.
    const RAMP: usize = 240;
    for format in FORMATS {
        let mut host = playing(format, Kind::Effect, "out: ~input");
        let gain = param(&mut *host, "Output gain");
        let value = host.text_to_value(gain, "-6.02 dB").expect("reads dB");
        // At the highest frequency, because the guard would take a gain change of DC for DC.
        let input: Vec<[f32; 2]> = (0..48_000)
            .map(|i| if i % 2 == 0 { [0.5; 2] } else { [-0.5; 2] })
            .collect();
        let scenario = Scenario::new(48_000)
            .input(input)
            .blocks(Blocks::Random { seed: 1, max: 999 })
            .param(AT, gain, value);
        let audio = host.render(&scenario).audio;
        let audio: Vec<[f32; 2]> = audio.iter().map(|s| s.map(f32::abs)).collect();
        let at = AT as usize;
        assert!(
            audio[..at].iter().all(|s| *s == [0.5; 2]),
            "{format:?}: exact before"
        );
        let target = 0.5 * 10f64.powf(-6.02 / 20.0);
        for (i, sample) in audio.iter().enumerate().skip(at + RAMP) {
            let error = (f64::from(sample[0]) - target).abs();
            assert!(
                error < 1e-5,
                "{format:?}: {sample:?} at {i}, expected {target}"
            );
        }
        let largest_step = (target - 0.5).abs() / RAMP as f64 * 1.01 + 1e-6;
        for i in at..at + RAMP {
            let step = f64::from(audio[i][0] - audio[i - 1][0]);
            assert!(
                step <= 1e-7 && -step <= largest_step,
                "{format:?}: step {step:e} at {i}"
            );
        }
    }
}

#[test]
fn the_guard_holds_the_ceiling_until_it_is_off() {
    for format in FORMATS {
        let mut host = playing(format, Kind::Instrument, "out: sin 220 >> mul 4");
        let guard = param(&mut *host, "Guard");
        let on = host.render(&Scenario::new(48_000)).audio;
        assert!(
            peak(&on) <= 1.0,
            "{format:?}: peak {} with the guard",
            peak(&on)
        );
        let off = host
            .render(&Scenario::new(48_000).param(0, guard, 0.0))
            .audio;
        let top = peak(&off[24_000..]);
        assert!(
            (top - 4.0).abs() < 0.01,
            "{format:?}: peak {top} without the guard"
        );
    }
}

#[test]
fn random_automation_keeps_the_output_clean() {
    let mut random = Random::new(3);
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let mut host = playing(format, kind, RICH_PROGRAM);
            let ids: Vec<u32> = host.params().iter().map(|p| p.id).collect();
            let frames = 5 * 48_000;
            let mut scenario = Scenario::new(frames)
                .input(noise(frames as usize, 1.0, 4))
                .blocks(Blocks::Random { seed: 6, max: 4096 })
                .song(Song::playing(0.0, 140.0));
            let mut frame = 0;
            while frame < frames {
                scenario = scenario.param(frame, *random.pick(&ids), random.unit());
                frame += random.below(500);
            }
            let audio = host.render(&scenario).audio;
            assert_eq!(not_finite(&audio), 0, "{format:?} {kind:?}");
            assert_eq!(subnormals(&audio), 0, "{format:?} {kind:?}");
            assert!(rms(&audio) > 1e-4, "{format:?} {kind:?}: it sounds");
        }
    }
}

#[test]
fn denormal_input_gives_no_denormal_output() {
    let tiny: Vec<[f32; 2]> = vec![[1e-40, -3e-42]; 96_000];
    for format in FORMATS {
        for program in [
            "out: ~input",
            "out: ~input >> lpf 300 0.7 >> delayms 100 >> plate 0.3",
        ] {
            let mut host = playing(format, Kind::Effect, program);
            let normal = host.render(&Scenario::new(96_000).input(noise(96_000, 0.1, 5)));
            host.reset();
            let scenario = Scenario {
                keep: Keep::Everything,
                ..Scenario::new(96_000)
            };
            let slow = host.render(&scenario.input(tiny.clone()));
            assert_eq!(subnormals(&slow.audio), 0, "{format:?} {program}");
            let factor = slow.busy.as_secs_f64() / normal.busy.as_secs_f64();
            println!("{format:?} {program}: {factor:.2} times the time on denormal input");
        }
    }
}
