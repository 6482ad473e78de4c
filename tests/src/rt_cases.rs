//! What runs under the preloaded real-time checker, in a process of its own (`host_run`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::drive::Rendered;
use crate::fixture::{RICH_PROGRAM, playing, playing_in};
use crate::fuzz::Edited;
use crate::host::{Format, Host, Kind, ProcessMode};
use crate::performance::performance;
use crate::program_state::{set_draft, set_program, set_program_with_samples, set_programs};
use crate::rtcheck::{Checker, Counts};
use crate::scenario::{Blocks, Keep, MessageKind, Random, Scenario, noise};
use crate::song::{Change, Song};

fn report(counts: Counts) -> Value {
    json!({
        "allocations": counts.allocations,
        "frees": counts.frees,
        "locks": counts.locks,
        "system_calls": counts.system_calls,
    })
}

fn render_report(rendered: &Rendered) -> Result<Value> {
    let mut value = report(rendered.counts.context("the checker is not loaded")?);
    value["calls"] = rendered.calls.into();
    value["frames"] = rendered.frames.into();
    value["bad_samples"] = rendered.bad_samples.into();
    value["first_offender"] = rendered.first_offender.into();
    value["worst_block"] = rendered.worst_block.into();
    Ok(value)
}

/// Runs a case by name with its arguments.
///
/// # Errors
/// There is no such case, or the checker is not loaded.
pub fn run(arguments: &[String]) -> Result<Value> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["negative"] => negative(),
        ["edits", format, count] => edits(parse_format(format)?, count.parse()?),
        ["stepped", format, count] => stepped(parse_format(format)?, count.parse()?),
        ["steady", format, kind] => steady(parse_format(format)?, parse_kind(kind)?, false),
        ["samples", format, count] => samples(parse_format(format)?, count.parse()?),
        ["programs", format] => programs(parse_format(format)?),
        ["played", format, count] => played(parse_format(format)?, count.parse()?),
        ["asleep", format] => asleep(parse_format(format)?),
        ["automated", format, kind] => steady(parse_format(format)?, parse_kind(kind)?, true),
        _ => bail!(
            "cases: negative | edits FORMAT COUNT | stepped FORMAT COUNT | samples FORMAT COUNT | \
             programs FORMAT | played FORMAT COUNT | asleep FORMAT | steady FORMAT KIND | \
             automated FORMAT KIND \
             (FORMAT: clap, vst3; KIND: effect, instrument)"
        ),
    }
}

fn parse_format(word: &str) -> Result<Format> {
    match word {
        "clap" => Ok(Format::Clap),
        "vst3" => Ok(Format::Vst3),
        _ => bail!("a format is clap or vst3"),
    }
}

fn parse_kind(word: &str) -> Result<Kind> {
    match word {
        "effect" => Ok(Kind::Effect),
        "instrument" => Ok(Kind::Instrument),
        _ => bail!("a kind is effect or instrument"),
    }
}

/// An instance that reads the clock and measures its load. Cases that ask what was heard render
/// offline instead: overload protection may take a program back.
fn on_stage(format: Format, kind: Kind, program: &str) -> Box<dyn Host> {
    playing_in(ProcessMode::Realtime, format, kind, program)
}

/// Sizes of all kinds.
fn odd_blocks() -> Blocks {
    Blocks::Cycle(vec![
        1, 7, 32, 0, 64, 127, 128, 512, 0, 0, 333, 1024, 2, 65, 4096,
    ])
}

