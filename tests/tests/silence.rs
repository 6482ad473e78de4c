//! What hosts are told: which channels are silent, how long the tail and the latency are, and which
//! parameter is the bypass.
//!
//! That each block's marks say what is in the block is checked in every render (`drive::Told`); here
//! stands when blocks are silent at all.

use glisten_tests::drive::{Rendered, Told};
use glisten_tests::fixture::{fresh, param, playing, render};
use glisten_tests::host::{FORMATS, Host, Kind};
use glisten_tests::scenario::{Blocks, MAX_FRAMES, MessageKind, Scenario, noise};
use glisten_tests::song::Song;

const BOTH: u64 = 0b11;

/// Noise, silence, and one sample on a frame.
fn burst_and_click(burst: usize, click: u64) -> Vec<[f32; 2]> {
    let mut input = noise(burst, 0.5, 7);
    input.resize(click as usize, [0.0; 2]);
    input.push([0.25, -0.5]);
    input
}

/// The block that holds a frame, and those before it.
fn block_of(rendered: &Rendered, frame: u64) -> (Told, &[Told]) {
    let holds = |t: &Told| (t.first_frame..t.first_frame + t.frames as u64).contains(&frame);
    let index = rendered.told.iter().position(holds);
    let index = index.unwrap_or_else(|| panic!("no block holds {frame}"));
    (rendered.told[index], &rendered.told[..index])
}

/// The last blocks before another, with frames, that reach back so many frames.
fn last(before: &[Told], frames: u64) -> Vec<Told> {
    let end = before.last().map_or(0, |t| t.first_frame);
    let near = before.iter().filter(|t| t.first_frame + frames >= end);
    near.filter(|t| t.frames > 0).copied().collect()
}

fn first_sound(rendered: &Rendered, from: u64) -> u64 {
    let after = &rendered.audio[from as usize..];
    let frame = after.iter().position(|s| *s != [0.0; 2]);
    from + frame.expect("it sounds again") as u64
}

#[test]
fn a_sleeping_effect_is_silent_up_to_the_block_in_which_sound_returns() {
    const CLICK: u64 = 571_117;
    // It falls by 4.4 dB every 250 ms: below -120 dBFS after 7 s, and below what a float holds after
    // 43 s.
    let echo = "~d: ~input >> add ~f >> delayms 250\n~f: ~d >> mul 0.6\nout: ~d\ndry: ~input";
    // Something beside it that adds exactly nothing, and never sleeps.
    let awake = format!("{echo}\nzzz: noiz 1 >> pulse >> mul 0");
    for format in FORMATS {
        for in_place in [false, true] {
            let scenario = Scenario {
                in_place,
                ..Scenario::new(CLICK + 4000)
                    .blocks(Blocks::Random { seed: 3, max: 900 })
                    .song(Song::stopped())
                    // Longer than the echo's time, so that there are no gaps.
                    .input(burst_and_click(13_000, CLICK))
            };
            let asleep = render(format, Kind::Effect, echo, &scenario);
            let awake = render(format, Kind::Effect, &awake, &scenario);
            let (click, before) = block_of(&asleep, CLICK);
            assert_eq!(click.silent, 0, "{format:?}: {click:?}");
            assert!(click.frames > 1, "{format:?}: in the middle, {click:?}");
            let silent = last(before, 24_000);
            assert!(silent.len() > 20, "{format:?}: {}", silent.len());
            for told in silent {
                assert_eq!(told.silent, BOTH, "{format:?}: {told:?}");
            }
            let (_, before) = block_of(&awake, CLICK);
            for told in last(before, 24_000) {
                assert_eq!(told.silent, 0, "{format:?}: {told:?} still falls");
            }
        }
    }
}

#[test]
fn an_instrument_is_silent_until_the_block_of_a_note() {
    const NOTE: u64 = 96_333;
    let program = "out: saw ~freq >> mul ~gate >> poly 4 >> mul 0.2";
    for format in FORMATS {
        for blocks in Blocks::all() {
            let (key, velocity) = (60, 0.8);
            let on = MessageKind::On {
                key,
                id: None,
                velocity,
            };
            let scenario = Scenario::new(NOTE + 48_000)
                .blocks(blocks.clone())
                .song(Song::stopped())
                .message(NOTE, 0, on)
                .message(NOTE + 4_800, 0, MessageKind::Off { key, id: None });
            let rendered = render(format, Kind::Instrument, program, &scenario);
            let sound = first_sound(&rendered, 0);
            assert!((NOTE..NOTE + 4).contains(&sound), "{format:?}: {sound}");
            let (told, before) = block_of(&rendered, sound);
            assert_eq!(told.silent, 0, "{format:?} {blocks:?}");
            for told in before.iter().filter(|t| t.frames > 0) {
                assert_eq!(told.silent, BOTH, "{format:?} {blocks:?}: {told:?}");
            }
            let end = rendered.told.iter().rfind(|t| t.frames > 0);
            assert_eq!(end.map(|t| t.silent), Some(BOTH), "{format:?} {blocks:?}");
        }
    }
}

