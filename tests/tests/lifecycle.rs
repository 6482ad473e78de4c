//! What hosts do with instances: scan, activate, change rates, make many, delete some.

use std::time::Instant;

use glisten_tests::analysis::{amplitude_at, assert_same, db, peak};
use glisten_tests::artifacts::plugin_library;
use glisten_tests::fixture::{RICH_PROGRAM, fresh, playing};
use glisten_tests::host::{FORMATS, Format, Kind, scan};
use glisten_tests::program_state::set_program;
use glisten_tests::scenario::{Blocks, MAX_FRAMES, Note, Scenario, noise};

#[test]
fn the_library_lists_both_plugins() {
    let library = plugin_library().unwrap_or_else(|error| panic!("{error:#}"));
    for format in FORMATS {
        let start = Instant::now();
        let listings = scan(format, &library).unwrap_or_else(|error| panic!("{error:#}"));
        println!(
            "{format:?}: scanned in {:.1} ms",
            start.elapsed().as_secs_f64() * 1e3
        );
        let names: Vec<_> = listings.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(names, ["Glisten", "Glisten FX"], "{format:?}");
        for listing in &listings {
            assert_eq!(listing.vendor, "Glisten");
            assert!(
                !listing.version.is_empty() && !listing.id.is_empty(),
                "{listing:?}"
            );
        }
        let (instrument, effect) = match format {
            Format::Clap => ("instrument", "audio-effect"),
            Format::Vst3 => ("Instrument", "Fx"),
        };
        let has = |i: usize, feature: &str| listings[i].features.iter().any(|f| f == feature);
        assert!(has(0, instrument) && !has(0, effect), "{:?}", listings[0]);
        assert!(has(1, effect) && !has(1, instrument), "{:?}", listings[1]);
        if format == Format::Clap {
            assert_eq!(listings[0].id, Kind::Instrument.clap_id());
            assert_eq!(listings[1].id, Kind::Effect.clap_id());
        }
    }
}

#[test]
fn buses_are_as_promised() {
    for format in FORMATS {
        assert_eq!(
            fresh(format, Kind::Effect).main_channels(),
            (2, 2),
            "{format:?}"
        );
        assert_eq!(
            fresh(format, Kind::Instrument).main_channels(),
            (0, 2),
            "{format:?}"
        );
        for kind in [Kind::Effect, Kind::Instrument] {
            let mut host = fresh(format, kind);
            host.set_channels(1)
                .unwrap_or_else(|e| panic!("{format:?} {kind:?}: {e:#}"));
            assert_eq!(host.main_channels().1, 1, "{format:?} {kind:?}");
        }
    }
}

#[test]
fn survives_activation_in_every_order() {
    for format in FORMATS {
        let mut host = fresh(format, Kind::Effect);
        host.deactivate();
        set_program(&mut *host, "out: sin 1000 >> mul 0.5").expect("loads");
        for rate in [
            44_100.0, 48_000.0, 96_000.0, 192_000.0, 22_050.0, 48_000.0, 48_000.0,
        ] {
            for max_frames in [1, 64, 4096] {
                host.activate(rate, max_frames).expect("activates");
                assert!(
                    host.activate(rate, max_frames).is_err(),
                    "twice is refused by the host"
                );
                let scenario = Scenario {
                    sample_rate: rate,
                    ..Scenario::new(rate as u64 / 4).blocks(Blocks::Fixed(max_frames))
                };
                let audio = host.render(&scenario).audio;
                let level = amplitude_at(&audio, 1000.0, rate);
                assert!((level - 0.5).abs() < 0.01, "{format:?} at {rate}: {level}");
                host.reset();
                host.deactivate();
                host.deactivate();
            }
        }
    }
}

#[test]
fn sixteen_instances_do_not_meet() {
    for format in FORMATS {
        let program = |i: usize| format!("out: saw {} >> lpf 900 0.7 >> mul 0.3", 50 + 10 * i);
        let alone: Vec<_> = (0..16)
            .map(|i| {
                playing(format, Kind::Instrument, &program(i))
                    .render(&Scenario::new(9600))
                    .audio
            })
            .collect();
        let mut hosts: Vec<_> = (0..16)
            .map(|i| Some(playing(format, Kind::Instrument, &program(i))))
            .collect();
        // Every second one is deleted; the others play on as if nothing had happened.
        for slot in hosts.iter_mut().skip(1).step_by(2) {
            *slot = None;
        }
        for (i, slot) in hosts.iter_mut().enumerate() {
            if let Some(host) = slot {
                let audio = host.render(&Scenario::new(9600)).audio;
                assert_same(&audio, &alone[i], &format!("{format:?}, instance {i}"));
            }
        }
    }
}

#[test]
fn instances_play_on_several_threads_at_once() {
    let scenario = Scenario::new(96_000).input(noise(96_000, 0.3, 1));
    for format in FORMATS {
        let wanted = playing(format, Kind::Effect, RICH_PROGRAM)
            .render(&scenario)
            .audio;
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let audio = playing(format, Kind::Effect, RICH_PROGRAM)
                        .render(&scenario)
                        .audio;
                    assert_same(&audio, &wanted, &format!("{format:?}"));
                });
            }
        });
    }
}

#[test]
fn a_new_instrument_waits_for_keys_and_plays_them_quietly() {
    const SECOND: u64 = 48_000;
    for format in FORMATS {
        let play = |keys: &[u8]| {
            let mut scenario = Scenario::new(9 * SECOND);
            for (frame, on) in [(SECOND, true), (3 * SECOND, false)] {
                scenario.notes.extend(keys.iter().map(|key| Note {
                    frame,
                    key: *key,
                    channel: 0,
                    velocity: 0.8,
                    on,
                }));
            }
            let mut host = fresh(format, Kind::Instrument);
            host.activate(48_000.0, MAX_FRAMES).expect("activates");
            let rendered = host.render(&scenario);
            assert_eq!(rendered.bad_samples, 0);
            rendered.audio
        };
        let second = |n: u64| (n * SECOND) as usize..((n + 1) * SECOND) as usize;
        let one = play(&[69]);
        assert_eq!(peak(&one[second(0)]), 0.0, "{format:?}: silent before");
        let level_db = db(f64::from(peak(&one[second(1)])));
        assert!(
            (-24.0..=-14.0).contains(&level_db),
            "{format:?}: a key plays at {level_db:.1} dBFS"
        );
        let pitch = amplitude_at(&one[second(2)], 440.0, 48_000.0);
        let beside = amplitude_at(&one[second(2)], 466.16, 48_000.0);
        assert!(pitch > 20.0 * beside, "{format:?}: {pitch} and {beside}");
        assert!(peak(&one[second(8)]) < 1e-3, "{format:?}: ends");

        let chord = play(&[48, 52, 55, 59, 62, 65, 69, 72]);
        assert!(peak(&chord) < 1.0, "{format:?}: eight keys fit");
    }
}

#[test]
fn hundred_instances_come_and_go() {
    for format in FORMATS {
        for i in 0..100 {
            let mut host = fresh(
                format,
                if i % 2 == 0 {
                    Kind::Effect
                } else {
                    Kind::Instrument
                },
            );
            if i % 3 == 0 {
                host.activate(48_000.0, 512).expect("activates");
            }
        }
    }
}