/// Proves that the checker sees what it must see, and nothing when nothing happens.
fn negative() -> Result<Value> {
    let checker = Checker::find();
    if !checker.is_loaded() {
        bail!("the checker is not loaded");
    }
    let seen = |act: &mut dyn FnMut()| {
        checker.enter();
        act();
        report(checker.leave())
    };
    let mut sum = 0.0f64;
    let quiet = seen(&mut || sum += std::hint::black_box(1.5f64).sqrt());
    let mut kept = Vec::new();
    let allocation = seen(&mut || kept = std::hint::black_box(vec![1u8; 100]));
    let free = seen(&mut || drop(std::mem::take(&mut kept)));
    let file = seen(&mut || drop(std::hint::black_box(std::fs::File::open("/dev/null"))));
    let sleep = seen(&mut || std::thread::sleep(std::time::Duration::from_micros(1)));
    let held = std::sync::Mutex::new(0);
    // Somebody else holds the lock, so that taking it has to wait in a futex call.
    let ready = AtomicBool::new(false);
    let contended = std::thread::scope(|scope| {
        scope.spawn(|| {
            let guard = held.lock().expect("no panic");
            ready.store(true, Ordering::Release);
            std::thread::sleep(std::time::Duration::from_millis(50));
            drop(guard);
        });
        while !ready.load(Ordering::Acquire) {
            std::hint::spin_loop();
        }
        seen(&mut || drop(held.lock().expect("no panic")))
    });
    Ok(json!({
        "quiet": quiet, "allocation": allocation, "free": free, "file": file, "sleep": sleep,
        "contended_mutex": contended, "sum": sum,
    }))
}

/// Random edits through state loads on the main thread while audio runs on another.
fn edits(format: Format, count: u32) -> Result<Value> {
    let mut edited = Edited::new(2);
    let mut host = on_stage(format, Kind::Effect, &edited.text());
    let stop = Arc::new(AtomicBool::new(false));
    let scenario = Scenario {
        stop: Some(stop.clone()),
        keep: Keep::Nothing,
        input: noise(480_000, 0.1, 3),
        ..Scenario::new(u64::MAX).blocks(odd_blocks())
    };
    let (mut refused, mut broken) = (0, 0);
    let rendered = host.render_while(&scenario, &mut |host, _| {
        for _ in 0..count {
            edited.edit();
            broken += u32::from(edited.is_broken());
            let load = if edited.is_broken() {
                set_draft
            } else {
                set_program
            };
            if load(host, &edited.text()).is_err() {
                refused += 1;
            }
            host.idle();
        }
        // A few blocks more, so that the last program is taken and the one before it retired.
        std::thread::sleep(std::time::Duration::from_millis(100));
        stop.store(true, Ordering::Release);
    });
    let mut value = render_report(&rendered)?;
    value["edits"] = count.into();
    value["refused"] = refused.into();
    value["broken"] = broken.into();
    value["wrong_thread"] = host.take_requests().wrong_thread.into();
    Ok(value)
}

/// Random edits, each of which is taken and faded in before the next comes.
fn stepped(format: Format, count: u32) -> Result<Value> {
    // Longer than the fades of an edit (10 ms), with an odd piece at the end.
    const FRAMES: u64 = 601;
    let mut edited = Edited::new(6);
    let mut host = on_stage(format, Kind::Effect, &edited.text());
    let mut total = Rendered {
        counts: Some(Counts::default()),
        ..Rendered::default()
    };
    for i in 0..count {
        let scenario = Scenario {
            keep: Keep::Nothing,
            input: noise(FRAMES as usize, 0.1, 3),
            ..Scenario::new(FRAMES)
                .blocks(odd_blocks())
                .song(Song::playing(
                    f64::from(i) * FRAMES as f64 / 24_000.0,
                    120.0,
                ))
        };
        add(&mut total, &host.render(&scenario));
        edited.edit();
        let load = if edited.is_broken() {
            set_draft
        } else {
            set_program
        };
        load(&mut *host, &edited.text())?;
        host.idle();
    }
    let mut value = render_report(&total)?;
    value["edits"] = count.into();
    Ok(value)
}