#[test]
fn channels_are_told_apart() {
    for format in FORMATS {
        let one_sided = |left: f32, right: f32, channels: u32| {
            let scenario = Scenario {
                channels,
                ..Scenario::new(4096).input(vec![[left, right]; 4096])
            };
            let rendered = render(format, Kind::Effect, "out: ~input", &scenario);
            rendered.told.iter().map(|t| t.silent).collect::<Vec<_>>()
        };
        assert_eq!(one_sided(0.5, 0.0, 2), [0b10; 8], "{format:?}");
        assert_eq!(one_sided(0.0, 0.5, 2), [0b01; 8], "{format:?}");
        assert_eq!(one_sided(0.0, 0.0, 2), [0b11; 8], "{format:?}");
        assert_eq!(one_sided(0.0, 0.0, 1), [0b1; 8], "{format:?}");
        assert_eq!(one_sided(0.5, 0.0, 1), [0b0; 8], "{format:?}");
    }
}

#[test]
fn nothing_is_told_of_blocks_without_frames() {
    for format in FORMATS {
        let scenario = Scenario::new(4096).blocks(Blocks::Cycle(vec![0, 512, 0, 0, 100]));
        let told = render(format, Kind::Effect, "out: ~input", &scenario).told;
        let empty: Vec<_> = told.iter().filter(|t| t.frames == 0).collect();
        assert!(empty.len() > 9, "{format:?}: {}", empty.len());
        assert!(empty.iter().all(|t| t.silent == 0), "{format:?}: {empty:?}");
        let silent = told.iter().filter(|t| t.frames > 0);
        assert!(silent.clone().all(|t| t.silent == BOTH), "{format:?}");
    }
}

#[test]
fn a_bypassed_program_is_silent_until_it_is_back() {
    const OFF: u64 = 10_007;
    const ON: u64 = 30_011;
    for format in FORMATS {
        for kind in [Kind::Instrument, Kind::Effect] {
            let mut host = playing(format, kind, "out: sin 440 >> mul 0.2");
            let bypass = param(&mut *host, "Bypass");
            let scenario = Scenario::new(40_000)
                .blocks(Blocks::Random { seed: 8, max: 700 })
                .param(OFF, bypass, 1.0)
                .param(ON, bypass, 0.0);
            let rendered = host.render(&scenario);
            // The fade takes 480 frames, and silence is whole blocks of it.
            let (_, before) = block_of(&rendered, ON);
            // The sine begins at 0, which one frame cannot tell from silence.
            for told in before.iter().filter(|t| t.frames > 1) {
                let end = told.first_frame + told.frames as u64;
                if end < OFF {
                    assert_eq!(told.silent, 0, "{format:?} {kind:?}: {told:?}");
                } else if told.first_frame > OFF + 480 {
                    assert_eq!(told.silent, BOTH, "{format:?} {kind:?}: {told:?}");
                }
            }
            let sound = first_sound(&rendered, ON);
            assert!(sound < ON + 4, "{format:?} {kind:?}: {sound}");
            let (told, _) = block_of(&rendered, sound);
            assert_eq!(told.silent, 0, "{format:?} {kind:?}");
        }
    }
}

/// A host may stop calling when a tail has ended, and would then not hear an edit.
#[test]
fn the_tail_has_no_end_and_there_is_no_latency() {
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let mut host = playing(format, kind, "out: ~input >> delayms 300");
            let check = |host: &mut dyn Host, when: &str| {
                assert_eq!(host.tail_frames(), u32::MAX, "{format:?} {kind:?} {when}");
                assert_eq!(host.latency_frames(), 0, "{format:?} {kind:?} {when}");
            };
            check(&mut *host, "before the first block");
            let asleep = host.render(&Scenario::new(480_000));
            let end = asleep.told.last().map(|t| t.silent);
            assert_eq!(end, Some(BOTH), "{format:?} {kind:?}");
            check(&mut *host, "asleep");
            host.reset();
            check(&mut *host, "after a reset");
            host.deactivate();
            host.activate(96_000.0, MAX_FRAMES)
                .unwrap_or_else(|error| panic!("{error:#}"));
            check(&mut *host, "active again");
        }
    }
}

#[test]
fn one_parameter_is_the_bypass_of_the_host() {
    for format in FORMATS {
        for kind in [Kind::Effect, Kind::Instrument] {
            let params = fresh(format, kind).params();
            let bypass = params.iter().filter(|p| p.bypass);
            let bypass: Vec<_> = bypass.map(|p| (p.name.as_str(), p.steps)).collect();
            assert_eq!(bypass, [("Bypass", 1)], "{format:?} {kind:?}");
        }
    }
}