/// Samplers whose voices start, give way and end while edits change, free and bring back their
/// sounds.
fn samples(format: Format, count: u32) -> Result<Value> {
    const FRAMES: u64 = 4_801;
    let folder = std::env::temp_dir().join(format!("glisten-rt-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    for (name, frames) in [("long", 40_000), ("short", 300)] {
        let mut writer = hound::WavWriter::create(folder.join(format!("{name}.wav")), spec)?;
        for i in 0..2 * frames {
            writer.write_sample((i % 100 * 40) as i16)?;
        }
        writer.finalize()?;
    }
    // The first starts 200 voices in each piece, three times as many as there may be.
    let programs = [
        "a: imp 2000 >> sp \\long >> mul 0.01\nb: psampler \"\\short@0 \\long@0.1\"(0.25)",
        "a: imp 200 >> sp \\short >> mul 0.01",
        "a: speed 8 >> seq 60 67 72_48 53 >> sp \\long >> mul 0.05",
        "b: psampler \"\\long@0 \\short@0.1\"(0.125) >> mul 0.1",
        "out: sin 440 >> mul 0.1",
    ];
    let mut host = playing(format, Kind::Instrument, programs[4]);
    let mut total = Rendered {
        counts: Some(Counts::default()),
        ..Rendered::default()
    };
    let mut heard = 0;
    for i in 0..count {
        let program = programs[i as usize % programs.len()];
        set_program_with_samples(&mut *host, program, &folder)?;
        host.idle();
        let scenario = Scenario {
            keep: Keep::Everything,
            ..Scenario::new(FRAMES)
                .blocks(odd_blocks())
                .song(Song::playing(f64::from(i) * 0.2, 120.0))
        };
        let rendered = host.render(&scenario);
        heard += u32::from(rendered.audio.iter().flatten().any(|x| x.abs() > 1e-3));
        add(&mut total, &rendered);
    }
    std::fs::remove_dir_all(&folder)?;
    let mut value = render_report(&total)?;
    value["edits"] = count.into();
    value["heard"] = heard.into();
    Ok(value)
}

/// Keys, wheels, expressions and turned knobs, while edits change the voices under the held keys and
/// the program sends notes.
fn played(format: Format, count: u32) -> Result<Value> {
    const FRAMES: u64 = 9_601;
    let voice = "~env: ~gate >> adsr 0.003 0.05 0.6 0.05\n\
                 ~cut: knob 900 100 9000\n\
                 ~sent: speed 16 >> seq 60 _ 67 72_60 >> notes 2 0.7 30\n";
    let programs = [
        "out: saw ~freq >> lpf ~cut 1 >> mul ~env >> poly 6 >> mul 0.1\nsend: ~sent",
        "out: tri ~freq >> lpf ~cut 1 >> mul ~env >> mul ~vel >> poly 3 >> mul 0.1\nsend: ~sent",
        "out: saw ~freq >> lpf ~cut 1 >> mul ~env >> poly 1 legato 50 >> mul ~wheel\n\
         ~wheel: ~cc1 >> mul 0.2\nsend: ~sent",
        "out: midi >> pluck 261.63 1 >> mul ~depth >> poly 12 >> plate 0.2\n\
         ~depth: knob 0.1 0 0.3\nsend: ~sent",
    ];
    let program = |i: u32| format!("{voice}{}", programs[i as usize % programs.len()]);
    let mut host = playing(format, Kind::Instrument, &program(0));
    let mut random = Random::new(5);
    let mut total = Rendered {
        counts: Some(Counts::default()),
        ..Rendered::default()
    };
    let (mut heard, mut sent) = (0, 0);
    for i in 0..count {
        let knobs: Vec<u32> = host.params().iter().take(32).map(|p| p.id).collect();
        let mut scenario = Scenario {
            keep: Keep::Everything,
            messages: performance(FRAMES).messages,
            ..Scenario::new(FRAMES)
                .blocks(odd_blocks())
                .song(Song::playing(f64::from(i) * 0.4, 120.0))
        };
        for frame in (0..FRAMES).step_by(37) {
            scenario = scenario.param(frame, *random.pick(&knobs), random.unit());
        }
        let rendered = host.render(&scenario);
        heard += u32::from(rendered.audio.iter().flatten().any(|x| x.abs() > 1e-3));
        sent += rendered.notes.len();
        add(&mut total, &rendered);
        set_program(&mut *host, &program(i + 1))?;
        host.idle();
    }
    let mut value = render_report(&total)?;
    value["edits"] = count.into();
    value["heard"] = heard.into();
    value["sent"] = sent.into();
    Ok(value)
}

/// Adds what a render counted.
fn add(total: &mut Rendered, part: &Rendered) {
    total.counts = total.counts.zip(part.counts).map(|(mut sum, more)| {
        sum += more;
        sum
    });
    total.first_offender = total
        .first_offender
        .or(part.first_offender.map(|n| n + total.calls));
    total.calls += part.calls;
    total.frames += part.frames;
    total.bad_samples += part.bad_samples;
    total.worst_block = total.worst_block.max(part.worst_block);
}

/// Eight programs that take turns all the time, by parameter and by message, at once and on the
/// grid.
fn programs(format: Format) -> Result<Value> {
    let mut edited = Edited::new(9);
    let mut texts = vec![RICH_PROGRAM.to_owned()];
    while texts.len() < 8 {
        edited.edit();
        if !edited.is_broken() {
            texts.push(edited.text());
        }
    }
    let mut host = on_stage(format, Kind::Instrument, RICH_PROGRAM);
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    set_programs(&mut *host, &texts)?;
    let mut param = |name: &str| host.param_id(name).context("a parameter");
    let (program, launch) = (param("Program")?, param("Launch")?);
    let frames = 48_000 * 10;
    let mut scenario = Scenario {
        keep: Keep::Nothing,
        ..Scenario::new(frames)
            .blocks(odd_blocks())
            .song(Song::playing(0.0, 133.0))
    };
    let mut random = Random::new(5);
    let mut frame = 0;
    while frame < frames {
        scenario = match random.below(4) {
            0 => scenario.param(frame, launch, random.unit()),
            1 => scenario.message(frame, 0, MessageKind::Program(random.below(9) as u8)),
            _ => scenario.param(frame, program, random.unit()),
        };
        frame += random.below(2000);
    }
    let mut total = host.render(&scenario);
    host.reset();
    add(&mut total, &host.render(&scenario));
    render_report(&total)
}

/// An effect that falls asleep, and wakes at an input and at a turned parameter.
fn asleep(format: Format) -> Result<Value> {
    const CYCLE: u64 = 120_001;
    let program = "out: ~input >> lpf 900 2 >> delayms 20";
    let mut host = playing(format, Kind::Effect, program);
    let gain = host.param_id("Output gain").context("a parameter")?;
    let frames = 4 * CYCLE;
    let mut input = vec![[0.0; 2]; frames as usize];
    let mut scenario = Scenario::new(frames)
        .blocks(odd_blocks())
        .song(Song::stopped());
    for start in (0..frames).step_by(CYCLE as usize) {
        let burst = noise(2_000, 0.3, start);
        input[start as usize..][..burst.len()].copy_from_slice(&burst);
        scenario = scenario.param(start + CYCLE - 10_000, gain, 0.7);
    }
    let rendered = host.render(&scenario.input(input));
    let mut value = render_report(&rendered)?;
    let told = rendered.told.iter().filter(|t| t.frames > 0);
    let is_silent: Vec<_> = told.map(|t| t.silent == 0b11).collect();
    value["silent_blocks"] = is_silent.iter().filter(|silent| **silent).count().into();
    let wakes = is_silent.windows(2).filter(|w| w[0] && !w[1]);
    value["wakes"] = wakes.count().into();
    Ok(value)
}

/// A rich program with loops, jumps, tempo changes, a reset and odd blocks, with parameter
/// automation or without.
fn steady(format: Format, kind: Kind, automated: bool) -> Result<Value> {
    let mut host = on_stage(format, kind, RICH_PROGRAM);
    let mut random = Random::new(11);
    let all: Vec<u32> = host.params().iter().map(|p| p.id).collect();
    let frames = 48_000 * 10;
    let mut scenario = Scenario {
        keep: Keep::Nothing,
        input: noise(frames as usize, 0.5, 3),
        ..Scenario::new(frames).blocks(odd_blocks())
    };
    scenario.song = Song {
        loop_beats: Some((2.0, 7.0)),
        split_at_loop: false,
        changes: vec![
            (50_000, Change::Tempo(97.3)),
            (120_000, Change::Stop),
            (150_000, Change::Play),
            (200_000, Change::Seek(400.25)),
            (300_000, Change::Tempo(180.0)),
        ],
        ..Song::playing(0.0, 133.0)
    };
    let mut frame = 0;
    // Dense: about every 12th frame something moves, and now and then everything at once.
    while automated && frame < frames {
        scenario = scenario.param(frame, *random.pick(&all), random.unit());
        if random.below(1000) == 0 {
            for id in &all {
                scenario = scenario.param(frame, *id, random.unit());
            }
        }
        frame += random.below(24);
    }
    let mut total = host.render(&scenario);
    host.reset();
    add(&mut total, &host.render(&scenario));
    render_report(&total)
}
